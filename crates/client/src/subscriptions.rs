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
use crate::ledger::Ledger;
use crate::operation::Operation;

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

    pub(crate) fn add(&mut self, id: RequestId, topic: T, limit: Option<u32>) {
        let (stage, again_at) = (Stage::Unsent, 0);
        self.all.push(Subscription { id, wire: id, topic, limit, seq: None, stage, again_at, failures: 0 });
    }

    /// Strikes one off by the driver's id. Tells what the present connection calls it, if it was asked for there.
    pub(crate) fn remove(&mut self, id: RequestId) -> Option<RequestId> {
        let found = self.all.iter().find(|subscription| subscription.id == id);
        let wire = found.filter(|subscription| subscription.stage != Stage::Unsent).map(|found| found.wire);
        self.all.retain(|subscription| subscription.id != id);
        wire
    }

    /// How much to ask for at the next time.
    pub(crate) fn set_limit(&mut self, id: RequestId, limit: u32) {
        for subscription in &mut self.all {
            if subscription.id == id {
                // What was loaded may be more, or less, than can be asked for.
                subscription.limit = Some(limit.max(WINDOW.0).min(WINDOW.1));
            }
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

    /// When the first of those that wait is to be asked for again.
    pub(crate) fn deadline(&self) -> Option<Millis> {
        let waiting = self.all.iter().filter(|subscription| subscription.wire == 0);
        waiting.map(|subscription| subscription.again_at).min()
    }

    /// Gives new ids to those that have waited for long enough.
    pub(crate) fn rename<O: Operation>(&mut self, now: Millis, ledger: &mut Ledger<O>) {
        for subscription in &mut self.all {
            if subscription.wire == 0 && subscription.again_at <= now {
                subscription.wire = ledger.next_id();
            }
        }
    }

    /// The first that is to be asked for now, of those with ids below `end`; marked as asked for.
    pub(crate) fn take_unsent(&mut self, end: RequestId) -> Option<Subscribe<T>> {
        let unsent = self.all.iter_mut().filter(|subscription| {
            subscription.stage == Stage::Unsent && subscription.wire != 0 && subscription.wire < end
        });
        let next = unsent.min_by_key(|subscription| subscription.wire)?;
        let position = |(seq, epoch): (u64, &String)| Position { epoch: epoch.clone(), seq };
        let from = next.seq.zip(self.epoch.as_ref()).map(position);
        next.stage = if from.is_some() { Stage::Following } else { Stage::Asked };
        let window = next.limit.map(|limit| Window { limit });
        Some(Subscribe { id: next.wire, topic: next.topic.clone(), window, from })
    }

    fn find(&mut self, wire: RequestId) -> Option<&mut Subscription<T>> {
        let mut sent = self.all.iter_mut().filter(|subscription| subscription.stage != Stage::Unsent);
        sent.find(|subscription| subscription.wire == wire)
    }

    /// A reset came. Puts the driver's id in the place of the wire's; `false` if there is none.
    pub(crate) fn reset(&mut self, id: &mut RequestId, seq: Option<u64>) -> bool {
        let Some(subscription) = self.find(*id) else { return false };
        *id = subscription.id;
        subscription.seq = seq;
        subscription.stage = Stage::Following;
        true
    }

    /// Events came. Puts the driver's id in the place of the wire's, if they come next.
    pub(crate) fn events(&mut self, id: &mut RequestId, since: Option<u64>, seq: Option<u64>) -> Heard {
        let Some(subscription) = self.find(*id) else { return Heard::Unknown };
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
        let Some(subscription) = self.find(id) else { return };
        if now >= subscription.again_at + STABLE {
            subscription.failures = 0;
        }
        let told = why.and_then(|error| error.retry_after).unwrap_or(0);
        let wait =
            if why.is_none() && subscription.failures == 0 { 0 } else { chance.wait(subscription.failures) };
        subscription.again_at = now + Millis::from(told) + wait;
        subscription.failures = subscription.failures.saturating_add(1);
        subscription.wire = 0;
        subscription.stage = Stage::Unsent;
    }

    /// Strikes one off by the wire's id. Tells the driver's.
    pub(crate) fn ended(&mut self, id: RequestId) -> Option<RequestId> {
        let id = self.find(id)?.id;
        self.remove(id);
        Some(id)
    }

    /// Strikes everything off.
    pub(crate) fn take_all(&mut self) -> Vec<RequestId> {
        std::mem::take(&mut self.all).into_iter().map(|subscription| subscription.id).collect()
    }
}
