//! The stream of a conversation: events are numbered without gaps, each is published once with the state at
//! that time, and the delta since any number agrees with the published events.

use std::collections::{BTreeMap, BTreeSet};

use causerie_protocol::ids::MessageId;
use proptest::prelude::*;
use serde_json::json;

use super::rules_fixture::RulesFixture;
use super::{app, conversation};
use crate::events::Event;
use crate::rules::RestCommand;
use crate::store::records::MessageRecord;

const USERS: [&str; 3] = ["u0", "u1", "u2"];
const EMOJI: [&str; 3] = ["👍", "❤️", ":a:"];

#[derive(Clone, Debug)]
enum Step {
    Send(usize),
    Edit(usize),
    Delete(usize),
    AddReaction(usize, usize, usize),
    RemoveReaction(usize, usize, usize),
    SetSubject(usize, &'static str),
    Leave(usize),
    MarkAsRead(usize),
    MarkAsUnread(usize),
    SetNotify(usize, bool),
    DeleteConversation,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let (user, index, emoji) = (0..USERS.len(), 0usize..20, 0..EMOJI.len());
    let step = prop_oneof![
        6 => user.clone().prop_map(Step::Send),
        2 => index.clone().prop_map(Step::Edit),
        2 => index.clone().prop_map(Step::Delete),
        3 => (user.clone(), index.clone(), emoji.clone()).prop_map(|(a, b, c)| Step::AddReaction(a, b, c)),
        2 => (user.clone(), index, emoji).prop_map(|(a, b, c)| Step::RemoveReaction(a, b, c)),
        2 => (user.clone(), prop_oneof![Just("a"), Just("b")]).prop_map(|(a, b)| Step::SetSubject(a, b)),
        1 => user.clone().prop_map(Step::Leave),
        1 => user.clone().prop_map(Step::MarkAsRead),
        1 => user.clone().prop_map(Step::MarkAsUnread),
        1 => (user, any::<bool>()).prop_map(|(a, b)| Step::SetNotify(a, b)),
        1 => Just(Step::DeleteConversation),
    ];
    prop::collection::vec(step, 1..40)
}

/// A message in the model.
#[derive(Clone, Debug, PartialEq)]
struct Message {
    text: String,
    /// The users by emoji, in the order of the first reaction with each emoji.
    reactions: Vec<(String, BTreeSet<String>)>,
}

/// The state of the conversation, and the numbers of its events.
#[derive(Default)]
struct Model {
    messages: BTreeMap<String, Message>,
    /// The number of the last event that sent or changed each message.
    changed_at: BTreeMap<String, u64>,
    deleted_at: BTreeMap<String, u64>,
    /// The number of the event that created this conversation.
    first: u64,
    last: u64,
}

impl Model {
    fn id(&self, index: usize) -> Option<String> {
        let ids: Vec<_> = self.messages.keys().collect();
        ids.get(index % ids.len().max(1)).map(|id| (*id).clone())
    }

    /// Applies an event as a follower would.
    fn apply(&mut self, seq: u64, event: &Event) {
        assert_eq!(seq, self.last + 1, "no gap and no repetition: {event:?}");
        self.last = seq;
        match event {
            Event::Sent(payload) | Event::Edited(payload) | Event::Reacted { payload, .. } => {
                let id = payload.message.id.to_string();
                let text = payload.message.plaintext.clone();
                let message = self
                    .messages
                    .entry(id.clone())
                    .or_insert(Message { text: String::new(), reactions: vec![] });
                message.text = text;
                if let Event::Reacted { emoji, user, added, .. } = event {
                    let at = message.reactions.iter().position(|(one, _)| one == emoji);
                    let at = at.unwrap_or_else(|| {
                        message.reactions.push((emoji.clone(), BTreeSet::new()));
                        message.reactions.len() - 1
                    });
                    let users = &mut message.reactions[at].1;
                    let changed =
                        if *added { users.insert(user.to_string()) } else { users.remove(user.as_str()) };
                    assert!(changed, "an event must change something: {event:?}");
                    message.reactions.retain(|(_, users)| !users.is_empty());
                }
                let published: Vec<_> = payload
                    .message
                    .reactions
                    .iter()
                    .map(|one| (one.emoji.clone(), one.count as usize))
                    .collect();
                let counted: Vec<_> =
                    message.reactions.iter().map(|(emoji, users)| (emoji.clone(), users.len())).collect();
                assert_eq!(published, counted);
                assert!(payload.users.iter().any(|user| Some(&user.id) == payload.message.sender.as_ref()));
                self.changed_at.insert(id, seq);
            }
            Event::Deleted { id, .. } => {
                assert!(self.messages.remove(id.as_str()).is_some(), "{event:?}");
                self.deleted_at.insert(id.to_string(), seq);
            }
            Event::ConversationDeleted => {
                *self = Model { first: seq, last: seq, ..Model::default() };
            }
            Event::Joined(_)
            | Event::Left(_)
            | Event::ParticipantChanged(_)
            | Event::Read(_)
            | Event::SettingsChanged => {}
        }
    }

