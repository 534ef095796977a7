//! A client: an engine, and a program that makes requests at random and notes what becomes of them.

use std::collections::BTreeMap;

use causerie_client::{Config, Engine, Input, Millis, Output, Transport};
use causerie_protocol::http::Batch;
use causerie_protocol::{
    ClientFrame, ClientId, CreateUser, ErrorCode, Op, Patch, Request, RequestId, SetUser, UserId,
};
use serde_json::Value;

use crate::chance::Chance;
use crate::world::{Program, Want};

/// What was asked for. Every value that is written is written by one request only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Asked {
    Set {
        value: String,
    },
    /// As `Set`, without the name that a new user needs.
    SetNameless {
        value: String,
    },
    Create {
        value: String,
    },
    Get,
}

/// A request and what became of it.
#[derive(Clone, Debug)]
pub(crate) struct Note {
    pub(crate) user: String,
    pub(crate) asked: Asked,
    /// How often it was sent.
    pub(crate) sent: u32,
    /// The value that was read (if there was a user), or the error. `None` until it is settled.
    pub(crate) outcome: Option<Result<Option<String>, ErrorCode>>,
}

pub(crate) struct Client {
    pub(crate) number: usize,
    engine: Engine<Value>,
    pub(crate) notes: BTreeMap<RequestId, Note>,
    user: UserId,
    id: ClientId,
    writes: u32,
}

/// The value that a user's body holds.
pub(crate) fn value_of(body: &Value) -> Option<String> {
    Some(body.get("custom")?.get("value")?.as_str()?.to_owned())
}

impl Client {
    pub(crate) fn new(number: usize, chance: &mut Chance) -> Self {
        let user = UserId::new(["own", &number.to_string()].concat()).unwrap();
        let id = ClientId::new(["client", &number.to_string()].concat()).unwrap();
        let transport = if chance.per_mille(150) { Transport::Http } else { Transport::Auto };
        let engine = Engine::new(Config {
            user: user.clone(),
            client: id.clone(),
            sdk: "causerie-sim",
            transport,
            token: None,
            token_source: false,
            seed: chance.next(),
        });
        Client { number, engine, notes: BTreeMap::new(), user, id, writes: 0 }
    }

    fn value(&mut self) -> String {
        self.writes += 1;
        [&self.number.to_string(), ".", &self.writes.to_string()].concat()
    }

    fn sent(&mut self, request: &Request) {
        let note = self.notes.get_mut(&request.id).expect("what is sent was asked for");
        assert_eq!(note.outcome, None, "sent after it was settled: {request:?}");
        note.sent += 1;
    }
}

impl Program for Client {
    fn engine(&self) -> &Engine<Value> {
        &self.engine
    }

    /// The program makes a request: of its own user, or of one that all clients write.
    fn ask(&mut self, now: Millis, chance: &mut Chance) {
        let name = if chance.per_mille(600) { self.user.as_str() } else { "shared" }.to_owned();
        let user = UserId::new(name.clone()).unwrap();
        let (asked, op) = match chance.between(0, 10) {
            4 => {
                let value = self.value();
                (Asked::SetNameless { value: value.clone() }, set(user, None, value))
            }
            0..=3 => {
                let value = self.value();
                (Asked::Set { value: value.clone() }, set(user, Some("A name"), value))
            }
            5 => {
                let value = self.value();
                let custom = [("value".to_owned(), value.clone())].into();
                let data = CreateUser {
                    name: Some("A name".to_owned()),
                    custom: Some(custom),
                    ..CreateUser::default()
                };
                (Asked::Create { value }, Op::UserCreateIfNotExists { user, data })
            }
            _ => (Asked::Get, Op::UserGet { user }),
        };
        let id = self.engine.request(now, op).expect("there is room, and nothing fatal happens");
        let note = Note { user: name, asked, sent: 0, outcome: None };
        assert!(self.notes.insert(id, note).is_none(), "request {id} was there before");
    }

    fn input(&mut self, now: Millis, input: Input<Value>) {
        self.engine.handle_input(now, input);
    }

    fn want(&mut self) -> Option<Want> {
        loop {
            let want = match self.engine.poll()? {
                Output::Open(conn) => Want::Open(conn),
                Output::Hello(conn, hello) => Want::Text(conn, text(&ClientFrame::Hello(hello))),
                Output::Request(conn, request) => {
                    self.sent(&request);
                    Want::Text(conn, text(&ClientFrame::Request(request)))
                }
                Output::Ping(conn) => Want::Text(conn, text(&ClientFrame::Ping)),
                Output::Close(conn, _) => Want::Close(conn),
                Output::AbortPost(conn) => Want::Abort(conn),
                Output::Post(conn, _, requests) => {
                    requests.iter().for_each(|request| self.sent(request));
                    let (user, client) = (self.user.clone(), self.id.clone());
                    let batch = Batch { v: causerie_protocol::version::VERSION, user, client, requests };
                    Want::Call(conn, serde_json::to_string(&batch).unwrap())
                }
                Output::Settle(outcome) => {
                    let note = self.notes.get_mut(&outcome.id).expect("what is settled was asked for");
                    assert_eq!(note.outcome, None, "settled twice: {note:?}");
                    note.outcome = Some(match outcome.error {
                        Some(error) => Err(error.code),
                        None => Ok(outcome.entities.users.first().and_then(value_of)),
                    });
                    continue;
                }
                output => panic!("nobody gave a reason for {output:?}"),
            };
            return Some(want);
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
