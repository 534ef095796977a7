//! Reactions: the emoji that users give to messages. Adding a reaction that exists, or removing one that does
//! not, changes nothing.

use std::sync::Arc;

use causerie_markup::emoji;
use causerie_protocol::entities::Reaction;
use causerie_protocol::ids::{ConversationId, MessageId, UserId};
use causerie_protocol::limits::MESSAGE_REACTIONS;

use super::context::WriteRules;
use super::error::RuleResult;
use super::payload::message_payload;
use super::refusal::Refusal;
use crate::events::Event;

/// Adds a reaction of the calling user to a message.
pub(super) fn add(
    rules: &mut WriteRules<'_>,
    conversation: &ConversationId,
    message: &MessageId,
    emoji: &str,
) -> RuleResult<()> {
    let user = rules.require_write_access(conversation, "react to messages")?;
    let role = rules.read().role()?;
    let is_allowed = role.settings.reactions;
    role.require(is_allowed, "add reactions")?;
    put_reaction(rules, conversation, message, emoji, user)
}

/// Removes a reaction of the calling user from a message.
pub(super) fn remove(
    rules: &mut WriteRules<'_>,
    conversation: &ConversationId,
    message: &MessageId,
    emoji: &str,
) -> RuleResult<()> {
    let user = rules.require_write_access(conversation, "react to messages")?;
    delete_reaction(rules, conversation, message, emoji, user)
}

/// For backends: adds a reaction of a user, who need not be a participant.
pub(super) fn backend_put(
    rules: &mut WriteRules<'_>,
    conversation: &ConversationId,
    message: &MessageId,
    emoji: &str,
    user: &UserId,
) -> RuleResult<()> {
    rules.read().require_conversation(conversation)?;
    rules.read().require_user(user)?;
    put_reaction(rules, conversation, message, emoji, user)
}

/// For backends: removes a reaction of a user.
pub(super) fn backend_delete(
    rules: &mut WriteRules<'_>,
    conversation: &ConversationId,
    message: &MessageId,
    emoji: &str,
    user: &UserId,
) -> RuleResult<()> {
    rules.read().require_conversation(conversation)?;
    delete_reaction(rules, conversation, message, emoji, user)
}

fn put_reaction(
    rules: &mut WriteRules<'_>,
    conversation: &ConversationId,
    message: &MessageId,
    emoji: &str,
    user: &UserId,
) -> RuleResult<()> {
    let emoji = emoji::normalize(emoji)?;
    let record = rules.read().require_message(conversation, message)?;
    let is_new = record.reactions.iter().all(|reaction| reaction.emoji != emoji);
    if is_new && record.reactions.len() >= MESSAGE_REACTIONS {
        return Err(Refusal::TooManyReactions.into());
    }
    let reaction = Reaction { user: user.clone(), created_at: rules.context.now };
    match rules.store.add_reaction(rules.app_id(), conversation, message, &emoji, &reaction)? {
        Some((seq, created_at)) => {
            let changed = ReactionChange { emoji, user, created_at, added: true };
            publish_reaction(rules, conversation, message, seq, changed)
        }
        None => Ok(()),
    }
}

fn delete_reaction(
    rules: &mut WriteRules<'_>,
    conversation: &ConversationId,
    message: &MessageId,
    emoji: &str,
    user: &UserId,
) -> RuleResult<()> {
    let emoji = emoji::normalize(emoji)?;
    match rules.store.remove_reaction(rules.app_id(), conversation, message, &emoji, user)? {
        Some((seq, created_at)) => {
            let changed = ReactionChange { emoji, user, created_at, added: false };
            publish_reaction(rules, conversation, message, seq, changed)
        }
        None => Ok(()),
    }
}

/// A reaction that was added or removed.
struct ReactionChange<'a> {
    emoji: String,
    user: &'a UserId,
    created_at: i64,
    added: bool,
}

fn publish_reaction(
    rules: &mut WriteRules<'_>,
    conversation: &ConversationId,
    message: &MessageId,
    seq: u64,
    ReactionChange { emoji, user, created_at, added }: ReactionChange<'_>,
) -> RuleResult<()> {
    let record = rules.read().require_message(conversation, message)?;
    let payload = Arc::new(message_payload(rules.read(), conversation, record)?);
    rules.publish_event(
        conversation,
        seq,
        Event::Reacted { payload, emoji, user: user.clone(), created_at, added },
    );
    Ok(())
}
