//! The events of one conversation in one commit, encoded for its followers. The encoding is the same for all
//! viewers, except for their own reactions, so it is made once, when the first follower needs it.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, OnceLock};

use causerie_protocol::entities::{Message, User};
use causerie_protocol::frames::Entities;
use causerie_protocol::ids::{ConversationId, MessageId, UserId};
use causerie_protocol::topic::Change;
use serde::Serialize;
use serde_json::value::RawValue;

use crate::encoding::{Body, BodyKey, FrameEnd, Reference, SharedFrameEnd};
use crate::events::{Event, MessagePayload};

/// The approximate size of a batch in bytes after which the next one begins, so that no frame becomes too
/// large.
const BATCH_BYTES: usize = 64 * 1_024;
/// The approximate bytes of an event without a message in a frame.
const EVENT_BYTES: usize = 64;

/// Consecutive events of one conversation.
#[derive(Debug)]
pub(crate) struct Batch {
    /// The conversation's id.
    pub(crate) id: ConversationId,
    /// The events with their numbers; at least one.
    pub(crate) events: Vec<(u64, Event)>,
    bytes: usize,
    end: OnceLock<Arc<SharedFrameEnd>>,
}

impl Batch {
    pub(super) fn new(id: ConversationId, seq: u64, event: Event) -> Batch {
        let bytes = event_bytes(&event);
        Batch { id, events: vec![(seq, event)], bytes, end: OnceLock::new() }
    }

    /// Adds the next event. Returns it if it does not follow the last one, or if the batch is full.
    pub(super) fn push(&mut self, seq: u64, event: Event) -> Result<(), Event> {
        let bytes = event_bytes(&event);
        if self.last() + 1 != seq || self.bytes + bytes > BATCH_BYTES {
            return Err(event);
        }
        self.bytes += bytes;
        self.events.push((seq, event));
        Ok(())
    }

    /// Returns the number of the first event.
    pub(crate) fn first(&self) -> u64 {
        self.events.first().map_or(0, |(seq, _)| *seq)
    }

    /// Returns the number of the last event.
    pub(crate) fn last(&self) -> u64 {
        self.events.last().map_or(0, |(seq, _)| *seq)
    }

    /// Returns the approximate size in a frame.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Returns the messages that the events contain.
    pub(crate) fn payloads(&self) -> impl Iterator<Item = &Arc<MessagePayload>> {
        self.events.iter().filter_map(|(_, event)| payload(event))
    }

    /// Returns the ids of the users whose bodies the events contain; some of them several times.
    pub(super) fn users(&self) -> impl Iterator<Item = &UserId> {
        self.payloads().flat_map(|payload| payload.users.iter().map(|user| &user.id))
    }

    /// Returns whether the batch changes the list of messages.
    pub(crate) fn changes_messages(&self) -> bool {
        self.events.iter().any(|(_, event)| changes_messages(event))
    }

    /// Returns whether a message in the batch has reactions, so that the batch differs by viewer.
    pub(crate) fn has_reactions(&self) -> bool {
        let has = |message: &Message<Box<RawValue>>| !message.reactions.is_empty();
        self.payloads().any(|payload| has(&payload.message) || payload.referenced.as_ref().is_some_and(has))
    }

    /// Returns the end of an `events` frame, as [`frame_end`] does, for viewers without reactions.
    pub(crate) fn end(&self) -> &Arc<SharedFrameEnd> {
        self.end
            .get_or_init(|| Arc::new(SharedFrameEnd::new(frame_end(&self.id, &self.events, &HashMap::new()))))
    }
}

/// Returns whether an event changes the list of messages.
pub(crate) const fn changes_messages(event: &Event) -> bool {
    matches!(event, Event::Sent(_) | Event::Edited(_) | Event::Reacted { .. } | Event::Deleted { .. })
}

fn payload(event: &Event) -> Option<&Arc<MessagePayload>> {
    match event {
        Event::Sent(payload) | Event::Edited(payload) | Event::Reacted { payload, .. } => Some(payload),
        _ => None,
    }
}

/// Estimates the size of an event in a frame.
fn event_bytes(event: &Event) -> usize {
    let message_bytes = |message: &Message<Box<RawValue>>| {
        let custom: usize = message.custom.iter().map(|(key, value)| key.len() + value.len() + 6).sum();
        256 + message.plaintext.len() + message.content.get().len() + custom + 64 * message.reactions.len()
    };
    payload(event).map_or(EVENT_BYTES, |payload| {
        message_bytes(&payload.message)
            + payload.referenced.as_ref().map_or(0, message_bytes)
            + payload.users.iter().map(user_bytes).sum::<usize>()
    })
}

