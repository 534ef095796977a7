//! The time of the first page of a search, and the size of its index.
//!
//! `cargo bench -p causerie-server --bench search -- 100000`: the number of messages, 100,000 if absent.
//! Prints a table and has no threshold. The floor is the same page read from the list of a conversation.
#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a program that prints figures"
)]

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use causerie_protocol::Op;
use causerie_protocol::entities::{Access, Notify, Origin};
use causerie_protocol::ids::{ConversationId, MessageId, UserId};
use causerie_protocol::search::Search;
use causerie_protocol::topic::{Cursor, Topic};
use causerie_server::apps::{App, Origins};
use causerie_server::clock::SystemClock;
use causerie_server::rules::{Caller, Context, ReadRules, SCAN_ROWS, read_op};
use causerie_server::store::records::{ConversationRecord, MessageRecord, ParticipantRecord, UserRecord};
use causerie_server::store::sqlite::SqliteStore;
use causerie_server::store::{Size, Store};
use rusqlite::Connection;

/// How many conversations share the messages, besides the one that has half of them.
const CONVERSATIONS: u32 = 1_000;
/// How many of them the searching user participates in, besides the large one.
const OWN: u32 = 100;
const WORDS: u32 = 5_000;
const QUERIES: u32 = 300;
const SENDERS: u32 = 50;
const APP: &str = "app";

fn main() {
    let quick = std::env::args().any(|argument| argument == "--quick");
    let count = std::env::args().find_map(|argument| argument.parse().ok());
    let count: u32 = count.unwrap_or(if quick { 2_000 } else { 100_000 });
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("search.db");
    let sends = if quick { 500 } else { 20_000 };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    for round in 0..3 {
        // In turns, because the speed of the disk changes.
        let rates = [false, true].map(|indexes| {
            let path = folder.path().join(format!("sends-{round}-{indexes}.db"));
            runtime.block_on(sends_a_second(&path, sends, indexes))
        });
        row(
            &format!("messages stored a second, {SENDERS} senders, without the index | with it"),
            format!("{:.0} | {:.0}, ratio {:.2}", rates[0], rates[1], rates[1] / rates[0]),
        );
    }
    runtime.block_on(search(&path, count));
}

/// Returns the rate of durable messages of 12 words. Without the index, a trigger keeps its position at the
/// end, so that the maintenance has nothing to index.
async fn sends_a_second(path: &Path, count: u32, indexes: bool) -> f64 {
    let store = SqliteStore::open(path, Arc::new(SystemClock), Arc::new(())).unwrap();
    fill(&store, 0).await;
    if !indexes {
        let trigger = "INSERT INTO meta VALUES ('indexed', '9223372036854775807') \
                       ON CONFLICT (name) DO UPDATE SET value = excluded.value; \
                       CREATE TRIGGER at_the_end AFTER UPDATE ON meta \
                       WHEN new.name = 'indexed' AND new.value < '9' BEGIN \
                       UPDATE meta SET value = '9223372036854775807' WHERE name = 'indexed'; END";
        Connection::open(path).unwrap().execute_batch(trigger).unwrap();
    }
    let started = Instant::now();
    let senders = (0..SENDERS).map(|sender| {
        let store = store.clone();
        tokio::spawn(async move {
            for number in (sender..count).step_by(SENDERS as usize) {
                let message = message(number, number % CONVERSATIONS);
                let sent = store.write(move |write| write.append_message(APP, &message.0, &message.1));
                sent.await.unwrap();
            }
        })
    });
    for sender in senders.collect::<Vec<_>>() {
        sender.await.unwrap();
    }
    let rate = f64::from(count) / started.elapsed().as_secs_f64();
    store.close().await;
    rate
}

