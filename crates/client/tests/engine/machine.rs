//! The engine under any order of events at all: a driver that keeps count, and what must hold after every step.

mod acts;
mod followed;

use std::collections::{BTreeMap, BTreeSet};

use causerie_client::{Config, ConnectionId, Engine, HttpFailure, Input, Millis, Output, Transport};
use causerie_protocol::http::Answers;
use causerie_protocol::limits::REQUEST_TIMEOUT_MS;
use causerie_protocol::{CloseCode, ErrorCode, Request, RequestId, ServerFrame};
use proptest::prelude::*;
use serde_json::Value;

use crate::support::{
    config, ended, error, error_frame, events, get_op, messages, ok, reset, set_op, update, welcome_to,
};
use acts::{Act, act};
use followed::Following;

#[derive(Debug)]
enum Owned {
    Nothing,
    Socket { conn: ConnectionId, opened: bool, greeted: bool, sent: Vec<RequestId> },
    Call { conn: ConnectionId, posted: Vec<RequestId> },
}

struct Driver {
    engine: Engine<Value>,
    transport: Transport,
    now: Millis,
    owned: Owned,
    last: ConnectionId,
    open: BTreeMap<RequestId, Millis>,
    settled: BTreeSet<RequestId>,
    words: BTreeMap<RequestId, Request>,
    following: Following,
    suspended: bool,
    /// Subscriptions were told of the end of the session, which must follow.
    ending: bool,
    ended: bool,
    /// How many topics were followed, each of them once.
    topics: u32,
    /// When the program was asked for a token that it has not given yet.
    asked: Option<Millis>,
}

impl Driver {
    fn new(transport: Transport, token: Option<String>, token_source: bool, seed: u64) -> Self {
        Driver {
            engine: Engine::new(Config { transport, token, token_source, seed, ..config() }),
            transport,
            now: 5,
            owned: Owned::Nothing,
            last: 0,
            open: BTreeMap::new(),
            settled: BTreeSet::new(),
            words: BTreeMap::new(),
            following: Following::default(),
            suspended: false,
            ending: false,
            ended: false,
            topics: 0,
            asked: None,
        }
    }

    fn input(&mut self, input: Input<Value>) {
        self.engine.handle_input(self.now, input);
        self.observe();
    }

    /// Does what the engine wants done, and checks what must hold.
    fn observe(&mut self) {
        while let Some(output) = self.engine.poll() {
            assert!(!self.ended, "after the end: {output:?}");
            self.carry_out(output);
        }
        if self.ended {
            assert_eq!(self.engine.deadline(), None);
            assert_eq!(self.open.len(), 0, "unsettled at the end");
            assert!(self.following.is_empty(), "not told of the end: {:?}", self.following);
        }
        let opened = matches!(self.owned, Owned::Socket { opened: true, .. });
        self.following.check(opened && !self.ended);
        if !self.following.is_empty() && !self.suspended {
            assert!(self.engine.deadline().is_some(), "no tick will ever bring the subscriptions on");
        }
        if let Some((id, made)) = self.open.first_key_value() {
            let end = made + Millis::from(REQUEST_TIMEOUT_MS);
            assert!(self.now < end, "request {id} is past its deadline");
            assert!(self.engine.deadline().is_some_and(|at| at <= end), "no tick would settle request {id}");
        }
        let deadline = self.engine.deadline();
        assert!(deadline.is_none_or(|at| at > self.now), "a tick was asked for that has nothing to do");
    }

