//! The operations on records: users, conversations, participants, messages, outcomes and streams.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use causerie_protocol::entities::{Access, Notify, Reaction};
use causerie_protocol::topic::Cursor;

use super::{APP, conversation, message, message_id, participant, read, seed, user, user_record, write};
use crate::store::records::{
    ConversationRecord, MessageRecord, NextMessage, OrderBy, OutcomeKey, OutcomeRecord, ParticipantRecord,
    PrivateRecord, UserRecord,
};
use crate::store::{Store, StoreError, StoreResult};

pub(in crate::store) async fn put_user_replaces_everything_but_the_creation_time<S: Store>(store: S) {
    assert_eq!(read(&store, |read| read.user(APP, &user("ada"))).await, None);
    write(&store, |write| write.put_user(APP, &user("ada"), &user_record("Ada"))).await;
    assert_eq!(read(&store, |read| read.user(APP, &user("ada"))).await, Some(user_record("Ada")));
    let next = UserRecord {
        name: "Countess".to_owned(),
        custom: [].into(),
        locale: None,
        photo_url: Some("https://example.com/a.png".to_owned()),
        role: None,
        welcome_message: None,
        created_at: 2_000,
    };
    let put = next.clone();
    write(&store, move |write| write.put_user(APP, &user("ada"), &put)).await;
    let found = read(&store, |read| read.user(APP, &user("ada"))).await;
    assert_eq!(found, Some(UserRecord { created_at: 1_000, ..next }));
    assert_eq!(read(&store, |read| read.user(APP, &user("Ada"))).await, None, "ids are case-sensitive");
}

pub(in crate::store) async fn apps_are_isolated_from_each_other<S: Store>(store: S) {
    seed(&store).await;
    write(&store, |write| {
        write.put_participant(APP, &conversation("c"), &user("ada"), &participant(3, 0))?;
        write.append_message(APP, &conversation("c"), &message("m", Some("ada"), 4))?;
        let reaction = Reaction { user: user("ada"), created_at: 5 };
        write.add_reaction(APP, &conversation("c"), &message_id("m"), "👍", &reaction)?;
        Ok(())
    })
    .await;
    read(&store, |read| {
        let (c, ada) = (conversation("c"), user("ada"));
        assert_eq!(read.user("other", &ada)?, None);
        assert_eq!(read.conversation("other", &c)?, None);
        assert_eq!(read.view("other", &c, &ada)?, None);
        assert_eq!(read.participant("other", &c, &ada)?, None);
        assert!(read.participants("other", &c)?.is_empty());
        assert_eq!(read.message("other", &c, &message_id("m"))?, None);
        assert!(read.messages("other", &c, None, 10)?.is_empty());
        assert_eq!(read.delta("other", &c, 0, 10)?, None);
        assert!(read.reactions("other", &c, &message_id("m"), "👍", None, 10)?.is_empty());
        assert!(read.reactions_of_user("other", &c, &message_id("m"), &ada)?.is_empty());
        assert!(read.newest_participants("other", &c, None, 10)?.is_empty());
        assert!(read.users("other", "", 10)?.is_empty());
        read.conversations("other", OrderBy::CreatedAt, true, None, &mut |id, _| panic!("found {id}"))?;
        let mut views = 0;
        read.views("other", &ada, None, &mut |_| {
            views += 1;
            ControlFlow::Continue(())
        })?;
        assert_eq!(views, 0);
        assert_eq!(read.stream_seq("other", &c)?, 0);
        Ok(())
    })
    .await;
    let custom = [("a".to_owned(), "b".to_owned())].into();
    write(&store, move |write| write.put_app_custom(APP, &custom)).await;
    assert_eq!(read(&store, |read| read.app_custom(APP)).await.len(), 1);
    assert_eq!(read(&store, |read| read.app_custom("other")).await.len(), 0);
    // Both apps may have a user with the same id.
    write(&store, |write| write.put_user("other", &user("ada"), &user_record("Other Ada"))).await;
    assert_eq!(read(&store, |read| read.user(APP, &user("ada"))).await.unwrap().name, "Ada");
}

