//! The operations for subscriptions: ordered lists with cursors, edits, deletions, reactions and deltas.

use std::ops::ControlFlow;

use causerie_protocol::entities::Reaction;
use causerie_protocol::topic::Cursor;

use super::{APP, conversation, message, message_id, participant, read, seed, user, user_record, write};
use crate::store::records::{
    ConversationRecord, MessageEdit, NextMessage, OrderBy, ParticipantRecord, ReactionCount, ViewRecord,
};
use crate::store::{READERS_AT_TIME, Store, StoreError, StoreResult};

fn cursor(at: i64, id: &str) -> Cursor {
    Cursor { at, id: id.to_owned() }
}

async fn send<S: Store>(store: &S, id: &str, sender: Option<&str>, at: i64) -> u64 {
    let message = message(id, sender, at);
    write(store, move |write| write.append_message(APP, &conversation("c"), &message)).await.event_seq
}

async fn delete<S: Store>(store: &S, id: &str) -> Option<u64> {
    let id = message_id(id);
    write(store, move |write| write.delete_message(APP, &conversation("c"), &id)).await
}

async fn edit<S: Store>(store: &S, id: &str, text: &str) -> Option<u64> {
    let edit = MessageEdit {
        text: text.to_owned(),
        content: "[]".to_owned(),
        custom: [("c".to_owned(), "d".to_owned())].into(),
        edited_at: 77,
    };
    let id = message_id(id);
    write(store, move |write| write.edit_message(APP, &conversation("c"), &id, &edit)).await
}

async fn react<S: Store>(store: &S, id: &str, emoji: &str, user_id: &str, at: i64) -> Option<(u64, i64)> {
    let (id, emoji, reaction) =
        (message_id(id), emoji.to_owned(), Reaction { user: user(user_id), created_at: at });
    write(store, move |write| write.add_reaction(APP, &conversation("c"), &id, &emoji, &reaction)).await
}

async fn unreact<S: Store>(store: &S, id: &str, emoji: &str, user_id: &str) -> Option<(u64, i64)> {
    let (id, emoji, user_id) = (message_id(id), emoji.to_owned(), user(user_id));
    write(store, move |write| write.remove_reaction(APP, &conversation("c"), &id, &emoji, &user_id)).await
}

async fn join<S: Store>(store: &S, conversation_id: &str, user_id: &str, joined_at: i64) {
    let (conversation_id, user_id) = (conversation(conversation_id), user(user_id));
    let record = ParticipantRecord { joined_at, ..participant(joined_at, 0) };
    write(store, move |write| write.put_participant(APP, &conversation_id, &user_id, &record)).await;
}

async fn view<S: Store>(store: &S, conversation_id: &str, user_id: &str) -> ViewRecord {
    let (conversation_id, user_id) = (conversation(conversation_id), user(user_id));
    read(store, move |read| read.view(APP, &conversation_id, &user_id)).await.unwrap()
}

