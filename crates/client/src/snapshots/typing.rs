//! The users who are typing in a conversation.

use serde::de::{Error, Unexpected};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::definition::snapshot;
use super::user::UserSnapshot;

/// A flag with only one value, which distinguishes the forms of a snapshot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Always<const VALUE: bool>;

impl<const VALUE: bool> Serialize for Always<VALUE> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bool(VALUE)
    }
}

impl<'de, const VALUE: bool> Deserialize<'de> for Always<VALUE> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = bool::deserialize(deserializer)?;
        let expected = if VALUE { "true" } else { "false" };
        if value == VALUE {
            Ok(Always)
        } else {
            Err(D::Error::invalid_value(Unexpected::Bool(value), &expected))
        }
    }
}

snapshot! {
    /// At most five users are typing, or none.
    pub struct FewTypingSnapshot as Object {
        /// Distinguishes it from [`ManyTypingSnapshot`].
        many: Always<false>,
        /// The users who are typing, in the order in which they began.
        users: Vec<UserSnapshot>,
    }
}

snapshot! {
    /// More than five users are typing.
    pub struct ManyTypingSnapshot as Object {
        /// Distinguishes it from [`FewTypingSnapshot`].
        many: Always<true>,
    }
}

/// The users who are typing in a conversation: a few by name, or many. The current user is never among them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum TypingSnapshot {
    /// A few.
    Few(FewTypingSnapshot),
    /// Many.
    Many(ManyTypingSnapshot),
}
