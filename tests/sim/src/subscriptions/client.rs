//! A client: the engine and the store that users run, and a program that performs a script of actions and
//! then random ones.

use std::collections::{BTreeMap, VecDeque};

use causerie_client::store::{HandleEvent, HandleId, JsonSnapshot};
use causerie_client::{ClientOutput, Config, Input, Millis, Output, Transport};
use causerie_protocol::http::Batch;
use causerie_protocol::notify::Notify;
use causerie_protocol::version::VERSION;
use causerie_protocol::{
    ClientFrame, ClientId, ConversationId, CreateParticipant, EditMessage, ErrorCode, MessageId, Op, Outcome,
    Patch, RequestId, SendMessage, ServerFrame, SetConversation, SetParticipant, SetUser, Topic, UserId,
};
use serde_json::Value;

use super::actions::{Action, LAST, TopicChoice};
use super::data::{Data, EMOJI, conversation, user};
use super::ground_truth::Observations;
use super::handles::{Handle, entry_id};
use crate::endpoints::{NetworkCommand, SimulatedClient};
use crate::rng::Rng;

/// The number of open handles of a client.
const MAX_HANDLES: usize = 14;
/// The time after which a user whose typing is not confirmed is no longer shown as typing.
const TYPING_TIMEOUT: Millis = 13_000;

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
    /// The open handles.
    pub(crate) handles: BTreeMap<HandleId, Handle>,
    pub(crate) sent: BTreeMap<RequestId, SentMessage>,
    /// The next actions. After the last one, actions are random.
    pub(crate) script: VecDeque<Action>,
    /// The first violation of a guarantee.
    pub(crate) violation: Option<String>,
    pub(crate) resets: u32,
    pub(crate) events: u32,
    pub(crate) pages: u32,
    client: causerie_client::Client<Value>,
    id: ClientId,
    data: Data,
    texts: u32,
    pending: usize,
    /// The handles that ended before a `load_more` did.
    ended: BTreeMap<HandleId, Handle>,
    /// The lists that ended handles showed.
    observations: Vec<Observations>,
    /// When a frame last named typing users.
    typing_at: Millis,
}

