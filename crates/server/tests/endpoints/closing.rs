//! Every way in which the server closes a connection: the code, the `error` frame before it, and that other
//! connections are not affected.

use std::collections::BTreeSet;
use std::time::Duration;

use causerie_protocol::CloseCode;
use causerie_protocol::close::CloseCode as Code;
use causerie_protocol::limits::FRAME_BYTES;
use causerie_server::Config;
use causerie_server::auth::TokenType;
use causerie_server::config::{Limits, Rate};
use futures_util::SinkExt as _;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;

use crate::support::socket::{Client, Received, hello};
use crate::support::{BANK_SECRET, NEW_SECRET, TestServer, config, signed, token, within};

/// A client that does something wrong, and the close that it causes.
struct Case {
    name: &'static str,
    app: &'static str,
    protocol: &'static str,
    /// The texts to send in order.
    texts: Vec<String>,
    code: Code,
    /// A part of the error's message.
    message: &'static str,
}

fn case(name: &'static str, frames: &[Value], code: Code, message: &'static str) -> Case {
    let texts = frames.iter().map(Value::to_string).collect();
    Case { name, app: "shop", protocol: "causerie.v1", texts, code, message }
}

fn after_hello(name: &'static str, text: &str, code: Code, message: &'static str) -> Case {
    Case {
        app: "demo",
        texts: vec![hello("ada", None).to_string(), text.to_owned()],
        ..case(name, &[], code, message)
    }
}

fn cases() -> Vec<Case> {
    let get = json!({ "t": "request", "id": 1, "op": "user.get", "params": { "user": "ada" } });
    let user = |secret, app, user, millis| signed(app, secret, TokenType::User, Some(user), millis);
    let ada = |token: String| [hello("ada", Some(&token))];
    vec![
        Case {
            app: "nowhere",
            ..case("an app that is not there", &[], Code::UnknownApp, "no app \"nowhere\"")
        },
        Case {
            protocol: "causerie.v2",
            ..case("another version", &[], Code::ProtocolMismatch, "causerie.v1")
        },
        Case { protocol: "chat", ..case("another protocol", &[], Code::ProtocolMismatch, "causerie.v1") },
        case("a request before hello", std::slice::from_ref(&get), Code::HelloExpected, "`hello`"),
        case("a ping before hello", &[json!({ "t": "ping" })], Code::HelloExpected, "`hello`"),
        case("an unknown frame before hello", &[json!({ "t": "wave" })], Code::HelloExpected, "`hello`"),
        case("a hello without a user", &[json!({ "t": "hello", "client": "c" })], Code::InvalidFrame, "user"),
        case(
            "a hello with an empty user",
            &[json!({ "t": "hello", "user": "", "client": "c" })],
            Code::InvalidFrame,
            "user",
        ),
        case("no token", &[hello("ada", None)], Code::NotAuthenticated, "is missing"),
        case(
            "no token at all in it",
            &ada("junk".to_owned()),
            Code::NotAuthenticated,
            "not a JSON Web Token",
        ),
        case(
            "a token signed with another secret",
            &ada(user(BANK_SECRET, "shop", "ada", 60_000)),
            Code::NotAuthenticated,
            "secret",
        ),
        case(
            "a token of another app",
            &ada(user(NEW_SECRET, "bank", "ada", 60_000)),
            Code::NotAuthenticated,
            "`iss`",
        ),
        case(
            "a token of another user",
            &ada(user(NEW_SECRET, "shop", "eve", 60_000)),
            Code::NotAuthenticated,
            "`sub`",
        ),
        case(
            "an app's token",
            &ada(signed("shop", NEW_SECRET, TokenType::App, Some("ada"), 60_000)),
            Code::NotAuthenticated,
            "tokenType",
        ),
        case(
            "an old token",
            &ada(user(NEW_SECRET, "shop", "ada", -60_000)),
            Code::TokenExpired,
            "has expired",
        ),
        case(
            "the secret as a token",
            &ada(NEW_SECRET.to_owned()),
            Code::NotAuthenticated,
            "not a JSON Web Token",
        ),
        after_hello("no JSON", "{\"t\":", Code::InvalidFrame, "JSON"),
        after_hello("no object", "[1]", Code::InvalidFrame, "object"),
        after_hello("no type", "{}", Code::InvalidFrame, "t: "),
        after_hello(
            "a request without an id",
            "{\"t\":\"request\",\"op\":\"user.get\"}",
            Code::InvalidFrame,
            "id",
        ),
        after_hello("a second hello", &hello("ada", None).to_string(), Code::HelloExpected, "already"),
        after_hello("a frame over the limit", &"x".repeat(FRAME_BYTES + 1), Code::TooLarge, "65536"),
        after_hello("a frame far over the limit", &"x".repeat(20 * FRAME_BYTES), Code::TooLarge, "65536"),
    ]
}

