//! The bodies that a connection was sent last, and its client keeps.

use std::collections::VecDeque;

use causerie_protocol::frames::Entities;
use causerie_protocol::limits::KEPT_BODIES;

use super::body::{Body, BodyKey, Reference};
use super::frame::{BodyFrame, FrameEnd};

/// A revision that no body has: the client does not keep this body any more, or may keep another revision.
const NO_REVISION: u64 = u64::MAX;

/// The last bodies that were sent in frames of subscriptions, in the order in which they were sent, as many
/// as the client keeps. A body that is left out of a frame does not move to the end, so that the client can
/// simply keep the last ones that it receives.
#[derive(Debug, Default)]
pub(crate) struct SentBodies {
    /// The number of bodies that the client keeps; 0 if each frame must be complete.
    limit: usize,
    /// Each transmission of a body: the entity and the revision.
    sent: VecDeque<(BodyKey, u64)>,
}

impl SentBodies {
    /// `keeps` is the number in the client's `hello`.
    pub(crate) fn new(keeps: Option<u32>) -> SentBodies {
        let limit = keeps.map_or(0, |keeps| (keeps as usize).min(KEPT_BODIES));
        SentBodies { limit, sent: VecDeque::new() }
    }

    /// Encodes a frame that is sent now, without the bodies that the client keeps. Returns `None` if nothing
    /// is left to send.
    pub(crate) fn encode(&mut self, frame: BodyFrame) -> Option<String> {
        let left_out = match frame.end() {
            Some(end) if self.limit > 0 => self.send(end),
            _ => Vec::new(),
        };
        frame.into_text(&left_out)
    }

    /// Records that the client is sent these bodies in a result. A client may use them instead of those that
    /// it keeps, and they may be older, so one with another revision is sent again.
    pub(crate) fn record_result(&mut self, entities: &Entities<Body>) {
        if self.sent.is_empty() {
            return;
        }
        let Entities { users, conversations, messages } = entities;
        for body in users.iter().chain(conversations).chain(messages) {
            let rev = body.rev();
            if let Some(index) = self.index_of(body.key())
                && self.sent.get(index).is_some_and(|(_, sent)| *sent != rev)
            {
                self.set_revision(index, NO_REVISION);
            }
        }
    }

    /// Records that a frame is sent. Returns the indices of the bodies that are left out, in ascending order.
    fn send(&mut self, end: &FrameEnd) -> Vec<usize> {
        let count = end.bodies().count();
        let mut left_out: Vec<usize> = (end.bodies().enumerate())
            .filter(|(_, body)| self.is_kept(body, count))
            .map(|(index, _)| index)
            .collect();
        if end.has_references() {
            send_referenced(end, &mut left_out);
        }
        let mut next = left_out.iter().peekable();
        for (index, body) in end.bodies().enumerate() {
            if next.next_if_eq(&&index).is_none() {
                self.record(body);
            }
        }
        for key in end.dropped() {
            self.forget(*key);
        }
        left_out
    }

    /// Whether the client keeps this body until it has received the whole frame, which has `count` bodies.
    fn is_kept(&self, body: &Body, count: usize) -> bool {
        self.index_of(body.key()).is_some_and(|index| {
            let after = self.sent.len() - 1 - index;
            after + count <= self.limit && self.sent.get(index).is_some_and(|(_, rev)| *rev == body.rev())
        })
    }

    fn record(&mut self, body: &Body) {
        if let Reference::Deleted(key) = body.reference() {
            self.forget(key);
        }
        if self.sent.len() == self.limit {
            self.sent.pop_front();
        }
        self.sent.push_back((body.key(), body.rev()));
    }

    /// Records that the client was informed of the deletion of an entity, and may have removed its body.
    fn forget(&mut self, key: BodyKey) {
        if let Some(index) = self.index_of(key) {
            self.set_revision(index, NO_REVISION);
        }
    }

    /// Returns the index of the latest transmission of an entity.
    fn index_of(&self, key: BodyKey) -> Option<usize> {
        self.sent.iter().rposition(|(sent, _)| *sent == key)
    }

    fn set_revision(&mut self, index: usize, rev: u64) {
        if let Some(entry) = self.sent.get_mut(index) {
            entry.1 = rev;
        }
    }
}

