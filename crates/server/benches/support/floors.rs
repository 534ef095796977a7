//! The floors: the least work that any implementation would need.

use std::path::Path;
use std::time::{Duration, Instant};

use futures_util::{SinkExt as _, StreamExt as _};
use rusqlite::{Connection, params};
use tokio::net::TcpListener;
use tokio::sync::broadcast;
use tokio_tungstenite::accept_async;
use tokio_tungstenite::tungstenite::Message;

/// Relays every message except "follow" to all clients that have sent "follow". A client may be `behind`
/// messages late.
pub(crate) async fn relay(behind: usize) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    println!("http://{}", listener.local_addr().unwrap());
    let (all, _) = broadcast::channel::<Message>(behind);
    while let Ok((stream, _)) = listener.accept().await {
        stream.set_nodelay(true).unwrap();
        let all = all.clone();
        tokio::spawn(async move {
            let mut socket = accept_async(stream).await.unwrap();
            while let Some(Ok(message)) = socket.next().await {
                if matches!(&message, Message::Text(text) if text.as_str() == "follow") {
                    let mut messages = all.subscribe();
                    socket.send(message.clone()).await.unwrap();
                    while let Ok(message) = messages.recv().await {
                        if socket.send(message).await.is_err() {
                            return;
                        }
                    }
                }
                let _ = all.send(message);
            }
        });
    }
}

/// Measures SQLite's own rate on this disk, in messages per second: group-committed inserts of messages,
/// alone or (`all_rows`) with all other rows that sending a message changes.
pub(crate) fn inserts(path: &Path, senders: i64, during: Duration, all_rows: bool) -> f64 {
    let connection = Connection::open(path).unwrap();
    connection.query_row("PRAGMA journal_mode = WAL", [], |_| Ok(())).unwrap();
    connection
        .execute_batch(
            "PRAGMA synchronous = FULL; PRAGMA cache_size = -16000;
             CREATE TABLE messages (key INTEGER PRIMARY KEY, conversation INTEGER NOT NULL,
                 seq INTEGER NOT NULL, id TEXT NOT NULL, sender INTEGER, text TEXT NOT NULL,
                 content TEXT NOT NULL, custom TEXT NOT NULL, created_at INTEGER NOT NULL,
                 UNIQUE (conversation, seq), UNIQUE (conversation, id)) STRICT;
             CREATE TABLE conversations (key INTEGER PRIMARY KEY, last_seq INTEGER NOT NULL,
                 at INTEGER NOT NULL) STRICT;
             CREATE TABLE participants (conversation INTEGER, user INTEGER, read_seq INTEGER,
                 activity INTEGER, PRIMARY KEY (conversation, user)) STRICT, WITHOUT ROWID;
             CREATE INDEX lists ON participants (user, activity);
             CREATE TABLE outcomes (key INTEGER PRIMARY KEY, caller TEXT NOT NULL, scope TEXT NOT NULL,
                 name TEXT NOT NULL, answer TEXT NOT NULL, UNIQUE (caller, scope, name)) STRICT;",
        )
        .unwrap();
    for pair in 0..senders {
        connection.execute("INSERT INTO conversations VALUES (?1, 0, 0)", [pair]).unwrap();
        for user in [pair, senders] {
            connection.execute("INSERT INTO participants VALUES (?1, ?2, 0, 0)", [pair, user]).unwrap();
        }
    }
    let text = "Message: the quick brown fox jumps over the lazy dog, and over the other one too.";
    let content = format!("[{{\"type\":\"text\",\"children\":[\"{text}\"]}}]");
    let run = |sql: &str, params: &[&dyn rusqlite::ToSql]| {
        connection.prepare_cached(sql).unwrap().execute(params).unwrap();
    };
    let (started, mut done) = (Instant::now(), 0_i64);
    while started.elapsed() < during {
        connection.execute_batch("BEGIN IMMEDIATE").unwrap();
        let seq = done / senders + 1;
        for pair in 0..senders {
            let id = format!(
                "msg_{seq:012x}{:020x}",
                pair.wrapping_mul(0x1e37_79b9_7f4a_7c15).unsigned_abs() ^ seq.unsigned_abs()
            );
            run(
                "INSERT INTO messages (conversation, seq, id, sender, text, content, custom, created_at)
                 VALUES (?1, ?2, ?3, ?1, ?4, ?5, '{}', ?2)",
                params![pair, seq, id, text, content],
            );
            if all_rows {
                run("UPDATE conversations SET last_seq = ?2, at = ?2 WHERE key = ?1", params![pair, seq]);
                run("UPDATE participants SET activity = ?2 WHERE conversation = ?1", params![pair, seq]);
                run(
                    "UPDATE participants SET read_seq = ?2 WHERE conversation = ?1 AND user = ?1",
                    params![pair, seq],
                );
                run(
                    "INSERT INTO outcomes (caller, scope, name, answer) VALUES (?1, 'client', ?2, ?3)",
                    params![format!("u{pair}"), seq.to_string(), id],
                );
            }
            done += 1;
        }
        connection.execute_batch("COMMIT").unwrap();
    }
    done as f64 / started.elapsed().as_secs_f64()
}
