//! The inputs and outputs of the engine.

use causerie_protocol::frames::{Hello, Subscribe};
use causerie_protocol::http::BatchResults;
use causerie_protocol::{CloseCode, ErrorBody, Op, Outcome, Request, RequestId, ServerFrame};

use crate::operation::Operation;

/// The number of a socket or of an HTTP call. The engine ignores inputs about one that it has replaced.
pub type ConnectionId = u32;

/// An event that the driver reports to the engine.
#[derive(Debug)]
pub enum Input<B> {
    /// The socket is open.
    Opened(ConnectionId),
    /// A frame arrived.
    Frame(ConnectionId, ServerFrame<B>),
    /// A frame of an unknown type arrived. It only shows that the connection works.
    UnknownFrame(ConnectionId),
    /// The socket was closed, or could not be opened, with this close code.
    Closed(ConnectionId, u16),
    /// The HTTP fallback returned results.
    PostCompleted(ConnectionId, BatchResults<B>),
    /// The HTTP fallback returned no results.
    PostFailed(ConnectionId, HttpFailure),
    /// A request or a subscription cannot be sent on any transport, because it is over the size limit.
    Unsendable(RequestId, ErrorBody),
    /// The program provided a token.
    Token(String),
    /// The program failed to provide a token, for this reason.
    TokenFailed(String),
    /// Whether the program can provide tokens from now on.
    TokenSource(bool),
    /// The page resumed or became visible, the network came back, or a timer fired far too late. The open
    /// connection may be dead.
    Wake,
    /// The page is being hidden or frozen. An open socket would keep it out of the back/forward cache.
    Suspend,
    /// The time of [`crate::Engine::deadline`] is reached.
    Tick,
}

/// The reason why a call of the HTTP fallback returned no results.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HttpFailure {
    /// There was no response.
    Network,
    /// The response has this status and is not from a Causerie server.
    Status(u16),
    /// The server rejected the whole call with this error.
    Rejected(ErrorBody),
}

/// An action for the driver. Actions are executed in the order in which [`crate::Engine::poll`] returns them.
#[derive(Debug, PartialEq)]
pub enum Output<B, O: Operation = Op> {
    /// Open a socket.
    Open(ConnectionId),
    /// Send the first frame of a connection.
    Hello(ConnectionId, Hello),
    /// Send a request.
    Request(ConnectionId, Request<O>),
    /// Subscribe to a topic. The id is the one used on this connection, which may differ from the id that
    /// [`crate::Engine::subscribe`] returned.
    Subscribe(ConnectionId, Subscribe<O::Topic>),
    /// End the subscription that has this id on this connection.
    Unsubscribe(ConnectionId, RequestId),
    /// Send a new token.
    Auth(ConnectionId, String),
    /// Send a ping, which the server answers.
    Ping(ConnectionId),
    /// Close the socket with this code and drop it.
    Close(ConnectionId, CloseCode),
    /// Call the HTTP fallback with this token and these requests.
    Post(ConnectionId, Option<String>, Vec<Request<O>>),
    /// Cancel the pending call of the HTTP fallback.
    AbortPost(ConnectionId),
    /// Settle a request with its outcome.
    Settle(Outcome<B>),
    /// Deliver a frame to a subscription: a reset, the next events, or its end. An update is for all of them.
    ///
    /// The frame's id is the one that [`crate::Engine::subscribe`] returned, not the one on the wire. A
    /// driver that passes on the original frame has to replace the id in it. No frame is delivered after
    /// `unsubscribe`.
    Deliver(ServerFrame<B>),
    /// Ask the program for a token.
    NeedToken,
    /// End the session. All requests are settled and all subscriptions ended before, and no output follows.
    Ended(ErrorBody),
}
