//! The writer: one thread that carries out all writes, in the order in which they were handed in.
//!
//! It takes what is waiting, up to [`GROUP_JOBS`] jobs or [`GROUP_TIME`], runs each in a savepoint of its own, and
//! commits them together: one sync of the disk serves them all. Only after the commit is told what the jobs published,
//! and then the results are given out: so whoever was told of a success may rely on it that everybody who follows has
//! been told of the change, and whatever they do next comes behind it. A job that fails is rolled back to its savepoint and harms no other; a commit that fails fails all of its group.
//! Alone, a job waits for nobody: while the disk syncs, the next group gathers by itself. Where several came together
//! the last time, they are given a moment to do so again: those who wait for an answer before they ask again have all
//! been answered at once, and would else be committed in dribs and drabs.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicI32, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, TryRecvError, channel};
use std::sync::{Arc, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use rusqlite::Connection;
use tokio::sync::oneshot;

use super::Slot;
use super::sql;
use super::transaction::Transaction;
use crate::clock::Clock;
use crate::events::AppEvent;
use crate::fanout::Fanout;
use crate::store::{StoreError, StoreResult, Write};

/// The most jobs in one commit.
const GROUP_JOBS: usize = 64;
/// How long a group takes up further jobs.
const GROUP_TIME: Duration = Duration::from_millis(2);
/// The most jobs that wait.
const QUEUE_JOBS: usize = 8_192;
/// How often old outcomes and deleted conversations are looked for.
const PRUNE_EVERY: Duration = Duration::from_secs(60);
/// How long the writer looks for jobs between two steps of sweeping.
const SWEEP_EVERY: Duration = Duration::from_millis(5);

/// What a job leaves behind.
pub(super) struct Done {
    /// Whether what it did is to stay.
    pub(super) keep: bool,
    /// Gives the result out, once it is known what became of the commit.
    pub(super) release: Box<dyn FnOnce(StoreResult<()>) + Send>,
}

/// A job for the writer.
pub(super) type Job = Box<dyn FnOnce(&mut dyn Write) -> Done + Send>;

enum Message {
    Job(Job),
    Close(oneshot::Sender<()>),
}

/// The way to the writer's thread.
pub(super) struct Writer {
    queue: Sender<Message>,
    waiting: Arc<AtomicUsize>,
    closing: AtomicBool,
}

impl Writer {
    /// Starts the thread over the connection in `slot`.
    pub(super) fn start(
        slot: Slot,
        clock: Arc<dyn Clock>,
        fanout: Arc<dyn Fanout>,
    ) -> std::io::Result<Writer> {
        let (queue, messages) = channel();
        let waiting = Arc::new(AtomicUsize::new(0));
        let log_pages = Arc::new(AtomicI32::new(0));
        let worker = Worker {
            slot,
            messages,
            waiting: Arc::clone(&waiting),
            log_pages,
            clock,
            fanout,
            last: Cell::default(),
        };
        thread::Builder::new().name("causerie-writer".to_owned()).spawn(move || worker.run())?;
        Ok(Writer { queue, waiting, closing: AtomicBool::new(false) })
    }

    /// Puts a job in the queue.
    pub(super) fn hand_in(&self, job: Job) -> StoreResult<()> {
        if self.closing.load(Ordering::Acquire) {
            return Err(StoreError::Closed);
        }
        if self.waiting.fetch_add(1, Ordering::Relaxed) >= QUEUE_JOBS {
            self.waiting.fetch_sub(1, Ordering::Relaxed);
            return Err(StoreError::Busy);
        }
        self.queue.send(Message::Job(job)).map_err(|_| StoreError::Closed)
    }

    /// What became of a job that was dropped without a result.
    pub(super) fn dropped(&self) -> StoreError {
        if self.closing.load(Ordering::Acquire) {
            StoreError::Closed
        } else {
            StoreError::Failed("the write was not carried out; the writer's log says why".to_owned())
        }
    }

    /// Ends the thread, after what is in the queue.
    pub(super) async fn close(&self) {
        self.closing.store(true, Ordering::Release);
        let (done, closed) = oneshot::channel();
        if self.queue.send(Message::Close(done)).is_ok() {
            let _ = closed.await;
        }
    }
}

/// The thread's own side, with what it needs for its upkeep.
pub(super) struct Worker {
    pub(super) slot: Slot,
    messages: Receiver<Message>,
    waiting: Arc<AtomicUsize>,
    pub(super) log_pages: Arc<AtomicI32>,
    pub(super) clock: Arc<dyn Clock>,
    fanout: Arc<dyn Fanout>,
    last: Cell<Last>,
}

/// The group before this one.
#[derive(Clone, Copy, Debug, Default)]
struct Last {
    jobs: usize,
    /// How long its commit took. To wait for half of that is never worth more than it saves.
    commit: Duration,
}

/// What goes on after a group.
enum Next {
    Work,
    Close(oneshot::Sender<()>),
}

impl Worker {
    /// A worker that nobody gives jobs to.
    #[cfg(test)]
    pub(super) fn idle(slot: Slot, clock: Arc<dyn Clock>) -> Worker {
        Worker {
            slot,
            messages: channel().1,
            waiting: Arc::default(),
            log_pages: Arc::default(),
            clock,
            fanout: Arc::new(()),
            last: Cell::default(),
        }
    }

    fn run(self) {
        self.watch_log();
        let mut pruned = Instant::now();
        // What an earlier run left is found at once.
        let mut sweeping = true;
        let closing = loop {
            match self.messages.recv_timeout(if sweeping { SWEEP_EVERY } else { PRUNE_EVERY }) {
                Ok(Message::Job(job)) => {
                    if let Next::Close(done) = self.group(job) {
                        break Some(done);
                    }
                    self.checkpoint();
                }
                Ok(Message::Close(done)) => break Some(done),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break None,
            }
            if pruned.elapsed() >= PRUNE_EVERY {
                pruned = Instant::now();
                self.prune();
                sweeping = true;
            }
            if sweeping {
                sweeping = self.sweep();
            }
        };
        self.end();
        if let Some(done) = closing {
            let _ = done.send(());
        }
    }

    /// The connection, as long as it is open. Held for a whole group, so that a store whose readers share it (in
    /// memory) never shows what is not committed.
    pub(super) fn with<T>(&self, act: impl FnOnce(&mut Connection) -> T) -> Option<T> {
        self.slot.lock().unwrap_or_else(PoisonError::into_inner).as_mut().map(act)
    }

    /// Carries out a first job and those that are waiting behind it, in one commit.
    fn group(&self, first: Job) -> Next {
        let started = Instant::now();
        let last = self.last.get();
        let patience = started + GROUP_TIME.min(last.commit / 2);
        let mut next = Next::Work;
        self.with(|connection| {
            let mut group = Group::new(connection, &*self.fanout);
            let mut job = first;
            let mut jobs = 0;
            loop {
                self.waiting.fetch_sub(1, Ordering::Relaxed);
                group.take(job);
                jobs += 1;
                if jobs >= GROUP_JOBS || started.elapsed() >= GROUP_TIME {
                    break;
                }
                let another = match self.messages.try_recv() {
                    Err(TryRecvError::Empty) if jobs < last.jobs => {
                        self.messages.recv_timeout(patience.saturating_duration_since(Instant::now())).ok()
                    }
                    another => another.ok(),
                };
                match another {
                    Some(Message::Job(another)) => job = another,
                    Some(Message::Close(done)) => {
                        next = Next::Close(done);
                        break;
                    }
                    None => break,
                }
            }
            let commit = group.commit();
            self.last.set(Last { jobs, commit });
        });
        next
    }
}

/// One commit in the making.
struct Group<'a> {
    connection: &'a Connection,
    fanout: &'a dyn Fanout,
    released: Vec<Box<dyn FnOnce(StoreResult<()>) + Send>>,
    /// What the jobs published, in their order.
    changes: Vec<AppEvent>,
}

