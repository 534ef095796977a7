//! The server in this process: a runtime whose time the simulation sets, and the connections to it.

use std::sync::Arc;
use std::time::Duration;

use causerie_client::Millis;
use causerie_protocol::{Entities, RequestId};
use causerie_server::apps::{App, Apps, Origins};
use causerie_server::clock::SettableClock;
use causerie_server::config::{Limits, Rate};
use causerie_server::{Config, InProcessServer};
use serde_json::{Value, json};
use tokio::runtime::{Builder, Runtime};
use tokio::time::{Instant, sleep, sleep_until};

use super::pipe::Pipe;
use crate::endpoints::ServerMessage;
use crate::rng::random_bits;

/// No limit: the rates count in real time.
const UNLIMITED: Rate = Rate { per_second: 0, burst: 0 };

/// The shortest time that the runtime can wait.
const TICK: Duration = Duration::from_millis(1);

/// The state of a topic that a new client loads: the position, the value and the bodies.
pub(crate) type TopicState = (Option<u64>, Option<Value>, Entities<Value>);

pub(crate) struct Connections {
    runtime: Runtime,
    server: InProcessServer,
    app: Arc<App>,
    clock: Arc<SettableClock>,
    start: Instant,
    elapsed: Millis,
}

impl Connections {
    pub(crate) fn new() -> Self {
        let runtime = Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
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
            loopback_only: true,
            webhooks: Vec::new(),
            translator: None,
        };
        let limits =
            Limits { connection: UNLIMITED, user: UNLIMITED, address: UNLIMITED, ..Limits::default() };
        let config = Config { apps: Apps::new([app]).unwrap(), limits, ..Config::default() };
        let app = Arc::clone(config.apps.get("sim").unwrap());
        let starting = InProcessServer::start(config, clock.clone(), random_bits);
        let server = runtime.block_on(starting).unwrap();
        let start = runtime.block_on(async { Instant::now() });
        Connections { runtime, server, app, clock, start, elapsed: 0 }
    }

    /// Lets the server's tasks run until all of them wait. The paused time only advances then.
    pub(crate) fn run_tasks(&self) {
        self.runtime.block_on(async { sleep(TICK).await });
    }

    pub(crate) fn advance_clock(&mut self, time: Millis) {
        self.elapsed += time;
        self.clock.advance(i64::try_from(time).unwrap());
        let until = self.start + Duration::from_millis(self.elapsed);
        self.runtime.block_on(async { sleep_until(until.max(Instant::now() + TICK)).await });
    }

    pub(crate) fn connect(&self) -> Pipe {
        let _guard = self.runtime.enter();
        Pipe::new(self.server.connect(&self.app))
    }

    /// Makes one call of the HTTP fallback. Returns the body of the response.
    pub(crate) fn post(&self, body: &str) -> String {
        let response = self.runtime.block_on(self.server.post("/v1/sim/realtime", body.to_owned()));
        self.run_tasks();
        response.unwrap()
    }

    /// Connects a user with a client of its own, which keeps this number of bodies.
    pub(crate) fn log_in(&self, user: &str, client: &str, keeps_bodies: usize) -> Login {
        let mut pipe = self.connect();
        let client = [client, "-0123456789"].concat();
        let hello = json!({ "t": "hello", "user": user, "client": client, "keepsBodies": keeps_bodies });
        pipe.send(&hello.to_string());
        Login { pipe, last_id: 0 }
    }
}

/// A user with a connection that never fails.
pub(crate) struct Login {
    pipe: Pipe,
    last_id: RequestId,
}

impl Login {
    /// Sends a frame with the next id.
    fn send(&mut self, mut frame: Value) -> RequestId {
        self.last_id += 1;
        frame["id"] = json!(self.last_id);
        self.pipe.send(&frame.to_string());
        self.last_id
    }

    /// Returns the frames with an id that arrived, without those of errors and of closes.
    fn receive(&mut self) -> Vec<Value> {
        let mut frames = Vec::new();
        while let Some(message) = self.pipe.receive() {
            match message {
                ServerMessage::Text(text) => {
                    let frame: Value = serde_json::from_str(&text).unwrap();
                    assert!(frame.get("error").is_none(), "the server refused something: {text}");
                    frames.push(frame);
                }
                ServerMessage::Closed(code) => panic!("the server closed a connection with {code}"),
            }
        }
        frames
    }

    /// Answers pings.
    pub(crate) fn keep_alive(&mut self) {
        self.receive();
    }

    /// Enqueues a write. Its key is the id that it gets.
    pub(crate) fn write(&mut self, op: &str, params: Value) {
        let key = (self.last_id + 1).to_string();
        self.send(json!({ "t": "request", "key": key, "op": op, "params": params }));
    }

    /// Executes the writes in the queue. Returns their values.
    pub(crate) fn finish(&mut self, server: &Connections) -> Vec<Value> {
        server.run_tasks();
        let frames = self.receive().into_iter().filter(|frame| frame["t"] == "result");
        frames.map(|mut frame| frame["value"].take()).collect()
    }

    /// Loads topics with subscriptions that end at once.
    pub(crate) fn load(&mut self, server: &Connections, topics: &[Value]) -> Vec<TopicState> {
        let ids = topics.iter().map(|topic| {
            let mut frame = json!({ "t": "subscribe", "topic": topic });
            let kind = topic["kind"].as_str().unwrap();
            if ["messages", "participants", "conversations", "reactions"].contains(&kind) {
                frame["window"] = json!({ "limit": 1_000 });
            }
            self.send(frame)
        });
        let ids: Vec<RequestId> = ids.collect();
        server.run_tasks();
        let mut frames = self.receive();
        ids.iter().for_each(|id| self.pipe.send(&json!({ "t": "unsubscribe", "id": id }).to_string()));
        server.run_tasks();
        self.receive();
        let states = ids.iter().zip(topics).map(|(id, topic)| {
            let found = frames.iter().position(|frame| frame["t"] == "reset" && frame["id"] == *id);
            let mut reset = frames.swap_remove(found.expect("each subscription gets a reset"));
            while !reset["value"]["next"].is_null() {
                self.load_next_page(server, topic, &mut reset);
            }
            let mut bodies = |kind: &str| match reset["entities"][kind].take() {
                Value::Array(bodies) => bodies,
                _ => Vec::new(),
            };
            let (users, conversations) = (bodies("users"), bodies("conversations"));
            let entities = Entities { users, conversations, messages: bodies("messages") };
            (reset["seq"].as_u64(), reset.get_mut("value").map(Value::take), entities)
        });
        states.collect()
    }

    /// Appends the page to a list that comes after the cursor that it names.
    fn load_next_page(&mut self, server: &Connections, topic: &Value, reset: &mut Value) {
        let params = json!({ "topic": topic, "after": reset["value"]["next"], "limit": 30 });
        self.send(json!({ "t": "request", "op": "more", "params": params }));
        server.run_tasks();
        let mut result = self.receive().into_iter().find(|frame| frame["t"] == "result").expect("a page");
        let append = |to: &mut Value, from: &mut Value| {
            let Value::Array(entries) = from.take() else { return };
            match to {
                Value::Array(list) => list.extend(entries),
                absent => *absent = Value::Array(entries),
            }
        };
        for kind in ["users", "conversations", "messages"] {
            append(&mut reset["entities"][kind], &mut result["entities"][kind]);
        }
        append(&mut reset["value"]["items"], &mut result["value"]["items"]);
        for field in ["more", "next"] {
            reset["value"][field] = result["value"][field].take();
        }
    }
}
