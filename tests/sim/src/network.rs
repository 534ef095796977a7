//! The network between a client and the server. Texts arrive late but in order, until they no longer arrive
//! at all.

use causerie_client::Millis;

use crate::rng::Rng;

/// The conditions of the network in one run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NetworkConditions {
    /// The longest time in transit, in milliseconds.
    pub(crate) latency: u64,
    /// The probability for each text that the connection breaks and the client is notified, in thousandths.
    pub(crate) disconnects: u64,
    /// The probability for each text that the connection stalls, or loses everything in one direction or both
    /// without notice, in thousandths.
    pub(crate) silences: u64,
    /// The probability that a socket does not open, in thousandths.
    pub(crate) failed_opens: u64,
    /// The probability that a call of the HTTP fallback gets no response, in thousandths.
    pub(crate) lost_posts: u64,
}

impl NetworkConditions {
    /// Draws the conditions of a run, from perfect to bad, sometimes with all WebSockets blocked.
    pub(crate) fn draw(rng: &mut Rng) -> Self {
        let severity = rng.between(0, 4);
        NetworkConditions {
            latency: [20, 60, 300, 2_000][usize::try_from(rng.between(0, 4)).unwrap()],
            disconnects: severity * 25,
            silences: severity * 12,
            failed_opens: if rng.per_mille(150) { 1_000 } else { severity * 80 },
            lost_posts: severity * 80,
        }
    }

    /// Draws the fault that a text meets.
    pub(crate) fn draw_fault(&self, rng: &mut Rng) -> Fault {
        if rng.per_mille(self.disconnects) {
            Fault::Disconnect
        } else if rng.per_mille(self.silences) {
            if rng.per_mille(400) {
                return Fault::Stall(rng.between(10_000, 60_000));
            }
            let which = rng.between(0, 3);
            Fault::Silence { up: which != 1, down: which != 0 }
        } else {
            Fault::None
        }
    }
}

/// A fault of a connection at the time at which a text is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    None,
    /// Nothing arrives for this many milliseconds.
    Stall(u64),
    /// The connection breaks, and the client is notified after a while.
    Disconnect,
    /// Nothing arrives any more in these directions, without notice.
    Silence {
        up: bool,
        down: bool,
    },
}

/// One direction of a connection.
#[derive(Debug, Default)]
pub(crate) struct Direction {
    last_arrival: Millis,
    /// Texts that would arrive after this time are lost.
    end: Option<Millis>,
}

impl Direction {
    /// Draws the arrival time of a text that is sent now, which is never before that of an earlier text.
    pub(crate) fn arrival(&mut self, now: Millis, conditions: &NetworkConditions, rng: &mut Rng) -> Millis {
        let at = now + rng.between(1, conditions.latency + 1);
        self.last_arrival = self.last_arrival.max(at);
        self.last_arrival
    }

    pub(crate) fn stall(&mut self, until: Millis) {
        self.last_arrival = self.last_arrival.max(until);
    }

    pub(crate) fn end(&mut self, at: Millis) {
        self.end = Some(self.end.map_or(at, |end| end.min(at)));
    }

    pub(crate) fn delivers(&self, at: Millis) -> bool {
        self.end.is_none_or(|end| at <= end)
    }
}

/// One WebSocket, or one call of the HTTP fallback.
#[derive(Debug, Default)]
pub(crate) struct Link {
    /// From the client to the server.
    pub(crate) up: Direction,
    /// From the server to the client.
    pub(crate) down: Direction,
}

impl Link {
    /// Ends both directions. Texts that are close to the server may still arrive there.
    pub(crate) fn disconnect(&mut self, now: Millis, conditions: &NetworkConditions, rng: &mut Rng) {
        self.up.end(now + rng.between(0, conditions.latency + 1));
        self.down.end(now);
    }
}
