//! Storage.
//!
//! The rules get a transaction: a [`Read`], or a [`Write`], which can also read. Transactions are
//! synchronous, exchange [`records`], and take the app's id in every call, so that no app can see the data of
//! another. A [`Store`] runs closures on such transactions: reads at once, writes one after the other, those
//! of each requester in the order in which they were enqueued. The result of a write is delivered only when
//! the write is durable.
//!
//! [`sqlite`] is the built-in store. Every other store has to pass the same suite of tests, `conformance`.

#[cfg(test)]
mod conformance;
mod deliveries;
mod error;
mod files;
pub mod records;
mod requester;
pub mod sqlite;
mod transaction;

use std::future::Future;

use causerie_protocol::Topic;

pub use deliveries::{ReadDeliveries, WriteDeliveries};
pub use error::{OpenError, StoreError, StoreResult};
pub use files::{ReadFiles, WriteFiles};
pub use requester::Requester;
pub use transaction::{MAX_DELTA, OUTCOMES_PER_USER, READERS_AT_TIME, Read, Write};

/// Runs closures on transactions. Clones share one database.
pub trait Store: Clone + Send + Sync + 'static {
    /// Runs a job that reads, for the server itself. See [`Store::read_for`].
    ///
    /// # Errors
    /// Returns the error of the job, or [`StoreError`].
    fn read<T, E, F>(
        &self,
        size: Size,
        job: F,
    ) -> impl Future<Output = Result<T, E>> + Send + use<Self, T, E, F>
    where
        F: FnOnce(&dyn Read) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        self.read_for(Requester::SERVER, size, job)
    }

    /// Runs a job that reads. A short job runs on the thread that polls the future, because handing it over
    /// to another thread would cost more than the job. Jobs that have to wait are executed in turn: one
    /// of each requester, then again one of each.
    ///
    /// # Errors
    /// Returns the error of the job, or [`StoreError`].
    fn read_for<T, E, F>(
        &self,
        requester: Requester,
        size: Size,
        job: F,
    ) -> impl Future<Output = Result<T, E>> + Send + use<Self, T, E, F>
    where
        F: FnOnce(&dyn Read) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static;

    /// Runs a job that writes, for the server itself. See [`Store::write_for`].
    ///
    /// # Errors
    /// Returns the error of the job, or [`StoreError`].
    fn write<T, E, F>(&self, job: F) -> impl Future<Output = Result<T, E>> + Send + use<Self, T, E, F>
    where
        F: FnOnce(&mut dyn Write) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        self.write_for(Requester::SERVER, job)
    }

    /// Runs a job that writes. The call itself enqueues the job; the future is ready when the changes are
    /// durable. A job that returns an error changes nothing. The jobs of one requester are executed in the
    /// order of the calls; the requesters take turns. One that has too many waiting jobs gets
    /// [`StoreError::Busy`].
    ///
    /// # Errors
    /// Returns the error of the job, or [`StoreError`].
    fn write_for<T, E, F>(
        &self,
        requester: Requester,
        job: F,
    ) -> impl Future<Output = Result<T, E>> + Send + use<Self, T, E, F>
    where
        F: FnOnce(&mut dyn Write) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static;

    /// Runs a job that writes a few rows, like [`Store::write_for`]. If the store is idle, the job may run on
    /// the thread that polls the future, because handing it over to another thread would cost more. It runs
    /// at the latest when the future is polled again or dropped.
    ///
    /// # Errors
    /// Returns the error of the job, or [`StoreError`].
    fn write_point_for<T, E, F>(
        &self,
        requester: Requester,
        job: F,
    ) -> impl Future<Output = Result<T, E>> + Send + use<Self, T, E, F>
    where
        F: FnOnce(&mut dyn Write) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static;

    /// Returns the epoch, which identifies this database's history: 128 random bits. It changes if the
    /// database is restored from a backup or lost commits.
    fn epoch(&self) -> &str;

    /// Returns the time with which outcomes are dated, in milliseconds. It is independent of the wall clock,
    /// advances while the store is open, and continues after a restart.
    fn time(&self) -> i64;

    /// Executes all enqueued writes, then closes the database.
    fn close(&self) -> impl Future<Output = ()> + Send;
}

/// The most rows of a [`Size::Page`].
const PAGE_ROWS: u32 = 100;

/// How much a job reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Size {
    /// A few rows, found by their keys: about ten microseconds.
    Point,
    /// Up to [`PAGE_ROWS`] rows, found by an index: some hundred microseconds. Such jobs share connections
    /// with lists, but run on the thread that polls their future, because handing a page over would take as
    /// long as a part of it.
    Page,
    /// A list. Such jobs do not run on the threads that serve connections.
    List,
}

impl Size {
    /// Returns how much a read of this many entries of a topic reads. A list of conversations may have a
    /// filter that few of them match.
    #[must_use]
    pub(crate) const fn of_topic(topic: &Topic, limit: u32) -> Size {
        match topic {
            Topic::Messages { .. } if limit <= PAGE_ROWS => Size::Page,
            _ if topic.page_sizes().is_some() => Size::List,
            _ => Size::Point,
        }
    }
}
