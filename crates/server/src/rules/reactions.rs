//! Emoji on messages. A reaction is there or not: to give it twice, or to take back what is not there, changes nothing.

use std::sync::Arc;

use causerie_markup::emoji;
use causerie_protocol::entities::Reaction;
use causerie_protocol::error::ErrorBody;
use causerie_protocol::ids::{ConversationId, MessageId, UserId};
use causerie_protocol::limits::MESSAGE_REACTIONS;

use super::{Context, RuleResult, conversations, not_found, participants, payload};
use crate::events::Event;
use crate::store::Write;

/// Gives a message an emoji from the caller.
pub(super) fn add(
    write: &mut dyn Write,
    context: &Context<'_>,
    conversation: &ConversationId,
    message: &MessageId,
    emoji: &str,
) -> RuleResult<()> {
    let user = participants::writer(write, context, conversation, "react to messages")?;
    give(write, context, conversation, message, emoji, user)
}

/// Takes the caller's emoji from a message.
pub(super) fn remove(
    write: &mut dyn Write,
    context: &Context<'_>,
    conversation: &ConversationId,
    message: &MessageId,
    emoji: &str,
) -> RuleResult<()> {
    let user = participants::writer(write, context, conversation, "react to messages")?;
    take(write, context, conversation, message, emoji, user)
}

/// Gives a message an emoji from this user, who need not take part. For backends.
pub(super) fn put(
    write: &mut dyn Write,
    context: &Context<'_>,
    conversation: &ConversationId,
    message: &MessageId,
    emoji: &str,
    user: &UserId,
) -> RuleResult<()> {
    conversations::existing(write, context, conversation)?;
    if write.user(&context.app.id, user)?.is_none() {
        return Err(not_found("user", user.as_str()));
    }
    give(write, context, conversation, message, emoji, user)
}

/// Takes this user's emoji from a message. For backends.
pub(super) fn delete(
    write: &mut dyn Write,
    context: &Context<'_>,
    conversation: &ConversationId,
    message: &MessageId,
    emoji: &str,
    user: &UserId,
) -> RuleResult<()> {
    conversations::existing(write, context, conversation)?;
    take(write, context, conversation, message, emoji, user)
}

fn give(
    write: &mut dyn Write,
    context: &Context<'_>,
    conversation: &ConversationId,
    message: &MessageId,
    emoji: &str,
    user: &UserId,
) -> RuleResult<()> {
    let app = &context.app.id;
    let emoji = emoji::normalize(emoji)?;
    let record = write.message(app, conversation, message)?;
    let record = record.ok_or_else(|| not_found("message", message.as_str()))?;
    let new = record.reactions.iter().all(|reaction| reaction.emoji != emoji);
    if new && record.reactions.len() >= MESSAGE_REACTIONS {
        let problem =
            format!("the message has {MESSAGE_REACTIONS} different emoji already, and may have no more");
        return Err(ErrorBody::invalid("emoji", &problem).into());
    }
    let reaction = Reaction { user: user.clone(), created_at: context.now };
    match write.add_reaction(app, conversation, message, &emoji, &reaction)? {
        Some(given) => told(write, context, conversation, message, emoji, user, given, true),
        None => Ok(()),
    }
}

fn take(
    write: &mut dyn Write,
    context: &Context<'_>,
    conversation: &ConversationId,
    message: &MessageId,
    emoji: &str,
    user: &UserId,
) -> RuleResult<()> {
    let emoji = emoji::normalize(emoji)?;
    match write.remove_reaction(&context.app.id, conversation, message, &emoji, user)? {
        Some(taken) => told(write, context, conversation, message, emoji, user, taken, false),
        None => Ok(()),
    }
}

#[allow(clippy::too_many_arguments, reason = "what happened, to what, by whom, when: all of it is told")]
fn told(
    write: &mut dyn Write,
    context: &Context<'_>,
    conversation: &ConversationId,
    message: &MessageId,
    emoji: String,
    user: &UserId,
    (seq, created_at): (u64, i64),
    added: bool,
) -> RuleResult<()> {
    let record = write.message(&context.app.id, conversation, message)?;
    let record = record.ok_or_else(|| not_found("message", message.as_str()))?;
    let payload = Arc::new(payload::message_payload(write, context, conversation, record)?);
    let event = Event::Reacted { payload, emoji, user: user.clone(), created_at, added };
    payload::publish_event(write, context, conversation, seq, event);
    Ok(())
}
