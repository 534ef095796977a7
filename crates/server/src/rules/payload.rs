//! Messages as they are sent to clients, and the telling of what changed.

use std::sync::Arc;

use causerie_protocol::entities::{Message, MessageKind, ReactionSummary};
use causerie_protocol::ids::ConversationId;
use serde_json::value::RawValue;

use super::{Context, Json, RuleResult, server_error, users};
use crate::events::{AppEvent, AppEventKind, Event, MessagePayload};
use crate::store::records::MessageRecord;
use crate::store::{Read, Write};

/// A message as everybody may see it: its reactions are counted, and nobody's are told to be the viewer's.
pub(super) fn message_entity(
    conversation: &ConversationId,
    record: MessageRecord,
) -> RuleResult<Message<Json>> {
    let reactions = record.reactions.into_iter().map(|reaction| ReactionSummary {
        emoji: reaction.emoji,
        count: reaction.count,
        current_user_reacted: false,
    });
    Ok(Message {
        id: record.id,
        conversation: conversation.clone(),
        kind: if record.sender.is_some() { MessageKind::UserMessage } else { MessageKind::SystemMessage },
        sender: record.sender,
        custom: record.custom,
        created_at: record.created_at,
        edited_at: record.edited_at,
        referenced_message: record.referenced,
        origin: record.origin,
        plaintext: record.text,
        content: RawValue::from_string(record.content).map_err(|error| server_error(&error.to_string()))?,
        reactions: reactions.collect(),
    })
}

/// A message with everything that it refers to.
pub(super) fn message_payload(
    read: &dyn Read,
    context: &Context<'_>,
    conversation: &ConversationId,
    record: MessageRecord,
) -> RuleResult<MessagePayload> {
    let referenced = match &record.referenced {
        Some(id) => read.message(&context.app.id, conversation, id)?,
        None => None,
    };
    let mut users = Vec::new();
    let senders = [record.sender.as_ref(), referenced.as_ref().and_then(|message| message.sender.as_ref())];
    for sender in senders.into_iter().flatten() {
        if users.iter().all(|user: &causerie_protocol::entities::User| user.id != *sender) {
            users.extend(users::get(read, context, sender)?);
        }
    }
    Ok(MessagePayload {
        message: message_entity(conversation, record)?,
        users,
        referenced: referenced.map(|record| message_entity(conversation, record)).transpose()?,
    })
}

/// Counts an event of a conversation, and tells of it.
pub(super) fn record_event(
    write: &mut dyn Write,
    context: &Context<'_>,
    conversation: &ConversationId,
    event: Event,
) -> RuleResult<()> {
    let seq = write.advance_stream(&context.app.id, conversation)?;
    publish_event(write, context, conversation, seq, event);
    Ok(())
}

/// Tells of an event that has its number already. Every number is told once, so that who follows sees a gap.
pub(super) fn publish_event(
    write: &mut dyn Write,
    context: &Context<'_>,
    conversation: &ConversationId,
    seq: u64,
    event: Event,
) {
    publish(write, context, AppEventKind::Conversation { id: conversation.clone(), seq, event });
}

/// Tells of a change.
pub(super) fn publish(write: &mut dyn Write, context: &Context<'_>, kind: AppEventKind) {
    write.publish(AppEvent { app: Arc::from(context.app.id.as_str()), kind });
}
