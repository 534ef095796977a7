//! The keys that the npm package knows, so that it can warn about others, are the fields of the types here.

use std::collections::BTreeMap;

use causerie_protocol::filter::{NumberFilter, SimpleConversationFilter, StringFilter};
use causerie_protocol::{
    CreateConversation, CreateParticipant, CreateUser, EditMessage, SendMessage, SetConversation,
    SetParticipant, SetUser,
};
use serde::de::value::Error;
use serde::de::{Deserializer, Error as _, Visitor};
use serde::{Deserialize, forward_to_deserialize_any};

/// Refuses to deserialize anything, and remembers the fields of the struct that was requested.
struct FieldsOnly<'a>(&'a mut Vec<&'static str>);

impl<'de> Deserializer<'de> for FieldsOnly<'_> {
    type Error = Error;

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        _: V,
    ) -> Result<V::Value, Error> {
        self.0.extend(fields);
        Err(Error::custom("only the fields are wanted"))
    }

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Error> {
        Err(Error::custom("not a struct"))
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit
        unit_struct newtype_struct seq tuple tuple_struct map enum identifier ignored_any
    }
}

/// Returns the names of a struct's fields on the wire, sorted.
fn fields<'de, T: Deserialize<'de>>() -> Vec<&'static str> {
    let mut all = Vec::new();
    assert!(T::deserialize(FieldsOnly(&mut all)).is_err(), "no value is made");
    assert!(!all.is_empty(), "the type is a struct with named fields");
    all.sort_unstable();
    all
}

/// Returns the keys of this kind in the package, sorted; none if the kind is not listed.
fn known(kind: &str) -> Vec<&'static str> {
    let script = include_str!("../../../pkg/entry/known-keys.js");
    let (_, list) = script.split_once(&format!("\n  {kind}: [")).unwrap_or_default();
    let (list, _) = list.split_once(']').unwrap_or_default();
    // Between the quotes are the keys, in turn with commas and spaces.
    let mut keys: Vec<_> = list.split('"').skip(1).step_by(2).collect();
    keys.sort_unstable();
    keys
}

#[test]
fn known_keys_are_the_fields_of_the_parameters() {
    assert_eq!(known("user"), fields::<SetUser>());
    assert_eq!(known("user"), fields::<CreateUser>());
    assert_eq!(known("conversation"), fields::<SetConversation>());
    assert_eq!(known("conversation"), fields::<CreateConversation>());
    assert_eq!(known("participant"), fields::<SetParticipant>());
    assert_eq!(known("participant"), fields::<CreateParticipant>());
    assert_eq!(known("sentMessage"), fields::<SendMessage>());
    assert_eq!(known("editedMessage"), fields::<EditMessage>());
}

#[test]
fn known_keys_are_the_fields_of_a_filter() {
    // A filter is read by hand, so its fields are those that a filter with all of them is written with.
    let filter = SimpleConversationFilter {
        access: Some(StringFilter::OneOf(Vec::new())),
        custom: Some(BTreeMap::new()),
        is_unread: Some(true),
        subject: Some(StringFilter::OneOf(Vec::new())),
        last_activity_at: Some(NumberFilter::Above(0.0)),
        created_at: Some(NumberFilter::Above(0.0)),
        joined_at: Some(NumberFilter::Above(0.0)),
        has_messages: Some(true),
    };
    let written = serde_json::to_value(filter).expect("a filter can be written");
    let mut fields: Vec<_> = written.as_object().expect("an object").keys().map(String::as_str).collect();
    fields.sort_unstable();
    assert_eq!(known("filter"), fields);
}
