//! Receives the bytes of a file: checks their number and their format while they come, and stores them.
//!
//! A file is stored only if everything is as announced. After any error nothing of it remains.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use causerie_protocol::{ErrorBody, ErrorCode};
use futures_util::{Stream, StreamExt as _};
use object_store::path::Path as Location;
use object_store::{ObjectStoreExt as _, PutPayload, WriteMultipart};
use tokio::time::{Instant, timeout_at};

use super::{Files, Slot, image, location};
use crate::file_types::{self, Format, MAGIC_BYTES};
use crate::store::records::FileRecord;

/// How long the next [`PROGRESS_BYTES`] of an upload may take.
const PROGRESS_TIME: Duration = Duration::from_secs(30);
const PROGRESS_BYTES: u64 = 64 << 10;
/// The most parts of one upload that are being stored. While there are as many, nothing more is read.
const PARTS_AT_ONCE: usize = 2;

/// The number of bytes that a file must have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expected {
    /// Exactly the size of its record.
    Exactly,
    /// At most the size of its record.
    AtMost,
}

impl Files {
    /// Begins an upload.
    ///
    /// # Errors
    /// `rate_limited` if too many run at once.
    pub fn begin(&self, app: &str, file: &FileRecord) -> Result<Slot, ErrorBody> {
        self.inner.slots.begin(app, &file.id, &file.uploader)
    }

    /// Receives and stores the bytes of a file. Returns its record with what they say: the size, and the
    /// width and the height of an image.
    ///
    /// # Errors
    /// `invalid_argument` if the bytes are not those that were announced, `too_large` if they are too many,
    /// `timed_out` if they come too slowly, `server_error` if they cannot be stored.
    pub async fn receive<E: std::fmt::Display>(
        &self,
        app: &str,
        file: FileRecord,
        expected: Expected,
        body: impl Stream<Item = Result<Bytes, E>>,
    ) -> Result<FileRecord, ErrorBody> {
        let location = location(app, &file.id);
        let mut target = Target::open(self, &location, file.size).await?;
        match receive_into(&mut target, file, expected, body).await {
            Ok(file) => {
                target.finish(self, &location).await?;
                Ok(file)
            }
            Err(error) => {
                target.abort().await;
                Err(error)
            }
        }
    }
}

async fn receive_into<E: std::fmt::Display>(
    target: &mut Target,
    file: FileRecord,
    expected: Expected,
    body: impl Stream<Item = Result<Bytes, E>>,
) -> Result<FileRecord, ErrorBody> {
    let mut body = std::pin::pin!(body);
    let mut check = Check::new(&file);
    let (mut size, mut progress) = (0_u64, 0_u64);
    let mut deadline = Instant::now() + PROGRESS_TIME;
    loop {
        let chunk = match timeout_at(deadline, body.next()).await {
            Ok(None) => break,
            Ok(Some(Ok(chunk))) => chunk,
            Ok(Some(Err(error))) => {
                tracing::debug!(%error, "an upload broke off");
                return Err(broken_off());
            }
            Err(_) => {
                let message = "the file came too slowly: at least 64 KiB must come within 30 s";
                return Err(ErrorBody::new(ErrorCode::TimedOut, message));
            }
        };
        size = size.saturating_add(chunk.len() as u64);
        if size > file.size {
            let message = format!("data: must have at most {} bytes, and more came", file.size);
            return Err(ErrorBody {
                field: Some("data".to_owned()),
                ..ErrorBody::new(ErrorCode::TooLarge, message)
            });
        }
        check.feed(&chunk)?;
        target.write(chunk).await?;
        if size - progress >= PROGRESS_BYTES {
            (progress, deadline) = (size, Instant::now() + PROGRESS_TIME);
        }
    }
    if size == 0 || (expected == Expected::Exactly && size < file.size) {
        return Err(broken_off());
    }
    let measured = check.finish()?;
    let (width, height) = match measured {
        Some((width, height)) => (Some(width), Some(height)),
        None => (file.width, file.height),
    };
    Ok(FileRecord { size, width, height, is_stored: true, ..file })
}

fn broken_off() -> ErrorBody {
    ErrorBody::new(ErrorCode::InvalidArgument, "the file broke off before its end: upload it again")
}

/// Compares the first bytes of a file with its content type.
struct Check {
    content_type: String,
    format: Option<Format>,
    head: Vec<u8>,
    needed: usize,
    is_recognized: bool,
}

