//! The state of the connection to the server.

use causerie_protocol::limits::SILENCE_MS;

use crate::Millis;
use crate::config::{OPEN_TIMEOUT, PROBE_TIMEOUT, STABLE_AFTER};

/// The state of the connection to the server.
///
/// ```text
///          a request or                         opened: `hello` sent
///          a subscription                   ┌────────────────────────▶ Open ◀─┐ frames
///   Idle ──────────────────▶ Opening ───────┤                          │ │ └──┘
///    ▲ ▲                                    │ cannot open              │ │
///    │ └── 30 s without use ────────────────│──────────────────────────┘ │
///    │                                      ▼                            │ closed, or silent
///    │                                   Posting (HTTP fallback)         │ for 35 s
///    │                                      │ no response                │
///    └──────── the delay is over ──────── Waiting ◀──────────────────────┘
///
///   any state ── fatal error ──▶ Ended
/// ```
///
/// A connection is owned in `Opening`, `Open` and `Posting` only. A call that succeeds leads from `Posting`
/// to `Idle`. Nothing leaves `Ended`.
#[derive(Debug)]
pub(crate) enum Connection {
    /// There is no connection and no delay to wait for.
    Idle,
    /// A socket is being opened. The attempt is abandoned at `until`.
    Opening { until: Millis },
    /// A socket is open and `hello` was sent.
    Open(Socket),
    /// A call of the HTTP fallback with `count` requests is pending. It is abandoned at `until`.
    Posting { until: Millis, count: usize },
    /// The delay between two attempts. [`crate::Input::Wake`] does not shorten a delay that the server
    /// requested.
    Waiting { until: Millis, requested_by_server: bool },
    /// The session is over.
    Ended,
}

/// The timestamps of an open socket.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Socket {
    pub(crate) welcomed_at: Option<Millis>,
    pub(crate) last_frame_at: Millis,
    /// The time at which to probe, because no frame has followed something that was sent.
    pub(crate) probe_at: Option<Millis>,
    /// The time of a probe that no frame has followed yet.
    pub(crate) probed_at: Option<Millis>,
    /// The time of the last frame that was sent or received for a request or a subscription.
    pub(crate) last_used_at: Millis,
}

impl Socket {
    pub(crate) const fn opened(now: Millis) -> Self {
        Socket { welcomed_at: None, last_frame_at: now, probe_at: None, probed_at: None, last_used_at: now }
    }

    /// Returns the time at which the socket is abandoned if no frame arrives before.
    pub(crate) fn silence_deadline(&self) -> Millis {
        // Without `welcome` the socket may end at a proxy that discards everything, so the shorter timeout
        // applies.
        let timeout = if self.welcomed_at.is_some() { Millis::from(SILENCE_MS) } else { OPEN_TIMEOUT };
        let at = self.last_frame_at + timeout;
        self.probed_at.map_or(at, |probed| at.min(probed + PROBE_TIMEOUT))
    }

    /// Returns the time of the next probe or, if it was sent, the time at which the socket is abandoned.
    pub(crate) fn next_check(&self) -> Millis {
        let at = self.silence_deadline();
        // Before `welcome` the shorter timeout applies, so nothing is probed.
        let may_probe = self.probed_at.is_none() && self.welcomed_at.is_some();
        self.probe_at.filter(|_| may_probe).map_or(at, |probe_at| at.min(probe_at))
    }

    pub(crate) fn is_stable(&self, now: Millis) -> bool {
        self.welcomed_at.is_some_and(|at| now >= at + STABLE_AFTER)
    }
}
