//! A body: the JSON of an entity, and its revision.

use std::fmt::Write as _;
use std::hash::{BuildHasher as _, Hash, RandomState};
use std::sync::{Arc, LazyLock};

use causerie_protocol::entities::{Conversation, Message, User};
use causerie_protocol::ids::{ConversationId, MessageId};
use serde::ser::Error as _;
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

/// The keys of all hashes here. They are random, so that nobody can make two bodies with the same revision.
static HASHES: LazyLock<RandomState> = LazyLock::new(RandomState::new);

/// Identifies an entity of any kind: a hash of its kind and ids.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct BodyKey(u64);

impl BodyKey {
    /// Returns the key of a message.
    #[must_use]
    pub fn of_message(conversation: &ConversationId, id: &MessageId) -> BodyKey {
        Self::of(("message", conversation.as_str(), id.as_str()))
    }

    fn of(kind_and_ids: (&str, &str, &str)) -> BodyKey {
        BodyKey(hash(kind_and_ids))
    }
}

/// What a frame with a message has of the message that it replies to.
///
/// It is a part of the revision: a client that keeps the message must also learn that the other one was
/// deleted, although the body of the message itself remains the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reference {
    /// It replies to none.
    None,
    /// Nothing, because the message is only in the frame for one that replies to it.
    Unknown,
    /// The body.
    Body(BodyKey),
    /// Nothing, because it was deleted.
    Deleted(BodyKey),
}

impl Reference {
    /// Returns the reference of a message that a frame names. `exists` is whether the frame has the body of
    /// the message that it replies to.
    #[must_use]
    pub fn of<C>(message: &Message<C>, exists: bool) -> Reference {
        match &message.referenced_message {
            None => Reference::None,
            Some(id) => Self::to(&message.conversation, id, exists),
        }
    }

    /// Returns the reference to a message. `exists` is whether the frame has its body.
    #[must_use]
    pub fn to(conversation: &ConversationId, id: &MessageId, exists: bool) -> Reference {
        let key = BodyKey::of_message(conversation, id);
        if exists { Reference::Body(key) } else { Reference::Deleted(key) }
    }
}

/// The JSON of an entity, ready to be sent. Clones share the text.
#[derive(Clone, Debug)]
pub struct Body {
    /// The JSON object without the revision.
    text: Arc<str>,
    key: BodyKey,
    /// The hash of the text.
    hash: u64,
    reference: Reference,
}

impl Body {
    /// Encodes a user.
    ///
    /// # Errors
    /// The entity cannot be written as JSON, which does not happen.
    pub fn of_user(user: &User) -> serde_json::Result<Body> {
        Self::new(BodyKey::of(("user", user.id.as_str(), "")), Reference::None, user)
    }

    /// Encodes a conversation as a participant sees it.
    ///
    /// # Errors
    /// Those of [`Body::of_user`].
    pub fn of_conversation(conversation: &Conversation) -> serde_json::Result<Body> {
        Self::new(BodyKey::of(("conversation", conversation.id.as_str(), "")), Reference::None, conversation)
    }

    /// Encodes a message as a participant sees it.
    ///
    /// # Errors
    /// Those of [`Body::of_user`].
    pub fn of_message(message: &Message<Box<RawValue>>, reference: Reference) -> serde_json::Result<Body> {
        Self::new(BodyKey::of_message(&message.conversation, &message.id), reference, message)
    }

    fn new(key: BodyKey, reference: Reference, entity: &impl Serialize) -> serde_json::Result<Body> {
        let text: Arc<str> = serde_json::to_string(entity)?.into();
        let hash = hash(&text);
        Ok(Body { text, key, hash, reference })
    }

    /// Returns the size in a frame, approximately.
    pub(crate) fn len(&self) -> usize {
        self.text.len() + 24
    }

    pub(crate) fn key(&self) -> BodyKey {
        self.key
    }

    pub(crate) fn reference(&self) -> Reference {
        self.reference
    }

    pub(crate) fn set_reference(&mut self, reference: Reference) {
        self.reference = reference;
    }

    /// Returns the revision: a hash of everything that the body shows. It has 53 bits, which a JavaScript
    /// number holds exactly.
    pub(crate) fn rev(&self) -> u64 {
        let hash = match self.reference {
            Reference::None => self.hash,
            reference => hash((self.hash, reference)),
        };
        hash >> 11
    }

    /// Appends the JSON with the revision.
    pub(crate) fn write_to(&self, text: &mut String) {
        // Each entity is an object and has an id, so there is a field before the revision.
        text.push_str(self.text.strip_suffix('}').unwrap_or(&self.text));
        // Writing into a string does not fail.
        let _ = write!(text, ",\"rev\":{}}}", self.rev());
    }

    /// Returns the JSON with the revision.
    #[must_use]
    pub fn json(&self) -> String {
        let mut text = String::with_capacity(self.len());
        self.write_to(&mut text);
        text
    }
}

impl Serialize for Body {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let json = self.json();
        serde_json::from_str::<&RawValue>(&json).map_err(S::Error::custom)?.serialize(serializer)
    }
}

fn hash(value: impl Hash) -> u64 {
    HASHES.hash_one(value)
}

#[cfg(test)]
mod tests {
    use causerie_protocol::ids::UserId;
    use serde_json::{Value, json};

    use super::*;

    fn user(name: &str) -> Body {
        let user = User {
            id: UserId::new("ada").unwrap(),
            name: name.to_owned(),
            custom: Default::default(),
            locale: "en".to_owned(),
            photo_url: None,
            role: "default".to_owned(),
            welcome_message: None,
        };
        Body::of_user(&user).unwrap()
    }

    #[test]
    fn revision_is_the_last_field_and_changes_with_the_content() {
        let body = user("Ada}");
        let json: Value = serde_json::from_str(&body.json()).unwrap();
        assert_eq!((&json["name"], &json["rev"]), (&json!("Ada}"), &json!(body.rev())));
        assert_eq!(serde_json::to_value(&body).unwrap(), json, "through serde too");
        assert_eq!(body.rev(), user("Ada}").rev());
        assert_ne!(body.rev(), user("Ada").rev());
        assert_eq!(body.key(), user("Ada").key());
        assert!(body.rev() < 1 << 53);
    }

    #[test]
    fn revision_of_a_message_changes_when_the_message_it_replies_to_is_deleted() {
        let mut body = user("stands for a message");
        let key =
            BodyKey::of_message(&ConversationId::new("talk").unwrap(), &MessageId::new("msg_1").unwrap());
        let references = [Reference::None, Reference::Unknown, Reference::Body(key), Reference::Deleted(key)];
        let revisions = references.map(|reference| {
            body.set_reference(reference);
            body.rev()
        });
        for (index, rev) in revisions.iter().enumerate() {
            assert_eq!(revisions.iter().position(|other| other == rev), Some(index));
        }
    }
}
