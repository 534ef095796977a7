//! Messages, as a backend sends and lists them.
//!
//! A message gets the next number of its conversation, and a time later than every message before it and than
//! everything that anybody has read up to. So the order by time is the order by number, also where two messages come
//! within a millisecond or the clock goes back, and "sent after `readUntil`" and "counted as unread" are the same.

use causerie_protocol::entities::{MessageKind, Origin};
use causerie_protocol::error::ErrorBody;
use causerie_protocol::ids::{ConversationId, MessageId, UserId};
use causerie_protocol::params::Custom;
use causerie_protocol::topic::Cursor;
use std::sync::Arc;

use serde::Serialize;
use serde_json::value::RawValue;

use super::command::{PAGE_DEFAULT, Page, PostMessage};
use super::{Context, Fault, Json, Ruling, content, conversations, once, said, server_error};
use crate::fanout::Event;
use crate::store::records::{MessageRecord, OutcomeKey};
use crate::store::{Read, Write};

/// A message as a backend sees it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct BackendMessage {
    id: MessageId,
    conversation_id: ConversationId,
    #[serde(rename = "type")]
    kind: MessageKind,
    sender_id: Option<UserId>,
    text: String,
    content: Json,
    custom: Custom,
    created_at: i64,
    edited_at: Option<i64>,
    referenced_message_id: Option<MessageId>,
    origin: Origin,
}

impl BackendMessage {
    pub(super) fn of(conversation: &ConversationId, record: MessageRecord) -> Ruling<Self> {
        let kind = match record.sender {
            Some(_) => MessageKind::UserMessage,
            None => MessageKind::SystemMessage,
        };
        Ok(BackendMessage {
            id: record.id,
            conversation_id: conversation.clone(),
            kind,
            sender_id: record.sender,
            text: record.text,
            content: RawValue::from_string(record.content)
                .map_err(|error| server_error(&error.to_string()))?,
            custom: record.custom,
            created_at: record.created_at,
            edited_at: record.edited_at,
            referenced_message_id: record.referenced,
            origin: record.origin,
        })
    }
}

/// The id of a message that was sent.
#[derive(Debug, Serialize)]
pub(super) struct Sent {
    id: MessageId,
}

/// A page of a list.
#[derive(Debug, Serialize)]
pub(super) struct Listed<T> {
    data: Vec<T>,
}

/// Sends messages: all of them, or none.
pub(super) fn post(
    write: &mut dyn Write,
    context: &Context<'_>,
    conversation: &ConversationId,
    messages: Vec<PostMessage>,
) -> Ruling<Vec<Sent>> {
    conversations::existing(write, context, conversation)?;
    let mut sent = Vec::with_capacity(messages.len());
    for (index, message) in messages.into_iter().enumerate() {
        let id = post_one(write, context, conversation, message).map_err(|fault| match fault {
            Fault::Refused(error) => Fault::Refused(error.within(&format!("[{index}]"))),
            fault @ Fault::Store(_) => fault,
        })?;
        sent.push(Sent { id });
    }
    Ok(sent)
}

/// Sends one message, unless its key says that it was sent before; returns its id.
fn post_one(
    write: &mut dyn Write,
    context: &Context<'_>,
    conversation: &ConversationId,
    message: PostMessage,
) -> Ruling<MessageId> {
    let Some(key) = message.idempotency_key.clone() else {
        return send(write, context, conversation, message);
    };
    let hash = once::hash(&message)?;
    let key = OutcomeKey { app: &context.app.id, caller: "", scope: conversation.as_str(), key: &key };
    let send = |write: &mut dyn Write| send(write, context, conversation, message).map(String::from);
    let id = once::once(write, &key, hash, context.now, send).map_err(|fault| match fault {
        Fault::Refused(error) if error.code == causerie_protocol::ErrorCode::KeyReused => {
            Fault::Refused(ErrorBody { field: Some("idempotencyKey".to_owned()), ..error })
        }
        fault => fault,
    })?;
    MessageId::try_from(id).map_err(|problem| server_error(&problem))
}

fn send(
    write: &mut dyn Write,
    context: &Context<'_>,
    conversation: &ConversationId,
    message: PostMessage,
) -> Ruling<MessageId> {
    let app = &context.app.id;
    if let Some(sender) = &message.sender
        && write.user(app, sender)?.is_none()
    {
        let problem = format!("there is no user with the id {:?}; create the user first", sender.as_str());
        return Err(ErrorBody::invalid("sender", &problem).into());
    }
    if let Some(referenced) = &message.referenced_message_id
        && write.message(app, conversation, referenced)?.is_none()
    {
        let problem = format!("there is no message with the id {referenced:?} in this conversation");
        return Err(ErrorBody::invalid("referencedMessageId", &problem).into());
    }
    let content = content::of(&message)?;
    let created_at = next_time(write, context, conversation)?;
    let record = MessageRecord {
        seq: 0,
        id: message_id(context)?,
        sender: message.sender,
        text: content.plaintext,
        content: content.blocks,
        custom: message.custom.unwrap_or_default(),
        created_at,
        edited_at: None,
        referenced: message.referenced_message_id,
        origin: Origin::Rest,
        reactions: Vec::new(),
    };
    let event = write.append_message(app, conversation, &record)?.event;
    let id = record.id.clone();
    let said = said::said(write, context, conversation, record)?;
    said::tell(write, context, conversation, event, Event::Sent(Arc::new(said)));
    Ok(id)
}

/// The time of the next message: now, but after all that was.
fn next_time(read: &dyn Read, context: &Context<'_>, conversation: &ConversationId) -> Ruling<i64> {
    let record = conversations::existing(read, context, conversation)?;
    let read_up_to = read.read_bounds(&context.app.id, conversation)?.map(|bounds| bounds.greatest);
    let before = record.last_message_at.unwrap_or(record.created_at).max(read_up_to.unwrap_or(i64::MIN));
    Ok(context.now.max(before.saturating_add(1)))
}

/// A page of messages, newest first.
pub(super) fn list(
    read: &dyn Read,
    context: &Context<'_>,
    conversation: &ConversationId,
    page: &Page,
) -> Ruling<Listed<BackendMessage>> {
    let app = &context.app.id;
    conversations::existing(read, context, conversation)?;
    let after = match &page.starting_after {
        None => None,
        Some(id) => {
            let wrong =
                || ErrorBody::invalid("startingAfter", "must be the id of a message of this conversation");
            let id = MessageId::new(id).map_err(|_| wrong())?;
            let message = read.message(app, conversation, &id)?.ok_or_else(wrong)?;
            Some(Cursor { at: message.created_at, id: message.id.into() })
        }
    };
    let records = read.messages(app, conversation, after.as_ref(), page.limit.unwrap_or(PAGE_DEFAULT))?;
    let data = records.into_iter().map(|record| BackendMessage::of(conversation, record));
    Ok(Listed { data: data.collect::<Ruling<_>>()? })
}

/// A message's id: `msg_`, the time, and chance, so that ids are new, cannot be guessed, and come to lie beside each
/// other in the store's index.
fn message_id(context: &Context<'_>) -> Ruling<MessageId> {
    let chance = (context.random)()? >> 48;
    Ok(MessageId::new(format!("msg_{:012x}{chance:020x}", context.now.max(0)))?)
}
