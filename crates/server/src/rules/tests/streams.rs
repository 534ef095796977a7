//! Whatever happens in a conversation: its events are numbered without gaps, each is told once with what is true then,
//! and what happened since any number is what the tables tell of it.

use std::collections::{BTreeMap, BTreeSet};

use causerie_protocol::ids::MessageId;
use proptest::prelude::*;
use serde_json::json;

use super::fixture::RulesFixture;
use super::{app, conversation};
use crate::events::Event;
use crate::rules::RestCommand;
use crate::store::records::MessageRecord;

const USERS: [&str; 3] = ["u0", "u1", "u2"];
const EMOJI: [&str; 3] = ["👍", "❤️", ":a:"];

#[derive(Clone, Debug)]
enum Step {
    Says(usize),
    Edits(usize),
    Deletes(usize),
    Reacts(usize, usize, usize),
    TakesBack(usize, usize, usize),
    Sets(usize, &'static str),
    Leaves(usize),
    Reads(usize),
    Marks(usize),
    Configures(usize, bool),
    ConversationGoes,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let (who, which, emoji) = (0..USERS.len(), 0usize..20, 0..EMOJI.len());
    let step = prop_oneof![
        6 => who.clone().prop_map(Step::Says),
        2 => which.clone().prop_map(Step::Edits),
        2 => which.clone().prop_map(Step::Deletes),
        3 => (who.clone(), which.clone(), emoji.clone()).prop_map(|(a, b, c)| Step::Reacts(a, b, c)),
        2 => (who.clone(), which, emoji).prop_map(|(a, b, c)| Step::TakesBack(a, b, c)),
        2 => (who.clone(), prop_oneof![Just("a"), Just("b")]).prop_map(|(a, b)| Step::Sets(a, b)),
        1 => who.clone().prop_map(Step::Leaves),
        1 => who.clone().prop_map(Step::Reads),
        1 => who.clone().prop_map(Step::Marks),
        1 => (who, any::<bool>()).prop_map(|(a, b)| Step::Configures(a, b)),
        1 => Just(Step::ConversationGoes),
    ];
    prop::collection::vec(step, 1..40)
}

/// A message as the model knows it.
#[derive(Clone, Debug, PartialEq)]
struct Message {
    text: String,
    /// By emoji, in the order in which they first were given.
    reactions: Vec<(String, BTreeSet<String>)>,
}

/// What is there, and when what happened.
#[derive(Default)]
struct Model {
    messages: BTreeMap<String, Message>,
    /// The number of the last event that put each message where it is, or took it away.
    touched: BTreeMap<String, u64>,
    gone: BTreeMap<String, u64>,
    /// The number of the event that made this conversation.
    first: u64,
    last: u64,
}

impl Model {
    fn id(&self, index: usize) -> Option<String> {
        let ids: Vec<_> = self.messages.keys().collect();
        ids.get(index % ids.len().max(1)).map(|id| (*id).clone())
    }