pub(in crate::store) async fn private_data_is_stored_apart_from_public_data<S: Store>(store: S) {
    seed(&store).await;
    assert_eq!(read(&store, |read| read.user_private(APP, &user("ada"))).await, PrivateRecord::default());
    let private = PrivateRecord {
        emails: vec!["ada@example.com".to_owned(), "b@example.com".to_owned()],
        phones: vec!["+31 20 123 4567".to_owned()],
        push_tokens: BTreeSet::from(["fcm:one".to_owned(), "apns:two".to_owned()]),
    };
    let put = private.clone();
    write(&store, move |write| write.put_user_private(APP, &user("ada"), &put)).await;
    write(&store, |write| write.put_user(APP, &user("ada"), &user_record("Ada the second"))).await;
    assert_eq!(read(&store, |read| read.user_private(APP, &user("ada"))).await, private);
    assert_eq!(read(&store, |read| read.user_private(APP, &user("bob"))).await, PrivateRecord::default());
}

pub(in crate::store) async fn private_data_of_unknown_user_is_rejected<S: Store>(store: S) {
    let put = store.write(|write| write.put_user_private(APP, &user("unknown"), &PrivateRecord::default()));
    assert!(matches!(put.await, Err(StoreError::Failed(_))));
}

pub(in crate::store) async fn put_conversation_does_not_change_its_messages<S: Store>(store: S) {
    seed(&store).await;
    write(&store, |write| write.append_message(APP, &conversation("c"), &message("m", None, 77))).await;
    let record = ConversationRecord {
        subject: Some("Order".to_owned()),
        photo_url: Some("https://example.com/c.png".to_owned()),
        welcome_messages: vec!["one".to_owned(), "two".to_owned()],
        custom: [("k".to_owned(), "v".to_owned())].into(),
        created_at: 999,
        last_seq: 999,
        last_message_at: None,
        participants: 0,
    };
    let put = record.clone();
    write(&store, move |write| write.put_conversation(APP, &conversation("c"), &put)).await;
    let found = read(&store, |read| read.conversation(APP, &conversation("c"))).await;
    let expected = ConversationRecord { created_at: 3, last_seq: 1, last_message_at: Some(77), ..record };
    assert_eq!(found, Some(expected));
}

pub(in crate::store) async fn participants_are_stored_replaced_listed_and_removed<S: Store>(store: S) {
    seed(&store).await;
    let other = ParticipantRecord {
        access: Access::Read,
        notify: Notify::MentionsOnly,
        joined_at: 8,
        read_until: 9,
        read_seq: 0,
        marked_unread: true,
    };
    let put = other.clone();
    write(&store, move |write| {
        write.put_participant(APP, &conversation("c"), &user("bob"), &put)?;
        write.put_participant(APP, &conversation("c"), &user("ada"), &participant(5, 0))
    })
    .await;
    let list = read(&store, |read| read.participants(APP, &conversation("c"))).await;
    assert_eq!(list, [(user("ada"), participant(5, 0)), (user("bob"), other)]);
    let never = ParticipantRecord { notify: Notify::Never, ..participant(5, 0) };
    let put = never.clone();
    write(&store, move |write| write.put_participant(APP, &conversation("c"), &user("bob"), &put)).await;
    assert_eq!(
        read(&store, |read| read.participant(APP, &conversation("c"), &user("bob"))).await,
        Some(never)
    );
    let first = write(&store, |write| write.delete_participant(APP, &conversation("c"), &user("bob"))).await;
    let second = write(&store, |write| write.delete_participant(APP, &conversation("c"), &user("bob"))).await;
    assert_eq!((first, second), (true, false));
    assert_eq!(read(&store, |read| read.participants(APP, &conversation("c"))).await.len(), 1);
    for (conversation_id, user_id) in [("c", "unknown"), ("unknown", "ada")] {
        let put = store.write(move |write| {
            write.put_participant(APP, &conversation(conversation_id), &user(user_id), &participant(1, 0))
        });
        assert!(matches!(put.await, Err(StoreError::Failed(_))), "{conversation_id} {user_id}");
    }
}

