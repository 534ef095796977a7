//! The real server, whole, on a loopback socket and under the world's clock. Texts are brought to it one at a time, each
//! carried out before the next is brought, so that what happened has one order. After each that may have changed
//! something, the state of every conversation is read from the store, to judge by.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use causerie_client::{ConnectionId, Millis};
use causerie_protocol::decode::{batch, client_frame};
use causerie_protocol::http::Answers;
use causerie_protocol::{ClientFrame, Entities, Outcome, RequestId, ServerFrame};
use causerie_server::apps::{App, Apps, Origins};
use causerie_server::clock::SettableClock;
use causerie_server::{Config, Server};
use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::{Builder, Runtime};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::{WebSocketStream, client_async};

use super::person::{CONVERSATIONS, PEOPLE, conversation, user};
use super::sabotage::Sabotage;
use super::truth::{Talk, said};
use crate::world::{Said, Site};

/// How long the real server may take for one thing.
const PATIENCE: Duration = Duration::from_secs(20);

struct Socket {
    stream: WebSocketStream<TcpStream>,
    client: String,
    /// The same client has a newer one, so this one is not carried out.
    old: bool,
}

pub(crate) struct RealServer {
    runtime: Runtime,
    address: SocketAddr,
    clock: Arc<SettableClock>,
    sockets: BTreeMap<(usize, ConnectionId), Socket>,
    said: Vec<(usize, ConnectionId, Said)>,
    observer: Observer,
    /// What was in each conversation.
    pub(crate) talks: BTreeMap<String, Talk>,
    pub(crate) sabotage: Sabotage,
}

/// Somebody who is in all conversations.
struct Observer {
    stream: WebSocketStream<TcpStream>,
    next: RequestId,
}

/// What a topic is to somebody who has just come: the value, and the bodies.
pub(crate) type Fresh = (Option<u64>, Option<Value>, Entities<Value>);

async fn connect(address: SocketAddr) -> WebSocketStream<TcpStream> {
    let stream = TcpStream::connect(address).await.unwrap();
    stream.set_nodelay(true).unwrap();
    let mut request = format!("ws://{address}/v1/sim/realtime").into_client_request().unwrap();
    request.headers_mut().insert("sec-websocket-protocol", HeaderValue::from_static("causerie.v1"));
    client_async(request, stream).await.unwrap().0
}

/// What comes next over a socket: a text, or the end with its code.
async fn hear(stream: &mut WebSocketStream<TcpStream>) -> Said {
    loop {
        return match stream.next().await {
            Some(Ok(Message::Text(text))) => Said::Text(text.to_string()),
            Some(Ok(Message::Close(Some(close)))) => Said::Closed(close.code.into()),
            Some(Ok(Message::Close(None)) | Err(_)) | None => Said::Closed(1006),
            Some(Ok(_)) => continue,
        };
    }
}

async fn within<T>(what: &str, future: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, future)
        .await
        .unwrap_or_else(|_| panic!("the server never came to: {what}"))
}

impl Observer {
    /// Sends a frame and waits for the one that answers it.
    async fn ask(&mut self, mut frame: Value) -> Value {
        self.next += 1;
        frame["id"] = json!(self.next);
        let text = frame.to_string();
        within(&text, self.stream.send(Message::text(text.clone()))).await.unwrap();
        loop {
            let text = match within(&text, hear(&mut self.stream)).await {
                Said::Text(text) => text,
                Said::Closed(code) => panic!("closed with {code} after {text}"),
            };
            let answer: Value = serde_json::from_str(&text).unwrap();
            if answer["id"] == json!(self.next) {
                assert!(answer.get("error").is_none(), "{text} to {frame}");
                return answer;
            }
        }
    }

    /// What a topic is now.
    async fn look(&mut self, topic: &Value) -> Fresh {
        let limit = (topic["kind"] == "messages"
            || topic["kind"] == "participants"
            || topic["kind"] == "conversations")
            .then(|| json!({ "limit": 1_000 }));
        let mut frame = json!({ "t": "subscribe", "topic": topic });
        if let Some(limit) = limit {
            frame["window"] = limit;
        }
        let reset = self.ask(frame).await;
        let id = self.next;
        let unsubscribe = json!({ "t": "unsubscribe", "id": id }).to_string();
        self.stream.send(Message::text(unsubscribe)).await.unwrap();
        match serde_json::from_value(reset).unwrap() {
            ServerFrame::Reset { seq, value, entities, .. } => (seq, value, entities),
            other => panic!("no reset: {other:?}"),
        }
    }
}

