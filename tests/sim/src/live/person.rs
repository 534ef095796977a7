//! A client: an engine, the lists that its driver keeps, and a person who talks, comes and goes at random, or as told.

use std::collections::{BTreeMap, VecDeque};

use causerie_client::{Config, Engine, Input, Millis, Output, Transport};
use causerie_protocol::http::Batch;
use causerie_protocol::topic::Cursor;
use causerie_protocol::version::VERSION;
use causerie_protocol::{
    ClientFrame, ClientId, ConversationId, CreateParticipant, EditMessage, ErrorCode, MessageId, Op, Outcome,
    Patch, RequestId, SendMessage, SetUser, Topic, UserId,
};
use serde_json::Value;

use super::lists::{Held, Key, Lists};
use super::truth::{Shown, said};
use crate::chance::Chance;
use crate::world::{Program, Want};

pub(crate) const PEOPLE: usize = 3;
pub(crate) const CONVERSATIONS: usize = 2;

pub(crate) fn user(number: usize) -> UserId {
    UserId::new(["p", &number.to_string()].concat()).unwrap()
}

pub(crate) fn conversation(number: usize) -> ConversationId {
    ConversationId::new(["c", &number.to_string()].concat()).unwrap()
}

/// Something a person does. The numbers are of conversations, of people, and of messages as they stand in the list.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Act {
    Say(usize),
    Answer(usize, usize),
    Edit(usize, usize),
    Delete(usize, usize),
    React(usize, usize),
    Read(usize),
    Invite(usize, usize),
    Remove(usize, usize),
    Rename,
    Follow(What, Option<u32>),
    Unfollow(usize),
    More(usize),
}

/// What can be followed.
#[derive(Clone, Copy, Debug)]
pub(crate) enum What {
    Messages(usize),
    Conversation(usize),
    Participants(usize),
    Participant(usize, usize),
    User(usize),
    Conversations,
}

/// Something that was said and what became of it.
#[derive(Clone, Debug)]
pub(crate) struct Sent {
    pub(crate) conversation: String,
    pub(crate) text: String,
    /// The message's id, or the error. `None` until it is settled.
    pub(crate) outcome: Option<Result<String, ErrorCode>>,
}

pub(crate) struct Person {
    pub(crate) number: usize,
    pub(crate) lists: Lists,
    pub(crate) shown: Vec<Shown>,
    pub(crate) sent: BTreeMap<RequestId, Sent>,
    /// What is done next, before anything is left to chance.
    pub(crate) script: VecDeque<Act>,
    pub(crate) resets: u32,
    pub(crate) went_on: u32,
    engine: Engine<Value>,
    id: ClientId,
    words: u32,
    pages: BTreeMap<RequestId, (RequestId, Key)>,
    unsettled: usize,
}

impl Person {
    pub(crate) fn new(number: usize, seed: u64) -> Self {
        let id = ClientId::new(["client", &number.to_string()].concat()).unwrap();
        let engine = Engine::new(Config {
            user: user(number),
            client: id.clone(),
            sdk: "causerie-sim",
            transport: Transport::Auto,
            token: None,
            token_source: false,
            seed,
        });
        Person {
            number,
            lists: Lists::default(),
            shown: Vec::new(),
            sent: BTreeMap::new(),
            script: VecDeque::new(),
            resets: 0,
            went_on: 0,
            engine,
            id,
            words: 0,
            pages: BTreeMap::new(),
            unsettled: 0,
        }
    }

    /// Whether nothing is waited for.
    pub(crate) fn settled(&self) -> bool {
        let came = |held: &Held| !matches!(held, Held::Nothing);
        self.unsettled == 0 && self.lists.all.values().all(|followed| came(&followed.held))
    }

    fn draw(chance: &mut Chance) -> Act {
        let mut below = |end: usize| usize::try_from(chance.between(0, end as u64)).unwrap();
        let (talk, message, other, kind) = (below(CONVERSATIONS), below(6), below(PEOPLE), below(100));
        let limit = [None, Some(3), Some(8)][below(3)];
        match kind {
            0..30 => Act::Say(talk),
            30..36 => Act::Answer(talk, message),
            36..46 => Act::Edit(talk, message),
            46..53 => Act::Delete(talk, message),
            53..57 => Act::React(talk, message),
            57..59 => Act::Read(talk),
            59..61 => Act::Rename,
            61..68 => Act::Invite(talk, other),
            68..72 => Act::Remove(talk, other),
            72..82 => Act::Follow(What::Messages(talk), limit),
            82..85 => Act::Follow(What::Conversation(talk), None),
            85..87 => Act::Follow(What::Participants(talk), None),
            87 => Act::Follow(What::Participant(talk, other), None),
            88 => Act::Follow(What::User(other), None),
            89..91 => Act::Follow(What::Conversations, None),
            91..94 => Act::Unfollow(below(6)),
            _ => Act::More(below(4)),
        }
    }

