//! A scenario is recorded once without trouble, and then played again with the connection cut at every point of it.

use std::collections::VecDeque;

use causerie_client::{Config, ConnectionId, Engine, HttpFailure, Input, Millis, Output, Transport};
use causerie_protocol::http::Answers;
use causerie_protocol::{IdempotencyKey, Request, RequestId, ServerFrame};
use serde_json::Value;

use crate::support::{config, get_op, ok, set_op, welcome};

/// Something on its way. Each takes its turn, which is where a cut can fall.
enum Way {
    Opening(ConnectionId),
    Hello(ConnectionId),
    ToServer(ConnectionId, Request),
    ToClient(ConnectionId, Input<Value>),
    Call(ConnectionId, Vec<Request>),
}

impl Way {
    fn conn(&self) -> ConnectionId {
        match self {
            Way::Opening(conn)
            | Way::Hello(conn)
            | Way::ToServer(conn, _)
            | Way::ToClient(conn, _)
            | Way::Call(conn, _) => *conn,
        }
    }
}

struct World {
    engine: Engine<Value>,
    now: Millis,
    wire: VecDeque<Way>,
    /// At which turns the connection is cut.
    cuts: Vec<usize>,
    /// By which code.
    code: u16,
    turns: usize,
    settled: Vec<RequestId>,
    /// What the server carried out, once for each key.
    writes: Vec<(RequestId, IdempotencyKey)>,
}

impl World {
    fn play(transport: Transport, cuts: Vec<usize>, code: u16) -> World {
        let mut world = World {
            engine: Engine::new(Config { transport, ..config() }),
            now: 0,
            wire: VecDeque::new(),
            cuts,
            code,
            turns: 0,
            settled: Vec::new(),
            writes: Vec::new(),
        };
        for round in 0..3 {
            for op in [set_op("a"), get_op("ada"), set_op("b")] {
                world.engine.request(world.now, op).unwrap();
            }
            world.run(3 * (round + 1));
            world.now += 1_000;
        }
        world
    }

    /// Plays until so many requests are settled.
    fn run(&mut self, settled: usize) {
        for _ in 0..1_000 {
            self.take_outputs();
            if let Some(way) = self.wire.pop_front() {
                self.turns += 1;
                if self.cuts.contains(&self.turns) {
                    self.cut(&way);
                } else {
                    self.deliver(way);
                }
            } else if self.settled.len() >= settled {
                return;
            } else {
                self.now = self.engine.deadline().expect("unsettled requests have a deadline");
                self.engine.handle_input(self.now, Input::Tick);
            }
        }
        panic!("no end of it");
    }

    fn take_outputs(&mut self) {
        while let Some(output) = self.engine.poll() {
            match output {
                Output::Open(conn) => self.wire.push_back(Way::Opening(conn)),
                Output::Hello(conn, _) => self.wire.push_back(Way::Hello(conn)),
                Output::Request(conn, request) => self.wire.push_back(Way::ToServer(conn, request)),
                Output::Post(conn, _, requests) => self.wire.push_back(Way::Call(conn, requests)),
                Output::Settle(outcome) => {
                    assert_eq!(outcome.error, None, "there is time enough for all of them");
                    self.settled.push(outcome.id);
                }
                Output::Close(conn, _) | Output::AbortPost(conn) => {
                    self.wire.retain(|way| way.conn() != conn)
                }
                other => panic!("{other:?}"),
            }
        }
    }

    fn deliver(&mut self, way: Way) {
        let answer = match way {
            Way::Opening(conn) => return self.engine.handle_input(self.now, Input::Opened(conn)),
            Way::ToClient(_, input) => return self.engine.handle_input(self.now, input),
            Way::Hello(conn) => Way::ToClient(conn, Input::Frame(conn, welcome(None))),
            Way::ToServer(conn, request) => {
                let id = self.carry_out(request);
                Way::ToClient(conn, Input::Frame(conn, ServerFrame::Result(ok(id))))
            }
            Way::Call(conn, requests) => {
                let results = requests.into_iter().map(|request| ok(self.carry_out(request))).collect();
                Way::ToClient(conn, Input::PostCompleted(conn, Answers { results, token_expires_in: None }))
            }
        };
        self.wire.push_back(answer);
    }

    fn carry_out(&mut self, request: Request) -> RequestId {
        if let Some(key) = request.key {
            let write = (request.id, key);
            if !self.writes.contains(&write) {
                self.writes.push(write);
            }
        }
        request.id
    }

    /// What is on its way is lost, and the client is told.
    fn cut(&mut self, way: &Way) {
        let conn = way.conn();
        let news = match way {
            Way::Call(..) | Way::ToClient(_, Input::PostCompleted(..)) => {
                Input::PostFailed(conn, HttpFailure::Network)
            }
            _ => Input::Closed(conn, self.code),
        };
        self.wire.clear();
        self.engine.handle_input(self.now, news);
    }

    fn check(&self) {
        let mut settled = self.settled.clone();
        settled.sort_unstable();
        assert_eq!(
            settled,
            (1..=9).collect::<Vec<_>>(),
            "each once (cuts {:?}, code {})",
            self.cuts,
            self.code
        );
        let writes: Vec<RequestId> = self.writes.iter().map(|(id, _)| *id).collect();
        assert_eq!(writes, [1, 3, 4, 6, 7, 9], "in order, once for each key (cuts {:?})", self.cuts);
    }
}

#[test]
fn a_cut_at_any_point_settles_each_request_once_and_writes_each_once() {
    for transport in [Transport::Auto, Transport::Http] {
        let whole = World::play(transport, Vec::new(), 1006);
        whole.check();
        for code in [1006, 4000] {
            for cut in 1..=whole.turns {
                World::play(transport, vec![cut], code).check();
            }
        }
    }
}

#[test]
fn two_cuts_at_any_two_points_do_no_more_harm_than_one() {
    let turns = World::play(Transport::Auto, Vec::new(), 1006).turns;
    for first in 1..=turns {
        for second in first + 1..=turns + 8 {
            World::play(Transport::Auto, vec![first, second], 1006).check();
        }
    }
}
