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

mod reading;
mod timers;
mod writing;

use std::collections::VecDeque;
use std::future::{Future as _, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use causerie_protocol::{CloseCode, ErrorBody, ErrorCode, ServerFrame};
use serde_json::value::RawValue;
use tokio::time::{Instant, Sleep};
use tokio_tungstenite::tungstenite::{Bytes, Message};
use tokio_util::sync::WaitForCancellationFutureOwned;

use self::timers::{HELLO_TIMEOUT, PING_INTERVAL};
use self::writing::too_slow;
use super::Socket;
use super::close::{self, CloseReason};
use super::session::Session;
use crate::admission::Admission;
use crate::fanout::Follower;
use crate::rate_limits::ConnectionRate;
use crate::state::AppState;
use crate::subscriptions::{Overflowed, Subscriptions};

/// How many frames are handled before the socket and other tasks get their turn.
const FRAMES_A_TURN: usize = 32;

type Frame = ServerFrame<Box<RawValue>>;

/// See the module.
struct Connection {
    state: Arc<AppState>,
    admission: Admission,
    socket: Socket,
    session: Option<Session>,
    live: Subscriptions,
    /// What is to be sent, and how many bytes that is.
    queue: VecDeque<Message>,
    queued: usize,
    /// What is left of a text of which a part was written.
    rest: Bytes,
    flushed: bool,
    /// What is followed was not looked at, because so much is to be sent already.
    held_back: bool,
    /// Set once nothing more is read; why it will end when all is answered and sent.
    finishing: Option<CloseReason>,
    meter: ConnectionRate,
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
pub(super) async fn run(state: Arc<AppState>, admission: Admission, socket: Socket) {
    let mut connection = Connection::new(state, admission, socket);
    let end = poll_fn(|cx| connection.poll(cx)).await;
    connection.log(&end);
    let Connection { socket, session, live, queue, rest, .. } = connection;
    // The user's place is free again before the last words are said.
    drop((live, session, queue));
    // In a box, or every idle connection would keep room for them.
    Box::pin(close::close(socket, end, rest.is_empty())).await;
}

impl Connection {
    fn new(state: Arc<AppState>, admission: Admission, socket: Socket) -> Self {
        let now = Instant::now();
        Connection {
            meter: state.rate_limits.meter(),
            stopping: Box::pin(state.stopping.clone().cancelled_owned()),
            state,
            admission,
            socket,
            session: None,
            live: Subscriptions::None,
            queue: VecDeque::new(),
            queued: 0,
            rest: Bytes::new(),
            flushed: true,
            held_back: false,
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

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<CloseReason> {
        for _ in 0..FRAMES_A_TURN {
            let answered = match self.answers(cx) {
                Ok(answered) => answered,
                Err(end) => return Poll::Ready(end),
            };
            let heard = match self.listen(cx) {
                Ok(heard) => heard,
                Err(end) => return Poll::Ready(end),
            };
            let told = match self.follow(cx) {
                Ok(told) => told,
                Err(end) => return Poll::Ready(end),
            };
            if !answered && !heard && !told {
                return self.rest(cx);
            }
        }
        cx.waker().wake_by_ref();
        self.rest(cx)
    }

    /// What is done once a turn: writing, the times, and whether it is time to end.
    fn rest(&mut self, cx: &mut Context<'_>) -> Poll<CloseReason> {
        if self.finishing.is_none() && self.stopping.as_mut().poll(cx).is_ready() {
            let error = ErrorBody::new(ErrorCode::Offline, "the server is restarting; connect again");
            self.finishing = Some(CloseReason::Close(CloseCode::Restarting, error));
        }
        if let Err(end) = self.write(cx) {
            return Poll::Ready(end);
        }
        if self.held_back && self.has_room() {
            self.held_back = false;
            cx.waker().wake_by_ref();
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
    fn answers(&mut self, cx: &mut Context<'_>) -> Result<bool, CloseReason> {
        let mut any = false;
        while let Some(session) = &mut self.session
            && let Poll::Ready(answer) = session.pipeline.poll_next(cx)
        {
            any = true;
            self.send(&Frame::Result(answer))?;
        }
        Ok(any)
    }

    /// Goes on with what is followed, as long as the client takes what it is sent.
    fn follow(&mut self, cx: &mut Context<'_>) -> Result<bool, CloseReason> {
        let Some(session) = &mut self.session else { return Ok(false) };
        let limit = self.state.config.limits.queue_bytes;
        while let Some(command) = session.pipeline.next_command() {
            let service = &self.state.service;
            let follower = || Follower::new(service.hub(), &session.app, &session.key.1, limit);
            self.live.push(command, service, &self.admission.app, follower);
        }
        if !self.has_room() {
            self.held_back = true;
            return Ok(false);
        }
        let mut frames = Vec::new();
        let any = self.live.poll(cx, &mut frames).map_err(|Overflowed| too_slow())?;
        for frame in frames {
            // Bounded where it comes from: one answer, or what was in the mailbox.
            self.queued += frame.len();
            self.queue.push_back(Message::text(frame));
        }
        Ok(any)
    }

    /// Whether there is so little to be sent that there may be more.
    fn has_room(&self) -> bool {
        self.queued <= self.state.config.limits.queue_bytes / 2
    }

    fn names(&self) -> (&str, Option<&str>) {
        (self.admission.app.id.as_str(), self.session.as_ref().map(|session| session.user().as_str()))
    }

    /// One line for each end that is not everyday. A message's text may quote what the client sent, so it stays out.
    fn log(&self, end: &CloseReason) {
        let (app, user) = self.names();
        match end {
            CloseReason::Gone => tracing::debug!(app, user, "connection closed by the client"),
            CloseReason::Broken(number) => {
                tracing::warn!(app, user, address = %self.admission.address, close = number, "not the WebSocket protocol");
            }
            CloseReason::Close(code @ (CloseCode::Restarting | CloseCode::TokenExpired), _) => {
                tracing::debug!(app, user, close = code.number(), "connection closed");
            }
            CloseReason::Close(code, error) => {
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
