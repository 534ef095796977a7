//! Large conversations: the lists of their participants, and the cost of their messages.

use std::ops::ControlFlow;

use rusqlite::Connection;

use super::{on_disk, path};
use crate::store::Write as _;
use crate::store::conformance::{conversation, message, participant, read, user, user_record};
use crate::store::records::ConversationRecord;
use crate::store::sqlite::open;
use crate::store::sqlite::transaction::Transaction;
use crate::store::sqlite::views::SHARED;

#[tokio::test]
async fn list_of_more_large_conversations_than_are_held_is_complete_and_in_order() {
    let (folder, store) = on_disk();
    let count = 2 * SHARED + 500;
    // Every third has the same activity as the one before it, and every tenth is small.
    let fill = Connection::open(path(&folder)).unwrap();
    fill.execute_batch(&format!(
        "INSERT INTO users (app, id, name, custom, created_at) VALUES ('app', 'ada', 'Ada', '{{}}', 1);
        WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count})
        INSERT INTO conversations (app, id, welcome_messages, custom, created_at, last_seq, last_message_at,
            participants)
            SELECT 'app', 'c' || i, '[]', '{{}}', 1, 1, 100 + i - (i % 3 = 0), CASE WHEN i % 10 THEN 100 ELSE 1 END FROM n;
        INSERT INTO participants SELECT c.key, u.key, 1, 1, 5, 5, 0, 0,
            CASE WHEN c.participants > 4 THEN -1 ELSE c.last_message_at END FROM conversations c, users u;"
    ))
    .unwrap();
    let list = read(&store, |read| {
        let mut list = Vec::new();
        read.views("app", &user("ada"), None, &mut |view| {
            list.push((view.activity(), view.id.to_string()));
            ControlFlow::Continue(())
        })?;
        Ok(list)
    })
    .await;
    assert_eq!(list.len(), count);
    assert!(list.is_sorted_by(|one, other| one > other));
}

/// The number of rows that a message changes in a conversation with so many participants.
fn rows_of_a_message(participants: usize) -> u64 {
    let connection = open::memory().unwrap().writer;
    let mut transaction = Transaction::on(&connection);
    let c = conversation("c");
    transaction.put_conversation("app", &c, &ConversationRecord::default()).unwrap();
    for index in 0..participants {
        let id = user(&format!("u{index}"));
        transaction.put_user("app", &id, &user_record("U")).unwrap();
        transaction.put_participant("app", &c, &id, &participant(5, 0)).unwrap();
    }
    let before = connection.total_changes();
    transaction.append_message("app", &c, &message("m", Some("u1"), 50)).unwrap();
    connection.total_changes() - before
}

#[test]
fn a_message_changes_as_many_rows_for_ten_participants_as_for_a_thousand() {
    assert_eq!(rows_of_a_message(10), 3, "the message, the conversation and the sender's read marker");
    assert_eq!(rows_of_a_message(1_000), 3);
    assert_eq!(rows_of_a_message(4), 6, "a row of each other participant of a small conversation");
}
