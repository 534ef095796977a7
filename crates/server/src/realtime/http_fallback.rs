//! The HTTP fallback: the requests and results of the WebSocket in one POST, for networks that block
//! WebSockets.
//!
//! The results are sent as they are made: the next one is taken out of the pipeline when the client has read
//! those before it. So a POST holds one result, however many it asked for.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::Extension;
use axum::body::Body;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use causerie_protocol::decode;
use causerie_protocol::{ErrorBody, ErrorCode, Outcome, Request, UserId};
use futures_util::Stream;

use super::pipeline::Pipeline;
use crate::admission::{Admission, Rejection};
use crate::auth::{self, AuthError, Grant};
use crate::connection_limits::BatchPermit;
use crate::rate_limits::Cost;
use crate::response::{ApiError, encoded_json, log_api_error, read_text};
use crate::rules::EncodedOutcome;
use crate::session_generations::{SessionGeneration, Superseded};
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
    let text = read_text(body).await?;
    let body_bytes = text.len();
    let batch = decode::batch(&text)?;
    drop(text);
    let grant = authenticate(state, admission, &batch.user, headers)?;
    let user_key = Arc::new((admission.app.id.clone(), batch.user.clone()));
    if let Some(grant) = &grant
        && state.service.revocations().is_revoked(&user_key, grant.issued_at)
    {
        return Err(AuthError::TokenRevoked.into());
    }
    let permit = state.connection_limits.batch_permit(&user_key, admission.address)?;
    // From here on, frames that still arrive on an older socket of this client are not executed.
    let client = (admission.app.id.clone(), batch.user.clone(), batch.client.clone());
    let generation = state.generations.begin(client, batch.generation).map_err(arrived_too_late)?;
    if !batch.requests.is_empty() {
        state.service.hub().record_activity(&Arc::from(admission.app.id.as_str()), &batch.user);
    }
    // The size of one request is not known, so each counts with its part of the body.
    let bytes = body_bytes / batch.requests.len().max(1);
    let check_rates = |request: &Request| {
        let cost = Cost::of(&request.op, bytes);
        state.rate_limits.check_user(&user_key, cost)?;
        state.rate_limits.check_address(admission.address, cost)
    };
    let mut pipeline =
        Pipeline::new(state.service.clone(), Arc::clone(&admission.app), batch.user, batch.client);
    for request in batch.requests {
        match request {
            Ok(request) => match check_rates(&request) {
                Ok(()) => pipeline.push(request, 0),
                Err(error) => pipeline.push_outcome(Outcome::failed(request.id, error)),
            },
            Err((id, error)) => pipeline.push_outcome(Outcome::failed(id, error)),
        }
    }
    let token_expires_in = grant.map(|grant| grant.expires_in(state.clock.now_ms()));
    let results = Results { pipeline, token_expires_in, began: false, generation, _permit: permit };
    Ok(encoded_json(Body::from_stream(StreamOf(Some(results)))))
}

/// The bytes of results that are gathered before they are sent.
const CHUNK_BYTES: usize = 16 << 10;

/// The results of a batch that are not sent yet, as the body of the response.
struct Results {
    pipeline: Pipeline,
    token_expires_in: Option<u64>,
    /// Whether a result was sent.
    began: bool,
    generation: SessionGeneration,
    _permit: BatchPermit,
}

/// `None` once everything is sent.
struct StreamOf(Option<Results>);

impl Stream for StreamOf {
    type Item = Result<Bytes, Infallible>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let Some(results) = &mut self.0 else { return Poll::Ready(None) };
        if !results.generation.is_current() {
            // The client has given up this call; the requests that wait behind its results are not executed.
            self.0 = None;
            return Poll::Ready(None);
        }
        let mut chunk = String::new();
        while chunk.len() < CHUNK_BYTES {
            if results.pipeline.is_empty() {
                results.end(&mut chunk);
                self.0 = None;
                break;
            }
            match results.pipeline.poll_next(cx) {
                Poll::Ready(outcome) => results.push(&mut chunk, &outcome),
                Poll::Pending if chunk.is_empty() => return Poll::Pending,
                Poll::Pending => break,
            }
        }
        Poll::Ready(Some(Ok(Bytes::from(chunk))))
    }
}

impl Results {
    fn push(&mut self, chunk: &mut String, outcome: &EncodedOutcome) {
        chunk.push_str(if self.began { "," } else { "{\"results\":[" });
        self.began = true;
        match serde_json::to_string(outcome) {
            Ok(text) => chunk.push_str(&text),
            // Strings and numbers never fail to serialise. A null is better than a body that cannot be
            // parsed.
            Err(error) => {
                tracing::error!(%error, "a result could not be encoded as JSON");
                chunk.push_str("null");
            }
        }
    }

    fn end(&self, chunk: &mut String) {
        chunk.push_str(if self.began { "]" } else { "{\"results\":[]" });
        if let Some(expires_in) = self.token_expires_in {
            chunk.push_str(",\"tokenExpiresIn\":");
            chunk.push_str(&expires_in.to_string());
        }
        chunk.push('}');
    }
}

/// The error of a call that arrives after a later connection or call of the same client.
fn arrived_too_late(Superseded { by }: Superseded) -> ErrorBody {
    let message = format!("generation: must not be less than that of the client's latest connection ({by})");
    ErrorBody { field: Some("generation".to_owned()), ..ErrorBody::new(ErrorCode::TimedOut, message) }
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
