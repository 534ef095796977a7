//! What is unread, against two models at once: the documented one, which counts the messages after `readUntil`, and
//! one of who did what in which order. Clocks that stand still and go back are part of it.

use std::sync::Arc;

use causerie_protocol::Op;
use causerie_protocol::entities::{Access, Notify};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{START, World, app, conversation, user};
use crate::clock::SystemClock;
use crate::rules::{Caller, Context, read_op};
use crate::store::Store;
use crate::store::records::{ConversationRecord, ParticipantRecord, UserRecord};
use crate::store::sqlite::SqliteStore;

const USERS: [&str; 3] = ["u0", "u1", "u2"];

/// Something that happens in the conversation.
#[derive(Clone, Debug)]
enum Step {
    Says(usize),
    SystemSays,
    Joins(usize),
    Leaves(usize),
    SettingsPut(usize),
    TimePasses(i64),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let who = 0..USERS.len();
    let step = prop_oneof![
        4 => who.clone().prop_map(Step::Says),
        1 => Just(Step::SystemSays),
        2 => who.clone().prop_map(Step::Joins),
        1 => who.clone().prop_map(Step::Leaves),
        1 => who.prop_map(Step::SettingsPut),
        3 => (-3_000i64..3_000).prop_map(Step::TimePasses),
    ];
    prop::collection::vec(step, 1..40)
}

/// Who takes part, and how many of the messages each has read.
#[derive(Default)]
struct Model {
    messages: usize,
    read: [Option<usize>; 3],
}

impl Model {
    async fn take(&mut self, world: &World, step: &Step) {
        match *step {
            Step::Says(who) => {
                world.say("c", USERS[who], "x").await;
                self.messages += 1;
                if self.read[who].is_some() {
                    self.read[who] = Some(self.messages);
                }
            }
            Step::SystemSays => {
                world.post("c", json!([{ "type": "SystemMessage", "text": "x" }])).await.unwrap();
                self.messages += 1;
            }
            Step::Joins(who) => {
                world.put_conversation("c", json!({ "participants": [USERS[who]] })).await.unwrap();
                self.read[who] = self.read[who].or(Some(self.messages));
            }
            Step::Leaves(who) => {
                world.delete_participant("c", USERS[who]).await.unwrap();
                self.read[who] = None;
            }
            Step::SettingsPut(who) => {
                world.put_participant("c", USERS[who], json!({ "notify": false })).await.unwrap();
                self.read[who] = self.read[who].or(Some(self.messages));
            }
            Step::TimePasses(milliseconds) => world.clock.advance(milliseconds),
        }
    }

    async fn check(&self, world: &World) {
        let messages = world.messages("c", Some(100), None).await.unwrap();
        let times: Vec<i64> =
            messages.as_array().unwrap().iter().map(|m| m["createdAt"].as_i64().unwrap()).collect();
        assert_eq!(times.len(), self.messages);
        assert!(times.windows(2).all(|pair| pair[0] > pair[1]), "newest first, no two at once: {times:?}");
        let mut views = Vec::new();
        for (who, read) in USERS.iter().zip(self.read) {
            let seen = world.seen_by(who, "c").await;
            let Some(read) = read else {
                assert_eq!(seen, Value::Null);
                continue;
            };
            let read_until = seen["readUntil"].as_i64().unwrap();
            let after = times.iter().filter(|time| **time > read_until).count();
            assert_eq!(after, self.messages - read, "{who}: by time and by order");
            assert_eq!(seen["unreadMessageCount"], json!(after), "{who}");
            assert_eq!(seen["isUnread"], json!(after > 0), "{who}");
            let last = times.first().copied().unwrap_or(START);
            assert_eq!(seen["lastMessageAt"], json!(last), "{who}");
            assert!(seen["joinedAt"].as_i64().unwrap() <= read_until, "{who}");
            views.push(seen);
        }
        let least = views.iter().map(|seen| seen["readUntil"].as_i64().unwrap()).min();
        for seen in views {
            assert_eq!(seen["everyoneReadUntil"].as_i64(), least);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn counts_and_times_are_those_of_the_model(steps in steps()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let world = World::new().await;
            for id in USERS {
                world.put_user(id, json!({ "name": id })).await.unwrap();
            }
            world.put_conversation("c", json!({})).await.unwrap();
            let mut model = Model::default();
            for step in &steps {
                model.take(&world, step).await;
                model.check(&world).await;
            }
        });
    }
}

