//! The end of a connection: why it ends, and how the client learns the reason.

use std::io;
use std::time::Duration;

use causerie_protocol::limits::FRAME_BYTES;
use causerie_protocol::{CloseCode, ErrorBody, ErrorCode, ServerFrame};
use futures_util::SinkExt as _;
use serde_json::value::RawValue;
use tokio::io::AsyncReadExt as _;
use tokio_tungstenite::tungstenite::error::ProtocolError;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode as CloseNumber;
use tokio_tungstenite::tungstenite::{Error, Message};

use super::socket::{ByteStream, Socket};
use crate::response::too_large;

/// How long sending the reason may take.
const SEND_TIMEOUT: Duration = Duration::from_secs(5);
/// How long the client may take to close after it was sent the reason.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(2);

/// RFC 6455's close codes for a client that does not follow the WebSocket protocol.
const PROTOCOL_ERROR: u16 = 1002;
const INVALID_PAYLOAD: u16 = 1007;

/// Why a connection ends.
#[derive(Debug)]
pub(super) enum CloseReason {
    /// The client closed the connection, or is gone. Nothing is sent.
    Gone,
    /// The server closes the connection, with an `error` frame before the close frame.
    Close(CloseCode, ErrorBody),
    /// The client does not follow the WebSocket protocol. The number is one of RFC 6455's close codes.
    ProtocolViolation(u16),
}

impl CloseReason {
    /// The reason for a socket that failed with `error`.
    pub(super) fn from_socket_error(error: &Error) -> CloseReason {
        match error {
            Error::Capacity(_) => CloseReason::Close(CloseCode::TooLarge, too_large()),
            Error::Utf8(_) => CloseReason::ProtocolViolation(INVALID_PAYLOAD),
            Error::Protocol(ProtocolError::ResetWithoutClosingHandshake) => CloseReason::Gone,
            Error::Protocol(_) => CloseReason::ProtocolViolation(PROTOCOL_ERROR),
            Error::Io(error) if error.kind() == io::ErrorKind::InvalidData => CloseReason::Close(
                CloseCode::TooLarge,
                ErrorBody::new(ErrorCode::TooLarge, error.to_string()),
            ),
            _ => CloseReason::Gone,
        }
    }

    /// A message of the client does not come to its end.
    pub(super) fn slow_message(seconds: u64) -> CloseReason {
        let message = format!("a message did not arrive within {seconds} s; connect again");
        CloseReason::Close(CloseCode::SlowConsumer, ErrorBody::new(ErrorCode::Offline, message))
    }

    /// The client does not read as fast as the server must write.
    pub(super) fn slow_consumer() -> CloseReason {
        let message =
            "the client reads too slowly, and the bytes that wait for it exceed the limit; connect again";
        CloseReason::Close(CloseCode::SlowConsumer, ErrorBody::new(ErrorCode::Offline, message))
    }

    /// The client sent something that is no frame.
    pub(super) fn invalid_frame(message: &str) -> CloseReason {
        CloseReason::Close(CloseCode::InvalidFrame, ErrorBody::new(ErrorCode::InvalidFrame, message))
    }

    /// The client sent a `hello` too late, twice, or after another frame.
    pub(super) fn hello_expected(message: &str) -> CloseReason {
        CloseReason::Close(CloseCode::HelloExpected, ErrorBody::new(ErrorCode::InvalidFrame, message))
    }
}

/// Sends the reason, closes, and waits a moment until the client has closed too.
///
/// Without the wait, frames that the client still has on the way would arrive at a closed port, and the TCP
/// reset that follows may delete the reason from the client's receive buffer before the client has read it.
/// These frames are read and dropped.
///
/// If a text message was cut off in the middle (`at_message_boundary` is false), no other message may begin,
/// and only the close code is sent.
pub(super) async fn close<T: ByteStream>(
    mut socket: Socket<T>,
    reason: CloseReason,
    at_message_boundary: bool,
) {
    let (number, reason) = match reason {
        CloseReason::Gone => return,
        CloseReason::ProtocolViolation(number) => (number, ""),
        CloseReason::Close(code, error) => {
            let reason = error.code.name();
            let frame = ServerFrame::<Box<RawValue>>::Error { error };
            if at_message_boundary && let Ok(text) = serde_json::to_string(&frame) {
                let fed = tokio::time::timeout(SEND_TIMEOUT, socket.feed(Message::text(text))).await;
                if !matches!(fed, Ok(Ok(()))) {
                    return;
                }
            }
            (code.number(), reason)
        }
    };
    let frame = Message::Close(Some(CloseFrame { code: CloseNumber::from(number), reason: reason.into() }));
    let sent = tokio::time::timeout(SEND_TIMEOUT, socket.send(frame)).await;
    if !matches!(sent, Ok(Ok(()) | Err(Error::ConnectionClosed))) {
        return;
    }
    let stream = socket.get_mut();
    let _ = tokio::time::timeout(CLOSE_TIMEOUT, async {
        let mut buffer = vec![0; 4_096];
        let mut budget = 64 * FRAME_BYTES;
        while let Ok(count @ 1..) = stream.read(&mut buffer).await {
            let Some(rest) = budget.checked_sub(count) else { return };
            budget = rest;
            if is_close_frame(buffer.get(..count).unwrap_or_default()) {
                return;
            }
        }
    })
    .await;
}

/// Whether these bytes are the client's own close frame, the last thing that it sends. A close frame that
/// arrives in pieces or behind other bytes is not recognised, which costs no more than the wait.
fn is_close_frame(chunk: &[u8]) -> bool {
    matches!(chunk, [0x88, length, ..] if usize::from(length & 0x7f) + 6 == chunk.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_close_frame_is_recognised_only_if_it_is_alone_and_complete() {
        assert!(is_close_frame(&[0x88, 0x82, 1, 2, 3, 4, 5, 6]));
        assert!(is_close_frame(&[0x88, 0x80, 1, 2, 3, 4]));
        assert!(!is_close_frame(&[0x81, 0x82, 1, 2, 3, 4, 5, 6]));
        assert!(!is_close_frame(&[0x88, 0x82, 1, 2]));
    }
}
