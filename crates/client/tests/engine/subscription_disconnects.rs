//! A scenario with subscriptions is played once without a disconnect, and then again with a disconnect at
//! every step, and with the loss of each of the server's `events` frames. The driver's lists must end equal
//! to the server's, and no event may be applied twice, out of order, or over a gap.

use std::collections::{BTreeMap, VecDeque};

use causerie_client::{ConnectionId, Engine, HttpFailure, Input, Millis, Output};
use causerie_protocol::frames::{Entities, Subscribe};
use causerie_protocol::http::BatchResults;
use causerie_protocol::{Request, RequestId, ServerFrame, Topic};
use serde_json::{Value, json};

use crate::support::{config, conversations, messages, ok, set_op, welcome};

/// Something in transit. Each one is a step, and so a possible time of a disconnect.
#[derive(Debug)]
enum InTransit {
    Opening(ConnectionId),
    Hello(ConnectionId),
    Request(ConnectionId, Request),
    Subscribe(ConnectionId, Subscribe),
    Unsubscribe(ConnectionId, RequestId),
    Post(ConnectionId, Vec<Request>),
    ToClient(ConnectionId, Input<Value>),
}

/// A list as the driver holds it.
#[derive(Debug, Default)]
struct List {
    items: Vec<Value>,
    seq: Option<u64>,
    resets: u32,
}

/// A subscription on the server's side of the current connection.
struct ServerSubscription {
    topic: Topic,
    seq: usize,
}

#[derive(Default)]
struct Server {
    /// The entries that the writes appended, in order.
    log: Vec<Value>,
    executed: Vec<RequestId>,
    subscriptions: BTreeMap<RequestId, ServerSubscription>,
    /// The number of `events` frames that are sent before one is lost.
    lose_after: Option<usize>,
}

impl Server {
    fn execute(&mut self, request: &Request) {
        if request.key.is_some() && !self.executed.contains(&request.id) {
            self.executed.push(request.id);
            self.log.push(json!(request.id));
        }
    }

    fn subscribe(&mut self, subscribe: Subscribe) -> ServerFrame<Value> {
        let Subscribe { id, topic, from, .. } = subscribe;
        let numbered = matches!(topic, Topic::Messages { .. });
        let seq = self.log.len();
        let previous = self.subscriptions.insert(id, ServerSubscription { topic, seq });
        assert!(previous.is_none(), "id {id} is used twice on one connection");
        let known = from.map(|from| from.seq);
        match known {
            Some(since) => self.events(id, Some(since), Some(seq as u64), usize::try_from(since).unwrap()),
            None => ServerFrame::Reset {
                id,
                seq: numbered.then_some(seq as u64),
                value: Some(json!(self.log)),
                entities: Entities::none(),
            },
        }
    }

    fn events(
        &self,
        id: RequestId,
        since: Option<u64>,
        seq: Option<u64>,
        first: usize,
    ) -> ServerFrame<Value> {
        let changes = self.log[first..].to_vec();
        ServerFrame::Events { id, since, seq, changes, entities: Entities::none() }
    }

    /// Takes the `events` frames for everything that the subscriptions have not been sent yet.
    fn take_events(&mut self) -> Vec<ServerFrame<Value>> {
        let end = self.log.len();
        let mut frames = Vec::new();
        for (id, subscription) in &self.subscriptions {
            let first = subscription.seq;
            if first < end {
                let numbered = matches!(subscription.topic, Topic::Messages { .. });
                let number = |seq: usize| numbered.then_some(seq as u64);
                let frame = self.events(*id, number(first), number(end), first);
                // Without numbers a loss cannot be detected, so only numbered frames are lost.
                match self.lose_after.as_mut().filter(|_| numbered) {
                    Some(0) => self.lose_after = None,
                    Some(left) => {
                        *left -= 1;
                        frames.push(frame);
                    }
                    None => frames.push(frame),
                }
            }
        }
        self.subscriptions.values_mut().for_each(|subscription| subscription.seq = end);
        frames
    }
}

struct Simulation {
    engine: Engine<Value>,
    now: Millis,
    in_transit: VecDeque<InTransit>,
    disconnects: Vec<usize>,
    code: u16,
    steps: usize,
    settled: usize,
    server: Server,
    /// By the driver's ids.
    lists: BTreeMap<RequestId, List>,
}

impl Simulation {
    fn run(disconnects: Vec<usize>, code: u16, lose_after: Option<usize>) -> Simulation {
        let mut simulation = Simulation {
            engine: Engine::new(config()),
            now: 0,
            in_transit: VecDeque::new(),
            disconnects,
            code,
            steps: 0,
            settled: 0,
            server: Server { lose_after, ..Server::default() },
            lists: BTreeMap::new(),
        };
        simulation.scenario();
        simulation
    }