impl Client {
    pub(crate) fn new(number: usize, seed: u64, data: &Data) -> Self {
        let id = ClientId::new(["client", &number.to_string()].concat()).unwrap();
        let client = causerie_client::Client::new(Config {
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
            handles: BTreeMap::new(),
            sent: BTreeMap::new(),
            script: VecDeque::new(),
            violation: None,
            resets: 0,
            events: 0,
            pages: 0,
            client,
            id,
            data: data.clone(),
            texts: 0,
            pending: 0,
            ended: BTreeMap::new(),
            observations: Vec::new(),
            typing_at: 0,
        }
    }

    /// Returns whether no request is pending and every handle has what was requested.
    pub(crate) fn is_settled(&self) -> bool {
        self.pending == 0 && self.ended.is_empty() && self.handles.values().all(Handle::is_settled)
    }

    /// Returns the lists of messages that the handles showed.
    pub(crate) fn observations(&self) -> impl Iterator<Item = &Observations> {
        let open = self.handles.values().filter_map(|handle| handle.observations.as_ref());
        self.observations.iter().chain(open)
    }

    /// Records the first violation of a guarantee.
    fn check(&mut self, topic: &Topic, result: Result<(), String>) {
        if let Err(problem) = result {
            self.violation.get_or_insert_with(|| format!("client {}, {topic:?}: {problem}", self.number));
        }
    }

    /// Returns the message at an index of a conversation's list, if the client is subscribed to it.
    fn message_at(&self, number: usize, index: usize) -> Option<MessageId> {
        let topic = Topic::Messages { id: conversation(number) };
        let handle = self.handles.values().find(|handle| handle.topic == topic)?;
        let entries = handle.entries();
        let entry = if index == LAST { entries.last() } else { entries.get(index) };
        MessageId::new(entry_id(entry?.value())).ok()
    }

    /// Returns a message of the client's own to which one of the newest messages replies.
    fn own_replied_message(&self, number: usize) -> Option<MessageId> {
        let topic = Topic::Messages { id: conversation(number) };
        let handle = self.handles.values().find(|handle| handle.topic == topic)?;
        let own = user(self.number);
        let mut replied = handle.entries().iter().take(4).map(|entry| &entry.value()["referencedMessage"]);
        let found = replied.find(|message| message["sender"]["id"] == own.as_str())?;
        MessageId::new(found["id"].as_str()?).ok()
    }

    /// Returns a handle that shows a list, if possible one that has more entries.
    fn list_at(&self, index: usize) -> Option<HandleId> {
        let is_list = |handle: &Handle| handle.topic.page_sizes().is_some();
        let has_more = |handle: &Handle| {
            is_list(handle) && handle.shown.as_ref().is_none_or(|shown| shown.loaded_all != Some(true))
        };
        let ids = |is_chosen: &dyn Fn(&Handle) -> bool| -> Vec<HandleId> {
            self.handles.iter().filter(|(_, handle)| is_chosen(handle)).map(|(id, _)| *id).collect()
        };
        let (more, all) = (ids(&has_more), ids(&is_list));
        let lists = if more.is_empty() { all } else { more };
        lists.get(index % lists.len().max(1)).copied()
    }

    fn new_text(&mut self) -> String {
        self.texts += 1;
        ["text ", &self.texts.to_string(), " of ", &self.number.to_string()].concat()
    }

    pub(crate) fn perform(&mut self, now: Millis, action: Action) {
        let at = conversation;
        match action {
            Action::Send(number) => self.send(now, number, None),
            Action::SendTwo(number) => {
                self.send(now, number, None);
                self.send(now, number, None);
            }
            Action::Reply(number, message) => {
                let referenced = self.message_at(number, message);
                self.send(now, number, referenced);
            }
            Action::Edit(number, message) => {
                if let Some(message) = self.message_at(number, message) {
                    let data = EditMessage { text: Some(self.new_text()), ..EditMessage::default() };
                    self.request(now, Op::MessageEdit { conversation: at(number), message, data });
                }
            }
            Action::Delete(number, message) => {
                let replied = self.own_replied_message(number).filter(|_| message == LAST);
                if let Some(message) = replied.or_else(|| self.message_at(number, message)) {
                    self.request(now, Op::MessageDelete { conversation: at(number), message });
                }
            }
            Action::React(number, message) => {
                if let Some(message) = self.message_at(number, message) {
                    let emoji = EMOJI.to_owned();
                    self.request(now, Op::ReactionAdd { conversation: at(number), message, emoji });
                }
            }
            Action::Unreact(number, message) => {
                if let Some(message) = self.message_at(number, message) {
                    let emoji = EMOJI.to_owned();
                    self.request(now, Op::ReactionRemove { conversation: at(number), message, emoji });
                }
            }
            Action::MarkAsRead(number) => {
                self.request(now, Op::ConversationMarkAsRead { conversation: at(number) });
            }
            Action::MarkAsUnread(number) => {
                self.request(now, Op::ConversationMarkAsUnread { conversation: at(number) });
            }
            Action::MarkAsTyping(number) => {
                self.request(now, Op::ConversationMarkAsTyping { conversation: at(number) });
            }
            Action::SetSubject(number) => {
                let subject = Patch::Set(self.new_text());
                let data = SetConversation { subject, ..SetConversation::default() };
                self.request(now, Op::ConversationSet { conversation: at(number), data });
            }
            Action::Invite(number, other) => {
                let (conversation, user, data) = (at(number), user(other), CreateParticipant::default());
                self.request(now, Op::ParticipantCreateIfNotExists { conversation, user, data });
            }
            Action::Remove(number, other) => {
                let (conversation, user) = (at(number), user(other));
                self.request(now, Op::ParticipantDelete { conversation, user });
            }
            Action::Rename => {
                let name = Patch::Set(self.new_text());
                let data = SetUser { name, ..SetUser::default() };
                self.request(now, Op::UserSet { user: user(self.number), data });
            }
            Action::Open(choice) => self.open(now, choice),
            Action::OpenAgain(index) => {
                let topic = self.handles.values().nth(index).map(|handle| handle.topic.clone());
                if let Some(topic) = topic.filter(|_| self.handles.len() < MAX_HANDLES) {
                    self.open_topic(now, topic);
                }
            }
            Action::Unsubscribe(index) => {
                if let Some(id) = self.handles.keys().nth(index).copied() {
                    self.unsubscribe(now, id);
                }
            }
            Action::LoadMore(index, count) => {
                if let Some(id) = self.list_at(index) {
                    self.load_more(id, count);
                }
            }
            Action::Restart(choice) => {
                let ids: Vec<HandleId> = self.handles.keys().copied().collect();
                ids.into_iter().for_each(|id| self.unsubscribe(now, id));
                self.open(now, choice);
            }
        }
    }

    fn send(&mut self, now: Millis, number: usize, referenced_message: Option<MessageId>) {
        let text = self.new_text();
        let data = SendMessage { text: Some(text.clone()), referenced_message, ..SendMessage::default() };
        let id = self.request(now, Op::MessageSend { conversation: conversation(number), data });
        let conversation = conversation(number).as_str().to_owned();
        self.sent.insert(id, SentMessage { conversation, text, outcome: None });
    }

    fn open(&mut self, now: Millis, choice: TopicChoice) {
        let message = match choice {
            TopicChoice::Reactions(number, Some(index)) => self.message_at(number, index),
            _ => None,
        };
        if self.handles.len() < MAX_HANDLES {
            self.open_topic(now, choice.topic(message.unwrap_or_else(|| self.data.reacted.clone())));
        }
    }

    pub(crate) fn open_topic(&mut self, now: Millis, topic: Topic) -> HandleId {
        let id = self.client.open(now, &topic).expect("below the limit");
        self.handles.insert(id, Handle::new(topic));
        id
    }

    fn unsubscribe(&mut self, now: Millis, id: HandleId) {
        self.client.unsubscribe(now, id);
        let Some(mut handle) = self.handles.remove(&id) else { return };
        self.observations.extend(handle.observations.take());
        if handle.is_loading {
            self.ended.insert(id, handle);
        }
    }

    /// Loads more of a handle's list. Returns whether it is one.
    pub(crate) fn load_more(&mut self, id: HandleId, count: Option<u32>) -> bool {
        let is_list = self.client.load_more(id, count).expect("a count in range");
        let Some(handle) = self.handles.get_mut(&id) else { return false };
        assert_eq!(is_list, handle.topic.page_sizes().is_some());
        handle.is_loading |= is_list;
        handle.was_extended |= is_list;
        is_list
    }

    /// Changes an entry of a list without moving it, if that is possible.
    pub(crate) fn touch(&mut self, now: Millis, topic: &Topic, entry: &str) {
        match topic {
            Topic::Messages { id } => {
                // Not the emoji of the lists of reactions.
                let (conversation, emoji) = (id.clone(), "🎉".to_owned());
                let message = MessageId::new(entry).expect("a message's id");
                self.request(now, Op::ReactionAdd { conversation, message, emoji });
            }
            Topic::Conversations { .. } => {
                let conversation = ConversationId::new(entry).expect("a conversation's id");
                let subject = Patch::Set(self.new_text());
                let data = SetConversation { subject, ..SetConversation::default() };
                self.request(now, Op::ConversationSet { conversation, data });
            }
            Topic::Participants { id } => {
                let (conversation, user) = (id.clone(), UserId::new(entry).expect("a user's id"));
                let data = SetParticipant { notify: Patch::Set(Notify::Never), ..SetParticipant::default() };
                self.request(now, Op::ParticipantEdit { conversation, user, data });
            }
            _ => {}
        }
    }

    fn request(&mut self, now: Millis, op: Op) -> RequestId {
        self.pending += 1;
        self.client.request(now, op).expect("the request is valid and below the limit")
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
        }
    }

