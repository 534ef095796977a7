//! The permission of a participant in a conversation.

use serde::{Deserialize, Deserializer, Serialize};

use crate::string_enum;

/// The permission of a participant in a conversation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub enum Access {
    /// The participant may read messages, but not send any.
    Read,
    /// The participant may read and send messages.
    #[default]
    ReadWrite,
}

impl<'de> Deserialize<'de> for Access {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        string_enum::read(deserializer, &["Read", "ReadWrite"], [Access::Read, Access::ReadWrite])
    }
}
