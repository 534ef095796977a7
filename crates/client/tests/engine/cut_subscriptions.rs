//! A scenario with subscriptions is recorded once without trouble, and then played again with the connection cut at
//! every point of it, and with every one of the server's events lost on the way. Whatever happens, the driver's lists
//! end as the server's are, and no event is applied twice, out of order, or over a hole.

use std::collections::{BTreeMap, VecDeque};

use causerie_client::{ConnectionId, Engine, HttpFailure, Input, Millis, Output};
use causerie_protocol::frames::{Entities, Subscribe};
use causerie_protocol::http::Answers;
use causerie_protocol::{Request, RequestId, ServerFrame, Topic};
use serde_json::{Value, json};

use crate::support::{config, conversations, messages, ok, set_op, welcome};

/// Something on its way. Each takes its turn, which is where a cut can fall.
#[derive(Debug)]
enum Way {
    Opening(ConnectionId),
    Hello(ConnectionId),
    Request(ConnectionId, Request),
    Subscribe(ConnectionId, Subscribe),
    Unsubscribe(ConnectionId, RequestId),
    Call(ConnectionId, Vec<Request>),
    ToClient(ConnectionId, Input<Value>),
}

/// A list as the driver has it.
#[derive(Debug, Default)]
struct List {
    items: Vec<Value>,
    seq: Option<u64>,
    resets: u32,
}

/// One subscription as the server has it, on one connection.
struct Served {
    topic: Topic,
    seq: usize,
}

#[derive(Default)]
struct Server {
    /// What happened, in order: the entry that each write made.
    log: Vec<Value>,
    done: Vec<RequestId>,
    served: BTreeMap<RequestId, Served>,
    /// So many `events` frames are still sent before one is lost.
    lose: Option<usize>,
}

impl Server {
    fn carry_out(&mut self, request: &Request) {
        if request.key.is_some() && !self.done.contains(&request.id) {
            self.done.push(request.id);
            self.log.push(json!(request.id));
        }
    }

    fn subscribe(&mut self, subscribe: Subscribe) -> ServerFrame<Value> {
        let Subscribe { id, topic, from, .. } = subscribe;
        let numbered = matches!(topic, Topic::Messages { .. });
        let seq = self.log.len();
        let was = self.served.insert(id, Served { topic, seq });
        assert!(was.is_none(), "{id} means two things on one connection");
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

    /// What is to be told to subscribers after something happened.
    fn news(&mut self) -> Vec<ServerFrame<Value>> {
        let end = self.log.len();
        let mut news = Vec::new();
        for (id, served) in &self.served {
            let first = served.seq;
            if first < end {
                let numbered = matches!(served.topic, Topic::Messages { .. });
                let number = |seq: usize| numbered.then_some(seq as u64);
                let frame = self.events(*id, number(first), number(end), first);
                // Without numbers a loss could not be seen: there the transport is trusted.
                match self.lose.as_mut().filter(|_| numbered) {
                    Some(0) => self.lose = None,
                    Some(left) => {
                        *left -= 1;
                        news.push(frame);
                    }
                    None => news.push(frame),
                }
            }
        }
        self.served.values_mut().for_each(|served| served.seq = end);
        news
    }
}

struct World {
    engine: Engine<Value>,
    now: Millis,
    wire: VecDeque<Way>,
    cuts: Vec<usize>,
    code: u16,
    turns: usize,
    settled: usize,
    server: Server,
    /// By the driver's ids.
    lists: BTreeMap<RequestId, List>,
}

impl World {
    fn play(cuts: Vec<usize>, code: u16, lose: Option<usize>) -> World {
        let mut world = World {
            engine: Engine::new(config()),
            now: 0,
            wire: VecDeque::new(),
            cuts,
            code,
            turns: 0,
            settled: 0,
            server: Server { lose, ..Server::default() },
            lists: BTreeMap::new(),
        };
        world.scenario();
        world
    }

