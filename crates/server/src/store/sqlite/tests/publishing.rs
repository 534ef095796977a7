//! The publication of events by the writer: after the commit, in order, before the results, and not for
//! failed jobs.

use std::sync::{Arc, Mutex};

use causerie_protocol::ids::ConversationId;
use rusqlite::{Connection, OpenFlags};
use tempfile::TempDir;

use crate::clock::SystemClock;
use crate::events::{AppEvent, AppEventKind, Event, EventSink};
use crate::store::conformance::{user, user_record, write};
use crate::store::sqlite::SqliteStore;
use crate::store::{Store, StoreError, Write};

/// Records the number of each published event, and the number of users in the database file at that moment.
struct RecordingSink {
    file: std::path::PathBuf,
    seen: Mutex<Vec<(u64, i64)>>,
}

impl EventSink for RecordingSink {
    fn publish(&self, events: Vec<AppEvent>) {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE;
        let connection = Connection::open_with_flags(&self.file, flags).unwrap();
        let users = connection.query_row("SELECT count(*) FROM users", [], |row| row.get(0)).unwrap();
        for event in events {
            let AppEventKind::Conversation { seq, .. } = event.kind else { panic!("{event:?}") };
            assert_ne!(seq, 13, "on purpose");
            self.seen.lock().unwrap().push((seq, users));
        }
    }
}

fn event(seq: u64) -> AppEvent {
    let id = ConversationId::new("c").unwrap();
    AppEvent {
        app: Arc::from("app"),
        kind: AppEventKind::Conversation { id, seq, event: Event::SettingsChanged },
    }
}

fn store() -> (TempDir, SqliteStore, Arc<RecordingSink>) {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("causerie.db");
    let sink = Arc::new(RecordingSink { file: file.clone(), seen: Mutex::default() });
    let store = SqliteStore::open(&file, Arc::new(SystemClock), sink.clone()).unwrap();
    (folder, store, sink)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn events_are_published_in_order_after_the_commit_and_before_the_results() {
    let (_folder, store, sink) = store();
    let calls: Vec<_> = (1..=200)
        .map(|index| {
            store.write(move |write| {
                write.put_user("app", &user(&format!("u{index}")), &user_record("P"))?;
                write.publish(event(index * 100));
                write.publish(event(index * 100 + 1));
                Ok::<_, StoreError>(())
            })
        })
        .collect();
    for (index, call) in calls.into_iter().enumerate() {
        call.await.unwrap();
        let count = sink.seen.lock().unwrap().len();
        assert!(count >= (index + 1) * 2, "the events of {index} precede its result: {count}");
    }
    let seen = sink.seen.lock().unwrap();
    let numbers: Vec<_> = seen.iter().map(|(number, _)| *number).collect();
    let expected: Vec<_> = (1..=200).flat_map(|index| [index * 100, index * 100 + 1]).collect();
    assert_eq!(numbers, expected);
    for (number, users) in seen.iter() {
        assert!(*users >= (*number / 100).cast_signed(), "{number} was published before its commit");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn events_of_failed_jobs_are_dropped_and_others_are_published() {
    let (_folder, store, sink) = store();
    let job = |number: u64, behaviour: &'static str| {
        store.write(move |write: &mut dyn Write| {
            write.publish(event(number));
            match behaviour {
                "fails" => Err(StoreError::failed("on purpose")),
                "panics" => panic!("on purpose"),
                _ => Ok(()),
            }
        })
    };
    let calls =
        [job(1, "succeeds"), job(2, "fails"), job(3, "succeeds"), job(4, "panics"), job(5, "succeeds")];
    for call in calls {
        let _ = call.await;
    }
    let numbers: Vec<_> = sink.seen.lock().unwrap().iter().map(|(number, _)| *number).collect();
    assert_eq!(numbers, [1, 3, 5]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn panic_in_the_fan_out_does_not_affect_writes() {
    let (_folder, store, sink) = store();
    write(&store, |write| {
        write.put_user("app", &user("ada"), &user_record("Ada"))?;
        write.publish(event(13));
        Ok(())
    })
    .await;
    write(&store, |write| {
        write.publish(event(14));
        Ok(())
    })
    .await;
    let numbers: Vec<_> = sink.seen.lock().unwrap().iter().map(|(number, _)| *number).collect();
    assert_eq!(numbers, [14]);
}
