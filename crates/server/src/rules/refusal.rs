//! The refusals of the rules, and the one conversion of a refusal to the error that the caller receives.

use causerie_protocol::error::{ErrorBody, ErrorCode};
use causerie_protocol::ids::{ConversationId, MessageId, UserId};
use causerie_protocol::limits::{MAX_PARTICIPANTS, MESSAGE_REACTIONS};
use thiserror::Error;

/// Why a call is refused. The texts are messages for the caller; those of an invalid field start with its
/// name.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Refusal {
    /// A value is outside the limits of the protocol.
    #[error("{0}")]
    Invalid(ErrorBody),

    /// No user has this id.
    #[error("there is no user with the id {:?}", .0.as_str())]
    UserNotFound(UserId),
    /// No conversation has this id. Only for backends, which may know of every conversation of their app.
    #[error("there is no conversation with the id {:?}", .0.as_str())]
    ConversationNotFound(ConversationId),
    /// No conversation has this id, or the caller is not a participant of it. The two cases have one message,
    /// so that no caller can find out which conversations exist.
    #[error("there is no conversation with the id {:?}, or you are not a participant of it", .0.as_str())]
    ConversationHidden(ConversationId),
    /// The conversation has no message with this id.
    #[error("there is no message with the id {:?}", .0.as_str())]
    MessageNotFound(MessageId),
    /// The user is not a participant of the conversation.
    #[error(
        "the user {:?} is not a participant of the conversation {:?}: add the user first",
        .user.as_str(), .conversation.as_str()
    )]
    ParticipantNotFound {
        /// The conversation that the participant was looked up in.
        conversation: ConversationId,
        /// The user who is not a participant.
        user: UserId,
    },

    /// The conversation has as many participants as it may have.
    #[error(
        "the conversation {:?} has {MAX_PARTICIPANTS} participants, the maximum: remove one before you add another",
        .0.as_str()
    )]
    TooManyParticipants(ConversationId),

    /// A backend made a call that belongs to a participant.
    #[error("a backend is not a participant of conversations: use the REST API")]
    BackendIsNoParticipant,
    /// The caller's access to the conversation is `Read`.
    #[error("your access to this conversation is \"Read\": you cannot {action}")]
    ReadAccess {
        /// The refused action, such as "send messages".
        action: &'static str,
    },
    /// The caller is not the sender of the message.
    #[error("only the sender of a message can {action} it")]
    NotTheSender {
        /// The refused action, "edit" or "delete".
        action: &'static str,
    },
    /// The role of the calling user does not allow the action.
    #[error("your role {role:?} does not let you {action}: the app's server decides what roles may do")]
    RoleForbids {
        /// The name of the role.
        role: String,
        /// The refused action, such as "add reactions".
        action: &'static str,
    },
    /// The app authenticates its users, and a client tried to change another user.
    #[error(
        "a client of this app can create and change only its own user, the one that its token names: \
         change other users from your backend, with the REST API"
    )]
    NotOwnUser,
    /// The app does not let clients create or change users.
    #[error(
        "this app does not let browsers create or change users: do it from your backend, with the REST API"
    )]
    UserSyncDisabled,
    /// The app does not let clients create or change conversations.
    #[error(
        "this app does not let browsers create or change conversations or their participants (except the \
         notifications of the own user): do it from your backend, with the REST API"
    )]
    ConversationSyncDisabled,

    /// The server does not store files.
    #[error("this server does not store files: its operator can switch uploads on")]
    UploadsDisabled,
    /// An idempotency key was used before for another request.
    #[error("this idempotency key was used for another request: give every new request a key of its own")]
    KeyReused {
        /// The field with the key, if the caller gave it in a field.
        field: Option<&'static str>,
    },
    /// A field names a user who does not exist.
    #[error("{field}: must be the id of an existing user (got {:?}): create the user first", .user.as_str())]
    UnknownUser {
        /// The field's path.
        field: String,
        /// The id in the field.
        user: UserId,
    },
    /// The referenced message is not a message of the conversation.
    #[error("{field}: must be the id of a message in this conversation (got {:?})", .message.as_str())]
    UnknownReference {
        /// The field with the id.
        field: &'static str,
        /// The id in the field.
        message: MessageId,
    },
    /// The referenced message is a system message.
    #[error("{field}: must be the id of a user's message, not of a system message")]
    ReferenceToSystemMessage {
        /// The field with the id.
        field: &'static str,
    },
    /// The message has neither text nor content.
    #[error("text: is required if there is no content")]
    NoContent,
    /// The message has both text and content.
    #[error("content: must not be given together with text")]
    TextAndContent,
    /// The message has as many different emoji as it may have, and not the one that was given.
    #[error("emoji: must be one that the message has, because it has {MESSAGE_REACTIONS} different ones")]
    TooManyReactions,
    /// A page of a topic was asked for that is not a list.
    #[error("topic: must be a list")]
    TopicIsNotAList,
    /// A page of the REST API was to start after an entry that does not exist.
    #[error("startingAfter: must be the id of {entry}")]
    UnknownPageStart {
        /// The entry that is expected, such as "a message of this conversation".
        entry: &'static str,
    },
    /// A page with a filter is not full although as many conversations were examined as one read may.
    #[error(
        "filter: matches too few conversations: too many would have to be examined for a page; narrow the list \
         with lastMessageAfter or startingAfter, or use a smaller limit"
    )]
    TooManyExamined,
}

