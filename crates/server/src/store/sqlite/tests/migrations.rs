//! Migrations of files of older versions keep their data.

use std::ops::ControlFlow;

use causerie_protocol::MessageId;
use causerie_protocol::entities::{Access, Notify};
use causerie_protocol::topic::Cursor;
use rusqlite::Connection;
use tempfile::TempDir;

use super::{open_at, path};
use crate::store::conformance::{conversation, read, user, write};
use crate::store::records::{DeltaRecord, MessageRecord, OutcomeKey};
use crate::store::sqlite::schema;
use crate::store::{Store, StoreError};

/// Creates a database of the first version, with one or two rows in each of its tables.
pub(super) fn first_version(path: &std::path::Path) {
    let connection = Connection::open(path).unwrap();
    connection.pragma_update(None, "journal_mode", "WAL").unwrap();
    connection.execute_batch(schema::MIGRATIONS[0]).unwrap();
    connection.pragma_update(None, "application_id", schema::APPLICATION_ID).unwrap();
    connection.pragma_update(None, "user_version", 1).unwrap();
    connection
        .execute_batch(
            r#"INSERT INTO meta VALUES ('epoch', 'the-epoch');
            INSERT INTO users (app, id, name, custom, created_at) VALUES
                ('app', 'ada', 'Ada', '{}', 1), ('app', 'bob', 'Bob', '{}', 2);
            INSERT INTO user_private VALUES (1, '["ada@example.com"]', '[]', '[]');
            INSERT INTO conversations
                (app, id, welcome_messages, custom, created_at, last_seq, last_message_at) VALUES
                ('app', 'c', '[]', '{}', 3, 2, 20), ('app', 'd', '[]', '{}', 4, 0, NULL);
            INSERT INTO participants VALUES
                (1, 1, 1, 1, 5, 20, 2, 0), (1, 2, 0, 2, 6, 10, 1, 0), (2, 1, 1, 1, 15, 15, 0, 1);
            INSERT INTO messages (conversation, seq, id, sender, text, content, custom, created_at, edited_at,
                referenced, origin) VALUES
                (1, 1, 'm1', 1, 'one', '[{"type":"text","children":["one"]}]', '{"k":"v"}', 10,
                    NULL, NULL, 1),
                (1, 2, 'm2', NULL, 'two', '[{"type":"text","children":["two"]}]', '{}', 20, NULL, 'm1', 1);
            INSERT INTO outcomes (app, caller, scope, idempotency_key, request_hash, answer, created_at)
                VALUES ('app', 'ada', 'client', 'k', zeroblob(32), '', 7);
            INSERT INTO topics VALUES ('app', 0, 'ada', 4), ('app', 1, 'c', 9), ('app', 2, 'ada', 2);"#,
        )
        .unwrap();
}

#[tokio::test]
async fn database_of_the_first_version_is_migrated_with_its_data() {
    let folder = TempDir::new().unwrap();
    first_version(&path(&folder));
    let store = open_at(&folder).unwrap();
    assert_eq!(store.epoch(), "the-epoch");
    let c = || conversation("c");
    read(&store, move |read| {
        assert_eq!(read.user("app", &user("ada"))?.unwrap().name, "Ada");
        assert_eq!(read.user_private("app", &user("ada"))?.emails, ["ada@example.com"]);
        let list = read.messages("app", &c(), None, 10)?;
        assert_eq!(list.iter().map(|message| message.id.as_str()).collect::<Vec<_>>(), ["m2", "m1"]);
        assert_eq!((list[1].sender.clone(), list[1].text.as_str()), (Some(user("ada")), "one"));
        assert_eq!(list[1].custom, [("k".to_owned(), "v".to_owned())].into());
        assert_eq!(list[0].referenced.as_ref().map(MessageId::as_str), Some("m1"));
        let bob = read.view("app", &c(), &user("bob"))?.unwrap();
        assert_eq!((bob.unread, bob.everyone_read_until, bob.activity()), (1, 10, 20));
        assert_eq!((bob.participant.access, bob.participant.notify), (Access::Read, Notify::MentionsOnly));
        let mut listed = Vec::new();
        read.views("app", &user("ada"), None, &mut |view| {
            listed.push((view.id.to_string(), view.activity(), view.is_unread()));
            ControlFlow::Continue(())
        })?;
        assert_eq!(listed, [("c".to_owned(), 20, false), ("d".to_owned(), 15, true)]);
        assert!(
            read.outcome(&OutcomeKey { app: "app", caller: "ada", scope: "client", key: "k" })?.is_some()
        );
        assert_eq!(read.stream_seq("app", &c())?, 9);
        assert_eq!(read.delta("app", &c(), 8, 100)?, None, "the tables do not contain earlier events");
        assert_eq!(read.delta("app", &c(), 9, 100)?, Some(DeltaRecord::default()));
        Ok(())
    })
    .await;
    let next = write(&store, move |write| {
        let m1 = MessageId::new("m1").unwrap();
        let first = write.message("app", &c(), &m1)?.unwrap();
        let m3 = MessageId::new("m3").unwrap();
        let sent = write.append_message("app", &c(), &MessageRecord { id: m3, created_at: 30, ..first })?;
        let deleted = write.delete_message("app", &c(), &m1)?;
        Ok((sent.seq, sent.event_seq, deleted))
    });
    assert_eq!(next.await, (3, 10, Some(11)));
    store.close().await;
    let store = open_at(&folder).unwrap();
    let delta = read(&store, move |read| read.delta("app", &c(), 9, 100)).await.unwrap();
    assert_eq!((delta.put.len(), delta.dropped.len()), (1, 1));
}

