//! The health checks for load balancers and service managers.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use crate::response::json;
use crate::state::AppState;

#[derive(serde::Serialize)]
struct Health {
    status: &'static str,
    version: &'static str,
}

fn report(status: &'static str) -> Response {
    json(&Health { status, version: env!("CARGO_PKG_VERSION") })
}

/// Handles `GET /health`: the process is alive.
pub(crate) async fn health() -> Response {
    report("alive")
}

/// Handles `GET /ready`: the database answers, and the server is not stopping. The reason why it is not ready
/// is only in the log.
pub(crate) async fn ready(State(state): State<Arc<AppState>>) -> Response {
    let problem = if state.stopping.is_cancelled() {
        Some("the server is stopping".to_owned())
    } else {
        state.service.ready().await.err().map(|error| error.to_string())
    };
    let Some(problem) = problem else {
        return report("ready");
    };
    tracing::warn!(%problem, "not ready");
    let mut response = report("unavailable");
    *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
    response
}
