//! The cost of a point read, a durable write and a message, compared to rusqlite alone as the floor.
//!
//! `cargo bench -p causerie-server --bench store`. Prints a table and has no threshold.
#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a program that prints figures"
)]

use std::future::Future;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use causerie_protocol::entities::{Access, Notify, Origin};
use causerie_protocol::frames::Request;
use causerie_protocol::ids::{ClientId, ConversationId, IdempotencyKey, MessageId, UserId};
use causerie_protocol::topic::Cursor;
use causerie_protocol::{Op, Patch, SetUser, Topic};
use causerie_server::apps::{App, Apps, Origins};
use causerie_server::clock::SystemClock;
use causerie_server::rules::RestCommand;
use causerie_server::service::Service;
use causerie_server::store::records::{ConversationRecord, MessageRecord, ParticipantRecord, UserRecord};
use causerie_server::store::sqlite::SqliteStore;
use causerie_server::store::{Size, Store, StoreError};
use rusqlite::{Connection, params};

const USERS: u32 = 10_000;
const READS: u32 = 50_000;
const WRITES: u32 = 4_000;
/// How many users send concurrently, each waiting for its result before it sends again.
const SENDERS: u32 = 50;
/// The text of a message repeats this up to 300 bytes.
const BODY: &str = "0123456789 and some more text of one message. ";

fn main() {
    let folder = tempfile::tempdir().unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    println!(
        "SQLite {}, {USERS} users, medians of {READS} reads; writes a second over {WRITES}",
        rusqlite::version()
    );
    // `-- messages` or `-- growth` runs only that part.
    let parts: Vec<String> = std::env::args().filter(|argument| !argument.starts_with('-')).skip(1).collect();
    let runs = |part: &str| parts.is_empty() || parts.iter().any(|one| one == part);
    if runs("all") {
        raw(&folder.path().join("raw.db"));
        runtime.block_on(async {
            store(&folder.path().join("store.db")).await;
            service(&folder.path().join("service.db")).await;
        });
    }
    if runs("growth") {
        for (messages, conversations) in [(100, 100), (1_000, 1_000), (10_000, 10_000), (100_000, 10_000)] {
            let path = folder.path().join(format!("growth-{messages}-{conversations}.db"));
            runtime.block_on(growth(&path, messages, conversations));
        }
    }
    if !runs("messages") {
        return;
    }
    let one_table = raw_messages(&folder.path().join("raw-messages.db"), false);
    let three_tables = raw_messages(&folder.path().join("raw-three.db"), true);
    for participants in [2, 10, 100, 10_000] {
        let path = folder.path().join(format!("messages-{participants}.db"));
        let rate = runtime.block_on(messages(&path, participants));
        row(
            &format!("message.send with a key, {SENDERS} senders, {participants} participants each"),
            format!(
                "{rate:.0} /s, {:.2} of three tables, {:.2} of one",
                rate / three_tables,
                rate / one_table
            ),
        );
    }
}

fn row(name: &str, figure: impl std::fmt::Display) {
    println!("| {name} | {figure} |");
}

/// Returns the median and the 99th percentile of the times, in microseconds.
fn spread(mut times: Vec<Duration>) -> String {
    times.sort();
    let at = |share: usize| times[(times.len() - 1) * share / 100].as_nanos() as f64 / 1_000.0;
    format!("p50 {:.1} µs, p99 {:.1} µs", at(50), at(99))
}

fn rate(count: u32, since: Instant) -> String {
    format!("{:.0} /s", f64::from(count) / since.elapsed().as_secs_f64())
}

