//! How far a participant has read, and whether it marked the conversation as unread.

use causerie_protocol::error::ErrorBody;
use causerie_protocol::ids::{ConversationId, MessageId, UserId};
use causerie_protocol::topic::Cursor;

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

/// For backends: marks the messages up to one as read by participants. Changes nothing for those who have
/// read more.
pub(super) fn backend_mark_as_read(
    rules: &mut WriteRules<'_>,
    conversation: &ConversationId,
    message: &MessageId,
    users: &[UserId],
) -> RuleResult<()> {
    rules.read().require_conversation(conversation)?;
    let sent_at = rules.read().require_message(conversation, message)?.created_at;
    // Messages of one millisecond are read together, because `read_until` is a time.
    let end = Cursor { at: sent_at.saturating_add(1), id: String::new() };
    let last = rules.store.messages(rules.app_id(), conversation, Some(&end), 1)?.pop();
    let last_seq = last.map_or(0, |last| last.seq);
    for (index, user) in users.iter().enumerate() {
        let Some(current) = rules.store.participant(rules.app_id(), conversation, user)? else {
            let problem = format!("must be a participant of the conversation (got {:?})", user.as_str());
            return Err(ErrorBody::invalid(format!("userIds[{index}]"), &problem).into());
        };
        if current.read_seq >= last_seq {
            continue;
        }
        let since = current.read_seq;
        let read_until = current.read_until.max(sent_at);
        let read = ParticipantRecord { read_until, read_seq: last_seq, marked_unread: false, ..current };
        rules.store.put_participant(rules.app_id(), conversation, user, &read)?;
        webhooks::reading(rules, conversation, user, since)?;
        rules.record_event(conversation, Event::Read(user.clone()))?;
    }
    Ok(())
}
