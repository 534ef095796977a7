//! Recovery from errors (by the HTTP fallback, a delay, another token, or the end of the session), and the
//! reactions to a page that is suspended or wakes up.

use causerie_protocol::{CloseCode, ErrorBody, ErrorCode, Outcome, Recovery, ServerFrame};

use super::Engine;
use crate::backoff::Backoff;
use crate::config::{DEFAULT_RETRY_AFTER, HTTP_FALLBACK_PERIOD, MAX_TOKEN_REJECTIONS};
use crate::connection::Connection;
use crate::io::{HttpFailure, Output};
use crate::operation::Operation;
use crate::pending_requests::Expired;
use crate::{Millis, errors};

impl<B, O: Operation> Engine<B, O> {
    pub(super) fn on_closed(&mut self, now: Millis, code: u16) {
        // Some proxies let a WebSocket open and then cut it. A close before `welcome` counts as a failure to
        // open.
        let mut welcomed = false;
        if let Connection::Open(socket) = self.connection {
            welcomed = socket.welcomed_at.is_some();
            if socket.is_stable(now) {
                self.on_stable();
            }
        }
        self.discard_connection();
        let reason = self.close_reason.take();
        let is_from_server = code >= CloseCode::Restarting.number();
        if !welcomed && !is_from_server {
            return self.on_open_failed(now);
        }
        let recovery = Recovery::of(code);
        // Any other `rate_limited` was about one frame.
        let is_cause = |error: &ErrorBody| {
            is_from_server && (error.code != ErrorCode::RateLimited || recovery == Recovery::RetryLater)
        };
        let mut error = reason.filter(is_cause).unwrap_or_else(|| errors::closed(code));
        // A rate limit admits the next frame after milliseconds; the next connection has to wait for longer.
        error.retry_after = error.retry_after.map(|after| after.max(DEFAULT_RETRY_AFTER));
        self.recover(now, recovery, error, Backoff::reconnect_delay);
    }

    /// Switches to HTTP, because a WebSocket could not be opened and something on the way may block it.
    ///
    /// If a socket was open before and subscriptions wait for the next one, the network is more likely to be
    /// down as a whole. The next socket is then tried after a short delay.
    ///
    /// The reason is not kept: a pending request is now sent by HTTP, and if that fails, gets that reason.
    pub(super) fn on_open_failed(&mut self, now: Millis) {
        let wait = if self.expects_socket() {
            self.backoff.delay_after(self.failed_opens)
        } else {
            HTTP_FALLBACK_PERIOD
        };
        self.failed_opens = self.failed_opens.saturating_add(1);
        self.http_until = Some(now + wait);
    }

    pub(super) fn on_post_failed(&mut self, now: Millis, failure: HttpFailure) {
        let Connection::Posting { count, .. } = self.connection else { return };
        match failure {
            HttpFailure::Network => self.on_no_response(now, errors::refused()),
            HttpFailure::Status(status) => self.on_no_response(now, errors::unexpected_status(status)),
            HttpFailure::Rejected(error) if error.code == ErrorCode::TooLarge => {
                if count > 1 {
                    self.pending.halve_batch_size(count);
                } else {
                    for id in self.pending.sent_ids() {
                        self.settle(Outcome::failed(id, error.clone()));
                    }
                }
                self.discard_connection();
            }
            HttpFailure::Rejected(error) => {
                self.discard_connection();
                self.recover(now, errors::recovery_of(error.code), error, Backoff::next_delay);
            }
        }
    }

    /// Handles a failed HTTP call: waits, and then starts over with a WebSocket.
    pub(super) fn on_no_response(&mut self, now: Millis, reason: ErrorBody) {
        self.last_error = Some(reason);
        self.discard_connection();
        self.http_until = None;
        let until = now + self.backoff.next_delay();
        self.connection = Connection::Waiting { until, requested_by_server: false };
    }

