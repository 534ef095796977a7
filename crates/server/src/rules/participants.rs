//! Participants of conversations: adding, changing and removing them. A participant has read all messages
//! that were sent before it joined.
//!
//! A client receives the same refusal for a conversation that does not exist and for one that it is not a
//! participant of. If the app does not let clients sync conversations, a client can change only the
//! notifications of its own user.

use causerie_protocol::entities::{Access, Notify};
use causerie_protocol::ids::{ConversationId, UserId};
use causerie_protocol::limits::MAX_PARTICIPANTS;
use causerie_protocol::params::{CreateParticipant, SetParticipant};
use causerie_protocol::patch::Patch;

use super::command::{BackendAccess, PutParticipant};
use super::context::{ReadRules, WriteRules};
use super::error::RuleResult;
use super::patches::patched;
use super::refusal::Refusal;
use crate::events::Event;
use crate::store::records::{ConversationRecord, ParticipantRecord};

/// Changes the given settings of a participant. Adds the user if it is not a participant.
pub(super) fn set(
    rules: &mut WriteRules<'_>,
    conversation: &ConversationId,
    user: &UserId,
    data: &SetParticipant,
) -> RuleResult<()> {
    match check_may_set(rules.read(), conversation, user, data)? {
        Some(current) => patch(rules, conversation, user, &current, data),
        None => {
            let access = patched(&data.access, Access::default());
            let notify = patched(&data.notify, Notify::default());
            add(rules, conversation, user, access, notify)
        }
    }
}

/// Changes the given settings of a participant.
pub(super) fn edit(
    rules: &mut WriteRules<'_>,
    conversation: &ConversationId,
    user: &UserId,
    data: &SetParticipant,
) -> RuleResult<()> {
    match check_may_set(rules.read(), conversation, user, data)? {
        Some(current) => patch(rules, conversation, user, &current, data),
        None => Err(not_found(conversation, user).into()),
    }
}

/// Adds a user to a conversation. Does nothing if the user is a participant already.
pub(super) fn create_if_not_exists(
    rules: &mut WriteRules<'_>,
    conversation: &ConversationId,
    user: &UserId,
    data: CreateParticipant,
) -> RuleResult<()> {
    let caller = rules.user()?;
    let caller_participates = rules.read().is_participant(conversation)?;
    let exists = rules.store.participant(rules.app_id(), conversation, user)?.is_some();
    let nothing_to_do = caller_participates && exists;
    if !rules.context.app.conversation_sync && !nothing_to_do {
        return Err(Refusal::ConversationSyncDisabled.into());
    }
    if !caller_participates && caller != user {
        return Err(Refusal::ConversationHidden(conversation.clone()).into());
    }
    if exists {
        return Ok(());
    }
    let (access, notify) = (data.access.unwrap_or_default(), data.notify.unwrap_or_default());
    add(rules, conversation, user, access, notify)
}

/// Removes a user from a conversation, which every participant may do. Does nothing if the user is not a
/// participant.
pub(super) fn delete(
    rules: &mut WriteRules<'_>,
    conversation: &ConversationId,
    user: &UserId,
) -> RuleResult<()> {
    let caller = rules.user()?;
    if !rules.context.app.conversation_sync {
        return Err(Refusal::ConversationSyncDisabled.into());
    }
    if caller != user {
        rules.read().require_participant(conversation)?;
    }
    remove(rules, conversation, user)
}

/// For backends: adds a participant or replaces its settings. A setting that is not given becomes the
/// default. The access `None` removes the participant.
pub(super) fn backend_put(
    rules: &mut WriteRules<'_>,
    conversation: &ConversationId,
    user: &UserId,
    data: &PutParticipant,
) -> RuleResult<()> {
    rules.read().require_conversation(conversation)?;
    let Some(access) = access_of(patched(&data.access, BackendAccess::default())) else {
        return remove(rules, conversation, user);
    };
    let notify = patched(&data.notify, Notify::default());
    match rules.store.participant(rules.app_id(), conversation, user)? {
        Some(current) => change(rules, conversation, user, &current, access, notify),
        None => add(rules, conversation, user, access, notify),
    }
}

