//! The state machine: one link to the server, and the requests and subscriptions that want it.
//!
//! ```text
//!            something to do                    opened, hello sent
//!   Idle ───────────────────▶ Opening ─────────────────────────▶ Live ──┐ welcome, results, pings
//!    ▲ ▲                        │  could not open                 │  ◀──┘
//!    │ └── no use for 30 s ─────┼─────────────────────────────────┤
//!    │                          ▼                                 │ closed, silent
//!    │                        Posting (the HTTP twin)             │
//!    │                          │ no answer                       │
//!    └───── the wait is over ── Waiting ◀─────────────────────────┘
//! ```
//!
//! Only `Opening`, `Live` and `Posting` own a connection; what goes wrong with it is in `trouble`. From every state a
//! fatal error leads to `Ended`, which nothing leaves. What is sent after a connection was lost is rebuilt from what
//! should be true now: the requests that have no answer, under their old ids and keys, and the subscriptions that
//! live (`following`), in the order in which they were made. A subscription is a reason to be connected, but not to
//! call the HTTP twin, which knows none.

mod following;
mod link;
mod trouble;

use std::collections::VecDeque;

use causerie_protocol::frames::Hello;
use causerie_protocol::http::Answers;
use causerie_protocol::limits::PENDING_REQUESTS;
use causerie_protocol::{CloseCode, ErrorBody, Op, Outcome, RequestId, ServerFrame};

use self::link::{Link, Live};
use crate::auth::Auth;
use crate::backoff::Backoff;
use crate::config::{Config, HTTP_PERIOD, IDLE, OPEN_TIMEOUT, POST_TIMEOUT, Transport};
use crate::io::{Conn, Input, Output};
use crate::ledger::{Ledger, Numbers};
use crate::operation::Operation;
use crate::subscriptions::Subscriptions;
use crate::{Millis, texts};

/// The client's state machine. See the module's picture, and the crate's page for how to drive it.
#[derive(Debug)]
pub struct Engine<B, O: Operation = Op> {
    config: Config,
    link: Link,
    /// The number of the present connection, or of the next one.
    conn: Conn,
    numbers: Numbers,
    ledger: Ledger<O>,
    subscriptions: Subscriptions<O::Topic>,
    auth: Auth,
    backoff: Backoff,
    /// Go by HTTP until then: a WebSocket could not be opened.
    http_until: Option<Millis>,
    /// How many sockets in a row could not be opened.
    unopened: u32,
    /// The page is put away.
    suspended: bool,
    /// What the server said on this connection before it closed it.
    farewell: Option<ErrorBody>,
    /// Why there is no connection, for the errors of those who wait for one.
    trouble: Option<ErrorBody>,
    out: VecDeque<Output<B, O>>,
}

impl<B, O: Operation> Engine<B, O> {
    /// An engine at rest. Nothing is opened before the first request or subscription.
    #[must_use]
    pub fn new(mut config: Config) -> Self {
        let auth = Auth::new(config.token.take(), config.token_source);
        let backoff = Backoff::new(config.seed);
        Engine {
            config,
            link: Link::Idle,
            conn: 1,
            numbers: Numbers::new(),
            ledger: Ledger::new(),
            subscriptions: Subscriptions::new(),
            auth,
            backoff,
            http_until: None,
            unopened: 0,
            suspended: false,
            farewell: None,
            trouble: None,
            out: VecDeque::new(),
        }
    }

    /// Takes a request in. Its outcome comes as [`Output::Settle`] under the id returned.
    ///
    /// # Errors
    /// At once, when the parameters are wrong, the session is over, or too many requests are unanswered.
    pub fn request(&mut self, now: Millis, op: O) -> Result<RequestId, ErrorBody> {
        if matches!(self.link, Link::Ended) {
            return Err(texts::session_ended());
        }
        op.check()?;
        if self.ledger.len() >= PENDING_REQUESTS {
            return Err(texts::too_many_pending());
        }
        let id = self.numbers.next();
        self.ledger.add(now, id, op);
        self.advance(now);
        Ok(id)
    }

