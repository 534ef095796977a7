//! The WebSocket transport.
//!
//! A valid handshake is always completed, because a page cannot read why a handshake failed. A client that is
//! not admitted gets an `error` frame and a close code instead ([`handshake`]). Each connection is one task
//! ([`connection`]) that reads frames, writes results, pings, and forwards the frames of its subscriptions.
//! When it ends, it sends the reason ([`close`]).

mod close;
mod connection;
mod handshake;
mod scanner;
mod session;
mod socket;

pub(crate) use handshake::upgrade;

use std::sync::Arc;

use tokio::io::DuplexStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::Role;

use self::socket::Scanned;
use crate::admission::Admission;
use crate::state::AppState;

/// Serves a connection over a pipe in this process, on which there is no handshake.
pub(crate) async fn serve_pipe(state: Arc<AppState>, admission: Admission, pipe: DuplexStream) {
    let config = socket::config(&state.config.limits);
    let socket = WebSocketStream::from_raw_socket(Scanned::new(pipe, &[]), Role::Server, Some(config)).await;
    connection::run(state, admission, socket).await;
}