    fn on_handle_event(&mut self, id: HandleId, event: HandleEvent<JsonSnapshot>) {
        if let Some(mut handle) = self.ended.remove(&id) {
            let is_end = matches!(event, HandleEvent::Loaded(_));
            let result = if is_end { handle.on_event(event) } else { Err("has events after its end".into()) };
            return self.check(&handle.topic, result);
        }
        let Some(handle) = self.handles.get_mut(&id) else {
            self.violation.get_or_insert_with(|| format!("{event:?} of a handle that ended"));
            return;
        };
        let result = handle.on_event(event);
        let topic = handle.topic.clone();
        self.check(&topic, result);
    }

    /// Takes note of what a frame is about.
    fn on_frame(&mut self, now: Millis, frame: &ServerFrame<Value>) {
        self.events += u32::from(matches!(frame, ServerFrame::Events { .. }));
        self.pages += u32::from(matches!(
            frame,
            ServerFrame::Result(outcome) if outcome.value.as_ref().is_some_and(|value| value.get("more").is_some())
        ));
        let ServerFrame::Reset { value: Some(value), .. } = frame else { return };
        self.resets += 1;
        if value.get("users").is_some() || value.get("many").is_some() {
            self.typing_at = now;
        }
        if let Some(items) = value["items"].as_array() {
            let lists = self.handles.values_mut();
            lists.filter(|handle| may_contain(&handle.topic, items)).for_each(|it| it.was_reset = true);
        }
    }

