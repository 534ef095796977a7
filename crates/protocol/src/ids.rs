//! Ids as types of their own: a `UserId` that exists is well-formed, so nothing behind the door checks again.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::error::ErrorBody;
use crate::limits;

/// Numbers a request within one client. Counts up from 1 and is never used again while the client lives.
pub type RequestId = u32;

macro_rules! id_type {
    ($(#[$doc:meta])* $name:ident, $field:literal) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// Takes an id that has the form of one.
            ///
            /// # Errors
            /// `invalid_argument`, when it is empty, too long, or has control characters.
            pub fn new(id: impl Into<String>) -> Result<Self, ErrorBody> {
                let id = id.into();
                limits::check_id($field, &id)?;
                Ok($name(id))
            }

            /// The id's text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = String;
            fn try_from(id: String) -> Result<Self, String> {
                limits::id_problem(&id).map_or(Ok($name(id)), |problem| Err(problem.to_owned()))
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

id_type!(
    /// Names a user within an app.
    UserId, "user id"
);
id_type!(
    /// Names a conversation within an app.
    ConversationId, "conversation id"
);
id_type!(
    /// Names a message within its conversation.
    MessageId, "message id"
);
id_type!(
    /// Names one client (a page's session) for as long as it lives, across its connections. The server keeps
    /// the outcomes of writes under it, so it must be hard to guess: 128 random bits.
    ClientId, "client id"
);
id_type!(
    /// Names one write of one client. Sent again with the same key, the write has the effect of one.
    IdempotencyKey, "idempotency key"
);
