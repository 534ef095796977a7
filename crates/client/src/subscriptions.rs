//! The active subscriptions, and the position that each has reached.
//!
//! The server knows a subscription only on the current connection. On the next one it is requested again,
//! with the position reached.
//!
//! A subscription has two ids. The driver's id stays the same for the subscription's lifetime. The wire id is
//! the same at first. It is replaced if the subscription is requested again on the same connection, after a
//! gap or after the server ended it temporarily. Frames with the old wire id are then recognized and ignored.

use causerie_protocol::frames::Subscribe;
use causerie_protocol::limits::WINDOW;
use causerie_protocol::topic::{Position, Window};
use causerie_protocol::{ErrorBody, RequestId};

use crate::Millis;
use crate::backoff::Backoff;
use crate::config::STABLE_AFTER;
use crate::ids::IdSequence;

/// The state of a subscription on the current connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Unsent,
    /// Requested without a position, so the first frame must be a reset.
    AwaitingReset,
    /// The server and the driver have the same position, so events may follow.
    Synced,
}

#[derive(Debug)]
struct Subscription<T> {
    /// The driver's id.
    id: RequestId,
    /// The id on the wire, or 0 until `retry_at`, when a new one is assigned.
    wire_id: RequestId,
    topic: T,
    limit: Option<u32>,
    /// The position reached in the epoch of the last `welcome`, if the topic's events are numbered.
    seq: Option<u64>,
    state: State,
    /// The time of the next or of the last retry.
    retry_at: Millis,
    failures_in_a_row: u32,
}

/// The result of comparing an `events` frame with the position reached.
pub(crate) enum SeqCheck {
    /// The frame starts at the position reached.
    Next,
    /// The frame belongs to no active subscription.
    Unknown,
    /// Events before this frame are missing.
    Gap,
}

/// The active subscriptions.
#[derive(Debug)]
pub(crate) struct Subscriptions<T> {
    all: Vec<Subscription<T>>,
    epoch: Option<String>,
    /// Whether one can be unsent. All are searched for it only then.
    has_unsent: bool,
}

impl<T: Clone> Subscriptions<T> {
    pub(crate) const fn new() -> Self {
        Subscriptions { all: Vec::new(), epoch: None, has_unsent: false }
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    pub(crate) const fn len(&self) -> usize {
        self.all.len()
    }

    /// Returns the driver's ids.
    pub(crate) fn ids(&self) -> impl Iterator<Item = RequestId> + use<'_, T> {
        self.all.iter().map(|subscription| subscription.id)
    }

    pub(crate) fn insert(&mut self, id: RequestId, topic: T, limit: Option<u32>) {
        self.has_unsent = true;
        self.all.push(Subscription {
            id,
            wire_id: id,
            topic,
            limit,
            seq: None,
            state: State::Unsent,
            retry_at: 0,
            failures_in_a_row: 0,
        });
    }

    fn by_id(&mut self, id: RequestId) -> Option<&mut Subscription<T>> {
        self.all.iter_mut().find(|subscription| subscription.id == id)
    }

    /// Returns the topic of a subscription, by the driver's id.
    pub(crate) fn topic(&self, id: RequestId) -> Option<&T> {
        self.all.iter().find(|subscription| subscription.id == id).map(|found| &found.topic)
    }

    /// Returns the subscription that has this id on the current connection.
    fn by_wire_id(&mut self, wire_id: RequestId) -> Option<&mut Subscription<T>> {
        self.all
            .iter_mut()
            .find(|subscription| subscription.wire_id == wire_id && subscription.state != State::Unsent)
    }

    /// Removes a subscription by the driver's id. Returns its wire id if it was requested on the current
    /// connection.
    pub(crate) fn remove(&mut self, id: RequestId) -> Option<RequestId> {
        let found = self.by_id(id)?;
        let wire_id = if found.state == State::Unsent { None } else { Some(found.wire_id) };
        // The last one replaces it: the order of sending depends on ids only.
        if let Some(last) = self.all.pop()
            && let Some(removed) = self.by_id(id)
        {
            *removed = last;
        }
        wire_id
    }

    /// Removes a subscription by its wire id. Returns the driver's id.
    pub(crate) fn remove_by_wire_id(&mut self, wire_id: RequestId) -> Option<RequestId> {
        let id = self.by_wire_id(wire_id)?.id;
        self.remove(id);
        Some(id)
    }

    pub(crate) fn clear(&mut self) {
        self.all.clear();
    }

    /// Sets the number of entries to request the next time, clamped to the protocol's bounds.
    pub(crate) fn set_limit(&mut self, id: RequestId, limit: u32) {
        if let Some(subscription) = self.by_id(id) {
            subscription.limit = Some(limit.max(WINDOW.0).min(WINDOW.1));
        }
    }

