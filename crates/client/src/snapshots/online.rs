//! Whether a user is online.

use super::definition::snapshot;
use super::user::UserSnapshot;

snapshot! {
    /// Whether a user is online.
    pub struct UserOnlineSnapshot as Object {
        /// The user.
        user: UserSnapshot,
        /// Whether a client of the user is connected.
        is_connected: bool,
    }
}
