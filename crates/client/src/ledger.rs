//! The requests that have no answer yet, in the order they were made. They keep their ids and keys until they are
//! settled, however many connections that takes.

use std::collections::VecDeque;

use causerie_protocol::limits::{BATCH_REQUESTS, REQUEST_TIMEOUT_MS};
use causerie_protocol::{IdempotencyKey, Op, Request, RequestId};

use crate::Millis;

#[derive(Debug)]
struct Pending {
    request: Request,
    deadline: Millis,
    /// Sent on the present connection (and so not to be sent there again).
    sent: bool,
    /// Sent on any connection: the server may have carried it out.
    tried: bool,
}

/// The unanswered requests.
#[derive(Debug)]
pub(crate) struct Ledger {
    next: RequestId,
    /// By id, which is by age and by deadline too. Answers come in order, so a search ends at the front.
    pending: VecDeque<Pending>,
    /// How many requests go into one POST. A batch the server finds too large is halved.
    pub(crate) batch: usize,
}

impl Ledger {
    pub(crate) const fn new() -> Self {
        Ledger { next: 1, pending: VecDeque::new(), batch: BATCH_REQUESTS }
    }

    /// Takes a request in. Writes get their idempotency key here, once.
    pub(crate) fn add(&mut self, now: Millis, op: Op) -> RequestId {
        let id = self.next;
        self.next = self.next.wrapping_add(1).max(1);
        // The key need only be unique within the client, whose id no other client can guess.
        let key = if op.writes() { IdempotencyKey::new(id.to_string()).ok() } else { None };
        let deadline = now + Millis::from(REQUEST_TIMEOUT_MS);
        self.pending.push_back(Pending {
            request: Request { id, key, op },
            deadline,
            sent: false,
            tried: false,
        });
        id
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

    /// Whether anything is sent on the present connection and not answered.
    pub(crate) fn has_sent(&self) -> bool {
        self.pending.iter().any(|pending| pending.sent)
    }

    /// The requests to send now, at most `limit`, marked as sent.
    pub(crate) fn take_unsent(&mut self, limit: usize) -> Vec<Request> {
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

    /// Strikes off what is out of time: the id, and whether the server may have carried it out.
    pub(crate) fn take_expired(&mut self, now: Millis) -> Vec<(RequestId, bool)> {
        let mut expired = Vec::new();
        while let Some(oldest) = self.pending.pop_front_if(|pending| pending.deadline <= now) {
            expired.push((oldest.request.id, oldest.tried));
        }
        expired
    }

    /// Strikes everything off.
    pub(crate) fn take_all(&mut self) -> Vec<RequestId> {
        std::mem::take(&mut self.pending).into_iter().map(|pending| pending.request.id).collect()
    }
}
