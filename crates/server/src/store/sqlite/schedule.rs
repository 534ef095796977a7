//! When the maintenance of the writer is due.

use std::time::{Duration, Instant};

/// How often the writer looks for old outcomes and deleted conversations.
const INTERVAL: Duration = Duration::from_secs(60);
/// After how many rounds the time of the database is stored. After a kill, outcomes are stored for longer by
/// up to this time.
const STORE_TIME_ROUNDS: u32 = 10;
/// The shortest time for which the writer waits for jobs between two steps.
pub(super) const STEP_INTERVAL: Duration = Duration::from_millis(5);
/// After a step, the writer executes jobs for at least this many times as long as the step took.
const REST_FACTOR: u32 = 4;

/// How long after a write the index of messages is updated: so that a step indexes several messages, and
/// commits once for all.
const INDEX_DELAY: Duration = Duration::from_millis(500);

/// A step of the maintenance.
pub(super) enum Task {
    /// Stores the time with which outcomes are dated.
    StoreTime,
    /// Deletes old outcomes and deliveries.
    Prune,
    /// Deletes a part of a deleted conversation.
    Sweep,
    /// Indexes a part of the messages that were written or changed.
    Index,
}

/// When the next step is due. The steps take at most a fifth of the writer's time, however much there is to
/// delete or to index.
pub(super) struct Schedule {
    round: Instant,
    rounds: u32,
    pub(super) next_step: Instant,
    pruning: bool,
    sweeping: bool,
    /// Whether there can be messages to index, of which the writer knows nothing newer than `written`.
    indexing: bool,
    /// When the first write after the last step of indexing happened.
    written: Option<Instant>,
    /// Whether the last step indexed: then it is the turn of others.
    was_indexing: bool,
}

impl Schedule {
    /// Starts with deleted conversations and messages to index, of which an earlier run of the server may
    /// have left some.
    pub(super) fn new() -> Schedule {
        let now = Instant::now();
        Schedule {
            round: now,
            rounds: 0,
            next_step: now,
            pruning: false,
            sweeping: true,
            indexing: true,
            written: None,
            was_indexing: false,
        }
    }

    /// Returns for how long the writer can wait for a job.
    pub(super) fn wait(&self) -> Duration {
        let due = if self.pruning || self.sweeping || self.indexing {
            self.next_step
        } else {
            let round = self.round + INTERVAL;
            self.written.map_or(round, |at| round.min(self.next_step.max(at + INDEX_DELAY)))
        };
        due.saturating_duration_since(Instant::now())
    }

    /// Records that jobs were executed, which may have written messages.
    pub(super) fn note_write(&mut self) {
        self.written.get_or_insert_with(Instant::now);
    }

    /// Makes a step if one is due. `perform` returns whether more is left to do of its task.
    pub(super) fn run(&mut self, perform: impl Fn(Task) -> bool) {
        let started = Instant::now();
        if started >= self.round + INTERVAL {
            self.round = started;
            self.rounds += 1;
            if self.rounds.is_multiple_of(STORE_TIME_ROUNDS) {
                perform(Task::StoreTime);
            }
            (self.pruning, self.sweeping) = (true, true);
        }
        if started < self.next_step {
            return;
        }
        if self.written.take_if(|at| started >= *at + INDEX_DELAY).is_some() {
            self.indexing = true;
        }
        let is_turn = !self.was_indexing || !(self.pruning || self.sweeping);
        self.was_indexing = self.indexing && is_turn;
        if self.was_indexing {
            self.indexing = perform(Task::Index);
        } else if self.pruning {
            self.pruning = perform(Task::Prune);
        } else if self.sweeping {
            self.sweeping = perform(Task::Sweep);
        } else {
            return;
        }
        let ended = Instant::now();
        self.next_step = ended + STEP_INTERVAL.max((ended - started) * REST_FACTOR);
    }

    /// A schedule that has to prune.
    #[cfg(test)]
    pub(super) fn pruning() -> Schedule {
        Schedule { pruning: true, indexing: false, ..Schedule::new() }
    }
}
