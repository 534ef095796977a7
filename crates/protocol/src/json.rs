//! JSON values without serde_json, for the fields of unknown text nodes and the numbers of content and
//! filters. serde_json is an optional dependency, because its reader would add to the browser's download.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{self, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Any JSON value.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Json {
    /// The value `null`.
    Null,
    /// The value `true` or `false`.
    Bool(bool),
    /// An integer that fits `i64`.
    Int(i64),
    /// A positive integer that fits `u64` but not `i64`.
    Large(u64),
    /// A number with a fraction or exponent.
    Float(f64),
    /// A JSON string.
    String(String),
    /// An array of values.
    Array(Vec<Json>),
    /// An object; its keys are sorted.
    Object(BTreeMap<String, Json>),
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Any)
    }
}

struct Any;

impl<'de> Visitor<'de> for Any {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_unit<E: de::Error>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<Json, E> {
        Ok(Json::Bool(value))
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<Json, E> {
        Ok(Json::Int(value))
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Json, E> {
        Ok(i64::try_from(value).map_or(Json::Large(value), Json::Int))
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Json, E> {
        Ok(Json::Float(value))
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<Json, E> {
        Ok(Json::String(value.to_owned()))
    }

    fn visit_string<E: de::Error>(self, value: String) -> Result<Json, E> {
        Ok(Json::String(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Json, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = seq.next_element()? {
            values.push(value);
        }
        Ok(Json::Array(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Json, A::Error> {
        let mut values = BTreeMap::new();
        while let Some((key, value)) = map.next_entry()? {
            values.insert(key, value);
        }
        Ok(Json::Object(values))
    }
}

/// Returns a number as JavaScript serializes it: an integer without a fraction.
#[must_use]
pub(crate) fn from_f64(number: f64) -> Json {
    /// JavaScript's `Number.MAX_SAFE_INTEGER` (2^53 - 1): up to here every integer is exact.
    const MAX_SAFE_INTEGER: f64 = 9_007_199_254_740_991.0;
    if number.fract() == 0.0 && number.abs() <= MAX_SAFE_INTEGER {
        // Lossless: the number is an integer within the bound.
        #[allow(clippy::cast_possible_truncation)]
        return Json::Int(number as i64);
    }
    Json::Float(number)
}

/// Serializes a field of type `f64` by [`from_f64`].
// serde's attribute requires a reference.
#[allow(clippy::trivially_copy_pass_by_ref)]
pub(crate) fn serialize_f64<S: Serializer>(number: &f64, serializer: S) -> Result<S::Ok, S::Error> {
    from_f64(*number).serialize(serializer)
}

/// Serializes a field of type `Option<f64>` by [`from_f64`].
#[allow(clippy::ref_option)] // serde's attribute requires a reference to the field.
pub(crate) fn serialize_optional_f64<S: Serializer>(
    value: &Option<f64>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    value.map(from_f64).serialize(serializer)
}
