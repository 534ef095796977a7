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
use crate::fanout::{Change, Fanout};
use crate::store::{StoreError, StoreResult, Write};

/// The most jobs in one commit.
const GROUP_JOBS: usize = 64;
/// How long a group takes up further jobs.
const GROUP_TIME: Duration = Duration::from_millis(2);
/// The most jobs that wait.
const QUEUE_JOBS: usize = 8_192;
/// After how many pages in the log they are moved into the database file: 4 MB.
const CHECKPOINT_PAGES: i32 = 1_000;
/// After how many pages the writer waits for readers so that the log can start anew.
const TRUNCATE_PAGES: i32 = 16_000;
/// How often old outcomes are looked for.
const PRUNE_EVERY: Duration = Duration::from_secs(60);
/// How long outcomes are kept, in milliseconds.
const KEEP_OUTCOMES_MS: i64 = 24 * 60 * 60 * 1_000;
/// How many outcomes are pruned in one transaction.
const PRUNE_ROWS: u32 = 1_000;

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
        let worker = Worker { slot, messages, waiting: Arc::clone(&waiting), log_pages, clock, fanout, last: Cell::default() };
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

struct Worker {
    slot: Slot,
    messages: Receiver<Message>,
    waiting: Arc<AtomicUsize>,
    log_pages: Arc<AtomicI32>,
    clock: Arc<dyn Clock>,
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
    fn run(self) {
        self.watch_log();
        let mut pruned = Instant::now();
        let closing = loop {
            match self.messages.recv_timeout(PRUNE_EVERY) {
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
            }
        };
        self.end();
        if let Some(done) = closing {
            let _ = done.send(());
        }
    }

    /// The connection, as long as it is open. Held for a whole group, so that a store whose readers share it (in
    /// memory) never shows what is not committed.
    fn with<T>(&self, act: impl FnOnce(&mut Connection) -> T) -> Option<T> {
        self.slot.lock().unwrap_or_else(PoisonError::into_inner).as_mut().map(act)
    }

    /// Counts the pages in the log instead of letting SQLite checkpoint within a commit that somebody waits for.
    fn watch_log(&self) {
        let pages = Arc::clone(&self.log_pages);
        let hook = move |_: &mut rusqlite::hooks::Wal, count| {
            pages.store(count, Ordering::Relaxed);
            Ok(())
        };
        if let Some(Err(error)) = self.with(|connection| connection.wal_hook(Some(hook))) {
            tracing::error!(%error, "the log of the database is not watched");
        }
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

    /// Moves the log into the database file when it has grown; after the results were given out.
    fn checkpoint(&self) {
        let mode = match self.log_pages.load(Ordering::Relaxed) {
            pages if pages >= TRUNCATE_PAGES => "PRAGMA wal_checkpoint(TRUNCATE)",
            pages if pages >= CHECKPOINT_PAGES => "PRAGMA wal_checkpoint(PASSIVE)",
            _ => return,
        };
        let done = self.with(|connection| connection.query_row(mode, [], |row| row.get::<_, i64>(0)));
        if let Some(Err(error)) = done {
            tracing::warn!(%error, "the checkpoint failed; it is tried again after the next write");
        }
    }

    /// Forgets outcomes that nobody will ask for any more.
    fn prune(&self) {
        let before = self.clock.now_ms().saturating_sub(KEEP_OUTCOMES_MS);
        loop {
            let pruned = self.with(|connection| -> StoreResult<usize> {
                execute(connection, sql::BEGIN_WRITE)?;
                let pruned = Transaction::on(connection).prune_outcomes(before, PRUNE_ROWS);
                execute(connection, if pruned.is_ok() { sql::COMMIT } else { sql::ROLLBACK })?;
                pruned
            });
            match pruned {
                Some(Ok(count)) if count >= PRUNE_ROWS as usize => {}
                Some(Err(error)) => {
                    tracing::warn!(%error, "old outcomes were not pruned; it is tried again in a minute");
                    return;
                }
                _ => return,
            }
        }
    }

    /// Puts everything into the database file and closes it.
    fn end(&self) {
        let left = self.slot.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(connection) = left {
            let checkpoint = "PRAGMA wal_checkpoint(TRUNCATE)";
            if let Err(error) = connection.query_row(checkpoint, [], |row| row.get::<_, i64>(0)) {
                tracing::warn!(%error, "the last checkpoint failed; the log keeps everything for the next start");
            }
        }
    }
}

/// One commit in the making.
struct Group<'a> {
    connection: &'a Connection,
    fanout: &'a dyn Fanout,
    released: Vec<Box<dyn FnOnce(StoreResult<()>) + Send>>,
    /// What the jobs published, in their order.
    changes: Vec<Change>,
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

fn execute(connection: &Connection, sql: &str) -> StoreResult<()> {
    connection.prepare_cached(sql)?.execute([])?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;
    use crate::clock::SettableClock;
    use crate::store::Read;
    use crate::store::records::{OutcomeKey, OutcomeRecord};
    use crate::store::sqlite::open;

    fn key(name: &str) -> OutcomeKey<'_> {
        OutcomeKey { app: "app", caller: "ada", scope: "client", key: name }
    }

    #[test]
    fn outcomes_older_than_a_day_are_forgotten_and_younger_ones_are_not() {
        let connection = open::memory().unwrap().writer;
        let now = 10 * KEEP_OUTCOMES_MS;
        for index in 0..2_500 {
            // More than two rounds of old ones, then one at the very edge.
            let created_at = if index < 2_400 { index } else { now - KEEP_OUTCOMES_MS };
            let record = OutcomeRecord { request_hash: [0; 32], answer: String::new(), created_at };
            Transaction::on(&connection).put_outcome(&key(&index.to_string()), &record).unwrap();
        }
        let slot: Slot = Arc::new(Mutex::new(Some(connection)));
        let worker = Worker {
            slot: Arc::clone(&slot),
            messages: channel().1,
            waiting: Arc::default(),
            log_pages: Arc::default(),
            clock: Arc::new(SettableClock::at(now)),
            fanout: Arc::new(()),
            last: Cell::default(),
        };
        worker.prune();
        let guard = slot.lock().unwrap();
        let left =
            |index: i64| Transaction::on(guard.as_ref().unwrap()).outcome(&key(&index.to_string())).unwrap();
        assert_eq!([0, 999, 1_000, 2_399].map(|index| left(index).is_some()), [false; 4]);
        assert_eq!([2_400, 2_499].map(|index| left(index).is_some()), [true; 2]);
    }
}
