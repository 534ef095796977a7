//! The parameters that create or set a conversation or a participant.

use serde::{Deserialize, Serialize};

use crate::access::Access;
use crate::custom::{Custom, CustomPatch, map_option, map_patch};
use crate::error::ErrorBody;
use crate::ids::UserId;
use crate::notify::Notify;
use crate::patch::Patch;
use crate::validation::{check_conversation_text, check_custom, check_welcome_messages};

/// The fields of a new conversation. `access` and `notify` are those of the caller, who becomes a
/// participant.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CreateConversation {
    /// The subject of the conversation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// The URL of a photo.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub photo_url: Option<String>,
    /// The texts that are shown before the first message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub welcome_messages: Option<Vec<String>>,
    /// The custom data.
    #[serde(default, deserialize_with = "map_option", skip_serializing_if = "Option::is_none")]
    pub custom: Option<Custom>,
    /// The permission of the caller.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub access: Option<Access>,
    /// The messages that the caller is notified of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notify: Option<Notify>,
}

/// Declares the changes of a conversation: the settings, which are the same for clients and backends, and
/// fields of its own.
macro_rules! conversation_changes {
    ($(#[$attribute:meta])* $name:ident { $($own:tt)* }) => {
        $(#[$attribute])*
        #[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(rename_all = "camelCase")]
        pub struct $name {
            /// The subject of the conversation.
            #[serde(default, skip_serializing_if = "Patch::is_keep")]
            pub subject: Patch<String>,
            /// The URL of a photo.
            #[serde(default, skip_serializing_if = "Patch::is_keep")]
            pub photo_url: Patch<String>,
            /// The new list of texts that are shown before the first message.
            #[serde(default, skip_serializing_if = "Patch::is_keep")]
            pub welcome_messages: Patch<Vec<String>>,
            /// A patch of the custom data.
            #[serde(default, deserialize_with = "map_patch", skip_serializing_if = "Patch::is_keep")]
            pub custom: Patch<CustomPatch>,
            $($own)*
        }

        impl $name {
            /// Checks the value of every field.
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
                    check_custom("custom", custom.iter().map(|(key, value)| (key.as_str(), value.as_deref())))
                })
            }
        }
    };
}

conversation_changes! {
    /// The changes of a conversation. `custom` is a patch of its keys; all other fields are replaced whole.
    SetConversation {
        /// The permission of the caller.
        #[serde(default, skip_serializing_if = "Patch::is_keep")]
        pub access: Patch<Access>,
        /// The messages that the caller is notified of.
        #[serde(default, skip_serializing_if = "Patch::is_keep")]
        pub notify: Patch<Notify>,
    }
}

conversation_changes! {
    /// The changes of a conversation by a backend: the body of `PUT /conversations/{id}`.
    PutConversation {
        /// Users to add as participants. Existing participants keep their settings.
        #[serde(default)]
        pub participants: Option<Vec<UserId>>,
    }
}

impl CreateConversation {
    /// Checks the value of every field.
    ///
    /// # Errors
    /// `invalid_argument` with the field's name.
    pub fn check(&self) -> Result<(), ErrorBody> {
        check_fields(self.subject.as_deref(), self.photo_url.as_deref(), self.welcome_messages.as_deref())?;
        self.custom.as_ref().map_or(Ok(()), |custom| {
            check_custom("custom", custom.iter().map(|(key, value)| (key.as_str(), Some(value.as_str()))))
        })
    }
}

impl From<CreateConversation> for SetConversation {
    /// Converts to a `set` that has the same effect on a new conversation.
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

impl From<PutConversation> for SetConversation {
    /// Leaves out the participants.
    fn from(put: PutConversation) -> Self {
        SetConversation {
            subject: put.subject,
            photo_url: put.photo_url,
            welcome_messages: put.welcome_messages,
            custom: put.custom,
            ..SetConversation::default()
        }
    }
}

/// The fields of a new participant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreateParticipant {
    /// The permission of the participant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub access: Option<Access>,
    /// The messages that the participant is notified of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notify: Option<Notify>,
}

/// The changes of a participant.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetParticipant {
    /// The permission of the participant.
    #[serde(default, skip_serializing_if = "Patch::is_keep")]
    pub access: Patch<Access>,
    /// The messages that the participant is notified of.
    #[serde(default, skip_serializing_if = "Patch::is_keep")]
    pub notify: Patch<Notify>,
}

fn check_fields(
    subject: Option<&str>,
    photo_url: Option<&str>,
    welcome_messages: Option<&[String]>,
) -> Result<(), ErrorBody> {
    for (field, text) in [("subject", subject), ("photoUrl", photo_url)] {
        text.map_or(Ok(()), |text| check_conversation_text(field, text))?;
    }
    welcome_messages.map_or(Ok(()), |all| check_welcome_messages("welcomeMessages", all))
}
