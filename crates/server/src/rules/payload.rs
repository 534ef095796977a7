//! The payload of events about messages.

use causerie_protocol::entities::User;
use causerie_protocol::ids::ConversationId;

use super::context::ReadRules;
use super::entities::message_entity;
use super::error::RuleResult;
use crate::events::MessagePayload;
use crate::store::records::MessageRecord;

/// Returns a message with all entities that it refers to.
pub(super) fn message_payload(
    rules: ReadRules<'_>,
    conversation: &ConversationId,
    record: MessageRecord,
) -> RuleResult<MessagePayload> {
    let referenced = match &record.referenced {
        Some(id) => rules.store.message(rules.app_id(), conversation, id)?,
        None => None,
    };
    let mut users: Vec<User> = Vec::new();
    let senders = [record.sender.as_ref(), referenced.as_ref().and_then(|message| message.sender.as_ref())];
    for sender in senders.into_iter().flatten() {
        if users.iter().all(|user| user.id != *sender) {
            users.extend(rules.public_user(sender)?);
        }
    }
    Ok(MessagePayload {
        message: message_entity(rules, conversation, record)?,
        users,
        referenced: referenced.map(|record| message_entity(rules, conversation, record)).transpose()?,
    })
}