impl RealServer {
    /// A server with some people and conversations, in which all of them are.
    pub(crate) fn new(sabotage: Sabotage) -> Self {
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
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
            loopback_only: true,
        };
        let mut config = Config { apps: Apps::new([app]).unwrap(), ..Config::default() };
        config.listen.set_port(0);
        let for_server = clock.clone();
        let (address, observer) = runtime.block_on(async move {
            let listener = TcpListener::bind(config.listen).await.unwrap();
            let server = Server::start_at(listener, config, for_server).await.unwrap();
            let address = server.address().unwrap();
            tokio::spawn(server.run(std::future::pending()));
            (address, observer(address).await)
        });
        let mut site = RealServer {
            runtime,
            address,
            clock,
            sockets: BTreeMap::new(),
            said: Vec::new(),
            observer,
            talks: BTreeMap::new(),
            sabotage,
        };
        site.look_around();
        site
    }

    /// Reads what is in every conversation now.
    fn look_around(&mut self) {
        for number in 0..CONVERSATIONS {
            let id = conversation(number).as_str().to_owned();
            let topic = json!({ "kind": "messages", "id": id });
            let (seq, value, entities) = self.runtime.block_on(self.observer.look(&topic));
            let value = value.expect("the observer is in it");
            assert_eq!(value["more"], false);
            let body = |id: &Value| entities.messages.iter().find(|body| body["id"] == *id).unwrap();
            let messages = value["items"].as_array().unwrap().iter().map(|id| {
                let body = body(id);
                ((body["createdAt"].as_i64().unwrap(), id.as_str().unwrap().to_owned()), said(body))
            });
            self.talks.entry(id).or_default().note(seq.expect("numbered"), messages.collect());
        }
    }

    /// What topics are to somebody who has just come, as one of the people.
    pub(crate) fn fresh(&mut self, number: usize, topics: &[Value]) -> Vec<Fresh> {
        let address = self.address;
        self.runtime.block_on(async move {
            let mut newcomer = greeted(address, user(number).as_str(), "newcomer").await;
            let mut fresh = Vec::new();
            for topic in topics {
                fresh.push(newcomer.look(topic).await);
            }
            fresh
        })
    }

    /// Lets the server work, and gathers what it sends.
    fn gather(&mut self) {
        let RealServer { runtime, sockets, said, sabotage, .. } = self;
        runtime.block_on(async {
            let mut quiet = 0;
            while quiet < 2 {
                for _ in 0..16 {
                    tokio::task::yield_now().await;
                }
                quiet += 1;
                let mut ended = Vec::new();
                for (place, socket) in sockets.iter_mut() {
                    let mut cx = Context::from_waker(Waker::noop());
                    while let Poll::Ready(heard) = std::pin::pin!(hear(&mut socket.stream)).poll(&mut cx) {
                        quiet = 0;
                        let end = matches!(heard, Said::Closed(_));
                        said.extend(sabotage.spoil(*place, heard).map(|heard| (place.0, place.1, heard)));
                        if end {
                            ended.push(*place);
                            break;
                        }
                    }
                }
                ended.iter().for_each(|place| drop(sockets.remove(place)));
            }
        });
    }

    /// Gathers what is still to come, for some real time.
    pub(crate) fn wait(&mut self) {
        self.runtime.block_on(async { tokio::time::sleep(Duration::from_millis(5)).await });
        self.gather();
    }

    /// Brings a text to the server and waits until it has answered.
    fn bring(&mut self, place: (usize, ConnectionId), text: &str, frame: &ClientFrame) {
        let Some(socket) = self.sockets.get_mut(&place) else { return };
        let (said, sabotage) = (&mut self.said, &mut self.sabotage);
        let ended = self.runtime.block_on(async {
            if socket.stream.send(Message::text(text)).await.is_err() || socket.old {
                return false;
            }
            if matches!(frame, ClientFrame::Unsubscribe { .. }) {
                return false;
            }
            loop {
                let heard = within(text, hear(&mut socket.stream)).await;
                let (answers, end) = match &heard {
                    Said::Closed(_) => (true, true),
                    Said::Text(text) => (answers(frame, &serde_json::from_str(text).unwrap()), false),
                };
                said.extend(sabotage.spoil(place, heard).map(|heard| (place.0, place.1, heard)));
                if answers {
                    return end;
                }
            }
        });
        if ended {
            self.sockets.remove(&place);
        }
    }
}

async fn greeted(address: SocketAddr, user: &str, client: &str) -> Observer {
    let mut stream = connect(address).await;
    let client = [client, "-0123456789"].concat();
    let hello = json!({ "t": "hello", "user": user, "client": client }).to_string();
    stream.send(Message::text(hello)).await.unwrap();
    match within("welcome", hear(&mut stream)).await {
        Said::Text(text) if text.contains("\"welcome\"") => {}
        other => panic!("not welcomed: {other:?}"),
    }
    Observer { stream, next: 0 }
}

