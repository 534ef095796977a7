//! The world of one run: its clock, and what happens in it, in order.

use std::collections::BTreeMap;

use causerie_client::{ConnectionId, Engine, HttpFailure, Input, Millis};
use causerie_protocol::{ErrorBody, ErrorCode, ServerFrame};
use serde_json::Value;

use crate::chance::Chance;
use crate::link::{Fate, Weather, Wire};

/// For how long requests are made, in milliseconds.
pub(crate) const PROGRAM: u64 = 120_000;
/// How many requests each client makes.
const REQUESTS: u64 = 50;
/// More steps than any run takes.
const STEPS: u32 = 200_000;

/// An engine with a program that asks things of it.
pub(crate) trait Program {
    fn engine(&self) -> &Engine<Value>;

    /// The program does something.
    fn ask(&mut self, now: Millis, chance: &mut Chance);

    fn input(&mut self, now: Millis, input: Input<Value>);

    /// What the engine wants done next that concerns the network; what concerns the program it keeps.
    fn want(&mut self) -> Option<Want>;
}

/// What a client wants of the network.
#[derive(Debug)]
pub(crate) enum Want {
    Open(ConnectionId),
    Text(ConnectionId, String),
    Close(ConnectionId),
    Call(ConnectionId, String),
    Abort(ConnectionId),
}

/// The server at the other end of the network.
pub(crate) trait Site {
    /// Time passes.
    fn pass(&mut self, time: Millis);

    /// A text came over a socket.
    fn text(&mut self, client: usize, conn: ConnectionId, text: &str);

    /// A call of the HTTP twin came. Answers with the body that goes back.
    fn call(&mut self, text: &str) -> String;

    /// The end of a socket came.
    fn gone(&mut self, client: usize, conn: ConnectionId);

    /// Gives up every socket that is open at the server's end.
    fn take_sessions(&mut self) -> Vec<(usize, ConnectionId)>;

    /// What goes out over sockets now.
    fn take_said(&mut self) -> Vec<(usize, ConnectionId, Said)>;
}

/// What a server sends over a socket.
#[derive(Debug)]
pub(crate) enum Said {
    Text(String),
    Closed(u16),
}

enum Event {
    Ask(usize),
    Wake(usize),
    Suspend(usize),
    /// A text arrives at the server.
    Up(usize, ConnectionId, String),
    /// The end of a socket arrives at the server.
    Gone(usize, ConnectionId),
    /// A call of the HTTP twin arrives at the server; whether its answer is lost.
    Call(usize, ConnectionId, String, bool),
    Down(usize, ConnectionId, News),
    Ping(usize, ConnectionId),
    /// The server closes all its sockets.
    Restart(u16),
}

/// What a client hears of a connection.
enum News {
    Opened,
    Text(String),
    Closed(u16),
    Answers(String),
    NoAnswer,
}

pub(crate) struct World<P, S> {
    pub(crate) now: Millis,
    pub(crate) clients: Vec<P>,
    pub(crate) site: S,
    pub(crate) chance: Chance,
    pub(crate) weather: Weather,
    /// The number of the text with which its connection breaks, beside what the weather does.
    pub(crate) cut_at: Option<u32>,
    /// How many texts were sent so far.
    pub(crate) texts: u32,
    events: BTreeMap<(Millis, u64), Event>,
    count: u64,
    wires: BTreeMap<(usize, ConnectionId), Wire>,
}

impl<P: Program, S: Site> World<P, S> {
    pub(crate) fn new(clients: Vec<P>, site: S, chance: Chance, weather: Weather) -> Self {
        World {
            now: 0,
            clients,
            site,
            chance,
            weather,
            cut_at: None,
            texts: 0,
            events: BTreeMap::new(),
            count: 0,
            wires: BTreeMap::new(),
        }
    }

    /// Draws what the programs, the pages and the server do by themselves.
    pub(crate) fn plan(&mut self) {
        for client in 0..self.clients.len() {
            let mut asked = 0;
            while asked < REQUESTS {
                let at = self.chance.between(0, PROGRAM);
                // Programs make several requests in one breath.
                let breath = self.chance.between(1, 6).min(REQUESTS - asked);
                asked += breath;
                (0..breath).for_each(|_| self.at(at, Event::Ask(client)));
            }
            for _ in 0..self.chance.between(0, 4) {
                let at = self.chance.between(0, PROGRAM);
                self.at(at, Event::Wake(client));
            }
            if self.chance.per_mille(300) {
                let at = self.chance.between(0, PROGRAM);
                let back = at + self.chance.between(1, 40_000);
                self.at(at, Event::Suspend(client));
                self.at(back, Event::Wake(client));
            }
        }
        if self.chance.per_mille(400) {
            let at = self.chance.between(0, PROGRAM);
            let code = [1012, 4000, 4003, 4100][usize::try_from(self.chance.between(0, 4)).unwrap()];
            self.at(at, Event::Restart(code));
        }
    }