pub(in crate::store) async fn messages_with_equal_times_are_ordered_by_id<S: Store>(store: S) {
    seed(&store).await;
    for (id, at) in [("b", 10), ("a", 10), ("c", 10), ("z", 5), ("y", 20)] {
        send(&store, id, None, at).await;
    }
    let page = async |after: Option<Cursor>, limit| {
        let list =
            read(&store, move |read| read.messages(APP, &conversation("c"), after.as_ref(), limit)).await;
        list.into_iter().map(|message| message.id.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(page(None, 10).await, ["y", "c", "b", "a", "z"]);
    assert_eq!(page(Some(cursor(10, "c")), 2).await, ["b", "a"]);
    assert_eq!(page(Some(cursor(10, "bb")), 2).await, ["b", "a"], "a cursor between two entries");
    assert_eq!(page(Some(cursor(5, "z")), 2).await, [""; 0]);
    delete(&store, "b").await;
    assert_eq!(page(Some(cursor(10, "b")), 2).await, ["a", "z"], "the cursor of a deleted entry");
}

pub(in crate::store) async fn message_moves_back_equal_read_times_of_others<S: Store>(store: S) {
    seed(&store).await;
    for (user_id, read_until) in [("ada", 10), ("bob", 10)] {
        join(&store, "c", user_id, read_until).await;
    }
    let next = async || read(&store, |read| read.next_message(APP, &conversation("c"), 4)).await.unwrap();
    assert_eq!(next().await, NextMessage { at: 10, seq: 1 });
    send(&store, "m1", Some("ada"), 10).await;
    let (ada, bob) = (view(&store, "c", "ada").await, view(&store, "c", "bob").await);
    assert_eq!((ada.participant.read_until, ada.unread), (10, 0));
    assert_eq!((bob.participant.read_until, bob.unread, bob.everyone_read_until), (9, 1, 9));
    for index in 0..READERS_AT_TIME {
        let id = user(&format!("u{index}"));
        write(&store, move |write| {
            write.put_user(APP, &id, &user_record("User"))?;
            write.put_participant(APP, &conversation("c"), &id, &participant(10, 1))
        })
        .await;
    }
    assert_eq!(next().await, NextMessage { at: 11, seq: 2 }, "too many have read up to 10");
}

/// The order of `docs/protocol.md`: U+1F600 comes after U+FF5E, although its UTF-16 code units compare as
/// less.
pub(in crate::store) async fn equal_times_are_ordered_by_the_code_points_of_the_ids<S: Store>(store: S) {
    let ids = ["a", "a\u{1f600}", "a\u{ff5e}", "\u{e9}", "B"];
    let newest_first = ["\u{e9}", "a\u{1f600}", "a\u{ff5e}", "a", "B"];
    seed(&store).await;
    write(&store, move |write| {
        ids.iter()
            .try_for_each(|id| write.put_conversation(APP, &conversation(id), &ConversationRecord::default()))
    })
    .await;
    for id in ids {
        send(&store, id, None, 10).await;
        join(&store, id, "ada", 10).await;
    }
    let messages =
        read(&store, |read| read.messages(APP, &conversation("c"), Some(&cursor(11, "")), 9)).await;
    assert_eq!(messages.iter().map(|message| message.id.as_str()).collect::<Vec<_>>(), newest_first);
    let after = Some(cursor(10, "a\u{1f600}"));
    let rest = read(&store, move |read| read.messages(APP, &conversation("c"), after.as_ref(), 9)).await;
    assert_eq!(rest.iter().map(|message| message.id.as_str()).collect::<Vec<_>>(), newest_first[2..]);
    let views = read(&store, |read| {
        let mut ids = Vec::new();
        read.views(APP, &user("ada"), Some(&cursor(11, "")), &mut |view| {
            ids.push(view.id.to_string());
            ControlFlow::Continue(())
        })?;
        Ok(ids)
    })
    .await;
    assert_eq!(views, newest_first);
    // The order of cursors and ids in Rust is the same.
    assert!(newest_first.is_sorted_by(|one, other| cursor(10, one) > cursor(10, other)));
}

pub(in crate::store) async fn views_are_ordered_by_activity<S: Store>(store: S) {
    seed(&store).await;
    write(&store, |write| {
        ["d", "e", "f", "g"]
            .iter()
            .try_for_each(|id| write.put_conversation(APP, &conversation(id), &ConversationRecord::default()))
    })
    .await;
    for (id, at) in [("c", 10), ("d", 10), ("e", 30), ("f", 10)] {
        join(&store, id, "ada", at).await;
    }
    join(&store, "g", "bob", 99).await;
    let list = async |after: Option<Cursor>, max: usize| {
        read(&store, move |read| {
            let mut ids = Vec::new();
            read.views(APP, &user("ada"), after.as_ref(), &mut |view| {
                ids.push(view.id.to_string());
                if ids.len() < max { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
            })?;
            Ok(ids)
        })
        .await
    };
    assert_eq!(list(None, 9).await, ["e", "f", "d", "c"]);
    assert_eq!(list(None, 2).await, ["e", "f"], "the visitor stops the list");
    assert_eq!(list(Some(cursor(10, "f")), 9).await, ["d", "c"]);
    assert_eq!(list(Some(cursor(10, "c")), 9).await, [""; 0]);
    send(&store, "m1", Some("bob"), 20).await;
    assert_eq!(list(None, 9).await, ["e", "c", "f", "d"], "a message raises the activity");
    send(&store, "m2", Some("bob"), 40).await;
    assert_eq!(list(None, 1).await, ["c"]);
    assert_eq!(view(&store, "c", "ada").await.activity(), 40);
    delete(&store, "m2").await;
    assert_eq!(list(None, 2).await, ["e", "c"], "its deletion lowers the activity");
    delete(&store, "m1").await;
    assert_eq!(list(None, 9).await, ["e", "f", "d", "c"], "the time of joining is the minimum");
    // A single view is equal to that in the list.
    let listed = read(&store, |read| {
        let mut views = Vec::new();
        read.views(APP, &user("ada"), None, &mut |view| {
            views.push(view);
            ControlFlow::Continue(())
        })?;
        Ok(views)
    });
    for listed in listed.await {
        assert_eq!(view(&store, listed.id.as_str(), "ada").await, listed);
    }
}

pub(in crate::store) async fn newest_participants_are_ordered_by_time_of_joining<S: Store>(store: S) {
    seed(&store).await;
    write(&store, |write| {
        ["cat", "dan"].iter().try_for_each(|id| write.put_user(APP, &user(id), &user_record(id)))
    })
    .await;
    for (user_id, at) in [("ada", 10), ("bob", 20), ("cat", 10), ("dan", 10)] {
        join(&store, "c", user_id, at).await;
    }
    let page = async |after: Option<Cursor>, limit| {
        let list = read(&store, move |read| {
            read.newest_participants(APP, &conversation("c"), after.as_ref(), limit)
        })
        .await;
        list.into_iter().map(|(user, record)| (user.to_string(), record.joined_at)).collect::<Vec<_>>()
    };
    let all = [("bob", 20), ("dan", 10), ("cat", 10), ("ada", 10)].map(|(id, at)| (id.to_owned(), at));
    assert_eq!(page(None, 10).await, all);
    assert_eq!(page(None, 2).await, all[..2]);
    assert_eq!(page(Some(cursor(20, "bob")), 2).await, all[1..3]);
    assert_eq!(page(Some(cursor(10, "cat")), 2).await, all[3..]);
}

pub(in crate::store) async fn edited_message_keeps_its_id_sequence_number_and_time<S: Store>(store: S) {
    seed(&store).await;
    send(&store, "m1", Some("ada"), 10).await;
    let before = read(&store, |read| read.message(APP, &conversation("c"), &message_id("m1"))).await.unwrap();
    assert_eq!(edit(&store, "m1", "other").await, Some(2));
    assert_eq!(edit(&store, "unknown", "other").await, None);
    let after = read(&store, |read| read.message(APP, &conversation("c"), &message_id("m1"))).await.unwrap();
    assert_eq!((after.text.as_str(), after.content.as_str(), after.edited_at), ("other", "[]", Some(77)));
    assert_eq!(after.custom, [("c".to_owned(), "d".to_owned())].into());
    assert_eq!((after.id, after.seq, after.created_at), (before.id, before.seq, before.created_at));
    assert_eq!(read(&store, |read| read.stream_seq(APP, &conversation("c"))).await, 2);
}

pub(in crate::store) async fn deleted_messages_do_not_count_as_unread<S: Store>(store: S) {
    seed(&store).await;
    join(&store, "c", "ada", 1).await;
    join(&store, "c", "bob", 1).await;
    for index in 1..=5 {
        send(&store, &format!("m{index}"), (index == 2).then_some("bob"), 10 + index).await;
    }
    let unread = async |viewer: &'static str| {
        (view(&store, "c", viewer).await.unread, view(&store, "c", viewer).await.is_unread())
    };
    assert_eq!(
        (unread("ada").await, unread("bob").await),
        ((5, true), (3, true)),
        "a sender has read the conversation"
    );
    assert_eq!(view(&store, "c", "bob").await.participant.read_until, 12);
    delete(&store, "m1").await;
    delete(&store, "m4").await;
    assert_eq!((unread("ada").await, unread("bob").await), ((3, true), (2, true)));
    assert_eq!(delete(&store, "m4").await, None, "it is deleted already");
    for (seq, id, expected) in [(4, "m4", true), (4, "m1", false), (5, "m5", false), (9, "m9", false)] {
        let found =
            read(&store, move |read| read.is_tombstone(APP, &conversation("c"), seq, &message_id(id)));
        assert_eq!(found.await, expected, "{seq} {id}");
    }
    for id in ["m5", "m3"] {
        delete(&store, id).await;
    }
    assert_eq!((unread("ada").await, unread("bob").await), ((1, true), (0, false)));
    assert_eq!(view(&store, "c", "ada").await.conversation.last_message_at, Some(12));
    delete(&store, "m2").await;
    assert_eq!(unread("ada").await, (0, false));
    assert_eq!(view(&store, "c", "ada").await.conversation.last_message_at, None);
    assert_eq!(view(&store, "c", "ada").await.conversation.last_seq, 5, "numbers are not reused");
    let seq = write(&store, |write| write.append_message(APP, &conversation("c"), &message("m6", None, 20)));
    assert_eq!(seq.await.seq, 6);
    assert_eq!(unread("ada").await, (1, true));
}

pub(in crate::store) async fn reactions_are_stored_counted_and_ordered_by_time<S: Store>(store: S) {
    seed(&store).await;
    send(&store, "m1", Some("ada"), 10).await;
    assert_eq!(react(&store, "m1", "👍", "bob", 50).await, Some((2, 50)));
    assert_eq!(react(&store, "m1", "👍", "bob", 60).await, None);
    assert_eq!(
        react(&store, "m1", "👍", "ada", 40).await,
        Some((3, 51)),
        "reactions with one emoji have distinct times"
    );
    assert_eq!(react(&store, "m1", ":a:", "ada", 45).await, Some((4, 45)));
    let counts = async || {
        let found = read(&store, |read| read.message(APP, &conversation("c"), &message_id("m1"))).await;
        found.unwrap().reactions
    };
    let count = |emoji: &str, count| ReactionCount { emoji: emoji.to_owned(), count };
    assert_eq!(counts().await, [count("👍", 2), count(":a:", 1)]);
    let page = async |emoji: &'static str, after: Option<Cursor>, limit| {
        let list = read(&store, move |read| {
            read.reactions(APP, &conversation("c"), &message_id("m1"), emoji, after.as_ref(), limit)
        })
        .await;
        list.into_iter().map(|one| (one.user.to_string(), one.created_at)).collect::<Vec<_>>()
    };
    let (bob, ada) = (("bob".to_owned(), 50), ("ada".to_owned(), 51));
    assert_eq!(page("👍", None, 10).await, [bob.clone(), ada.clone()]);
    assert_eq!(page("👍", None, 1).await, [bob]);
    assert_eq!(page("👍", Some(cursor(50, "bob")), 1).await, [ada]);
    assert_eq!(page("👍", Some(cursor(51, "ada")), 1).await, []);
    assert_eq!(page("👎", None, 10).await, []);
    let own_emoji = async |user_id: &'static str| {
        read(&store, move |read| {
            read.reactions_of_user(APP, &conversation("c"), &message_id("m1"), &user(user_id))
        })
        .await
    };
    assert_eq!(own_emoji("ada").await, [":a:", "👍"]);
    assert_eq!(unreact(&store, "m1", "👍", "bob").await, Some((5, 50)));
    assert_eq!(unreact(&store, "m1", "👍", "bob").await, None);
    assert_eq!(unreact(&store, "m1", "👍", "unknown").await, None);
    assert_eq!(unreact(&store, "unknown", "👍", "ada").await, None);
    assert_eq!(counts().await, [count("👍", 1), count(":a:", 1)]);
    assert_eq!(unreact(&store, "m1", "👍", "ada").await, Some((6, 51)));
    assert_eq!(counts().await, [count(":a:", 1)]);
    assert_eq!((own_emoji("ada").await, own_emoji("bob").await), (vec![":a:".to_owned()], vec![]));
    for (id, user_id) in [("unknown", "ada"), ("m1", "unknown")] {
        let reaction = Reaction { user: user(user_id), created_at: 1 };
        let added = store.write(move |write| {
            write.add_reaction(APP, &conversation("c"), &message_id(id), "👍", &reaction)
        });
        assert!(matches!(added.await, Err(StoreError::Failed(_))), "{id} {user_id}");
    }
    // Deleting a message deletes its reactions.
    delete(&store, "m1").await;
    send(&store, "m1", None, 90).await;
    assert_eq!((counts().await, own_emoji("ada").await), (vec![], vec![]));
}

