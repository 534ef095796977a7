//! The driver of a random run: executes the engine's outputs and checks each of them.

use std::collections::{BTreeMap, BTreeSet};

use causerie_client::{Config, ConnectionId, Engine, Input, Millis, Output, Transport};
use causerie_protocol::limits::REQUEST_TIMEOUT_MS;
use causerie_protocol::{CloseCode, Request, RequestId, ServerFrame};
use serde_json::Value;

use super::subscription_model::SubscriptionModel;
use crate::support::config;

/// The one connection that the engine may have.
#[derive(Debug)]
pub(super) enum Connection {
    None,
    Socket { conn: ConnectionId, opened: bool, welcomed: bool, sent: Vec<RequestId> },
    Post { conn: ConnectionId, ids: Vec<RequestId> },
}

pub(super) struct Driver {
    pub(super) engine: Engine<Value>,
    pub(super) transport: Transport,
    pub(super) now: Millis,
    pub(super) connection: Connection,
    pub(super) last_conn: ConnectionId,
    /// The pending requests, each with the time at which it was made.
    pub(super) pending: BTreeMap<RequestId, Millis>,
    settled: BTreeSet<RequestId>,
    /// Every request as it was sent first.
    sent_requests: BTreeMap<RequestId, Request>,
    pub(super) subscriptions: SubscriptionModel,
    pub(super) suspended: bool,
    /// A subscription ended without a frame of the server, so the session must have ended.
    session_must_end: bool,
    pub(super) ended: bool,
    /// The number of subscriptions made so far. Each has a topic of its own.
    pub(super) topics: u32,
    /// The time of the pending request for a token.
    pub(super) token_requested_at: Option<Millis>,
}

impl Driver {
    pub(super) fn new(transport: Transport, token: Option<String>, token_source: bool, seed: u64) -> Self {
        Driver {
            engine: Engine::new(Config { transport, token, token_source, seed, ..config() }),
            transport,
            now: 5,
            connection: Connection::None,
            last_conn: 0,
            pending: BTreeMap::new(),
            settled: BTreeSet::new(),
            sent_requests: BTreeMap::new(),
            subscriptions: SubscriptionModel::default(),
            suspended: false,
            session_must_end: false,
            ended: false,
            topics: 0,
            token_requested_at: None,
        }
    }

    pub(super) fn input(&mut self, input: Input<Value>) {
        self.engine.handle_input(self.now, input);
        self.execute_outputs();
    }

    /// Executes the engine's outputs, and checks the invariants afterwards.
    pub(super) fn execute_outputs(&mut self) {
        while let Some(output) = self.engine.poll() {
            assert!(!self.ended, "after the end: {output:?}");
            self.execute(output);
        }
        if self.ended {
            assert_eq!(self.engine.deadline(), None);
            assert_eq!(self.pending.len(), 0, "not settled at the end");
            assert!(self.subscriptions.is_empty(), "not ended: {:?}", self.subscriptions);
        }
        let opened = matches!(self.connection, Connection::Socket { opened: true, .. });
        self.subscriptions.check(opened && !self.ended);
        if !self.subscriptions.is_empty() && !self.suspended {
            assert!(self.engine.deadline().is_some(), "no deadline, though there are subscriptions");
        }
        if let Some((id, made_at)) = self.pending.first_key_value() {
            let end = made_at + Millis::from(REQUEST_TIMEOUT_MS);
            assert!(self.now < end, "request {id} is past its deadline");
            assert!(self.engine.deadline().is_some_and(|at| at <= end), "no tick would settle request {id}");
        }
        let deadline = self.engine.deadline();
        assert!(deadline.is_none_or(|at| at > self.now), "the deadline is not in the future");
    }