    /// Says what happened.
    pub fn input(&mut self, now: Millis, input: Input<B>) {
        if matches!(self.link, Link::Ended) {
            return;
        }
        match input {
            Input::Opened(conn) if conn == self.conn => self.opened(now),
            Input::Frame(conn, frame) if conn == self.conn => self.frame(now, frame),
            Input::UnknownFrame(conn) if conn == self.conn => self.heard(now),
            Input::Closed(conn, code) if conn == self.conn => self.closed(now, code),
            Input::Answered(conn, answers) if conn == self.conn => self.answered(now, answers),
            Input::PostFailed(conn, failure) if conn == self.conn => self.post_failed(now, failure),
            Input::Opened(_)
            | Input::Frame(..)
            | Input::UnknownFrame(_)
            | Input::Closed(..)
            | Input::Answered(..)
            | Input::PostFailed(..) => {} // news of a connection that was given up
            Input::Unsendable(id, error) => {
                self.subscription_ended(now, id, error.clone());
                self.settle(Outcome::failed(id, error));
            }
            Input::Token(token) => self.token(token),
            Input::TokenFailed(message) => self.token_failed(now, message),
            Input::TokenSource(source) => self.auth.set_source(source),
            Input::Wake => self.wake(now),
            Input::Suspend => self.suspend(),
            Input::Tick => {}
        }
        self.advance(now);
    }

    /// What to do next, until there is nothing.
    pub fn poll(&mut self) -> Option<Output<B, O>> {
        self.out.pop_front()
    }

    /// When to send [`Input::Tick`], if nothing else happens before.
    #[must_use]
    pub fn deadline(&self) -> Option<Millis> {
        let link = match &self.link {
            Link::Ended => return None,
            // Only subscriptions wait here, for the time of HTTP to be over.
            Link::Idle => self.http_until.filter(|_| self.wanted() && !self.auth.waits()),
            Link::Opening { until } | Link::Posting { until, .. } | Link::Waiting { until, .. } => {
                Some(*until)
            }
            Link::Live(live) => {
                let next = if self.quiet() { live.used + IDLE } else { self.subscriptions.deadline() };
                Some(live.silent_at().min(next))
            }
        };
        let token = self.auth.deadline(self.wanted(), self.live());
        [link, self.ledger.deadline(), token].into_iter().flatten().min()
    }

    /// Whether a connection is open and has been greeted by the server.
    #[must_use]
    pub const fn connected(&self) -> bool {
        matches!(self.link, Link::Live(Live { welcomed: Some(_), .. }))
    }

    const fn live(&self) -> bool {
        matches!(self.link, Link::Live(_))
    }

    /// Whether there is a reason to be connected.
    fn wanted(&self) -> bool {
        !self.suspended && !self.quiet()
    }

    /// Whether nothing is asked and nothing subscribed.
    fn quiet(&self) -> bool {
        self.ledger.is_empty() && self.subscriptions.is_empty()
    }

    /// Brings the link on as far as time and wishes allow.
    fn advance(&mut self, now: Millis) {
        while let Some(request) = self.ledger.take_expired(now) {
            let error = self.out_of_time(&request);
            self.out.push_back(Output::Settle(Outcome::failed(request.id, error)));
        }
        let wanted = self.wanted();
        if self.auth.take_ask(now, wanted, self.live()) {
            self.out.push_back(Output::NeedToken);
        }
        match self.link {
            Link::Ended => {}
            Link::Idle => {
                if wanted && !self.auth.waits() {
                    self.connect(now);
                }
            }
            Link::Waiting { until, .. } => {
                if now >= until {
                    self.link = Link::Idle;
                    self.advance(now);
                }
            }
            Link::Opening { until } => {
                if now >= until {
                    self.drop_socket(CloseCode::Normal);
                    self.could_not_open(now);
                    self.advance(now);
                }
            }
            Link::Posting { until, .. } => {
                if now >= until {
                    self.out.push_back(Output::Abort(self.conn));
                    self.lost(now);
                }
            }
            Link::Live(live) => {
                if now >= live.silent_at() {
                    // A half-open socket may take minutes to close; it is replaced without waiting for that.
                    self.drop_socket(CloseCode::Silent);
                    if live.welcomed.is_none() {
                        self.could_not_open(now);
                    }
                    self.advance(now);
                } else if self.quiet() && now >= live.used + IDLE {
                    self.drop_socket(CloseCode::Normal);
                } else {
                    self.send_unsent(now);
                }
            }
        }
    }

