//! The messages that a participant is notified of.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The messages that a participant is notified of. On the wire `true`, `false` or `"MentionsOnly"`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Notify {
    /// The participant is never notified.
    Never,
    /// The participant is notified of every message.
    #[default]
    Always,
    /// The participant is notified of messages that mention them.
    MentionsOnly,
}

impl Serialize for Notify {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Notify::Never => serializer.serialize_bool(false),
            Notify::Always => serializer.serialize_bool(true),
            Notify::MentionsOnly => serializer.serialize_str("MentionsOnly"),
        }
    }
}

impl<'de> Deserialize<'de> for Notify {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged, expecting = "expected true, false or \"MentionsOnly\"")]
        enum Given {
            Bool(bool),
            Word(Word),
        }
        #[derive(Deserialize)]
        enum Word {
            MentionsOnly,
        }
        Ok(match Given::deserialize(deserializer)? {
            Given::Bool(true) => Notify::Always,
            Given::Bool(false) => Notify::Never,
            Given::Word(Word::MentionsOnly) => Notify::MentionsOnly,
        })
    }
}
