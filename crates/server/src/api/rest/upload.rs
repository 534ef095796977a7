//! `POST /files`: a backend uploads a file as a form, and gets the token with which it sends the file.

use std::sync::Arc;

use axum::body::Body;
use axum::http::{HeaderMap, header};
use causerie_protocol::content::FileKind;
use causerie_protocol::params::CreateFile;
use causerie_protocol::{ErrorBody, ErrorCode};
use multer::{Field, Multipart};
use serde_json::json;
use serde_json::value::{RawValue, to_raw_value};

use crate::admission::Admission;
use crate::api::files::{complete, content_length};
use crate::file_types;
use crate::files::Expected;
use crate::rules::files::check_bytes;
use crate::state::AppState;

/// The bytes of a form beside its file.
const FORM_BYTES: u64 = 16 << 10;

/// Executes the call. It goes on if the client breaks off, and deletes what has come.
pub(super) async fn execute(
    state: &Arc<AppState>,
    admission: &Admission,
    headers: &HeaderMap,
    body: Body,
) -> Result<Box<RawValue>, ErrorBody> {
    let boundary = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| multer::parse_boundary(value).ok());
    let boundary = boundary.ok_or_else(|| {
        let message = "the body must be a form (multipart/form-data) with the part \"file\"";
        ErrorBody::new(ErrorCode::InvalidArgument, message)
    })?;
    let max_bytes = state.service.files()?.policy().max_bytes;
    let length = content_length(headers);
    check_bytes("file", length.unwrap_or_default().saturating_sub(FORM_BYTES), max_bytes)?;
    let most = length.map_or(max_bytes, |length| length.min(max_bytes)).max(1);
    let receiving =
        state.tasks.spawn({
            let (state, admission) = (Arc::clone(state), admission.clone());
            async move {
                receive(&state, &admission, Multipart::new(body.into_data_stream(), boundary), most).await
            }
        });
    let failed = || ErrorBody::new(ErrorCode::ServerError, "the upload ended unexpectedly: try again");
    let token = receiving.await.unwrap_or_else(|_| Err(failed()))?;
    to_raw_value(&json!({ "attachmentToken": token })).map_err(|_| failed())
}

async fn receive(
    state: &AppState,
    admission: &Admission,
    mut form: Multipart<'_>,
    most: u64,
) -> Result<String, ErrorBody> {
    let part = next(&mut form).await?;
    let part = part.filter(|part| part.name() == Some("file"));
    let part = part.ok_or_else(|| ErrorBody::invalid("file", "must be the only part of the form"))?;
    let app = &admission.app;
    let token = state.service.create_file(app, describe(&part, most)).await?;
    let file = state.service.file_of_token(app, token.clone()).await?;
    let files = state.service.files()?;
    let _slot = files.begin(&app.id, &file)?;
    let id = file.id.clone();
    let received = match files.receive(&app.id, file, Expected::AtMost, part).await {
        Ok(file) => match next(&mut form).await {
            Ok(None) => Ok(file),
            Ok(Some(_)) => Err(ErrorBody::invalid("file", "must be the only part of the form")),
            Err(error) => Err(error),
        },
        Err(error) => Err(error),
    };
    if received.is_err() {
        // The bytes may be stored already, if something is wrong with the form after them.
        if let Err(error) = files.delete(&app.id, &id).await {
            tracing::warn!(%error, "a file could not be deleted; it is deleted later");
        }
    }
    complete(state, app, id, received).await?;
    Ok(token)
}

async fn next<'a>(form: &mut Multipart<'a>) -> Result<Option<Field<'a>>, ErrorBody> {
    form.next_field().await.map_err(|error| {
        ErrorBody::new(ErrorCode::InvalidArgument, format!("the body is no complete form: {error}"))
    })
}

/// Returns what a part says about its file. The kind follows from the content type.
fn describe(part: &Field<'_>, size: u64) -> CreateFile {
    let content_type = part.content_type().map_or_else(String::new, ToString::to_string);
    let normalized = file_types::normalized(&content_type);
    let kinds = [FileKind::Image, FileKind::Video, FileKind::Audio];
    let kind = kinds.into_iter().find(|kind| file_types::refused_for(*kind, &normalized).is_none());
    let filename = part.file_name().unwrap_or("file").to_owned();
    CreateFile { filename, content_type, size, subtype: kind, ..CreateFile::default() }
}
