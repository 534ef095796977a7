//! What live data wants of a store: lists in their order from a place on, what was edited, deleted and
//! reacted to, and what happened since a number.

use std::ops::ControlFlow;

use causerie_protocol::entities::Reaction;
use causerie_protocol::topic::Cursor;

use super::{APP, conversation, furnish, message, message_id, part, person, read, user, write};
use crate::store::records::{ConversationRecord, MessageEdit, ParticipantRecord, ReactionCount, ViewRecord};
use crate::store::{Store, StoreError, StoreResult};

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

async fn react<S: Store>(store: &S, id: &str, emoji: &str, who: &str, at: i64) -> Option<(u64, i64)> {
    let (id, emoji, reaction) =
        (message_id(id), emoji.to_owned(), Reaction { user: user(who), created_at: at });
    write(store, move |write| write.add_reaction(APP, &conversation("c"), &id, &emoji, &reaction)).await
}

async fn take_back<S: Store>(store: &S, id: &str, emoji: &str, who: &str) -> Option<(u64, i64)> {
    let (id, emoji, who) = (message_id(id), emoji.to_owned(), user(who));
    write(store, move |write| write.remove_reaction(APP, &conversation("c"), &id, &emoji, &who)).await
}

async fn join<S: Store>(store: &S, place: &str, who: &str, joined_at: i64) {
    let (place, who) = (conversation(place), user(who));
    let part = ParticipantRecord { joined_at, ..part(joined_at, 0) };
    write(store, move |write| write.put_participant(APP, &place, &who, &part)).await;
}

async fn view<S: Store>(store: &S, place: &str, who: &str) -> ViewRecord {
    let (place, who) = (conversation(place), user(who));
    read(store, move |read| read.view(APP, &place, &who)).await.unwrap()
}

pub(in crate::store) async fn messages_of_one_time_lie_in_the_order_of_their_ids<S: Store>(store: S) {
    furnish(&store).await;
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
    assert_eq!(page(Some(cursor(10, "bb")), 2).await, ["b", "a"], "a place where nothing is");
    assert_eq!(page(Some(cursor(5, "z")), 2).await, [""; 0]);
    delete(&store, "b").await;
    assert_eq!(page(Some(cursor(10, "b")), 2).await, ["a", "z"], "a place where something was");
}

