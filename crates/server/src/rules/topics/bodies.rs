//! The bodies of one answer, gathered: each once, with all that they refer to.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use causerie_protocol::entities::Message;
use causerie_protocol::frames::Entities;
use causerie_protocol::ids::{ConversationId, MessageId, UserId};

use super::super::payload;
use super::{Context, Json, LIST_BYTES, QueryResult, RuleResult, json, users, viewer};
use crate::store::Read;
use crate::store::records::MessageRecord;

/// See the module.
pub(super) struct Bodies<'a> {
    read: &'a dyn Read,
    context: &'a Context<'a>,
    viewer: &'a UserId,
    entities: Entities<Json>,
    users: HashSet<UserId>,
    /// The messages that are here, and whether they are with the one that they refer to.
    messages: HashSet<(ConversationId, MessageId)>,
    bytes: usize,
    /// Of what is here but the users, whose changes are told by themselves.
    fingerprint: DefaultHasher,
}

impl<'a> Bodies<'a> {
    pub(super) fn new(read: &'a dyn Read, context: &'a Context<'a>) -> RuleResult<Self> {
        Ok(Bodies {
            read,
            context,
            viewer: viewer(context)?,
            entities: Entities::none(),
            users: HashSet::new(),
            messages: HashSet::new(),
            bytes: 0,
            fingerprint: DefaultHasher::new(),
        })
    }

    /// Adds a user; says whether there is one.
    pub(super) fn user(&mut self, id: &UserId) -> RuleResult<bool> {
        if self.users.contains(id) {
            return Ok(true);
        }
        let Some(user) = users::get(self.read, self.context, id)? else { return Ok(false) };
        let body = json(&user)?;
        self.bytes += body.get().len();
        self.entities.users.push(body);
        self.users.insert(id.clone());
        Ok(true)
    }

    /// Adds a message with its sender, the message that it answers, and that one's sender.
    pub(super) fn message(&mut self, conversation: &ConversationId, record: MessageRecord) -> RuleResult<()> {
        let referenced = record.referenced.clone();
        self.message_alone(conversation, record)?;
        if let Some(id) = referenced
            && !self.has(conversation, &id)
            && let Some(record) = self.read.message(&self.context.app.id, conversation, &id)?
        {
            self.message_alone(conversation, record)?;
        }
        Ok(())
    }

    /// Adds who wrote a message, and who wrote the one that it answers.
    pub(super) fn writers(
        &mut self,
        conversation: &ConversationId,
        record: &MessageRecord,
    ) -> RuleResult<()> {
        let app = &self.context.app.id;
        let answered = match &record.referenced {
            Some(id) if !self.has(conversation, id) => self.read.message(app, conversation, id)?,
            _ => None,
        };
        for writer in record.sender.iter().chain(answered.iter().filter_map(|record| record.sender.as_ref()))
        {
            self.user(writer)?;
        }
        Ok(())
    }

    fn has(&self, conversation: &ConversationId, id: &MessageId) -> bool {
        self.messages.contains(&(conversation.clone(), id.clone()))
    }

    fn message_alone(&mut self, conversation: &ConversationId, record: MessageRecord) -> RuleResult<()> {
        if !self.messages.insert((conversation.clone(), record.id.clone())) {
            return Ok(());
        }
        if let Some(sender) = &record.sender {
            self.user(sender)?;
        }
        let mut message = payload::message_entity(conversation, record)?;
        if !message.reactions.is_empty() {
            let given =
                self.read.reactions_of_user(&self.context.app.id, conversation, &message.id, self.viewer)?;
            mark_own(&mut message, &given);
        }
        let body = self.count(json(&message)?);
        self.entities.messages.push(body);
        Ok(())
    }

    /// Adds a conversation's body.
    pub(super) fn conversation(&mut self, body: Json) {
        let body = self.count(body);
        self.entities.conversations.push(body);
    }

    fn count(&mut self, body: Json) -> Json {
        self.bytes += body.get().len();
        body.get().hash(&mut self.fingerprint);
        body
    }

    /// Whether there is so much that a list had better end here.
    pub(super) const fn is_full(&self) -> bool {
        self.bytes >= LIST_BYTES
    }

    /// The answer with this value.
    pub(super) fn answer(mut self, value: Option<Json>) -> RuleResult<QueryResult> {
        value.as_ref().map(|value| value.get()).hash(&mut self.fingerprint);
        Ok(QueryResult {
            seq: None,
            value,
            entities: self.entities,
            users: self.users.into_iter().collect(),
            views: Vec::new(),
            fingerprint: self.fingerprint.finish(),
        })
    }
}

/// Says of each reaction whether it is among the viewer's own.
fn mark_own(message: &mut Message<Json>, given: &[String]) {
    for reaction in &mut message.reactions {
        reaction.current_user_reacted = given.contains(&reaction.emoji);
    }
}
