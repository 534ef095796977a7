//! What is followed over real sockets: the whole first, then every change and nothing else.

mod lists;
mod messages;
mod people;
mod resume;
mod rooms;
mod volatile;

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::socket::{Client, Heard, hello};
use crate::support::{DEMO_SECRET, TestServer, within};

/// A client of the app "demo" that tells results from what it follows.
pub(super) struct Follower {
    client: Client,
    next_id: u32,
    /// What came while a result was waited for.
    came: std::collections::VecDeque<Value>,
}

impl Follower {
    pub(super) async fn new(server: &TestServer, user: &str) -> Follower {
        Self::named(server, user, &format!("client-of-{user}")).await
    }

    /// One with a client id of its own: the same user on another device.
    pub(super) async fn named(server: &TestServer, user: &str, client: &str) -> Follower {
        let mut socket = Client::open(server.address, "demo").await;
        let mut first = hello(user, None);
        first["client"] = json!(client);
        socket.send(first).await;
        let welcome = socket.frame().await;
        assert_eq!(welcome["t"], "welcome", "{welcome}");
        Follower { client: socket, next_id: 0, came: [welcome].into() }
    }

    /// The epoch that the server said.
    pub(super) fn epoch(&mut self) -> String {
        let welcome = self.came.pop_front().unwrap();
        welcome["epoch"].as_str().unwrap().to_owned()
    }

    async fn hear(&mut self) -> Value {
        loop {
            match within(10, self.client.hear()).await {
                Heard::Frame(frame) if frame["t"] == "ping" => {}
                Heard::Frame(frame) => return frame,
                Heard::Ping => {}
                Heard::Closed(code, _) => panic!("closed with {code}"),
            }
        }
    }

    /// What comes next of what is followed.
    pub(super) async fn next(&mut self) -> Value {
        loop {
            match self.came.pop_front() {
                Some(frame) if frame["t"] == "welcome" => {}
                Some(frame) => return frame,
                None => return self.hear().await,
            }
        }
    }

    /// Nothing comes, for longer than anything takes.
    pub(super) async fn silence(&mut self) {
        self.came.retain(|frame| frame["t"] != "welcome");
        assert_eq!(self.came, [] as [Value; 0]);
        let heard = tokio::time::timeout(Duration::from_millis(200), self.hear()).await;
        assert!(heard.is_err(), "{heard:?}");
    }

    /// Makes a request, and says how it ended.
    pub(super) async fn outcome(&mut self, op: &str, params: Value) -> Value {
        self.next_id += 1;
        let id = self.next_id;
        self.client.send(json!({ "t": "request", "id": id, "op": op, "params": params })).await;
        loop {
            let frame = self.hear().await;
            if frame["t"] == "result" && frame["id"] == id {
                return frame;
            }
            self.came.push_back(frame);
        }
    }

    /// Makes a request that must go well; returns its value.
    pub(super) async fn ok(&mut self, op: &str, params: Value) -> Value {
        let outcome = self.outcome(op, params).await;
        assert!(outcome.get("error").is_none(), "{op}: {outcome}");
        outcome["value"].clone()
    }

    /// Sends a message; returns its id.
    pub(super) async fn say(&mut self, conversation: &str, text: &str) -> String {
        let data = json!({ "conversation": conversation, "data": { "text": text } });
        self.ok("message.send", data).await.as_str().unwrap().to_owned()
    }

    /// Follows something; returns the number of the subscription.
    pub(super) async fn ask(&mut self, topic: Value, rest: Value) -> u32 {
        self.next_id += 1;
        let mut frame = json!({ "t": "subscribe", "id": self.next_id, "topic": topic });
        for (key, value) in rest.as_object().unwrap() {
            frame[key] = value.clone();
        }
        self.client.send(frame).await;
        self.next_id
    }

    /// Follows something; returns the number and the first frame, which is a reset.
    pub(super) async fn follow(&mut self, topic: Value) -> (u32, Value) {
        let id = self.ask(topic, json!({})).await;
        let reset = self.next().await;
        assert_eq!((reset["t"].as_str(), reset["id"].as_u64()), (Some("reset"), Some(id.into())), "{reset}");
        (id, reset)
    }

    pub(super) async fn unfollow(&mut self, id: u32) {
        self.client.send(json!({ "t": "unsubscribe", "id": id })).await;
    }

    /// Closes the connection.
    pub(super) async fn close(mut self) {
        self.client.socket.close(None).await.unwrap();
    }
}

/// Users ada, bob, cat and eve; a conversation "talk" of ada and bob.
pub(super) async fn server() -> TestServer {
    let server = TestServer::start().await;
    furnish(&server).await;
    server
}

pub(super) async fn furnish(server: &TestServer) {
    for user in ["ada", "bob", "cat", "eve"] {
        server.has_user("demo", DEMO_SECRET, user, json!({ "name": user })).await;
    }
    let talk = json!({ "participants": ["ada", "bob"], "subject": "Talk" });
    server.backend("demo", DEMO_SECRET).ok("PUT", "/conversations/talk", Some(talk)).await;
}

/// Calls the REST API, which must go well.
pub(super) async fn rest(server: &TestServer, method: &str, path: &str, body: Value) -> Value {
    let body = (!body.is_null()).then_some(body);
    server.backend("demo", DEMO_SECRET).ok(method, path, body).await
}

/// The ids of bodies of a kind.
pub(super) fn ids(frame: &Value, kind: &str) -> Vec<String> {
    let bodies = frame["entities"][kind].as_array().cloned().unwrap_or_default();
    let mut ids: Vec<_> = bodies.iter().map(|body| body["id"].as_str().unwrap().to_owned()).collect();
    ids.sort();
    ids
}

/// The body with this id.
pub(super) fn body<'a>(frame: &'a Value, kind: &str, id: &str) -> &'a Value {
    let bodies = frame["entities"][kind].as_array().unwrap_or_else(|| panic!("no {kind}: {frame}"));
    bodies.iter().find(|body| body["id"] == id).unwrap_or_else(|| panic!("no {id}: {frame}"))
}
