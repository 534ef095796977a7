//! One connection: a task that reads frames, passes requests to the pipeline, writes results, pings, and
//! keeps the deadlines.
//!
//! ```text
//!            hello                 server stops, token expires
//!   waiting ───────▶ welcomed ───────────────────────────────▶ closing ──▶ closed
//!      │                │                                         │
//!      └────────────────┴── bad frame, slow client, timeout, ─────┘
//!                           connection lost
//! ```
//! While closing, nothing more is read, and every accepted request still gets its result. So a bad frame does
//! not cost the client the answers to the frames before it.
//!
//! Answers wait for room in the send queue. While there is none, no result is taken out of the pipeline, the
//! subscriptions are not polled, and nothing is read, so that a client that asks for more than it reads waits
//! and is not closed. The fan-out does not wait: its mailbox overflows if the client does not read.
//!
//! The task has one hand-written `poll` and is not split in two, so that an idle connection costs one task
//! and small buffers, and a request that has its result at once is read, executed and answered in one turn.

mod reading;
mod timers;
mod writing;

use std::collections::VecDeque;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use causerie_protocol::limits::{HELLO_TIMEOUT_MS, PING_INTERVAL_MS};
use causerie_protocol::{CloseCode, ErrorBody, ErrorCode, ServerFrame};
use serde_json::value::RawValue;
use tokio::time::{Instant, Sleep};
use tokio_tungstenite::tungstenite::{Bytes, Message};
use tokio_util::sync::WaitForCancellationFutureOwned;

use super::close::{self, CloseReason};
use super::session::Session;
use super::socket::{ByteStream, Socket};
use crate::admission::Admission;
use crate::encoding::{BodyFrame, SentBodies, result_frame};
use crate::fanout::Follower;
use crate::rate_limits::ConnectionRate;
use crate::state::AppState;
use crate::subscriptions::{Overflowed, Subscriptions};

/// The number of frames that are handled before the socket and other tasks get their turn.
const FRAMES_PER_TURN: usize = 32;

const PING_INTERVAL: Duration = Duration::from_millis(PING_INTERVAL_MS as u64);
const HELLO_TIMEOUT: Duration = Duration::from_millis(HELLO_TIMEOUT_MS as u64);

type Frame = ServerFrame<Box<RawValue>>;

/// The state of a connection. The submodules contain the parts that read, write and keep the deadlines.
struct Connection<T> {
    state: Arc<AppState>,
    admission: Admission,
    socket: Socket<T>,
    /// `None` until `hello`.
    session: Option<Session>,
    subscriptions: Subscriptions,
    sent_bodies: SentBodies,
    /// The frames of the subscriptions that wait for room in the send queue. They are encoded when there is.
    frames: VecDeque<BodyFrame>,
    /// The messages to send, and their size in bytes.
    send_queue: VecDeque<Message>,
    send_queue_bytes: usize,
    /// The rest of a text message of which a fragment was sent.
    unsent_text: Bytes,
    flushed: bool,
    /// Set if something was not done because too much is queued already.
    paused: bool,
    /// When the last pause ended.
    resumed_at: Instant,
    /// Set once nothing more is read: the reason to close when every result has been sent.
    closing: Option<CloseReason>,
    rate: ConnectionRate,
    /// The number of frames that exceeded a rate, less those that did not.
    rate_limited_frames: u32,
    /// Whether an invalid frame of this connection was logged.
    logged_invalid_frame: bool,
    stopping: Pin<Box<WaitForCancellationFutureOwned>>,
    timer: Pin<Box<Sleep>>,
    opened_at: Instant,
    next_ping: Instant,
    token_deadline: Option<Instant>,
    last_received: Instant,
    stalled_since: Option<Instant>,
}

/// Serves a connection until it is closed.
///
/// Not an `async fn`: its future would keep space for the arguments beside the connection, which takes 0.4 kB
/// of every idle connection.
pub(super) fn run<T: ByteStream>(
    state: Arc<AppState>,
    admission: Admission,
    socket: Socket<T>,
) -> impl Future<Output = ()> {
    let mut connection = Connection::new(state, admission, socket);
    async move {
        let reason = poll_fn(|cx| connection.poll(cx)).await;
        connection.log(&reason);
        // The user may open another connection before this one has sent its reason.
        drop((connection.subscriptions, connection.session, connection.send_queue));
        let at_message_boundary = connection.unsent_text.is_empty();
        // Boxed, or every idle connection would reserve memory for this future.
        Box::pin(close::close(connection.socket, reason, at_message_boundary)).await;
    }
}

impl<T: ByteStream> Connection<T> {
    fn new(state: Arc<AppState>, admission: Admission, socket: Socket<T>) -> Self {
        let now = Instant::now();
        Connection {
            rate: state.rate_limits.connection_rate(),
            stopping: Box::pin(state.stopping.clone().cancelled_owned()),
            state,
            admission,
            socket,
            session: None,
            subscriptions: Subscriptions::None,
            sent_bodies: SentBodies::default(),
            frames: VecDeque::new(),
            send_queue: VecDeque::new(),
            send_queue_bytes: 0,
            unsent_text: Bytes::new(),
            flushed: true,
            paused: false,
            resumed_at: now,
            closing: None,
            rate_limited_frames: 0,
            logged_invalid_frame: false,
            timer: Box::pin(tokio::time::sleep_until(now + HELLO_TIMEOUT)),
            opened_at: now,
            next_ping: now + PING_INTERVAL,
            token_deadline: None,
            last_received: now,
            stalled_since: None,
        }
    }

    /// Makes progress until nothing is ready. Ready with the reason when the connection must be closed.
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<CloseReason> {
        for _ in 0..FRAMES_PER_TURN {
            match self.poll_frames(cx) {
                Ok(true) => {}
                Ok(false) => return self.finish_turn(cx),
                Err(reason) => return Poll::Ready(reason),
            }
        }
        cx.waker().wake_by_ref();
        self.finish_turn(cx)
    }

