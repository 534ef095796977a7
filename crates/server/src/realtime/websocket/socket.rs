//! The WebSocket stream of a connection, and the sizes of its buffers.

use causerie_protocol::limits::FRAME_BYTES;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;

use crate::config::Limits;

/// The bytes under a socket: a TCP connection, or a pipe in this process.
pub(super) trait ByteStream: AsyncRead + AsyncWrite + Unpin {}

impl<T: AsyncRead + AsyncWrite + Unpin> ByteStream for T {}

/// The socket of a connection after the handshake.
pub(super) type Socket<T> = WebSocketStream<T>;

/// The size of the read buffer. Every idle connection would keep the library's own 128 KiB.
pub(super) const READ_BUFFER_BYTES: usize = 4_096;
/// The number of bytes that are gathered before they are written to the system.
const WRITE_BUFFER_BYTES: usize = 4_096;
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