    fn connect(&mut self, now: Millis) {
        let http =
            self.config.transport == Transport::Http || self.http_until.is_some_and(|until| now < until);
        if http {
            if self.ledger.is_empty() {
                return;
            }
            let requests = self.ledger.take_batch();
            self.link = Link::Posting { until: now + POST_TIMEOUT, count: requests.len() };
            self.out.push_back(Output::Post(self.conn, self.auth.show(), requests));
        } else {
            self.http_until = None;
            self.link = Link::Opening { until: now + OPEN_TIMEOUT };
            self.out.push_back(Output::Open(self.conn));
        }
    }

    fn opened(&mut self, now: Millis) {
        if !matches!(self.link, Link::Opening { .. }) {
            return;
        }
        if self.auth.waits() {
            // The program came to be asked while the socket opened: connect again when there is a token.
            return self.drop_socket(CloseCode::Normal);
        }
        self.farewell = None;
        self.link = Link::Live(Live { welcomed: None, heard: now, probed: None, used: now });
        let hello = Hello {
            user: self.config.user.clone(),
            client: self.config.client.clone(),
            token: self.auth.show(),
            sdk: Some(self.config.sdk.to_owned()),
        };
        // The requests follow at once, without waiting for `welcome`: a round trip less.
        self.out.push_back(Output::Hello(self.conn, hello));
    }

    fn send_unsent(&mut self, now: Millis) {
        for request in self.ledger.take_unsent() {
            self.send_subscriptions(now, request.id);
            self.out.push_back(Output::Request(self.conn, request));
            self.used(now);
        }
        self.send_subscriptions(now, RequestId::MAX);
    }

    fn used(&mut self, now: Millis) {
        if let Link::Live(live) = &mut self.link {
            live.used = now;
        }
    }

    /// Any frame is a sign of life.
    fn heard(&mut self, now: Millis) {
        if let Link::Live(live) = &mut self.link {
            live.heard = now;
            live.probed = None;
            if live.stable(now) {
                self.stable();
            }
        }
    }

    fn frame(&mut self, now: Millis, frame: ServerFrame<B>) {
        self.heard(now);
        match frame {
            ServerFrame::Welcome(welcome) => {
                if let Link::Live(live) = &mut self.link {
                    live.welcomed = Some(now);
                }
                self.trouble = None;
                self.unopened = 0;
                self.auth.accepted(now, welcome.token_expires_in);
                self.subscriptions.welcome(welcome.epoch);
            }
            ServerFrame::Authenticated { token_expires_in } => self.auth.replaced(now, token_expires_in),
            ServerFrame::Result(outcome) => {
                self.used(now);
                self.settle(outcome);
            }
            ServerFrame::Error { error } => self.farewell = Some(error),
            ServerFrame::Ended { id, error } => self.subscription_ended(now, id, error),
            frame @ (ServerFrame::Reset { .. } | ServerFrame::Events { .. } | ServerFrame::Update { .. }) => {
                self.follow(now, frame);
            }
            ServerFrame::Ping | ServerFrame::Pong => {} // the server's pings want no answer
        }
    }

    fn answered(&mut self, now: Millis, answers: Answers<B>) {
        self.auth.accepted(now, answers.token_expires_in);
        for outcome in answers.results {
            self.settle(outcome);
        }
        if self.ledger.sent().is_empty() {
            self.over();
            self.stable();
            self.ledger.widen();
            self.trouble = None;
        } else {
            // Asked and not answered: that is no server to ask again without a pause.
            self.lost(now);
        }
    }

    fn settle(&mut self, outcome: Outcome<B>) {
        // An answer to what was given up already is dropped.
        if self.ledger.settle(outcome.id) {
            self.out.push_back(Output::Settle(outcome));
        }
    }

    /// The connection held: the next trouble is a new one.
    const fn stable(&mut self) {
        self.backoff.reset();
        self.auth.stable();
    }

    fn token(&mut self, token: String) {
        self.auth.set(token.clone());
        if self.live() {
            self.out.push_back(Output::Auth(self.conn, token));
        }
    }

    fn drop_socket(&mut self, code: CloseCode) {
        self.out.push_back(Output::Close(self.conn, code));
        self.over();
    }

    /// The connection is gone or given up. Whatever is still heard of it is old news.
    fn over(&mut self) {
        self.ledger.connection_lost();
        self.subscriptions.connection_lost();
        self.conn = self.conn.wrapping_add(1);
        self.link = Link::Idle;
    }
}
