//! How far a participant has read, and whether it marked the conversation as unread.

use causerie_protocol::ids::ConversationId;

use super::context::WriteRules;
use super::error::RuleResult;
use super::refusal::Refusal;
use super::webhooks;
use crate::events::Event;
use crate::store::records::ParticipantRecord;

/// Marks all messages of a conversation as read by the calling user. Changes nothing if they are already.
pub(super) fn mark_as_read(rules: &mut WriteRules<'_>, conversation: &ConversationId) -> RuleResult<()> {
    let user = rules.user()?;
    let current = rules.read().require_participant(conversation)?;
    let record = rules.store.conversation(rules.app_id(), conversation)?;
    let record = record.ok_or_else(|| Refusal::ConversationHidden(conversation.clone()))?;
    let read_until = record.last_message_at.map_or(current.read_until, |at| at.max(current.read_until));
    if !current.marked_unread && read_until == current.read_until {
        return Ok(());
    }
    let since = current.read_seq;
    let read = ParticipantRecord { read_until, read_seq: record.last_seq, marked_unread: false, ..current };
    rules.store.put_participant(rules.app_id(), conversation, user, &read)?;
    webhooks::reading(rules, conversation, user, since)?;
    rules.record_event(conversation, Event::Read(user.clone()))
}

/// Marks a conversation as unread for the calling user, whether or not it has unread messages.
pub(super) fn mark_as_unread(rules: &mut WriteRules<'_>, conversation: &ConversationId) -> RuleResult<()> {
    let user = rules.user()?;
    let current = rules.read().require_participant(conversation)?;
    if current.marked_unread {
        return Ok(());
    }
    let marked = ParticipantRecord { marked_unread: true, ..current };
    rules.store.put_participant(rules.app_id(), conversation, user, &marked)?;
    rules.record_event(conversation, Event::Read(user.clone()))
}
