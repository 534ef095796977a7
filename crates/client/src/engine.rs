//! The client's state machine: one connection to the server, shared by all requests and subscriptions.
//!
//! The flow: [`Engine::request`] and `subscribe` record something to send, [`Engine::handle_input`] records
//! an event, and both end in `advance`, which expires requests, asks for a token, and moves the connection
//! through the states that [`Connection`] shows. Everything for the driver to do is queued as an [`Output`].
//!
//! After a lost connection the engine does not replay a history. It sends the desired state: the requests
//! without a result, under their old ids and keys, and the active subscriptions, in the order in which they
//! were made. A subscription needs a socket, because the HTTP fallback has no subscriptions.
//!
//! The methods are in four modules: `connect` opens and closes connections, `subscribe` handles
//! subscriptions, and `recovery` handles errors, waking and suspending. The rest is here.

mod connect;
mod recovery;
mod subscribe;

use causerie_protocol::http::BatchResults;
use causerie_protocol::limits::PENDING_REQUESTS;
use causerie_protocol::{CloseCode, ErrorBody, ErrorCode, Op, Outcome, RequestId, ServerFrame};

use crate::backoff::Backoff;
use crate::config::{Config, IDLE_TIMEOUT, PROBE_AFTER};
use crate::connection::Connection;
use crate::ids::IdSequence;
use crate::io::{ConnectionId, Input, Output};
use crate::operation::Operation;
use crate::pending_requests::PendingRequests;
use crate::queue::Queue;
use crate::subscriptions::Subscriptions;
use crate::token::TokenState;
use crate::{Millis, earliest, errors};

/// The client's state machine. The crate's documentation describes how to drive it.
#[derive(Debug)]
pub struct Engine<B, O: Operation = Op> {
    config: Config,
    connection: Connection,
    /// The number of the current connection, or of the next one if there is none.
    connection_id: ConnectionId,
    ids: IdSequence,
    pending: PendingRequests<O>,
    subscriptions: Subscriptions<O::Topic>,
    token: TokenState,
    backoff: Backoff,
    /// Use HTTP until this time, because a WebSocket could not be opened.
    http_until: Option<Millis>,
    /// The number of sockets in a row that could not be opened.
    failed_opens: u32,
    suspended: bool,
    /// The number of bodies that the driver keeps, so that the server does not send them again.
    keeps_bodies: Option<u32>,
    /// The error of the current connection's last frame, which names the reason of a close that follows.
    close_reason: Option<ErrorBody>,
    /// The reason why there is no connection, for the errors of requests that expire.
    last_error: Option<ErrorBody>,
    outputs: Queue<Output<B, O>>,
}

impl<B, O: Operation> Engine<B, O> {
    /// Creates an engine. It opens no connection before the first request or subscription.
    #[must_use]
    pub fn new(mut config: Config) -> Self {
        let token = TokenState::new(config.token.take(), config.token_source);
        let backoff = Backoff::new(config.seed);
        Engine {
            config,
            connection: Connection::Idle,
            connection_id: 1,
            ids: IdSequence::new(),
            pending: PendingRequests::new(),
            subscriptions: Subscriptions::new(),
            token,
            backoff,
            http_until: None,
            failed_opens: 0,
            suspended: false,
            keeps_bodies: None,
            close_reason: None,
            last_error: None,
            outputs: Queue::new(),
        }
    }

    /// Makes a request. Its outcome follows as [`Output::Settle`] with the id returned, within 30 s.
    ///
    /// # Errors
    /// Returns an error at once if a parameter is invalid, the session is over, or too many requests are
    /// pending.
    ///
    /// # Example
    ///
    /// ```
    /// # use causerie_client::{Config, Engine, Transport};
    /// # use causerie_protocol::{ClientId, ErrorCode, Op, Patch, SetUser, UserId};
    /// # use serde_json::Value;
    /// # let config = Config {
    /// #     user: UserId::new("ada")?,
    /// #     client: ClientId::new("7f3a0c9be15d4c2a8e6610f2b4d79a35")?,
    /// #     sdk: "example/1.0",
    /// #     transport: Transport::Auto,
    /// #     token: None,
    /// #     token_source: false,
    /// #     seed: 1,
    /// # };
    /// # let mut engine: Engine<Value> = Engine::new(config);
    /// let data = SetUser { name: Patch::Clear, ..SetUser::default() };
    /// let error = engine.request(0, Op::UserSet { user: UserId::new("ada")?, data }).unwrap_err();
    /// assert_eq!(error.code, ErrorCode::InvalidArgument);
    /// assert_eq!(error.field.as_deref(), Some("name"));
    /// assert_eq!(engine.poll(), None);
    /// # Ok::<(), causerie_protocol::ErrorBody>(())
    /// ```
    pub fn request(&mut self, now: Millis, op: O) -> Result<RequestId, ErrorBody> {
        if matches!(self.connection, Connection::Ended) {
            return Err(errors::session_ended());
        }
        op.check()?;
        if self.pending.len() >= PENDING_REQUESTS {
            return Err(errors::too_many_pending());
        }
        let id = self.ids.next();
        self.pending.insert(now, id, op);
        self.advance(now);
        Ok(id)
    }

