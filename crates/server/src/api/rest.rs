//! The REST API for backends.
//!
//! One table has every route with the command that it makes. The router and the tests of access control are
//! made from this table, so neither can omit a route.

mod batch;
mod call;
mod execution;
mod openapi;
mod query;
mod route;
mod routes;
mod upload;

use std::collections::HashMap;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, RawQuery, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse as _, Response};
use axum::routing::on;
use axum::{Extension, Router};
use causerie_protocol::{ErrorBody, ErrorCode};

use self::call::Call;
use self::execution::execute_call;
use self::route::{Handler, Route};
pub use self::routes::ROUTES;
use crate::admission::{Admission, Rejection};
use crate::auth;
use crate::response::{ApiError, encoded_json, log_api_error, read_text};
use crate::state::AppState;

/// Returns the OpenAPI document of the API. It needs no credentials: it has nothing of any app.
pub(crate) async fn document() -> Response {
    encoded_json(openapi::document())
}

/// The router of [`ROUTES`].
pub(crate) fn routes() -> Router<Arc<AppState>> {
    ROUTES.iter().fold(Router::new(), |router, route| {
        let handler = move |State(state): State<Arc<AppState>>,
                            Extension(admission): Extension<Result<Admission, Rejection>>,
                            parameters: Result<Path<HashMap<String, String>>, PathRejection>,
                            RawQuery(query): RawQuery,
                            headers: HeaderMap,
                            body: Body| async move {
            let executed = match admission {
                Ok(admission) => execute(route, &state, &admission, parameters, query, &headers, body).await,
                Err(rejection) => Err(rejection.error),
            };
            executed.unwrap_or_else(|error| {
                log_api_error(&error);
                ApiError(error).into_response()
            })
        };
        // A slash at the end names the same resource.
        let with_slash = format!("{}/", route.path);
        router
            .route(route.path, on(route.method.filter(), handler))
            .route(&with_slash, on(route.method.filter(), handler))
    })
}

async fn execute(
    route: &Route,
    state: &Arc<AppState>,
    admission: &Admission,
    parameters: Result<Path<HashMap<String, String>>, PathRejection>,
    query: Option<String>,
    headers: &HeaderMap,
    body: Body,
) -> Result<Response, ErrorBody> {
    auth::authorize_backend(&admission.app, auth::bearer_token(headers), state.clock.now_ms())?;
    state.rate_limits.check_rest(&admission.app.id)?;
    let Ok(Path(parameters)) = parameters else {
        return Err(ErrorBody::new(ErrorCode::InvalidArgument, "the address is not percent-encoded UTF-8"));
    };
    let query = query::parse(query.as_deref().unwrap_or_default())?;
    let response = match route.handler {
        Handler::Command(_) => {
            let body = if route.method.has_body() { read_text(body).await? } else { String::new() };
            let call = Call { parameters: &parameters, query: &query, body: &body };
            execute_call(route, state, admission, &call).await?
        }
        Handler::Batch => {
            let body = read_text(body).await?;
            query::check(&query, route.query)?;
            batch::execute(state, admission, &body).await?
        }
        Handler::Upload => {
            query::check(&query, route.query)?;
            upload::execute(state, admission, headers, body).await?
        }
    };
    Ok(encoded_json(String::from(Box::<str>::from(response))))
}
