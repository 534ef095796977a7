//! A WebSocket over a pipe in this process, which is written and read without waiting.

use std::task::{Context, Poll, Waker};

use futures_util::{FutureExt as _, SinkExt as _, StreamExt as _};
use tokio::io::DuplexStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};

use crate::endpoints::ServerMessage;

/// The client's end of a connection.
pub(crate) struct Pipe(WebSocketStream<DuplexStream>);

impl Pipe {
    pub(crate) fn new(stream: DuplexStream) -> Self {
        // The library fills the whole buffer with zeros before each read.
        let config = WebSocketConfig::default().read_buffer_size(4_096);
        let opening = WebSocketStream::from_raw_socket(stream, Role::Client, Some(config));
        Pipe(opening.now_or_never().expect("there is no handshake"))
    }

    /// Sends a text. It is lost if the server has closed the connection.
    pub(crate) fn send(&mut self, text: &str) {
        let sent = self.0.send(Message::text(text)).now_or_never();
        assert!(sent.is_some(), "the pipe is full");
    }

    /// Returns the next message that has arrived. After `Closed` there are no more.
    pub(crate) fn receive(&mut self) -> Option<ServerMessage> {
        let mut cx = Context::from_waker(Waker::noop());
        loop {
            return Some(match self.0.poll_next_unpin(&mut cx) {
                Poll::Pending => return None,
                Poll::Ready(Some(Ok(Message::Text(text)))) => ServerMessage::Text(text.to_string()),
                Poll::Ready(Some(Ok(Message::Close(Some(close))))) => {
                    ServerMessage::Closed(close.code.into())
                }
                Poll::Ready(Some(Ok(Message::Close(None)) | Err(_)) | None) => ServerMessage::Closed(1006),
                Poll::Ready(Some(Ok(_))) => continue,
            });
        }
    }
}