/// Keeps those bodies in a frame that a message in it replies to. If one were left out, the client would take
/// it for deleted.
fn send_referenced(end: &FrameEnd, left_out: &mut Vec<usize>) {
    loop {
        let before = left_out.len();
        let mut next = left_out.iter().peekable();
        let needed: Vec<BodyKey> = (end.bodies().enumerate())
            .filter(|(index, _)| next.next_if_eq(&index).is_none())
            .filter_map(|(_, body)| match body.reference() {
                Reference::Body(key) => Some(key),
                _ => None,
            })
            .collect();
        let mut rest = left_out.iter().peekable();
        *left_out = (end.bodies().enumerate())
            .filter(|(index, body)| rest.next_if_eq(&index).is_some() && !needed.contains(&body.key()))
            .map(|(index, _)| index)
            .collect();
        // A body that is sent now may itself reply to another one.
        if left_out.len() == before {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use causerie_protocol::Outcome;
    use causerie_protocol::entities::{Message, MessageKind, Origin, User};
    use causerie_protocol::ids::{ConversationId, MessageId, UserId};
    use proptest::collection::vec;
    use proptest::prelude::*;
    use serde_json::Value;
    use serde_json::value::RawValue;

    use super::*;
    use crate::encoding::result_frame;

    fn user(id: u8, version: u8) -> Body {
        let user = User {
            id: UserId::new(format!("user-{id}")).unwrap(),
            name: format!("version {version}"),
            custom: Default::default(),
            locale: "en".to_owned(),
            photo_url: None,
            role: "default".to_owned(),
            welcome_message: None,
        };
        Body::of_user(&user).unwrap()
    }

    fn message_id(id: u8) -> MessageId {
        MessageId::new(format!("msg-{id}")).unwrap()
    }

    fn talk() -> ConversationId {
        ConversationId::new("talk").unwrap()
    }

    /// A message. One with an odd id replies to the one before it.
    fn message(id: u8, version: u8, exists: bool) -> Body {
        let message: Message<Box<RawValue>> = Message {
            id: message_id(id),
            conversation: talk(),
            kind: MessageKind::SystemMessage,
            sender: None,
            custom: Default::default(),
            created_at: 5,
            edited_at: None,
            referenced_message: (id % 2 == 1).then(|| message_id(id - 1)),
            origin: Origin::Web,
            plaintext: format!("version {version}"),
            content: RawValue::from_string("[]".to_owned()).unwrap(),
            reactions: Vec::new(),
        };
        Body::of_message(&message, Reference::of(&message, exists)).unwrap()
    }

    /// A random step. Users and messages are given by id and version. A stale frame was read before any
    /// message was deleted.
    #[derive(Clone, Debug)]
    enum Step {
        Frame { users: Vec<(u8, u8)>, messages: Vec<(u8, u8)>, deleted: Vec<u8>, stale: bool },
        Update(u8, u8),
        Result { users: Vec<(u8, u8)>, messages: Vec<(u8, u8)> },
    }

    fn step() -> impl Strategy<Value = Step> {
        let users = || vec((0_u8..6, 0_u8..2), 0..4);
        let messages = || vec((0_u8..8, 0_u8..2), 0..4);
        prop_oneof![
            5 => (users(), messages(), vec(0_u8..8, 0..2), any::<bool>()).prop_map(
                |(users, messages, deleted, stale)| Step::Frame { users, messages, deleted, stale }
            ),
            1 => (0_u8..6, 0_u8..2).prop_map(|(id, version)| Step::Update(id, version)),
            1 => (users(), messages()).prop_map(|(users, messages)| Step::Result { users, messages }),
        ]
    }

    /// Returns the bodies, each entity once. A message with an odd id comes with the one before it, unless
    /// that one was deleted.
    fn entities(users: &[(u8, u8)], messages: &[(u8, u8)], deleted: &[u8]) -> Entities<Body> {
        let mut entities = Entities::none();
        let users: HashMap<u8, u8> = users.iter().copied().collect();
        entities.users = users.into_iter().map(|(id, version)| user(id, version)).collect();
        let mut all: HashMap<u8, u8> =
            messages.iter().copied().filter(|(id, _)| !deleted.contains(id)).collect();
        for (id, version) in all.clone() {
            if id % 2 == 1 && !deleted.contains(&(id - 1)) {
                all.entry(id - 1).or_insert(version);
            }
        }
        let body = |(id, version): (u8, u8)| message(id, version, id > 0 && all.contains_key(&(id - 1)));
        entities.messages = all.clone().into_iter().map(body).collect();
        entities
    }

    /// The kind and the id of a body in a frame.
    type Name = (&'static str, String);

    fn bodies_in(frame: &Value) -> Vec<(Name, Value)> {
        let mut bodies = Vec::new();
        for kind in ["users", "messages"] {
            for body in frame["entities"][kind].as_array().into_iter().flatten() {
                bodies.push(((kind, body["id"].as_str().unwrap().to_owned()), body.clone()));
            }
        }
        bodies
    }

    /// A client that keeps no more bodies than it must, and also forgets those that were deleted.
    #[derive(Default)]
    struct StrictClient {
        limit: usize,
        /// The last bodies received, oldest first; `None` if the message was deleted since.
        received: VecDeque<(Name, Option<Value>)>,
        /// The bodies of results since then. They replace kept ones.
        results: HashMap<Name, Value>,
    }

    impl StrictClient {
        fn kept(&self, name: &Name) -> Option<&Value> {
            let (_, body) = self.received.iter().rev().find(|(other, _)| other == name)?;
            body.as_ref().map(|body| self.results.get(name).unwrap_or(body))
        }

        fn receive(&mut self, frame: &Value) {
            for (name, body) in bodies_in(frame) {
                self.results.remove(&name);
                self.received.push_back((name, Some(body)));
                if self.received.len() > self.limit {
                    self.received.pop_front();
                }
            }
        }

        fn delete(&mut self, name: &Name) {
            for (_, body) in self.received.iter_mut().filter(|(other, _)| other == name) {
                *body = None;
            }
            self.results.remove(name);
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn client_that_keeps_its_last_bodies_has_every_body_of_every_frame(
            limit in 0_usize..14,
            steps in vec(step(), 1..60),
        ) {
            let mut sent = SentBodies::new(Some(u32::try_from(limit).unwrap()));
            let mut client = StrictClient { limit, ..StrictClient::default() };
            let mut deleted: Vec<u8> = Vec::new();
            for step in steps {
                let (complete, frame, dropped) = match step {
                    Step::Result { users, messages } => {
                        let outcome = Outcome::ok(1, None, entities(&users, &messages, &deleted));
                        sent.record_result(&outcome.entities);
                        let frame: Value = serde_json::from_str(&result_frame(&outcome).unwrap()).unwrap();
                        let count = outcome.entities.users.len() + outcome.entities.messages.len();
                        prop_assert_eq!(bodies_in(&frame).len(), count, "a result is complete");
                        client.results.extend(bodies_in(&frame));
                        continue;
                    }
                    Step::Update(id, version) => {
                        let entities = entities(&[(id, version)], &[], &deleted);
                        let end = FrameEnd::new(String::new(), entities.clone(), Vec::new());
                        let end = std::sync::Arc::new(crate::encoding::SharedFrameEnd::new(end));
                        (entities, BodyFrame::Update(end), Vec::new())
                    }
                    Step::Frame { users, messages, deleted: dropped, stale } => {
                        deleted.extend(&dropped);
                        let entities = entities(&users, &messages, if stale { &[] } else { &deleted });
                        let keys = dropped.iter().map(|id| BodyKey::of_message(&talk(), &message_id(*id)));
                        let keys = keys.collect();
                        (entities.clone(), BodyFrame::events(1, None, &[], entities, keys), dropped)
                    }
                };
                let is_update = matches!(frame, BodyFrame::Update(_));
                let text = sent.encode(frame);
                prop_assert!(is_update || text.is_some());
                let frame = text.map_or(Value::Null, |text| serde_json::from_str(&text).unwrap());
                client.receive(&frame);
                let received: HashMap<Name, Value> = bodies_in(&frame).into_iter().collect();
                let Entities { users, messages, .. } = complete;
                for (kind, bodies) in [("users", users), ("messages", messages)] {
                    for body in bodies {
                        let expected: Value = serde_json::from_str(&body.json()).unwrap();
                        let name = (kind, expected["id"].as_str().unwrap().to_owned());
                        let found = received.get(&name).or_else(|| client.kept(&name));
                        prop_assert_eq!(found, Some(&expected), "{:?}", name);
                        // A message that is sent comes with the one that it replies to.
                        let replies_to = expected["referencedMessage"].as_str();
                        if let (Some(_), Some(id)) = (received.get(&name), replies_to) {
                            let exists = matches!(body.reference(), Reference::Body(_));
                            prop_assert_eq!(received.contains_key(&("messages", id.to_owned())), exists);
                            if !exists {
                                client.delete(&("messages", id.to_owned()));
                            }
                        }
                    }
                }
                for id in dropped {
                    client.delete(&("messages", message_id(id).as_str().to_owned()));
                }
                prop_assert!(sent.sent.len() <= limit);
            }
        }
    }

    #[test]
    fn body_is_left_out_only_while_it_is_among_the_last_ones() {
        let mut sent = SentBodies::new(Some(3));
        let mut count_sent = |body: Body| {
            let entities = Entities { users: vec![body], ..Entities::none() };
            let text = sent.encode(BodyFrame::reset(1, None, None, entities)).unwrap();
            bodies_in(&serde_json::from_str(&text).unwrap()).len()
        };
        let sequence = [(0, 1), (0, 0), (1, 1), (0, 0), (2, 1), (0, 0), (3, 1), (0, 1), (3, 0)];
        for (id, expected) in sequence {
            assert_eq!(count_sent(user(id, 0)), expected, "user-{id}");
        }
        assert_eq!(count_sent(user(3, 1)), 1, "another revision");
    }
}