    fn scenario(&mut self) {
        let first = self.follow(messages("c"));
        self.write();
        let second = self.follow(conversations());
        self.write();
        self.run(2);
        self.now += 1_000;
        self.unfollow(first);
        let third = self.follow(messages("c"));
        self.write();
        self.write();
        self.run(4);
        self.engine.handle_input(self.now, Input::Wake);
        self.write();
        self.unfollow(second);
        self.run(5);
        self.now += 10_000;
        self.write();
        self.run(6);
        // The last event is not lost: nothing after it could show that it was.
        self.server.lose = None;
        self.write();
        self.run(7);
        assert_eq!(self.lists.keys().copied().collect::<Vec<_>>(), [third]);
    }

    fn follow(&mut self, topic: Topic) -> RequestId {
        let id = self.engine.subscribe(self.now, topic, None).unwrap();
        self.lists.insert(id, List::default());
        id
    }

    fn unfollow(&mut self, id: RequestId) {
        self.engine.unsubscribe(self.now, id);
        self.lists.remove(&id);
    }

    fn write(&mut self) {
        self.engine.request(self.now, set_op("a")).unwrap();
    }

    /// Plays until so many requests are settled and every list is as the server's.
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
            } else if self.settled >= settled && self.caught_up() {
                return;
            } else {
                self.now = self.engine.deadline().expect("there is something to wait for");
                self.engine.handle_input(self.now, Input::Tick);
            }
        }
        panic!("no end of it: {:?} {:?}", self.lists, self.server.log);
    }

    /// A lost event is seen by the next one only.
    fn caught_up(&self) -> bool {
        let like = |list: &List| list.resets > 0 && list.items == self.server.log;
        self.lists.values().all(like) || (self.lost() && self.lists.values().all(|list| list.resets > 0))
    }

    /// Whether an event was lost and no other came after it.
    fn lost(&self) -> bool {
        self.server.lose.is_none() && self.settled < 7
    }

    fn take_outputs(&mut self) {
        while let Some(output) = self.engine.poll() {
            match output {
                Output::Open(conn) => self.wire.push_back(Way::Opening(conn)),
                Output::Hello(conn, _) => self.wire.push_back(Way::Hello(conn)),
                Output::Request(conn, request) => self.wire.push_back(Way::Request(conn, request)),
                Output::Subscribe(conn, subscribe) => self.wire.push_back(Way::Subscribe(conn, subscribe)),
                Output::Unsubscribe(conn, id) => self.wire.push_back(Way::Unsubscribe(conn, id)),
                Output::Post(conn, _, requests) => self.wire.push_back(Way::Call(conn, requests)),
                Output::Ping(conn) => {
                    self.wire.push_back(Way::ToClient(conn, Input::Frame(conn, ServerFrame::Pong)));
                }
                Output::Settle(outcome) => {
                    assert_eq!(outcome.error, None, "there is time enough for all of them");
                    self.settled += 1;
                }
                Output::Close(..) | Output::AbortPost(_) => self.gone(),
                Output::Deliver(frame) => self.apply(frame),
                other => panic!("{other:?}"),
            }
        }
    }

    /// Keeps a list as a driver does: what it is given must fit what it has.
    fn apply(&mut self, frame: ServerFrame<Value>) {
        match frame {
            ServerFrame::Reset { id, seq, value, .. } => {
                let list = self.lists.get_mut(&id).expect("nothing comes for what was given up");
                list.items = value.unwrap().as_array().unwrap().clone();
                list.seq = seq;
                list.resets += 1;
            }
            ServerFrame::Events { id, since, seq, changes, .. } => {
                let list = self.lists.get_mut(&id).expect("nothing comes for what was given up");
                assert!(list.resets > 0, "events before anything else");
                assert_eq!(list.seq, since, "over a hole");
                list.items.extend(changes);
                list.seq = seq;
            }
            other => panic!("{other:?}"),
        }
    }

    fn deliver(&mut self, way: Way) {
        let tell = |conn: ConnectionId, frame| Way::ToClient(conn, Input::Frame(conn, frame));
        match way {
            Way::Opening(conn) => self.engine.handle_input(self.now, Input::Opened(conn)),
            Way::ToClient(_, input) => self.engine.handle_input(self.now, input),
            Way::Hello(conn) => self.wire.push_back(tell(conn, welcome(None))),
            Way::Subscribe(conn, subscribe) => {
                let answer = self.server.subscribe(subscribe);
                self.wire.push_back(tell(conn, answer));
            }
            Way::Unsubscribe(_, id) => {
                assert!(self.server.served.remove(&id).is_some(), "{id} is not there");
            }
            Way::Request(conn, request) => {
                self.server.carry_out(&request);
                // The event and the answer in the one order and in the other.
                let mut news = self.server.news();
                let result = ServerFrame::Result(ok(request.id));
                news.insert(if request.id % 2 == 0 { 0 } else { news.len() }, result);
                self.wire.extend(news.into_iter().map(|frame| tell(conn, frame)));
            }
            Way::Call(conn, requests) => {
                requests.iter().for_each(|request| self.server.carry_out(request));
                let results = requests.iter().map(|request| ok(request.id)).collect();
                let answers = Input::PostCompleted(conn, Answers { results, token_expires_in: None });
                self.wire.push_back(Way::ToClient(conn, answers));
            }
        }
    }

    /// What is on its way is lost, and the client is told.
    fn cut(&mut self, way: &Way) {
        let news = match way {
            Way::Call(conn, _) | Way::ToClient(conn, Input::PostCompleted(..)) => {
                Input::PostFailed(*conn, HttpFailure::Network)
            }
            Way::Opening(conn)
            | Way::Hello(conn)
            | Way::Request(conn, _)
            | Way::Subscribe(conn, _)
            | Way::Unsubscribe(conn, _)
            | Way::ToClient(conn, _) => Input::Closed(*conn, self.code),
        };
        self.gone();
        self.engine.handle_input(self.now, news);
    }

    fn gone(&mut self) {
        self.wire.clear();
        self.server.served.clear();
    }

    fn check(&self) {
        let context = (&self.cuts, self.code);
        assert_eq!(self.server.log.len(), 7, "each write once {context:?}");
        assert!(self.server.log.is_sorted_by_key(Value::as_u64), "and in order {context:?}");
        for list in self.lists.values() {
            assert_eq!(list.items, self.server.log, "{context:?}");
        }
    }
}

