//! Decodes the parameters of ops and the fields of topics, by the lists in `ops` and `topic`.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use super::json::{object_part, part, unsupported};
use crate::error::ErrorBody;
use crate::ops::{Op, for_each_op};
use crate::topic::{Topic, for_each_topic};

macro_rules! define_op_decoder {
    (
        params: $($params:ident)*;
        $(
            $(#[doc = $doc:literal])+
            $name:literal $effect:ident $variant:ident { $( $field:ident: $type:ty $(= $default:ident)? ),* }
            $( check($check:expr) )?
        )*
    ) => {
        /// The parameters of all ops, as raw JSON.
        #[derive(Default, Deserialize)]
        struct Params<'a> {
            $( #[serde(borrow)] $params: Option<&'a RawValue>, )*
        }

        /// Decodes the parameters of the op with a name.
        pub(super) fn op(name: &str, params: Option<&RawValue>) -> Result<Op, ErrorBody> {
            let params: Params<'_> = match params {
                Some(raw) => object_part(raw).map_err(|error| error.or_field("params"))?,
                None => Params::default(),
            };
            Ok(match name {
                $( $name => Op::$variant { $( $field: op_param!(params $field $($default)?)? ),* }, )*
                other => return Err(unsupported("the operation", other)),
            })
        }
    };
}

/// Decodes one parameter. The fields of `data` come from the program, so their paths do not start with
/// `data`.
macro_rules! op_param {
    ($params:ident data) => {
        required_data($params.data)
    };
    ($params:ident data default) => {
        optional_data($params.data)
    };
    ($params:ident topic) => {
        topic($params.topic)
    };
    ($params:ident $field:ident) => {
        part(stringify!($field), $params.$field)
    };
}

fn required_data<D: DeserializeOwned>(raw: Option<&RawValue>) -> Result<D, ErrorBody> {
    let raw = raw.ok_or_else(|| ErrorBody::invalid("data", "is missing"))?;
    object_part(raw).map_err(|error| error.or_field("data"))
}

fn optional_data<D: DeserializeOwned + Default>(raw: Option<&RawValue>) -> Result<D, ErrorBody> {
    if raw.is_some() { required_data(raw) } else { Ok(D::default()) }
}

macro_rules! define_topic_decoder {
    (
        fields: $($names:ident)*;
        $(
            $(#[doc = $doc:literal])+
            $name:literal $variant:ident { $( $field:ident: $type:ty $(= $skip_if:literal)? ),* }
            $( list($sizes:ident, $order:literal) )?
            $( check($check:expr) )?
        )*
    ) => {
        /// Decodes a topic. An unknown kind is `unsupported`, because a newer client may ask an older server.
        pub(super) fn topic(raw: Option<&RawValue>) -> Result<Topic, ErrorBody> {
            #[derive(Deserialize)]
            struct RawTopic<'a> {
                kind: String,
                $( #[serde(borrow)] $names: Option<&'a RawValue>, )*
            }
            let raw = raw.ok_or_else(|| ErrorBody::invalid("topic", "is missing"))?;
            let raw: RawTopic<'_> = object_part(raw).map_err(|error| error.within("topic"))?;
            Ok(match raw.kind.as_str() {
                $( $name => Topic::$variant { $( $field: topic_field!(raw $field)? ),* }, )*
                other => return Err(unsupported("topics of kind", other)),
            })
        }
    };
}

/// Decodes one field. A filter comes from the program, so its path does not start with `topic`.
macro_rules! topic_field {
    ($raw:ident filter) => {
        $raw.filter.map(|raw| part("filter", Some(raw))).transpose()
    };
    ($raw:ident $field:ident) => {
        part(concat!("topic.", stringify!($field)), $raw.$field)
    };
}

for_each_op!(define_op_decoder);
for_each_topic!(define_topic_decoder);
