//! The JSON bodies of entities as a client receives them, with the fields of the documented snapshots. Fields
//! that are private to the server (e-mail addresses, phone numbers, push tokens) are not part of these types,
//! so that they cannot be sent by mistake. Times are Unix milliseconds.

use serde::{Deserialize, Serialize};

pub use crate::access::Access;
use crate::content::ContentBlock;
use crate::custom::Custom;
use crate::ids::{ConversationId, MessageId, UserId};
pub use crate::notify::Notify;

/// The public data of a user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct User {
    /// The user's id.
    pub id: UserId,
    /// The display name.
    pub name: String,
    /// The user's custom data.
    pub custom: Custom,
    /// The language tag; the app's default if none was set.
    pub locale: String,
    /// The URL of a photo.
    pub photo_url: Option<String>,
    /// The role; the app's default if none was set.
    pub role: String,
    /// The text that is shown when a chat with this user starts.
    pub welcome_message: Option<String>,
}

/// A conversation as one participant sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Conversation {
    /// The conversation's id.
    pub id: ConversationId,
    /// The subject, if one was set.
    pub subject: Option<String>,
    /// The URL of a photo.
    pub photo_url: Option<String>,
    /// The texts that are shown before the first message.
    pub welcome_messages: Vec<String>,
    /// The conversation's custom data.
    pub custom: Custom,
    /// The time at which the conversation was created.
    pub created_at: i64,
    /// The time at which the viewer became a participant.
    pub joined_at: i64,
    /// The newest message; its body is among the messages.
    pub last_message: Option<MessageId>,
    /// The time at which the newest message was sent, or the creation time if there is no message.
    pub last_message_at: i64,
    /// The number of messages that the viewer has not read.
    pub unread_message_count: u32,
    /// The viewer has read the messages that were sent up to this time.
    pub read_until: i64,
    /// Every participant has read the messages that were sent up to this time.
    pub everyone_read_until: i64,
    /// Whether the conversation is unread for the viewer: it has unread messages or was marked as unread.
    pub is_unread: bool,
    /// The permission of the viewer.
    pub access: Access,
    /// The messages that the viewer is notified of.
    pub notify: Notify,
}

/// A message as one participant sees it, with content of type `C` (the server sends the stored JSON
/// unparsed). Empty fields are absent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Message<C = Vec<ContentBlock>> {
    /// The message's id.
    pub id: MessageId,
    /// The conversation of the message.
    pub conversation: ConversationId,
    /// The type of the message: from a user or from the system.
    #[serde(rename = "type")]
    pub kind: MessageKind,
    /// The sender; absent for a system message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sender: Option<UserId>,
    /// The message's custom data; absent if there is none.
    #[serde(default, skip_serializing_if = "Custom::is_empty")]
    pub custom: Custom,
    /// The time at which the message was sent.
    pub created_at: i64,
    /// The time of the last edit; absent if there was none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub edited_at: Option<i64>,
    /// The message that this one replies to; its body is among the messages unless it was deleted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub referenced_message: Option<MessageId>,
    /// The channel through which the message came.
    pub origin: Origin,
    /// The content as plain text.
    pub plaintext: String,
    /// The content as blocks.
    pub content: C,
    /// The emoji of the message's reactions, ordered by the time of their first reaction.
    #[serde(default = "Vec::new", skip_serializing_if = "Vec::is_empty")]
    pub reactions: Vec<ReactionSummary>,
}

/// The types of message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum MessageKind {
    /// A message of a user.
    UserMessage,
    /// A message of the system, without a sender.
    SystemMessage,
}

/// The channel through which a message came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Origin {
    /// A client of the SDK.
    Web,
    /// The REST API.
    Rest,
    /// An import of another system's history.
    Import,
    /// An e-mail.
    Email,
}

/// The reactions to a message with one emoji, as part of the message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ReactionSummary {
    /// The emoji in its fully qualified form.
    pub emoji: String,
    /// The number of users who reacted with it.
    pub count: u32,
    /// Whether the viewer is one of them.
    pub current_user_reacted: bool,
}

/// An entry of a list of participants.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Participant {
    /// The user; the body is among the users.
    pub user: UserId,
    /// The permission of the participant.
    pub access: Access,
    /// The messages that the participant is notified of.
    pub notify: Notify,
    /// The time at which the user became a participant.
    pub joined_at: i64,
}

/// An entry of a list of reactions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Reaction {
    /// The user who reacted; the body is among the users.
    pub user: UserId,
    /// The time of the reaction.
    pub created_at: i64,
}

/// The online status of a user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Online {
    /// The user; the body is among the users.
    pub user: UserId,
    /// Whether a client of the user is connected.
    pub is_connected: bool,
}

/// The users who are typing in a conversation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Typing {
    /// At most [`TYPING_USERS`](crate::limits::TYPING_USERS) users, listed one by one.
    Few {
        /// The users, the one who started first at the front; the bodies are among the users.
        users: Vec<UserId>,
    },
    /// More users than are listed.
    Many {
        /// A marker that is always `true`.
        many: bool,
    },
}
