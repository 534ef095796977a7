//! The errors that the engine itself creates. Each message states the problem and then a remedy.

use causerie_protocol::text::{concat, decimal};
use causerie_protocol::{CloseCode, ErrorBody, ErrorCode, Recovery};

use crate::pending_requests::Expired;

const UNSURE: &str = "; the write may have happened: read before you repeat it";

/// The error of any call on a session that is over.
pub(crate) fn session_ended() -> ErrorBody {
    let text =
        "the session ended with an earlier error (see onError); call getTalkSession to start a new one";
    ErrorBody::new(ErrorCode::SessionEnded, text)
}

/// The error of a request over the limit of pending requests.
pub(crate) fn too_many_pending() -> ErrorBody {
    let text = "too many pending requests; wait for some of them, or for the network";
    ErrorBody::new(ErrorCode::RateLimited, text)
}

/// The error of a subscription over the limit of subscriptions.
pub(crate) fn too_many_subscriptions() -> ErrorBody {
    let text = "too many subscriptions; unsubscribe from those no longer in use";
    ErrorBody::new(ErrorCode::RateLimited, text)
}

/// The error of a subscription on a session that uses HTTP only.
pub(crate) fn http_only() -> ErrorBody {
    let text = "subscriptions need a WebSocket; remove the session option transport: \"http\"";
    ErrorBody::new(ErrorCode::Unsupported, text)
}

/// The error of a request that expired while no token was available. Quotes `last_error` if it concerns the
/// token.
pub(crate) fn no_token(last_error: Option<&ErrorBody>) -> ErrorBody {
    let concerns_token =
        |error: &&ErrorBody| matches!(error.code, ErrorCode::NotAuthenticated | ErrorCode::TokenExpired);
    let cause =
        last_error.filter(concerns_token).map_or("no token was provided in time", |error| &error.message);
    ErrorBody::new(ErrorCode::NotAuthenticated, concat(&[cause, "; call setToken() from onNeedToken"]))
}

/// The error of a request that the server received and did not answer in time.
pub(crate) fn no_answer(request: &Expired) -> ErrorBody {
    let unsure = if request.writes { UNSURE } else { "" };
    ErrorBody::new(ErrorCode::TimedOut, concat(&["the server did not answer within 30 s", unsure]))
}

/// The error of a request that expired without a connection. Quotes `last_error`, the reason for that.
pub(crate) fn not_reached(request: &Expired, last_error: Option<&ErrorBody>) -> ErrorBody {
    let unsure = if request.attempted && request.writes { UNSURE } else { "" };
    let (open, cause, close) = last_error.map_or(("", "", ""), |error| (" (", error.message.as_str(), ")"));
    let text = "the server could not be reached within 30 s; check the network and the host";
    ErrorBody::new(ErrorCode::Offline, concat(&[text, open, cause, close, unsure]))
}

/// The reason for a connection that failed before its timeout. Browsers give no reason.
pub(crate) fn refused() -> ErrorBody {
    ErrorBody::new(ErrorCode::Offline, "connection refused or blocked")
}

/// The reason for a connection that reached its timeout.
pub(crate) fn unanswered() -> ErrorBody {
    ErrorBody::new(ErrorCode::Offline, "no answer")
}

/// The error of an HTTP response that no Causerie server sent, but perhaps a proxy. A retry may succeed.
pub(crate) fn unexpected_status(status: u16) -> ErrorBody {
    let text =
        ["the host answered with HTTP status ", &decimal(u32::from(status)), "; is it a Causerie server?"];
    ErrorBody::new(ErrorCode::Offline, concat(&text))
}

/// The error of a close without an `error` frame before it.
pub(crate) fn closed(code: u16) -> ErrorBody {
    let known = CloseCode::ALL.iter().find(|close| close.number() == code);
    let error = known.map_or(ErrorCode::Offline, |close| close.error_code());
    let text = concat(&["the server closed the connection with code ", &decimal(u32::from(code))]);
    ErrorBody::new(error, text)
}

/// Returns the recovery after a rejected HTTP call, which is that of the close code with the same error.
pub(crate) fn recovery_of(code: ErrorCode) -> Recovery {
    let close = CloseCode::ALL.iter().rev().find(|close| close.error_code() == code);
    close.map_or(Recovery::Never, |close| Recovery::of(close.number()))
}
