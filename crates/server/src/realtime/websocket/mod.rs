//! The WebSocket door.
//!
//! The handshake is always completed where it is one at all, because a page cannot read why a handshake failed; who may
//! not come in is told by an `error` frame and a close code. After it the connection is one task ([`connection`]) that
//! reads, answers, pings and writes, tells of what its client follows ([`subscriptions`]), and at its end says why
//! ([`farewell`]).

mod close;
mod connection;
mod session;

use std::sync::Arc;

use axum::Extension;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use causerie_protocol::version::{SUBPROTOCOL, SUBPROTOCOL_PREFIX, VERSION};
use causerie_protocol::{CloseCode, ErrorBody, ErrorCode};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};

use crate::admission::{Admission, ConnectionPermit, Rejection};
use crate::config::Limits;
use crate::rate_limits::Permit;
use crate::response::ApiError;
use crate::state::AppState;
use close::CloseReason;

/// The socket under every connection.
type Socket = WebSocketStream<TcpStream>;

/// What is read from the system at once. The library's own 128 KiB would be kept by every idle connection.
const READ_BYTES: usize = 4_096;
/// What is gathered before it is written to the system.
const WRITE_BYTES: usize = 4_096;
/// The largest message that is read at all. It is more than a frame may have, so that one that is somewhat too
/// large can be read to its end and refused in good order.
const MESSAGE_BYTES: usize = 4 * causerie_protocol::limits::FRAME_BYTES;
/// Room in the library's write buffer for one answer, the largest there is: a list that is cut at 1 MiB, with a last
/// message and the one that it answers.
const ANSWER_BYTES: usize = 2 << 20;

/// `GET /v1/{app}/realtime`.
pub(crate) async fn upgrade(
    State(state): State<Arc<AppState>>,
    Extension(admission): Extension<Result<Admission, Rejection>>,
    mut request: Request,
) -> Response {
    let accept = match accept_key(request.headers()) {
        Ok(accept) => accept,
        Err(error) => return ApiError(error).with_status(StatusCode::UPGRADE_REQUIRED),
    };
    let protocol = choose(request.headers());
    // From here on the server waits for the connection's task before it stops.
    let task = state.tasks.token();
    let stream = hyper::upgrade::on(&mut request);
    let seat = request.extensions().get::<ConnectionPermit>().cloned();
    let mut response = StatusCode::SWITCHING_PROTOCOLS.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONNECTION, HeaderValue::from_static("upgrade"));
    headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
    headers.insert(header::SEC_WEBSOCKET_ACCEPT, accept);
    if let Some(chosen) = protocol.echo.clone() {
        headers.insert(header::SEC_WEBSOCKET_PROTOCOL, chosen);
    }
    tokio::spawn(async move {
        // What was asked for while the server was stopping is not accepted any more.
        let Ok(upgraded) = stream.await else { return };
        let Ok(parts) = upgraded.downcast::<TokioIo<TcpStream>>() else {
            tracing::error!("a WebSocket came on something that is no TCP connection");
            return;
        };
        // The socket goes on with the buffer that hyper read the handshake into, cut to size: 7.2 kB an idle connection
        // instead of 11.3 with the whole of it, and 12.3 with a new one, which leaves holes in the heap.
        let mut read = Vec::from(parts.read_buf);
        read.shrink_to(READ_BYTES);
        let socket = WebSocketStream::from_partially_read(
            parts.io.into_inner(),
            read,
            Role::Server,
            Some(settings(&state.config.limits)),
        )
        .await;
        match enter(&state, admission, protocol.known) {
            Ok((admission, _place)) => connection::run(state, admission, socket).await,
            Err(rejection) => {
                tracing::info!(
                    code = rejection.error.code.name(),
                    close = rejection.close.number(),
                    "connection turned away"
                );
                Box::pin(close::close(socket, CloseReason::Close(rejection.close, rejection.error), true))
                    .await;
            }
        }
        drop((task, seat));
    });
    response
}

