//! Live data over real sockets, everything durable, beside floors in the same run: fan-out to 100 subscribers
//! beside a raw broadcast of the same bytes, sends acknowledged by 50 senders at once beside SQLite's own
//! group-committed inserts, send to receive beside a raw relay, and what an idle connection with
//! subscriptions keeps.
//!
//! `cargo bench -p causerie-server --bench live`, with `-- --quick` a few rounds that only show that it
//! works, with `-- --only=senders` (or `fan-out`, `trips`, `idle`) one of them. Prints tables; judges
//! nothing. The server and the floor are processes of their own, and the client is the same for both.
#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a program that prints figures"
)]

mod support;

use std::cell::Cell;
use std::net::SocketAddr;
use std::path::Path;
use std::rc::Rc;
use std::time::{Duration, Instant};

use futures_util::stream::SplitSink;
use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use support::{Process, Socket, floors, heard, open, trip, welcomed};
use tokio::task::LocalSet;
use tokio_tungstenite::tungstenite::Message;

/// Names the process that only passes on.
const RELAY: &str = "CAUSERIE_BENCH_RELAY";
const SUBSCRIBERS: usize = 100;
const SENDERS: usize = 50;
/// How far the sender may be ahead of its subscribers.
const AHEAD: usize = 256;

/// How much is done.
#[derive(Clone, Copy)]
struct Amounts {
    rounds: usize,
    fan_out: usize,
    sending: Duration,
    trips: usize,
    idle: usize,
}

const FULL: Amounts =
    Amounts { rounds: 3, fan_out: 5_000, sending: Duration::from_secs(4), trips: 3_000, idle: 1_000 };
const QUICK: Amounts =
    Amounts { rounds: 1, fan_out: 50, sending: Duration::from_millis(200), trips: 20, idle: 20 };

fn main() {
    if std::env::var_os(RELAY).is_some() {
        tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()
            .unwrap()
            .block_on(floors::relay(4 * AHEAD));
        return;
    }
    let quick = std::env::args().any(|argument| argument == "--quick");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(LocalSet::new().run_until(measure(if quick { QUICK } else { FULL })));
}

async fn measure(amounts: Amounts) {
    let folder = tempfile::tempdir().unwrap();
    let server = Process::unlimited(folder.path());
    let relay = Process::floor(RELAY);
    furnish(server.address).await;
    let only = std::env::args().find_map(|argument| argument.strip_prefix("--only=").map(str::to_owned));
    let wanted = |name: &str| only.as_ref().is_none_or(|only| only == name);
    if wanted("fan-out") {
        fan_out(server.address, relay.address, amounts).await;
    }
    if wanted("senders") {
        senders(server.address, folder.path(), amounts).await;
    }
    if wanted("trips") {
        trips(server.address, relay.address, amounts).await;
    }
    if wanted("idle") {
        idle(&server, amounts.idle).await;
    }
}

/// Makes a request that must go well.
async fn ask(socket: &mut Socket, op: &str, params: Value) -> Value {
    let frame = json!({ "t": "request", "id": 1, "op": op, "params": params });
    let answer: Value = serde_json::from_str(&trip(socket, &frame.to_string()).await).unwrap();
    assert!(answer.get("error").is_none(), "{op}: {answer}");
    answer
}

async fn create(socket: &mut Socket, user: &str) {
    let data = json!({
        "name": format!("User {user}"), "photoUrl": format!("https://example.com/photos/{user}.jpg"),
        "custom": { "team": "analytics" },
    });
    ask(socket, "user.createIfNotExists", json!({ "user": user, "data": data })).await;
}

async fn join(socket: &mut Socket, conversation: &str, user: &str) {
    ask(socket, "participant.set", json!({ "conversation": conversation, "user": user, "data": {} })).await;
}

