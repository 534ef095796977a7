//! The bodies of REST calls that are not parameters of an op as well.

use causerie_markup::Sender;
use causerie_protocol::content::ContentBlock;
use causerie_protocol::entities::MessageKind;
use causerie_protocol::error::ErrorBody;
use causerie_protocol::ids::{MessageId, UserId};
use causerie_protocol::params::{Custom, map_option};
use causerie_protocol::validation;
use serde::{Deserialize, Serialize};

use super::{PRESENCES_MAX, PRESENCES_PER_POST, RECIPIENTS_PER_POST};
use crate::rules::content;
use crate::rules::refusal::Refusal;

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
        if self.text.is_none() && self.content.is_none() {
            return Err(Refusal::NoContent.into());
        }
        content::check(self.text.as_deref(), self.content.as_deref(), Sender::Backend)?;
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
