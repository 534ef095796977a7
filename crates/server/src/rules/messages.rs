//! Messages: sending, editing and deleting them, for clients and for backends.
//!
//! A message gets the next number of its conversation, and a time later than every message before it and than
//! everything that anybody has read up to. So the order by time is the order by number, also where two messages come
//! within a millisecond or the clock goes back, and "sent after `readUntil`" and "counted as unread" are the same.

use std::sync::Arc;

use causerie_markup::Sender;
use causerie_protocol::entities::Origin;
use causerie_protocol::error::{ErrorBody, ErrorCode};
use causerie_protocol::ids::{ConversationId, MessageId, UserId};
use causerie_protocol::params::{Custom, CustomPatch, EditMessage, SendMessage};
use causerie_protocol::patch::Patch;
use serde::Serialize;

use super::command::PostMessage;
use super::content::Content;
use super::{
    Context, RuleError, RuleResult, content, conversations, forbidden, idempotency, not_found, participants,
    patched_custom, payload, server_error,
};
use crate::events::Event;
use crate::store::records::{MessageEdit, MessageRecord, OutcomeKey};
use crate::store::{Read, Write};

/// The id of a message that was sent.
#[derive(Debug, Serialize)]
pub(super) struct Sent {
    id: MessageId,
}

/// A message that is to be sent.
struct New<'a> {
    sender: Option<UserId>,
    content: RuleResult<Option<Content>>,
    custom: Option<Custom>,
    referenced: Option<MessageId>,
    /// What the caller calls the referenced message.
    field: &'a str,
    by: Sender,
    origin: Origin,
}

/// Sends a message from the caller.
pub(super) fn send(
    write: &mut dyn Write,
    context: &Context<'_>,
    conversation: &ConversationId,
    data: SendMessage,
    content: RuleResult<Option<Content>>,
) -> RuleResult<MessageId> {
    let user = participants::writer(write, context, conversation, "send messages")?;
    let new = New {
        sender: Some(user.clone()),
        content,
        custom: data.custom,
        referenced: data.referenced_message,
        field: "referencedMessage",
        by: Sender::User,
        origin: Origin::Web,
    };
    append(write, context, conversation, new)
}

/// Changes a message of the caller's.
pub(super) fn edit(
    write: &mut dyn Write,
    context: &Context<'_>,
    conversation: &ConversationId,
    id: &MessageId,
    data: EditMessage,
    content: RuleResult<Option<Content>>,
) -> RuleResult<()> {
    let user = participants::writer(write, context, conversation, "edit messages")?;
    let record = existing(write, context, conversation, id)?;
    if record.sender.as_ref() != Some(user) {
        return Err(forbidden("this message is not yours: only who sent a message may edit it"));
    }
    change(write, context, conversation, record, content?, data.custom)
}

/// Deletes a message of the caller's, if it is there.
pub(super) fn delete(
    write: &mut dyn Write,
    context: &Context<'_>,
    conversation: &ConversationId,
    id: &MessageId,
) -> RuleResult<()> {
    let (user, _) = participants::own(write, context, conversation)?;
    let Some(record) = write.message(&context.app.id, conversation, id)? else {
        return Ok(());
    };
    if record.sender.as_ref() != Some(user) {
        return Err(forbidden("this message is not yours: only who sent a message may delete it"));
    }
    take_away(write, context, conversation, &record)
}

/// Sends messages: all of them, or none. For backends.
pub(super) fn post(
    write: &mut dyn Write,
    context: &Context<'_>,
    conversation: &ConversationId,
    messages: Vec<PostMessage>,
) -> RuleResult<Vec<Sent>> {
    conversations::existing(write, context, conversation)?;
    let mut sent = Vec::with_capacity(messages.len());
    for (index, message) in messages.into_iter().enumerate() {
        let id = post_one(write, context, conversation, message).map_err(|fault| match fault {
            RuleError::Refused(error) => RuleError::Refused(error.within(&format!("[{index}]"))),
            fault @ RuleError::Store(_) => fault,
        })?;
        sent.push(Sent { id });
    }
    Ok(sent)
}

/// Changes any message. For backends.
pub(super) fn amend(
    write: &mut dyn Write,
    context: &Context<'_>,
    conversation: &ConversationId,
    id: &MessageId,
    data: EditMessage,
) -> RuleResult<()> {
    conversations::existing(write, context, conversation)?;
    let record = existing(write, context, conversation, id)?;
    let content = content::given(data.text.as_deref(), data.content.as_deref(), Sender::Backend)?;
    change(write, context, conversation, record, content, data.custom)
}

/// Deletes any message, if it is there. For backends.
pub(super) fn remove(
    write: &mut dyn Write,
    context: &Context<'_>,
    conversation: &ConversationId,
    id: &MessageId,
) -> RuleResult<()> {
    conversations::existing(write, context, conversation)?;
    match write.message(&context.app.id, conversation, id)? {
        Some(record) => take_away(write, context, conversation, &record),
        None => Ok(()),
    }
}

