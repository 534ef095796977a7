//! Frames after `hello`: the responses of the server and their order.

use serde_json::json;

use crate::support::socket::{Client, Received};
use crate::support::{TestServer, within};

#[tokio::test]
async fn pings_are_answered_and_unknown_frames_do_not_close_the_connection() {
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
    client.send(json!({ "t": "auth", "token": "ignored by an app without authentication" })).await;
    assert_eq!(client.frame().await, json!({ "t": "authenticated" }));
    assert!(client.request("user.get", json!({ "user": "ada" })).await.get("error").is_none());
}

#[tokio::test]
async fn results_have_the_order_of_the_requests() {
    let server = TestServer::start().await;
    let mut client = Client::welcomed(server.address, "demo", "ada", None).await;
    // Without waiting for results: a read between writes must see the writes before it and none after it.
    let mut expected = Vec::new();
    for n in 0..40 {
        let name = format!("Ada {n}");
        client.send_request("user.set", json!({ "user": "ada", "data": { "name": name } })).await;
        expected.push(None);
        client.send_request("no.such.op", json!({})).await;
        expected.push(Some("unsupported".to_owned()));
        client.send_request("user.get", json!({ "user": "ada" })).await;
        expected.push(Some(name));
    }
    for (index, expected) in expected.into_iter().enumerate() {
        let frame = client.frame().await;
        assert_eq!(frame["id"], index + 1);
        let value = frame["entities"]["users"][0]["name"].as_str().or(frame["error"]["code"].as_str());
        assert_eq!(value.map(str::to_owned), expected, "{frame}");
    }
}

#[tokio::test]
async fn more_requests_than_the_pipeline_holds_all_have_results() {
    let mut config = crate::support::config();
    config.limits.pending_per_connection = 4;
    let server = TestServer::with(config).await;
    let mut client = Client::welcomed(server.address, "demo", "ada", None).await;
    for n in 0..500 {
        let op = if n % 3 == 0 { "user.set" } else { "user.get" };
        client.send_request(op, json!({ "user": "ada", "data": { "name": "Ada" } })).await;
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
async fn the_server_sends_both_pings_every_25_seconds_and_keeps_clients_that_answer() {
    let server = TestServer::start().await;
    let mut client = Client::welcomed(server.address, "demo", "ada", None).await;
    let began = std::time::Instant::now();
    let (mut pings, mut frames) = (0, 0);
    while pings == 0 || frames == 0 {
        match within(30, client.receive()).await {
            Received::Ping => pings += 1,
            Received::Frame(frame) => {
                assert_eq!(frame, json!({ "t": "ping" }));
                frames += 1;
            }
            Received::Closed(code, _) => panic!("closed with {code}"),
        }
    }
    assert!((24..28).contains(&began.elapsed().as_secs()), "{:?}", began.elapsed());
    assert!(client.request("user.get", json!({ "user": "ada" })).await.get("error").is_none());
}

#[tokio::test]
async fn frames_of_a_superseded_connection_are_not_executed() {
    let server = TestServer::start().await;
    let hello = json!({ "t": "hello", "user": "ada", "client": "one-client" });
    let mut stalled = Client::open(server.address, "demo").await;
    stalled.send(hello.clone()).await;
    assert_eq!(stalled.frame().await["t"], "welcome");
    let mut reconnected = Client::open(server.address, "demo").await;
    reconnected.send(hello).await;
    assert_eq!(reconnected.frame().await["t"], "welcome");
    let newer = reconnected.request("user.set", json!({ "user": "ada", "data": { "name": "Newer" } })).await;
    assert!(newer.get("error").is_none());
    stalled.send_request("user.set", json!({ "user": "ada", "data": { "name": "Older" } })).await;
    assert!(
        matches!(within(5, stalled.receive()).await, Received::Closed(..)),
        "the older connection is closed"
    );
    let read = reconnected.request("user.get", json!({ "user": "ada" })).await;
    assert_eq!(read["entities"]["users"][0]["name"], "Newer");
}

#[tokio::test]
async fn connection_whose_hello_arrives_after_that_of_a_later_one_is_closed_and_executes_nothing() {
    let server = TestServer::start().await;
    let hello = |generation: u32| json!({ "t": "hello", "user": "ada", "client": "one-client", "generation": generation });
    let name = |name: &str| json!({ "user": "ada", "data": { "name": name } });
    let mut newer = Client::open(server.address, "demo").await;
    newer.send(hello(2)).await;
    assert_eq!(newer.frame().await["t"], "welcome");
    assert!(newer.request("user.set", name("Newer")).await.get("error").is_none());
    let late = async || {
        let mut late = Client::open(server.address, "demo").await;
        late.send(hello(1)).await;
        late.send_request("user.set", name("Older")).await;
        assert!(matches!(within(5, late.receive()).await, Received::Closed(..)));
    };
    late().await;
    let read = newer.request("user.get", json!({ "user": "ada" })).await;
    assert_eq!(read["entities"]["users"][0]["name"], "Newer");
    drop(newer);
    late().await;
    let mut next = Client::open(server.address, "demo").await;
    next.send(hello(3)).await;
    assert_eq!(next.frame().await["t"], "welcome");
    let read = next.request("user.get", json!({ "user": "ada" })).await;
    assert_eq!(read["entities"]["users"][0]["name"], "Newer", "the server remembers the client for a while");
}
