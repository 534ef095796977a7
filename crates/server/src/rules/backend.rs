//! The reads of backends: conversations with their participants, messages, users with their private data, and
//! pages of them.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use causerie_protocol::entities::{Access, MessageKind, Notify, Origin, User};
use causerie_protocol::ids::{ConversationId, MessageId, UserId};
use causerie_protocol::params::Custom;
use causerie_protocol::topic::Cursor;
use serde::Serialize;

use super::command::{ConversationsPage, PAGE_DEFAULT, Page};
use super::context::ReadRules;
use super::entities::{message_entity, user_entity};
use super::error::RuleResult;
use super::json::Json;
use super::refusal::Refusal;
use crate::store::records::{ConversationRecord, MessageRecord, ViewRecord};

/// A user with its private data, in a response to a backend.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct BackendUser {
    #[serde(flatten)]
    public: User,
    email: Vec<String>,
    phone: Vec<String>,
    push_tokens: BTreeMap<String, bool>,
    created_at: i64,
}

/// A conversation in a response to a backend.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct BackendConversation {
    id: ConversationId,
    subject: Option<String>,
    photo_url: Option<String>,
    welcome_messages: Vec<String>,
    custom: Custom,
    created_at: i64,
    participants: BTreeMap<UserId, ParticipantSettings>,
    last_message: Option<BackendMessage>,
    /// Only in the list of a user's conversations.
    #[serde(flatten)]
    unread: Option<UnreadState>,
}

#[derive(Debug, Serialize)]
struct ParticipantSettings {
    access: Access,
    notify: Notify,
}

/// How much of a conversation a participant has not read.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct UnreadState {
    unread_message_count: u32,
    is_unread: bool,
}

/// A message in a response to a backend.
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
    reactions: Vec<ReactionCount>,
}

#[derive(Debug, Serialize)]
struct ReactionCount {
    emoji: String,
    count: u32,
}

impl BackendMessage {
    fn new(conversation: &ConversationId, record: MessageRecord) -> RuleResult<Self> {
        let message = message_entity(conversation, record)?;
        let reactions = message.reactions.into_iter();
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
            reactions: reactions.map(|one| ReactionCount { emoji: one.emoji, count: one.count }).collect(),
        })
    }
}

/// A page of a list in a response to a backend.
#[derive(Debug, Serialize)]
pub(super) struct PageBody<T> {
    data: Vec<T>,
}

impl<T> PageBody<T> {
    fn collect(entries: impl Iterator<Item = RuleResult<T>>) -> RuleResult<Self> {
        Ok(PageBody { data: entries.collect::<RuleResult<_>>()? })
    }
}

/// Returns a user with its private data.
pub(super) fn user(rules: ReadRules<'_>, user: &UserId) -> RuleResult<BackendUser> {
    let record = rules.require_user(user)?;
    let private = rules.store.user_private(rules.app_id(), user)?;
    Ok(BackendUser {
        created_at: record.created_at,
        public: user_entity(rules.context.app, user, record),
        email: private.emails,
        phone: private.phones,
        push_tokens: private.push_tokens.into_iter().map(|token| (token, true)).collect(),
    })
}

/// Returns a conversation with its participants and its last message.
pub(super) fn conversation(rules: ReadRules<'_>, id: &ConversationId) -> RuleResult<BackendConversation> {
    let record = rules.require_conversation(id)?;
    backend_conversation(rules, id, record, None)
}

fn backend_conversation(
    rules: ReadRules<'_>,
    id: &ConversationId,
    record: ConversationRecord,
    unread: Option<UnreadState>,
) -> RuleResult<BackendConversation> {
    let app = rules.app_id();
    let participants = rules.store.participants(app, id)?.into_iter();
    let last_message = rules.store.messages(app, id, None, 1)?.pop();
    Ok(BackendConversation {
        id: id.clone(),
        subject: record.subject,
        photo_url: record.photo_url,
        welcome_messages: record.welcome_messages,
        custom: record.custom,
        created_at: record.created_at,
        participants: participants
            .map(|(user, record)| {
                (user, ParticipantSettings { access: record.access, notify: record.notify })
            })
            .collect(),
        last_message: last_message.map(|message| BackendMessage::new(id, message)).transpose()?,
        unread,
    })
}

/// Returns one message.
pub(super) fn message(
    rules: ReadRules<'_>,
    conversation: &ConversationId,
    id: &MessageId,
) -> RuleResult<BackendMessage> {
    rules.require_conversation(conversation)?;
    BackendMessage::new(conversation, rules.require_message(conversation, id)?)
}

/// Returns a page of messages, newest first.
pub(super) fn messages(
    rules: ReadRules<'_>,
    conversation: &ConversationId,
    page: &Page,
) -> RuleResult<PageBody<BackendMessage>> {
    rules.require_conversation(conversation)?;
    let after = match &page.starting_after {
        None => None,
        Some(id) => {
            let unknown = || Refusal::UnknownPageStart { entry: "a message of this conversation" };
            let id = MessageId::new(id).map_err(|_| unknown())?;
            let message = rules.store.message(rules.app_id(), conversation, &id)?.ok_or_else(unknown)?;
            Some(Cursor { at: message.created_at, id: message.id.into() })
        }
    };
    let limit = page.limit.unwrap_or(PAGE_DEFAULT);
    let records = rules.store.messages(rules.app_id(), conversation, after.as_ref(), limit)?;
    PageBody::collect(records.into_iter().map(|record| BackendMessage::new(conversation, record)))
}

/// Returns a page of a user's conversations, those with the newest messages first.
pub(super) fn user_conversations(
    rules: ReadRules<'_>,
    user: &UserId,
    page: &ConversationsPage,
) -> RuleResult<PageBody<BackendConversation>> {
    rules.require_user(user)?;
    let after = match &page.starting_after {
        None => None,
        Some(id) => {
            let unknown = || Refusal::UnknownPageStart { entry: "a conversation of this user" };
            let id = ConversationId::new(id).map_err(|_| unknown())?;
            let view = rules.store.view(rules.app_id(), &id, user)?.ok_or_else(unknown)?;
            Some(Cursor { at: view.activity(), id: id.into() })
        }
    };
    let limit = page.limit.unwrap_or(PAGE_DEFAULT) as usize;
    let mut found = Vec::new();
    rules.store.views(rules.app_id(), user, after.as_ref(), &mut |view| {
        if page.matches(&view) {
            found.push(view);
        }
        if found.len() < limit { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    })?;
    PageBody::collect(found.into_iter().map(|view| {
        let unread = UnreadState { unread_message_count: view.unread, is_unread: view.is_unread() };
        let ViewRecord { id, conversation, .. } = view;
        backend_conversation(rules, &id, conversation, Some(unread))
    }))
}

/// Returns a page of all users, ordered by id.
pub(super) fn users(rules: ReadRules<'_>, page: &Page) -> RuleResult<PageBody<BackendUser>> {
    let after = page.starting_after.as_deref().unwrap_or_default();
    let ids = rules.store.users(rules.app_id(), after, page.limit.unwrap_or(PAGE_DEFAULT))?;
    PageBody::collect(ids.iter().map(|id| user(rules, id)))
}

/// Returns a page of all conversations, ordered by id.
pub(super) fn conversations(rules: ReadRules<'_>, page: &Page) -> RuleResult<PageBody<BackendConversation>> {
    let after = page.starting_after.as_deref().unwrap_or_default();
    let ids = rules.store.conversations(rules.app_id(), after, page.limit.unwrap_or(PAGE_DEFAULT))?;
    PageBody::collect(ids.iter().map(|id| conversation(rules, id)))
}
