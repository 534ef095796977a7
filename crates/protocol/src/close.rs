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

/// The close codes of this protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u16)]
pub enum CloseCode {
    /// The client has no more use for the connection.
    Normal = 1000,
    /// The server is going down and has answered what it had accepted.
    Restarting = 4000,
    /// The client did not read fast enough, and the queue for it ran full.
    SlowConsumer = 4001,
    /// No `hello` came within 10 s.
    HelloTimeout = 4002,
    /// The server failed in a way that concerns the whole connection.
    Internal = 4003,
    /// The client heard nothing for 35 s, and gave the connection up.
    Silent = 4004,
    /// Too many frames in too short a time.
    RateLimited = 4100,
    /// The user or the address has too many connections.
    TooManyConnections = 4101,
    /// The token is missing, malformed, wrongly signed, or of another app or user.
    NotAuthenticated = 4200,
    /// The token's time is over.
    TokenExpired = 4201,
    /// A frame is not JSON, not an object, or lacks what its type needs.
    InvalidFrame = 4400,
    /// A frame came before `hello`, or a second `hello`.
    HelloExpected = 4401,
    /// The origin or the address may not use this app.
    Forbidden = 4403,
    /// There is no app of that id.
    UnknownApp = 4404,
    /// No version of the protocol in common.
    ProtocolMismatch = 4406,
    /// A frame is over the size limit.
    TooLarge = 4413,
}

impl CloseCode {
    /// Every code, in the order of the documentation.
    pub const ALL: &'static [CloseCode] = &[
        CloseCode::Normal,
        CloseCode::Restarting,
        CloseCode::SlowConsumer,
        CloseCode::HelloTimeout,
        CloseCode::Internal,
        CloseCode::Silent,
        CloseCode::RateLimited,
        CloseCode::TooManyConnections,
        CloseCode::NotAuthenticated,
        CloseCode::TokenExpired,
        CloseCode::InvalidFrame,
        CloseCode::HelloExpected,
        CloseCode::Forbidden,
        CloseCode::UnknownApp,
        CloseCode::ProtocolMismatch,
        CloseCode::TooLarge,
    ];

    /// The number on the wire.
    #[must_use]
    pub const fn number(self) -> u16 {
        self as u16
    }

    /// The error that the `error` frame before this close carries.
    #[must_use]
    pub const fn error_code(self) -> ErrorCode {
        match self {
            CloseCode::Normal | CloseCode::Silent | CloseCode::Restarting | CloseCode::SlowConsumer => {
                ErrorCode::Offline
            }
            CloseCode::HelloTimeout => ErrorCode::TimedOut,
            CloseCode::Internal => ErrorCode::ServerError,
            CloseCode::RateLimited | CloseCode::TooManyConnections => ErrorCode::RateLimited,
            CloseCode::NotAuthenticated => ErrorCode::NotAuthenticated,
            CloseCode::TokenExpired => ErrorCode::TokenExpired,
            CloseCode::InvalidFrame | CloseCode::HelloExpected => ErrorCode::InvalidFrame,
            CloseCode::Forbidden => ErrorCode::Forbidden,
            CloseCode::UnknownApp => ErrorCode::NotFound,
            CloseCode::ProtocolMismatch => ErrorCode::ProtocolMismatch,
            CloseCode::TooLarge => ErrorCode::TooLarge,
        }
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
