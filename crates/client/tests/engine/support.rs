//! An engine with a clock that stands until it is moved, and short names for what is said to it.

use causerie_client::{Config, ConnectionId, Engine, HttpFailure, Input, Millis, Output, Transport};
use causerie_protocol::frames::{Entities, Subscribe, Welcome};
use causerie_protocol::http::Answers;
use causerie_protocol::{
    ClientId, ConversationId, ErrorBody, ErrorCode, Op, Outcome, Patch, Request, RequestId, ServerFrame,
    SetUser, Topic, UserId,
};
use serde_json::{Value, json};

pub(crate) type Out = Output<Value>;

pub(crate) fn config() -> Config {
    Config {
        user: UserId::new("ada").unwrap(),
        client: ClientId::new("0123456789abcdef").unwrap(),
        sdk: "causerie/test",
        transport: Transport::Auto,
        token: None,
        token_source: false,
        seed: 42,
    }
}

pub(crate) fn get_op(user: &str) -> Op {
    Op::UserGet { user: UserId::new(user).unwrap() }
}

pub(crate) fn set_op(name: &str) -> Op {
    let data = SetUser { name: Patch::Set(name.to_owned()), ..SetUser::default() };
    Op::UserSet { user: UserId::new("ada").unwrap(), data }
}

pub(crate) fn welcome(token_expires_in: Option<u64>) -> ServerFrame<Value> {
    welcome_to("e", token_expires_in)
}

/// The greeting of a server whose database has that history.
pub(crate) fn welcome_to(epoch: &str, token_expires_in: Option<u64>) -> ServerFrame<Value> {
    let epoch = epoch.to_owned();
    ServerFrame::Welcome(Welcome { protocol: 1, epoch, time: 0, ping_interval: 25_000, token_expires_in })
}

/// A topic whose events are numbered.
pub(crate) fn messages(conversation: &str) -> Topic {
    Topic::Messages { id: ConversationId::new(conversation).unwrap() }
}

/// A list whose events are not.
pub(crate) fn conversations() -> Topic {
    Topic::Conversations { filter: None }
}

pub(crate) fn reset(id: RequestId, seq: Option<u64>) -> ServerFrame<Value> {
    let value = Some(json!({ "items": ["m1"], "more": true }));
    ServerFrame::Reset { id, seq, value, entities: Entities::none() }
}

pub(crate) fn events(id: RequestId, since: Option<u64>, seq: Option<u64>) -> ServerFrame<Value> {
    ServerFrame::Events { id, since, seq, changes: vec![json!({ "put": "m2" })], entities: Entities::none() }
}

pub(crate) fn update() -> ServerFrame<Value> {
    let entities = Entities { users: vec![json!({ "id": "ada", "name": "Ada" })], ..Entities::none() };
    ServerFrame::Update { entities }
}

pub(crate) fn ended(id: RequestId, error: ErrorBody) -> ServerFrame<Value> {
    ServerFrame::Ended { id, error }
}

pub(crate) fn ok(id: RequestId) -> Outcome<Value> {
    Outcome::ok(id, Some(json!("ada")), Entities::none())
}

pub(crate) fn error_frame(error: ErrorBody) -> ServerFrame<Value> {
    ServerFrame::Error { error }
}

pub(crate) fn error(code: ErrorCode) -> ErrorBody {
    ErrorBody::new(code, "the server's own words")
}

pub(crate) struct Bench {
    pub(crate) engine: Engine<Value>,
    pub(crate) now: Millis,
}

impl Bench {
    pub(crate) fn new(config: Config) -> Self {
        Bench { engine: Engine::new(config), now: 1_000 }
    }

    pub(crate) fn plain() -> Self {
        Bench::new(config())
    }

    pub(crate) fn http() -> Self {
        Bench::new(Config { transport: Transport::Http, ..config() })
    }

    /// An engine that is connected and greeted, with one request answered.
    pub(crate) fn greeted() -> (Self, ConnectionId) {
        let mut bench = Bench::plain();
        let id = bench.ask(get_op("ada"));
        let conn = bench.open();
        bench.frame(conn, welcome(None));
        bench.frame(conn, ServerFrame::Result(ok(id)));
        bench.out();
        (bench, conn)
    }

    /// An engine that follows the messages of a conversation and has them up to event 5.
    pub(crate) fn following() -> (Self, ConnectionId, RequestId) {
        let (mut bench, conn) = Bench::greeted();
        let id = bench.follow(messages("c"));
        bench.out();
        bench.frame(conn, reset(id, Some(5)));
        assert_eq!(bench.out(), [Output::Deliver(reset(id, Some(5)))]);
        (bench, conn, id)
    }

    pub(crate) fn follow(&mut self, topic: Topic) -> RequestId {
        self.engine.subscribe(self.now, topic, None).unwrap()
    }

    pub(crate) fn unsubscribe(&mut self, id: RequestId) {
        self.engine.unsubscribe(self.now, id);
    }

    pub(crate) fn ask(&mut self, op: Op) -> RequestId {
        self.engine.request(self.now, op).unwrap()
    }

    pub(crate) fn get(&mut self) -> RequestId {
        self.ask(get_op("ada"))
    }

    pub(crate) fn input(&mut self, input: Input<Value>) {
        self.engine.handle_input(self.now, input);
    }

    pub(crate) fn frame(&mut self, conn: ConnectionId, frame: ServerFrame<Value>) {
        self.input(Input::Frame(conn, frame));
    }

