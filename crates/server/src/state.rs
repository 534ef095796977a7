//! The state that all handlers and connections share.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::clock::Clock;
use crate::config::Config;
use crate::connection_limits::ConnectionLimits;
use crate::rate_limits::RateLimits;
use crate::service::Service;
use crate::session_generations::SessionGenerations;

/// The state of a running server, shared through an [`Arc`].
pub(crate) struct AppState {
    pub(crate) service: Service,
    pub(crate) config: Config,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) rate_limits: RateLimits,
    pub(crate) connection_limits: ConnectionLimits,
    pub(crate) generations: SessionGenerations,
    /// Cancelled when the server begins to stop.
    pub(crate) stopping: CancellationToken,
    /// The tasks that must end before the server has stopped.
    pub(crate) tasks: TaskTracker,
    span_ids: SpanIds,
}

/// The ids of the spans in the logs. They count from 1 in each process.
#[derive(Default)]
struct SpanIds {
    last_request: AtomicU64,
    last_connection: AtomicU64,
}

impl AppState {
    pub(crate) fn new(config: Config, service: Service, clock: Arc<dyn Clock>) -> Self {
        AppState {
            rate_limits: RateLimits::new(&config.limits),
            connection_limits: ConnectionLimits::new(&config.limits),
            generations: SessionGenerations::default(),
            service,
            config,
            clock,
            stopping: CancellationToken::new(),
            tasks: TaskTracker::new(),
            span_ids: SpanIds::default(),
        }
    }

    /// The id of a new HTTP request in the logs.
    pub(crate) fn next_request_id(&self) -> u64 {
        self.span_ids.last_request.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// The id of a new WebSocket connection in the logs.
    pub(crate) fn next_connection_id(&self) -> u64 {
        self.span_ids.last_connection.fetch_add(1, Ordering::Relaxed) + 1
    }
}
