//! The bodies of REST calls that are not parameters of an op as well.

use causerie_protocol::content::ContentBlock;
use causerie_protocol::entities::{MessageKind, Notify};
use causerie_protocol::error::ErrorBody;
use causerie_protocol::ids::{MessageId, UserId};
use causerie_protocol::params::{Custom, CustomPatch, map_option, map_patch};
use causerie_protocol::patch::Patch;
use causerie_protocol::validation;
use serde::{Deserialize, Serialize};

use super::{PRESENCES_MAX, PRESENCES_PER_POST, READERS_PER_POST, RECIPIENTS_PER_POST};
use crate::rules::content;

/// The body of `POST /presences`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PostPresences {
    /// The users whose presence is asked for; each may exist or not. If they are left out, all who are
    /// online.
    #[serde(default)]
    pub user_ids: Option<Vec<UserId>>,
    /// Leaves out the users with another status.
    #[serde(default)]
    pub connection_status: Option<ConnectionStatus>,
    /// Leaves out the users who are typing, or those who are not.
    #[serde(default)]
    pub is_typing: Option<bool>,
    /// Accepted without an effect: the server has no sessions in the background.
    #[serde(default)]
    pub include_background_sessions: Option<bool>,
    /// The most users in the response.
    #[serde(default)]
    pub limit: Option<u32>,
    /// The id of the user after which the response starts.
    #[serde(default)]
    pub starting_after: Option<String>,
}

/// Whether a user is online.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ConnectionStatus {
    /// A client of the user has a subscription, or made a request in the last seconds.
    #[default]
    Online,
    /// The user is not online, or does not exist.
    Offline,
}

impl PostPresences {
    pub(super) fn check(&self) -> Result<(), ErrorBody> {
        if let Some(limit) = self.limit
            && !(1..=PRESENCES_MAX).contains(&limit)
        {
            let problem = format!("must be a number from 1 to {PRESENCES_MAX} (got {limit})");
            return Err(ErrorBody::invalid("limit", &problem));
        }
        let Some(users) = &self.user_ids else {
            return match self.connection_status {
                Some(ConnectionStatus::Offline) => {
                    Err(ErrorBody::invalid("userIds", "is required for the users who are offline"))
                }
                _ => Ok(()),
            };
        };
        let count = users.len();
        if !(1..=PRESENCES_PER_POST).contains(&count) {
            let problem = format!("must be a list of 1 to {PRESENCES_PER_POST} ids of users (got {count})");
            return Err(ErrorBody::invalid("userIds", &problem));
        }
        Ok(())
    }
}

/// The body of `POST /conversations/{conversation}/notifications`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PostNotifications {
    /// The ways in which the receiver of the event should notify: `email`, `sms` or `push`.
    pub channels: Vec<String>,
    /// The participants to notify, if they have unread messages; by default all.
    #[serde(default)]
    pub recipients: Option<Vec<UserId>>,
}

impl PostNotifications {
    pub(super) fn check(&self) -> Result<(), ErrorBody> {
        let known = |channel: &String| ["email", "sms", "push"].contains(&channel.as_str());
        if !(1..=3).contains(&self.channels.len()) || !self.channels.iter().all(known) {
            return Err(ErrorBody::invalid("channels", "must be a list of \"email\", \"sms\" or \"push\""));
        }
        match &self.recipients {
            Some(users) if !(1..=RECIPIENTS_PER_POST).contains(&users.len()) => {
                let problem = format!(
                    "must be a list of 1 to {RECIPIENTS_PER_POST} ids of users (got {})",
                    users.len()
                );
                Err(ErrorBody::invalid("recipients", &problem))
            }
            _ => Ok(()),
        }
    }
}

/// The body of `POST /webhooks/replay`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ReplayEvents {
    /// The id of the failed event to send again; by default all of them.
    #[serde(default)]
    pub id: Option<String>,
}

/// The body of `PUT /v1/{app}`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PutApp {
    /// The id of the app, which cannot be changed.
    #[serde(default)]
    pub id: Option<String>,
    /// A patch of the custom data.
    #[serde(default, deserialize_with = "map_patch")]
    pub custom: Patch<CustomPatch>,
    /// The locale of users without one, which only the server's settings can change.
    #[serde(default)]
    pub default_locale: Option<String>,
}

impl PutApp {
    pub(super) fn check(&self) -> Result<(), ErrorBody> {
        self.custom.value().map_or(Ok(()), |custom| {
            let entries = custom.iter().map(|(key, value)| (key.as_str(), value.as_deref()));
            validation::check_custom("custom", entries)
        })
    }
}

/// The permission of a participant, as a backend sets it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub enum BackendAccess {
    /// No access: the user is not a participant.
    None,
    /// The participant may read messages, but not send any.
    Read,
    /// The participant may read and send messages.
    #[default]
    ReadWrite,
}

impl TryFrom<String> for BackendAccess {
    type Error = &'static str;

    fn try_from(name: String) -> Result<Self, Self::Error> {
        match name.as_str() {
            "None" => Ok(BackendAccess::None),
            "Read" => Ok(BackendAccess::Read),
            "ReadWrite" => Ok(BackendAccess::ReadWrite),
            _ => Err("must be \"None\", \"Read\" or \"ReadWrite\""),
        }
    }
}

/// The body of `PUT` and `PATCH /conversations/{conversation}/participants/{user}`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct PutParticipant {
    /// The permission of the participant.
    #[serde(default)]
    pub access: Patch<BackendAccess>,
    /// The messages that the participant is notified of.
    #[serde(default)]
    pub notify: Patch<Notify>,
}

