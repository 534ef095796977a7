//! The token: which one is in use, when it runs out, and whether the program has been asked for another.
//!
//! One request for a token is under way at a time. The token is read at the moment it is sent, and its expiry is
//! counted from the remaining time the server tells, so a wrong clock does no harm.

use crate::Millis;
use crate::config::TOKEN_LEAD;

#[derive(Debug)]
pub(crate) struct Auth {
    token: Option<String>,
    source: bool,
    asked: bool,
    /// Do not ask before this time: the last attempt failed.
    not_before: Option<Millis>,
    renew_at: Option<Millis>,
    /// Tokens refused in a row.
    pub(crate) refusals: u32,
}

impl Auth {
    pub(crate) const fn new(token: Option<String>, source: bool) -> Self {
        Auth { token, source, asked: false, not_before: None, renew_at: None, refusals: 0 }
    }

    pub(crate) fn token(&self) -> Option<String> {
        self.token.clone()
    }

    pub(crate) const fn has_source(&self) -> bool {
        self.source
    }

    pub(crate) const fn set_source(&mut self, source: bool) {
        self.source = source;
    }

    /// Whether connecting has to wait for a token.
    pub(crate) const fn waits(&self) -> bool {
        self.source && self.token.is_none()
    }

    pub(crate) fn set(&mut self, token: String) {
        self.token = Some(token);
        self.asked = false;
        self.not_before = None;
        self.renew_at = None;
    }

    /// The server accepted the token and told how long it lasts.
    pub(crate) fn accepted(&mut self, now: Millis, expires_in: Option<u64>) {
        self.refusals = 0;
        self.renew_at =
            expires_in.map(|life| now + life.saturating_sub(TOKEN_LEAD.max(life / 10).min(life / 2)));
    }

    /// The server refused the token.
    pub(crate) fn refused(&mut self, ask_again_at: Millis) {
        self.token = None;
        self.renew_at = None;
        self.asked = false;
        self.refusals += 1;
        self.not_before = (self.refusals > 1).then_some(ask_again_at);
    }

    /// The program was asked and failed.
    pub(crate) const fn failed(&mut self, ask_again_at: Millis) {
        self.asked = false;
        self.not_before = Some(ask_again_at);
    }

    /// The program was asked and never answered: the next request asks again.
    pub(crate) const fn ask_again(&mut self) {
        self.asked = false;
    }

    /// Whether the program is to be asked now. Says so once.
    pub(crate) fn take_ask(&mut self, now: Millis, wanted: bool) -> bool {
        let due = self.renew_at.is_some_and(|at| at <= now);
        let held = self.not_before.is_some_and(|at| now < at);
        let ask = self.source && !self.asked && !held && ((wanted && self.token.is_none()) || due);
        self.asked |= ask;
        ask
    }

    /// When to look again.
    pub(crate) fn deadline(&self, wanted: bool) -> Option<Millis> {
        if !self.source || self.asked {
            return None;
        }
        let want = if wanted && self.token.is_none() { self.not_before } else { None };
        match (want, self.renew_at) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        }
        .map(|at| self.not_before.map_or(at, |hold| hold.max(at)))
    }
}
