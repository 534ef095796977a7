//! The users who gave a message one emoji, the first one first.

use causerie_markup::emoji;
use causerie_protocol::entities::Reaction;
use causerie_protocol::ids::{ConversationId, MessageId};
use causerie_protocol::limits::REACTIONS;
use causerie_protocol::topic::Cursor;

use super::bodies::Bodies;
use super::lists::read_list;
use super::query_result::QueryResult;
use crate::rules::context::ReadRules;
use crate::rules::error::RuleResult;
use crate::rules::json::to_json;

/// Returns reactions, from the first or after a cursor; no value if there is no such message.
pub(super) fn list(
    rules: ReadRules<'_>,
    conversation: &ConversationId,
    message: &MessageId,
    emoji: &str,
    after: Option<&Cursor>,
    limit: u32,
) -> RuleResult<QueryResult> {
    let emoji = emoji::normalize(emoji)?;
    let load = |limit| load(rules, conversation, message, &emoji, after, limit);
    read_list(rules, conversation, limit, load, |bodies, reaction| {
        bodies.add_user(&reaction.user)?;
        Ok(reaction)
    })
}

/// Returns the first reactions as a plain list; no value if there is no such message or the viewer is not a
/// participant.
pub(super) fn first(
    rules: ReadRules<'_>,
    conversation: &ConversationId,
    message: &MessageId,
    emoji: &str,
) -> RuleResult<QueryResult> {
    let emoji = emoji::normalize(emoji)?;
    if !rules.is_participant(conversation)? {
        return Ok(QueryResult::default());
    }
    let Some(reactions) = load(rules, conversation, message, &emoji, None, REACTIONS.initial)? else {
        return Ok(QueryResult::default());
    };
    let mut bodies = Bodies::new(rules)?;
    for reaction in &reactions {
        bodies.add_user(&reaction.user)?;
    }
    let value = to_json(&reactions)?;
    Ok(bodies.into_result(Some(value)))
}

/// Returns `None` if the message does not exist.
fn load(
    rules: ReadRules<'_>,
    conversation: &ConversationId,
    message: &MessageId,
    emoji: &str,
    after: Option<&Cursor>,
    limit: u32,
) -> RuleResult<Option<Vec<Reaction>>> {
    let app = rules.app_id();
    if rules.store.message(app, conversation, message)?.is_none() {
        return Ok(None);
    }
    Ok(Some(rules.store.reactions(app, conversation, message, emoji, after, limit)?))
}
