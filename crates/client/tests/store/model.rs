//! A model of the server: its data, the frames that it sends, and the snapshots that a client should show.

use std::collections::BTreeMap;

use causerie_protocol::{Entities, TopicKind};
use serde_json::{Value, json};

/// A pseudo-random generator (splitmix64).
pub(crate) struct Rng(pub(crate) u64);

impl Rng {
    /// Returns a number below `end`.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        usize::try_from((mixed ^ (mixed >> 31)) % end as u64).unwrap()
    }
}

pub(crate) const CONVERSATIONS: usize = 25;

/// A topic of the model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Topic(pub(crate) TopicKind, pub(crate) usize);

impl Topic {
    pub(crate) fn is_list(self) -> bool {
        use TopicKind::{Conversations, Messages, Participants, Reactions};
        matches!(self.0, Conversations | Messages | Participants | Reactions)
    }

    pub(crate) fn id(self) -> String {
        match self.0 {
            TopicKind::User | TopicKind::Online => format!("u{}", self.1),
            TopicKind::Conversations => String::new(),
            _ => format!("c{}", self.1),
        }
    }
}

#[derive(Default)]
pub(crate) struct Conversation {
    subject: usize,
    joined_at: i64,
    /// Messages by id, in the order of sending.
    pub(crate) messages: BTreeMap<usize, Value>,
    participants: BTreeMap<usize, Value>,
    reactions: BTreeMap<usize, Value>,
    typing: Vec<usize>,
}

/// The data of the server.
pub(crate) struct Server {
    pub(crate) conversations: Vec<Conversation>,
    users: Vec<usize>,
    clock: i64,
    last_message: usize,
}

/// A change that the server publishes.
pub(crate) enum Published {
    /// A change of a list of this topic.
    Events(Topic, Value),
    /// Another value of this topic.
    Reset(Topic),
    /// A user changed.
    User(usize),
}

const USERS: usize = 6;

impl Server {
    pub(crate) fn new(rng: &mut Rng) -> Self {
        let mut server =
            Server { conversations: Vec::new(), users: vec![0; USERS], clock: 1_000, last_message: 0 };
        for number in 0..CONVERSATIONS {
            server.clock += 1;
            let joined_at = server.clock;
            server.conversations.push(Conversation { joined_at, ..Conversation::default() });
            for _ in 0..(if number == 0 { 70 } else { rng.below(4) }) {
                server.send(rng, number);
            }
        }
        for user in 0..USERS {
            server.set_participant(user);
            server.react(user);
        }
        server
    }

    fn send(&mut self, rng: &mut Rng, number: usize) -> usize {
        // Several messages can have the same time.
        self.clock += i64::try_from(rng.below(2)).unwrap();
        self.last_message += 1;
        let id = self.last_message;
        let messages = &mut self.conversations[number].messages;
        let mut body = json!({
            "id": format!("m{id:05}"), "conversation": format!("c{number}"), "createdAt": self.clock,
            "plaintext": id.to_string(),
        });
        if rng.below(5) > 0 {
            body["sender"] = json!(format!("u{}", rng.below(USERS)));
        }
        let candidates: Vec<usize> = messages.keys().rev().take(5).copied().collect();
        if rng.below(3) == 0 && !candidates.is_empty() {
            body["referencedMessage"] = json!(format!("m{:05}", candidates[rng.below(candidates.len())]));
        }
        messages.insert(id, body);
        id
    }

    fn set_participant(&mut self, user: usize) {
        self.clock += 1;
        let body = json!({ "user": format!("u{user}"), "access": "Read", "joinedAt": self.clock });
        self.conversations[0].participants.insert(user, body);
    }

    fn react(&mut self, user: usize) {
        self.clock += 1;
        let body = json!({ "user": format!("u{user}"), "createdAt": self.clock });
        self.conversations[0].reactions.insert(user, body);
    }

