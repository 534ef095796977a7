//! A harness around an engine: a clock that stands still until a test advances it, and short names for inputs
//! and outputs.

use causerie_client::{Config, ConnectionId, Engine, HttpFailure, Input, Millis, Output, Transport};
use causerie_protocol::frames::{Entities, Subscribe, Welcome};
use causerie_protocol::http::BatchResults;
use causerie_protocol::{
    ClientId, ConversationId, ErrorBody, ErrorCode, Op, Outcome, Patch, Request, RequestId, ServerFrame,
    SetUser, Topic, UserId,
};
use serde_json::{Value, json};

pub(crate) type JsonOutput = Output<Value>;

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

/// A `welcome` from a server whose history has this epoch.
pub(crate) fn welcome_to(epoch: &str, token_expires_in: Option<u64>) -> ServerFrame<Value> {
    let epoch = epoch.to_owned();
    ServerFrame::Welcome(Welcome { protocol: 1, epoch, time: 0, ping_interval: 25_000, token_expires_in })
}

/// A topic whose events are numbered.
pub(crate) fn messages(conversation: &str) -> Topic {
    Topic::Messages { id: ConversationId::new(conversation).unwrap() }
}

/// A list whose events are not numbered.
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

pub(crate) struct Harness {
    pub(crate) engine: Engine<Value>,
    pub(crate) now: Millis,
}

impl Harness {
    pub(crate) fn new(config: Config) -> Self {
        Harness { engine: Engine::new(config), now: 1_000 }
    }

    pub(crate) fn with_defaults() -> Self {
        Harness::new(config())
    }

    pub(crate) fn http() -> Self {
        Harness::new(Config { transport: Transport::Http, ..config() })
    }

    /// An engine with an open connection after `welcome` and the result of a first request.
    pub(crate) fn connected() -> (Self, ConnectionId) {
        let mut harness = Harness::with_defaults();
        let id = harness.request(get_op("ada"));
        let conn = harness.open_socket();
        harness.receive(conn, welcome(None));
        harness.receive(conn, ServerFrame::Result(ok(id)));
        harness.take_outputs();
        (harness, conn)
    }

    /// A connected engine with a subscription to the messages of a conversation, which has reached event 5.
    pub(crate) fn subscribed() -> (Self, ConnectionId, RequestId) {
        let (mut harness, conn) = Harness::connected();
        let id = harness.subscribe(messages("c"));
        harness.take_outputs();
        harness.receive(conn, reset(id, Some(5)));
        assert_eq!(harness.take_outputs(), [Output::Deliver(reset(id, Some(5)))]);
        (harness, conn, id)
    }

    pub(crate) fn subscribe(&mut self, topic: Topic) -> RequestId {
        self.engine.subscribe(self.now, topic, None).unwrap()
    }

    pub(crate) fn unsubscribe(&mut self, id: RequestId) {
        self.engine.unsubscribe(self.now, id);
    }

    pub(crate) fn request(&mut self, op: Op) -> RequestId {
        self.engine.request(self.now, op).unwrap()
    }

    pub(crate) fn get(&mut self) -> RequestId {
        self.request(get_op("ada"))
    }

    pub(crate) fn input(&mut self, input: Input<Value>) {
        self.engine.handle_input(self.now, input);
    }

    pub(crate) fn receive(&mut self, conn: ConnectionId, frame: ServerFrame<Value>) {
        self.input(Input::Frame(conn, frame));
    }

    pub(crate) fn receive_result(&mut self, conn: ConnectionId, id: RequestId) {
        self.receive(conn, ServerFrame::Result(ok(id)));
    }

    pub(crate) fn complete_post(&mut self, conn: ConnectionId, ids: &[RequestId]) {
        let results = ids.iter().map(|id| ok(*id)).collect();
        self.input(Input::PostCompleted(conn, BatchResults { results, token_expires_in: None }));
    }

    pub(crate) fn reject_post(&mut self, conn: ConnectionId, error: ErrorBody) {
        self.input(Input::PostFailed(conn, HttpFailure::Rejected(error)));
    }

    /// Takes all outputs that are queued.
    pub(crate) fn take_outputs(&mut self) -> Vec<JsonOutput> {
        std::iter::from_fn(|| self.engine.poll()).collect()
    }

    /// Expects [`Output::Open`] as the only output, and reports that the socket is open.
    pub(crate) fn open_socket(&mut self) -> ConnectionId {
        let conn = self.expect_open();
        self.input(Input::Opened(conn));
        conn
    }

