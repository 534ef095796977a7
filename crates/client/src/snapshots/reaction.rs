//! One user's reaction.

use super::definition::snapshot;
use super::user::UserSnapshot;

snapshot! {
    /// One user's reaction to a message. Plain, deeply frozen data.
    pub struct SingleReactionSnapshot as Object {
        /// The user who reacted.
        user: UserSnapshot,
        /// When the user reacted, as a Unix timestamp in milliseconds.
        created_at: i64,
    }
}
