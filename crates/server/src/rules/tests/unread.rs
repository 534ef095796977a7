//! Unread messages, compared with two models: one of the order of all steps, and one of times. Every unread
//! message was sent after `readUntil`, and a read one was not, unless a later message that was not read when
//! it was sent has the same time. The clock stands still and goes back between steps, and messages are
//! deleted.

use causerie_protocol::MessageId;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{START, ServiceFixture, conversation};
use crate::rules::RestCommand;

const USERS: [&str; 3] = ["u0", "u1", "u2"];

/// One step in the conversation.
#[derive(Clone, Debug)]
enum Step {
    Send(usize),
    SendAsSystem,
    Join(usize),
    Leave(usize),
    PutSettings(usize),
    MarkAsRead(usize),
    MarkAsUnread(usize),
    /// Deletes the message with this index among the existing ones.
    Delete(usize),
    AdvanceClock(i64),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let user = 0..USERS.len();
    let step = prop_oneof![
        4 => user.clone().prop_map(Step::Send),
        1 => Just(Step::SendAsSystem),
        2 => user.clone().prop_map(Step::Join),
        1 => user.clone().prop_map(Step::Leave),
        1 => user.clone().prop_map(Step::PutSettings),
        2 => user.clone().prop_map(Step::MarkAsRead),
        1 => user.prop_map(Step::MarkAsUnread),
        3 => (0usize..40).prop_map(Step::Delete),
        3 => (-3_000i64..3_000).prop_map(Step::AdvanceClock),
    ];
    prop::collection::vec(step, 1..40)
}

/// The existing messages, and how many of all messages each participant has read.
#[derive(Default)]
struct Model {
    /// The number of messages that were sent.
    sent: usize,
    /// The numbers and ids of the existing messages.
    existing: Vec<(usize, String)>,
    /// The time of each message that was sent.
    times: Vec<i64>,
    read: [Option<usize>; 3],
    marked: [bool; 3],
}

impl Model {
    fn record_message(&mut self, id: String) {
        self.sent += 1;
        self.existing.push((self.sent, id));
    }

    /// Records the time of a message that was sent just now.
    async fn record_time(&mut self, fixture: &ServiceFixture) {
        if self.times.len() < self.sent {
            let newest = fixture.messages("c", Some(1), None).await.unwrap();
            self.times.push(newest[0]["createdAt"].as_i64().unwrap());
        }
    }

    fn record_join(&mut self, user: usize) {
        self.read[user] = self.read[user].or(Some(self.sent));
    }

    async fn apply(&mut self, fixture: &ServiceFixture, step: &Step) {
        let params = json!({ "conversation": "c" });
        match *step {
            Step::Send(user) => {
                let id = fixture.send("c", USERS[user], "x").await;
                self.record_message(id);
                if self.read[user].is_some() {
                    self.read[user] = Some(self.sent);
                    self.marked[user] = false;
                }
            }
            Step::SendAsSystem => {
                let sent =
                    fixture.post("c", json!([{ "type": "SystemMessage", "text": "x" }])).await.unwrap();
                self.record_message(sent[0]["id"].as_str().unwrap().to_owned());
            }
            Step::Join(user) => {
                fixture.put_conversation("c", json!({ "participants": [USERS[user]] })).await.unwrap();
                self.record_join(user);
            }
            Step::Leave(user) => {
                fixture.delete_participant("c", USERS[user]).await.unwrap();
                (self.read[user], self.marked[user]) = (None, false);
            }
            Step::PutSettings(user) => {
                fixture.put_participant("c", USERS[user], json!({ "notify": false })).await.unwrap();
                self.record_join(user);
            }
            Step::MarkAsRead(user) => {
                let result =
                    fixture.request(USERS[user], "client", None, "conversation.markAsRead", params).await;
                assert_eq!(result["error"].is_null(), self.read[user].is_some(), "{result}");
                if self.read[user].is_some() {
                    (self.read[user], self.marked[user]) = (Some(self.sent), false);
                }
            }
            Step::MarkAsUnread(user) => {
                let result =
                    fixture.request(USERS[user], "client", None, "conversation.markAsUnread", params).await;
                assert_eq!(result["error"].is_null(), self.read[user].is_some(), "{result}");
                self.marked[user] = self.read[user].is_some();
            }
            Step::Delete(index) => {
                if !self.existing.is_empty() {
                    let (_, id) = self.existing.remove(index % self.existing.len());
                    let message = MessageId::new(id).unwrap();
                    let delete = RestCommand::MessageDelete { conversation: conversation("c"), message };
                    fixture.execute_command(delete).await.unwrap();
                }
            }
            Step::AdvanceClock(milliseconds) => fixture.clock.advance(milliseconds),
        }
    }