    /// Returns the ids of the messages that changed and that were deleted since a number.
    fn since(&self, number: u64) -> (BTreeSet<String>, BTreeSet<String>) {
        let put = self.messages.keys().filter(|id| self.changed_at[*id] > number).cloned().collect();
        let deleted =
            self.deleted_at.iter().filter(|(_, seq)| **seq > number).map(|(id, _)| id.clone()).collect();
        (put, deleted)
    }
}

fn as_model(record: &MessageRecord) -> (String, String, Vec<(String, u32)>) {
    let reactions = record.reactions.iter().map(|one| (one.emoji.clone(), one.count)).collect();
    (record.id.to_string(), record.text.clone(), reactions)
}

async fn execute_step(fixture: &RulesFixture, model: &Model, step: &Step, number: usize) {
    let params = |more: serde_json::Value| {
        let mut params = json!({ "conversation": "c" });
        params.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        params
    };
    // The op may be refused: it publishes no event then, which the next check verifies.
    let request = async |user: usize, name: &str, more| {
        let _ = fixture.request(USERS[user], name, params(more)).await;
    };
    match *step {
        Step::Send(user) => {
            request(user, "message.send", json!({ "data": { "text": format!("t{number}") } })).await
        }
        Step::Edit(index) => {
            for user in 0..USERS.len() {
                let Some(id) = model.id(index) else { return };
                let more = json!({ "message": id, "data": { "text": format!("e{number}") } });
                request(user, "message.edit", more).await;
            }
        }
        Step::Delete(index) => {
            let Some(id) = model.id(index) else { return };
            let message = MessageId::new(id).unwrap();
            let _ = fixture
                .execute_command(RestCommand::MessageDelete { conversation: conversation("c"), message })
                .await;
        }
        Step::AddReaction(user, index, emoji) => {
            let Some(id) = model.id(index) else { return };
            request(user, "reaction.add", json!({ "message": id, "emoji": EMOJI[emoji] })).await;
        }
        Step::RemoveReaction(user, index, emoji) => {
            let Some(id) = model.id(index) else { return };
            request(user, "reaction.remove", json!({ "message": id, "emoji": EMOJI[emoji] })).await;
        }
        Step::SetSubject(user, subject) => {
            request(user, "conversation.set", json!({ "data": { "subject": subject } })).await;
        }
        Step::Leave(user) => request(user, "participant.delete", json!({ "user": USERS[user] })).await,
        Step::MarkAsRead(user) => request(user, "conversation.markAsRead", json!({})).await,
        Step::MarkAsUnread(user) => request(user, "conversation.markAsUnread", json!({})).await,
        Step::SetNotify(user, notify) => {
            let other = USERS[(user + 1) % USERS.len()];
            request(user, "participant.set", json!({ "user": other, "data": { "notify": notify } })).await;
        }
        Step::DeleteConversation => {
            let _ = fixture
                .execute_command(RestCommand::ConversationDelete { conversation: conversation("c") })
                .await;
        }
    }
}

async fn check(fixture: &RulesFixture, model: &Model) {
    assert_eq!(fixture.last_event("c").await, model.last, "every event that has a number is published");
    let existing = fixture.read(|read| read.messages("app", &conversation("c"), None, 100)).await;
    let mut existing: Vec<_> = existing.iter().map(as_model).collect();
    existing.sort();
    let counted = |message: &Message| {
        let counts = message.reactions.iter().map(|(emoji, users)| (emoji.clone(), users.len() as u32));
        counts.collect::<Vec<_>>()
    };
    let expected: Vec<_> = model
        .messages
        .iter()
        .map(|(id, message)| (id.clone(), message.text.clone(), counted(message)))
        .collect();
    assert_eq!(existing, expected);
    for (id, message) in &model.messages {
        for user in USERS {
            let (message_id, user_id) = (MessageId::new(id.clone()).unwrap(), super::user(user));
            let reacted: BTreeSet<_> = fixture
                .read(move |read| read.reactions_of_user("app", &conversation("c"), &message_id, &user_id))
                .await
                .into_iter()
                .collect();
            let given = message.reactions.iter().filter(|(_, users)| users.contains(user));
            assert_eq!(reacted, given.map(|(emoji, _)| emoji.clone()).collect());
        }
    }
    let exists = fixture.read(|read| read.conversation("app", &conversation("c"))).await.is_some();
    for since in 0..=model.last + 1 {
        let delta = fixture.read(move |read| read.delta("app", &conversation("c"), since, 1_000)).await;
        if !exists || !(model.first..=model.last).contains(&since) {
            assert_eq!(delta, None, "since {since}");
            continue;
        }
        let delta = delta.unwrap();
        let put: Vec<_> = delta.put.iter().map(|message| message.id.to_string()).collect();
        let dropped: Vec<_> = delta.dropped.iter().map(ToString::to_string).collect();
        let delta_ids = (put.iter().cloned().collect(), dropped.iter().cloned().collect());
        assert_eq!(
            (put.len(), dropped.len()),
            (BTreeSet::len(&delta_ids.0), BTreeSet::len(&delta_ids.1)),
            "each message once"
        );
        assert_eq!(delta_ids, model.since(since), "since {since}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn events_have_no_gaps_and_agree_with_the_tables(steps in steps()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let fixture = RulesFixture::new(app());
            fixture.create_users(&USERS).await;
            let mut model = Model::default();
            for (number, step) in steps.iter().enumerate() {
                execute_step(&fixture, &model, step, number).await;
                for (_, seq, event) in fixture.events() {
                    model.apply(seq, &event);
                }
                check(&fixture, &model).await;
                fixture.clock.advance(7);
            }
        });
    }
}
