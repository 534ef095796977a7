//! Snapshots that the store makes of the golden bodies, read as the declared types.

use std::collections::{BTreeMap, BTreeSet};

use causerie_client::snapshots::{
    ConversationSnapshot, Definition, MessageSnapshot, OTHERS, ParticipantSnapshot, SearchMessageSnapshot,
    SingleReactionSnapshot, Snapshot, TypingSnapshot, UserOnlineSnapshot, UserSnapshot, VIEWS,
};
use causerie_client::store;
use causerie_protocol::{Entities, Outcome, TopicKind};
use serde_json::{Value, json};

use crate::names::{at, body_name, js_name, part};

/// The field of a message's body that no snapshot has: a program knows the conversation.
const OMITTED: &str = "conversation";

/// Returns the bodies in a golden file.
fn bodies(kind: &str) -> Vec<Value> {
    let path = at("crates/protocol/tests/golden").join(format!("entity.{kind}.json"));
    let cases: BTreeMap<String, Value> =
        serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    cases.into_values().collect()
}

/// Returns the entities of a result that has all golden bodies.
fn entities() -> Entities<Value> {
    Entities { users: bodies("user"), conversations: bodies("conversation"), messages: bodies("message") }
}

/// Returns the snapshots of the store for these values.
fn shown(kind: TopicKind, values: Vec<Value>) -> Vec<Value> {
    let show =
        |value: Value| store::snapshot(kind, value.clone(), entities()).unwrap_or_else(|| panic!("{value}"));
    values.into_iter().map(|value| show(value).value().clone()).collect()
}

/// Returns the ids of the golden bodies.
fn ids(kind: &str) -> Vec<Value> {
    bodies(kind).iter().map(|body| body["id"].clone()).collect()
}

fn definition_of(name: &str) -> &'static Definition {
    let all = VIEWS.iter().map(|(_, definition)| definition).chain(&OTHERS);
    all.into_iter().find(|definition| definition.name == name).unwrap()
}

/// Checks that the serialized form of a type has the declared fields, with the values of the store's
/// snapshot, and that the store's has no others.
fn assert_fields(definition: &Definition, typed: &Value, shown: &Value) {
    let names = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<BTreeSet<_>>();
    assert_eq!(names(typed), definition.fields.iter().map(js_name).collect(), "{}", definition.name);
    let mut unknown = names(shown);
    for field in definition.fields {
        let default = field.default.map_or(Value::Null, |text| serde_json::from_str(text).unwrap());
        let expected = shown.get(body_name(field)).unwrap_or(&default);
        let actual = &typed[js_name(field)];
        match part(field) {
            Some(name) if !actual.is_null() => assert_fields(definition_of(name), actual, expected),
            _ => assert_eq!(actual, expected, "{} of {}", field.name, definition.name),
        }
        unknown.remove(&body_name(field));
    }
    if definition.name.contains("Message") {
        assert!(unknown.remove(OMITTED), "{} has no {OMITTED}", definition.name);
    }
    assert!(unknown.is_empty(), "{} lacks {unknown:?}", definition.name);
}

/// Reads the store's snapshots as one type, which is serialized with the same fields and values.
fn assert_type<T: Snapshot + PartialEq + std::fmt::Debug>(kind: TopicKind, values: Vec<Value>) {
    for shown in shown(kind, values) {
        let snapshot: T =
            serde_json::from_value(shown.clone()).unwrap_or_else(|error| panic!("{error}: {shown}"));
        let typed = serde_json::to_value(&snapshot).unwrap();
        assert_fields(&T::DEFINITION, &typed, &shown);
        assert_eq!(serde_json::from_value::<T>(typed).unwrap(), snapshot);
    }
}

#[test]
fn snapshots_of_golden_bodies_have_exactly_the_declared_fields() {
    assert_type::<UserSnapshot>(TopicKind::User, ids("user"));
    assert_type::<ConversationSnapshot>(TopicKind::Conversation, ids("conversation"));
    assert_type::<MessageSnapshot>(TopicKind::Messages, ids("message"));
    assert_type::<ParticipantSnapshot>(TopicKind::Participant, bodies("participant"));
    assert_type::<UserOnlineSnapshot>(TopicKind::Online, bodies("online"));
    assert_type::<SingleReactionSnapshot>(TopicKind::Reactions, bodies("reaction"));
}

#[test]
fn a_result_of_a_search_has_exactly_the_declared_fields() {
    let path = at("crates/protocol/tests/golden").join("server.result.json");
    let cases: BTreeMap<String, Value> =
        serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let outcome: Outcome<Value> = serde_json::from_value(cases["search.messages"].clone()).unwrap();
    let items = outcome.value.unwrap()["items"].as_array().unwrap().clone();
    let list = store::snapshots(TopicKind::Messages, items, outcome.entities);
    let shown = list.parts()[0].value().clone();
    let typed: SearchMessageSnapshot = serde_json::from_value(shown).unwrap();
    assert_eq!(typed.message.id.as_str(), "msg_2");
    assert_eq!(typed.conversation.id.as_str(), "order-391");
    let names =
        serde_json::to_value(&typed).unwrap().as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(names, SearchMessageSnapshot::DEFINITION.fields.iter().map(js_name).collect::<Vec<_>>());
}

/// Without this the comparisons above could be of empty fields only.
#[test]
fn golden_messages_show_parts_defaults_and_reactions() {
    let read = |id: &str| -> MessageSnapshot {
        serde_json::from_value(shown(TopicKind::Messages, vec![json!(id)]).remove(0)).unwrap()
    };
    let reply = read("msg_2");
    assert_eq!(reply.sender.unwrap().name, "Bob");
    assert_eq!(reply.reactions.len(), 2);
    let referenced = reply.referenced_message.unwrap();
    assert_eq!(referenced.sender.name, "Ada Lovelace");
    assert_eq!(
        (referenced.custom.len(), referenced.edited_at, referenced.referenced_message_id),
        (0, None, None)
    );
    let system = read("msg_3");
    assert_eq!((system.sender, system.referenced_message), (None, None));
}

#[test]
fn reply_in_a_reply_has_the_id_of_the_message_it_references() {
    let mut entities = entities();
    let mut third = entities.messages.iter().find(|body| body["id"] == "msg_2").unwrap().clone();
    third["id"] = json!("msg_4");
    third["referencedMessage"] = json!("msg_2");
    entities.messages.insert(0, third);
    let shown = store::snapshot(TopicKind::Messages, json!("msg_4"), entities).unwrap();
    let message: MessageSnapshot = serde_json::from_value(shown.value().clone()).unwrap();
    let typed = serde_json::to_value(&message).unwrap();
    assert_fields(&MessageSnapshot::DEFINITION, &typed, shown.value());
    assert_eq!(typed["referencedMessage"]["referencedMessageId"], "msg_1");
}

#[test]
fn typing_users_are_few_by_name_or_many() {
    let snapshots: Vec<TypingSnapshot> = shown(TopicKind::Typing, bodies("typing"))
        .into_iter()
        .map(|shown| {
            let snapshot = serde_json::from_value(shown.clone()).unwrap();
            assert_eq!(serde_json::to_value(&snapshot).unwrap(), shown);
            snapshot
        })
        .collect();
    let sizes: Vec<_> = snapshots
        .iter()
        .map(|snapshot| match snapshot {
            TypingSnapshot::Few(few) => Some(few.users.len()),
            TypingSnapshot::Many(_) => None,
        })
        .collect();
    assert_eq!(sizes, [None, Some(0), Some(2)]);
}
