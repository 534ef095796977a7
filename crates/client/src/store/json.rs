//! Bodies and snapshots natively, as `serde_json` values.

use std::cell::OnceCell;
use std::rc::Rc;

use serde_json::{Map, Value, json};

use super::body::{Body, FlagField, Kind, ListField, View};

/// A snapshot as plain data, or a list of snapshots. A clone is the same object.
#[derive(Clone, Debug)]
pub struct JsonSnapshot(Rc<Inner>);

#[derive(Debug)]
struct Inner {
    /// Of a list: not made before it is needed.
    value: OnceCell<Value>,
    parts: Vec<JsonSnapshot>,
}

impl JsonSnapshot {
    /// Returns the data, in which snapshots of other entities are contained.
    #[must_use]
    pub fn value(&self) -> &Value {
        let list = || Value::Array(self.parts().iter().map(|entry| entry.value().clone()).collect());
        self.0.value.get_or_init(list)
    }

    /// Returns the entries of a list, or the snapshots that are contained.
    #[must_use]
    pub fn parts(&self) -> &[JsonSnapshot] {
        &self.0.parts
    }

    fn new(value: Value, parts: Vec<JsonSnapshot>) -> Self {
        JsonSnapshot(Rc::new(Inner { value: value.into(), parts }))
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

/// Returns the ids in a body.
fn ids(kind: Kind, body: &Value) -> String {
    let id = |name: &str| body.get(name).and_then(Value::as_str).unwrap_or_default();
    match kind {
        Kind::User => id("id").to_owned(),
        Kind::Conversation => [id("id"), id("lastMessage")].join("\t"),
        Kind::Message => [id("id"), id("conversation"), id("sender"), id("referencedMessage")].join("\t"),
        Kind::Participant | Kind::Online | Kind::Reaction => id("user").to_owned(),
        Kind::Typing => {
            let users = body.get("users").and_then(Value::as_array).into_iter().flatten();
            users.filter_map(Value::as_str).collect::<Vec<_>>().join("\t")
        }
        Kind::Change => [id("put"), id("drop")].join("\t"),
        Kind::Entry if body.get("message").is_some() => [id("message"), id("conversation")].join("\t"),
        Kind::Entry => body.as_str().unwrap_or_else(|| id("conversation")).to_owned(),
    }
}

impl Body for Value {
    type Snapshot = JsonSnapshot;

    fn as_text(&self) -> Option<String> {
        self.as_str().map(str::to_owned)
    }

    fn ids(kind: Kind, bodies: &[Self]) -> String {
        let ids: Vec<String> = bodies.iter().map(|body| ids(kind, body)).collect();
        ids.join("\n")
    }

    fn time(&self, kind: Kind) -> i64 {
        let time = |name: &str| self.get(name).and_then(Value::as_i64).unwrap_or_default();
        match kind {
            Kind::User | Kind::Online | Kind::Typing | Kind::Change | Kind::Entry => 0,
            Kind::Message | Kind::Reaction => time("createdAt"),
            Kind::Participant => time("joinedAt"),
            Kind::Conversation => time("joinedAt").max(time("lastMessageAt")),
        }
    }

    fn list(&self, field: ListField) -> Option<Vec<Self>> {
        let name = match field {
            ListField::Items => "items",
            ListField::Users => "users",
        };
        self.get(name)?.as_array().cloned()
    }

    fn next(&self) -> Option<(i64, String)> {
        let next = self.get("next")?;
        Some((next.get("at")?.as_i64()?, next.get("id")?.as_str()?.to_owned()))
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

    fn snapshot(
        &self,
        view: View,
        part: Option<&JsonSnapshot>,
        second: Option<&JsonSnapshot>,
    ) -> JsonSnapshot {
        match view {
            View::User => joined(self, &[]),
            View::Conversation => joined(self, &[("lastMessage", part)]),
            View::Message => joined(self, &[("sender", part), ("referencedMessage", second)]),
            View::ReferencedMessage => joined(self, &[("sender", part)]),
            View::Participant | View::Online | View::Reaction => joined(self, &[("user", part)]),
            View::SearchMessage => joined(self, &[("conversation", part), ("message", second)]),
        }
    }

    fn typing(users: Option<Vec<JsonSnapshot>>) -> JsonSnapshot {
        let Some(users) = users else {
            return JsonSnapshot::new(json!({ "many": true }), Vec::new());
        };
        let values: Vec<&Value> = users.iter().map(JsonSnapshot::value).collect();
        JsonSnapshot::new(json!({ "many": false, "users": values }), users)
    }

    fn splice(
        old: Option<&JsonSnapshot>,
        start: usize,
        removed: usize,
        added: &[&JsonSnapshot],
    ) -> JsonSnapshot {
        let mut items = old.map(|old| old.parts().to_vec()).unwrap_or_default();
        items.splice(start..start + removed, added.iter().copied().cloned());
        JsonSnapshot(Rc::new(Inner { value: OnceCell::new(), parts: items }))
    }
}