    /// Checks that nobody is shown as typing for longer than without a confirmation.
    fn check_typing(&mut self, now: Millis) {
        if now <= self.typing_at + TYPING_TIMEOUT {
            return;
        }
        let is_typing = |handle: &&Handle| {
            let shown = handle.shown.as_ref().and_then(|shown| shown.snapshot.as_ref());
            let value = shown.map(JsonSnapshot::value);
            let many = value.is_some_and(|value| value["many"] == true);
            many || value.and_then(|value| value["users"].as_array()).is_some_and(|users| !users.is_empty())
        };
        let mut typing = self.handles.values().filter(|handle| matches!(handle.topic, Topic::Typing { .. }));
        if let Some(handle) = typing.find(is_typing) {
            let topic = handle.topic.clone();
            self.check(&topic, Err(format!("somebody is typing at {now} since {}", self.typing_at)));
        }
    }
}

/// Returns whether a list of a topic may have these entries.
fn may_contain(topic: &Topic, items: &[Value]) -> bool {
    let Some(first) = items.first() else { return topic.page_sizes().is_some() };
    match topic {
        Topic::Messages { .. } => first.as_str().is_some_and(|id| id.starts_with("msg_")),
        Topic::Conversations { .. } => first.as_str().is_some_and(|id| !id.starts_with("msg_")),
        Topic::Participants { .. } => first.get("joinedAt").is_some(),
        Topic::Reactions { .. } => first.is_object() && first.get("joinedAt").is_none(),
        _ => false,
    }
}

impl SimulatedClient for Client {
    fn deadline(&self) -> Option<Millis> {
        // Ticks without an effect would not end.
        self.client.deadline().filter(|_| self.violation.is_none())
    }

    fn report_idle_tick(&mut self) {
        let number = self.number;
        self.violation.get_or_insert_with(|| format!("client {number}: a tick had no effect"));
    }

    fn act(&mut self, now: Millis, rng: &mut Rng) {
        self.check_typing(now);
        let action = self.script.pop_front().unwrap_or_else(|| Action::draw(rng, &self.data));
        self.perform(now, action);
    }

    fn input(&mut self, now: Millis, input: Input<Value>) {
        if !matches!(input, Input::Tick) {
            self.check_typing(now);
        }
        if let Input::Frame(_, frame) = &input {
            self.on_frame(now, frame);
        }
        self.client.handle_input(now, input);
    }

    fn poll_network(&mut self) -> Option<NetworkCommand> {
        loop {
            let output = match self.client.poll()? {
                ClientOutput::Engine(output) => output,
                ClientOutput::Flush => return Some(NetworkCommand::Flush),
                ClientOutput::Handle(id, event) => {
                    self.on_handle_event(id, event);
                    continue;
                }
            };
            let (conn, frame) = match output {
                Output::Open(conn) => return Some(NetworkCommand::Open(conn)),
                Output::Close(conn, _) => return Some(NetworkCommand::Close(conn)),
                Output::AbortPost(conn) => return Some(NetworkCommand::AbortPost(conn)),
                Output::Post(conn, _, requests) => {
                    let (user, client) = (user(self.number), self.id.clone());
                    let batch = Batch { v: VERSION, user, client, generation: Some(conn), requests };
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
                output @ (Output::Deliver(_) | Output::Auth(..) | Output::NeedToken | Output::Ended(_)) => {
                    panic!("unexpected output: {output:?}")
                }
            };
            return Some(NetworkCommand::Send(conn, serde_json::to_string(&frame).unwrap()));
        }
    }

    fn flush(&mut self, now: Millis) {
        self.client.flush(now);
    }
}