/// For backends: changes the given settings of a participant. The access `None` removes the participant, and
/// another one adds it again.
pub(super) fn backend_patch(
    rules: &mut WriteRules<'_>,
    conversation: &ConversationId,
    user: &UserId,
    data: &PutParticipant,
) -> RuleResult<()> {
    rules.read().require_conversation(conversation)?;
    let access = match data.access {
        Patch::Keep => Patch::Keep,
        Patch::Clear => Patch::Clear,
        Patch::Set(access) => match access_of(access) {
            Some(access) => Patch::Set(access),
            None => return remove(rules, conversation, user),
        },
    };
    let settings = SetParticipant { access, notify: data.notify.clone() };
    match rules.store.participant(rules.app_id(), conversation, user)? {
        Some(current) => patch(rules, conversation, user, &current, &settings),
        None if settings.access.value().is_some() => {
            let access = patched(&settings.access, Access::default());
            add(rules, conversation, user, access, patched(&settings.notify, Notify::default()))
        }
        None => Err(not_found(conversation, user).into()),
    }
}

/// Returns the access of a participant; `None` for a user who is to have no access.
const fn access_of(access: BackendAccess) -> Option<Access> {
    match access {
        BackendAccess::None => None,
        BackendAccess::Read => Some(Access::Read),
        BackendAccess::ReadWrite => Some(Access::ReadWrite),
    }
}

/// For backends: removes a user from a conversation. Does nothing if the user is not a participant.
pub(super) fn backend_delete(
    rules: &mut WriteRules<'_>,
    conversation: &ConversationId,
    user: &UserId,
) -> RuleResult<()> {
    rules.read().require_conversation(conversation)?;
    remove(rules, conversation, user)
}

/// Adds a user, who exists and is not a participant, to a conversation.
pub(super) fn join(
    rules: &mut WriteRules<'_>,
    conversation: &ConversationId,
    record: &ConversationRecord,
    user: &UserId,
    access: Access,
    notify: Notify,
) -> RuleResult<()> {
    let current = rules.store.conversation(rules.app_id(), conversation)?;
    if current.is_some_and(|current| current.participants as usize >= MAX_PARTICIPANTS) {
        return Err(Refusal::TooManyParticipants(conversation.clone()).into());
    }
    // Not before the newest message, even if the clock was set back: existing messages count as read.
    let joined_at = rules.context.now.max(record.last_message_at.unwrap_or(record.created_at));
    let participant = ParticipantRecord {
        access,
        notify,
        joined_at,
        read_until: joined_at,
        read_seq: record.last_seq,
        marked_unread: false,
    };
    rules.store.put_participant(rules.app_id(), conversation, user, &participant)?;
    rules.record_event(conversation, Event::Joined(user.clone()))
}

/// Sets access and notifications of a participant, if they differ from the current ones.
pub(super) fn change(
    rules: &mut WriteRules<'_>,
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
    rules.store.put_participant(rules.app_id(), conversation, user, &participant)?;
    rules.record_event(conversation, Event::ParticipantChanged(user.clone()))
}

/// Refuses the caller if it may not set `data` for `user`. Returns the user as a participant, if it is one.
fn check_may_set(
    rules: ReadRules<'_>,
    conversation: &ConversationId,
    user: &UserId,
    data: &SetParticipant,
) -> RuleResult<Option<ParticipantRecord>> {
    let caller = rules.user()?;
    let current = rules.store.participant(rules.app_id(), conversation, user)?;
    if !rules.context.app.conversation_sync {
        let allowed = caller == user && current.is_some() && data.access.is_keep();
        return if allowed { Ok(current) } else { Err(Refusal::ConversationSyncDisabled.into()) };
    }
    if caller != user {
        rules.require_participant(conversation)?;
    }
    Ok(current)
}

/// Adds a user who is not a participant, if the conversation and the user exist.
fn add(
    rules: &mut WriteRules<'_>,
    conversation: &ConversationId,
    user: &UserId,
    access: Access,
    notify: Notify,
) -> RuleResult<()> {
    let record = rules.read().require_conversation(conversation)?;
    rules.read().require_user(user)?;
    join(rules, conversation, &record, user, access, notify)
}

fn remove(rules: &mut WriteRules<'_>, conversation: &ConversationId, user: &UserId) -> RuleResult<()> {
    if rules.store.delete_participant(rules.app_id(), conversation, user)? {
        rules.record_event(conversation, Event::Left(user.clone()))?;
    }
    Ok(())
}

fn patch(
    rules: &mut WriteRules<'_>,
    conversation: &ConversationId,
    user: &UserId,
    current: &ParticipantRecord,
    data: &SetParticipant,
) -> RuleResult<()> {
    let access = patched(&data.access, current.access);
    let notify = patched(&data.notify, current.notify);
    change(rules, conversation, user, current, access, notify)
}

fn not_found(conversation: &ConversationId, user: &UserId) -> Refusal {
    Refusal::ParticipantNotFound { conversation: conversation.clone(), user: user.clone() }
}