    fn scenario(&mut self) {
        let first = self.subscribe(messages("c"));
        self.write();
        let second = self.subscribe(conversations());
        self.write();
        self.run_until(2);
        self.now += 1_000;
        self.unsubscribe(first);
        let third = self.subscribe(messages("c"));
        self.write();
        self.write();
        self.run_until(4);
        self.engine.handle_input(self.now, Input::Wake);
        self.write();
        self.unsubscribe(second);
        self.run_until(5);
        self.now += 10_000;
        self.write();
        self.run_until(6);
        // The last event is not lost, because only a later event would reveal the loss.
        self.server.lose_after = None;
        self.write();
        self.run_until(7);
        assert_eq!(self.lists.keys().copied().collect::<Vec<_>>(), [third]);
    }

    fn subscribe(&mut self, topic: Topic) -> RequestId {
        let id = self.engine.subscribe(self.now, topic, None).unwrap();
        self.lists.insert(id, List::default());
        id
    }

    fn unsubscribe(&mut self, id: RequestId) {
        self.engine.unsubscribe(self.now, id);
        self.lists.remove(&id);
    }

    fn write(&mut self) {
        self.engine.request(self.now, set_op("a")).unwrap();
    }

    /// Runs until this many requests are settled and every list equals the server's.
    fn run_until(&mut self, settled: usize) {
        for _ in 0..1_000 {
            self.execute_outputs();
            if let Some(next) = self.in_transit.pop_front() {
                self.steps += 1;
                if self.disconnects.contains(&self.steps) {
                    self.disconnect(&next);
                } else {
                    self.deliver(next);
                }
            } else if self.settled >= settled && self.caught_up() {
                return;
            } else {
                self.now = self.engine.deadline().expect("the engine has a deadline");
                self.engine.handle_input(self.now, Input::Tick);
            }
        }
        panic!("not done after 1,000 steps: {:?} {:?}", self.lists, self.server.log);
    }

    /// Returns whether every list equals the server's, unless a loss has not been revealed by a later event
    /// yet.
    fn caught_up(&self) -> bool {
        let equal = |list: &List| list.resets > 0 && list.items == self.server.log;
        self.lists.values().all(equal)
            || (self.has_hidden_loss() && self.lists.values().all(|list| list.resets > 0))
    }

    /// Returns whether an event was lost and no other may have followed it.
    fn has_hidden_loss(&self) -> bool {
        self.server.lose_after.is_none() && self.settled < 7
    }

    fn execute_outputs(&mut self) {
        while let Some(output) = self.engine.poll() {
            match output {
                Output::Open(conn) => self.in_transit.push_back(InTransit::Opening(conn)),
                Output::Hello(conn, _) => self.in_transit.push_back(InTransit::Hello(conn)),
                Output::Request(conn, request) => {
                    self.in_transit.push_back(InTransit::Request(conn, request))
                }
                Output::Subscribe(conn, subscribe) => {
                    self.in_transit.push_back(InTransit::Subscribe(conn, subscribe))
                }
                Output::Unsubscribe(conn, id) => self.in_transit.push_back(InTransit::Unsubscribe(conn, id)),
                Output::Post(conn, _, requests) => self.in_transit.push_back(InTransit::Post(conn, requests)),
                Output::Ping(conn) => {
                    self.in_transit
                        .push_back(InTransit::ToClient(conn, Input::Frame(conn, ServerFrame::Pong)));
                }
                Output::Settle(outcome) => {
                    assert_eq!(outcome.error, None, "no request should expire");
                    self.settled += 1;
                }
                Output::Close(..) | Output::AbortPost(_) => self.drop_connection(),
                Output::Deliver(frame) => self.apply(frame),
                other => panic!("{other:?}"),
            }
        }
    }

    /// Applies a delivered frame to its list, as a driver does. The frame must fit the list.
    fn apply(&mut self, frame: ServerFrame<Value>) {
        match frame {
            ServerFrame::Reset { id, seq, value, .. } => {
                let list = self.lists.get_mut(&id).expect("no frame is delivered after unsubscribe");
                list.items = value.unwrap().as_array().unwrap().clone();
                list.seq = seq;
                list.resets += 1;
            }
            ServerFrame::Events { id, since, seq, changes, .. } => {
                let list = self.lists.get_mut(&id).expect("no frame is delivered after unsubscribe");
                assert!(list.resets > 0, "events before the reset");
                assert_eq!(list.seq, since, "a gap");
                list.items.extend(changes);
                list.seq = seq;
            }
            other => panic!("{other:?}"),
        }
    }

