//! The states of the link to the server, as the engine's picture has them.

use causerie_protocol::limits::SILENCE_MS;

use crate::Millis;
use crate::config::{OPEN_TIMEOUT, PROBE_TIMEOUT, STABLE};

#[derive(Debug)]
pub(super) enum Link {
    /// No connection, and no reason yet to have one.
    Idle,
    /// A socket is being opened; given up at `until`.
    Opening { until: Millis },
    /// A socket is open and `hello` is sent.
    Live(Live),
    /// The HTTP twin was called with `count` requests; given up at `until`.
    Posting { until: Millis, count: usize },
    /// Between two attempts. A `firm` wait is one the server asked for, which a wake does not cut short.
    Waiting { until: Millis, firm: bool },
    /// Over.
    Ended,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Live {
    pub(super) welcomed: Option<Millis>,
    pub(super) heard: Millis,
    pub(super) probed: Option<Millis>,
    pub(super) used: Millis,
}

impl Live {
    /// When to give the socket up, if nothing is heard before. A socket that was never greeted may be a proxy's
    /// that swallows everything: for that one the patience is that of opening.
    pub(super) fn silent_at(&self) -> Millis {
        let patience = if self.welcomed.is_some() { Millis::from(SILENCE_MS) } else { OPEN_TIMEOUT };
        let at = self.heard + patience;
        self.probed.map_or(at, |probed| at.min(probed + PROBE_TIMEOUT))
    }

    pub(super) fn stable(&self, now: Millis) -> bool {
        self.welcomed.is_some_and(|at| now >= at + STABLE)
    }
}
