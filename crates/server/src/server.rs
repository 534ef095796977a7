//! The server: opens the database, listens, serves, and stops.
//!
//! When it stops, it accepts no new connections, completes the accepted requests, sends every connection the
//! reason, and lets the writer finish. The time for this is bounded; afterwards, open connections are cut.

use std::future::Future;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;

use crate::clock::{Clock, SystemClock};
use crate::config::{Config, Data, database_in};
use crate::files::FilesError;
use crate::listener;
use crate::service::Service;
use crate::state::AppState;
use crate::store::OpenError;

/// How often the rate limits forget inactive callers.
const PRUNE_INTERVAL: Duration = Duration::from_secs(60);

/// Why a server cannot start. The message is one line for the operator.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// Another program listens on the address.
    #[error(
        "{0}: the port is in use; stop the program that listens there, or choose another port with --port"
    )]
    AddressInUse(SocketAddr),
    /// The address cannot be listened on.
    #[error("{address}: cannot listen there: {source}")]
    Listen {
        /// The address of the configuration.
        address: SocketAddr,
        /// The error of the system.
        source: io::Error,
    },
    /// The folder for the database cannot be created.
    #[error("data: the folder {} cannot be created: {source}", .folder.display())]
    CreateFolder {
        /// The folder of the configuration.
        folder: PathBuf,
        /// The error of the system.
        source: io::Error,
    },
    /// The database cannot be opened.
    #[error(transparent)]
    OpenStore(#[from] OpenError),
    /// Files cannot be stored.
    #[error(transparent)]
    Files(#[from] FilesError),
}

/// Returns the origin at which programs on this machine reach a listener.
fn origin_of(listener: &TcpListener, config: &Config) -> String {
    let mut address = listener.local_addr().unwrap_or(config.listen);
    if address.ip().is_unspecified() {
        address.set_ip(Ipv4Addr::LOCALHOST.into());
        if config.apps.iter().any(|app| !app.loopback_only) {
            tracing::warn!(
                "files.url is not set: the URLs of files start with http://{address}, which other machines \
                 cannot open"
            );
        }
    }
    format!("http://{address}")
}

/// A server that listens, with its database open.
pub struct Server {
    state: Arc<AppState>,
    listener: TcpListener,
}

impl Server {
    /// Listens on the configured address.
    ///
    /// # Errors
    /// [`StartError::AddressInUse`] or [`StartError::Listen`].
    pub async fn bind(config: &Config) -> Result<TcpListener, StartError> {
        let address = config.listen;
        TcpListener::bind(address).await.map_err(|source| match source.kind() {
            io::ErrorKind::AddrInUse => StartError::AddressInUse(address),
            _ => StartError::Listen { address, source },
        })
    }

    /// Opens the database for a listener. New connections wait in the listener's queue until [`Server::run`].
    ///
    /// # Errors
    /// [`StartError::CreateFolder`], [`StartError::OpenStore`] or [`StartError::Files`].
    pub async fn start(listener: TcpListener, config: Config) -> Result<Server, StartError> {
        Self::start_at(listener, config, Arc::new(SystemClock)).await
    }

    /// Like [`Server::start`], with another clock. For tests.
    ///
    /// # Errors
    /// As [`Server::start`].
    pub async fn start_at(
        listener: TcpListener,
        config: Config,
        clock: Arc<dyn Clock>,
    ) -> Result<Server, StartError> {
        let apps = Arc::new(config.apps.clone());
        let service = match &config.data {
            Data::Memory => Service::open_in_memory(apps, Arc::clone(&clock)).await?,
            Data::Folder(folder) => {
                std::fs::create_dir_all(folder)
                    .map_err(|source| StartError::CreateFolder { folder: folder.clone(), source })?;
                Service::open(&database_in(folder), apps, Arc::clone(&clock)).await?
            }
        };
        if config.files.enabled {
            let origin = config.files.url.clone().unwrap_or_else(|| origin_of(&listener, &config));
            service.store_files(&config.files, &config.data, &origin).await?;
        }
        Ok(Server { state: Arc::new(AppState::new(config, service, clock)), listener })
    }

    /// The address of the listener, with the actual port if the configuration asked for a free one.
    ///
    /// # Errors
    /// The error of the system.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Serves until `shutdown` is ready, and then stops.
    pub async fn run(self, shutdown: impl Future<Output = ()>) {
        let state = self.state;
        raise_file_limit(state.config.limits.connections);
        let accepting = tokio::spawn(listener::accept(self.listener, Arc::clone(&state)));
        let pruning = tokio::spawn(prune(Arc::clone(&state)));
        shutdown.await;
        tracing::info!("stopping: no new connections, completing the accepted requests");
        state.stopping.cancel();
        let _ = accepting.await;
        pruning.abort();
        state.tasks.close();
        let timeout = Duration::from_millis(state.config.limits.shutdown_ms);
        // The last fifth of the time is reserved for the writer, whatever clients do.
        if tokio::time::timeout(timeout.mul_f32(0.8), state.tasks.wait()).await.is_err() {
            tracing::warn!(open = state.tasks.len(), "connections that did not end in time are cut");
        }
        match tokio::time::timeout(timeout.mul_f32(0.2), state.service.clone().close()).await {
            Ok(()) => tracing::info!("stopped"),
            Err(_) => {
                tracing::warn!("stopped before the database was closed; no acknowledged write is lost");
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
) -> Result<(), StartError> {
    Server::start(listener, config).await?.run(shutdown).await;
    Ok(())
}

/// The files that the server opens beside its connections, such as the database.
const OTHER_FILES: u64 = 64;

/// Raises the number of files that the process may open as far as the system allows, and warns if the limit
/// of connections needs more.
#[cfg(unix)]
fn raise_file_limit(connections: u32) {
    use rustix::process::{Resource, getrlimit, setrlimit};

    let needed = u64::from(connections) + OTHER_FILES;
    let mut limit = getrlimit(Resource::Nofile);
    if limit.current.is_some_and(|current| current < needed) {
        let current = limit.maximum.map_or(needed, |maximum| maximum.min(needed));
        let raised = rustix::process::Rlimit { current: Some(current), maximum: limit.maximum };
        match setrlimit(Resource::Nofile, raised) {
            Ok(()) => limit = raised,
            Err(error) => tracing::warn!(%error, "the limit of open files could not be raised"),
        }
    }
    if let Some(allowed) = limit.current.filter(|current| *current < needed) {
        tracing::warn!(
            allowed,
            needed,
            "the process may open fewer files than limits.connections needs: raise LimitNOFILE or `ulimit -n`, or \
             lower limits.connections"
        );
    }
}

#[cfg(not(unix))]
fn raise_file_limit(_connections: u32) {}

async fn prune(state: Arc<AppState>) {
    let mut interval = tokio::time::interval(PRUNE_INTERVAL);
    loop {
        interval.tick().await;
        state.rate_limits.prune();
    }
}
