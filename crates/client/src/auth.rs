//! The token: which one is in use, when it runs out, and whether the program has been asked for another.
//!
//! One request for a token is under way at a time. The token is read at the moment it is sent, and its expiry is
//! counted from the remaining time the server tells, so a wrong clock does no harm.

use crate::Millis;
use crate::config::{TOKEN_LEAD, TOKEN_PATIENCE};

#[derive(Debug)]
pub(crate) struct Auth {
    token: Option<String>,
    source: bool,
    /// The token opened a connection or a call, or was accepted on a live one. What the server says while it was
    /// not may be meant for the one before.
    shown: bool,
    /// Do not ask before this time: the program is at work on a token, or has just failed to get one.
    not_before: Millis,
    renew_at: Option<Millis>,
    /// Tokens refused in a row.
    pub(crate) refusals: u32,
}

impl Auth {
    pub(crate) const fn new(token: Option<String>, source: bool) -> Self {
        Auth { token, source, shown: false, not_before: 0, renew_at: None, refusals: 0 }
    }

    /// The token, to be sent at once.
    pub(crate) fn show(&mut self) -> Option<String> {
        self.shown = true;
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

    /// Whether there is a token that a refusal was not meant for.
    pub(crate) const fn has_new(&self) -> bool {
        self.token.is_some() && !self.shown
    }

    pub(crate) fn set(&mut self, token: String) {
        self.token = Some(token);
        self.shown = false;
        self.not_before = 0;
        self.renew_at = None;
    }

    /// The server accepted the token and told how long it lasts.
    pub(crate) fn accepted(&mut self, now: Millis, expires_in: Option<u64>) {
        if self.shown {
            let lead = |life: u64| TOKEN_LEAD.max(life / 10).min(life / 2);
            self.renew_at = expires_in.map(|life| now.saturating_add(life - lead(life)));
        }
    }

    /// The server accepted the token on a live connection.
    pub(crate) fn replaced(&mut self, now: Millis, expires_in: Option<u64>) {
        self.shown = true;
        self.accepted(now, expires_in);
    }

    /// What was accepted held: the next refusal is a new trouble.
    pub(crate) const fn stable(&mut self) {
        self.refusals = 0;
    }

    /// The server refused the token. A program that is at work on another already is not asked twice.
    pub(crate) fn refused(&mut self, ask_again_at: Millis) {
        self.token = None;
        self.renew_at = None;
        self.refusals += 1;
        if self.refusals > 1 {
            self.not_before = self.not_before.max(ask_again_at);
        }
    }

    /// The program was asked and failed.
    pub(crate) const fn failed(&mut self, ask_again_at: Millis) {
        self.not_before = ask_again_at;
    }

    /// Whether the program is to be asked now. Says so once.
    pub(crate) fn take_ask(&mut self, now: Millis, wanted: bool, live: bool) -> bool {
        let ask = self.deadline(wanted, live).is_some_and(|at| at <= now);
        if ask {
            // Asked and never answered, a program is asked again.
            self.not_before = now + TOKEN_PATIENCE;
        }
        ask
    }

    /// When to ask, as far as it is known. A token that nobody uses is not renewed.
    pub(crate) fn deadline(&self, wanted: bool, live: bool) -> Option<Millis> {
        let first = self.token.is_none() && wanted;
        let renewal = self.renew_at.filter(|_| wanted || live);
        let at = if first { Some(0) } else { renewal };
        at.filter(|_| self.source).map(|at| at.max(self.not_before))
    }
}