    /// Handles an event. Inputs about a replaced connection are ignored.
    pub fn handle_input(&mut self, now: Millis, input: Input<B>) {
        if matches!(self.connection, Connection::Ended) {
            return;
        }
        match input {
            Input::Opened(id) if id == self.connection_id => self.on_opened(now),
            Input::Frame(id, frame) if id == self.connection_id => self.on_frame(now, frame),
            Input::UnknownFrame(id) if id == self.connection_id => {
                self.mark_alive(now);
                self.close_reason = None;
            }
            Input::Closed(id, code) if id == self.connection_id => self.on_closed(now, code),
            Input::PostCompleted(id, answers) if id == self.connection_id => {
                self.on_post_completed(now, answers);
            }
            Input::PostFailed(id, failure) if id == self.connection_id => self.on_post_failed(now, failure),
            Input::Opened(_)
            | Input::Frame(..)
            | Input::UnknownFrame(_)
            | Input::Closed(..)
            | Input::PostCompleted(..)
            | Input::PostFailed(..) => {} // about a replaced connection
            Input::Unsendable(id, error) => {
                self.on_subscription_ended(now, id, error.clone());
                self.settle(Outcome::failed(id, error));
            }
            Input::Token(token) => self.set_token(token),
            Input::TokenFailed(message) => self.on_token_failed(now, message),
            Input::TokenSource(has_source) => self.token.set_source(has_source),
            Input::Wake => self.on_wake(now),
            Input::Suspend => self.on_suspend(),
            Input::Tick => {}
        }
        self.advance(now);
    }

    /// Returns the next action for the driver, or `None` if there is nothing to do.
    pub fn poll(&mut self) -> Option<Output<B, O>> {
        self.outputs.pop_front()
    }

    /// Returns the time at which the engine needs [`Input::Tick`], unless another call comes first.
    ///
    /// # Example
    ///
    /// A server that restarts closes the socket with 4000. The next one is opened after a short random delay.
    ///
    /// ```
    /// # use causerie_client::{Config, Engine, Input, Output, Transport};
    /// # use causerie_protocol::{ClientId, Op, UserId};
    /// # use serde_json::Value;
    /// # let config = Config {
    /// #     user: UserId::new("ada")?,
    /// #     client: ClientId::new("7f3a0c9be15d4c2a8e6610f2b4d79a35")?,
    /// #     sdk: "example/1.0",
    /// #     transport: Transport::Auto,
    /// #     token: None,
    /// #     token_source: false,
    /// #     seed: 1,
    /// # };
    /// # let mut engine: Engine<Value> = Engine::new(config);
    /// # let id = engine.request(0, Op::UserGet { user: UserId::new("ada")? })?;
    /// # let Some(Output::Open(conn)) = engine.poll() else { panic!() };
    /// # engine.handle_input(20, Input::Opened(conn));
    /// # while engine.poll().is_some() {}
    /// engine.handle_input(1_000, Input::Closed(conn, 4000));
    /// assert_eq!(engine.poll(), None);
    ///
    /// let deadline = engine.deadline().expect("a request is pending");
    /// assert!((1_100..=1_300).contains(&deadline));
    /// engine.handle_input(deadline, Input::Tick);
    /// assert!(matches!(engine.poll(), Some(Output::Open(_))));
    /// # Ok::<(), causerie_protocol::ErrorBody>(())
    /// ```
    #[must_use]
    pub fn deadline(&self) -> Option<Millis> {
        let connection = match &self.connection {
            Connection::Ended => return None,
            // Only subscriptions wait in this state, for the end of the HTTP period.
            Connection::Idle => {
                self.http_until.filter(|_| self.needs_connection() && !self.token.is_missing())
            }
            Connection::Opening { until }
            | Connection::Posting { until, .. }
            | Connection::Waiting { until, .. } => Some(*until),
            Connection::Open(socket) => {
                let next = if self.is_idle() {
                    socket.last_used_at + IDLE_TIMEOUT
                } else {
                    self.subscriptions.deadline()
                };
                Some(socket.next_check().min(next))
            }
        };
        let token = self.token.deadline(self.needs_connection(), self.is_open());
        earliest(earliest(connection, self.pending.deadline()), token)
    }

    const fn is_open(&self) -> bool {
        matches!(self.connection, Connection::Open(_))
    }

    fn needs_connection(&self) -> bool {
        !self.suspended && !self.is_idle()
    }

