//! The times of a connection, all on one timer: for `hello`, the pings, the token's end, silence, and a client that
//! takes nothing.

use std::future::Future as _;
use std::task::Context;
use std::time::Duration;

use causerie_protocol::limits::{HELLO_TIMEOUT_MS, PING_INTERVAL_MS};
use causerie_protocol::{CloseCode, ErrorBody, ErrorCode};
use tokio::time::Instant;
use tokio_tungstenite::tungstenite::{Bytes, Message};

use super::writing::too_slow;
use super::{Connection, Frame};
use crate::realtime::websocket::close::CloseReason;
use crate::realtime::websocket::session::Session;

/// How long bytes may wait without any being taken before the client counts as too slow.
const STALL: Duration = Duration::from_secs(30);
/// After how long without a word, not even a pong, a client is given up.
const SILENCE: Duration = Duration::from_millis(2 * PING_INTERVAL_MS as u64 + 10_000);
pub(super) const PING_INTERVAL: Duration = Duration::from_millis(PING_INTERVAL_MS as u64);
pub(super) const HELLO_TIMEOUT: Duration = Duration::from_millis(HELLO_TIMEOUT_MS as u64);

impl Connection {
    /// Does what the time asks for, and sets the timer to the next time.
    pub(super) fn keep_time(&mut self, cx: &mut Context<'_>) -> Result<(), CloseReason> {
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
            if self.follow(cx)? {
                cx.waker().wake_by_ref();
            }
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
        let live = self.live.next_time().filter(|_| !self.held_back);
        [stall, token, live].into_iter().flatten().fold(turn, Instant::min)
    }

    fn on_time(&mut self, now: Instant) -> Result<(), CloseReason> {
        if self.stalled.is_some_and(|since| now >= since + STALL) {
            return Err(too_slow());
        }
        if self.session.is_none() {
            if self.finishing.is_none() && now >= self.opened + HELLO_TIMEOUT {
                let error = ErrorBody::new(ErrorCode::TimedOut, "no `hello` came within 10 s");
                return Err(CloseReason::Close(CloseCode::HelloTimeout, error));
            }
            return Ok(());
        }
        if now >= self.last_heard + SILENCE || self.session.as_ref().is_some_and(Session::is_superseded) {
            return Err(CloseReason::Gone);
        }
        if self.finishing.is_none() && self.token_ends.is_some_and(|end| now >= end) {
            let message = "token: its time is over; connect again with a new one";
            let error = ErrorBody::new(ErrorCode::TokenExpired, message);
            self.finishing = Some(CloseReason::Close(CloseCode::TokenExpired, error));
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
    pub(super) fn token_changed(&mut self) {
        let grant = self.session.as_ref().and_then(|session| session.grant.as_ref());
        self.token_ends = grant.and_then(|grant| {
            Instant::now().checked_add(Duration::from_millis(grant.honoured_for(self.state.clock.now_ms())))
        });
    }
}
