//! The close codes of connections, and what a client does after each. The hundreds digit decides the latter,
//! so that an old client can handle a code that it does not know.

use crate::error::ErrorCode;

/// The reaction of a client to a close.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recovery {
    /// Reconnect with backoff (1001, 1006, 1012, 40xx, and every code that is not listed).
    Retry,
    /// Reconnect after the `retryAfter` of the `error` frame, at least 5 s later (41xx).
    RetryLater,
    /// Reconnect with another token; end the session if there is no way to get one (42xx).
    Reauthenticate,
    /// End the session (44xx).
    Never,
}

/// Generates the enum and the tables of the close codes from one list.
macro_rules! close_codes {
    ($( $(#[doc = $doc:literal])+ $variant:ident = $number:literal, error: $error:ident; )*) => {
        /// The close codes of this protocol.
        ///
        /// ```
        /// use causerie_protocol::{CloseCode, ErrorCode, Recovery};
        ///
        /// assert_eq!(CloseCode::TokenExpired.number(), 4201);
        /// assert_eq!(CloseCode::TokenExpired.error_code(), ErrorCode::TokenExpired);
        /// // A code that this version does not know is handled by its hundreds digit.
        /// assert_eq!(Recovery::of(4299), Recovery::Reauthenticate);
        /// ```
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[repr(u16)]
        pub enum CloseCode { $( $(#[doc = $doc])+ $variant = $number, )* }

        impl CloseCode {
            /// Every code, in the order of the documentation.
            pub const ALL: &'static [CloseCode] = &[ $( CloseCode::$variant, )* ];

            /// Returns the description in `docs/protocol.md`.
            #[must_use]
            pub const fn meaning(self) -> &'static str {
                match self { $( CloseCode::$variant => concat!($($doc),+).trim_ascii(), )* }
            }

            /// Returns the code of the `error` frame that precedes this close.
            #[must_use]
            pub const fn error_code(self) -> ErrorCode {
                match self { $( CloseCode::$variant => ErrorCode::$error, )* }
            }
        }
    };
}

close_codes! {
    /// The client no longer needs the connection.
    Normal = 1000, error: Offline;
    /// The server is shutting down and has answered the requests that it had accepted.
    Restarting = 4000, error: Offline;
    /// The client read too slowly, and its queue on the server was full.
    SlowConsumer = 4001, error: Offline;
    /// No `hello` came within 10 s.
    HelloTimeout = 4002, error: TimedOut;
    /// The server failed in a way that affects the whole connection.
    Internal = 4003, error: ServerError;
    /// The client received nothing for 35 s and closed the connection.
    Silent = 4004, error: Offline;
    /// Too many frames in too short a time.
    RateLimited = 4100, error: RateLimited;
    /// The user or the address has too many connections.
    TooManyConnections = 4101, error: RateLimited;
    /// The token is missing, malformed, wrongly signed, or of another app or user.
    NotAuthenticated = 4200, error: NotAuthenticated;
    /// The token has expired.
    TokenExpired = 4201, error: TokenExpired;
    /// A frame is not JSON, not an object, or lacks a field that its type requires.
    InvalidFrame = 4400, error: InvalidFrame;
    /// A frame came before `hello`, or a second `hello` came.
    HelloExpected = 4401, error: InvalidFrame;
    /// The origin or the address may not use this app.
    Forbidden = 4403, error: Forbidden;
    /// The app does not exist.
    UnknownApp = 4404, error: NotFound;
    /// Client and server share no version of the protocol.
    ProtocolMismatch = 4406, error: ProtocolMismatch;
    /// A frame is over the size limit.
    TooLarge = 4413, error: TooLarge;
}

impl CloseCode {
    /// Returns the number on the wire.
    #[must_use]
    pub const fn number(self) -> u16 {
        self as u16
    }
}

impl Recovery {
    /// Returns the reaction to a close with this number, which may be unknown.
    #[must_use]
    pub const fn of(number: u16) -> Recovery {
        match number {
            4100..=4199 => Recovery::RetryLater,
            4200..=4299 => Recovery::Reauthenticate,
            4400..=4499 => Recovery::Never,
            _ => Recovery::Retry,
        }
    }
}