/// Returns a message of 12 words to a conversation.
fn message(number: u32, id: u32) -> (ConversationId, MessageRecord) {
    let mut numbers = Numbers(u64::from(number) + 1);
    let words: Vec<String> = (0..12).map(|_| numbers.word()).collect();
    let record = MessageRecord {
        seq: 0,
        id: MessageId::new(format!("msg_{number:032}")).unwrap(),
        sender: Some(UserId::new(if id == 0 { "ada" } else { "eve" }).unwrap()),
        text: words.join(" "),
        content: format!(r#"[{{"type":"text","children":["{}"]}}]"#, words.join(" ")),
        custom: Default::default(),
        created_at: i64::from(number) + 1,
        edited_at: None,
        referenced: None,
        origin: Origin::Web,
        reactions: Vec::new(),
    };
    (conversation(id), record)
}

/// Returns numbers that look random, the same in each run.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        self.0 >> 33
    }

    /// Returns a word; the first ones are far more frequent than the last ones.
    fn word(&mut self) -> String {
        let share = (self.next() % 10_000) as f64 / 10_000.0;
        let rank = (f64::from(WORDS).powf(share) as u64 - 1).min(u64::from(WORDS) - 1);
        word(rank)
    }
}

/// Returns a word of four to seven letters.
fn word(rank: u64) -> String {
    let mut rest = rank.wrapping_mul(2_654_435_761) % 456_976 + 456_976 * (rank % 7);
    let mut word = String::new();
    for _ in 0..4 + rank % 4 {
        word.push(char::from(b'a' + (rest % 26) as u8));
        rest = rest / 26 + rank;
    }
    word
}

fn conversation(number: u32) -> ConversationId {
    ConversationId::new(format!("c{number}")).unwrap()
}