/// The body of `POST /conversations/{conversation}/messages/{message}/readBy`: the participants who have read
/// the message, as a list or in the field `userIds`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged, expecting = "must be a list of ids of users, or an object with the list `userIds`")]
pub enum PostReaders {
    /// The list itself.
    List(Vec<UserId>),
    /// An object with the list.
    #[serde(rename_all = "camelCase")]
    Object {
        /// The list.
        user_ids: Vec<UserId>,
    },
}

impl PostReaders {
    /// The participants who have read the message.
    pub(in crate::rules) fn users(&self) -> &[UserId] {
        match self {
            PostReaders::List(users) | PostReaders::Object { user_ids: users } => users,
        }
    }

    pub(super) fn check(&self) -> Result<(), ErrorBody> {
        let count = self.users().len();
        if (1..=READERS_PER_POST).contains(&count) {
            return Ok(());
        }
        let problem = format!("must be a list of 1 to {READERS_PER_POST} ids of users (got {count})");
        Err(ErrorBody::invalid("userIds", &problem))
    }
}

/// One message in the body of `POST /import/conversations/{conversation}/messages`.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ImportMessage {
    /// Only messages of users can be imported.
    #[serde(rename = "type", default)]
    pub kind: Option<MessageKind>,
    /// The sender, a user who exists.
    pub sender: UserId,
    /// The content as a text with markup. Required unless there is `content`.
    #[serde(default)]
    pub text: Option<String>,
    /// The content as exactly one block.
    #[serde(default)]
    pub content: Option<Vec<ContentBlock>>,
    /// When it was sent, in Unix milliseconds.
    pub timestamp: i64,
    /// The users who have read it.
    #[serde(default)]
    pub read_by: Vec<UserId>,
    /// The custom data.
    #[serde(default, deserialize_with = "map_option")]
    pub custom: Option<Custom>,
    /// The token of a file that `POST /files` returned. It stands for a content that is this file.
    #[serde(default)]
    pub attachment_token: Option<String>,
}

impl ImportMessage {
    pub(super) fn check(&self) -> Result<(), ErrorBody> {
        if self.kind.is_some_and(|kind| kind != MessageKind::UserMessage) {
            return Err(ErrorBody::invalid("type", "must be \"UserMessage\""));
        }
        if self.timestamp < 0 {
            return Err(ErrorBody::invalid("timestamp", "must be a time in Unix milliseconds"));
        }
        if self.read_by.len() > READERS_PER_POST {
            let problem =
                format!("must have at most {READERS_PER_POST} entries (got {})", self.read_by.len());
            return Err(ErrorBody::invalid("readBy", &problem));
        }
        let attachment = self.attachment_token.as_deref();
        content::check_one(self.text.as_deref(), self.content.as_deref(), attachment)?;
        self.custom.as_ref().map_or(Ok(()), |custom| {
            let entries = custom.iter().map(|(key, value)| (key.as_str(), Some(value.as_str())));
            validation::check_custom("custom", entries)
        })
    }
}

/// The body of `POST /users/{user}/revocations`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RevokeTokens {
    /// The time before which the refused tokens were issued, in Unix milliseconds. The service sets it if it
    /// is left out.
    #[serde(default)]
    pub before: Option<i64>,
}

impl RevokeTokens {
    pub(super) fn check(&self) -> Result<(), ErrorBody> {
        match self.before {
            Some(before) if before < 0 => {
                let problem = format!("must be a time in Unix milliseconds (got {before})");
                Err(ErrorBody::invalid("before", &problem))
            }
            _ => Ok(()),
        }
    }
}

/// One message in the body of `POST /conversations/{id}/messages`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PostMessage {
    /// Whether a user or the system sends the message.
    #[serde(rename = "type")]
    pub kind: MessageKind,
    /// The sender; required for a user's message, and forbidden for a system message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sender: Option<UserId>,
    /// The content as a text with markup. Required unless there is `content`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// The content as exactly one block.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content: Option<Vec<ContentBlock>>,
    /// The token of a file that `POST /files` returned. It stands for a content that is this file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attachment_token: Option<String>,
    /// The message of the same conversation that this one replies to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub referenced_message_id: Option<MessageId>,
    /// Custom data of the message.
    #[serde(default, deserialize_with = "map_option", skip_serializing_if = "Option::is_none")]
    pub custom: Option<Custom>,
    /// A message that is posted again with the same key is sent once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub idempotency_key: Option<String>,
}

impl PostMessage {
    /// Checks every value.
    ///
    /// # Errors
    /// `invalid_argument` with the field's name.
    pub fn check(&self) -> Result<(), ErrorBody> {
        match (self.kind, &self.sender) {
            (MessageKind::UserMessage, None) => {
                return Err(ErrorBody::invalid("sender", "is required for a UserMessage: the id of a user"));
            }
            (MessageKind::SystemMessage, Some(_)) => {
                return Err(ErrorBody::invalid("sender", "must not be given: a SystemMessage has no sender"));
            }
            _ => {}
        }
        let attachment = self.attachment_token.as_deref();
        content::check_one(self.text.as_deref(), self.content.as_deref(), attachment)?;
        if let Some(key) = &self.idempotency_key {
            validation::check_id("idempotencyKey", key)?;
        }
        self.custom.as_ref().map_or(Ok(()), |custom| {
            validation::check_custom(
                "custom",
                custom.iter().map(|(key, value)| (key.as_str(), Some(value.as_str()))),
            )
        })
    }
}