    pub(crate) fn answer(&mut self, conn: ConnectionId, id: RequestId) {
        self.frame(conn, ServerFrame::Result(ok(id)));
    }

    pub(crate) fn post_answers(&mut self, conn: ConnectionId, ids: &[RequestId]) {
        let results = ids.iter().map(|id| ok(*id)).collect();
        self.input(Input::PostCompleted(conn, Answers { results, token_expires_in: None }));
    }

    pub(crate) fn post_refused(&mut self, conn: ConnectionId, error: ErrorBody) {
        self.input(Input::PostFailed(conn, HttpFailure::Rejected(error)));
    }

    /// Everything the engine wants done now.
    pub(crate) fn out(&mut self) -> Vec<Out> {
        std::iter::from_fn(|| self.engine.poll()).collect()
    }

    /// Expects a socket to be wanted and nothing else, and opens it.
    pub(crate) fn open(&mut self) -> ConnectionId {
        let conn = self.opening();
        self.input(Input::Opened(conn));
        conn
    }

    /// Expects a socket to be wanted, and nothing else.
    pub(crate) fn opening(&mut self) -> ConnectionId {
        match self.out().as_slice() {
            [Output::Open(conn)] => *conn,
            other => panic!("wanted a socket and nothing else, not {other:?}"),
        }
    }

    /// Expects a call of the HTTP twin, and nothing else.
    pub(crate) fn posting(&mut self) -> (ConnectionId, Vec<RequestId>) {
        match self.out().as_slice() {
            [Output::Post(conn, _, requests)] => (*conn, ids(requests)),
            other => panic!("wanted a POST and nothing else, not {other:?}"),
        }
    }

    /// Whether the engine probes a socket when the page wakes up, which it does if one is open.
    pub(crate) fn has_open_socket(&mut self) -> bool {
        self.input(Input::Wake);
        has(&self.out(), |output| matches!(output, Output::Ping(_)))
    }

    /// Lets time pass, ticking whenever the engine asked for it, and gathers what it wants done meanwhile.
    pub(crate) fn pass(&mut self, time: Millis) -> Vec<Out> {
        let end = self.now + time;
        let mut out = self.out();
        for _ in 0..10_000 {
            match self.engine.deadline().filter(|at| *at <= end) {
                Some(at) => self.now = self.now.max(at),
                None => {
                    self.now = end;
                    return out;
                }
            }
            self.input(Input::Tick);
            out.extend(self.out());
        }
        panic!("the engine asks for ticks without end");
    }

    /// Lets time pass with a sign of life from the server every ten seconds.
    pub(crate) fn pass_alive(&mut self, conn: ConnectionId, time: Millis) -> Vec<Out> {
        let end = self.now + time;
        let mut out = Vec::new();
        while self.now < end {
            out.extend(self.pass(10_000.min(end - self.now)));
            self.frame(conn, ServerFrame::Ping);
        }
        out.extend(self.out());
        out
    }
}

pub(crate) fn ids(requests: &[Request]) -> Vec<RequestId> {
    requests.iter().map(|request| request.id).collect()
}

/// The ids of the requests sent on a socket, in order.
pub(crate) fn sent(out: &[Out], conn: ConnectionId) -> Vec<RequestId> {
    let ids = out.iter().filter_map(|output| match output {
        Output::Request(on, request) if *on == conn => Some(request.id),
        _ => None,
    });
    ids.collect()
}

/// What was subscribed to on a socket, in order.
pub(crate) fn subscribed(out: &[Out], conn: ConnectionId) -> Vec<Subscribe> {
    let subscribed = out.iter().filter_map(|output| match output {
        Output::Subscribe(on, subscribe) if *on == conn => Some(subscribe.clone()),
        _ => None,
    });
    subscribed.collect()
}

/// The ids of all that was asked for on a socket, requests and subscriptions, in order.
pub(crate) fn asked(out: &[Out], conn: ConnectionId) -> Vec<RequestId> {
    let ids = out.iter().filter_map(|output| match output {
        Output::Request(on, request) if *on == conn => Some(request.id),
        Output::Subscribe(on, subscribe) if *on == conn => Some(subscribe.id),
        _ => None,
    });
    ids.collect()
}

/// What was delivered, in order.
pub(crate) fn delivered(out: &[Out]) -> Vec<ServerFrame<Value>> {
    let frames = out.iter().filter_map(|output| match output {
        Output::Deliver(frame) => Some(frame.clone()),
        _ => None,
    });
    frames.collect()
}

/// The ids of the requests settled, in order, each with the code of its error.
pub(crate) fn settled(out: &[Out]) -> Vec<(RequestId, Option<ErrorCode>)> {
    let settled = out.iter().filter_map(|output| match output {
        Output::Settle(outcome) => Some((outcome.id, outcome.error.as_ref().map(|error| error.code))),
        _ => None,
    });
    settled.collect()
}

/// The one error settled.
pub(crate) fn only_error(out: &[Out]) -> ErrorBody {
    let errors: Vec<&ErrorBody> = out
        .iter()
        .filter_map(|output| match output {
            Output::Settle(outcome) => outcome.error.as_ref(),
            _ => None,
        })
        .collect();
    assert_eq!(errors.len(), 1, "{out:?}");
    errors[0].clone()
}

pub(crate) fn has(out: &[Out], what: fn(&Out) -> bool) -> bool {
    out.iter().any(what)
}
