//! What happened in a conversation by one commit, as its followers are told. The text of it is the same for all who may
//! see it, but for the viewer's own reactions, and is written once, when the first of them wants it.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, OnceLock};

use causerie_protocol::entities::{Message, User};
use causerie_protocol::ids::{ConversationId, MessageId, UserId};
use causerie_protocol::topic;
use serde::Serialize;
use serde_json::value::RawValue;

use crate::events::{Event, MessagePayload};

/// After how many bytes, roughly, a batch is closed and the next begun, so that no frame becomes too large.
const BATCH_BYTES: usize = 64 * 1_024;
/// What an event without a message takes in a frame, roughly.
const EVENT_BYTES: usize = 64;

/// Consecutive events of one conversation.
#[derive(Debug)]
pub(crate) struct Batch {
    /// The conversation.
    pub(crate) id: ConversationId,
    /// The events with their numbers; one at least.
    pub(crate) events: Vec<(u64, Event)>,
    weight: usize,
    tail: OnceLock<Arc<str>>,
}

impl Batch {
    pub(super) fn new(id: ConversationId, seq: u64, event: Event) -> Batch {
        let weight = weight(&event);
        Batch { id, events: vec![(seq, event)], weight, tail: OnceLock::new() }
    }

    /// Takes the next event; gives it back where it does not go in with the others.
    pub(super) fn take(&mut self, seq: u64, event: Event) -> Result<(), Event> {
        let weight = weight(&event);
        if self.last() + 1 != seq || self.weight + weight > BATCH_BYTES {
            return Err(event);
        }
        self.weight += weight;
        self.events.push((seq, event));
        Ok(())
    }

    /// The number of the first event.
    pub(crate) fn first(&self) -> u64 {
        self.events.first().map_or(0, |(seq, _)| *seq)
    }

    /// The number of the last event.
    pub(crate) fn last(&self) -> u64 {
        self.events.last().map_or(0, |(seq, _)| *seq)
    }

    /// How many bytes it takes in a frame, roughly.
    pub(crate) fn weight(&self) -> usize {
        self.weight
    }

    /// The messages that it brings.
    pub(crate) fn said(&self) -> impl Iterator<Item = &Arc<MessagePayload>> {
        self.events.iter().filter_map(|(_, event)| said(event))
    }

    /// Everybody whose body it brings.
    pub(super) fn users(&self) -> impl Iterator<Item = &UserId> {
        self.said().flat_map(|said| said.users.iter().map(|user| &user.id))
    }

    /// Whether it changes the list of messages at all.
    pub(crate) fn is_seen(&self) -> bool {
        self.events.iter().any(|(_, event)| said(event).is_some() || matches!(event, Event::Deleted { .. }))
    }

    /// Whether somebody's reactions are in it, so that it differs by viewer.
    pub(crate) fn has_reactions(&self) -> bool {
        let has = |message: &Message<Box<RawValue>>| !message.reactions.is_empty();
        self.said().any(|said| has(&said.message) || said.referenced.as_ref().is_some_and(has))
    }

    /// The end of an `events` frame, as all viewers without reactions see it.
    pub(crate) fn tail(&self) -> &Arc<str> {
        self.tail.get_or_init(|| tail(&self.events, &HashMap::new()).into())
    }
}

fn said(event: &Event) -> Option<&Arc<MessagePayload>> {
    match event {
        Event::Sent(said) | Event::Edited(said) | Event::Reacted { payload: said, .. } => Some(said),
        _ => None,
    }
}

fn weight(event: &Event) -> usize {
    let of = |message: &Message<Box<RawValue>>| {
        let custom: usize = message.custom.iter().map(|(key, value)| key.len() + value.len() + 6).sum();
        256 + message.plaintext.len() + message.content.get().len() + custom + 64 * message.reactions.len()
    };
    let user = |user: &User| {
        let custom: usize = user.custom.iter().map(|(key, value)| key.len() + value.len() + 6).sum();
        160 + user.name.len() + user.photo_url.as_ref().map_or(0, String::len) + custom
    };
    said(event).map_or(EVENT_BYTES, |said| {
        of(&said.message)
            + said.referenced.as_ref().map_or(0, of)
            + said.users.iter().map(user).sum::<usize>()
    })
}