    async fn check(&self, fixture: &ServiceFixture) {
        let messages = fixture.messages("c", Some(100), None).await.unwrap();
        let times: Vec<i64> =
            messages.as_array().unwrap().iter().map(|m| m["createdAt"].as_i64().unwrap()).collect();
        assert_eq!(times.len(), self.existing.len());
        assert!(times.is_sorted_by(|one, other| one >= other), "newest first: {times:?}");
        let ids: Vec<&str> = messages.as_array().unwrap().iter().map(|m| m["id"].as_str().unwrap()).collect();
        let expected: Vec<&str> = self.existing.iter().rev().map(|(_, id)| id.as_str()).collect();
        assert_eq!(ids, expected, "in the order in which they were sent");
        let mut views = Vec::new();
        for (index, (user, read)) in USERS.iter().zip(self.read).enumerate() {
            let seen = fixture.conversation_for(user, "c").await;
            let Some(read) = read else {
                assert_eq!(seen, Value::Null);
                continue;
            };
            let read_until = seen["readUntil"].as_i64().unwrap();
            for (number, _) in &self.existing {
                let time = self.times[number - 1];
                if *number > read {
                    assert!(time > read_until, "{user}: unread, so after readUntil");
                } else if time > read_until {
                    let shares_its_time = self.times[read..].contains(&time);
                    assert!(shares_its_time, "{user}: {number} was read, but is after readUntil");
                }
            }
            let unread = self.existing.iter().filter(|(number, _)| *number > read).count();
            assert_eq!(seen["unreadMessageCount"], json!(unread), "{user}");
            assert_eq!(seen["isUnread"], json!(unread > 0 || self.marked[index]), "{user}");
            let last = times.first().copied().unwrap_or(START);
            assert_eq!(seen["lastMessageAt"], json!(last), "{user}");
            let newest = messages.get(0).map_or(Value::Null, |message| message["id"].clone());
            assert_eq!(seen["lastMessage"], newest, "{user}");
            let joined_at = seen["joinedAt"].as_i64().unwrap();
            // Each message can move it back by a millisecond.
            assert!(joined_at <= read_until + i64::try_from(self.times.len()).unwrap(), "{user}");
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
    fn counts_and_times_match_the_model(steps in steps()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let fixture = ServiceFixture::new().await;
            for id in USERS {
                fixture.put_user(id, json!({ "name": id })).await.unwrap();
            }
            fixture.put_conversation("c", json!({})).await.unwrap();
            let mut model = Model::default();
            for step in &steps {
                model.apply(&fixture, step).await;
                model.record_time(&fixture).await;
                model.check(&fixture).await;
            }
        });
    }
}

#[tokio::test]
async fn messages_of_one_millisecond_have_its_time_and_the_order_in_which_they_were_sent() {
    let fixture = ServiceFixture::with_conversation().await;
    let mut sent = Vec::new();
    for number in 0..40 {
        sent.push(fixture.send("c", ["ada", "bob"][number % 2], "x").await);
    }
    sent.reverse();
    let mut listed = Vec::new();
    let mut after: Option<String> = None;
    loop {
        let page = fixture.messages("c", Some(7), after.as_deref()).await.unwrap();
        let Some(last) = page.as_array().unwrap().last() else { break };
        after = last["id"].as_str().map(str::to_owned);
        for message in page.as_array().unwrap() {
            assert_eq!(message["createdAt"], json!(START), "not ahead of the clock");
            listed.push(message["id"].as_str().unwrap().to_owned());
        }
    }
    assert_eq!(listed, sent);
    let ada = fixture.conversation_for("ada", "c").await;
    assert_eq!((&ada["unreadMessageCount"], &ada["readUntil"]), (&json!(1), &json!(START - 1)));
    let bob = fixture.conversation_for("bob", "c").await;
    assert_eq!((&bob["unreadMessageCount"], &bob["readUntil"]), (&json!(0), &json!(START)));
    assert_eq!(bob["lastMessage"], json!(sent[0]));
}

