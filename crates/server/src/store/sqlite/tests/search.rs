//! The index of the words in messages: its steps, and what a crash and deletions leave.

use rusqlite::Connection;
use tempfile::TempDir;

use super::{open_at, path};
use crate::store::conformance::{append, await_matching, conversation, message, user, user_record};
use crate::store::records::ConversationRecord;
use crate::store::sqlite::open;
use crate::store::sqlite::transaction::Transaction;
use crate::store::{Store as _, Write as _};

const APP: &str = "app";

/// Returns a database with a conversation "c" and this many messages, none of them indexed.
fn database(messages: u32) -> Connection {
    let connection = open::memory().unwrap().writer;
    let mut transaction = Transaction::on(&connection);
    transaction.put_conversation(APP, &conversation("c"), &ConversationRecord::default()).unwrap();
    for number in 0..messages {
        append(&mut transaction, "c", &format!("m{number:05}"), &format!("word{number}"), i64::from(number))
            .unwrap();
    }
    connection
}

fn count(connection: &Connection, sql: &str) -> i64 {
    connection.query_row(sql, [], |row| row.get(0)).unwrap()
}

/// The keys that the index has.
fn keys(connection: &Connection) -> i64 {
    count(connection, "SELECT count(*) FROM message_words_docsize")
}

fn hits(connection: &Connection, expression: &str) -> Vec<i64> {
    let sql = "SELECT rowid FROM message_words WHERE message_words MATCH ?1 ORDER BY rowid";
    let mut statement = connection.prepare(sql).unwrap();
    let rows = statement.query_map([expression], |row| row.get(0)).unwrap();
    rows.collect::<Result<_, _>>().unwrap()
}

#[test]
fn messages_are_indexed_in_bounded_steps() {
    let connection = database(450);
    let mut left = Vec::new();
    while Transaction::on(&connection).index_step().unwrap() {
        left.push(keys(&connection));
    }
    left.push(keys(&connection));
    assert_eq!(left, [200, 400, 450]);
    assert!(!Transaction::on(&connection).index_step().unwrap(), "nothing is left");
    assert_eq!(hits(&connection, "\"h1word449\"*"), [450]);
}

#[test]
fn a_step_with_long_messages_ends_early() {
    let connection = database(0);
    let text = "long ".repeat(1_999);
    for number in 0..20 {
        append(&mut Transaction::on(&connection), "c", &format!("m{number:02}"), &text, number).unwrap();
    }
    assert!(Transaction::on(&connection).index_step().unwrap());
    assert_eq!(keys(&connection), 6, "the sixth reaches 50,000 bytes");
}

#[test]
fn an_interrupted_step_changes_neither_the_index_nor_its_position() {
    let connection = database(300);
    assert!(Transaction::on(&connection).index_step().unwrap());
    connection.execute_batch("BEGIN").unwrap();
    Transaction::on(&connection).index_step().unwrap();
    assert_eq!(keys(&connection), 300);
    connection.execute_batch("ROLLBACK").unwrap();
    assert_eq!((keys(&connection), hits(&connection, "\"h1word299\"*").len()), (200, 0));
    Transaction::on(&connection).index_step().unwrap();
    assert_eq!((keys(&connection), hits(&connection, "\"h1word299\"*").len()), (300, 1));
}

/// SQLite gives the key of the newest message again after its deletion.
#[test]
fn reused_keys_are_indexed_again() {
    for indexes_between in [false, true] {
        let connection = database(10);
        let index = || while Transaction::on(&connection).index_step().unwrap() {};
        index();
        let mut transaction = Transaction::on(&connection);
        for number in [8, 9] {
            transaction
                .delete_message(APP, &conversation("c"), &message(&format!("m{number:05}"), None, 0).id)
                .unwrap();
        }
        if indexes_between {
            index();
            assert_eq!(keys(&connection), 8);
        }
        transaction.put_conversation(APP, &conversation("d"), &ConversationRecord::default()).unwrap();
        append(&mut transaction, "d", "n1", "other", 30).unwrap();
        append(&mut transaction, "d", "n2", "other", 31).unwrap();
        append(&mut transaction, "d", "n3", "other", 32).unwrap();
        index();
        assert_eq!(hits(&connection, "\"h2other\"*"), [9, 10, 11]);
        assert_eq!(hits(&connection, "\"h1word9\"*"), [0; 0]);
        assert_eq!(count(&connection, "SELECT count(*) FROM search_changes"), 0);
    }
}

#[test]
fn sweeping_a_deleted_conversation_removes_it_from_the_index() {
    let connection = database(700);
    while Transaction::on(&connection).index_step().unwrap() {}
    let mut transaction = Transaction::on(&connection);
    transaction.delete_conversation(APP, &conversation("c")).unwrap();
    while Transaction::on(&connection).sweep().unwrap() {}
    assert_eq!((keys(&connection), count(&connection, "SELECT count(*) FROM messages")), (0, 0));
    assert_eq!(hits(&connection, "\"h1word\"*"), [0; 0]);
}

#[tokio::test]
async fn messages_of_an_older_version_are_indexed_after_the_migration() {
    let folder = TempDir::new().unwrap();
    super::migrations::first_version(&path(&folder));
    let store = open_at(&folder).unwrap();
    await_matching(&store, "c", "on", &["m1"]).await;
    await_matching(&store, "c", "two", &["m2"]).await;
    store.close().await;
}

#[tokio::test]
async fn messages_that_were_not_indexed_before_a_restart_are_indexed_after_it() {
    let folder = TempDir::new().unwrap();
    let store = open_at(&folder).unwrap();
    store
        .write(|write| {
            write.put_user(APP, &user("ada"), &user_record("Ada"))?;
            write.put_conversation(APP, &conversation("c"), &ConversationRecord::default())?;
            append(write, "c", "m1", "before the restart", 10)
        })
        .await
        .unwrap();
    store.close().await;
    // As if the server had been killed before the next step of the maintenance.
    let unindexed = Connection::open(path(&folder)).unwrap();
    unindexed
        .execute_batch("DELETE FROM message_words WHERE rowid = 1; DELETE FROM meta WHERE name = 'indexed'")
        .unwrap();
    assert_eq!(keys(&unindexed), 0);
    drop(unindexed);
    let store = open_at(&folder).unwrap();
    await_matching(&store, "c", "restart", &["m1"]).await;
    store.close().await;
}
