//! Tests of this store only: durability settings, query plans, errors of opening, a full disk. The tests of
//! all stores are in `conformance`.

mod migrations;
mod publishing;
mod search;
mod size;
mod views;
mod waiting;

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use rusqlite::{Connection, StatementStatus};
use tempfile::TempDir;

use super::{SqliteStore, Threads, open, readers, schema, sql};
use crate::clock::{SettableClock, SystemClock};
use crate::store::conformance::{conformance, conversation, read, user, user_record, write};
use crate::store::records::{ConversationRecord, OutcomeKey, OutcomeRecord};
use crate::store::{OpenError, Requester, Store, StoreError};

fn on_disk() -> (TempDir, SqliteStore) {
    let folder = TempDir::new().unwrap();
    let store = open_at(&folder).unwrap();
    (folder, store)
}

fn path(folder: &TempDir) -> PathBuf {
    folder.path().join("causerie.db")
}

fn open_at(folder: &TempDir) -> Result<SqliteStore, OpenError> {
    SqliteStore::open(&path(folder), Arc::new(SystemClock), Arc::new(()))
}

fn open_error(folder: &TempDir) -> String {
    let text = open_at(folder).err().expect("the file is refused").to_string();
    assert_eq!(text.lines().count(), 1, "one line: {text}");
    assert!(text.contains("causerie.db"), "names the file: {text}");
    text
}

conformance!(disk, super::on_disk());
conformance!(
    memory,
    (
        (),
        super::SqliteStore::in_memory(
            super::Arc::new(super::SystemClock),
            super::Arc::new(()),
            super::Threads::Own
        )
        .unwrap()
    )
);

#[test]
fn bundled_sqlite_contains_the_fix_of_the_wal_reset_race() {
    assert!(rusqlite::version_number() >= 3_051_003, "{}", rusqlite::version());
}

#[test]
fn connections_sync_every_commit() {
    let folder = TempDir::new().unwrap();
    let opened = open::file(&path(&folder), 2).unwrap();
    for connection in opened.readers.iter().chain([&opened.writer]) {
        let pragma =
            |name: &str| connection.query_row(&format!("PRAGMA {name}"), [], |row| row.get::<_, i64>(0));
        assert_eq!(pragma("synchronous"), Ok(2), "FULL");
        assert_eq!(pragma("foreign_keys"), Ok(1));
        let mode = connection.query_row("PRAGMA journal_mode", [], |row| row.get::<_, String>(0));
        assert_eq!(mode.as_deref(), Ok("wal"));
    }
    let written = opened.readers[0].execute("DELETE FROM users WHERE key = 1", []);
    assert!(written.is_err(), "readers cannot write");
}

/// Returns SQLite's plan for a statement, with one step per line.
fn plan(connection: &Connection, sql: &str) -> Vec<String> {
    let mut explain = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
    let mut rows = explain.raw_query();
    let mut plan = Vec::new();
    while let Some(row) = rows.next().unwrap() {
        plan.push(row.get::<_, String>(3).unwrap());
    }
    plan
}

/// Returns whether the cost of a step grows with the table. That of a sub-query with a LIMIT and of the
/// single row of constants does not. A sort by the last term only sorts entries with equal times.
fn scans(step: &str) -> bool {
    // A look-up in the index of words: by words (M) or by one key (=).
    if let Some((_, index)) = step.split_once(" VIRTUAL TABLE INDEX ") {
        return !index.contains('M') && !index.contains('=');
    }
    step.starts_with("SCAN") && step != "SCAN CONSTANT ROW" && !step.starts_with("SCAN (subquery")
        || step.contains("TEMP B-TREE") && step != "USE TEMP B-TREE FOR LAST TERM OF ORDER BY"
}

#[test]
fn no_statement_scans_a_table() {
    let connection = open::memory().unwrap().writer;
    for (name, sql) in sql::all() {
        let mut plan = plan(&connection, sql);
        if matches!(*name, "SHARED_ACTIVITIES" | "EXCESS_OUTCOME") {
            // The first sorts the large conversations of a user, and keeps the first thousand. The second
            // sorts the outcomes of a user, whose number is bounded, once in 256 writes.
            plan.retain(|step| step != "USE TEMP B-TREE FOR ORDER BY");
        }
        assert!(!plan.iter().any(|step| scans(step)), "{name}: {plan:#?}");
    }
    let bad = plan(&connection, "SELECT id FROM users WHERE name = ?1 ORDER BY created_at");
    assert!(bad.iter().any(|step| scans(step)), "the check finds a scan: {bad:#?}");
}

