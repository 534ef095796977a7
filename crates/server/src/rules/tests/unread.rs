//! What is unread, against two models at once: the documented one, which counts the messages after `readUntil`, and
//! one of who did what in which order. Clocks that stand still and go back are part of it, and messages that go.

use causerie_protocol::MessageId;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{START, World, conversation};
use crate::rules::RestCommand;

const USERS: [&str; 3] = ["u0", "u1", "u2"];

/// Something that happens in the conversation.
#[derive(Clone, Debug)]
enum Step {
    Says(usize),
    SystemSays,
    Joins(usize),
    Leaves(usize),
    SettingsPut(usize),
    Reads(usize),
    Marks(usize),
    /// Deletes one of the messages, by its place among those that are there.
    Deletes(usize),
    TimePasses(i64),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let who = 0..USERS.len();
    let step = prop_oneof![
        4 => who.clone().prop_map(Step::Says),
        1 => Just(Step::SystemSays),
        2 => who.clone().prop_map(Step::Joins),
        1 => who.clone().prop_map(Step::Leaves),
        1 => who.clone().prop_map(Step::SettingsPut),
        2 => who.clone().prop_map(Step::Reads),
        1 => who.prop_map(Step::Marks),
        3 => (0usize..40).prop_map(Step::Deletes),
        3 => (-3_000i64..3_000).prop_map(Step::TimePasses),
    ];
    prop::collection::vec(step, 1..40)
}

/// Which messages are there, and what each participant has read of all that ever were.
#[derive(Default)]
struct Model {
    /// How many were ever sent.
    sent: usize,
    /// The numbers and ids of those that are there.
    there: Vec<(usize, String)>,
    read: [Option<usize>; 3],
    marked: [bool; 3],
}

impl Model {
    fn said(&mut self, id: String) {
        self.sent += 1;
        self.there.push((self.sent, id));
    }

    fn joined(&mut self, who: usize) {
        self.read[who] = self.read[who].or(Some(self.sent));
    }

    async fn take(&mut self, world: &World, step: &Step) {
        let place = json!({ "conversation": "c" });
        match *step {
            Step::Says(who) => {
                let id = world.say("c", USERS[who], "x").await;
                self.said(id);
                if self.read[who].is_some() {
                    self.read[who] = Some(self.sent);
                    self.marked[who] = false;
                }
            }
            Step::SystemSays => {
                let sent = world.post("c", json!([{ "type": "SystemMessage", "text": "x" }])).await.unwrap();
                self.said(sent[0]["id"].as_str().unwrap().to_owned());
            }
            Step::Joins(who) => {
                world.put_conversation("c", json!({ "participants": [USERS[who]] })).await.unwrap();
                self.joined(who);
            }
            Step::Leaves(who) => {
                world.delete_participant("c", USERS[who]).await.unwrap();
                (self.read[who], self.marked[who]) = (None, false);
            }
            Step::SettingsPut(who) => {
                world.put_participant("c", USERS[who], json!({ "notify": false })).await.unwrap();
                self.joined(who);
            }
            Step::Reads(who) => {
                let answer = world.ask(USERS[who], "client", None, "conversation.markAsRead", place).await;
                assert_eq!(answer["error"].is_null(), self.read[who].is_some(), "{answer}");
                if self.read[who].is_some() {
                    (self.read[who], self.marked[who]) = (Some(self.sent), false);
                }
            }
            Step::Marks(who) => {
                let answer = world.ask(USERS[who], "client", None, "conversation.markAsUnread", place).await;
                assert_eq!(answer["error"].is_null(), self.read[who].is_some(), "{answer}");
                self.marked[who] = self.read[who].is_some();
            }
            Step::Deletes(index) => {
                if !self.there.is_empty() {
                    let (_, id) = self.there.remove(index % self.there.len());
                    let message = MessageId::new(id).unwrap();
                    let delete = RestCommand::MessageDelete { conversation: conversation("c"), message };
                    world.rest(delete).await.unwrap();
                }
            }
            Step::TimePasses(milliseconds) => world.clock.advance(milliseconds),
        }
    }

