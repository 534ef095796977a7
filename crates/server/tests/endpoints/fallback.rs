//! The bounds of the HTTP fallback.

use std::time::Duration;

use causerie_protocol::limits::TEXT_CHARS;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};

use crate::support::http::Backend;
use crate::support::process::ServerProcess;
use crate::support::{DEMO_SECRET, TestServer, config, figure, http, within};
use causerie_server::config::Rate;

/// Creates the conversation "talk" of ada with messages of the maximum length.
async fn create_long_talk(backend: &Backend) {
    backend.ok("PUT", "/users/ada", Some(json!({ "name": "Ada" }))).await;
    backend.ok("PUT", "/conversations/talk", Some(json!({ "participants": ["ada"] }))).await;
    for _ in 0..12 {
        let text = "🦀".repeat(TEXT_CHARS);
        let message = json!([{ "type": "UserMessage", "sender": "ada", "text": text }]);
        backend.ok("POST", "/conversations/talk/messages", Some(message)).await;
    }
}

/// A batch of requests for the same page of long messages.
fn batch_of_pages(client: &str, count: usize) -> String {
    let after = json!({ "at": 9_000_000_000_000_u64, "id": "x" });
    let topic = json!({ "kind": "messages", "id": "talk" });
    let params = json!({ "topic": topic, "after": after, "limit": 100 });
    let more = |id| json!({ "id": id, "op": "more", "params": params });
    let requests: Vec<Value> = (1..=count).map(more).collect();
    json!({ "v": 1, "user": "ada", "client": client, "requests": requests }).to_string()
}

/// Sends a POST of the fallback over a connection with a small receive buffer, and reads nothing.
async fn post_without_reading(address: std::net::SocketAddr, body: &str) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4_096).unwrap();
    let mut stream = socket.connect(address).await.unwrap();
    let head = format!(
        "POST /v1/demo/realtime HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n\
         content-length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(body.as_bytes()).await.unwrap();
    stream
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn answers_that_are_not_read_hold_little_memory() {
    let folder = tempfile::tempdir().unwrap();
    let server = ServerProcess::start(folder.path(), &["--demo"]).await;
    create_long_talk(&server.backend()).await;
    let before = server.memory();
    let mut open = Vec::new();
    for index in 0..15 {
        open.push(post_without_reading(server.address, &batch_of_pages(&format!("c{index}"), 100)).await);
    }
    tokio::time::sleep(Duration::from_secs(4)).await;
    let grown = server.memory().saturating_sub(before);
    figure("15 unread POSTs of 100 pages", grown >> 10, 60 << 10, "KiB");
    assert!(grown < 60 << 20, "{} MiB more", grown >> 20);
}

#[tokio::test]
async fn a_client_that_does_not_read_its_answer_is_disconnected() {
    let server = TestServer::start().await;
    create_long_talk(&server.backend("demo", DEMO_SECRET)).await;
    let mut stream = post_without_reading(server.address, &batch_of_pages("slow", 100)).await;
    tokio::time::sleep(Duration::from_secs(34)).await;
    let mut answer = Vec::new();
    // The end of the answer is missing, whether the connection is closed or reset.
    let _ = within(10, stream.read_to_end(&mut answer)).await;
    assert!(!answer.ends_with(b"0\r\n\r\n") && answer.len() < 20_000_000, "{} bytes", answer.len());
}

#[tokio::test]
async fn an_answer_arrives_whole_however_long_it_is() {
    let server = TestServer::start().await;
    create_long_talk(&server.backend("demo", DEMO_SECRET)).await;
    let body = batch_of_pages("whole", 40);
    let response = http::call(server.address, "POST", "/v1/demo/realtime", &[], body).await;
    let results = response.json()["results"].as_array().unwrap().clone();
    assert_eq!(results.len(), 40);
    for (index, result) in results.iter().enumerate() {
        assert_eq!(result["id"].as_u64(), Some(index as u64 + 1));
        assert_eq!(result["value"]["more"], true);
    }
}

#[tokio::test]
async fn each_request_of_a_batch_counts_against_the_rate_of_its_address() {
    let mut limited = config();
    limited.limits.address = Rate { per_second: 1, burst: 40 };
    let server = TestServer::with(limited).await;
    let get = |id| json!({ "id": id, "op": "user.get", "params": { "user": "ada" } });
    let requests: Vec<Value> = (1..=100).map(get).collect();
    let body = json!({ "v": 1, "user": "ada", "client": "c", "requests": requests }).to_string();
    let response = http::call(server.address, "POST", "/v1/demo/realtime", &[], body).await;
    let results = response.json()["results"].as_array().unwrap().clone();
    let refused = results.iter().filter(|result| result["error"]["code"] == "rate_limited").count();
    assert!((60..100).contains(&refused), "{refused} of 100 are refused");
}

#[tokio::test]
async fn a_call_that_arrives_after_a_later_connection_of_its_client_is_refused() {
    let server = TestServer::start().await;
    let set = |name: &str| {
        let op = json!({ "id": 1, "key": name, "op": "user.set", "params": { "user": "ada", "data": { "name": name } } });
        move |generation: u32| {
            let batch =
                json!({ "v": 1, "user": "ada", "client": "c", "generation": generation, "requests": [op] });
            http::call(server.address, "POST", "/v1/demo/realtime", &[], batch.to_string())
        }
    };
    assert_eq!(set("Newer")(2).await.status, 200);
    let late = set("Older")(1).await;
    assert_eq!((late.status.as_u16(), late.code().as_str()), (504, "timed_out"));
    assert_eq!(late.json()["error"]["field"], "generation");
    assert_eq!(set("Newest")(2).await.status, 200, "the same call may arrive twice");
    let user = server.backend("demo", DEMO_SECRET).ok("GET", "/users/ada", None).await;
    assert_eq!(user["name"], "Newest");
}