async fn search(path: &Path, count: u32) {
    let store = SqliteStore::open(path, Arc::new(SystemClock), Arc::new(())).unwrap();
    fill(&store, count).await;
    let started = Instant::now();
    let reader = Connection::open(path).unwrap();
    loop {
        let indexed = "SELECT coalesce((SELECT value FROM meta WHERE name = 'indexed'), '0')";
        let indexed: String = reader.query_row(indexed, [], |row| row.get(0)).unwrap();
        if indexed.parse::<u32>().unwrap() >= count {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    row(
        "until all are indexed after the last one was sent",
        format!("{:.1} s", started.elapsed().as_secs_f64()),
    );
    let bytes: f64 =
        reader.query_row("SELECT sum(length(block)) FROM message_words_data", [], |row| row.get(0)).unwrap();
    let sizes: f64 =
        reader.query_row("SELECT count(*) * 12.0 FROM message_words_docsize", [], |row| row.get(0)).unwrap();
    row("index, bytes a message", format!("{:.0}", (bytes + sizes) / f64::from(count)));
    let app = Arc::new(app());
    let mut numbers = Numbers(7);
    let floor = || Op::More {
        topic: Topic::Messages { id: conversation(0) },
        after: Cursor { at: i64::MAX, id: String::new() },
        limit: 3,
    };
    measure(&store, &app, "ada", "floor: the newest 3 messages of one conversation", floor).await;
    for (user, own) in [("ada", OWN + 1), ("bob", 1), ("eve", CONVERSATIONS)] {
        let mut query = |name: &str, query: &mut dyn FnMut(&mut Numbers) -> String| {
            let queries: Vec<String> = (0..QUERIES).map(|_| query(&mut numbers)).collect();
            (format!("{name}, in {own} conversations"), queries)
        };
        let kinds = [
            query("a frequent word", &mut |_| word(3)),
            query("any word", &mut |numbers| word(numbers.next() % u64::from(WORDS))),
            query("two words", &mut |numbers| format!("{} {}", numbers.word(), numbers.word())),
            query("one letter", &mut |numbers| char::from(b'a' + (numbers.next() % 26) as u8).to_string()),
            query("a word that nobody wrote", &mut |_| "zzzzzz".to_owned()),
        ];
        for (name, queries) in kinds {
            let mut queries = queries.into_iter();
            measure(&store, &app, user, &name, move || Op::SearchMessages {
                data: Search {
                    query: queries.next().unwrap(),
                    filters: Default::default(),
                    limit: 3,
                    after: None,
                },
            })
            .await;
        }
    }
    store.close().await;
}

/// Stores the messages: half of them in the first conversation, in which ada and bob are; the others in the
/// other conversations, of which ada has a part and eve has all.
async fn fill(store: &SqliteStore, count: u32) {
    let user = |id: &str| UserId::new(id).unwrap();
    let created = store.write(move |write| {
        for id in ["ada", "bob", "eve"] {
            let record = UserRecord {
                name: id.to_owned(),
                custom: Default::default(),
                locale: None,
                photo_url: None,
                role: None,
                welcome_message: None,
                created_at: 0,
            };
            write.put_user(APP, &user(id), &record)?;
        }
        for number in 0..=CONVERSATIONS {
            let id = conversation(number);
            write.put_conversation(APP, &id, &ConversationRecord::default())?;
            let participants: &[&str] = match number {
                0 => &["ada", "bob"],
                number if number <= OWN => &["ada", "eve"],
                _ => &["eve"],
            };
            for participant in participants {
                let record = ParticipantRecord {
                    access: Access::ReadWrite,
                    notify: Notify::Always,
                    joined_at: 0,
                    read_until: 0,
                    read_seq: 0,
                    marked_unread: false,
                };
                write.put_participant(APP, &id, &user(participant), &record)?;
            }
        }
        Ok::<_, causerie_server::store::StoreError>(())
    });
    created.await.unwrap();
    let started = Instant::now();
    for first in (0..count).step_by(500) {
        let last = count.min(first + 500);
        let sent = store.write(move |write| {
            for number in first..last {
                let id = if number % 2 == 0 { 0 } else { 1 + number / 2 % CONVERSATIONS };
                let (conversation, message) = message(number, id);
                write.append_message(APP, &conversation, &message)?;
            }
            Ok::<_, causerie_server::store::StoreError>(())
        });
        sent.await.unwrap();
    }
    if count == 0 {
        return;
    }
    row(&format!("{count} messages of 12 words stored"), format!("{:.1} s", started.elapsed().as_secs_f64()));
}

fn app() -> App {
    App {
        id: APP.to_owned(),
        secrets: vec!["secret".to_owned()],
        authentication: false,
        user_sync: true,
        conversation_sync: true,
        default_locale: "en-US".to_owned(),
        default_role: "default".to_owned(),
        roles: Default::default(),
        origins: Origins::default(),
        loopback_only: true,
        webhooks: Vec::new(),
        translator: None,
    }
}

fn random() -> Result<u128, getrandom::Error> {
    Ok(1)
}

/// Prints the times of an op, from its parameters to the bodies of its result.
async fn measure(store: &SqliteStore, app: &Arc<App>, user: &str, name: &str, mut op: impl FnMut() -> Op) {
    let user = Caller::User(UserId::new(user).unwrap());
    let mut times = Vec::new();
    for _ in 0..QUERIES {
        let (app, user, op) = (Arc::clone(app), user.clone(), op());
        let started = Instant::now();
        let result = store.read(Size::List, move |read| {
            let context = Context {
                app: &app,
                caller: &user,
                now: 0,
                stored_at: 0,
                random,
                scan_rows: SCAN_ROWS,
                files: None,
            };
            read_op(ReadRules::new(read, &context), 1, op)
        });
        let outcome = result.await.unwrap();
        assert!(outcome.error.is_none());
        times.push(started.elapsed());
    }
    times.sort();
    let at = |share: usize| times[(times.len() - 1) * share / 100].as_secs_f64() * 1_000.0;
    row(name, format!("p50 {:.2} ms, p99 {:.2} ms", at(50), at(99)));
}

fn row(name: &str, figure: impl std::fmt::Display) {
    println!("| {name} | {figure} |");
}
