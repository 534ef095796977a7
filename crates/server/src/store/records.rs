//! What the store keeps, as the rules see it. Public and private data of a user are two records, and what answers a
//! client is made from the public one alone.

use std::collections::BTreeSet;

use causerie_protocol::entities::{Access, Notify, Origin};
use causerie_protocol::ids::{ConversationId, MessageId, UserId};
use causerie_protocol::params::Custom;

/// Something whose events are numbered, from 1 without gaps, each in the transaction of the change itself.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Stream {
    /// A user's public data.
    User(UserId),
    /// All that happens in a conversation. It goes on counting where a conversation was deleted and made anew.
    Conversation(ConversationId),
    /// Which conversations a user takes part in, and how.
    ConversationList(UserId),
}

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
    /// The number of the message that was sent last, deleted or not; 0 before the first.
    pub last_seq: i64,
    /// When the newest message that is there was sent.
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
    /// The conversation's id.
    pub id: ConversationId,
    /// The conversation.
    pub conversation: ConversationRecord,
    /// The viewer's part in it.
    pub participant: ParticipantRecord,
    /// The least `read_until` of all participants.
    pub everyone_read_until: i64,
    /// How many messages the viewer has not read, those left out that were deleted.
    pub unread: u32,
}

impl ViewRecord {
    /// By what the viewer's conversations are ordered: the newest message, or joining where that was later.
    #[must_use]
    pub fn activity(&self) -> i64 {
        let joined_at = self.participant.joined_at;
        self.conversation.last_message_at.map_or(joined_at, |at| at.max(joined_at))
    }

    /// Whether the conversation counts as unread for the viewer, by what is to be read or by hand.
    #[must_use]
    pub const fn is_unread(&self) -> bool {
        self.unread > 0 || self.participant.marked_unread
    }
}

/// A message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageRecord {
    /// Its number in the conversation, from 1 without gaps; given by the store.
    pub seq: i64,
    /// Its id.
    pub id: MessageId,
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
    /// The id of the message that it answers, which may be deleted by now.
    pub referenced: Option<MessageId>,
    /// Which way it came.
    pub origin: Origin,
    /// The emoji given to it, in the order in which they first were; counted by the store.
    pub reactions: Vec<ReactionCount>,
}

/// How many users gave a message an emoji.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReactionCount {
    /// Which.
    pub emoji: String,
    /// How many; one at least.
    pub count: u32,
}

/// What adding a message came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Appended {
    /// The message's number in its conversation.
    pub seq: i64,
    /// The number of this event in the conversation's stream.
    pub event: u64,
}

/// What a message becomes by an edit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageEdit {
    /// What it says, as plain text.
    pub text: String,
    /// What it says: the JSON array of its content blocks.
    pub content: String,
    /// Custom data.
    pub custom: Custom,
    /// When it is edited.
    pub edited_at: i64,
}

/// What happened to the messages of a conversation since a number of its stream.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeltaRecord {
    /// Those that are new, edited, or reacted to, in no order.
    pub put: Vec<MessageRecord>,
    /// Those that were deleted.
    pub dropped: Vec<MessageId>,
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
