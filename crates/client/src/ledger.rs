//! The requests that have no answer yet, in the order they were made. They keep their ids and keys until they are
//! settled, however many connections that takes.

use std::collections::VecDeque;

use causerie_protocol::limits::{BATCH_REQUESTS, REQUEST_TIMEOUT_MS};
use causerie_protocol::{IdempotencyKey, Request, RequestId};

use crate::{Millis, Operation};

#[derive(Debug)]
struct Pending<O> {
    request: Request<O>,
    deadline: Millis,
    /// Sent on the present connection (and so not to be sent there again).
    sent: bool,
    /// Sent on any connection: the server may have carried it out.
    tried: bool,
}

/// A request whose time is over.
pub(crate) struct Expired {
    pub(crate) id: RequestId,
    /// The server may have carried it out.
    pub(crate) tried: bool,
    /// It was to change something.
    pub(crate) writes: bool,
}

/// Numbers what is asked for, requests and subscriptions alike.
#[derive(Debug)]
pub(crate) struct Numbers(RequestId);

impl Numbers {
    pub(crate) const fn new() -> Self {
        Numbers(0)
    }

    pub(crate) fn next(&mut self) -> RequestId {
        self.0 = self.0.wrapping_add(1).max(1);
        self.0
    }
}

/// The unanswered requests.
#[derive(Debug)]
pub(crate) struct Ledger<O> {
    /// By id, which is by age and by deadline too. Answers come in order, so a search ends at the front.
    pending: VecDeque<Pending<O>>,
    /// How many requests go into one POST: fewer after the server found one too large.
    batch: usize,
}

impl<O: Operation> Ledger<O> {
    pub(crate) const fn new() -> Self {
        Ledger { pending: VecDeque::new(), batch: BATCH_REQUESTS }
    }

    /// Takes a request in. Writes get their idempotency key here, once.
    pub(crate) fn add(&mut self, now: Millis, id: RequestId, op: O) {
        // The key need only be unique within the client, whose id no other client can guess.
        let key = if op.writes() { IdempotencyKey::new(id.to_string()).ok() } else { None };
        let deadline = now + Millis::from(REQUEST_TIMEOUT_MS);
        self.pending.push_back(Pending {
            request: Request { id, key, op },
            deadline,
            sent: false,
            tried: false,
        });
    }

    pub(crate) fn len(&self) -> usize {
        self.pending.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.pending.is_empty()
    }

    /// Strikes a request off; `false` when it was not (or no longer) there.
    pub(crate) fn settle(&mut self, id: RequestId) -> bool {
        let place = self.pending.iter().position(|pending| pending.request.id == id);
        place.and_then(|place| self.pending.remove(place)).is_some()
    }

    /// The connection is gone: whatever has no answer is to be sent again.
    pub(crate) fn connection_lost(&mut self) {
        for pending in &mut self.pending {
            pending.sent = false;
        }
    }

    /// What is sent on the present connection and not answered.
    pub(crate) fn sent(&self) -> Vec<RequestId> {
        self.pending.iter().filter(|pending| pending.sent).map(|pending| pending.request.id).collect()
    }

    /// The server found a batch of so many requests too large: the next ones are half of that.
    pub(crate) const fn halve(&mut self, count: usize) {
        self.batch = count / 2;
    }

    /// The server took a batch: the next may be larger again.
    pub(crate) fn widen(&mut self) {
        self.batch = (self.batch * 2).min(BATCH_REQUESTS);
    }

    /// The requests of one POST, marked as sent.
    pub(crate) fn take_batch(&mut self) -> Vec<Request<O>> {
        self.take(self.batch)
    }

    /// All that is to be sent on a socket now, marked as sent.
    pub(crate) fn take_unsent(&mut self) -> Vec<Request<O>> {
        self.take(usize::MAX)
    }

    fn take(&mut self, limit: usize) -> Vec<Request<O>> {
        let unsent = self.pending.iter_mut().filter(|pending| !pending.sent).take(limit);
        unsent
            .map(|pending| {
                pending.sent = true;
                pending.tried = true;
                pending.request.clone()
            })
            .collect()
    }

    /// When the first request is out of time.
    pub(crate) fn deadline(&self) -> Option<Millis> {
        self.pending.front().map(|pending| pending.deadline)
    }

    /// Strikes off the first request that is out of time.
    pub(crate) fn take_expired(&mut self, now: Millis) -> Option<Expired> {
        let oldest = self.pending.pop_front_if(|pending| pending.deadline <= now)?;
        Some(Expired { id: oldest.request.id, tried: oldest.tried, writes: oldest.request.op.writes() })
    }

    /// Strikes everything off.
    pub(crate) fn take_all(&mut self) -> Vec<RequestId> {
        std::mem::take(&mut self.pending).into_iter().map(|pending| pending.request.id).collect()
    }
}