/// The end of an `events` frame over messages: `"changes":[…],"entities":{…}}`. `given` are the emoji that the viewer
/// gave to the messages that have any.
pub(crate) fn tail(events: &[(u64, Event)], given: &HashMap<MessageId, Vec<String>>) -> String {
    let mut changes: Vec<topic::Change<&str>> = Vec::with_capacity(events.len());
    let mut messages: Vec<&Message<Box<RawValue>>> = Vec::new();
    let mut users: Vec<&User> = Vec::new();
    let (mut message_ids, mut user_ids) = (HashSet::new(), HashSet::new());
    // The newest body of each counts, so they are gathered from the end.
    for (_, event) in events.iter().rev() {
        if let Some(said) = said(event) {
            if message_ids.insert(&said.message.id) {
                messages.push(&said.message);
                changes.push(topic::Change::Put(said.message.id.as_str()));
            } else if matches!(event, Event::Sent(_))
                && changes.iter().all(|change| !puts(change, &said.message.id))
            {
                changes.push(topic::Change::Put(said.message.id.as_str()));
            }
            if let Some(referenced) = &said.referenced
                && message_ids.insert(&referenced.id)
            {
                messages.push(referenced);
            }
            users.extend(said.users.iter().filter(|user| user_ids.insert(&user.id)));
        } else if let Event::Deleted { id, .. } = event {
            changes.push(topic::Change::Drop(id.as_str().to_owned()));
        }
    }
    changes.reverse();
    let mut text = String::with_capacity(128 + 512 * messages.len());
    text.push_str("\"changes\":");
    push(&mut text, &changes);
    text.push_str(",\"entities\":{");
    if !users.is_empty() {
        text.push_str("\"users\":");
        push(&mut text, &users);
    }
    if !messages.is_empty() {
        text.push_str(if users.is_empty() { "\"messages\":" } else { ",\"messages\":" });
        let mut separator = '[';
        for message in messages {
            text.push(separator);
            separator = ',';
            match given.get(&message.id) {
                Some(emoji) => push(&mut text, &seen_by(message, emoji)),
                None => push(&mut text, message),
            }
        }
        text.push(']');
    }
    text.push_str("}}");
    text
}

fn puts(change: &topic::Change<&str>, id: &MessageId) -> bool {
    matches!(change, topic::Change::Put(put) if *put == id.as_str())
}

/// A message as somebody sees it who gave these emoji.
fn seen_by(message: &Message<Box<RawValue>>, emoji: &[String]) -> Message<Box<RawValue>> {
    let mut message = message.clone();
    for reaction in &mut message.reactions {
        reaction.current_user_reacted = emoji.contains(&reaction.emoji);
    }
    message
}

/// Appends a value as JSON.
fn push(text: &mut String, value: &impl Serialize) {
    match serde_json::to_string(value) {
        Ok(json) => text.push_str(&json),
        // Names and texts always can be written; a frame that cannot be read would be worse than an empty one.
        Err(error) => {
            tracing::error!(%error, "a body could not be written as JSON");
            text.push_str("null");
        }
    }
}

/// A user's body that changed.
#[derive(Debug)]
pub(crate) struct Update {
    /// The body.
    pub(crate) user: User,
    frame: OnceLock<Arc<str>>,
}

impl Update {
    pub(super) fn new(user: User) -> Update {
        Update { user, frame: OnceLock::new() }
    }

    /// The whole frame.
    pub(crate) fn frame(&self) -> &Arc<str> {
        self.frame.get_or_init(|| {
            let mut text = String::from("{\"t\":\"update\",\"entities\":{\"users\":[");
            push(&mut text, &self.user);
            text.push_str("]}}");
            text.into()
        })
    }
}

#[cfg(test)]
mod tests {
    use causerie_protocol::entities::{MessageKind, Origin, ReactionSummary};
    use serde_json::{Value, json};

    use super::*;

    fn message(id: &str, text: &str, reactions: &[(&str, u32)]) -> Message<Box<RawValue>> {
        Message {
            id: MessageId::new(id).unwrap(),
            conversation: ConversationId::new("talk").unwrap(),
            kind: MessageKind::UserMessage,
            sender: UserId::new("ada").ok(),
            custom: Default::default(),
            created_at: 5,
            edited_at: None,
            referenced_message: None,
            origin: Origin::Web,
            plaintext: text.to_owned(),
            content: RawValue::from_string("[]".to_owned()).unwrap(),
            reactions: (reactions.iter())
                .map(|(emoji, count)| ReactionSummary {
                    emoji: (*emoji).to_owned(),
                    count: *count,
                    current_user_reacted: false,
                })
                .collect(),
        }
    }