    fn execute(&mut self, output: Output<Value>) {
        match output {
            Output::Open(conn) => {
                assert_eq!(self.transport, Transport::Auto, "a socket, though the transport is HTTP");
                let socket = Connection::Socket { conn, opened: false, welcomed: false, sent: Vec::new() };
                self.connect(conn, socket);
            }
            Output::Post(conn, _, requests) => {
                assert!(!requests.is_empty());
                let ids: Vec<RequestId> = requests.iter().map(|request| request.id).collect();
                assert!(ids.is_sorted_by(|a, b| a < b), "{ids:?}");
                requests.into_iter().for_each(|request| self.check_request(request));
                self.connect(conn, Connection::Post { conn, ids });
            }
            Output::Hello(on, _) => {
                let Connection::Socket { conn, opened: true, sent, .. } = &self.connection else {
                    panic!("{:?}", self.connection)
                };
                assert!(*conn == on && sent.is_empty());
            }
            Output::Request(on, request) => {
                self.check_order(on, request.id);
                self.check_request(request);
            }
            Output::Subscribe(on, subscribe) => {
                self.check_order(on, subscribe.id);
                self.subscriptions.on_subscribe(&subscribe);
            }
            Output::Unsubscribe(on, wire_id) => {
                self.check_open(on);
                self.subscriptions.on_unsubscribe(wire_id);
            }
            Output::Deliver(frame) => match self.subscriptions.expected.pop() {
                Some(expected) => assert_eq!(frame, expected),
                None => {
                    let ServerFrame::Ended { id, .. } = frame else { panic!("unexpected: {frame:?}") };
                    self.subscriptions.on_session_end(id);
                    self.session_must_end = true;
                }
            },
            Output::Auth(on, _) | Output::Ping(on) => self.check_open(on),
            Output::Close(on, code) => {
                let Connection::Socket { conn, welcomed, .. } = self.connection else {
                    panic!("{:?}", self.connection)
                };
                assert_eq!(conn, on);
                let idle = self.pending.is_empty() && self.subscriptions.is_empty();
                let justified = !welcomed || code == CloseCode::Silent || self.suspended || idle;
                assert!(justified, "closed while it was needed");
                self.disconnect();
            }
            Output::AbortPost(on) => {
                assert!(
                    matches!(self.connection, Connection::Post { conn, .. } if conn == on),
                    "{:?}",
                    self.connection
                );
                self.connection = Connection::None;
            }
            Output::Settle(outcome) => {
                assert!(self.pending.remove(&outcome.id).is_some(), "{} was not pending", outcome.id);
                assert!(self.settled.insert(outcome.id), "{} settled twice", outcome.id);
            }
            Output::NeedToken => {
                let repeatable = self.token_requested_at.is_none_or(|at| self.now >= at + 30_000);
                assert!(repeatable, "asked for a token while another request for one was pending");
                self.token_requested_at = Some(self.now);
            }
            Output::Ended(_) => self.ended = true,
        }
        assert!(
            !self.session_must_end || self.ended || self.engine.deadline().is_none(),
            "a subscription ended without a reason"
        );
    }

    fn check_open(&self, on: ConnectionId) {
        assert!(matches!(self.connection, Connection::Socket { conn, opened: true, .. } if conn == on));
    }

    /// Checks that requests and subscriptions are sent in the order of their ids, on an open socket.
    fn check_order(&mut self, on: ConnectionId, id: RequestId) {
        let Connection::Socket { conn, opened: true, sent, .. } = &mut self.connection else {
            panic!("no socket")
        };
        assert_eq!(*conn, on);
        assert!(sent.last().is_none_or(|last| *last < id), "sent twice or in the wrong order: {id}");
        sent.push(id);
    }

    /// Checks that a request is the same whenever it is sent, and is not sent after it was settled.
    fn check_request(&mut self, request: Request) {
        assert!(self.pending.contains_key(&request.id), "sent after it was settled: {request:?}");
        let first = self.sent_requests.entry(request.id).or_insert_with(|| request.clone());
        assert_eq!(*first, request);
    }

    fn connect(&mut self, conn: ConnectionId, connection: Connection) {
        assert!(
            matches!(self.connection, Connection::None),
            "two connections: {:?} and {connection:?}",
            self.connection
        );
        assert!(conn > self.last_conn, "connection id {conn} was used before");
        self.last_conn = conn;
        self.connection = connection;
    }

    pub(super) fn disconnect(&mut self) {
        self.connection = Connection::None;
        self.subscriptions.connection_lost();
    }

    /// Advances the clock with a tick at every deadline.
    pub(super) fn advance(&mut self, time: Millis) {
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