#[tokio::test]
async fn migration_moves_the_activity_of_large_conversations_to_their_own_rows() {
    let folder = TempDir::new().unwrap();
    first_version(&path(&folder));
    let connection = Connection::open(path(&folder)).unwrap();
    connection
        .execute_batch(
            "INSERT INTO users (app, id, name, custom, created_at)
                SELECT 'app', 'u' || value, 'U', '{}', 1 FROM json_each('[1,2,3]');
            INSERT INTO participants SELECT 1, key, 1, 1, 7, 7, 0, 0 FROM users WHERE id LIKE 'u%';",
        )
        .unwrap();
    drop(connection);
    let store = open_at(&folder).unwrap();
    let counts = read(&store, |read| {
        let count =
            |id| Ok::<_, StoreError>(read.conversation("app", &conversation(id))?.unwrap().participants);
        Ok((count("c")?, count("d")?))
    });
    assert_eq!(counts.await, (5, 1));
    let list = read(&store, |read| {
        let mut list = Vec::new();
        read.views("app", &user("ada"), None, &mut |view| {
            list.push((view.id.to_string(), view.activity()));
            ControlFlow::Continue(())
        })?;
        Ok(list)
    });
    assert_eq!(list.await, [("c".to_owned(), 20), ("d".to_owned(), 15)]);
    let columns = || {
        let connection = Connection::open(path(&folder)).unwrap();
        let mut select =
            connection.prepare("SELECT activity FROM participants WHERE conversation = 1").unwrap();
        let rows = select.query_map([], |row| row.get::<_, i64>(0)).unwrap();
        rows.collect::<Result<Vec<_>, _>>().unwrap()
    };
    assert_eq!(columns(), [-1; 5]);
    write(&store, |write| write.delete_participant("app", &conversation("c"), &user("u2"))).await;
    assert_eq!(columns(), [20; 4], "a conversation that became small");
}

#[tokio::test]
async fn messages_of_an_older_version_are_listed_before_new_ones_of_the_same_time() {
    let folder = TempDir::new().unwrap();
    first_version(&path(&folder));
    open_at(&folder).unwrap().close().await;
    let made = |seq: i64| format!("msg_{:012x}g{seq:08x}{:011x}", 30, 0xfff - seq);
    // An older version stored whole ids, of this form and of the one before it.
    let connection = Connection::open(path(&folder)).unwrap();
    let random = format!("msg_{:012x}{:020x}", 30, 1);
    for (seq, id) in [(3, random.clone()), (4, made(4)), (5, made(5))] {
        let put = "INSERT INTO messages (conversation, seq, id, text, content, custom, created_at, origin, born) \
                   VALUES (1, ?1, ?2, 't', '', '{}', 30, 0, ?1)";
        connection.execute(put, (seq, id)).unwrap();
    }
    connection.execute("UPDATE conversations SET last_seq = 5 WHERE key = 1", []).unwrap();
    drop(connection);
    let store = open_at(&folder).unwrap();
    let all: Vec<_> =
        [made(7), made(6), made(5), made(4), random].map(|id| MessageId::new(id).unwrap()).into();
    write(&store, {
        let all = all.clone();
        move |write| {
            let m1 = write.message("app", &conversation("c"), &MessageId::new("m1").unwrap())?.unwrap();
            for id in [&all[1], &all[0]] {
                let record = MessageRecord { id: id.clone(), created_at: 30, ..m1.clone() };
                write.append_message("app", &conversation("c"), &record)?;
            }
            // A position of a client can be at any message, also at one that is deleted.
            write.delete_message("app", &conversation("c"), &all[3])
        }
    })
    .await;
    read(&store, move |read| {
        let left: Vec<_> = [0, 1, 2, 4].map(|index| &all[index]).into();
        for (index, id) in all.iter().enumerate() {
            let after = Cursor { at: 30, id: id.as_str().to_owned() };
            let list = read.messages("app", &conversation("c"), Some(&after), 10)?;
            let expected: Vec<_> =
                left.iter().copied().filter(|other| all[index + 1..].contains(other)).collect();
            let found: Vec<_> =
                list.iter().map(|message| &message.id).filter(|id| all.contains(id)).collect();
            assert_eq!(found, expected, "after {id}");
            assert_eq!(read.message("app", &conversation("c"), id)?.is_some(), index != 3, "{id}");
        }
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn migrated_database_has_the_schema_of_a_new_one() {
    let (old, new) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    first_version(&path(&old));
    let tables = async |folder: &TempDir| {
        open_at(folder).unwrap().close().await;
        let connection = Connection::open(path(folder)).unwrap();
        let mut select = connection.prepare("SELECT name, sql FROM sqlite_schema ORDER BY name").unwrap();
        let rows = select.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
        rows.collect::<Result<Vec<(String, Option<String>)>, _>>().unwrap()
    };
    assert_eq!(tables(&old).await, tables(&new).await);
    let check: String = Connection::open(path(&old))
        .unwrap()
        .query_row("PRAGMA integrity_check", [], |row| row.get(0))
        .unwrap();
    assert_eq!(check, "ok");
}
