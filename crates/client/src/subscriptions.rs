//! The subscriptions that should be live, and how far each has come. Where the server has one is a matter of the
//! present connection only: on the next one it is asked for again, with the position reached.
//!
//! A subscription has two ids. The driver's stays the same for as long as the subscription lives. The one on the wire
//! is the same at first, and another whenever the subscription is asked for a second time on one connection (after
//! a gap, or when the server ended it for a while): what still comes under the old one is then known for what it is.

use causerie_protocol::frames::Subscribe;
use causerie_protocol::limits::WINDOW;
use causerie_protocol::topic::{Position, Window};
use causerie_protocol::{ErrorBody, RequestId};

use crate::Millis;
use crate::backoff::Backoff;
use crate::config::STABLE;
use crate::ledger::Numbers;

/// What the present connection knows of a subscription.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// Nothing.
    Unsent,
    /// It was asked for, and only a reset can be the answer.
    Asked,
    /// The server and the driver are at the same point, from which events may go on.
    Following,
}

#[derive(Debug)]
struct Subscription<T> {
    /// What the driver calls it.
    id: RequestId,
    /// What the wire calls it; 0 while it waits for `again_at`, to be given a new one then.
    wire: RequestId,
    topic: T,
    limit: Option<u32>,
    /// How far it has come, where that is numbered. Of the epoch that the last `welcome` told.
    seq: Option<u64>,
    stage: Stage,
    /// When it is, or was last, asked for again.
    again_at: Millis,
    /// How often in a row.
    failures: u32,
}

/// What an `events` frame is to the driver.
pub(crate) enum Heard {
    /// What comes next.
    Next,
    /// Of a subscription that is no more.
    Unknown,
    /// Something before it is missing.
    Gap,
}

/// The subscriptions.
#[derive(Debug)]
pub(crate) struct Subscriptions<T> {
    all: Vec<Subscription<T>>,
    epoch: Option<String>,
}

impl<T: Clone> Subscriptions<T> {
    pub(crate) const fn new() -> Self {
        Subscriptions { all: Vec::new(), epoch: None }
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    pub(crate) const fn len(&self) -> usize {
        self.all.len()
    }

    /// The driver's ids.
    pub(crate) fn ids(&self) -> impl Iterator<Item = RequestId> + use<'_, T> {
        self.all.iter().map(|subscription| subscription.id)
    }

    pub(crate) fn add(&mut self, id: RequestId, topic: T, limit: Option<u32>) {
        let (stage, again_at) = (Stage::Unsent, 0);
        self.all.push(Subscription { id, wire: id, topic, limit, seq: None, stage, again_at, failures: 0 });
    }

    /// The one that the driver calls so.
    fn of_driver(&mut self, id: RequestId) -> Option<&mut Subscription<T>> {
        self.all.iter_mut().find(|subscription| subscription.id == id)
    }

    /// The one that the present connection calls so.
    fn of_wire(&mut self, wire: RequestId) -> Option<&mut Subscription<T>> {
        self.all
            .iter_mut()
            .find(|subscription| subscription.wire == wire && subscription.stage != Stage::Unsent)
    }

    /// Strikes one off by the driver's id. Tells what the present connection calls it, if it was asked for there.
    pub(crate) fn remove(&mut self, id: RequestId) -> Option<RequestId> {
        let found = self.of_driver(id)?;
        let wire = if found.stage == Stage::Unsent { None } else { Some(found.wire) };
        // The last takes its place: what is sent first is decided by ids.
        if let Some(last) = self.all.pop()
            && let Some(place) = self.of_driver(id)
        {
            *place = last;
        }
        wire
    }

    pub(crate) fn clear(&mut self) {
        self.all.clear();
    }

    /// How much to ask for at the next time: what was loaded may be more, or less, than can be asked for.
    pub(crate) fn set_limit(&mut self, id: RequestId, limit: u32) {
        if let Some(subscription) = self.of_driver(id) {
            subscription.limit = Some(limit.max(WINDOW.0).min(WINDOW.1));
        }
    }

