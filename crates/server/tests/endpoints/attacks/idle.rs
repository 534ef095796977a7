//! The memory of idle connections.

use std::time::Duration;

use serde_json::{Value, json};

use super::Arena;
use crate::support::figure;
use crate::support::socket::{Client, hello};

const CONNECTIONS: usize = 1_500;
/// The users of a group share 20 conversations. With fewer groups, connecting would exceed the rate of a
/// user.
const USERS: usize = 20;
const GROUPS: usize = 5;

/// Connects a client, which follows its list of 20 conversations and 30 messages.
async fn connect(arena: &Arena, index: usize) -> Client {
    let from = format!("127.0.0.{}", 2 + index % 20);
    let mut client = Client::open_from(&from, arena.server.address, "demo").await.unwrap();
    let group = index % GROUPS;
    client.send(hello(&format!("idle-{group}-{}", index / GROUPS % USERS), None)).await;
    let welcome = client.frame().await;
    assert_eq!(welcome["t"], "welcome", "{welcome}");
    let messages = json!({ "kind": "messages", "id": format!("idle-{group}-0") });
    for (id, topic) in [json!({ "kind": "conversations" }), messages].iter().enumerate() {
        client.send(json!({ "t": "subscribe", "id": id, "topic": topic })).await;
        let reset = client.frame().await;
        let entries = reset["value"]["items"].as_array().map_or(0, Vec::len);
        assert_eq!(entries, [20, 30][id], "{reset}");
    }
    client.texts = Vec::new();
    client
}

#[tokio::test]
#[ignore = "run by `cargo xtask attack`"]
async fn an_idle_connection_with_two_lists_holds_at_most_twelve_kilobytes() {
    let arena = Arena::start().await;
    let text = "The quick brown fox jumps over the lazy dog, and over the other one too.";
    for group in 0..GROUPS {
        let users: Vec<String> = (0..USERS).map(|index| format!("idle-{group}-{index}")).collect();
        let put = |user: &String| (format!("/users/{user}"), json!({ "name": format!("User {user}") }));
        arena.put_all(users.iter().map(put).collect()).await;
        let message = |sender: usize| json!({ "type": "UserMessage", "sender": users[sender], "text": text });
        for index in 0..20 {
            let path = format!("/conversations/idle-{group}-{index}");
            let conversation = json!({ "participants": users, "subject": "A subject" });
            arena.backend.ok("PUT", &path, Some(conversation)).await;
            for _ in 0..3 {
                let messages: Vec<Value> = (0..10).map(message).collect();
                arena.backend.ok("POST", &format!("{path}/messages"), Some(json!(messages))).await;
            }
        }
    }
    // The first ones fill memory that all connections share.
    let mut clients = Vec::new();
    for index in 0..CONNECTIONS / 2 {
        clients.push(connect(&arena, index).await);
    }
    tokio::time::sleep(Duration::from_secs(2)).await;
    let before = arena.server.memory();
    for index in 0..CONNECTIONS {
        clients.push(connect(&arena, index).await);
    }
    tokio::time::sleep(Duration::from_secs(3)).await;
    let each = arena.server.memory().saturating_sub(before) / CONNECTIONS as u64;
    figure("an idle connection with two lists", each, 12_000, "bytes");
    assert!(each < 12_000, "{each} bytes");
}
