//! Frames that have bodies, and the results of requests.

use std::fmt::Write as _;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use causerie_protocol::frames::{Entities, Outcome};
use serde_json::value::RawValue;

use super::body::{Body, BodyKey, Reference};

/// The number of variants of one frame that are kept. Connections that keep the same bodies share one; most
/// differ only in the senders of messages.
const VARIANTS: usize = 8;

/// The end of a frame, after the fields that differ by connection: the changes, and the bodies.
#[derive(Debug)]
pub(crate) struct FrameEnd {
    /// The fields before the bodies, each with a comma before it.
    fields: String,
    entities: Entities<Body>,
    /// The messages that the frame removes.
    dropped: Vec<BodyKey>,
    has_references: bool,
}

impl FrameEnd {
    pub(crate) fn new(fields: String, entities: Entities<Body>, dropped: Vec<BodyKey>) -> FrameEnd {
        let has_references =
            entities.messages.iter().any(|message| matches!(message.reference(), Reference::Body(_)));
        FrameEnd { fields, entities, dropped, has_references }
    }

    /// Returns the bodies in the order in which a client receives them.
    pub(super) fn bodies(&self) -> impl Iterator<Item = &Body> {
        let Entities { users, conversations, messages } = &self.entities;
        users.iter().chain(conversations).chain(messages)
    }

    pub(super) fn dropped(&self) -> &[BodyKey] {
        &self.dropped
    }

    /// Whether a message in the frame comes with the message that it replies to.
    pub(super) const fn has_references(&self) -> bool {
        self.has_references
    }

    fn len(&self) -> usize {
        self.fields.len() + 64 + self.bodies().map(Body::len).sum::<usize>()
    }

    /// Appends the end without the bodies at these indices, which are in ascending order.
    fn write_to(&self, text: &mut String, left_out: &[usize]) {
        text.push_str(&self.fields);
        write_entities(text, &self.entities, left_out);
        text.push('}');
    }
}

/// Appends the field `entities`, unless it would be empty, without the bodies at these indices.
fn write_entities(text: &mut String, entities: &Entities<Body>, left_out: &[usize]) {
    let Entities { users, conversations, messages } = entities;
    let mut left_out = left_out.iter().copied().peekable();
    let mut index = 0;
    let mut opened = false;
    for (kind, bodies) in [("users", users), ("conversations", conversations), ("messages", messages)] {
        let mut separator = None;
        for body in bodies {
            let is_left_out = left_out.next_if_eq(&index).is_some();
            index += 1;
            if is_left_out {
                continue;
            }
            match separator {
                Some(separator) => text.push_str(separator),
                None => {
                    text.push_str(if opened { ",\"" } else { ",\"entities\":{\"" });
                    text.push_str(kind);
                    text.push_str("\":[");
                }
            }
            (separator, opened) = (Some(","), true);
            body.write_to(text);
        }
        if separator.is_some() {
            text.push(']');
        }
    }
    if opened {
        text.push('}');
    }
}

/// The end of a frame that many connections are sent. It is encoded once for all that receive the same
/// bodies.
#[derive(Debug)]
pub(crate) struct SharedFrameEnd {
    end: FrameEnd,
    complete: OnceLock<Box<str>>,
    variants: Mutex<Vec<Variant>>,
}

/// The indices of the bodies that are left out, and the text without them.
type Variant = (Box<[usize]>, Arc<str>);

impl SharedFrameEnd {
    pub(crate) fn new(end: FrameEnd) -> SharedFrameEnd {
        SharedFrameEnd { end, complete: OnceLock::new(), variants: Mutex::default() }
    }

    fn complete(&self) -> &str {
        self.complete.get_or_init(|| self.encode(&[]).into())
    }

    fn encode(&self, left_out: &[usize]) -> String {
        let mut text = String::with_capacity(self.end.len());
        self.end.write_to(&mut text, left_out);
        text
    }

    fn without(&self, left_out: &[usize]) -> Arc<str> {
        let mut variants = self.variants.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, text)) = variants.iter().find(|(other, _)| **other == *left_out) {
            return Arc::clone(text);
        }
        let text: Arc<str> = self.encode(left_out).into();
        if variants.len() < VARIANTS {
            variants.push((left_out.into(), Arc::clone(&text)));
        }
        text
    }
}

/// A frame of a subscription, before it is decided which of its bodies this connection is sent.
#[derive(Debug)]
pub(crate) enum BodyFrame {
    /// A frame without bodies, complete.
    Text(String),
    /// A frame of this connection: its start, and its end.
    Own(String, FrameEnd),
    /// A frame with a shared end.
    Shared(String, Arc<SharedFrameEnd>),
    /// A frame that only has bodies, and is not sent without them.
    Update(Arc<SharedFrameEnd>),
}

