//! What the rules tell of a change, once it is durable, to those who follow.
//!
//! A change carries what all viewers see alike, ready to be sent. What differs by viewer (a conversation's view, one's
//! own reactions) is only said to have changed; whoever follows it reads it.

use std::sync::Arc;

use causerie_protocol::entities::{Message, User};
use causerie_protocol::ids::{ConversationId, MessageId, UserId};
use serde_json::value::RawValue;

/// A change in one app.
#[derive(Clone, Debug)]
pub struct Change {
    /// The app in which it happened.
    pub app: Arc<str>,
    /// What happened.
    pub what: What,
}

/// What happened.
#[derive(Clone, Debug)]
pub enum What {
    /// A user was created, or the public data changed.
    User(User),
    /// Something happened in a conversation.
    Conversation {
        /// Which one.
        id: ConversationId,
        /// The number of the event in the conversation's stream.
        seq: u64,
        /// What.
        event: Event,
    },
}

/// What happened in a conversation.
#[derive(Clone, Debug)]
pub enum Event {
    /// A message was sent.
    Sent(Arc<Said>),
    /// A message was edited.
    Changed(Arc<Said>),
    /// A message was given an emoji, or one was taken back.
    Reacted {
        /// The message as it is now.
        said: Arc<Said>,
        /// Which emoji.
        emoji: String,
        /// Whose.
        user: UserId,
        /// When it was given.
        created_at: i64,
        /// Given, or taken back.
        added: bool,
    },
    /// A message was deleted.
    Deleted {
        /// Which.
        id: MessageId,
        /// When it was sent.
        created_at: i64,
    },
    /// A user became a participant.
    Joined(UserId),
    /// A participant is one no longer.
    Left(UserId),
    /// What a participant may do, or is notified of, changed.
    Participant(UserId),
    /// A participant read, or marked the conversation as unread or no longer so.
    Read(UserId),
    /// The subject or another setting changed, or the conversation was made.
    Settings,
    /// The conversation was deleted, and everybody in it is out.
    Gone,
}

/// A message with the bodies that it refers to, as everybody may see them.
#[derive(Clone, Debug)]
pub struct Said {
    /// The message. Its reactions are counted, and nobody's are told to be the viewer's.
    pub message: Message<Box<RawValue>>,
    /// The sender, and that of the referenced message; each once.
    pub users: Vec<User>,
    /// The message that it answers, where that is there.
    pub referenced: Option<Message<Box<RawValue>>>,
}
