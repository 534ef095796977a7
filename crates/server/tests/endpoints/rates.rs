//! The default rates, floods, and the share of connections that one address may have.

use std::net::SocketAddr;
use std::time::Duration;

use causerie_server::Config;
use causerie_server::config::{Limits, Preset, Rate};
use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::io::AsyncReadExt as _;
use tokio::net::{TcpSocket, TcpStream};
use tokio_tungstenite::tungstenite::Message;

use crate::support::socket::Client;
use crate::support::{DEMO_SECRET, TestServer, config, figure, http, within};

fn public() -> Config {
    Config { limits: Limits::of(Preset::Public), ..config() }
}

/// Sends as many requests as the burst allows. Returns how many succeeded.
async fn accepted(client: &mut Client, op: &str, params: &Value, count: usize) -> usize {
    for _ in 0..count {
        client.send_request(op, params.clone()).await;
    }
    let mut accepted = 0;
    for _ in 0..count {
        let result = client.frame().await;
        match result["error"]["code"].as_str() {
            None => accepted += 1,
            code => assert_eq!(code, Some("rate_limited"), "{result}"),
        }
    }
    accepted
}

#[tokio::test]
async fn a_user_sends_two_hundred_messages_at_once_and_then_ten_a_second() {
    let server = TestServer::with(public()).await;
    server.create_talk("demo", DEMO_SECRET).await;
    let mut client = Client::welcomed(server.address, "demo", "ada", None).await;
    let send = json!({ "conversation": "talk", "data": { "text": "Hello" } });
    let burst = accepted(&mut client, "message.send", &send, 300).await;
    figure("messages at once", burst as u64, 260, "messages");
    assert!((200..260).contains(&burst), "{burst} at once");
    tokio::time::sleep(Duration::from_secs(2)).await;
    let later = accepted(&mut client, "message.send", &send, 60).await;
    assert!((15..45).contains(&later), "{later} two seconds later");
}

#[tokio::test]
async fn long_writes_count_by_their_bytes() {
    let server = TestServer::with(public()).await;
    server.create_talk("demo", DEMO_SECRET).await;
    let mut client = Client::welcomed(server.address, "demo", "ada", None).await;
    let send = json!({ "conversation": "talk", "data": { "text": "x".repeat(10_000) } });
    let burst = accepted(&mut client, "message.send", &send, 100).await;
    assert!((35..60).contains(&burst), "{burst} at once");
}

#[tokio::test]
async fn a_flood_over_the_rate_of_a_user_is_closed() {
    let server = TestServer::with(public()).await;
    let client = Client::welcomed(server.address, "demo", "ada", None).await;
    let (mut sink, mut stream) = client.socket.split();
    let flood = tokio::spawn(async move {
        let get = json!({ "t": "request", "id": 1, "op": "user.get", "params": { "user": "ada" } });
        let mut sent = 0;
        while sent < 200_000 && sink.send(Message::text(get.to_string())).await.is_ok() {
            sent += 1;
        }
        sent
    });
    let code = within(20, async {
        loop {
            match stream.next().await {
                Some(Ok(Message::Close(Some(close)))) => return u16::from(close.code),
                Some(Ok(_)) => {}
                _ => return 1_006,
            }
        }
    });
    assert!(matches!(code.await, 4_100 | 1_006));
    drop(stream);
    let sent = flood.await.unwrap();
    figure("a flood before it was closed", sent, 100_000, "requests");
    assert!(sent < 100_000, "{sent} requests were accepted");
}

#[tokio::test]
async fn health_checks_and_calls_to_unknown_apps_count_against_their_address() {
    let mut limited = config();
    limited.limits.address = Rate { per_second: 1, burst: 5 };
    for path in ["/health", "/ready", "/v1/nothing/users", "/v1/nothing/realtime"] {
        let server = TestServer::with(limited.clone()).await;
        let mut codes = Vec::new();
        for _ in 0..10 {
            codes.push(http::call(server.address, "GET", path, &[], "").await.status.as_u16());
        }
        assert!(codes.iter().skip(7).all(|code| *code == 429), "{path}: {codes:?}");
    }
}

/// Opens a TCP connection from an address of this machine. Returns `None` if the server closes it at once.
async fn open_from(address: &str, server: SocketAddr) -> Option<TcpStream> {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind(format!("{address}:0").parse().unwrap()).unwrap();
    let mut stream = socket.connect(server).await.ok()?;
    let read = tokio::time::timeout(Duration::from_millis(20), stream.read_u8()).await;
    read.is_err().then_some(stream)
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn four_addresses_cannot_take_all_connections() {
    let mut small = config();
    small.limits.connections = 40;
    let server = TestServer::with(small).await;
    let mut held = Vec::new();
    for round in 0..30 {
        for attacker in ["127.0.0.2", "127.0.0.3", "127.0.0.4", "127.0.0.5"] {
            if held.len() < 40 {
                held.extend(open_from(attacker, server.address).await);
            }
        }
        assert!(round < 30);
    }
    figure("connections of four addresses", held.len() as u64, 40, "of 40");
    assert!(held.len() >= 24, "they get {} of 40", held.len());
    let mut honest = within(3, Client::welcomed(server.address, "demo", "ada", None)).await;
    assert!(honest.request("user.get", json!({ "user": "ada" })).await.get("error").is_none());
}
