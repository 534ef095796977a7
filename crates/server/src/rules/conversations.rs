//! Conversations: as a participant sees them, and as a backend does.
//!
//! Nothing here counts messages. How many are unread is the difference of two numbers: the conversation's newest and
//! the newest that the viewer has read.

use std::collections::BTreeMap;

use causerie_protocol::entities::{self, Access, Notify};
use causerie_protocol::error::ErrorBody;
use causerie_protocol::ids::{ConversationId, MessageId, UserId};
use causerie_protocol::params::Custom;
use serde::Serialize;

use super::command::PutConversation;
use super::messages::BackendMessage;
use super::{Caller, Context, Ruling, not_found, participants, patched_custom, said};
use crate::fanout::Event;
use crate::store::records::{ConversationRecord, ViewRecord};
use crate::store::{Read, Write};

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
}

/// What a participant is, as a backend sees it.
#[derive(Debug, Serialize)]
struct Settings {
    access: Access,
    notify: Notify,
}

/// A conversation as the caller sees it; none where the caller is no participant, whether it exists or not.
pub(super) fn get(
    read: &dyn Read,
    context: &Context<'_>,
    conversation: &ConversationId,
) -> Ruling<Option<entities::Conversation>> {
    let Caller::User(viewer) = context.caller else {
        return Ok(None);
    };
    let Some(view) = read.view(&context.app.id, conversation, viewer)? else {
        return Ok(None);
    };
    let last = read.messages(&context.app.id, conversation, None, 1)?.pop();
    Ok(Some(seen(view, last.map(|message| message.id))))
}

fn seen(view: ViewRecord, last_message: Option<MessageId>) -> entities::Conversation {
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

/// A conversation with its participants and its last message.
pub(super) fn get_for_backend(
    read: &dyn Read,
    context: &Context<'_>,
    conversation: &ConversationId,
) -> Ruling<BackendConversation> {
    let app = &context.app.id;
    let record = existing(read, context, conversation)?;
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
    })
}

/// The conversation, or the refusal to do anything with one that is not there.
pub(super) fn existing(
    read: &dyn Read,
    context: &Context<'_>,
    conversation: &ConversationId,
) -> Ruling<ConversationRecord> {
    let record = read.conversation(&context.app.id, conversation)?;
    record.ok_or_else(|| not_found("conversation", conversation.as_str()))
}

/// Creates or changes a conversation, and adds participants; who is one already stays as they are.
pub(super) fn put(
    write: &mut dyn Write,
    context: &Context<'_>,
    conversation: &ConversationId,
    data: PutConversation,
) -> Ruling<()> {
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
        said::happened(write, context, conversation, Event::Settings)?;
    }
    for (index, user) in data.participants.unwrap_or_default().iter().enumerate() {
        if write.participant(app, conversation, user)?.is_some() {
            continue;
        }
        if write.user(app, user)?.is_none() {
            let problem = format!("there is no user with the id {:?}; create the user first", user.as_str());
            return Err(ErrorBody::invalid(format!("participants[{index}]"), &problem).into());
        }
        participants::join(
            write,
            context,
            conversation,
            &record,
            user,
            Access::default(),
            Notify::default(),
        )?;
    }
    Ok(())
}