#[test]
fn no_statement_is_prepared_again_for_other_parameters() {
    let connection = open::memory().unwrap().writer;
    let preparations = |sql: &str| {
        let mut statement = connection.prepare(sql).unwrap();
        for run in 0..3 {
            for index in 1..=statement.parameter_count() {
                statement.raw_bind_parameter(index, format!("{run}")).unwrap();
            }
            // Some statements reject these values or end a transaction that does not exist, but all are
            // prepared.
            let mut rows = statement.raw_query();
            while matches!(rows.next(), Ok(Some(_))) {}
        }
        statement.get_status(StatementStatus::RePrepare)
    };
    for (name, sql) in sql::all() {
        // Pruning runs only once a minute, and its plan may depend on its LIMIT.
        if !name.starts_with("PRUNE_") {
            assert_eq!(preparations(sql), 0, "{name}");
        }
    }
    let bad = "SELECT id FROM users WHERE key > ?1 LIMIT ?2";
    assert!(preparations(bad) > 0, "the check finds a second preparation");
}

/// Returns how many steps SQLite takes for each frequent statement, in a conversation with these numbers of
/// messages and participants, and for a user with this number of conversations.
fn steps(messages: u32, participants: u32, conversations: u32) -> Vec<(&'static str, i32)> {
    let connection = open::memory().unwrap().writer;
    let fill = |sql: &str, count: u32| {
        let counted = format!(
            "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count}) {sql}"
        );
        connection.execute(&counted, []).unwrap();
    };
    fill(
        "INSERT INTO users (app, id, name, custom, created_at) SELECT 'a', 'u' || i, 'n', '{}', 0 FROM n",
        participants,
    );
    fill(
        "INSERT INTO conversations \
         (app, id, welcome_messages, custom, created_at, last_seq, last_message_at, events) \
         SELECT 'a', 'c', '[]', '{}', 0, max(i), max(i), max(i) FROM n",
        messages,
    );
    fill(
        "INSERT INTO conversations (app, id, welcome_messages, custom, created_at, last_message_at) \
         SELECT 'a', 'c' || i, '[]', '{}', 0, i FROM n",
        conversations,
    );
    fill("INSERT INTO participants SELECT 1, i, 1, 1, i, i, 0, 0, i FROM n", participants);
    fill("INSERT INTO participants SELECT i + 1, 1, 1, 1, i, i, 0, 0, i FROM n", conversations);
    fill(
        "INSERT INTO messages \
         (conversation, seq, id, sender, text, content, custom, created_at, origin, born) \
         SELECT 1, i, 'm' || i, 1, 't', '[]', '{}', i, 1, i FROM n",
        messages,
    );
    fill("INSERT INTO reactions SELECT 1, i, 'e', i FROM n", participants);
    let newest = i64::from(messages);
    let count = |name: &'static str, sql: &str, params: &[&dyn rusqlite::ToSql]| {
        let mut statement = connection.prepare(sql).unwrap();
        let mut rows = statement.query(params).unwrap();
        let mut found = 0;
        while found < 5 && rows.next().unwrap().is_some() {
            found += 1;
        }
        drop(rows);
        (name, statement.get_status(StatementStatus::VmStep))
    };
    let max = i64::MAX;
    vec![
        count("viewed conversation", sql::VIEWED_CONVERSATION, &[&"a", &"c"]),
        count("viewer's participation", sql::VIEWER_PARTICIPANT, &[&"a", &1, &"u1"]),
        count("views", sql::VIEWS, &[&"a", &"u1", &max, &""]),
        count("views after a cursor", sql::VIEWS, &[&"a", &"u1", &8, &"c8"]),
        count("newest participants", sql::NEWEST_PARTICIPANTS, &[&"a", &"c", &max, &""]),
        count("latest time", sql::LATEST_TIME, &[&"a", &"c"]),
        count("newest messages", sql::MESSAGES, &[&"a", &"c", &max, &""]),
        count("messages after a cursor", sql::MESSAGES, &[&"a", &"c", &8, &"m8"]),
        count("message", sql::MESSAGE, &[&"a", &"c", &"m1", &"n1"]),
        count("stream", sql::STREAM, &[&"a", &"c"]),
        count("delta, new", sql::DELTA_NEW, &[&1]),
        count("delta, changed", sql::DELTA_CHANGED, &[&1, &(newest - 2)]),
        count("delta, deleted", sql::DELTA_DELETED, &[&1, &(newest - 2)]),
        count("reactions", sql::REACTIONS, &[&1, &"e", &i64::MIN]),
        count("reactions of a user", sql::REACTIONS_OF_USER, &[&"a", &"u1", &1]),
        count("next message", sql::NEXT_MESSAGE_SEQ, &[&"a", &"c", &1]),
    ]
}

