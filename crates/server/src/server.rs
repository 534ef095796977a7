//! The server as a whole: opens the database, listens, and stops in good order.
//!
//! On a stop it accepts nothing more, answers what it has accepted, tells every connection why it ends, lets the writer
//! finish, and is done; what is not done by then is cut, so that a stop is always bounded.

use std::fmt;
use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::clock::{Clock, SystemClock};
use crate::config::{Config, Data};
use crate::listener;
use crate::rate_limits::RateLimits;
use crate::service::Service;
use crate::session_generations::SessionGenerations;
use crate::state::AppState;

/// Why a server cannot start or go on: one line for whoever runs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerError(pub String);

impl fmt::Display for ServerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ServerError {}

/// A server that listens, with its database open.
pub struct Server {
    state: Arc<AppState>,
    listener: TcpListener,
}

impl Server {
    /// Opens the database behind a listener. Connections wait in the listener's queue until [`Server::run`].
    ///
    /// # Errors
    /// One line: which file or folder, and what is wrong with it.
    pub async fn start(listener: TcpListener, config: Config) -> Result<Server, ServerError> {
        Self::start_at(listener, config, Arc::new(SystemClock)).await
    }

    /// The same with a clock of one's own. For tests.
    ///
    /// # Errors
    /// As [`Server::start`].
    pub async fn start_at(
        listener: TcpListener,
        config: Config,
        clock: Arc<dyn Clock>,
    ) -> Result<Server, ServerError> {
        let apps = Arc::new(config.apps.clone());
        let service = match &config.data {
            Data::Memory => Service::open_in_memory(apps, Arc::clone(&clock)).await,
            Data::Folder(folder) => {
                std::fs::create_dir_all(folder).map_err(|error| {
                    ServerError(format!("data: the folder {} cannot be made: {error}", folder.display()))
                })?;
                Service::open(&folder.join("causerie.db"), apps, Arc::clone(&clock)).await
            }
        };
        let service = service.map_err(|error| ServerError(error.to_string()))?;
        let state = AppState {
            rate_limits: RateLimits::new(&config.limits),
            generations: SessionGenerations::default(),
            service,
            config,
            clock,
            stopping: CancellationToken::new(),
            tasks: TaskTracker::new(),
        };
        Ok(Server { state: Arc::new(state), listener })
    }

    /// Where it listens.
    ///
    /// # Errors
    /// What the system says.
    pub fn address(&self) -> std::io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Serves until `shutdown` is ready, and then stops in good order.
    pub async fn run(self, shutdown: impl Future<Output = ()>) {
        let state = self.state;
        let accepting = tokio::spawn(listener::accept(self.listener, Arc::clone(&state)));
        let tidying = tokio::spawn(tidy(Arc::clone(&state)));
        shutdown.await;
        tracing::info!("stopping: no new connections, finishing what was accepted");
        state.stopping.cancel();
        let _ = accepting.await;
        tidying.abort();
        state.tasks.close();
        let patience = Duration::from_millis(state.config.limits.shutdown_ms);
        // The last part is the writer's, whatever clients do.
        if tokio::time::timeout(patience.mul_f32(0.8), state.tasks.wait()).await.is_err() {
            tracing::warn!(open = state.tasks.len(), "connections that would not end are cut");
        }
        match tokio::time::timeout(patience.mul_f32(0.2), state.service.clone().close()).await {
            Ok(()) => tracing::info!("stopped"),
            Err(_) => {
                tracing::warn!("stopped before the database was closed; nothing that was answered is lost")
            }
        }
    }
}

/// Serves on a listener until `shutdown` is ready.
///
/// # Errors
/// As [`Server::start`].
pub async fn run(
    listener: TcpListener,
    config: Config,
    shutdown: impl Future<Output = ()>,
) -> Result<(), ServerError> {
    Server::start(listener, config).await?.run(shutdown).await;
    Ok(())
}

/// Once a minute, forgets callers that have been quiet.
async fn tidy(state: Arc<AppState>) {
    let mut minute = tokio::time::interval(Duration::from_secs(60));
    loop {
        minute.tick().await;
        state.rate_limits.tidy();
    }
}