/// Sends one message, unless its key says that it was sent before; returns its id.
fn post_one(
    write: &mut dyn Write,
    context: &Context<'_>,
    conversation: &ConversationId,
    message: PostMessage,
) -> RuleResult<MessageId> {
    let hash = idempotency::hash(&message)?;
    let key = message.idempotency_key;
    let new = New {
        sender: message.sender,
        content: content::given(message.text.as_deref(), message.content.as_deref(), Sender::Backend),
        custom: message.custom,
        referenced: message.referenced_message_id,
        field: "referencedMessageId",
        by: Sender::Backend,
        origin: Origin::Rest,
    };
    let Some(key) = key else {
        return append(write, context, conversation, new);
    };
    let key = OutcomeKey { app: &context.app.id, caller: "", scope: conversation.as_str(), key: &key };
    let append = |write: &mut dyn Write| append(write, context, conversation, new).map(String::from);
    let id =
        idempotency::execute_once(write, &key, hash, context.now, append).map_err(|fault| match fault {
            RuleError::Refused(error) if error.code == ErrorCode::KeyReused => {
                RuleError::Refused(ErrorBody { field: Some("idempotencyKey".to_owned()), ..error })
            }
            fault => fault,
        })?;
    MessageId::try_from(id).map_err(|problem| server_error(&problem))
}

fn append(
    write: &mut dyn Write,
    context: &Context<'_>,
    conversation: &ConversationId,
    new: New<'_>,
) -> RuleResult<MessageId> {
    let app = &context.app.id;
    // Who sends by a client takes part, and so exists.
    if let (Some(sender), Sender::Backend) = (&new.sender, new.by)
        && write.user(app, sender)?.is_none()
    {
        let problem = format!("there is no user with the id {:?}; create the user first", sender.as_str());
        return Err(ErrorBody::invalid("sender", &problem).into());
    }
    if let Some(id) = &new.referenced {
        let problem = match write.message(app, conversation, id)? {
            None => format!("there is no message with the id {:?} in this conversation", id.as_str()),
            Some(MessageRecord { sender: None, .. }) => {
                "is a message of the system's, which nobody answers".to_owned()
            }
            Some(_) => String::new(),
        };
        if !problem.is_empty() {
            return Err(ErrorBody::invalid(new.field, &problem).into());
        }
    }
    let content = new.content?;
    let content =
        content.ok_or_else(|| ErrorBody::invalid("text", "is required, unless there is content"))?;
    let record = MessageRecord {
        seq: 0,
        id: message_id(context)?,
        sender: new.sender,
        text: content.plaintext,
        content: content.blocks,
        custom: new.custom.unwrap_or_default(),
        created_at: next_time(write, context, conversation)?,
        edited_at: None,
        referenced: new.referenced,
        origin: new.origin,
        reactions: Vec::new(),
    };
    let seq = write.append_message(app, conversation, &record)?.event_seq;
    let id = record.id.clone();
    let payload = payload::message_payload(write, context, conversation, record)?;
    payload::publish_event(write, context, conversation, seq, Event::Sent(Arc::new(payload)));
    Ok(id)
}

/// Changes what is given of a message; where nothing is, it counts as no edit.
fn change(
    write: &mut dyn Write,
    context: &Context<'_>,
    conversation: &ConversationId,
    record: MessageRecord,
    content: Option<Content>,
    custom: Patch<CustomPatch>,
) -> RuleResult<()> {
    if content.is_none() && custom.is_keep() {
        return Ok(());
    }
    let edit = edited(context, &record, content, custom)?;
    let seq = write
        .edit_message(&context.app.id, conversation, &record.id, &edit)?
        .ok_or_else(|| not_found("message", record.id.as_str()))?;
    let MessageEdit { text, content, custom, edited_at } = edit;
    let record = MessageRecord { text, content, custom, edited_at: Some(edited_at), ..record };
    let payload = payload::message_payload(write, context, conversation, record)?;
    payload::publish_event(write, context, conversation, seq, Event::Edited(Arc::new(payload)));
    Ok(())
}

fn edited(
    context: &Context<'_>,
    record: &MessageRecord,
    content: Option<Content>,
    custom: Patch<CustomPatch>,
) -> RuleResult<MessageEdit> {
    let (text, content) = match content {
        Some(content) => (content.plaintext, content.blocks),
        None => (record.text.clone(), record.content.clone()),
    };
    Ok(MessageEdit {
        text,
        content,
        custom: patched_custom(custom, &record.custom)?,
        edited_at: context.now.max(record.created_at),
    })
}

fn take_away(
    write: &mut dyn Write,
    context: &Context<'_>,
    conversation: &ConversationId,
    record: &MessageRecord,
) -> RuleResult<()> {
    if let Some(seq) = write.delete_message(&context.app.id, conversation, &record.id)? {
        let event = Event::Deleted { id: record.id.clone(), created_at: record.created_at };
        payload::publish_event(write, context, conversation, seq, event);
    }
    Ok(())
}

/// The message, or the refusal to do anything with one that is not there.
pub(super) fn existing(
    read: &dyn Read,
    context: &Context<'_>,
    conversation: &ConversationId,
    id: &MessageId,
) -> RuleResult<MessageRecord> {
    let record = read.message(&context.app.id, conversation, id)?;
    record.ok_or_else(|| not_found("message", id.as_str()))
}

/// The time of the next message: now, but after all that was.
fn next_time(read: &dyn Read, context: &Context<'_>, conversation: &ConversationId) -> RuleResult<i64> {
    let latest = read.latest_time(&context.app.id, conversation)?;
    let latest = latest.ok_or_else(|| not_found("conversation", conversation.as_str()))?;
    Ok(context.now.max(latest.saturating_add(1)))
}

/// A message's id: `msg_`, the time, and chance, so that ids are new, cannot be guessed, and come to lie beside each
/// other in the store's index.
fn message_id(context: &Context<'_>) -> RuleResult<MessageId> {
    let chance = (context.random)()? >> 48;
    Ok(MessageId::new(format!("msg_{:012x}{chance:020x}", context.now.max(0)))?)
}