impl Refusal {
    const fn code(&self) -> ErrorCode {
        match self {
            Refusal::Invalid(error) => error.code,
            Refusal::UserNotFound(_)
            | Refusal::ConversationNotFound(_)
            | Refusal::ConversationHidden(_)
            | Refusal::MessageNotFound(_)
            | Refusal::ParticipantNotFound { .. } => ErrorCode::NotFound,
            Refusal::BackendIsNoParticipant
            | Refusal::ReadAccess { .. }
            | Refusal::NotTheSender { .. }
            | Refusal::RoleForbids { .. }
            | Refusal::NotOwnUser
            | Refusal::TooManyParticipants(_) => ErrorCode::Forbidden,
            Refusal::UploadsDisabled => ErrorCode::UploadsDisabled,
            Refusal::UserSyncDisabled => ErrorCode::UserSyncDisabled,
            Refusal::ConversationSyncDisabled => ErrorCode::ConversationSyncDisabled,
            Refusal::KeyReused { .. } => ErrorCode::KeyReused,
            Refusal::UnknownUser { .. }
            | Refusal::UnknownReference { .. }
            | Refusal::ReferenceToSystemMessage { .. }
            | Refusal::NoContent
            | Refusal::TextAndContent
            | Refusal::TooManyReactions
            | Refusal::TopicIsNotAList
            | Refusal::TooManyExamined
            | Refusal::UnknownPageStart { .. } => ErrorCode::InvalidArgument,
        }
    }

    fn field(&self) -> Option<&str> {
        match self {
            Refusal::KeyReused { field } => *field,
            Refusal::UnknownUser { field, .. } => Some(field),
            Refusal::UnknownReference { field, .. } | Refusal::ReferenceToSystemMessage { field } => {
                Some(field)
            }
            Refusal::NoContent => Some("text"),
            Refusal::TextAndContent => Some("content"),
            Refusal::TooManyReactions => Some("emoji"),
            Refusal::TopicIsNotAList => Some("topic"),
            Refusal::UnknownPageStart { .. } => Some("startingAfter"),
            Refusal::TooManyExamined => Some("filter"),
            _ => None,
        }
    }
}

impl From<Refusal> for ErrorBody {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Invalid(error) => error,
            refusal => ErrorBody {
                field: refusal.field().map(str::to_owned),
                ..ErrorBody::new(refusal.code(), refusal.to_string())
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_message_of_an_invalid_field_starts_with_its_name() {
        let user = UserId::new("ada").unwrap();
        let message = MessageId::new("msg_1").unwrap();
        for refusal in [
            Refusal::UnknownUser { field: "participants[1]".to_owned(), user },
            Refusal::UnknownReference { field: "referencedMessage", message },
            Refusal::ReferenceToSystemMessage { field: "referencedMessage" },
            Refusal::NoContent,
            Refusal::TextAndContent,
            Refusal::TooManyReactions,
            Refusal::TopicIsNotAList,
            Refusal::UnknownPageStart { entry: "a conversation of this user" },
            Refusal::TooManyExamined,
        ] {
            let error = ErrorBody::from(refusal);
            assert_eq!(error.code, ErrorCode::InvalidArgument);
            let field = error.field.unwrap();
            assert!(error.message.starts_with(&format!("{field}: ")), "{}", error.message);
        }
    }
}
