//! Users whose writes wait for the store take turns.

use std::time::Duration;

use causerie_server::Config;
use causerie_server::config::{Data, database_in};
use rusqlite::Connection;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::time::sleep;

use crate::support::socket::{Client, hello};
use crate::support::{DEMO_SECRET, TestServer, config, figure};

const CONNECTIONS: usize = 16;
const SENDS: usize = 125;

/// Opens a connection of ada with a client of its own.
async fn connection_of_ada(server: &TestServer, index: usize) -> Client {
    let mut client = Client::open(server.address, "demo").await;
    let mut frame = hello("ada", None);
    frame["client"] = json!(format!("client-{index}-of-ada"));
    client.send(frame).await;
    assert_eq!(client.frame().await["t"], "welcome");
    client
}

fn message(text: &str) -> Value {
    json!({ "conversation": "talk", "data": { "text": text } })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_user_with_two_thousand_sends_makes_another_one_wait_for_a_few() {
    let folder = TempDir::new().unwrap();
    let data = Data::Folder(folder.path().to_owned());
    let server = TestServer::with(Config { data, ..config() }).await;
    server.create_talk("demo", DEMO_SECRET).await;
    let backend = server.backend("demo", DEMO_SECRET);
    let access = json!({ "access": "ReadWrite" });
    backend.ok("PUT", "/conversations/talk/participants/bob", Some(access)).await;
    let mut connections = Vec::new();
    for index in 0..CONNECTIONS {
        connections.push(connection_of_ada(&server, index).await);
    }
    let mut bob = Client::welcomed(server.address, "demo", "bob", None).await;
    // The writer waits while another program writes.
    let other = Connection::open(database_in(folder.path())).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    for client in &mut connections {
        for _ in 0..SENDS {
            client.send_request("message.send", message("from ada")).await;
        }
    }
    sleep(Duration::from_millis(1_500)).await;
    bob.send_request("message.send", message("from bob")).await;
    sleep(Duration::from_millis(200)).await;
    other.execute_batch("ROLLBACK").unwrap();
    let sent = bob.frame().await;
    assert!(sent["value"].is_string(), "{sent}");
    for client in &mut connections {
        for _ in 0..SENDS {
            let result = client.frame().await;
            assert!(result["value"].is_string(), "{result}");
        }
    }
    let (place, last): (u32, u32) = other
        .query_row(
            "SELECT seq, (SELECT max(seq) FROM messages) FROM messages WHERE text = 'from bob'",
            [],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
        .unwrap();
    assert_eq!(last as usize, CONNECTIONS * SENDS + 1);
    figure("sends of another user that a send waited for", u64::from(place - 1), 64, "sends");
    assert!(place <= 64, "{place}");
}
