//! The whole server on a loopback socket, under the simulation's clock. It is sent one text at a time, and
//! each is executed before the next is sent, so that all changes have one order. After each text that may
//! have changed something, the state of every conversation is read from the store, for the checks.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use causerie_client::{ConnectionId, Millis};
use causerie_protocol::decode::{batch, client_frame};
use causerie_protocol::http::BatchResults;
use causerie_protocol::{ClientFrame, Outcome};
use causerie_server::apps::{App, Apps, Origins};
use causerie_server::clock::SettableClock;
use causerie_server::{Config, Server};
use futures_util::SinkExt as _;
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::{Builder, Runtime};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;

use super::actions::{CONVERSATIONS, conversation, user};
use super::bugs::BugInjector;
use super::ground_truth::{ConversationHistory, text_of};
use super::observer::{Observer, TopicState, connect, create_data, post, receive, with_timeout};
use crate::endpoints::{ServerMessage, SimulatedServer};

struct Socket {
    stream: WebSocketStream<TcpStream>,
    client: String,
    /// The same client has a newer socket, so frames on this one are not executed.
    replaced: bool,
}

pub(crate) struct SocketServer {
    runtime: Runtime,
    address: SocketAddr,
    clock: Arc<SettableClock>,
    sockets: BTreeMap<(usize, ConnectionId), Socket>,
    messages: Vec<(usize, ConnectionId, ServerMessage)>,
    observer: Observer,
    /// The states of each conversation.
    pub(crate) histories: BTreeMap<String, ConversationHistory>,
    bugs: BugInjector,
}

impl SocketServer {
    /// Starts a server with some users and conversations. All users are in all conversations.
    pub(crate) fn new(bugs: BugInjector) -> Self {
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
        let server_clock = clock.clone();
        let (address, observer) = runtime.block_on(async move {
            let listener = TcpListener::bind(config.listen).await.unwrap();
            let server = Server::start_at(listener, config, server_clock).await.unwrap();
            let address = server.address().unwrap();
            tokio::spawn(server.run(std::future::pending()));
            (address, create_data(address).await)
        });
        let mut server = SocketServer {
            runtime,
            address,
            clock,
            sockets: BTreeMap::new(),
            messages: Vec::new(),
            observer,
            histories: BTreeMap::new(),
            bugs,
        };
        server.record_states();
        server
    }

    /// Records the state that every conversation has now.
    fn record_states(&mut self) {
        for number in 0..CONVERSATIONS {
            let id = conversation(number).as_str().to_owned();
            let topic = json!({ "kind": "messages", "id": id });
            let (seq, value, entities) = self.runtime.block_on(self.observer.load(&topic));
            let value = value.expect("the observer is in every conversation");
            assert_eq!(value["more"], false);
            let body = |id: &Value| entities.messages.iter().find(|body| body["id"] == *id).unwrap();
            let messages = value["items"].as_array().unwrap().iter().map(|id| {
                let body = body(id);
                ((body["createdAt"].as_i64().unwrap(), id.as_str().unwrap().to_owned()), text_of(body))
            });
            self.histories
                .entry(id)
                .or_default()
                .record(seq.expect("messages are numbered"), messages.collect());
        }
    }

    /// Loads topics as a new client of one of the users.
    pub(crate) fn load_as_new_client(&mut self, number: usize, topics: &[Value]) -> Vec<TopicState> {
        let address = self.address;
        self.runtime.block_on(async move {
            let mut client = Observer::log_in(address, user(number).as_str(), "new-client").await;
            let mut states = Vec::new();
            for topic in topics {
                states.push(client.load(topic).await);
            }
            states
        })
    }

    /// Lets the server's tasks run, and collects the messages that they send.
    fn collect_messages(&mut self) {
        let SocketServer { runtime, sockets, messages, bugs, .. } = self;
        runtime.block_on(async {
            let mut idle_rounds = 0;
            while idle_rounds < 2 {
                for _ in 0..16 {
                    tokio::task::yield_now().await;
                }
                idle_rounds += 1;
                let mut ended = Vec::new();
                for (key, socket) in sockets.iter_mut() {
                    let mut cx = Context::from_waker(Waker::noop());
                    while let Poll::Ready(message) = std::pin::pin!(receive(&mut socket.stream)).poll(&mut cx)
                    {
                        idle_rounds = 0;
                        let closed = matches!(message, ServerMessage::Closed(_));
                        let message = bugs.modify_message(*key, message);
                        messages.extend(message.map(|message| (key.0, key.1, message)));
                        if closed {
                            ended.push(*key);
                            break;
                        }
                    }
                }
                ended.iter().for_each(|key| drop(sockets.remove(key)));
            }
        });
    }

