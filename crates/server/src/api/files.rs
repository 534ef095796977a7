//! Uploads and downloads of files.
//!
//! A client asks for an upload with the op `file.create`, which accepts or refuses the size and the type.
//! With the token that it gets, it sends the bytes. A download needs only the URL, which is signed.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, put};
use axum::{Extension, Router};
use causerie_protocol::{ErrorBody, ErrorCode};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use crate::admission::{Admission, Rejection};
use crate::apps::App;
use crate::auth::bearer_token;
use crate::file_types;
use crate::files::Expected;
use crate::response::{ApiError, encoded_json, log_api_error};
use crate::state::AppState;
use crate::store::records::FileRecord;

mod range;

/// The routes of files.
pub(crate) fn routes() -> Router<Arc<AppState>> {
    Router::new().route("/v1/{app}/files", put(upload)).route("/v1/{app}/files/{id}/{name}", get(download))
}

/// A page that displays a file by itself cannot run anything.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; sandbox";

/// Handles `PUT /v1/{app}/files`: receives the bytes of the file whose token is in the header
/// `Authorization`.
async fn upload(
    State(state): State<Arc<AppState>>,
    Extension(admission): Extension<Result<Admission, Rejection>>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    // The task goes on if the client breaks off, and deletes what has come.
    let uploading = state.tasks.spawn({
        let state = Arc::clone(&state);
        async move {
            let admission = admission.map_err(|rejection| rejection.error)?;
            receive(&state, &admission, &headers, body).await
        }
    });
    let failed = || ErrorBody::new(ErrorCode::ServerError, "the upload ended unexpectedly: try again");
    match uploading.await.unwrap_or_else(|_| Err(failed())) {
        Ok(()) => encoded_json("{}"),
        Err(error) => {
            log_api_error(&error);
            ApiError(error).into_response()
        }
    }
}

async fn receive(
    state: &AppState,
    admission: &Admission,
    headers: &HeaderMap,
    body: Body,
) -> Result<(), ErrorBody> {
    let (service, app) = (&state.service, &admission.app);
    let files = service.files()?;
    let missing = || {
        ErrorBody::new(
            ErrorCode::NotAuthenticated,
            "the token of the file is missing: send it as Bearer token",
        )
    };
    let token = bearer_token(headers).ok_or_else(missing)?;
    let file = service.file_of_token(app, token.to_owned()).await?;
    if file.is_stored {
        return Err(ErrorBody::invalid("fileToken", "its file is stored already"));
    }
    if let Some(length) = content_length(headers)
        && length != file.size
    {
        let problem = format!("must have {} bytes, as announced (got {length})", file.size);
        return Err(ErrorBody::invalid("data", &problem));
    }
    let _slot = files.begin(&app.id, &file)?;
    let id = file.id.clone();
    let received = files.receive(&app.id, file, Expected::Exactly, body.into_data_stream()).await;
    complete(state, app, id, received).await
}

/// Completes an upload, or gives its file up.
pub(super) async fn complete(
    state: &AppState,
    app: &Arc<App>,
    id: String,
    received: Result<FileRecord, ErrorBody>,
) -> Result<(), ErrorBody> {
    let completed = match received {
        Ok(file) => state.service.complete_file(app, file).await,
        Err(error) => Err(error),
    };
    if completed.is_err() {
        state.service.abandon_file(app, id).await;
    }
    completed
}

pub(super) fn content_length(headers: &HeaderMap) -> Option<u64> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// Handles `GET /v1/{app}/files/{id}/{name}`: sends a file, or a range of it.
async fn download(
    State(state): State<Arc<AppState>>,
    Extension(admission): Extension<Result<Admission, Rejection>>,
    Path((_, id, _)): Path<(String, String, String)>,
    RawQuery(query): RawQuery,
    method: Method,
    headers: HeaderMap,
) -> Response {
    let sent = match admission {
        Ok(admission) => {
            send(&state, &admission, id, &query.unwrap_or_default(), method == Method::HEAD, &headers).await
        }
        Err(rejection) => Err(rejection.error),
    };
    sent.unwrap_or_else(|error| {
        log_api_error(&error);
        ApiError(error).into_response()
    })
}

async fn send(
    state: &AppState,
    admission: &Admission,
    id: String,
    query: &str,
    head_only: bool,
    headers: &HeaderMap,
) -> Result<Response, ErrorBody> {
    let value = |name: &str| {
        let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        pairs.filter(|(key, _)| *key == name).map(|(_, value)| value).next().unwrap_or_default()
    };
    let (expires, signature) = (value("expires"), value("signature"));
    let file = state.service.file_of_url(&admission.app, id, expires, signature).await?;
    let text = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    let etag = format!("\"{}\"", file.id);
    let mut response = Response::new(Body::empty());
    describe(&mut response, &file, &etag);
    if text(header::IF_NONE_MATCH).is_some_and(|tags| tags == "*" || tags.contains(&etag)) {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        return Ok(response);
    }
    // A range of another version would not fit to what the client has.
    let range = text(header::RANGE).filter(|_| text(header::IF_RANGE).is_none_or(|tag| tag == etag));
    let range = match range.map_or(range::Requested::All, |text| range::requested(text, file.size)) {
        range::Requested::All => 0..file.size,
        range::Requested::Part(range) => {
            *response.status_mut() = StatusCode::PARTIAL_CONTENT;
            let shown = format!("bytes {}-{}/{}", range.start, range.end - 1, file.size);
            insert(&mut response, header::CONTENT_RANGE, &shown);
            range
        }
        range::Requested::None => {
            *response.status_mut() = StatusCode::RANGE_NOT_SATISFIABLE;
            insert(&mut response, header::CONTENT_RANGE, &format!("bytes */{}", file.size));
            return Ok(response);
        }
    };
    response.headers_mut().insert(header::CONTENT_LENGTH, HeaderValue::from(range.end - range.start));
    if head_only {
        return Ok(response);
    }
    let opened = state.service.files()?.open_range(&admission.app.id, &file.id, range).await;
    let reading = opened.map_err(|error| {
        tracing::error!(%error, "a file could not be read");
        ErrorBody::new(ErrorCode::ServerError, "the file could not be read: try again later")
    })?;
    *response.body_mut() = Body::from_stream(reading);
    Ok(response)
}

/// Adds the headers that describe a file.
fn describe(response: &mut Response, file: &FileRecord, etag: &str) {
    let content_type = file_types::served(&file.content_type);
    let shown = if file_types::is_displayed(&file.content_type) { "inline" } else { "attachment" };
    let name = utf8_percent_encode(&file.name, NON_ALPHANUMERIC);
    insert(response, header::CONTENT_TYPE, content_type);
    insert(response, header::CONTENT_DISPOSITION, &format!("{shown}; filename*=UTF-8''{name}"));
    insert(response, header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY);
    insert(response, header::ACCEPT_RANGES, "bytes");
    insert(response, header::ETAG, etag);
    // The bytes of a file never change.
    insert(response, header::CACHE_CONTROL, "private, max-age=31536000, immutable");
    insert(response, header::REFERRER_POLICY, "no-referrer");
    // Pages of other origins display it too.
    insert(response, HeaderName::from_static("cross-origin-resource-policy"), "cross-origin");
}

fn insert(response: &mut Response, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(name, value);
    }
}
