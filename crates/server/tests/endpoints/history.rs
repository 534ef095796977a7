//! The history of the database: backups, restored databases, damaged logs and locks.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::support::http::call;
use crate::support::process::{ServerProcess, command};
use crate::support::socket::{Client, Received, hello};
use crate::support::within;

fn database(folder: &Path) -> PathBuf {
    folder.join("causerie.db")
}

fn log_file(folder: &Path) -> PathBuf {
    folder.join("causerie.db-wal")
}

/// Runs a task such as `backup`. Returns whether it succeeded, and all that it printed.
async fn task(folder: &Path, arguments: &[&str]) -> (bool, String) {
    let mut all = arguments.to_vec();
    all.extend(["--data", folder.to_str().unwrap()]);
    let output = within(30, command(&all).output()).await.unwrap();
    let text = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8(text).unwrap())
}

/// Runs the server, which must refuse to start. Returns the line that it prints.
async fn start_error(folder: &Path) -> String {
    let (started, line) = task(folder, &["--demo", "--port", "0"]).await;
    assert!(!started && line.lines().count() == 1, "{line}");
    line
}

/// Connects a user. Returns the client and the epoch.
async fn connect(server: &ServerProcess, user: &str) -> (Client, String) {
    let mut client = Client::open(server.address, "demo").await;
    client.send(hello(user, None)).await;
    let welcome = client.frame().await;
    (client, welcome["epoch"].as_str().unwrap().to_owned())
}

/// Creates ada, bob and their conversation.
async fn create_talk(server: &ServerProcess) {
    for user in ["ada", "bob"] {
        server.backend().ok("PUT", &format!("/users/{user}"), Some(json!({ "name": user }))).await;
    }
    let talk = json!({ "participants": ["ada", "bob"] });
    server.backend().ok("PUT", "/conversations/talk", Some(talk)).await;
}

async fn send_messages(client: &mut Client, numbers: std::ops::RangeInclusive<u32>) {
    for number in numbers {
        let data = json!({ "conversation": "talk", "data": { "text": format!("m{number}") } });
        let result = client.request("message.send", data).await;
        assert!(result.get("error").is_none(), "{result}");
    }
}

/// Subscribes to the messages, and returns the first frame.
async fn subscribe(client: &mut Client, from: Option<Value>) -> Value {
    let topic = json!({ "kind": "messages", "id": "talk" });
    let mut frame = json!({ "t": "subscribe", "id": 1_000, "topic": topic });
    if let Some(from) = from {
        frame["from"] = from;
    }
    client.send(frame).await;
    loop {
        if let Received::Frame(frame) = client.receive().await
            && frame["id"] == 1_000
        {
            return frame;
        }
    }
}

/// The texts of the messages in a frame, sorted.
fn texts(frame: &Value) -> Vec<String> {
    let messages = frame["entities"]["messages"].as_array().unwrap();
    let mut texts: Vec<_> =
        messages.iter().map(|message| message["plaintext"].as_str().unwrap().to_owned()).collect();
    texts.sort();
    texts
}

async fn kill(mut server: ServerProcess) {
    server.child.start_kill().unwrap();
    server.child.wait().await.unwrap();
}

/// Copies a database as SQLite's own tools do: with its epoch.
fn copy_with_sqlite(source: &Path, target: &Path) {
    let connection = rusqlite::Connection::open(source).unwrap();
    connection.execute("VACUUM INTO ?1", [target.to_str().unwrap()]).unwrap();
}