/// Makes the people and the conversations, with everybody in them.
async fn observer(address: SocketAddr) -> Observer {
    let mut observer = greeted(address, "observer", "observer").await;
    let people: Vec<String> = (0..PEOPLE).map(|number| user(number).as_str().to_owned()).collect();
    for (index, id) in people.iter().map(String::as_str).chain(["observer"]).enumerate() {
        let op = json!({ "t": "request", "key": format!("u{index}"), "op": "user.set",
            "params": { "user": id, "data": { "name": id } } });
        observer.ask(op).await;
    }
    for number in 0..CONVERSATIONS {
        let id = conversation(number).as_str().to_owned();
        let create = json!({ "t": "request", "key": format!("c{number}"), "op": "conversation.createIfNotExists",
            "params": { "conversation": id, "data": {} } });
        observer.ask(create).await;
        for person in &people {
            let join = json!({ "t": "request", "key": format!("{number}{person}"), "op": "participant.createIfNotExists",
                "params": { "conversation": id, "user": person, "data": {} } });
            observer.ask(join).await;
        }
    }
    observer
}

/// Whether what came answers a frame.
fn answers(frame: &ClientFrame, came: &Value) -> bool {
    let id = &came["id"];
    match frame {
        ClientFrame::Hello(_) => came["t"] == "welcome",
        ClientFrame::Request(request) => came["t"] == "result" && *id == request.id,
        ClientFrame::Subscribe(subscribe) => came["t"] != "result" && *id == subscribe.id,
        ClientFrame::Ping => came["t"] == "pong",
        ClientFrame::Auth { .. } | ClientFrame::Unsubscribe { .. } => true,
    }
}

fn changes(frame: &ClientFrame) -> bool {
    matches!(frame, ClientFrame::Request(request) if request.op.writes())
}

impl Site for RealServer {
    fn pass(&mut self, time: Millis) {
        self.clock.advance(i64::try_from(time).unwrap());
    }

    fn text(&mut self, client: usize, conn: ConnectionId, text: &str) {
        let text = self.sabotage.spoil_request(text);
        let frame = client_frame(&text).expect("the engine's frames can be read");
        let place = (client, conn);
        if let ClientFrame::Hello(hello) = &frame {
            let name = hello.client.as_str().to_owned();
            for socket in self.sockets.values_mut() {
                socket.old |= socket.client == name;
            }
            let stream = self.runtime.block_on(connect(self.address));
            self.sockets.insert(place, Socket { stream, client: name, old: false });
        }
        self.bring(place, &text, &frame);
        if changes(&frame) {
            self.look_around();
        }
        self.gather();
    }

    fn call(&mut self, text: &str) -> String {
        let read = batch(text).expect("the engine's batches can be read");
        let mut results = Vec::new();
        for socket in self.sockets.values_mut() {
            socket.old |= socket.client == read.client.as_str();
        }
        // One at a time, so that the state after each is known.
        for request in read.requests {
            let request = request.unwrap();
            let one = causerie_protocol::http::Batch {
                v: causerie_protocol::version::VERSION,
                user: read.user.clone(),
                client: read.client.clone(),
                requests: vec![request],
            };
            let body = serde_json::to_string(&one).unwrap();
            let address = self.address;
            let answer = self.runtime.block_on(async { within("a POST", post(address, &body)).await });
            let answers: Answers<Value> = serde_json::from_str(&answer).unwrap();
            results.extend::<Vec<Outcome<Value>>>(answers.results);
            self.look_around();
            self.gather();
        }
        serde_json::to_string(&Answers { results, token_expires_in: None }).unwrap()
    }

    fn gone(&mut self, client: usize, conn: ConnectionId) {
        self.sockets.remove(&(client, conn));
        self.gather();
    }

    fn take_sessions(&mut self) -> Vec<(usize, ConnectionId)> {
        std::mem::take(&mut self.sockets).into_keys().collect()
    }

    fn take_said(&mut self) -> Vec<(usize, ConnectionId, Said)> {
        std::mem::take(&mut self.said)
    }
}

/// Makes one call of the HTTP twin. Answers with the body.
async fn post(address: SocketAddr, body: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let head = format!(
        "POST /v1/sim/realtime HTTP/1.1\r\nhost: {address}\r\ncontent-type: application/json\r\n\
         content-length: {}\r\nconnection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(&[head.as_bytes(), body.as_bytes()].concat()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").expect("an HTTP answer");
    assert!(head.starts_with("HTTP/1.1 200"), "{answer}");
    body.to_owned()
}