    fn carry_out(&mut self, output: Output<Value>) {
        match output {
            Output::Open(conn) => {
                assert_eq!(self.transport, Transport::Auto, "a socket, where HTTP only was asked for");
                self.own(conn, Owned::Socket { conn, opened: false, greeted: false, sent: Vec::new() });
            }
            Output::Post(conn, _, requests) => {
                assert!(!requests.is_empty());
                let posted: Vec<RequestId> = requests.iter().map(|request| request.id).collect();
                assert!(posted.is_sorted_by(|a, b| a < b), "{posted:?}");
                requests.into_iter().for_each(|request| self.say(request));
                self.own(conn, Owned::Call { conn, posted });
            }
            Output::Hello(on, _) => {
                assert!(
                    matches!(&self.owned, Owned::Socket { conn, opened: true, sent, .. } if *conn == on && sent.is_empty())
                );
            }
            Output::Request(on, request) => {
                self.send(on, request.id);
                self.say(request);
            }
            Output::Subscribe(on, subscribe) => {
                self.send(on, subscribe.id);
                self.following.subscribe(&subscribe);
            }
            Output::Unsubscribe(on, wire) => {
                assert!(matches!(self.owned, Owned::Socket { conn, opened: true, .. } if conn == on));
                self.following.unsubscribe(wire);
            }
            Output::Deliver(frame) => match self.following.expected.pop() {
                Some(expected) => assert_eq!(frame, expected),
                None => {
                    let ServerFrame::Ended { id, .. } = frame else {
                        panic!("not to be delivered: {frame:?}")
                    };
                    self.following.ended_with_session(id);
                    self.ending = true;
                }
            },
            Output::Auth(on, _) | Output::Ping(on) => {
                assert!(matches!(self.owned, Owned::Socket { conn, opened: true, .. } if conn == on));
            }
            Output::Close(on, code) => {
                let Owned::Socket { conn, greeted, .. } = self.owned else { panic!("{:?}", self.owned) };
                assert_eq!(conn, on);
                let wanted = !self.open.is_empty() || !self.following.is_empty();
                let why = !greeted || code == CloseCode::Silent || self.suspended || !wanted;
                assert!(why, "closed while it was wanted");
                self.let_go();
            }
            Output::AbortPost(on) => {
                assert!(matches!(self.owned, Owned::Call { conn, .. } if conn == on), "{:?}", self.owned);
                self.owned = Owned::Nothing;
            }
            Output::Settle(outcome) => {
                assert!(self.open.remove(&outcome.id).is_some(), "{} was not open", outcome.id);
                assert!(self.settled.insert(outcome.id), "{} settled twice", outcome.id);
            }
            Output::NeedToken => {
                let patient = self.asked.is_none_or(|at| self.now >= at + 30_000);
                assert!(patient, "asked for a token while another request for one was under way");
                self.asked = Some(self.now);
            }
            Output::Ended(_) => self.ended = true,
        }
        assert!(!self.ending || self.ended || self.engine.deadline().is_none(), "ended for no reason");
    }

    /// Something with a number is sent: requests and subscriptions in one order.
    fn send(&mut self, on: ConnectionId, id: RequestId) {
        let Owned::Socket { conn, opened: true, sent, .. } = &mut self.owned else { panic!("no socket") };
        assert_eq!(*conn, on);
        assert!(sent.last().is_none_or(|last| *last < id), "out of order or twice: {id}");
        sent.push(id);
    }

    /// The connection is no more.
    fn let_go(&mut self) {
        self.owned = Owned::Nothing;
        self.following.connection_lost();
    }

    fn own(&mut self, conn: ConnectionId, owned: Owned) {
        assert!(matches!(self.owned, Owned::Nothing), "two at once: {:?} and {owned:?}", self.owned);
        assert!(conn > self.last, "a number used before");
        self.last = conn;
        self.owned = owned;
    }

    /// A request is the same whenever it is sent, and is not sent once it is settled.
    fn say(&mut self, request: Request) {
        assert!(self.open.contains_key(&request.id), "sent after it was settled: {request:?}");
        let first = self.words.entry(request.id).or_insert_with(|| request.clone());
        assert_eq!(*first, request);
    }

