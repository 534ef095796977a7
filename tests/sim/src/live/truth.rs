//! What really was in each conversation, one state after the other, as somebody who is in all of them and whose network
//! never fails reads it from the store after every request; and what each client was shown, to be held against it.

use std::collections::BTreeMap;

use serde_json::Value;

use super::lists::Key;

/// A message as it was at one time: its place, and what it said.
pub(crate) type Was = (Key, String);

/// A conversation's messages, newest first, by the number of the last event.
#[derive(Debug, Default)]
pub(crate) struct Talk {
    pub(crate) states: BTreeMap<u64, Vec<Was>>,
    /// What each message said, one after the other.
    pub(crate) wordings: BTreeMap<String, Vec<String>>,
    /// The messages in the order in which they were sent.
    pub(crate) order: Vec<String>,
}

impl Talk {
    pub(crate) fn note(&mut self, seq: u64, messages: Vec<Was>) {
        for ((_, id), said) in messages.iter().rev() {
            if !self.wordings.contains_key(id) {
                self.order.push(id.clone());
            }
            let wordings = self.wordings.entry(id.clone()).or_default();
            if wordings.last() != Some(said) {
                wordings.push(said.clone());
            }
        }
        let before = self.states.insert(seq, messages.clone());
        assert!(before.is_none_or(|before| before == messages), "event {seq} is two things");
    }

    pub(crate) fn last(&self) -> &[Was] {
        self.states.last_key_value().map_or(&[], |(_, messages)| messages)
    }

    fn wording(&self, id: &str, said: &str) -> Option<usize> {
        self.wordings.get(id)?.iter().position(|other| other == said)
    }
}

/// What a client was shown of a conversation's messages at one moment.
#[derive(Clone, Debug)]
pub(crate) struct Shown {
    pub(crate) conversation: String,
    pub(crate) seq: u64,
    pub(crate) messages: Vec<Was>,
    /// How far down it was loaded; all of it without one.
    pub(crate) low: Option<Key>,
}

impl Shown {
    /// What was shown must be what was there at that number, from the head of the list down to the lowest entry loaded;
    /// and no message may say what it said before.
    pub(crate) fn judge(&self, talks: &BTreeMap<String, Talk>) -> Result<(), String> {
        let talk = &talks[&self.conversation];
        let wrong = |what: &str, truth: &[Was]| {
            Err(format!("{} at {}: {what}\n shown {:?}\n truth {truth:?}", self.conversation, self.seq, self))
        };
        let Some(truth) = talk.states.get(&self.seq) else {
            return wrong("there was no such event", talk.last());
        };
        let loaded = truth.iter().filter(|(key, _)| self.low.as_ref().is_none_or(|low| key >= low));
        let (keys, shown): (Vec<&Key>, Vec<&Key>) =
            (loaded.map(|(key, _)| key).collect(), self.messages.iter().map(|(key, _)| key).collect());
        if keys != shown {
            return wrong("these are not the messages that were there", truth);
        }
        for ((_, id), said) in &self.messages {
            let there = truth.iter().find(|((_, other), _)| other == id);
            let there = there.and_then(|(_, said)| talk.wording(id, said));
            match talk.wording(id, said) {
                None => return wrong("that was never said", truth),
                now if now < there => return wrong("an older wording came back", truth),
                _ => {}
            }
        }
        Ok(())
    }
}

/// What a body says, as far as it is held against the truth.
pub(crate) fn said(body: &Value) -> String {
    body["plaintext"].as_str().expect("a message says something").to_owned()
}