    fn said(
        message: Message<Box<RawValue>>,
        referenced: Option<Message<Box<RawValue>>>,
    ) -> Arc<MessagePayload> {
        let ada = User {
            id: UserId::new("ada").unwrap(),
            name: "Ada".to_owned(),
            custom: Default::default(),
            locale: "en".to_owned(),
            photo_url: None,
            role: "default".to_owned(),
            welcome_message: None,
        };
        Arc::new(MessagePayload { message, users: vec![ada], referenced })
    }

    fn read(events: &[Event], given: &HashMap<MessageId, Vec<String>>) -> Value {
        let events: Vec<_> = (1..).zip(events.iter().cloned()).collect();
        serde_json::from_str(&format!("{{{}", tail(&events, given))).unwrap()
    }

    #[test]
    fn each_body_is_there_once_and_is_the_newest_and_changes_keep_their_order() {
        let drop = |id: &str| Event::Deleted { id: MessageId::new(id).unwrap(), created_at: 5 };
        let events = [
            Event::Sent(said(message("a", "first", &[]), None)),
            Event::Sent(said(message("b", "reply", &[]), Some(message("a", "first", &[])))),
            Event::Edited(said(message("a", "edited", &[]), None)),
            Event::Joined(UserId::new("bob").unwrap()),
            drop("b"),
            Event::Sent(said(message("c", "last", &[]), Some(message("a", "edited", &[])))),
        ];
        let frame = read(&events, &HashMap::new());
        let changes = frame["changes"].as_array().unwrap();
        let at = |change: Value| changes.iter().position(|other| *other == change).unwrap_or(usize::MAX);
        assert!(at(json!({ "put": "b" })) < at(json!({ "drop": "b" })), "{frame}");
        assert!(at(json!({ "put": "a" })) < usize::MAX && at(json!({ "put": "c" })) < usize::MAX, "{frame}");
        assert_eq!(changes.len(), 4, "{frame}");
        let bodies = frame["entities"]["messages"].as_array().unwrap();
        let text = |id: &str| bodies.iter().filter(|body| body["id"] == id).collect::<Vec<_>>();
        assert_eq!(text("a").len(), 1);
        assert_eq!(text("a")[0]["plaintext"], "edited");
        assert_eq!(frame["entities"]["users"].as_array().unwrap().len(), 1);
    }

    #[test]
    fn a_message_that_was_sent_and_came_again_as_what_another_answers_is_put_all_the_same() {
        let events = [
            Event::Sent(said(message("a", "first", &[]), None)),
            Event::Sent(said(message("b", "reply", &[]), Some(message("a", "first", &[])))),
        ];
        assert_eq!(read(&events, &HashMap::new())["changes"], json!([{ "put": "a" }, { "put": "b" }]));
    }

    #[test]
    fn ones_own_reactions_are_told_apart() {
        let events = [Event::Edited(said(message("a", "x", &[("👍", 2), ("🎉", 1)]), None))];
        let given = HashMap::from([(MessageId::new("a").unwrap(), vec!["🎉".to_owned()])]);
        let frame = read(&events, &given);
        let own: Vec<_> = (frame["entities"]["messages"][0]["reactions"].as_array().unwrap().iter())
            .map(|reaction| reaction["currentUserReacted"].clone())
            .collect();
        assert_eq!(own, [false, true]);
    }

    #[test]
    fn a_batch_takes_what_follows_and_no_more_than_a_frame_may_hold() {
        let talk = ConversationId::new("talk").unwrap();
        let sent = |text: &str| Event::Sent(said(message("a", text, &[]), None));
        let mut batch = Batch::new(talk, 7, sent("x"));
        assert!(batch.take(8, Event::SettingsChanged).is_ok());
        assert!(batch.take(10, Event::SettingsChanged).is_err(), "nine is missing");
        assert!(batch.take(9, sent(&"x".repeat(BATCH_BYTES))).is_err(), "too much for one frame");
        assert_eq!((batch.first(), batch.last()), (7, 8));
    }
}
