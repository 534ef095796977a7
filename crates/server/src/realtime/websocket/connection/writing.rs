//! Writing: a queue that is written as fast as the system accepts it. It is bounded in bytes, because nothing
//! is added while it is half full, except for the one answer that was being made.
//!
//! A long text is sent in fragments (RFC 6455, 5.4), which every client joins. The library's buffer keeps the
//! size that it has once grown to, so without fragments each idle connection would keep the size of its
//! longest list.

use std::pin::Pin;
use std::task::{Context, Poll};

use causerie_protocol::{CloseCode, ErrorBody, ErrorCode};
use futures_util::Sink as _;
use tokio::time::Instant;
use tokio_tungstenite::tungstenite::protocol::frame::Frame as Fragment;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};
use tokio_tungstenite::tungstenite::{Message, Utf8Bytes};

use super::{Connection, Frame};
use crate::realtime::websocket::close::CloseReason;
use crate::realtime::websocket::socket::ByteStream;

/// The largest fragment of a text.
const FRAGMENT_BYTES: usize = 4_096;

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
            match Pin::new(&mut self.socket).poll_ready(cx) {
                Poll::Pending => {
                    self.mark_stalled();
                    return Ok(());
                }
                Poll::Ready(Err(error)) => return Err(CloseReason::from_socket_error(&error)),
                Poll::Ready(Ok(())) => {}
            }
            let Some(message) = self.next_message() else { break };
            self.stalled_since = None;
            self.flushed = false;
            if let Err(error) = Pin::new(&mut self.socket).start_send(message) {
                return Err(CloseReason::from_socket_error(&error));
            }
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

    /// The next message to write: a whole one, or a fragment.
    fn next_message(&mut self) -> Option<Message> {
        if !self.unsent_text.is_empty() {
            return Some(self.next_fragment(Data::Continue));
        }
        let message = self.send_queue.pop_front()?;
        self.send_queue_bytes = self.send_queue_bytes.saturating_sub(message.len());
        match message {
            Message::Text(text) if text.len() > FRAGMENT_BYTES => {
                self.unsent_text = text.into();
                Some(self.next_fragment(Data::Text))
            }
            message => Some(message),
        }
    }

    fn next_fragment(&mut self, opcode: Data) -> Message {
        let fragment = self.unsent_text.split_to(FRAGMENT_BYTES.min(self.unsent_text.len()));
        Message::Frame(Fragment::message(fragment, OpCode::Data(opcode), self.unsent_text.is_empty()))
    }

    /// Records since when the system has accepted no bytes.
    fn mark_stalled(&mut self) {
        self.stalled_since.get_or_insert_with(Instant::now);
    }
}
