//! The maintenance tasks of the writer: checkpoints of the write-ahead log, and the deletion of data that
//! nobody can request any more. They run in steps, so that no write waits for them for long.

use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use super::connection::execute;
use super::open::BUSY_TIMEOUT;
use super::schedule::Task;
use super::sql;
use super::transaction::Transaction;
use super::writer::{CHECKPOINT_PAGES, Worker};
use crate::store::{StoreResult, Write};

/// The number of pages from which on reads are held, so that the log can be truncated: 64 MB.
const TRUNCATE_PAGES: i32 = 16_000;
/// How long reads are held, and writes wait, for the reads that are running.
const HOLD_TIME: Duration = Duration::from_millis(100);
/// How long outcomes are stored, in milliseconds.
const OUTCOME_TTL_MS: i64 = 24 * 60 * 60 * 1_000;
/// The most outcomes that one transaction prunes.
const PRUNE_ROWS: u32 = 200;
impl Worker {
    /// Makes a step of the maintenance. Returns whether more is left to do of its task.
    pub(super) fn perform(&self, task: Task) -> bool {
        match task {
            Task::StoreTime => {
                self.store_time();
                false
            }
            Task::Prune => self.prune(),
            Task::Sweep => self.sweep(),
            Task::Index => self.index(),
        }
    }

    /// Makes SQLite report the number of pages in the log, instead of running a checkpoint within a commit on
    /// which callers wait.
    pub(super) fn watch_log(&self) {
        let pages = Arc::clone(&self.log_pages);
        let hook = move |_: &mut rusqlite::hooks::Wal, count| {
            pages.store(count, Ordering::Relaxed);
            Ok(())
        };
        if let Some(Err(error)) = self.with(|connection| connection.wal_hook(Some(hook))) {
            tracing::error!(%error, "the log of the database is not watched");
        }
    }

    /// Moves the log into the database file if it has grown. This runs after the results were delivered, and
    /// does not wait for reads. The log is used from its start again as soon as no read needs it. If that
    /// takes too long, reads are held for a moment.
    pub(super) fn checkpoint(&self) {
        if !self.is_checkpoint_due() {
            return;
        }
        let pages = self.log_pages.load(Ordering::Relaxed);
        self.next_checkpoint.set(pages.saturating_add(CHECKPOINT_PAGES));
        self.run_checkpoint("PRAGMA wal_checkpoint(PASSIVE)");
        if pages >= TRUNCATE_PAGES {
            self.restart_log();
        }
    }

    pub(super) fn is_checkpoint_due(&self) -> bool {
        let pages = self.log_pages.load(Ordering::Relaxed);
        // After a restart of the log.
        let due = self.next_checkpoint.get().min(pages.saturating_add(CHECKPOINT_PAGES));
        self.next_checkpoint.set(due.max(CHECKPOINT_PAGES));
        pages >= self.next_checkpoint.get()
    }

    /// Lets no read begin until those that need the log have ended, and then empties the log. A read takes a
    /// few milliseconds. If one takes longer than [`HOLD_TIME`], the log grows on, and it is tried again when
    /// it has grown by [`CHECKPOINT_PAGES`].
    fn restart_log(&self) {
        self.readers.hold();
        let started = Instant::now();
        self.with(|connection| connection.busy_timeout(Duration::ZERO));
        while self.run_checkpoint("PRAGMA wal_checkpoint(TRUNCATE)") == Some(false) {
            if started.elapsed() >= HOLD_TIME {
                tracing::warn!("a read takes long: the log of the database grows until it has ended");
                break;
            }
            thread::sleep(Duration::from_millis(1));
        }
        self.with(|connection| connection.busy_timeout(BUSY_TIMEOUT));
        self.readers.release();
    }

    /// Makes a checkpoint. Returns whether it was complete, or `None` after an error.
    fn run_checkpoint(&self, pragma: &str) -> Option<bool> {
        match self.with(|connection| connection.query_row(pragma, [], |row| row.get::<_, i64>(0)))? {
            Ok(busy) => Some(busy == 0),
            Err(error) => {
                tracing::warn!(%error, "the checkpoint failed; it is tried again after later writes");
                None
            }
        }
    }

