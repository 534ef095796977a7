//! Sent messages: their outcomes, and their ids.

use causerie_protocol::entities::Reaction;
use causerie_protocol::topic::Cursor;

use super::{APP, conversation, message, message_id, read, seed, user, write};
use crate::store::records::{MessageRecord, OutcomeKey, OutcomeRecord};
use crate::store::{Store, StoreError};

const KEY: OutcomeKey<'_> = OutcomeKey { app: APP, caller: "ada", scope: "client", key: "1" };

pub(in crate::store) async fn outcome_of_sending_a_message_outlives_the_message<S: Store>(store: S) {
    seed(&store).await;
    let send = |key: OutcomeKey<'static>, id: &'static str| {
        store.write(move |write| {
            let message = message(id, Some(key.caller), 50);
            write.send_message(&conversation("c"), &message, &key, [3; 8])
        })
    };
    send(KEY, "m1").await.unwrap();
    let found = || async { read(&store, |read| read.outcome(&KEY)).await };
    let outcome = OutcomeRecord { request_hash: [3; 8], result: "\"m1\"".to_owned(), created_at: 50 };
    assert_eq!(found().await, Some(outcome.clone()));
    for other in [
        OutcomeKey { app: "other", ..KEY },
        OutcomeKey { caller: "bob", ..KEY },
        OutcomeKey { caller: "", ..KEY },
        OutcomeKey { scope: "client2", ..KEY },
        OutcomeKey { key: "2", ..KEY },
    ] {
        assert_eq!(read(&store, move |read| read.outcome(&other)).await, None, "{other:?}");
    }
    assert!(matches!(send(KEY, "m2").await, Err(StoreError::Failed(_))), "an outcome is never replaced");
    send(OutcomeKey { caller: "bob", ..KEY }, "m3").await.unwrap();
    send(OutcomeKey { key: "2", ..KEY }, "m4").await.unwrap();
    write(&store, |write| write.delete_message(APP, &conversation("c"), &message_id("m1"))).await;
    let deleted = found().await.unwrap();
    assert_eq!(OutcomeRecord { created_at: 50, ..deleted }, outcome);
    write(&store, |write| write.delete_conversation(APP, &conversation("c"))).await;
    for (key, id) in [(KEY, "m1"), (OutcomeKey { key: "2", ..KEY }, "m4")] {
        let outcome = read(&store, move |read| read.outcome(&key)).await.unwrap();
        assert_eq!(outcome.result, format!("\"{id}\""));
    }
}

/// An id as the server makes it.
fn made(at: i64, seq: i64) -> String {
    format!("msg_{at:012x}g{seq:08x}{:011x}", seq * 7_919 + 1)
}

pub(in crate::store) async fn messages_with_the_ids_of_the_server_are_found_and_listed<S: Store>(store: S) {
    seed(&store).await;
    // Several of each millisecond; the numbers have one to three digits.
    let sent = || (1..=300).map(|seq| (100 + seq / 7, seq));
    write(&store, move |write| {
        for (at, seq) in sent() {
            let record = message(&made(at, seq), Some("ada"), at);
            assert_eq!(write.append_message(APP, &conversation("c"), &record)?.seq, seq);
        }
        Ok(())
    })
    .await;
    read(&store, move |read| {
        let c = conversation("c");
        let newest_first: Vec<_> = sent().map(|(at, seq)| made(at, seq)).rev().collect();
        let (mut listed, mut after) = (Vec::new(), None);
        loop {
            let page: Vec<MessageRecord> = read.messages(APP, &c, after.as_ref(), 8)?;
            let Some(last) = page.last() else { break };
            after = Some(Cursor { at: last.created_at, id: last.id.as_str().to_owned() });
            listed.extend(page.into_iter().map(|message| message.id.as_str().to_owned()));
        }
        assert_eq!(listed, newest_first);
        for (at, seq) in sent() {
            assert_eq!(read.message(APP, &c, &message_id(&made(at, seq)))?.unwrap().seq, seq);
        }
        // No other id finds a message: neither one with another time, nor one with other random bits.
        let id = made(101, 8);
        for other in [made(102, 8), made(101, 301), id.replace("g00000008", "g00000009"), id[..35].to_owned()]
        {
            assert_eq!(read.message(APP, &c, &message_id(&other))?, None, "{other}");
        }
        Ok(())
    })
    .await;
    let id = || message_id(&made(101, 8));
    let changed = write(&store, move |write| {
        let c = conversation("c");
        let reaction = Reaction { user: user("ada"), created_at: 5 };
        write.add_reaction(APP, &c, &id(), "👍", &reaction)?.unwrap();
        assert_eq!(write.reactions(APP, &c, &id(), "👍", None, 10)?.len(), 1);
        assert_eq!(write.reactions_of_user(APP, &c, &id(), &user("ada"))?, ["👍"]);
        write.delete_message(APP, &c, &id())?.unwrap();
        assert_eq!(write.delete_message(APP, &c, &id())?, None);
        assert!(write.is_tombstone(APP, &c, 8, &id())?);
        write.delta(APP, &c, 298, 10)
    });
    let delta = changed.await.unwrap();
    assert_eq!(delta.dropped, [id()]);
    let put: Vec<_> = delta.put.iter().map(|message| message.id.as_str()).collect();
    assert_eq!(put, [made(142, 300), made(142, 299)]);
}
