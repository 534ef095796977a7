//! The reads of backends: conversations with their participants, messages, users with their private data, and
//! pages of them.

mod lists;

use std::collections::BTreeMap;

use causerie_protocol::entities::{Access, MessageKind, Notify, Origin, User};
use causerie_protocol::ids::{ConversationId, MessageId, UserId};
use causerie_protocol::params::Custom;
use causerie_protocol::topic::Cursor;
use serde::{Deserialize, Serialize};

pub(super) use lists::{conversations, user_conversations, users};

use super::command::{PAGE_DEFAULT, Page};
use super::context::ReadRules;
use super::entities::{message_entity, user_entity};
use super::error::RuleResult;
use super::json::Json;
use super::message_ids::place_of;
use super::refusal::Refusal;
use crate::store::records::{ConversationRecord, MessageRecord, ParticipantRecord};

/// The most participants of a conversation whose messages list their readers.
pub(super) const READ_BY_PARTICIPANTS: u32 = 300;

/// A user with its private data, in a response to a backend.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct BackendUser {
    #[serde(flatten)]
    public: User,
    email: Vec<String>,
    phone: Vec<String>,
    push_tokens: BTreeMap<String, bool>,
    created_at: i64,
    /// Always null: a text that clients of the original show beside a user.
    availability_text: Option<String>,
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
    /// Always null.
    topic_id: Option<String>,
    /// Only in the list of a user's conversations.
    #[serde(flatten)]
    unread: Option<UnreadState>,
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ParticipantSettings {
    access: Access,
    notify: Notify,
    is_unread: bool,
}

impl ParticipantSettings {
    /// Makes the settings of a participant; `last_seq` is the sequence number of the newest message.
    pub(super) const fn new(record: &ParticipantRecord, last_seq: i64) -> Self {
        let is_unread = record.marked_unread || record.read_seq < last_seq;
        ParticipantSettings { access: record.access, notify: record.notify, is_unread }
    }
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
    /// The participants who have read the message, without the sender.
    read_by: Vec<UserId>,
    /// The latitude and the longitude, if the message is a place.
    location: Option<[f64; 2]>,
    attachment: Option<Attachment>,
}

/// The file of a message.
#[derive(Debug, Serialize)]
struct Attachment {
    url: String,
    size: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    dimensions: Option<[u32; 2]>,
}

/// The fields of a block that are fields of the message in a response to a backend.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Block {
    latitude: Option<f64>,
    longitude: Option<f64>,
    url: Option<String>,
    size: Option<u64>,
    width: Option<u32>,
    height: Option<u32>,
}

/// How far the participants of a conversation have read it; nothing for a conversation with more than
/// [`READ_BY_PARTICIPANTS`].
pub(super) struct Readers(Option<Vec<(UserId, i64)>>);

impl Readers {
    pub(super) fn of(rules: ReadRules<'_>, conversation: &ConversationId) -> RuleResult<Self> {
        let limit = READ_BY_PARTICIPANTS + 1;
        let participants = rules.store.newest_participants(rules.app_id(), conversation, None, limit)?;
        Ok(Self::from_participants(&participants))
    }

    fn from_participants(participants: &[(UserId, ParticipantRecord)]) -> Self {
        if participants.len() > READ_BY_PARTICIPANTS as usize {
            return Readers(None);
        }
        let mut readers: Vec<_> =
            participants.iter().map(|(user, record)| (user.clone(), record.read_seq)).collect();
        readers.sort();
        Readers(Some(readers))
    }

    /// Whether the conversation has too many participants to list readers.
    pub(super) const fn is_unlisted(&self) -> bool {
        self.0.is_none()
    }

    fn of_message(&self, message: &MessageRecord) -> Vec<UserId> {
        let readers = self
            .0
            .iter()
            .flatten()
            .filter(|(user, read_seq)| *read_seq >= message.seq && message.sender.as_ref() != Some(user));
        readers.map(|(user, _)| user.clone()).collect()
    }
}

#[derive(Debug, Serialize)]
struct ReactionCount {
    emoji: String,
    count: u32,
}

impl BackendMessage {
    /// Whether a participant other than the sender has read the message.
    pub(super) fn is_read_by(&self, user: &UserId) -> bool {
        self.read_by.contains(user)
    }

    pub(super) fn new(
        rules: ReadRules<'_>,
        conversation: &ConversationId,
        record: MessageRecord,
        readers: &Readers,
    ) -> RuleResult<Self> {
        let read_by = readers.of_message(&record);
        let message = message_entity(rules, conversation, record)?;
        let block = serde_json::from_str::<[Block; 1]>(message.content.get()).map(|[block]| block);
        let Block { latitude, longitude, url, size, width, height } = block.unwrap_or_default();
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
            read_by,
            location: latitude.zip(longitude).map(|(latitude, longitude)| [latitude, longitude]),
            attachment: url.zip(size).map(|(url, size)| Attachment {
                url,
                size,
                dimensions: width.zip(height).map(|(width, height)| [width, height]),
            }),
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
        availability_text: None,
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
    let participants = rules.store.participants(app, id)?;
    let readers = Readers::from_participants(&participants);
    let last_message = rules.store.messages(app, id, None, 1)?.pop();
    let last_seq = last_message.as_ref().map_or(0, |message| message.seq);
    Ok(BackendConversation {
        id: id.clone(),
        subject: record.subject,
        photo_url: record.photo_url,
        welcome_messages: record.welcome_messages,
        custom: record.custom,
        created_at: record.created_at,
        participants: participants
            .into_iter()
            .map(|(user, record)| (user, ParticipantSettings::new(&record, last_seq)))
            .collect(),
        last_message: last_message
            .map(|message| BackendMessage::new(rules, id, message, &readers))
            .transpose()?,
        topic_id: None,
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
    let readers = Readers::of(rules, conversation)?;
    BackendMessage::new(rules, conversation, rules.require_message(conversation, id)?, &readers)
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
            let sent_at = match rules.store.message(rules.app_id(), conversation, &id)? {
                Some(message) => message.created_at,
                None => {
                    // A message that was deleted meanwhile: the list goes on from where it stood.
                    let (at, seq) = place_of(&id).ok_or_else(unknown)?;
                    if !rules.store.is_tombstone(rules.app_id(), conversation, seq, &id)? {
                        return Err(unknown().into());
                    }
                    at
                }
            };
            Some(Cursor { at: sent_at, id: id.into() })
        }
    };
    let limit = page.limit.unwrap_or(PAGE_DEFAULT);
    let records = rules.store.messages(rules.app_id(), conversation, after.as_ref(), limit)?;
    let readers = Readers::of(rules, conversation)?;
    PageBody::collect(
        records.into_iter().map(|record| BackendMessage::new(rules, conversation, record, &readers)),
    )
}