    /// Makes a random change. Returns what is published.
    pub(crate) fn change(&mut self, rng: &mut Rng) -> Vec<Published> {
        use TopicKind::{Conversation as One, Conversations, Messages, Participants, Reactions, Typing};
        let number = if rng.below(3) > 0 { 0 } else { rng.below(CONVERSATIONS) };
        let user = rng.below(USERS);
        let of_conversation = |mut published: Vec<Published>| {
            let put = json!({ "put": format!("c{number}") });
            published.push(Published::Events(Topic(Conversations, 0), put));
            published.push(Published::Reset(Topic(One, number)));
            published
        };
        let of_message = |id: usize, change: &str| {
            let change = json!({ change: format!("m{id:05}") });
            of_conversation(vec![Published::Events(Topic(Messages, number), change)])
        };
        match rng.below(12) {
            0..=2 => of_message(self.send(rng, number), "put"),
            kind @ 3..=5 => {
                let messages = &mut self.conversations[number].messages;
                let Some(id) = messages.keys().rev().nth(rng.below(8)).copied() else { return Vec::new() };
                if kind == 5 {
                    messages.remove(&id);
                    return of_message(id, "drop");
                }
                let text = json!(rng.below(3));
                messages.get_mut(&id).unwrap()["plaintext"] = text;
                of_message(id, "put")
            }
            6 => {
                self.users[user] = rng.below(3);
                vec![Published::User(user)]
            }
            7 => {
                self.conversations[number].subject = rng.below(3);
                of_conversation(Vec::new())
            }
            8 => {
                let typing = &mut self.conversations[0].typing;
                if typing.contains(&user) {
                    typing.retain(|other| *other != user);
                } else {
                    typing.push(user);
                }
                vec![Published::Reset(Topic(Typing, 0))]
            }
            9 | 10 => {
                let id = format!("u{user}");
                let change = if self.conversations[0].participants.remove(&user).is_some() {
                    json!({ "drop": id })
                } else {
                    self.set_participant(user);
                    json!({ "put": self.conversations[0].participants[&user] })
                };
                vec![Published::Events(Topic(Participants, 0), change)]
            }
            _ => {
                let id = format!("u{user}");
                let change = if self.conversations[0].reactions.remove(&user).is_some() {
                    json!({ "drop": id })
                } else {
                    self.react(user);
                    json!({ "put": self.conversations[0].reactions[&user] })
                };
                vec![Published::Events(Topic(Reactions, 0), change)]
            }
        }
    }

    /// Returns the number of the user whose typing no frame has to confirm.
    pub(crate) fn stop_typing(&mut self) {
        self.conversations[0].typing.clear();
    }

    fn last(&self, number: usize) -> Option<&Value> {
        self.conversations[number].messages.values().next_back()
    }

    fn conversation(&self, number: usize) -> Value {
        let state = &self.conversations[number];
        let last = self.last(number);
        let last_at = last.map_or(state.joined_at, |last| last["createdAt"].as_i64().unwrap());
        json!({
            "id": format!("c{number}"), "subject": state.subject, "joinedAt": state.joined_at,
            "lastMessage": last.map(|last| last["id"].clone()), "lastMessageAt": last_at,
        })
    }

    pub(crate) fn user(&self, number: usize) -> Value {
        json!({ "id": format!("u{number}"), "name": self.users[number] })
    }

    /// Returns all entries of a list in its order, each with its cursor.
    pub(crate) fn entries(&self, topic: Topic) -> Vec<((i64, String), Value)> {
        let state = &self.conversations[topic.1];
        let cursor = |body: &Value, field: &str, id: &str| {
            (body[field].as_i64().unwrap(), body[id].as_str().unwrap().to_owned())
        };
        let mut entries: Vec<((i64, String), Value)> = match topic.0 {
            TopicKind::Messages => state
                .messages
                .values()
                .map(|body| (cursor(body, "createdAt", "id"), body["id"].clone()))
                .collect(),
            TopicKind::Conversations => (0..CONVERSATIONS)
                .map(|number| {
                    let body = self.conversation(number);
                    let (at, id) = cursor(&body, "lastMessageAt", "id");
                    ((at.max(body["joinedAt"].as_i64().unwrap()), id), body["id"].clone())
                })
                .collect(),
            TopicKind::Participants => state
                .participants
                .values()
                .map(|body| (cursor(body, "joinedAt", "user"), body.clone()))
                .collect(),
            _ => state
                .reactions
                .values()
                .map(|body| (cursor(body, "createdAt", "user"), body.clone()))
                .collect(),
        };
        entries.sort_by(|one, other| one.0.cmp(&other.0));
        if topic.0 != TopicKind::Reactions {
            entries.reverse();
        }
        entries
    }