pub(in crate::store) async fn conversations_of_a_user_lie_in_the_order_of_what_happened_there<S: Store>(
    store: S,
) {
    furnish(&store).await;
    write(&store, |write| {
        ["d", "e", "f", "g"]
            .iter()
            .try_for_each(|id| write.put_conversation(APP, &conversation(id), &ConversationRecord::default()))
    })
    .await;
    for (place, at) in [("c", 10), ("d", 10), ("e", 30), ("f", 10)] {
        join(&store, place, "ada", at).await;
    }
    join(&store, "g", "bob", 99).await;
    let list = async |after: Option<Cursor>, most: usize| {
        read(&store, move |read| {
            let mut ids = Vec::new();
            read.views(APP, &user("ada"), after.as_ref(), &mut |view| {
                ids.push(view.id.to_string());
                if ids.len() < most { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
            })?;
            Ok(ids)
        })
        .await
    };
    assert_eq!(list(None, 9).await, ["e", "f", "d", "c"]);
    assert_eq!(list(None, 2).await, ["e", "f"], "no more than is asked for");
    assert_eq!(list(Some(cursor(10, "f")), 9).await, ["d", "c"]);
    assert_eq!(list(Some(cursor(10, "c")), 9).await, [""; 0]);
    send(&store, "m1", Some("bob"), 20).await;
    assert_eq!(list(None, 9).await, ["e", "c", "f", "d"], "a message brings forward");
    send(&store, "m2", Some("bob"), 40).await;
    assert_eq!(list(None, 1).await, ["c"]);
    assert_eq!(view(&store, "c", "ada").await.activity(), 40);
    delete(&store, "m2").await;
    assert_eq!(list(None, 2).await, ["e", "c"], "and its deletion back");
    delete(&store, "m1").await;
    assert_eq!(list(None, 9).await, ["e", "f", "d", "c"], "as far as joining");
    // Listed and looked at alone, a conversation is the same.
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

pub(in crate::store) async fn participants_lie_in_the_order_of_their_joining<S: Store>(store: S) {
    furnish(&store).await;
    write(&store, |write| {
        ["cat", "dan"].iter().try_for_each(|id| write.put_user(APP, &user(id), &person(id)))
    })
    .await;
    for (who, at) in [("ada", 10), ("bob", 20), ("cat", 10), ("dan", 10)] {
        join(&store, "c", who, at).await;
    }
    let page = async |after: Option<Cursor>, limit| {
        let list = read(&store, move |read| {
            read.newest_participants(APP, &conversation("c"), after.as_ref(), limit)
        })
        .await;
        list.into_iter().map(|(user, part)| (user.to_string(), part.joined_at)).collect::<Vec<_>>()
    };
    let all = [("bob", 20), ("dan", 10), ("cat", 10), ("ada", 10)].map(|(id, at)| (id.to_owned(), at));
    assert_eq!(page(None, 10).await, all);
    assert_eq!(page(None, 2).await, all[..2]);
    assert_eq!(page(Some(cursor(20, "bob")), 2).await, all[1..3]);
    assert_eq!(page(Some(cursor(10, "cat")), 2).await, all[3..]);
}

pub(in crate::store) async fn a_message_is_edited_in_its_place<S: Store>(store: S) {
    furnish(&store).await;
    send(&store, "m1", Some("ada"), 10).await;
    let before = read(&store, |read| read.message(APP, &conversation("c"), &message_id("m1"))).await.unwrap();
    assert_eq!(edit(&store, "m1", "other").await, Some(2));
    assert_eq!(edit(&store, "none", "other").await, None);
    let after = read(&store, |read| read.message(APP, &conversation("c"), &message_id("m1"))).await.unwrap();
    assert_eq!((after.text.as_str(), after.content.as_str(), after.edited_at), ("other", "[]", Some(77)));
    assert_eq!(after.custom, [("c".to_owned(), "d".to_owned())].into());
    assert_eq!((after.id, after.seq, after.created_at), (before.id, before.seq, before.created_at));
    assert_eq!(read(&store, |read| read.stream_seq(APP, &conversation("c"))).await, 2);
}

pub(in crate::store) async fn what_is_unread_leaves_out_what_was_deleted<S: Store>(store: S) {
    furnish(&store).await;
    join(&store, "c", "ada", 1).await;
    join(&store, "c", "bob", 1).await;
    for index in 1..=5 {
        send(&store, &format!("m{index}"), (index == 2).then_some("bob"), 10 + index).await;
    }
    let unread = async |who: &'static str| {
        (view(&store, "c", who).await.unread, view(&store, "c", who).await.is_unread())
    };
    assert_eq!((unread("ada").await, unread("bob").await), ((5, true), (3, true)), "who speaks has read");
    assert_eq!(view(&store, "c", "bob").await.participant.read_until, 12);
    delete(&store, "m1").await;
    delete(&store, "m4").await;
    assert_eq!((unread("ada").await, unread("bob").await), ((3, true), (2, true)));
    assert_eq!(delete(&store, "m4").await, None, "it is gone already");
    for id in ["m5", "m3"] {
        delete(&store, id).await;
    }
    assert_eq!((unread("ada").await, unread("bob").await), ((1, true), (0, false)));
    assert_eq!(view(&store, "c", "ada").await.conversation.last_message_at, Some(12));
    delete(&store, "m2").await;
    assert_eq!(unread("ada").await, (0, false));
    assert_eq!(view(&store, "c", "ada").await.conversation.last_message_at, None);
    assert_eq!(view(&store, "c", "ada").await.conversation.last_seq, 5, "numbers are not given again");
    let seq = write(&store, |write| write.append_message(APP, &conversation("c"), &message("m6", None, 20)));
    assert_eq!(seq.await.seq, 6);
    assert_eq!(unread("ada").await, (1, true));
}

pub(in crate::store) async fn reactions_are_kept_counted_and_listed_by_their_times<S: Store>(store: S) {
    furnish(&store).await;
    send(&store, "m1", Some("ada"), 10).await;
    assert_eq!(react(&store, "m1", "👍", "bob", 50).await, Some((2, 50)));
    assert_eq!(react(&store, "m1", "👍", "bob", 60).await, None);
    assert_eq!(react(&store, "m1", "👍", "ada", 40).await, Some((3, 51)), "no two of one time");
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
    let reacted = async |who: &'static str| {
        read(&store, move |read| {
            read.reactions_of_user(APP, &conversation("c"), &message_id("m1"), &user(who))
        })
        .await
    };
    assert_eq!(reacted("ada").await, [":a:", "👍"]);
    assert_eq!(take_back(&store, "m1", "👍", "bob").await, Some((5, 50)));
    assert_eq!(take_back(&store, "m1", "👍", "bob").await, None);
    assert_eq!(take_back(&store, "m1", "👍", "nobody").await, None);
    assert_eq!(take_back(&store, "none", "👍", "ada").await, None);
    assert_eq!(counts().await, [count("👍", 1), count(":a:", 1)]);
    assert_eq!(take_back(&store, "m1", "👍", "ada").await, Some((6, 51)));
    assert_eq!(counts().await, [count(":a:", 1)]);
    assert_eq!((reacted("ada").await, reacted("bob").await), (vec![":a:".to_owned()], vec![]));
    for (id, who) in [("none", "ada"), ("m1", "nobody")] {
        let reaction = Reaction { user: user(who), created_at: 1 };
        let given = store.write(move |write| {
            write.add_reaction(APP, &conversation("c"), &message_id(id), "👍", &reaction)
        });
        assert!(matches!(given.await, Err(StoreError::Failed(_))), "{id} {who}");
    }
    // A message takes its reactions with it.
    delete(&store, "m1").await;
    send(&store, "m1", None, 90).await;
    assert_eq!((counts().await, reacted("ada").await), (vec![], vec![]));
}

