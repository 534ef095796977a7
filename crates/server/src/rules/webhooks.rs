//! The events for webhooks, stored in the transaction that causes them. An app without a webhook that wants
//! an event pays a comparison for it.

use std::collections::BTreeMap;

use causerie_protocol::entities::Notify;
use causerie_protocol::error::{ErrorBody, ErrorCode};
use causerie_protocol::ids::{ConversationId, UserId};
use causerie_protocol::params::Custom;
use serde::Serialize;
use serde_json::Value;

use super::backend::{self, BackendMessage, BackendUser, ParticipantSettings, READ_BY_PARTICIPANTS, Readers};
use super::command::{EventsPage, PAGE_DEFAULT, PostNotifications, ReplayEvents};
use super::context::{ReadRules, WriteRules};
use super::error::RuleResult;
use super::refusal::Refusal;
use crate::apps::WebhookKind;
use crate::store::records::{ConversationRecord, MessageRecord, NewDelivery, ParticipantRecord};

/// The most messages of which one reading makes an event each, and of which a notification consists.
const READ_MESSAGES: u32 = 100;
const NOTIFIED_MESSAGES: u32 = 10;

/// The body of a delivery.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Event<'a, D> {
    id: &'a str,
    created_at: i64,
    #[serde(rename = "type")]
    kind: &'static str,
    data: &'a D,
}

#[derive(Serialize)]
struct UserData {
    user: BackendUser,
}

#[derive(Serialize)]
struct ConversationData {
    conversation: EventConversation,
}

#[derive(Serialize)]
struct MessageData {
    sender: Option<BackendUser>,
    /// The participant who has read the message.
    #[serde(skip_serializing_if = "Option::is_none")]
    recipient: Option<BackendUser>,
    conversation: EventConversation,
    message: BackendMessage,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct NotificationData {
    notification_id: String,
    channels: Vec<String>,
    recipient: BackendUser,
    sender: Option<BackendUser>,
    conversation: EventConversation,
    messages: Vec<BackendMessage>,
}

/// A conversation in an event.
#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
struct EventConversation {
    id: ConversationId,
    subject: Option<String>,
    topic_id: Option<String>,
    photo_url: Option<String>,
    welcome_messages: Vec<String>,
    custom: Custom,
    created_at: i64,
    /// At most [`READ_BY_PARTICIPANTS`], those who joined last.
    participants: BTreeMap<UserId, ParticipantSettings>,
}

impl EventConversation {
    fn new(rules: ReadRules<'_>, id: &ConversationId, record: ConversationRecord) -> RuleResult<Self> {
        let participants =
            rules.store.newest_participants(rules.app_id(), id, None, READ_BY_PARTICIPANTS)?.into_iter();
        Ok(EventConversation {
            id: id.clone(),
            subject: record.subject,
            topic_id: None,
            photo_url: record.photo_url,
            welcome_messages: record.welcome_messages,
            custom: record.custom,
            created_at: record.created_at,
            participants: participants
                .map(|(user, participant)| (user, ParticipantSettings::new(&participant, record.last_seq)))
                .collect(),
        })
    }

