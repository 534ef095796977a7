//! What the store keeps, as the rules see it. Public and private data of a user are two records, and what answers a
//! client is made from the public one alone.

use std::collections::BTreeSet;

use causerie_protocol::entities::{Access, Notify};
use causerie_protocol::ids::UserId;
use causerie_protocol::params::Custom;

/// A user's public data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserRecord {
    /// The name.
    pub name: String,
    /// Custom data.
    pub custom: Custom,
    /// The language tag, where one was set.
    pub locale: Option<String>,
    /// The URL of a photo.
    pub photo_url: Option<String>,
    /// The role, where one was set.
    pub role: Option<String>,
    /// What a person sees when a chat with this user starts.
    pub welcome_message: Option<String>,
    /// When the user was created, Unix milliseconds (as all times here).
    pub created_at: i64,
}

/// What of a user is for backends only.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PrivateRecord {
    /// E-mail addresses.
    pub emails: Vec<String>,
    /// Phone numbers.
    pub phones: Vec<String>,
    /// Devices to push to, `provider:token_id`.
    pub push_tokens: BTreeSet<String>,
}

/// A conversation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ConversationRecord {
    /// The subject.
    pub subject: Option<String>,
    /// The URL of a photo.
    pub photo_url: Option<String>,
    /// What a person sees before the first message.
    pub welcome_messages: Vec<String>,
    /// Custom data.
    pub custom: Custom,
    /// When it was created.
    pub created_at: i64,
    /// The number of the newest message; 0 without one.
    pub last_seq: i64,
    /// When the newest message was sent.
    pub last_message_at: Option<i64>,
}

/// What a user is in a conversation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParticipantRecord {
    /// What the participant may do.
    pub access: Access,
    /// What the participant is notified of.
    pub notify: Notify,
    /// When the participant joined.
    pub joined_at: i64,
    /// The participant has read what was sent up to this time …
    pub read_until: i64,
    /// … which is this message and those before it. By the number the unread ones are counted without reading them.
    pub read_seq: i64,
    /// Whether the participant marked the conversation as unread by hand.
    pub marked_unread: bool,
}

/// A conversation as one participant sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ViewRecord {
    /// The conversation.
    pub conversation: ConversationRecord,
    /// The viewer's part in it.
    pub participant: ParticipantRecord,
    /// The least `read_until` of all participants.
    pub everyone_read_until: i64,
}

/// How far the participants of a conversation have read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReadBounds {
    /// The least `read_until`.
    pub least: i64,
    /// The greatest.
    pub greatest: i64,
}

/// A message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageRecord {
    /// Its number in the conversation, from 1 without gaps; given by the store.
    pub seq: i64,
    /// Its id.
    pub id: String,
    /// Who says it; `None` for the system.
    pub sender: Option<UserId>,
    /// What it says, as plain text.
    pub text: String,
    /// What it says: the JSON array of its content blocks.
    pub content: String,
    /// Custom data.
    pub custom: Custom,
    /// When it was sent.
    pub created_at: i64,
    /// When it was last edited.
    pub edited_at: Option<i64>,
    /// The id of the message that it answers.
    pub referenced: Option<String>,
    /// Which way it came.
    pub origin: Origin,
}

/// Which way a message came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// From a client.
    Web,
    /// From the app's backend.
    Rest,
}

impl Origin {
    /// The name that snapshots and the REST API give it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Origin::Web => "web",
            Origin::Rest => "rest",
        }
    }
}

/// Names one write: whose it is, and the key that its caller gave it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OutcomeKey<'a> {
    /// The app.
    pub app: &'a str,
    /// The user; the empty text, which is no user's id, for the app's backend.
    pub caller: &'a str,
    /// The client; for the backend, the conversation.
    pub scope: &'a str,
    /// The idempotency key.
    pub key: &'a str,
}

/// What a write came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutcomeRecord {
    /// Tells the request from others.
    pub request_hash: [u8; 32],
    /// The answer.
    pub answer: String,
    /// When it was given.
    pub created_at: i64,
}
