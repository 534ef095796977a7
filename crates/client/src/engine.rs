//! The state machine: one link to the server, and the requests that want it.
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
//! Only `Opening`, `Live` and `Posting` own a connection. From every state a fatal error leads to `Ended`, which
//! nothing leaves. What is sent after a connection was lost is rebuilt from what should be true now: the requests
//! that have no answer, under their old ids and keys.

use std::collections::VecDeque;

use causerie_protocol::frames::Hello;
use causerie_protocol::limits::PENDING_REQUESTS;
use causerie_protocol::limits::SILENCE_MS;
use causerie_protocol::{CloseCode, ErrorBody, ErrorCode, Op, Outcome, Recovery, RequestId, ServerFrame};

use crate::Millis;
use crate::auth::Auth;
use crate::backoff::Backoff;
use crate::config::{
    Config, HTTP_PERIOD, IDLE, LATER, OPEN_TIMEOUT, POST_TIMEOUT, PROBE_TIMEOUT, STABLE, TOKEN_REFUSALS,
    Transport,
};
use crate::io::{Conn, HttpFailure, Input, Output};
use crate::ledger::Ledger;

#[derive(Debug)]
enum Link {
    /// No connection, and no reason yet to have one.
    Idle,
    /// A socket is being opened; given up at `until`.
    Opening { until: Millis },
    /// A socket is open and `hello` is sent.
    Live { welcomed: Option<Millis>, heard: Millis, probed: Option<Millis>, used: Millis },
    /// The HTTP twin was called; given up at `until`.
    Posting { until: Millis },
    /// Between two attempts.
    Waiting { until: Millis },
    /// Over.
    Ended,
}

/// The client's state machine. See the module's picture, and the crate's page for how to drive it.
#[derive(Debug)]
pub struct Engine<B> {
    config: Config,
    link: Link,
    conn: Conn,
    ledger: Ledger,
    auth: Auth,
    backoff: Backoff,
    /// Go by HTTP until then: a WebSocket could not be opened.
    http_until: Option<Millis>,
    /// The page is put away.
    suspended: bool,
    /// What the server said before it closed the connection.
    farewell: Option<ErrorBody>,
    out: VecDeque<Output<B>>,
}

impl<B> Engine<B> {
    /// An engine at rest. Nothing is opened before the first request.
    #[must_use]
    pub fn new(mut config: Config) -> Self {
        let auth = Auth::new(config.token.take(), config.token_source);
        let backoff = Backoff::new(config.seed);
        Engine {
            config,
            link: Link::Idle,
            conn: 0,
            ledger: Ledger::new(),
            auth,
            backoff,
            http_until: None,
            suspended: false,
            farewell: None,
            out: VecDeque::new(),
        }
    }