    fn act(&mut self, act: Act) {
        match act {
            Act::Ask { write } => {
                let op = if write { set_op("a") } else { get_op("ada") };
                match self.engine.request(self.now, op) {
                    Ok(id) => assert_eq!(self.open.insert(id, self.now), None),
                    Err(error) => assert!(self.ended && error.code == ErrorCode::SessionEnded, "{error}"),
                }
                self.observe();
            }
            Act::Open => {
                if let Owned::Socket { conn, opened, .. } = &mut self.owned {
                    *opened = true;
                    let conn = *conn;
                    self.input(Input::Opened(conn));
                }
            }
            Act::Follow => {
                self.topics += 1;
                let topic = messages(&self.topics.to_string());
                match self.engine.subscribe(self.now, topic.clone(), None) {
                    Ok(id) => self.following.add(id, topic),
                    Err(error) if self.transport == Transport::Http && !self.ended => {
                        assert_eq!(error.code, ErrorCode::Unsupported);
                    }
                    Err(error) => assert!(self.ended && error.code == ErrorCode::SessionEnded, "{error}"),
                }
                self.observe();
            }
            Act::Unfollow(place) => {
                let id = self.following.nth(place).unwrap_or(77_777);
                self.following.remove(id);
                self.engine.unsubscribe(self.now, id);
                self.observe();
            }
            Act::Welcome { expires_in, same } => {
                if let Owned::Socket { opened: true, greeted, .. } = &mut self.owned {
                    *greeted = true;
                    let epoch = if same { "e" } else { "f" };
                    self.following.welcome(epoch);
                    self.frame(welcome_to(epoch, expires_in.map(u64::from)));
                }
            }
            Act::Reset(place, seq) => match self.following.sent(place) {
                Some((id, wire)) => {
                    self.following.will_reset(id, seq);
                    self.following.expected = vec![reset(id, seq)];
                    self.frame(reset(wire, seq));
                }
                None => self.frame(reset(77_777, seq)),
            },
            Act::Events { place, fits } => match self.following.sent(place) {
                Some((id, wire)) => {
                    let (since, next) = self.following.will_go_on(id, fits);
                    let seq = since.map(|since| since + 2);
                    self.following.expected.extend(next.then(|| events(id, since, seq)));
                    self.frame(events(wire, since, seq));
                }
                None => self.frame(events(77_777, None, None)),
            },
            Act::Update => {
                let opened = matches!(self.owned, Owned::Socket { opened: true, .. });
                if opened && !self.following.is_empty() {
                    self.following.expected = vec![update()];
                }
                self.frame(update());
            }
            Act::Over(place, code, after) => {
                let error = after.map_or(error(code), |after| error(code).after(after));
                match self.following.sent(place) {
                    Some((id, wire)) => {
                        self.following.will_end(id, !code.retryable());
                        let told = (!code.retryable()).then(|| ended(id, error.clone()));
                        self.following.expected.extend(told);
                        self.frame(ended(wire, error));
                    }
                    None => self.frame(ended(77_777, error)),
                }
            }
            Act::Life(kind) => match kind % 3 {
                0 => self.frame(ServerFrame::Ping),
                1 => self.frame(ServerFrame::Pong),
                _ => self.frame(ServerFrame::Authenticated { token_expires_in: Some(u64::from(kind) * 500) }),
            },
            Act::Answer(place) => {
                if let Owned::Socket { sent, .. } = &self.owned {
                    let place = sent.get(place.min(sent.len().saturating_sub(1))).copied();
                    self.frame(ServerFrame::Result(ok(place.unwrap_or(77))));
                }
            }
            Act::Told(code, after) => {
                let told = after.map_or(error(code), |after| error(code).after(after));
                self.frame(error_frame(told));
            }
            Act::Close(code) => {
                if let Owned::Socket { conn, .. } = self.owned {
                    self.let_go();
                    self.input(Input::Closed(conn, code));
                }
            }
            Act::PostAnswer { all } => {
                if let Owned::Call { conn, posted } = &self.owned {
                    let count = if all { posted.len() } else { posted.len() / 2 };
                    let results = posted.iter().take(count).map(|id| ok(*id)).collect();
                    let conn = *conn;
                    self.owned = Owned::Nothing;
                    self.input(Input::PostCompleted(conn, Answers { results, token_expires_in: None }));
                }
            }
            Act::PostFail(refusal) => {
                if let Owned::Call { conn, .. } = self.owned {
                    self.owned = Owned::Nothing;
                    let failure =
                        refusal.map_or(HttpFailure::Network, |code| HttpFailure::Rejected(error(code)));
                    self.input(Input::PostFailed(conn, failure));
                }
            }
            Act::Unsendable(place) => {
                let id = self.open.keys().nth(place).copied().unwrap_or(77);
                self.input(Input::Unsendable(id, error(ErrorCode::TooLarge)));
            }
            Act::Token => {
                self.asked = None;
                self.input(Input::Token("t".to_owned()));
            }
            Act::TokenFailed => {
                self.asked = None;
                self.input(Input::TokenFailed("no token".to_owned()));
            }
            Act::Source(source) => self.input(Input::TokenSource(source)),
            Act::Wake => {
                self.suspended = false;
                self.input(Input::Wake);
            }
            Act::Suspend => {
                self.suspended = true;
                self.input(Input::Suspend);
            }
            Act::Pass(time) => self.pass(Millis::from(time)),
            Act::Sleep(time) => {
                self.now += Millis::from(time);
                self.input(Input::Tick);
            }
            Act::Stale(kind, back) => self.stale(kind, self.last.saturating_sub(back)),
        }
    }

