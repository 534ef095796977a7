//! Clients that chat: each sends five messages a second to another one.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::json;
use tokio::net::TcpStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;

use crate::support::socket::{Client, hello};

/// They come from another address than the attackers.
const ADDRESS: &str = "127.0.0.9";
const CLIENTS: usize = 8;
const PAUSE: Duration = Duration::from_millis(200);
/// How long a message may take.
const LOST_AFTER: Duration = Duration::from_secs(5);
/// The text of a message begins with this, and its number follows.
const MARK: &str = "honest message ";

type Socket = WebSocketStream<TcpStream>;

pub(crate) struct Honest {
    shared: Arc<Shared>,
    sinks: Vec<tokio::sync::Mutex<SplitSink<Socket, Message>>>,
}

#[derive(Default)]
struct Shared {
    /// The messages that did not arrive yet: their sender, and when they were sent.
    sent: Mutex<HashMap<u64, (usize, Instant)>>,
    next: Mutex<u64>,
    arrived: Mutex<Vec<Duration>>,
    problems: Mutex<Vec<String>>,
}

/// The times from sending a message to its arrival at the other client, in ascending order.
pub(crate) struct Latencies(Vec<Duration>);

impl Latencies {
    pub(crate) fn p50(&self) -> Duration {
        self.0[self.0.len() / 2]
    }

    pub(crate) fn p99(&self) -> Duration {
        self.0[(self.0.len() * 99).div_ceil(100) - 1]
    }
}

impl Honest {
    /// Connects the clients. Two share a conversation, which both follow with their lists.
    pub(crate) async fn connect(server: SocketAddr) -> Honest {
        let shared = Arc::new(Shared::default());
        let mut sinks = Vec::new();
        for index in 0..CLIENTS {
            let user = format!("honest-{index}");
            let mut client = Client::open_from(ADDRESS, server, "demo").await.unwrap();
            client.send(hello(&user, None)).await;
            assert_eq!(client.frame().await["t"], "welcome");
            let data = json!({ "user": user, "data": { "name": user } });
            client.request("user.createIfNotExists", data).await;
            let conversation = conversation(index);
            client.request("conversation.createIfNotExists", json!({ "conversation": conversation })).await;
            if index % 2 == 0 {
                let other = format!("honest-{}", index + 1);
                let data = json!({ "user": other, "data": { "name": other } });
                client.request("user.createIfNotExists", data).await;
                let join = json!({ "conversation": conversation, "user": other, "data": {} });
                client.request("participant.set", join).await;
            }
            let topics =
                [json!({ "kind": "messages", "id": conversation }), json!({ "kind": "conversations" })];
            for (id, topic) in topics.iter().enumerate() {
                client.send(json!({ "t": "subscribe", "id": 1_000_000 + id, "topic": topic })).await;
                let frame = client.frame().await;
                assert_eq!(frame["t"], "reset", "{frame}");
            }
            let (sink, stream) = client.socket.split();
            tokio::spawn(read(index, stream, Arc::clone(&shared)));
            sinks.push(tokio::sync::Mutex::new(sink));
        }
        Honest { shared, sinks }
    }

    /// Chats for a while. Returns the latencies of its messages.
    pub(crate) async fn talk(&self, duration: Duration) -> Latencies {
        let end = Instant::now() + duration;
        let chats = (self.sinks.iter().enumerate()).map(async |(index, sink)| {
            tokio::time::sleep(PAUSE * u32::try_from(index).unwrap() / u32::try_from(CLIENTS).unwrap()).await;
            let mut ticks = tokio::time::interval(PAUSE);
            while Instant::now() < end {
                ticks.tick().await;
                let number = self.shared.begin(index);
                let data = json!({ "text": format!("{MARK}{number}.") });
                let params = json!({ "conversation": conversation(index), "data": data });
                let key = format!("key-{number}");
                let frame = json!({
                    "t": "request", "id": number, "key": key, "op": "message.send", "params": params
                });
                let _ = sink.lock().await.send(Message::text(frame.to_string())).await;
            }
        });
        futures_util::future::join_all(chats).await;
        let deadline = Instant::now() + LOST_AFTER;
        while !self.shared.sent.lock().unwrap().is_empty() && Instant::now() < deadline {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        let lost = std::mem::take(&mut *self.shared.sent.lock().unwrap()).len();
        if lost > 0 {
            self.shared.problem(format!("{lost} messages did not arrive within {LOST_AFTER:?}"));
        }
        let mut latencies = std::mem::take(&mut *self.shared.arrived.lock().unwrap());
        latencies.sort();
        assert!(latencies.len() > 10, "the honest clients do not chat: {:?}", self.problems());
        Latencies(latencies)
    }

    /// What happened to the clients that should not: lost messages, errors and disconnections.
    pub(crate) fn problems(&self) -> Vec<String> {
        self.shared.problems.lock().unwrap().clone()
    }
}

impl Shared {
    fn begin(&self, sender: usize) -> u64 {
        let mut next = self.next.lock().unwrap();
        *next += 1;
        self.sent.lock().unwrap().insert(*next, (sender, Instant::now()));
        *next
    }

    fn arrive(&self, receiver: usize, number: u64) {
        let mut sent = self.sent.lock().unwrap();
        if sent.get(&number).is_some_and(|(sender, _)| *sender != receiver)
            && let Some((_, at)) = sent.remove(&number)
        {
            self.arrived.lock().unwrap().push(at.elapsed());
        }
    }

    fn problem(&self, text: String) {
        self.problems.lock().unwrap().push(text);
    }
}

fn conversation(index: usize) -> String {
    format!("honest-{}", index / 2)
}

async fn read(index: usize, mut stream: SplitStream<Socket>, shared: Arc<Shared>) {
    loop {
        match stream.next().await {
            Some(Ok(Message::Text(text))) => {
                if text.contains("\"error\"") {
                    shared.problem(text.to_string());
                }
                if text.starts_with("{\"t\":\"events\"") {
                    for rest in text.split(MARK).skip(1) {
                        let number = rest.split('.').next().and_then(|number| number.parse().ok());
                        shared.arrive(index, number.unwrap());
                    }
                }
            }
            Some(Ok(Message::Close(close))) => {
                shared.problem(format!("client {index} was closed: {close:?}"))
            }
            Some(Ok(_)) => {}
            end => return shared.problem(format!("client {index} was disconnected: {end:?}")),
        }
    }
}
