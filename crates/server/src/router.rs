//! The router: every route, and the middleware around them.

use std::sync::Arc;

use axum::Router;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state, map_response};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use causerie_protocol::{ErrorBody, ErrorCode};
use tracing::Instrument as _;

use crate::admission::{admit, limit};
use crate::api::{files, health, rest, static_files};
use crate::realtime::{http_fallback, websocket};
use crate::response::ApiError;
use crate::state::AppState;

/// The routes of the whole server.
pub(crate) fn router(state: &Arc<AppState>) -> Router {
    let app_routes = rest::routes()
        .merge(files::routes())
        .route("/v1/{app}/realtime", get(websocket::upgrade).post(http_fallback::batch))
        .method_not_allowed_fallback(wrong_method)
        .layer(from_fn_with_state(Arc::clone(state), admit));
    let health_routes = Router::new()
        .route("/health", get(health::health))
        .route("/ready", get(health::ready))
        .route("/v1/openapi.json", get(rest::document))
        .layer(from_fn_with_state(Arc::clone(state), limit));
    let router = Router::new()
        .merge(app_routes)
        .merge(health_routes)
        .method_not_allowed_fallback(wrong_method)
        .with_state(Arc::clone(state))
        .layer(map_response(no_store))
        .layer(from_fn_with_state(Arc::clone(state), trace));
    let router = match &state.config.www {
        Some(folder) => router.fallback_service(static_files::service(folder)),
        None => router.fallback(not_found),
    };
    router.layer(map_response(nosniff))
}

/// Puts a request in a span of its own, so that its log lines can be found together. The span has the route's
/// template and not the path, which contains ids of users. [`admit`] adds the app.
async fn trace(State(state): State<Arc<AppState>>, request: Request, next: Next) -> Response {
    // The level of a span decides only from which `RUST_LOG` on it exists: warnings need it too.
    let span = tracing::error_span!(
        "request",
        request = state.next_request_id(),
        method = request.method().as_str(),
        route = request.extensions().get::<MatchedPath>().map(MatchedPath::as_str),
        app = tracing::field::Empty,
    );
    next.run(request).instrument(span).await
}

/// Forbids caches to store responses of the API, which change at any time and are often private. Files never
/// change.
async fn no_store(mut response: Response) -> Response {
    let no_store = HeaderValue::from_static("no-store");
    response.headers_mut().entry(header::CACHE_CONTROL).or_insert(no_store);
    response
}

async fn nosniff(mut response: Response) -> Response {
    response.headers_mut().insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

async fn not_found() -> Response {
    let message = "there is nothing at this address; the API is under /v1/{appId}/";
    ApiError(ErrorBody::new(ErrorCode::NotFound, message)).into_response()
}

async fn wrong_method() -> Response {
    let message = "this address does not support this method; see the header Allow";
    ApiError(ErrorBody::new(ErrorCode::Unsupported, message)).with_status(StatusCode::METHOD_NOT_ALLOWED)
}
