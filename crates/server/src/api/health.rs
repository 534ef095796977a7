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

/// Handles `GET /ready`: the database makes a write durable, and the server is not stopping. The reason why
/// it is not ready is only in the log.
pub(crate) async fn ready(State(state): State<Arc<AppState>>) -> Response {
    if !state.stopping.is_cancelled() && state.service.ready().await.is_ok() {
        return report("ready");
    }
    let mut response = report("unavailable");
    *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
    response
}