    /// Recovers from an error. `retry_delay` is the delay if the cause is gone at once.
    fn recover(
        &mut self,
        now: Millis,
        recovery: Recovery,
        error: ErrorBody,
        retry_delay: fn(&mut Backoff) -> Millis,
    ) {
        let (wait, requested_by_server) = match recovery {
            Recovery::Retry => (retry_delay(&mut self.backoff), false),
            Recovery::RetryLater => {
                let requested = Millis::from(error.retry_after.unwrap_or(DEFAULT_RETRY_AFTER));
                (requested + self.backoff.next_delay(), true)
            }
            Recovery::Reauthenticate => return self.reauthenticate(now, error),
            Recovery::Never => return self.end(error),
        };
        self.last_error = Some(error);
        let until = now + wait;
        self.connection = Connection::Waiting { until, requested_by_server };
    }

    fn reauthenticate(&mut self, now: Millis, error: ErrorBody) {
        if self.token.has_unsent() {
            // A new token was set while the rejection of the old one was on its way: try the new one at once.
        } else if self.token.has_source() && self.token.rejections_in_a_row() + 1 < MAX_TOKEN_REJECTIONS {
            let retry_at = now + self.backoff.next_delay();
            self.token.on_rejected(retry_at);
        } else {
            return self.end(error);
        }
        self.last_error = Some(error);
    }

    /// Ends the session. All requests and subscriptions end with `error`.
    fn end(&mut self, error: ErrorBody) {
        self.connection = Connection::Ended;
        // The subscriptions first: a `load_more` ends with its subscription, and does not fail with the
        // request for its page.
        for id in self.subscriptions.ids() {
            self.outputs.push_back(Output::Deliver(ServerFrame::Ended { id, error: error.clone() }));
        }
        self.subscriptions.clear();
        for id in self.pending.take_all() {
            self.outputs.push_back(Output::Settle(Outcome::failed(id, error.clone())));
        }
        self.outputs.push_back(Output::Ended(error));
    }

    pub(super) fn on_token_failed(&mut self, now: Millis, message: String) {
        let retry_at = now + self.backoff.next_delay();
        self.token.on_source_failed(retry_at);
        self.last_error = Some(ErrorBody::new(ErrorCode::NotAuthenticated, message));
    }

    pub(super) fn on_wake(&mut self, now: Millis) {
        self.suspended = false;
        self.probe(now);
        if matches!(self.connection, Connection::Waiting { requested_by_server: false, .. }) {
            // The cause was local, so the first retry is immediate.
            self.connection = Connection::Idle;
        }
        if self.expects_socket() {
            self.http_until = None;
        }
    }

    /// Returns whether subscriptions wait for a socket and one was open before.
    const fn expects_socket(&self) -> bool {
        !self.subscriptions.is_empty() && self.subscriptions.has_epoch()
    }

    /// Sends a ping on an open socket, which may be dead.
    pub(super) fn probe(&mut self, now: Millis) {
        if let Connection::Open(socket) = &mut self.connection
            && socket.probed_at.is_none()
            && now < socket.silence_deadline()
        {
            socket.probe_at = None;
            socket.probed_at = Some(now);
            self.outputs.push_back(Output::Ping(self.connection_id));
        }
    }

    pub(super) fn on_suspend(&mut self) {
        self.suspended = true;
        if matches!(self.connection, Connection::Opening { .. } | Connection::Open(_)) {
            self.close_socket(CloseCode::Normal);
        }
    }

    /// Returns the error of a request that reached its deadline.
    pub(super) fn timeout_error(&self, request: &Expired) -> ErrorBody {
        let last_error = self.last_error.as_ref();
        if request.attempted && matches!(self.connection, Connection::Open(_) | Connection::Posting { .. }) {
            errors::no_answer(request)
        } else if self.token.is_missing() {
            errors::no_token(last_error)
        } else {
            errors::not_reached(request, last_error)
        }
    }
}
