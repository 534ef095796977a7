//! A scenario of requests is played once without a disconnect, and then again with a disconnect at every
//! step, and at every two steps. Each request is settled once, and each write is executed once and in order.

use std::collections::VecDeque;

use causerie_client::{Config, ConnectionId, Engine, HttpFailure, Input, Millis, Output, Transport};
use causerie_protocol::http::BatchResults;
use causerie_protocol::{IdempotencyKey, Request, RequestId, ServerFrame};
use serde_json::Value;

use crate::support::{config, get_op, ok, set_op, welcome};

/// Something in transit. Each one is a step, and so a possible time of a disconnect.
enum InTransit {
    Opening(ConnectionId),
    Hello(ConnectionId),
    ToServer(ConnectionId, Request),
    ToClient(ConnectionId, Input<Value>),
    Post(ConnectionId, Vec<Request>),
}

impl InTransit {
    fn conn(&self) -> ConnectionId {
        match self {
            InTransit::Opening(conn)
            | InTransit::Hello(conn)
            | InTransit::ToServer(conn, _)
            | InTransit::ToClient(conn, _)
            | InTransit::Post(conn, _) => *conn,
        }
    }
}

struct Simulation {
    engine: Engine<Value>,
    now: Millis,
    in_transit: VecDeque<InTransit>,
    /// The steps at which the connection is lost.
    disconnects: Vec<usize>,
    /// The close code of each disconnect.
    code: u16,
    steps: usize,
    settled: Vec<RequestId>,
    /// The writes that the server executed, once for each key.
    writes: Vec<(RequestId, IdempotencyKey)>,
}

impl Simulation {
    fn run(transport: Transport, disconnects: Vec<usize>, code: u16) -> Simulation {
        let mut simulation = Simulation {
            engine: Engine::new(Config { transport, ..config() }),
            now: 0,
            in_transit: VecDeque::new(),
            disconnects,
            code,
            steps: 0,
            settled: Vec::new(),
            writes: Vec::new(),
        };
        for round in 0..3 {
            for op in [set_op("a"), get_op("ada"), set_op("b")] {
                simulation.engine.request(simulation.now, op).unwrap();
            }
            simulation.run_until_settled(3 * (round + 1));
            simulation.now += 1_000;
        }
        simulation
    }

    fn run_until_settled(&mut self, count: usize) {
        for _ in 0..1_000 {
            self.execute_outputs();
            if let Some(next) = self.in_transit.pop_front() {
                self.steps += 1;
                if self.disconnects.contains(&self.steps) {
                    self.disconnect(&next);
                } else {
                    self.deliver(next);
                }
            } else if self.settled.len() >= count {
                return;
            } else {
                self.now = self.engine.deadline().expect("pending requests have a deadline");
                self.engine.handle_input(self.now, Input::Tick);
            }
        }
        panic!("not settled after 1,000 steps");
    }

    fn execute_outputs(&mut self) {
        while let Some(output) = self.engine.poll() {
            match output {
                Output::Open(conn) => self.in_transit.push_back(InTransit::Opening(conn)),
                Output::Hello(conn, _) => self.in_transit.push_back(InTransit::Hello(conn)),
                Output::Request(conn, request) => {
                    self.in_transit.push_back(InTransit::ToServer(conn, request));
                }
                Output::Post(conn, _, requests) => self.in_transit.push_back(InTransit::Post(conn, requests)),
                Output::Settle(outcome) => {
                    assert_eq!(outcome.error, None, "no request should expire");
                    self.settled.push(outcome.id);
                }
                Output::Close(conn, _) | Output::AbortPost(conn) => {
                    self.in_transit.retain(|other| other.conn() != conn);
                }
                other => panic!("{other:?}"),
            }
        }
    }

    fn deliver(&mut self, next: InTransit) {
        let reply = match next {
            InTransit::Opening(conn) => return self.engine.handle_input(self.now, Input::Opened(conn)),
            InTransit::ToClient(_, input) => return self.engine.handle_input(self.now, input),
            InTransit::Hello(conn) => InTransit::ToClient(conn, Input::Frame(conn, welcome(None))),
            InTransit::ToServer(conn, request) => {
                let id = self.execute(request);
                InTransit::ToClient(conn, Input::Frame(conn, ServerFrame::Result(ok(id))))
            }
            InTransit::Post(conn, requests) => {
                let results = requests.into_iter().map(|request| ok(self.execute(request))).collect();
                let results = BatchResults { results, token_expires_in: None };
                InTransit::ToClient(conn, Input::PostCompleted(conn, results))
            }
        };
        self.in_transit.push_back(reply);
    }

    fn execute(&mut self, request: Request) -> RequestId {
        if let Some(key) = request.key {
            let write = (request.id, key);
            if !self.writes.contains(&write) {
                self.writes.push(write);
            }
        }
        request.id
    }

    /// Drops everything in transit and reports the lost connection to the engine.
    fn disconnect(&mut self, next: &InTransit) {
        let conn = next.conn();
        let input = match next {
            InTransit::Post(..) | InTransit::ToClient(_, Input::PostCompleted(..)) => {
                Input::PostFailed(conn, HttpFailure::Network)
            }
            _ => Input::Closed(conn, self.code),
        };
        self.in_transit.clear();
        self.engine.handle_input(self.now, input);
    }

    fn check(&self) {
        let context = (&self.disconnects, self.code);
        let mut settled = self.settled.clone();
        settled.sort_unstable();
        assert_eq!(settled, (1..=9).collect::<Vec<_>>(), "each request once {context:?}");
        let writes: Vec<RequestId> = self.writes.iter().map(|(id, _)| *id).collect();
        assert_eq!(writes, [1, 3, 4, 6, 7, 9], "each write once and in order {context:?}");
    }
}

#[test]
fn disconnect_at_any_step_settles_each_request_once_and_executes_each_write_once() {
    for transport in [Transport::Auto, Transport::Http] {
        let undisturbed = Simulation::run(transport, Vec::new(), 1006);
        undisturbed.check();
        for code in [1006, 4000] {
            for step in 1..=undisturbed.steps {
                Simulation::run(transport, vec![step], code).check();
            }
        }
    }
}

#[test]
fn two_disconnects_at_any_two_steps_settle_each_request_once_and_execute_each_write_once() {
    let steps = Simulation::run(Transport::Auto, Vec::new(), 1006).steps;
    for first in 1..=steps {
        for second in first + 1..=steps + 8 {
            Simulation::run(Transport::Auto, vec![first, second], 1006).check();
        }
    }
}
