//! The index of the words in messages. It may be late by about a second, so the tests wait for it.

use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use causerie_protocol::topic::Cursor;

use super::{APP, conversation, message, message_id, read, seed, write};
use crate::store::records::{ConversationRecord, MessageEdit, MessageRecord};
use crate::store::{Store, StoreResult, Write};
use crate::words::Query;

/// Returns the messages of a conversation that match a query, newest first.
pub(in crate::store) async fn matching<S: Store>(
    store: &S,
    id: &str,
    query: &str,
    after: Option<Cursor>,
) -> Vec<String> {
    let (id, query) = (conversation(id), Query::new(query).unwrap());
    read(store, move |read| {
        let mut found = Vec::new();
        read.matching_messages(APP, &id, &query, after.as_ref(), &mut |message| {
            if query.matches(&[&message.text]) {
                found.push(message.id.to_string());
            }
            ControlFlow::Continue(())
        })?;
        Ok(found)
    })
    .await
}

/// Waits until a query finds these messages.
pub(in crate::store) async fn await_matching<S: Store>(store: &S, id: &str, query: &str, expected: &[&str]) {
    let until = Instant::now() + Duration::from_secs(20);
    loop {
        let found = matching(store, id, query, None).await;
        if found == expected {
            return;
        }
        assert!(Instant::now() < until, "{query:?} finds {found:?} instead of {expected:?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Appends a message with a text.
pub(in crate::store) fn append(
    write: &mut dyn Write,
    id: &str,
    name: &str,
    text: &str,
    at: i64,
) -> StoreResult<()> {
    let content = format!(r#"[{{"type":"text","children":["{text}"]}}]"#);
    let record = MessageRecord { text: text.to_owned(), content, ..message(name, None, at) };
    write.append_message(APP, &conversation(id), &record).map(drop)
}

pub(in crate::store) async fn index_follows_sent_edited_and_deleted_messages<S: Store>(store: S) {
    seed(&store).await;
    write(&store, |write| {
        append(write, "c", "m1", "Hello, world", 10)?;
        append(write, "c", "m2", "Hello again", 20)?;
        // A file or a place is no text, whatever its description is.
        let place = r#"[{"type":"location","latitude":1,"longitude":2}]"#.to_owned();
        let record = MessageRecord { text: "hello".to_owned(), content: place, ..message("m3", None, 30) };
        write.append_message(APP, &conversation("c"), &record).map(drop)
    })
    .await;
    await_matching(&store, "c", "he", &["m2", "m1"]).await;
    await_matching(&store, "c", "WOR hello", &["m1"]).await;
    let edit = MessageEdit {
        text: "Good-bye, world".to_owned(),
        content: r#"[{"type":"text","children":["Good-bye, world"]}]"#.to_owned(),
        custom: Default::default(),
        edited_at: 40,
    };
    write(&store, move |write| write.edit_message(APP, &conversation("c"), &message_id("m1"), &edit)).await;
    assert_eq!(matching(&store, "c", "he", None).await, ["m2"], "the old text is not found from now on");
    await_matching(&store, "c", "bye world", &["m1"]).await;
    write(&store, |write| write.delete_message(APP, &conversation("c"), &message_id("m1"))).await;
    assert_eq!(matching(&store, "c", "world", None).await, [""; 0], "nor is a deleted one");
    // A new message may take the place of the deleted ones.
    write(&store, |write| {
        for id in ["m2", "m3"] {
            write.delete_message(APP, &conversation("c"), &message_id(id))?;
        }
        append(write, "c", "m4", "Hello once more", 50)
    })
    .await;
    await_matching(&store, "c", "hello", &["m4"]).await;
    assert_eq!(matching(&store, "c", "again", None).await, [""; 0]);
}

pub(in crate::store) async fn index_proposes_messages_of_one_conversation_newest_first<S: Store>(store: S) {
    seed(&store).await;
    write(&store, |write| {
        write.put_conversation(APP, &conversation("d"), &ConversationRecord::default())?;
        for number in 0..250 {
            let id = if number % 2 == 0 { "c" } else { "d" };
            append(write, id, &format!("m{number:03}"), &format!("word{number}"), 10 + number / 10)?;
        }
        Ok(())
    })
    .await;
    let of = |parity: u32| -> Vec<String> {
        (0..250).rev().filter(|number| number % 2 == parity).map(|number| format!("m{number:03}")).collect()
    };
    let (even, odd) = (of(0), of(1));
    await_matching(&store, "c", "word", &even.iter().map(String::as_str).collect::<Vec<_>>()).await;
    await_matching(&store, "d", "word", &odd.iter().map(String::as_str).collect::<Vec<_>>()).await;
    let after = |at, id: &str| Some(Cursor { at, id: id.to_owned() });
    assert_eq!(
        matching(&store, "c", "word", after(11, "m014")).await,
        ["m012", "m010", "m008", "m006", "m004", "m002", "m000"]
    );
    assert_eq!(matching(&store, "c", "word1", after(10, "zz")).await, [""; 0], "no more before this place");
    assert_eq!(matching(&store, "c", "word", after(10, "m000")).await, [""; 0]);
    assert_eq!(matching(&store, "missing", "word", None).await, [""; 0]);
}

pub(in crate::store) async fn index_forgets_deleted_conversations<S: Store>(store: S) {
    seed(&store).await;
    let fill = |write: &mut dyn Write| append(write, "c", "m1", "secret", 10);
    write(&store, fill).await;
    await_matching(&store, "c", "secret", &["m1"]).await;
    write(&store, |write| {
        write.delete_conversation(APP, &conversation("c"))?;
        write.put_conversation(APP, &conversation("c"), &ConversationRecord::default())
    })
    .await;
    assert_eq!(matching(&store, "c", "secret", None).await, [""; 0]);
    write(&store, |write| append(write, "c", "m2", "public secret", 20)).await;
    await_matching(&store, "c", "secret", &["m2"]).await;
}