/// Measures the floor: one connection with prepared statements and the same settings.
fn raw(path: &Path) {
    let connection = Connection::open(path).unwrap();
    connection.query_row("PRAGMA journal_mode = WAL", [], |_| Ok(())).unwrap();
    connection
        .execute_batch("PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0; PRAGMA cache_size = -16000")
        .unwrap();
    connection
        .execute_batch(
            "CREATE TABLE users (key INTEGER PRIMARY KEY, app TEXT NOT NULL, id TEXT NOT NULL, \
             name TEXT NOT NULL, custom TEXT NOT NULL, UNIQUE (app, id)) STRICT",
        )
        .unwrap();
    let put = "INSERT INTO users (app, id, name, custom) VALUES ('app', ?1, ?2, '{}') \
               ON CONFLICT (app, id) DO UPDATE SET name = excluded.name";
    connection.execute_batch("BEGIN").unwrap();
    for index in 0..USERS {
        connection.prepare_cached(put).unwrap().execute(params![format!("u{index}"), "Ada"]).unwrap();
    }
    connection.execute_batch("COMMIT").unwrap();
    let times = (0..READS).map(|index| {
        let id = format!("u{}", index * 7_919 % USERS);
        let started = Instant::now();
        let mut statement = connection
            .prepare_cached("SELECT name, custom FROM users WHERE app = 'app' AND id = ?1")
            .unwrap();
        let found: (String, String) =
            statement.query_row([id], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
        std::hint::black_box(found);
        started.elapsed()
    });
    row("raw rusqlite, point read", spread(times.collect()));
    for group in [1, 64] {
        let started = Instant::now();
        for first in (0..WRITES).step_by(group as usize) {
            connection.execute_batch("BEGIN IMMEDIATE").unwrap();
            for index in first..first + group {
                // The name differs each time, because SQLite does not write unchanged rows.
                let name = format!("Ada {index} {group}");
                connection.prepare_cached(put).unwrap().execute(params![format!("u{index}"), name]).unwrap();
            }
            connection.execute_batch("COMMIT").unwrap();
        }
        row(&format!("raw rusqlite, one-row writes, {group} a commit"), rate(WRITES, started));
    }
}

/// Measures the floor of messages, with one message of each sender per commit: only the row of the message
/// with its two indexes, or (`three`) also the least that numbers and idempotency need, which is a count in
/// the conversation and an outcome.
fn raw_messages(path: &Path, three: bool) -> f64 {
    let connection = Connection::open(path).unwrap();
    connection.query_row("PRAGMA journal_mode = WAL", [], |_| Ok(())).unwrap();
    connection
        .execute_batch(
            "PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0; PRAGMA cache_size = -16000; \
             CREATE TABLE messages (key INTEGER PRIMARY KEY, conversation INTEGER NOT NULL, \
             id TEXT NOT NULL, sender INTEGER, text TEXT NOT NULL, content TEXT NOT NULL, \
             created_at INTEGER NOT NULL, \
             UNIQUE (conversation, id)) STRICT; \
             CREATE INDEX messages_time ON messages (conversation, created_at, id); \
             CREATE TABLE conversations (key INTEGER PRIMARY KEY, app TEXT NOT NULL, id TEXT NOT NULL, \
             last_seq INTEGER NOT NULL, UNIQUE (app, id)) STRICT; \
             CREATE TABLE outcomes (key INTEGER PRIMARY KEY, caller TEXT NOT NULL, \
             idempotency_key TEXT NOT NULL, answer TEXT NOT NULL, UNIQUE (caller, idempotency_key)) STRICT",
        )
        .unwrap();
    for index in 0..SENDERS {
        let put = "INSERT INTO conversations (app, id, last_seq) VALUES ('app', ?1, 0)";
        connection.execute(put, [format!("c{index}")]).unwrap();
    }
    let text = BODY.repeat(300 / BODY.len());
    let content = format!(r#"[{{"type":"text","children":["{text}"]}}]"#);
    let run = |sql: &str, params: &[&dyn rusqlite::ToSql]| {
        connection.prepare_cached(sql).unwrap().execute(params).unwrap();
    };
    let started = Instant::now();
    for first in (0..WRITES).step_by(SENDERS as usize) {
        connection.execute_batch("BEGIN IMMEDIATE").unwrap();
        for index in first..first + SENDERS {
            let (sender, id) = (index % SENDERS, format!("msg_{index:032x}"));
            if three {
                run(
                    "UPDATE conversations SET last_seq = last_seq + 1 WHERE app = 'app' AND id = ?1",
                    &[&format!("c{sender}")],
                );
                run(
                    "INSERT INTO outcomes (caller, idempotency_key, answer) VALUES (?1, ?2, ?3)",
                    &[&format!("client-{sender}"), &index.to_string(), &id],
                );
            }
            run(
                "INSERT INTO messages (conversation, id, sender, text, content, created_at) \
                 VALUES (?1, ?2, 1, ?3, ?4, ?5)",
                &[&sender, &id, &text, &content, &index],
            );
        }
        connection.execute_batch("COMMIT").unwrap();
    }
    let rate = f64::from(WRITES) / started.elapsed().as_secs_f64();
    let tables = if three { "three tables" } else { "one table" };
    row(&format!("raw rusqlite, messages in {tables}, {SENDERS} a commit"), format!("{rate:.0} /s"));
    rate
}

/// Returns the durable messages per second of senders that each have a conversation with this number of
/// participants.
async fn messages(path: &Path, participants: u32) -> f64 {
    let (service, app) = open(path).await;
    let rest = async |command: RestCommand| service.execute_command(&app, command).await.unwrap();
    for index in 0..SENDERS.max(participants) {
        let data = SetUser { name: Patch::Set(format!("User {index}")), ..SetUser::default() };
        rest(RestCommand::UserPut { user: UserId::new(format!("u{index}")).unwrap(), data }).await;
    }
    for index in 0..SENDERS {
        let all: Vec<_> = (0..participants)
            .map(|other| format!("u{}", (index + other) % SENDERS.max(participants)))
            .collect();
        let data = causerie_protocol::decode::typed(
            &serde_json::json!({ "participants": all, "subject": "Order" }).to_string(),
        )
        .unwrap();
        let conversation = ConversationId::new(format!("c{index}")).unwrap();
        rest(RestCommand::ConversationPut { conversation, data }).await;
    }
    let text = BODY.repeat(300 / BODY.len());
    let started = Instant::now();
    let senders = (0..SENDERS).map(|index| {
        let (service, app, text) = (service.clone(), Arc::clone(&app), text.clone());
        tokio::spawn(async move {
            let user = UserId::new(format!("u{index}")).unwrap();
            let client = ClientId::new(format!("client-{index}")).unwrap();
            let conversation = ConversationId::new(format!("c{index}")).unwrap();
            for id in 0..WRITES / SENDERS {
                let key = Some(IdempotencyKey::new(id.to_string()).unwrap());
                let data = causerie_protocol::SendMessage { text: Some(text.clone()), ..Default::default() };
                let op = Op::MessageSend { conversation: conversation.clone(), data };
                let outcome = service.execute_request(&app, &user, &client, Request { id, key, op }).await;
                assert!(outcome.error.is_none() && outcome.value.is_some());
            }
        })
    });
    for sender in senders.collect::<Vec<_>>() {
        sender.await.unwrap();
    }
    let rate = f64::from(WRITES) / started.elapsed().as_secs_f64();
    service.close().await;
    rate
}

/// Measures the cost of a window in a conversation with this number of messages, and for a user with this
/// number of conversations.
async fn growth(path: &Path, messages: u32, conversations: u32) {
    let store = SqliteStore::open(path, Arc::new(SystemClock), Arc::new(())).unwrap();
    let user_id = UserId::new("u1").unwrap();
    let message = |at: u32| MessageRecord {
        seq: 0,
        id: MessageId::new(format!("msg_{at:032x}")).unwrap(),
        sender: Some(UserId::new("u1").unwrap()),
        text: BODY.to_owned(),
        content: format!(r#"[{{"type":"text","children":["{BODY}"]}}]"#),
        custom: Default::default(),
        created_at: i64::from(at),
        edited_at: None,
        referenced: None,
        origin: Origin::Web,
        reactions: Vec::new(),
    };
    let participant = |at: u32| ParticipantRecord {
        access: Access::ReadWrite,
        notify: Notify::Always,
        joined_at: i64::from(at),
        read_until: i64::from(at),
        read_seq: 0,
        marked_unread: false,
    };
    let user = UserRecord {
        name: "Ada".to_owned(),
        custom: Default::default(),
        locale: None,
        photo_url: None,
        role: None,
        welcome_message: None,
        created_at: 0,
    };
    let id = user_id.clone();
    store.write(move |write| write.put_user("app", &id, &user)).await.unwrap();
    // One job inserts a thousand, because the insertion is not measured.
    for first in (1..=conversations).step_by(1_000) {
        let id = user_id.clone();
        let filling = store.write(move |write| {
            for at in first..(first + 1_000).min(conversations + 1) {
                let conversation = ConversationId::new(format!("c{at}")).unwrap();
                write.put_conversation("app", &conversation, &ConversationRecord::default())?;
                write.put_participant("app", &conversation, &id, &participant(at))?;
                write.append_message("app", &conversation, &message(at))?;
            }
            Ok::<_, StoreError>(())
        });
        filling.await.unwrap();
    }
    for first in (1..=messages).step_by(1_000) {
        let filling = store.write(move |write| {
            let conversation = ConversationId::new("c1").unwrap();
            for at in first..(first + 1_000).min(messages + 1) {
                write.append_message("app", &conversation, &message(conversations + at))?;
            }
            Ok::<_, StoreError>(())
        });
        filling.await.unwrap();
    }
    store.close().await;
    let (service, app) = open(path).await;
    let client = ClientId::new("client").unwrap();
    let c1 = ConversationId::new("c1").unwrap();
    let newest = Cursor { at: i64::MAX, id: String::new() };
    for (name, topic, limit) in [
        (format!("30 of {messages} messages"), Topic::Messages { id: c1 }, 30),
        (format!("20 of {conversations} conversations"), Topic::Conversations { filter: None }, 20),
    ] {
        let mut times = Vec::new();
        for index in 0..1_000 {
            let op = Op::More { topic: topic.clone(), after: newest.clone(), limit };
            let started = Instant::now();
            let outcome =
                service.execute_request(&app, &user_id, &client, Request { id: index, key: None, op }).await;
            let text = serde_json::to_string(&outcome).unwrap();
            times.push(started.elapsed());
            assert!(outcome.error.is_none() && text.len() > 1_000, "{text}");
        }
        row(&format!("service, {name} to their JSON"), spread(times));
    }
    service.close().await;
}

async fn open(path: &Path) -> (Service, Arc<App>) {
    let app = App {
        id: "app".to_owned(),
        secrets: Vec::new(),
        authentication: false,
        user_sync: true,
        conversation_sync: true,
        default_locale: "en".to_owned(),
        default_role: "default".to_owned(),
        roles: Default::default(),
        origins: Origins::default(),
        loopback_only: true,
        webhooks: Vec::new(),
        translator: None,
    };
    let apps = Arc::new(Apps::new([app]).unwrap());
    let app = Arc::clone(apps.get("app").unwrap());
    (Service::open(path, apps, Arc::new(SystemClock)).await.unwrap(), app)
}

async fn store(path: &Path) {
    let store = SqliteStore::open(path, Arc::new(SystemClock), Arc::new(())).unwrap();
    for (name, size) in [("inline", Size::Point), ("handed to a thread", Size::List)] {
        let mut times = Vec::new();
        for _ in 0..READS {
            let started = Instant::now();
            store.read(size, |_| Ok::<_, StoreError>(())).await.unwrap();
            times.push(started.elapsed());
        }
        row(&format!("store, an empty reading transaction, {name}"), spread(times));
    }
    store.close().await;
}

async fn service(path: &Path) {
    let (service, app) = open(path).await;
    let user_id = UserId::new("u1").unwrap();
    let client = ClientId::new("client").unwrap();
    let request = |id, key: Option<String>, op| {
        let key = key.map(|key| IdempotencyKey::new(key).unwrap());
        service.execute_request(&app, &user_id, &client, Request { id, key, op })
    };
    let set = |index: u32, name: String| {
        let data = SetUser { name: Patch::Set(name), ..SetUser::default() };
        Op::UserSet { user: UserId::new(format!("u{index}")).unwrap(), data }
    };
    let filling: Vec<_> =
        (0..USERS.min(8_000)).map(|index| request(index, None, set(index, "Ada".to_owned()))).collect();
    for write in filling {
        assert!(write.await.error.is_none());
    }
    let rest = async |body: RestCommand| service.execute_command(&app, body).await.unwrap();
    let conversation = ConversationId::new("c").unwrap();
    let data = causerie_protocol::decode::typed(r#"{"participants":["u1","u2"],"subject":"Order"}"#).unwrap();
    rest(RestCommand::ConversationPut { conversation: conversation.clone(), data }).await;

    for (name, is_conversation) in [("user.get", false), ("conversation.get", true)] {
        let mut times = Vec::new();
        for index in 0..READS {
            let op = if is_conversation {
                Op::ConversationGet { conversation: conversation.clone() }
            } else {
                Op::UserGet { user: UserId::new(format!("u{}", index * 7_919 % 8_000)).unwrap() }
            };
            let started = Instant::now();
            let outcome = request(index, None, op).await;
            let text = serde_json::to_string(&outcome).unwrap();
            times.push(started.elapsed());
            assert!(text.contains("entities"));
        }
        row(&format!("service, {name} to its JSON"), spread(times));
    }

    let mut key = 0;
    let mut next = |index: u32| {
        key += 1;
        request(index, Some(key.to_string()), set(index, format!("Ada {key}")))
    };
    let started = Instant::now();
    let mut times = Vec::new();
    for index in 0..WRITES {
        let one = Instant::now();
        assert!(next(index).await.error.is_none());
        times.push(one.elapsed());
    }
    row(
        "service, user.set with a key, one after the other",
        format!("{}, {}", rate(WRITES, started), spread(times)),
    );
    for at_once in [8, 64, 512] {
        let started = Instant::now();
        for first in (0..WRITES).step_by(at_once) {
            let calls: Vec<_> = (first..first + at_once as u32).map(&mut next).collect();
            all(calls).await;
        }
        row(
            &format!("service, user.set with a key, {at_once} at once"),
            rate(WRITES.next_multiple_of(at_once as u32), started),
        );
    }
    service.close().await;
}

async fn all<T>(calls: Vec<impl Future<Output = T>>) {
    for call in calls {
        call.await;
    }
}