pub(in crate::store) async fn view_joins_conversation_participant_and_the_least_read_time<S: Store>(
    store: S,
) {
    seed(&store).await;
    let next = async |id: &str, now| {
        let id = conversation(id);
        read(&store, move |read| read.next_message(APP, &id, now)).await
    };
    let latest = async || next("c", 0).await.map(|next| next.at);
    assert_eq!(latest().await, Some(3), "the creation time, as there are no participants");
    assert_eq!(next("unknown", 0).await, None);
    assert_eq!(next("c", 7).await, Some(NextMessage { at: 7, seq: 1 }));
    write(&store, |write| {
        write.put_participant(APP, &conversation("c"), &user("ada"), &participant(50, 0))?;
        write.put_participant(APP, &conversation("c"), &user("bob"), &participant(20, 0))?;
        write.append_message(APP, &conversation("c"), &message("m", None, 60))
    })
    .await;
    let view = read(&store, |read| read.view(APP, &conversation("c"), &user("ada"))).await.unwrap();
    assert_eq!(view.participant, participant(50, 0));
    assert_eq!(view.everyone_read_until, 20);
    assert_eq!((view.conversation.last_seq, view.conversation.last_message_at), (1, Some(60)));
    assert_eq!(latest().await, Some(60), "the newest message");
    write(&store, |write| write.put_participant(APP, &conversation("c"), &user("bob"), &participant(70, 1)))
        .await;
    assert_eq!(latest().await, Some(70), "the time up to which a participant has read");
    write(&store, |write| write.delete_participant(APP, &conversation("c"), &user("ada"))).await;
    assert_eq!(read(&store, |read| read.view(APP, &conversation("c"), &user("ada"))).await, None);
}

pub(in crate::store) async fn messages_get_sequence_numbers_without_gaps_and_are_listed_newest_first<
    S: Store,
>(
    store: S,
) {
    seed(&store).await;
    for index in 1..=5 {
        let seq = write(&store, move |write| {
            let sender = (index % 2 == 0).then_some("ada");
            write.append_message(APP, &conversation("c"), &message(&format!("m{index}"), sender, 100 + index))
        });
        assert_eq!(seq.await.seq, index);
        // A write that fails in between does not use a number.
        let failing = store.write(|write| {
            write.append_message(APP, &conversation("c"), &message("lost", None, 1_000))?;
            Err::<(), _>(StoreError::failed("on purpose"))
        });
        assert!(failing.await.is_err());
    }
    let seqs_before = |before: Option<i64>, limit| {
        let store = store.clone();
        async move {
            let after = before.map(|index| Cursor { at: 100 + index, id: format!("m{index}") });
            let list =
                read(&store, move |read| read.messages(APP, &conversation("c"), after.as_ref(), limit)).await;
            list.into_iter().map(|message| message.seq).collect::<Vec<_>>()
        }
    };
    assert_eq!(seqs_before(None, 10).await, [5, 4, 3, 2, 1]);
    assert_eq!(seqs_before(None, 2).await, [5, 4]);
    assert_eq!(seqs_before(Some(4), 2).await, [3, 2]);
    assert_eq!(seqs_before(Some(1), 2).await, [0; 0]);
    let found = read(&store, |read| read.message(APP, &conversation("c"), &message_id("m4"))).await;
    assert_eq!(found, Some(MessageRecord { seq: 4, ..message("m4", Some("ada"), 104) }));
    assert_eq!(read(&store, |read| read.message(APP, &conversation("c"), &message_id("lost"))).await, None);
}

