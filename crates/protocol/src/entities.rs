//! The bodies of entities as a client receives them. The fields are those of the documented snapshots; what is
//! private to the server (e-mail addresses, phone numbers, push tokens) has no place in these types, and so
//! cannot be sent by mistake.

use serde::{Deserialize, Serialize};

use crate::content::ContentBlock;
use crate::ids::{ConversationId, MessageId, UserId};
use crate::params::Custom;
use crate::words;

/// What everybody may know of a user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct User {
    /// The user's id.
    pub id: UserId,
    /// The name shown to others.
    pub name: String,
    /// Custom data.
    pub custom: Custom,
    /// The language tag; the app's default where none was set.
    pub locale: String,
    /// The URL of a photo.
    pub photo_url: Option<String>,
    /// The role; the app's default where none was set.
    pub role: String,
    /// What a person sees when a chat with this user starts.
    pub welcome_message: Option<String>,
}

/// What a participant may do in a conversation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub enum Access {
    /// May read.
    Read,
    /// May read and send.
    #[default]
    ReadWrite,
}

impl<'de> Deserialize<'de> for Access {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        words::read(deserializer, &["Read", "ReadWrite"], [Access::Read, Access::ReadWrite])
    }
}

/// Which messages a participant is notified of. On the wire `true`, `false` or `"MentionsOnly"`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Notify {
    /// Of none.
    Never,
    /// Of every message.
    #[default]
    Always,
    /// Of those that mention the participant.
    MentionsOnly,
}

impl Serialize for Notify {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Notify::Never => serializer.serialize_bool(false),
            Notify::Always => serializer.serialize_bool(true),
            Notify::MentionsOnly => serializer.serialize_str("MentionsOnly"),
        }
    }
}

impl<'de> Deserialize<'de> for Notify {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged, expecting = "expected true, false or \"MentionsOnly\"")]
        enum Given {
            Bool(bool),
            Word(Word),
        }
        #[derive(Deserialize)]
        enum Word {
            MentionsOnly,
        }
        Ok(match Given::deserialize(deserializer)? {
            Given::Bool(true) => Notify::Always,
            Given::Bool(false) => Notify::Never,
            Given::Word(Word::MentionsOnly) => Notify::MentionsOnly,
        })
    }
}

/// A conversation as one participant sees it. Times are Unix milliseconds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Conversation {
    /// The conversation's id.
    pub id: ConversationId,
    /// The subject.
    pub subject: Option<String>,
    /// The URL of a photo.
    pub photo_url: Option<String>,
    /// What a person sees before the first message.
    pub welcome_messages: Vec<String>,
    /// Custom data.
    pub custom: Custom,
    /// When the conversation was created.
    pub created_at: i64,
    /// When the viewer became a participant.
    pub joined_at: i64,
    /// The newest message, which stands among the messages.
    pub last_message: Option<MessageId>,
    /// When the newest message was sent; the creation time without one.
    pub last_message_at: i64,
    /// How many messages the viewer has not read.
    pub unread_message_count: u32,
    /// The viewer has read what was sent up to this time.
    pub read_until: i64,
    /// Every participant has read what was sent up to this time.
    pub everyone_read_until: i64,
    /// Whether the conversation counts as unread for the viewer, by count or by hand.
    pub is_unread: bool,
    /// What the viewer may do.
    pub access: Access,
    /// Which messages the viewer is notified of.
    pub notify: Notify,
}

/// A message as one participant sees it, over content of type `C` (what came from the store goes out as the text it
/// is). What is empty is left out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Message<C = Vec<ContentBlock>> {
    /// The message's id.
    pub id: MessageId,
    /// The conversation that it is in.
    pub conversation: ConversationId,
    /// Who speaks: a user or the system.
    #[serde(rename = "type")]
    pub kind: MessageKind,
    /// Who sent it; absent for the system.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sender: Option<UserId>,
    /// Custom data; absent where there is none.
    #[serde(default, skip_serializing_if = "Custom::is_empty")]
    pub custom: Custom,
    /// When it was sent.
    pub created_at: i64,
    /// When it was last edited, if it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub edited_at: Option<i64>,
    /// The message that it answers, which stands among the messages, unless it was deleted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub referenced_message: Option<MessageId>,
    /// Which way it came.
    pub origin: Origin,
    /// What it says, as plain text.
    pub plaintext: String,
    /// What it says.
    pub content: C,
    /// The emoji given to it, in the order in which they first were.
    #[serde(default = "Vec::new", skip_serializing_if = "Vec::is_empty")]
    pub reactions: Vec<ReactionSummary>,
}

/// Who speaks in a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum MessageKind {
    /// A user.
    UserMessage,
    /// The system, which has no sender.
    SystemMessage,
}

/// Which way a message came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Origin {
    /// From a client.
    Web,
    /// From the app's backend.
    Rest,
    /// From another system's history.
    Import,
    /// By e-mail.
    Email,
}

/// One emoji on a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ReactionSummary {
    /// Which.
    pub emoji: String,
    /// How many users gave it.
    pub count: u32,
    /// Whether the viewer did.
    pub current_user_reacted: bool,
}

/// A participant, as an entry of a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Participant {
    /// Who, standing among the users.
    pub user: UserId,
    /// What the participant may do.
    pub access: Access,
    /// Which messages the participant is notified of.
    pub notify: Notify,
    /// When the participant joined.
    pub joined_at: i64,
}

/// A reaction, as an entry of a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Reaction {
    /// Whose, standing among the users.
    pub user: UserId,
    /// When it was given.
    pub created_at: i64,
}

/// Whether a user is online.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Online {
    /// Who, standing among the users.
    pub user: UserId,
    /// Whether a client of theirs is there.
    pub is_connected: bool,
}

/// Who is typing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Typing {
    /// A few, the one who began first before the others; they stand among the users.
    Few {
        /// Who.
        users: Vec<UserId>,
    },
    /// More than are told apart.
    Many {
        /// Always true.
        many: bool,
    },
}