/// Returns the changes since an event, as sorted ids.
async fn delta<S: Store>(store: &S, since: u64, limit: u32) -> Option<(Vec<String>, Vec<String>)> {
    let delta = read(store, move |read| read.delta(APP, &conversation("c"), since, limit)).await?;
    let mut put: Vec<_> = delta.put.into_iter().map(|message| message.id.to_string()).collect();
    let mut dropped: Vec<_> = delta.dropped.into_iter().map(|id| id.to_string()).collect();
    put.sort();
    dropped.sort();
    Some((put, dropped))
}

pub(in crate::store) async fn delta_is_complete_or_none<S: Store>(store: S) {
    seed(&store).await;
    let ids = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect::<Vec<_>>();
    assert_eq!(delta(&store, 0, 10).await, Some((vec![], vec![])));
    for index in 1..=4 {
        assert_eq!(send(&store, &format!("m{index}"), None, 10 + index).await, index.unsigned_abs());
    }
    assert_eq!(delta(&store, 2, 10).await, Some((ids(&["m3", "m4"]), vec![])));
    assert_eq!(edit(&store, "m1", "new").await, Some(5));
    react(&store, "m2", "👍", "ada", 1).await.unwrap();
    assert_eq!(delete(&store, "m3").await, Some(7));
    assert_eq!(delta(&store, 7, 10).await, Some((vec![], vec![])), "no changes since");
    assert_eq!(delta(&store, 6, 10).await, Some((vec![], ids(&["m3"]))));
    assert_eq!(delta(&store, 5, 10).await, Some((ids(&["m2"]), ids(&["m3"]))));
    assert_eq!(delta(&store, 3, 10).await, Some((ids(&["m1", "m2", "m4"]), ids(&["m3"]))), "each once");
    assert_eq!(delta(&store, 0, 10).await, Some((ids(&["m1", "m2", "m4"]), ids(&["m3"]))));
    assert_eq!(
        delta(&store, 3, 4).await,
        Some((ids(&["m1", "m2", "m4"]), ids(&["m3"]))),
        "exactly as many as the limit"
    );
    assert_eq!(delta(&store, 3, 3).await, None, "more than the limit");
    assert_eq!(delta(&store, 3, 1).await, None);
    assert_eq!(delta(&store, 8, 10).await, None, "an event that does not exist yet");
    assert_eq!(delta(&store, u64::MAX, 10).await, None);
    assert_eq!(read(&store, |read| read.delta(APP, &conversation("unknown"), 0, 10)).await, None);
    // The changes of a deleted conversation are not part of a new one with the same id.
    let end = write(&store, |write| write.delete_conversation(APP, &conversation("c"))).await;
    assert_eq!(end, Some(8));
    assert_eq!(delta(&store, 8, 10).await, None);
    seed(&store).await;
    assert_eq!(delta(&store, 7, 10).await, None);
    assert_eq!(delta(&store, 8, 10).await, Some((vec![], vec![])));
    assert_eq!(send(&store, "m9", None, 100).await, 9);
    assert_eq!(delta(&store, 8, 10).await, Some((ids(&["m9"]), vec![])));
}