    /// Sets the epoch of the server's history. Positions of another epoch are discarded.
    pub(crate) fn set_epoch(&mut self, epoch: String) {
        if self.epoch.as_ref() != Some(&epoch) {
            for subscription in &mut self.all {
                subscription.seq = None;
            }
            self.epoch = Some(epoch);
        }
    }

    /// Returns whether a `welcome` ever arrived.
    pub(crate) const fn has_epoch(&self) -> bool {
        self.epoch.is_some()
    }

    /// Marks every subscription as unsent, because the connection is gone.
    pub(crate) fn connection_lost(&mut self) {
        self.has_unsent = true;
        for subscription in &mut self.all {
            subscription.state = State::Unsent;
        }
    }

    /// Returns the earliest time of a retry, or [`Millis::MAX`] if there is none.
    pub(crate) fn deadline(&self) -> Millis {
        let mut deadline = Millis::MAX;
        if !self.has_unsent {
            return deadline;
        }
        for subscription in &self.all {
            if subscription.state == State::Unsent {
                deadline = deadline.min(subscription.retry_at);
            }
        }
        deadline
    }

    /// Returns the next unsent subscription whose wire id is below `end` and whose retry is due, and marks it
    /// as sent. A subscription without a wire id gets a new one from `ids`.
    pub(crate) fn take_unsent(
        &mut self,
        now: Millis,
        end: RequestId,
        ids: &mut IdSequence,
    ) -> Option<Subscribe<T>> {
        if !std::mem::take(&mut self.has_unsent) {
            return None;
        }
        // A subscription without a wire id comes last, because its new id will be the highest.
        let rank = |subscription: &Subscription<T>| match subscription.wire_id {
            0 => RequestId::MAX - 1,
            wire_id => wire_id,
        };
        let mut next: Option<&mut Subscription<T>> = None;
        for subscription in &mut self.all {
            let is_unsent = subscription.state == State::Unsent;
            self.has_unsent |= is_unsent;
            let ready = is_unsent && subscription.retry_at <= now;
            let before = next.as_deref().map_or(end, rank);
            if ready && rank(subscription) < before {
                next = Some(subscription);
            }
        }
        let next = next?;
        if next.wire_id == 0 {
            next.wire_id = ids.next();
        }
        let mut from = None;
        next.state = State::AwaitingReset;
        if let (Some(seq), Some(epoch)) = (next.seq, &self.epoch) {
            from = Some(Position { epoch: epoch.clone(), seq });
            next.state = State::Synced;
        }
        let window = next.limit.map(|limit| Window { limit });
        Some(Subscribe { id: next.wire_id, topic: next.topic.clone(), window, from })
    }

    /// Applies a reset and replaces the wire id by the driver's id. Returns `false` if the id is unknown.
    pub(crate) fn apply_reset(&mut self, id: &mut RequestId, seq: Option<u64>) -> bool {
        let Some(subscription) = self.by_wire_id(*id) else { return false };
        *id = subscription.id;
        subscription.seq = seq;
        subscription.state = State::Synced;
        true
    }

    /// Compares an `events` frame with the position reached. If it comes next, advances the position and
    /// replaces the wire id by the driver's id.
    pub(crate) fn apply_events(
        &mut self,
        id: &mut RequestId,
        since: Option<u64>,
        seq: Option<u64>,
    ) -> SeqCheck {
        let Some(subscription) = self.by_wire_id(*id) else { return SeqCheck::Unknown };
        if subscription.state != State::Synced || subscription.seq != since {
            subscription.seq = None;
            return SeqCheck::Gap;
        }
        *id = subscription.id;
        subscription.seq = seq;
        SeqCheck::Next
    }

    /// Schedules another request of a subscription that the server ended temporarily (`error`) or that has a
    /// gap.
    ///
    /// The delay grows with the failures in a row and is at least the server's `retryAfter`. There is no
    /// delay after the first gap.
    pub(crate) fn schedule_retry(
        &mut self,
        now: Millis,
        wire_id: RequestId,
        error: Option<&ErrorBody>,
        backoff: &mut Backoff,
    ) {
        let Some(subscription) = self.by_wire_id(wire_id) else { return };
        if now >= subscription.retry_at + STABLE_AFTER {
            subscription.failures_in_a_row = 0;
        }
        let retry_after = error.and_then(|error| error.retry_after).unwrap_or(0);
        let failures = subscription.failures_in_a_row;
        let delay = if error.is_none() && failures == 0 { 0 } else { backoff.delay_after(failures) };
        subscription.retry_at = now + Millis::from(retry_after) + delay;
        subscription.failures_in_a_row += 1;
        subscription.wire_id = 0;
        subscription.state = State::Unsent;
        self.has_unsent = true;
    }
}
