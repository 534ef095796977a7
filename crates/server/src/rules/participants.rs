//! Who takes part in a conversation, and how. Joining starts reading: what was sent before one joined can be read, and
//! does not count as unread.
//!
//! A client is told alike that a conversation is not there and that it is not the caller's. Where the app does not let
//! clients sync conversations, all that a client may set here is what its own user is notified of.

use causerie_protocol::entities::{Access, Notify};
use causerie_protocol::error::{ErrorBody, ErrorCode};
use causerie_protocol::ids::{ConversationId, UserId};
use causerie_protocol::params::{CreateParticipant, SetParticipant};
use causerie_protocol::patch::Patch;

use super::{Caller, Context, RuleResult, conversations, forbidden, not_found, payload};
use crate::events::Event;
use crate::store::records::{ConversationRecord, ParticipantRecord};
use crate::store::{Read, Write};

/// The user who is calling. A backend is nobody in a conversation.
pub(super) fn caller<'a>(context: &Context<'a>) -> RuleResult<&'a UserId> {
    match context.caller {
        Caller::User(user) => Ok(user),
        Caller::Backend => Err(forbidden("a backend has no part in a conversation: it has the REST API")),
    }
}

/// The caller, who must take part, and how.
pub(super) fn own<'a>(
    read: &dyn Read,
    context: &Context<'a>,
    conversation: &ConversationId,
) -> RuleResult<(&'a UserId, ParticipantRecord)> {
    let user = caller(context)?;
    match read.participant(&context.app.id, conversation, user)? {
        Some(participant) => Ok((user, participant)),
        None => Err(not_yours(conversation)),
    }
}

/// The caller, who must take part and may do more than read.
pub(super) fn writer<'a>(
    read: &dyn Read,
    context: &Context<'a>,
    conversation: &ConversationId,
    what: &str,
) -> RuleResult<&'a UserId> {
    let (user, participant) = own(read, context, conversation)?;
    match participant.access {
        Access::ReadWrite => Ok(user),
        Access::Read => {
            Err(forbidden(&format!("your access to this conversation is \"Read\": you cannot {what}")))
        }
    }
}

/// Sets what is given of a participant; makes the user one who was none.
pub(super) fn set(
    write: &mut dyn Write,
    context: &Context<'_>,
    conversation: &ConversationId,
    user: &UserId,
    data: &SetParticipant,
) -> RuleResult<()> {
    let current = may_set(write, context, conversation, user, data)?;
    match current {
        Some(current) => patch(write, context, conversation, user, &current, data),
        None => {
            let access = patched(&data.access, Access::default());
            let notify = patched(&data.notify, Notify::default());
            add(write, context, conversation, user, access, notify)
        }
    }
}

/// Sets what is given of a participant.
pub(super) fn edit(
    write: &mut dyn Write,
    context: &Context<'_>,
    conversation: &ConversationId,
    user: &UserId,
    data: &SetParticipant,
) -> RuleResult<()> {
    match may_set(write, context, conversation, user, data)? {
        Some(current) => patch(write, context, conversation, user, &current, data),
        None => Err(no_participant(conversation, user)),
    }
}

/// Makes a user a participant, unless the user is one.
pub(super) fn create_if_not_exists(
    write: &mut dyn Write,
    context: &Context<'_>,
    conversation: &ConversationId,
    user: &UserId,
    data: CreateParticipant,
) -> RuleResult<()> {
    let app = &context.app.id;
    let caller = caller(context)?;
    let among = write.participant(app, conversation, caller)?.is_some();
    let there = write.participant(app, conversation, user)?.is_some();
    let nothing_to_do = among && there;
    if !context.app.conversation_sync && !nothing_to_do {
        return Err(sync_disabled());
    }
    if !among && caller != user {
        return Err(not_yours(conversation));
    }
    if there {
        return Ok(());
    }
    let (access, notify) = (data.access.unwrap_or_default(), data.notify.unwrap_or_default());
    add(write, context, conversation, user, access, notify)
}

/// Takes a user out of a conversation, if in it. Everybody in it may.
pub(super) fn remove(
    write: &mut dyn Write,
    context: &Context<'_>,
    conversation: &ConversationId,
    user: &UserId,
) -> RuleResult<()> {
    let caller = caller(context)?;
    if !context.app.conversation_sync {
        return Err(sync_disabled());
    }
    if caller != user && write.participant(&context.app.id, conversation, caller)?.is_none() {
        return Err(not_yours(conversation));
    }
    leave(write, context, conversation, user)
}

/// Makes a user a participant, or sets again what a participant is; what is not given becomes the default. For
/// backends.
pub(super) fn overwrite(
    write: &mut dyn Write,
    context: &Context<'_>,
    conversation: &ConversationId,
    user: &UserId,
    data: &SetParticipant,
) -> RuleResult<()> {
    conversations::existing(write, context, conversation)?;
    let access = data.access.clone().apply(None).unwrap_or_default();
    let notify = data.notify.clone().apply(None).unwrap_or_default();
    match write.participant(&context.app.id, conversation, user)? {
        Some(current) => change(write, context, conversation, user, &current, access, notify),
        None => add(write, context, conversation, user, access, notify),
    }
}

