//! What goes into the engine and what comes out.

use causerie_protocol::frames::{Hello, Subscribe};
use causerie_protocol::http::Answers;
use causerie_protocol::{CloseCode, ErrorBody, Op, Outcome, Request, RequestId, ServerFrame};

use crate::operation::Operation;

/// Numbers the attempts to connect, so that news of a replaced socket is known for what it is.
pub type Conn = u32;

/// Something that happened.
#[derive(Debug)]
pub enum Input<B> {
    /// The socket is open.
    Opened(Conn),
    /// A frame came.
    Frame(Conn, ServerFrame<B>),
    /// A frame came that this version does not know. It is a sign of life, and nothing else.
    UnknownFrame(Conn),
    /// The socket is closed, or could not be opened.
    Closed(Conn, u16),
    /// The HTTP twin answered.
    Answered(Conn, Answers<B>),
    /// The HTTP twin did not, or refused the whole call.
    PostFailed(Conn, HttpFailure),
    /// A request or a subscription could not be sent, whatever the transport (it is over the size limit).
    Unsendable(RequestId, ErrorBody),
    /// The program gave a token.
    Token(String),
    /// The program was asked for a token and failed.
    TokenFailed(String),
    /// The program can, or can no longer, be asked for tokens.
    TokenSource(bool),
    /// The page woke up, became visible, or the network came back, or a timer came far too late: whatever is open
    /// may be dead.
    Wake,
    /// The page is put away: open sockets would keep it from the back/forward cache.
    Suspend,
    /// The time of [`crate::Engine::deadline`] has come.
    Tick,
}

/// Why a POST brought no answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HttpFailure {
    /// No answer at all.
    Network,
    /// An answer that is not from a Causerie server, with its status.
    Status(u16),
    /// The server's own refusal.
    Refused(ErrorBody),
}

/// Something to do, in the order given.
#[derive(Debug, PartialEq)]
pub enum Output<B, O: Operation = Op> {
    /// Open a socket.
    Open(Conn),
    /// Send the first frame of a connection.
    Hello(Conn, Hello),
    /// Send a request.
    Request(Conn, Request<O>),
    /// Follow a topic. The id is the wire's, and not always the one that [`crate::Engine::subscribe`] returned.
    Subscribe(Conn, Subscribe<O::Topic>),
    /// Stop following what the wire calls so.
    Unsubscribe(Conn, RequestId),
    /// Send a new token.
    Auth(Conn, String),
    /// Send a sign of life.
    Ping(Conn),
    /// Close a socket and forget it.
    Close(Conn, CloseCode),
    /// Make one call of the HTTP twin with these requests.
    Post(Conn, Option<String>, Vec<Request<O>>),
    /// Forget a call of the HTTP twin.
    Abort(Conn),
    /// A request is answered.
    Settle(Outcome<B>),
    /// Something came for a subscription: a reset, the events that come next, or its end; or an update, which
    /// concerns them all. The id is the one that [`crate::Engine::subscribe`] returned (a driver that passes on
    /// the frame as it was read has to put this one in), and is never one that is unsubscribed from.
    Deliver(ServerFrame<B>),
    /// The program is wanted to give a token.
    NeedToken,
    /// The session is over: every request was settled and every subscription ended, nothing will come any more.
    Ended(ErrorBody),
}
