//! The errors the engine itself makes, in words that tell a person what happened and what to do.

use causerie_protocol::{CloseCode, ErrorBody, ErrorCode, Recovery};

use crate::ledger::Expired;

const UNSURE: &str = "; the write may have happened: read before you repeat it";

/// The error of everything asked of a session that is over.
pub(crate) fn session_ended() -> ErrorBody {
    let text =
        "this session was ended by an earlier error (see onError); call getTalkSession again for a new one";
    ErrorBody::new(ErrorCode::SessionEnded, text)
}

/// The error of one request too many.
pub(crate) fn too_many_pending() -> ErrorBody {
    let text = "too many requests are waiting for an answer; wait for some of them, or for the network";
    ErrorBody::new(ErrorCode::RateLimited, text)
}

/// The error of one subscription too many.
pub(crate) fn too_many_subscriptions() -> ErrorBody {
    let text = "there are too many subscriptions; unsubscribe from those that are not looked at";
    ErrorBody::new(ErrorCode::RateLimited, text)
}

/// The error of a subscription where there will never be a socket.
pub(crate) fn http_only() -> ErrorBody {
    let text = "subscriptions need a WebSocket; leave out the session's option transport: \"http\"";
    ErrorBody::new(ErrorCode::Unsupported, text)
}

/// The error of a request for which no token came in time; `why` is the last trouble there was.
pub(crate) fn no_token(why: Option<&ErrorBody>) -> ErrorBody {
    let of_token =
        |error: &&ErrorBody| matches!(error.code, ErrorCode::NotAuthenticated | ErrorCode::TokenExpired);
    let why = why.filter(of_token).map_or("no token was given in time", |error| &error.message);
    ErrorBody::new(ErrorCode::NotAuthenticated, [why, "; call setToken() from onNeedToken"].concat())
}

/// The error of a request that a server had and did not answer.
pub(crate) fn no_answer(request: &Expired) -> ErrorBody {
    let unsure = if request.writes { UNSURE } else { "" };
    ErrorBody::new(ErrorCode::TimedOut, ["no answer within 30 s", unsure].concat())
}

/// The error of a request that found no server; `why` is the last trouble there was.
pub(crate) fn not_reached(request: &Expired, why: Option<&ErrorBody>) -> ErrorBody {
    let unsure = if request.tried && request.writes { UNSURE } else { "" };
    let (open, why, close) = why.map_or(("", "", ""), |error| (" (", error.message.as_str(), ")"));
    let text = "the server could not be reached within 30 s; check the network and the host";
    ErrorBody::new(ErrorCode::Offline, [text, open, why, close, unsure].concat())
}

/// An HTTP answer that is not from a Causerie server: a proxy's, or another host's. Trying again may help.
pub(crate) fn strange_status(status: u16) -> ErrorBody {
    let text = ["the host answered with HTTP status ", &status.to_string(), "; is it a Causerie server?"];
    ErrorBody::new(ErrorCode::Offline, text.concat())
}

/// A close about which the server said nothing more.
pub(crate) fn closed(code: u16) -> ErrorBody {
    let known = CloseCode::ALL.iter().find(|close| close.number() == code);
    let error = known.map_or(ErrorCode::Offline, |close| close.error_code());
    let text = ["the server closed the connection with code ", &code.to_string()].concat();
    ErrorBody::new(error, text)
}

/// What to do after an HTTP refusal: the same as after the close that goes with the code.
pub(crate) fn recovery_of(code: ErrorCode) -> Recovery {
    let close = CloseCode::ALL.iter().rev().find(|close| close.error_code() == code);
    close.map_or(Recovery::Never, |close| Recovery::of(close.number()))
}
