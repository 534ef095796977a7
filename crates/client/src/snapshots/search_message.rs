//! A message that a search found.

use super::conversation::ConversationSnapshot;
use super::definition::snapshot;
use super::message::MessageSnapshot;

snapshot! {
    /// A message that a search found, and its conversation.
    pub struct SearchMessageSnapshot as Object {
        /// The conversation that contains the message.
        conversation: ConversationSnapshot,
        /// The message that matches the search.
        message: MessageSnapshot,
    }
}
