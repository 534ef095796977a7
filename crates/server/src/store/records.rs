//! The records that the store holds, as the rules see them. The public and the private data of a user are two
//! records; responses to clients are made from the public one only.
//!
//! All times are in milliseconds since 1970.

use std::collections::BTreeSet;

use causerie_protocol::content::FileKind;
use causerie_protocol::entities::{Access, Notify, Origin};
use causerie_protocol::ids::{ConversationId, MessageId, UserId};
use causerie_protocol::params::Custom;

/// The public data of a user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserRecord {
    /// The name to display.
    pub name: String,
    /// The custom data.
    pub custom: Custom,
    /// The language tag, if one was set.
    pub locale: Option<String>,
    /// The URL of a photo.
    pub photo_url: Option<String>,
    /// The role, if one was set.
    pub role: Option<String>,
    /// The text that is displayed when a chat with this user starts.
    pub welcome_message: Option<String>,
    /// When the user was created.
    pub created_at: i64,
}

/// The data of a user that only backends may see.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PrivateRecord {
    /// The e-mail addresses.
    pub emails: Vec<String>,
    /// The phone numbers.
    pub phones: Vec<String>,
    /// The devices that receive push notifications, as `provider:token_id`.
    pub push_tokens: BTreeSet<String>,
}

/// The settings and the state of a conversation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ConversationRecord {
    /// The subject, if one was set.
    pub subject: Option<String>,
    /// The URL of a photo.
    pub photo_url: Option<String>,
    /// The texts that are displayed before the first message.
    pub welcome_messages: Vec<String>,
    /// The custom data.
    pub custom: Custom,
    /// When the conversation was created.
    pub created_at: i64,
    /// The sequence number of the message that was sent last, deleted or not; 0 before the first.
    pub last_seq: i64,
    /// When the newest message that still exists was sent.
    pub last_message_at: Option<i64>,
    /// The number of participants.
    pub participants: u32,
}

impl ConversationRecord {
    /// Returns the time that orders the conversation in a list.
    #[must_use]
    pub fn time(&self, order: OrderBy) -> i64 {
        match order {
            OrderBy::LastActivity => self.last_message_at.unwrap_or(self.created_at),
            OrderBy::CreatedAt => self.created_at,
        }
    }
}

/// The time that orders a list of conversations.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OrderBy {
    /// The time of the last message, or of the creation if there is no message.
    #[default]
    LastActivity,
    /// The time of the creation.
    CreatedAt,
}

/// The participation of a user in a conversation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParticipantRecord {
    /// Whether the participant may send messages.
    pub access: Access,
    /// Which messages notify the participant.
    pub notify: Notify,
    /// When the participant joined.
    pub joined_at: i64,
    /// The participant has read all messages that were sent up to this time.
    pub read_until: i64,
    /// The sequence number of the last message up to `read_until`. It serves to count unread messages without
    /// reading them.
    pub read_seq: i64,
    /// Whether the participant marked the conversation as unread.
    pub marked_unread: bool,
}

/// A conversation as one participant sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ViewRecord {
    /// The conversation's id.
    pub id: ConversationId,
    /// The conversation itself.
    pub conversation: ConversationRecord,
    /// The viewer's participation.
    pub participant: ParticipantRecord,
    /// The minimum of `read_until` over all participants.
    pub everyone_read_until: i64,
    /// The number of messages that the viewer has not read, without deleted ones.
    pub unread: u32,
}

impl ViewRecord {
    /// Returns the time by which the viewer's conversations are ordered: that of the newest message, or that
    /// at which the viewer joined if it is later.
    #[must_use]
    pub fn activity(&self) -> i64 {
        let joined_at = self.participant.joined_at;
        self.conversation.last_message_at.map_or(joined_at, |at| at.max(joined_at))
    }

    /// Returns whether the viewer has unread messages or marked the conversation as unread.
    #[must_use]
    pub const fn is_unread(&self) -> bool {
        self.unread > 0 || self.participant.marked_unread
    }
}