    /// Expects [`Output::Open`] as the only output.
    pub(crate) fn expect_open(&mut self) -> ConnectionId {
        match self.take_outputs().as_slice() {
            [Output::Open(conn)] => *conn,
            other => panic!("expected one Open, got {other:?}"),
        }
    }

    /// Expects [`Output::Post`] as the only output.
    pub(crate) fn expect_post(&mut self) -> (ConnectionId, Vec<RequestId>) {
        match self.take_outputs().as_slice() {
            [Output::Post(conn, _, requests)] => (*conn, ids(requests)),
            other => panic!("expected one Post, got {other:?}"),
        }
    }

    /// Returns whether the engine probes a socket when the page wakes up, which it does if one is open.
    pub(crate) fn has_open_socket(&mut self) -> bool {
        self.input(Input::Wake);
        has(&self.take_outputs(), |output| matches!(output, Output::Ping(_)))
    }

    /// Advances the clock with a tick at every deadline, and returns all outputs.
    pub(crate) fn advance(&mut self, time: Millis) -> Vec<JsonOutput> {
        let end = self.now + time;
        let mut outputs = self.take_outputs();
        for _ in 0..10_000 {
            match self.engine.deadline().filter(|at| *at <= end) {
                Some(at) => self.now = self.now.max(at),
                None => {
                    self.now = end;
                    return outputs;
                }
            }
            self.input(Input::Tick);
            outputs.extend(self.take_outputs());
        }
        panic!("more than 10,000 ticks in {time} ms");
    }

    /// Advances the clock with a ping from the server every four seconds, before an unanswered request would
    /// make the engine probe the connection.
    pub(crate) fn advance_with_pings(&mut self, conn: ConnectionId, time: Millis) -> Vec<JsonOutput> {
        let end = self.now + time;
        let mut outputs = Vec::new();
        while self.now < end {
            outputs.extend(self.advance(4_000.min(end - self.now)));
            self.receive(conn, ServerFrame::Ping);
        }
        outputs.extend(self.take_outputs());
        outputs
    }
}

pub(crate) fn ids(requests: &[Request]) -> Vec<RequestId> {
    requests.iter().map(|request| request.id).collect()
}

/// The ids of the requests that were sent on a socket, in order.
pub(crate) fn sent_requests(outputs: &[JsonOutput], conn: ConnectionId) -> Vec<RequestId> {
    let ids = outputs.iter().filter_map(|output| match output {
        Output::Request(on, request) if *on == conn => Some(request.id),
        _ => None,
    });
    ids.collect()
}

/// The `subscribe` frames that were sent on a socket, in order.
pub(crate) fn sent_subscriptions(outputs: &[JsonOutput], conn: ConnectionId) -> Vec<Subscribe> {
    let subscribes = outputs.iter().filter_map(|output| match output {
        Output::Subscribe(on, subscribe) if *on == conn => Some(subscribe.clone()),
        _ => None,
    });
    subscribes.collect()
}

/// The ids of the requests and subscriptions that were sent on a socket, in order.
pub(crate) fn sent_ids(outputs: &[JsonOutput], conn: ConnectionId) -> Vec<RequestId> {
    let ids = outputs.iter().filter_map(|output| match output {
        Output::Request(on, request) if *on == conn => Some(request.id),
        Output::Subscribe(on, subscribe) if *on == conn => Some(subscribe.id),
        _ => None,
    });
    ids.collect()
}

/// The frames that were delivered, in order.
pub(crate) fn delivered(outputs: &[JsonOutput]) -> Vec<ServerFrame<Value>> {
    let frames = outputs.iter().filter_map(|output| match output {
        Output::Deliver(frame) => Some(frame.clone()),
        _ => None,
    });
    frames.collect()
}

/// The ids of the requests that were settled, in order, each with its error code.
pub(crate) fn settled(outputs: &[JsonOutput]) -> Vec<(RequestId, Option<ErrorCode>)> {
    let settled = outputs.iter().filter_map(|output| match output {
        Output::Settle(outcome) => Some((outcome.id, outcome.error.as_ref().map(|error| error.code))),
        _ => None,
    });
    settled.collect()
}

/// The error of the one request that was settled with an error.
pub(crate) fn only_error(outputs: &[JsonOutput]) -> ErrorBody {
    let errors: Vec<&ErrorBody> = outputs
        .iter()
        .filter_map(|output| match output {
            Output::Settle(outcome) => outcome.error.as_ref(),
            _ => None,
        })
        .collect();
    assert_eq!(errors.len(), 1, "{outputs:?}");
    errors[0].clone()
}

pub(crate) fn has(outputs: &[JsonOutput], matches: fn(&JsonOutput) -> bool) -> bool {
    outputs.iter().any(matches)
}
