//! The HTTP twin of the WebSocket: `POST /v1/{appId}/realtime`, the token as `Authorization: Bearer …`.
//!
//! A failure of one request stands in its outcome, with status 200. A failure of the whole call (no such app, a bad
//! token, a body that is no JSON) has its own status and the body [`Failure`].

use serde::{Deserialize, Serialize};

use crate::error::ErrorBody;
use crate::frames::{Outcome, Request};
use crate::ids::{ClientId, UserId};

/// The body of the POST.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Batch {
    /// The protocol's version.
    pub v: u32,
    /// Who is calling.
    pub user: UserId,
    /// The client's own id.
    pub client: ClientId,
    /// The requests, carried out in this order.
    pub requests: Vec<Request>,
}

/// The body of the answer: an outcome for every request, in the same order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Answers<B> {
    /// The outcomes.
    pub results: Vec<Outcome<B>>,
    /// Milliseconds until the token expires; absent where the app asks for none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token_expires_in: Option<u64>,
}

/// The body of an HTTP answer that is not 200, here and in the REST API.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// What is wrong.
    pub error: ErrorBody,
}
