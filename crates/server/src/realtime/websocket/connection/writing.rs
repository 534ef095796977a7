//! What waits to be sent: a queue bounded in bytes, written as far as the system takes it.
//!
//! A long text goes out in pieces (RFC 6455, 5.4: fragments, which every client puts together by itself), because the
//! library's buffer never gives back what it grew to: a list of conversations would be kept by each idle connection.

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

/// How long a piece of a text is.
const PIECE_BYTES: usize = 4_096;

impl Connection {
    /// Queues a frame.
    pub(super) fn send(&mut self, frame: &Frame) -> Result<(), CloseReason> {
        match serde_json::to_string(frame) {
            Ok(text) => self.enqueue(Message::Text(Utf8Bytes::from(text))),
            Err(error) => {
                tracing::error!(%error, "a frame could not be written as JSON");
                let body =
                    ErrorBody::new(ErrorCode::ServerError, "an answer could not be written; connect again");
                Err(CloseReason::Close(CloseCode::Internal, body))
            }
        }
    }

    pub(super) fn enqueue(&mut self, message: Message) -> Result<(), CloseReason> {
        self.queued += message.len();
        self.queue.push_back(message);
        if self.queued > self.state.config.limits.queue_bytes {
            return Err(too_slow());
        }
        Ok(())
    }

    /// Writes what the system will take.
    pub(super) fn write(&mut self, cx: &mut Context<'_>) -> Result<(), CloseReason> {
        while !self.queue.is_empty() || !self.rest.is_empty() {
            match Pin::new(&mut self.socket).poll_ready(cx) {
                Poll::Pending => return self.blocked(),
                Poll::Ready(Err(error)) => return Err(CloseReason::of(&error)),
                Poll::Ready(Ok(())) => {}
            }
            let Some(message) = self.next_piece() else { break };
            self.stalled = None;
            self.flushed = false;
            if let Err(error) = Pin::new(&mut self.socket).start_send(message) {
                return Err(CloseReason::of(&error));
            }
        }
        if !self.flushed {
            match Pin::new(&mut self.socket).poll_flush(cx) {
                Poll::Pending => return self.blocked(),
                Poll::Ready(Err(error)) => return Err(CloseReason::of(&error)),
                Poll::Ready(Ok(())) => {
                    self.flushed = true;
                    self.stalled = None;
                }
            }
        }
        Ok(())
    }

    /// What is to be written next: a message, or a piece of one.
    fn next_piece(&mut self) -> Option<Message> {
        if !self.rest.is_empty() {
            return Some(self.piece(Data::Continue));
        }
        let message = self.queue.pop_front()?;
        self.queued = self.queued.saturating_sub(message.len());
        match message {
            Message::Text(text) if text.len() > PIECE_BYTES => {
                self.rest = text.into();
                Some(self.piece(Data::Text))
            }
            message => Some(message),
        }
    }

    fn piece(&mut self, kind: Data) -> Message {
        let piece = self.rest.split_to(PIECE_BYTES.min(self.rest.len()));
        Message::Frame(Fragment::message(piece, OpCode::Data(kind), self.rest.is_empty()))
    }

    /// The system takes no more: notes since when.
    fn blocked(&mut self) -> Result<(), CloseReason> {
        if self.stalled.is_none() {
            self.stalled = Some(Instant::now());
        }
        Ok(())
    }
}

pub(super) fn too_slow() -> CloseReason {
    let message = "the client reads too slowly, and what waits for it is over the limit; connect again";
    CloseReason::Close(CloseCode::SlowConsumer, ErrorBody::new(ErrorCode::Offline, message))
}
