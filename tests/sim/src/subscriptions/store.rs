//! The store of a driver: bodies by kind and id, and the values and lists of the subscriptions, which refer
//! to bodies. It follows the rules of the protocol strictly and panics on any violation by the server or the
//! engine.

use std::collections::BTreeMap;

use causerie_protocol::{Entities, RequestId, ServerFrame, Topic};
use serde_json::Value;

/// The cursor of an entry in its list: its time, and its id among those of the same time.
pub(crate) type EntryCursor = (i64, String);

/// The state of one subscription.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum State {
    /// No frame arrived yet.
    Loading,
    /// There is no value, or none that the caller may see.
    Absent,
    List(List),
    Single(Value),
}

/// A window of a list, from its head to the last loaded entry.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct List {
    /// The loaded entries in the list's order.
    pub(crate) entries: Vec<(EntryCursor, Value)>,
    /// The cursor of the last loaded entry, or `None` if there are no more entries.
    pub(crate) window_end: Option<EntryCursor>,
}

#[derive(Debug)]
pub(crate) struct Subscription {
    pub(crate) topic: Topic,
    pub(crate) state: State,
    pub(crate) seq: Option<u64>,
}

/// The bodies, and the subscriptions by the driver's ids.
#[derive(Debug, Default)]
pub(crate) struct Store {
    pub(crate) bodies: BTreeMap<(&'static str, String), Value>,
    pub(crate) subscriptions: BTreeMap<RequestId, Subscription>,
}

fn text<'a>(body: &'a Value, field: &str) -> &'a str {
    body[field].as_str().unwrap_or_else(|| panic!("no {field} in {body}"))
}

fn time(body: &Value, field: &str) -> i64 {
    body[field].as_i64().unwrap_or_else(|| panic!("no {field} in {body}"))
}

/// Returns the id of an entry in its list.
pub(crate) fn entry_id(entry: &Value) -> &str {
    entry.as_str().unwrap_or_else(|| text(entry, "user"))
}

const fn newest_first(topic: &Topic) -> bool {
    !matches!(topic, Topic::Reactions { .. })
}

impl Store {
    pub(crate) fn insert(&mut self, id: RequestId, topic: Topic) {
        self.subscriptions.insert(id, Subscription { topic, state: State::Loading, seq: None });
    }

    fn body(&self, kind: &'static str, id: &str) -> &Value {
        self.bodies.get(&(kind, id.to_owned())).unwrap_or_else(|| panic!("no body of the {kind} {id}"))
    }

    pub(crate) fn message(&self, id: &str) -> Option<&Value> {
        self.bodies.get(&("message", id.to_owned()))
    }

    /// Returns the cursor of an entry in a list of this topic, which needs the entry's body.
    fn cursor(&self, topic: &Topic, entry: &Value) -> EntryCursor {
        let id = entry_id(entry).to_owned();
        let at = match topic {
            Topic::Messages { .. } => time(self.body("message", &id), "createdAt"),
            Topic::Conversations { .. } => {
                let body = self.body("conversation", &id);
                let last = body["lastMessage"].as_str().map(|id| time(self.body("message", id), "createdAt"));
                time(body, "joinedAt").max(last.unwrap_or(0))
            }
            Topic::Participants { .. } => time(entry, "joinedAt"),
            Topic::Reactions { .. } => time(entry, "createdAt"),
            other => panic!("{other:?} is not a list"),
        };
        (at, id)
    }

    fn apply_entities(&mut self, entities: Entities<Value>) {
        let Entities { users, conversations, messages } = entities;
        for (kind, bodies) in [("user", users), ("conversation", conversations), ("message", messages)] {
            for body in bodies {
                self.bodies.insert((kind, text(&body, "id").to_owned()), body);
            }
        }
    }