/// A conversation of everybody, and one for each of the senders.
async fn furnish(address: SocketAddr) {
    let mut ada = welcomed(address, "ada").await;
    create(&mut ada, "ada").await;
    ask(&mut ada, "conversation.createIfNotExists", json!({ "conversation": "talk" })).await;
    for index in 0..SUBSCRIBERS {
        let user = format!("u{index}");
        create(&mut ada, &user).await;
        join(&mut ada, "talk", &user).await;
    }
    for index in 0..SENDERS {
        let conversation = format!("pair-{index}");
        ask(&mut ada, "conversation.createIfNotExists", json!({ "conversation": conversation })).await;
        join(&mut ada, &conversation, &format!("u{index}")).await;
    }
}

fn send(id: usize, key: &str, conversation: &str) -> String {
    let text =
        format!("Message {id}: the quick brown fox jumps over the lazy dog, and over the other one too.");
    json!({
        "t": "request", "id": id, "key": key, "op": "message.send",
        "params": { "conversation": conversation, "data": { "text": text } },
    })
    .to_string()
}

fn follow_messages(conversation: &str) -> String {
    json!({ "t": "subscribe", "id": 1, "topic": { "kind": "messages", "id": conversation } }).to_string()
}

fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}

// Fan-out.

/// What the subscribers have been given so far.
#[derive(Clone)]
struct Delivered {
    each: Rc<Vec<Cell<usize>>>,
    frames: Rc<Cell<usize>>,
}

impl Delivered {
    fn new() -> Self {
        Delivered { each: Rc::new(vec![Cell::new(0); SUBSCRIBERS]), frames: Rc::default() }
    }

    /// What the slowest has been given.
    fn slowest(&self) -> usize {
        self.each.iter().map(Cell::get).min().unwrap()
    }
}

/// Counts what a subscriber is sent, until its socket ends.
fn count(mut socket: Socket, delivered: Delivered, index: usize, ours: bool) {
    tokio::task::spawn_local(async move {
        while let Some(Ok(message)) = socket.next().await {
            let Message::Text(text) = message else { continue };
            let messages = match ours {
                true if text.starts_with("{\"t\":\"events\"") => text.matches("{\"put\":").count(),
                true => 0,
                false => 1,
            };
            delivered.each[index].set(delivered.each[index].get() + messages);
            delivered.frames.set(delivered.frames.get() + usize::from(messages > 0));
        }
    });
}

/// Sends so many messages, never too far ahead; returns deliveries a second.
async fn pump(
    sink: &mut SplitSink<Socket, Message>,
    delivered: &Delivered,
    messages: usize,
    text: impl Fn(usize) -> String,
) -> f64 {
    let (start, began) = (delivered.slowest(), Instant::now());
    for index in 0..messages {
        sink.feed(Message::text(text(index))).await.unwrap();
        if index % 16 == 15 {
            sink.flush().await.unwrap();
            while index.saturating_sub(delivered.slowest() - start) > AHEAD {
                tokio::task::yield_now().await;
            }
        }
    }
    sink.flush().await.unwrap();
    while delivered.slowest() - start < messages {
        tokio::task::yield_now().await;
    }
    (messages * SUBSCRIBERS) as f64 / began.elapsed().as_secs_f64()
}

