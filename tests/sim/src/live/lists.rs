//! What a driver keeps of its subscriptions: bodies by kind and id, and values and lists that name them. It follows the
//! rules of the protocol to the letter, and whatever does not fit them is an error of whoever sent it.

use std::collections::BTreeMap;

use causerie_protocol::{Entities, RequestId, ServerFrame, Topic};
use serde_json::Value;

/// Where an entry stands in its list: by time, and by id among those of the same time.
pub(crate) type Key = (i64, String);

/// What is held of one subscription.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Held {
    /// Nothing came yet.
    Nothing,
    /// There is nothing, or nothing for the caller to see.
    Absent,
    List(List),
    Single(Value),
}

/// A window on a list: from its head down to the lowest entry that was loaded.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct List {
    /// In the list's order.
    pub(crate) entries: Vec<(Key, Value)>,
    /// The place of the lowest entry that was loaded, if there is more behind it.
    pub(crate) low: Option<Key>,
}

#[derive(Debug)]
pub(crate) struct Followed {
    pub(crate) topic: Topic,
    pub(crate) held: Held,
    pub(crate) seq: Option<u64>,
}

/// The bodies, and the subscriptions by the driver's ids.
#[derive(Debug, Default)]
pub(crate) struct Lists {
    pub(crate) bodies: BTreeMap<(&'static str, String), Value>,
    pub(crate) all: BTreeMap<RequestId, Followed>,
}

fn text<'a>(body: &'a Value, field: &str) -> &'a str {
    body[field].as_str().unwrap_or_else(|| panic!("no {field} in {body}"))
}

fn time(body: &Value, field: &str) -> i64 {
    body[field].as_i64().unwrap_or_else(|| panic!("no {field} in {body}"))
}

/// By what an entry is known in its list.
pub(crate) fn name(entry: &Value) -> &str {
    entry.as_str().unwrap_or_else(|| text(entry, "user"))
}

/// Whether a list begins with the newest.
const fn newest_first(topic: &Topic) -> bool {
    !matches!(topic, Topic::Reactions { .. })
}

impl Lists {
    pub(crate) fn add(&mut self, id: RequestId, topic: Topic) {
        self.all.insert(id, Followed { topic, held: Held::Nothing, seq: None });
    }

    fn body(&self, kind: &'static str, id: &str) -> &Value {
        self.bodies.get(&(kind, id.to_owned())).unwrap_or_else(|| panic!("nobody sent the {kind} {id}"))
    }

    pub(crate) fn message(&self, id: &str) -> Option<&Value> {
        self.bodies.get(&("message", id.to_owned()))
    }

    /// Where an entry stands in a list of this topic. Its body must be there.
    fn key(&self, topic: &Topic, entry: &Value) -> Key {
        let name = name(entry).to_owned();
        let at = match topic {
            Topic::Messages { .. } => time(self.body("message", &name), "createdAt"),
            Topic::Conversations { .. } => {
                let body = self.body("conversation", &name);
                let last = body["lastMessage"].as_str().map(|id| time(self.body("message", id), "createdAt"));
                time(body, "joinedAt").max(last.unwrap_or(0))
            }
            Topic::Participants { .. } => time(entry, "joinedAt"),
            Topic::Reactions { .. } => time(entry, "createdAt"),
            other => panic!("{other:?} is no list"),
        };
        (at, name)
    }

    fn absorb(&mut self, entities: Entities<Value>) {
        let Entities { users, conversations, messages } = entities;
        for (kind, bodies) in [("user", users), ("conversation", conversations), ("message", messages)] {
            for body in bodies {
                self.bodies.insert((kind, text(&body, "id").to_owned()), body);
            }
        }
    }

    /// What came for a subscription, or for all of them.
    pub(crate) fn deliver(&mut self, frame: ServerFrame<Value>) {
        match frame {
            ServerFrame::Reset { id, seq, value, entities } => {
                self.absorb(entities);
                let topic = self.followed(id).topic.clone();
                let held = match value {
                    None => Held::Absent,
                    Some(value) if topic.page_sizes().is_some() => Held::List(self.list(&topic, &value)),
                    Some(value) => Held::Single(value),
                };
                let followed = self.followed(id);
                (followed.held, followed.seq) = (held, seq);
            }
            ServerFrame::Events { id, since, seq, changes, entities } => {
                self.absorb(entities);
                let followed = self.followed(id);
                assert_eq!(followed.seq, since, "over a hole in {followed:?}");
                followed.seq = seq;
                changes.into_iter().for_each(|change| self.change(id, change));
            }
            ServerFrame::Update { entities } => self.absorb(entities),
            other => panic!("nobody gave a reason for {other:?}"),
        }
    }

    fn followed(&mut self, id: RequestId) -> &mut Followed {
        self.all.get_mut(&id).unwrap_or_else(|| panic!("{id} is not followed"))
    }

    fn list(&self, topic: &Topic, value: &Value) -> List {
        let entries = self.keyed(topic, value);
        let more = value["more"].as_bool().expect("a list says whether there is more");
        let low = entries.last().map(|(key, _)| key.clone()).filter(|_| more);
        assert!(!more || low.is_some(), "more behind nothing: {value}");
        List { entries, low }
    }

    /// Entries with their places, which must be in order.
    fn keyed(&self, topic: &Topic, value: &Value) -> Vec<(Key, Value)> {
        let items = value["items"].as_array().expect("a list has items");
        let entries: Vec<_> = items.iter().map(|entry| (self.key(topic, entry), entry.clone())).collect();
        let in_order =
            |pair: &[(Key, Value)]| (pair[0].0 > pair[1].0) == newest_first(topic) && pair[0].0 != pair[1].0;
        assert!(entries.windows(2).all(in_order), "not in the order of {topic:?}: {entries:?}");
        entries
    }

    fn change(&mut self, id: RequestId, change: Value) {
        let topic = self.followed(id).topic.clone();
        let put = change.get("put").cloned();
        let gone =
            put.as_ref().map_or_else(|| change["drop"].as_str().expect("put or drop"), name).to_owned();
        let entry = put.map(|entry| (self.key(&topic, &entry), entry));
        let Held::List(list) = &mut self.followed(id).held else {
            panic!("a change of what is no list: {change}")
        };
        list.entries.retain(|(_, entry)| name(entry) != gone);
        let Some((key, entry)) = entry else {
            if matches!(topic, Topic::Messages { .. }) {
                self.bodies.remove(&("message", gone));
            }
            return;
        };
        let newest_first = newest_first(&topic);
        let behind = |other: &Key| if newest_first { key < *other } else { key > *other };
        if list.low.as_ref().is_some_and(behind) {
            return;
        }
        let place = list.entries.partition_point(|(other, _)| behind(other));
        list.entries.insert(place, (key, entry));
    }

    /// A page that was asked for behind `after` came. It is put to the list if that still ends there.
    pub(crate) fn page(&mut self, id: RequestId, after: &Key, value: &Value, entities: Entities<Value>) {
        self.absorb(entities);
        let Some(followed) = self.all.get(&id) else { return };
        let topic = followed.topic.clone();
        let entries = self.keyed(&topic, value);
        let more = value["more"].as_bool().expect("a page says whether there is more");
        if let Held::List(list) = &mut self.followed(id).held
            && list.low.as_ref() == Some(after)
        {
            let low = entries.last().map(|(key, _)| key.clone()).filter(|_| more);
            list.entries.extend(entries);
            list.low = low;
        }
    }
}
