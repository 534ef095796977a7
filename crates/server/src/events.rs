//! The events that the rules publish, for the followers, once the write that caused them is durable.
//!
//! An event carries the data that all viewers see alike, ready to be sent. For data that differs by viewer
//! (the view of a conversation, one's own reactions), an event only reports that it changed; each follower
//! reads it.

use std::sync::Arc;

use causerie_protocol::entities::{Message, User};
use causerie_protocol::ids::{ConversationId, MessageId, UserId};
use serde_json::value::RawValue;

/// Receives the events that the store publishes.
pub trait EventSink: Send + Sync + 'static {
    /// Receives the events of one commit, in their order. The store's writer calls this after the commit, so
    /// it must return quickly and must not block.
    fn publish(&self, events: Vec<AppEvent>);
}

/// A sink that drops all events.
impl EventSink for () {
    fn publish(&self, _events: Vec<AppEvent>) {}
}

/// An event in one app.
#[derive(Clone, Debug)]
pub struct AppEvent {
    /// The id of the app.
    pub app: Arc<str>,
    /// The event itself.
    pub kind: AppEventKind,
}

/// The subject of an [`AppEvent`]: a user or a conversation.
#[derive(Clone, Debug)]
pub enum AppEventKind {
    /// A user was created, or its public data changed.
    User(User),
    /// An event in a conversation.
    Conversation {
        /// The id of the conversation.
        id: ConversationId,
        /// The number of the event in the conversation's stream.
        seq: u64,
        /// The event with its data.
        event: Event,
    },
}

/// An event in the stream of a conversation.
#[derive(Clone, Debug)]
pub enum Event {
    /// A message was sent.
    Sent(Arc<MessagePayload>),
    /// A message was edited.
    Edited(Arc<MessagePayload>),
    /// A user added a reaction to a message or removed one.
    Reacted {
        /// The message with its new reactions.
        payload: Arc<MessagePayload>,
        /// The emoji of the reaction.
        emoji: String,
        /// The user who reacted.
        user: UserId,
        /// When the reaction was added, in milliseconds since 1970.
        created_at: i64,
        /// Whether the reaction was added; otherwise it was removed.
        added: bool,
    },
    /// A message was deleted.
    Deleted {
        /// The id of the message.
        id: MessageId,
        /// When the message was sent, in milliseconds since 1970.
        created_at: i64,
    },
    /// A user became a participant.
    Joined(UserId),
    /// A user is no longer a participant.
    Left(UserId),
    /// The access or the notification setting of a participant changed.
    ParticipantChanged(UserId),
    /// A participant read the conversation, marked it as unread or removed that mark.
    Read(UserId),
    /// The conversation was created, or its subject or another setting changed.
    SettingsChanged,
    /// The conversation was deleted, and with it all participations.
    ConversationDeleted,
}

/// A message with the entities that it refers to, as all viewers see them.
#[derive(Clone, Debug)]
pub struct MessagePayload {
    /// The message. Its reactions are counted, and none is marked as the viewer's own.
    pub message: Message<Box<RawValue>>,
    /// The sender, and the sender of the referenced message; each once.
    pub users: Vec<User>,
    /// The message that it replies to, if that still exists.
    pub referenced: Option<Message<Box<RawValue>>>,
}