    /// Takes an event as whoever follows would.
    fn take(&mut self, seq: u64, event: &Event) {
        assert_eq!(seq, self.last + 1, "no gap, and nothing twice: {event:?}");
        self.last = seq;
        match event {
            Event::Sent(said) | Event::Edited(said) | Event::Reacted { payload: said, .. } => {
                let id = said.message.id.to_string();
                let text = said.message.plaintext.clone();
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
                    assert!(changed, "what changes nothing is told nobody: {event:?}");
                    message.reactions.retain(|(_, users)| !users.is_empty());
                }
                let told: Vec<_> = said
                    .message
                    .reactions
                    .iter()
                    .map(|one| (one.emoji.clone(), one.count as usize))
                    .collect();
                let counted: Vec<_> =
                    message.reactions.iter().map(|(emoji, users)| (emoji.clone(), users.len())).collect();
                assert_eq!(told, counted);
                assert!(said.users.iter().any(|user| Some(&user.id) == said.message.sender.as_ref()));
                self.touched.insert(id, seq);
            }
            Event::Deleted { id, .. } => {
                assert!(self.messages.remove(id.as_str()).is_some(), "{event:?}");
                self.gone.insert(id.to_string(), seq);
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

    /// What happened since a number.
    fn since(&self, number: u64) -> (BTreeSet<String>, BTreeSet<String>) {
        let put = self.messages.keys().filter(|id| self.touched[*id] > number).cloned().collect();
        let gone = self.gone.iter().filter(|(_, seq)| **seq > number).map(|(id, _)| id.clone()).collect();
        (put, gone)
    }
}

fn as_model(record: &MessageRecord) -> (String, String, Vec<(String, u32)>) {
    let reactions = record.reactions.iter().map(|one| (one.emoji.clone(), one.count)).collect();
    (record.id.to_string(), record.text.clone(), reactions)
}

async fn act(fixture: &RulesFixture, model: &Model, step: &Step, number: usize) {
    let place_of = |more: serde_json::Value| {
        let mut params = json!({ "conversation": "c" });
        params.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        params
    };
    // Whether it is allowed is no matter here: what is refused tells nothing, and the next check sees it.
    let ask = async |who: usize, name: &str, more| {
        let _ = fixture.request(USERS[who], name, place_of(more)).await;
    };
    match *step {
        Step::Says(who) => {
            ask(who, "message.send", json!({ "data": { "text": format!("t{number}") } })).await
        }
        Step::Edits(which) => {
            for who in 0..USERS.len() {
                let Some(id) = model.id(which) else { return };
                let more = json!({ "message": id, "data": { "text": format!("e{number}") } });
                ask(who, "message.edit", more).await;
            }
        }
        Step::Deletes(which) => {
            let Some(id) = model.id(which) else { return };
            let message = MessageId::new(id).unwrap();
            let _ =
                fixture.rest(RestCommand::MessageDelete { conversation: conversation("c"), message }).await;
        }
        Step::Reacts(who, which, emoji) => {
            let Some(id) = model.id(which) else { return };
            ask(who, "reaction.add", json!({ "message": id, "emoji": EMOJI[emoji] })).await;
        }
        Step::TakesBack(who, which, emoji) => {
            let Some(id) = model.id(which) else { return };
            ask(who, "reaction.remove", json!({ "message": id, "emoji": EMOJI[emoji] })).await;
        }
        Step::Sets(who, subject) => {
            ask(who, "conversation.set", json!({ "data": { "subject": subject } })).await;
        }
        Step::Leaves(who) => ask(who, "participant.delete", json!({ "user": USERS[who] })).await,
        Step::Reads(who) => ask(who, "conversation.markAsRead", json!({})).await,
        Step::Marks(who) => ask(who, "conversation.markAsUnread", json!({})).await,
        Step::Configures(who, notify) => {
            let other = USERS[(who + 1) % USERS.len()];
            ask(who, "participant.set", json!({ "user": other, "data": { "notify": notify } })).await;
        }
        Step::ConversationGoes => {
            let _ = fixture.rest(RestCommand::ConversationDelete { conversation: conversation("c") }).await;
        }
    }
}

async fn check(fixture: &RulesFixture, model: &Model) {
    assert_eq!(fixture.last_event("c").await, model.last, "every event that is counted is told");
    let there = fixture.read(|read| read.messages("app", &conversation("c"), None, 100)).await;
    let mut there: Vec<_> = there.iter().map(as_model).collect();
    there.sort();
    let counted = |message: &Message| {
        let counts = message.reactions.iter().map(|(emoji, users)| (emoji.clone(), users.len() as u32));
        counts.collect::<Vec<_>>()
    };
    let expected: Vec<_> = model
        .messages
        .iter()
        .map(|(id, message)| (id.clone(), message.text.clone(), counted(message)))
        .collect();
    assert_eq!(there, expected);
    for (id, message) in &model.messages {
        for user in USERS {
            let (message_id, who) = (MessageId::new(id.clone()).unwrap(), super::user(user));
            let reacted: BTreeSet<_> = fixture
                .read(move |read| read.reactions_of_user("app", &conversation("c"), &message_id, &who))
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
        let told = (put.iter().cloned().collect(), dropped.iter().cloned().collect());
        assert_eq!((put.len(), dropped.len()), (BTreeSet::len(&told.0), BTreeSet::len(&told.1)), "each once");
        assert_eq!(told, model.since(since), "since {since}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn events_have_no_gaps_and_the_tables_tell_what_they_told(steps in steps()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let fixture = RulesFixture::new(app());
            fixture.create_users(&USERS).await;
            let mut model = Model::default();
            for (number, step) in steps.iter().enumerate() {
                act(&fixture, &model, step, number).await;
                for (_, seq, event) in fixture.events() {
                    model.take(seq, &event);
                }
                check(&fixture, &model).await;
                fixture.clock.advance(7);
            }
        });
    }
}
