//! The HTTP fallback for networks without WebSockets: `POST /v1/{appId}/realtime` with the token in the
//! header `Authorization: Bearer …`.
//!
//! If one request fails, its outcome carries the error and the status is 200. If the whole call fails (the
//! app does not exist, the token is not accepted, the body is not JSON), the response has the status of the
//! error and the body [`Failure`].

use serde::{Deserialize, Serialize};

use crate::error::ErrorBody;
use crate::frames::{Outcome, Request};
use crate::ids::{ClientId, UserId};

/// The body of the POST.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Batch {
    /// The version of the protocol.
    pub v: u32,
    /// The user who makes the requests.
    pub user: UserId,
    /// The client that makes the requests.
    pub client: ClientId,
    /// The number of this call among the connections and HTTP calls of the client, as in
    /// [`Hello`](crate::frames::Hello).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub generation: Option<u32>,
    /// The requests, which are executed in this order.
    pub requests: Vec<Request>,
}

/// The body of a response with status 200: the outcome of every request, in the same order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BatchResults<B, E = B> {
    /// The outcome of every request, in the order of the requests.
    pub results: Vec<Outcome<B, E>>,
    /// Milliseconds until the token expires; absent if the app requires none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token_expires_in: Option<u64>,
}

/// The body of a response with another status than 200, also in the REST API.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// The error of the whole call.
    pub error: ErrorBody,
}
