//! Deliberate bugs between the server and its sockets, to test the checks.

use std::collections::{BTreeMap, BTreeSet};

use causerie_client::ConnectionId;
use serde_json::{Value, json};

use crate::endpoints::ServerMessage;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Bug {
    None,
    /// Every fifth `events` frame is left out, and the numbers of the next one are changed to match.
    SkipsEvents,
    /// A client that resumes a subscription gets no changes.
    LosesMissedEvents,
    /// Deletions are not sent.
    KeepsDeleted,
    /// Every message is sent with its first text.
    SendsOldTexts,
    /// A user who is removed from a conversation is not notified.
    KeepsRemovedUser,
    /// Repeated writes are executed again.
    IgnoresKeys,
}

/// Applies a bug to the frames of all connections.
pub(crate) struct BugInjector {
    bug: Bug,
    count: u64,
    /// By connection and subscription: the position of the client, if the last `events` frame was left out.
    client_seq: BTreeMap<(usize, ConnectionId, u64), Value>,
    /// The connections and subscriptions that were sent a frame before.
    started: BTreeSet<(usize, ConnectionId, u64)>,
    /// The first text of each message.
    first_texts: BTreeMap<String, Value>,
}

impl BugInjector {
    pub(crate) fn new(bug: Bug) -> Self {
        BugInjector {
            bug,
            count: 0,
            client_seq: BTreeMap::new(),
            started: BTreeSet::new(),
            first_texts: BTreeMap::new(),
        }
    }

    /// Returns the frame that arrives instead of a client's frame.
    pub(crate) fn modify_request(&mut self, text: &str) -> String {
        if self.bug != Bug::IgnoresKeys {
            return text.to_owned();
        }
        let mut frame: Value = serde_json::from_str(text).unwrap();
        self.count += 1;
        if frame.get("key").is_some() {
            frame["key"] = json!(format!("k{}", self.count));
            return frame.to_string();
        }
        text.to_owned()
    }

    /// Returns the message that is sent instead of the server's message, if any.
    pub(crate) fn modify_message(
        &mut self,
        (client, conn): (usize, ConnectionId),
        message: ServerMessage,
    ) -> Option<ServerMessage> {
        let ServerMessage::Text(text) = &message else { return Some(message) };
        if matches!(self.bug, Bug::None | Bug::IgnoresKeys) {
            return Some(message);
        }
        let mut frame: Value = serde_json::from_str(text).unwrap();
        let key = (client, conn, frame["id"].as_u64().unwrap_or(0));
        let is_events = frame["t"] == "events";
        match self.bug {
            Bug::None | Bug::IgnoresKeys => return Some(message),
            Bug::SkipsEvents if is_events && frame.get("since").is_some() => {
                self.count += 1;
                let since = self.client_seq.remove(&key);
                if self.count.is_multiple_of(5) {
                    self.client_seq.insert(key, since.unwrap_or_else(|| frame["since"].clone()));
                    return None;
                }
                if let Some(since) = since {
                    frame["since"] = since;
                }
            }
            Bug::LosesMissedEvents if is_events && !self.started.contains(&key) => {
                frame["changes"] = json!([]);
            }
            Bug::KeepsDeleted if is_events => {
                let changes = frame["changes"].as_array_mut().unwrap();
                changes.retain(|change| change.get("drop").is_none());
            }
            Bug::SendsOldTexts => {
                if let Some(messages) = frame.pointer_mut("/entities/messages").and_then(Value::as_array_mut)
                {
                    for body in messages {
                        let id = body["id"].as_str().unwrap().to_owned();
                        let first = self.first_texts.entry(id).or_insert_with(|| body["plaintext"].clone());
                        body["plaintext"] = first.clone();
                    }
                }
            }
            Bug::KeepsRemovedUser
                if frame["t"] == "reset" && frame.get("value").is_none() && self.started.contains(&key) =>
            {
                return None;
            }
            _ => {}
        }
        if frame["t"] == "reset" || is_events {
            self.started.insert(key);
        }
        Some(ServerMessage::Text(frame.to_string()))
    }
}
