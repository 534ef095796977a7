//! Reads the bytes of a file, all or a range, in chunks.

use std::io::SeekFrom;
use std::ops::Range;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_util::{Stream, StreamExt as _, TryStreamExt as _};
use object_store::{GetOptions, GetRange, GetResultPayload};
use tokio::io::{AsyncReadExt as _, AsyncSeekExt as _};
use tokio_util::io::ReaderStream;

use super::{Files, location};

/// The bytes that are read from a local file at once.
const CHUNK_BYTES: usize = 256 << 10;

/// The bytes of a file, in chunks.
pub struct Reading(Pin<Box<dyn Stream<Item = std::io::Result<Bytes>> + Send>>);

impl Stream for Reading {
    type Item = std::io::Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.poll_next_unpin(cx)
    }
}

impl Files {
    /// Opens a range of the bytes of a file.
    ///
    /// # Errors
    /// The error of the storage; `NotFound` if there are no such bytes.
    pub async fn open_range(&self, app: &str, id: &str, range: Range<u64>) -> object_store::Result<Reading> {
        let length = range.end - range.start;
        let options = GetOptions { range: Some(GetRange::Bounded(range.clone())), ..GetOptions::default() };
        let found = self.inner.store.get_opts(&location(app, id), options).await?;
        Ok(match found.payload {
            GetResultPayload::File(file, path) => {
                let failed = |source: std::io::Error| object_store::Error::Generic {
                    store: "local",
                    source: format!("{}: {source}", path.display()).into(),
                };
                let mut file = tokio::fs::File::from_std(file);
                file.seek(SeekFrom::Start(range.start)).await.map_err(failed)?;
                Reading(Box::pin(ReaderStream::with_capacity(file.take(length), CHUNK_BYTES)))
            }
            GetResultPayload::Stream(stream) => Reading(Box::pin(stream.map_err(std::io::Error::other))),
        })
    }
}
