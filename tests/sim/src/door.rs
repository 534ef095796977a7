//! The server's doors as far as order and text go: frames are read by the protocol's decoder, requests go to the real
//! service one after the other, answers come out as text. It also keeps, for every user, the values that the store
//! held one after the other: the record that the history is judged by.

use std::collections::BTreeMap;
use std::sync::Arc;

use causerie_client::{ConnectionId, Millis};
use causerie_protocol::decode::{batch, client_frame};
use causerie_protocol::frames::Welcome;
use causerie_protocol::http::Answers;
use causerie_protocol::version::VERSION;
use causerie_protocol::{ClientFrame, ClientId, Op, Outcome, Request, ServerFrame, UserId};
use causerie_server::apps::{App, Apps, Origins};
use causerie_server::clock::SettableClock;
use causerie_server::service::Service;
use serde_json::Value;
use serde_json::value::RawValue;
use tokio::runtime::{Builder, Runtime};

use crate::world::{Said, Site};

type Who = (UserId, ClientId);

/// What is wrong with a server on purpose, to see that the history is judged well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sabotage {
    None,
    /// It takes every repeated write for a new one.
    ForgetsKeys,
    /// Now and then it answers a write that it did not carry out.
    AnswersTooSoon,
    /// It carries out the last write of a POST first.
    Shuffles,
}

pub(crate) struct Door {
    runtime: Runtime,
    service: Service,
    app: Arc<App>,
    clock: Arc<SettableClock>,
    sessions: BTreeMap<(usize, ConnectionId), Who>,
    said: Vec<(usize, ConnectionId, Said)>,
    /// The values of each user in the order in which the store held them.
    pub(crate) values: BTreeMap<String, Vec<String>>,
    sabotage: Sabotage,
    count: u64,
}

impl Door {
    pub(crate) fn new(sabotage: Sabotage) -> Self {
        let runtime = Builder::new_current_thread().build().unwrap();
        let clock = Arc::new(SettableClock::at(1_700_000_000_000));
        let app = App {
            id: "sim".to_owned(),
            secrets: vec!["secret".to_owned()],
            authentication: false,
            user_sync: true,
            conversation_sync: true,
            default_locale: "en".to_owned(),
            default_role: "default".to_owned(),
            origins: Origins::default(),
            loopback_only: false,
        };
        let apps = Arc::new(Apps::new([app]).unwrap());
        let app = Arc::clone(apps.get("sim").unwrap());
        let service = runtime.block_on(Service::open_in_memory(apps, clock.clone())).unwrap();
        Door {
            runtime,
            service,
            app,
            clock,
            sessions: BTreeMap::new(),
            said: Vec::new(),
            values: BTreeMap::new(),
            sabotage,
            count: 0,
        }
    }

    fn carry_out(&mut self, who: &Who, mut request: Request) -> Outcome<Box<RawValue>> {
        self.count += 1;
        let changed = match &request.op {
            Op::UserSet { user, .. } | Op::UserCreateIfNotExists { user, .. } => Some(user.clone()),
            _ => None,
        };
        if changed.is_some() && self.sabotage == Sabotage::AnswersTooSoon && self.count.is_multiple_of(40) {
            return Outcome::ok(request.id, None, causerie_protocol::Entities::none());
        }
        if changed.is_some() && self.sabotage == Sabotage::ForgetsKeys {
            request.key = causerie_protocol::IdempotencyKey::new(self.count.to_string()).ok();
        }
        let outcome = self.run(who, request);
        if let Some(user) = changed {
            self.note(&user);
        }
        outcome
    }

    fn run(&self, who: &Who, request: Request) -> Outcome<Box<RawValue>> {
        self.runtime.block_on(self.service.client(&self.app, &who.0, &who.1, request))
    }

    /// Notes what the store holds of a user now.
    fn note(&mut self, user: &UserId) {
        let observer = (UserId::new("observer").unwrap(), ClientId::new("observer").unwrap());
        let request = Request { id: 1, key: None, op: Op::UserGet { user: user.clone() } };
        let outcome = self.run(&observer, request);
        let body =
            outcome.entities.users.first().map(|body| serde_json::from_str::<Value>(body.get()).unwrap());
        if let Some(value) = body.as_ref().and_then(crate::client::value_of) {
            let values = self.values.entry(user.as_str().to_owned()).or_default();
            if values.last() != Some(&value) {
                values.push(value);
            }
        }
    }
}

impl Site for Door {
    fn pass(&mut self, time: Millis) {
        self.clock.advance(i64::try_from(time).unwrap());
    }

    fn text(&mut self, client: usize, conn: ConnectionId, text: &str) {
        let session = self.sessions.get(&(client, conn)).cloned();
        let answer = match (client_frame(text).expect("the engine's frames can be read"), session) {
            (ClientFrame::Hello(hello), None) => {
                self.sessions.retain(|_, who| who.1 != hello.client);
                self.sessions.insert((client, conn), (hello.user, hello.client));
                frame(&ServerFrame::Welcome(Welcome {
                    protocol: VERSION,
                    epoch: self.service.epoch().to_owned(),
                    time: 0,
                    ping_interval: 25_000,
                    token_expires_in: None,
                }))
            }
            (ClientFrame::Request(request), Some(who)) => {
                frame(&ServerFrame::Result(self.carry_out(&who, request)))
            }
            (ClientFrame::Ping, Some(_)) => frame(&ServerFrame::Pong),
            // What still comes over a socket whose client has opened another is not carried out.
            (_, None) => return,
            (frame, session) => panic!("{frame:?} where the session is {session:?}"),
        };
        self.said.push((client, conn, Said::Text(answer)));
    }

    fn call(&mut self, text: &str) -> String {
        let read = batch(text).expect("the engine's batches can be read");
        let who = (read.user, read.client);
        self.sessions.retain(|_, other| other.1 != who.1);
        let mut requests: Vec<Request> = read.requests.into_iter().map(|request| request.unwrap()).collect();
        if self.sabotage == Sabotage::Shuffles {
            requests.reverse();
        }
        let mut results: Vec<_> = requests.into_iter().map(|request| self.carry_out(&who, request)).collect();
        results.sort_by_key(|outcome| outcome.id);
        serde_json::to_string(&Answers { results, token_expires_in: None }).unwrap()
    }

    fn gone(&mut self, client: usize, conn: ConnectionId) {
        self.sessions.remove(&(client, conn));
    }

    fn take_sessions(&mut self) -> Vec<(usize, ConnectionId)> {
        std::mem::take(&mut self.sessions).into_keys().collect()
    }

    fn take_said(&mut self) -> Vec<(usize, ConnectionId, Said)> {
        std::mem::take(&mut self.said)
    }
}

fn frame(frame: &ServerFrame<Box<RawValue>>) -> String {
    serde_json::to_string(frame).unwrap()
}
