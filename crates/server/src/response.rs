//! Responses and request bodies that all HTTP endpoints share.

use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use causerie_protocol::http::Failure;
use causerie_protocol::limits::FRAME_BYTES;
use causerie_protocol::{ErrorBody, ErrorCode};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};

/// How long a request body may take to arrive.
const BODY_TIMEOUT: Duration = Duration::from_secs(20);

/// The response to a call that failed: its error as JSON, with the error's status.
pub(crate) struct ApiError(pub(crate) ErrorBody);

impl ApiError {
    /// The response with another status than the error's own.
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
            // The header counts whole seconds. Rounding up makes the caller wait too long rather than too
            // short.
            headers.insert(header::RETRY_AFTER, HeaderValue::from(milliseconds.div_ceil(1_000)));
        }
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

/// Logs a call that failed as a whole; the request's span has its method and route. Failed authentication,
/// forbidden and malformed calls are info. Wrong arguments and missing entities are debug, because backends
/// cause them every day.
pub(crate) fn log_api_error(error: &ErrorBody) {
    let code = error.code.name();
    match error.code {
        ErrorCode::InvalidArgument | ErrorCode::NameRequired | ErrorCode::NotFound | ErrorCode::KeyReused => {
            tracing::debug!(code, "call refused");
        }
        _ => tracing::info!(code, "call refused"),
    }
}

/// A JSON response with status 200.
pub(crate) fn json(value: &impl serde::Serialize) -> Response {
    match serde_json::to_vec(value) {
        Ok(bytes) => encoded_json(bytes),
        Err(error) => {
            tracing::error!(%error, "a response could not be encoded as JSON");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// A response with status 200 whose body is encoded as JSON already.
pub(crate) fn encoded_json(bytes: impl Into<Body>) -> Response {
    ([(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))], bytes.into()).into_response()
}

/// Reads a whole request body, within the limits of size and time.
pub(crate) async fn read_text(body: Body) -> Result<String, ErrorBody> {
    let reading = Limited::new(body, FRAME_BYTES).collect();
    let bytes = match tokio::time::timeout(BODY_TIMEOUT, reading).await {
        Ok(Ok(collected)) => collected.to_bytes(),
        Ok(Err(error)) if error.is::<LengthLimitError>() => return Err(too_large()),
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

/// The error for a frame or a request body over the limit.
pub(crate) fn too_large() -> ErrorBody {
    let message = format!("a frame or a request body may have {FRAME_BYTES} bytes at most");
    ErrorBody::new(ErrorCode::TooLarge, message)
}
