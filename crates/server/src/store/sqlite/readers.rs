//! The connections for reading: some for point reads, and others for lists. So no point read, and no read of
//! the fan-out, waits for a list. In both groups the requesters that wait get the next free connection in
//! turn, so that one with many reads does not make the others wait for all of them.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, TryLockError};
use std::thread::available_parallelism;

use rusqlite::Connection;
use tokio::sync::Notify;

use super::connection::Slot;
use super::turns::{Permit, Turns};
use crate::store::{Requester, Size, StoreError, StoreResult};

/// The numbers of connections for point reads and for lists. Point reads run on the threads of the runtime,
/// so that more connections than processors would not be used.
pub(super) fn counts() -> (usize, usize) {
    let processors = available_parallelism().map_or(2, usize::from);
    (processors.clamp(2, 8), processors.clamp(2, 4))
}

/// All connections for reading.
#[derive(Default)]
pub(super) struct Readers {
    points: Pool,
    lists: Pool,
    held: AtomicBool,
    released: Notify,
}

impl Readers {
    /// Takes the connections of a file; the first `points` of them are for point reads.
    pub(super) fn new(mut connections: Vec<Connection>, points: usize) -> Self {
        let lists = connections.split_off(points.min(connections.len()));
        let slot = |connection| Arc::new(Mutex::new(Some(connection)));
        let pool = |connections: Vec<Connection>| Pool::new(connections.into_iter().map(slot).collect());
        Readers { points: pool(connections), lists: pool(lists), ..Readers::default() }
    }

    /// Returns readers that share the writer's connection, as those of a database in memory do.
    pub(super) fn shared(slot: &Slot) -> Self {
        let pool = || Pool::new(vec![Arc::clone(slot)]);
        Readers { points: pool(), lists: pool(), ..Readers::default() }
    }

    const fn pool(&self, size: Size) -> &Pool {
        match size {
            Size::Point => &self.points,
            Size::Page | Size::List => &self.lists,
        }
    }

    /// Waits for a connection.
    pub(super) async fn acquire(&self, requester: Requester, size: Size) -> StoreResult<Reader> {
        while self.held.load(Ordering::Acquire) {
            let mut released = std::pin::pin!(self.released.notified());
            released.as_mut().enable();
            if self.held.load(Ordering::Acquire) {
                released.await;
            }
        }
        let pool = self.pool(size);
        let permit = pool.free.acquire(requester).await?;
        Ok(Reader { slots: Arc::clone(&pool.slots), _permit: permit })
    }

    /// Lets no read begin until [`Readers::release`].
    pub(super) fn hold(&self) {
        self.held.store(true, Ordering::Release);
    }

    /// Lets reads begin again.
    pub(super) fn release(&self) {
        self.held.store(false, Ordering::Release);
        self.released.notify_waiters();
    }

    /// Closes the connections, after the reads that use them.
    pub(super) fn close(&self) {
        for pool in [&self.points, &self.lists] {
            pool.free.close();
            for slot in pool.slots.iter() {
                slot.lock().unwrap_or_else(PoisonError::into_inner).take();
            }
        }
    }

    /// A connection for point reads.
    #[cfg(test)]
    pub(super) fn first(&self) -> &Slot {
        &self.points.slots[0]
    }
}

/// Connections, and a permit for each that is free.
struct Pool {
    slots: Arc<Vec<Slot>>,
    free: Arc<Turns>,
}

impl Pool {
    fn new(slots: Vec<Slot>) -> Self {
        let free = Turns::new(slots.len());
        Pool { slots: Arc::new(slots), free }
    }
}

impl Default for Pool {
    fn default() -> Self {
        Pool::new(Vec::new())
    }
}

/// The right to use one of the connections.
pub(super) struct Reader {
    slots: Arc<Vec<Slot>>,
    _permit: Permit,
}

impl Reader {
    /// Runs a job on a connection, or returns the job if the writer is using the only one.
    pub(super) fn try_run<F, T>(self, job: F) -> Result<T, (Self, F)>
    where
        F: FnOnce(StoreResult<&Connection>) -> T,
    {
        for slot in self.slots.iter() {
            let guard = match slot.try_lock() {
                Ok(guard) => guard,
                Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
                Err(TryLockError::WouldBlock) => continue,
            };
            return Ok(job(guard.as_ref().ok_or(StoreError::Closed)));
        }
        Err((self, job))
    }

    /// Runs a job on a connection, after waiting for the writer if necessary.
    pub(super) fn run<F, T>(self, job: F) -> T
    where
        F: FnOnce(StoreResult<&Connection>) -> T,
    {
        match self.try_run(job) {
            Ok(result) => result,
            Err((reader, job)) => match reader.slots.first() {
                Some(slot) => {
                    let guard = slot.lock().unwrap_or_else(PoisonError::into_inner);
                    job(guard.as_ref().ok_or(StoreError::Closed))
                }
                None => job(Err(StoreError::Closed)),
            },
        }
    }
}
