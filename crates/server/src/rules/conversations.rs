//! Conversations: as a participant sees them, and how they are made, changed and deleted.

use causerie_protocol::entities::{self, Access, Notify};
use causerie_protocol::error::ErrorBody;
use causerie_protocol::ids::{ConversationId, MessageId, UserId};
use causerie_protocol::params::{CreateConversation, SetConversation};

use super::command::PutConversation;
use super::{Context, RuleResult, not_found, participants, patched_custom, payload};
use crate::events::Event;
use crate::store::records::{ConversationRecord, ViewRecord};
use crate::store::{Read, Write};

/// A conversation as one of its participants sees it.
pub(super) fn seen(view: ViewRecord, last_message: Option<MessageId>) -> entities::Conversation {
    let ViewRecord { id, conversation, participant, everyone_read_until, unread } = view;
    entities::Conversation {
        id,
        subject: conversation.subject,
        photo_url: conversation.photo_url,
        welcome_messages: conversation.welcome_messages,
        custom: conversation.custom,
        created_at: conversation.created_at,
        joined_at: participant.joined_at,
        last_message,
        last_message_at: conversation.last_message_at.unwrap_or(conversation.created_at),
        unread_message_count: unread,
        read_until: participant.read_until,
        everyone_read_until,
        is_unread: unread > 0 || participant.marked_unread,
        access: participant.access,
        notify: participant.notify,
    }
}

/// The conversation, or the refusal to do anything with one that is not there.
pub(super) fn existing(
    read: &dyn Read,
    context: &Context<'_>,
    conversation: &ConversationId,
) -> RuleResult<ConversationRecord> {
    let record = read.conversation(&context.app.id, conversation)?;
    record.ok_or_else(|| not_found("conversation", conversation.as_str()))
}

/// Sets what is given of a conversation, which is created where there was none, and makes the caller a participant.
pub(super) fn set(
    write: &mut dyn Write,
    context: &Context<'_>,
    conversation: &ConversationId,
    data: SetConversation,
) -> RuleResult<()> {
    let app = &context.app.id;
    let user = participants::caller(context)?;
    let part = write.participant(app, conversation, user)?;
    if !context.app.conversation_sync {
        let only_notify = SetConversation { notify: data.notify.clone(), ..SetConversation::default() };
        if part.is_none() || data != only_notify {
            return Err(participants::sync_disabled());
        }
    }
    if part.is_none() {
        must_exist(write, context, user)?;
    }
    let (access, notify) = (data.access.clone(), data.notify.clone());
    let record = settle(write, context, conversation, data)?;
    match part {
        Some(part) => {
            let access = participants::patched(&access, part.access);
            let notify = participants::patched(&notify, part.notify);
            participants::change(write, context, conversation, user, &part, access, notify)
        }
        None => {
            let access = participants::patched(&access, Access::default());
            let notify = participants::patched(&notify, Notify::default());
            participants::join(write, context, conversation, &record, user, access, notify)
        }
    }
}

/// Creates a conversation where there is none, and makes the caller a participant who is none.
pub(super) fn create_if_not_exists(
    write: &mut dyn Write,
    context: &Context<'_>,
    conversation: &ConversationId,
    data: CreateConversation,
) -> RuleResult<()> {
    let app = &context.app.id;
    let user = participants::caller(context)?;
    if write.participant(app, conversation, user)?.is_some() {
        return Ok(());
    }
    if !context.app.conversation_sync {
        return Err(participants::sync_disabled());
    }
    must_exist(write, context, user)?;
    let (access, notify) = (data.access.unwrap_or_default(), data.notify.unwrap_or_default());
    let record = match write.conversation(app, conversation)? {
        Some(record) => record,
        None => settle(write, context, conversation, data.into())?,
    };
    participants::join(write, context, conversation, &record, user, access, notify)
}

/// Creates or changes a conversation, and adds participants; who is one already stays as they are. For backends.
pub(super) fn put(
    write: &mut dyn Write,
    context: &Context<'_>,
    conversation: &ConversationId,
    data: PutConversation,
) -> RuleResult<()> {
    let app = &context.app.id;
    let participants = data.participants.clone().unwrap_or_default();
    let record = settle(write, context, conversation, data.into())?;
    for (index, user) in participants.iter().enumerate() {
        if write.participant(app, conversation, user)?.is_some() {
            continue;
        }
        if write.user(app, user)?.is_none() {
            let problem = format!("there is no user with the id {:?}; create the user first", user.as_str());
            return Err(ErrorBody::invalid(format!("participants[{index}]"), &problem).into());
        }
        let (access, notify) = (Access::default(), Notify::default());
        participants::join(write, context, conversation, &record, user, access, notify)?;
    }
    Ok(())
}

/// Deletes a conversation with all that is in it. For backends.
pub(super) fn delete(
    write: &mut dyn Write,
    context: &Context<'_>,
    conversation: &ConversationId,
) -> RuleResult<()> {
    let app = &context.app.id;
    let Some(seq) = write.delete_conversation(app, conversation)? else {
        return Err(not_found("conversation", conversation.as_str()));
    };
    payload::publish_event(write, context, conversation, seq, Event::ConversationDeleted);
    Ok(())
}

/// Writes what a conversation is after `data`, as far as it differs from what there is, and returns it.
fn settle(
    write: &mut dyn Write,
    context: &Context<'_>,
    conversation: &ConversationId,
    data: SetConversation,
) -> RuleResult<ConversationRecord> {
    let app = &context.app.id;
    let current = write.conversation(app, conversation)?;
    let base = current
        .clone()
        .unwrap_or_else(|| ConversationRecord { created_at: context.now, ..ConversationRecord::default() });
    let record = ConversationRecord {
        subject: data.subject.apply(base.subject),
        photo_url: data.photo_url.apply(base.photo_url),
        welcome_messages: data.welcome_messages.apply(Some(base.welcome_messages)).unwrap_or_default(),
        custom: patched_custom(data.custom, &base.custom)?,
        ..base
    };
    if current.as_ref() != Some(&record) {
        write.put_conversation(app, conversation, &record)?;
        payload::record_event(write, context, conversation, Event::SettingsChanged)?;
    }
    Ok(record)
}

/// Whoever becomes a participant must be a user.
fn must_exist(read: &dyn Read, context: &Context<'_>, user: &UserId) -> RuleResult<()> {
    match read.user(&context.app.id, user)? {
        Some(_) => Ok(()),
        None => Err(not_found("user", user.as_str())),
    }
}