async fn fan_out(server: SocketAddr, relay: SocketAddr, amounts: Amounts) {
    let (ours, raw) = (Delivered::new(), Delivered::new());
    let mut sample = welcomed(server, "u0").await;
    trip(&mut sample, &follow_messages("talk")).await;
    for index in 0..SUBSCRIBERS {
        let mut socket = welcomed(server, &format!("u{index}")).await;
        trip(&mut socket, &follow_messages("talk")).await;
        count(socket, ours.clone(), index, true);
        let mut socket = open(relay, "/", None).await;
        trip(&mut socket, "follow").await;
        count(socket, raw.clone(), index, false);
    }
    let (mut our_sender, mut acks) = welcomed(server, "ada").await.split();
    tokio::task::spawn_local(async move { while let Some(Ok(_)) = acks.next().await {} });
    let (mut raw_sender, _) = open(relay, "/", None).await.split();
    // One alone, to have the bytes that each is sent.
    pump(&mut our_sender, &ours, 1, |_| send(1, "sample", "talk")).await;
    let bytes = heard(&mut sample).await;
    drop(sample);
    println!(
        "fan-out: one sender, {SUBSCRIBERS} subscribers, {} messages of {} bytes, {} rounds in turn, deliveries a second",
        amounts.fan_out,
        bytes.len(),
        amounts.rounds
    );
    let (mut our_rates, mut raw_rates) = (Vec::new(), Vec::new());
    ours.frames.set(0);
    for round in 0..amounts.rounds {
        let text = |index: usize| send(index + 1, &format!("{round}-{index}"), "talk");
        our_rates.push(pump(&mut our_sender, &ours, amounts.fan_out, text).await);
        raw_rates.push(pump(&mut raw_sender, &raw, amounts.fan_out, |_| bytes.clone()).await);
    }
    let each = (amounts.rounds * amounts.fan_out * SUBSCRIBERS) as f64 / ours.frames.get() as f64;
    let (our_rate, raw_rate) = (median(our_rates), median(raw_rates));
    println!("| ours, durable ({each:.1} messages a frame) | {our_rate:.0} /s |");
    println!("| raw broadcast, nothing stored | {raw_rate:.0} /s |");
    println!("| ratio | {:.2} |\n", our_rate / raw_rate);
}

// Senders.

async fn senders(server: SocketAddr, folder: &Path, amounts: Amounts) {
    println!(
        "sends acknowledged: {SENDERS} senders at once, each waiting for its answer, {} rounds",
        amounts.rounds
    );
    let mut sockets = Vec::new();
    for index in 0..SENDERS {
        sockets.push(welcomed(server, &format!("u{index}")).await);
    }
    let senders = i64::try_from(SENDERS).unwrap();
    let (mut ours, mut inserts, mut whole) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..amounts.rounds {
        let began = Instant::now();
        let mut tasks = Vec::new();
        for (index, mut socket) in sockets.drain(..).enumerate() {
            let sending = amounts.sending;
            tasks.push(tokio::task::spawn_local(async move {
                let mut done = 0;
                while began.elapsed() < sending {
                    done += 1;
                    let key = format!("{round}-{done}");
                    let answer = trip(&mut socket, &send(done, &key, &format!("pair-{index}"))).await;
                    assert!(answer.contains("\"value\""), "{answer}");
                }
                (done, socket)
            }));
        }
        let mut sum = 0;
        for task in tasks {
            let (done, socket) = task.await.unwrap();
            sum += done;
            sockets.push(socket);
        }
        ours.push(sum as f64 / began.elapsed().as_secs_f64());
        inserts.push(floors::inserts(
            &folder.join(format!("raw-{round}.db")),
            senders,
            amounts.sending,
            false,
        ));
        whole.push(floors::inserts(
            &folder.join(format!("whole-{round}.db")),
            senders,
            amounts.sending,
            true,
        ));
    }
    let (ours, inserts, whole) = (median(ours), median(inserts), median(whole));
    println!("| ours, over WebSockets | {ours:.0} /s |");
    println!("| SQLite alone, one message row, {SENDERS} a commit | {inserts:.0} /s |");
    println!("| SQLite alone, all rows that a send changes, {SENDERS} a commit | {whole:.0} /s |");
    println!("| ratio to the first, to the second | {:.2}, {:.2} |\n", ours / inserts, ours / whole);
}

// Send to receive.

