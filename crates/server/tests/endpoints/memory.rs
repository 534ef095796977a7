//! The bounds in bytes of what one connection makes the server hold.

use std::time::Duration;

use futures_util::SinkExt as _;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::protocol::frame::Frame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};
use tokio_tungstenite::tungstenite::{Bytes, Message};

use crate::support::process::ServerProcess;
use crate::support::socket::{Client, Received};
use crate::support::{DEMO_SECRET, TestServer, figure, within};

/// A filter of about 60 kB of JSON that no conversation matches.
fn large_filter(name: &str) -> Value {
    let values: Vec<String> = (0..100).map(|index| format!("{name}-{index}-{}", "x".repeat(590))).collect();
    json!({ "subject": ["oneOf", values] })
}

fn subscribe(id: usize, topic: &Value) -> Value {
    json!({ "t": "subscribe", "id": id, "topic": topic })
}

#[tokio::test]
async fn filters_of_one_connection_have_a_budget_and_equal_ones_count_once() {
    let server = TestServer::start().await;
    server.create_talk("demo", DEMO_SECRET).await;
    let mut client = Client::welcomed(server.address, "demo", "ada", None).await;
    let list = |name| json!({ "kind": "conversations", "filter": large_filter(name) });
    for (id, name) in [(1, "a"), (2, "b"), (3, "a"), (4, "b")] {
        client.send(subscribe(id, &list(name))).await;
        assert_eq!(client.frame().await["t"], "reset", "{id}");
    }
    client.send(subscribe(5, &list("c"))).await;
    let ended = client.frame().await;
    assert_eq!((ended["t"].as_str(), ended["error"]["code"].as_str()), (Some("ended"), Some("rate_limited")));
    assert!(ended["error"]["message"].as_str().unwrap().contains("131072"), "{ended}");
    // Ending both lists with one filter gives its bytes back.
    for id in [1, 3] {
        client.send(json!({ "t": "unsubscribe", "id": id })).await;
    }
    client.send(subscribe(6, &list("c"))).await;
    assert_eq!(client.frame().await["t"], "reset");
}

