//! A participant of a conversation.

use causerie_protocol::entities::{Access, Notify};

use super::definition::snapshot;
use super::user::UserSnapshot;

snapshot! {
    /// A user's participation in a conversation at one moment. Plain, deeply frozen data.
    pub struct ParticipantSnapshot as Class {
        /// The user who takes part.
        user: UserSnapshot,
        /// What the user may do in this conversation: read and send, or only read.
        access: Access,
        /// Which messages notify the user: all, none, or those that mention the user.
        notify: Notify,
        /// When the user joined, as a Unix timestamp in milliseconds.
        joined_at: i64,
    }
}
