//! The state of the token: which one is in use, when to renew it, and whether the program was asked for
//! another.
//!
//! At most one request for a token is pending at a time. The token is read when it is sent. Its expiry is
//! computed from the remaining lifetime that the server reports, so a wrong local clock has no effect.

use crate::Millis;
use crate::config::{TOKEN_RENEWAL_LEAD, TOKEN_REQUEST_TIMEOUT};

#[derive(Debug)]
pub(crate) struct TokenState {
    token: Option<String>,
    has_source: bool,
    /// The token was sent to the server. A rejection that arrives before that concerns the previous token.
    sent: bool,
    /// The earliest time of the next request for a token: one is pending, or the last one failed a moment
    /// ago.
    not_before: Millis,
    renew_at: Option<Millis>,
    rejections_in_a_row: u32,
}

impl TokenState {
    pub(crate) const fn new(token: Option<String>, has_source: bool) -> Self {
        TokenState { token, has_source, sent: false, not_before: 0, renew_at: None, rejections_in_a_row: 0 }
    }

    /// Returns the token and marks it as sent.
    pub(crate) fn take_for_sending(&mut self) -> Option<String> {
        self.sent = true;
        self.token.clone()
    }

    pub(crate) const fn has_source(&self) -> bool {
        self.has_source
    }

    pub(crate) const fn set_source(&mut self, has_source: bool) {
        self.has_source = has_source;
    }

    /// Returns whether connecting has to wait for a token.
    pub(crate) const fn is_missing(&self) -> bool {
        self.has_source && self.token.is_none()
    }

    /// Returns whether there is a token that the server has not seen, so that a rejection cannot concern it.
    pub(crate) const fn has_unsent(&self) -> bool {
        self.token.is_some() && !self.sent
    }

    pub(crate) const fn rejections_in_a_row(&self) -> u32 {
        self.rejections_in_a_row
    }

    pub(crate) fn set(&mut self, token: String) {
        self.token = Some(token);
        self.sent = false;
        self.not_before = 0;
        self.renew_at = None;
    }

    /// The server accepted a token. Schedules its renewal, unless a newer token has not been sent yet.
    pub(crate) fn on_accepted(&mut self, now: Millis, expires_in: Option<u64>) {
        if self.sent {
            let lead = |lifetime: u64| TOKEN_RENEWAL_LEAD.max(lifetime / 10).min(lifetime / 2);
            self.renew_at = expires_in.map(|lifetime| now.saturating_add(lifetime - lead(lifetime)));
        }
    }

    /// The server accepted a token that was sent on an open connection.
    pub(crate) fn on_renewed(&mut self, now: Millis, expires_in: Option<u64>) {
        self.sent = true;
        self.on_accepted(now, expires_in);
    }

    /// The connection is stable, so earlier rejections no longer count.
    pub(crate) const fn on_stable(&mut self) {
        self.rejections_in_a_row = 0;
    }

    /// The server rejected the token. From the second rejection in a row on, the program is not asked before
    /// `retry_at`. A pending request for a token is not repeated.
    pub(crate) fn on_rejected(&mut self, retry_at: Millis) {
        self.token = None;
        self.renew_at = None;
        self.rejections_in_a_row += 1;
        if self.rejections_in_a_row > 1 {
            self.not_before = self.not_before.max(retry_at);
        }
    }

    /// The program was asked for a token and failed to provide one.
    pub(crate) const fn on_source_failed(&mut self, retry_at: Millis) {
        self.not_before = retry_at;
    }

    /// Returns whether to ask the program for a token now. Returns `true` once per request.
    pub(crate) fn take_request(&mut self, now: Millis, needs_connection: bool, is_open: bool) -> bool {
        let due = self.deadline(needs_connection, is_open).is_some_and(|at| at <= now);
        if due {
            // A program that does not respond is asked again after this time.
            self.not_before = now + TOKEN_REQUEST_TIMEOUT;
        }
        due
    }

    /// Returns the time of the next request for a token, if one is due. An unused token is not renewed.
    pub(crate) fn deadline(&self, needs_connection: bool, is_open: bool) -> Option<Millis> {
        let first = self.token.is_none() && needs_connection;
        let renewal = self.renew_at.filter(|_| needs_connection || is_open);
        let at = if first { Some(0) } else { renewal };
        at.filter(|_| self.has_source).map(|at| at.max(self.not_before))
    }
}