    /// Queues the frames that are ready and reads at most one message. Returns whether there was progress.
    fn poll_frames(&mut self, cx: &mut Context<'_>) -> Result<bool, CloseReason> {
        let sent = self.poll_results(cx)?;
        let received = match self.poll_message(cx) {
            // The answers that are due come before the reason.
            Err(reason @ (CloseReason::Close(..) | CloseReason::ProtocolViolation(_))) => {
                self.closing = Some(reason);
                true
            }
            received => received?,
        };
        let forwarded = self.poll_subscriptions(cx)?;
        Ok(sent || received || forwarded)
    }

    /// Ends a turn: writes, checks the deadlines, and closes if it is time.
    fn finish_turn(&mut self, cx: &mut Context<'_>) -> Poll<CloseReason> {
        if self.closing.is_none() && self.stopping.as_mut().poll(cx).is_ready() {
            let error = ErrorBody::new(ErrorCode::Offline, "the server is restarting; connect again");
            self.closing = Some(CloseReason::Close(CloseCode::Restarting, error));
        }
        if self.closing.is_none() {
            self.closing = self.session.as_ref().and_then(|session| session.poll_revoked(cx));
        }
        if let Err(reason) = self.write(cx) {
            return Poll::Ready(reason);
        }
        if self.paused {
            // The futures of writes are not polled while there is no room for results.
            self.state.service.start_writes();
        }
        if self.paused && self.has_send_capacity() {
            self.paused = false;
            // Nothing was read meanwhile, so the silence is not the client's.
            self.resumed_at = Instant::now();
            self.last_received = self.resumed_at;
            cx.waker().wake_by_ref();
        }
        if let Err(reason) = self.poll_timer(cx) {
            return Poll::Ready(reason);
        }
        let is_idle = self.session.as_ref().is_none_or(|session| session.pipeline.is_empty());
        if is_idle
            && self.flushed
            && self.send_queue.is_empty()
            && self.frames.is_empty()
            && let Some(reason) = self.closing.take()
        {
            return Poll::Ready(reason);
        }
        Poll::Pending
    }

    /// Queues the results that are ready, while there is room.
    fn poll_results(&mut self, cx: &mut Context<'_>) -> Result<bool, CloseReason> {
        let mut progress = false;
        while self.frames.is_empty()
            && self.has_room()
            && let Some(session) = &mut self.session
            && let Poll::Ready(outcome) = session.pipeline.poll_next(cx)
        {
            progress = true;
            self.sent_bodies.record_result(&outcome.entities);
            self.send_encoded(result_frame(&outcome))?;
        }
        Ok(progress)
    }

    /// Queues the frames of the subscriptions, unless the send queue is too full already.
    fn poll_subscriptions(&mut self, cx: &mut Context<'_>) -> Result<bool, CloseReason> {
        let Some(session) = &mut self.session else { return Ok(false) };
        let limit = self.state.config.limits.queue_bytes;
        while let Some(command) = session.pipeline.next_command() {
            let service = &self.state.service;
            let follower = || Follower::new(service.hub(), &session.app_id, &session.user_key.1, limit);
            self.subscriptions.push(command, service, &self.admission.app, follower);
        }
        let mut progress = self.encode_frames();
        if !self.frames.is_empty() || !self.has_room() {
            return Ok(progress);
        }
        let mut frames = Vec::new();
        let polled = self.subscriptions.poll(cx, &mut frames);
        progress |= polled.map_err(|Overflowed| CloseReason::slow_consumer())?;
        self.frames = frames.into();
        self.encode_frames();
        Ok(progress)
    }

    /// Queues the waiting frames of the subscriptions, while there is room. Returns whether there were any.
    fn encode_frames(&mut self) -> bool {
        let mut any = false;
        while !self.frames.is_empty()
            && self.has_room()
            && let Some(frame) = self.frames.pop_front()
        {
            any = true;
            if let Some(text) = self.sent_bodies.encode(frame) {
                self.send_queue_bytes += text.len();
                self.send_queue.push_back(Message::text(text));
            }
        }
        if self.frames.is_empty() {
            // An idle connection keeps no memory for them.
            self.frames = VecDeque::new();
        }
        any
    }

    /// Whether the send queue has room for another answer. If it has not, the connection pauses.
    fn has_room(&mut self) -> bool {
        let has_room = self.has_send_capacity();
        self.paused |= !has_room;
        has_room
    }

    /// Whether the send queue is at most half full.
    fn has_send_capacity(&self) -> bool {
        self.send_queue_bytes <= self.state.config.limits.queue_bytes / 2
    }

    /// The user's id, for log lines. The connection's span has the app's.
    fn user(&self) -> Option<&str> {
        self.session.as_ref().map(|session| session.user().as_str())
    }

    /// Logs the reason in one line: a warning, unless it is an ordinary one. The error's message may quote
    /// the client's input, so it is left out.
    fn log(&self, reason: &CloseReason) {
        let (user, address) = (self.user(), self.admission.address);
        match reason {
            CloseReason::Gone => tracing::debug!(user, "connection closed by the client"),
            CloseReason::ProtocolViolation(close) => {
                tracing::warn!(user, %address, close, "the client does not follow the WebSocket protocol");
            }
            CloseReason::Close(close @ (CloseCode::Restarting | CloseCode::TokenExpired), _) => {
                tracing::debug!(user, close = close.number(), "connection closed");
            }
            CloseReason::Close(close, error) => {
                let (close, code) = (close.number(), error.code.name());
                tracing::warn!(user, %address, close, code, "connection closed");
            }
        }
    }
}