    async fn check(&self, world: &World) {
        let messages = world.messages("c", Some(100), None).await.unwrap();
        let times: Vec<i64> =
            messages.as_array().unwrap().iter().map(|m| m["createdAt"].as_i64().unwrap()).collect();
        assert_eq!(times.len(), self.there.len());
        assert!(times.windows(2).all(|pair| pair[0] > pair[1]), "newest first, no two at once: {times:?}");
        let mut views = Vec::new();
        for (index, (who, read)) in USERS.iter().zip(self.read).enumerate() {
            let seen = world.seen_by(who, "c").await;
            let Some(read) = read else {
                assert_eq!(seen, Value::Null);
                continue;
            };
            let read_until = seen["readUntil"].as_i64().unwrap();
            let after = times.iter().filter(|time| **time > read_until).count();
            let unread = self.there.iter().filter(|(number, _)| *number > read).count();
            assert_eq!(after, unread, "{who}: by time and by order");
            assert_eq!(seen["unreadMessageCount"], json!(after), "{who}");
            assert_eq!(seen["isUnread"], json!(after > 0 || self.marked[index]), "{who}");
            let last = times.first().copied().unwrap_or(START);
            assert_eq!(seen["lastMessageAt"], json!(last), "{who}");
            let newest = messages.get(0).map_or(Value::Null, |message| message["id"].clone());
            assert_eq!(seen["lastMessage"], newest, "{who}");
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

#[tokio::test]
async fn a_conversation_marked_by_hand_is_unread_with_a_count_of_none() {
    let world = World::furnished().await;
    let mark = async |name: &str| {
        let place = json!({ "conversation": "c" });
        assert_eq!(world.ask("ada", "client", None, name, place).await, json!({ "id": 7 }));
        let seen = world.seen_by("ada", "c").await;
        (seen["isUnread"].clone(), seen["unreadMessageCount"].clone())
    };
    assert_eq!(mark("conversation.markAsUnread").await, (json!(true), json!(0)));
    assert_eq!(world.seen_by("bob", "c").await["isUnread"], json!(false), "for nobody else");
    assert_eq!(mark("conversation.markAsUnread").await, (json!(true), json!(0)));
    assert_eq!(mark("conversation.markAsRead").await, (json!(false), json!(0)));
    world.say("c", "bob", "one").await;
    assert_eq!(mark("conversation.markAsUnread").await, (json!(true), json!(1)));
    world.say("c", "ada", "two").await;
    let seen = world.seen_by("ada", "c").await;
    assert_eq!(
        (&seen["isUnread"], &seen["unreadMessageCount"]),
        (&json!(false), &json!(0)),
        "who answers has read"
    );
}

#[tokio::test]
async fn reading_what_was_read_is_told_nobody() {
    let fixture = super::fixture::RulesFixture::new(super::app());
    fixture.create_users(&["ada", "bob"]).await;
    fixture.ok("ada", "conversation.set", json!({ "conversation": "c", "data": {} })).await;
    fixture.ok("bob", "conversation.set", json!({ "conversation": "c", "data": {} })).await;
    fixture.send("ada", "c", "one").await;
    fixture.published();
    let events = async |who: &str, name: &str| {
        fixture.ok(who, name, json!({ "conversation": "c" })).await;
        fixture.events().iter().map(|(_, _, event)| super::fixture::named(event)).collect::<Vec<_>>()
    };
    assert_eq!(events("ada", "conversation.markAsRead").await, []);
    let read = [("Read", "bob".to_owned())];
    assert_eq!(events("bob", "conversation.markAsRead").await, read);
    assert_eq!(events("bob", "conversation.markAsRead").await, []);
    assert_eq!(events("bob", "conversation.markAsUnread").await, read);
    assert_eq!(events("bob", "conversation.markAsUnread").await, []);
    assert_eq!(events("bob", "conversation.markAsRead").await, read);
    assert_eq!(events("bob", "conversation.markAsRead").await, []);
}