/// The codes that other tests of this file cause, because they need more than a frame.
const TESTED_ELSEWHERE: &[Code] = &[
    Code::Restarting,
    Code::SlowConsumer,
    Code::HelloTimeout,
    Code::RateLimited,
    Code::TooManyConnections,
    Code::Forbidden,
];

/// Clients use `Normal` and `Silent`. `Internal` is for a frame that cannot be encoded as JSON, which no
/// client can cause.
const UNREACHABLE: &[Code] = &[Code::Normal, Code::Silent, Code::Internal];

#[tokio::test]
async fn each_wrong_frame_closes_only_its_own_connection_with_its_code() {
    let server = TestServer::start().await;
    let mut witness = Client::welcomed(server.address, "demo", "bob", None).await;
    for case in cases() {
        let headers = [("sec-websocket-protocol", case.protocol)];
        let mut client = Client::with(server.address, case.app, &headers).await;
        assert_eq!(
            client.protocol.as_deref(),
            Some(case.protocol),
            "{}: the offered subprotocol is confirmed",
            case.name
        );
        for text in &case.texts {
            // The server may close before it has read everything.
            let _ = client.socket.send(Message::text(text.clone())).await;
        }
        let (error, code) = client.closed().await;
        assert_eq!(code, case.code.number(), "{}: {error:?}", case.name);
        let error = error.unwrap_or_else(|| panic!("{}: no error frame", case.name));
        assert_eq!(error["code"], case.code.error_code().name(), "{}", case.name);
        assert!(error["message"].as_str().unwrap().contains(case.message), "{}: {error}", case.name);
    }
    let outcome = witness.request("user.get", json!({ "user": "ada" })).await;
    assert!(outcome.get("error").is_none(), "{outcome}");
}

#[test]
fn every_close_code_has_a_test() {
    let tested: BTreeSet<u16> = cases()
        .iter()
        .map(|case| case.code)
        .chain(TESTED_ELSEWHERE.iter().copied())
        .map(Code::number)
        .collect();
    for code in CloseCode::ALL.iter().filter(|code| !UNREACHABLE.contains(code)) {
        assert!(tested.contains(&code.number()), "{code:?} has no test");
    }
}

#[tokio::test]
async fn a_binary_message_closes_the_connection() {
    let server = TestServer::start().await;
    let mut client = Client::welcomed(server.address, "demo", "ada", None).await;
    client.socket.send(Message::binary(b"{}".to_vec())).await.unwrap();
    let (error, code) = client.closed().await;
    assert_eq!((error.unwrap()["code"].as_str(), code), (Some("invalid_frame"), 4400));
}

#[tokio::test]
async fn violations_of_the_websocket_protocol_are_closed_with_its_own_codes() {
    let server = TestServer::start().await;
    for (bytes, close) in [
        (&[0x81u8, 0x02, b'{', b'}'][..], 1002u16),        // not masked
        (&[0xf1, 0x80, 0, 0, 0, 0][..], 1002),             // reserved bits
        (&[0x81, 0x82, 0, 0, 0, 0, 0xc3, 0x28][..], 1007), // not UTF-8
    ] {
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        let handshake = "GET /v1/demo/realtime HTTP/1.1\r\nhost: localhost\r\nconnection: Upgrade\r\n\
            upgrade: websocket\r\nsec-websocket-version: 13\r\n\
            sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
            sec-websocket-protocol: causerie.v1\r\n\r\n";
        stream.write_all(handshake.as_bytes()).await.unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(within(5, stream.read_u8()).await.unwrap());
        }
        let head = String::from_utf8(head).unwrap().to_lowercase();
        // The example of a key and its hash in RFC 6455.
        assert!(head.starts_with("http/1.1 101") && head.contains("s3pplmbitxaq9kygzzhzrbk+xoo="), "{head}");
        stream.write_all(bytes).await.unwrap();
        let mut received = Vec::new();
        within(5, stream.read_to_end(&mut received)).await.unwrap();
        let number = close.to_be_bytes();
        assert_eq!(
            received.get(..4),
            Some(&[0x88, 0x02, number[0], number[1]][..]),
            "{bytes:x?}: {received:x?}"
        );
    }
}

