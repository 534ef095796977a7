//! The attackers. They run in a thread of their own with the lowest priority, as if they were on another
//! machine, and reconnect whenever they are closed.

use std::net::SocketAddr;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use tokio::task::{LocalSet, spawn_local};
use tokio_tungstenite::tungstenite::Message;
use tokio_util::sync::CancellationToken;

use crate::support::socket::{Client, connect_from, hello};

const ADDRESS: &str = "127.0.0.2";
/// The connections of an attacker.
const CONNECTIONS: usize = 20;
/// No attack lasts longer.
const AT_MOST: Duration = Duration::from_secs(30);

/// A server to attack.
#[derive(Clone)]
pub(crate) struct Target {
    server: SocketAddr,
    /// How often the attacker did what it does.
    done: Arc<AtomicU64>,
}

impl Target {
    fn count(&self, times: u64) {
        self.done.fetch_add(times, Ordering::Relaxed);
    }
}

/// Attacks until its future is dropped.
pub(crate) type Attack = fn(Target) -> Pin<Box<dyn Future<Output = ()>>>;

pub(crate) struct Attacker {
    stop: CancellationToken,
    done: Arc<AtomicU64>,
    thread: JoinHandle<()>,
}

impl Attacker {
    pub(crate) fn start(server: SocketAddr, attack: Attack) -> Attacker {
        let (stop, done) = (CancellationToken::new(), Arc::new(AtomicU64::new(0)));
        let (stopped, target) = (stop.clone(), Target { server, done: Arc::clone(&done) });
        let thread = std::thread::spawn(move || {
            rustix::process::nice(19).unwrap();
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            let tasks = LocalSet::new();
            let attacking = tasks.run_until(attack(target));
            runtime.block_on(async {
                let _ = tokio::time::timeout(AT_MOST, stopped.run_until_cancelled(attacking)).await;
            });
        });
        Attacker { stop, done, thread }
    }

    /// Ends the attack and closes its connections. Returns how often it did what it does.
    pub(crate) fn stop(self) -> u64 {
        self.stop.cancel();
        self.thread.join().unwrap();
        self.done.load(Ordering::Relaxed)
    }
}

/// Runs several attackers side by side, each again and again.
async fn each<F: Future<Output = ()> + 'static>(count: usize, attacker: impl Fn(usize) -> F + 'static) {
    let attacker = Rc::new(attacker);
    let tasks: Vec<_> = (0..count)
        .map(|index| {
            let attacker = Rc::clone(&attacker);
            spawn_local(async move {
                loop {
                    attacker(index).await;
                    tokio::time::sleep(Duration::from_millis(5)).await;
                }
            })
        })
        .collect();
    futures_util::future::join_all(tasks).await;
}

async fn connect(target: &Target, user: &str) -> Option<Client> {
    let mut client = Client::open_from(ADDRESS, target.server, "demo").await?;
    client.socket.send(Message::text(hello(user, None).to_string())).await.ok()?;
    Some(client)
}

/// Sends frames as fast as the server takes them, and reads what comes, until the connection is closed.
async fn flood(target: Target, user: &str, frame: impl Fn(u64) -> String) {
    let Some(client) = connect(&target, user).await else { return };
    let (mut sink, mut stream) = client.socket.split();
    let reading = async { while let Some(Ok(_)) = stream.next().await {} };
    let sending = async {
        for id in 1.. {
            if sink.feed(Message::text(frame(id))).await.is_err() {
                return;
            }
            target.count(1);
            if id.is_multiple_of(32) && sink.flush().await.is_err() {
                return;
            }
        }
    };
    tokio::select! {
        () = reading => {}
        () = sending => {}
    }
}

/// Reads of one user over 20 connections.
pub(crate) async fn requests(target: Target) {
    let get =
        |id| json!({ "t": "request", "id": id, "op": "user.get", "params": { "user": "eve" } }).to_string();
    each(CONNECTIONS, move |_| flood(target.clone(), "eve", get)).await;
}

