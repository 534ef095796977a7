//! Files, and the messages that have them.

use causerie_protocol::content::FileKind;

use super::{APP, conversation, message, message_id, read, seed, write};
use crate::store::records::{FileRecord, MessageEdit};
use crate::store::{Store, StoreResult, Write};

fn file(id: &str, size: u64) -> FileRecord {
    FileRecord {
        id: id.to_owned(),
        uploader: "ada".to_owned(),
        is_stored: false,
        kind: Some(FileKind::Voice),
        name: "a \"name\".webm".to_owned(),
        content_type: "audio/webm".to_owned(),
        size,
        width: None,
        height: Some(3),
        duration: Some(2.5),
        created_at: 100,
    }
}

/// Stores a file whose bytes have arrived.
fn put(write: &mut dyn Write, id: &str) -> StoreResult<()> {
    write.put_file(APP, &file(id, 10))?;
    assert!(write.complete_file(APP, &file(id, 10))?);
    Ok(())
}

fn attach(write: &mut dyn Write, message: &str, file: Option<&str>) -> StoreResult<()> {
    write.attach_file(APP, &conversation("c"), &message_id(message), file)
}

/// The files that are marked if everything that is unused at `now` is old enough.
async fn marked<S: Store>(store: &S, now: i64) -> Vec<String> {
    let found = write(store, move |write| write.mark_unused_files(now, now, 10)).await;
    let mut ids: Vec<String> = found.into_iter().map(|(_, id)| id).collect();
    ids.sort();
    ids
}

pub(in crate::store) async fn a_file_is_stored_once_and_found_in_its_app_only<S: Store>(store: S) {
    write(&store, |write| write.put_file(APP, &file("f", 10))).await;
    assert_eq!(read(&store, |read| read.file(APP, "f")).await, Some(file("f", 10)));
    assert_eq!(read(&store, |read| read.file("other", "f")).await, None);
    assert_eq!(read(&store, |read| read.unused_files(APP, "ada")).await, (1, 10));
    assert_eq!(read(&store, |read| read.unused_files("other", "ada")).await, (0, 0));
    let arrived =
        FileRecord { size: 9, width: Some(640), content_type: "audio/ogg".to_owned(), ..file("f", 10) };
    let expected = FileRecord { is_stored: true, ..arrived.clone() };
    let again = arrived.clone();
    assert!(!write(&store, move |write| write.complete_file("other", &again)).await);
    let again = arrived.clone();
    assert!(write(&store, move |write| write.complete_file(APP, &again)).await);
    assert!(!write(&store, move |write| write.complete_file(APP, &arrived)).await, "it is stored already");
    assert_eq!(read(&store, |read| read.file(APP, "f")).await, Some(expected));
    assert!(!write(&store, |write| write.abandon_file(APP, "f")).await, "it is stored already");
    let secret = read(&store, |read| read.file_secret()).await;
    assert_eq!((secret.len(), read(&store, |read| read.file_secret()).await), (64, secret));
}

pub(in crate::store) async fn a_file_is_unused_while_no_message_has_it<S: Store>(store: S) {
    seed(&store).await;
    write(&store, |write| {
        for id in ["m1", "m2", "m3"] {
            write.append_message(APP, &conversation("c"), &message(id, Some("ada"), 10))?;
        }
        put(write, "f")?;
        put(write, "g")?;
        attach(write, "m1", Some("f"))?;
        attach(write, "m2", Some("f"))?;
        attach(write, "m3", Some("g"))
    })
    .await;
    assert_eq!(read(&store, |read| read.unused_files(APP, "ada")).await, (0, 0));
    assert!(marked(&store, i64::MAX).await.is_empty());
    // Another message still has it.
    write(&store, |write| write.delete_message(APP, &conversation("c"), &message_id("m1"))).await;
    assert!(marked(&store, i64::MAX).await.is_empty());
    // The last one is edited.
    write(&store, |write| {
        let edit =
            MessageEdit { text: "x".into(), content: "[]".into(), custom: Default::default(), edited_at: 1 };
        write.edit_message(APP, &conversation("c"), &message_id("m2"), &edit)?;
        attach(write, "m2", None)
    })
    .await;
    assert_eq!(read(&store, |read| read.unused_files(APP, "ada")).await.0, 1);
    // A message gets it again before it is deleted.
    write(&store, |write| attach(write, "m2", Some("f"))).await;
    assert!(marked(&store, i64::MAX).await.is_empty());
    write(&store, |write| attach(write, "m2", Some("g"))).await;
    assert_eq!(marked(&store, 1).await, ["f"], "it goes at once, because it was in a message");
    assert!(read(&store, |read| read.file(APP, "f")).await.is_none(), "nobody can get it any more");
    let refused = store.write(|write| attach(write, "m2", Some("f"))).await;
    assert!(refused.is_err());
    write(&store, |write| write.delete_message(APP, &conversation("c"), &message_id("m3"))).await;
    write(&store, |write| write.delete_conversation(APP, &conversation("c"))).await;
}

pub(in crate::store) async fn unused_files_are_marked_after_their_time_and_then_forgotten<S: Store>(
    store: S,
) {
    write(&store, |write| {
        put(write, "stored")?;
        write.put_file(APP, &file("expected", 10))?;
        write.put_file(APP, &file("broken", 10))
    })
    .await;
    assert!(write(&store, |write| write.abandon_file(APP, "broken")).await);
    let mark = |stored, expected| {
        let store = &store;
        async move {
            let found = write(store, move |write| write.mark_unused_files(stored, expected, 10)).await;
            let mut ids: Vec<String> = found.into_iter().map(|(_, id)| id).collect();
            ids.sort();
            ids
        }
    };
    assert_eq!(mark(100, 100).await, ["broken"], "none is older than 100");
    assert_eq!(mark(100, 101).await, ["broken", "expected"]);
    assert!(!write(&store, |write| write.complete_file(APP, &file("expected", 10))).await, "too late");
    assert_eq!(mark(101, 101).await, ["broken", "expected", "stored"]);
    write(&store, |write| write.forget_file(APP, "stored")).await;
    write(&store, |write| write.forget_file("other", "broken")).await;
    assert_eq!(mark(101, 101).await, ["broken", "expected"], "a file is marked until it is forgotten");
}