    /// Waits for a few real milliseconds and collects the messages sent meanwhile.
    pub(crate) fn wait(&mut self) {
        self.runtime.block_on(async { tokio::time::sleep(Duration::from_millis(5)).await });
        self.collect_messages();
    }

    /// Sends a text to the server and waits for its reply.
    fn send(&mut self, key: (usize, ConnectionId), text: &str, frame: &ClientFrame) {
        let Some(socket) = self.sockets.get_mut(&key) else { return };
        let (messages, bugs) = (&mut self.messages, &mut self.bugs);
        let ended = self.runtime.block_on(async {
            if socket.stream.send(Message::text(text)).await.is_err() || socket.replaced {
                return false;
            }
            if matches!(frame, ClientFrame::Unsubscribe { .. }) {
                return false;
            }
            loop {
                let message = with_timeout(text, receive(&mut socket.stream)).await;
                let (done, closed) = match &message {
                    ServerMessage::Closed(_) => (true, true),
                    ServerMessage::Text(text) => {
                        (is_reply(frame, &serde_json::from_str(text).unwrap()), false)
                    }
                };
                let message = bugs.modify_message(key, message);
                messages.extend(message.map(|message| (key.0, key.1, message)));
                if done {
                    return closed;
                }
            }
        });
        if ended {
            self.sockets.remove(&key);
        }
    }
}

/// Returns whether a received frame is the reply to a sent frame.
fn is_reply(frame: &ClientFrame, received: &Value) -> bool {
    let id = &received["id"];
    match frame {
        ClientFrame::Hello(_) => received["t"] == "welcome",
        ClientFrame::Request(request) => received["t"] == "result" && *id == request.id,
        ClientFrame::Subscribe(subscribe) => received["t"] != "result" && *id == subscribe.id,
        ClientFrame::Ping => received["t"] == "pong",
        ClientFrame::Auth { .. } | ClientFrame::Unsubscribe { .. } => true,
    }
}

fn is_write(frame: &ClientFrame) -> bool {
    matches!(frame, ClientFrame::Request(request) if request.op.writes())
}

impl SimulatedServer for SocketServer {
    fn advance_clock(&mut self, time: Millis) {
        self.clock.advance(i64::try_from(time).unwrap());
    }

    fn on_text(&mut self, client: usize, conn: ConnectionId, text: &str) {
        let text = self.bugs.modify_request(text);
        let frame = client_frame(&text).expect("the engine sends valid frames");
        let key = (client, conn);
        if let ClientFrame::Hello(hello) = &frame {
            let name = hello.client.as_str().to_owned();
            for socket in self.sockets.values_mut() {
                socket.replaced |= socket.client == name;
            }
            let stream = self.runtime.block_on(connect(self.address));
            self.sockets.insert(key, Socket { stream, client: name, replaced: false });
        }
        self.send(key, &text, &frame);
        if is_write(&frame) {
            self.record_states();
        }
        self.collect_messages();
    }

    fn on_post(&mut self, text: &str) -> String {
        let read = batch(text).expect("the engine sends valid batches");
        let mut results = Vec::new();
        for socket in self.sockets.values_mut() {
            socket.replaced |= socket.client == read.client.as_str();
        }
        // One request at a time, so that the state after each is recorded.
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
            let body = self.runtime.block_on(async { with_timeout("a POST", post(address, &body)).await });
            let answers: BatchResults<Value> = serde_json::from_str(&body).unwrap();
            results.extend::<Vec<Outcome<Value>>>(answers.results);
            self.record_states();
            self.collect_messages();
        }
        serde_json::to_string(&BatchResults { results, token_expires_in: None }).unwrap()
    }

    fn on_closed(&mut self, client: usize, conn: ConnectionId) {
        self.sockets.remove(&(client, conn));
        self.collect_messages();
    }

    fn take_sockets(&mut self) -> Vec<(usize, ConnectionId)> {
        std::mem::take(&mut self.sockets).into_keys().collect()
    }

    fn take_messages(&mut self) -> Vec<(usize, ConnectionId, ServerMessage)> {
        std::mem::take(&mut self.messages)
    }
}
