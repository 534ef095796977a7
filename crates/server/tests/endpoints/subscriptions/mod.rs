//! Subscriptions over real sockets: first the whole value, then every change and nothing else.

mod conversations;
mod kept_bodies;
mod membership;
mod messages;
mod presence;
mod resume;
mod roles;
mod users;

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::socket::{Client, Received, hello};
use crate::support::{DEMO_SECRET, TestServer, within};

/// A client of the app "demo" that separates results from the frames of its subscriptions.
pub(super) struct Subscriber {
    client: Client,
    next_id: u32,
    /// The frames that arrived while the client waited for a result.
    buffered: std::collections::VecDeque<Value>,
}

impl Subscriber {
    pub(super) async fn new(server: &TestServer, user: &str) -> Subscriber {
        Self::named(server, user, &format!("client-of-{user}")).await
    }

    /// A client with this client id, such as another device of the same user.
    pub(super) async fn named(server: &TestServer, user: &str, client: &str) -> Subscriber {
        Self::with_hello(server, user, client, json!({})).await
    }

    /// A client whose `hello` has further fields.
    pub(super) async fn with_hello(
        server: &TestServer,
        user: &str,
        client: &str,
        fields: Value,
    ) -> Subscriber {
        let mut socket = Client::open(server.address, "demo").await;
        let mut first = hello(user, None);
        first["client"] = json!(client);
        for (key, value) in fields.as_object().unwrap() {
            first[key] = value.clone();
        }
        socket.send(first).await;
        let welcome = socket.frame().await;
        assert_eq!(welcome["t"], "welcome", "{welcome}");
        Subscriber { client: socket, next_id: 0, buffered: [welcome].into() }
    }

    /// The epoch in the server's `welcome`.
    pub(super) fn epoch(&mut self) -> String {
        let welcome = self.buffered.pop_front().unwrap();
        welcome["epoch"].as_str().unwrap().to_owned()
    }

    async fn receive(&mut self) -> Value {
        loop {
            match within(10, self.client.receive()).await {
                Received::Frame(frame) if frame["t"] == "ping" => {}
                Received::Frame(frame) => return frame,
                Received::Ping => {}
                Received::Closed(code, _) => panic!("closed with {code}"),
            }
        }
    }

    /// Returns the next frame of a subscription.
    pub(super) async fn next(&mut self) -> Value {
        loop {
            match self.buffered.pop_front() {
                Some(frame) if frame["t"] == "welcome" => {}
                Some(frame) => return frame,
                None => return self.receive().await,
            }
        }
    }

    /// Asserts that no frame arrives within 200 ms, which is longer than any change takes.
    pub(super) async fn expect_nothing(&mut self) {
        self.buffered.retain(|frame| frame["t"] != "welcome");
        assert_eq!(self.buffered, [] as [Value; 0]);
        let received = tokio::time::timeout(Duration::from_millis(200), self.receive()).await;
        assert!(received.is_err(), "{received:?}");
    }

    /// Drops the frames that have arrived.
    pub(super) async fn skip_buffered(&mut self) {
        self.buffered.clear();
        while tokio::time::timeout(Duration::from_millis(20), self.receive()).await.is_ok() {}
    }

    /// Makes a request and returns its result frame.
    pub(super) async fn outcome(&mut self, op: &str, params: Value) -> Value {
        self.next_id += 1;
        let id = self.next_id;
        self.client.send(json!({ "t": "request", "id": id, "op": op, "params": params })).await;
        loop {
            let frame = self.receive().await;
            if frame["t"] == "result" && frame["id"] == id {
                return frame;
            }
            self.buffered.push_back(frame);
        }
    }

    /// Makes a request that must succeed, and returns its value.
    pub(super) async fn ok(&mut self, op: &str, params: Value) -> Value {
        let outcome = self.outcome(op, params).await;
        assert!(outcome.get("error").is_none(), "{op}: {outcome}");
        outcome["value"].clone()
    }

    /// Sends a message and returns its id.
    pub(super) async fn send_message(&mut self, conversation: &str, text: &str) -> String {
        let data = json!({ "conversation": conversation, "data": { "text": text } });
        self.ok("message.send", data).await.as_str().unwrap().to_owned()
    }

    /// Subscribes with further fields, without waiting. Returns the id of the subscription.
    pub(super) async fn send_subscribe(&mut self, topic: Value, fields: Value) -> u32 {
        self.next_id += 1;
        let mut frame = json!({ "t": "subscribe", "id": self.next_id, "topic": topic });
        for (key, value) in fields.as_object().unwrap() {
            frame[key] = value.clone();
        }
        self.client.send(frame).await;
        self.next_id
    }

    /// Subscribes, and returns the id of the subscription and the first frame, which must be a reset.
    pub(super) async fn subscribe(&mut self, topic: Value) -> (u32, Value) {
        let id = self.send_subscribe(topic, json!({})).await;
        let reset = self.next().await;
        assert_eq!((reset["t"].as_str(), reset["id"].as_u64()), (Some("reset"), Some(id.into())), "{reset}");
        (id, reset)
    }

    pub(super) async fn unsubscribe(&mut self, id: u32) {
        self.client.send(json!({ "t": "unsubscribe", "id": id })).await;
    }

    /// Closes the connection without waiting for the server.
    pub(super) async fn close(mut self) {
        self.client.socket.close(None).await.unwrap();
    }
}

/// A server with the users ada, bob, cat and eve, and a conversation "talk" of ada and bob.
pub(super) async fn server() -> TestServer {
    let server = TestServer::start().await;
    create_talk(&server).await;
    server
}

pub(super) async fn create_talk(server: &TestServer) {
    for user in ["ada", "bob", "cat", "eve"] {
        server.put_user("demo", DEMO_SECRET, user, json!({ "name": user })).await;
    }
    let talk = json!({ "participants": ["ada", "bob"], "subject": "Talk" });
    server.backend("demo", DEMO_SECRET).ok("PUT", "/conversations/talk", Some(talk)).await;
}

/// Makes a REST call that must succeed.
pub(super) async fn rest(server: &TestServer, method: &str, path: &str, body: Value) -> Value {
    let body = (!body.is_null()).then_some(body);
    server.backend("demo", DEMO_SECRET).ok(method, path, body).await
}

/// The ids of the bodies of a kind, sorted.
pub(super) fn ids(frame: &Value, kind: &str) -> Vec<String> {
    let bodies = frame["entities"][kind].as_array().cloned().unwrap_or_default();
    let mut ids: Vec<_> = bodies.iter().map(|body| body["id"].as_str().unwrap().to_owned()).collect();
    ids.sort();
    ids
}

/// Returns the body of an entity.
pub(super) fn body<'a>(frame: &'a Value, kind: &str, id: &str) -> &'a Value {
    let bodies = frame["entities"][kind].as_array().unwrap_or_else(|| panic!("no {kind}: {frame}"));
    bodies.iter().find(|body| body["id"] == id).unwrap_or_else(|| panic!("no {id}: {frame}"))
}