    /// The message at a place of the conversation's list, if one is followed.
    fn message_at(&self, talk: usize, place: usize) -> Option<MessageId> {
        let topic = Topic::Messages { id: conversation(talk) };
        let followed = self.lists.all.values().find(|followed| followed.topic == topic)?;
        let Held::List(list) = &followed.held else { return None };
        let (_, entry) = list.entries.get(place)?;
        MessageId::new(entry.as_str()?).ok()
    }

    fn new_words(&mut self) -> String {
        self.words += 1;
        ["words ", &self.words.to_string(), " of ", &self.number.to_string()].concat()
    }

    pub(crate) fn act(&mut self, now: Millis, act: Act) {
        match act {
            Act::Say(talk) => self.say(now, talk, None),
            Act::Answer(talk, message) => {
                let referenced = self.message_at(talk, message);
                self.say(now, talk, referenced);
            }
            Act::Edit(talk, message) => {
                if let Some(message) = self.message_at(talk, message) {
                    let data = EditMessage { text: Some(self.new_words()), ..EditMessage::default() };
                    self.request(now, Op::MessageEdit { conversation: conversation(talk), message, data });
                }
            }
            Act::Delete(talk, message) => {
                if let Some(message) = self.message_at(talk, message) {
                    self.request(now, Op::MessageDelete { conversation: conversation(talk), message });
                }
            }
            Act::React(talk, message) => {
                if let Some(message) = self.message_at(talk, message) {
                    let emoji = "👍".to_owned();
                    self.request(now, Op::ReactionAdd { conversation: conversation(talk), message, emoji });
                }
            }
            Act::Read(talk) => {
                self.request(now, Op::ConversationMarkAsRead { conversation: conversation(talk) });
            }
            Act::Invite(talk, other) => {
                let (conversation, user, data) =
                    (conversation(talk), user(other), CreateParticipant::default());
                self.request(now, Op::ParticipantCreateIfNotExists { conversation, user, data });
            }
            Act::Remove(talk, other) => {
                self.request(
                    now,
                    Op::ParticipantDelete { conversation: conversation(talk), user: user(other) },
                );
            }
            Act::Rename => {
                let name = Patch::Set(self.new_words());
                let data = SetUser { name, ..SetUser::default() };
                self.request(now, Op::UserSet { user: user(self.number), data });
            }
            Act::Follow(what, limit) => {
                let topic = match what {
                    What::Messages(talk) => Topic::Messages { id: conversation(talk) },
                    What::Conversation(talk) => Topic::Conversation { id: conversation(talk) },
                    What::Participants(talk) => Topic::Participants { id: conversation(talk) },
                    What::Participant(talk, other) => {
                        Topic::Participant { id: conversation(talk), user: user(other) }
                    }
                    What::User(other) => Topic::User { id: user(other) },
                    What::Conversations => Topic::Conversations { filter: None },
                };
                let id = self.engine.subscribe(now, topic.clone(), limit).expect("there is room");
                self.lists.add(id, topic);
            }
            Act::Unfollow(place) => {
                if let Some(id) = self.lists.all.keys().nth(place).copied() {
                    self.engine.unsubscribe(now, id);
                    self.lists.all.remove(&id);
                }
            }
            Act::More(place) => self.more(now, place),
        }
    }

    fn say(&mut self, now: Millis, talk: usize, referenced_message: Option<MessageId>) {
        let text = self.new_words();
        let data = SendMessage { text: Some(text.clone()), referenced_message, ..SendMessage::default() };
        let id = self.request(now, Op::MessageSend { conversation: conversation(talk), data });
        let conversation = conversation(talk).as_str().to_owned();
        self.sent.insert(id, Sent { conversation, text, outcome: None });
    }

    /// Loads more of the list at that place, where there is more.
    fn more(&mut self, now: Millis, place: usize) {
        let Some((id, followed)) = self.lists.all.iter().nth(place) else { return };
        if let Held::List(list) = &followed.held
            && let Some(low) = &list.low
        {
            let (id, after) = (*id, Cursor { at: low.0, id: low.1.clone() });
            let (low, op) = (low.clone(), Op::More { topic: followed.topic.clone(), after, limit: 4 });
            let request = self.request(now, op);
            self.pages.insert(request, (id, low));
        }
    }

