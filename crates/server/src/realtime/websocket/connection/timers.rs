//! The deadlines of a connection, all on one timer: `hello`, pings, the token's expiry, a silent client, and
//! a client that reads nothing.

use std::future::Future as _;
use std::task::Context;
use std::time::Duration;

use causerie_protocol::limits::PING_INTERVAL_MS;
use causerie_protocol::{CloseCode, ErrorBody, ErrorCode};
use tokio::time::Instant;
use tokio_tungstenite::tungstenite::{Bytes, Message};

use super::{Connection, Frame, HELLO_TIMEOUT, PING_INTERVAL};
use crate::realtime::websocket::close::CloseReason;
use crate::realtime::websocket::session::Session;
use crate::realtime::websocket::socket::ByteStream;

/// How long bytes may wait without any being accepted before the client counts as too slow.
const STALL_TIMEOUT: Duration = Duration::from_secs(30);
/// How long a message may take from its first byte to its last one, whatever control frames come between.
const MESSAGE_TIMEOUT: Duration = Duration::from_secs(30);
/// How long a client may send nothing, not even a pong, before it counts as gone.
const SILENCE_TIMEOUT: Duration = Duration::from_millis(2 * PING_INTERVAL_MS as u64 + 10_000);

impl<T: ByteStream> Connection<T> {
    /// Handles the deadlines that have passed, and sets the timer to the next one.
    pub(super) fn poll_timer(&mut self, cx: &mut Context<'_>) -> Result<(), CloseReason> {
        loop {
            let deadline = self.next_deadline();
            // Resetting the timer costs more than checking it, so it is reset only if it must fire earlier. A
            // timer that fires too early is set again.
            if deadline < self.timer.deadline() || self.timer.is_elapsed() {
                self.timer.as_mut().reset(deadline);
            }
            if self.timer.as_mut().poll(cx).is_pending() {
                return Ok(());
            }
            self.on_timer(Instant::now())?;
            if self.poll_subscriptions(cx)? {
                cx.waker().wake_by_ref();
            }
            if !self.send_queue.is_empty() {
                self.write(cx)?;
            }
        }
    }

    fn next_deadline(&self) -> Instant {
        let stall = self.stalled_since.map(|since| since + STALL_TIMEOUT);
        let token = self.token_deadline.filter(|_| self.closing.is_none());
        let subscriptions = self.subscriptions.next_time().filter(|_| !self.paused);
        let message = self.message_deadline().filter(|_| self.closing.is_none());
        let phase = match &self.session {
            Some(_) => self.next_ping,
            None if self.closing.is_none() => self.opened_at + HELLO_TIMEOUT,
            // Only the last bytes are left to send, and `stall` bounds their time.
            None => Instant::now() + STALL_TIMEOUT,
        };
        [stall, token, subscriptions, message].into_iter().flatten().fold(phase, Instant::min)
    }

    /// Returns the time by which the message that has begun must be complete. While paused, the server does
    /// not read it.
    fn message_deadline(&self) -> Option<Instant> {
        let since = self.socket.get_ref().incomplete_since().filter(|_| !self.paused)?;
        Some(since.max(self.resumed_at) + MESSAGE_TIMEOUT)
    }

    fn on_timer(&mut self, now: Instant) -> Result<(), CloseReason> {
        if self.stalled_since.is_some_and(|since| now >= since + STALL_TIMEOUT) {
            return Err(CloseReason::slow_consumer());
        }
        if self.closing.is_none() && self.message_deadline().is_some_and(|deadline| now >= deadline) {
            return Err(CloseReason::slow_message(MESSAGE_TIMEOUT.as_secs()));
        }
        if self.session.is_none() {
            if self.closing.is_none() && now >= self.opened_at + HELLO_TIMEOUT {
                let error = ErrorBody::new(ErrorCode::TimedOut, "no `hello` came within 10 s");
                return Err(CloseReason::Close(CloseCode::HelloTimeout, error));
            }
            return Ok(());
        }
        let is_superseded = self.session.as_ref().is_some_and(Session::is_superseded);
        // While paused, nothing is read, and the stall bounds the time.
        let is_silent = !self.paused && now >= self.last_received + SILENCE_TIMEOUT;
        if is_silent || is_superseded {
            return Err(CloseReason::Gone);
        }
        if self.closing.is_none() && self.token_deadline.is_some_and(|deadline| now >= deadline) {
            let message = "token: has expired; connect again with a new one";
            let error = ErrorBody::new(ErrorCode::TokenExpired, message);
            self.closing = Some(CloseReason::Close(CloseCode::TokenExpired, error));
        }
        if now >= self.next_ping {
            self.next_ping = now + PING_INTERVAL;
            // The client receives other bytes.
            if !self.has_send_capacity() {
                return Ok(());
            }
            // A page's script cannot see the WebSocket ping, and a throttled page cannot answer the ping
            // frame.
            self.enqueue(Message::Ping(Bytes::new()));
            self.send(&Frame::Ping)?;
        }
        Ok(())
    }

    /// Sets the time at which the connection ends with its token.
    pub(super) fn update_token_deadline(&mut self) {
        let grant = self.session.as_ref().and_then(|session| session.grant.as_ref());
        self.token_deadline = grant.and_then(|grant| {
            let accepted_for = Duration::from_millis(grant.accepted_for(self.state.clock.now_ms()));
            Instant::now().checked_add(accepted_for)
        });
    }
}
