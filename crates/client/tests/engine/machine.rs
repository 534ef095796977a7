//! The engine under any order of events at all: a driver that keeps count, and what must hold after every step.

use std::collections::{BTreeMap, BTreeSet};

use causerie_client::{Config, Conn, Engine, HttpFailure, Input, Millis, Output, Transport};
use causerie_protocol::http::Answers;
use causerie_protocol::limits::REQUEST_TIMEOUT_MS;
use causerie_protocol::{ErrorCode, Request, RequestId, ServerFrame};
use proptest::prelude::*;
use serde_json::Value;

use crate::support::{config, error, error_frame, get_op, ok, set_op, welcome};

/// Something that may happen. What does not fit the moment happens all the same, to a connection of old.
#[derive(Clone, Debug)]
enum Act {
    Ask {
        write: bool,
    },
    Open,
    Welcome(Option<u32>),
    Answer(usize),
    Life(u8),
    Told(ErrorCode, Option<u32>),
    Close(u16),
    PostAnswer {
        all: bool,
    },
    PostFail(Option<ErrorCode>),
    Unsendable(usize),
    Token,
    TokenFailed,
    Source(bool),
    Wake,
    Suspend,
    /// Time passes, with a tick whenever one was asked for.
    Pass(u32),
    /// Time passes without a tick: the timer was held up.
    Sleep(u32),
    Stale(u8, Conn),
}

fn act() -> impl Strategy<Value = Act> {
    let codes = [1000_u16, 1001, 1006, 4000, 4003, 4100, 4101, 4200, 4201];
    let refusals =
        [ErrorCode::TooLarge, ErrorCode::RateLimited, ErrorCode::TokenExpired, ErrorCode::ServerError];
    prop_oneof![
        12 => any::<bool>().prop_map(|write| Act::Ask { write }),
        10 => Just(Act::Open),
        8 => prop::option::of(0..90_000_u32).prop_map(Act::Welcome),
        12 => (0..4_usize).prop_map(Act::Answer),
        4 => any::<u8>().prop_map(Act::Life),
        2 => prop::option::of(0..9_000_u32).prop_map(|after| Act::Told(ErrorCode::RateLimited, after)),
        6 => prop::sample::select(codes.to_vec()).prop_map(Act::Close),
        1 => (4_400..4_420_u16).prop_map(Act::Close),
        8 => any::<bool>().prop_map(|all| Act::PostAnswer { all }),
        5 => prop::option::of(prop::sample::select(refusals.to_vec())).prop_map(Act::PostFail),
        1 => (0..4_usize).prop_map(Act::Unsendable),
        4 => Just(Act::Token),
        1 => Just(Act::TokenFailed),
        1 => any::<bool>().prop_map(Act::Source),
        3 => Just(Act::Wake),
        1 => Just(Act::Suspend),
        10 => (0..40_000_u32).prop_map(Act::Pass),
        2 => (0..90_000_u32).prop_map(Act::Sleep),
        3 => (any::<u8>(), 0..6_u32).prop_map(|(kind, back)| Act::Stale(kind, back)),
    ]
}

#[derive(Debug)]
enum Owned {
    Nothing,
    Socket { conn: Conn, opened: bool, sent: Vec<RequestId> },
    Call { conn: Conn, posted: Vec<RequestId> },
}

struct Driver {
    engine: Engine<Value>,
    transport: Transport,
    now: Millis,
    owned: Owned,
    last: Conn,
    open: BTreeMap<RequestId, Millis>,
    settled: BTreeSet<RequestId>,
    words: BTreeMap<RequestId, Request>,
    ended: bool,
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
            ended: false,
            asked: None,
        }
    }

    fn input(&mut self, input: Input<Value>) {
        self.engine.input(self.now, input);
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
                self.own(conn, Owned::Socket { conn, opened: false, sent: Vec::new() });
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
                    matches!(&self.owned, Owned::Socket { conn, opened: true, sent } if *conn == on && sent.is_empty())
                );
            }
            Output::Request(on, request) => {
                let Owned::Socket { conn, opened: true, sent } = &mut self.owned else { panic!("no socket") };
                assert_eq!(*conn, on);
                assert!(
                    sent.last().is_none_or(|last| *last < request.id),
                    "out of order or twice: {request:?}"
                );
                sent.push(request.id);
                self.say(request);
            }
            Output::Auth(on, _) | Output::Ping(on) => {
                assert!(matches!(self.owned, Owned::Socket { conn, opened: true, .. } if conn == on));
            }
            Output::Close(on, _) => {
                assert!(matches!(self.owned, Owned::Socket { conn, .. } if conn == on), "{:?}", self.owned);
                self.owned = Owned::Nothing;
            }
            Output::Abort(on) => {
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
    }

    fn own(&mut self, conn: Conn, owned: Owned) {
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
            Act::Welcome(expires_in) => self.frame(welcome(expires_in.map(u64::from))),
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
                    self.owned = Owned::Nothing;
                    self.input(Input::Closed(conn, code));
                }
            }
            Act::PostAnswer { all } => {
                if let Owned::Call { conn, posted } = &self.owned {
                    let count = if all { posted.len() } else { posted.len() / 2 };
                    let results = posted.iter().take(count).map(|id| ok(*id)).collect();
                    let conn = *conn;
                    self.owned = Owned::Nothing;
                    self.input(Input::Answered(conn, Answers { results, token_expires_in: None }));
                }
            }
            Act::PostFail(refusal) => {
                if let Owned::Call { conn, .. } = self.owned {
                    self.owned = Owned::Nothing;
                    let failure =
                        refusal.map_or(HttpFailure::Network, |code| HttpFailure::Refused(error(code)));
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
            Act::Wake => self.input(Input::Wake),
            Act::Suspend => self.input(Input::Suspend),
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
    fn stale(&mut self, kind: u8, conn: Conn) {
        let owned = match self.owned {
            Owned::Nothing => 0,
            Owned::Socket { conn, .. } | Owned::Call { conn, .. } => conn,
        };
        if conn == owned {
            return;
        }
        let (before, open) = (self.engine.deadline(), self.open.len());
        let first = self.open.keys().next().copied().unwrap_or(1);
        self.input(match kind % 6 {
            0 => Input::Opened(conn),
            1 => Input::Closed(conn, 4_404),
            2 => Input::Frame(conn, ServerFrame::Result(ok(first))),
            3 => Input::UnknownFrame(conn),
            4 => Input::Answered(conn, Answers { results: vec![ok(first)], token_expires_in: Some(1) }),
            _ => Input::PostFailed(conn, HttpFailure::Refused(error(ErrorCode::Forbidden))),
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
    fn every_request_is_settled_once_and_in_time_whatever_happens(
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
