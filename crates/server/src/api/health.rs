//! For whatever watches over the process: does it live, and can it serve?

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

fn health(status: &'static str) -> Response {
    json(&Health { status, version: env!("CARGO_PKG_VERSION") })
}

/// The process lives.
pub(crate) async fn lives() -> Response {
    health("alive")
}

/// The database answers and no stop is under way. Why it does not is for the log, not for whoever asks.
pub(crate) async fn ready(State(state): State<Arc<AppState>>) -> Response {
    let problem = if state.stopping.is_cancelled() {
        Some("the server is stopping".to_owned())
    } else {
        state.service.ready().await.err()
    };
    let Some(problem) = problem else {
        return health("ready");
    };
    tracing::warn!(%problem, "not ready");
    let mut response = health("unavailable");
    *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
    response
}
