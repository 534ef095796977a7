//! What a program says when it sends or edits a message.

use serde::{Deserialize, Serialize};

use super::{Custom, CustomPatch};
use crate::content::ContentBlock;
use crate::error::ErrorBody;
use crate::ids::MessageId;
use crate::limits;
use crate::patch::Patch;

/// A message to send: a text with markup, or content; one of the two. What content may be is checked where the
/// message is written, because it depends on who sends it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SendMessage {
    /// The text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// The content: exactly one block.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content: Option<Vec<ContentBlock>>,
    /// Custom data.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub custom: Option<Custom>,
    /// The message that is answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub referenced_message: Option<MessageId>,
}

/// What is changed of a message: its text or its content, or neither; and custom data, key by key.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EditMessage {
    /// The text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// The content: exactly one block.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content: Option<Vec<ContentBlock>>,
    /// Custom data, key by key.
    #[serde(default, skip_serializing_if = "Patch::is_keep")]
    pub custom: Patch<CustomPatch>,
}

impl SendMessage {
    /// Checks every value but the content.
    ///
    /// # Errors
    /// `invalid_argument` with the field's name.
    pub fn check(&self) -> Result<(), ErrorBody> {
        if self.text.is_none() && self.content.is_none() {
            return Err(ErrorBody::invalid("text", "is required, unless there is content"));
        }
        check_said(self.text.as_deref(), self.content.as_deref())?;
        self.custom.as_ref().map_or(Ok(()), |custom| {
            limits::check_custom(
                "custom",
                custom.iter().map(|(key, value)| (key.as_str(), Some(value.as_str()))),
            )
        })
    }
}

impl EditMessage {
    /// Checks every value but the content.
    ///
    /// # Errors
    /// `invalid_argument` with the field's name.
    pub fn check(&self) -> Result<(), ErrorBody> {
        check_said(self.text.as_deref(), self.content.as_deref())?;
        self.custom.value().map_or(Ok(()), |custom| {
            limits::check_custom("custom", custom.iter().map(|(key, value)| (key.as_str(), value.as_deref())))
        })
    }
}

fn check_said(text: Option<&str>, content: Option<&[ContentBlock]>) -> Result<(), ErrorBody> {
    match (text, content) {
        (Some(_), Some(_)) => {
            Err(ErrorBody::invalid("content", "must not be given beside text: give one of them"))
        }
        (Some(text), None) => limits::check_text("text", text, limits::TEXT_CHARS),
        (None, Some(blocks)) if blocks.len() != 1 => {
            Err(ErrorBody::invalid("content", "must be an array of exactly one block"))
        }
        (None, _) => Ok(()),
    }
}