/// A message of a conversation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageRecord {
    /// The sequence number in the conversation, from 1 without gaps; assigned by the store.
    pub seq: i64,
    /// The id, unique in the conversation.
    pub id: MessageId,
    /// The user who sent it; `None` for a system message.
    pub sender: Option<UserId>,
    /// The content as plain text.
    pub text: String,
    /// The content as a JSON array of content blocks.
    pub content: String,
    /// The custom data.
    pub custom: Custom,
    /// When the message was sent.
    pub created_at: i64,
    /// When the message was last edited.
    pub edited_at: Option<i64>,
    /// The id of the message that it replies to, which may have been deleted since.
    pub referenced: Option<MessageId>,
    /// The interface over which it was sent.
    pub origin: Origin,
    /// The reactions, ordered by the time at which each emoji was first used; counted by the store.
    pub reactions: Vec<ReactionCount>,
}

/// The number of users who reacted to a message with one emoji.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReactionCount {
    /// The emoji of the reactions.
    pub emoji: String,
    /// The number of users, at least 1.
    pub count: u32,
}

/// The place of the next message of a conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NextMessage {
    /// The earliest time at which it can be sent.
    pub at: i64,
    /// The sequence number that it will have.
    pub seq: i64,
}

/// The numbers that an appended message got.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Appended {
    /// The sequence number of the message in its conversation.
    pub seq: i64,
    /// The number of this event in the conversation's stream.
    pub event_seq: u64,
}

/// The new content of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageEdit {
    /// The content as plain text.
    pub text: String,
    /// The content as a JSON array of content blocks.
    pub content: String,
    /// The custom data.
    pub custom: Custom,
    /// When the message was edited.
    pub edited_at: i64,
}

/// The messages of a conversation that changed since an event of its stream.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeltaRecord {
    /// The messages that are new, edited or have other reactions, in no particular order.
    pub put: Vec<MessageRecord>,
    /// The messages that were deleted.
    pub dropped: Vec<MessageId>,
}

/// The key of an outcome: the idempotency key, in the scope of its caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OutcomeKey<'a> {
    /// The app's id.
    pub app: &'a str,
    /// The user's id. For the app's backend, the empty text, which is not a valid user id.
    pub caller: &'a str,
    /// The client's id; for the backend, the conversation's.
    pub scope: &'a str,
    /// The idempotency key.
    pub key: &'a str,
}

/// The outcome of a write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutcomeRecord {
    /// The hash of the request, which reveals a key that is reused for another request.
    pub request_hash: [u8; 8],
    /// The result or the error, as JSON; empty if there is neither.
    pub result: String,
    /// When the write was executed.
    pub created_at: i64,
}

/// A webhook event to deliver.
#[derive(Clone, Copy, Debug)]
pub struct NewDelivery<'a> {
    /// The app's id.
    pub app: &'a str,
    /// The URL of the webhook.
    pub url: &'a str,
    /// The lane: what must arrive in order.
    pub lane: &'a str,
    /// The name of the event's kind.
    pub kind: &'a str,
    /// The id of the event.
    pub id: &'a str,
    /// The JSON of the event.
    pub body: &'a str,
    /// The time.
    pub now: i64,
}

/// A webhook event that waits to be delivered, or that failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeliveryRecord {
    /// The number of the delivery, by which deliveries are ordered.
    pub key: i64,
    /// The URL of the webhook.
    pub url: String,
    /// The name of the event's kind.
    pub kind: String,
    /// The id of the event.
    pub id: String,
    /// The JSON of the event.
    pub body: String,
    /// When it was stored, or last replayed.
    pub since: i64,
    /// The number of attempts.
    pub attempts: u32,
    /// When the next attempt is due; `None` if an earlier one of the lane comes first, or if it failed.
    pub due: Option<i64>,
    /// The error of the last attempt.
    pub error: Option<String>,
}

/// The record of a file.
#[derive(Clone, Debug, PartialEq)]
pub struct FileRecord {
    /// The id: 128 random bits in hexadecimal.
    pub id: String,
    /// The user who uploads it; empty for a backend.
    pub uploader: String,
    /// Whether its bytes have arrived.
    pub is_stored: bool,
    /// The kind of file; `None` for a generic one.
    pub kind: Option<FileKind>,
    /// The name with its extension.
    pub name: String,
    /// The content type in lower case, without parameters.
    pub content_type: String,
    /// The size in bytes.
    pub size: u64,
    /// The width of an image or a video, in pixels.
    pub width: Option<u32>,
    /// The height of an image or a video, in pixels.
    pub height: Option<u32>,
    /// The duration of a video or a sound, in seconds.
    pub duration: Option<f64>,
    /// When the upload was asked for.
    pub created_at: i64,
}
