//! The opening handshake: `GET /v1/{app}/realtime` becomes a connection.

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
use tokio_tungstenite::tungstenite::protocol::Role;
use tracing::Instrument as _;

use super::close::{self, CloseReason};
use super::connection;
use super::socket::{self, READ_BUFFER_BYTES, Scanned, Socket};
use crate::admission::{Admission, ConnectionPermit, Rejection};
use crate::connection_limits::AddressPermit;
use crate::rate_limits::Cost;
use crate::response::ApiError;
use crate::state::AppState;
use crate::tcp_stream::TimedStream;

/// Completes the handshake and starts the connection's task.
pub(crate) async fn upgrade(
    State(state): State<Arc<AppState>>,
    Extension(admission): Extension<Result<Admission, Rejection>>,
    mut request: Request,
) -> Response {
    let accept = match accept_key(request.headers()) {
        Ok(accept) => accept,
        Err(error) => return ApiError(error).with_status(StatusCode::UPGRADE_REQUIRED),
    };
    let subprotocol = select_subprotocol(request.headers());
    // From here on the server waits for the connection's task before it stops.
    let task = state.tasks.token();
    let upgrading = hyper::upgrade::on(&mut request);
    let permit = request.extensions().get::<ConnectionPermit>().cloned();
    let mut response = StatusCode::SWITCHING_PROTOCOLS.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONNECTION, HeaderValue::from_static("upgrade"));
    headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
    headers.insert(header::SEC_WEBSOCKET_ACCEPT, accept);
    if let Some(confirmed) = subprotocol.confirmed.clone() {
        headers.insert(header::SEC_WEBSOCKET_PROTOCOL, confirmed);
    }
    // A span of its own, because the request's span ends with the handshake. It adds 0.3 kB to an idle
    // connection.
    let span = tracing::error_span!(
        parent: None,
        "connection",
        connection = state.next_connection_id(),
        app = admission.as_ref().ok().map(|admission| admission.app.id.as_str()),
    );
    let serving = async move {
        // A request that arrived while the server was stopping is not upgraded any more.
        let Ok(upgraded) = upgrading.await else { return };
        let Ok(parts) = upgraded.downcast::<TokioIo<TimedStream>>() else {
            tracing::error!("a WebSocket upgrade arrived on a stream that is not a TCP connection");
            return;
        };
        // The socket keeps the buffer that hyper read the handshake into, cut to size: an idle connection
        // then takes 7.2 kB, instead of 11.3 kB with the whole buffer, and 12.3 kB with a new one, which
        // leaves holes in the heap.
        let mut read = Vec::from(parts.read_buf);
        read.shrink_to(READ_BUFFER_BYTES);
        let config = socket::config(&state.config.limits);
        let stream = Scanned::new(parts.io.into_inner().into_inner(), &read);
        let socket = WebSocketStream::from_partially_read(stream, read, Role::Server, Some(config)).await;
        match enter(&state, admission, subprotocol.supported) {
            Ok((admission, _permit)) => connection::run(state, admission, socket).await,
            Err(rejection) => reject(socket, rejection).await,
        }
        drop((task, permit));
    };
    tokio::spawn(serving.instrument(span));
    response
}

async fn reject(socket: Socket<TcpStream>, rejection: Rejection) {
    let Rejection { close, error } = rejection;
    tracing::info!(code = error.code.name(), close = close.number(), "connection rejected");
    Box::pin(close::close(socket, CloseReason::Close(close, error), true)).await;
}

/// Checks everything that is known before `hello`, and counts the connection against its address.
fn enter(
    state: &AppState,
    admission: Result<Admission, Rejection>,
    subprotocol_supported: bool,
) -> Result<(Admission, AddressPermit), Rejection> {
    let admission = admission?;
    if !subprotocol_supported {
        let message = format!(
            "this server speaks version {VERSION} of the protocol ({SUBPROTOCOL}), and the client offers \
             only others; update the older of the two"
        );
        let error = ErrorBody::new(ErrorCode::ProtocolMismatch, message);
        return Err(Rejection { close: CloseCode::ProtocolMismatch, error });
    }
    let rate_limited = |error| Rejection { close: CloseCode::RateLimited, error };
    state.rate_limits.check_address(admission.address, Cost::CALL).map_err(rate_limited)?;
    let too_many = |error| Rejection { close: CloseCode::TooManyConnections, error };
    let permit = state.connection_limits.websocket_permit(admission.address).map_err(too_many)?;
    Ok((admission, permit))
}

/// The value of `Sec-WebSocket-Accept` (RFC 6455, 4.2.2), or an error if the request is no WebSocket
/// handshake.
fn accept_key(headers: &HeaderMap) -> Result<HeaderValue, ErrorBody> {
    let has_token = |name: &HeaderName, token: &str| {
        let values = headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
        values.flat_map(|value| value.split(',')).any(|item| item.trim().eq_ignore_ascii_case(token))
    };
    let is_handshake = has_token(&header::UPGRADE, "websocket")
        && has_token(&header::CONNECTION, "upgrade")
        && has_token(&header::SEC_WEBSOCKET_VERSION, "13");
    let key = headers.get(header::SEC_WEBSOCKET_KEY).filter(|_| is_handshake);
    let accept = key.and_then(|key| HeaderValue::from_str(&derive_accept_key(key.as_bytes())).ok());
    accept.ok_or_else(|| {
        ErrorBody::new(
            ErrorCode::Unsupported,
            "this address needs a WebSocket handshake of version 13 (RFC 6455), \
             or a POST of the HTTP fallback",
        )
    })
}

/// The subprotocol to confirm, and whether this server supports it.
struct Subprotocol {
    confirmed: Option<HeaderValue>,
    supported: bool,
}

/// Selects this server's version if it is offered. Otherwise the first one of the same family is confirmed,
/// but only so that the browser keeps the connection open long enough to receive the error.
fn select_subprotocol(headers: &HeaderMap) -> Subprotocol {
    let lines = headers.get_all(header::SEC_WEBSOCKET_PROTOCOL);
    let offered = || {
        lines.iter().filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(',')).map(str::trim)
    };
    if offered().any(|name| name == SUBPROTOCOL) {
        return Subprotocol { confirmed: Some(HeaderValue::from_static(SUBPROTOCOL)), supported: true };
    }
    let first = offered().find(|name| name.starts_with(SUBPROTOCOL_PREFIX)).or_else(|| offered().next());
    Subprotocol { confirmed: first.and_then(|name| HeaderValue::from_str(name).ok()), supported: false }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn select(offered: &'static str) -> Subprotocol {
        let mut headers = HeaderMap::new();
        headers.insert(header::SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(offered));
        select_subprotocol(&headers)
    }

    #[test]
    fn the_supported_version_is_selected_from_several() {
        let selected = select("causerie.v2, causerie.v1");
        assert!(selected.supported);
        assert_eq!(selected.confirmed.unwrap(), "causerie.v1");
    }

    #[test]
    fn an_unsupported_version_is_confirmed_but_not_supported() {
        let selected = select("chat, causerie.v2");
        assert!(!selected.supported);
        assert_eq!(selected.confirmed.unwrap(), "causerie.v2");
        assert!(select_subprotocol(&HeaderMap::new()).confirmed.is_none());
    }
}
