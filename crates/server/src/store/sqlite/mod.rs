//! The built-in store: SQLite, in one file on the server's disk.
//!
//! Reads use a few connections of their own (`readers`), on the caller's thread if they are short. Writes go
//! to one thread (`writer`), which groups them. In WAL mode reads and writes do not wait for each other.

mod age;
mod backup;
mod connection;
mod deliveries;
mod error;
mod files;
mod group;
mod history;
mod maintenance;
mod messages;
mod open;
mod outcomes;
mod queue;
mod read;
mod readers;
mod rows;
mod schedule;
mod schema;
mod search;
mod sql;
mod stored_ids;
#[cfg(test)]
mod tests;
mod transaction;
mod turns;
mod views;
mod write;
mod writer;

use std::future::{Future, poll_fn};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::Poll;

use rusqlite::Connection;
use tokio::sync::oneshot;
use tokio::task::spawn_blocking;

use self::age::Age;
pub use self::backup::{backup, restore};
pub use self::connection::Threads;
use self::connection::{Slot, execute};
use self::error::SqliteError;
use self::group::{Executed, Job};
use self::open::{Lock, Opened};
use self::readers::Readers;
use self::transaction::Transaction;
use self::writer::Writer;
use super::{OpenError, Read, Requester, Size, Store, StoreError, StoreResult, Write};
use crate::clock::Clock;
use crate::events::EventSink;

/// A store on SQLite. Clones share the database.
#[derive(Clone)]
pub struct SqliteStore {
    inner: Arc<Inner>,
}

struct Inner {
    readers: Arc<Readers>,
    writer: Writer,
    epoch: String,
    age: Age,
    lock: Mutex<Option<Lock>>,
    threads: Threads,
}

impl SqliteStore {
    /// Opens a database file, or creates it if there is none. Published events go to `sink`.
    ///
    /// # Errors
    /// Returns an [`OpenError`] if the file cannot be used as a database of this server.
    pub fn open(path: &Path, clock: Arc<dyn Clock>, sink: Arc<dyn EventSink>) -> Result<Self, OpenError> {
        let (points, lists) = readers::counts();
        Self::start(path, open::file(path, points + lists)?, points, clock, sink, Threads::Own)
    }

    /// Creates a database in memory. Published events go to `sink`.
    ///
    /// # Errors
    /// Returns an [`OpenError`] if SQLite or the writer's thread cannot be started.
    pub fn in_memory(
        clock: Arc<dyn Clock>,
        sink: Arc<dyn EventSink>,
        threads: Threads,
    ) -> Result<Self, OpenError> {
        Self::start(Path::new(open::MEMORY), open::memory()?, 0, clock, sink, threads)
    }

    /// Starts the short writes whose futures were not polled yet.
    pub(crate) fn start_writes(&self) {
        self.inner.writer.wake();
    }

    fn start(
        path: &Path,
        opened: Opened,
        points: usize,
        clock: Arc<dyn Clock>,
        sink: Arc<dyn EventSink>,
        threads: Threads,
    ) -> Result<Self, OpenError> {
        let age = Age::continued(&opened.writer, clock).map_err(|error| open::open_error(path, error))?;
        let own: Slot = Arc::new(Mutex::new(Some(opened.writer)));
        // A database in memory has only one connection.
        let readers = Arc::new(if opened.readers.is_empty() {
            Readers::shared(&own)
        } else {
            Readers::new(opened.readers, points)
        });
        let writer = Writer::start(own, opened.history, Arc::clone(&readers), age.clone(), sink, threads)
            .map_err(|source| OpenError::Writer { path: path.to_owned(), source })?;
        let lock = Mutex::new(opened.lock);
        Ok(SqliteStore {
            inner: Arc::new(Inner { readers, writer, epoch: opened.epoch, age, lock, threads }),
        })
    }
}

/// Runs a job in a transaction that reads, so that all its results come from one state of the data.
fn read_on<T, E, F>(connection: StoreResult<&Connection>, job: F) -> Result<T, E>
where
    F: FnOnce(&dyn Read) -> Result<T, E>,
    E: From<StoreError>,
{
    let connection = connection?;
    if !connection.is_autocommit() {
        // An earlier job panicked inside its transaction.
        execute(connection, sql::ROLLBACK)?;
    }
    execute(connection, sql::BEGIN_READ)?;
    let result = job(&Transaction::on(connection));
    execute(connection, sql::COMMIT)?;
    result
}

