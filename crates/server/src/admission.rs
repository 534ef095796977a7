//! Admission: whether a call to `/v1/{app}/…` may reach its endpoint at all.
//!
//! The app must exist, an app for this machine must be called from this machine, and a page must have one of
//! the app's origins. This is decided once for each call. The CORS headers carry the same decision to
//! browsers.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Version, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use causerie_protocol::{CloseCode, ErrorBody, ErrorCode};
use percent_encoding::percent_decode_str;
use tokio::sync::OwnedSemaphorePermit;

use crate::apps::App;
use crate::config::DEMO_SECRET;
use crate::connection_limits::AddressPermit;
use crate::rate_limits::Cost;
use crate::response::{ApiError, log_api_error};
use crate::state::AppState;

/// The other end of the TCP connection that a call arrived on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PeerAddress(pub(crate) SocketAddr);

/// Counts a TCP connection against the server's limit, and against its address's unless it comes from a
/// trusted proxy. Every request of the connection has a clone, and so does a WebSocket that the connection is
/// upgraded to.
pub(crate) type ConnectionPermit = Arc<(OwnedSemaphorePermit, Option<AddressPermit>)>;

/// The app and the address of a call that was admitted. Endpoints find it among the request's extensions.
#[derive(Clone, Debug)]
pub(crate) struct Admission {
    pub(crate) app: Arc<App>,
    /// The caller's own address: the peer's, or the one that a trusted proxy reports.
    pub(crate) address: IpAddr,
}

/// Why a call was not admitted: the error, and the code to close a WebSocket with.
#[derive(Clone, Debug)]
pub(crate) struct Rejection {
    pub(crate) close: CloseCode,
    pub(crate) error: ErrorBody,
}

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
/// The headers that proxies add, beside `X-Forwarded-…`.
const FORWARDING: [&str; 8] = [
    "forwarded",
    "via",
    "x-real-ip",
    "x-client-ip",
    "x-original-host",
    "true-client-ip",
    "cf-connecting-ip",
    "cdn-loop",
];

/// Admits or rejects a call. A WebSocket handshake reaches its endpoint even if it is rejected, because a
/// page cannot read the status of a failed handshake: the endpoint sends the error in an `error` frame.
pub(crate) async fn admit(State(state): State<Arc<AppState>>, mut request: Request, next: Next) -> Response {
    let decision = decide(&state, &request);
    let origin = request.headers().get(header::ORIGIN).cloned();
    let allowed_origin = decision.is_ok().then_some(origin).flatten();
    let is_preflight = request.method() == Method::OPTIONS
        && request.headers().contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
    if let Ok(admission) = &decision {
        tracing::Span::current().record("app", admission.app.id.as_str());
    }
    // The endpoint counts a WebSocket, so that it can send the error in a frame.
    let counted = match &decision {
        Ok(_) if wants_websocket(request.headers()) => Ok(()),
        _ => state.rate_limits.check_address(address_of(&state, &request), Cost::CALL),
    };
    let mut response = match decision {
        _ if let Err(error) = counted => {
            log_api_error(&error);
            ApiError(error).into_response()
        }
        Ok(_) if is_preflight => StatusCode::NO_CONTENT.into_response(),
        Err(rejection) if !wants_websocket(request.headers()) => {
            log_api_error(&rejection.error);
            ApiError(rejection.error).into_response()
        }
        decision => {
            request.extensions_mut().insert(decision);
            next.run(request).await
        }
    };
    let headers = response.headers_mut();
    headers.insert(header::VARY, HeaderValue::from_static("origin"));
    if let Some(origin) = allowed_origin {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static("retry-after"));
        if is_preflight {
            let methods = HeaderValue::from_static("GET, POST, PUT, PATCH, DELETE");
            headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, methods);
            let fields = HeaderValue::from_static("authorization, content-type");
            headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, fields);
            headers.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("600"));
        }
    }
    response
}

/// Whether the call asks for an upgrade to a WebSocket.
fn wants_websocket(headers: &HeaderMap) -> bool {
    text(headers, &header::UPGRADE).is_some_and(|value| value.eq_ignore_ascii_case("websocket"))
}

/// Counts a call that needs no app against the rate of its address.
pub(crate) async fn limit(State(state): State<Arc<AppState>>, request: Request, next: Next) -> Response {
    match state.rate_limits.check_address(address_of(&state, &request), Cost::CALL) {
        Ok(()) => next.run(request).await,
        Err(error) => ApiError(error).into_response(),
    }
}

/// Returns the address to count a call against.
fn address_of(state: &AppState, request: &Request) -> IpAddr {
    caller_address(state, peer(request), request.headers())
}

fn peer(request: &Request) -> IpAddr {
    let peer = request.extensions().get::<PeerAddress>().map(|peer| peer.0.ip().to_canonical());
    peer.unwrap_or(IpAddr::from([0, 0, 0, 0]))
}

