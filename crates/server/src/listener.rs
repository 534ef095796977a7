//! The listener's loop: each connection is a task of its own, and ends in good order when the server stops.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tower::ServiceExt as _;

use crate::admission::{ConnectionPermit, PeerAddress};
use crate::router::routes;
use crate::state::AppState;

/// How long a client may take to send the head of a request, also the first.
const HEAD_TIMEOUT: Duration = Duration::from_secs(30);
/// How long to wait after an error of the listener, such as too many open files.
const ACCEPT_RETRY_DELAY: Duration = Duration::from_millis(100);

/// Accepts connections until the server stops.
pub(crate) async fn accept(listener: TcpListener, state: Arc<AppState>) {
    let routes = routes(&state);
    let seats = Arc::new(Semaphore::new(state.config.limits.connections as usize));
    loop {
        // With no seat free, connections wait in the system's queue rather than in our memory.
        let seated = async {
            let seat = Arc::clone(&seats).acquire_owned().await;
            (listener.accept().await, seat)
        };
        let (accepted, seat) = tokio::select! {
            seated = seated => seated,
            () = state.stopping.cancelled() => return,
        };
        match (accepted, seat) {
            (Ok((stream, peer)), Ok(seat)) => {
                // A proxy has as many as there are clients behind it.
                let proxy = state.config.trusted_proxies.iter().any(|net| net.contains(peer.ip()));
                let place = if proxy { None } else { Some(state.rate_limits.stream_place(peer.ip())) };
                let Ok(place) = place.transpose() else {
                    tracing::debug!(%peer, "too many connections of one address, this one is dropped");
                    continue;
                };
                let seat = Arc::new((seat, place));
                state.tasks.spawn(serve(stream, peer, routes.clone(), Arc::clone(&state), seat));
            }
            (Err(error), _) => {
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(ACCEPT_RETRY_DELAY).await;
            }
            (_, Err(_)) => return,
        }
    }
}

async fn serve(
    stream: TcpStream,
    peer: SocketAddr,
    routes: Router,
    state: Arc<AppState>,
    seat: ConnectionPermit,
) {
    // Frames are small and each is waited for.
    let _ = stream.set_nodelay(true);
    let service = service_fn(|mut request: Request<Incoming>| {
        request.extensions_mut().insert(PeerAddress(peer));
        request.extensions_mut().insert(Arc::clone(&seat));
        let answering = routes.clone().oneshot(request.map(Body::new));
        async move { Ok::<_, Infallible>(answering.await.unwrap_or_else(|never| match never {})) }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades();
    let mut connection = pin!(connection);
    let served = tokio::select! {
        served = connection.as_mut() => served,
        () = state.stopping.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.as_mut().await
        }
    };
    if let Err(error) = served {
        tracing::debug!(%error, "a connection ended with an error");
    }
}
