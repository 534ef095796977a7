//! What a handle must show: computed again from the server's full answer, without windows, frames or the
//! client's store.

use std::collections::BTreeMap;

use causerie_protocol::{Entities, Topic};
use serde_json::{Value, json};

use super::connections::TopicState;

/// The place of an entry in its list: its time, and its id among those of the same time.
pub(crate) type Cursor = (i64, String);

/// The snapshot that a topic has.
#[derive(Debug)]
pub(crate) enum Expected {
    Absent,
    Single(Value),
    /// All entries of the list.
    List(Vec<(Cursor, Value)>),
}

/// The bodies of an answer by their ids.
struct Bodies<'a> {
    users: BTreeMap<&'a str, &'a Value>,
    conversations: BTreeMap<&'a str, &'a Value>,
    messages: BTreeMap<&'a str, &'a Value>,
}

fn by_id(bodies: &[Value]) -> BTreeMap<&str, &Value> {
    bodies.iter().map(|body| (body["id"].as_str().expect("an entity has an id"), body)).collect()
}

/// Returns the entity that a body has, without the revision, which is for the transport.
fn entity(body: &Value) -> Value {
    let mut entity = body.clone();
    let rev = entity.as_object_mut().and_then(|fields| fields.remove("rev"));
    assert!(rev.is_some_and(|rev| rev.is_u64()), "no revision: {body}");
    entity
}

impl<'a> Bodies<'a> {
    fn new(entities: &'a Entities<Value>) -> Self {
        let Entities { users, conversations, messages } = entities;
        Bodies { users: by_id(users), conversations: by_id(conversations), messages: by_id(messages) }
    }

    fn user(&self, id: &Value) -> Value {
        id.as_str().map_or(Value::Null, |id| entity(self.users[id]))
    }

    /// Returns a message with its sender. A referenced message without a body was deleted; the one that it
    /// references itself is not shown.
    fn message(&self, id: &Value) -> Value {
        let Some(body) = id.as_str().map(|id| self.messages[id]) else { return Value::Null };
        let referenced = body["referencedMessage"].as_str().and_then(|id| self.messages.get(id));
        let referenced = referenced.map_or(Value::Null, |referenced| {
            let mut message = entity(referenced);
            message["sender"] = self.user(&referenced["sender"]);
            message
        });
        let mut message = entity(body);
        message["sender"] = self.user(&body["sender"]);
        message["referencedMessage"] = referenced;
        message
    }

    fn conversation(&self, id: &Value) -> Value {
        let body = self.conversations[id.as_str().expect("a conversation's id")];
        let mut conversation = entity(body);
        conversation["lastMessage"] = self.message(&body["lastMessage"]);
        conversation
    }

    /// Returns a value that has a user.
    fn with_user(&self, value: &Value) -> Value {
        let mut joined = value.clone();
        joined["user"] = self.user(&value["user"]);
        joined
    }

    fn typing(&self, value: &Value) -> Value {
        if value["many"] == true {
            return json!({ "many": true });
        }
        let users = value["users"].as_array().expect("typing users");
        json!({ "many": false, "users": users.iter().map(|id| self.user(id)).collect::<Vec<_>>() })
    }

    fn entry(&self, topic: &Topic, entry: &Value) -> (Cursor, Value) {
        let time = |value: &Value, field: &str| value[field].as_i64().expect("a time");
        let (at, value) = match topic {
            Topic::Messages { .. } => {
                let message = self.message(entry);
                (time(&message, "createdAt"), message)
            }
            Topic::Conversations { .. } => {
                let conversation = self.conversation(entry);
                let last = conversation["lastMessage"]["createdAt"].as_i64();
                (time(&conversation, "joinedAt").max(last.unwrap_or(0)), conversation)
            }
            Topic::Participants { .. } => (time(entry, "joinedAt"), self.with_user(entry)),
            Topic::Reactions { .. } => (time(entry, "createdAt"), self.with_user(entry)),
            other => panic!("{other:?} is not a list"),
        };
        let id = entry.as_str().or(entry["user"].as_str()).expect("an entry has an id or a user");
        ((at, id.to_owned()), value)
    }
}

/// Returns whether an entry is at a place or before it.
pub(crate) fn is_down_to(topic: &Topic, entry: &Cursor, end: &Cursor) -> bool {
    if matches!(topic, Topic::Reactions { .. }) { entry <= end } else { entry >= end }
}

impl Expected {
    /// Computes what a topic's handles must show from the answer that a new client gets.
    pub(crate) fn new(topic: &Topic, (_, value, entities): &TopicState) -> Self {
        let Some(value) = value else { return Expected::Absent };
        let bodies = Bodies::new(entities);
        if topic.page_sizes().is_none() {
            return Expected::Single(match topic {
                Topic::User { .. } => bodies.user(value),
                Topic::Conversation { .. } => bodies.conversation(value),
                Topic::Participant { .. } | Topic::Online { .. } => bodies.with_user(value),
                Topic::Typing { .. } => bodies.typing(value),
                other => panic!("{other:?} is a list"),
            });
        }
        assert_eq!(value["more"], false, "the answer is the whole list");
        let items = value["items"].as_array().expect("a list has `items`");
        let entries: Vec<_> = items.iter().map(|entry| bodies.entry(topic, entry)).collect();
        let in_order =
            |pair: &[(Cursor, Value)]| pair[0].0 != pair[1].0 && is_down_to(topic, &pair[0].0, &pair[1].0);
        assert!(entries.windows(2).all(in_order), "not in the order of {topic:?}: {entries:?}");
        Expected::List(entries)
    }
}
