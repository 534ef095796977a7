//! What a program says when it creates or sets a conversation or a participant.

use serde::{Deserialize, Serialize};

use super::{Custom, CustomPatch};
use crate::entities::{Access, Notify};
use crate::error::ErrorBody;
use crate::limits;
use crate::patch::Patch;

/// What a conversation is created with. `access` and `notify` are those of the caller, who becomes a participant.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CreateConversation {
    /// The subject.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// The URL of a photo.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub photo_url: Option<String>,
    /// What a person sees before the first message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub welcome_messages: Option<Vec<String>>,
    /// Custom data.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub custom: Option<Custom>,
    /// What the caller may do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub access: Option<Access>,
    /// Which messages the caller is notified of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notify: Option<Notify>,
}

/// What is changed of a conversation. Every field keeps, resets or sets; `custom` is a patch within.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SetConversation {
    /// The subject.
    #[serde(default, skip_serializing_if = "Patch::is_keep")]
    pub subject: Patch<String>,
    /// The URL of a photo.
    #[serde(default, skip_serializing_if = "Patch::is_keep")]
    pub photo_url: Patch<String>,
    /// What a person sees before the first message, replaced as a whole.
    #[serde(default, skip_serializing_if = "Patch::is_keep")]
    pub welcome_messages: Patch<Vec<String>>,
    /// Custom data, key by key.
    #[serde(default, skip_serializing_if = "Patch::is_keep")]
    pub custom: Patch<CustomPatch>,
    /// What the caller may do.
    #[serde(default, skip_serializing_if = "Patch::is_keep")]
    pub access: Patch<Access>,
    /// Which messages the caller is notified of.
    #[serde(default, skip_serializing_if = "Patch::is_keep")]
    pub notify: Patch<Notify>,
}

impl CreateConversation {
    /// Checks every value.
    ///
    /// # Errors
    /// `invalid_argument` with the field's name.
    pub fn check(&self) -> Result<(), ErrorBody> {
        check_fields(self.subject.as_deref(), self.photo_url.as_deref(), self.welcome_messages.as_deref())?;
        self.custom.as_ref().map_or(Ok(()), |custom| {
            limits::check_custom(
                "custom",
                custom.iter().map(|(key, value)| (key.as_str(), Some(value.as_str()))),
            )
        })
    }
}

impl SetConversation {
    /// Checks every value.
    ///
    /// # Errors
    /// `invalid_argument` with the field's name.
    pub fn check(&self) -> Result<(), ErrorBody> {
        check_fields(
            self.subject.value().map(String::as_str),
            self.photo_url.value().map(String::as_str),
            self.welcome_messages.value().map(Vec::as_slice),
        )?;
        self.custom.value().map_or(Ok(()), |custom| {
            limits::check_custom("custom", custom.iter().map(|(key, value)| (key.as_str(), value.as_deref())))
        })
    }
}

impl From<CreateConversation> for SetConversation {
    /// Creating is setting on an empty place.
    fn from(create: CreateConversation) -> Self {
        fn set<T>(value: Option<T>) -> Patch<T> {
            value.map_or(Patch::Keep, Patch::Set)
        }
        let custom =
            create.custom.map(|all| all.into_iter().map(|(key, value)| (key, Some(value))).collect());
        SetConversation {
            subject: set(create.subject),
            photo_url: set(create.photo_url),
            welcome_messages: set(create.welcome_messages),
            custom: set(custom),
            access: set(create.access),
            notify: set(create.notify),
        }
    }
}

/// What a participant is made with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreateParticipant {
    /// What the participant may do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub access: Option<Access>,
    /// Which messages the participant is notified of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notify: Option<Notify>,
}

/// What is changed of a participant. Every field keeps, resets or sets.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetParticipant {
    /// What the participant may do.
    #[serde(default, skip_serializing_if = "Patch::is_keep")]
    pub access: Patch<Access>,
    /// Which messages the participant is notified of.
    #[serde(default, skip_serializing_if = "Patch::is_keep")]
    pub notify: Patch<Notify>,
}

fn check_fields(
    subject: Option<&str>,
    photo_url: Option<&str>,
    welcome_messages: Option<&[String]>,
) -> Result<(), ErrorBody> {
    for (field, text) in [("subject", subject), ("photoUrl", photo_url)] {
        text.map_or(Ok(()), |text| limits::check_conversation_text(field, text))?;
    }
    welcome_messages.map_or(Ok(()), |all| limits::check_welcome_messages("welcomeMessages", all))
}