impl Check {
    fn new(file: &FileRecord) -> Self {
        let is_image = file.content_type.starts_with("image/");
        Check {
            content_type: file.content_type.clone(),
            format: file_types::format(&file.content_type),
            head: Vec::new(),
            needed: if is_image { image::HEAD_BYTES } else { MAGIC_BYTES },
            is_recognized: false,
        }
    }

    /// Takes a chunk. Fails as soon as it is clear that the file is of another format.
    fn feed(&mut self, chunk: &[u8]) -> Result<(), ErrorBody> {
        let missing = self.needed.saturating_sub(self.head.len());
        if self.format.is_none() || missing == 0 {
            return Ok(());
        }
        self.head.extend(chunk.iter().take(missing));
        if self.is_recognized || self.head.len() < MAGIC_BYTES {
            return Ok(());
        }
        self.recognize()
    }

    fn recognize(&mut self) -> Result<(), ErrorBody> {
        if file_types::recognized(&self.head) == self.format {
            self.is_recognized = true;
            return Ok(());
        }
        let problem = format!("is not of its content type {:?}", self.content_type);
        Err(ErrorBody::invalid("data", &problem))
    }

    /// Returns the width and the height of an image.
    fn finish(mut self) -> Result<Option<(u32, u32)>, ErrorBody> {
        let Some(format) = self.format else { return Ok(None) };
        if !self.is_recognized {
            self.recognize()?;
        }
        if self.content_type.starts_with("image/") { image::size(format, &self.head) } else { Ok(None) }
    }
}

/// The place where the bytes of an upload go.
enum Target {
    /// In memory, because the file is not larger than a part.
    Small(Vec<Bytes>),
    /// In the storage, in parts.
    Parts(Parts),
}

/// An upload in parts. Each part is gathered in one buffer, because the storage writes every buffer by
/// itself.
struct Parts {
    upload: WriteMultipart,
    buffer: BytesMut,
    part_bytes: usize,
}

impl Parts {
    async fn write(&mut self, chunk: &[u8]) -> Result<(), ErrorBody> {
        self.buffer.extend_from_slice(chunk);
        while self.buffer.len() >= self.part_bytes {
            self.upload.wait_for_capacity(PARTS_AT_ONCE).await.map_err(|error| failed(&error))?;
            self.upload.put(self.buffer.split_to(self.part_bytes).freeze());
            self.buffer.reserve(self.part_bytes);
        }
        Ok(())
    }

    async fn finish(mut self) -> object_store::Result<()> {
        if !self.buffer.is_empty() {
            self.upload.put(self.buffer.freeze());
        }
        self.upload.finish().await.map(drop)
    }
}

impl Target {
    async fn open(files: &Files, location: &Location, size: u64) -> Result<Target, ErrorBody> {
        let inner = &files.inner;
        if size <= inner.part_bytes as u64 {
            return Ok(Target::Small(Vec::new()));
        }
        let upload = inner.store.put_multipart(location).await.map_err(|error| failed(&error))?;
        let upload = WriteMultipart::new_with_chunk_size(upload, inner.part_bytes);
        let buffer = BytesMut::with_capacity(inner.part_bytes);
        Ok(Target::Parts(Parts { upload, buffer, part_bytes: inner.part_bytes }))
    }

    async fn write(&mut self, chunk: Bytes) -> Result<(), ErrorBody> {
        match self {
            // The chunk is copied, because it may be a small part of a large buffer.
            Target::Small(chunks) => chunks.push(Bytes::copy_from_slice(&chunk)),
            Target::Parts(parts) => parts.write(&chunk).await?,
        }
        Ok(())
    }

    async fn finish(self, files: &Files, location: &Location) -> Result<(), ErrorBody> {
        let stored = match self {
            Target::Small(chunks) => {
                files.inner.store.put(location, PutPayload::from_iter(chunks)).await.map(drop)
            }
            Target::Parts(parts) => parts.finish().await,
        };
        stored.map_err(|error| failed(&error))
    }

    async fn abort(self) {
        if let Target::Parts(parts) = self
            && let Err(error) = parts.upload.abort().await
        {
            tracing::warn!(%error, "what came of a file could not be deleted");
        }
    }
}

fn failed(error: &object_store::Error) -> ErrorBody {
    tracing::error!(%error, "a file could not be stored");
    ErrorBody::new(ErrorCode::ServerError, "the file could not be stored: try again later")
}
