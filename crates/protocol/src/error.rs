//! The list of error codes, shared by the protocol, the server, the REST API and the SDK.

use crate::text::concat;
use std::fmt;

use serde::{Deserialize, Serialize};

/// Generates the enum, the names on the wire and the tables of the error codes from one list. The codes after
/// `client only` are made by the SDK; they are never sent, so they have no HTTP status.
macro_rules! error_codes {
    (
        $(
            $(#[doc = $doc:literal])+
            $variant:ident = $name:literal, retryable: $retryable:literal, http: $http:literal;
        )*
        client only:
        $( $(#[doc = $client_doc:literal])+ $client_variant:ident = $client_name:literal; )*
    ) => {
        /// The reason of a failure. On the wire and in TypeScript it is its snake_case name.
        ///
        /// ```
        /// use causerie_protocol::ErrorCode;
        ///
        /// assert_eq!(ErrorCode::RateLimited.name(), "rate_limited");
        /// assert!(ErrorCode::RateLimited.retryable());
        /// // The code of a newer server is read as a server error.
        /// assert_eq!(ErrorCode::from_name("on_fire"), ErrorCode::ServerError);
        /// ```
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum ErrorCode {
            $( $(#[doc = $doc])+ $variant, )*
            $( $(#[doc = $client_doc])+ $client_variant, )*
        }

        impl ErrorCode {
            /// The codes that a server may send, in the order of the documentation.
            pub const ALL: &'static [ErrorCode] = &[ $( ErrorCode::$variant, )* ];

            /// The further codes that only the SDK makes.
            pub const CLIENT_ONLY: &'static [ErrorCode] = &[ $( ErrorCode::$client_variant, )* ];

            /// Returns the name on the wire and in TypeScript.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $( ErrorCode::$variant => $name, )*
                    $( ErrorCode::$client_variant => $client_name, )*
                }
            }

            /// Returns the description in `docs/protocol.md`.
            #[must_use]
            pub const fn meaning(self) -> &'static str {
                match self {
                    $( ErrorCode::$variant => concat!($($doc),+).trim_ascii(), )*
                    $( ErrorCode::$client_variant => concat!($($client_doc),+).trim_ascii(), )*
                }
            }

            /// Whether the same call may succeed if it is repeated later unchanged.
            #[must_use]
            pub const fn retryable(self) -> bool {
                match self {
                    $( ErrorCode::$variant => $retryable, )*
                    $( ErrorCode::$client_variant => false, )*
                }
            }

            /// Returns the status of an HTTP response with this error; 500 for a code that only the SDK
            /// makes.
            #[must_use]
            pub const fn http_status(self) -> u16 {
                match self {
                    $( ErrorCode::$variant => $http, )*
                    $( ErrorCode::$client_variant => 500, )*
                }
            }

            /// Returns the code with a name on the wire. An unknown name (of a newer server) is
            /// [`ErrorCode::ServerError`]; the message of the error still describes the failure.
            #[must_use]
            pub fn from_name(name: &str) -> ErrorCode {
                match name { $( $name => ErrorCode::$variant, )* _ => ErrorCode::ServerError }
            }
        }
    };
}

error_codes! {
    /// A value has the wrong type, form or size; the message and `field` name it.
    InvalidArgument = "invalid_argument", retryable: false, http: 400;
    /// A user who does not exist yet was set without a `name`.
    NameRequired = "name_required", retryable: false, http: 400;
    /// The app does not let browsers create or change users.
    UserSyncDisabled = "user_sync_disabled", retryable: false, http: 403;
    /// The app does not let browsers create or change conversations.
    ConversationSyncDisabled = "conversation_sync_disabled", retryable: false, http: 403;
    /// The server does not store files.
    UploadsDisabled = "uploads_disabled", retryable: false, http: 403;
    /// The token is missing, malformed, wrongly signed, or of another app or user.
    NotAuthenticated = "not_authenticated", retryable: false, http: 401;
    /// The token has expired.
    TokenExpired = "token_expired", retryable: false, http: 401;
    /// The caller is known but may not do this.
    Forbidden = "forbidden", retryable: false, http: 403;
    /// The entity does not exist, or the caller may not know that it does.
    NotFound = "not_found", retryable: false, http: 404;
    /// A frame or body is over its limit.
    TooLarge = "too_large", retryable: false, http: 413;
    /// Too many requests or connections; `retryAfter` is the time to wait, in milliseconds.
    RateLimited = "rate_limited", retryable: true, http: 429;
    /// An idempotency key was sent again with another request.
    KeyReused = "key_reused", retryable: false, http: 409;
    /// The server does not support this operation: it is older than the client, or not configured for it.
    Unsupported = "unsupported", retryable: false, http: 400;
    /// The received data is not a frame of this protocol.
    InvalidFrame = "invalid_frame", retryable: false, http: 400;
    /// Client and server share no version of the protocol.
    ProtocolMismatch = "protocol_mismatch", retryable: false, http: 400;
    /// No result came in time. A write may have been executed; repeating it with the same key is safe.
    TimedOut = "timed_out", retryable: true, http: 504;
    /// The server could not be reached.
    Offline = "offline", retryable: true, http: 503;
    /// The server failed; its log has the details under the request's id.
    ServerError = "server_error", retryable: true, http: 500;
    /// The session was ended by an earlier fatal error; `getTalkSession` makes a new one.
    SessionEnded = "session_ended", retryable: false, http: 410;

    client only:
    /// The subscription was ended by `unsubscribe` before its first snapshot.
    Unsubscribed = "unsubscribed";
    /// The SDK itself failed, which is a bug in it, and its sessions ended; `getTalkSession` makes a new one.
    InternalError = "internal_error";
}

impl Serialize for ErrorCode {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for ErrorCode {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(ErrorCode::from_name(&String::deserialize(deserializer)?))
    }
}

/// An error on the wire: a code for programs and a message for developers.
///
/// ```
/// use causerie_protocol::ErrorBody;
///
/// let error = ErrorBody::invalid("color", "must be a string").within("custom");
/// assert_eq!(error.message, "custom.color: must be a string");
/// assert_eq!(error.field.as_deref(), Some("custom.color"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ErrorBody {
    /// The reason of the failure.
    pub code: ErrorCode,
    /// A description in English that names the field and the rule. Never contains a secret or the text of a
    /// message.
    pub message: String,
    /// The path of the invalid field, such as `custom.color` or `email[1]`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// The time to wait before a retry, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<u32>,
}

impl ErrorBody {
    /// Makes an error with a code and a message.
    #[must_use]
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        ErrorBody { code, message: message.into(), field: None, retry_after: None }
    }

    /// Makes an [`ErrorCode::InvalidArgument`] with the message "`field`: `problem`".
    #[must_use]
    pub fn invalid(field: impl Into<String>, problem: &str) -> Self {
        let field = field.into();
        let message = concat(&[field.as_str(), ": ", problem]);
        ErrorBody { code: ErrorCode::InvalidArgument, message, field: Some(field), retry_after: None }
    }

    /// Prefixes the path of the field with `parent`: `parent.field` or `parent[1]`.
    #[must_use]
    pub fn within(self, parent: &str) -> Self {
        match self.field.clone() {
            Some(field) => {
                let dot = if field.starts_with('[') { "" } else { "." };
                self.with_path(&field, concat(&[parent, dot, field.as_str()]))
            }
            None => self.or_field(parent),
        }
    }

    /// Sets the field of an [`ErrorCode::InvalidArgument`] that names none yet.
    #[must_use]
    pub fn or_field(mut self, field: &str) -> Self {
        if self.field.is_none() && self.code == ErrorCode::InvalidArgument {
            self.message = concat(&[field, ": ", self.message.as_str()]);
            self.field = Some(field.to_owned());
        }
        self
    }

    fn with_path(mut self, from: &str, to: String) -> Self {
        if let Some(rest) = self.message.strip_prefix(from) {
            self.message = concat(&[to.as_str(), rest]);
        }
        self.field = Some(to);
        self
    }

    /// Sets the time to wait before a retry, in milliseconds.
    #[must_use]
    pub fn after(mut self, milliseconds: u32) -> Self {
        self.retry_after = Some(milliseconds);
        self
    }
}

impl fmt::Display for ErrorBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for ErrorBody {}
