//! What a backend asks for through the REST API: one command for each route, with the body it takes. Deserialising
//! checks types; `check` checks the values against the protocol's limits.

use causerie_protocol::entities::{Access, MessageKind, Notify};
use causerie_protocol::error::{ErrorBody, ErrorCode};
use causerie_protocol::ids::{ConversationId, MessageId, UserId};
use causerie_protocol::limits;
use causerie_protocol::params::{Custom, CustomPatch, SetUser};
use causerie_protocol::patch::Patch;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::content;

/// The most messages in one POST.
pub const MESSAGES_PER_POST: usize = 10;
/// How many messages a page has where the caller does not say.
pub const PAGE_DEFAULT: u32 = 30;
/// The most messages a page has.
pub const PAGE_MAX: u32 = 100;

/// One call of the REST API.
#[derive(Clone, Debug)]
pub enum RestCommand {
    /// `PUT /users/{id}`: creates or changes a user. Answers `{}`.
    UserPut {
        /// Whom.
        user: UserId,
        /// What to set.
        data: SetUser,
    },
    /// `GET /users/{id}`: a user with what is private.
    UserGet {
        /// Whom.
        user: UserId,
    },
    /// `PUT /conversations/{id}`: creates or changes a conversation, and adds participants. Answers `{}`.
    ConversationPut {
        /// Which one.
        conversation: ConversationId,
        /// What to set.
        data: PutConversation,
    },
    /// `GET /conversations/{id}`: a conversation with its participants and its last message.
    ConversationGet {
        /// Which one.
        conversation: ConversationId,
    },
    /// `PUT /conversations/{id}/participants/{user}`: what is not given is set to its default. Answers `{}`.
    ParticipantPut {
        /// Where.
        conversation: ConversationId,
        /// Whom.
        user: UserId,
        /// What to set.
        data: PutParticipant,
    },
    /// `PATCH /conversations/{id}/participants/{user}`: what is not given is kept. Answers `{}`.
    ParticipantPatch {
        /// Where.
        conversation: ConversationId,
        /// Whom.
        user: UserId,
        /// What to set.
        data: PutParticipant,
    },
    /// `DELETE /conversations/{id}/participants/{user}`. Answers `{}`, also where the user was no participant.
    ParticipantDelete {
        /// Where.
        conversation: ConversationId,
        /// Whom.
        user: UserId,
    },
    /// `POST /conversations/{id}/messages`: all of them or none. Answers `[{ "id": … }]`.
    MessagesPost {
        /// Where.
        conversation: ConversationId,
        /// What to send.
        messages: Vec<PostMessage>,
    },
    /// `GET /conversations/{id}/messages`: newest first. Answers `{ "data": […] }`.
    MessagesGet {
        /// Where.
        conversation: ConversationId,
        /// Which page.
        page: Page,
    },
}

impl RestCommand {
    /// The command's name, for logs.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            RestCommand::UserPut { .. } => "PUT user",
            RestCommand::UserGet { .. } => "GET user",
            RestCommand::ConversationPut { .. } => "PUT conversation",
            RestCommand::ConversationGet { .. } => "GET conversation",
            RestCommand::ParticipantPut { .. } => "PUT participant",
            RestCommand::ParticipantPatch { .. } => "PATCH participant",
            RestCommand::ParticipantDelete { .. } => "DELETE participant",
            RestCommand::MessagesPost { .. } => "POST messages",
            RestCommand::MessagesGet { .. } => "GET messages",
        }
    }

    /// Whether the command changes anything.
    #[must_use]
    pub const fn writes(&self) -> bool {
        match self {
            RestCommand::UserGet { .. }
            | RestCommand::ConversationGet { .. }
            | RestCommand::MessagesGet { .. } => false,
            RestCommand::UserPut { .. }
            | RestCommand::ConversationPut { .. }
            | RestCommand::ParticipantPut { .. }
            | RestCommand::ParticipantPatch { .. }
            | RestCommand::ParticipantDelete { .. }
            | RestCommand::MessagesPost { .. } => true,
        }
    }

    /// Checks every value of the command.
    ///
    /// # Errors
    /// `invalid_argument` with the field's name.
    pub fn check(&self) -> Result<(), ErrorBody> {
        match self {
            RestCommand::UserPut { data, .. } => data.check(),
            RestCommand::ConversationPut { data, .. } => data.check(),
            RestCommand::MessagesGet { page, .. } => page.check(),
            RestCommand::MessagesPost { messages, .. } => {
                if messages.is_empty() || messages.len() > MESSAGES_PER_POST {
                    let text = format!("the body must be an array of 1 to {MESSAGES_PER_POST} messages");
                    return Err(ErrorBody::new(ErrorCode::InvalidArgument, text));
                }
                messages.iter().enumerate().try_for_each(|(index, message)| {
                    message.check().map_err(|error| error.within(&format!("[{index}]")))
                })
            }
            RestCommand::UserGet { .. }
            | RestCommand::ConversationGet { .. }
            | RestCommand::ParticipantPut { .. }
            | RestCommand::ParticipantPatch { .. }
            | RestCommand::ParticipantDelete { .. } => Ok(()),
        }
    }
}