#[tokio::test]
async fn what_was_sent_before_one_joined_is_not_unread() {
    let world = World::furnished().await;
    world.say("c", "ada", "one").await;
    world.put_user("carol", json!({ "name": "Carol" })).await.unwrap();
    world.put_participant("c", "carol", json!({})).await.unwrap();
    let seen = world.seen_by("carol", "c").await;
    assert_eq!(seen["unreadMessageCount"], json!(0));
    assert_eq!(seen["readUntil"], seen["joinedAt"]);
    world.say("c", "ada", "two").await;
    assert_eq!(world.seen_by("carol", "c").await["unreadMessageCount"], json!(1));
    // Coming back is joining anew.
    world.delete_participant("c", "carol").await.unwrap();
    world.put_participant("c", "carol", json!({})).await.unwrap();
    assert_eq!(world.seen_by("carol", "c").await["unreadMessageCount"], json!(0));
}

#[tokio::test]
async fn who_answers_has_read_and_everyone_has_read_as_far_as_the_last_of_them() {
    let world = World::furnished().await;
    for text in ["one", "two", "three"] {
        world.clock.advance(100);
        world.say("c", "ada", text).await;
    }
    let bob = world.seen_by("bob", "c").await;
    assert_eq!((&bob["unreadMessageCount"], &bob["isUnread"]), (&json!(3), &json!(true)));
    assert_eq!(bob["everyoneReadUntil"], json!(START));
    let ada = world.seen_by("ada", "c").await;
    assert_eq!((&ada["unreadMessageCount"], &ada["readUntil"]), (&json!(0), &json!(START + 300)));
    world.clock.advance(100);
    world.say("c", "bob", "four").await;
    let bob = world.seen_by("bob", "c").await;
    assert_eq!((&bob["unreadMessageCount"], &bob["isUnread"]), (&json!(0), &json!(false)));
    assert_eq!(bob["everyoneReadUntil"], json!(START + 300));
    assert_eq!(world.seen_by("ada", "c").await["unreadMessageCount"], json!(1));
}

/// No command marks by hand yet; the store keeps it, and the snapshot says it.
#[tokio::test]
async fn a_conversation_marked_by_hand_is_unread_with_a_count_of_none() {
    let store = SqliteStore::in_memory(Arc::new(SystemClock), Arc::new(())).unwrap();
    let marked = |marked_unread| {
        let (ada, place) = (user("ada"), conversation("c"));
        store.write(move |write| {
            let person = UserRecord {
                name: "Ada".to_owned(),
                custom: Default::default(),
                locale: None,
                photo_url: None,
                role: None,
                welcome_message: None,
                created_at: START,
            };
            let part = ParticipantRecord {
                access: Access::ReadWrite,
                notify: Notify::Always,
                joined_at: START,
                read_until: START,
                read_seq: 0,
                marked_unread,
            };
            write.put_user("app", &ada, &person)?;
            write.put_conversation("app", &place, &ConversationRecord::default())?;
            write.put_participant("app", &place, &ada, &part)?;
            let (app, caller) = (app(), Caller::User(ada));
            let context = Context { app: &app, caller: &caller, now: START, random: || Ok(0) };
            read_op(write, &context, 1, &Op::ConversationGet { conversation: place })
        })
    };
    for by_hand in [true, false] {
        let outcome = marked(by_hand).await.unwrap();
        let seen: Value = serde_json::from_str(outcome.entities.conversations[0].get()).unwrap();
        assert_eq!((&seen["isUnread"], &seen["unreadMessageCount"]), (&json!(by_hand), &json!(0)));
    }
}
