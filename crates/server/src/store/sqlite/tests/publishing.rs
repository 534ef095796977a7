//! What the writer tells of changes: after the commit, in its order, before the results, and nothing of what
//! failed.

use std::sync::{Arc, Mutex};

use causerie_protocol::ids::ConversationId;
use rusqlite::{Connection, OpenFlags};
use tempfile::TempDir;

use crate::clock::SystemClock;
use crate::events::{AppEvent, AppEventKind, Event};
use crate::fanout::Fanout;
use crate::store::conformance::{person, user, write};
use crate::store::sqlite::SqliteStore;
use crate::store::{Store, StoreError, Write};

/// Writes down what it is told, and what the database file had in it at that moment.
struct Told {
    file: std::path::PathBuf,
    seen: Mutex<Vec<(u64, i64)>>,
}

impl Fanout for Told {
    fn publish(&self, changes: Vec<AppEvent>) {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE;
        let connection = Connection::open_with_flags(&self.file, flags).unwrap();
        let users = connection.query_row("SELECT count(*) FROM users", [], |row| row.get(0)).unwrap();
        for change in changes {
            let AppEventKind::Conversation { seq, .. } = change.kind else { panic!("{change:?}") };
            assert_ne!(seq, 13, "on purpose");
            self.seen.lock().unwrap().push((seq, users));
        }
    }
}

fn change(number: u64) -> AppEvent {
    let id = ConversationId::new("c").unwrap();
    AppEvent {
        app: Arc::from("app"),
        kind: AppEventKind::Conversation { id, seq: number, event: Event::SettingsChanged },
    }
}

fn store() -> (TempDir, SqliteStore, Arc<Told>) {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("causerie.db");
    let told = Arc::new(Told { file: file.clone(), seen: Mutex::default() });
    let store = SqliteStore::open(&file, Arc::new(SystemClock), told.clone()).unwrap();
    (folder, store, told)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn changes_are_told_in_the_order_of_the_writes_once_they_are_committed_and_before_the_results() {
    let (_folder, store, told) = store();
    let calls: Vec<_> = (1..=200)
        .map(|index| {
            store.write(move |write| {
                write.put_user("app", &user(&format!("u{index}")), &person("P"))?;
                write.publish(change(index * 100));
                write.publish(change(index * 100 + 1));
                Ok::<_, StoreError>(())
            })
        })
        .collect();
    for (index, call) in calls.into_iter().enumerate() {
        call.await.unwrap();
        let count = told.seen.lock().unwrap().len();
        assert!(count >= (index + 1) * 2, "who has the result of {index} finds it told: {count}");
    }
    let seen = told.seen.lock().unwrap();
    let numbers: Vec<_> = seen.iter().map(|(number, _)| *number).collect();
    let expected: Vec<_> = (1..=200).flat_map(|index| [index * 100, index * 100 + 1]).collect();
    assert_eq!(numbers, expected);
    for (number, users) in seen.iter() {
        assert!(*users >= (*number / 100).cast_signed(), "{number} was told before it was in the database");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_fails_is_told_nobody_and_takes_nothing_of_others_with_it() {
    let (_folder, store, told) = store();
    let job = |number: u64, fate: &'static str| {
        store.write(move |write: &mut dyn Write| {
            write.publish(change(number));
            match fate {
                "fails" => Err(StoreError::failed("on purpose")),
                "panics" => panic!("on purpose"),
                _ => Ok(()),
            }
        })
    };
    let calls = [job(1, "goes"), job(2, "fails"), job(3, "goes"), job(4, "panics"), job(5, "goes")];
    for call in calls {
        let _ = call.await;
    }
    let numbers: Vec<_> = told.seen.lock().unwrap().iter().map(|(number, _)| *number).collect();
    assert_eq!(numbers, [1, 3, 5]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_fails_at_being_told_harms_no_write() {
    let (_folder, store, told) = store();
    write(&store, |write| {
        write.put_user("app", &user("ada"), &person("Ada"))?;
        write.publish(change(13));
        Ok(())
    })
    .await;
    write(&store, |write| {
        write.publish(change(14));
        Ok(())
    })
    .await;
    let numbers: Vec<_> = told.seen.lock().unwrap().iter().map(|(number, _)| *number).collect();
    assert_eq!(numbers, [14]);
}
