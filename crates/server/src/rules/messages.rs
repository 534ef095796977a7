//! Messages: sending, editing and deleting them, for clients and for backends.
//!
//! A message gets the next number of its conversation, and a time that is not before that of any message
//! before it. Messages of one millisecond have the same time, and their ids are in the order of their
//! numbers. So the order by time and id is the order by number, also if the clock is set back. A
//! participant's `readUntil` is before every message that counts as unread, because a new message moves it
//! back by a millisecond if it is equal to the message's time.

use std::sync::Arc;

use causerie_markup::Sender;
use causerie_protocol::entities::Origin;
use causerie_protocol::ids::{ConversationId, MessageId, UserId};
use causerie_protocol::params::{Custom, CustomPatch, EditMessage, SendMessage};
use causerie_protocol::patch::Patch;
use serde::Serialize;

use super::command::PostMessage;
use super::content::{self, Content};
use super::context::{ReadRules, WriteRules};
use super::error::{RuleError, RuleResult};
use super::files;
use super::idempotency::{self, Once, execute_once};
use super::message_ids::new_message_id;
use super::patches::patched_custom;
use super::payload::message_payload;
use super::refusal::Refusal;
use super::webhooks;
use crate::apps::WebhookKind;
use crate::apps::roles::MessageScope;
use crate::events::Event;
use crate::store::records::{MessageEdit, MessageRecord, OutcomeKey};

/// A sent message in the response to a backend.
#[derive(Debug, Serialize)]
pub(super) struct SentMessage {
    id: MessageId,
}

impl SentMessage {
    pub(super) const fn new(id: MessageId) -> Self {
        SentMessage { id }
    }
}

/// A message to append to a conversation.
struct NewMessage {
    sender: Option<UserId>,
    content: RuleResult<Option<Content>>,
    custom: Option<Custom>,
    referenced: Option<MessageId>,
    /// The caller's name for the field `referenced`.
    referenced_field: &'static str,
    origin: Origin,
}

/// Sends a message of the calling user, under its key if it has one. `content` is refused only after the
/// access of the caller is checked.
pub(super) fn send(
    rules: &mut WriteRules<'_>,
    conversation: &ConversationId,
    data: SendMessage,
    content: RuleResult<Option<Content>>,
    once: Option<&Once<'_>>,
) -> RuleResult<MessageId> {
    let user = rules.require_write_access(conversation, "send messages")?;
    check_links(rules, &content)?;
    let message = NewMessage {
        sender: Some(user.clone()),
        content,
        custom: data.custom,
        referenced: data.referenced_message,
        referenced_field: "referencedMessage",
        origin: Origin::Web,
    };
    append(rules, conversation, message, once)
}

/// Edits a message of the calling user, or of another one if the user's role allows it.
pub(super) fn edit(
    rules: &mut WriteRules<'_>,
    conversation: &ConversationId,
    id: &MessageId,
    data: EditMessage,
    content: RuleResult<Option<Content>>,
) -> RuleResult<()> {
    let user = rules.require_write_access(conversation, "edit messages")?;
    let record = rules.read().require_message(conversation, id)?;
    let scope = rules.read().role()?.settings.edit_messages;
    check_scope(rules.read(), scope, user, &record, "edit")?;
    check_links(rules, &content)?;
    change(rules, conversation, record, content?, data.custom)
}

/// Deletes a message of the calling user, or of another one if the user's role allows it. Does nothing if it
/// does not exist.
pub(super) fn delete(
    rules: &mut WriteRules<'_>,
    conversation: &ConversationId,
    id: &MessageId,
) -> RuleResult<()> {
    let user = rules.user()?;
    rules.read().require_participant(conversation)?;
    let Some(record) = rules.store.message(rules.app_id(), conversation, id)? else {
        return Ok(());
    };
    let scope = rules.read().role()?.settings.delete_messages;
    check_scope(rules.read(), scope, user, &record, "delete")?;
    remove(rules, conversation, &record)
}

/// Refuses an action on a message that is not among those to which the user's role allows it.
fn check_scope(
    rules: ReadRules<'_>,
    scope: MessageScope,
    user: &UserId,
    message: &MessageRecord,
    action: &'static str,
) -> RuleResult<()> {
    match (scope, &message.sender) {
        (MessageScope::None, _) => rules.role()?.require(
            false,
            match action {
                "edit" => "edit messages",
                _ => "delete messages",
            },
        ),
        (MessageScope::Any, Some(_)) => Ok(()),
        (_, Some(sender)) if sender == user => Ok(()),
        _ => Err(Refusal::NotTheSender { action }.into()),
    }
}

