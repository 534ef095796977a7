//! The states that the messages of each conversation had, read from the store after every change by an
//! observer who is in all conversations and whose network never fails. And the states that each handle
//! showed, to compare with them.

use std::collections::BTreeMap;

use serde_json::Value;

/// A message at one time: its id and its text.
pub(crate) type MessageState = (String, String);

/// The states of a conversation's messages.
#[derive(Debug, Default)]
pub(crate) struct ConversationHistory {
    /// The messages, newest first, by the number of the last event.
    states: BTreeMap<u64, Vec<MessageState>>,
    /// The texts of each message, one after the other.
    pub(crate) texts: BTreeMap<String, Vec<String>>,
    /// The messages in the order in which they were sent.
    pub(crate) order: Vec<String>,
}

impl ConversationHistory {
    pub(crate) fn record(&mut self, seq: u64, messages: Vec<MessageState>) {
        for (id, text) in messages.iter().rev() {
            if !self.texts.contains_key(id) {
                self.order.push(id.clone());
            }
            let texts = self.texts.entry(id.clone()).or_default();
            if texts.last() != Some(text) {
                texts.push(text.clone());
            }
        }
        let previous = self.states.insert(seq, messages.clone());
        assert!(previous.is_none_or(|previous| previous == messages), "event {seq} has two states");
    }

    /// Returns the index of a text among the texts of a message.
    fn revision(&self, id: &str, text: &str) -> Option<usize> {
        self.texts.get(id)?.iter().position(|other| other == text)
    }

    /// Returns whether a state is what the list shows, down to its end or to the last entry that is loaded.
    /// The texts may be newer. A message that was deleted later may be missing: another subscription can show
    /// the deletion first.
    fn shows(&self, state: &[MessageState], shown: &ShownMessages) -> bool {
        let mut rest = shown.messages.iter().peekable();
        for (id, text) in state {
            let same = rest.next_if(|(other, _)| other == id);
            if same.is_some_and(|(_, newer)| self.revision(id, newer) < self.revision(id, text)) {
                return false;
            }
            if same.is_none() && !self.is_deleted(id) {
                return rest.peek().is_none() && !shown.loaded_all;
            }
        }
        rest.peek().is_none()
    }

    fn is_deleted(&self, id: &str) -> bool {
        self.states.last_key_value().is_some_and(|(_, latest)| latest.iter().all(|(other, _)| other != id))
    }
}

/// The messages that a handle showed.
#[derive(Clone, Debug)]
pub(crate) struct ShownMessages {
    pub(crate) messages: Vec<MessageState>,
    pub(crate) loaded_all: bool,
}

/// The messages that a handle showed, one after the other.
#[derive(Clone, Debug)]
pub(crate) struct Observations {
    pub(crate) conversation: String,
    pub(crate) shown: Vec<ShownMessages>,
}

impl Observations {
    /// Checks that each list is one of the states that the conversation had, one after the other.
    pub(crate) fn check(&self, histories: &BTreeMap<String, ConversationHistory>) -> Result<(), String> {
        let history = &histories[&self.conversation];
        let mut states = history.states.values().peekable();
        for shown in &self.shown {
            for (id, text) in &shown.messages {
                if history.revision(id, text).is_none() {
                    return Err(format!("{}: {id} never had the text {text:?}", self.conversation));
                }
            }
            while states.peek().is_some_and(|state| !history.shows(state, shown)) {
                states.next();
            }
            if states.peek().is_none() {
                let conversation = &self.conversation;
                return Err(format!("{conversation}: there was no such state, or it was earlier: {shown:?}"));
            }
        }
        Ok(())
    }
}

/// Returns the text of a message's body.
pub(crate) fn text_of(body: &Value) -> String {
    body["plaintext"].as_str().expect("a message has a plaintext").to_owned()
}
