//! The filters of a subscription to conversations: their types, their bounds, and how they match a
//! conversation.
//!
//! A filter is an object whose conditions must all hold, or `["any", […]]` of such objects, of which one must
//! match. An absent value equals no value, and a negated operator is the exact opposite of the plain one:
//! `["!=", "red"]` and `["!oneOf", ["red"]]` of a custom key hold for a conversation without the key, and
//! those of the subject hold for a conversation without a subject. (An app that hides conversations marked
//! "archived" must show unmarked ones.)

mod matching;
mod reading;

use crate::text::concat;
use std::collections::BTreeMap;

use serde::{Serialize, Serializer};

use crate::access::Access;
use crate::error::ErrorBody;
use crate::json::from_f64;
use crate::limits::{FILTER_ANY, FILTER_CUSTOM_KEYS, FILTER_VALUES};
use crate::validation::{at_most, path_to};

pub use matching::Candidate;

/// Selects some of the caller's conversations.
#[derive(Clone, Debug, PartialEq)]
pub enum ConversationFilter {
    /// The conversations that match one filter.
    Simple(SimpleConversationFilter),
    /// The conversations that match at least one filter: `["any", [filter, …]]`.
    Any(Vec<SimpleConversationFilter>),
}

/// Conditions that must all hold. An absent field is no condition.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SimpleConversationFilter {
    /// The permission of the caller.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub access: Option<StringFilter<Access>>,
    /// Conditions on the values of custom data, by key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub custom: Option<BTreeMap<String, CustomFilter>>,
    /// Whether the conversation is unread for the caller.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_unread: Option<bool>,
    /// The subject, which may be `null`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<StringFilter<Option<String>>>,
    /// The time of the last message, or the time at which the caller joined if that is later.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_activity_at: Option<NumberFilter>,
    /// The time at which the conversation was created.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_at: Option<NumberFilter>,
    /// The time at which the caller became a participant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub joined_at: Option<NumberFilter>,
    /// Whether the conversation has messages.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub has_messages: Option<bool>,
}

/// A condition on a string.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StringFilter<T = String> {
    /// `["==", v]`: equal to the value.
    Is(T),
    /// `["!=", v]`: not equal to the value.
    IsNot(T),
    /// `["oneOf", [v, …]]`: equal to one of the values.
    OneOf(Vec<T>),
    /// `["!oneOf", [v, …]]`: equal to none of the values.
    NotOneOf(Vec<T>),
}

/// A condition on a number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum NumberFilter {
    /// `[">", n]`: greater than the number.
    Above(f64),
    /// `["<", n]`: less than the number.
    Below(f64),
    /// `[">=", n]`: greater than or equal to the number.
    AtLeast(f64),
    /// `["<=", n]`: less than or equal to the number.
    AtMost(f64),
    /// `["between", [low, high]]`: from `low` (inclusive) to `high` (exclusive).
    Between(f64, f64),
    /// `["!between", [low, high]]`: less than `low`, or greater than or equal to `high`.
    NotBetween(f64, f64),
}

/// A condition on one key of custom data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CustomFilter {
    /// `"exists"`: the key is present.
    Exists,
    /// `"!exists"`: the key is absent.
    NotExists,
    /// A condition on the value. An absent key equals no string.
    Value(StringFilter),
}

impl ConversationFilter {
    /// Checks the sizes and the numbers. (Deserialization has checked the types and operators.)
    ///
    /// # Errors
    /// `invalid_argument` with the field's path, which starts with `filter`.
    pub fn check(&self) -> Result<(), ErrorBody> {
        self.check_at("filter")
    }

    /// Does the same for a filter in the field `path`.
    ///
    /// # Errors
    /// `invalid_argument` with the field's path, which starts with `path`.
    pub fn check_at(&self, path: &str) -> Result<(), ErrorBody> {
        match self {
            ConversationFilter::Simple(filter) => filter.check(path),
            ConversationFilter::Any(filters) => {
                let path = operand_path(path);
                at_most(&path, filters.len(), FILTER_ANY, "filters")?;
                for (index, filter) in filters.iter().enumerate() {
                    filter.check(&concat(&[&path, "[", &index.to_string(), "]"]))?;
                }
                Ok(())
            }
        }
    }
}

