//! Connections to the server: a WebSocket that a test controls frame by frame, and the observer, a user who
//! reads the state of every topic.

use std::net::SocketAddr;
use std::time::Duration;

use causerie_protocol::{Entities, RequestId, ServerFrame};
use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::{WebSocketStream, client_async};

use super::actions::{CONVERSATIONS, USERS, conversation, user};
use crate::endpoints::ServerMessage;

/// The real time that the server may take for one step.
const TIMEOUT: Duration = Duration::from_secs(20);

pub(crate) async fn connect(address: SocketAddr) -> WebSocketStream<TcpStream> {
    let stream = TcpStream::connect(address).await.unwrap();
    stream.set_nodelay(true).unwrap();
    let mut request = format!("ws://{address}/v1/sim/realtime").into_client_request().unwrap();
    request.headers_mut().insert("sec-websocket-protocol", HeaderValue::from_static("causerie.v1"));
    client_async(request, stream).await.unwrap().0
}

/// Receives the next message: a text, or the close with its code.
pub(crate) async fn receive(stream: &mut WebSocketStream<TcpStream>) -> ServerMessage {
    loop {
        return match stream.next().await {
            Some(Ok(Message::Text(text))) => ServerMessage::Text(text.to_string()),
            Some(Ok(Message::Close(Some(close)))) => ServerMessage::Closed(close.code.into()),
            Some(Ok(Message::Close(None)) | Err(_)) | None => ServerMessage::Closed(1006),
            Some(Ok(_)) => continue,
        };
    }
}

pub(crate) async fn with_timeout<T>(step: &str, future: impl Future<Output = T>) -> T {
    tokio::time::timeout(TIMEOUT, future)
        .await
        .unwrap_or_else(|_| panic!("the server did not finish in time: {step}"))
}

/// The state of a topic that a new client loads: the position, the value and the bodies.
pub(crate) type TopicState = (Option<u64>, Option<Value>, Entities<Value>);

/// A user who is in all conversations, with a connection of their own.
pub(crate) struct Observer {
    stream: WebSocketStream<TcpStream>,
    last_id: RequestId,
}

impl Observer {
    pub(crate) async fn log_in(address: SocketAddr, user: &str, client: &str) -> Self {
        let mut stream = connect(address).await;
        let client = [client, "-0123456789"].concat();
        let hello = json!({ "t": "hello", "user": user, "client": client }).to_string();
        stream.send(Message::text(hello)).await.unwrap();
        match with_timeout("welcome", receive(&mut stream)).await {
            ServerMessage::Text(text) if text.contains("\"welcome\"") => {}
            other => panic!("not a welcome: {other:?}"),
        }
        Observer { stream, last_id: 0 }
    }

    /// Sends a frame and waits for the frame with the same id.
    pub(crate) async fn request(&mut self, mut frame: Value) -> Value {
        self.last_id += 1;
        frame["id"] = json!(self.last_id);
        let text = frame.to_string();
        with_timeout(&text, self.stream.send(Message::text(text.clone()))).await.unwrap();
        loop {
            let text = match with_timeout(&text, receive(&mut self.stream)).await {
                ServerMessage::Text(text) => text,
                ServerMessage::Closed(code) => panic!("closed with {code} after {text}"),
            };
            let reply: Value = serde_json::from_str(&text).unwrap();
            if reply["id"] == json!(self.last_id) {
                assert!(reply.get("error").is_none(), "{text} in response to {frame}");
                return reply;
            }
        }
    }

    /// Makes a write request. Its key is the id that it gets.
    async fn write(&mut self, op: &str, params: Value) {
        let key = (self.last_id + 1).to_string();
        self.request(json!({ "t": "request", "key": key, "op": op, "params": params })).await;
    }

    /// Loads a topic with a subscription that ends at once.
    pub(crate) async fn load(&mut self, topic: &Value) -> TopicState {
        let limit = (topic["kind"] == "messages"
            || topic["kind"] == "participants"
            || topic["kind"] == "conversations")
            .then(|| json!({ "limit": 1_000 }));
        let mut frame = json!({ "t": "subscribe", "topic": topic });
        if let Some(limit) = limit {
            frame["window"] = limit;
        }
        let reset = self.request(frame).await;
        let id = self.last_id;
        let unsubscribe = json!({ "t": "unsubscribe", "id": id }).to_string();
        self.stream.send(Message::text(unsubscribe)).await.unwrap();
        match serde_json::from_value(reset).unwrap() {
            ServerFrame::Reset { seq, value, entities, .. } => (seq, value, entities),
            other => panic!("not a reset: {other:?}"),
        }
    }
}

/// Creates the users and the conversations, and adds all users to all conversations.
pub(crate) async fn create_data(address: SocketAddr) -> Observer {
    let mut observer = Observer::log_in(address, "observer", "observer").await;
    let users: Vec<String> = (0..USERS).map(|number| user(number).as_str().to_owned()).collect();
    for id in users.iter().map(String::as_str).chain(["observer"]) {
        observer.write("user.set", json!({ "user": id, "data": { "name": id } })).await;
    }
    for number in 0..CONVERSATIONS {
        let id = conversation(number).as_str().to_owned();
        let params = json!({ "conversation": id, "data": {} });
        observer.write("conversation.createIfNotExists", params).await;
        for user in &users {
            let params = json!({ "conversation": id, "user": user, "data": {} });
            observer.write("participant.createIfNotExists", params).await;
        }
    }
    observer
}

/// Makes one call of the HTTP fallback. Returns the body of the response.
pub(crate) async fn post(address: SocketAddr, body: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let head = format!(
        "POST /v1/sim/realtime HTTP/1.1\r\nhost: {address}\r\ncontent-type: application/json\r\n\
         content-length: {}\r\nconnection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(&[head.as_bytes(), body.as_bytes()].concat()).await.unwrap();
    let mut response = String::new();
    stream.read_to_string(&mut response).await.unwrap();
    let (head, body) = response.split_once("\r\n\r\n").expect("an HTTP response");
    assert!(head.starts_with("HTTP/1.1 200"), "{response}");
    body.to_owned()
}