/// Lets a connection in by all that is known before `hello`, and counts it.
fn enter(
    state: &AppState,
    admission: Result<Admission, Rejection>,
    known_protocol: bool,
) -> Result<(Admission, Permit<std::net::IpAddr>), Rejection> {
    let admission = admission?;
    if !known_protocol {
        let message = format!(
            "this server speaks version {VERSION} of the protocol ({SUBPROTOCOL}), and the client offers only others; \
             update the older of the two"
        );
        let error = ErrorBody::new(ErrorCode::ProtocolMismatch, message);
        return Err(Rejection { close: CloseCode::ProtocolMismatch, error });
    }
    state
        .rate_limits
        .address(admission.address)
        .map_err(|error| Rejection { close: CloseCode::RateLimited, error })?;
    let place = state
        .rate_limits
        .address_place(admission.address)
        .map_err(|error| Rejection { close: CloseCode::TooManyConnections, error })?;
    Ok((admission, place))
}

fn settings(limits: &Limits) -> WebSocketConfig {
    WebSocketConfig::default()
        .read_buffer_size(READ_BYTES)
        .write_buffer_size(WRITE_BYTES)
        .max_write_buffer_size(limits.queue_bytes.saturating_add(ANSWER_BYTES))
        .max_message_size(Some(MESSAGE_BYTES))
        .max_frame_size(Some(MESSAGE_BYTES))
}

/// The answer to the handshake's challenge (RFC 6455, 4.2.2), or what the request lacks.
fn accept_key(headers: &HeaderMap) -> Result<HeaderValue, ErrorBody> {
    let has = |name: &HeaderName, wanted: &str| {
        headers
            .get_all(name)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .any(|value| value.split(',').any(|token| token.trim().eq_ignore_ascii_case(wanted)))
    };
    let key = headers.get(header::SEC_WEBSOCKET_KEY);
    let handshake = has(&header::UPGRADE, "websocket")
        && has(&header::CONNECTION, "upgrade")
        && has(&header::SEC_WEBSOCKET_VERSION, "13");
    match key {
        Some(key) if handshake => {
            HeaderValue::from_str(&derive_accept_key(key.as_bytes())).map_err(|_| not_one())
        }
        _ => Err(not_one()),
    }
}

fn not_one() -> ErrorBody {
    ErrorBody::new(
        ErrorCode::Unsupported,
        "this address wants a WebSocket handshake of version 13 (RFC 6455), or a POST of the HTTP twin",
    )
}

/// The subprotocol to confirm, and whether this server speaks it.
struct Protocol {
    echo: Option<HeaderValue>,
    known: bool,
}

/// Chooses our version where it is offered. Otherwise the first of our family is confirmed, only so that the browser
/// keeps the connection long enough to hear why it ends.
fn choose(headers: &HeaderMap) -> Protocol {
    let lines = headers.get_all(header::SEC_WEBSOCKET_PROTOCOL);
    let offered = || {
        lines.iter().filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(',')).map(str::trim)
    };
    if offered().any(|one| one == SUBPROTOCOL) {
        return Protocol { echo: Some(HeaderValue::from_static(SUBPROTOCOL)), known: true };
    }
    let first = offered().find(|one| one.starts_with(SUBPROTOCOL_PREFIX)).or_else(|| offered().next());
    Protocol { echo: first.and_then(|one| HeaderValue::from_str(one).ok()), known: false }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offered(protocols: &'static str) -> Protocol {
        let mut headers = HeaderMap::new();
        headers.insert(header::SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(protocols));
        choose(&headers)
    }

    #[test]
    fn our_version_is_chosen_among_others() {
        let chosen = offered("causerie.v2, causerie.v1");
        assert!(chosen.known);
        assert_eq!(chosen.echo.unwrap(), "causerie.v1");
    }

    #[test]
    fn another_version_is_confirmed_only_to_be_refused_in_words() {
        let chosen = offered("chat, causerie.v2");
        assert!(!chosen.known);
        assert_eq!(chosen.echo.unwrap(), "causerie.v2");
        assert!(choose(&HeaderMap::new()).echo.is_none());
    }
}
