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

/// A step of the maintenance.
pub(super) enum Task {
    /// Stores the time with which outcomes are dated.
    StoreTime,
    /// Deletes old outcomes and deliveries.
    Prune,
    /// Deletes a part of a deleted conversation.
    Sweep,
}

/// When the next step of deleting is due. The steps take at most a fifth of the writer's time, however much
/// there is to delete.
pub(super) struct Schedule {
    round: Instant,
    rounds: u32,
    pub(super) next_step: Instant,
    pruning: bool,
    sweeping: bool,
}

impl Schedule {
    /// Starts with deleted conversations, of which an earlier run of the server may have left some.
    pub(super) fn new() -> Schedule {
        let now = Instant::now();
        Schedule { round: now, rounds: 0, next_step: now, pruning: false, sweeping: true }
    }

    /// Returns for how long the writer can wait for a job.
    pub(super) fn wait(&self) -> Duration {
        let due = if self.pruning || self.sweeping { self.next_step } else { self.round + INTERVAL };
        due.saturating_duration_since(Instant::now())
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
        if self.pruning {
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
        Schedule { pruning: true, ..Schedule::new() }
    }
}
