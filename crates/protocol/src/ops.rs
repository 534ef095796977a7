//! What a client can ask for. An op has a name on the wire and parameters; a new op does not change the protocol's
//! version, because a server answers one it does not know with `unsupported`.

use serde::{Deserialize, Serialize};

use crate::error::ErrorBody;
use crate::ids::{ConversationId, MessageId, UserId};
use crate::limits;
use crate::params::{
    CreateConversation, CreateParticipant, CreateUser, EditMessage, SendMessage, SetConversation,
    SetParticipant, SetUser,
};
use crate::topic::{Cursor, Topic};

/// Whether an op changes what is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Effect {
    Reads,
    Writes,
}

/// Makes the enum, the names and what goes by the name from one list.
macro_rules! ops {
    ($( $(#[doc = $doc:literal])+ $name:literal $effect:ident $variant:ident { $( $field:ident: $type:ty $(= $default:ident)?, )* } )*) => {
        /// A request's operation with its parameters.
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
        #[serde(tag = "op", content = "params")]
        pub enum Op { $(
            $(#[doc = $doc])+
            #[serde(rename = $name)]
            #[allow(missing_docs, reason = "the fields of all ops are what they are called; the variant says more")]
            $variant { $( $(#[serde($default)])? $field: $type, )* },
        )* }

        impl Op {
            /// The names of all ops.
            pub const NAMES: &'static [&'static str] = &[ $( $name, )* ];

            /// The op's name on the wire.
            #[must_use]
            pub const fn name(&self) -> &'static str {
                match self { $( Op::$variant { .. } => $name, )* }
            }

            const fn effect(&self) -> Effect {
                match self { $( Op::$variant { .. } => Effect::$effect, )* }
            }
        }
    };
}

ops! {
    /// Reads a user. The value is the user's id, with the user among the entities; no value where there is none.
    "user.get" Reads UserGet { user: UserId, }
    /// Sets properties of a user, who is created where there was none.
    "user.set" Writes UserSet { user: UserId, data: SetUser, }
    /// Creates a user, or does nothing where there is one.
    "user.createIfNotExists" Writes UserCreateIfNotExists { user: UserId, data: CreateUser, }

    /// Reads a conversation as the caller sees it. The value is its id, with the conversation among the entities; no
    /// value where the caller is no participant.
    "conversation.get" Reads ConversationGet { conversation: ConversationId, }
    /// Sets properties of a conversation, which is created where there was none. The caller becomes a participant.
    "conversation.set" Writes ConversationSet { conversation: ConversationId, data: SetConversation, }
    /// Creates a conversation, or does nothing where there is one. The caller becomes a participant.
    "conversation.createIfNotExists" Writes ConversationCreateIfNotExists { conversation: ConversationId, data: CreateConversation = default, }
    /// Notes that the caller has read all there is.
    "conversation.markAsRead" Writes ConversationMarkAsRead { conversation: ConversationId, }
    /// Marks the conversation as unread for the caller.
    "conversation.markAsUnread" Writes ConversationMarkAsUnread { conversation: ConversationId, }
    /// Says that the caller is typing, for ten seconds. Nothing of it is stored.
    "conversation.markAsTyping" Reads ConversationMarkAsTyping { conversation: ConversationId, }

    /// Reads a participant. The value is the participant; none where the user is none.
    "participant.get" Reads ParticipantGet { conversation: ConversationId, user: UserId, }
    /// Sets what a participant is; makes the user one who was none.
    "participant.set" Writes ParticipantSet { conversation: ConversationId, user: UserId, data: SetParticipant, }
    /// Sets what a participant is.
    "participant.edit" Writes ParticipantEdit { conversation: ConversationId, user: UserId, data: SetParticipant, }
    /// Makes a user a participant, or does nothing where the user is one.
    "participant.createIfNotExists" Writes ParticipantCreateIfNotExists { conversation: ConversationId, user: UserId, data: CreateParticipant = default, }
    /// Takes a user out of the conversation, or does nothing where the user is not in it.
    "participant.delete" Writes ParticipantDelete { conversation: ConversationId, user: UserId, }

    /// Reads a message. The value is its id, with the message among the entities; no value where there is none.
    "message.get" Reads MessageGet { conversation: ConversationId, message: MessageId, }
    /// Sends a message. The value is its id.
    "message.send" Writes MessageSend { conversation: ConversationId, data: SendMessage, }
    /// Changes a message of the caller's.
    "message.edit" Writes MessageEdit { conversation: ConversationId, message: MessageId, data: EditMessage, }
    /// Deletes a message of the caller's, or does nothing where there is none.
    "message.delete" Writes MessageDelete { conversation: ConversationId, message: MessageId, }

    /// Gives a message an emoji, or does nothing where the caller gave it already.
    "reaction.add" Writes ReactionAdd { conversation: ConversationId, message: MessageId, emoji: String, }
    /// Takes the caller's emoji from a message, or does nothing where there is none.
    "reaction.remove" Writes ReactionRemove { conversation: ConversationId, message: MessageId, emoji: String, }
    /// Reads who first gave a message an emoji. The value is a list of [`crate::entities::Reaction`]; none where there
    /// is no such message.
    "reaction.list" Reads ReactionList { conversation: ConversationId, message: MessageId, emoji: String, }

    /// Reads what comes behind a place in a list. The value is a [`crate::topic::Listing`].
    "more" Reads More { topic: Topic, after: Cursor, limit: u32, }
}

impl Op {
    /// Whether the op changes anything that is stored, and so wants an idempotency key.
    #[must_use]
    pub fn writes(&self) -> bool {
        self.effect() == Effect::Writes
    }

    /// Checks the values of the parameters, as far as they can be checked without the stored data.
    ///
    /// # Errors
    /// `invalid_argument` or `name_required`, with the field's name.
    pub fn check(&self) -> Result<(), ErrorBody> {
        match self {
            Op::UserSet { data, .. } => data.check(),
            Op::UserCreateIfNotExists { data, .. } => data.check(),
            Op::ConversationSet { data, .. } => data.check(),
            Op::ConversationCreateIfNotExists { data, .. } => data.check(),
            Op::MessageSend { data, .. } => data.check(),
            Op::MessageEdit { data, .. } => data.check(),
            Op::ReactionAdd { emoji, .. }
            | Op::ReactionRemove { emoji, .. }
            | Op::ReactionList { emoji, .. } => limits::check_emoji("emoji", emoji),
            Op::More { topic, limit, .. } => {
                topic.check(None)?;
                match topic.sizes() {
                    Some(sizes) => limits::check_count("limit", *limit, (1, sizes.most)),
                    None => Err(ErrorBody::invalid("topic", "is no list, so there is no more of it")),
                }
            }
            // Ids, access and notify are what they can be by their types.
            Op::UserGet { .. }
            | Op::ConversationGet { .. }
            | Op::ConversationMarkAsRead { .. }
            | Op::ConversationMarkAsUnread { .. }
            | Op::ConversationMarkAsTyping { .. }
            | Op::ParticipantGet { .. }
            | Op::ParticipantSet { .. }
            | Op::ParticipantEdit { .. }
            | Op::ParticipantCreateIfNotExists { .. }
            | Op::ParticipantDelete { .. }
            | Op::MessageGet { .. }
            | Op::MessageDelete { .. } => Ok(()),
        }
    }
}
