//! Values as JSON text.

use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};

use super::error::RuleResult;

/// A JSON text that can be put in a frame or a response as it is.
pub type Json = Box<RawValue>;

/// Serialises a value.
pub(super) fn to_json<T: Serialize + ?Sized>(value: &T) -> RuleResult<Json> {
    Ok(to_raw_value(value)?)
}
