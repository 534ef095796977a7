//! The requests that have no result yet, in the order in which they were made.
//!
//! A request keeps its id and its idempotency key until it is settled, over any number of connections.

use causerie_protocol::limits::{BATCH_REQUESTS, REQUEST_TIMEOUT_MS};
use causerie_protocol::text::decimal;
use causerie_protocol::{IdempotencyKey, Request, RequestId};

use crate::{Millis, Operation};

#[derive(Debug)]
struct Pending<O> {
    request: Request<O>,
    deadline: Millis,
    /// The request was sent on the current connection, and is not sent there again.
    sent: bool,
    /// The request was sent on some connection, so the server may have executed it.
    attempted: bool,
}

/// A request that reached its deadline without a result.
pub(crate) struct Expired {
    pub(crate) id: RequestId,
    /// The request was sent, so the server may have executed it.
    pub(crate) attempted: bool,
    pub(crate) writes: bool,
}

/// The pending requests.
#[derive(Debug)]
pub(crate) struct PendingRequests<O> {
    /// Sorted by id, and so by age and by deadline. Results arrive in order, so a search ends near the front.
    pending: Vec<Pending<O>>,
    /// The largest number of requests in one POST. It is reduced after the server rejected a batch as too
    /// large.
    batch_size: usize,
}

impl<O: Operation> PendingRequests<O> {
    pub(crate) const fn new() -> Self {
        PendingRequests { pending: Vec::new(), batch_size: BATCH_REQUESTS }
    }

    /// Adds a request. A write gets its idempotency key here.
    pub(crate) fn insert(&mut self, now: Millis, id: RequestId, op: O) {
        // The key need only be unique within the client, because no other client can guess this client's id.
        let key = if op.writes() { IdempotencyKey::new(decimal(id)).ok() } else { None };
        let deadline = now + Millis::from(REQUEST_TIMEOUT_MS);
        self.pending.push(Pending {
            request: Request { id, key, op },
            deadline,
            sent: false,
            attempted: false,
        });
    }

    pub(crate) fn len(&self) -> usize {
        self.pending.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.pending.is_empty()
    }

    /// Removes a request. Returns `false` if it is not pending.
    pub(crate) fn remove(&mut self, id: RequestId) -> bool {
        let index = self.pending.iter().position(|pending| pending.request.id == id);
        index.map(|index| self.pending.remove(index)).is_some()
    }

    /// Marks every request as unsent, because the connection is gone.
    pub(crate) fn connection_lost(&mut self) {
        for pending in &mut self.pending {
            pending.sent = false;
        }
    }

    /// Returns the ids of the requests that were sent on the current connection.
    pub(crate) fn sent_ids(&self) -> Vec<RequestId> {
        self.pending.iter().filter(|pending| pending.sent).map(|pending| pending.request.id).collect()
    }

    /// The server rejected a batch of `count` requests as too large. Later batches have half of that.
    pub(crate) const fn halve_batch_size(&mut self, count: usize) {
        self.batch_size = count / 2;
    }

    /// The server accepted a batch. Doubles the size of the next one, up to the limit.
    pub(crate) fn double_batch_size(&mut self) {
        self.batch_size = (self.batch_size * 2).min(BATCH_REQUESTS);
    }

    /// Returns the requests of the next POST and marks them as sent.
    pub(crate) fn take_batch(&mut self) -> Vec<Request<O>> {
        self.take(self.batch_size)
    }

    /// Returns all unsent requests and marks them as sent.
    pub(crate) fn take_unsent(&mut self) -> Vec<Request<O>> {
        self.take(usize::MAX)
    }

    fn take(&mut self, limit: usize) -> Vec<Request<O>> {
        let mut taken = Vec::new();
        for pending in &mut self.pending {
            if !pending.sent && taken.len() < limit {
                pending.sent = true;
                pending.attempted = true;
                taken.push(pending.request.clone());
            }
        }
        taken
    }

    /// Returns the earliest deadline of a request.
    pub(crate) fn deadline(&self) -> Option<Millis> {
        self.pending.first().map(|pending| pending.deadline)
    }

    /// Removes the oldest request if it reached its deadline.
    pub(crate) fn take_expired(&mut self, now: Millis) -> Option<Expired> {
        self.pending.first().filter(|pending| pending.deadline <= now)?;
        let oldest = self.pending.remove(0);
        Some(Expired {
            id: oldest.request.id,
            attempted: oldest.attempted,
            writes: oldest.request.op.writes(),
        })
    }

    /// Removes all requests and returns their ids.
    pub(crate) fn take_all(&mut self) -> Vec<RequestId> {
        std::mem::take(&mut self.pending).into_iter().map(|pending| pending.request.id).collect()
    }
}
