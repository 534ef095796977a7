//! The three states of a field in a `set`: keep, clear, or set to a value.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A field of a `set`: absent (or `undefined`) keeps the current value, `null` resets it, a value replaces
/// it.
///
/// Fields of this type carry `#[serde(default, skip_serializing_if = "Patch::is_keep")]`.
///
/// ```
/// use causerie_protocol::Patch;
///
/// let current = Some("Ada");
/// assert_eq!(Patch::Keep.apply(current), Some("Ada"));
/// assert_eq!(Patch::Clear.apply(current), None);
/// assert_eq!(Patch::Set("Grace").apply(current), Some("Grace"));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Patch<T> {
    /// Keeps the current value.
    #[default]
    Keep,
    /// Resets the field to its default.
    Clear,
    /// Sets the field to this value.
    Set(T),
}

impl<T> Patch<T> {
    /// Whether the patch keeps the current value.
    #[must_use]
    pub const fn is_keep(&self) -> bool {
        matches!(self, Patch::Keep)
    }

    /// Returns the new value, if the patch sets one.
    #[must_use]
    pub const fn value(&self) -> Option<&T> {
        match self {
            Patch::Set(value) => Some(value),
            Patch::Keep | Patch::Clear => None,
        }
    }

    /// Returns the value of the field after the patch: the current value, the new value, or none.
    #[must_use]
    pub fn apply(self, current: Option<T>) -> Option<T> {
        match self {
            Patch::Keep => current,
            Patch::Clear => None,
            Patch::Set(value) => Some(value),
        }
    }
}

impl<T: Serialize> Serialize for Patch<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Patch::Set(value) => serializer.serialize_some(value),
            Patch::Keep | Patch::Clear => serializer.serialize_none(),
        }
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Patch<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(match Option::<T>::deserialize(deserializer)? {
            Some(value) => Patch::Set(value),
            None => Patch::Clear,
        })
    }
}
