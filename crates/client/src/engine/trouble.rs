//! What the engine does when something goes wrong (the HTTP twin, a wait, another token, or the end), and when
//! the page is put away or wakes up.

use causerie_protocol::{CloseCode, ErrorBody, ErrorCode, Outcome, Recovery, ServerFrame};

use super::{Engine, HTTP_PERIOD, Link};
use crate::config::{LATER, TOKEN_REFUSALS};
use crate::io::{HttpFailure, Output};
use crate::ledger::Expired;
use crate::operation::Operation;
use crate::{Millis, texts};

impl<B, O: Operation> Engine<B, O> {
    pub(super) fn closed(&mut self, now: Millis, code: u16) {
        // Some proxies let a WebSocket open and then cut it: before `welcome`, that is as good as not opened.
        let mut greeted = false;
        if let Link::Live(live) = self.link {
            greeted = live.welcomed.is_some();
            if live.stable(now) {
                self.stable();
            }
        }
        self.over();
        let told = self.farewell.take();
        if !greeted && code < CloseCode::Restarting.number() {
            self.could_not_open(now);
        } else {
            let error = told.unwrap_or_else(|| texts::closed(code));
            self.recover(now, Recovery::of(code), error);
        }
    }

    /// A WebSocket could not be opened: something between may block it, so the HTTP twin is tried at once.
    ///
    /// Subscriptions cannot go by it. Where a socket was open before, it is rather the whole network that is down,
    /// and they need not wait for long.
    pub(super) fn could_not_open(&mut self, now: Millis) {
        let wait = if self.hopeful() { self.backoff.wait(self.unopened) } else { HTTP_PERIOD };
        self.unopened = self.unopened.saturating_add(1);
        self.http_until = Some(now + wait);
    }

    pub(super) fn post_failed(&mut self, now: Millis, failure: HttpFailure) {
        let Link::Posting { count, .. } = self.link else { return };
        match failure {
            HttpFailure::Network => self.lost(now),
            HttpFailure::Status(status) => {
                self.trouble = Some(texts::strange_status(status));
                self.lost(now);
            }
            HttpFailure::Refused(error) if error.code == ErrorCode::TooLarge => {
                if count > 1 {
                    self.ledger.halve(count);
                } else {
                    for id in self.ledger.sent() {
                        self.settle(Outcome::failed(id, error.clone()));
                    }
                }
                self.over();
            }
            HttpFailure::Refused(error) => {
                self.over();
                self.recover(now, texts::recovery_of(error.code), error);
            }
        }
    }

    /// No answer by HTTP either: wait, then begin again with a WebSocket.
    pub(super) fn lost(&mut self, now: Millis) {
        self.over();
        self.http_until = None;
        self.link = Link::Waiting { until: now + self.backoff.next(), firm: false };
    }

    fn recover(&mut self, now: Millis, recovery: Recovery, error: ErrorBody) {
        let (wait, firm) = match recovery {
            Recovery::Retry => (0, false),
            Recovery::RetryLater => (error.retry_after.map_or(LATER, Millis::from), true),
            Recovery::Reauthenticate => return self.reauthenticate(now, error),
            Recovery::Never => return self.end(error),
        };
        self.trouble = Some(error);
        self.link = Link::Waiting { until: now + wait + self.backoff.next(), firm };
    }

    fn reauthenticate(&mut self, now: Millis, error: ErrorBody) {
        if self.auth.has_new() {
            // The refusal crossed a new token: that one is tried at once.
        } else if self.auth.has_source() && self.auth.refusals + 1 < TOKEN_REFUSALS {
            let again_at = now + self.backoff.next();
            self.auth.refused(again_at);
        } else {
            return self.end(error);
        }
        self.trouble = Some(error);
    }

    /// The session is over. Everything open is settled with the cause.
    fn end(&mut self, error: ErrorBody) {
        self.link = Link::Ended;
        for id in self.ledger.take_all() {
            self.out.push_back(Output::Settle(Outcome::failed(id, error.clone())));
        }
        for id in self.subscriptions.ids() {
            self.out.push_back(Output::Deliver(ServerFrame::Ended { id, error: error.clone() }));
        }
        self.subscriptions.clear();
        self.out.push_back(Output::Ended(error));
    }

    pub(super) fn token_failed(&mut self, now: Millis, message: String) {
        let again_at = now + self.backoff.next();
        self.auth.failed(again_at);
        self.trouble = Some(ErrorBody::new(ErrorCode::NotAuthenticated, message));
    }

    pub(super) fn wake(&mut self, now: Millis) {
        self.suspended = false;
        self.probe(now);
        if matches!(self.link, Link::Waiting { firm: false, .. }) {
            // The cause was local: the first retry is at once.
            self.link = Link::Idle;
        }
        if self.hopeful() {
            self.http_until = None;
        }
    }

    /// Whether there are subscriptions that wait for a socket, and one could be opened before.
    const fn hopeful(&self) -> bool {
        !self.subscriptions.is_empty() && self.subscriptions.welcomed()
    }

    /// Whatever is open may be dead: asks it for a sign of life.
    fn probe(&mut self, now: Millis) {
        if let Link::Live(live) = &mut self.link
            && live.probed.is_none()
            && now < live.silent_at()
        {
            live.probed = Some(now);
            self.out.push_back(Output::Ping(self.conn));
        }
    }

    pub(super) fn suspend(&mut self) {
        self.suspended = true;
        if matches!(self.link, Link::Opening { .. } | Link::Live(_)) {
            self.drop_socket(CloseCode::Normal);
        }
    }

    pub(super) fn out_of_time(&self, request: &Expired) -> ErrorBody {
        let why = self.trouble.as_ref();
        if request.tried && matches!(self.link, Link::Live(_) | Link::Posting { .. }) {
            texts::no_answer(request)
        } else if self.auth.waits() {
            texts::no_token(why)
        } else {
            texts::not_reached(request, why)
        }
    }
}
