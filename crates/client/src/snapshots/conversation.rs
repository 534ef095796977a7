//! A conversation.

use causerie_protocol::ConversationId;
use causerie_protocol::custom::Custom;
use causerie_protocol::entities::{Access, Notify};

use super::definition::snapshot;
use super::message::MessageSnapshot;

snapshot! {
    /// A conversation at one moment, as the current user sees it, with the current user's participation in
    /// it. Plain, deeply frozen data that does not change if the conversation does. All times are Unix
    /// timestamps in milliseconds.
    pub struct ConversationSnapshot as Class {
        /// The conversation's ID.
        id: ConversationId,
        /// The subject, or `null` if there is none.
        subject: Option<String>,
        /// The URL of a photo, or `null` if there is none.
        photo_url: Option<String>,
        /// Texts that are shown before the first message.
        welcome_messages: Vec<String>,
        /// Custom data that was set on the conversation.
        custom: Custom,
        /// When the conversation was created.
        created_at: i64,
        /// When the current user joined it.
        joined_at: i64,
        /// The newest message, or `null` if there is none.
        last_message: Option<MessageSnapshot>,
        /// When the newest message was sent; when the conversation was created if there is none. Sort by
        /// this.
        last_message_at: i64,
        /// The number of messages that the current user has not read.
        unread_message_count: u32,
        /// The current user has read everything that was sent up to this time.
        read_until: i64,
        /// All participants have read everything that was sent up to this time.
        everyone_read_until: i64,
        /// Whether the conversation counts as unread. Can be true with a count of 0, after `markAsUnread`.
        is_unread: bool,
        /// What the current user may do in this conversation.
        access: Access,
        /// Which messages notify the current user: all, none, or those that mention the user.
        notify: Notify,
    }
}
