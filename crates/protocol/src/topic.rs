//! Topics and positions: what a subscription is to, and how far it has come.
//!
//! A topic is a query whose answer is sent whole, and then kept up. What happens in a conversation is numbered, without
//! gaps within an epoch, in the same transaction as the change. A client that comes back says the position it has, and
//! is given what is missing, or a reset: never a merge by guess.

use serde::{Deserialize, Serialize};

use crate::error::ErrorBody;
use crate::filter::ConversationFilter;
use crate::ids::{ConversationId, MessageId, UserId};
use crate::limits::{self, Sizes};

/// Something that can be subscribed to. In the kinds that concern a conversation, `id` is the conversation's.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase")]
pub enum Topic {
    /// A user's public data.
    User {
        /// Who.
        id: UserId,
    },
    /// Whether a user is online.
    Online {
        /// Who.
        id: UserId,
    },
    /// A conversation as the caller sees it.
    Conversation {
        /// Which.
        id: ConversationId,
    },
    /// The caller's own conversations, those that match the filter: a list.
    Conversations {
        /// Which of them; all of them without one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        filter: Option<ConversationFilter>,
    },
    /// The messages of a conversation: a list.
    Messages {
        /// Of which.
        id: ConversationId,
    },
    /// The participants of a conversation: a list.
    Participants {
        /// Of which.
        id: ConversationId,
    },
    /// One participant of a conversation.
    Participant {
        /// Of which.
        id: ConversationId,
        /// Who.
        user: UserId,
    },
    /// Who is typing in a conversation, the caller left out.
    Typing {
        /// In which.
        id: ConversationId,
    },
    /// Who gave a message this emoji: a list.
    Reactions {
        /// In which conversation.
        id: ConversationId,
        /// To which message.
        message: MessageId,
        /// Which emoji.
        emoji: String,
    },
}

impl Topic {
    /// The names of all kinds.
    pub const KINDS: &'static [&'static str] = &[
        "user",
        "online",
        "conversation",
        "conversations",
        "messages",
        "participants",
        "participant",
        "typing",
        "reactions",
    ];

    /// The kind's name on the wire.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Topic::User { .. } => "user",
            Topic::Online { .. } => "online",
            Topic::Conversation { .. } => "conversation",
            Topic::Conversations { .. } => "conversations",
            Topic::Messages { .. } => "messages",
            Topic::Participants { .. } => "participants",
            Topic::Participant { .. } => "participant",
            Topic::Typing { .. } => "typing",
            Topic::Reactions { .. } => "reactions",
        }
    }

    /// How much of it is loaded at once, where it is a list.
    #[must_use]
    pub const fn sizes(&self) -> Option<Sizes> {
        match self {
            Topic::Conversations { .. } => Some(limits::CONVERSATIONS),
            Topic::Messages { .. } => Some(limits::MESSAGES),
            Topic::Participants { .. } => Some(limits::PARTICIPANTS),
            Topic::Reactions { .. } => Some(limits::REACTIONS),
            Topic::User { .. }
            | Topic::Online { .. }
            | Topic::Conversation { .. }
            | Topic::Participant { .. }
            | Topic::Typing { .. } => None,
        }
    }

    /// Checks the values in it, and the window over it.
    ///
    /// # Errors
    /// `invalid_argument` with the field's name.
    pub fn check(&self, window: Option<Window>) -> Result<(), ErrorBody> {
        match self {
            Topic::Conversations { filter: Some(filter) } => filter.check()?,
            Topic::Reactions { emoji, .. } => limits::check_emoji("emoji", emoji)?,
            _ => {}
        }
        match (window, self.sizes()) {
            (None, _) => Ok(()),
            (Some(window), Some(_)) => limits::check_count("window.limit", window.limit, limits::WINDOW),
            (Some(_), None) => Err(ErrorBody::invalid("window", "is for lists, and this topic is none")),
        }
    }
}

/// How far a conversation has been followed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    /// Names one history. It changes only when a database is restored from a backup.
    pub epoch: String,
    /// The number of the last event seen.
    pub seq: u64,
}

/// How much of a list a subscription wants: its first `limit` entries. More than the initial size is asked for by a
/// client that had loaded more before it lost its connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    /// How many entries.
    pub limit: u32,
}

/// A place in a list: behind the entry with this order key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor {
    /// The entry's time, by which the list is ordered.
    pub at: i64,
    /// The entry's id, by which entries of the same time are.
    pub id: String,
}

/// The value of a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listing<T> {
    /// The entries, in the list's order.
    pub items: Vec<T>,
    /// Whether there are more behind the last.
    pub more: bool,
}

/// What happened to an entry of a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Change<T> {
    /// It is in the list, at its place by the order.
    Put(T),
    /// The entry of this id is in the list no longer.
    Drop(String),
}
