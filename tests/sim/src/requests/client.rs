//! A client: an engine, and a program that makes requests at random and records their outcomes.

use std::collections::BTreeMap;

use causerie_client::{Config, Engine, Input, Millis, Output, Transport};
use causerie_protocol::http::Batch;
use causerie_protocol::{
    ClientFrame, ClientId, CreateUser, ErrorCode, Op, Patch, Request, RequestId, SetUser, UserId,
};
use serde_json::Value;

use crate::endpoints::{NetworkCommand, SimulatedClient};
use crate::rng::Rng;

/// A request's operation. Every value is written by one request only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Operation {
    Set {
        value: String,
    },
    /// `Set` without the name that a new user needs.
    SetNameless {
        value: String,
    },
    Create {
        value: String,
    },
    Get,
}

impl Operation {
    /// Returns the value that the operation writes.
    pub(crate) fn value(&self) -> Option<&String> {
        match self {
            Operation::Set { value } | Operation::SetNameless { value } | Operation::Create { value } => {
                Some(value)
            }
            Operation::Get => None,
        }
    }
}

/// A request and its outcome.
#[derive(Clone, Debug)]
pub(crate) struct RequestRecord {
    pub(crate) user: String,
    pub(crate) operation: Operation,
    pub(crate) times_sent: u32,
    /// The value that was read (if there was a user), or the error. `None` until the request is settled.
    pub(crate) outcome: Option<Result<Option<String>, ErrorCode>>,
}

pub(crate) struct Client {
    pub(crate) number: usize,
    engine: Engine<Value>,
    pub(crate) records: BTreeMap<RequestId, RequestRecord>,
    user: UserId,
    id: ClientId,
    writes: u32,
}

/// Returns the value in a user's body.
pub(crate) fn value_of(body: &Value) -> Option<String> {
    Some(body.get("custom")?.get("value")?.as_str()?.to_owned())
}

impl Client {
    pub(crate) fn new(number: usize, rng: &mut Rng) -> Self {
        let user = UserId::new(["own", &number.to_string()].concat()).unwrap();
        let id = ClientId::new(["client", &number.to_string()].concat()).unwrap();
        let transport = if rng.per_mille(150) { Transport::Http } else { Transport::Auto };
        let engine = Engine::new(Config {
            user: user.clone(),
            client: id.clone(),
            sdk: "causerie-sim",
            transport,
            token: None,
            token_source: false,
            seed: rng.next(),
        });
        Client { number, engine, records: BTreeMap::new(), user, id, writes: 0 }
    }

    fn new_value(&mut self) -> String {
        self.writes += 1;
        [&self.number.to_string(), ".", &self.writes.to_string()].concat()
    }

    fn count_sent(&mut self, request: &Request) {
        let record = self.records.get_mut(&request.id).expect("every request was recorded");
        assert_eq!(record.outcome, None, "sent after it was settled: {request:?}");
        record.times_sent += 1;
    }
}

impl SimulatedClient for Client {
    fn deadline(&self) -> Option<Millis> {
        self.engine.deadline()
    }

    /// Makes a request about the client's own user or about one that all clients write.
    fn act(&mut self, now: Millis, rng: &mut Rng) {
        let name = if rng.per_mille(600) { self.user.as_str() } else { "shared" }.to_owned();
        let user = UserId::new(name.clone()).unwrap();
        let (operation, op) = match rng.between(0, 10) {
            4 => {
                let value = self.new_value();
                (Operation::SetNameless { value: value.clone() }, set(user, None, value))
            }
            0..=3 => {
                let value = self.new_value();
                (Operation::Set { value: value.clone() }, set(user, Some("A name"), value))
            }
            5 => {
                let value = self.new_value();
                let custom = [("value".to_owned(), value.clone())].into();
                let data = CreateUser {
                    name: Some("A name".to_owned()),
                    custom: Some(custom),
                    ..CreateUser::default()
                };
                (Operation::Create { value }, Op::UserCreateIfNotExists { user, data })
            }
            _ => (Operation::Get, Op::UserGet { user }),
        };
        let id = self.engine.request(now, op).expect("the request is valid and below the limit");
        let record = RequestRecord { user: name, operation, times_sent: 0, outcome: None };
        assert!(self.records.insert(id, record).is_none(), "request id {id} was used before");
    }

    fn input(&mut self, now: Millis, input: Input<Value>) {
        self.engine.handle_input(now, input);
    }

    fn poll_network(&mut self) -> Option<NetworkCommand> {
        loop {
            let command = match self.engine.poll()? {
                Output::Open(conn) => NetworkCommand::Open(conn),
                Output::Hello(conn, hello) => NetworkCommand::Send(conn, text(&ClientFrame::Hello(hello))),
                Output::Request(conn, request) => {
                    self.count_sent(&request);
                    NetworkCommand::Send(conn, text(&ClientFrame::Request(request)))
                }
                Output::Ping(conn) => NetworkCommand::Send(conn, text(&ClientFrame::Ping)),
                Output::Close(conn, _) => NetworkCommand::Close(conn),
                Output::AbortPost(conn) => NetworkCommand::AbortPost(conn),
                Output::Post(conn, _, requests) => {
                    requests.iter().for_each(|request| self.count_sent(request));
                    let (user, client) = (self.user.clone(), self.id.clone());
                    let v = causerie_protocol::version::VERSION;
                    let batch = Batch { v, user, client, generation: Some(conn), requests };
                    NetworkCommand::Post(conn, serde_json::to_string(&batch).unwrap())
                }
                Output::Settle(outcome) => {
                    let record = self.records.get_mut(&outcome.id).expect("every request was recorded");
                    assert_eq!(record.outcome, None, "settled twice: {record:?}");
                    record.outcome = Some(match outcome.error {
                        Some(error) => Err(error.code),
                        None => Ok(outcome.entities.users.first().and_then(value_of)),
                    });
                    continue;
                }
                output => panic!("unexpected output: {output:?}"),
            };
            return Some(command);
        }
    }
}

fn set(user: UserId, name: Option<&str>, value: String) -> Op {
    let custom = [("value".to_owned(), Some(value))].into();
    let name = name.map_or(Patch::Keep, |name| Patch::Set(name.to_owned()));
    Op::UserSet { user, data: SetUser { name, custom: Patch::Set(custom), ..SetUser::default() } }
}

fn text(frame: &ClientFrame) -> String {
    serde_json::to_string(frame).unwrap()
}