    /// Returns a page of a list after a cursor, with its bodies.
    pub(crate) fn page(
        &self,
        topic: Topic,
        after: Option<&(i64, String)>,
        limit: usize,
    ) -> (Value, Entities<Value>) {
        let entries = self.entries(topic);
        let start = after.map_or(0, |after| {
            let is_after = |cursor: &(i64, String)| match topic.0 {
                TopicKind::Reactions => cursor > after,
                _ => cursor < after,
            };
            entries.iter().position(|(cursor, _)| is_after(cursor)).unwrap_or(entries.len())
        });
        let end = entries.len().min(start + limit);
        let items: Vec<Value> = entries[start..end].iter().map(|(_, entry)| entry.clone()).collect();
        let entities = self.bodies(topic, &items);
        (json!({ "items": items, "more": end < entries.len() }), entities)
    }

    /// Returns the value of a topic that is no list, with its bodies.
    pub(crate) fn value(&self, topic: Topic) -> (Value, Entities<Value>) {
        let value = match topic.0 {
            TopicKind::Typing => {
                let typing = &self.conversations[topic.1].typing;
                match typing.len() {
                    0..=3 => {
                        json!({ "users": typing.iter().map(|user| format!("u{user}")).collect::<Vec<_>>() })
                    }
                    _ => json!({ "many": true }),
                }
            }
            _ => json!(topic.id()),
        };
        let entities = self.bodies(topic, std::slice::from_ref(&value));
        (value, entities)
    }

    /// Returns the bodies that entries or a value name.
    pub(crate) fn bodies(&self, topic: Topic, items: &[Value]) -> Entities<Value> {
        let mut entities = Entities::none();
        let mut messages: Vec<Value> = Vec::new();
        for item in items {
            match topic.0 {
                TopicKind::Messages => {
                    messages.extend(self.message(topic.1, item.as_str().unwrap()).cloned());
                }
                TopicKind::Conversation | TopicKind::Conversations => {
                    let number: usize = item.as_str().unwrap()[1..].parse().unwrap();
                    entities.conversations.push(self.conversation(number));
                    messages.extend(self.last(number).cloned());
                }
                _ => {}
            }
        }
        for message in messages.clone() {
            let number: usize = message["conversation"].as_str().unwrap()[1..].parse().unwrap();
            if let Some(referenced) = message["referencedMessage"].as_str() {
                messages.extend(self.message(number, referenced).cloned());
            }
        }
        entities.messages = messages;
        entities.users = (0..USERS).map(|number| self.user(number)).collect();
        entities
    }

    fn message(&self, number: usize, id: &str) -> Option<&Value> {
        self.conversations[number].messages.get(&id[1..].parse().unwrap())
    }

    fn shown_message(&self, body: &Value) -> Value {
        let number: usize = body["conversation"].as_str().unwrap()[1..].parse().unwrap();
        let mut shown = body.clone();
        shown["sender"] = self.shown_user(&body["sender"]);
        let referenced = body["referencedMessage"].as_str().and_then(|id| self.message(number, id));
        shown["referencedMessage"] = referenced.map_or(Value::Null, |referenced| {
            let mut shown = referenced.clone();
            shown["sender"] = self.shown_user(&referenced["sender"]);
            shown
        });
        shown
    }

    fn shown_user(&self, id: &Value) -> Value {
        id.as_str().map_or(Value::Null, |id| self.user(id[1..].parse().unwrap()))
    }

    /// Returns the snapshot of an entry or a value, made without any cache.
    pub(crate) fn shown(&self, topic: Topic, item: &Value) -> Value {
        match topic.0 {
            TopicKind::User => self.shown_user(item),
            TopicKind::Messages => self.shown_message(self.message(topic.1, item.as_str().unwrap()).unwrap()),
            TopicKind::Conversation | TopicKind::Conversations => {
                let number: usize = item.as_str().unwrap()[1..].parse().unwrap();
                let mut shown = self.conversation(number);
                shown["lastMessage"] = self.last(number).map_or(Value::Null, |last| self.shown_message(last));
                shown
            }
            TopicKind::Typing => match item["users"].as_array() {
                None => json!({ "many": true }),
                Some(users) => {
                    let users: Vec<Value> = users.iter().map(|user| self.shown_user(user)).collect();
                    json!({ "many": false, "users": users })
                }
            },
            _ => {
                let mut shown = item.clone();
                shown["user"] = self.shown_user(&item["user"]);
                shown
            }
        }
    }
}
