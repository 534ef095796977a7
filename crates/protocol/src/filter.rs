//! Which conversations a subscription wants: the documented filters, read with errors that name the field, checked
//! for size, and matched against what the server knows of a conversation and its viewer.
//!
//! A filter is an object whose fields must all hold, or `["any", […]]` of such objects, of which one must. What is
//! absent equals nothing, and a negated operator is the opposite of its plain one, everywhere: `["!=", "red"]` and
//! `["!oneOf", ["red"]]` of a custom key hold for a conversation that lacks the key, just as those of the subject hold
//! for a conversation without one. (Somebody who hides what is "archived" wants to see what nobody has marked yet.)

mod matching;
mod reading;

use std::collections::BTreeMap;

use serde::{Serialize, Serializer};

use crate::content::whole;
use crate::entities::Access;
use crate::error::ErrorBody;
use crate::limits;

pub use matching::Facts;

/// The most filters in one `any`.
pub const ANY_FILTERS: usize = 10;
/// The most values of one `oneOf` or `!oneOf`.
pub const ONE_OF_VALUES: usize = 100;
/// The most keys of a filter's `custom`.
pub const CUSTOM_FILTERS: usize = 32;

/// Which of the caller's conversations are wanted.
#[derive(Clone, Debug, PartialEq)]
pub enum ConversationFilter {
    /// Those for which all of this holds.
    Simple(SimpleConversationFilter),
    /// Those for which one of these holds: `["any", [filter, …]]`.
    Any(Vec<SimpleConversationFilter>),
}

/// What must hold, all of it. Without a field, nothing is asked of it.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SimpleConversationFilter {
    /// What the caller may do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub access: Option<StringFilter<Access>>,
    /// Custom data, key by key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub custom: Option<BTreeMap<String, CustomFilter>>,
    /// Whether it counts as unread.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_unread: Option<bool>,
    /// The subject, which may be `null`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<StringFilter<Option<String>>>,
    /// When the last message was sent, or when the caller joined if that was later.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_activity_at: Option<NumberFilter>,
    /// When it was created.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_at: Option<NumberFilter>,
    /// When the caller joined.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub joined_at: Option<NumberFilter>,
    /// Whether it has messages.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub has_messages: Option<bool>,
}

/// What a string must be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StringFilter<T = String> {
    /// `["==", v]`: this one.
    Is(T),
    /// `["!=", v]`: another than this one.
    IsNot(T),
    /// `["oneOf", [v, …]]`: one of these.
    OneOf(Vec<T>),
    /// `["!oneOf", [v, …]]`: none of these.
    NotOneOf(Vec<T>),
}

/// What a number must be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum NumberFilter {
    /// `[">", n]`
    Above(f64),
    /// `["<", n]`
    Below(f64),
    /// `[">=", n]`
    AtLeast(f64),
    /// `["<=", n]`
    AtMost(f64),
    /// `["between", [low, high]]`: the low one included, the high one not.
    Between(f64, f64),
    /// `["!between", [low, high]]`: below the low one, or the high one, or above it.
    NotBetween(f64, f64),
}

/// What must hold of one key of custom data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CustomFilter {
    /// `"exists"`: the key is there.
    Exists,
    /// `"!exists"`: it is not.
    NotExists,
    /// The value, where there is one.
    Value(StringFilter),
}

impl ConversationFilter {
    /// Checks the sizes and the numbers. (Types and operators were checked in reading.)
    ///
    /// # Errors
    /// `invalid_argument` with the field's path, which begins with `filter`.
    pub fn check(&self) -> Result<(), ErrorBody> {
        match self {
            ConversationFilter::Simple(filter) => filter.check("filter"),
            ConversationFilter::Any(filters) => {
                limits::at_most("filter[1]", filters.len(), ANY_FILTERS, "filters")?;
                for (index, filter) in filters.iter().enumerate() {
                    filter.check(&["filter[1][", &index.to_string(), "]"].concat())?;
                }
                Ok(())
            }
        }
    }
}

impl SimpleConversationFilter {
    fn check(&self, path: &str) -> Result<(), ErrorBody> {
        if let Some(access) = &self.access {
            access.check(&limits::path_to(path, "access"))?;
        }
        if let Some(subject) = &self.subject {
            subject.check(&limits::path_to(path, "subject"))?;
        }
        let numbers = [
            ("lastActivityAt", &self.last_activity_at),
            ("createdAt", &self.created_at),
            ("joinedAt", &self.joined_at),
        ];
        for (field, number) in numbers {
            if let Some(number) = number {
                number.check(&limits::path_to(path, field))?;
            }
        }
        let Some(custom) = &self.custom else { return Ok(()) };
        let path = limits::path_to(path, "custom");
        limits::at_most(&path, custom.len(), CUSTOM_FILTERS, "keys")?;
        for (key, filter) in custom {
            if let CustomFilter::Value(filter) = filter {
                filter.check(&limits::path_to(&path, key))?;
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
                limits::at_most(&second(path), values.len(), ONE_OF_VALUES, "values")
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
            return Err(ErrorBody::invalid(second(path), "must be a finite number"));
        }
        if low > high {
            return Err(ErrorBody::invalid(second(path), "must be [low, high] with low not above high"));
        }
        Ok(())
    }
}

/// The path of an operator's value.
fn second(path: &str) -> String {
    [path, "[1]"].concat()
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
            NumberFilter::Above(number) => (">", whole(number)).serialize(serializer),
            NumberFilter::Below(number) => ("<", whole(number)).serialize(serializer),
            NumberFilter::AtLeast(number) => (">=", whole(number)).serialize(serializer),
            NumberFilter::AtMost(number) => ("<=", whole(number)).serialize(serializer),
            NumberFilter::Between(low, high) => ("between", (whole(low), whole(high))).serialize(serializer),
            NumberFilter::NotBetween(low, high) => {
                ("!between", (whole(low), whole(high))).serialize(serializer)
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
