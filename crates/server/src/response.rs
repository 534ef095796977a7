//! Answers that are the same for every door.

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use causerie_protocol::http::Failure;
use causerie_protocol::limits::FRAME_BYTES;
use causerie_protocol::{ErrorBody, ErrorCode};
use http_body_util::{BodyExt as _, Limited};
use std::time::Duration;

/// How long a body may take to arrive.
const BODY_TIMEOUT: Duration = Duration::from_secs(20);

/// A call that failed as a whole, with the status that goes with its error.
pub(crate) struct ApiError(pub(crate) ErrorBody);

impl ApiError {
    /// The same with another status than the error's own.
    pub(crate) fn with_status(self, status: StatusCode) -> Response {
        let mut response = self.into_response();
        *response.status_mut() = status;
        response
    }
}

impl From<ErrorBody> for ApiError {
    fn from(error: ErrorBody) -> Self {
        ApiError(error)
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let status =
            StatusCode::from_u16(self.0.code.http_status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let retry_after = self.0.retry_after;
        let mut response = json(&Failure { error: self.0 });
        *response.status_mut() = status;
        let headers = response.headers_mut();
        if let Some(milliseconds) = retry_after {
            // The header counts in whole seconds; waiting longer than needed is safe.
            headers.insert(header::RETRY_AFTER, HeaderValue::from(milliseconds.div_ceil(1_000)));
        }
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

/// One line for a call that failed as a whole: for everybody where somebody tried what they may not or sent what is no
/// call, and for who looks closely where a backend merely asked for something that is not there.
pub(crate) fn log_api_error(error: &ErrorBody, path: &str) {
    let code = error.code.name();
    match error.code {
        ErrorCode::InvalidArgument | ErrorCode::NameRequired | ErrorCode::NotFound | ErrorCode::KeyReused => {
            tracing::debug!(code, path, "call refused");
        }
        _ => tracing::info!(code, path, "call refused"),
    }
}

/// A JSON answer of status 200.
pub(crate) fn json(value: &impl serde::Serialize) -> Response {
    match serde_json::to_vec(value) {
        Ok(bytes) => json_bytes(bytes),
        Err(error) => {
            tracing::error!(%error, "an answer could not be written as JSON");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// An answer of status 200 that is JSON already.
pub(crate) fn json_bytes(bytes: impl Into<Body>) -> Response {
    ([(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))], bytes.into()).into_response()
}

/// Reads a body to its end, within the limits of size and time.
pub(crate) async fn text(body: Body) -> Result<String, ErrorBody> {
    let reading = Limited::new(body, FRAME_BYTES).collect();
    let bytes = match tokio::time::timeout(BODY_TIMEOUT, reading).await {
        Ok(Ok(collected)) => collected.to_bytes(),
        Ok(Err(error)) if error.is::<http_body_util::LengthLimitError>() => return Err(too_large()),
        Ok(Err(_)) => {
            return Err(ErrorBody::new(ErrorCode::InvalidFrame, "the body broke off before its end"));
        }
        Err(_) => {
            return Err(ErrorBody::new(ErrorCode::TimedOut, "the body took longer than 20 s to arrive"));
        }
    };
    String::from_utf8(bytes.into())
        .map_err(|_| ErrorBody::new(ErrorCode::InvalidFrame, "not valid JSON: the body is not UTF-8"))
}

/// The error for a frame or a body over the limit.
pub(crate) fn too_large() -> ErrorBody {
    ErrorBody::new(
        ErrorCode::TooLarge,
        format!("a frame or a request body may have {FRAME_BYTES} bytes at most"),
    )
}