    fn read(rules: ReadRules<'_>, id: &ConversationId) -> RuleResult<Self> {
        Self::new(rules, id, rules.require_conversation(id)?)
    }
}

/// Stores that a user was created or changed.
pub(super) fn user(rules: &mut WriteRules<'_>, kind: WebhookKind, user: &UserId) -> RuleResult<()> {
    if !rules.context.app.wants(kind) {
        return Ok(());
    }
    let data = UserData { user: backend::user(rules.read(), user)? };
    enqueue(rules, kind, &format!("u:{}", user.as_str()), &data)
}

/// Stores that a message was sent, edited or deleted.
pub(super) fn message(
    rules: &mut WriteRules<'_>,
    kind: WebhookKind,
    conversation: &ConversationId,
    record: &MessageRecord,
) -> RuleResult<()> {
    if !rules.context.app.wants(kind) {
        return Ok(());
    }
    let read = rules.read();
    let data = MessageData {
        sender: sender(read, record)?,
        recipient: None,
        conversation: EventConversation::read(read, conversation)?,
        message: BackendMessage::new(read, conversation, record.clone(), &Readers::of(read, conversation)?)?,
    };
    enqueue(rules, kind, &lane(conversation), &data)
}

/// Stores that a participant has read the messages after the sequence number `since`, one event for each of
/// the last ones of others. Conversations in which messages list no readers have no such events.
pub(super) fn reading(
    rules: &mut WriteRules<'_>,
    conversation: &ConversationId,
    reader: &UserId,
    since: i64,
) -> RuleResult<()> {
    let kind = WebhookKind::MessageRead;
    if !rules.context.app.wants(kind) {
        return Ok(());
    }
    let read = rules.read();
    let readers = Readers::of(read, conversation)?;
    if readers.is_unlisted() {
        return Ok(());
    }
    let recipient = backend::user(read, reader)?;
    let event = EventConversation::read(read, conversation)?;
    let newest = read.store.messages(read.app_id(), conversation, None, READ_MESSAGES)?;
    let mut events = Vec::new();
    for record in newest.into_iter().take_while(|record| record.seq > since) {
        let sender = sender(read, &record)?;
        let message = BackendMessage::new(read, conversation, record, &readers)?;
        // The sender of a message is not among its readers.
        if message.is_read_by(reader) {
            let (recipient, conversation) = (Some(recipient.clone()), event.clone());
            events.push(MessageData { sender, recipient, conversation, message });
        }
    }
    events.iter().rev().try_for_each(|data| enqueue(rules, kind, &lane(conversation), data))
}

/// Returns a conversation that is about to be deleted, if a webhook wants to know.
pub(super) fn before_deletion(
    rules: ReadRules<'_>,
    conversation: &ConversationId,
) -> RuleResult<Option<impl Serialize + use<>>> {
    if !rules.context.app.wants(WebhookKind::ConversationDeleted) {
        return Ok(None);
    }
    match rules.store.conversation(rules.app_id(), conversation)? {
        Some(record) => {
            let conversation = EventConversation::new(rules, conversation, record)?;
            Ok(Some(ConversationData { conversation }))
        }
        None => Ok(None),
    }
}

/// Stores that a conversation was deleted; `data` is what [`before_deletion`] returned.
pub(super) fn deletion(
    rules: &mut WriteRules<'_>,
    conversation: &ConversationId,
    data: Option<impl Serialize>,
) -> RuleResult<()> {
    data.map_or(Ok(()), |data| enqueue(rules, WebhookKind::ConversationDeleted, &lane(conversation), &data))
}

/// For backends: stores a notification for each participant with unread messages, or for those of them that
/// the backend names.
pub(super) fn backend_notify(
    rules: &mut WriteRules<'_>,
    conversation: &ConversationId,
    request: &PostNotifications,
) -> RuleResult<()> {
    let kind = WebhookKind::NotificationTriggered;
    if !rules.context.app.wants(kind) {
        let text =
            "no webhook of this app receives the event notification.triggered, so nobody would be notified";
        return Err(Refusal::Invalid(ErrorBody::new(ErrorCode::Unsupported, text)).into());
    }
    let read = rules.read();
    read.require_conversation(conversation)?;
    let participants = read.store.participants(read.app_id(), conversation)?;
    if let Some(named) = &request.recipients {
        for (index, user) in named.iter().enumerate() {
            if participants.iter().all(|(participant, _)| participant != user) {
                let field = format!("recipients[{index}]");
                let problem = format!("must be a participant of the conversation (got {:?})", user.as_str());
                return Err(ErrorBody::invalid(field, &problem).into());
            }
        }
    }
    for (user, participant) in participants {
        if request.recipients.as_ref().is_none_or(|named| named.contains(&user)) {
            notify(rules, conversation, &user, &participant, &request.channels)?;
        }
    }
    Ok(())
}

/// Stores that the participants other than the sender are to be notified of a new message, unless they read
/// it before. A conversation in which messages list no readers has no such notifications.
pub(super) fn schedule_notifications(
    rules: &mut WriteRules<'_>,
    conversation: &ConversationId,
    message: &MessageRecord,
) -> RuleResult<()> {
    let Some(delay) = rules.context.app.notify_after() else { return Ok(()) };
    let app = rules.app_id();
    let limit = READ_BY_PARTICIPANTS + 1;
    let participants = rules.store.newest_participants(app, conversation, None, limit)?;
    if participants.len() > READ_BY_PARTICIPANTS as usize {
        return Ok(());
    }
    let delay = i64::try_from(delay.as_millis()).unwrap_or(i64::MAX);
    let due = rules.context.now.saturating_add(delay);
    for (user, participant) in participants {
        let is_concerned = message.sender.as_ref() != Some(&user)
            && match participant.notify {
                Notify::Always => true,
                Notify::Never => false,
                Notify::MentionsOnly => mentions(&message.content, &user),
            };
        if is_concerned {
            rules.store.put_notification(app, conversation, &user, due)?;
        }
    }
    Ok(())
}

/// Stores a notification that is due, if the participant still has unread messages. A participant who is
/// online may read them, and is asked about again later.
pub(crate) fn notify_due(
    rules: &mut WriteRules<'_>,
    conversation: &ConversationId,
    user: &UserId,
    is_online: bool,
) -> RuleResult<()> {
    let app = rules.app_id();
    rules.store.delete_notification(app, conversation, user)?;
    let Some(delay) = rules.context.app.notify_after() else { return Ok(()) };
    let Some(participant) = rules.store.participant(app, conversation, user)? else { return Ok(()) };
    if !is_online {
        return notify(rules, conversation, user, &participant, &[]);
    }
    let newest = rules.store.messages(app, conversation, None, 1)?.pop();
    if newest.is_some_and(|message| message.seq > participant.read_seq) {
        let delay = i64::try_from(delay.as_millis()).unwrap_or(i64::MAX);
        rules.store.put_notification(app, conversation, user, rules.context.now.saturating_add(delay))?;
    }
    Ok(())
}

/// Stores a notification of a participant's unread messages, if it has any.
fn notify(
    rules: &mut WriteRules<'_>,
    conversation: &ConversationId,
    user: &UserId,
    participant: &ParticipantRecord,
    channels: &[String],
) -> RuleResult<()> {
    let read = rules.read();
    let newest = read.store.messages(read.app_id(), conversation, None, NOTIFIED_MESSAGES)?;
    let unread: Vec<MessageRecord> = newest
        .into_iter()
        .take_while(|message| message.seq > participant.read_seq)
        .filter(|message| message.sender.as_ref() != Some(user))
        .collect();
    let Some(last) = unread.first() else { return Ok(()) };
    let readers = Readers::of(read, conversation)?;
    let data = NotificationData {
        notification_id: format!("ntf_{:032x}", (rules.context.random)()?),
        channels: channels.to_vec(),
        recipient: backend::user(read, user)?,
        sender: sender(read, last)?,
        conversation: EventConversation::read(read, conversation)?,
        messages: (unread.into_iter().rev())
            .map(|message| BackendMessage::new(read, conversation, message, &readers))
            .collect::<RuleResult<_>>()?,
    };
    enqueue(rules, WebhookKind::NotificationTriggered, &lane(conversation), &data)
}

/// Whether the content of a message mentions a user.
fn mentions(content: &str, user: &UserId) -> bool {
    fn in_value(value: &Value, user: &str) -> bool {
        match value {
            Value::Array(list) => list.iter().any(|one| in_value(one, user)),
            Value::Object(node) => {
                let is_mention = node.get("type").is_some_and(|kind| kind == "mention");
                (is_mention && node.get("id").is_some_and(|id| id == user))
                    || node.get("children").is_some_and(|children| in_value(children, user))
            }
            _ => false,
        }
    }
    serde_json::from_str(content).is_ok_and(|content| in_value(&content, user.as_str()))
}

fn sender(rules: ReadRules<'_>, record: &MessageRecord) -> RuleResult<Option<BackendUser>> {
    record.sender.as_ref().map(|sender| backend::user(rules, sender)).transpose()
}

/// The lane of the events of a conversation.
fn lane(conversation: &ConversationId) -> String {
    format!("c:{}", conversation.as_str())
}

/// Stores a delivery for each webhook that wants the event.
fn enqueue<D: Serialize>(
    rules: &mut WriteRules<'_>,
    kind: WebhookKind,
    lane: &str,
    data: &D,
) -> RuleResult<()> {
    let context = rules.context;
    let id = format!("evt_{:032x}", (context.random)()?);
    let (app, now) = (context.app, context.now);
    let event = Event { id: &id, created_at: now, kind: kind.name(), data };
    let body = serde_json::to_string(&event)?;
    for webhook in app.webhooks.iter().filter(|webhook| webhook.kinds.contains(&kind)) {
        if webhook.admit(body.len()) {
            let (app, url, kind) = (app.id.as_str(), webhook.url.as_str(), kind.name());
            rules.store.put_delivery(&NewDelivery { app, url, lane, kind, id: &id, body: &body, now })?;
        }
    }
    Ok(())
}

/// A stored event in a response to a backend.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct StoredEvent {
    /// After which a page can start.
    key: String,
    id: String,
    #[serde(rename = "type")]
    kind: String,
    url: String,
    since: i64,
    attempts: u32,
    /// Null if an earlier event of the conversation or user comes first, or if it failed.
    due: Option<i64>,
    error: Option<String>,
}