/// Estimates the size of a user's body.
fn user_bytes(user: &User) -> usize {
    let custom: usize = user.custom.iter().map(|(key, value)| key.len() + value.len() + 6).sum();
    160 + user.name.len() + user.photo_url.as_ref().map_or(0, String::len) + custom
}

/// Encodes the end of an `events` frame about messages: the changes and the bodies. `own_reactions` are the
/// emoji of the viewer's reactions, by message.
pub(crate) fn frame_end(
    conversation: &ConversationId,
    events: &[(u64, Event)],
    own_reactions: &HashMap<MessageId, Vec<String>>,
) -> FrameEnd {
    let mut changes: Vec<Change<&str>> = Vec::with_capacity(events.len());
    let mut messages: Vec<(&Message<Box<RawValue>>, Reference)> = Vec::new();
    let mut indices: HashMap<&MessageId, usize> = HashMap::new();
    let mut users: Vec<&User> = Vec::new();
    let mut user_ids = HashSet::new();
    let mut dropped = Vec::new();
    // Only the newest body of each entity is sent, so the events are visited from the last to the first.
    for (_, event) in events.iter().rev() {
        if let Some(payload) = payload(event) {
            let id = &payload.message.id;
            let reference = Reference::of(&payload.message, payload.referenced.is_some());
            match indices.entry(id) {
                Entry::Vacant(entry) => {
                    entry.insert(messages.len());
                    messages.push((&payload.message, reference));
                    changes.push(Change::Put(id.as_str()));
                }
                Entry::Occupied(entry) => {
                    // It may have been added only for a message that replies to it.
                    if let Some((_, known @ Reference::Unknown)) = messages.get_mut(*entry.get()) {
                        *known = reference;
                    }
                    if matches!(event, Event::Sent(_)) && changes.iter().all(|change| !puts(change, id)) {
                        changes.push(Change::Put(id.as_str()));
                    }
                }
            }
            if let Some(referenced) = &payload.referenced
                && let Entry::Vacant(entry) = indices.entry(&referenced.id)
            {
                entry.insert(messages.len());
                let replies = referenced.referenced_message.is_some();
                messages.push((referenced, if replies { Reference::Unknown } else { Reference::None }));
            }
            users.extend(payload.users.iter().filter(|user| user_ids.insert(&user.id)));
        } else if let Event::Deleted { id, .. } = event {
            changes.push(Change::Drop(id.as_str().to_owned()));
            dropped.push(BodyKey::of_message(conversation, id));
        }
    }
    changes.reverse();
    let mut fields = String::from(",\"changes\":");
    push_json(&mut fields, &changes);
    let mut entities = Entities::none();
    entities.users = users.into_iter().filter_map(|user| encoded(Body::of_user(user))).collect();
    entities.messages = (messages.into_iter())
        .filter_map(|(message, reference)| {
            encoded(match own_reactions.get(&message.id) {
                Some(emoji) => Body::of_message(&with_own_reactions(message, emoji), reference),
                None => Body::of_message(message, reference),
            })
        })
        .collect();
    FrameEnd::new(fields, entities, dropped)
}

/// Returns a body, unless it could not be written as JSON. Strings and numbers never fail to serialise.
fn encoded(body: serde_json::Result<Body>) -> Option<Body> {
    body.inspect_err(|error| tracing::error!(%error, "a body could not be written as JSON")).ok()
}

fn puts(change: &Change<&str>, id: &MessageId) -> bool {
    matches!(change, Change::Put(put) if *put == id.as_str())
}

/// Returns a message as seen by a viewer who reacted to it with these emoji.
fn with_own_reactions(message: &Message<Box<RawValue>>, emoji: &[String]) -> Message<Box<RawValue>> {
    let mut message = message.clone();
    for reaction in &mut message.reactions {
        reaction.current_user_reacted = emoji.contains(&reaction.emoji);
    }
    message
}

/// Appends a value as JSON.
fn push_json(text: &mut String, value: &impl Serialize) {
    match serde_json::to_string(value) {
        Ok(json) => text.push_str(&json),
        // Strings and numbers never fail to serialise. A frame with a null is better than one that cannot be
        // parsed.
        Err(error) => {
            tracing::error!(%error, "a body could not be written as JSON");
            text.push_str("null");
        }
    }
}

/// A change of a user, with the new data.
#[derive(Debug)]
pub(crate) struct UserUpdate {
    /// The new data.
    pub(crate) user: User,
    end: OnceLock<Arc<SharedFrameEnd>>,
}

impl UserUpdate {
    pub(super) fn new(user: User) -> UserUpdate {
        UserUpdate { user, end: OnceLock::new() }
    }

