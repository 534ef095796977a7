//! Writing: a queue that is written as fast as the system accepts it. It is bounded in bytes, because nothing
//! is added while it is half full, except for the one answer that was being made.
//!
//! The library's buffer keeps the size that it has once grown to. So that an idle connection does not keep
//! the size of its longest list, only short texts go through that buffer. A longer one is written from the
//! text itself, in fragments (RFC 6455, 5.4), which every client joins: a close frame can come between two.

use std::pin::Pin;
use std::task::{Context, Poll};

use causerie_protocol::{CloseCode, ErrorBody, ErrorCode};
use futures_util::Sink as _;
use tokio::time::Instant;
use tokio_tungstenite::tungstenite::protocol::frame::FrameHeader;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};
use tokio_tungstenite::tungstenite::{Bytes, Message, Utf8Bytes};

use super::{Connection, Frame};
use crate::realtime::websocket::close::CloseReason;
use crate::realtime::websocket::socket::ByteStream;

/// The longest text that goes through the library's buffer.
const SHORT_TEXT_BYTES: usize = 1_024;
/// The largest fragment of a longer text.
const FRAGMENT_BYTES: usize = 16_384;

impl<T: ByteStream> Connection<T> {
    /// Queues a frame.
    pub(super) fn send(&mut self, frame: &Frame) -> Result<(), CloseReason> {
        self.send_encoded(serde_json::to_string(frame))
    }

    /// Queues a frame that is encoded already.
    pub(super) fn send_encoded(&mut self, text: serde_json::Result<String>) -> Result<(), CloseReason> {
        match text {
            Ok(text) => {
                self.enqueue(Message::Text(Utf8Bytes::from(text)));
                Ok(())
            }
            Err(error) => {
                tracing::error!(%error, "a frame could not be encoded as JSON");
                let message = "a frame could not be encoded; connect again";
                let error = ErrorBody::new(ErrorCode::ServerError, message);
                Err(CloseReason::Close(CloseCode::Internal, error))
            }
        }
    }

    /// Queues a message.
    pub(super) fn enqueue(&mut self, message: Message) {
        self.send_queue_bytes += message.len();
        self.send_queue.push_back(message);
    }

    /// Writes as much of the queue as the system accepts.
    pub(super) fn write(&mut self, cx: &mut Context<'_>) -> Result<(), CloseReason> {
        while !self.send_queue.is_empty() || !self.unsent_text.is_empty() {
            let opcode = self.next_fragment();
            let ready = match opcode {
                // What is before a fragment has left the library's buffer.
                Some(_) => Pin::new(&mut self.socket).poll_flush(cx),
                None => Pin::new(&mut self.socket).poll_ready(cx),
            };
            match ready {
                Poll::Pending => {
                    self.mark_stalled();
                    return Ok(());
                }
                Poll::Ready(Err(error)) => return Err(CloseReason::from_socket_error(&error)),
                Poll::Ready(Ok(())) => {}
            }
            self.stalled_since = None;
            self.flushed = false;
            let Some(opcode) = opcode else {
                let Some(message) = self.take_message() else { break };
                if let Err(error) = Pin::new(&mut self.socket).start_send(message) {
                    return Err(CloseReason::from_socket_error(&error));
                }
                continue;
            };
            if self.unsent_text.is_empty()
                && let Some(Message::Text(text)) = self.take_message()
            {
                self.unsent_text = text.into();
            }
            let text = self.unsent_text.split_to(FRAGMENT_BYTES.min(self.unsent_text.len()));
            let head = head(opcode, text.len(), self.unsent_text.is_empty());
            self.socket.get_mut().set_direct(head, text);
        }
        if !self.flushed {
            match Pin::new(&mut self.socket).poll_flush(cx) {
                Poll::Pending => {
                    self.mark_stalled();
                    return Ok(());
                }
                Poll::Ready(Err(error)) => return Err(CloseReason::from_socket_error(&error)),
                Poll::Ready(Ok(())) => {
                    self.flushed = true;
                    self.stalled_since = None;
                }
            }
        }
        Ok(())
    }

    /// Returns the opcode of the next fragment, or `None` if a whole message is next.
    fn next_fragment(&self) -> Option<Data> {
        match self.send_queue.front() {
            _ if !self.unsent_text.is_empty() => Some(Data::Continue),
            Some(Message::Text(text)) if text.len() > SHORT_TEXT_BYTES => Some(Data::Text),
            _ => None,
        }
    }

    fn take_message(&mut self) -> Option<Message> {
        let message = self.send_queue.pop_front()?;
        self.send_queue_bytes = self.send_queue_bytes.saturating_sub(message.len());
        Some(message)
    }

    /// Records since when the system has accepted no bytes.
    fn mark_stalled(&mut self) {
        self.stalled_since.get_or_insert_with(Instant::now);
    }
}

/// The head of a fragment, as in a message of the library.
fn head(opcode: Data, length: usize, is_final: bool) -> Bytes {
    let header = FrameHeader { is_final, opcode: OpCode::Data(opcode), ..FrameHeader::default() };
    let mut head = Vec::with_capacity(header.len(length as u64));
    // Writing to memory does not fail.
    let _ = header.format(length as u64, &mut head);
    head.into()
}