/// A page of stored events.
#[derive(Serialize)]
pub(super) struct StoredEvents {
    data: Vec<StoredEvent>,
}

/// The number of events that wait again.
#[derive(Serialize)]
pub(super) struct Replayed {
    replayed: usize,
}

/// For backends: returns the events that wait, or those that failed, the oldest first.
pub(super) fn events(rules: ReadRules<'_>, page: &EventsPage) -> RuleResult<StoredEvents> {
    let unknown = || Refusal::UnknownPageStart { entry: "an event, its key" };
    let after = page.page.starting_after.as_deref().unwrap_or("0").parse().map_err(|_| unknown())?;
    let limit = page.page.limit.unwrap_or(PAGE_DEFAULT);
    let found = rules.store.deliveries(rules.app_id(), page.failed, after, limit)?;
    let data = found.into_iter().map(|delivery| StoredEvent {
        key: delivery.key.to_string(),
        id: delivery.id,
        kind: delivery.kind,
        url: delivery.url,
        since: delivery.since,
        attempts: delivery.attempts,
        due: delivery.due,
        error: delivery.error,
    });
    Ok(StoredEvents { data: data.collect() })
}

/// For backends: makes failed events wait again.
pub(super) fn replay(rules: &mut WriteRules<'_>, data: &ReplayEvents) -> RuleResult<Replayed> {
    let now = rules.context.now;
    Ok(Replayed { replayed: rules.store.replay_deliveries(rules.app_id(), data.id.as_deref(), now)? })
}
