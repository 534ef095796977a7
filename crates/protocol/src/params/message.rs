//! The parameters that send or edit a message.

use crate::text::concat;
use serde::{Deserialize, Serialize};

use crate::content::ContentBlock;
use crate::custom::{Custom, CustomPatch, map_option, map_patch};
use crate::error::ErrorBody;
use crate::ids::MessageId;
use crate::limits::TEXT_CHARS;
use crate::patch::Patch;
use crate::validation::{check_custom, check_text};

/// A new message with either a text with markup, or content. The server's rules check the content, because
/// the allowed nodes depend on the kind of sender.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SendMessage {
    /// The text with markup.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// The content, exactly one block.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content: Option<Vec<ContentBlock>>,
    /// The custom data.
    #[serde(default, deserialize_with = "map_option", skip_serializing_if = "Option::is_none")]
    pub custom: Option<Custom>,
    /// The message that this one replies to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub referenced_message: Option<MessageId>,
}

/// The changes of a message: its text or its content or neither, and its custom data.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EditMessage {
    /// The text with markup.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// The content, exactly one block.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content: Option<Vec<ContentBlock>>,
    /// A patch of the custom data.
    #[serde(default, deserialize_with = "map_patch", skip_serializing_if = "Patch::is_keep")]
    pub custom: Patch<CustomPatch>,
}

impl SendMessage {
    /// Checks the value of every field except the nodes of the content.
    ///
    /// # Errors
    /// `invalid_argument` with the field's name.
    pub fn check(&self) -> Result<(), ErrorBody> {
        if self.text.is_none() && self.content.is_none() {
            return Err(ErrorBody::invalid("text", "is required if there is no content"));
        }
        check_payload(self.text.as_deref(), self.content.as_deref())?;
        self.custom.as_ref().map_or(Ok(()), |custom| {
            check_custom("custom", custom.iter().map(|(key, value)| (key.as_str(), Some(value.as_str()))))
        })
    }
}

impl EditMessage {
    /// Checks the value of every field except the nodes of the content.
    ///
    /// # Errors
    /// `invalid_argument` with the field's name.
    pub fn check(&self) -> Result<(), ErrorBody> {
        check_payload(self.text.as_deref(), self.content.as_deref())?;
        self.custom.value().map_or(Ok(()), |custom| {
            check_custom("custom", custom.iter().map(|(key, value)| (key.as_str(), value.as_deref())))
        })
    }
}

fn check_payload(text: Option<&str>, content: Option<&[ContentBlock]>) -> Result<(), ErrorBody> {
    match (text, content) {
        (Some(_), Some(_)) => Err(ErrorBody::invalid("content", "must not be given together with text")),
        (Some(text), None) => check_text("text", text, TEXT_CHARS),
        (None, Some(blocks)) if blocks.len() != 1 => {
            let problem =
                concat(&["must be an array of exactly one block (got ", &blocks.len().to_string(), ")"]);
            Err(ErrorBody::invalid("content", &problem))
        }
        (None, _) => Ok(()),
    }
}
