//! The ground truth: the states that each conversation had, read from the store after every request by an
//! observer who is in all conversations and whose network never fails. And the states that each client had,
//! to compare with it.

use std::collections::BTreeMap;

use serde_json::Value;

use super::store::EntryCursor;

/// A message at one time: its cursor and its text.
pub(crate) type MessageState = (EntryCursor, String);

/// The states of a conversation's messages.
#[derive(Debug, Default)]
pub(crate) struct ConversationHistory {
    /// The messages, newest first, by the number of the last event.
    pub(crate) states: BTreeMap<u64, Vec<MessageState>>,
    /// The texts of each message, one after the other.
    pub(crate) texts: BTreeMap<String, Vec<String>>,
    /// The messages in the order in which they were sent.
    pub(crate) order: Vec<String>,
}

impl ConversationHistory {
    pub(crate) fn record(&mut self, seq: u64, messages: Vec<MessageState>) {
        for ((_, id), text) in messages.iter().rev() {
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

    fn latest(&self) -> &[MessageState] {
        self.states.last_key_value().map_or(&[], |(_, messages)| messages)
    }

    /// Returns the index of a text among the texts of a message.
    fn revision(&self, id: &str, text: &str) -> Option<usize> {
        self.texts.get(id)?.iter().position(|other| other == text)
    }
}

/// The state of a list of messages that a client had.
#[derive(Clone, Debug)]
pub(crate) struct Observation {
    pub(crate) conversation: String,
    pub(crate) seq: u64,
    pub(crate) messages: Vec<MessageState>,
    /// The cursor of the last loaded entry, or `None` if the list is complete.
    pub(crate) window_end: Option<EntryCursor>,
}

impl Observation {
    /// Checks that the list equals the ground truth at its position, from its head to the last loaded entry,
    /// and that no message has an older text than it had there.
    pub(crate) fn check(&self, histories: &BTreeMap<String, ConversationHistory>) -> Result<(), String> {
        let history = &histories[&self.conversation];
        let violation = |problem: &str, truth: &[MessageState]| {
            let Observation { conversation, seq, .. } = self;
            Err(format!("{conversation} at {seq}: {problem}\n observed {self:?}\n truth {truth:?}"))
        };
        let Some(truth) = history.states.get(&self.seq) else {
            return violation("there is no such event", history.latest());
        };
        let loaded =
            truth.iter().filter(|(cursor, _)| self.window_end.as_ref().is_none_or(|end| cursor >= end));
        let expected: Vec<&EntryCursor> = loaded.map(|(cursor, _)| cursor).collect();
        let observed: Vec<&EntryCursor> = self.messages.iter().map(|(cursor, _)| cursor).collect();
        if expected != observed {
            return violation("the list has other messages", truth);
        }
        for ((_, id), text) in &self.messages {
            let expected = truth.iter().find(|((_, other), _)| other == id);
            let expected = expected.and_then(|(_, text)| history.revision(id, text));
            match history.revision(id, text) {
                None => return violation("a message has a text that it never had", truth),
                observed if observed < expected => return violation("a message has an older text", truth),
                _ => {}
            }
        }
        Ok(())
    }
}

/// Returns the text of a message's body.
pub(crate) fn text_of(body: &Value) -> String {
    body["plaintext"].as_str().expect("a message has a plaintext").to_owned()
}