pub(in crate::store) async fn deleted_conversation_leaves_only_its_stream_number<S: Store>(store: S) {
    seed(&store).await;
    join(&store, "c", "ada", 1).await;
    send(&store, "m1", Some("ada"), 10).await;
    send(&store, "m2", Some("ada"), 11).await;
    react(&store, "m1", "👍", "ada", 1).await.unwrap();
    delete(&store, "m2").await;
    let count = async || read(&store, |read| read.stream_seq(APP, &conversation("c"))).await;
    assert_eq!(count().await, 4);
    assert_eq!(write(&store, |write| write.delete_conversation(APP, &conversation("c"))).await, Some(5));
    assert_eq!(write(&store, |write| write.delete_conversation(APP, &conversation("c"))).await, None);
    assert_eq!(count().await, 5, "the number of the last event survives");
    read(&store, |read| -> StoreResult<()> {
        let id = conversation("c");
        assert_eq!(read.conversation(APP, &id)?, None);
        assert_eq!(read.participant(APP, &id, &user("ada"))?, None);
        assert_eq!(read.message(APP, &id, &message_id("m1"))?, None);
        let mut any = false;
        read.views(APP, &user("ada"), None, &mut |_| {
            any = true;
            ControlFlow::Continue(())
        })?;
        assert!(!any);
        Ok(())
    })
    .await;
    seed(&store).await;
    join(&store, "c", "ada", 1).await;
    assert_eq!((view(&store, "c", "ada").await.unread, count().await), (0, 5));
    let first = write(&store, |write| write.append_message(APP, &conversation("c"), &message("m1", None, 3)));
    let first = first.await;
    assert_eq!((first.seq, first.event_seq), (1, 6));
}