pub(in crate::store) async fn messages_of_unknown_conversation_or_sender_are_rejected<S: Store>(store: S) {
    seed(&store).await;
    for (conversation_id, sender) in [("unknown", None), ("c", Some("unknown"))] {
        let sent = store.write(move |write| {
            write.append_message(APP, &conversation(conversation_id), &message("m", sender, 1))
        });
        assert!(matches!(sent.await, Err(StoreError::Failed(_))), "{conversation_id}");
    }
    let record = read(&store, |read| read.conversation(APP, &conversation("c"))).await.unwrap();
    assert_eq!(record.last_seq, 0, "the rejected message used no sequence number");
}

fn outcome(result: &str, created_at: i64) -> OutcomeRecord {
    OutcomeRecord { request_hash: [7; 8], result: result.to_owned(), created_at }
}

pub(in crate::store) async fn outcomes_are_found_by_all_four_parts_of_their_key<S: Store>(store: S) {
    let key = OutcomeKey { app: APP, caller: "ada", scope: "client", key: "1" };
    write(&store, move |write| write.put_outcome(&key, &outcome("first", 5))).await;
    assert_eq!(read(&store, move |read| read.outcome(&key)).await, Some(outcome("first", 5)));
    for other in [
        OutcomeKey { app: "other", ..key },
        OutcomeKey { caller: "bob", ..key },
        OutcomeKey { scope: "client2", ..key },
        OutcomeKey { key: "2", ..key },
    ] {
        assert_eq!(read(&store, move |read| read.outcome(&other)).await, None, "{other:?}");
    }
    let twice = store.write(move |write| write.put_outcome(&key, &outcome("second", 6))).await;
    assert!(twice.is_err(), "an outcome is never replaced");
}

pub(in crate::store) async fn outcomes_are_pruned_oldest_first<S: Store>(store: S) {
    write(&store, |write| {
        for time in 1..=10 {
            let name = time.to_string();
            let key = OutcomeKey { app: APP, caller: "", scope: "", key: &name };
            write.put_outcome(&key, &outcome("", time))?;
        }
        Ok(())
    })
    .await;
    assert_eq!(write(&store, |write| write.prune_outcomes(8, 5)).await, 5);
    assert_eq!(write(&store, |write| write.prune_outcomes(8, 5)).await, 2);
    assert_eq!(write(&store, |write| write.prune_outcomes(8, 5)).await, 0);
    let left = read(&store, |read| {
        let mut left = Vec::new();
        for time in 1..=10 {
            let key = OutcomeKey { app: APP, caller: "", scope: "", key: &i32::to_string(&time) };
            if read.outcome(&key)?.is_some() {
                left.push(time);
            }
        }
        Ok(left)
    });
    assert_eq!(left.await, [8, 9, 10]);
}

pub(in crate::store) async fn streams_are_numbered_per_app_and_conversation<S: Store>(store: S) {
    seed(&store).await;
    write(&store, |write| {
        write.put_conversation(APP, &conversation("d"), &ConversationRecord::default())?;
        write.put_conversation("other", &conversation("c"), &ConversationRecord::default())
    })
    .await;
    let numbers = write(&store, move |write| {
        let all = [(APP, "c"), (APP, "c"), (APP, "d"), ("other", "c"), (APP, "c")];
        all.iter()
            .map(|(app, id)| write.advance_stream(app, &conversation(id)))
            .collect::<StoreResult<Vec<_>>>()
    });
    assert_eq!(numbers.await, [1, 2, 1, 1, 3]);
    let seen = read(&store, move |read| {
        let all = [(APP, "c"), (APP, "d"), ("other", "c"), (APP, "unknown")];
        all.iter().map(|(app, id)| read.stream_seq(app, &conversation(id))).collect::<StoreResult<Vec<_>>>()
    });
    assert_eq!(seen.await, [3, 1, 1, 0]);
    let unknown = store.write(|write| write.advance_stream(APP, &conversation("unknown")));
    assert!(matches!(unknown.await, Err(StoreError::Failed(_))));
}