#[test]
fn cost_of_statements_does_not_depend_on_the_size_of_a_conversation() {
    assert_eq!(steps(10, 10, 10), steps(100_000, 2_000, 10_000));
}

#[tokio::test]
async fn data_and_epoch_survive_a_restart() {
    let folder = TempDir::new().unwrap();
    let store = open_at(&folder).unwrap();
    let epoch = store.epoch().to_owned();
    assert_eq!(epoch.len(), 32);
    write(&store, |write| write.put_user("app", &user("ada"), &user_record("Ada"))).await;
    store.close().await;
    assert!(!path(&folder).with_extension("db-wal").exists(), "after closing, all data is in one file");
    let store = open_at(&folder).unwrap();
    assert_eq!(store.epoch(), epoch);
    assert_eq!(read(&store, |read| read.user("app", &user("ada"))).await, Some(user_record("Ada")));
    assert_ne!(on_disk().1.epoch(), epoch, "each database has its own epoch");
}

#[test]
fn folder_is_refused() {
    let folder = TempDir::new().unwrap();
    fs::create_dir(path(&folder)).unwrap();
    assert!(open_error(&folder).contains("is a folder"));
}

#[test]
fn file_in_missing_folder_is_refused() {
    let folder = TempDir::new().unwrap();
    let missing = folder.path().join("missing").join("causerie.db");
    let text = SqliteStore::open(&missing, Arc::new(SystemClock), Arc::new(())).err().unwrap().to_string();
    assert!(text.contains("does its folder exist"), "{text}");
}

#[test]
fn file_that_is_no_database_is_refused_and_unchanged() {
    let folder = TempDir::new().unwrap();
    let text = "This text is long enough to be read as the header of a database file. ".repeat(20);
    fs::write(path(&folder), &text).unwrap();
    assert!(open_error(&folder).contains("is not a SQLite database"));
    assert_eq!(fs::read_to_string(path(&folder)).unwrap(), text);
}

#[test]
fn database_of_another_program_is_refused_and_unchanged() {
    let folder = TempDir::new().unwrap();
    Connection::open(path(&folder)).unwrap().execute_batch("CREATE TABLE bookmarks (url TEXT)").unwrap();
    assert!(open_error(&folder).contains("another program"));
    let tables: i64 = Connection::open(path(&folder))
        .unwrap()
        .query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))
        .unwrap();
    assert_eq!(tables, 1);
}

#[tokio::test]
async fn database_of_a_newer_server_is_refused() {
    let folder = TempDir::new().unwrap();
    open_at(&folder).unwrap().close().await;
    let newer = schema::MIGRATIONS.len() + 1;
    let connection = Connection::open(path(&folder)).unwrap();
    connection.pragma_update(None, "user_version", i64::try_from(newer).unwrap()).unwrap();
    drop(connection);
    let text = open_error(&folder);
    assert!(text.contains("newer causerie-server") && text.contains(&newer.to_string()), "{text}");
}

#[tokio::test]
async fn file_is_locked_until_its_store_is_closed() {
    let (folder, first) = on_disk();
    assert!(open_error(&folder).contains("in use by another causerie-server"));
    first.close().await;
    assert!(open_at(&folder).is_ok());
}

#[tokio::test]
async fn damaged_file_is_refused() {
    let (folder, store) = on_disk();
    store.close().await;
    let mut bytes = fs::read(path(&folder)).unwrap();
    bytes[100..4_096].fill(0xAB);
    fs::write(path(&folder), bytes).unwrap();
    assert!(open_error(&folder).contains("is damaged"));
}

#[test]
fn error_of_opening_has_a_source() {
    let folder = TempDir::new().unwrap();
    fs::write(path(&folder), "no database".repeat(200)).unwrap();
    let error = open_at(&folder).err().unwrap();
    let source = std::error::Error::source(&error).unwrap();
    assert!(source.downcast_ref::<rusqlite::Error>().is_some(), "{source:?}");
}

