//! The HTTP twin of the WebSocket: the same requests and outcomes in one POST, for where a WebSocket cannot be opened.

use std::future::poll_fn;
use std::sync::Arc;

use axum::Extension;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse as _, Response};
use causerie_protocol::decode;
use causerie_protocol::http::Answers;
use causerie_protocol::{ErrorBody, Outcome, UserId};

use super::pipeline::Pipeline;
use crate::admission::{Admission, Rejection};
use crate::auth::{self, Grant};
use crate::response::{ApiError, json, log_api_error, text};
use crate::state::AppState;

/// `POST /v1/{app}/realtime`.
pub(crate) async fn batch(
    State(state): State<Arc<AppState>>,
    Extension(admission): Extension<Result<Admission, Rejection>>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let answered = match admission {
        Ok(admission) => answer(&state, &admission, &headers, body).await,
        Err(rejection) => Err(rejection.error),
    };
    answered.unwrap_or_else(|error| {
        log_api_error(&error, "/v1/{app}/realtime");
        ApiError(error).into_response()
    })
}

async fn answer(
    state: &Arc<AppState>,
    admission: &Admission,
    headers: &HeaderMap,
    body: Body,
) -> Result<Response, ErrorBody> {
    state.rate_limits.address(admission.address)?;
    let batch = decode::batch(&text(body).await?)?;
    let grant = grant(state, admission, &batch.user, headers)?;
    let user = Arc::new((admission.app.id.clone(), batch.user.clone()));
    // What still comes over an older socket of this client is not carried out after this.
    let _claim =
        state.generations.begin((admission.app.id.clone(), batch.user.clone(), batch.client.clone()));
    if !batch.requests.is_empty() {
        state.service.hub().seen(&Arc::from(admission.app.id.as_str()), &batch.user);
    }
    let mut pipeline =
        Pipeline::new(state.service.clone(), Arc::clone(&admission.app), batch.user, batch.client);
    for request in batch.requests {
        match request {
            Ok(request) => match state.rate_limits.user(&user) {
                Ok(()) => pipeline.push(request),
                Err(error) => pipeline.push_answer(Outcome::failed(request.id, error)),
            },
            Err((id, error)) => pipeline.push_answer(Outcome::failed(id, error)),
        }
    }
    let mut results = Vec::with_capacity(pipeline.len());
    while !pipeline.is_empty() {
        results.push(poll_fn(|cx| pipeline.poll_next(cx)).await);
    }
    let token_expires_in = grant.map(|grant| grant.expires_in(state.clock.now_ms()));
    Ok(json(&Answers { results, token_expires_in }))
}

/// What the token gives, where the app asks for one.
fn grant(
    state: &AppState,
    admission: &Admission,
    user: &UserId,
    headers: &HeaderMap,
) -> Result<Option<Grant>, ErrorBody> {
    if !admission.app.authentication {
        return Ok(None);
    }
    let shown = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    match shown.and_then(auth::bearer) {
        Some(token) => auth::user_grant(&admission.app, user, token, state.clock.now_ms()).map(Some),
        None => Err(auth::missing()),
    }
}
