//! What the machine's driver knows of its subscriptions: what the server was asked for on this connection, how far each
//! has come, and so what must be delivered of what the server sends, and what must not.

use std::collections::BTreeMap;

use causerie_protocol::frames::Subscribe;
use causerie_protocol::topic::Position;
use causerie_protocol::{RequestId, ServerFrame, Topic};
use serde_json::Value;

#[derive(Debug)]
struct Followed {
    topic: Topic,
    /// What the present connection calls it, if it was asked for there.
    wire: Option<RequestId>,
    /// How far it has come.
    seq: Option<u64>,
    /// Events may come next.
    begun: bool,
    /// The server ended it, or there was a gap: it need not be asked for at once.
    waits: bool,
}

/// The subscriptions that live, by the driver's ids, each with a topic of its own.
#[derive(Debug, Default)]
pub(super) struct Following {
    all: BTreeMap<RequestId, Followed>,
    epoch: Option<String>,
    /// What has to be delivered next, and nothing else.
    pub(super) expected: Vec<ServerFrame<Value>>,
    /// What the server has to be told that it is wanted no more.
    left: Vec<RequestId>,
}

impl Following {
    pub(super) fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    pub(super) fn add(&mut self, id: RequestId, topic: Topic) {
        let followed = Followed { topic, wire: None, seq: None, begun: false, waits: false };
        assert!(self.all.insert(id, followed).is_none(), "subscription {id} was there before");
    }

    pub(super) fn nth(&self, place: usize) -> Option<RequestId> {
        self.all.keys().nth(place).copied()
    }

    pub(super) fn remove(&mut self, id: RequestId) {
        if let Some(followed) = self.all.remove(&id) {
            self.left.extend(followed.wire);
        }
    }

    /// The driver's id and the wire's of one that the server knows.
    pub(super) fn sent(&self, place: usize) -> Option<(RequestId, RequestId)> {
        let sent = self.all.iter().filter_map(|(id, followed)| Some((*id, followed.wire?)));
        sent.collect::<Vec<_>>().get(place).copied()
    }

    pub(super) fn welcome(&mut self, epoch: &str) {
        if self.epoch.as_deref() != Some(epoch) {
            self.epoch = Some(epoch.to_owned());
            self.all.values_mut().for_each(|followed| followed.seq = None);
        }
    }

    pub(super) fn connection_lost(&mut self) {
        self.left.clear();
        for followed in self.all.values_mut() {
            followed.wire = None;
            followed.begun = false;
        }
    }

    /// The engine asks for one.
    pub(super) fn subscribe(&mut self, subscribe: &Subscribe) {
        let epoch = self.epoch.clone();
        let found = self.all.values_mut().find(|followed| followed.topic == subscribe.topic);
        let followed = found.unwrap_or_else(|| panic!("nobody wants {subscribe:?}"));
        assert_eq!(followed.wire, None, "asked for twice: {subscribe:?}");
        let from = followed.seq.zip(epoch).map(|(seq, epoch)| Position { epoch, seq });
        assert_eq!(subscribe.from, from, "from where it was left, and from nowhere else");
        followed.wire = Some(subscribe.id);
        followed.begun = from.is_some();
        followed.waits = false;
    }

    /// The engine gives one up.
    pub(super) fn unsubscribe(&mut self, wire: RequestId) {
        let place = self.left.iter().position(|left| *left == wire);
        self.left.remove(place.unwrap_or_else(|| panic!("{wire} is not to be given up")));
    }

    pub(super) fn will_reset(&mut self, id: RequestId, seq: Option<u64>) {
        let followed = self.all.get_mut(&id).unwrap();
        (followed.seq, followed.begun) = (seq, true);
    }

    /// Says whether events that start there come next; where they do not there is a gap.
    pub(super) fn will_go_on(&mut self, id: RequestId, fits: bool) -> (Option<u64>, bool) {
        let followed = self.all.get_mut(&id).unwrap();
        let since = if fits { followed.seq } else { Some(999_999) };
        let next = followed.begun && since == followed.seq;
        if next {
            followed.seq = since.map(|since| since + 2);
        } else {
            self.left.extend(followed.wire.take());
            (followed.seq, followed.begun, followed.waits) = (None, false, true);
        }
        (since, next)
    }

    /// The server ends one: for a while, or for good.
    pub(super) fn will_end(&mut self, id: RequestId, for_good: bool) {
        if for_good {
            self.all.remove(&id);
        } else if let Some(followed) = self.all.get_mut(&id) {
            (followed.wire, followed.begun, followed.waits) = (None, false, true);
        }
    }

    /// The session ends: so does every subscription.
    pub(super) fn ended_with_session(&mut self, id: RequestId) {
        assert!(self.all.remove(&id).is_some(), "{id} ended twice, or was never there");
    }

    /// What must hold when the engine has nothing more to say.
    pub(super) fn check(&self, open: bool) {
        assert_eq!(self.expected, [], "not delivered");
        assert_eq!(self.left, [] as [RequestId; 0], "the server was not told");
        let missing = self.all.values().find(|followed| followed.wire.is_none() && !followed.waits);
        assert!(!open || missing.is_none(), "not asked for: {missing:?}");
    }
}
