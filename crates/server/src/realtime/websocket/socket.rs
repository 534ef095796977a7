//! The WebSocket stream of a connection, and the sizes of its buffers.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Buf as _, Bytes};
use causerie_protocol::limits::FRAME_BYTES;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Instant;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;

use super::scanner::FrameScanner;
use crate::config::Limits;

/// The bytes under a socket: a TCP connection, or a pipe in this process.
pub(super) trait ByteStream: AsyncRead + AsyncWrite + Unpin {}

impl<T: AsyncRead + AsyncWrite + Unpin> ByteStream for T {}

/// The socket of a connection after the handshake.
pub(super) type Socket<T> = WebSocketStream<Scanned<T>>;

/// A byte stream whose incoming frames are followed, and to which fragments are written directly.
///
/// The library copies what it writes to a buffer, which keeps the size that it has once grown to. A direct
/// fragment is written from the text itself, before anything that the library writes after it.
#[derive(Debug)]
pub(super) struct Scanned<T> {
    stream: T,
    scanner: FrameScanner,
    /// The rest of a direct fragment: its head, and its text.
    direct: [Bytes; 2],
}

impl<T> Scanned<T> {
    /// `read` are the bytes that arrived with the handshake.
    pub(super) fn new(stream: T, read: &[u8]) -> Self {
        let mut scanner = FrameScanner::default();
        // They are fewer than a buffer holds; too many fragments are noticed with the next bytes.
        let _ = scanner.scan(read);
        Scanned { stream, scanner, direct: [Bytes::new(), Bytes::new()] }
    }

    /// Writes a fragment when the stream is flushed or written to. The library's buffer and the last fragment
    /// must be flushed before.
    pub(super) fn set_direct(&mut self, head: Bytes, text: Bytes) {
        self.direct = [head, text];
    }

    /// Returns since when a message is incomplete, if one is.
    pub(super) const fn incomplete_since(&self) -> Option<Instant> {
        self.scanner.incomplete_since()
    }
}

impl<T: ByteStream> Scanned<T> {
    /// Writes the rest of the direct fragment.
    fn poll_direct(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while self.direct.iter().any(|part| !part.is_empty()) {
            let parts = self.direct.each_ref().map(|part| IoSlice::new(part));
            let mut written = ready!(Pin::new(&mut self.stream).poll_write_vectored(cx, &parts))?;
            if written == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            for part in &mut self.direct {
                let count = written.min(part.len());
                part.advance(count);
                written -= count;
            }
        }
        // The text is given back.
        self.direct = [Bytes::new(), Bytes::new()];
        Poll::Ready(Ok(()))
    }
}

impl<T: ByteStream> AsyncRead for Scanned<T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(cx, buffer))?;
        Poll::Ready(self.scanner.scan(buffer.filled().get(before..).unwrap_or_default()))
    }
}

impl<T: ByteStream> AsyncWrite for Scanned<T> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        ready!(self.poll_direct(cx))?;
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_direct(cx))?;
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_direct(cx))?;
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

/// The size of the read buffer. Every idle connection would keep the library's own 128 KiB.
pub(super) const READ_BUFFER_BYTES: usize = 2_048;
/// The number of bytes of short texts that are gathered before they are written to the system.
const WRITE_BUFFER_BYTES: usize = 2_048;
/// The largest message that is read at all. It is larger than a frame may be, so that a frame that is
/// somewhat too large is read to its end and refused with an error frame.
const MESSAGE_BYTES: usize = 4 * FRAME_BYTES;
/// Space in the library's write buffer for the largest result: a list that is cut at 256 KiB, with a last
/// message and the message that it references.
const RESULT_BYTES: usize = 1 << 20;

/// The library's settings for a connection with these limits.
pub(super) fn config(limits: &Limits) -> WebSocketConfig {
    WebSocketConfig::default()
        .read_buffer_size(READ_BUFFER_BYTES)
        .write_buffer_size(WRITE_BUFFER_BYTES)
        .max_write_buffer_size(limits.queue_bytes.saturating_add(RESULT_BYTES))
        .max_message_size(Some(MESSAGE_BYTES))
        .max_frame_size(Some(MESSAGE_BYTES))
}
