//! A client: an engine, the store of its driver, and a program that performs a script of actions and then
//! random ones.

use std::collections::{BTreeMap, VecDeque};

use causerie_client::{Config, Engine, Input, Millis, Output, Transport};
use causerie_protocol::http::Batch;
use causerie_protocol::topic::Cursor;
use causerie_protocol::version::VERSION;
use causerie_protocol::{
    ClientFrame, ClientId, CreateParticipant, EditMessage, ErrorCode, MessageId, Op, Outcome, Patch,
    RequestId, SendMessage, ServerFrame, SetUser, Topic,
};
use serde_json::Value;

use super::actions::{Action, conversation, user};
use super::ground_truth::{Observation, text_of};
use super::store::{EntryCursor, State, Store};
use crate::endpoints::{NetworkCommand, SimulatedClient};
use crate::rng::Rng;

/// A message that was sent, and the outcome of the request.
#[derive(Clone, Debug)]
pub(crate) struct SentMessage {
    pub(crate) conversation: String,
    pub(crate) text: String,
    /// The message's id, or the error. `None` until the request is settled.
    pub(crate) outcome: Option<Result<String, ErrorCode>>,
}

pub(crate) struct Client {
    pub(crate) number: usize,
    pub(crate) store: Store,
    /// The state of each list of messages after every frame for it.
    pub(crate) observations: Vec<Observation>,
    pub(crate) sent: BTreeMap<RequestId, SentMessage>,
    /// The next actions. After the last one, actions are random.
    pub(crate) script: VecDeque<Action>,
    pub(crate) resets: u32,
    pub(crate) events: u32,
    engine: Engine<Value>,
    id: ClientId,
    texts: u32,
    /// The pending requests for more entries, each with its subscription and the cursor from which it reads.
    pages: BTreeMap<RequestId, (RequestId, EntryCursor)>,
    pending: usize,
}

