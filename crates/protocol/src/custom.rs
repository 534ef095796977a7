//! Custom data: the strings that an app attaches to a user, a conversation or a message.

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use crate::patch::Patch;

/// Custom data: string values by key.
pub type Custom = BTreeMap<String, String>;

/// A patch of custom data: `Some` sets a key, `None` deletes it, and keys that are absent are kept.
pub type CustomPatch = BTreeMap<String, Option<String>>;

/// Reads an object with string keys, or null. An empty array is an empty object, because clients in PHP,
/// which has one type for both, send it.
///
/// # Errors
/// The error of the deserializer if the value has another form.
pub fn map_option<'de, D, V>(deserializer: D) -> Result<Option<BTreeMap<String, V>>, D::Error>
where
    D: Deserializer<'de>,
    V: Deserialize<'de>,
{
    Ok(Option::<Map<V>>::deserialize(deserializer)?.map(|map| map.0))
}

/// Reads a patch of an object as [`map_option`] does.
///
/// # Errors
/// See [`map_option`].
pub fn map_patch<'de, D, V>(deserializer: D) -> Result<Patch<BTreeMap<String, V>>, D::Error>
where
    D: Deserializer<'de>,
    V: Deserialize<'de>,
{
    Ok(map_option(deserializer)?.map_or(Patch::Clear, Patch::Set))
}

struct Map<V>(BTreeMap<String, V>);

impl<'de, V: Deserialize<'de>> Deserialize<'de> for Map<V> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct MapOrEmptyList<V>(PhantomData<V>);
        impl<'de, V: Deserialize<'de>> Visitor<'de> for MapOrEmptyList<V> {
            type Value = Map<V>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Map<V>, A::Error> {
                BTreeMap::deserialize(MapAccessDeserializer::new(map)).map(Map)
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Map<V>, A::Error> {
                match list.next_element::<IgnoredAny>()? {
                    None => Ok(Map(BTreeMap::new())),
                    Some(_) => Err(A::Error::invalid_type(serde::de::Unexpected::Seq, &self)),
                }
            }
        }
        deserializer.deserialize_any(MapOrEmptyList(PhantomData))
    }
}