    fn request(&mut self, now: Millis, op: Op) -> RequestId {
        self.unsettled += 1;
        self.engine.request(now, op).expect("there is room, and nothing fatal happens")
    }

    fn settle(&mut self, outcome: Outcome<Value>) {
        self.unsettled -= 1;
        let allowed = [ErrorCode::NotFound, ErrorCode::Forbidden, ErrorCode::Offline, ErrorCode::TimedOut];
        if let Some(error) = &outcome.error {
            // Who answers what was deleted meanwhile is told so.
            let deleted = error.field.as_deref() == Some("referencedMessage");
            assert!(allowed.contains(&error.code) || deleted, "{} was refused: {error:?}", outcome.id);
        }
        if let Some(sent) = self.sent.get_mut(&outcome.id) {
            assert!(sent.outcome.is_none(), "settled twice: {sent:?}");
            sent.outcome = Some(match outcome.error {
                Some(error) => Err(error.code),
                None => {
                    Ok(outcome.value.as_ref().and_then(Value::as_str).expect("the message's id").to_owned())
                }
            });
        } else if let Some((id, after)) = self.pages.remove(&outcome.id)
            && let Some(value) = &outcome.value
        {
            self.lists.page(id, &after, value, outcome.entities);
            if let Some(followed) = self.lists.all.get(&id)
                && let Held::List(list) = &followed.held
            {
                self.engine.set_window(id, u32::try_from(list.entries.len()).unwrap());
            }
        }
    }

    /// Something came for a subscription.
    fn deliver(&mut self, frame: causerie_protocol::ServerFrame<Value>) {
        use causerie_protocol::ServerFrame::{Events, Reset};
        let id = match &frame {
            Reset { id, .. } => {
                self.resets += 1;
                Some(*id)
            }
            Events { id, .. } => {
                self.went_on += 1;
                Some(*id)
            }
            _ => None,
        };
        self.lists.deliver(frame);
        if let Some(followed_id) = id
            && let Some(followed) = self.lists.all.get(&followed_id)
            && let (Topic::Messages { id }, Held::List(list), Some(seq)) =
                (&followed.topic, &followed.held, followed.seq)
        {
            let body = |name: &str| self.lists.message(name).unwrap_or_else(|| panic!("no body of {name}"));
            // What is loaded is what is asked for when the server cannot go on from where it was.
            self.engine.set_window(followed_id, u32::try_from(list.entries.len()).unwrap());
            let messages = list.entries.iter().map(|(key, _)| (key.clone(), said(body(&key.1)))).collect();
            let conversation = id.as_str().to_owned();
            self.shown.push(Shown { conversation, seq, messages, low: list.low.clone() });
        }
    }
}

impl Program for Person {
    fn engine(&self) -> &Engine<Value> {
        &self.engine
    }

    fn ask(&mut self, now: Millis, chance: &mut Chance) {
        let act = self.script.pop_front().unwrap_or_else(|| Self::draw(chance));
        self.act(now, act);
    }

    fn input(&mut self, now: Millis, input: Input<Value>) {
        self.engine.handle_input(now, input);
    }

    fn want(&mut self) -> Option<Want> {
        loop {
            let (conn, frame) = match self.engine.poll()? {
                Output::Open(conn) => return Some(Want::Open(conn)),
                Output::Close(conn, _) => return Some(Want::Close(conn)),
                Output::AbortPost(conn) => return Some(Want::Abort(conn)),
                Output::Post(conn, _, requests) => {
                    let (user, client) = (user(self.number), self.id.clone());
                    let batch = Batch { v: VERSION, user, client, requests };
                    return Some(Want::Call(conn, serde_json::to_string(&batch).unwrap()));
                }
                Output::Hello(conn, hello) => (conn, ClientFrame::Hello(hello)),
                Output::Request(conn, request) => (conn, ClientFrame::Request(request)),
                Output::Subscribe(conn, subscribe) => (conn, ClientFrame::Subscribe(subscribe)),
                Output::Unsubscribe(conn, id) => (conn, ClientFrame::Unsubscribe { id }),
                Output::Ping(conn) => (conn, ClientFrame::Ping),
                Output::Settle(outcome) => {
                    self.settle(outcome);
                    continue;
                }
                Output::Deliver(frame) => {
                    self.deliver(frame);
                    continue;
                }
                output @ (Output::Auth(..) | Output::NeedToken | Output::Ended(_)) => {
                    panic!("nobody gave a reason for {output:?}")
                }
            };
            return Some(Want::Text(conn, serde_json::to_string(&frame).unwrap()));
        }
    }
}