    /// A client's program does something at that time.
    pub(crate) fn ask_at(&mut self, at: Millis, client: usize) {
        self.at(at, Event::Ask(client));
    }

    fn at(&mut self, at: Millis, event: Event) {
        self.count += 1;
        self.events.insert((at, self.count), event);
    }

    /// Lets things happen, in order, until that time or until nothing more will.
    pub(crate) fn run(&mut self, end: Millis) {
        for _ in 0..STEPS {
            let next_event = self.events.first_key_value().map(|((at, _), _)| *at);
            let ticks = self.clients.iter().enumerate();
            let ticks = ticks.filter_map(|(number, client)| Some((client.engine().deadline()?, number)));
            let next_tick = ticks.min();
            let next = [next_event, next_tick.map(|(at, _)| at)].into_iter().flatten().min();
            if next.is_none_or(|next| next > end) {
                return;
            }
            match (next_event, next_tick) {
                (event, Some((tick, client))) if event.is_none_or(|at| tick < at) => {
                    self.pass(tick);
                    self.tell(client, Input::Tick);
                    let next = self.clients[client].engine().deadline();
                    assert!(next.is_none_or(|at| at > tick), "a tick that did nothing");
                }
                _ => {
                    let ((at, _), event) = self.events.pop_first().expect("there is one");
                    self.pass(at);
                    self.happen(event);
                }
            }
        }
        panic!("no end of it after {STEPS} steps");
    }

    fn pass(&mut self, to: Millis) {
        self.site.pass(to - self.now);
        self.now = to;
    }

    /// Puts on its way what the server says.
    pub(crate) fn listen(&mut self) {
        for (client, conn, said) in self.site.take_said() {
            let news = match said {
                Said::Text(text) => News::Text(text),
                Said::Closed(code) => News::Closed(code),
            };
            self.send_down(client, conn, news);
        }
    }

    fn happen(&mut self, event: Event) {
        match event {
            Event::Ask(client) => {
                self.clients[client].ask(self.now, &mut self.chance);
                self.serve(client);
            }
            Event::Wake(client) => self.tell(client, Input::Wake),
            Event::Suspend(client) => self.tell(client, Input::Suspend),
            Event::Up(client, conn, text) => {
                if self.wires[&(client, conn)].up.reaches(self.now) {
                    self.site.text(client, conn, &text);
                    self.listen();
                }
            }
            Event::Gone(client, conn) => {
                self.site.gone(client, conn);
                self.wires.get_mut(&(client, conn)).unwrap().up.end(self.now);
            }
            Event::Call(client, conn, text, lost) => {
                let body = self.site.call(&text);
                self.send_down(client, conn, if lost { News::NoAnswer } else { News::Answers(body) });
                self.listen();
            }
            Event::Down(client, conn, news) => {
                if matches!(news, News::Closed(_) | News::NoAnswer)
                    || self.wires[&(client, conn)].down.reaches(self.now)
                {
                    self.hear(client, conn, news);
                }
            }
            Event::Ping(client, conn) => {
                let wire = &self.wires[&(client, conn)];
                if wire.up.reaches(self.now) && wire.down.reaches(self.now) {
                    let ping = serde_json::to_string(&ServerFrame::<Value>::Ping).unwrap();
                    self.send_down(client, conn, News::Text(ping));
                    self.at(self.now + 25_000, Event::Ping(client, conn));
                }
            }
            Event::Restart(code) => self.restart(code),
        }
    }

    fn restart(&mut self, code: u16) {
        for (client, conn) in self.site.take_sessions() {
            if code == 4100 {
                let error = ErrorBody::new(ErrorCode::RateLimited, "too many frames").after(3_000);
                let text = serde_json::to_string(&ServerFrame::<Value>::Error { error }).unwrap();
                self.send_down(client, conn, News::Text(text));
            }
            self.wires.get_mut(&(client, conn)).unwrap().up.end(self.now);
            self.send_down(client, conn, News::Closed(code));
        }
    }