/// The body of `PUT /conversations/{id}`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PutConversation {
    /// Users to make participants; who already is one stays as they are.
    #[serde(default)]
    pub participants: Option<Vec<UserId>>,
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
}

impl PutConversation {
    /// Checks every value.
    ///
    /// # Errors
    /// `invalid_argument` with the field's name.
    pub fn check(&self) -> Result<(), ErrorBody> {
        if let Some(subject) = self.subject.value() {
            limits::check_text("subject", subject, limits::SUBJECT_CHARS)?;
        }
        if let Some(url) = self.photo_url.value() {
            limits::check_photo_url("photoUrl", url)?;
        }
        if let Some(messages) = self.welcome_messages.value() {
            limits::check_welcome_messages("welcomeMessages", messages)?;
        }
        self.custom.value().map_or(Ok(()), |custom| {
            limits::check_custom("custom", custom.iter().map(|(key, value)| (key.as_str(), value.as_deref())))
        })
    }
}

/// The body of `PUT` and `PATCH` on a participant.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PutParticipant {
    /// What the participant may do; by default `ReadWrite`.
    #[serde(default, skip_serializing_if = "Patch::is_keep")]
    pub access: Patch<Access>,
    /// What the participant is notified of; by default everything.
    #[serde(default, skip_serializing_if = "Patch::is_keep")]
    pub notify: Patch<Notify>,
}

/// One message of a POST.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PostMessage {
    /// Whether a user says it or the system.
    #[serde(rename = "type")]
    pub kind: MessageKind,
    /// Who says it; required for a user's message, and not for the system's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sender: Option<UserId>,
    /// What it says. Either this or `content`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// What it says, as exactly one block.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content: Option<Box<RawValue>>,
    /// The message of the same conversation that this one answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub referenced_message_id: Option<MessageId>,
    /// Custom data.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub custom: Option<Custom>,
    /// Sent again with the same key, the message is the same one.
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
        content::check_message(self)?;
        if let Some(key) = &self.idempotency_key {
            limits::check_id("idempotencyKey", key)?;
        }
        self.custom.as_ref().map_or(Ok(()), |custom| {
            limits::check_custom(
                "custom",
                custom.iter().map(|(key, value)| (key.as_str(), Some(value.as_str()))),
            )
        })
    }
}

/// Which page of a list.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Page {
    /// How many entries, 1 to [`PAGE_MAX`]; by default [`PAGE_DEFAULT`].
    #[serde(default)]
    pub limit: Option<u32>,
    /// The id of the entry after which the page starts; by default it starts with the newest.
    #[serde(default)]
    pub starting_after: Option<String>,
}

impl Page {
    /// Checks the limit.
    ///
    /// # Errors
    /// `invalid_argument`.
    pub fn check(&self) -> Result<(), ErrorBody> {
        match self.limit {
            Some(limit) if !(1..=PAGE_MAX).contains(&limit) => {
                Err(ErrorBody::invalid("limit", &format!("must be a number from 1 to {PAGE_MAX}")))
            }
            _ => Ok(()),
        }
    }
}
