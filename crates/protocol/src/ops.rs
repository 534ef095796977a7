//! Ops: the operations that a client can request. An op has a name on the wire and parameters. A new op does
//! not change the version of the protocol, because a server answers an op that it does not know with
//! `unsupported`.
//!
//! To add an op: add an entry to the list below, implement it in the server's `rules`, and call it from the
//! ref in `src/refs`. The tests then ask for a golden frame, for the type in `tests/types/wire.d.ts`, and for
//! the table in `docs/protocol.md`, which `UPDATE_DOCS=1 cargo test -p causerie-protocol` writes.

use serde::Serialize;

use crate::error::ErrorBody;
use crate::ids::{ConversationId, MessageId, UserId};
use crate::params::{
    CreateConversation, CreateFile, CreateParticipant, CreateUser, EditMessage, SendMessage, SetConversation,
    SetParticipant, SetUser,
};
use crate::search::Search;
use crate::topic::{Cursor, Topic};
use crate::validation::{check_count, check_emoji, check_locale};

/// The list of ops. Each entry has a description, the name on the wire, the effect, and the variant with its
/// parameters. A parameter `= default` may be absent. `check` is an expression over the parameters; ids,
/// access and notify need none, because their types admit valid values only. `params` names the parameters of
/// all ops.
macro_rules! for_each_op {
    ($callback:ident) => {
        $callback! {
            params: user conversation message emoji language topic after limit data;

            /// Reads a user. The value is the user's id; absent if the user does not exist.
            "user.get" Reads UserGet { user: UserId }
            /// Sets fields of a user, who is created if the user does not exist.
            "user.set" Writes UserSet { user: UserId, data: SetUser } check(data.check())
            /// Creates a user; does nothing if the user exists.
            "user.createIfNotExists" Writes UserCreateIfNotExists { user: UserId, data: CreateUser }
                check(data.check())

            /// Reads a conversation as the caller sees it. The value is its id; absent if the caller is not a
            /// participant or the conversation does not exist.
            "conversation.get" Reads ConversationGet { conversation: ConversationId }
            /// Sets fields of a conversation, which is created if it does not exist. The caller becomes a
            /// participant.
            "conversation.set" Writes ConversationSet { conversation: ConversationId, data: SetConversation }
                check(data.check())
            /// Creates a conversation; does nothing if it exists. The caller becomes a participant.
            "conversation.createIfNotExists" Writes ConversationCreateIfNotExists {
                conversation: ConversationId, data: CreateConversation = default
            } check(data.check())
            /// Marks all messages of the conversation as read by the caller.
            "conversation.markAsRead" Writes ConversationMarkAsRead { conversation: ConversationId }
            /// Marks the conversation as unread for the caller.
            "conversation.markAsUnread" Writes ConversationMarkAsUnread { conversation: ConversationId }
            /// Shows the caller as typing for a while. Nothing is stored, so the op takes no idempotency key.
            "conversation.markAsTyping" Reads ConversationMarkAsTyping { conversation: ConversationId }

            /// Reads a participant. The value is the participant; absent if the user is not one.
            "participant.get" Reads ParticipantGet { conversation: ConversationId, user: UserId }
            /// Sets fields of a participant. A user who is not a participant becomes one.
            "participant.set" Writes ParticipantSet {
                conversation: ConversationId, user: UserId, data: SetParticipant
            }
            /// Sets fields of a participant, who must exist.
            "participant.edit" Writes ParticipantEdit {
                conversation: ConversationId, user: UserId, data: SetParticipant
            }
            /// Makes a user a participant; does nothing if the user is one.
            "participant.createIfNotExists" Writes ParticipantCreateIfNotExists {
                conversation: ConversationId, user: UserId, data: CreateParticipant = default
            }
            /// Removes a participant from the conversation; does nothing if the user is not one.
            "participant.delete" Writes ParticipantDelete { conversation: ConversationId, user: UserId }

            /// Reads a message. The value is its id; absent if the caller can see no such message.
            "message.get" Reads MessageGet { conversation: ConversationId, message: MessageId }
            /// Sends a message. The value is its id.
            "message.send" Writes MessageSend {
                conversation: ConversationId, data: SendMessage
            } check(data.check())
            /// Edits a message of the caller.
            "message.edit" Writes MessageEdit {
                conversation: ConversationId, message: MessageId, data: EditMessage
            }
                check(data.check())
            /// Deletes a message of the caller; does nothing if there is none.
            "message.delete" Writes MessageDelete { conversation: ConversationId, message: MessageId }

            /// Translates a message. The value is an object with its `content` and `plaintext` in the
            /// language, a BCP 47 tag; absent if the caller can see no such message. Nothing is stored, so
            /// the op takes no idempotency key. Its result may come after those of later requests.
            "message.translate" Reads MessageTranslate {
                conversation: ConversationId, message: MessageId, language: String
            }
                check(check_locale("language", language))

            /// Adds the caller's reaction to a message; does nothing if the caller reacted with this emoji
            /// already.
            "reaction.add" Writes ReactionAdd {
                conversation: ConversationId, message: MessageId, emoji: String
            }
                check(check_emoji("emoji", emoji))
            /// Removes the caller's reaction from a message; does nothing if there is none.
            "reaction.remove" Writes ReactionRemove {
                conversation: ConversationId, message: MessageId, emoji: String
            }
                check(check_emoji("emoji", emoji))
            /// Reads the first page of the reactions to a message with one emoji. The value is a list of
            /// reactions; absent if there is no such message.
            "reaction.list" Reads ReactionList {
                conversation: ConversationId, message: MessageId, emoji: String
            }
                check(check_emoji("emoji", emoji))

            /// Searches the messages of the caller's conversations. The value has `items`, each with the ids
            /// `conversation` and `message`, newest first, and `next` if there can be more.
            "search.messages" Reads SearchMessages { data: Search } check(data.check())
            /// Searches the caller's conversations by their subject and `custom.search`. The value has
            /// `items`, each with the id `conversation`, the latest activity first, and `next` if there can
            /// be more.
            "search.conversations" Reads SearchConversations { data: Search } check(data.check())
            /// Asks to upload a file. The value is its token, with which its bytes are sent to
            /// `PUT /v1/{app}/files`, and the file in a message.
            "file.create" Writes FileCreate { data: CreateFile } check(data.check())

            /// Reads the entries of a list after a cursor. The value has `items` and `more`.
            "more" Reads More { topic: Topic, after: Cursor, limit: u32 } check(check_page(topic, *limit))
        }
    };
}
#[cfg(feature = "decode")]
pub(crate) use for_each_op;