impl BodyFrame {
    /// Makes a `reset`.
    pub(crate) fn reset(
        id: u32,
        seq: Option<u64>,
        value: Option<&RawValue>,
        entities: Entities<Body>,
    ) -> BodyFrame {
        let mut start = format!("{{\"t\":\"reset\",\"id\":{id}");
        write_number(&mut start, "seq", seq);
        let mut fields = String::new();
        if let Some(value) = value {
            fields.push_str(",\"value\":");
            fields.push_str(value.get());
        }
        BodyFrame::Own(start, FrameEnd::new(fields, entities, Vec::new()))
    }

    /// Makes the `events` of a list whose topic is not numbered, or of one that is, with its numbers.
    pub(crate) fn events(
        id: u32,
        numbers: Option<(u64, u64)>,
        changes: &[Box<RawValue>],
        entities: Entities<Body>,
        dropped: Vec<BodyKey>,
    ) -> BodyFrame {
        let mut fields = String::from(",\"changes\":[");
        for (index, change) in changes.iter().enumerate() {
            if index > 0 {
                fields.push(',');
            }
            fields.push_str(change.get());
        }
        fields.push(']');
        BodyFrame::Own(events_start(id, numbers), FrameEnd::new(fields, entities, dropped))
    }

    /// Makes `events` with an end that is encoded already.
    pub(crate) fn numbered_events(id: u32, since: u64, seq: u64, end: FrameEnd) -> BodyFrame {
        BodyFrame::Own(events_start(id, Some((since, seq))), end)
    }

    /// Makes `events` with a shared end.
    pub(crate) fn shared_events(id: u32, since: u64, seq: u64, end: Arc<SharedFrameEnd>) -> BodyFrame {
        BodyFrame::Shared(events_start(id, Some((since, seq))), end)
    }

    /// Returns the approximate bytes that wait with this frame. An end that many connections share counts for
    /// none of them.
    pub(crate) fn bytes(&self) -> usize {
        match self {
            BodyFrame::Text(text) => text.len(),
            BodyFrame::Own(start, end) => start.len() + end.len(),
            BodyFrame::Shared(..) | BodyFrame::Update(_) => 128,
        }
    }

    pub(super) fn end(&self) -> Option<&FrameEnd> {
        match self {
            BodyFrame::Text(_) => None,
            BodyFrame::Own(_, end) => Some(end),
            BodyFrame::Shared(_, end) | BodyFrame::Update(end) => Some(&end.end),
        }
    }

    /// Returns the text without the bodies at these indices, which are in ascending order. Returns `None` if
    /// nothing is left to send.
    pub(super) fn into_text(self, left_out: &[usize]) -> Option<String> {
        Some(match self {
            BodyFrame::Text(text) => text,
            BodyFrame::Own(mut text, end) => {
                text.reserve(end.len());
                end.write_to(&mut text, left_out);
                text
            }
            BodyFrame::Shared(start, end) => join(&start, &end, left_out),
            BodyFrame::Update(end) if left_out.len() == end.end.bodies().count() => return None,
            BodyFrame::Update(end) => join("{\"t\":\"update\"", &end, left_out),
        })
    }
}

fn join(start: &str, end: &SharedFrameEnd, left_out: &[usize]) -> String {
    if left_out.is_empty() {
        [start, end.complete()].concat()
    } else {
        [start, &end.without(left_out)].concat()
    }
}

fn events_start(id: u32, numbers: Option<(u64, u64)>) -> String {
    let mut start = format!("{{\"t\":\"events\",\"id\":{id}");
    let (since, seq) = numbers.unzip();
    write_number(&mut start, "since", since);
    write_number(&mut start, "seq", seq);
    start
}

fn write_number(text: &mut String, field: &str, number: Option<u64>) {
    if let Some(number) = number {
        // Writing into a string does not fail.
        let _ = write!(text, ",\"{field}\":{number}");
    }
}

/// Encodes the result of a request, with all its bodies.
pub(crate) fn result_frame(outcome: &Outcome<Box<RawValue>, Body>) -> serde_json::Result<String> {
    let Outcome { id, value, entities, error } = outcome;
    let mut text = format!("{{\"t\":\"result\",\"id\":{id}");
    if let Some(value) = value {
        text.push_str(",\"value\":");
        text.push_str(value.get());
    }
    write_entities(&mut text, entities, &[]);
    if let Some(error) = error {
        text.push_str(",\"error\":");
        text.push_str(&serde_json::to_string(error)?);
    }
    text.push('}');
    Ok(text)
}
