//! Why a connection ended, and what a client does about it. The hundreds digit says the latter, so that an old
//! client knows how to treat a code it has never heard of.

use crate::error::ErrorCode;

/// What a client does after a close.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recovery {
    /// Connect again with backoff (1001, 1006, 1012, 40xx, and whatever is not listed).
    Retry,
    /// Connect again, but not before the time the `error` frame told, or at least 5 s (41xx).
    RetryLater,
    /// Connect again with another token; without a way to get one, the session is over (42xx).
    Reauthenticate,
    /// Do not connect again: the session is over (44xx).
    Never,
}

/// Makes the enum and the tables that go with it from one list.
macro_rules! close_codes {
    ($( $(#[doc = $doc:literal])+ $variant:ident = $number:literal, error: $error:ident; )*) => {
        /// The close codes of this protocol.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[repr(u16)]
        pub enum CloseCode { $( $(#[doc = $doc])+ $variant = $number, )* }

        impl CloseCode {
            /// Every code, in the order of the documentation.
            pub const ALL: &'static [CloseCode] = &[ $( CloseCode::$variant, )* ];

            /// What it means, as `docs/protocol.md` says it.
            #[must_use]
            pub const fn meaning(self) -> &'static str {
                match self { $( CloseCode::$variant => concat!($($doc),+).trim_ascii(), )* }
            }

            /// The error that the `error` frame before this close carries.
            #[must_use]
            pub const fn error_code(self) -> ErrorCode {
                match self { $( CloseCode::$variant => ErrorCode::$error, )* }
            }
        }
    };
}

close_codes! {
    /// The client has no more use for the connection.
    Normal = 1000, error: Offline;
    /// The server is going down and has answered what it had accepted.
    Restarting = 4000, error: Offline;
    /// The client did not read fast enough, and the queue for it ran full.
    SlowConsumer = 4001, error: Offline;
    /// No `hello` came within 10 s.
    HelloTimeout = 4002, error: TimedOut;
    /// The server failed in a way that concerns the whole connection.
    Internal = 4003, error: ServerError;
    /// The client heard nothing for 35 s, and gave the connection up.
    Silent = 4004, error: Offline;
    /// Too many frames in too short a time.
    RateLimited = 4100, error: RateLimited;
    /// The user or the address has too many connections.
    TooManyConnections = 4101, error: RateLimited;
    /// The token is missing, malformed, wrongly signed, or of another app or user.
    NotAuthenticated = 4200, error: NotAuthenticated;
    /// The token's time is over.
    TokenExpired = 4201, error: TokenExpired;
    /// A frame is not JSON, not an object, or lacks what its type needs.
    InvalidFrame = 4400, error: InvalidFrame;
    /// A frame came before `hello`, or a second `hello`.
    HelloExpected = 4401, error: InvalidFrame;
    /// The origin or the address may not use this app.
    Forbidden = 4403, error: Forbidden;
    /// There is no app of that id.
    UnknownApp = 4404, error: NotFound;
    /// No version of the protocol in common.
    ProtocolMismatch = 4406, error: ProtocolMismatch;
    /// A frame is over the size limit.
    TooLarge = 4413, error: TooLarge;
}

impl CloseCode {
    /// The number on the wire.
    #[must_use]
    pub const fn number(self) -> u16 {
        self as u16
    }
}

impl Recovery {
    /// What to do after a close with this number, known or not.
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