/// Messages of one user over 20 connections, every tenth of them long.
pub(crate) async fn messages(target: Target) {
    let send = |id: u64| {
        let data = json!({ "text": "x".repeat(if id.is_multiple_of(10) { 10_000 } else { 30 }) });
        let params = json!({ "conversation": "attack", "data": data });
        json!({ "t": "request", "id": id, "op": "message.send", "params": params }).to_string()
    };
    each(CONNECTIONS, move |_| flood(target.clone(), "eve", send)).await;
}

/// Lists of one user with a filter that no conversation matches, over 20 connections.
pub(crate) async fn lists(target: Target) {
    let subscribe = |id: u64| {
        let topic = json!({ "kind": "conversations", "filter": { "subject": ["==", "nothing"] } });
        json!({ "t": "subscribe", "id": id % 100, "topic": topic }).to_string()
    };
    each(CONNECTIONS, move |_| flood(target.clone(), "eve", subscribe)).await;
}

/// POSTs of 64 clients with 100 requests for long pages, whose answers are not read.
pub(crate) async fn unread_posts(target: Target) {
    let topic = json!({ "kind": "messages", "id": "attack" });
    let after = json!({ "at": 9_000_000_000_000_u64, "id": "x" });
    let params = json!({ "topic": topic, "after": after, "limit": 100 });
    let requests: Vec<Value> =
        (1..=100).map(|id| json!({ "id": id, "op": "more", "params": params })).collect();
    each(64, move |index| {
        let body = json!({ "v": 1, "user": "eve", "client": format!("c{index}"), "requests": requests });
        post_without_reading(target.clone(), body.to_string())
    })
    .await;
}

async fn post_without_reading(target: Target, body: String) {
    let Some(mut stream) = connect_from(ADDRESS, target.server).await else { return };
    let head = format!(
        "POST /v1/demo/realtime HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n\
         content-length: {}\r\n\r\n",
        body.len()
    );
    if stream.write_all(head.as_bytes()).await.is_ok() && stream.write_all(body.as_bytes()).await.is_ok() {
        target.count(1);
        tokio::time::sleep(Duration::from_secs(3)).await;
    }
}

/// Connections with 499 subscriptions to the same messages, which do not read while another one sends.
pub(crate) async fn unread_subscriptions(target: Target) {
    let sender = target.clone();
    spawn_local(async move {
        loop {
            let send = |id: u64| {
                let params = json!({ "conversation": "attack", "data": { "text": "x".repeat(6_000) } });
                json!({ "t": "request", "id": id, "op": "message.send", "params": params }).to_string()
            };
            flood(sender.clone(), "eve", send).await;
        }
    });
    each(CONNECTIONS, move |_| {
        let target = target.clone();
        async move {
            let Some(mut client) = connect(&target, "eve").await else { return };
            for id in 0..499 {
                let topic = json!({ "kind": "messages", "id": "attack" });
                let frame = json!({ "t": "subscribe", "id": id, "topic": topic }).to_string();
                if client.socket.send(Message::text(frame)).await.is_err() {
                    return;
                }
                target.count(1);
            }
            tokio::time::sleep(AT_MOST).await;
        }
    })
    .await;
}

/// Connections that do not say `hello`, and heads that do not end, from four addresses.
pub(crate) async fn connections(target: Target) {
    each(4, move |index| {
        let target = target.clone();
        async move {
            let address = format!("127.0.0.{}", index + 2);
            let mut held: Vec<TcpStream> = Vec::new();
            let mut sockets = Vec::new();
            for number in 0..2_000 {
                if number % 2 == 0 {
                    let Some(mut stream) = connect_from(&address, target.server).await else { return };
                    let head = format!("GET /health HTTP/1.1\r\nx-filler: {}", "x".repeat(8_000));
                    if stream.write_all(head.as_bytes()).await.is_err() {
                        return;
                    }
                    held.push(stream);
                } else {
                    let Some(client) = Client::open_from(&address, target.server, "demo").await else {
                        return;
                    };
                    sockets.push(client);
                }
                target.count(1);
            }
            tokio::time::sleep(AT_MOST).await;
        }
    })
    .await;
}