    /// Deletes some of the outcomes that are too old to be requested again. Returns whether there may be
    /// more.
    fn prune(&self) -> bool {
        let before = self.age.now().saturating_sub(OUTCOME_TTL_MS);
        let pruned = self.step(|transaction| {
            transaction.prune_outcomes(before, PRUNE_ROWS).map(|count| count >= PRUNE_ROWS as usize)
        });
        pruned.unwrap_or_else(|error| {
            tracing::warn!(%error, "old outcomes were not pruned; it is tried again in a minute");
            false
        })
    }

    /// Executes one step in a transaction of its own. Returns its result; `false` if the store is closed.
    fn step(&self, act: impl FnOnce(&mut Transaction<'_>) -> StoreResult<bool>) -> StoreResult<bool> {
        let done = self.with(|connection| {
            execute(connection, sql::BEGIN_WRITE)?;
            let result = act(&mut Transaction::at(connection, self.age.now()));
            execute(connection, if result.is_ok() { sql::COMMIT } else { sql::ROLLBACK })?;
            result
        });
        self.checkpoint();
        done.unwrap_or(Ok(false))
    }

    /// Stores the time of the database.
    fn store_time(&self) {
        if let Some(Err(error)) = self.with(|connection| self.age.store(connection)) {
            tracing::warn!(%error, "the time of the database was not stored; it is tried again later");
        }
    }

    /// Deletes a part of the messages of deleted conversations. Returns whether there may be more.
    fn sweep(&self) -> bool {
        self.step(|transaction| transaction.sweep()).unwrap_or_else(|error| {
            tracing::warn!(%error, "deleted conversations were not swept; it is tried again in a minute");
            false
        })
    }

    /// Updates the index of the words in messages. Returns whether there may be more to index.
    fn index(&self) -> bool {
        self.wrote.set(false);
        self.step(|transaction| transaction.index_step()).unwrap_or_else(|error| {
            tracing::warn!(%error, "new messages were not indexed; it is tried again after the next write");
            false
        })
    }

    /// Moves the log into the database file and closes it.
    pub(super) fn end(&self) {
        self.store_time();
        let left = self.slot.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(connection) = left {
            let checkpoint = "PRAGMA wal_checkpoint(TRUNCATE)";
            if let Err(error) = connection.query_row(checkpoint, [], |row| row.get::<_, i64>(0)) {
                let message = "the last checkpoint failed; the log keeps everything for the next start";
                tracing::warn!(%error, "{message}");
            }
        }
        if let Some(history) = &self.history {
            history.sync();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use causerie_protocol::{ConversationId, MessageId, UserId};
    use rusqlite::Connection;

    use super::*;
    use crate::clock::{Clock, SettableClock};
    use crate::store::Read;
    use crate::store::conformance::{message, user_record};
    use crate::store::records::{ConversationRecord, OutcomeKey, OutcomeRecord};
    use crate::store::sqlite::age::Age;
    use crate::store::sqlite::connection::Slot;
    use crate::store::sqlite::open;
    use crate::store::sqlite::schedule::{STEP_INTERVAL, Schedule};

    fn key(name: &str) -> OutcomeKey<'_> {
        OutcomeKey { app: "app", caller: "ada", scope: "client", key: name }
    }

    fn age(slot: &Slot, clock: &Arc<SettableClock>) -> Age {
        let guard = slot.lock().unwrap();
        Age::continued(guard.as_ref().unwrap(), Arc::clone(clock) as Arc<dyn Clock>).unwrap()
    }

    #[test]
    fn a_wall_clock_a_month_ahead_prunes_no_outcome() {
        let clock = Arc::new(SettableClock::at(10 * OUTCOME_TTL_MS));
        let slot: Slot = Arc::new(Mutex::new(Some(open::memory().unwrap().writer)));
        let worker = Worker::idle(Arc::clone(&slot), age(&slot, &clock));
        let put = |name: &str, created_at| {
            let record = OutcomeRecord { request_hash: [0; 8], result: String::new(), created_at };
            Transaction::on(slot.lock().unwrap().as_ref().unwrap()).put_outcome(&key(name), &record).unwrap();
        };
        let is_stored = |name: &str| {
            let guard = slot.lock().unwrap();
            Transaction::on(guard.as_ref().unwrap()).outcome(&key(name)).unwrap().is_some()
        };
        put("1", worker.age.now());
        clock.set(clock.now_ms() + 30 * OUTCOME_TTL_MS);
        put("2", worker.age.now());
        worker.prune();
        assert!(is_stored("1"), "it is as old as before");
        clock.set(clock.now_ms() - 60 * OUTCOME_TTL_MS);
        clock.advance(OUTCOME_TTL_MS - 1);
        worker.prune();
        assert!(is_stored("1") && is_stored("2"));
        // A restart with a wrong wall clock continues the time of the database.
        worker.store_time();
        clock.set(clock.now_ms() + 90 * OUTCOME_TTL_MS);
        let worker = Worker::idle(Arc::clone(&slot), age(&slot, &clock));
        worker.prune();
        assert!(is_stored("1") && is_stored("2"));
        clock.advance(2);
        worker.prune();
        assert!(!is_stored("1") && !is_stored("2"), "a day has passed");
    }

    fn worker(connection: Connection, now: i64) -> (Slot, Worker) {
        let slot: Slot = Arc::new(Mutex::new(Some(connection)));
        let age = age(&slot, &Arc::new(SettableClock::at(now)));
        (Arc::clone(&slot), Worker::idle(slot, age))
    }

    #[test]
    fn messages_of_deleted_conversations_are_swept_in_steps() {
        let connection = open::memory().unwrap().writer;
        let fill = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1200) \
                    INSERT INTO messages \
                    (conversation, seq, id, text, content, custom, created_at, origin, born) \
                    SELECT k.key, i, 'm' || i, 't', '[]', '{}', i, 0, i FROM n, conversations k";
        for id in ["deleted", "other"] {
            let record = ConversationRecord { subject: Some("private".to_owned()), ..Default::default() };
            let id = ConversationId::new(id).unwrap();
            Transaction::on(&connection).put_conversation("app", &id, &record).unwrap();
        }
        connection.execute(fill, []).unwrap();
        let deleted = ConversationId::new("deleted").unwrap();
        let m7 = MessageId::new("m7").unwrap();
        let mut transaction = Transaction::on(&connection);
        transaction.delete_message("app", &deleted, &m7).unwrap().unwrap();
        transaction.delete_conversation("app", &deleted).unwrap().unwrap();
        let (slot, worker) = worker(connection, 0);
        let count = |sql: &str| {
            let guard = slot.lock().unwrap();
            let connection = guard.as_ref().unwrap();
            connection.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap()
        };
        assert_eq!(count("SELECT count(*) FROM conversations WHERE subject = 'private'"), 1);
        let mut left = Vec::new();
        while worker.sweep() {
            left.push(count("SELECT count(*) FROM messages"));
        }
        assert_eq!(left, [1_899, 1_399, 1_200, 1_200]);
        assert_eq!(count("SELECT count(*) FROM conversations"), 1);
        assert_eq!(count("SELECT count(*) FROM tombstones"), 0);
    }

    #[test]
    fn outcomes_of_messages_are_kept_for_a_day_after_their_conversation_is_swept() {
        let connection = open::memory().unwrap().writer;
        let (c, ada) = (ConversationId::new("c").unwrap(), UserId::new("ada").unwrap());
        let mut transaction = Transaction::on(&connection);
        transaction.put_user("app", &ada, &user_record("Ada")).unwrap();
        transaction.put_conversation("app", &c, &ConversationRecord::default()).unwrap();
        let names: Vec<_> = (0..1_200).map(|index| index.to_string()).collect();
        for name in &names {
            let message = message(name, Some("ada"), 5);
            transaction.send_message(&c, &message, &key(name), [1; 8]).unwrap();
        }
        transaction.delete_conversation("app", &c).unwrap().unwrap();
        let (slot, worker) = worker(connection, 10 * OUTCOME_TTL_MS);
        let found = || {
            let guard = slot.lock().unwrap();
            let transaction = Transaction::on(guard.as_ref().unwrap());
            let outcome = |name: &String| transaction.outcome(&key(name)).unwrap();
            names
                .iter()
                .filter(|name| outcome(name).is_some_and(|found| found.result == format!("\"{name}\"")))
                .count()
        };
        while worker.sweep() {
            assert_eq!(found(), names.len());
        }
        worker.prune();
        assert_eq!(found(), names.len());
        let before = worker.age.now() + 1;
        worker.step(|transaction| Ok(transaction.prune_outcomes(before, 10_000)? > 0)).unwrap();
        assert_eq!(found(), 0, "later they are pruned");
    }

    #[test]
    fn outcomes_are_pruned_after_one_day() {
        let connection = open::memory().unwrap().writer;
        let now = 10 * OUTCOME_TTL_MS;
        for index in 0..2_500 {
            // The old ones take more than two rounds; the others are at the limit.
            let created_at = if index < 2_400 { index } else { now - OUTCOME_TTL_MS };
            let record = OutcomeRecord { request_hash: [0; 8], result: String::new(), created_at };
            Transaction::on(&connection).put_outcome(&key(&index.to_string()), &record).unwrap();
        }
        let (slot, worker) = worker(connection, now);
        while worker.prune() {}
        let guard = slot.lock().unwrap();
        let left =
            |index: i64| Transaction::on(guard.as_ref().unwrap()).outcome(&key(&index.to_string())).unwrap();
        assert_eq!([0, 999, 1_000, 2_399].map(|index| left(index).is_some()), [false; 4]);
        assert_eq!([2_400, 2_499].map(|index| left(index).is_some()), [true; 2]);
    }

    #[test]
    fn old_outcomes_are_pruned_in_small_steps_with_time_for_jobs_between_them() {
        let connection = open::memory().unwrap().writer;
        let fill = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1) \
                    INSERT INTO write_outcomes (user, client, name, request_hash, answer, created_at) \
                    SELECT i % 50, (i * 7919) % 1000, i, x'00', '', i FROM n";
        connection.execute(fill, [100_000]).unwrap();
        connection
            .execute(
                "INSERT INTO outcomes SELECT key, 'app', user, client, name, x'00', '', 0 FROM \
            write_outcomes WHERE key <= 1000",
                [],
            )
            .unwrap();
        let (slot, worker) = worker(connection, 10 * OUTCOME_TTL_MS);
        let count = |table: &str| {
            let guard = slot.lock().unwrap();
            let sql = format!("SELECT count(*) FROM {table}");
            guard.as_ref().unwrap().query_row(&sql, [], |row| row.get::<_, i64>(0)).unwrap()
        };
        let mut schedule = Schedule::pruning();
        let mut left = Vec::new();
        for _ in 0..7 {
            thread::sleep(schedule.wait());
            let started = Instant::now();
            schedule.run(|task| worker.perform(task));
            let (took, ended) = (started.elapsed(), Instant::now());
            // Nothing happens until the rest has passed.
            schedule.run(|task| worker.perform(task));
            assert!(schedule.next_step >= ended - took + STEP_INTERVAL, "the writer gets time for jobs");
            left.push(count("outcomes") + count("write_outcomes"));
        }
        assert_eq!(left, [100_800, 100_600, 100_400, 100_200, 100_000, 99_800, 99_600]);
        assert_eq!(count("outcomes"), 0, "those of an older version go first");
    }

    #[test]
    fn the_rest_after_a_step_is_four_times_as_long_as_the_step() {
        let connection = open::memory().unwrap().writer;
        let (slot, worker) = worker(connection, 0);
        let mut schedule = Schedule::pruning();
        // The step waits for the connection, so it takes 40 ms.
        let (held, is_held) = std::sync::mpsc::channel();
        let holder = thread::spawn(move || {
            let _guard = slot.lock().unwrap();
            held.send(()).unwrap();
            thread::sleep(Duration::from_millis(40));
        });
        is_held.recv().unwrap();
        let started = Instant::now();
        schedule.run(|task| worker.perform(task));
        let rest = (started.elapsed(), schedule.wait());
        holder.join().unwrap();
        assert!(rest.0 >= Duration::from_millis(30) && rest.1 >= rest.0 * 3, "{rest:?}");
    }
}
