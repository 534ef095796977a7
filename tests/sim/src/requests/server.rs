//! A server without sockets: the protocol's decoder reads its frames, the real service executes the requests
//! one after the other, and the results are returned as text. It records the values that the store had for
//! each user, one after the other, for the checks.

use std::collections::BTreeMap;
use std::sync::Arc;

use causerie_client::{ConnectionId, Millis};
use causerie_protocol::decode::{batch, client_frame};
use causerie_protocol::frames::Welcome;
use causerie_protocol::http::BatchResults;
use causerie_protocol::version::VERSION;
use causerie_protocol::{ClientFrame, ClientId, Op, Outcome, Request, ServerFrame, UserId};
use causerie_server::apps::{App, Apps, Origins};
use causerie_server::clock::SettableClock;
use causerie_server::rules::EncodedOutcome;
use causerie_server::service::Service;
use serde_json::Value;
use tokio::runtime::{Builder, Runtime};

use crate::endpoints::{ServerMessage, SimulatedServer};
use crate::rng::random_bits;

type Caller = (UserId, ClientId);

/// A deliberate bug of the server, to test the checks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Bug {
    None,
    /// Repeated writes are executed again.
    IgnoresKeys,
    /// A write that is every 40th request is acknowledged and not executed.
    AcknowledgesWithoutExecuting,
    /// The requests of a POST are executed in reverse order.
    ReordersBatches,
}

pub(crate) struct ServiceServer {
    runtime: Runtime,
    service: Service,
    app: Arc<App>,
    clock: Arc<SettableClock>,
    sockets: BTreeMap<(usize, ConnectionId), Caller>,
    /// The newest session generation of each client.
    generations: BTreeMap<ClientId, u32>,
    messages: Vec<(usize, ConnectionId, ServerMessage)>,
    /// The values of each user, in the order in which the store had them.
    pub(crate) values: BTreeMap<String, Vec<String>>,
    bug: Bug,
    requests: u64,
}

impl ServiceServer {
    pub(crate) fn new(bug: Bug) -> Self {
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
            roles: Default::default(),
            origins: Origins::default(),
            loopback_only: false,
            webhooks: Vec::new(),
            translator: None,
        };
        let apps = Arc::new(Apps::new([app]).unwrap());
        let app = Arc::clone(apps.get("sim").unwrap());
        let service = Service::open_deterministic(apps, clock.clone(), random_bits);
        let service = runtime.block_on(service).unwrap();
        ServiceServer {
            runtime,
            service,
            app,
            clock,
            sockets: BTreeMap::new(),
            generations: BTreeMap::new(),
            messages: Vec::new(),
            values: BTreeMap::new(),
            bug,
            requests: 0,
        }
    }

    fn execute(&mut self, caller: &Caller, mut request: Request) -> EncodedOutcome {
        self.requests += 1;
        let written = match &request.op {
            Op::UserSet { user, .. } | Op::UserCreateIfNotExists { user, .. } => Some(user.clone()),
            _ => None,
        };
        if written.is_some()
            && self.bug == Bug::AcknowledgesWithoutExecuting
            && self.requests.is_multiple_of(40)
        {
            return Outcome::ok(request.id, None, causerie_protocol::Entities::none());
        }
        if written.is_some() && self.bug == Bug::IgnoresKeys {
            request.key = causerie_protocol::IdempotencyKey::new(self.requests.to_string()).ok();
        }
        let outcome = self.call_service(caller, request);
        if let Some(user) = written {
            self.record_value(&user);
        }
        outcome
    }

    /// Begins a session generation, as the server does. Returns `false` if a later one has begun.
    fn begin_generation(&mut self, client: &ClientId, number: Option<u32>) -> bool {
        let number = number.expect("the engine numbers its connections");
        let newest = self.generations.entry(client.clone()).or_default();
        if number < *newest {
            return false;
        }
        *newest = number;
        self.sockets.retain(|_, other| other.1 != *client);
        true
    }

    fn call_service(&self, caller: &Caller, request: Request) -> EncodedOutcome {
        self.runtime.block_on(self.service.execute_request(&self.app, &caller.0, &caller.1, request))
    }

    /// Records the value that the store has for a user now.
    fn record_value(&mut self, user: &UserId) {
        let observer = (UserId::new("observer").unwrap(), ClientId::new("observer").unwrap());
        let request = Request { id: 1, key: None, op: Op::UserGet { user: user.clone() } };
        let outcome = self.call_service(&observer, request);
        let body =
            outcome.entities.users.first().map(|body| serde_json::from_str::<Value>(&body.json()).unwrap());
        if let Some(value) = body.as_ref().and_then(super::client::value_of) {
            let values = self.values.entry(user.as_str().to_owned()).or_default();
            if values.last() != Some(&value) {
                values.push(value);
            }
        }
    }
}

impl SimulatedServer for ServiceServer {
    const PINGS: bool = false;

    fn advance_clock(&mut self, time: Millis) {
        self.clock.advance(i64::try_from(time).unwrap());
    }

    fn on_text(&mut self, client: usize, conn: ConnectionId, text: &str) {
        let caller = self.sockets.get(&(client, conn)).cloned();
        let reply = match (client_frame(text).expect("the engine sends valid frames"), caller) {
            (ClientFrame::Hello(hello), None) => {
                if !self.begin_generation(&hello.client, hello.generation) {
                    return self.messages.push((client, conn, ServerMessage::Closed(1006)));
                }
                self.sockets.insert((client, conn), (hello.user, hello.client));
                frame(&ServerFrame::Welcome(Welcome {
                    protocol: VERSION,
                    epoch: self.service.epoch().to_owned(),
                    time: 0,
                    ping_interval: 25_000,
                    token_expires_in: None,
                }))
            }
            (ClientFrame::Request(request), Some(caller)) => {
                let mut result = serde_json::to_value(self.execute(&caller, request)).unwrap();
                result["t"] = "result".into();
                result.to_string()
            }
            (ClientFrame::Ping, Some(_)) => frame(&ServerFrame::Pong),
            // Frames on the old socket of a client that has opened another are not executed.
            (_, None) => return,
            (frame, caller) => panic!("{frame:?} from {caller:?}"),
        };
        self.messages.push((client, conn, ServerMessage::Text(reply)));
    }

    fn on_post(&mut self, text: &str) -> String {
        let read = batch(text).expect("the engine sends valid batches");
        if !self.begin_generation(&read.client, read.generation) {
            // The client has given up the call.
            return r#"{"results":[]}"#.to_owned();
        }
        let caller = (read.user, read.client);
        let mut requests: Vec<Request> = read.requests.into_iter().map(|request| request.unwrap()).collect();
        if self.bug == Bug::ReordersBatches {
            requests.reverse();
        }
        let mut results: Vec<_> =
            requests.into_iter().map(|request| self.execute(&caller, request)).collect();
        results.sort_by_key(|outcome| outcome.id);
        serde_json::to_string(&BatchResults { results, token_expires_in: None }).unwrap()
    }

    fn on_closed(&mut self, client: usize, conn: ConnectionId) {
        self.sockets.remove(&(client, conn));
    }

    fn take_sockets(&mut self) -> Vec<(usize, ConnectionId)> {
        std::mem::take(&mut self.sockets).into_keys().collect()
    }

    fn take_messages(&mut self) -> Vec<(usize, ConnectionId, ServerMessage)> {
        std::mem::take(&mut self.messages)
    }
}

fn frame(frame: &ServerFrame<Value>) -> String {
    serde_json::to_string(frame).unwrap()
}
