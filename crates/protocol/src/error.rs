//! The one list of errors, shared by the protocol, the server, the REST API and TypeScript.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Makes the enum, its names on the wire and the tables that go with it from one list.
macro_rules! error_codes {
    ($( $(#[doc = $doc:literal])+ $variant:ident = $name:literal, retryable: $retryable:literal, http: $http:literal; )*) => {
        /// Why something failed. On the wire and in TypeScript it is its snake_case name.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum ErrorCode { $( $(#[doc = $doc])+ $variant, )* }

        impl ErrorCode {
            /// Every code, in the order of the documentation.
            pub const ALL: &'static [ErrorCode] = &[ $( ErrorCode::$variant, )* ];

            /// The name on the wire and in TypeScript.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $( ErrorCode::$variant => $name, )* }
            }

            /// What it means, as `docs/protocol.md` says it.
            #[must_use]
            pub const fn meaning(self) -> &'static str {
                match self { $( ErrorCode::$variant => concat!($($doc),+).trim_ascii(), )* }
            }

            /// Whether the same call, made again later and unchanged, may succeed.
            #[must_use]
            pub const fn retryable(self) -> bool {
                match self { $( ErrorCode::$variant => $retryable, )* }
            }

            /// The HTTP status that goes with it where the answer is an HTTP response.
            #[must_use]
            pub const fn http_status(self) -> u16 {
                match self { $( ErrorCode::$variant => $http, )* }
            }

            /// The code of that name. A name this version does not know (a newer server's) is
            /// [`ErrorCode::ServerError`]: the message still tells what happened.
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
    /// There is no token, or the token is malformed, of another app or user, or wrongly signed.
    NotAuthenticated = "not_authenticated", retryable: false, http: 401;
    /// The token's time is over.
    TokenExpired = "token_expired", retryable: false, http: 401;
    /// The caller is known but may not do this.
    Forbidden = "forbidden", retryable: false, http: 403;
    /// The thing does not exist, or is not the caller's to know of.
    NotFound = "not_found", retryable: false, http: 404;
    /// A frame or body is over its limit.
    TooLarge = "too_large", retryable: false, http: 413;
    /// Too many requests or connections; `retryAfter` says how long to wait.
    RateLimited = "rate_limited", retryable: true, http: 429;
    /// An idempotency key came again with another request.
    KeyReused = "key_reused", retryable: false, http: 409;
    /// The server does not know this operation (it is older than the client).
    Unsupported = "unsupported", retryable: false, http: 400;
    /// What was received is not a frame of this protocol.
    InvalidFrame = "invalid_frame", retryable: false, http: 400;
    /// Client and server share no version of the protocol.
    ProtocolMismatch = "protocol_mismatch", retryable: false, http: 400;
    /// No answer came in time. A write may have happened; asking again with the same key is safe.
    TimedOut = "timed_out", retryable: true, http: 504;
    /// The server could not be reached.
    Offline = "offline", retryable: true, http: 503;
    /// The server failed; the fault is logged there under the request's id.
    ServerError = "server_error", retryable: true, http: 500;
    /// The session was ended by an earlier fatal error; a new `getTalkSession` starts afresh.
    SessionEnded = "session_ended", retryable: false, http: 410;
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

/// An error as it travels: the code for programs, the message for people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ErrorBody {
    /// What kind of failure it is.
    pub code: ErrorCode,
    /// What happened and what to do, in English. Never carries a secret or a message's text.
    pub message: String,
    /// The field that is to blame, as a path such as `custom.color` or `email[1]`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// Milliseconds to wait before trying again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<u32>,
}

impl ErrorBody {
    /// An error with a code and a message.
    #[must_use]
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        ErrorBody { code, message: message.into(), field: None, retry_after: None }
    }

    /// An [`ErrorCode::InvalidArgument`] that names its field: "`field`: `problem`".
    #[must_use]
    pub fn invalid(field: impl Into<String>, problem: &str) -> Self {
        let field = field.into();
        let message = [field.as_str(), ": ", problem].concat();
        ErrorBody { code: ErrorCode::InvalidArgument, message, field: Some(field), retry_after: None }
    }

    /// The same error with its field's path put inside `parent`, as `parent.field` or `parent[1]`.
    #[must_use]
    pub fn within(self, parent: &str) -> Self {
        match self.field.clone() {
            Some(field) => {
                let dot = if field.starts_with('[') { "" } else { "." };
                self.renamed(&field, [parent, dot, field.as_str()].concat())
            }
            None => self.of_field(parent),
        }
    }

    /// The same error laid at a field, where it names none yet.
    #[must_use]
    pub fn of_field(mut self, field: &str) -> Self {
        if self.field.is_none() && self.code == ErrorCode::InvalidArgument {
            self.message = [field, ": ", self.message.as_str()].concat();
            self.field = Some(field.to_owned());
        }
        self
    }

    fn renamed(mut self, from: &str, to: String) -> Self {
        if let Some(rest) = self.message.strip_prefix(from) {
            self.message = [to.as_str(), rest].concat();
        }
        self.field = Some(to);
        self
    }

    /// The same error with a time to wait, in milliseconds.
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
