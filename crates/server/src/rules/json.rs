//! Values as JSON text.

use causerie_protocol::Outcome;
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};

use super::error::RuleResult;
use crate::encoding::Body;

/// A JSON text that can be put in a frame or a response as it is.
pub type Json = Box<RawValue>;

/// The outcome of a request, with its bodies already encoded.
pub type EncodedOutcome = Outcome<Json, Body>;

/// Serialises a value.
pub(super) fn to_json<T: Serialize + ?Sized>(value: &T) -> RuleResult<Json> {
    Ok(to_raw_value(value)?)
}
