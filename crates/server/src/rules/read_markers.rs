//! How far a participant has read, and the mark that a participant sets by hand.

use causerie_protocol::ids::ConversationId;

use super::{Context, RuleResult, participants, payload};
use crate::events::Event;
use crate::store::Write;
use crate::store::records::ParticipantRecord;

/// Notes that the caller has read all there is. Where all was read already, nothing changes.
pub(super) fn as_read(
    write: &mut dyn Write,
    context: &Context<'_>,
    conversation: &ConversationId,
) -> RuleResult<()> {
    let app = &context.app.id;
    let (user, current) = participants::own(write, context, conversation)?;
    let Some(record) = write.conversation(app, conversation)? else {
        return Err(participants::not_yours(conversation));
    };
    let read_until = record.last_message_at.map_or(current.read_until, |at| at.max(current.read_until));
    if !current.marked_unread && read_until == current.read_until {
        return Ok(());
    }
    let read =
        ParticipantRecord { read_until, read_seq: record.last_seq, marked_unread: false, ..current.clone() };
    write.put_participant(app, conversation, user, &read)?;
    payload::record_event(write, context, conversation, Event::Read(user.clone()))
}

/// Marks the conversation as unread for the caller, whatever is to be read in it.
pub(super) fn as_unread(
    write: &mut dyn Write,
    context: &Context<'_>,
    conversation: &ConversationId,
) -> RuleResult<()> {
    let (user, current) = participants::own(write, context, conversation)?;
    if current.marked_unread {
        return Ok(());
    }
    let marked = ParticipantRecord { marked_unread: true, ..current };
    write.put_participant(&context.app.id, conversation, user, &marked)?;
    payload::record_event(write, context, conversation, Event::Read(user.clone()))
}
