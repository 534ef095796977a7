//! The state that every handler and connection shares.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::clock::Clock;
use crate::config::Config;
use crate::rate_limits::RateLimits;
use crate::service::Service;
use crate::session_generations::SessionGenerations;

/// The state of a running server. Handlers share it through an [`Arc`].
pub(crate) struct AppState {
    pub(crate) service: Service,
    pub(crate) config: Config,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) rate_limits: RateLimits,
    /// The newest connection of each client.
    pub(crate) generations: SessionGenerations,
    /// Cancelled when the server begins to stop.
    pub(crate) stopping: CancellationToken,
    /// The tasks that must end before the server has stopped.
    pub(crate) tasks: TaskTracker,
}
