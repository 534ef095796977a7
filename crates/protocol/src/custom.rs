//! Custom data: the strings that an app attaches to a user, a conversation or a message.

use std::collections::BTreeMap;

/// Custom data: string values by key.
pub type Custom = BTreeMap<String, String>;

/// A patch of custom data: `Some` sets a key, `None` deletes it, and keys that are absent are kept.
pub type CustomPatch = BTreeMap<String, Option<String>>;
