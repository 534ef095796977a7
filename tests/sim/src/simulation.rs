//! One run: its clock, and its events in order.

use std::collections::BTreeMap;

use causerie_client::{ConnectionId, HttpFailure, Input, Millis};
use causerie_protocol::{ErrorBody, ErrorCode, ServerFrame};
use serde_json::Value;

use crate::endpoints::{NetworkCommand, ServerMessage, SimulatedClient, SimulatedServer};
use crate::network::{Fault, Link, NetworkConditions};
use crate::rng::Rng;

/// The server's ping as a text.
const PING: &str = r#"{"t":"ping"}"#;
/// A number of steps that no run reaches.
const MAX_STEPS: u32 = 200_000;

enum Event {
    Act(usize),
    Wake(usize),
    Suspend(usize),
    Flush(usize),
    /// A text arrives at the server.
    Up(usize, ConnectionId, String),
    /// The close of a socket arrives at the server.
    ClosedByClient(usize, ConnectionId),
    /// A call of the HTTP fallback arrives at the server.
    Post {
        client: usize,
        conn: ConnectionId,
        text: String,
        response_lost: bool,
    },
    /// Something arrives at a client.
    Down(usize, ConnectionId, Arrival),
    /// The server sends a ping.
    Ping(usize, ConnectionId),
    /// The server closes all its sockets with this code.
    Restart(u16),
}

impl Event {
    /// Whether this is the arrival of something.
    fn is_transit(&self) -> bool {
        matches!(self, Event::Up(..) | Event::ClosedByClient(..) | Event::Post { .. } | Event::Down(..))
    }
}

/// Something that arrives at a client.
enum Arrival {
    Opened,
    Text(String),
    Closed(u16),
    Response(String),
    NoResponse,
}

pub(crate) struct Simulation<C, S> {
    pub(crate) now: Millis,
    pub(crate) clients: Vec<C>,
    pub(crate) server: S,
    pub(crate) rng: Rng,
    pub(crate) conditions: NetworkConditions,
    /// The number of the text at which its connection breaks, in addition to the faults of the network.
    pub(crate) disconnect_at: Option<u32>,
    /// The number of texts sent so far.
    pub(crate) texts: u32,
    events: BTreeMap<(Millis, u64), Event>,
    event_count: u64,
    links: BTreeMap<(usize, ConnectionId), Link>,
    /// The texts that were sent, each with its time, if they are recorded.
    recorded: Option<Vec<(Millis, String)>>,
}

impl<C: SimulatedClient, S: SimulatedServer> Simulation<C, S> {
    pub(crate) fn new(clients: Vec<C>, server: S, rng: Rng, conditions: NetworkConditions) -> Self {
        Simulation {
            now: 0,
            clients,
            server,
            rng,
            conditions,
            disconnect_at: None,
            texts: 0,
            events: BTreeMap::new(),
            event_count: 0,
            links: BTreeMap::new(),
            recorded: None,
        }
    }

    /// Draws the events that programs, pages and the server cause by themselves in the next time, with this
    /// number of actions of each client.
    pub(crate) fn draw_events(&mut self, time: Millis, actions: u64) {
        let (start, end) = (self.now, self.now + time);
        for client in 0..self.clients.len() {
            let mut drawn = 0;
            while drawn < actions {
                let at = self.rng.between(start, end);
                // Programs often do several things at the same time.
                let burst = self.rng.between(1, 6).min(actions - drawn);
                drawn += burst;
                (0..burst).for_each(|_| self.schedule(at, Event::Act(client)));
            }
            for _ in 0..self.rng.between(0, 4) {
                let at = self.rng.between(start, end);
                self.schedule(at, Event::Wake(client));
            }
            if self.rng.per_mille(300) {
                let at = self.rng.between(start, end);
                let back = at + self.rng.between(1, 40_000);
                self.schedule(at, Event::Suspend(client));
                self.schedule(back, Event::Wake(client));
            }
        }
        if self.rng.per_mille(400) {
            let at = self.rng.between(start, end);
            let code = [1012, 4000, 4003, 4100][usize::try_from(self.rng.between(0, 4)).unwrap()];
            self.schedule(at, Event::Restart(code));
        }
    }

    /// Records all texts from here on.
    pub(crate) fn record_texts(&mut self) {
        self.recorded = Some(Vec::new());
    }

    pub(crate) fn take_recorded_texts(&mut self) -> Vec<(Millis, String)> {
        self.recorded.take().unwrap_or_default()
    }

    fn record(&mut self, text: &str) {
        if let Some(recorded) = &mut self.recorded {
            recorded.push((self.now, text.to_owned()));
        }
    }

    /// Schedules an action of a client's program.
    pub(crate) fn schedule_action(&mut self, at: Millis, client: usize) {
        self.schedule(at, Event::Act(client));
    }

    /// Wakes all clients and ends the faults of the network from here on.
    pub(crate) fn calm(&mut self, conditions: NetworkConditions) {
        self.conditions = conditions;
        self.disconnect_at = None;
        (0..self.clients.len()).for_each(|client| self.schedule(self.now, Event::Wake(client)));
    }