impl<'a> Group<'a> {
    fn new(connection: &'a Connection, fanout: &'a dyn Fanout) -> Self {
        Group { connection, fanout, released: Vec::new(), changes: Vec::new() }
    }

    /// Runs one job in its savepoint.
    fn take(&mut self, job: Job) {
        if self.connection.is_autocommit() {
            // The group's first job, or the first after SQLite gave the group up.
            if let Err(error) = execute(self.connection, sql::BEGIN_WRITE) {
                // The job is dropped, which its caller's future sees.
                tracing::error!(%error, "a write transaction could not be started");
                return;
            }
        }
        if let Err(error) = execute(self.connection, sql::SAVEPOINT) {
            tracing::error!(%error, "a savepoint could not be made");
            return self.give_up(&error);
        }
        let mut transaction = Transaction::on(self.connection);
        let done = catch_unwind(AssertUnwindSafe(|| job(&mut transaction)));
        let changes = transaction.changes;
        let keep = done.as_ref().is_ok_and(|done| done.keep);
        match done {
            Ok(done) => self.released.push(done.release),
            // The panic hook has said what happened; the caller's future sees that nobody answers.
            Err(_) => tracing::error!("a write panicked, and was rolled back"),
        }
        // On a full disk, an I/O error or lack of memory SQLite rolls back the whole transaction by itself.
        let settled = if self.connection.is_autocommit() {
            Err(StoreError::Failed("SQLite rolled the whole group back".to_owned()))
        } else if keep {
            execute(self.connection, sql::RELEASE)
        } else {
            execute(self.connection, sql::ROLLBACK_TO).and_then(|()| execute(self.connection, sql::RELEASE))
        };
        match settled {
            Ok(()) if keep => self.changes.extend(changes),
            Ok(()) => {}
            Err(error) => {
                tracing::error!(%error, "a group of writes was lost before its commit");
                self.give_up(&error);
            }
        }
    }

    /// Commits, and gives the results out. Returns how long the commit itself took.
    fn commit(mut self) -> Duration {
        if self.connection.is_autocommit() {
            // Every job was given up already.
            self.give_up(&StoreError::Failed("the group was rolled back".to_owned()));
            return Duration::ZERO;
        }
        let started = Instant::now();
        let committed = execute(self.connection, sql::COMMIT);
        let took = started.elapsed();
        match committed {
            Ok(()) => {
                self.publish();
                for release in self.released.drain(..) {
                    release(Ok(()));
                }
            }
            Err(error) => {
                tracing::error!(%error, "a commit failed");
                self.give_up(&error);
            }
        }
        took
    }

    /// Tells of what changed. Whatever fails there has no part in what was written.
    fn publish(&mut self) {
        let changes = std::mem::take(&mut self.changes);
        if !changes.is_empty() && catch_unwind(AssertUnwindSafe(|| self.fanout.publish(changes))).is_err() {
            tracing::error!("changes were not passed on to those who follow");
        }
    }

    /// Rolls back, and tells everybody so far that nothing of it happened.
    fn give_up(&mut self, error: &StoreError) {
        if !self.connection.is_autocommit()
            && let Err(error) = execute(self.connection, sql::ROLLBACK)
        {
            tracing::error!(%error, "a rollback failed");
        }
        self.changes.clear();
        for release in self.released.drain(..) {
            release(Err(error.clone()));
        }
    }
}

pub(super) fn execute(connection: &Connection, sql: &str) -> StoreResult<()> {
    connection.prepare_cached(sql)?.execute([])?;
    Ok(())
}