#[test]
fn a_cut_at_any_frame_leaves_every_list_as_the_servers() {
    let whole = World::play(Vec::new(), 1006, None);
    whole.check();
    assert!(
        whole.lists.values().all(|list| list.resets == 1),
        "nothing is sent whole twice without a reason"
    );
    for code in [1006, 4000] {
        for cut in 1..=whole.turns {
            World::play(vec![cut], code, None).check();
        }
    }
}

#[test]
fn two_cuts_at_any_two_frames_do_no_more_harm_than_one() {
    let turns = World::play(Vec::new(), 1006, None).turns;
    for first in 1..=turns {
        for second in first + 1..=turns + 12 {
            World::play(vec![first, second], 1006, None).check();
        }
    }
}

#[test]
fn an_event_lost_by_the_server_is_missed_at_the_next_one_and_made_up_for() {
    let mut resets = 0;
    for lose in 0..7 {
        let world = World::play(Vec::new(), 1006, Some(lose));
        world.check();
        resets += world.lists.values().map(|list| list.resets).sum::<u32>();
    }
    assert!(resets > 7, "no gap was ever seen");
}

#[test]
fn with_a_socket_that_opened_once_a_cut_costs_no_list_its_position() {
    let whole = World::play(Vec::new(), 1006, None);
    // The second list is numbered; it was sent whole once when the last frames are on their way.
    for cut in whole.turns - 4..=whole.turns {
        let world = World::play(vec![cut], 1006, None);
        assert!(world.lists.values().all(|list| list.resets == 1), "{:?}", world.lists);
    }
}
