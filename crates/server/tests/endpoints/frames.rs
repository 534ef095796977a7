//! Frames after `hello`: what the server answers, in which order, and what it lets pass.

use serde_json::json;

use crate::support::socket::{Client, Heard};
use crate::support::{TestServer, within};

#[tokio::test]
async fn a_ping_has_a_pong_and_unknown_frames_leave_the_connection_as_it_was() {
    let server = TestServer::start().await;
    let mut client = Client::welcomed(server.address, "demo", "ada", None).await;
    client.send(json!({ "t": "ping" })).await;
    assert_eq!(client.frame().await, json!({ "t": "pong" }));
    client.send(json!({ "t": "wave", "id": 3 })).await;
    let error = client.frame().await;
    assert_eq!((error["t"].as_str(), error["error"]["code"].as_str()), (Some("error"), Some("unsupported")));
    client.send(json!({ "t": "subscribe", "id": 8, "topic": { "kind": "weather", "id": "ada" } })).await;
    let ended = client.frame().await;
    assert_eq!((ended["t"].as_str(), ended["id"].as_u64()), (Some("ended"), Some(8)));
    assert_eq!(ended["error"]["code"], "unsupported");
    client.send(json!({ "t": "subscribe", "id": 9, "topic": { "kind": "user" } })).await;
    let ended = client.frame().await;
    assert_eq!((ended["t"].as_str(), ended["id"].as_u64()), (Some("ended"), Some(9)));
    client.send(json!({ "t": "unsubscribe", "id": 8 })).await;
    client.send(json!({ "t": "auth", "token": "ignored where the app asks for none" })).await;
    assert_eq!(client.frame().await, json!({ "t": "authenticated" }));
    assert!(client.request("user.get", json!({ "user": "ada" })).await.get("error").is_none());
}

#[tokio::test]
async fn results_come_in_the_order_of_the_requests_whatever_they_are() {
    let server = TestServer::start().await;
    let mut client = Client::welcomed(server.address, "demo", "ada", None).await;
    // Nothing is waited for: reads between writes must see the writes before them and none after.
    let mut expected = Vec::new();
    for n in 0..40 {
        let name = format!("Ada {n}");
        client.ask("user.set", json!({ "user": "ada", "data": { "name": name } })).await;
        expected.push(None);
        client.ask("no.such.op", json!({})).await;
        expected.push(Some("unsupported".to_owned()));
        client.ask("user.get", json!({ "user": "ada" })).await;
        expected.push(Some(name));
    }
    for (index, expected) in expected.into_iter().enumerate() {
        let frame = client.frame().await;
        assert_eq!(frame["id"], index + 1);
        let said = frame["entities"]["users"][0]["name"].as_str().or(frame["error"]["code"].as_str());
        assert_eq!(said.map(str::to_owned), expected, "{frame}");
    }
}

#[tokio::test]
async fn more_requests_than_the_pipe_holds_are_all_answered() {
    let mut config = crate::support::config();
    config.limits.pending_per_connection = 4;
    let server = TestServer::with(config).await;
    let mut client = Client::welcomed(server.address, "demo", "ada", None).await;
    for n in 0..500 {
        let op = if n % 3 == 0 { "user.set" } else { "user.get" };
        client.ask(op, json!({ "user": "ada", "data": { "name": "Ada" } })).await;
    }
    for id in 1..=500 {
        assert_eq!(client.frame().await["id"], id);
    }
}

#[tokio::test]
async fn a_message_in_fragments_is_one_frame() {
    use futures_util::SinkExt as _;
    use tokio_tungstenite::tungstenite::Message;
    use tokio_tungstenite::tungstenite::protocol::frame::Frame;
    use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};
    let server = TestServer::start().await;
    let mut client = Client::welcomed(server.address, "demo", "ada", None).await;
    for (bytes, kind, last) in [
        (&b"{\"t\":"[..], Data::Text, false),
        (&b"\"pi"[..], Data::Continue, false),
        (&b"ng\"}"[..], Data::Continue, true),
    ] {
        let part = Frame::message(bytes.to_vec(), OpCode::Data(kind), last);
        client.socket.send(Message::Frame(part)).await.unwrap();
    }
    assert_eq!(client.frame().await, json!({ "t": "pong" }));
}

#[tokio::test]
async fn the_server_pings_both_ways_every_25_seconds_and_keeps_who_answers() {
    let server = TestServer::start().await;
    let mut client = Client::welcomed(server.address, "demo", "ada", None).await;
    let began = std::time::Instant::now();
    let (mut pings, mut frames) = (0, 0);
    while pings == 0 || frames == 0 {
        match within(30, client.hear()).await {
            Heard::Ping => pings += 1,
            Heard::Frame(frame) => {
                assert_eq!(frame, json!({ "t": "ping" }));
                frames += 1;
            }
            Heard::Closed(code, _) => panic!("closed with {code}"),
        }
    }
    assert!((24..28).contains(&began.elapsed().as_secs()), "{:?}", began.elapsed());
    assert!(client.request("user.get", json!({ "user": "ada" })).await.get("error").is_none());
}

#[tokio::test]
async fn what_a_stalled_socket_delivers_after_its_client_came_back_is_not_carried_out() {
    let server = TestServer::start().await;
    let hello = json!({ "t": "hello", "user": "ada", "client": "the-client-that-came-back" });
    let mut stalled = Client::open(server.address, "demo").await;
    stalled.send(hello.clone()).await;
    assert_eq!(stalled.frame().await["t"], "welcome");
    let mut back = Client::open(server.address, "demo").await;
    back.send(hello).await;
    assert_eq!(back.frame().await["t"], "welcome");
    let newer = back.request("user.set", json!({ "user": "ada", "data": { "name": "Newer" } })).await;
    assert!(newer.get("error").is_none());
    stalled.ask("user.set", json!({ "user": "ada", "data": { "name": "Older" } })).await;
    assert!(matches!(within(5, stalled.hear()).await, Heard::Closed(..)), "the old socket is let go");
    let read = back.request("user.get", json!({ "user": "ada" })).await;
    assert_eq!(read["entities"]["users"][0]["name"], "Newer");
}
