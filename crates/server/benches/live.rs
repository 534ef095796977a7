//! Live data over real sockets, with every message durable, compared to floors in the same run: the fan-out
//! to 100 subscribers to a raw broadcast of the same bytes; acknowledged messages of 50 concurrent senders to
//! SQLite's own group-committed inserts; those of one sender to its commits of one row; the latency from send
//! to receipt, and the time of a long history, to a raw relay; and the memory of an idle connection with
//! subscriptions.
//!
//! `cargo bench -p causerie-server --bench live` runs all of them, with `-- --only=senders` (or `fan-out`,
//! `one`, `latency`, `history`, `idle`) one of them. With `-- --keeps-bodies=128`, the clients keep that many
//! bodies, which are not sent again. With `-- --quick` it runs a few rounds, which only show that the bench
//! works. It prints tables and has no threshold. The server and the floor are processes of their own. The
//! same client measures both.
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
use support::{Process, Socket, connect, floors, next_text, open, round_trip};
use tokio::task::LocalSet;
use tokio_tungstenite::tungstenite::Message;

/// The environment variable that makes this program the relay.
const RELAY: &str = "CAUSERIE_BENCH_RELAY";
const SUBSCRIBERS: usize = 100;
const SENDERS: usize = 50;
/// How many messages the sender may be ahead of the slowest subscriber.
const AHEAD: usize = 256;

/// The size of a run.
#[derive(Clone, Copy)]
struct Amounts {
    rounds: usize,
    fan_out: usize,
    sending: Duration,
    latencies: usize,
    idle: usize,
}

const FULL: Amounts =
    Amounts { rounds: 3, fan_out: 5_000, sending: Duration::from_secs(4), latencies: 3_000, idle: 1_000 };
const QUICK: Amounts =
    Amounts { rounds: 1, fan_out: 50, sending: Duration::from_millis(200), latencies: 20, idle: 20 };

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
    seed(server.address).await;
    let only = std::env::args().find_map(|argument| argument.strip_prefix("--only=").map(str::to_owned));
    let wanted = |name: &str| only.as_ref().is_none_or(|only| only == name);
    if wanted("fan-out") {
        fan_out(server.address, relay.address, amounts).await;
    }
    if wanted("senders") {
        senders(server.address, folder.path(), amounts).await;
    }
    if wanted("one") {
        one_sender(server.address, folder.path(), amounts).await;
    }
    if wanted("history") {
        history(server.address, relay.address, amounts).await;
    }
    if wanted("latency") {
        latency(server.address, relay.address, amounts).await;
    }
    if wanted("idle") {
        idle(&server, amounts.idle).await;
    }
}

/// Makes a request that must succeed.
async fn request(socket: &mut Socket, op: &str, params: Value) -> Value {
    let frame = json!({ "t": "request", "id": 1, "op": op, "params": params });
    let result: Value = serde_json::from_str(&round_trip(socket, &frame.to_string()).await).unwrap();
    assert!(result.get("error").is_none(), "{op}: {result}");
    result
}

async fn create(socket: &mut Socket, user: &str) {
    let data = json!({
        "name": format!("User {user}"), "photoUrl": format!("https://example.com/photos/{user}.jpg"),
        "custom": { "team": "analytics" },
    });
    request(socket, "user.createIfNotExists", json!({ "user": user, "data": data })).await;
}

async fn join(socket: &mut Socket, conversation: &str, user: &str) {
    request(socket, "participant.set", json!({ "conversation": conversation, "user": user, "data": {} }))
        .await;
}

