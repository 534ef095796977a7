//! Who takes part in a conversation, and how. Joining starts reading: what was sent before one joined can be read, and
//! does not count as unread.

use causerie_protocol::entities::{Access, Notify};
use causerie_protocol::error::{ErrorBody, ErrorCode};
use causerie_protocol::ids::{ConversationId, UserId};
use causerie_protocol::patch::Patch;

use super::command::PutParticipant;
use super::{Context, Ruling, conversations, not_found, said};
use crate::fanout::Event;
use crate::store::records::{ConversationRecord, ParticipantRecord};
use crate::store::{Stream, Write};

/// Makes a user a participant, or sets again what a participant is; what is not given becomes the default.
pub(super) fn put(
    write: &mut dyn Write,
    context: &Context<'_>,
    conversation: &ConversationId,
    user: &UserId,
    data: &PutParticipant,
) -> Ruling<()> {
    let app = &context.app.id;
    let record = conversations::existing(write, context, conversation)?;
    let access = data.access.clone().apply(None).unwrap_or_default();
    let notify = data.notify.clone().apply(None).unwrap_or_default();
    if let Some(current) = write.participant(app, conversation, user)? {
        return change(write, context, conversation, user, &current, access, notify);
    }
    if write.user(app, user)?.is_none() {
        return Err(not_found("user", user.as_str()));
    }
    join(write, context, conversation, &record, user, access, notify)
}

/// Sets what is given of a participant.
pub(super) fn patch(
    write: &mut dyn Write,
    context: &Context<'_>,
    conversation: &ConversationId,
    user: &UserId,
    data: &PutParticipant,
) -> Ruling<()> {
    conversations::existing(write, context, conversation)?;
    let Some(current) = write.participant(&context.app.id, conversation, user)? else {
        let text = format!(
            "the user {:?} is not a participant of the conversation {:?}; PUT makes one",
            user.as_str(),
            conversation.as_str()
        );
        return Err(ErrorBody::new(ErrorCode::NotFound, text).into());
    };
    let access = patched(&data.access, current.access);
    let notify = patched(&data.notify, current.notify);
    change(write, context, conversation, user, &current, access, notify)
}

/// Takes a user out of a conversation, if in it.
pub(super) fn delete(
    write: &mut dyn Write,
    context: &Context<'_>,
    conversation: &ConversationId,
    user: &UserId,
) -> Ruling<()> {
    conversations::existing(write, context, conversation)?;
    if write.delete_participant(&context.app.id, conversation, user)? {
        told(write, context, conversation, user, Event::Left(user.clone()))?;
    }
    Ok(())
}

/// Makes a user a participant who was none. Both must exist.
pub(super) fn join(
    write: &mut dyn Write,
    context: &Context<'_>,
    conversation: &ConversationId,
    record: &ConversationRecord,
    user: &UserId,
    access: Access,
    notify: Notify,
) -> Ruling<()> {
    // Not before the newest message, even where the clock went back: what is there already is not unread.
    let joined_at = context.now.max(record.last_message_at.unwrap_or(record.created_at));
    let participant = ParticipantRecord {
        access,
        notify,
        joined_at,
        read_until: joined_at,
        read_seq: record.last_seq,
        marked_unread: false,
    };
    write.put_participant(&context.app.id, conversation, user, &participant)?;
    told(write, context, conversation, user, Event::Joined(user.clone()))
}

fn change(
    write: &mut dyn Write,
    context: &Context<'_>,
    conversation: &ConversationId,
    user: &UserId,
    current: &ParticipantRecord,
    access: Access,
    notify: Notify,
) -> Ruling<()> {
    if (current.access, current.notify) == (access, notify) {
        return Ok(());
    }
    let participant = ParticipantRecord { access, notify, ..current.clone() };
    write.put_participant(&context.app.id, conversation, user, &participant)?;
    told(write, context, conversation, user, Event::Participant(user.clone()))
}

fn told(
    write: &mut dyn Write,
    context: &Context<'_>,
    conversation: &ConversationId,
    user: &UserId,
    event: Event,
) -> Ruling<()> {
    write.advance(&context.app.id, &Stream::ConversationList(user.clone()))?;
    said::happened(write, context, conversation, event)
}

/// What a setting is after a patch; cleared, it is the default.
fn patched<T: Copy + Default>(patch: &Patch<T>, current: T) -> T {
    match patch {
        Patch::Keep => current,
        Patch::Clear => T::default(),
        Patch::Set(value) => *value,
    }
}