/// Sets what is given of a participant. For backends.
pub(super) fn amend(
    write: &mut dyn Write,
    context: &Context<'_>,
    conversation: &ConversationId,
    user: &UserId,
    data: &SetParticipant,
) -> RuleResult<()> {
    conversations::existing(write, context, conversation)?;
    match write.participant(&context.app.id, conversation, user)? {
        Some(current) => patch(write, context, conversation, user, &current, data),
        None => Err(no_participant(conversation, user)),
    }
}

/// Takes a user out of a conversation, if in it. For backends.
pub(super) fn delete(
    write: &mut dyn Write,
    context: &Context<'_>,
    conversation: &ConversationId,
    user: &UserId,
) -> RuleResult<()> {
    conversations::existing(write, context, conversation)?;
    leave(write, context, conversation, user)
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
) -> RuleResult<()> {
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
    payload::record_event(write, context, conversation, Event::Joined(user.clone()))
}

/// The refusal to do anything where clients may not sync conversations.
pub(super) fn sync_disabled() -> super::RuleError {
    let text = "this app does not let browsers create or change conversations or who takes part in them (but what \
                its own user is notified of): do it from your backend, with the REST API";
    ErrorBody::new(ErrorCode::ConversationSyncDisabled, text).into()
}

/// The refusal that does not tell what is not there from what is not the caller's.
pub(super) fn not_yours(conversation: &ConversationId) -> super::RuleError {
    let text = format!(
        "there is no conversation with the id {:?}, or you do not take part in it",
        conversation.as_str()
    );
    ErrorBody::new(ErrorCode::NotFound, text).into()
}

/// Whether the caller may set this of that user; and what the user is in the conversation by now.
fn may_set(
    read: &dyn Read,
    context: &Context<'_>,
    conversation: &ConversationId,
    user: &UserId,
    data: &SetParticipant,
) -> RuleResult<Option<ParticipantRecord>> {
    let app = &context.app.id;
    let caller = caller(context)?;
    let current = read.participant(app, conversation, user)?;
    if !context.app.conversation_sync {
        let allowed = caller == user && current.is_some() && data.access.is_keep();
        return if allowed { Ok(current) } else { Err(sync_disabled()) };
    }
    if caller != user && read.participant(app, conversation, caller)?.is_none() {
        return Err(not_yours(conversation));
    }
    Ok(current)
}

/// Makes a user a participant who was none, if there are such a conversation and such a user.
fn add(
    write: &mut dyn Write,
    context: &Context<'_>,
    conversation: &ConversationId,
    user: &UserId,
    access: Access,
    notify: Notify,
) -> RuleResult<()> {
    let app = &context.app.id;
    let record = conversations::existing(write, context, conversation)?;
    if write.user(app, user)?.is_none() {
        return Err(not_found("user", user.as_str()));
    }
    join(write, context, conversation, &record, user, access, notify)
}

fn leave(
    write: &mut dyn Write,
    context: &Context<'_>,
    conversation: &ConversationId,
    user: &UserId,
) -> RuleResult<()> {
    if write.delete_participant(&context.app.id, conversation, user)? {
        payload::record_event(write, context, conversation, Event::Left(user.clone()))?;
    }
    Ok(())
}

fn patch(
    write: &mut dyn Write,
    context: &Context<'_>,
    conversation: &ConversationId,
    user: &UserId,
    current: &ParticipantRecord,
    data: &SetParticipant,
) -> RuleResult<()> {
    let access = patched(&data.access, current.access);
    let notify = patched(&data.notify, current.notify);
    change(write, context, conversation, user, current, access, notify)
}

/// Sets what a participant is, if it is anything else by now.
pub(super) fn change(
    write: &mut dyn Write,
    context: &Context<'_>,
    conversation: &ConversationId,
    user: &UserId,
    current: &ParticipantRecord,
    access: Access,
    notify: Notify,
) -> RuleResult<()> {
    if (current.access, current.notify) == (access, notify) {
        return Ok(());
    }
    let participant = ParticipantRecord { access, notify, ..current.clone() };
    write.put_participant(&context.app.id, conversation, user, &participant)?;
    payload::record_event(write, context, conversation, Event::ParticipantChanged(user.clone()))
}

fn no_participant(conversation: &ConversationId, user: &UserId) -> super::RuleError {
    let text = format!(
        "the user {:?} is not a participant of the conversation {:?}; make the user one first",
        user.as_str(),
        conversation.as_str()
    );
    ErrorBody::new(ErrorCode::NotFound, text).into()
}

/// What a setting is after a patch; cleared, it is the default.
pub(super) fn patched<T: Copy + Default>(patch: &Patch<T>, current: T) -> T {
    match patch {
        Patch::Keep => current,
        Patch::Clear => T::default(),
        Patch::Set(value) => *value,
    }
}