/// Creates a conversation of all users, and one for each sender.
async fn seed(address: SocketAddr) {
    let mut ada = connect(address, "ada").await;
    create(&mut ada, "ada").await;
    request(&mut ada, "conversation.createIfNotExists", json!({ "conversation": "talk" })).await;
    for index in 0..SUBSCRIBERS {
        let user = format!("u{index}");
        create(&mut ada, &user).await;
        join(&mut ada, "talk", &user).await;
    }
    for index in 0..SENDERS {
        let conversation = format!("pair-{index}");
        request(&mut ada, "conversation.createIfNotExists", json!({ "conversation": conversation })).await;
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

fn subscribe_to_messages(conversation: &str) -> String {
    json!({ "t": "subscribe", "id": 1, "topic": { "kind": "messages", "id": conversation } }).to_string()
}

fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}

// Fan-out.

/// The deliveries to the subscribers so far.
#[derive(Clone)]
struct Delivered {
    each: Rc<Vec<Cell<usize>>>,
    frames: Rc<Cell<usize>>,
}

impl Delivered {
    fn new() -> Self {
        Delivered { each: Rc::new(vec![Cell::new(0); SUBSCRIBERS]), frames: Rc::default() }
    }

    /// Returns the number of messages that the slowest subscriber has received.
    fn slowest(&self) -> usize {
        self.each.iter().map(Cell::get).min().unwrap()
    }
}

/// Counts the messages that a subscriber receives, until its socket ends.
fn count(mut socket: Socket, delivered: Delivered, index: usize, batched: bool) {
    tokio::task::spawn_local(async move {
        while let Some(Ok(message)) = socket.next().await {
            let Message::Text(text) = message else { continue };
            let messages = match batched {
                true if text.starts_with("{\"t\":\"events\"") => text.matches("{\"put\":").count(),
                true => 0,
                false => 1,
            };
            delivered.each[index].set(delivered.each[index].get() + messages);
            delivered.frames.set(delivered.frames.get() + usize::from(messages > 0));
        }
    });
}

/// Sends messages, at most [`AHEAD`] before the slowest subscriber. Returns the deliveries per second.
async fn send_messages(
    sink: &mut SplitSink<Socket, Message>,
    delivered: &Delivered,
    messages: usize,
    text: impl Fn(usize) -> String,
) -> f64 {
    let (start, started) = (delivered.slowest(), Instant::now());
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
    (messages * SUBSCRIBERS) as f64 / started.elapsed().as_secs_f64()
}

async fn fan_out(server: SocketAddr, relay: SocketAddr, amounts: Amounts) {
    let (delivered, relayed) = (Delivered::new(), Delivered::new());
    let mut sample = connect(server, "u0").await;
    round_trip(&mut sample, &subscribe_to_messages("talk")).await;
    for index in 0..SUBSCRIBERS {
        let mut socket = connect(server, &format!("u{index}")).await;
        round_trip(&mut socket, &subscribe_to_messages("talk")).await;
        count(socket, delivered.clone(), index, true);
        let mut socket = open(relay, "/", None).await;
        round_trip(&mut socket, "follow").await;
        count(socket, relayed.clone(), index, false);
    }
    let (mut sender, mut acks) = connect(server, "ada").await.split();
    tokio::task::spawn_local(async move { while let Some(Ok(_)) = acks.next().await {} });
    let (mut raw_sender, _) = open(relay, "/", None).await.split();
    // One message alone, to find the bytes of its frame.
    send_messages(&mut sender, &delivered, 1, |_| send(1, "sample", "talk")).await;
    let bytes = next_text(&mut sample).await;
    drop(sample);
    println!(
        "fan-out: one sender, {SUBSCRIBERS} subscribers, {} messages of {} bytes, {} rounds in turn, \
         deliveries a second",
        amounts.fan_out,
        bytes.len(),
        amounts.rounds
    );
    let (mut rates, mut raw_rates) = (Vec::new(), Vec::new());
    delivered.frames.set(0);
    for round in 0..amounts.rounds {
        let text = |index: usize| send(index + 1, &format!("{round}-{index}"), "talk");
        rates.push(send_messages(&mut sender, &delivered, amounts.fan_out, text).await);
        raw_rates.push(send_messages(&mut raw_sender, &relayed, amounts.fan_out, |_| bytes.clone()).await);
    }
    let each = (amounts.rounds * amounts.fan_out * SUBSCRIBERS) as f64 / delivered.frames.get() as f64;
    let (rate, raw_rate) = (median(rates), median(raw_rates));
    println!("| server, durable ({each:.1} messages a frame) | {rate:.0} /s |");
    println!("| raw broadcast, nothing stored | {raw_rate:.0} /s |");
    println!("| ratio | {:.2} |\n", rate / raw_rate);
}

// Senders.

async fn senders(server: SocketAddr, folder: &Path, amounts: Amounts) {
    println!(
        "sends acknowledged: {SENDERS} senders at once, each waiting for its result, {} rounds",
        amounts.rounds
    );
    let mut sockets = Vec::new();
    for index in 0..SENDERS {
        sockets.push(connect(server, &format!("u{index}")).await);
    }
    let senders = i64::try_from(SENDERS).unwrap();
    let (mut sends, mut inserts, mut all_rows) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..amounts.rounds {
        let started = Instant::now();
        let mut tasks = Vec::new();
        for (index, mut socket) in sockets.drain(..).enumerate() {
            let sending = amounts.sending;
            tasks.push(tokio::task::spawn_local(async move {
                let mut done = 0;
                while started.elapsed() < sending {
                    done += 1;
                    let key = format!("{round}-{done}");
                    let result = round_trip(&mut socket, &send(done, &key, &format!("pair-{index}"))).await;
                    assert!(result.contains("\"value\""), "{result}");
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
        sends.push(sum as f64 / started.elapsed().as_secs_f64());
        inserts.push(floors::inserts(
            &folder.join(format!("raw-{round}.db")),
            senders,
            amounts.sending,
            false,
        ));
        all_rows.push(floors::inserts(
            &folder.join(format!("all-rows-{round}.db")),
            senders,
            amounts.sending,
            true,
        ));
    }
    let (sends, inserts, all_rows) = (median(sends), median(inserts), median(all_rows));
    println!("| server, over WebSockets | {sends:.0} /s |");
    println!("| SQLite alone, one message row, {SENDERS} a commit | {inserts:.0} /s |");
    println!("| SQLite alone, all rows that a send changes, {SENDERS} a commit | {all_rows:.0} /s |");
    println!("| ratio to the first, to the second | {:.2}, {:.2} |\n", sends / inserts, sends / all_rows);
}

// One sender.

/// One sender that waits for each result, and commits of one row, in turn.
async fn one_sender(server: SocketAddr, folder: &Path, amounts: Amounts) {
    println!("sends acknowledged: one sender that waits for each result, {} rounds", amounts.rounds);
    let mut socket = connect(server, "u1").await;
    let (mut sends, mut commits, mut times) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..amounts.rounds {
        let (started, mut done) = (Instant::now(), 0);
        while started.elapsed() < amounts.sending {
            done += 1;
            let sent = Instant::now();
            let result = round_trip(&mut socket, &send(done, &format!("one-{round}-{done}"), "pair-1")).await;
            assert!(result.contains("\"value\""), "{result}");
            times.push(sent.elapsed());
        }
        sends.push(done as f64 / started.elapsed().as_secs_f64());
        let path = folder.join(format!("one-{round}.db"));
        commits.push(floors::inserts(&path, 1, amounts.sending, false));
    }
    let (sends, commits) = (median(sends), median(commits));
    println!("| server, over a WebSocket | {sends:.0} /s |");
    println!("| SQLite alone, one message row a commit | {commits:.0} /s |");
    println!("| ratio | {:.2} |", sends / commits);
    row("server, send to result", &mut times);
    println!();
}

// History.

/// The number of messages of the history, and of a page.
const HISTORY: [usize; 2] = [1_000, 100];

/// Reads a history page after page, and lets the relay send the same pages.
async fn history(server: SocketAddr, relay: SocketAddr, amounts: Amounts) {
    let [messages, page] = HISTORY;
    let mut socket = connect(server, "u2").await;
    for index in 0..messages {
        let frame = send(index, &format!("history-{index}"), "pair-2");
        socket.feed(Message::text(frame)).await.unwrap();
        if index % 100 == 99 {
            socket.flush().await.unwrap();
            for _ in 0..100 {
                next_text(&mut socket).await;
            }
        }
    }
    let mut raw_receiver = open(relay, "/", None).await;
    round_trip(&mut raw_receiver, "follow").await;
    let mut raw_sender = open(relay, "/", None).await;
    let (mut times, mut raw_times) = (Vec::new(), Vec::new());
    for _ in 0..amounts.latencies.min(100) {
        let (started, mut pages) = (Instant::now(), Vec::new());
        let mut after = json!({ "at": 9_000_000_000_000_000_u64, "id": "" });
        for _ in 0..messages / page {
            let topic = json!({ "kind": "messages", "id": "pair-2" });
            let params = json!({ "topic": topic, "after": after, "limit": page });
            let frame = json!({ "t": "request", "id": 1, "op": "more", "params": params }).to_string();
            let text = round_trip(&mut socket, &frame).await;
            let result: Value = serde_json::from_str(&text).unwrap();
            let bodies = result["entities"]["messages"].as_array().unwrap();
            assert_eq!(bodies.len(), page, "{text}");
            let last = &bodies[page - 1];
            after = json!({ "at": last["createdAt"], "id": last["id"] });
            pages.push(text);
        }
        let middle = Instant::now();
        for text in pages {
            raw_sender.send(Message::text(text)).await.unwrap();
            let text = next_text(&mut raw_receiver).await;
            let _: Value = serde_json::from_str(&text).unwrap();
        }
        times.push(middle - started);
        raw_times.push(middle.elapsed());
    }
    println!("history: {messages} messages in pages of {page}, parsed, {} times in turn", times.len());
    println!("{:<32}{:>10}{:>10}", "", "p50 µs", "p99 µs");
    let (own, relayed) = (row("server", &mut times), row("raw relay of the same pages", &mut raw_times));
    println!("ratio of the medians: {:.1}\n", own / relayed);
}

// Send to receive.

async fn latency(server: SocketAddr, relay: SocketAddr, amounts: Amounts) {
    let mut receiver = connect(server, "u0").await;
    round_trip(&mut receiver, &subscribe_to_messages("pair-0")).await;
    let (mut sender, mut acks) = connect(server, "ada").await.split();
    tokio::task::spawn_local(async move { while let Some(Ok(_)) = acks.next().await {} });
    let mut raw_receiver = open(relay, "/", None).await;
    round_trip(&mut raw_receiver, "follow").await;
    let mut raw_sender = open(relay, "/", None).await;
    let (mut times, mut raw_times) = (Vec::new(), Vec::new());
    let mut bytes = String::from("x");
    for round in 1..=amounts.latencies {
        let text = send(round, &format!("trip-{round}"), "pair-0");
        let started = Instant::now();
        sender.send(Message::text(text)).await.unwrap();
        bytes = next_text(&mut receiver).await;
        let middle = Instant::now();
        raw_sender.send(Message::text(bytes.as_str())).await.unwrap();
        next_text(&mut raw_receiver).await;
        times.push(middle - started);
        raw_times.push(middle.elapsed());
    }
    println!("send to receive, {} bytes, {} times in turn", bytes.len(), amounts.latencies);
    println!("{:<32}{:>10}{:>10}", "", "p50 µs", "p99 µs");
    let (own, relayed) =
        (row("server, durable", &mut times), row("raw relay, nothing stored", &mut raw_times));
    println!("ratio of the medians: {:.1}\n", own / relayed);
}

fn row(name: &str, times: &mut [Duration]) -> f64 {
    times.sort_unstable();
    let at = |part: usize| times[times.len() * part / 100].as_secs_f64() * 1e6;
    println!("{name:<32}{:>10.1}{:>10.1}", at(50), at(99));
    at(50)
}

// The memory of an idle connection.

/// The users are in groups of 20. Each group has 20 conversations with a last message, one of them with a
/// full window. Each connection subscribes to its list and to that window. The first ones are not counted,
/// because they fill memory that all connections share.
async fn idle(server: &Process, connections: usize) {
    const GROUP: usize = 20;
    let all = connections + connections / 2;
    let mut ada = connect(server.address, "ada").await;
    for group in 0..all.div_ceil(GROUP) {
        let users: Vec<_> = (0..GROUP).map(|user| format!("idle-{group}-{user}")).collect();
        for user in &users {
            create(&mut ada, user).await;
        }
        for index in 0..GROUP {
            let conversation = format!("chat-{group}-{index}");
            request(&mut ada, "conversation.createIfNotExists", json!({ "conversation": conversation }))
                .await;
            for user in &users {
                join(&mut ada, &conversation, user).await;
            }
        }
        for (index, user) in users.iter().enumerate() {
            let mut socket = connect(server.address, user).await;
            let message =
                json!({ "conversation": format!("chat-{group}-{index}"), "data": { "text": "Hello" } });
            request(&mut socket, "message.send", message).await;
            for _ in 0..2 {
                let message =
                    json!({ "conversation": format!("chat-{group}-0"), "data": { "text": "Hello" } });
                request(&mut socket, "message.send", message).await;
            }
        }
    }
    let mut sockets = Vec::new();
    let mut before = 0;
    for index in 0..all {
        if index == connections / 2 {
            tokio::time::sleep(Duration::from_millis(500)).await;
            before = server.memory();
        }
        let (group, user) = (index / GROUP, index % GROUP);
        let mut socket = connect(server.address, &format!("idle-{group}-{user}")).await;
        let list = json!({ "t": "subscribe", "id": 2, "topic": { "kind": "conversations" } });
        assert!(round_trip(&mut socket, &list.to_string()).await.contains("\"reset\""));
        assert!(
            round_trip(&mut socket, &subscribe_to_messages(&format!("chat-{group}-0")))
                .await
                .contains("\"reset\"")
        );
        sockets.push(socket);
    }
    tokio::time::sleep(Duration::from_millis(500)).await;
    let grown = server.memory().saturating_sub(before);
    println!(
        "{connections} idle connections, each with a list of 20 conversations and 30 messages: {grown} bytes \
         more, {} each",
        grown / connections as u64
    );
}
