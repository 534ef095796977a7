//! The lists of the REST API: their order, their filters, and where a page starts.

use serde_json::{Value, json};

use crate::support::http::Backend;
use crate::support::{DEMO_SECRET, TestServer};

fn ids(list: &Value) -> Vec<&str> {
    list["data"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap()).collect()
}

/// Sends a message. Returns its id and its time.
async fn hello(backend: &Backend, conversation: &str) -> (String, i64) {
    // Messages within one millisecond would have the same time.
    tokio::time::sleep(std::time::Duration::from_millis(3)).await;
    let path = format!("/conversations/{conversation}/messages");
    let hello = json!([{ "type": "SystemMessage", "text": "Hello" }]);
    let sent = backend.ok("POST", &path, Some(hello)).await;
    let id = sent[0]["id"].as_str().unwrap().to_owned();
    let message = backend.ok("GET", &format!("{path}/{id}"), None).await;
    (id, message["createdAt"].as_i64().unwrap())
}

/// A server with the conversations a, b, c and d, made in this order, and the times of two messages: in b,
/// then in a.
async fn server() -> (TestServer, i64, i64) {
    let server = TestServer::start().await;
    server.put_user("demo", DEMO_SECRET, "ada", json!({ "name": "Ada" })).await;
    let backend = server.backend("demo", DEMO_SECRET);
    for id in ["a", "b", "c", "d"] {
        tokio::time::sleep(std::time::Duration::from_millis(3)).await;
        let data = json!({ "participants": ["ada"], "subject": id, "custom": { "letter": id } });
        backend.ok("PUT", &format!("/conversations/{id}"), Some(data)).await;
    }
    let (_, in_b) = hello(&backend, "b").await;
    let (_, in_a) = hello(&backend, "a").await;
    (server, in_b, in_a)
}

#[tokio::test]
async fn all_conversations_are_listed_by_last_activity_or_creation_in_both_directions() {
    let (server, in_b, in_a) = server().await;
    let backend = server.backend("demo", DEMO_SECRET);
    let list = async |query: &str| {
        let list = backend.ok("GET", &format!("/conversations{query}"), None).await;
        ids(&list).join(" ")
    };
    assert_eq!(list("").await, "a b d c", "the last activity first");
    assert_eq!(list("?orderDirection=ASC").await, "c d b a");
    assert_eq!(list("?orderBy=createdAt").await, "d c b a");
    assert_eq!(list("?orderBy=createdAt&orderDirection=asc&limit=3").await, "a b c");
    assert_eq!(list("?limit=2&startingAfter=b").await, "d c");
    assert_eq!(list("?orderDirection=ASC&startingAfter=d").await, "b a");
    assert_eq!(list(&format!("?lastMessageBefore={in_a}")).await, "b");
    assert_eq!(list(&format!("?lastMessageAfter={in_b}")).await, "a");
    assert_eq!(list(&format!("?lastMessageAfter={}&lastMessageBefore={}", in_b - 1, in_a + 1)).await, "a b");
    assert_eq!(list(&format!("?lastMessageAfter={}&orderDirection=ASC", in_b - 1)).await, "b a");
    assert_eq!(list(&format!("?lastMessageBefore={}&startingAfter=a", in_a + 1)).await, "b");
    assert_eq!(list("?filter=%7B%22hasMessages%22%3Afalse%7D").await, "d c");
    let letters = "%7B%22custom%22%3A%7B%22letter%22%3A%5B%22oneOf%22%2C%5B%22a%22%2C%22c%22%5D%5D%7D%7D";
    assert_eq!(list(&format!("?filter={letters}")).await, "a c");
}

#[tokio::test]
async fn query_parameters_are_honoured_or_refused() {
    let (server, ..) = server().await;
    let backend = server.backend("demo", DEMO_SECRET);
    for (path, field) in [
        ("/users?order=name", "order"),
        ("/users?unreadsOnly=true", "unreadsOnly"),
        ("/users/ada?limit=5", "limit"),
        ("/users?limit=5&limit=6", "limit"),
        ("/conversations?orderBy=name", "orderBy"),
        ("/conversations?unreadsOnly=true", "unreadsOnly"),
        ("/conversations?filter=%7B%22isUnread%22%3Atrue%7D", "filter.isUnread"),
        ("/conversations?filter=%7B%22colour%22%3Atrue%7D", "filter.colour"),
        ("/conversations?filter=%22letter%22", "filter"),
        ("/users/ada/conversations?orderBy=createdAt", "orderBy"),
        ("/users/ada/conversations?orderDirection=ASC", "orderDirection"),
        ("/conversations/a/messages?orderDirection=ASC", "orderDirection"),
        ("/conversations/a/messages?limit=%zz", "limit"),
    ] {
        let refused = backend.call("GET", path, None).await;
        assert_eq!(refused.status, 400, "{path}: {}", refused.text());
        assert_eq!(refused.json()["error"]["field"], field, "{path}: {}", refused.text());
    }
    let unread = backend.ok("GET", "/users/ada/conversations?filter=%7B%22isUnread%22%3Atrue%7D", None).await;
    assert_eq!(ids(&unread), ["a", "b"]);
}

#[tokio::test]
async fn a_page_after_a_message_that_was_deleted_meanwhile_goes_on_from_where_it_stood() {
    let (server, ..) = server().await;
    let backend = server.backend("demo", DEMO_SECRET);
    let mut sent = Vec::new();
    for _ in 0..5 {
        sent.push(hello(&backend, "c").await.0);
    }
    sent.reverse();
    let path = "/conversations/c/messages";
    let page = backend.ok("GET", &format!("{path}?limit=2"), None).await;
    assert_eq!(ids(&page), sent[..2]);
    backend.ok("DELETE", &format!("{path}/{}", sent[1]), None).await;
    let next = backend.ok("GET", &format!("{path}?limit=2&startingAfter={}", sent[1]), None).await;
    assert_eq!(ids(&next), sent[2..4]);
    let unknown = backend.call("GET", &format!("{path}?startingAfter=nothing"), None).await;
    assert_eq!((unknown.status.as_u16(), unknown.code().as_str()), (400, "invalid_argument"));
}