#[tokio::test]
async fn a_connection_without_hello_is_closed_after_ten_seconds() {
    let server = TestServer::start().await;
    let mut client = Client::open(server.address, "demo").await;
    let began = std::time::Instant::now();
    let (error, code) = client.closed().await;
    assert_eq!((error.unwrap()["code"].as_str(), code), (Some("timed_out"), 4002));
    assert!((9..13).contains(&began.elapsed().as_secs()), "{:?}", began.elapsed());
}

#[tokio::test]
async fn only_pages_of_allowed_origins_are_welcomed() {
    let server = TestServer::start().await;
    let open = async |app: &'static str, origin: &str| {
        let headers = [("sec-websocket-protocol", "causerie.v1"), ("origin", origin)];
        Client::with(server.address, app, &headers).await
    };
    for (app, origin) in [
        ("shop", "https://evil.example.com"),
        ("shop", "http://localhost:5173"),
        ("shop", "null"),
        ("demo", "https://shop.example.com"),
        ("demo", "http://localhost.evil.test"),
    ] {
        let (error, code) = open(app, origin).await.closed().await;
        assert_eq!((error.unwrap()["code"].as_str(), code), (Some("forbidden"), 4403), "{app} {origin}");
    }
    for (app, origin) in [("shop", "https://shop.example.com"), ("demo", "http://localhost:5173")] {
        let mut client = open(app, origin).await;
        client.send(hello("ada", Some(&token("ada")))).await;
        assert_eq!(client.frame().await["t"], "welcome", "{app} {origin}");
    }
}

fn limited(change: impl FnOnce(&mut Limits)) -> Config {
    let mut config = config();
    change(&mut config.limits);
    config
}

#[tokio::test]
async fn connections_of_a_user_are_limited_until_one_is_closed() {
    let server = TestServer::with(limited(|limits| limits.connections_per_user = 2)).await;
    let first = Client::welcomed(server.address, "demo", "ada", None).await;
    let _second = Client::welcomed(server.address, "demo", "ada", None).await;
    let mut third = Client::open(server.address, "demo").await;
    third.send(hello("ada", None)).await;
    let (error, code) = third.closed().await;
    let error = error.unwrap();
    assert_eq!((error["code"].as_str(), code), (Some("rate_limited"), 4101));
    assert!(error["retryAfter"].as_u64().unwrap() > 0, "{error}");
    let _other = Client::welcomed(server.address, "demo", "bob", None).await;
    drop(first);
    within(5, async {
        loop {
            let mut client = Client::open(server.address, "demo").await;
            client.send(hello("ada", None)).await;
            if let Received::Frame(frame) = client.receive().await
                && frame["t"] == "welcome"
            {
                return;
            }
        }
    })
    .await;
}

#[tokio::test]
async fn connections_of_an_address_are_limited() {
    let server = TestServer::with(limited(|limits| limits.connections_per_address = 1)).await;
    let _first = Client::welcomed(server.address, "demo", "ada", None).await;
    let (error, code) = Client::open(server.address, "demo").await.closed().await;
    assert_eq!((error.unwrap()["code"].as_str(), code), (Some("rate_limited"), 4101));
}