fn decide(state: &AppState, request: &Request) -> Result<Admission, Rejection> {
    let headers = request.headers();
    let peer = peer(request);
    // An app's id has no characters that need percent-encoding, so the path is compared as it is.
    let id = request.uri().path().split('/').nth(2).unwrap_or_default();
    let Some(app) = state.config.apps.get(id) else {
        return Err(unknown_app(id));
    };
    let host = text(headers, &header::HOST).unwrap_or_default();
    if app.loopback_only && !(peer.is_loopback() && is_loopback_host(host) && !is_forwarded(request)) {
        return Err(forbidden(format!(
            "the app \"{id}\" has no authentication and is served on loopback only: call it from the same \
             machine, as http://127.0.0.1 or http://localhost, and not through a proxy"
        )));
    }
    let is_known_host = is_address_or_loopback(host) || is_listed(&state.config.hosts, host);
    // Everybody knows the demo app's secret, so a page whose name was made to resolve to this server (DNS
    // rebinding) could use the REST API, without an `Origin` header.
    if app.secrets.iter().any(|secret| secret == DEMO_SECRET) && !is_known_host {
        return Err(forbidden(format!(
            "the app \"{id}\" may be called only under an address or a name that the server knows; the \
             server's operator can add the name with --host"
        )));
    }
    if let Some(origin) = headers.get(header::ORIGIN) {
        let is_own_page = |origin: &str| {
            state.config.www.is_some()
                && is_known_host
                && origin.split_once("://").is_some_and(|(_, rest)| rest == host)
        };
        let is_allowed =
            origin.to_str().is_ok_and(|origin| app.origins.allows(origin) || is_own_page(origin));
        if !is_allowed {
            return Err(forbidden(format!(
                "pages of this origin may not use the app \"{id}\"; the server's operator can add it to the \
                 app's `origins`"
            )));
        }
    }
    Ok(Admission { app: Arc::clone(app), address: caller_address(state, peer, headers) })
}

fn unknown_app(id: &str) -> Rejection {
    let shown: String = percent_decode_str(id).decode_utf8_lossy().chars().take(64).collect();
    let message = format!("there is no app {shown:?} on this server; check the appId");
    Rejection { close: CloseCode::UnknownApp, error: ErrorBody::new(ErrorCode::NotFound, message) }
}

fn forbidden(message: String) -> Rejection {
    Rejection { close: CloseCode::Forbidden, error: ErrorBody::new(ErrorCode::Forbidden, message) }
}

/// Returns the host's name or address without the port.
fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) => name,
        _ => host,
    }
}

fn address(host: &str) -> Option<IpAddr> {
    without_port(host).trim_start_matches('[').trim_end_matches(']').parse().ok()
}

/// Whether the `Host` is an address or a loopback name. A name under which a page was loaded may have been
/// made to resolve to this server; an address cannot.
fn is_address_or_loopback(host: &str) -> bool {
    address(host).is_some() || is_loopback_host(host)
}

fn is_listed(hosts: &[String], host: &str) -> bool {
    hosts.iter().any(|name| name.eq_ignore_ascii_case(without_port(host)))
}

/// Whether the `Host` is a loopback name or address. A page from elsewhere whose name was made to resolve to
/// loopback (DNS rebinding) comes from a loopback address and has the same origin as the server, but it
/// cannot hide its name.
fn is_loopback_host(host: &str) -> bool {
    without_port(host).eq_ignore_ascii_case("localhost") || address(host).is_some_and(|ip| ip.is_loopback())
}

/// Whether a proxy forwarded the call: it has a header that proxies add, or is of HTTP/1.0, which nginx
/// speaks by default and no client of this server does.
fn is_forwarded(request: &Request) -> bool {
    request.version() == Version::HTTP_10
        || request
            .headers()
            .keys()
            .any(|name| name.as_str().starts_with("x-forwarded-") || FORWARDING.contains(&name.as_str()))
}

/// The address to count against: the peer's, or if the peer is a trusted proxy, the last address in
/// `X-Forwarded-For` that is not trusted. Any caller may have written the addresses to its left.
fn caller_address(state: &AppState, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
    let is_trusted = |address: IpAddr| state.config.trusted_proxies.iter().any(|net| net.contains(address));
    if !is_trusted(peer) {
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
        if !is_trusted(nearest) {
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
    use super::{is_address_or_loopback, is_listed, is_loopback_host};

    #[test]
    fn known_hosts_are_addresses_loopback_names_and_the_listed_names() {
        for known in ["192.168.1.5:8787", "[fe80::1]:80", "localhost:1", "127.0.0.1"] {
            assert!(is_address_or_loopback(known), "{known}");
        }
        let hosts = ["chat.example.com".to_owned()];
        assert!(is_listed(&hosts, "Chat.Example.com:8787") && is_listed(&hosts, "chat.example.com"));
        for other in ["", "evil.test", "192.168.1.5.evil.test:80", "chat.example.com.evil.test", "1.2.3"] {
            assert!(!is_address_or_loopback(other) && !is_listed(&hosts, other), "{other}");
        }
    }

    #[test]
    fn loopback_hosts_are_recognised_by_name_and_by_address() {
        for loopback in
            ["localhost", "localhost:8787", "LocalHost:1", "127.0.0.1:80", "127.0.0.2", "[::1]:8787", "[::1]"]
        {
            assert!(is_loopback_host(loopback), "{loopback}");
        }
        for other in
            ["", "evil.test", "evil.test:8787", "localhost.evil.test", "10.0.0.1", "127.0.0.1.evil.test:80"]
        {
            assert!(!is_loopback_host(other), "{other}");
        }
    }
}