pub(in crate::store) async fn users_are_listed_by_id<S: Store>(store: S) {
    seed(&store).await;
    write(&store, |write| {
        write.put_user("other", &user("zoe"), &user_record("Zoe"))?;
        write.put_user(APP, &user("Zoe"), &user_record("Zoe"))
    })
    .await;
    let users = async |after: &'static str, limit| {
        let list = read(&store, move |read| read.users(APP, after, limit)).await;
        list.into_iter().map(String::from).collect::<Vec<_>>()
    };
    assert_eq!(users("", 10).await, ["Zoe", "ada", "bob"]);
    assert_eq!(users("", 2).await, ["Zoe", "ada"]);
    assert_eq!(users("ada", 2).await, ["bob"]);
}

pub(in crate::store) async fn conversations_are_listed_by_activity_and_by_creation<S: Store>(store: S) {
    seed(&store).await;
    write(&store, |write| {
        for (id, created_at) in [("d", 2), ("e", 2), ("f", 9)] {
            let record = ConversationRecord { created_at, ..Default::default() };
            write.put_conversation(APP, &conversation(id), &record)?;
        }
        write.put_conversation("other", &conversation("z"), &ConversationRecord::default())?;
        write.append_message(APP, &conversation("d"), &message("m", None, 20)).map(drop)
    })
    .await;
    let list = async |order, ascending, after: Option<(i64, &str)>| {
        let after = after.map(|(at, id)| Cursor { at, id: id.to_owned() });
        read(&store, move |read| {
            let mut ids = Vec::new();
            read.conversations(APP, order, ascending, after.as_ref(), &mut |id, record| {
                ids.push(format!("{} {}", String::from(id), record.time(order)));
                if ids.len() < 3 { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
            })?;
            Ok(ids)
        })
        .await
    };
    use OrderBy::{CreatedAt, LastActivity};
    assert_eq!(list(LastActivity, false, None).await, ["d 20", "f 9", "c 3"]);
    assert_eq!(list(LastActivity, false, Some((3, "c"))).await, ["e 2"]);
    assert_eq!(list(LastActivity, true, None).await, ["e 2", "c 3", "f 9"]);
    assert_eq!(list(LastActivity, true, Some((9, "f"))).await, ["d 20"]);
    assert_eq!(list(CreatedAt, false, None).await, ["f 9", "c 3", "e 2"]);
    assert_eq!(list(CreatedAt, false, Some((2, "e"))).await, ["d 2"]);
    assert_eq!(list(CreatedAt, true, Some((2, "d"))).await, ["e 2", "c 3", "f 9"]);
}