#[tokio::test]
async fn messages_sent_before_joining_are_not_unread() {
    let fixture = ServiceFixture::with_conversation().await;
    fixture.send("c", "ada", "one").await;
    fixture.put_user("carol", json!({ "name": "Carol" })).await.unwrap();
    fixture.put_participant("c", "carol", json!({})).await.unwrap();
    let seen = fixture.conversation_for("carol", "c").await;
    assert_eq!(seen["unreadMessageCount"], json!(0));
    assert_eq!(seen["readUntil"], seen["joinedAt"]);
    fixture.send("c", "ada", "two").await;
    assert_eq!(fixture.conversation_for("carol", "c").await["unreadMessageCount"], json!(1));
    // A participant user joins again has read all messages.
    fixture.delete_participant("c", "carol").await.unwrap();
    fixture.put_participant("c", "carol", json!({})).await.unwrap();
    assert_eq!(fixture.conversation_for("carol", "c").await["unreadMessageCount"], json!(0));
}

#[tokio::test]
async fn sending_reads_the_conversation_and_everyone_read_until_is_the_least() {
    let fixture = ServiceFixture::with_conversation().await;
    for text in ["one", "two", "three"] {
        fixture.clock.advance(100);
        fixture.send("c", "ada", text).await;
    }
    let bob = fixture.conversation_for("bob", "c").await;
    assert_eq!((&bob["unreadMessageCount"], &bob["isUnread"]), (&json!(3), &json!(true)));
    assert_eq!(bob["everyoneReadUntil"], json!(START));
    let ada = fixture.conversation_for("ada", "c").await;
    assert_eq!((&ada["unreadMessageCount"], &ada["readUntil"]), (&json!(0), &json!(START + 300)));
    fixture.clock.advance(100);
    fixture.send("c", "bob", "four").await;
    let bob = fixture.conversation_for("bob", "c").await;
    assert_eq!((&bob["unreadMessageCount"], &bob["isUnread"]), (&json!(0), &json!(false)));
    assert_eq!(bob["everyoneReadUntil"], json!(START + 300));
    assert_eq!(fixture.conversation_for("ada", "c").await["unreadMessageCount"], json!(1));
}

#[tokio::test]
async fn a_conversation_marked_as_unread_has_a_count_of_zero() {
    let fixture = ServiceFixture::with_conversation().await;
    let mark = async |name: &str| {
        let params = json!({ "conversation": "c" });
        assert_eq!(fixture.request("ada", "client", None, name, params).await, json!({ "id": 7 }));
        let seen = fixture.conversation_for("ada", "c").await;
        (seen["isUnread"].clone(), seen["unreadMessageCount"].clone())
    };
    assert_eq!(mark("conversation.markAsUnread").await, (json!(true), json!(0)));
    assert_eq!(fixture.conversation_for("bob", "c").await["isUnread"], json!(false), "only for the caller");
    assert_eq!(mark("conversation.markAsUnread").await, (json!(true), json!(0)));
    assert_eq!(mark("conversation.markAsRead").await, (json!(false), json!(0)));
    fixture.send("c", "bob", "one").await;
    assert_eq!(mark("conversation.markAsUnread").await, (json!(true), json!(1)));
    fixture.send("c", "ada", "two").await;
    let seen = fixture.conversation_for("ada", "c").await;
    assert_eq!(
        (&seen["isUnread"], &seen["unreadMessageCount"]),
        (&json!(false), &json!(0)),
        "a sender has read all messages"
    );
}

#[tokio::test]
async fn marking_without_a_change_publishes_no_event() {
    let fixture = super::rules_fixture::RulesFixture::new(super::app());
    fixture.create_users(&["ada", "bob"]).await;
    fixture.ok("ada", "conversation.set", json!({ "conversation": "c", "data": {} })).await;
    fixture.ok("bob", "conversation.set", json!({ "conversation": "c", "data": {} })).await;
    fixture.send("ada", "c", "one").await;
    fixture.published();
    let events = async |user: &str, name: &str| {
        fixture.ok(user, name, json!({ "conversation": "c" })).await;
        fixture
            .events()
            .iter()
            .map(|(_, _, event)| super::rules_fixture::name_and_subject(event))
            .collect::<Vec<_>>()
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