async fn trips(server: SocketAddr, relay: SocketAddr, amounts: Amounts) {
    let mut receiver = welcomed(server, "u0").await;
    trip(&mut receiver, &follow_messages("pair-0")).await;
    let (mut sender, mut acks) = welcomed(server, "ada").await.split();
    tokio::task::spawn_local(async move { while let Some(Ok(_)) = acks.next().await {} });
    let mut raw_receiver = open(relay, "/", None).await;
    trip(&mut raw_receiver, "follow").await;
    let mut raw_sender = open(relay, "/", None).await;
    let (mut ours, mut raw) = (Vec::new(), Vec::new());
    let mut bytes = String::from("x");
    for round in 1..=amounts.trips {
        let text = send(round, &format!("trip-{round}"), "pair-0");
        let began = Instant::now();
        sender.send(Message::text(text)).await.unwrap();
        bytes = heard(&mut receiver).await;
        let middle = Instant::now();
        raw_sender.send(Message::text(bytes.as_str())).await.unwrap();
        heard(&mut raw_receiver).await;
        ours.push(middle - began);
        raw.push(middle.elapsed());
    }
    println!("send to receive, {} bytes, {} times in turn", bytes.len(), amounts.trips);
    println!("{:<32}{:>10}{:>10}", "", "p50 µs", "p99 µs");
    let (own, relayed) = (row("ours, durable", &mut ours), row("raw relay, nothing stored", &mut raw));
    println!("ratio of the medians: {:.1}\n", own / relayed);
}

fn row(name: &str, times: &mut [Duration]) -> f64 {
    times.sort_unstable();
    let at = |part: usize| times[times.len() * part / 100].as_secs_f64() * 1e6;
    println!("{name:<32}{:>10.1}{:>10.1}", at(50), at(99));
    at(50)
}

// What an idle connection keeps.

/// Users in groups of 20 with 20 conversations of their own, each with a last message, one with a full
/// window. Each connection follows its list and that window. The first ones are not counted: they fill what
/// all share.
async fn idle(server: &Process, connections: usize) {
    const GROUP: usize = 20;
    let all = connections + connections / 2;
    let mut ada = welcomed(server.address, "ada").await;
    for group in 0..all.div_ceil(GROUP) {
        let users: Vec<_> = (0..GROUP).map(|user| format!("idle-{group}-{user}")).collect();
        for user in &users {
            create(&mut ada, user).await;
        }
        for index in 0..GROUP {
            let conversation = format!("room-{group}-{index}");
            ask(&mut ada, "conversation.createIfNotExists", json!({ "conversation": conversation })).await;
            for user in &users {
                join(&mut ada, &conversation, user).await;
            }
        }
        for (index, user) in users.iter().enumerate() {
            let mut socket = welcomed(server.address, user).await;
            let said =
                json!({ "conversation": format!("room-{group}-{index}"), "data": { "text": "Hello" } });
            ask(&mut socket, "message.send", said).await;
            for _ in 0..2 {
                let said = json!({ "conversation": format!("room-{group}-0"), "data": { "text": "Hello" } });
                ask(&mut socket, "message.send", said).await;
            }
        }
    }
    let mut kept = Vec::new();
    let mut before = 0;
    for index in 0..all {
        if index == connections / 2 {
            tokio::time::sleep(Duration::from_millis(500)).await;
            before = server.memory();
        }
        let (group, user) = (index / GROUP, index % GROUP);
        let mut socket = welcomed(server.address, &format!("idle-{group}-{user}")).await;
        let list = json!({ "t": "subscribe", "id": 2, "topic": { "kind": "conversations" } });
        assert!(trip(&mut socket, &list.to_string()).await.contains("\"reset\""));
        assert!(trip(&mut socket, &follow_messages(&format!("room-{group}-0"))).await.contains("\"reset\""));
        kept.push(socket);
    }
    tokio::time::sleep(Duration::from_millis(500)).await;
    let grown = server.memory().saturating_sub(before);
    println!(
        "{connections} idle connections, each following a list of 20 conversations and 30 messages: {grown} bytes more, {} each",
        grown / connections as u64
    );
}
