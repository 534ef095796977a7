//! One connection: a task that reads frames, hands requests to the pipe, writes answers, pings, and keeps the times.
//!
//! ```text
//!            hello                 asked to end (stop, token over)
//!   waiting ───────▶ welcomed ───────────────────────────────────▶ finishing ──▶ ended
//!      │                │                                              │
//!      └────────────────┴──── bad frame, too slow, too late, gone ─────┘
//! ```
//! While finishing, nothing more is read, and what was accepted is answered.
//!
//! The task is polled by hand rather than split in two, so that an idle connection costs one task and small buffers, and
//! a request that can be answered at once is read, answered and written in one turn.

use std::collections::VecDeque;
use std::future::{Future as _, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use causerie_protocol::decode::{self, DecodeError};
use causerie_protocol::frames::Subscribe;
use causerie_protocol::limits::{FRAME_BYTES, HELLO_TIMEOUT_MS, PING_INTERVAL_MS};
use causerie_protocol::{ClientFrame, CloseCode, ErrorBody, ErrorCode, Outcome, Request, ServerFrame};
use futures_util::{Sink as _, Stream as _};
use serde_json::value::RawValue;
use tokio::time::{Instant, Sleep};
use tokio_tungstenite::tungstenite::{Bytes, Message, Utf8Bytes};
use tokio_util::sync::WaitForCancellationFutureOwned;

use super::Socket;
use super::farewell::{self, End};
use super::session::Session;
use crate::http::{Admission, too_large};
use crate::limits::Meter;
use crate::pipeline::Answer;
use crate::server::Doors;

/// How many frames are handled before the socket and other tasks get their turn.
const FRAMES_A_TURN: usize = 32;
/// How long bytes may wait without any being taken before the client counts as too slow.
const STALL: Duration = Duration::from_secs(30);
/// After how long without a word, not even a pong, a client is given up.
const SILENCE: Duration = Duration::from_millis(2 * PING_INTERVAL_MS as u64 + 10_000);
const PING_INTERVAL: Duration = Duration::from_millis(PING_INTERVAL_MS as u64);
const HELLO_TIMEOUT: Duration = Duration::from_millis(HELLO_TIMEOUT_MS as u64);
/// How many requests in a row are refused for their rate before the connection is closed.
const REFUSALS: u32 = 1_000;

/// How much of the client's name for itself goes into the logs.
const SDK_CHARS: usize = 64;

type Frame = ServerFrame<Box<RawValue>>;

/// See the module.
struct Connection {
    doors: Arc<Doors>,
    admission: Admission,
    socket: Socket,
    session: Option<Session>,
    /// What is to be sent, and how many bytes that is.
    queue: VecDeque<Message>,
    queued: usize,
    flushed: bool,
    /// Set once nothing more is read; why it will end when all is answered and sent.
    finishing: Option<End>,
    meter: Meter,
    refused: u32,
    noted: bool,
    stopping: Pin<Box<WaitForCancellationFutureOwned>>,
    timer: Pin<Box<Sleep>>,
    opened: Instant,
    next_ping: Instant,
    token_ends: Option<Instant>,
    last_heard: Instant,
    stalled: Option<Instant>,
}

/// Serves a connection to its end.
pub(super) async fn run(doors: Arc<Doors>, admission: Admission, socket: Socket) {
    let mut connection = Connection::new(doors, admission, socket);
    let end = poll_fn(|cx| connection.poll(cx)).await;
    connection.log(&end);
    let Connection { socket, session, queue, .. } = connection;
    // The user's place is free again before the last words are said.
    drop((session, queue));
    // In a box, or every idle connection would keep room for them.
    Box::pin(farewell::say(socket, end)).await;
}

impl Connection {
    fn new(doors: Arc<Doors>, admission: Admission, socket: Socket) -> Self {
        let now = Instant::now();
        Connection {
            meter: doors.gate.meter(),
            stopping: Box::pin(doors.stopping.clone().cancelled_owned()),
            doors,
            admission,
            socket,
            session: None,
            queue: VecDeque::new(),
            queued: 0,
            flushed: true,
            finishing: None,
            refused: 0,
            noted: false,
            timer: Box::pin(tokio::time::sleep_until(now + HELLO_TIMEOUT)),
            opened: now,
            next_ping: now + PING_INTERVAL,
            token_ends: None,
            last_heard: now,
            stalled: None,
        }
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<End> {
        for _ in 0..FRAMES_A_TURN {
            let answered = match self.answers(cx) {
                Ok(answered) => answered,
                Err(end) => return Poll::Ready(end),
            };
            let heard = match self.listen(cx) {
                Ok(heard) => heard,
                Err(end) => return Poll::Ready(end),
            };
            if !answered && !heard {
                return self.rest(cx);
            }
        }
        cx.waker().wake_by_ref();
        self.rest(cx)
    }

    /// What is done once a turn: writing, the times, and whether it is time to end.
    fn rest(&mut self, cx: &mut Context<'_>) -> Poll<End> {
        if self.finishing.is_none() && self.stopping.as_mut().poll(cx).is_ready() {
            let error = ErrorBody::new(ErrorCode::Offline, "the server is restarting; connect again");
            self.finishing = Some(End::Close(CloseCode::Restarting, error));
        }
        if let Err(end) = self.write(cx) {
            return Poll::Ready(end);
        }
        if let Err(end) = self.keep_time(cx) {
            return Poll::Ready(end);
        }
        let answered = self.session.as_ref().is_none_or(|session| session.pipeline.is_empty());
        if answered
            && self.flushed
            && self.queue.is_empty()
            && let Some(end) = self.finishing.take()
        {
            return Poll::Ready(end);
        }
        Poll::Pending
    }

    /// Queues the answers that are ready.
    fn answers(&mut self, cx: &mut Context<'_>) -> Result<bool, End> {
        let mut any = false;
        while let Some(session) = &mut self.session
            && let Poll::Ready(answer) = session.pipeline.poll_next(cx)
        {
            any = true;
            self.send(&Frame::Result(answer))?;
        }
        Ok(any)
    }

    /// Reads one message where there is one and room for what it asks.
    fn listen(&mut self, cx: &mut Context<'_>) -> Result<bool, End> {
        let most = self.doors.config.limits.pending_per_connection as usize;
        let full = self.session.as_ref().is_some_and(|session| session.pipeline.len() >= most);
        if full || self.finishing.is_some() {
            return Ok(false);
        }
        match Pin::new(&mut self.socket).poll_next(cx) {
            Poll::Pending => Ok(false),
            Poll::Ready(None) => Err(End::Gone),
            Poll::Ready(Some(Err(error))) => Err(End::of(&error)),
            Poll::Ready(Some(Ok(message))) => {
                self.last_heard = Instant::now();
                self.message(message)?;
                Ok(true)
            }
        }
    }

    fn message(&mut self, message: Message) -> Result<(), End> {
        if self.session.as_ref().is_some_and(Session::replaced) {
            return Err(End::Gone);
        }
        let text = match message {
            Message::Text(text) => text,
            // The library answers it; the answer waits in its buffer.
            Message::Ping(_) => {
                self.flushed = false;
                return self.doors.gate.frame(&self.meter).or_else(|error| self.refuse(error));
            }
            Message::Pong(_) | Message::Close(_) | Message::Frame(_) => {
                self.flushed = false;
                return Ok(());
            }
            Message::Binary(_) => {
                return Err(invalid("frames are JSON in text messages, and this one is binary"));
            }
        };
        if text.len() > FRAME_BYTES {
            return Err(End::Close(CloseCode::TooLarge, too_large()));
        }
        let frame = decode::client_frame(&text);
        match (&self.session, frame) {
            (_, Err(DecodeError::NotAFrame(error))) => Err(End::Close(CloseCode::InvalidFrame, error)),
            (None, Ok(ClientFrame::Hello(hello))) => {
                let sdk: String = hello.sdk.iter().flat_map(|sdk| sdk.chars()).take(SDK_CHARS).collect();
                let (session, welcome) = Session::begin(&self.doors, &self.admission.app, hello)?;
                let user = session.user().as_str();
                tracing::debug!(app = %self.admission.app.id, user, sdk, "welcomed");
                self.session = Some(session);
                self.next_ping = Instant::now() + PING_INTERVAL;
                self.token_changed();
                self.send(&Frame::Welcome(welcome))
            }
            (None, _) => Err(hello_expected("the first frame must be a `hello`")),
            (Some(_), Ok(ClientFrame::Hello(_))) => {
                Err(hello_expected("there was a `hello` already on this connection"))
            }
            (Some(_), frame) => match self.doors.gate.frame(&self.meter) {
                Ok(()) => self.frame(frame),
                Err(error) => self.over_rate(frame, error),
            },
        }
    }

    /// A frame of a client that has been welcomed.
    fn frame(&mut self, frame: Result<ClientFrame, DecodeError>) -> Result<(), End> {
        self.refused = 0;
        match frame {
            Ok(ClientFrame::Request(request)) => self.request(request),
            Ok(ClientFrame::Ping) => self.send(&Frame::Pong),
            Ok(ClientFrame::Auth { token }) => {
                let Some(session) = &mut self.session else { return Ok(()) };
                let token_expires_in = session.renew(&self.doors, &self.admission.app, &token)?;
                self.token_changed();
                self.send(&Frame::Authenticated { token_expires_in })
            }
            Ok(ClientFrame::Subscribe(Subscribe { id, .. })) => {
                let message = "this server does not know subscriptions yet; update it";
                self.send(&Frame::Ended { id, error: ErrorBody::new(ErrorCode::Unsupported, message) })
            }
            // There is none to end.
            Ok(ClientFrame::Unsubscribe { .. }) => Ok(()),
            Err(DecodeError::BadRequest { id, error }) => {
                self.note(&error);
                self.answer(Outcome::failed(id, error));
                Ok(())
            }
            Err(DecodeError::BadSubscription { id, error }) => {
                self.note(&error);
                self.send(&Frame::Ended { id, error })
            }
            Err(DecodeError::UnknownFrame(error)) => {
                self.note(&error);
                self.send(&Frame::Error { error })
            }
            // Taken care of before; both end the connection.
            Ok(ClientFrame::Hello(_)) => {
                Err(hello_expected("there was a `hello` already on this connection"))
            }
            Err(DecodeError::NotAFrame(error)) => Err(End::Close(CloseCode::InvalidFrame, error)),
        }
    }

    fn request(&mut self, request: Request) -> Result<(), End> {
        let Some(session) = &mut self.session else { return Ok(()) };
        let gate = &self.doors.gate;
        match gate.user(&session.key).and_then(|()| gate.address(self.admission.address)) {
            Ok(()) => session.pipeline.push(request),
            Err(error) => self.answer(Outcome::failed(request.id, error)),
        }
        Ok(())
    }

    /// A frame over the connection's rate: a request is refused in words, and whoever goes on all the same is closed.
    fn over_rate(&mut self, frame: Result<ClientFrame, DecodeError>, error: ErrorBody) -> Result<(), End> {
        self.refuse(error.clone())?;
        match frame {
            Ok(ClientFrame::Request(Request { id, .. })) | Err(DecodeError::BadRequest { id, .. }) => {
                self.answer(Outcome::failed(id, error));
                Ok(())
            }
            Ok(ClientFrame::Subscribe(Subscribe { id, .. })) | Err(DecodeError::BadSubscription { id, .. }) => {
                self.send(&Frame::Ended { id, error })
            }
            // A token must not be lost, nor a sign of life; neither asks the store for anything.
            other @ Ok(ClientFrame::Auth { .. } | ClientFrame::Ping) => {
                let refused = self.refused;
                let done = self.frame(other);
                self.refused = refused;
                done
            }
            _ => self.send(&Frame::Error { error }),
        }
    }

    /// Counts a frame that was not let through.
    fn refuse(&mut self, error: ErrorBody) -> Result<(), End> {
        self.refused += 1;
        if self.refused > REFUSALS { Err(End::Close(CloseCode::RateLimited, error)) } else { Ok(()) }
    }

    /// Puts an answer made here in its place among the others.
    fn answer(&mut self, answer: Answer) {
        if let Some(session) = &mut self.session {
            session.pipeline.push_answer(answer);
        }
    }

    /// Queues a frame.
    fn send(&mut self, frame: &Frame) -> Result<(), End> {
        match serde_json::to_string(frame) {
            Ok(text) => self.enqueue(Message::Text(Utf8Bytes::from(text))),
            Err(error) => {
                tracing::error!(%error, "a frame could not be written as JSON");
                let body =
                    ErrorBody::new(ErrorCode::ServerError, "an answer could not be written; connect again");
                Err(End::Close(CloseCode::Internal, body))
            }
        }
    }

    fn enqueue(&mut self, message: Message) -> Result<(), End> {
        self.queued += message.len();
        self.queue.push_back(message);
        if self.queued > self.doors.config.limits.queue_bytes {
            return Err(too_slow());
        }
        Ok(())
    }

    /// Writes what the system will take.
    fn write(&mut self, cx: &mut Context<'_>) -> Result<(), End> {
        while !self.queue.is_empty() {
            match Pin::new(&mut self.socket).poll_ready(cx) {
                Poll::Pending => return self.blocked(),
                Poll::Ready(Err(error)) => return Err(End::of(&error)),
                Poll::Ready(Ok(())) => {}
            }
            let Some(message) = self.queue.pop_front() else { break };
            self.queued = self.queued.saturating_sub(message.len());
            self.stalled = None;
            self.flushed = false;
            if let Err(error) = Pin::new(&mut self.socket).start_send(message) {
                return Err(End::of(&error));
            }
        }
        if !self.flushed {
            match Pin::new(&mut self.socket).poll_flush(cx) {
                Poll::Pending => return self.blocked(),
                Poll::Ready(Err(error)) => return Err(End::of(&error)),
                Poll::Ready(Ok(())) => {
                    self.flushed = true;
                    self.stalled = None;
                }
            }
        }
        Ok(())
    }

    /// The system takes no more: notes since when.
    fn blocked(&mut self) -> Result<(), End> {
        if self.stalled.is_none() {
            self.stalled = Some(Instant::now());
        }
        Ok(())
    }

    /// Does what the time asks for, and sets the timer to the next time.
    fn keep_time(&mut self, cx: &mut Context<'_>) -> Result<(), End> {
        loop {
            let next = self.next_time();
            // Moving the timer costs more than looking at it, so it is moved only where it must ring earlier; one
            // that rings too early is set anew.
            if next < self.timer.deadline() || self.timer.is_elapsed() {
                self.timer.as_mut().reset(next);
            }
            if self.timer.as_mut().poll(cx).is_pending() {
                return Ok(());
            }
            self.on_time(Instant::now())?;
            if !self.queue.is_empty() {
                self.write(cx)?;
            }
        }
    }

    fn next_time(&self) -> Instant {
        let stall = self.stalled.map(|since| since + STALL);
        let token = self.token_ends.filter(|_| self.finishing.is_none());
        let turn = match &self.session {
            Some(_) => self.next_ping,
            None if self.finishing.is_none() => self.opened + HELLO_TIMEOUT,
            // Nothing is waited for but the last bytes, and those have the time of `stall`.
            None => Instant::now() + STALL,
        };
        [stall, token].into_iter().flatten().fold(turn, Instant::min)
    }

    fn on_time(&mut self, now: Instant) -> Result<(), End> {
        if self.stalled.is_some_and(|since| now >= since + STALL) {
            return Err(too_slow());
        }
        if self.session.is_none() {
            if self.finishing.is_none() && now >= self.opened + HELLO_TIMEOUT {
                let error = ErrorBody::new(ErrorCode::TimedOut, "no `hello` came within 10 s");
                return Err(End::Close(CloseCode::HelloTimeout, error));
            }
            return Ok(());
        }
        if now >= self.last_heard + SILENCE || self.session.as_ref().is_some_and(Session::replaced) {
            return Err(End::Gone);
        }
        if self.finishing.is_none() && self.token_ends.is_some_and(|end| now >= end) {
            let message = "token: its time is over; connect again with a new one";
            let error = ErrorBody::new(ErrorCode::TokenExpired, message);
            self.finishing = Some(End::Close(CloseCode::TokenExpired, error));
        }
        if now >= self.next_ping {
            self.next_ping = now + PING_INTERVAL;
            // A page's script cannot see the first of the two, and a throttled page cannot answer the second.
            self.enqueue(Message::Ping(Bytes::new()))?;
            self.send(&Frame::Ping)?;
        }
        Ok(())
    }

    /// Sets the time at which the token ends.
    fn token_changed(&mut self) {
        let grant = self.session.as_ref().and_then(|session| session.grant.as_ref());
        self.token_ends = grant.and_then(|grant| {
            Instant::now().checked_add(Duration::from_millis(grant.honoured_for(self.doors.clock.now_ms())))
        });
    }

    /// Notes that a frame could not be read: the first of a connection for everybody, the others for who looks closely.
    fn note(&mut self, error: &ErrorBody) {
        let (app, user) = self.names();
        let code = error.code.name();
        if self.noted {
            tracing::debug!(app, user, code, "a frame could not be carried out");
        } else {
            tracing::info!(
                app,
                user,
                code,
                "a frame could not be carried out; further ones are logged as debug"
            );
        }
        self.noted = true;
    }

    fn names(&self) -> (&str, Option<&str>) {
        (self.admission.app.id.as_str(), self.session.as_ref().map(|session| session.user().as_str()))
    }

    /// One line for each end that is not everyday. A message's text may quote what the client sent, so it stays out.
    fn log(&self, end: &End) {
        let (app, user) = self.names();
        match end {
            End::Gone => tracing::debug!(app, user, "connection closed by the client"),
            End::Broken(number) => {
                tracing::warn!(app, user, address = %self.admission.address, close = number, "not the WebSocket protocol");
            }
            End::Close(code @ (CloseCode::Restarting | CloseCode::TokenExpired), _) => {
                tracing::debug!(app, user, close = code.number(), "connection closed");
            }
            End::Close(code, error) => {
                tracing::warn!(
                    app,
                    user,
                    address = %self.admission.address,
                    close = code.number(),
                    code = error.code.name(),
                    "connection closed"
                );
            }
        }
    }
}

fn invalid(message: &str) -> End {
    End::Close(CloseCode::InvalidFrame, ErrorBody::new(ErrorCode::InvalidFrame, message))
}

fn hello_expected(message: &str) -> End {
    End::Close(CloseCode::HelloExpected, ErrorBody::new(ErrorCode::InvalidFrame, message))
}

fn too_slow() -> End {
    let message = "the client reads too slowly, and what waits for it is over the limit; connect again";
    End::Close(CloseCode::SlowConsumer, ErrorBody::new(ErrorCode::Offline, message))
}
