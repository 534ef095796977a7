//! A message that another one replies to.

use causerie_protocol::MessageId;
use causerie_protocol::content::ContentBlock;
use causerie_protocol::custom::Custom;
use causerie_protocol::entities::Origin;
use serde::{Deserialize, Serialize};

use super::definition::snapshot;
use super::reactions_summary::ReactionsSummarySnapshot;
use super::user::UserSnapshot;

/// The type of a message that another one replies to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ReferencedMessageKind {
    /// A message of a user.
    UserMessage,
}

snapshot! {
    /// A message that another one replies to. If it is a reply itself, it contains only the ID of the message
    /// it replies to.
    pub struct ReferencedMessageSnapshot as Class {
        /// The message's ID.
        id: MessageId,
        /// Always `"UserMessage"`: system messages cannot be replied to.
        r#type: ReferencedMessageKind,
        /// The user who sent it.
        sender: UserSnapshot,
        /// Custom data that was set on the message.
        custom: Custom = {},
        /// When it was sent, as a Unix timestamp in milliseconds.
        created_at: i64,
        /// When it was last edited, or `null` if it never was.
        edited_at: Option<i64>,
        /// The ID of the message that this one replies to, or `null` if it is no reply.
        referenced_message_id("referencedMessage"): Option<MessageId>,
        /// How it was sent: from a browser, by the REST API, by an import, or by e-mail.
        origin: Origin,
        /// The content as text without any formatting.
        plaintext: String,
        /// The content with its formatting.
        content: Vec<ContentBlock>,
        /// The reactions, grouped by emoji, in the order in which the emoji were first used.
        reactions: Vec<ReactionsSummarySnapshot> = [],
    }
}