#[tokio::test]
async fn a_page_that_returns_after_a_restoration_gets_a_reset_and_never_a_merge() {
    for with_commands in [true, false] {
        let folder = tempfile::tempdir().unwrap();
        let backup = folder.path().join("backup.db");
        let server = ServerProcess::start(folder.path(), &["--demo"]).await;
        create_talk(&server).await;
        let (mut ada, before) = connect(&server, "ada").await;
        send_messages(&mut ada, 1..=10).await;
        if with_commands {
            let made = task(folder.path(), &["backup", "--to", backup.to_str().unwrap()]).await;
            assert!(made.0, "while the server runs: {}", made.1);
            let again = task(folder.path(), &["backup", "--to", backup.to_str().unwrap()]).await;
            assert!(!again.0 && again.1.contains("exists already"), "{}", again.1);
            let restored = task(folder.path(), &["restore", "--from", backup.to_str().unwrap()]).await;
            assert!(!restored.0 && restored.1.contains("in use"), "while the server runs: {}", restored.1);
        } else {
            copy_with_sqlite(&database(folder.path()), &backup);
        }
        send_messages(&mut ada, 11..=15).await;
        let page = subscribe(&mut ada, None).await;
        assert!(texts(&page).contains(&"m15".to_owned()));
        let position = json!({ "epoch": before, "seq": page["seq"] });
        kill(server).await;

        if with_commands {
            let restored = task(folder.path(), &["restore", "--from", backup.to_str().unwrap()]).await;
            assert!(restored.0, "{}", restored.1);
        } else {
            std::fs::remove_file(log_file(folder.path())).unwrap();
            std::fs::copy(&backup, database(folder.path())).unwrap();
        }
        let server = ServerProcess::start(folder.path(), &["--demo"]).await;
        let (mut bob, after) = connect(&server, "bob").await;
        assert_ne!(after, before);
        for number in 11..=20 {
            let data = json!({ "conversation": "talk", "data": { "text": format!("n{number}") } });
            bob.request("message.send", data).await;
        }
        let (mut ada, _) = connect(&server, "ada").await;
        let first = subscribe(&mut ada, Some(position)).await;
        assert_eq!(first["t"], "reset", "{first}");
        let texts = texts(&first);
        assert!((11..=20).all(|number| texts.contains(&format!("n{number}"))), "{texts:?}");
        assert!(!texts.iter().any(|text| text == "m11" || text == "m15"), "{texts:?}");
        kill(server).await;

        let server = ServerProcess::start(folder.path(), &["--demo"]).await;
        assert_eq!(connect(&server, "bob").await.1, after, "a kill alone begins no epoch");
    }
}

#[tokio::test]
async fn a_log_that_was_damaged_in_the_middle_begins_an_epoch_and_is_logged() {
    let folder = tempfile::tempdir().unwrap();
    let server = ServerProcess::start(folder.path(), &["--demo"]).await;
    create_talk(&server).await;
    let (mut ada, before) = connect(&server, "ada").await;
    send_messages(&mut ada, 1..=50).await;
    kill(server).await;
    let mut log = std::fs::read(log_file(folder.path())).unwrap();
    let middle = log.len() / 2;
    log[middle..middle + 64].fill(0x55);
    std::fs::write(log_file(folder.path()), log).unwrap();

    let server = ServerProcess::start(folder.path(), &["--demo", "--log", "json"]).await;
    assert_ne!(connect(&server, "ada").await.1, before);
    let log = server.kill().await;
    let line = log.iter().find(|line| line["level"] == "ERROR").expect("an error is logged").to_string();
    assert!(line.contains("new epoch") && line.contains("commits"), "{line}");
}

#[tokio::test]
async fn a_database_that_is_missing_beside_its_log_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let server = ServerProcess::start(folder.path(), &["--demo"]).await;
    create_talk(&server).await;
    kill(server).await;
    let log = std::fs::read(log_file(folder.path())).unwrap();
    std::fs::remove_file(database(folder.path())).unwrap();
    let line = start_error(folder.path()).await;
    assert!(line.contains("causerie.db") && line.contains("missing") && line.contains("restore"), "{line}");
    assert!(!database(folder.path()).exists(), "nothing was created");
    assert_eq!(std::fs::read(log_file(folder.path())).unwrap(), log, "nothing was deleted");
}

#[cfg(unix)]
#[tokio::test]
async fn deleting_the_lock_file_lets_no_second_server_start() {
    let folder = tempfile::tempdir().unwrap();
    let first = ServerProcess::start(folder.path(), &["--demo"]).await;
    std::fs::remove_file(folder.path().join("causerie.db.lock")).unwrap();
    let line = start_error(folder.path()).await;
    assert!(line.contains("in use"), "{line}");
    assert_eq!(call(first.address, "GET", "/ready", &[], "").await.status, 200, "the first still serves");
}

#[tokio::test]
async fn only_a_database_of_this_program_is_restored() {
    let folder = tempfile::tempdir().unwrap();
    let other = folder.path().join("other.db");
    rusqlite::Connection::open(&other).unwrap().execute_batch("CREATE TABLE t (x)").unwrap();
    std::fs::write(folder.path().join("text"), "This is no database. ".repeat(100)).unwrap();
    for name in ["other.db", "text", "missing.db"] {
        let path = folder.path().join(name);
        let (restored, line) = task(folder.path(), &["restore", "--from", path.to_str().unwrap()]).await;
        assert!(!restored && line.lines().count() == 1 && line.contains(name), "{line}");
        assert!(!database(folder.path()).exists());
    }
}
