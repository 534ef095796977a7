//! The interfaces of simulated clients and servers.

use causerie_client::{ConnectionId, Input, Millis};
use serde_json::Value;

use crate::rng::Rng;

/// An engine with a program that uses it.
pub(crate) trait SimulatedClient {
    /// Returns the time of the next tick.
    fn deadline(&self) -> Option<Millis>;

    /// Lets the program do something at random.
    fn act(&mut self, now: Millis, rng: &mut Rng);

    fn input(&mut self, now: Millis, input: Input<Value>);

    /// Returns the engine's next output for the network. Outputs for the program are executed on the way.
    fn poll_network(&mut self) -> Option<NetworkCommand>;

    /// Ends the turn for which [`NetworkCommand::Flush`] was returned.
    fn flush(&mut self, _now: Millis) {}

    /// Reports that a tick had no effect: the time of the next one is not later.
    fn report_idle_tick(&mut self) {
        panic!("a tick had no effect");
    }
}

/// An output of an engine for the network.
#[derive(Debug)]
pub(crate) enum NetworkCommand {
    Open(ConnectionId),
    Send(ConnectionId, String),
    Close(ConnectionId),
    Post(ConnectionId, String),
    AbortPost(ConnectionId),
    /// Call `flush` after the events of this time that are already scheduled.
    Flush,
}

/// The server at the other end of the network.
pub(crate) trait SimulatedServer {
    /// Whether the server sends pings by itself.
    const PINGS: bool;

    fn advance_clock(&mut self, time: Millis);

    /// Returns the longest time after which the server may have messages that no text caused.
    fn longest_step(&self) -> Option<Millis> {
        None
    }

    /// A text arrived over a socket.
    fn on_text(&mut self, client: usize, conn: ConnectionId, text: &str);

    /// A call of the HTTP fallback arrived. Returns the body of the response.
    fn on_post(&mut self, text: &str) -> String;

    /// The close of a socket arrived.
    fn on_closed(&mut self, client: usize, conn: ConnectionId);

    /// Drops all sockets that are open at the server's end, and returns them.
    fn take_sockets(&mut self) -> Vec<(usize, ConnectionId)>;

    /// Takes the messages that the server sends over sockets now.
    fn take_messages(&mut self) -> Vec<(usize, ConnectionId, ServerMessage)>;
}

/// A message of the server over a socket.
#[derive(Debug)]
pub(crate) enum ServerMessage {
    Text(String),
    Closed(u16),
}