/// What happened since a number, as sorted ids; `None` where that is not told.
async fn delta<S: Store>(store: &S, since: u64, limit: u32) -> Option<(Vec<String>, Vec<String>)> {
    let delta = read(store, move |read| read.delta(APP, &conversation("c"), since, limit)).await?;
    let mut put: Vec<_> = delta.put.into_iter().map(|message| message.id.to_string()).collect();
    let mut dropped: Vec<_> = delta.dropped.into_iter().map(|id| id.to_string()).collect();
    put.sort();
    dropped.sort();
    Some((put, dropped))
}

pub(in crate::store) async fn what_happened_since_a_number_is_told_whole_or_not_at_all<S: Store>(store: S) {
    furnish(&store).await;
    let ids = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect::<Vec<_>>();
    assert_eq!(delta(&store, 0, 10).await, Some((vec![], vec![])));
    for index in 1..=4 {
        assert_eq!(send(&store, &format!("m{index}"), None, 10 + index).await, index.unsigned_abs());
    }
    assert_eq!(delta(&store, 2, 10).await, Some((ids(&["m3", "m4"]), vec![])));
    assert_eq!(edit(&store, "m1", "new").await, Some(5));
    react(&store, "m2", "👍", "ada", 1).await.unwrap();
    assert_eq!(delete(&store, "m3").await, Some(7));
    assert_eq!(delta(&store, 7, 10).await, Some((vec![], vec![])), "nothing since");
    assert_eq!(delta(&store, 6, 10).await, Some((vec![], ids(&["m3"]))));
    assert_eq!(delta(&store, 5, 10).await, Some((ids(&["m2"]), ids(&["m3"]))));
    assert_eq!(delta(&store, 3, 10).await, Some((ids(&["m1", "m2", "m4"]), ids(&["m3"]))), "each once");
    assert_eq!(delta(&store, 0, 10).await, Some((ids(&["m1", "m2", "m4"]), ids(&["m3"]))));
    assert_eq!(delta(&store, 3, 4).await, Some((ids(&["m1", "m2", "m4"]), ids(&["m3"]))), "just as many");
    assert_eq!(delta(&store, 3, 3).await, None, "too many");
    assert_eq!(delta(&store, 3, 1).await, None);
    assert_eq!(delta(&store, 8, 10).await, None, "a number of the future");
    assert_eq!(delta(&store, u64::MAX, 10).await, None);
    assert_eq!(read(&store, |read| read.delta(APP, &conversation("nowhere"), 0, 10)).await, None);
    // What another conversation was is not told as a part of this one.
    let end = write(&store, |write| write.delete_conversation(APP, &conversation("c"))).await;
    assert_eq!(end, Some(8));
    assert_eq!(delta(&store, 8, 10).await, None);
    furnish(&store).await;
    assert_eq!(delta(&store, 7, 10).await, None);
    assert_eq!(delta(&store, 8, 10).await, Some((vec![], vec![])));
    assert_eq!(send(&store, "m9", None, 100).await, 9);
    assert_eq!(delta(&store, 8, 10).await, Some((ids(&["m9"]), vec![])));
}