    fn hear(&mut self, client: usize, conn: ConnectionId, news: News) {
        let input = match news {
            News::Opened => {
                self.at(self.now + 25_000, Event::Ping(client, conn));
                Input::Opened(conn)
            }
            News::Text(text) => serde_json::from_str(&text)
                .map_or(Input::UnknownFrame(conn), |frame: ServerFrame<Value>| Input::Frame(conn, frame)),
            News::Closed(code) => Input::Closed(conn, code),
            News::Answers(text) => Input::PostCompleted(conn, serde_json::from_str(&text).unwrap()),
            News::NoAnswer => Input::PostFailed(conn, HttpFailure::Network),
        };
        self.tell(client, input);
    }

    fn tell(&mut self, client: usize, input: Input<Value>) {
        self.clients[client].input(self.now, input);
        self.serve(client);
    }

    /// Does what a client wants of the network.
    fn serve(&mut self, client: usize) {
        while let Some(want) = self.clients[client].want() {
            match want {
                Want::Open(conn) => self.open(client, conn),
                Want::Text(conn, text) => self.send_up(client, conn, text),
                Want::Close(conn) => {
                    let (now, weather, chance) = (self.now, &self.weather, &mut self.chance);
                    let wire = self.wires.get_mut(&(client, conn)).unwrap();
                    let at = wire.up.arrival(now, weather, chance);
                    self.at(at, Event::Gone(client, conn));
                }
                Want::Call(conn, text) => self.call(client, conn, text),
                Want::Abort(conn) => self.wires.get_mut(&(client, conn)).unwrap().down.end(self.now),
            }
        }
    }

    fn open(&mut self, client: usize, conn: ConnectionId) {
        let mut wire = Wire::default();
        let at = wire.down.arrival(self.now, &self.weather, &mut self.chance);
        self.wires.insert((client, conn), wire);
        if !self.chance.per_mille(self.weather.refusals) {
            self.at(at, Event::Down(client, conn, News::Opened));
        } else if self.chance.per_mille(700) {
            self.at(at, Event::Down(client, conn, News::Closed(1006)));
        } // else nothing is ever heard of it
    }

    fn send_up(&mut self, client: usize, conn: ConnectionId, text: String) {
        self.suffer(client, conn);
        let (now, weather, chance) = (self.now, &self.weather, &mut self.chance);
        let at = self.wires.get_mut(&(client, conn)).unwrap().up.arrival(now, weather, chance);
        self.at(at, Event::Up(client, conn, text));
    }

    fn send_down(&mut self, client: usize, conn: ConnectionId, news: News) {
        if matches!(news, News::Text(_)) {
            self.suffer(client, conn);
        }
        let (now, weather, chance) = (self.now, &self.weather, &mut self.chance);
        let at = self.wires.get_mut(&(client, conn)).unwrap().down.arrival(now, weather, chance);
        self.at(at, Event::Down(client, conn, news));
    }

    /// Something is sent: that is when a connection breaks.
    fn suffer(&mut self, client: usize, conn: ConnectionId) {
        self.texts += 1;
        let wire = self.wires.get_mut(&(client, conn)).unwrap();
        let fate = if self.cut_at == Some(self.texts) {
            Fate::Cut
        } else {
            Wire::fate(&self.weather, &mut self.chance)
        };
        match fate {
            Fate::Holds => {}
            Fate::Stall(time) => {
                wire.up.stall(self.now + time);
                wire.down.stall(self.now + time);
            }
            Fate::Cut => {
                wire.cut(self.now, &self.weather, &mut self.chance);
                let told = self.now + self.chance.between(1, 3_000);
                self.at(told, Event::Down(client, conn, News::Closed(1006)));
            }
            Fate::Silence { up, down } => {
                if up {
                    wire.up.end(self.now);
                }
                if down {
                    wire.down.end(self.now);
                }
            }
        }
    }

    fn call(&mut self, client: usize, conn: ConnectionId, text: String) {
        let mut wire = Wire::default();
        let at = wire.up.arrival(self.now, &self.weather, &mut self.chance);
        self.wires.insert((client, conn), wire);
        let lost = self.chance.per_mille(self.weather.lost_calls);
        match self.chance.between(0, 3) {
            // It never arrives,
            0 if lost => self.at(at, Event::Down(client, conn, News::NoAnswer)),
            // or is never answered and the client not told,
            1 if lost => {
                self.wires.get_mut(&(client, conn)).unwrap().down.end(self.now);
                self.at(at, Event::Call(client, conn, text, false));
            }
            // or is carried out and the answer lost.
            _ => self.at(at, Event::Call(client, conn, text, lost)),
        }
    }
}