/// Refuses content with links of a user whose role does not allow them.
fn check_links(rules: &WriteRules<'_>, content: &RuleResult<Option<Content>>) -> RuleResult<()> {
    match content {
        Ok(Some(content)) if content.has_links => {
            let role = rules.read().role()?;
            let is_allowed = role.settings.links;
            role.require(is_allowed, "send links, mail addresses and phone numbers")
        }
        _ => Ok(()),
    }
}

/// For backends: sends messages, all of them or none.
pub(super) fn backend_post(
    rules: &mut WriteRules<'_>,
    conversation: &ConversationId,
    messages: Vec<PostMessage>,
) -> RuleResult<Vec<SentMessage>> {
    rules.read().require_conversation(conversation)?;
    let mut sent = Vec::with_capacity(messages.len());
    for (index, message) in messages.into_iter().enumerate() {
        let id = backend_post_one(rules, conversation, message)
            .map_err(|error| error.within(&format!("[{index}]")))?;
        sent.push(SentMessage { id });
    }
    Ok(sent)
}

/// For backends: edits any message.
pub(super) fn backend_put(
    rules: &mut WriteRules<'_>,
    conversation: &ConversationId,
    id: &MessageId,
    data: EditMessage,
) -> RuleResult<()> {
    rules.read().require_conversation(conversation)?;
    let record = rules.read().require_message(conversation, id)?;
    let content = content::from_params(data.text.as_deref(), data.content.as_deref(), Sender::Backend)?;
    change(rules, conversation, record, content, data.custom)
}

/// For backends: deletes any message. Does nothing if it does not exist.
pub(super) fn backend_delete(
    rules: &mut WriteRules<'_>,
    conversation: &ConversationId,
    id: &MessageId,
) -> RuleResult<()> {
    rules.read().require_conversation(conversation)?;
    match rules.store.message(rules.app_id(), conversation, id)? {
        Some(record) => remove(rules, conversation, &record),
        None => Ok(()),
    }
}

/// Sends one message, or returns the id of the message that was sent under the same key.
fn backend_post_one(
    rules: &mut WriteRules<'_>,
    conversation: &ConversationId,
    message: PostMessage,
) -> RuleResult<MessageId> {
    let hash = idempotency::hash(&message)?;
    let key = message.idempotency_key;
    let text = message.text.as_deref();
    let new = NewMessage {
        content: match &message.attachment_token {
            Some(token) => Ok(Some(content::of_attachment(token))),
            None => content::from_params(text, message.content.as_deref(), Sender::Backend),
        },
        sender: message.sender,
        custom: message.custom,
        referenced: message.referenced_message_id,
        referenced_field: "referencedMessageId",
        origin: Origin::Rest,
    };
    let Some(key) = key else {
        return append_from_backend(rules, conversation, new);
    };
    let key = OutcomeKey { app: rules.app_id(), caller: "", scope: conversation.as_str(), key: &key };
    let append = |rules: &mut WriteRules<'_>, _: &Once<'_>| {
        append_from_backend(rules, conversation, new).map(String::from)
    };
    let id = execute_once(rules, &key, hash, append).map_err(|error| match error {
        RuleError::Refused(Refusal::KeyReused { .. }) => {
            Refusal::KeyReused { field: Some("idempotencyKey") }.into()
        }
        error => error,
    })?;
    MessageId::try_from(id).map_err(|_| RuleError::Internal("a stored message id is malformed"))
}

fn append_from_backend(
    rules: &mut WriteRules<'_>,
    conversation: &ConversationId,
    message: NewMessage,
) -> RuleResult<MessageId> {
    // The sender of a client's message is a participant, so it exists.
    if let Some(sender) = &message.sender
        && rules.store.user(rules.app_id(), sender)?.is_none()
    {
        return Err(Refusal::UnknownUser { field: "sender".to_owned(), user: sender.clone() }.into());
    }
    append(rules, conversation, message, None)
}