#[tokio::test]
async fn participants_that_join_at_once_arrive_in_a_bounded_frame() {
    let server = TestServer::start().await;
    server.create_talk("demo", DEMO_SECRET).await;
    let users: Vec<String> = (0..100).map(|index| format!("user-{index}")).collect();
    for user in &users {
        let data = json!({ "name": user, "custom": { "text": "x".repeat(16_000) } });
        server.put_user("demo", DEMO_SECRET, user, data).await;
    }
    let mut client = Client::welcomed(server.address, "demo", "ada", None).await;
    let mut frame = subscribe(1, &json!({ "kind": "participants", "id": "talk" }));
    frame["window"] = json!({ "limit": 1_000 });
    client.send(frame).await;
    assert_eq!(client.frame().await["t"], "reset");
    let backend = server.backend("demo", DEMO_SECRET);
    backend.ok("PUT", "/conversations/talk", Some(json!({ "participants": users }))).await;
    let frame = client.frame().await;
    let bytes = client.texts.last().unwrap().len();
    figure("100 participants that join at once", bytes as u64 >> 10, 512, "KiB");
    assert!(bytes < 512 << 10, "{bytes} bytes");
    assert_eq!((frame["t"].as_str(), frame["value"]["more"].as_bool()), (Some("reset"), Some(true)));
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn many_subscriptions_to_the_same_messages_hold_one_copy_of_them() {
    let folder = tempfile::tempdir().unwrap();
    let server = ServerProcess::start(folder.path(), &["--demo"]).await;
    let backend = server.backend();
    backend.ok("PUT", "/users/ada", Some(json!({ "name": "Ada" }))).await;
    backend.ok("PUT", "/conversations/talk", Some(json!({ "participants": ["ada"] }))).await;
    let mut client = Client::welcomed(server.address, "demo", "ada", None).await;
    for id in 0..499 {
        client.send(subscribe(id, &json!({ "kind": "messages", "id": "talk" }))).await;
        assert_eq!(client.frame().await["t"], "reset");
    }
    let before = server.memory();
    let posts = (0..16).map(|_| {
        let message = json!({ "type": "UserMessage", "sender": "ada", "text": "x".repeat(6_000) });
        let (backend, body) = (backend.clone(), json!(vec![message; 10]));
        tokio::spawn(async move {
            backend.ok("POST", "/conversations/talk/messages", Some(body)).await.is_array()
        })
    });
    for post in posts.collect::<Vec<_>>() {
        assert!(within(60, post).await.unwrap());
    }
    // The client reads nothing.
    tokio::time::sleep(Duration::from_secs(1)).await;
    let grown = server.memory().saturating_sub(before);
    figure("499 subscriptions to the same messages", grown >> 10, 40 << 10, "KiB");
    assert!(grown < 40 << 20, "{} MiB more", grown >> 20);
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_subscription_that_ends_leaves_no_memory() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("causerie.toml");
    let rates =
        ["connection", "user", "address"].map(|rate| format!("{rate} = {{ per_second = 0, burst = 0 }}\n"));
    std::fs::write(&config, format!("[limits]\n{}", rates.concat())).unwrap();
    let server = ServerProcess::start(folder.path(), &["--demo", "--config", config.to_str().unwrap()]).await;
    let mut client = Client::welcomed(server.address, "demo", "ada", None).await;
    client.send(subscribe(1, &json!({ "kind": "user", "id": "ada" }))).await;
    client.frame().await;
    let mut pairs = async |prefix: &str| {
        for index in 0..20_000 {
            let topic = json!({ "kind": "user", "id": format!("{prefix}-{index}") });
            client.socket.feed(Message::text(subscribe(2, &topic).to_string())).await.unwrap();
            let end = json!({ "t": "unsubscribe", "id": 2 });
            client.socket.feed(Message::text(end.to_string())).await.unwrap();
            if index % 50 == 49 {
                client.socket.flush().await.unwrap();
                for _ in 0..50 {
                    client.frame().await;
                }
                client.texts.clear();
            }
        }
    };
    pairs("warm").await;
    let before = server.memory();
    pairs("user").await;
    let grown = server.memory().saturating_sub(before);
    figure("20,000 subscriptions that ended", grown >> 10, 2 << 10, "KiB");
    assert!(grown < 2 << 20, "{} bytes a pair", grown / 20_000);
}

#[tokio::test]
async fn a_message_that_pings_keep_open_is_cut_after_thirty_seconds() {
    let server = TestServer::start().await;
    let mut client = Client::welcomed(server.address, "demo", "ada", None).await;
    let fragment = Frame::message(vec![b' '; 60_000], OpCode::Data(Data::Text), false);
    client.socket.send(Message::Frame(fragment)).await.unwrap();
    let closed = within(45, async {
        loop {
            let _ = client.socket.send(Message::Ping(Bytes::new())).await;
            let received = tokio::time::timeout(Duration::from_secs(2), client.receive()).await;
            if let Ok(Received::Closed(code, _)) = received {
                return code;
            }
        }
    });
    assert_eq!(closed.await, 4_001);
}

#[tokio::test]
async fn a_message_of_empty_fragments_is_refused() {
    let server = TestServer::start().await;
    let mut client = Client::welcomed(server.address, "demo", "ada", None).await;
    for index in 0..3_000 {
        let opcode = if index == 0 { Data::Text } else { Data::Continue };
        let fragment = Frame::message(Bytes::new(), OpCode::Data(opcode), false);
        if client.socket.send(Message::Frame(fragment)).await.is_err() {
            break;
        }
    }
    let (error, code) = within(10, client.closed()).await;
    assert_eq!((code, error.unwrap()["code"].as_str()), (4_413, Some("too_large")));
}

#[tokio::test]
async fn an_unfinished_head_holds_little_and_not_for_long() {
    let server = TestServer::start().await;
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    let line = format!("x-filler: {}\r\n", "x".repeat(1_000));
    stream.write_all(b"GET /health HTTP/1.1\r\nhost: localhost\r\n").await.unwrap();
    let mut sent = 0;
    let mut answer = [0; 64];
    let refused = within(5, async {
        loop {
            if stream.write_all(line.as_bytes()).await.is_err() {
                return;
            }
            sent += line.len();
            tokio::time::sleep(Duration::from_millis(5)).await;
            if stream.try_read(&mut answer).is_ok() {
                return;
            }
        }
    });
    refused.await;
    assert!(sent < 40_000, "{sent} bytes were accepted");
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    stream.write_all(b"GET /health HTTP/1.1\r\nhost:").await.unwrap();
    let mut rest = Vec::new();
    let _ = within(14, stream.read_to_end(&mut rest)).await;
}