pub(in crate::store) async fn a_deleted_conversation_takes_all_with_it_but_its_count<S: Store>(store: S) {
    furnish(&store).await;
    join(&store, "c", "ada", 1).await;
    send(&store, "m1", Some("ada"), 10).await;
    send(&store, "m2", Some("ada"), 11).await;
    react(&store, "m1", "👍", "ada", 1).await.unwrap();
    delete(&store, "m2").await;
    let count = async || read(&store, |read| read.stream_seq(APP, &conversation("c"))).await;
    assert_eq!(count().await, 4);
    assert_eq!(write(&store, |write| write.delete_conversation(APP, &conversation("c"))).await, Some(5));
    assert_eq!(write(&store, |write| write.delete_conversation(APP, &conversation("c"))).await, None);
    assert_eq!(count().await, 5, "it is counted though it is gone");
    read(&store, |read| -> StoreResult<()> {
        let place = conversation("c");
        assert_eq!(read.conversation(APP, &place)?, None);
        assert_eq!(read.participant(APP, &place, &user("ada"))?, None);
        assert_eq!(read.message(APP, &place, &message_id("m1"))?, None);
        let mut any = false;
        read.views(APP, &user("ada"), None, &mut |_| {
            any = true;
            ControlFlow::Continue(())
        })?;
        assert!(!any);
        Ok(())
    })
    .await;
    furnish(&store).await;
    join(&store, "c", "ada", 1).await;
    assert_eq!((view(&store, "c", "ada").await.unread, count().await), (0, 5));
    let first = write(&store, |write| write.append_message(APP, &conversation("c"), &message("m1", None, 3)));
    let first = first.await;
    assert_eq!((first.seq, first.event_seq), (1, 6));
}

pub(in crate::store) async fn users_and_conversations_are_listed_by_their_ids<S: Store>(store: S) {
    furnish(&store).await;
    write(&store, |write| {
        write.put_user("other", &user("zoe"), &person("Zoe"))?;
        write.put_user(APP, &user("Zoe"), &person("Zoe"))?;
        write.put_conversation(APP, &conversation("d"), &ConversationRecord::default())
    })
    .await;
    let users = async |after: &'static str, limit| {
        let list = read(&store, move |read| read.users(APP, after, limit)).await;
        list.into_iter().map(String::from).collect::<Vec<_>>()
    };
    assert_eq!(users("", 10).await, ["Zoe", "ada", "bob"]);
    assert_eq!(users("", 2).await, ["Zoe", "ada"]);
    assert_eq!(users("ada", 2).await, ["bob"]);
    let all = read(&store, |read| read.conversations(APP, "", 10)).await;
    assert_eq!(all, [conversation("c"), conversation("d")]);
    assert_eq!(read(&store, |read| read.conversations(APP, "c", 10)).await, [conversation("d")]);
}