impl SimpleConversationFilter {
    fn check(&self, path: &str) -> Result<(), ErrorBody> {
        if let Some(access) = &self.access {
            access.check(&path_to(path, "access"))?;
        }
        if let Some(subject) = &self.subject {
            subject.check(&path_to(path, "subject"))?;
        }
        let numbers = [
            ("lastActivityAt", &self.last_activity_at),
            ("createdAt", &self.created_at),
            ("joinedAt", &self.joined_at),
        ];
        for (field, number) in numbers {
            if let Some(number) = number {
                number.check(&path_to(path, field))?;
            }
        }
        let Some(custom) = &self.custom else { return Ok(()) };
        let path = path_to(path, "custom");
        at_most(&path, custom.len(), FILTER_CUSTOM_KEYS, "keys")?;
        for (key, filter) in custom {
            if let CustomFilter::Value(filter) = filter {
                filter.check(&path_to(&path, key))?;
            }
        }
        Ok(())
    }
}

impl<T> StringFilter<T> {
    fn check(&self, path: &str) -> Result<(), ErrorBody> {
        match self {
            StringFilter::Is(_) | StringFilter::IsNot(_) => Ok(()),
            StringFilter::OneOf(values) | StringFilter::NotOneOf(values) => {
                at_most(&operand_path(path), values.len(), FILTER_VALUES, "values")
            }
        }
    }
}

impl NumberFilter {
    fn check(self, path: &str) -> Result<(), ErrorBody> {
        let (low, high) = match self {
            NumberFilter::Above(number)
            | NumberFilter::Below(number)
            | NumberFilter::AtLeast(number)
            | NumberFilter::AtMost(number) => (number, number),
            NumberFilter::Between(low, high) | NumberFilter::NotBetween(low, high) => (low, high),
        };
        if !low.is_finite() || !high.is_finite() {
            return Err(ErrorBody::invalid(operand_path(path), "must be a finite number"));
        }
        if low > high {
            return Err(ErrorBody::invalid(operand_path(path), "must be [low, high] with low at most high"));
        }
        Ok(())
    }
}

/// Returns the path of an operator's value.
fn operand_path(path: &str) -> String {
    concat(&[path, "[1]"])
}

impl Serialize for ConversationFilter {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            ConversationFilter::Simple(filter) => filter.serialize(serializer),
            ConversationFilter::Any(filters) => ("any", filters).serialize(serializer),
        }
    }
}

impl<T: Serialize> Serialize for StringFilter<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            StringFilter::Is(value) => ("==", value).serialize(serializer),
            StringFilter::IsNot(value) => ("!=", value).serialize(serializer),
            StringFilter::OneOf(values) => ("oneOf", values).serialize(serializer),
            StringFilter::NotOneOf(values) => ("!oneOf", values).serialize(serializer),
        }
    }
}

impl Serialize for NumberFilter {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match *self {
            NumberFilter::Above(number) => (">", from_f64(number)).serialize(serializer),
            NumberFilter::Below(number) => ("<", from_f64(number)).serialize(serializer),
            NumberFilter::AtLeast(number) => (">=", from_f64(number)).serialize(serializer),
            NumberFilter::AtMost(number) => ("<=", from_f64(number)).serialize(serializer),
            NumberFilter::Between(low, high) => {
                ("between", (from_f64(low), from_f64(high))).serialize(serializer)
            }
            NumberFilter::NotBetween(low, high) => {
                ("!between", (from_f64(low), from_f64(high))).serialize(serializer)
            }
        }
    }
}

impl Serialize for CustomFilter {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            CustomFilter::Exists => serializer.serialize_str("exists"),
            CustomFilter::NotExists => serializer.serialize_str("!exists"),
            CustomFilter::Value(filter) => filter.serialize(serializer),
        }
    }
}
