//! The reactions to a message with one emoji, which the message contains.

use super::definition::snapshot;

snapshot! {
    /// How often one emoji was used on a message.
    pub struct ReactionsSummarySnapshot as Object {
        /// The emoji, or the name of a custom one between colons.
        emoji: String,
        /// The number of users who reacted with it.
        count: u32,
        /// Whether the current user is one of them.
        current_user_reacted: bool,
    }
}