/// If SQLite rolls back a transaction by itself, no acknowledged write is lost, and the next transaction
/// works.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn full_disk_fails_writes_but_loses_no_acknowledged_one() {
    let store = SqliteStore::in_memory(Arc::new(SystemClock), Arc::new(()), Threads::Own).unwrap();
    let pages = |limit: i64| {
        let guard = store.inner.readers.first().lock().unwrap();
        let connection = guard.as_ref().unwrap();
        let used: i64 = connection.query_row("PRAGMA page_count", [], |row| row.get(0)).unwrap();
        let limit = if limit == 0 { 1_000_000 } else { used + limit };
        let set: i64 =
            connection.query_row(&format!("PRAGMA max_page_count = {limit}"), [], |row| row.get(0)).unwrap();
        assert_eq!(set, limit);
    };
    let put = |index: usize| {
        let name = "x".repeat(3_000);
        store.write(move |write| write.put_user("app", &user(&format!("u{index}")), &user_record(&name)))
    };
    pages(20);
    let calls: Vec<_> = (0..200).map(put).collect();
    let mut failed = 0;
    for (index, call) in calls.into_iter().enumerate() {
        let result = call.await;
        let found = read(&store, move |read| read.user("app", &user(&format!("u{index}")))).await;
        assert_eq!(result.is_ok(), found.is_some(), "{index}: {result:?}");
        failed += usize::from(result.is_err());
    }
    assert!(failed > 100, "the disk was full: {failed}");
    pages(0);
    assert_eq!(put(1_000).await, Ok(()), "there is space again");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn log_is_moved_into_the_database_file_while_the_server_runs() {
    let (folder, store) = on_disk();
    for round in 0..40 {
        let calls: Vec<_> = (0..50)
            .map(|index| {
                let name = "x".repeat(4_000);
                store.write(move |write| {
                    write.put_user("app", &user(&format!("{round}-{index}")), &user_record(&name))
                })
            })
            .collect();
        for call in calls {
            call.await.unwrap();
        }
    }
    let log = fs::metadata(path(&folder).with_extension("db-wal")).unwrap().len();
    let file = fs::metadata(path(&folder)).unwrap().len();
    assert!(file > 4_000_000, "the file has grown: {file}");
    assert!(log < 8_000_000, "the log was reused: {log}");
}

#[tokio::test]
async fn outcomes_survive_a_restart_for_one_day() {
    let folder = TempDir::new().unwrap();
    let clock = Arc::new(SettableClock::at(1_000_000));
    let key = OutcomeKey { app: "app", caller: "ada", scope: "client", key: "1" };
    let store = SqliteStore::open(&path(&folder), clock.clone(), Arc::new(())).unwrap();
    let record = OutcomeRecord { request_hash: [1; 8], result: "a".to_owned(), created_at: 1_000_000 };
    write(&store, move |write| write.put_outcome(&key, &record)).await;
    store.close().await;
    clock.advance(24 * 3_600_000);
    let store = SqliteStore::open(&path(&folder), clock.clone(), Arc::new(())).unwrap();
    let found = read(&store, move |read| read.outcome(&key)).await;
    assert!(found.is_some());
}

#[tokio::test]
async fn writes_beyond_the_queue_limit_are_rejected_as_busy() {
    let store = SqliteStore::in_memory(Arc::new(SystemClock), Arc::new(()), Threads::Own).unwrap();
    // The writer is blocked while the connection is in use.
    let guard = store.inner.readers.first().lock().unwrap();
    let requester = |index: usize| Requester::new("app", Some(&format!("u{}", index % 1_000)));
    let calls: Vec<_> =
        (0..9_000).map(|index| store.write_for(requester(index), |_| Ok::<_, StoreError>(()))).collect();
    let one_more = store.write(|_| Ok::<_, StoreError>(()));
    drop(guard);
    assert_eq!(one_more.await, Err(StoreError::Busy));
    let mut busy = 0;
    for call in calls {
        match call.await {
            Err(StoreError::Busy) => busy += 1,
            other => assert_eq!(other, Ok(())),
        }
    }
    assert!((1..9_000).contains(&busy), "{busy}");
    write(&store, |write| write.put_conversation("app", &conversation("c"), &ConversationRecord::default()))
        .await;
}