    fn deliver(&mut self, next: InTransit) {
        let reply = |conn: ConnectionId, frame| InTransit::ToClient(conn, Input::Frame(conn, frame));
        match next {
            InTransit::Opening(conn) => self.engine.handle_input(self.now, Input::Opened(conn)),
            InTransit::ToClient(_, input) => self.engine.handle_input(self.now, input),
            InTransit::Hello(conn) => self.in_transit.push_back(reply(conn, welcome(None))),
            InTransit::Subscribe(conn, subscribe) => {
                let frame = self.server.subscribe(subscribe);
                self.in_transit.push_back(reply(conn, frame));
            }
            InTransit::Unsubscribe(_, id) => {
                assert!(self.server.subscriptions.remove(&id).is_some(), "subscription {id} is unknown");
            }
            InTransit::Request(conn, request) => {
                self.server.execute(&request);
                // The result comes before the events or after them.
                let mut frames = self.server.take_events();
                let result = ServerFrame::Result(ok(request.id));
                frames.insert(if request.id % 2 == 0 { 0 } else { frames.len() }, result);
                self.in_transit.extend(frames.into_iter().map(|frame| reply(conn, frame)));
            }
            InTransit::Post(conn, requests) => {
                requests.iter().for_each(|request| self.server.execute(request));
                let results = requests.iter().map(|request| ok(request.id)).collect();
                let input = Input::PostCompleted(conn, BatchResults { results, token_expires_in: None });
                self.in_transit.push_back(InTransit::ToClient(conn, input));
            }
        }
    }

    /// Drops everything in transit and reports the lost connection to the engine.
    fn disconnect(&mut self, next: &InTransit) {
        let input = match next {
            InTransit::Post(conn, _) | InTransit::ToClient(conn, Input::PostCompleted(..)) => {
                Input::PostFailed(*conn, HttpFailure::Network)
            }
            InTransit::Opening(conn)
            | InTransit::Hello(conn)
            | InTransit::Request(conn, _)
            | InTransit::Subscribe(conn, _)
            | InTransit::Unsubscribe(conn, _)
            | InTransit::ToClient(conn, _) => Input::Closed(*conn, self.code),
        };
        self.drop_connection();
        self.engine.handle_input(self.now, input);
    }

    fn drop_connection(&mut self) {
        self.in_transit.clear();
        self.server.subscriptions.clear();
    }

    fn check(&self) {
        let context = (&self.disconnects, self.code);
        assert_eq!(self.server.log.len(), 7, "each write once {context:?}");
        assert!(self.server.log.is_sorted_by_key(Value::as_u64), "writes in order {context:?}");
        for list in self.lists.values() {
            assert_eq!(list.items, self.server.log, "{context:?}");
        }
    }
}

#[test]
fn disconnect_at_any_step_leaves_every_list_equal_to_the_servers() {
    let undisturbed = Simulation::run(Vec::new(), 1006, None);
    undisturbed.check();
    assert!(
        undisturbed.lists.values().all(|list| list.resets == 1),
        "one reset a list is enough without a disconnect"
    );
    for code in [1006, 4000] {
        for step in 1..=undisturbed.steps {
            Simulation::run(vec![step], code, None).check();
        }
    }
}

#[test]
fn two_disconnects_at_any_two_steps_leave_every_list_equal_to_the_servers() {
    let steps = Simulation::run(Vec::new(), 1006, None).steps;
    for first in 1..=steps {
        for second in first + 1..=steps + 12 {
            Simulation::run(vec![first, second], 1006, None).check();
        }
    }
}

#[test]
fn lost_events_are_detected_by_the_next_ones_and_repaired_by_a_reset() {
    let mut resets = 0;
    for lose_after in 0..7 {
        let simulation = Simulation::run(Vec::new(), 1006, Some(lose_after));
        simulation.check();
        resets += simulation.lists.values().map(|list| list.resets).sum::<u32>();
    }
    assert!(resets > 7, "no gap was detected");
}

#[test]
fn disconnect_after_the_reset_of_a_numbered_list_needs_no_second_reset() {
    let undisturbed = Simulation::run(Vec::new(), 1006, None);
    // The remaining list is numbered, and its reset was delivered before the last steps.
    for step in undisturbed.steps - 4..=undisturbed.steps {
        let simulation = Simulation::run(vec![step], 1006, None);
        assert!(simulation.lists.values().all(|list| list.resets == 1), "{:?}", simulation.lists);
    }
}
