//! What a backend reads: conversations with their participants, messages, users with what is private, and pages of
//! them.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use causerie_protocol::entities::{Access, MessageKind, Notify, Origin, ReactionSummary};
use causerie_protocol::error::ErrorBody;
use causerie_protocol::ids::{ConversationId, MessageId, UserId};
use causerie_protocol::params::Custom;
use causerie_protocol::topic::Cursor;
use serde::Serialize;

use super::command::{ConversationsPage, PAGE_DEFAULT, Page};
use super::{Context, Json, RuleResult, conversations, messages, not_found, payload, users};
use crate::store::Read;
use crate::store::records::{ConversationRecord, MessageRecord, ViewRecord};

/// A conversation as a backend sees it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct BackendConversation {
    id: ConversationId,
    subject: Option<String>,
    photo_url: Option<String>,
    welcome_messages: Vec<String>,
    custom: Custom,
    created_at: i64,
    participants: BTreeMap<UserId, Settings>,
    last_message: Option<BackendMessage>,
    /// For whom it is listed, where it is listed for somebody.
    #[serde(flatten)]
    reading: Option<Reading>,
}

/// What a participant is, as a backend sees it.
#[derive(Debug, Serialize)]
struct Settings {
    access: Access,
    notify: Notify,
}

/// What a conversation is to one of its participants.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Reading {
    unread_message_count: u32,
    is_unread: bool,
}

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
    reactions: Vec<Reaction>,
}

/// An emoji on a message, as a backend sees it.
#[derive(Debug, Serialize)]
struct Reaction {
    emoji: String,
    count: u32,
}

impl BackendMessage {
    fn of(conversation: &ConversationId, record: MessageRecord) -> RuleResult<Self> {
        let message = payload::message_entity(conversation, record)?;
        let reaction = |ReactionSummary { emoji, count, .. }| Reaction { emoji, count };
        Ok(BackendMessage {
            id: message.id,
            conversation_id: message.conversation,
            kind: message.kind,
            sender_id: message.sender,
            text: message.plaintext,
            content: message.content,
            custom: message.custom,
            created_at: message.created_at,
            edited_at: message.edited_at,
            referenced_message_id: message.referenced_message,
            origin: message.origin,
            reactions: message.reactions.into_iter().map(reaction).collect(),
        })
    }
}

/// A page of a list.
#[derive(Debug, Serialize)]
pub(super) struct Listed<T> {
    data: Vec<T>,
}

/// A conversation with its participants and its last message.
pub(super) fn conversation(
    read: &dyn Read,
    context: &Context<'_>,
    conversation: &ConversationId,
) -> RuleResult<BackendConversation> {
    let record = conversations::existing(read, context, conversation)?;
    whole(read, context, conversation, record, None)
}

fn whole(
    read: &dyn Read,
    context: &Context<'_>,
    conversation: &ConversationId,
    record: ConversationRecord,
    reading: Option<Reading>,
) -> RuleResult<BackendConversation> {
    let app = &context.app.id;
    let participants = read.participants(app, conversation)?;
    let last_message = match read.messages(app, conversation, None, 1)?.pop() {
        Some(message) => Some(BackendMessage::of(conversation, message)?),
        None => None,
    };
    Ok(BackendConversation {
        id: conversation.clone(),
        subject: record.subject,
        photo_url: record.photo_url,
        welcome_messages: record.welcome_messages,
        custom: record.custom,
        created_at: record.created_at,
        participants: participants
            .into_iter()
            .map(|(user, part)| (user, Settings { access: part.access, notify: part.notify }))
            .collect(),
        last_message,
        reading,
    })
}

/// One message.
pub(super) fn message(
    read: &dyn Read,
    context: &Context<'_>,
    conversation: &ConversationId,
    id: &MessageId,
) -> RuleResult<BackendMessage> {
    conversations::existing(read, context, conversation)?;
    BackendMessage::of(conversation, messages::existing(read, context, conversation, id)?)
}

/// A page of messages, newest first.
pub(super) fn messages(
    read: &dyn Read,
    context: &Context<'_>,
    conversation: &ConversationId,
    page: &Page,
) -> RuleResult<Listed<BackendMessage>> {
    let app = &context.app.id;
    conversations::existing(read, context, conversation)?;
    let after = match &page.starting_after {
        None => None,
        Some(id) => {
            let wrong = || must_be("a message of this conversation");
            let id = MessageId::new(id).map_err(|_| wrong())?;
            let message = read.message(app, conversation, &id)?.ok_or_else(wrong)?;
            Some(Cursor { at: message.created_at, id: message.id.into() })
        }
    };
    let records = read.messages(app, conversation, after.as_ref(), page.limit.unwrap_or(PAGE_DEFAULT))?;
    let data = records.into_iter().map(|record| BackendMessage::of(conversation, record));
    Ok(Listed { data: data.collect::<RuleResult<_>>()? })
}

/// A page of the conversations of a user, those with the newest messages first.
pub(super) fn conversations_of(
    read: &dyn Read,
    context: &Context<'_>,
    user: &UserId,
    page: &ConversationsPage,
) -> RuleResult<Listed<BackendConversation>> {
    let app = &context.app.id;
    if read.user(app, user)?.is_none() {
        return Err(not_found("user", user.as_str()));
    }
    let after = match &page.starting_after {
        None => None,
        Some(id) => {
            let wrong = || must_be("a conversation of this user");
            let id = ConversationId::new(id).map_err(|_| wrong())?;
            let view = read.view(app, &id, user)?.ok_or_else(wrong)?;
            Some(Cursor { at: view.activity(), id: id.into() })
        }
    };
    let limit = page.limit.unwrap_or(PAGE_DEFAULT) as usize;
    let mut found = Vec::new();
    read.views(app, user, after.as_ref(), &mut |view| {
        if page.takes(&view) {
            found.push(view);
        }
        if found.len() < limit { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    })?;
    let data = found.into_iter().map(|view| {
        let is_unread = view.is_unread();
        let ViewRecord { id, conversation, unread, .. } = view;
        whole(read, context, &id, conversation, Some(Reading { unread_message_count: unread, is_unread }))
    });
    Ok(Listed { data: data.collect::<RuleResult<_>>()? })
}

/// A page of all users, by id.
pub(super) fn users(
    read: &dyn Read,
    context: &Context<'_>,
    page: &Page,
) -> RuleResult<Listed<users::BackendUser>> {
    let after = page.starting_after.as_deref().unwrap_or_default();
    let ids = read.users(&context.app.id, after, page.limit.unwrap_or(PAGE_DEFAULT))?;
    let data = ids.iter().map(|id| users::get_for_backend(read, context, id));
    Ok(Listed { data: data.collect::<RuleResult<_>>()? })
}

/// A page of all conversations, by id.
pub(super) fn conversations(
    read: &dyn Read,
    context: &Context<'_>,
    page: &Page,
) -> RuleResult<Listed<BackendConversation>> {
    let after = page.starting_after.as_deref().unwrap_or_default();
    let ids = read.conversations(&context.app.id, after, page.limit.unwrap_or(PAGE_DEFAULT))?;
    let data = ids.iter().map(|id| conversation(read, context, id));
    Ok(Listed { data: data.collect::<RuleResult<_>>()? })
}

fn must_be(what: &str) -> ErrorBody {
    ErrorBody::invalid("startingAfter", &format!("must be the id of {what}"))
}