/// Returns a job of the writer, and the receiver of its result.
fn with_result<T, E, F>(job: F) -> (Job, oneshot::Receiver<Result<T, E>>)
where
    F: FnOnce(&mut dyn Write) -> Result<T, E> + Send + 'static,
    T: Send + 'static,
    E: From<StoreError> + Send + 'static,
{
    let (sender, receiver) = oneshot::channel();
    let job: Job = Box::new(move |write| {
        let result = job(write);
        let keep = result.is_ok();
        // An error too is delivered only after the commit: its reason may be an earlier job of the group.
        let deliver = move |committed: StoreResult<()>| {
            let _ = sender.send(committed.map_err(E::from).and(result));
        };
        Executed { keep, deliver: Box::new(deliver) }
    });
    (job, receiver)
}

/// A job in the queue of an idle writer, which is woken at the latest when this is dropped.
struct Claimable {
    inner: Arc<Inner>,
    is_claimed: bool,
}

impl Claimable {
    /// Executes the job, unless others have been enqueued after one more turn of the task: a client that
    /// sends many requests at once shares a commit.
    async fn execute(mut self) {
        let mut is_first_turn = true;
        poll_fn(|cx| {
            if std::mem::take(&mut is_first_turn) {
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
            Poll::Ready(())
        })
        .await;
        self.is_claimed = true;
        self.inner.writer.execute_or_wake();
    }
}

impl Drop for Claimable {
    fn drop(&mut self) {
        if !self.is_claimed {
            self.inner.writer.wake();
        }
    }
}

impl Store for SqliteStore {
    fn read_for<T, E, F>(
        &self,
        requester: Requester,
        size: Size,
        job: F,
    ) -> impl Future<Output = Result<T, E>> + Send + use<T, E, F>
    where
        F: FnOnce(&dyn Read) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let inner = Arc::clone(&self.inner);
        async move {
            let job = |connection: StoreResult<&Connection>| read_on(connection, job);
            let reader = inner.readers.acquire(requester, size).await?;
            let (reader, job) = match size {
                Size::List if inner.threads == Threads::Own => (reader, job),
                Size::Point | Size::Page | Size::List => match reader.try_run(job) {
                    Ok(result) => return result,
                    Err(waiting) => waiting,
                },
            };
            match spawn_blocking(move || reader.run(job)).await {
                Ok(result) => result,
                Err(error) => Err(StoreError::from(SqliteError::from(error)).into()),
            }
        }
    }

    fn write_for<T, E, F>(
        &self,
        requester: Requester,
        job: F,
    ) -> impl Future<Output = Result<T, E>> + Send + use<T, E, F>
    where
        F: FnOnce(&mut dyn Write) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let (job, result) = with_result(job);
        let enqueued = self.inner.writer.enqueue(requester, job);
        let inner = Arc::clone(&self.inner);
        async move {
            enqueued?;
            result.await.unwrap_or_else(|_| Err(inner.writer.dropped().into()))
        }
    }

    fn write_point_for<T, E, F>(
        &self,
        requester: Requester,
        job: F,
    ) -> impl Future<Output = Result<T, E>> + Send + use<T, E, F>
    where
        F: FnOnce(&mut dyn Write) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let (job, result) = with_result(job);
        let inner = Arc::clone(&self.inner);
        let claimable = inner.writer.enqueue_short(requester, job).map(|is_claimable| {
            is_claimable.then(|| Claimable { inner: Arc::clone(&inner), is_claimed: false })
        });
        async move {
            if let Some(claimable) = claimable? {
                claimable.execute().await;
            }
            result.await.unwrap_or_else(|_| Err(inner.writer.dropped().into()))
        }
    }

    fn epoch(&self) -> &str {
        &self.inner.epoch
    }

    fn time(&self) -> i64 {
        self.inner.age.now()
    }

    async fn close(&self) {
        self.inner.writer.close().await;
        self.inner.readers.close();
        self.inner.lock.lock().unwrap_or_else(PoisonError::into_inner).take();
    }
}