    /// Applies a delivered frame.
    pub(crate) fn apply(&mut self, frame: ServerFrame<Value>) {
        match frame {
            ServerFrame::Reset { id, seq, value, entities } => {
                self.apply_entities(entities);
                let topic = self.subscription(id).topic.clone();
                let state = match value {
                    None => State::Absent,
                    Some(value) if topic.page_sizes().is_some() => State::List(self.list(&topic, &value)),
                    Some(value) => State::Single(value),
                };
                let subscription = self.subscription(id);
                (subscription.state, subscription.seq) = (state, seq);
            }
            ServerFrame::Events { id, since, seq, changes, entities } => {
                self.apply_entities(entities);
                let subscription = self.subscription(id);
                assert_eq!(subscription.seq, since, "a gap in {subscription:?}");
                subscription.seq = seq;
                changes.into_iter().for_each(|change| self.apply_change(id, change));
            }
            ServerFrame::Update { entities } => self.apply_entities(entities),
            other => panic!("unexpected frame: {other:?}"),
        }
    }

    fn subscription(&mut self, id: RequestId) -> &mut Subscription {
        self.subscriptions.get_mut(&id).unwrap_or_else(|| panic!("no subscription {id}"))
    }

    fn list(&self, topic: &Topic, value: &Value) -> List {
        let entries = self.entries(topic, value);
        let more = value["more"].as_bool().expect("a list has `more`");
        let window_end = entries.last().map(|(cursor, _)| cursor.clone()).filter(|_| more);
        assert!(!more || window_end.is_some(), "`more` without entries: {value}");
        List { entries, window_end }
    }

    /// Returns the entries of a list or page with their cursors, which must be in order.
    fn entries(&self, topic: &Topic, value: &Value) -> Vec<(EntryCursor, Value)> {
        let items = value["items"].as_array().expect("a list has `items`");
        let entries: Vec<_> = items.iter().map(|entry| (self.cursor(topic, entry), entry.clone())).collect();
        let in_order = |pair: &[(EntryCursor, Value)]| {
            (pair[0].0 > pair[1].0) == newest_first(topic) && pair[0].0 != pair[1].0
        };
        assert!(entries.windows(2).all(in_order), "not in the order of {topic:?}: {entries:?}");
        entries
    }

    fn apply_change(&mut self, id: RequestId, change: Value) {
        let topic = self.subscription(id).topic.clone();
        let put = change.get("put").cloned();
        let changed = match &put {
            Some(entry) => entry_id(entry),
            None => change["drop"].as_str().expect("a change has `put` or `drop`"),
        };
        let changed = changed.to_owned();
        let entry = put.map(|entry| (self.cursor(&topic, &entry), entry));
        let State::List(list) = &mut self.subscription(id).state else {
            panic!("a change of something that is not a list: {change}")
        };
        list.entries.retain(|(_, entry)| entry_id(entry) != changed);
        let Some((cursor, entry)) = entry else {
            if matches!(topic, Topic::Messages { .. }) {
                self.bodies.remove(&("message", changed));
            }
            return;
        };
        let newest_first = newest_first(&topic);
        let is_behind = |other: &EntryCursor| if newest_first { cursor < *other } else { cursor > *other };
        if list.window_end.as_ref().is_some_and(is_behind) {
            return;
        }
        let index = list.entries.partition_point(|(other, _)| is_behind(other));
        list.entries.insert(index, (cursor, entry));
    }

    /// Applies a page that was requested from the cursor `after`. It extends the list if the window still
    /// ends there.
    pub(crate) fn apply_page(
        &mut self,
        id: RequestId,
        after: &EntryCursor,
        value: &Value,
        entities: Entities<Value>,
    ) {
        self.apply_entities(entities);
        let Some(subscription) = self.subscriptions.get(&id) else { return };
        let topic = subscription.topic.clone();
        let entries = self.entries(&topic, value);
        let more = value["more"].as_bool().expect("a page has `more`");
        if let State::List(list) = &mut self.subscription(id).state
            && list.window_end.as_ref() == Some(after)
        {
            let window_end = entries.last().map(|(cursor, _)| cursor.clone()).filter(|_| more);
            list.entries.extend(entries);
            list.window_end = window_end;
        }
    }
}
