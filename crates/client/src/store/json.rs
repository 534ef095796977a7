//! Bodies and snapshots natively, as `serde_json` values.

use std::rc::Rc;

use serde_json::{Map, Value, json};

use super::body::{Body, FlagField, ListField, Parts, TextField, TimeField};

/// A snapshot as plain data, or a list of snapshots. A clone is the same object.
#[derive(Clone, Debug)]
pub struct JsonSnapshot(Rc<Inner>);

#[derive(Debug)]
struct Inner {
    value: Value,
    parts: Vec<JsonSnapshot>,
}

impl JsonSnapshot {
    /// Returns the data, in which snapshots of other entities are contained.
    #[must_use]
    pub fn value(&self) -> &Value {
        &self.0.value
    }

    /// Returns the entries of a list, or the snapshots that are contained.
    #[must_use]
    pub fn parts(&self) -> &[JsonSnapshot] {
        &self.0.parts
    }

    fn new(value: Value, parts: Vec<JsonSnapshot>) -> Self {
        JsonSnapshot(Rc::new(Inner { value, parts }))
    }

    /// Returns whether this is the same object as another one, as `===` compares.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

impl PartialEq for JsonSnapshot {
    fn eq(&self, other: &Self) -> bool {
        self.is_same(other)
    }
}

/// Returns a body in which snapshots replace the ids of these fields. An absent snapshot is null.
fn joined(body: &Value, parts: &[(&str, Option<&JsonSnapshot>)]) -> JsonSnapshot {
    let mut fields: Map<String, Value> = body.as_object().cloned().unwrap_or_default();
    fields.remove("rev");
    for (name, snapshot) in parts {
        let value = snapshot.map_or(Value::Null, |snapshot| snapshot.value().clone());
        fields.insert((*name).to_owned(), value);
    }
    let parts = parts.iter().filter_map(|(_, snapshot)| snapshot.cloned()).collect();
    JsonSnapshot::new(Value::Object(fields), parts)
}

impl Body for Value {
    type Snapshot = JsonSnapshot;

    fn as_text(&self) -> Option<String> {
        self.as_str().map(str::to_owned)
    }

    fn text(&self, field: TextField) -> Option<String> {
        let name = match field {
            TextField::Id => "id",
            TextField::Conversation => "conversation",
            TextField::Sender => "sender",
            TextField::ReferencedMessage => "referencedMessage",
            TextField::LastMessage => "lastMessage",
            TextField::User => "user",
            TextField::Drop => "drop",
        };
        self.get(name)?.as_text()
    }

    fn time(&self, field: TimeField) -> Option<i64> {
        let name = match field {
            TimeField::CreatedAt => "createdAt",
            TimeField::JoinedAt => "joinedAt",
            TimeField::LastMessageAt => "lastMessageAt",
        };
        self.get(name)?.as_i64()
    }

    fn list(&self, field: ListField) -> Option<Vec<Self>> {
        let name = match field {
            ListField::Items => "items",
            ListField::Users => "users",
        };
        self.get(name)?.as_array().cloned()
    }

    fn flag(&self, field: FlagField) -> bool {
        let name = match field {
            FlagField::More => "more",
            FlagField::Many => "many",
        };
        self.get(name).and_then(Value::as_bool).unwrap_or_default()
    }

    fn put(&self) -> Option<Self> {
        self.get("put").cloned()
    }

    fn nobody_types() -> Self {
        json!({ "users": [] })
    }

    fn merge(old: Option<&Self>, mut new: Self) -> Option<Self> {
        if let Some(fields) = new.as_object_mut() {
            fields.remove("rev");
        }
        Some(new).filter(|new| old != Some(new))
    }

    fn snapshot(parts: Parts<'_, Self>) -> JsonSnapshot {
        match parts {
            Parts::User(body) => joined(body, &[]),
            Parts::Conversation(body, last) => joined(body, &[("lastMessage", last)]),
            Parts::Message(body, sender, referenced) => {
                joined(body, &[("sender", sender), ("referencedMessage", referenced)])
            }
            Parts::ReferencedMessage(body, sender) => joined(body, &[("sender", sender)]),
            Parts::Participant(body, user) | Parts::Online(body, user) | Parts::Reaction(body, user) => {
                joined(body, &[("user", user)])
            }
            Parts::Typing(None) => JsonSnapshot::new(json!({ "many": true }), Vec::new()),
            Parts::Typing(Some(users)) => {
                let values: Vec<&Value> = users.iter().map(JsonSnapshot::value).collect();
                JsonSnapshot::new(json!({ "many": false, "users": values }), users)
            }
        }
    }

    fn splice(
        old: Option<&JsonSnapshot>,
        start: usize,
        removed: usize,
        added: Vec<JsonSnapshot>,
    ) -> JsonSnapshot {
        let mut items = old.map(|old| old.parts().to_vec()).unwrap_or_default();
        items.splice(start..start + removed, added);
        let values = items.iter().map(|snapshot| snapshot.value().clone()).collect();
        JsonSnapshot::new(Value::Array(values), items)
    }
}