    /// Returns whether there is neither a pending request nor a subscription.
    fn is_idle(&self) -> bool {
        self.pending.is_empty() && self.subscriptions.is_empty()
    }

    /// Does everything that is due: expires requests, asks for a token, and moves the connection to its next
    /// state.
    fn advance(&mut self, now: Millis) {
        while let Some(request) = self.pending.take_expired(now) {
            let error = self.timeout_error(&request);
            self.outputs.push_back(Output::Settle(Outcome::failed(request.id, error)));
        }
        let needs_connection = self.needs_connection();
        if self.token.take_request(now, needs_connection, self.is_open()) {
            self.outputs.push_back(Output::NeedToken);
        }
        match self.connection {
            Connection::Ended => {}
            Connection::Idle => {
                if needs_connection && !self.token.is_missing() {
                    self.connect(now);
                }
            }
            Connection::Waiting { until, .. } => {
                if now >= until {
                    self.connection = Connection::Idle;
                    self.advance(now);
                }
            }
            Connection::Opening { until } => {
                if now >= until {
                    self.close_socket(CloseCode::Normal);
                    self.on_open_failed(now);
                    self.advance(now);
                }
            }
            Connection::Posting { until, .. } => {
                if now >= until {
                    self.outputs.push_back(Output::AbortPost(self.connection_id));
                    self.on_no_response(now, errors::unanswered());
                }
            }
            Connection::Open(socket) => {
                if now >= socket.silence_deadline() {
                    // A half-open socket may take minutes to close, so it is replaced without waiting for
                    // that.
                    self.close_socket(CloseCode::Silent);
                    if socket.welcomed_at.is_none() {
                        self.on_open_failed(now);
                    }
                    self.advance(now);
                } else if self.is_idle() && now >= socket.last_used_at + IDLE_TIMEOUT {
                    self.close_socket(CloseCode::Normal);
                } else {
                    if now >= socket.next_check() {
                        self.probe(now);
                    }
                    self.send_unsent(now);
                }
            }
        }
    }

    /// Records that a frame of any type arrived.
    fn mark_alive(&mut self, now: Millis) {
        if let Connection::Open(socket) = &mut self.connection {
            socket.last_frame_at = now;
            socket.probe_at = if self.pending.is_empty() { None } else { Some(now + PROBE_AFTER) };
            socket.probed_at = None;
            if socket.is_stable(now) {
                self.on_stable();
            }
        }
    }

    fn on_frame(&mut self, now: Millis, frame: ServerFrame<B>) {
        self.close_reason = None;
        match frame {
            ServerFrame::Welcome(welcome) => {
                if let Connection::Open(socket) = &mut self.connection {
                    socket.welcomed_at = Some(now);
                }
                self.last_error = None;
                self.failed_opens = 0;
                self.token.on_accepted(now, welcome.token_expires_in);
                self.subscriptions.set_epoch(welcome.epoch);
            }
            ServerFrame::Authenticated { token_expires_in } => self.token.on_renewed(now, token_expires_in),
            ServerFrame::Result(outcome) => {
                self.mark_used(now);
                self.settle(outcome);
            }
            // After an `unsupported` the connection stays open.
            ServerFrame::Error { error } => {
                self.close_reason = Some(error).filter(|error| error.code != ErrorCode::Unsupported);
            }
            ServerFrame::Ended { id, error } => self.on_subscription_ended(now, id, error),
            frame @ (ServerFrame::Reset { .. } | ServerFrame::Events { .. } | ServerFrame::Update { .. }) => {
                self.on_subscription_frame(now, frame);
            }
            ServerFrame::Ping | ServerFrame::Pong => {} // the server's pings need no answer
        }
        self.mark_alive(now);
    }

    fn on_post_completed(&mut self, now: Millis, answers: BatchResults<B>) {
        self.token.on_accepted(now, answers.token_expires_in);
        for outcome in answers.results {
            self.settle(outcome);
        }
        if self.pending.sent_ids().is_empty() {
            self.discard_connection();
            self.on_stable();
            self.pending.double_batch_size();
            self.last_error = None;
        } else {
            // A server that left out results is not called again without a delay.
            self.on_no_response(now, errors::unanswered());
        }
    }

    /// Settles a request. A result for a request that is no longer pending is dropped.
    fn settle(&mut self, outcome: Outcome<B>) {
        if self.pending.remove(outcome.id) {
            self.outputs.push_back(Output::Settle(outcome));
        }
    }

    /// The connection is stable, so earlier failures no longer count.
    const fn on_stable(&mut self) {
        self.backoff.reset();
        self.token.on_stable();
    }

    fn set_token(&mut self, token: String) {
        self.token.set(token.clone());
        if self.is_open() {
            self.outputs.push_back(Output::Auth(self.connection_id, token));
        }
    }
}