    /// A server said who it is. Numbers of another history mean nothing in this one.
    pub(crate) fn welcome(&mut self, epoch: String) {
        if self.epoch.as_ref() != Some(&epoch) {
            for subscription in &mut self.all {
                subscription.seq = None;
            }
            self.epoch = Some(epoch);
        }
    }

    /// Whether a server was ever met.
    pub(crate) const fn welcomed(&self) -> bool {
        self.epoch.is_some()
    }

    /// The connection is gone: everything is to be asked for again.
    pub(crate) fn connection_lost(&mut self) {
        for subscription in &mut self.all {
            subscription.stage = Stage::Unsent;
        }
    }

    /// When the first of those that wait for their time is to be asked for; for ever if none does.
    pub(crate) fn deadline(&self) -> Millis {
        let mut deadline = Millis::MAX;
        for subscription in &self.all {
            if subscription.stage == Stage::Unsent {
                deadline = deadline.min(subscription.again_at);
            }
        }
        deadline
    }

    /// The next that is to be asked for now, of those with ids below `end`; marked as asked for. One that was asked for
    /// on this connection before is given its new id here, from `numbers`.
    pub(crate) fn take_unsent(
        &mut self,
        now: Millis,
        end: RequestId,
        numbers: &mut Numbers,
    ) -> Option<Subscribe<T>> {
        // Without an id it comes last, as its new one will be the highest.
        let rank = |subscription: &Subscription<T>| match subscription.wire {
            0 => RequestId::MAX - 1,
            wire => wire,
        };
        let mut next: Option<&mut Subscription<T>> = None;
        for subscription in &mut self.all {
            let ready = subscription.stage == Stage::Unsent && subscription.again_at <= now;
            let before = next.as_deref().map_or(end, rank);
            if ready && rank(subscription) < before {
                next = Some(subscription);
            }
        }
        let next = next?;
        if next.wire == 0 {
            next.wire = numbers.next();
        }
        let mut from = None;
        next.stage = Stage::Asked;
        if let (Some(seq), Some(epoch)) = (next.seq, &self.epoch) {
            from = Some(Position { epoch: epoch.clone(), seq });
            next.stage = Stage::Following;
        }
        let window = next.limit.map(|limit| Window { limit });
        Some(Subscribe { id: next.wire, topic: next.topic.clone(), window, from })
    }

    /// A reset came. Puts the driver's id in the place of the wire's; `false` if there is none.
    pub(crate) fn reset(&mut self, id: &mut RequestId, seq: Option<u64>) -> bool {
        let Some(subscription) = self.of_wire(*id) else { return false };
        *id = subscription.id;
        subscription.seq = seq;
        subscription.stage = Stage::Following;
        true
    }

    /// Events came. Puts the driver's id in the place of the wire's, if they come next.
    pub(crate) fn events(&mut self, id: &mut RequestId, since: Option<u64>, seq: Option<u64>) -> Heard {
        let Some(subscription) = self.of_wire(*id) else { return Heard::Unknown };
        if subscription.stage != Stage::Following || subscription.seq != since {
            subscription.seq = None;
            return Heard::Gap;
        }
        *id = subscription.id;
        subscription.seq = seq;
        Heard::Next
    }

    /// The server has ended one, or a gap ends it: it is asked for again after a wait, which is longer from one
    /// time to the next and at least as long as the server wishes. The first gap is mended at once.
    pub(crate) fn again(
        &mut self,
        now: Millis,
        id: RequestId,
        why: Option<&ErrorBody>,
        chance: &mut Backoff,
    ) {
        let Some(subscription) = self.of_wire(id) else { return };
        if now >= subscription.again_at + STABLE {
            subscription.failures = 0;
        }
        let told = why.and_then(|error| error.retry_after).unwrap_or(0);
        let wait =
            if why.is_none() && subscription.failures == 0 { 0 } else { chance.wait(subscription.failures) };
        subscription.again_at = now + Millis::from(told) + wait;
        subscription.failures += 1;
        subscription.wire = 0;
        subscription.stage = Stage::Unsent;
    }

    /// Strikes one off by the wire's id. Tells the driver's.
    pub(crate) fn ended(&mut self, id: RequestId) -> Option<RequestId> {
        let id = self.of_wire(id)?.id;
        self.remove(id);
        Some(id)
    }
}
