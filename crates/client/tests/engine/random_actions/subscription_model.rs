//! A model of the subscriptions: which of them the server has on the current connection, and the position of
//! each. It predicts which of the server's frames the engine must deliver, and which it must not.

use std::collections::BTreeMap;

use causerie_protocol::frames::Subscribe;
use causerie_protocol::topic::Position;
use causerie_protocol::{RequestId, ServerFrame, Topic};
use serde_json::Value;

#[derive(Debug)]
struct Subscription {
    topic: Topic,
    /// The id on the current connection, if the subscription was requested there.
    wire_id: Option<RequestId>,
    seq: Option<u64>,
    /// Events may come next, without a reset before them.
    synced: bool,
    /// The server ended it, or there was a gap, so the engine may delay the next request.
    may_wait: bool,
}

/// The active subscriptions by the driver's ids. Each has a topic of its own.
#[derive(Debug, Default)]
pub(super) struct SubscriptionModel {
    all: BTreeMap<RequestId, Subscription>,
    epoch: Option<String>,
    /// The frames that the engine must deliver next, without any others.
    pub(super) expected: Vec<ServerFrame<Value>>,
    /// The wire ids for which the engine must send `unsubscribe`.
    to_unsubscribe: Vec<RequestId>,
}

impl SubscriptionModel {
    pub(super) fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    pub(super) fn insert(&mut self, id: RequestId, topic: Topic) {
        let subscription = Subscription { topic, wire_id: None, seq: None, synced: false, may_wait: false };
        assert!(self.all.insert(id, subscription).is_none(), "subscription id {id} was used before");
    }

    pub(super) fn nth(&self, index: usize) -> Option<RequestId> {
        self.all.keys().nth(index).copied()
    }

    pub(super) fn remove(&mut self, id: RequestId) {
        if let Some(subscription) = self.all.remove(&id) {
            self.to_unsubscribe.extend(subscription.wire_id);
        }
    }

    /// Returns the driver's id and the wire id of the nth subscription that the server has.
    pub(super) fn nth_sent(&self, index: usize) -> Option<(RequestId, RequestId)> {
        let sent = self.all.iter().filter_map(|(id, subscription)| Some((*id, subscription.wire_id?)));
        sent.collect::<Vec<_>>().get(index).copied()
    }

    pub(super) fn set_epoch(&mut self, epoch: &str) {
        if self.epoch.as_deref() != Some(epoch) {
            self.epoch = Some(epoch.to_owned());
            self.all.values_mut().for_each(|subscription| subscription.seq = None);
        }
    }

    pub(super) fn connection_lost(&mut self) {
        self.to_unsubscribe.clear();
        for subscription in self.all.values_mut() {
            subscription.wire_id = None;
            subscription.synced = false;
        }
    }

    /// Checks a `subscribe` frame of the engine, and applies it.
    pub(super) fn on_subscribe(&mut self, subscribe: &Subscribe) {
        let epoch = self.epoch.clone();
        let found = self.all.values_mut().find(|subscription| subscription.topic == subscribe.topic);
        let subscription = found.unwrap_or_else(|| panic!("not an active subscription: {subscribe:?}"));
        assert_eq!(subscription.wire_id, None, "requested twice on one connection: {subscribe:?}");
        let from = subscription.seq.zip(epoch).map(|(seq, epoch)| Position { epoch, seq });
        assert_eq!(subscribe.from, from, "not the position reached");
        subscription.wire_id = Some(subscribe.id);
        subscription.synced = from.is_some();
        subscription.may_wait = false;
    }

    /// Checks an `unsubscribe` frame of the engine, and applies it.
    pub(super) fn on_unsubscribe(&mut self, wire_id: RequestId) {
        let index = self.to_unsubscribe.iter().position(|other| *other == wire_id);
        self.to_unsubscribe.remove(index.unwrap_or_else(|| panic!("unexpected unsubscribe of {wire_id}")));
    }

    /// Applies a reset that the server is about to send.
    pub(super) fn before_reset(&mut self, id: RequestId, seq: Option<u64>) {
        let subscription = self.all.get_mut(&id).unwrap();
        (subscription.seq, subscription.synced) = (seq, true);
    }

    /// Applies events that the server is about to send. Returns their `since`, and whether the engine must
    /// deliver them. Otherwise there is a gap.
    pub(super) fn before_events(&mut self, id: RequestId, in_sequence: bool) -> (Option<u64>, bool) {
        let subscription = self.all.get_mut(&id).unwrap();
        let since = if in_sequence { subscription.seq } else { Some(999_999) };
        let next = subscription.synced && since == subscription.seq;
        if next {
            subscription.seq = since.map(|since| since + 2);
        } else {
            self.to_unsubscribe.extend(subscription.wire_id.take());
            (subscription.seq, subscription.synced, subscription.may_wait) = (None, false, true);
        }
        (since, next)
    }

    /// Applies an `ended` frame that the server is about to send.
    pub(super) fn before_ended(&mut self, id: RequestId, permanently: bool) {
        if permanently {
            self.all.remove(&id);
        } else if let Some(subscription) = self.all.get_mut(&id) {
            (subscription.wire_id, subscription.synced, subscription.may_wait) = (None, false, true);
        }
    }

    /// Applies the end of a subscription that the end of the session caused.
    pub(super) fn on_session_end(&mut self, id: RequestId) {
        assert!(self.all.remove(&id).is_some(), "subscription {id} ended twice, or is unknown");
    }

    /// Checks the state after the engine has no further output.
    pub(super) fn check(&self, is_open: bool) {
        assert_eq!(self.expected, [], "not delivered");
        assert_eq!(self.to_unsubscribe, [] as [RequestId; 0], "not unsubscribed");
        let missing =
            self.all.values().find(|subscription| subscription.wire_id.is_none() && !subscription.may_wait);
        assert!(!is_open || missing.is_none(), "not requested: {missing:?}");
    }
}