    /// Takes a request in. Its outcome comes as [`Output::Settle`] under the id returned.
    ///
    /// # Errors
    /// At once, when the parameters are wrong, the session is over, or too many requests are unanswered.
    pub fn request(&mut self, now: Millis, op: Op) -> Result<RequestId, ErrorBody> {
        if matches!(self.link, Link::Ended) {
            return Err(session_ended());
        }
        op.check()?;
        if self.ledger.len() >= PENDING_REQUESTS {
            let message =
                "too many requests are waiting for an answer; wait for some of them, or for the network";
            return Err(ErrorBody::new(ErrorCode::RateLimited, message));
        }
        let id = self.ledger.add(now, op);
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
            Input::Answered(conn, answers) if conn == self.conn => {
                self.link = Link::Idle;
                self.auth.accepted(now, answers.token_expires_in);
                for outcome in answers.results {
                    self.settle(outcome);
                }
                if self.ledger.has_sent() {
                    // Asked and not answered: that is no server to ask again without a pause.
                    self.lost(now);
                } else {
                    self.backoff.reset();
                }
            }
            Input::PostFailed(conn, failure) if conn == self.conn => self.post_failed(now, failure),
            Input::Opened(_)
            | Input::Frame(..)
            | Input::UnknownFrame(_)
            | Input::Closed(..)
            | Input::Answered(..)
            | Input::PostFailed(..) => {} // news of a connection that was given up
            Input::Unsendable(id, error) => self.settle(Outcome::failed(id, error)),
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
    pub fn poll(&mut self) -> Option<Output<B>> {
        self.out.pop_front()
    }

    /// When to send [`Input::Tick`], if nothing else happens before.
    #[must_use]
    pub fn deadline(&self) -> Option<Millis> {
        let link = match self.link {
            Link::Ended => return None,
            Link::Idle => None,
            Link::Opening { until } | Link::Posting { until } | Link::Waiting { until } => Some(until),
            Link::Live { heard, probed, used, .. } => {
                let silent = probed.map_or(heard + Millis::from(SILENCE_MS), |at| at + PROBE_TIMEOUT);
                Some(if self.ledger.is_empty() { silent.min(used + IDLE) } else { silent })
            }
        };
        [link, self.ledger.deadline(), self.auth.deadline(self.wanted())].into_iter().flatten().min()
    }

    /// Whether a connection is open and has been greeted by the server.
    #[must_use]
    pub const fn connected(&self) -> bool {
        matches!(self.link, Link::Live { welcomed: Some(_), .. })
    }

    /// Whether there is a reason to be connected.
    fn wanted(&self) -> bool {
        !self.suspended && !self.ledger.is_empty()
    }

    /// Brings the link on as far as time and wishes allow.
    fn advance(&mut self, now: Millis) {
        for (id, tried) in self.ledger.take_expired(now) {
            let error = self.out_of_time(tried);
            self.out.push_back(Output::Settle(Outcome::failed(id, error)));
        }
        let wanted = self.wanted();
        if self.auth.take_ask(now, wanted) {
            self.out.push_back(Output::NeedToken);
        }
        match self.link {
            Link::Ended => {}
            Link::Idle => {
                if wanted && !self.auth.waits() {
                    self.connect(now);
                }
            }
            Link::Waiting { until } => {
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
            Link::Posting { until } => {
                if now >= until {
                    self.out.push_back(Output::Abort(self.conn));
                    self.lost(now);
                }
            }
            Link::Live { heard, probed, used, .. } => {
                let silent = now >= heard + Millis::from(SILENCE_MS)
                    || probed.is_some_and(|at| now >= at + PROBE_TIMEOUT);
                if silent {
                    // A half-open socket may take minutes to close; it is replaced without waiting for that.
                    self.drop_socket(CloseCode::Silent);
                    self.link = Link::Idle;
                    self.advance(now);
                } else if self.ledger.is_empty() && now >= used + IDLE {
                    self.drop_socket(CloseCode::Normal);
                    self.link = Link::Idle;
                } else {
                    self.send_unsent(now);
                }
            }
        }
    }

    fn connect(&mut self, now: Millis) {
        self.conn = self.conn.wrapping_add(1);
        let http =
            self.config.transport == Transport::Http || self.http_until.is_some_and(|until| now < until);
        if http {
            let requests = self.ledger.take_unsent(self.ledger.batch);
            self.link = Link::Posting { until: now + POST_TIMEOUT };
            self.out.push_back(Output::Post(self.conn, self.auth.token(), requests));
        } else {
            self.http_until = None;
            self.link = Link::Opening { until: now + OPEN_TIMEOUT };
            self.out.push_back(Output::Open(self.conn));
        }
    }

    fn opened(&mut self, now: Millis) {
        if self.auth.waits() {
            // The token went away while the socket opened: connect again when there is one.
            self.drop_socket(CloseCode::Normal);
            self.link = Link::Idle;
            return;
        }
        self.link = Link::Live { welcomed: None, heard: now, probed: None, used: now };
        let hello = Hello {
            user: self.config.user.clone(),
            client: self.config.client.clone(),
            token: self.auth.token(),
            sdk: Some(self.config.sdk.to_owned()),
        };
        // The requests follow at once, without waiting for `welcome`: a round trip less.
        self.out.push_back(Output::Hello(self.conn, hello));
    }

    fn send_unsent(&mut self, now: Millis) {
        for request in self.ledger.take_unsent(usize::MAX) {
            self.out.push_back(Output::Request(self.conn, request));
            if let Link::Live { used, .. } = &mut self.link {
                *used = now;
            }
        }
    }

    /// Any frame is a sign of life.
    fn heard(&mut self, now: Millis) {
        if let Link::Live { heard, probed, welcomed, .. } = &mut self.link {
            *heard = now;
            *probed = None;
            if welcomed.is_some_and(|at| now >= at + STABLE) {
                self.backoff.reset();
            }
        }
    }

    fn frame(&mut self, now: Millis, frame: ServerFrame<B>) {
        self.heard(now);
        match frame {
            ServerFrame::Welcome(welcome) => {
                if let Link::Live { welcomed, .. } = &mut self.link {
                    *welcomed = Some(now);
                }
                self.auth.accepted(now, welcome.token_expires_in);
            }
            ServerFrame::Authenticated { token_expires_in } => self.auth.accepted(now, token_expires_in),
            ServerFrame::Result(outcome) => {
                if let Link::Live { used, .. } = &mut self.link {
                    *used = now;
                }
                self.settle(outcome);
            }
            ServerFrame::Error { error } => self.farewell = Some(error),
            // The server's pings want no answer; subscriptions are not asked for yet.
            ServerFrame::Ping
            | ServerFrame::Pong
            | ServerFrame::Reset { .. }
            | ServerFrame::Events { .. }
            | ServerFrame::Ended { .. } => {}
        }
    }

    fn settle(&mut self, outcome: Outcome<B>) {
        // An answer to what was given up already is dropped.
        if self.ledger.settle(outcome.id) {
            self.out.push_back(Output::Settle(outcome));
        }
    }

    fn closed(&mut self, now: Millis, code: u16) {
        // Some proxies let a WebSocket open and then cut it: before `welcome`, that is as good as not opened.
        let greeted = matches!(self.link, Link::Live { welcomed: Some(_), .. });
        self.ledger.connection_lost();
        let told = self.farewell.take();
        if !greeted && code < CloseCode::Restarting.number() {
            self.could_not_open(now);
        } else {
            let error = told.unwrap_or_else(|| closed_error(code));
            self.recover(now, Recovery::of(code), error);
        }
    }

    /// A WebSocket could not be opened: something between may block it, so the HTTP twin is tried at once.
    fn could_not_open(&mut self, now: Millis) {
        self.http_until = Some(now + HTTP_PERIOD);
        self.link = Link::Idle;
    }

    fn post_failed(&mut self, now: Millis, failure: HttpFailure) {
        self.ledger.connection_lost();
        match failure {
            HttpFailure::Network => self.lost(now),
            HttpFailure::Status(status) => {
                // A proxy's answer, or a host that is no Causerie server. Trying again may help; the text says what.
                let text = [
                    "the host answered with HTTP status ",
                    &status.to_string(),
                    "; is it a Causerie server?",
                ];
                self.farewell = Some(ErrorBody::new(ErrorCode::Offline, text.concat()));
                self.lost(now);
            }
            HttpFailure::Refused(error) => match error.code {
                ErrorCode::TooLarge if self.ledger.batch > 1 => {
                    self.ledger.batch /= 2;
                    self.link = Link::Idle;
                }
                ErrorCode::TooLarge => {
                    let sent = self.ledger.take_unsent(1);
                    for request in sent {
                        self.settle(Outcome::failed(request.id, error.clone()));
                    }
                    self.link = Link::Idle;
                }
                code => self.recover(now, recovery_of(code), error),
            },
        }
    }

    /// No answer by HTTP either: wait, then begin again with a WebSocket.
    fn lost(&mut self, now: Millis) {
        self.ledger.connection_lost();
        self.conn = self.conn.wrapping_add(1); // a late answer to this call is not heard
        self.http_until = None;
        self.link = Link::Waiting { until: now + self.backoff.next() };
    }

    fn recover(&mut self, now: Millis, recovery: Recovery, error: ErrorBody) {
        let wait = match recovery {
            Recovery::Retry => self.backoff.next(),
            Recovery::RetryLater => error.retry_after.map_or(LATER, Millis::from) + self.backoff.next(),
            Recovery::Reauthenticate if self.auth.has_source() && self.auth.refusals < TOKEN_REFUSALS => {
                let again_at = now + self.backoff.next();
                self.auth.refused(again_at);
                self.link = Link::Idle;
                return;
            }
            Recovery::Reauthenticate | Recovery::Never => return self.end(error),
        };
        self.farewell = Some(error);
        self.link = Link::Waiting { until: now + wait };
    }

    /// The session is over. Everything open is settled with the cause.
    fn end(&mut self, error: ErrorBody) {
        self.link = Link::Ended;
        for id in self.ledger.take_all() {
            self.out.push_back(Output::Settle(Outcome::failed(id, error.clone())));
        }
        self.out.push_back(Output::Ended(error));
    }

    fn token(&mut self, token: String) {
        self.auth.set(token.clone());
        if matches!(self.link, Link::Live { .. }) {
            self.out.push_back(Output::Auth(self.conn, token));
        }
    }

    fn token_failed(&mut self, now: Millis, message: String) {
        let again_at = now + self.backoff.next();
        self.auth.failed(again_at);
        self.farewell = Some(ErrorBody::new(ErrorCode::NotAuthenticated, message));
    }

    fn wake(&mut self, now: Millis) {
        self.suspended = false;
        match &mut self.link {
            Link::Live { probed, .. } if probed.is_none() => {
                *probed = Some(now);
                self.out.push_back(Output::Ping(self.conn));
            }
            // The cause was local: the first retry is at once.
            Link::Waiting { .. } => self.link = Link::Idle,
            Link::Idle | Link::Opening { .. } | Link::Live { .. } | Link::Posting { .. } | Link::Ended => {}
        }
    }

    fn suspend(&mut self) {
        self.suspended = true;
        if matches!(self.link, Link::Opening { .. } | Link::Live { .. }) {
            self.drop_socket(CloseCode::Normal);
            self.link = Link::Idle;
        }
    }

    fn drop_socket(&mut self, code: CloseCode) {
        self.ledger.connection_lost();
        self.out.push_back(Output::Close(self.conn, code));
        // Whatever that socket still says is not heard.
        self.conn = self.conn.wrapping_add(1);
    }

    fn out_of_time(&mut self, tried: bool) -> ErrorBody {
        if self.auth.waits() {
            self.auth.ask_again();
            let why =
                self.farewell.as_ref().map_or("no token was given in time", |error| error.message.as_str());
            let text = [why, "; call setToken() from onNeedToken"].concat();
            return ErrorBody::new(ErrorCode::NotAuthenticated, text);
        }
        let reached = matches!(self.link, Link::Live { .. } | Link::Posting { .. });
        if tried && reached {
            let text = "no answer within 30 s. A write may have happened: read before you repeat it";
            return ErrorBody::new(ErrorCode::TimedOut, text);
        }
        let why = self.farewell.as_ref().map_or("", |error| error.message.as_str());
        let text = "the server could not be reached within 30 s; check the network and the host";
        let text = if why.is_empty() { text.to_owned() } else { [text, " (", why, ")"].concat() };
        ErrorBody::new(ErrorCode::Offline, text)
    }
}

/// The error of everything asked of a session that is over.
fn session_ended() -> ErrorBody {
    let text =
        "this session was ended by an earlier error (see onError); call getTalkSession again for a new one";
    ErrorBody::new(ErrorCode::SessionEnded, text)
}

/// What to do after an HTTP refusal: the same as after the close that goes with the code.
fn recovery_of(code: ErrorCode) -> Recovery {
    let close = CloseCode::ALL.iter().rev().find(|close| close.error_code() == code);
    close.map_or(Recovery::Never, |close| Recovery::of(close.number()))
}

fn closed_error(code: u16) -> ErrorBody {
    let known = CloseCode::ALL.iter().find(|close| close.number() == code);
    let error = known.map_or(ErrorCode::Offline, |close| close.error_code());
    let text = ["the server closed the connection with code ", &code.to_string()].concat();
    ErrorBody::new(error, text)
}