    fn frame(&mut self, frame: ServerFrame<Value>) {
        if let Owned::Socket { conn, opened: true, .. } = self.owned {
            self.input(Input::Frame(conn, frame));
        }
    }

    /// News of a connection that is no more. It must change nothing.
    fn stale(&mut self, kind: u8, conn: ConnectionId) {
        let owned = match self.owned {
            Owned::Nothing => 0,
            Owned::Socket { conn, .. } | Owned::Call { conn, .. } => conn,
        };
        if conn == owned {
            return;
        }
        let (before, open) = (self.engine.deadline(), self.open.len());
        let first = self.open.keys().next().copied().unwrap_or(1);
        let wire = self.following.sent(0).map_or(1, |(_, wire)| wire);
        self.input(match kind % 9 {
            0 => Input::Opened(conn),
            1 => Input::Closed(conn, 4_404),
            2 => Input::Frame(conn, ServerFrame::Result(ok(first))),
            3 => Input::UnknownFrame(conn),
            4 => Input::Frame(conn, reset(wire, Some(1))),
            5 => Input::Frame(conn, events(wire, Some(888), Some(889))),
            6 => Input::Frame(conn, ended(wire, error(ErrorCode::InvalidArgument))),
            7 => Input::PostCompleted(conn, Answers { results: vec![ok(first)], token_expires_in: Some(1) }),
            _ => Input::PostFailed(conn, HttpFailure::Rejected(error(ErrorCode::Forbidden))),
        });
        assert_eq!((self.engine.deadline(), self.open.len()), (before, open), "old news were heeded");
    }

    fn pass(&mut self, time: Millis) {
        let end = self.now + time;
        for _ in 0..1_000 {
            let Some(at) = self.engine.deadline().filter(|at| *at <= end) else {
                self.now = end;
                return;
            };
            self.now = at;
            self.input(Input::Tick);
        }
        panic!("a thousand ticks in {time} ms");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_request_is_settled_once_and_in_time_and_every_subscription_told_what_is_next_whatever_happens(
        http in prop::bool::weighted(0.2),
        token in prop::option::of(Just("t0".to_owned())),
        token_source in any::<bool>(),
        seed in any::<u64>(),
        acts in prop::collection::vec(act(), 1..150),
    ) {
        let transport = if http { Transport::Http } else { Transport::Auto };
        let mut driver = Driver::new(transport, token, token_source, seed);
        for act in acts {
            driver.act(act);
        }
        driver.pass(Millis::from(REQUEST_TIMEOUT_MS));
        prop_assert_eq!(driver.open.len(), 0);
    }
}