    fn schedule(&mut self, at: Millis, event: Event) {
        self.event_count += 1;
        self.events.insert((at, self.event_count), event);
    }

    /// Processes events and ticks in order, up to that time or until there are no more.
    pub(crate) fn run(&mut self, end: Millis) {
        for _ in 0..MAX_STEPS {
            let next_event = self.events.first_key_value().map(|((at, _), _)| *at);
            let ticks = self.clients.iter().enumerate();
            let ticks = ticks.filter_map(|(number, client)| Some((client.deadline()?, number)));
            let next_tick = ticks.min();
            let next = [next_event, next_tick.map(|(at, _)| at)].into_iter().flatten().min();
            if let Some(step) = self.server.longest_step()
                && let at = self.now + step
                && at <= end
                && next.is_none_or(|next| next > at)
            {
                self.advance_clock(at);
                continue;
            }
            if next.is_none_or(|next| next > end) {
                return;
            }
            match (next_event, next_tick) {
                (event, Some((tick, client))) if event.is_none_or(|at| tick < at) => {
                    self.advance_clock(tick);
                    self.input(client, Input::Tick);
                    let next = self.clients[client].deadline();
                    if next.is_some_and(|at| at <= tick) {
                        self.clients[client].report_idle_tick();
                    }
                }
                _ => {
                    let ((at, _), event) = self.events.pop_first().expect("there is a next event");
                    self.advance_clock(at);
                    self.process(event);
                }
            }
        }
        panic!("not finished after {MAX_STEPS} steps");
    }

    /// Runs up to that time, and then until no text is on its way. The server can send something of its own
    /// accord at any time, such as the end of a user's presence.
    pub(crate) fn run_until_delivered(&mut self, end: Millis) {
        self.run(end);
        while let Some((at, _)) = self.events.iter().find(|(_, event)| event.is_transit()).map(|(at, _)| *at)
        {
            self.run(at);
        }
    }

    fn advance_clock(&mut self, to: Millis) {
        self.server.advance_clock(to - self.now);
        self.now = to;
        self.send_server_messages();
    }

    /// Sends the server's messages on their way to the clients.
    pub(crate) fn send_server_messages(&mut self) {
        for (client, conn, message) in self.server.take_messages() {
            // A server whose WebSocket pings are not answered sends no further frames of its own accord.
            if matches!(&message, ServerMessage::Text(text) if text == PING)
                && !self.links[&(client, conn)].up.delivers(self.now)
            {
                continue;
            }
            let arrival = match message {
                ServerMessage::Text(text) => Arrival::Text(text),
                ServerMessage::Closed(code) => Arrival::Closed(code),
            };
            self.send_down(client, conn, arrival);
        }
    }

    fn process(&mut self, event: Event) {
        match event {
            Event::Act(client) => {
                self.clients[client].act(self.now, &mut self.rng);
                self.execute_commands(client);
            }
            Event::Wake(client) => self.input(client, Input::Wake),
            Event::Suspend(client) => self.input(client, Input::Suspend),
            Event::Flush(client) => {
                self.clients[client].flush(self.now);
                self.execute_commands(client);
            }
            Event::Up(client, conn, text) => {
                if self.links[&(client, conn)].up.delivers(self.now) {
                    self.server.on_text(client, conn, &text);
                    self.send_server_messages();
                }
            }
            Event::ClosedByClient(client, conn) => {
                self.server.on_closed(client, conn);
                let now = self.now;
                self.link(client, conn).up.end(now);
            }
            Event::Post { client, conn, text, response_lost } => {
                let body = self.server.on_post(&text);
                let arrival = if response_lost { Arrival::NoResponse } else { Arrival::Response(body) };
                self.send_down(client, conn, arrival);
                self.send_server_messages();
            }
            Event::Down(client, conn, arrival) => {
                if matches!(arrival, Arrival::Closed(_) | Arrival::NoResponse)
                    || self.links[&(client, conn)].down.delivers(self.now)
                {
                    self.deliver(client, conn, arrival);
                }
            }
            Event::Ping(client, conn) => {
                let link = &self.links[&(client, conn)];
                if link.up.delivers(self.now) && link.down.delivers(self.now) {
                    let ping = serde_json::to_string(&ServerFrame::<Value>::Ping).unwrap();
                    self.send_down(client, conn, Arrival::Text(ping));
                    self.schedule(self.now + 25_000, Event::Ping(client, conn));
                }
            }
            Event::Restart(code) => self.restart(code),
        }
    }

    fn restart(&mut self, code: u16) {
        for (client, conn) in self.server.take_sockets() {
            if code == 4100 {
                let error = ErrorBody::new(ErrorCode::RateLimited, "too many frames").after(3_000);
                let text = serde_json::to_string(&ServerFrame::<Value>::Error { error }).unwrap();
                self.send_down(client, conn, Arrival::Text(text));
            }
            let now = self.now;
            self.link(client, conn).up.end(now);
            self.send_down(client, conn, Arrival::Closed(code));
        }
    }