impl Client {
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
        Client {
            number,
            store: Store::default(),
            observations: Vec::new(),
            sent: BTreeMap::new(),
            script: VecDeque::new(),
            resets: 0,
            events: 0,
            engine,
            id,
            texts: 0,
            pages: BTreeMap::new(),
            pending: 0,
        }
    }

    /// Returns whether no request is pending and every subscription is loaded.
    pub(crate) fn is_settled(&self) -> bool {
        let mut subscriptions = self.store.subscriptions.values();
        self.pending == 0 && subscriptions.all(|subscription| subscription.state != State::Loading)
    }

    /// Returns the message at an index of a conversation's list, if the client is subscribed to it.
    fn message_at(&self, number: usize, index: usize) -> Option<MessageId> {
        let topic = Topic::Messages { id: conversation(number) };
        let mut subscriptions = self.store.subscriptions.values();
        let subscription = subscriptions.find(|subscription| subscription.topic == topic)?;
        let State::List(list) = &subscription.state else { return None };
        let (_, entry) = list.entries.get(index)?;
        MessageId::new(entry.as_str()?).ok()
    }

    fn new_text(&mut self) -> String {
        self.texts += 1;
        ["text ", &self.texts.to_string(), " of ", &self.number.to_string()].concat()
    }

    fn perform(&mut self, now: Millis, action: Action) {
        match action {
            Action::Send(number) => self.send(now, number, None),
            Action::Reply(number, message) => {
                let referenced = self.message_at(number, message);
                self.send(now, number, referenced);
            }
            Action::Edit(number, message) => {
                if let Some(message) = self.message_at(number, message) {
                    let data = EditMessage { text: Some(self.new_text()), ..EditMessage::default() };
                    self.request(now, Op::MessageEdit { conversation: conversation(number), message, data });
                }
            }
            Action::Delete(number, message) => {
                if let Some(message) = self.message_at(number, message) {
                    self.request(now, Op::MessageDelete { conversation: conversation(number), message });
                }
            }
            Action::React(number, message) => {
                if let Some(message) = self.message_at(number, message) {
                    let emoji = "👍".to_owned();
                    self.request(now, Op::ReactionAdd { conversation: conversation(number), message, emoji });
                }
            }
            Action::MarkAsRead(number) => {
                self.request(now, Op::ConversationMarkAsRead { conversation: conversation(number) });
            }
            Action::Invite(number, other) => {
                let (conversation, user, data) =
                    (conversation(number), user(other), CreateParticipant::default());
                self.request(now, Op::ParticipantCreateIfNotExists { conversation, user, data });
            }
            Action::Remove(number, other) => {
                let (conversation, user) = (conversation(number), user(other));
                self.request(now, Op::ParticipantDelete { conversation, user });
            }
            Action::Rename => {
                let name = Patch::Set(self.new_text());
                let data = SetUser { name, ..SetUser::default() };
                self.request(now, Op::UserSet { user: user(self.number), data });
            }
            Action::Subscribe(choice, limit) => {
                let topic = choice.topic();
                let id = self.engine.subscribe(now, topic.clone(), limit).expect("below the limit");
                self.store.insert(id, topic);
            }
            Action::Unsubscribe(index) => {
                if let Some(id) = self.store.subscriptions.keys().nth(index).copied() {
                    self.engine.unsubscribe(now, id);
                    self.store.subscriptions.remove(&id);
                }
            }
            Action::LoadMore(index) => self.load_more(now, index),
        }
    }

    fn send(&mut self, now: Millis, number: usize, referenced_message: Option<MessageId>) {
        let text = self.new_text();
        let data = SendMessage { text: Some(text.clone()), referenced_message, ..SendMessage::default() };
        let id = self.request(now, Op::MessageSend { conversation: conversation(number), data });
        let conversation = conversation(number).as_str().to_owned();
        self.sent.insert(id, SentMessage { conversation, text, outcome: None });
    }

    /// Loads more of the list at an index, if there is more.
    fn load_more(&mut self, now: Millis, index: usize) {
        let Some((id, subscription)) = self.store.subscriptions.iter().nth(index) else { return };
        if let State::List(list) = &subscription.state
            && let Some(end) = &list.window_end
        {
            let (id, after) = (*id, Cursor { at: end.0, id: end.1.clone() });
            let (end, op) = (end.clone(), Op::More { topic: subscription.topic.clone(), after, limit: 4 });
            let request = self.request(now, op);
            self.pages.insert(request, (id, end));
        }
    }

    fn request(&mut self, now: Millis, op: Op) -> RequestId {
        self.pending += 1;
        self.engine.request(now, op).expect("the request is valid and below the limit")
    }

    fn settle(&mut self, outcome: Outcome<Value>) {
        self.pending -= 1;
        let allowed = [ErrorCode::NotFound, ErrorCode::Forbidden, ErrorCode::Offline, ErrorCode::TimedOut];
        if let Some(error) = &outcome.error {
            // A reply to a message that was deleted in the meantime is rejected.
            let deleted = error.field.as_deref() == Some("referencedMessage");
            assert!(allowed.contains(&error.code) || deleted, "request {} failed: {error:?}", outcome.id);
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
            self.store.apply_page(id, &after, value, outcome.entities);
            if let Some(subscription) = self.store.subscriptions.get(&id)
                && let State::List(list) = &subscription.state
            {
                self.engine.set_window(id, u32::try_from(list.entries.len()).unwrap());
            }
        }
    }

    /// Applies a delivered frame, and records the list of messages that it changed.
    fn deliver(&mut self, frame: ServerFrame<Value>) {
        let subscription_id = match &frame {
            ServerFrame::Reset { id, .. } => {
                self.resets += 1;
                Some(*id)
            }
            ServerFrame::Events { id, .. } => {
                self.events += 1;
                Some(*id)
            }
            _ => None,
        };
        self.store.apply(frame);
        if let Some(subscription_id) = subscription_id
            && let Some(subscription) = self.store.subscriptions.get(&subscription_id)
            && let (Topic::Messages { id }, State::List(list), Some(seq)) =
                (&subscription.topic, &subscription.state, subscription.seq)
        {
            let body = |id: &str| self.store.message(id).unwrap_or_else(|| panic!("no body of {id}"));
            // The loaded window is requested again if the server cannot continue from the position.
            self.engine.set_window(subscription_id, u32::try_from(list.entries.len()).unwrap());
            let entries = list.entries.iter();
            let messages = entries.map(|(cursor, _)| (cursor.clone(), text_of(body(&cursor.1)))).collect();
            let (conversation, window_end) = (id.as_str().to_owned(), list.window_end.clone());
            self.observations.push(Observation { conversation, seq, messages, window_end });
        }
    }
}

impl SimulatedClient for Client {
    fn engine(&self) -> &Engine<Value> {
        &self.engine
    }

    fn act(&mut self, now: Millis, rng: &mut Rng) {
        let action = self.script.pop_front().unwrap_or_else(|| Action::draw(rng));
        self.perform(now, action);
    }

    fn input(&mut self, now: Millis, input: Input<Value>) {
        self.engine.handle_input(now, input);
    }

    fn poll_network(&mut self) -> Option<NetworkCommand> {
        loop {
            let (conn, frame) = match self.engine.poll()? {
                Output::Open(conn) => return Some(NetworkCommand::Open(conn)),
                Output::Close(conn, _) => return Some(NetworkCommand::Close(conn)),
                Output::AbortPost(conn) => return Some(NetworkCommand::AbortPost(conn)),
                Output::Post(conn, _, requests) => {
                    let (user, client) = (user(self.number), self.id.clone());
                    let batch = Batch { v: VERSION, user, client, requests };
                    return Some(NetworkCommand::Post(conn, serde_json::to_string(&batch).unwrap()));
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
                    panic!("unexpected output: {output:?}")
                }
            };
            return Some(NetworkCommand::Send(conn, serde_json::to_string(&frame).unwrap()));
        }
    }
}
