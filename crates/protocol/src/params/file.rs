//! The parameters that announce a file.

use serde::{Deserialize, Serialize};

use crate::content::FileKind;
use crate::error::ErrorBody;
use crate::json::serialize_optional_f64;
use crate::limits::{CONTENT_TYPE_BYTES, FILE_BYTES, FILE_PIXELS, FILE_SECONDS, FILENAME_CHARS};
use crate::text::concat;
use crate::validation::{at_most, check_text};

/// A file that a client wants to upload.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CreateFile {
    /// The name with its extension.
    pub filename: String,
    /// The content type, such as `image/png`. An empty one means `application/octet-stream`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub content_type: String,
    /// The size in bytes. A program that passes no blob sends none.
    #[serde(default)]
    pub size: u64,
    /// The kind of file; absent for a generic one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subtype: Option<FileKind>,
    /// The width of an image or a video, in pixels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub width: Option<u32>,
    /// The height of an image or a video, in pixels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub height: Option<u32>,
    /// The duration of a video or a sound, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none", serialize_with = "serialize_optional_f64")]
    pub duration: Option<f64>,
}

impl CreateFile {
    /// Checks the value of every field, without the limits of the server.
    ///
    /// # Errors
    /// `invalid_argument` with the field's name.
    pub fn check(&self) -> Result<(), ErrorBody> {
        check_text("filename", &self.filename, FILENAME_CHARS)?;
        let is_bad = |c: char| c.is_control() || matches!(c, '/' | '\\');
        if self.filename.contains(is_bad) || matches!(self.filename.as_str(), "." | "..") {
            return Err(ErrorBody::invalid(
                "filename",
                "must be a name without folders and control characters",
            ));
        }
        check_content_type("contentType", &self.content_type)?;
        if self.size == 0 || self.size > FILE_BYTES {
            let problem = concat(&[
                "must be 1 to ",
                &FILE_BYTES.to_string(),
                " bytes: upload a Blob or a File that is not empty",
            ]);
            return Err(ErrorBody::invalid("size", &problem));
        }
        for (field, pixels) in [("width", self.width), ("height", self.height)] {
            if pixels.is_some_and(|pixels| pixels == 0 || pixels > FILE_PIXELS) {
                let problem = concat(&["must be 1 to ", &FILE_PIXELS.to_string(), " pixels"]);
                return Err(ErrorBody::invalid(field, &problem));
            }
        }
        match self.duration {
            Some(seconds) if !(0.0..=f64::from(FILE_SECONDS)).contains(&seconds) => {
                let problem = concat(&["must be 0 to ", &FILE_SECONDS.to_string(), " seconds"]);
                Err(ErrorBody::invalid("duration", &problem))
            }
            _ => Ok(()),
        }
    }
}

/// Checks the form of a content type: empty, or a type and a subtype, with parameters or without.
fn check_content_type(field: &str, text: &str) -> Result<(), ErrorBody> {
    at_most(field, text.len(), CONTENT_TYPE_BYTES, "bytes")?;
    let is_name = |name: &str| {
        !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&b))
    };
    let essence = text.split(';').next().unwrap_or_default().trim();
    let is_type = essence.split_once('/').is_some_and(|(kind, name)| is_name(kind) && is_name(name));
    if text.is_empty() || is_type {
        return Ok(());
    }
    Err(ErrorBody::invalid(field, "must be a content type such as \"image/png\""))
}
