//! Conversations: creating, changing and deleting them.

use causerie_protocol::entities::{Access, Notify};
use causerie_protocol::ids::ConversationId;
use causerie_protocol::params::{CreateConversation, PutConversation, SetConversation};

use super::context::WriteRules;
use super::error::RuleResult;
use super::participants;
use super::patches::{patched, patched_custom, set_text};
use super::refusal::Refusal;
use super::webhooks;
use crate::events::Event;
use crate::store::records::ConversationRecord;

/// Changes the given settings of a conversation, which is created if it does not exist. The calling user
/// becomes a participant.
pub(super) fn set(
    rules: &mut WriteRules<'_>,
    conversation: &ConversationId,
    data: SetConversation,
) -> RuleResult<()> {
    let user = rules.user()?;
    let participant = rules.store.participant(rules.app_id(), conversation, user)?;
    if !rules.context.app.conversation_sync {
        let only_notify = SetConversation { notify: data.notify.clone(), ..SetConversation::default() };
        if participant.is_none() || data != only_notify {
            return Err(Refusal::ConversationSyncDisabled.into());
        }
    }
    if participant.is_none() {
        rules.read().require_user(user)?;
    }
    let (access, notify) = (data.access.clone(), data.notify.clone());
    let record = put_settings(rules, conversation, data)?;
    match participant {
        Some(current) => {
            let (access, notify) = (patched(&access, current.access), patched(&notify, current.notify));
            participants::change(rules, conversation, user, &current, access, notify)
        }
        None => {
            let access = patched(&access, Access::default());
            let notify = patched(&notify, Notify::default());
            participants::join(rules, conversation, &record, user, access, notify)
        }
    }
}

/// Creates a conversation if it does not exist. The calling user becomes a participant.
pub(super) fn create_if_not_exists(
    rules: &mut WriteRules<'_>,
    conversation: &ConversationId,
    data: CreateConversation,
) -> RuleResult<()> {
    let user = rules.user()?;
    if rules.read().is_participant(conversation)? {
        return Ok(());
    }
    if !rules.context.app.conversation_sync {
        return Err(Refusal::ConversationSyncDisabled.into());
    }
    rules.read().require_user(user)?;
    let (access, notify) = (data.access.unwrap_or_default(), data.notify.unwrap_or_default());
    let record = match rules.store.conversation(rules.app_id(), conversation)? {
        Some(record) => record,
        None => put_settings(rules, conversation, data.into())?,
    };
    participants::join(rules, conversation, &record, user, access, notify)
}

/// For backends: creates a conversation or changes its given settings, and adds participants. Those who are
/// participants already keep their settings.
pub(super) fn backend_put(
    rules: &mut WriteRules<'_>,
    conversation: &ConversationId,
    mut data: PutConversation,
) -> RuleResult<()> {
    let participants = data.participants.take().unwrap_or_default();
    let record = put_settings(rules, conversation, data.into())?;
    for (index, user) in participants.into_iter().enumerate() {
        if rules.store.participant(rules.app_id(), conversation, &user)?.is_some() {
            continue;
        }
        if rules.store.user(rules.app_id(), &user)?.is_none() {
            return Err(Refusal::UnknownUser { field: format!("participants[{index}]"), user }.into());
        }
        let (access, notify) = (Access::default(), Notify::default());
        participants::join(rules, conversation, &record, &user, access, notify)?;
    }
    Ok(())
}

/// For backends: deletes a conversation with its messages and participants.
pub(super) fn backend_delete(rules: &mut WriteRules<'_>, conversation: &ConversationId) -> RuleResult<()> {
    let event = webhooks::before_deletion(rules.read(), conversation)?;
    let seq = rules.store.delete_conversation(rules.app_id(), conversation)?;
    let seq = seq.ok_or_else(|| Refusal::ConversationNotFound(conversation.clone()))?;
    rules.publish_event(conversation, seq, Event::ConversationDeleted);
    webhooks::deletion(rules, conversation, event)
}

/// Applies `data` to the settings of a conversation, which is created if it does not exist. Writes and
/// publishes them only if they changed. Returns the conversation.
fn put_settings(
    rules: &mut WriteRules<'_>,
    conversation: &ConversationId,
    data: SetConversation,
) -> RuleResult<ConversationRecord> {
    let current = rules.store.conversation(rules.app_id(), conversation)?;
    let base = current.clone().unwrap_or_else(|| ConversationRecord {
        created_at: rules.context.now,
        ..ConversationRecord::default()
    });
    let record = ConversationRecord {
        subject: set_text(data.subject, base.subject),
        photo_url: set_text(data.photo_url, base.photo_url),
        welcome_messages: {
            let all = data.welcome_messages.apply(Some(base.welcome_messages)).unwrap_or_default();
            all.into_iter().filter(|message| !message.is_empty()).collect()
        },
        custom: patched_custom(data.custom, &base.custom)?,
        ..base
    };
    if current.as_ref() != Some(&record) {
        rules.store.put_conversation(rules.app_id(), conversation, &record)?;
        rules.record_event(conversation, Event::SettingsChanged)?;
    }
    Ok(record)
}
