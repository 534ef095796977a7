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

use super::answer::{json, log_refusal, text};
use super::{Admission, Refusal, Turned};
use crate::auth::{self, Grant};
use crate::pipeline::Pipeline;
use crate::server::Doors;

/// `POST /v1/{app}/realtime`.
pub(super) async fn batch(
    State(doors): State<Arc<Doors>>,
    Extension(admission): Extension<Result<Admission, Turned>>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let answered = match admission {
        Ok(admission) => answer(&doors, &admission, &headers, body).await,
        Err(turned) => Err(turned.error),
    };
    answered.unwrap_or_else(|error| {
        log_refusal(&error, "/v1/{app}/realtime");
        Refusal(error).into_response()
    })
}

async fn answer(
    doors: &Arc<Doors>,
    admission: &Admission,
    headers: &HeaderMap,
    body: Body,
) -> Result<Response, ErrorBody> {
    doors.gate.address(admission.address)?;
    let batch = decode::batch(&text(body).await?)?;
    let grant = grant(doors, admission, &batch.user, headers)?;
    let user = Arc::new((admission.app.id.clone(), batch.user.clone()));
    // What still comes over an older socket of this client is not carried out after this.
    let _claim = doors.clients.claim((admission.app.id.clone(), batch.user.clone(), batch.client.clone()));
    if !batch.requests.is_empty() {
        doors.service.hub().seen(&Arc::from(admission.app.id.as_str()), &batch.user);
    }
    let mut pipeline =
        Pipeline::new(doors.service.clone(), Arc::clone(&admission.app), batch.user, batch.client);
    for request in batch.requests {
        match request {
            Ok(request) => match doors.gate.user(&user) {
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
    let token_expires_in = grant.map(|grant| grant.expires_in(doors.clock.now_ms()));
    Ok(json(&Answers { results, token_expires_in }))
}

/// What the token gives, where the app asks for one.
fn grant(
    doors: &Doors,
    admission: &Admission,
    user: &UserId,
    headers: &HeaderMap,
) -> Result<Option<Grant>, ErrorBody> {
    if !admission.app.authentication {
        return Ok(None);
    }
    let shown = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    match shown.and_then(auth::bearer) {
        Some(token) => auth::user_grant(&admission.app, user, token, doors.clock.now_ms()).map(Some),
        None => Err(auth::missing()),
    }
}
