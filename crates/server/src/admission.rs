//! Who may come in at all: the app must be there, an app for this machine is for this machine only, and a page must be
//! of one of the app's origins. It is decided once for each call to `/v1/{app}/…`, before its door; CORS is the same
//! decision, told to browsers.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use causerie_protocol::{CloseCode, ErrorBody, ErrorCode};
use tokio::sync::OwnedSemaphorePermit;

use crate::apps::App;
use crate::rate_limits::Permit;
use crate::response::{ApiError, log_api_error};
use crate::state::AppState;

/// The other end of the connection that a call came on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PeerAddress(pub(crate) SocketAddr);

/// One of the server's connections and one of its address's, held for as long as the TCP connection is open, also
/// after it became a WebSocket.
pub(crate) type ConnectionPermit = Arc<(OwnedSemaphorePermit, Option<Permit<IpAddr>>)>;

/// What is known of a caller who may come in. A door finds it among the request's extensions.
#[derive(Clone, Debug)]
pub(crate) struct Admission {
    pub(crate) app: Arc<App>,
    /// The caller's own address, as far as it can be believed.
    pub(crate) address: IpAddr,
}

/// Why somebody may not come in: what a WebSocket is closed with, and what is said.
#[derive(Clone, Debug)]
pub(crate) struct Rejection {
    pub(crate) close: CloseCode,
    pub(crate) error: ErrorBody,
}

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const FORWARDING: [HeaderName; 3] =
    [header::FORWARDED, FORWARDED_FOR, HeaderName::from_static("x-forwarded-host")];

/// Admits a call or turns it away. A WebSocket is let through with the refusal in its hands: a page cannot read the
/// status of a failed handshake, so it is told by an `error` frame and a close code.
pub(crate) async fn admit(State(state): State<Arc<AppState>>, mut request: Request, next: Next) -> Response {
    let judged = judge(&state, &request);
    let origin = request.headers().get(header::ORIGIN).cloned();
    let allowed = judged.is_ok().then_some(origin).flatten();
    let preflight = request.method() == Method::OPTIONS
        && request.headers().contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
    let mut response = match judged {
        Ok(_) if preflight => StatusCode::NO_CONTENT.into_response(),
        Err(rejection) if !wants_websocket(request.headers()) => {
            log_api_error(&rejection.error, "/v1/{app}");
            ApiError(rejection.error).into_response()
        }
        judged => {
            request.extensions_mut().insert(judged);
            next.run(request).await
        }
    };
    let headers = response.headers_mut();
    headers.insert(header::VARY, HeaderValue::from_static("origin"));
    if let Some(origin) = allowed {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static("retry-after"));
        if preflight {
            let methods = HeaderValue::from_static("GET, POST, PUT, PATCH, DELETE");
            headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, methods);
            let fields = HeaderValue::from_static("authorization, content-type");
            headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, fields);
            headers.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("600"));
        }
    }
    response
}

/// Whether the call asks to become a WebSocket.
pub(crate) fn wants_websocket(headers: &HeaderMap) -> bool {
    headers
        .get(header::UPGRADE)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| value.eq_ignore_ascii_case("websocket"))
}

fn judge(state: &AppState, request: &Request) -> Result<Admission, Rejection> {
    let headers = request.headers();
    let peer = request.extensions().get::<PeerAddress>().map(|peer| peer.0.ip().to_canonical());
    let peer = peer.unwrap_or(IpAddr::from([0, 0, 0, 0]));
    // The app's ids are plain characters, so the path needs no decoding to be compared.
    let id = request.uri().path().split('/').nth(2).unwrap_or_default();
    let Some(app) = state.config.apps.get(id) else {
        return Err(unknown_app(id));
    };
    let host = text(headers, &header::HOST).unwrap_or_default();
    if app.loopback_only && !(peer.is_loopback() && is_loopback_host(host) && !is_forwarded(headers)) {
        return Err(forbidden(format!(
            "the app \"{id}\" has no authentication and is served on loopback only: call it from the same machine, \
             as http://127.0.0.1 or http://localhost, and not through a proxy"
        )));
    }
    if let Some(origin) = headers.get(header::ORIGIN) {
        let own_page = |origin: &str| {
            state.config.www.is_some() && origin.split_once("://").is_some_and(|(_, rest)| rest == host)
        };
        let allowed = origin.to_str().is_ok_and(|origin| app.origins.allows(origin) || own_page(origin));
        if !allowed {
            return Err(forbidden(format!(
                "pages of this origin may not use the app \"{id}\"; the server's operator can add it to the app's `origins`"
            )));
        }
    }
    Ok(Admission { app: Arc::clone(app), address: caller(state, peer, headers) })
}

fn unknown_app(id: &str) -> Rejection {
    let shown: String = id.chars().take(64).collect();
    let error = ErrorBody::new(
        ErrorCode::NotFound,
        format!("there is no app {shown:?} on this server; check the appId"),
    );
    Rejection { close: CloseCode::UnknownApp, error }
}

fn forbidden(message: String) -> Rejection {
    Rejection { close: CloseCode::Forbidden, error: ErrorBody::new(ErrorCode::Forbidden, message) }
}

/// Whether the `Host` is a name of this machine. A page elsewhere whose name was made to resolve here (DNS
/// rebinding) comes from a loopback address and is of one origin with the server, but it cannot hide its name.
fn is_loopback_host(host: &str) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) => name,
        _ => host,
    };
    name.eq_ignore_ascii_case("localhost")
        || name
            .trim_start_matches('[')
            .trim_end_matches(']')
            .parse::<IpAddr>()
            .is_ok_and(|ip| ip.is_loopback())
}

fn is_forwarded(headers: &HeaderMap) -> bool {
    FORWARDING.iter().any(|name| headers.contains_key(name))
}

/// The address to count against: the peer's, or where the peer is a trusted proxy, the last one in
/// `X-Forwarded-For` that is not. What stands left of it anybody may have written.
fn caller(state: &AppState, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
    let trusted = |address: IpAddr| state.config.trusted_proxies.iter().any(|net| net.contains(address));
    if !trusted(peer) {
        return peer;
    }
    let mut nearest = peer;
    let lines: Vec<&str> =
        headers.get_all(FORWARDED_FOR).iter().filter_map(|value| value.to_str().ok()).collect();
    for entry in lines.iter().rev().flat_map(|line| line.rsplit(',')) {
        let Ok(address) = entry.trim().parse::<IpAddr>() else {
            break;
        };
        nearest = address.to_canonical();
        if !trusted(nearest) {
            break;
        }
    }
    nearest
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

#[cfg(test)]
mod tests {
    use super::is_loopback_host;

    #[test]
    fn a_host_is_of_this_machine_by_name_or_by_address() {
        for own in
            ["localhost", "localhost:8787", "LocalHost:1", "127.0.0.1:80", "127.0.0.2", "[::1]:8787", "[::1]"]
        {
            assert!(is_loopback_host(own), "{own}");
        }
        for other in
            ["", "evil.test", "evil.test:8787", "localhost.evil.test", "10.0.0.1", "127.0.0.1.evil.test:80"]
        {
            assert!(!is_loopback_host(other), "{other}");
        }
    }
}
