//! A client that asks for more than it reads waits for its answers; the server does not close it for what it
//! made itself.

use std::time::Duration;

use causerie_protocol::limits::TEXT_CHARS;
use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use crate::support::socket::{Client, Received};
use crate::support::{DEMO_SECRET, TestServer, config, within};

/// The most bytes that a page of a list may have.
const PAGE_BYTES: usize = 1 << 20;

/// A text of the maximum length, in characters of four bytes.
fn long_text() -> String {
    "🦀".repeat(TEXT_CHARS)
}

/// Sends long messages to the conversation "talk" over REST. Returns their ids, the oldest first.
async fn send_long_messages(server: &TestServer, count: usize) -> Vec<String> {
    let backend = server.backend("demo", DEMO_SECRET);
    let mut ids = Vec::new();
    for _ in 0..count {
        let message = json!([{ "type": "UserMessage", "sender": "ada", "text": long_text() }]);
        let sent = backend.ok("POST", "/conversations/talk/messages", Some(message)).await;
        ids.push(sent[0]["id"].as_str().unwrap().to_owned());
    }
    ids
}

fn get_message(id: usize, message: &str) -> String {
    let params = json!({ "conversation": "talk", "message": message });
    json!({ "t": "request", "id": id, "op": "message.get", "params": params }).to_string()
}

#[tokio::test]
async fn more_of_a_list_of_long_messages_arrives_in_pages_to_the_end() {
    let server = TestServer::start().await;
    server.create_talk("demo", DEMO_SECRET).await;
    let mut sent = send_long_messages(&server, 45).await;
    sent.reverse();
    let mut client = Client::welcomed(server.address, "demo", "ada", None).await;
    let topic = json!({ "kind": "messages", "id": "talk" });
    client.send(json!({ "t": "subscribe", "id": 1_000, "topic": topic })).await;
    let mut page = client.frame().await;
    let mut received: Vec<String> = Vec::new();
    loop {
        let ids = page["value"]["items"].as_array().unwrap_or_else(|| panic!("no page: {page}"));
        assert!(!ids.is_empty(), "each page has an entry");
        received.extend(ids.iter().map(|id| id.as_str().unwrap().to_owned()));
        assert!(client.texts.last().unwrap().len() < PAGE_BYTES);
        if page["value"]["more"] != true {
            break;
        }
        let last = page["entities"]["messages"].as_array().unwrap().last().unwrap();
        let after = json!({ "at": last["createdAt"], "id": last["id"] });
        let params = json!({ "topic": topic, "after": after, "limit": 100 });
        page = client.request("more", params).await;
    }
    assert_eq!(received, sent);
}

#[tokio::test]
async fn parallel_reads_of_long_messages_are_all_answered() {
    let server = TestServer::start().await;
    server.create_talk("demo", DEMO_SECRET).await;
    let ids = send_long_messages(&server, 1).await;
    let mut client = Client::welcomed(server.address, "demo", "ada", None).await;
    for id in 1..=120 {
        client.send_text(&get_message(id, &ids[0])).await;
    }
    // The answers are more than the buffers of both sockets hold.
    tokio::time::sleep(Duration::from_millis(500)).await;
    for id in 1..=120 {
        let result = client.frame().await;
        assert_eq!((result["id"].as_u64(), result["value"].as_str()), (Some(id), Some(ids[0].as_str())));
    }
}

#[tokio::test]
async fn a_client_that_reads_slowly_receives_every_answer_to_its_requests() {
    const REQUESTS: usize = 2_000;
    let mut limited = config();
    limited.limits.queue_bytes = 100_000;
    let server = TestServer::with(limited).await;
    let big = json!({ "name": "Ada", "custom": { "text": "x".repeat(16_000) } });
    server.put_user("demo", DEMO_SECRET, "ada", big).await;
    let client = Client::welcomed(server.address, "demo", "ada", None).await;
    let (mut sink, mut stream) = client.socket.split();
    let sending = tokio::spawn(async move {
        for id in 1..=REQUESTS {
            let get = json!({ "t": "request", "id": id, "op": "user.get", "params": { "user": "ada" } });
            sink.send(Message::text(get.to_string())).await.unwrap();
        }
        sink
    });
    tokio::time::sleep(Duration::from_secs(1)).await;
    let mut next = 1;
    while next <= REQUESTS {
        match within(10, stream.next()).await.unwrap().unwrap() {
            Message::Text(text) => {
                let result: Value = serde_json::from_str(&text).unwrap();
                if result["t"] != "ping" {
                    assert_eq!(result["id"].as_u64(), Some(next as u64), "{text}");
                    next += 1;
                }
            }
            Message::Ping(_) => {}
            other => panic!("{next} of {REQUESTS}: {other:?}"),
        }
    }
    drop(sending.await.unwrap());
}

#[tokio::test]
async fn answers_to_frames_before_a_bad_frame_arrive_before_the_reason() {
    let server = TestServer::start().await;
    server.create_talk("demo", DEMO_SECRET).await;
    let ids = send_long_messages(&server, 1).await;
    for bad in [Message::text("{\"t\":"), Message::binary(b"{}".to_vec()), Message::text("x".repeat(70_000))]
    {
        let mut client = Client::welcomed(server.address, "demo", "ada", None).await;
        for id in 1..=20 {
            client.socket.feed(Message::text(get_message(id, &ids[0]))).await.unwrap();
        }
        client.socket.send(bad.clone()).await.unwrap();
        for id in 1..=20 {
            let result = client.frame().await;
            assert_eq!((result["t"].as_str(), result["id"].as_u64()), (Some("result"), Some(id)), "{result}");
        }
        let (error, code) = client.closed().await;
        assert!(error.is_some() && matches!(code, 4_400 | 4_413), "{error:?} {code}");
    }
}

#[tokio::test]
async fn a_client_that_reads_nothing_for_thirty_seconds_is_closed() {
    let server = TestServer::start().await;
    server.create_talk("demo", DEMO_SECRET).await;
    let ids = send_long_messages(&server, 1).await;
    let mut client = Client::welcomed(server.address, "demo", "ada", None).await;
    for id in 1..=600 {
        client.send_text(&get_message(id, &ids[0])).await;
    }
    tokio::time::sleep(Duration::from_secs(32)).await;
    let mut witness = Client::welcomed(server.address, "demo", "bob", None).await;
    assert!(witness.request("user.get", json!({ "user": "bob" })).await.get("error").is_none());
    let mut answers = 0;
    let code = loop {
        match client.receive().await {
            Received::Frame(frame) if frame["t"] == "result" => answers += 1,
            Received::Closed(code, _) => break code,
            _ => {}
        }
    };
    // The reason may be lost, because the client's buffers are full.
    assert!(matches!(code, 4_001 | 1_006) && answers < 600, "{answers} answers, then {code}");
}
