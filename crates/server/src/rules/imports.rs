//! Imports of the history of another system: messages with their times and readers.
//!
//! Messages are numbered in the order in which they are stored, and their times never decrease with their
//! numbers. So a history is imported oldest first, into a conversation without newer messages.

use causerie_markup::Sender;
use causerie_protocol::entities::Origin;
use causerie_protocol::error::ErrorBody;
use causerie_protocol::ids::{ConversationId, UserId};

use super::command::ImportMessage;
use super::content;
use super::context::WriteRules;
use super::error::RuleResult;
use super::files;
use super::message_ids::new_message_id;
use super::messages::SentMessage;
use super::payload::message_payload;
use super::refusal::Refusal;
use crate::events::Event;
use crate::store::records::{MessageRecord, NextMessage, ParticipantRecord};

/// A message that was imported: its number, its time, and the users who have read it.
struct Imported {
    seq: i64,
    at: i64,
    readers: Vec<UserId>,
}

/// For backends: stores messages of another system with their times, all of them or none. Nobody is notified.
pub(super) fn backend_import(
    rules: &mut WriteRules<'_>,
    conversation: &ConversationId,
    messages: Vec<ImportMessage>,
) -> RuleResult<Vec<SentMessage>> {
    rules.read().require_conversation(conversation)?;
    let participants = rules.store.participants(rules.app_id(), conversation)?;
    let (mut sent, mut imported) = (Vec::new(), Vec::new());
    for (index, message) in messages.into_iter().enumerate() {
        let (id, one) =
            import_one(rules, conversation, message).map_err(|error| error.within(&format!("[{index}]")))?;
        sent.push(id);
        imported.push(one);
    }
    for (user, before) in participants {
        set_read_state(rules, conversation, &user, before, &imported)?;
    }
    Ok(sent)
}

fn import_one(
    rules: &mut WriteRules<'_>,
    conversation: &ConversationId,
    message: ImportMessage,
) -> RuleResult<(SentMessage, Imported)> {
    let record = rules.read().require_conversation(conversation)?;
    let at = message.timestamp;
    if at > rules.context.now {
        return Err(ErrorBody::invalid("timestamp", "must not be in the future").into());
    }
    if record.last_message_at.is_some_and(|last| at < last) {
        let problem = "must not be before the newest message of the conversation: import the oldest messages \
                       first, before new ones are sent";
        return Err(ErrorBody::invalid("timestamp", problem).into());
    }
    for user in [&message.sender].into_iter().chain(&message.read_by) {
        if rules.store.user(rules.app_id(), user)?.is_none() {
            let field = if *user == message.sender { "sender" } else { "readBy" };
            return Err(Refusal::UnknownUser { field: field.to_owned(), user: user.clone() }.into());
        }
    }
    let content = match &message.attachment_token {
        Some(token) => content::of_attachment(token),
        None => {
            let (text, content) = (message.text.as_deref(), message.content.as_deref());
            content::from_params(text, content, Sender::Backend)?.ok_or(Refusal::NoContent)?
        }
    };
    let (content, file) = files::resolve(rules.read(), content)?;
    let seq = record.last_seq.saturating_add(1);
    let record = MessageRecord {
        seq,
        id: new_message_id(rules.context, NextMessage { at, seq })?,
        sender: Some(message.sender.clone()),
        text: content.plaintext,
        content: content.blocks,
        custom: message.custom.unwrap_or_default(),
        created_at: at,
        edited_at: None,
        referenced: None,
        origin: Origin::Import,
        reactions: Vec::new(),
    };
    let event_seq = rules.store.append_message(rules.app_id(), conversation, &record)?.event_seq;
    if file.is_some() {
        rules.store.attach_file(rules.app_id(), conversation, &record.id, file.as_deref())?;
    }
    let sent = SentMessage::new(record.id.clone());
    let payload = message_payload(rules.read(), conversation, record)?;
    rules.publish_event(conversation, event_seq, Event::Sent(std::sync::Arc::new(payload)));
    let mut readers = message.read_by;
    readers.push(message.sender);
    Ok((sent, Imported { seq, at, readers }))
}

/// Sets how far a participant has read. Appending a message of now assumes that its sender has read
/// everything and that nobody else has; the history says otherwise.
fn set_read_state(
    rules: &mut WriteRules<'_>,
    conversation: &ConversationId,
    user: &UserId,
    before: ParticipantRecord,
    imported: &[Imported],
) -> RuleResult<()> {
    let Some(first) = imported.first() else { return Ok(()) };
    let mut after = before.clone();
    if before.read_seq >= first.seq.saturating_sub(1) {
        // The participant had read everything, so it has read the history up to the first unread message.
        for message in imported {
            if !message.readers.contains(user) {
                break;
            }
            after.read_seq = message.seq;
            after.read_until = after.read_until.max(message.at);
        }
    }
    // A message after `read_until` is unread, and one before it is read.
    if let Some(unread) = imported.iter().find(|message| message.seq > after.read_seq) {
        after.read_until = after.read_until.min(unread.at.saturating_sub(1));
    }
    rules.store.put_participant(rules.app_id(), conversation, user, &after)?;
    if after != before { rules.record_event(conversation, Event::Read(user.clone())) } else { Ok(()) }
}
