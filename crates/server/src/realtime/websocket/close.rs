//! The end of a connection: why it ends, and how the other side is told so that it hears it.

use std::time::Duration;

use causerie_protocol::limits::FRAME_BYTES;
use causerie_protocol::{CloseCode, ErrorBody, ServerFrame};
use futures_util::SinkExt as _;
use serde_json::value::RawValue;
use tokio::io::AsyncReadExt as _;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode as Number;
use tokio_tungstenite::tungstenite::{Error, Message};

use super::Socket;
use crate::response::too_large;

/// How long the last words may take to be sent.
const SEND_PATIENCE: Duration = Duration::from_secs(5);
/// How long the other side may take to close after it was told.
const CLOSE_PATIENCE: Duration = Duration::from_secs(2);

/// Why a connection ended.
#[derive(Debug)]
pub(super) enum CloseReason {
    /// The client closed it, or is gone.
    Gone,
    /// We close it, with an `error` frame before.
    Close(CloseCode, ErrorBody),
    /// What came is not the WebSocket protocol; the number is RFC 6455's own.
    Broken(u16),
}

impl CloseReason {
    /// What a failure of the socket means.
    pub(super) fn of(error: &Error) -> CloseReason {
        match error {
            Error::Capacity(_) => CloseReason::Close(CloseCode::TooLarge, too_large()),
            Error::Utf8(_) => CloseReason::Broken(1007),
            Error::Protocol(problem) => {
                use tokio_tungstenite::tungstenite::error::ProtocolError;
                match problem {
                    ProtocolError::ResetWithoutClosingHandshake => CloseReason::Gone,
                    _ => CloseReason::Broken(1002),
                }
            }
            _ => CloseReason::Gone,
        }
    }
}

/// Says why, closes, and waits a moment for the other side to close too.
///
/// The wait matters: whatever the client still had on its way would otherwise meet a closed port, and the reset that
/// comes of that may wipe the last words out of the client's queue before it has read them. So it is read and dropped.
///
/// Where a text was broken off in the middle (`whole` is false), no other may begin, and the code has to do.
pub(super) async fn close(mut socket: Socket, end: CloseReason, whole: bool) {
    let (number, reason) = match end {
        CloseReason::Gone => return,
        CloseReason::Broken(number) => (number, ""),
        CloseReason::Close(code, error) => {
            let reason = error.code.name();
            let frame = ServerFrame::<Box<RawValue>>::Error { error };
            if whole && let Ok(text) = serde_json::to_string(&frame) {
                let fed = tokio::time::timeout(SEND_PATIENCE, socket.feed(Message::text(text))).await;
                if !matches!(fed, Ok(Ok(()))) {
                    return;
                }
            }
            (code.number(), reason)
        }
    };
    let close = Message::Close(Some(CloseFrame { code: Number::from(number), reason: reason.into() }));
    let sent = tokio::time::timeout(SEND_PATIENCE, socket.send(close)).await;
    if !matches!(sent, Ok(Ok(()) | Err(Error::ConnectionClosed))) {
        return;
    }
    let stream = socket.get_mut();
    let _ = tokio::time::timeout(CLOSE_PATIENCE, async {
        let mut scrap = vec![0; 4_096];
        let mut left = 64 * FRAME_BYTES;
        while let Ok(count @ 1..) = stream.read(&mut scrap).await {
            let Some(rest) = left.checked_sub(count) else { return };
            left = rest;
            if is_close(scrap.get(..count).unwrap_or_default()) {
                return;
            }
        }
    })
    .await;
}

/// Whether what was read is the client's own close frame, the last thing it ever sends; then there is no more to wait
/// for. It may come in pieces or behind something else and go unseen, which costs no more than the wait.
fn is_close(chunk: &[u8]) -> bool {
    matches!(chunk, [0x88, length, ..] if usize::from(length & 0x7f) + 6 == chunk.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_close_frame_alone_is_seen() {
        assert!(is_close(&[0x88, 0x82, 1, 2, 3, 4, 5, 6]));
        assert!(is_close(&[0x88, 0x80, 1, 2, 3, 4]));
        assert!(!is_close(&[0x81, 0x82, 1, 2, 3, 4, 5, 6]));
        assert!(!is_close(&[0x88, 0x82, 1, 2]));
    }
}
