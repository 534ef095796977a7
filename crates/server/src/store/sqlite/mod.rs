//! The store that is built in: SQLite, in one file beside the server.
//!
//! Reads have a few connections of their own, and run on whichever is free, on the caller's thread when they are
//! short. Writes go to one thread (`writer`) that groups them. In WAL mode neither waits for the other.

mod open;
mod reading;
mod rows;
mod schema;
mod sql;
#[cfg(test)]
mod tests;
mod transaction;
mod upkeep;
mod writer;
mod writing;

use std::fs::File;
use std::future::Future;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError, TryLockError};

use rusqlite::Connection;
use tokio::sync::oneshot;
use tokio::task::spawn_blocking;

use self::open::Opened;
use self::transaction::Transaction;
use self::writer::{Done, Writer};
use super::{OpenError, Read, Size, Store, StoreError, StoreResult, Write};
use crate::clock::Clock;
use crate::fanout::Fanout;

/// How many connections read. Point reads take microseconds, so it is lists that fill them.
const READERS: usize = 4;

/// A connection that is used by one at a time, until it is closed.
type Slot = Arc<Mutex<Option<Connection>>>;

/// The store over SQLite. Clones share it.
#[derive(Clone)]
pub struct SqliteStore {
    inner: Arc<Inner>,
}

struct Inner {
    /// In memory the writer's own connection is here, because a database in memory has only one.
    readers: Vec<Slot>,
    writer: Writer,
    epoch: String,
    lock: Mutex<Option<File>>,
}

impl SqliteStore {
    /// Opens a database file, or makes it where there is none. What is published is told to `fanout`.
    ///
    /// # Errors
    /// [`OpenError`], one line.
    pub fn open(path: &Path, clock: Arc<dyn Clock>, fanout: Arc<dyn Fanout>) -> Result<Self, OpenError> {
        Self::start(open::file(path, READERS)?, clock, fanout)
    }

    /// Makes a database in memory. What is published is told to `fanout`.
    ///
    /// # Errors
    /// [`OpenError`], one line.
    pub fn in_memory(clock: Arc<dyn Clock>, fanout: Arc<dyn Fanout>) -> Result<Self, OpenError> {
        Self::start(open::memory()?, clock, fanout)
    }

    fn start(opened: Opened, clock: Arc<dyn Clock>, fanout: Arc<dyn Fanout>) -> Result<Self, OpenError> {
        let slot = |connection| Arc::new(Mutex::new(Some(connection)));
        let own = slot(opened.writer);
        let mut readers: Vec<Slot> = opened.readers.into_iter().map(slot).collect();
        if readers.is_empty() {
            readers.push(Arc::clone(&own));
        }
        let writer = Writer::start(own, clock, fanout)
            .map_err(|error| OpenError(format!("the database's writer could not be started: {error}")))?;
        let lock = Mutex::new(opened.lock);
        Ok(SqliteStore { inner: Arc::new(Inner { readers, writer, epoch: opened.epoch, lock }) })
    }
}

impl Inner {
    /// Runs a job on the first connection that nobody uses; gives it back where all are used.
    fn on_free<F, T>(&self, job: F) -> Result<T, F>
    where
        F: FnOnce(StoreResult<&Connection>) -> T,
    {
        for reader in &self.readers {
            let guard = match reader.try_lock() {
                Ok(guard) => guard,
                Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
                Err(TryLockError::WouldBlock) => continue,
            };
            return Ok(job(guard.as_ref().ok_or(StoreError::Closed)));
        }
        Err(job)
    }

    /// Runs a job, waiting for a connection if it must.
    fn on_any<F, T>(&self, job: F) -> T
    where
        F: FnOnce(StoreResult<&Connection>) -> T,
    {
        match self.on_free(job) {
            Ok(result) => result,
            Err(job) => match self.readers.last() {
                Some(reader) => {
                    let guard = reader.lock().unwrap_or_else(PoisonError::into_inner);
                    job(guard.as_ref().ok_or(StoreError::Closed))
                }
                None => job(Err(StoreError::Closed)),
            },
        }
    }
}

/// Runs a reading job in a transaction, so that all its answers are of one moment.
fn read_on<T, E, F>(connection: StoreResult<&Connection>, job: F) -> Result<T, E>
where
    F: FnOnce(&dyn Read) -> Result<T, E>,
    E: From<StoreError>,
{
    let connection = connection?;
    let run = |sql: &str| -> StoreResult<()> {
        connection.prepare_cached(sql)?.execute([])?;
        Ok(())
    };
    if !connection.is_autocommit() {
        // An earlier job panicked in the middle.
        run(sql::ROLLBACK)?;
    }
    run(sql::BEGIN_READ)?;
    let result = job(&Transaction::on(connection));
    run(sql::COMMIT)?;
    result
}

impl Store for SqliteStore {
    fn read<T, E, F>(&self, size: Size, job: F) -> impl Future<Output = Result<T, E>> + Send + use<T, E, F>
    where
        F: FnOnce(&dyn Read) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let inner = Arc::clone(&self.inner);
        async move {
            let job = |connection: StoreResult<&Connection>| read_on(connection, job);
            let job = match size {
                Size::Point => match inner.on_free(job) {
                    Ok(result) => return result,
                    Err(job) => job,
                },
                Size::List => job,
            };
            match spawn_blocking(move || inner.on_any(job)).await {
                Ok(result) => result,
                Err(error) => Err(StoreError::Failed(format!("a read ended early: {error}")).into()),
            }
        }
    }

    fn write<T, E, F>(&self, job: F) -> impl Future<Output = Result<T, E>> + Send + use<T, E, F>
    where
        F: FnOnce(&mut dyn Write) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let (sender, result) = oneshot::channel();
        let handed_in = self.inner.writer.hand_in(Box::new(move |write| {
            let result = job(write);
            let keep = result.is_ok();
            // A refusal too is told only after the commit: what it rests on may be an earlier job of the group.
            let release = move |committed: StoreResult<()>| {
                let _ = sender.send(committed.map_err(E::from).and(result));
            };
            Done { keep, release: Box::new(release) }
        }));
        let inner = Arc::clone(&self.inner);
        async move {
            handed_in?;
            match result.await {
                Ok(result) => result,
                Err(_) => Err(inner.writer.dropped().into()),
            }
        }
    }

    fn epoch(&self) -> &str {
        &self.inner.epoch
    }

    async fn close(&self) {
        self.inner.writer.close().await;
        for reader in &self.inner.readers {
            reader.lock().unwrap_or_else(PoisonError::into_inner).take();
        }
        self.inner.lock.lock().unwrap_or_else(PoisonError::into_inner).take();
    }
}
