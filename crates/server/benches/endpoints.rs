//! The latency of `user.get` over a WebSocket, compared to a raw echo of the same bytes, and the memory of an
//! idle connection.
//!
//! `cargo bench -p causerie-server --bench endpoints`. Prints a table and has no threshold. The server and
//! the echo are processes of their own. The same client calls both in turn.
#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a program that prints figures"
)]

mod support;

use std::time::{Duration, Instant};

use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::json;
use support::{Process, connect, open, round_trip};
use tokio::net::TcpListener;
use tokio_tungstenite::accept_async;

const ROUNDS: usize = 20_000;
const IDLE: usize = 1_000;
/// The environment variable that makes this program the echo server.
const ECHO: &str = "CAUSERIE_BENCH_ECHO";

fn main() {
    if std::env::var_os(ECHO).is_some() {
        tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap().block_on(echo());
        return;
    }
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(measure());
}

/// Echoes every message.
async fn echo() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    println!("http://{}", listener.local_addr().unwrap());
    while let Ok((stream, _)) = listener.accept().await {
        stream.set_nodelay(true).unwrap();
        tokio::spawn(async move {
            let mut socket = accept_async(stream).await.unwrap();
            while let Some(Ok(message)) = socket.next().await {
                if message.is_text() && socket.send(message).await.is_err() {
                    return;
                }
            }
        });
    }
}

async fn measure() {
    let folder = tempfile::tempdir().unwrap();
    let server = Process::server(folder.path());
    let floor = Process::floor(ECHO);
    let mut client = connect(server.address, "ada").await;
    let data = json!({
        "name": "Ada Lovelace", "locale": "en", "photoUrl": "https://example.com/photos/ada.jpg",
        "role": "member", "welcomeMessage": "Hello, how can I help?",
        "custom": { "team": "analytics", "floor": "3" },
    });
    let set = json!({ "t": "request", "id": 1, "op": "user.set", "params": { "user": "ada", "data": data } });
    round_trip(&mut client, &set.to_string()).await;
    let get = json!({ "t": "request", "id": 2, "op": "user.get", "params": { "user": "ada" } }).to_string();
    let result = round_trip(&mut client, &get).await;
    let mut raw = open(floor.address, "/", None).await;
    println!(
        "user.get: {} bytes of request, {} of result; the echo carries the result",
        get.len(),
        result.len()
    );

    let (mut get_times, mut echo_times) = (Vec::new(), Vec::new());
    for round in 0..ROUNDS + 1_000 {
        let start = Instant::now();
        round_trip(&mut client, &get).await;
        let middle = Instant::now();
        round_trip(&mut raw, &result).await;
        if round >= 1_000 {
            get_times.push(middle - start);
            echo_times.push(middle.elapsed());
        }
    }
    println!("{:<26}{:>10}{:>10}{:>10}", "", "p50 µs", "p99 µs", "p99.9 µs");
    let (get_median, echo_median) = (row("user.get", &mut get_times), row("raw echo", &mut echo_times));
    println!("ratio of the medians: {:.2}", get_median / echo_median);
    idle(&server).await;
}

fn row(name: &str, times: &mut [Duration]) -> f64 {
    times.sort_unstable();
    let at = |part: usize| times[times.len() * part / 1_000].as_secs_f64() * 1e6;
    println!("{name:<26}{:>10.1}{:>10.1}{:>10.1}", at(500), at(990), at(999));
    at(500)
}

/// Opens connections that only send `hello`. The first ones are not counted, because they fill buffers that
/// all connections share.
async fn idle(server: &Process) {
    let mut connections = Vec::new();
    let mut before = 0;
    for n in 0..IDLE + IDLE / 2 {
        if n == IDLE / 2 {
            before = server.memory();
        }
        connections.push(connect(server.address, &format!("user-{n}")).await);
    }
    let grown = server.memory().saturating_sub(before);
    println!("{IDLE} idle connections: {grown} bytes more, {} each", grown / IDLE as u64);
}
