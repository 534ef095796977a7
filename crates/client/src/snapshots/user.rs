//! A user.

use causerie_protocol::UserId;
use causerie_protocol::custom::Custom;

use super::definition::snapshot;

snapshot! {
    /// A user's public attributes at one moment. Plain, deeply frozen data that does not change if the user
    /// does.
    pub struct UserSnapshot as Class {
        /// The user's ID.
        id: UserId,
        /// The user's name, as others see it.
        name: String,
        /// Custom data that was set on the user.
        custom: Custom,
        /// An IETF (BCP 47) language tag; the app's locale if none was set.
        locale: String,
        /// The URL of a photo, or `null` if there is none.
        photo_url: Option<String>,
        /// The user's role; the app's default role if none was set.
        role: String,
        /// The message that others see when they start a chat with this user, or `null` if there is none.
        welcome_message: Option<String>,
    }
}
