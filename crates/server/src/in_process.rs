//! A server without a listener, whose clients are in the same process. For simulations: with one thread, a
//! paused clock of the runtime and a settable clock, it always does the same.

use std::convert::Infallible;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, header};
use tokio::io::{DuplexStream, duplex};
use tower::ServiceExt as _;

use crate::admission::{Admission, PeerAddress};
use crate::apps::App;
use crate::clock::Clock;
use crate::config::Config;
use crate::realtime::websocket::serve_pipe;
use crate::router::router;
use crate::rules::RandomBits;
use crate::server::StartError;
use crate::service::Service;
use crate::state::AppState;

/// The address of all clients.
const CLIENT: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 1);
/// The bytes that fit into a pipe. They are more than a server queues for one client.
const PIPE_BYTES: usize = 4 << 20;

/// A server without a listener, over a database in memory.
pub struct InProcessServer {
    state: Arc<AppState>,
    router: Router,
}

impl InProcessServer {
    /// Starts a server in the current runtime. `random` is the source of the random parts of ids.
    ///
    /// # Errors
    /// [`StartError::OpenStore`].
    pub async fn start(
        config: Config,
        clock: Arc<dyn Clock>,
        random: RandomBits,
    ) -> Result<Self, StartError> {
        let apps = Arc::new(config.apps.clone());
        let service = Service::open_deterministic(apps, Arc::clone(&clock), random).await?;
        let state = Arc::new(AppState::new(config, service, clock));
        let router = router(&state);
        Ok(InProcessServer { state, router })
    }

    /// Connects a client of an app. It uses the pipe as a WebSocket after the handshake.
    #[must_use]
    pub fn connect(&self, app: &Arc<App>) -> DuplexStream {
        let (client, server) = duplex(PIPE_BYTES);
        let admission = Admission { app: Arc::clone(app), address: CLIENT.ip() };
        tokio::spawn(serve_pipe(Arc::clone(&self.state), admission, server));
        client
    }

    /// Makes a POST with a body in JSON. Returns the body of the response.
    ///
    /// # Errors
    /// The error of the body.
    pub async fn post(&self, path: &str, body: String) -> Result<String, axum::Error> {
        let mut request = Request::post(path)
            .header(header::HOST, "localhost")
            .header(header::CONTENT_TYPE, "application/json");
        if let Some(extensions) = request.extensions_mut() {
            extensions.insert(PeerAddress(CLIENT));
        }
        let request = request.body(Body::from(body)).map_err(axum::Error::new)?;
        let responding = self.router.clone().oneshot(request);
        let response = responding.await.unwrap_or_else(|never: Infallible| match never {});
        let body = to_bytes(response.into_body(), usize::MAX).await?;
        String::from_utf8(body.into()).map_err(axum::Error::new)
    }
}
