//! Collects the bodies of the entities in a result.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use causerie_protocol::entities::{Conversation, Message};
use causerie_protocol::frames::Entities;
use causerie_protocol::ids::{ConversationId, MessageId, UserId};

use super::query_result::QueryResult;
use crate::encoding::{Body, BodyKey, Reference};
use crate::rules::context::ReadRules;
use crate::rules::entities::message_entity;
use crate::rules::error::RuleResult;
use crate::rules::json::Json;
use crate::store::records::MessageRecord;

/// A list ends after this many bytes of bodies, whatever its limit is, so that no frame becomes too large.
/// The result says then that there are more entries.
const LIST_BYTES: usize = 256 << 10;

/// The bodies of the entities in one result, each once, with all bodies that they refer to.
pub(super) struct Bodies<'a> {
    rules: ReadRules<'a>,
    viewer: &'a UserId,
    entities: Entities<Body>,
    users: HashSet<UserId>,
    /// The index of each message among the entities.
    messages: HashMap<BodyKey, usize>,
    bytes: usize,
    hasher: DefaultHasher,
}

impl<'a> Bodies<'a> {
    /// Starts with no bodies.
    pub(super) fn new(rules: ReadRules<'a>) -> RuleResult<Self> {
        Ok(Bodies {
            rules,
            viewer: rules.user()?,
            entities: Entities::none(),
            users: HashSet::new(),
            messages: HashMap::new(),
            bytes: 0,
            hasher: DefaultHasher::new(),
        })
    }

    /// Adds a user. Returns whether the user exists.
    pub(super) fn add_user(&mut self, id: &UserId) -> RuleResult<bool> {
        if self.users.contains(id) {
            return Ok(true);
        }
        let Some(user) = self.rules.public_user(id)? else { return Ok(false) };
        let body = Body::of_user(&user)?;
        self.bytes += body.len();
        self.entities.users.push(body);
        self.users.insert(id.clone());
        Ok(true)
    }

    /// Adds a message with its sender, the message that it references, and the sender of that one.
    pub(super) fn add_message(
        &mut self,
        conversation: &ConversationId,
        record: MessageRecord,
    ) -> RuleResult<()> {
        let mut reference = Reference::None;
        let mut referenced = None;
        if let Some(id) = &record.referenced {
            let exists = self.has_message(conversation, id) || {
                referenced = self.rules.store.message(self.rules.app_id(), conversation, id)?;
                referenced.is_some()
            };
            reference = Reference::to(conversation, id, exists);
        }
        self.add_message_and_sender(conversation, record, reference)?;
        if let Some(record) = referenced {
            self.add_message_and_sender(conversation, record, Reference::Unknown)?;
        }
        Ok(())
    }

    /// Adds the sender of a message, and the sender of the message that it references.
    pub(super) fn add_senders(
        &mut self,
        conversation: &ConversationId,
        record: &MessageRecord,
    ) -> RuleResult<()> {
        let referenced = match &record.referenced {
            Some(id) if !self.has_message(conversation, id) => {
                self.rules.store.message(self.rules.app_id(), conversation, id)?
            }
            _ => None,
        };
        let senders = [record.sender.as_ref(), referenced.as_ref().and_then(|record| record.sender.as_ref())];
        for sender in senders.into_iter().flatten() {
            self.add_user(sender)?;
        }
        Ok(())
    }

    /// Adds the body of a conversation.
    pub(super) fn add_conversation(&mut self, conversation: &Conversation) -> RuleResult<()> {
        let body = Body::of_conversation(conversation)?;
        self.count(&body);
        self.entities.conversations.push(body);
        Ok(())
    }

    /// Whether there are so many bytes that a list must end here.
    pub(super) const fn is_full(&self) -> bool {
        self.bytes >= LIST_BYTES
    }

    /// Returns the result with these bodies and a value.
    pub(super) fn into_result(mut self, value: Option<Json>) -> QueryResult {
        value.as_ref().map(|value| value.get()).hash(&mut self.hasher);
        QueryResult {
            value,
            entities: self.entities,
            users: self.users.into_iter().collect(),
            fingerprint: self.hasher.finish(),
            ..QueryResult::default()
        }
    }

    fn has_message(&self, conversation: &ConversationId, id: &MessageId) -> bool {
        self.messages.contains_key(&BodyKey::of_message(conversation, id))
    }

    fn add_message_and_sender(
        &mut self,
        conversation: &ConversationId,
        record: MessageRecord,
        reference: Reference,
    ) -> RuleResult<()> {
        match self.messages.entry(BodyKey::of_message(conversation, &record.id)) {
            Entry::Vacant(entry) => entry.insert(self.entities.messages.len()),
            Entry::Occupied(entry) => {
                // It was only added for a message that replies to it, but the value names it too.
                if reference != Reference::Unknown
                    && let Some(body) = self.entities.messages.get_mut(*entry.get())
                {
                    body.set_reference(reference);
                }
                return Ok(());
            }
        };
        let reference = if record.referenced.is_none() { Reference::None } else { reference };
        if let Some(sender) = &record.sender {
            self.add_user(sender)?;
        }
        let mut message = message_entity(self.rules, conversation, record)?;
        if !message.reactions.is_empty() {
            let app = self.rules.app_id();
            let own = self.rules.store.reactions_of_user(app, conversation, &message.id, self.viewer)?;
            mark_own_reactions(&mut message, &own);
        }
        let body = Body::of_message(&message, reference)?;
        self.count(&body);
        self.entities.messages.push(body);
        Ok(())
    }

    fn count(&mut self, body: &Body) {
        self.bytes += body.len();
        body.rev().hash(&mut self.hasher);
    }
}

fn mark_own_reactions(message: &mut Message<Json>, own: &[String]) {
    for reaction in &mut message.reactions {
        reaction.current_user_reacted = own.contains(&reaction.emoji);
    }
}
