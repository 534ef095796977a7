//! The whole server under the simulation's clock. Each text is executed before the next one is sent, so that
//! all changes have one order. After each text that changes messages, their state is read from the store, for
//! the checks.

use std::collections::BTreeMap;

use causerie_client::{ConnectionId, Millis};
use causerie_protocol::decode::{batch, client_frame};
use causerie_protocol::http::{Batch, BatchResults};
use causerie_protocol::limits::KEPT_BODIES;
use causerie_protocol::version::VERSION;
use causerie_protocol::{ClientFrame, Op, Outcome, Request};
use serde_json::{Value, json};

use super::bugs::BugInjector;
use super::connections::{Connections, Login, TopicState};
use super::data::{self, Data, LongList, conversation, user};
use super::ground_truth::{ConversationHistory, text_of};
use super::pipe::Pipe;
use crate::endpoints::{ServerMessage, SimulatedServer};
use crate::rng::seed_random_bits;

/// The time after a text within which the server sends what it delays.
const DELAY: Millis = 60;
/// The time within which the server sends what expires.
const STEP: Millis = 1_000;

pub(crate) struct WholeServer {
    connections: Connections,
    sockets: BTreeMap<(usize, ConnectionId), Pipe>,
    messages: Vec<(usize, ConnectionId, ServerMessage)>,
    observer: Login,
    /// Another client of the observer, which reads messages after each change. It keeps their texts, so that
    /// they are not sent again.
    recorder: Login,
    texts: BTreeMap<String, String>,
    /// The states of each conversation's messages.
    pub(crate) histories: BTreeMap<String, ConversationHistory>,
    pub(crate) data: Data,
    bugs: BugInjector,
    is_active: bool,
}

impl WholeServer {
    /// Starts a server with some users and conversations.
    pub(crate) fn new(seed: u64, long: LongList, bugs: BugInjector) -> Self {
        seed_random_bits(seed);
        let mut connections = Connections::new();
        let (observer, data) = data::create(&mut connections, long);
        let recorder = connections.log_in("observer", "recorder", KEPT_BODIES);
        let mut server = WholeServer {
            connections,
            sockets: BTreeMap::new(),
            messages: Vec::new(),
            observer,
            recorder,
            texts: BTreeMap::new(),
            histories: BTreeMap::new(),
            data,
            bugs,
            is_active: false,
        };
        let conversations = 0..server.data.conversations;
        let names: Vec<String> =
            conversations.map(|number| conversation(number).as_str().to_owned()).collect();
        server.record_messages(&names);
        server
    }

    /// Records the messages that conversations have now.
    fn record_messages(&mut self, conversations: &[String]) {
        let topics: Vec<Value> =
            conversations.iter().map(|id| json!({ "kind": "messages", "id": id })).collect();
        let states = self.recorder.load(&self.connections, &topics);
        for (conversation, (seq, value, entities)) in conversations.iter().zip(states) {
            let value = value.expect("the observer is in every conversation");
            assert_eq!(value["more"], false);
            let texts =
                entities.messages.iter().map(|body| (body["id"].as_str().unwrap().to_owned(), text_of(body)));
            self.texts.extend(texts);
            let messages = value["items"].as_array().unwrap().iter().map(|id| {
                let id = id.as_str().unwrap().to_owned();
                (id.clone(), self.texts[&id].clone())
            });
            let history = self.histories.entry(conversation.clone()).or_default();
            history.record(seq.expect("messages are numbered"), messages.collect());
        }
    }

    /// Loads topics that are the same for all users.
    pub(crate) fn load_as_observer(&mut self, topics: &[Value]) -> Vec<TopicState> {
        self.observer.load(&self.connections, topics)
    }

    /// Loads topics as a new client of one of the users.
    pub(crate) fn load_as_new_client(&mut self, number: usize, topics: &[Value]) -> Vec<TopicState> {
        let mut client = self.connections.log_in(user(number).as_str(), "new-client", 0);
        let states = client.load(&self.connections, topics);
        drop(client);
        self.run_tasks();
        states
    }

    /// Lets the server's tasks run, and collects the messages that they send.
    fn run_tasks(&mut self) {
        self.connections.run_tasks();
        self.collect_messages();
    }

    fn collect_messages(&mut self) {
        let WholeServer { sockets, messages, bugs, .. } = self;
        sockets.retain(|key, socket| {
            while let Some(message) = socket.receive() {
                let closed = matches!(message, ServerMessage::Closed(_));
                let message = bugs.modify_message(*key, message);
                messages.extend(message.map(|message| (key.0, key.1, message)));
                if closed {
                    return false;
                }
            }
            true
        });
    }
}

/// Returns the conversation whose messages a request changes.
fn changed_conversation(request: &Request) -> Option<String> {
    match &request.op {
        Op::MessageSend { conversation, .. }
        | Op::MessageEdit { conversation, .. }
        | Op::MessageDelete { conversation, .. } => Some(conversation.as_str().to_owned()),
        _ => None,
    }
}

impl SimulatedServer for WholeServer {
    const PINGS: bool = true;

    fn advance_clock(&mut self, time: Millis) {
        self.is_active = false;
        if time > 0 {
            self.connections.advance_clock(time);
            self.observer.keep_alive();
            self.recorder.keep_alive();
            self.collect_messages();
        }
    }

    fn longest_step(&self) -> Option<Millis> {
        Some(if self.is_active { DELAY } else { STEP })
    }

    fn on_text(&mut self, client: usize, conn: ConnectionId, text: &str) {
        self.is_active = true;
        let text = self.bugs.modify_request(text);
        let frame = client_frame(&text).expect("the engine sends valid frames");
        let key = (client, conn);
        if let ClientFrame::Hello(_) = &frame {
            self.sockets.insert(key, self.connections.connect());
        }
        let Some(socket) = self.sockets.get_mut(&key) else { return };
        socket.send(&text);
        self.run_tasks();
        if let ClientFrame::Request(request) = &frame
            && let Some(conversation) = changed_conversation(request)
        {
            self.record_messages(&[conversation]);
        }
    }

    fn on_post(&mut self, text: &str) -> String {
        self.is_active = true;
        let read = batch(text).expect("the engine sends valid batches");
        let mut results = Vec::new();
        // One request at a time, so that the state after each is recorded.
        for request in read.requests {
            let request = request.unwrap();
            let changed = changed_conversation(&request);
            let (user, client) = (read.user.clone(), read.client.clone());
            let generation = read.generation;
            let one = Batch { v: VERSION, user, client, generation, requests: vec![request] };
            let body = self.connections.post(&serde_json::to_string(&one).unwrap());
            let answers: BatchResults<Value> = serde_json::from_str(&body).unwrap();
            results.extend::<Vec<Outcome<Value>>>(answers.results);
            if let Some(conversation) = changed {
                self.record_messages(&[conversation]);
            }
            self.collect_messages();
        }
        serde_json::to_string(&BatchResults { results, token_expires_in: None }).unwrap()
    }

    fn on_closed(&mut self, client: usize, conn: ConnectionId) {
        self.is_active = true;
        self.sockets.remove(&(client, conn));
        self.run_tasks();
    }

    fn take_sockets(&mut self) -> Vec<(usize, ConnectionId)> {
        let sockets = std::mem::take(&mut self.sockets).into_keys().collect();
        self.run_tasks();
        sockets
    }

    fn take_messages(&mut self) -> Vec<(usize, ConnectionId, ServerMessage)> {
        std::mem::take(&mut self.messages)
    }
}
