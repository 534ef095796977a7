//! The network between a client and the server: texts arrive late but in order, until they do not arrive at all.

use causerie_client::Millis;

use crate::chance::Chance;

/// What the network is like in one run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Weather {
    /// The longest a text takes, in milliseconds.
    pub(crate) latency: u64,
    /// In so many of a thousand texts the connection breaks, and the client is told.
    pub(crate) cuts: u64,
    /// In so many of a thousand texts the connection falls silent in one direction or both, and nobody is told.
    pub(crate) silences: u64,
    /// So many of a thousand sockets do not open.
    pub(crate) refusals: u64,
    /// So many of a thousand calls of the HTTP twin get no answer.
    pub(crate) lost_calls: u64,
}

impl Weather {
    /// Draws the weather of a run: from fair to foul, now and then with all WebSockets blocked.
    pub(crate) fn draw(chance: &mut Chance) -> Self {
        let foul = chance.between(0, 4);
        Weather {
            latency: [20, 60, 300, 2_000][usize::try_from(chance.between(0, 4)).unwrap()],
            cuts: foul * 25,
            silences: foul * 12,
            refusals: if chance.per_mille(150) { 1_000 } else { foul * 80 },
            lost_calls: foul * 80,
        }
    }
}

/// One direction of a connection.
#[derive(Debug, Default)]
pub(crate) struct Direction {
    last_arrival: Millis,
    /// What would arrive after this does not.
    until: Option<Millis>,
}

impl Direction {
    /// When a text that is sent now will be there: never before one that was sent earlier.
    pub(crate) fn arrival(&mut self, now: Millis, weather: &Weather, chance: &mut Chance) -> Millis {
        let at = now + chance.between(1, weather.latency + 1);
        self.last_arrival = self.last_arrival.max(at);
        self.last_arrival
    }

    pub(crate) fn stall(&mut self, until: Millis) {
        self.last_arrival = self.last_arrival.max(until);
    }

    pub(crate) fn end(&mut self, at: Millis) {
        self.until = Some(self.until.map_or(at, |until| until.min(at)));
    }

    pub(crate) fn reaches(&self, at: Millis) -> bool {
        self.until.is_none_or(|until| at <= until)
    }
}

/// One WebSocket, or one call of the HTTP twin.
#[derive(Debug, Default)]
pub(crate) struct Wire {
    pub(crate) up: Direction,
    pub(crate) down: Direction,
}

/// What becomes of a connection when a text is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    Holds,
    Stall(u64),
    /// It breaks, and the client is told after a while.
    Cut,
    /// It falls silent upwards, downwards, or both.
    Silence {
        up: bool,
        down: bool,
    },
}

impl Wire {
    pub(crate) fn fate(weather: &Weather, chance: &mut Chance) -> Fate {
        if chance.per_mille(weather.cuts) {
            Fate::Cut
        } else if chance.per_mille(weather.silences) {
            if chance.per_mille(400) {
                return Fate::Stall(chance.between(10_000, 60_000));
            }
            let which = chance.between(0, 3);
            Fate::Silence { up: which != 1, down: which != 0 }
        } else {
            Fate::Holds
        }
    }

    /// Whatever is on its way is lost; what is on its way up may have just got through.
    pub(crate) fn cut(&mut self, now: Millis, weather: &Weather, chance: &mut Chance) {
        self.up.end(now + chance.between(0, weather.latency + 1));
        self.down.end(now);
    }
}
