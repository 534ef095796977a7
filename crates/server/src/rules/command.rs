//! What a backend asks for through the REST API: one command for each route, with the body it takes. Deserialising
//! checks types; `check` checks the values against the protocol's limits.

use std::collections::BTreeMap;

use causerie_markup::Sender;
use causerie_protocol::content::ContentBlock;
use causerie_protocol::entities::MessageKind;
use causerie_protocol::error::{ErrorBody, ErrorCode};
use causerie_protocol::ids::{ConversationId, MessageId, UserId};
use causerie_protocol::limits;
use causerie_protocol::params::{Custom, CustomPatch, EditMessage, SetConversation, SetParticipant, SetUser};
use causerie_protocol::patch::Patch;
use serde::{Deserialize, Serialize};

pub use super::pages::{ConversationsPage, PAGE_DEFAULT, PAGE_MAX, Page};

use super::content;

/// The most users in one PUT.
pub const USERS_PER_PUT: usize = 100;
/// The most messages in one POST.
pub const MESSAGES_PER_POST: usize = 10;

/// The most users whose presence is asked for at once.
pub const PRESENCES_PER_POST: usize = 100;

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
    /// `PUT /users`: creates or changes users, all of them or none. Answers `{}`.
    UsersPut {
        /// Whom, and what to set.
        users: BTreeMap<UserId, SetUser>,
    },
    /// `GET /users`: by id. Answers `{ "data": […] }`.
    UsersGet {
        /// Which page.
        page: Page,
    },
    /// `POST /presences`: who of these users is online. Answers `{ id: { "online": … } }`. Only the fan-out knows; the
    /// store is not asked.
    PresencesPost {
        /// Of whom.
        data: PostPresences,
    },
    /// `GET /users/{id}/conversations`: those with the newest messages first. Answers `{ "data": […] }`.
    UserConversationsGet {
        /// Whose.
        user: UserId,
        /// Which of them.
        page: ConversationsPage,
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
    /// `DELETE /conversations/{id}`: with all that is in it. Answers `{}`.
    ConversationDelete {
        /// Which one.
        conversation: ConversationId,
    },
    /// `GET /conversations`: by id. Answers `{ "data": […] }`.
    ConversationsGet {
        /// Which page.
        page: Page,
    },
    /// `PUT /conversations/{id}/participants/{user}`: what is not given is set to its default. Answers `{}`.
    ParticipantPut {
        /// Where.
        conversation: ConversationId,
        /// Whom.
        user: UserId,
        /// What to set.
        data: SetParticipant,
    },
    /// `PATCH /conversations/{id}/participants/{user}`: what is not given is kept. Answers `{}`.
    ParticipantPatch {
        /// Where.
        conversation: ConversationId,
        /// Whom.
        user: UserId,
        /// What to set.
        data: SetParticipant,
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
    /// `GET /conversations/{id}/messages/{message}`: one message.
    MessageGet {
        /// Where.
        conversation: ConversationId,
        /// Which one.
        message: MessageId,
    },
    /// `PUT /conversations/{id}/messages/{message}`: changes what is given. Answers `{}`.
    MessagePut {
        /// Where.
        conversation: ConversationId,
        /// Which one.
        message: MessageId,
        /// What to set.
        data: EditMessage,
    },
    /// `DELETE /conversations/{id}/messages/{message}`. Answers `{}`, also where it is gone already.
    MessageDelete {
        /// Where.
        conversation: ConversationId,
        /// Which one.
        message: MessageId,
    },
    /// `PUT /conversations/{id}/messages/{message}/reactions/{emoji}/{user}`. Answers `{}`.
    ReactionPut {
        /// Where.
        conversation: ConversationId,
        /// To which message.
        message: MessageId,
        /// Which emoji.
        emoji: String,
        /// Whose.
        user: UserId,
    },
    /// `DELETE /conversations/{id}/messages/{message}/reactions/{emoji}/{user}`. Answers `{}`, also where there is none.
    ReactionDelete {
        /// Where.
        conversation: ConversationId,
        /// From which message.
        message: MessageId,
        /// Which emoji.
        emoji: String,
        /// Whose.
        user: UserId,
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
            RestCommand::UsersPut { .. } => "PUT users",
            RestCommand::UsersGet { .. } => "GET users",
            RestCommand::PresencesPost { .. } => "POST presences",
            RestCommand::UserConversationsGet { .. } => "GET user's conversations",
            RestCommand::ConversationDelete { .. } => "DELETE conversation",
            RestCommand::ConversationsGet { .. } => "GET conversations",
            RestCommand::MessageGet { .. } => "GET message",
            RestCommand::MessagePut { .. } => "PUT message",
            RestCommand::MessageDelete { .. } => "DELETE message",
            RestCommand::ReactionPut { .. } => "PUT reaction",
            RestCommand::ReactionDelete { .. } => "DELETE reaction",
        }
    }

    /// Whether the command changes anything.
    #[must_use]
    pub const fn writes(&self) -> bool {
        match self {
            RestCommand::UserGet { .. }
            | RestCommand::UsersGet { .. }
            | RestCommand::PresencesPost { .. }
            | RestCommand::UserConversationsGet { .. }
            | RestCommand::ConversationGet { .. }
            | RestCommand::ConversationsGet { .. }
            | RestCommand::MessageGet { .. }
            | RestCommand::MessagesGet { .. } => false,
            RestCommand::UserPut { .. }
            | RestCommand::UsersPut { .. }
            | RestCommand::ConversationDelete { .. }
            | RestCommand::MessagePut { .. }
            | RestCommand::MessageDelete { .. }
            | RestCommand::ReactionPut { .. }
            | RestCommand::ReactionDelete { .. }
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
            RestCommand::UsersPut { users } => {
                if users.is_empty() || users.len() > USERS_PER_PUT {
                    let text =
                        format!("the body must be an object of 1 to {USERS_PER_PUT} users by their ids");
                    return Err(ErrorBody::new(ErrorCode::InvalidArgument, text));
                }
                users
                    .iter()
                    .try_for_each(|(user, data)| data.check().map_err(|error| error.within(user.as_str())))
            }
            RestCommand::PresencesPost { data } => {
                if data.user_ids.is_empty() || data.user_ids.len() > PRESENCES_PER_POST {
                    let problem = format!("must be a list of 1 to {PRESENCES_PER_POST} ids of users");
                    return Err(ErrorBody::invalid("userIds", &problem));
                }
                Ok(())
            }
            RestCommand::UsersGet { page } | RestCommand::ConversationsGet { page } => page.check(),
            RestCommand::UserConversationsGet { page, .. } => page.check(),
            RestCommand::MessagePut { data, .. } => {
                data.check()?;
                content::check(data.text.as_deref(), data.content.as_deref(), Sender::Backend)
            }
            RestCommand::ReactionPut { emoji, .. } | RestCommand::ReactionDelete { emoji, .. } => {
                limits::check_emoji("emoji", emoji)
            }
            RestCommand::UserGet { .. }
            | RestCommand::ConversationGet { .. }
            | RestCommand::ConversationDelete { .. }
            | RestCommand::MessageGet { .. }
            | RestCommand::MessageDelete { .. }
            | RestCommand::ParticipantPut { .. }
            | RestCommand::ParticipantPatch { .. }
            | RestCommand::ParticipantDelete { .. } => Ok(()),
        }
    }
}

/// The body of `POST /presences`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PostPresences {
    /// Of whom.
    pub user_ids: Vec<UserId>,
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
        SetConversation::from(self.clone()).check()
    }
}

impl From<PutConversation> for SetConversation {
    /// Without the participants.
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
    pub content: Option<Vec<ContentBlock>>,
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
        if self.text.is_none() && self.content.is_none() {
            return Err(ErrorBody::invalid("text", "is required, unless there is content"));
        }
        content::check(self.text.as_deref(), self.content.as_deref(), Sender::Backend)?;
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
