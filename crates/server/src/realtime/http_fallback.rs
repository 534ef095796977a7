//! The HTTP fallback: the requests and results of the WebSocket in one POST, for networks that block
//! WebSockets.

use std::future::poll_fn;
use std::sync::Arc;

use axum::Extension;
use axum::body::Body;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse as _, Response};
use causerie_protocol::decode;
use causerie_protocol::http::BatchResults;
use causerie_protocol::{ErrorBody, Outcome, UserId};

use super::pipeline::Pipeline;
use crate::admission::{Admission, Rejection};
use crate::auth::{self, AuthError, Grant};
use crate::response::{ApiError, json, log_api_error, read_text};
use crate::state::AppState;

/// Handles `POST /v1/{app}/realtime`: executes the requests of the batch in order and returns all results.
pub(crate) async fn batch(
    State(state): State<Arc<AppState>>,
    Extension(admission): Extension<Result<Admission, Rejection>>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let executed = match admission {
        Ok(admission) => execute(&state, &admission, &headers, body).await,
        Err(rejection) => Err(rejection.error),
    };
    executed.unwrap_or_else(|error| {
        log_api_error(&error);
        ApiError(error).into_response()
    })
}

async fn execute(
    state: &Arc<AppState>,
    admission: &Admission,
    headers: &HeaderMap,
    body: Body,
) -> Result<Response, ErrorBody> {
    state.rate_limits.check_address(admission.address)?;
    let batch = decode::batch(&read_text(body).await?)?;
    let grant = authenticate(state, admission, &batch.user, headers)?;
    let user_key = Arc::new((admission.app.id.clone(), batch.user.clone()));
    // From here on, frames that still arrive on an older socket of this client are not executed.
    let _generation =
        state.generations.begin((admission.app.id.clone(), batch.user.clone(), batch.client.clone()));
    if !batch.requests.is_empty() {
        state.service.hub().record_activity(&Arc::from(admission.app.id.as_str()), &batch.user);
    }
    let mut pipeline =
        Pipeline::new(state.service.clone(), Arc::clone(&admission.app), batch.user, batch.client);
    for request in batch.requests {
        match request {
            Ok(request) => match state.rate_limits.check_user(&user_key) {
                Ok(()) => pipeline.push(request, 0),
                Err(error) => pipeline.push_outcome(Outcome::failed(request.id, error)),
            },
            Err((id, error)) => pipeline.push_outcome(Outcome::failed(id, error)),
        }
    }
    let mut results = Vec::with_capacity(pipeline.pending().0);
    while !pipeline.is_empty() {
        results.push(poll_fn(|cx| pipeline.poll_next(cx)).await);
    }
    let token_expires_in = grant.map(|grant| grant.expires_in(state.clock.now_ms()));
    Ok(json(&BatchResults { results, token_expires_in }))
}

/// The grant of the request's token, or `None` if the app has no authentication.
fn authenticate(
    state: &AppState,
    admission: &Admission,
    user: &UserId,
    headers: &HeaderMap,
) -> Result<Option<Grant>, AuthError> {
    if !admission.app.authentication {
        return Ok(None);
    }
    let token = auth::bearer_token(headers).ok_or(AuthError::TokenMissing)?;
    auth::user_grant(&admission.app, user, token, state.clock.now_ms()).map(Some)
}
