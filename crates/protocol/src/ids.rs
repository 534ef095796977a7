//! Newtypes for ids. A value of such a type is well-formed by construction, so that no later code checks it
//! again.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::error::ErrorBody;
use crate::validation;

/// Identifies a request or a subscription of a client. A client counts up from 1 and never reuses a number.
pub type RequestId = u32;

macro_rules! id_type {
    ($(#[$doc:meta])* $name:ident, $field:literal) => {
        $(#[$doc])*
        ///
        /// Ids order by the bytes of their UTF-8 text, which is the order of their Unicode code points.
        #[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// Makes an id of a text in the form of an id: not empty, at most
            /// [`ID_BYTES`](crate::limits::ID_BYTES) long, without control characters, neither `.` nor `..`.
            ///
            /// # Errors
            /// `invalid_argument`, if the text does not have that form.
            pub fn new(id: impl Into<String>) -> Result<Self, ErrorBody> {
                let id = id.into();
                validation::check_id($field, &id)?;
                Ok($name(id))
            }

            /// Returns the text of the id.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = String;
            fn try_from(id: String) -> Result<Self, String> {
                validation::id_problem(&id).map_or(Ok($name(id)), |problem| Err(problem.to_owned()))
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
    /// Identifies a user within an app.
    ///
    /// ```
    /// use causerie_protocol::UserId;
    ///
    /// assert_eq!(UserId::new("ada")?.as_str(), "ada");
    /// assert_eq!(UserId::new("").unwrap_err().message, "user id: must not be empty");
    /// # Ok::<(), causerie_protocol::ErrorBody>(())
    /// ```
    UserId, "user id"
);
id_type!(
    /// Identifies a conversation within an app.
    ConversationId, "conversation id"
);
id_type!(
    /// Identifies a message within its conversation.
    MessageId, "message id"
);
id_type!(
    /// Identifies a client (one session of a page) for its lifetime, across its connections. The server
    /// stores the outcomes of writes under it, so it must be hard to guess: 128 random bits.
    ClientId, "client id"
);
id_type!(
    /// Identifies a write of a client. A write that is sent again with the same key has its effect once.
    IdempotencyKey, "idempotency key"
);
