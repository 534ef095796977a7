//! A message.

use causerie_protocol::MessageId;
use causerie_protocol::content::ContentBlock;
use causerie_protocol::custom::Custom;
use causerie_protocol::entities::{MessageKind, Origin};

use super::definition::snapshot;
use super::reactions_summary::ReactionsSummarySnapshot;
use super::referenced_message::ReferencedMessageSnapshot;
use super::user::UserSnapshot;

snapshot! {
    /// A message at one moment. Plain, deeply frozen data that does not change if the message does. All times
    /// are Unix timestamps in milliseconds.
    pub struct MessageSnapshot as Class {
        /// The message's ID.
        id: MessageId,
        /// `"SystemMessage"` if the app's backend sent it without a sender.
        r#type: MessageKind,
        /// The user who sent it; `null` for a system message.
        sender: Option<UserSnapshot>,
        /// Custom data that was set on the message.
        custom: Custom = {},
        /// When it was sent.
        created_at: i64,
        /// When it was last edited, or `null` if it never was.
        edited_at: Option<i64>,
        /// The message that this one replies to; `null` if it is no reply or that message was deleted.
        referenced_message: Option<ReferencedMessageSnapshot>,
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
