//! The listener: accepts connections, and serves each one in a task of its own until the server stops.

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
use tower::ServiceExt as _;

use crate::admission::{ConnectionPermit, PeerAddress};
use crate::router::router;
use crate::state::AppState;
use crate::tcp_stream::TimedStream;

/// How long a client may take to send the head of a request, including the first one.
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a trusted proxy may take, which keeps connections for later requests.
const PROXY_HEAD_TIMEOUT: Duration = Duration::from_secs(75);
/// The largest head of a request, and the bytes of a response that are gathered before they are written. A
/// token has 8 KiB at most.
const BUFFER_BYTES: usize = 16 << 10;
/// How long to wait after an error of the listener, such as too many open files.
const ACCEPT_RETRY_DELAY: Duration = Duration::from_millis(100);

/// Accepts connections until the server stops.
pub(crate) async fn accept(listener: TcpListener, state: Arc<AppState>) {
    let router = router(&state);
    let permits = Arc::clone(state.connection_limits.all());
    loop {
        // While there is no permit, new connections wait in the system's queue rather than in this process's
        // memory.
        let accepting = async {
            let permit = Arc::clone(&permits).acquire_owned().await;
            (listener.accept().await, permit)
        };
        let (accepted, permit) = tokio::select! {
            accepted = accepting => accepted,
            () = state.stopping.cancelled() => return,
        };
        match (accepted, permit) {
            (Ok((stream, peer)), Ok(permit)) => {
                // A proxy may have as many connections as there are clients behind it.
                let is_proxy = state.config.trusted_proxies.iter().any(|net| net.contains(peer.ip()));
                let address_permit =
                    if is_proxy { None } else { Some(state.connection_limits.tcp_permit(peer.ip())) };
                let Ok(address_permit) = address_permit.transpose() else {
                    tracing::debug!(%peer, "connection dropped: its address has too many");
                    continue;
                };
                let permit = Arc::new((permit, address_permit));
                state.tasks.spawn(serve(stream, peer, router.clone(), Arc::clone(&state), permit));
            }
            (Err(error), _) => {
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(ACCEPT_RETRY_DELAY).await;
            }
            (_, Err(_)) => return,
        }
    }
}

/// Serves one connection. When the server stops, the current request still gets its response.
async fn serve(
    stream: TcpStream,
    peer: SocketAddr,
    router: Router,
    state: Arc<AppState>,
    permit: ConnectionPermit,
) {
    let head_timeout = if permit.1.is_some() { HEAD_TIMEOUT } else { PROXY_HEAD_TIMEOUT };
    // Frames are small, and a client waits for each of them.
    let _ = stream.set_nodelay(true);
    let service = service_fn(|mut request: Request<Incoming>| {
        request.extensions_mut().insert(PeerAddress(peer));
        request.extensions_mut().insert(Arc::clone(&permit));
        let responding = router.clone().oneshot(request.map(Body::new));
        async move { Ok::<_, Infallible>(responding.await.unwrap_or_else(|never| match never {})) }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(head_timeout)
        .max_buf_size(BUFFER_BYTES)
        .serve_connection(TokioIo::new(TimedStream::new(stream)), service)
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
