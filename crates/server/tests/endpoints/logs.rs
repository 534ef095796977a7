//! The logs of the process: no secrets and no bodies, and spans that connect the lines of one request or
//! connection.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::support::DEMO_SECRET;
use crate::support::http::{Backend, call};
use crate::support::process::ServerProcess;
use crate::support::socket::Client;

#[tokio::test]
async fn the_logs_report_each_invalid_frame_once_and_contain_no_secret() {
    let folder = tempfile::tempdir().unwrap();
    let server = ServerProcess::start(folder.path(), &["--demo", "--log", "json"]).await;
    let backend = server.backend();
    let canaries =
        json!({ "name": "canary-name", "email": "canary@example.com", "custom": { "k": "canary-custom" } });
    backend.ok("PUT", "/users/ada", Some(canaries.clone())).await;
    let unauthorized = Backend { bearer: "canary-secret".to_owned(), ..backend.clone() };
    assert_eq!(unauthorized.call("GET", "/users/ada", None).await.status, 401);
    for text in
        ["{\"t\":\"canary-frame", "{\"t\":\"request\",\"id\":\"canary-id\"}", "{\"t\":\"canary-type\"}"]
    {
        let mut client = Client::welcomed(server.address, "demo", "ada", None).await;
        client.request("user.set", json!({ "user": "ada", "data": canaries })).await;
        client.send(json!({ "t": "auth", "token": "canary-token" })).await;
        client.send_text(text).await;
        client.send(json!({ "t": "ping" })).await;
        let _ = client.socket.close(None).await;
        client.closed().await;
    }
    let log = server.kill().await;
    for line in &log {
        let text = line.to_string();
        assert!(!text.contains("canary") && !text.contains(DEMO_SECRET), "{text}");
    }
    let invalid = log.iter().filter(|line| line["code"] == "invalid_frame").count();
    assert_eq!(invalid, 2, "one line for each invalid frame: {log:?}");
}

/// The spans of the lines with this message.
fn spans<'a>(log: &'a [Value], message: &str) -> Vec<&'a Value> {
    let lines = log.iter().filter(|line| line["message"].as_str().unwrap().starts_with(message));
    lines.map(|line| &line["span"]).collect()
}

#[tokio::test]
async fn log_lines_of_a_request_have_its_number_method_route_and_app() {
    let folder = tempfile::tempdir().unwrap();
    let server = ServerProcess::start(folder.path(), &["--demo", "--log", "json"]).await;
    let unauthorized = Backend { bearer: "no-secret".to_owned(), ..server.backend() };
    for _ in 0..2 {
        assert_eq!(unauthorized.call("GET", "/users/the-user", None).await.status, 401);
    }
    let forbidden = [("origin", "https://evil.example.com")];
    assert_eq!(call(server.address, "POST", "/v1/demo/realtime", &forbidden, "").await.status, 403);
    let log = server.kill().await;
    let spans = spans(&log, "call refused");
    let without_number = |span: &Value| {
        let mut span = span.clone();
        assert!(span.as_object_mut().unwrap().remove("request").unwrap().is_u64());
        span
    };
    let get = json!({ "name": "request", "method": "GET", "route": "/v1/{app}/users/{user}", "app": "demo" });
    let post = json!({ "name": "request", "method": "POST", "route": "/v1/{app}/realtime" });
    assert_eq!(spans.iter().map(|span| without_number(span)).collect::<Vec<_>>(), [get.clone(), get, post]);
    let numbers: BTreeSet<_> = spans.iter().map(|span| span["request"].as_u64()).collect();
    assert_eq!(numbers.len(), 3, "each request has its own number: {log:?}");
    assert!(log.iter().all(|line| !line.to_string().contains("the-user")), "{log:?}");
}

#[tokio::test]
async fn log_lines_of_a_connection_have_its_number_and_app() {
    let folder = tempfile::tempdir().unwrap();
    let server = ServerProcess::start(folder.path(), &["--demo", "--log", "json"]).await;
    for _ in 0..2 {
        let mut client = Client::welcomed(server.address, "demo", "ada", None).await;
        client.send(json!({ "t": "unknown" })).await;
        assert_eq!(client.frame().await["t"], "error");
        client.send_text("not JSON").await;
        assert_eq!(client.closed().await.1, 4400);
    }
    let log = server.kill().await;
    let (invalid, closed) = (spans(&log, "invalid frame"), spans(&log, "connection closed"));
    assert_eq!(invalid, closed, "both lines of a connection have the same span");
    let connection = |number: u64| json!({ "name": "connection", "connection": number, "app": "demo" });
    assert_eq!(closed, [&connection(1), &connection(2)]);
}
