//! Topics and positions: what a subscription is to, and how far it has come.
//!
//! Everything that can change belongs to a topic, whose events carry consecutive numbers within an epoch, written
//! in the same transaction as the change. A client that comes back says the position it has, and is given what is
//! missing, or a reset: never a merge by guess.

use serde::{Deserialize, Serialize};

use crate::ids::{ConversationId, UserId};

/// Something that can be subscribed to.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", content = "id", rename_all = "camelCase")]
pub enum Topic {
    /// A user's public data.
    User(UserId),
    /// A conversation with its participants and messages.
    Conversation(ConversationId),
    /// The list of the caller's own conversations.
    ConversationList(UserId),
}

/// How far a topic has been followed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    /// Names one history. It changes only when a database is restored from a backup.
    pub epoch: String,
    /// The number of the last event seen.
    pub seq: u64,
}

/// How much of a list a subscription wants: the `limit` newest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    /// How many entries.
    pub limit: u32,
}
