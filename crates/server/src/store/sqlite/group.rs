//! A group of jobs that share one transaction and one commit.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use rusqlite::Connection;

use super::connection::execute;
use super::error::SqliteError;
use super::history::History;
use super::sql;
use super::transaction::Transaction;
use crate::events::{AppEvent, EventSink};
use crate::store::{StoreError, StoreResult, Write};

/// A job that writes.
pub(super) type Job = Box<dyn FnOnce(&mut dyn Write) -> Executed + Send>;

/// Delivers the result of a job to its caller, given the result of the commit.
type Deliver = Box<dyn FnOnce(StoreResult<()>) + Send>;

/// A job that was executed and waits for its commit.
pub(super) struct Executed {
    /// Whether to keep its changes; otherwise they are rolled back.
    pub(super) keep: bool,
    pub(super) deliver: Deliver,
}

pub(super) struct Group<'a> {
    connection: &'a Connection,
    history: Option<&'a History>,
    /// The number of changes on the connection before this group.
    changes: u64,
    /// Whether the last write failed, which was logged.
    failing: &'a Cell<bool>,
    sink: &'a dyn EventSink,
    /// The time with which outcomes are dated.
    now: i64,
    pending: Vec<Deliver>,
    /// The events that the jobs published, in their order.
    events: Vec<AppEvent>,
}

impl<'a> Group<'a> {
    pub(super) fn new(
        connection: &'a Connection,
        history: Option<&'a History>,
        failing: &'a Cell<bool>,
        sink: &'a dyn EventSink,
        now: i64,
    ) -> Self {
        let changes = connection.total_changes();
        Group { connection, history, changes, failing, sink, now, pending: Vec::new(), events: Vec::new() }
    }

    /// Executes a job. The first one of a transaction needs no savepoint, which would cost a copy of each
    /// page that it changes.
    pub(super) fn execute(&mut self, job: Job) {
        // This is the first job of the group, or the first one after a rollback of the transaction.
        let is_first = self.connection.is_autocommit();
        if is_first {
            if let Err(error) = execute(self.connection, sql::BEGIN_WRITE) {
                // Dropping the job makes its caller's future fail.
                self.report(&error, "a write transaction could not be started");
                return;
            }
        } else if let Err(error) = execute(self.connection, sql::SAVEPOINT) {
            self.report(&error, "a savepoint could not be made");
            return self.abort(&error);
        }
        let mut transaction = Transaction::at(self.connection, self.now);
        let executed = catch_unwind(AssertUnwindSafe(|| job(&mut transaction)));
        let events = transaction.events;
        let keep = executed.as_ref().is_ok_and(|executed| executed.keep);
        match executed {
            Ok(executed) => self.pending.push(executed.deliver),
            // The panic hook has reported the panic; the caller's future fails because its job was dropped.
            Err(_) => tracing::error!("a write panicked, and was rolled back"),
        }
        // If the disk is full, on an I/O error or if memory runs out, SQLite rolls back the whole transaction
        // by itself.
        let settled = match (is_first, keep) {
            _ if self.connection.is_autocommit() => Err(SqliteError::RolledBack.into()),
            (true, true) => Ok(()),
            (true, false) => execute(self.connection, sql::ROLLBACK),
            (false, true) => execute(self.connection, sql::RELEASE),
            (false, false) => execute(self.connection, sql::ROLLBACK_TO)
                .and_then(|()| execute(self.connection, sql::RELEASE)),
        };
        match settled {
            Ok(()) if keep => self.events.extend(events),
            Ok(()) => {}
            Err(error) => {
                self.report(&error, "a group of writes was lost before its commit");
                self.abort(&error);
            }
        }
    }

    /// Commits, publishes the events, then delivers the results. Returns how long the commit itself took.
    pub(super) fn commit(mut self) -> Duration {
        if self.connection.is_autocommit() {
            // Those that are left failed by themselves; the others were aborted already.
            for deliver in self.pending.drain(..) {
                deliver(Ok(()));
            }
            return Duration::ZERO;
        }
        let started = Instant::now();
        let committed = self.count().and_then(|number| {
            execute(self.connection, sql::COMMIT)?;
            Ok(number)
        });
        let elapsed = started.elapsed();
        match committed {
            Ok(number) => {
                if let (Some(history), Some(number)) = (self.history, number) {
                    history.record(number);
                }
                if self.changed() && self.failing.replace(false) {
                    tracing::info!("writes succeed again");
                }
                self.publish();
                for deliver in self.pending.drain(..) {
                    deliver(Ok(()));
                }
            }
            Err(error) => {
                self.report(&error, "a commit failed");
                self.abort(&error);
            }
        }
        elapsed
    }

    /// Logs an error: as an error if it is the first since a commit succeeded, so that a full disk does not
    /// also fill the log.
    fn report(&self, error: &StoreError, message: &str) {
        if self.failing.replace(true) {
            tracing::debug!(%error, "{message}");
        } else {
            tracing::error!(%error, "{message}; further errors are logged as debug until a write succeeds");
        }
    }

    /// Returns whether the group changed something.
    fn changed(&self) -> bool {
        self.connection.total_changes() != self.changes
    }

    /// Counts the commit if it changes something. Returns its number.
    fn count(&self) -> StoreResult<Option<u64>> {
        let history = self.history.filter(|_| self.changed());
        history.map(|history| history.count(self.connection)).transpose()
    }

    /// Publishes the events. A panic in the sink does not affect the committed writes.
    fn publish(&mut self) {
        let events = std::mem::take(&mut self.events);
        if !events.is_empty() && catch_unwind(AssertUnwindSafe(|| self.sink.publish(events))).is_err() {
            tracing::error!("events were not passed on to their followers");
        }
    }

    /// Rolls back, and fails all jobs that were executed so far.
    fn abort(&mut self, error: &StoreError) {
        if !self.connection.is_autocommit()
            && let Err(error) = execute(self.connection, sql::ROLLBACK)
        {
            self.report(&error, "a rollback failed");
        }
        self.events.clear();
        for deliver in self.pending.drain(..) {
            deliver(Err(error.clone()));
        }
    }
}