    fn deliver(&mut self, client: usize, conn: ConnectionId, arrival: Arrival) {
        let input = match arrival {
            Arrival::Opened => {
                if !S::PINGS {
                    self.schedule(self.now + 25_000, Event::Ping(client, conn));
                }
                Input::Opened(conn)
            }
            Arrival::Text(text) => serde_json::from_str(&text)
                .map_or(Input::UnknownFrame(conn), |frame: ServerFrame<Value>| Input::Frame(conn, frame)),
            Arrival::Closed(code) => Input::Closed(conn, code),
            Arrival::Response(text) => Input::PostCompleted(conn, serde_json::from_str(&text).unwrap()),
            Arrival::NoResponse => Input::PostFailed(conn, HttpFailure::Network),
        };
        self.input(client, input);
    }

    fn input(&mut self, client: usize, input: Input<Value>) {
        self.clients[client].input(self.now, input);
        self.execute_commands(client);
    }

    /// Executes what a client wants from the network.
    pub(crate) fn execute_commands(&mut self, client: usize) {
        while let Some(command) = self.clients[client].poll_network() {
            match command {
                NetworkCommand::Open(conn) => self.open(client, conn),
                NetworkCommand::Flush => self.schedule(self.now, Event::Flush(client)),
                NetworkCommand::Send(conn, text) => {
                    self.record(&text);
                    self.apply_fault(client, conn);
                    let at = self.arrival_up(client, conn);
                    self.schedule(at, Event::Up(client, conn, text));
                }
                NetworkCommand::Close(conn) => {
                    let at = self.arrival_up(client, conn);
                    self.schedule(at, Event::ClosedByClient(client, conn));
                }
                NetworkCommand::Post(conn, text) => self.post(client, conn, text),
                NetworkCommand::AbortPost(conn) => {
                    let now = self.now;
                    self.link(client, conn).down.end(now);
                }
            }
        }
    }

    fn link(&mut self, client: usize, conn: ConnectionId) -> &mut Link {
        self.links.get_mut(&(client, conn)).expect("the connection was opened")
    }

    fn arrival_up(&mut self, client: usize, conn: ConnectionId) -> Millis {
        let link = self.links.get_mut(&(client, conn)).expect("the connection was opened");
        link.up.arrival(self.now, &self.conditions, &mut self.rng)
    }

    fn open(&mut self, client: usize, conn: ConnectionId) {
        let mut link = Link::default();
        let at = link.down.arrival(self.now, &self.conditions, &mut self.rng);
        self.links.insert((client, conn), link);
        if !self.rng.per_mille(self.conditions.failed_opens) {
            self.schedule(at, Event::Down(client, conn, Arrival::Opened));
        } else if self.rng.per_mille(700) {
            self.schedule(at, Event::Down(client, conn, Arrival::Closed(1006)));
        } // else the attempt stays without any result
    }

    fn send_down(&mut self, client: usize, conn: ConnectionId, arrival: Arrival) {
        if let Arrival::Text(text) = &arrival {
            self.record(text);
            self.apply_fault(client, conn);
        }
        let link = self.links.get_mut(&(client, conn)).expect("the connection was opened");
        let at = link.down.arrival(self.now, &self.conditions, &mut self.rng);
        self.schedule(at, Event::Down(client, conn, arrival));
    }

    /// Counts a text that is sent, and applies the fault that it meets to its connection.
    fn apply_fault(&mut self, client: usize, conn: ConnectionId) {
        self.texts += 1;
        let link = self.links.get_mut(&(client, conn)).expect("the connection was opened");
        let fault = if self.disconnect_at == Some(self.texts) {
            Fault::Disconnect
        } else {
            self.conditions.draw_fault(&mut self.rng)
        };
        match fault {
            Fault::None => {}
            Fault::Stall(time) => {
                link.up.stall(self.now + time);
                link.down.stall(self.now + time);
            }
            Fault::Disconnect => {
                link.disconnect(self.now, &self.conditions, &mut self.rng);
                let notified_at = self.now + self.rng.between(1, 3_000);
                self.schedule(notified_at, Event::Down(client, conn, Arrival::Closed(1006)));
            }
            Fault::Silence { up, down } => {
                if up {
                    link.up.end(self.now);
                }
                if down {
                    link.down.end(self.now);
                }
            }
        }
    }

    fn post(&mut self, client: usize, conn: ConnectionId, text: String) {
        let mut link = Link::default();
        let at = link.up.arrival(self.now, &self.conditions, &mut self.rng);
        self.links.insert((client, conn), link);
        let lost = self.rng.per_mille(self.conditions.lost_posts);
        match self.rng.between(0, 3) {
            // The call never arrives, and the client is notified.
            0 if lost => self.schedule(at, Event::Down(client, conn, Arrival::NoResponse)),
            // The response is lost, and the client is not notified.
            1 if lost => {
                let now = self.now;
                self.link(client, conn).down.end(now);
                self.schedule(at, Event::Post { client, conn, text, response_lost: false });
            }
            // The call arrives. If the response is lost, the client is notified.
            _ => self.schedule(at, Event::Post { client, conn, text, response_lost: lost }),
        }
    }
}