macro_rules! define_ops {
    (
        params: $($params:ident)*;
        $(
            $(#[doc = $doc:literal])+
            $name:literal $effect:ident $variant:ident { $( $field:ident: $type:ty $(= $default:ident)? ),* }
            $( check($check:expr) )?
        )*
    ) => {
        /// The names of the ops, for a client that holds the parameters in another form than [`Op`].
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum OpName { $( $(#[doc = $doc])+ $variant, )* }

        impl OpName {
            /// Returns the name on the wire.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $( OpName::$variant => $name, )* }
            }

            /// Whether the op changes stored data, so that a request of it needs an idempotency key.
            #[must_use]
            pub const fn writes(self) -> bool {
                match self { $( OpName::$variant => matches!(Effect::$effect, Effect::Writes), )* }
            }
        }

        /// A requested operation with its parameters.
        #[derive(Clone, Debug, PartialEq, Serialize)]
        #[serde(tag = "op", content = "params")]
        pub enum Op { $(
            $(#[doc = $doc])+
            #[serde(rename = $name)]
            #[allow(missing_docs, reason = "the description of the op covers its parameters")]
            $variant { $( $field: $type ),* },
        )* }

        impl Op {
            /// The names of all ops on the wire, in the order of the documentation.
            pub const NAMES: &'static [&'static str] = &[ $( $name, )* ];

            /// The descriptions of all ops, in the order of the documentation.
            pub const INFO: &'static [OpInfo] = &[ $( OpInfo {
                name: OpName::$variant,
                params: &[ $( OpParam {
                    name: stringify!($field),
                    type_name: stringify!($type),
                    optional: !stringify!($($default)?).is_empty(),
                } ),* ],
                description: concat!($($doc),+).trim_ascii(),
            }, )* ];

            /// Returns the name of the op.
            #[must_use]
            pub const fn name(&self) -> OpName {
                match self { $( Op::$variant { .. } => OpName::$variant, )* }
            }

            /// Checks the values of the parameters, as far as that is possible without stored data.
            ///
            /// # Errors
            /// `invalid_argument` or `name_required`, with the field's name.
            #[allow(unused_variables, reason = "some ops need no check of their parameters")]
            pub fn check(&self) -> Result<(), ErrorBody> {
                match self { $( Op::$variant { $($field),* } => { $( $check?; )? } )* }
                Ok(())
            }
        }
    };
}

/// Whether an op changes stored data.
enum Effect {
    Reads,
    Writes,
}

for_each_op!(define_ops);

/// The description of an op, for the documentation.
#[derive(Clone, Copy, Debug)]
pub struct OpInfo {
    /// The name of the op.
    pub name: OpName,
    /// The parameters, in the order of the documentation.
    pub params: &'static [OpParam],
    /// The meaning of the op and the form of its value.
    pub description: &'static str,
}

/// The description of a parameter, for the documentation.
#[derive(Clone, Copy, Debug)]
pub struct OpParam {
    /// The name on the wire.
    pub name: &'static str,
    /// The name of its Rust type.
    pub type_name: &'static str,
    /// Whether the parameter may be absent.
    pub optional: bool,
}

impl Op {
    /// Whether the op changes stored data, so that a request of it needs an idempotency key.
    #[must_use]
    pub const fn writes(&self) -> bool {
        self.name().writes()
    }
}

fn check_page(topic: &Topic, limit: u32) -> Result<(), ErrorBody> {
    topic.check(None)?;
    match topic.page_sizes() {
        Some(sizes) => check_count("limit", limit, (1, sizes.max)),
        None => Err(ErrorBody::invalid("topic", "must be a list")),
    }
}
