//! What is wrong on purpose between the server and its sockets, to see that a run is judged well.

use std::collections::{BTreeMap, BTreeSet};

use causerie_client::ConnectionId;
use serde_json::{Value, json};

use crate::world::Said;

/// Which promise is broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Broken {
    Nothing,
    /// Now and then events are left out, and the numbers made to fit.
    SkipsEvents,
    /// Whoever comes back is told that nothing happened meanwhile.
    ForgetsWhatWasMissed,
    /// Deleted messages stay.
    KeepsDeleted,
    /// An edit is sent with the words before it.
    SendsOldWords,
    /// Who is put out of a conversation is not told.
    LetsEavesdrop,
    /// Every repeated write is taken for a new one.
    ForgetsKeys,
}

pub(crate) struct Sabotage {
    broken: Broken,
    count: u64,
    /// By connection and subscription: what the client believes to have.
    believed: BTreeMap<(usize, ConnectionId, u64), Value>,
    /// The connections and subscriptions for which something came already.
    begun: BTreeSet<(usize, ConnectionId, u64)>,
    /// By message: the words it was first sent with.
    words: BTreeMap<String, Value>,
}

impl Sabotage {
    pub(crate) fn new(broken: Broken) -> Self {
        Sabotage {
            broken,
            count: 0,
            believed: BTreeMap::new(),
            begun: BTreeSet::new(),
            words: BTreeMap::new(),
        }
    }

    /// What becomes of something that a client sends.
    pub(crate) fn spoil_request(&mut self, text: &str) -> String {
        let mut frame: Value = serde_json::from_str(text).unwrap();
        self.count += 1;
        if self.broken == Broken::ForgetsKeys && frame.get("key").is_some() {
            frame["key"] = json!(format!("k{}", self.count));
            return frame.to_string();
        }
        text.to_owned()
    }

    /// What becomes of something that the server sends: perhaps nothing.
    pub(crate) fn spoil(&mut self, (client, conn): (usize, ConnectionId), said: Said) -> Option<Said> {
        let Said::Text(text) = &said else { return Some(said) };
        let mut frame: Value = serde_json::from_str(text).unwrap();
        let place = (client, conn, frame["id"].as_u64().unwrap_or(0));
        let events = frame["t"] == "events";
        match self.broken {
            Broken::Nothing | Broken::ForgetsKeys => return Some(said),
            Broken::SkipsEvents if events && frame.get("since").is_some() => {
                self.count += 1;
                let since = self.believed.remove(&place);
                if self.count.is_multiple_of(5) {
                    self.believed.insert(place, since.unwrap_or_else(|| frame["since"].clone()));
                    return None;
                }
                if let Some(since) = since {
                    frame["since"] = since;
                }
            }
            Broken::ForgetsWhatWasMissed if events && !self.begun.contains(&place) => {
                frame["changes"] = json!([]);
            }
            Broken::KeepsDeleted if events => {
                let changes = frame["changes"].as_array_mut().unwrap();
                changes.retain(|change| change.get("drop").is_none());
            }
            Broken::SendsOldWords => {
                if let Some(messages) = frame.pointer_mut("/entities/messages").and_then(Value::as_array_mut)
                {
                    for body in messages {
                        let id = body["id"].as_str().unwrap().to_owned();
                        let first = self.words.entry(id).or_insert_with(|| body["plaintext"].clone());
                        body["plaintext"] = first.clone();
                    }
                }
            }
            Broken::LetsEavesdrop
                if frame["t"] == "reset" && frame.get("value").is_none() && self.begun.contains(&place) =>
            {
                return None;
            }
            _ => {}
        }
        if frame["t"] == "reset" || events {
            self.begun.insert(place);
        }
        Some(Said::Text(frame.to_string()))
    }
}