    /// Returns the approximate size in a frame.
    pub(super) fn bytes(&self) -> usize {
        user_bytes(&self.user)
    }

    /// Returns the end of an `update` frame.
    pub(crate) fn end(&self) -> &Arc<SharedFrameEnd> {
        self.end.get_or_init(|| {
            let users = encoded(Body::of_user(&self.user)).into_iter().collect();
            let entities = Entities { users, ..Entities::none() };
            Arc::new(SharedFrameEnd::new(FrameEnd::new(String::new(), entities, Vec::new())))
        })
    }
}

#[cfg(test)]
mod tests {
    use causerie_protocol::entities::{MessageKind, Origin, ReactionSummary};
    use serde_json::{Value, json};

    use super::*;
    use crate::encoding::{BodyFrame, SentBodies};

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

    fn message_payload(
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

    fn encode(events: &[Event], own_reactions: &HashMap<MessageId, Vec<String>>) -> Value {
        let events: Vec<_> = (1..).zip(events.iter().cloned()).collect();
        let end = frame_end(&ConversationId::new("talk").unwrap(), &events, own_reactions);
        let text = SentBodies::default().encode(BodyFrame::numbered_events(1, 0, 9, end)).unwrap();
        serde_json::from_str(&text).unwrap()
    }

    #[test]
    fn frame_contains_the_newest_body_of_each_message_once_and_keeps_the_order_of_changes() {
        let drop = |id: &str| Event::Deleted { id: MessageId::new(id).unwrap(), created_at: 5 };
        let events = [
            Event::Sent(message_payload(message("a", "first", &[]), None)),
            Event::Sent(message_payload(message("b", "reply", &[]), Some(message("a", "first", &[])))),
            Event::Edited(message_payload(message("a", "edited", &[]), None)),
            Event::Joined(UserId::new("bob").unwrap()),
            drop("b"),
            Event::Sent(message_payload(message("c", "last", &[]), Some(message("a", "edited", &[])))),
        ];
        let frame = encode(&events, &HashMap::new());
        let changes = frame["changes"].as_array().unwrap();
        let index_of =
            |change: Value| changes.iter().position(|other| *other == change).unwrap_or(usize::MAX);
        assert!(index_of(json!({ "put": "b" })) < index_of(json!({ "drop": "b" })), "{frame}");
        assert!(
            index_of(json!({ "put": "a" })) < usize::MAX && index_of(json!({ "put": "c" })) < usize::MAX,
            "{frame}"
        );
        assert_eq!(changes.len(), 4, "{frame}");
        let bodies = frame["entities"]["messages"].as_array().unwrap();
        let with_id = |id: &str| bodies.iter().filter(|body| body["id"] == id).collect::<Vec<_>>();
        assert_eq!(with_id("a").len(), 1);
        assert_eq!(with_id("a")[0]["plaintext"], "edited");
        assert_eq!(frame["entities"]["users"].as_array().unwrap().len(), 1);
    }

    #[test]
    fn new_message_that_is_also_referenced_is_still_put() {
        let events = [
            Event::Sent(message_payload(message("a", "first", &[]), None)),
            Event::Sent(message_payload(message("b", "reply", &[]), Some(message("a", "first", &[])))),
        ];
        assert_eq!(encode(&events, &HashMap::new())["changes"], json!([{ "put": "a" }, { "put": "b" }]));
    }

    #[test]
    fn own_reactions_of_the_viewer_are_marked() {
        let events = [Event::Edited(message_payload(message("a", "x", &[("👍", 2), ("🎉", 1)]), None))];
        let own_reactions = HashMap::from([(MessageId::new("a").unwrap(), vec!["🎉".to_owned()])]);
        let frame = encode(&events, &own_reactions);
        let own: Vec<_> = (frame["entities"]["messages"][0]["reactions"].as_array().unwrap().iter())
            .map(|reaction| reaction["currentUserReacted"].clone())
            .collect();
        assert_eq!(own, [false, true]);
    }

    #[test]
    fn batch_accepts_only_consecutive_events_up_to_its_size_limit() {
        let talk = ConversationId::new("talk").unwrap();
        let sent = |text: &str| Event::Sent(message_payload(message("a", text, &[]), None));
        let mut batch = Batch::new(talk, 7, sent("x"));
        assert!(batch.push(8, Event::SettingsChanged).is_ok());
        assert!(batch.push(10, Event::SettingsChanged).is_err(), "event 9 is missing");
        assert!(batch.push(9, sent(&"x".repeat(BATCH_BYTES))).is_err(), "too large for one frame");
        assert_eq!((batch.first(), batch.last()), (7, 8));
    }
}
