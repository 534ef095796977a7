//! The HTTP doors: who may come in ([`admission`]), the twin of the WebSocket ([`twin`]), the REST API ([`rest`]),
//! health, and static files ([`www`]). The WebSocket's own door is `ws`.

use std::sync::Arc;

use axum::Router;
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::{from_fn_with_state, map_response};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use causerie_protocol::{ErrorBody, ErrorCode};

use crate::admission::admit;
use crate::api::{health, rest, static_files};
use crate::realtime::http_fallback;
use crate::realtime::websocket;
use crate::response::ApiError;
use crate::state::AppState;

/// Every route.
pub(crate) fn routes(state: &Arc<AppState>) -> Router {
    let api = rest::routes()
        .route("/v1/{app}/realtime", get(websocket::upgrade).post(http_fallback::batch))
        .method_not_allowed_fallback(wrong_method)
        .layer(from_fn_with_state(Arc::clone(state), admit));
    let mut routes = Router::new()
        .merge(api)
        .route("/health", get(health::lives))
        .route("/ready", get(health::ready))
        .method_not_allowed_fallback(wrong_method)
        .with_state(Arc::clone(state))
        .layer(map_response(never_stored));
    routes = match &state.config.www {
        Some(folder) => routes.fallback_service(static_files::files(folder)),
        None => routes.fallback(nothing_there),
    };
    routes.layer(map_response(nosniff))
}

/// Answers of the API are of the moment, and often private.
async fn never_stored(mut response: Response) -> Response {
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

async fn nosniff(mut response: Response) -> Response {
    response.headers_mut().insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

async fn nothing_there() -> Response {
    ApiError(ErrorBody::new(
        ErrorCode::NotFound,
        "there is nothing at this address; the API is under /v1/{appId}/",
    ))
    .into_response()
}

async fn wrong_method() -> Response {
    let error = ErrorBody::new(
        ErrorCode::Unsupported,
        "this address does not take this method; see the header Allow",
    );
    ApiError(error).with_status(StatusCode::METHOD_NOT_ALLOWED)
}