fn append(
    rules: &mut WriteRules<'_>,
    conversation: &ConversationId,
    message: NewMessage,
    once: Option<&Once<'_>>,
) -> RuleResult<MessageId> {
    if let Some(id) = &message.referenced {
        check_reference(rules.read(), conversation, id, message.referenced_field)?;
    }
    let content = message.content?.ok_or(Refusal::NoContent)?;
    let (content, file) = files::resolve(rules.read(), content)?;
    let next = rules.store.next_message(rules.app_id(), conversation, rules.context.now)?;
    let next = next.ok_or_else(|| Refusal::ConversationNotFound(conversation.clone()))?;
    let record = MessageRecord {
        seq: next.seq,
        id: new_message_id(rules.context, next)?,
        sender: message.sender,
        text: content.plaintext,
        content: content.blocks,
        custom: message.custom.unwrap_or_default(),
        created_at: next.at,
        edited_at: None,
        referenced: message.referenced,
        origin: message.origin,
        reactions: Vec::new(),
    };
    let unread = unread_since(rules.read(), conversation, record.sender.as_ref())?;
    let appended = match once {
        Some(once) => once.send(rules, conversation, &record)?,
        None => rules.store.append_message(rules.app_id(), conversation, &record)?,
    };
    let seq = appended.event_seq;
    let id = record.id.clone();
    if file.is_some() {
        rules.store.attach_file(rules.app_id(), conversation, &id, file.as_deref())?;
    }
    if let (Some(since), Some(sender)) = (unread, &record.sender) {
        webhooks::reading(rules, conversation, sender, since)?;
    }
    webhooks::message(rules, WebhookKind::MessageSent, conversation, &record)?;
    webhooks::schedule_notifications(rules, conversation, &record)?;
    let payload = message_payload(rules.read(), conversation, record)?;
    rules.publish_event(conversation, seq, Event::Sent(Arc::new(payload)));
    Ok(id)
}

/// Returns the sequence number up to which the sender of a new message has read the conversation, if a
/// webhook wants to know what it reads by sending.
fn unread_since(
    rules: ReadRules<'_>,
    conversation: &ConversationId,
    sender: Option<&UserId>,
) -> RuleResult<Option<i64>> {
    let Some(sender) = sender.filter(|_| rules.context.app.wants(WebhookKind::MessageRead)) else {
        return Ok(None);
    };
    let participant = rules.store.participant(rules.app_id(), conversation, sender)?;
    Ok(participant.map(|participant| participant.read_seq))
}

/// Refuses a reference to a message that does not exist or is a system message.
fn check_reference(
    rules: ReadRules<'_>,
    conversation: &ConversationId,
    id: &MessageId,
    field: &'static str,
) -> RuleResult<()> {
    match rules.store.message(rules.app_id(), conversation, id)? {
        None => Err(Refusal::UnknownReference { field, message: id.clone() }.into()),
        Some(MessageRecord { sender: None, .. }) => Err(Refusal::ReferenceToSystemMessage { field }.into()),
        Some(_) => Ok(()),
    }
}

/// Changes the given parts of a message. If nothing is given, the message does not count as edited.
fn change(
    rules: &mut WriteRules<'_>,
    conversation: &ConversationId,
    record: MessageRecord,
    content: Option<Content>,
    custom: Patch<CustomPatch>,
) -> RuleResult<()> {
    if content.is_none() && custom.is_keep() {
        return Ok(());
    }
    let (text, content, file) = match content {
        Some(content) => {
            let (content, file) = files::resolve(rules.read(), content)?;
            let changed = file.is_some() || files::is_file(&record.content);
            (content.plaintext, content.blocks, changed.then_some(file))
        }
        None => (record.text.clone(), record.content.clone(), None),
    };
    let custom = patched_custom(custom, &record.custom)?;
    let edited_at = rules.context.now.max(record.created_at);
    let edit = MessageEdit { text, content, custom, edited_at };
    let seq = rules
        .store
        .edit_message(rules.app_id(), conversation, &record.id, &edit)?
        .ok_or_else(|| Refusal::MessageNotFound(record.id.clone()))?;
    if let Some(file) = file {
        rules.store.attach_file(rules.app_id(), conversation, &record.id, file.as_deref())?;
    }
    let MessageEdit { text, content, custom, edited_at } = edit;
    let record = MessageRecord { text, content, custom, edited_at: Some(edited_at), ..record };
    webhooks::message(rules, WebhookKind::MessageUpdated, conversation, &record)?;
    let payload = message_payload(rules.read(), conversation, record)?;
    rules.publish_event(conversation, seq, Event::Edited(Arc::new(payload)));
    Ok(())
}

fn remove(
    rules: &mut WriteRules<'_>,
    conversation: &ConversationId,
    record: &MessageRecord,
) -> RuleResult<()> {
    if let Some(seq) = rules.store.delete_message(rules.app_id(), conversation, &record.id)? {
        webhooks::message(rules, WebhookKind::MessageDeleted, conversation, record)?;
        let event = Event::Deleted { id: record.id.clone(), created_at: record.created_at };
        rules.publish_event(conversation, seq, event);
    }
    Ok(())
}