#[tokio::test]
async fn requests_over_the_rate_have_errors_and_a_flood_is_closed() {
    let rate = Rate { per_second: 1, burst: 3 };
    let server = TestServer::with(limited(|limits| limits.connection = rate)).await;
    let mut client = Client::welcomed(server.address, "demo", "ada", None).await;
    for _ in 0..3 {
        assert!(client.request("user.get", json!({ "user": "ada" })).await.get("error").is_none());
    }
    let refused = client.request("user.get", json!({ "user": "ada" })).await;
    assert_eq!(refused["error"]["code"], "rate_limited");
    assert!((1..=1_000).contains(&refused["error"]["retryAfter"].as_u64().unwrap()), "{refused}");
    // Pings over the rate still have a pong.
    client.send(json!({ "t": "ping" })).await;
    assert_eq!(client.frame().await["t"], "pong");
    for _ in 0..1_100 {
        let get = json!({ "t": "request", "id": 9, "op": "user.get", "params": { "user": "ada" } });
        if client.socket.send(Message::text(get.to_string())).await.is_err() {
            break;
        }
    }
    let (error, code) = client.closed().await;
    let error = error.unwrap();
    assert_eq!((error["code"].as_str(), code), (Some("rate_limited"), 4100));
    assert!(error["retryAfter"].as_u64().is_some(), "{error}");
}

#[tokio::test]
async fn unsubscribe_over_the_rate_still_ends_the_subscription() {
    let rate = Rate { per_second: 1, burst: 2 };
    let server = TestServer::with(limited(|limits| limits.connection = rate)).await;
    server.put_user("demo", "demo-secret", "bob", json!({ "name": "Bob" })).await;
    let mut client = Client::welcomed(server.address, "demo", "ada", None).await;
    client.send(json!({ "t": "subscribe", "id": 8, "topic": { "kind": "user", "id": "bob" } })).await;
    assert_eq!(client.frame().await["t"], "reset");
    loop {
        if client.request("user.get", json!({ "user": "bob" })).await["error"]["code"] == "rate_limited" {
            break;
        }
    }
    client.send(json!({ "t": "unsubscribe", "id": 8 })).await;
    client.send(json!({ "t": "ping" })).await;
    assert_eq!(client.frame().await, json!({ "t": "pong" }), "the frame has no error");
    server.put_user("demo", "demo-secret", "bob", json!({ "name": "Robert" })).await;
    let received = tokio::time::timeout(Duration::from_millis(300), client.frame()).await;
    assert!(received.is_err(), "the subscription goes on: {received:?}");
}

#[tokio::test]
async fn new_connections_over_the_rate_of_an_address_are_closed() {
    let rate = Rate { per_second: 1, burst: 2 };
    let server = TestServer::with(limited(|limits| limits.address = rate)).await;
    let _one = Client::welcomed(server.address, "demo", "ada", None).await;
    let _two = Client::welcomed(server.address, "demo", "ada", None).await;
    let (error, code) = Client::open(server.address, "demo").await.closed().await;
    assert_eq!((error.unwrap()["code"].as_str(), code), (Some("rate_limited"), 4100));
}

#[tokio::test]
async fn a_stop_completes_accepted_requests_and_closes_with_restarting() {
    let mut server = TestServer::start().await;
    let mut client = Client::welcomed(server.address, "demo", "ada", None).await;
    let mut idle = Client::welcomed(server.address, "demo", "bob", None).await;
    let mut silent = Client::open(server.address, "demo").await;
    for n in 0..100 {
        client
            .send_request("user.set", json!({ "user": "ada", "data": { "name": format!("Ada {n}") } }))
            .await;
    }
    // The first result shows that the server has begun to read the batch.
    assert_eq!(client.frame().await["id"], 1);
    server.begin_stop();
    let mut completed = 1;
    let code = loop {
        match client.receive().await {
            Received::Frame(frame) if frame["t"] == "result" => {
                completed += 1;
                assert_eq!(frame["id"], completed, "in order and without a gap");
                assert!(frame.get("error").is_none(), "{frame}");
            }
            Received::Closed(code, _) => break code,
            _ => {}
        }
    };
    assert_eq!(code, 4000);
    for client in [&mut idle, &mut silent] {
        let (error, code) = client.closed().await;
        assert_eq!((error.unwrap()["code"].as_str(), code), (Some("offline"), 4000));
    }
    let address = server.address;
    server.stopped().await;
    assert!(TcpStream::connect(address).await.is_err(), "the port is closed");
}
