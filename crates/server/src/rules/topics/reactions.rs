//! Who gave a message an emoji, the first before the others.

use causerie_markup::emoji;
use causerie_protocol::entities::Reaction;
use causerie_protocol::ids::{ConversationId, MessageId};
use causerie_protocol::limits::REACTIONS;
use causerie_protocol::topic::Cursor;

use super::{Bodies, Context, QueryResult, RuleResult, json, listing, may_see};
use crate::store::Read;

/// A page of reactions; nothing where there is no such message, or the viewer is no participant.
pub(super) fn list(
    read: &dyn Read,
    context: &Context<'_>,
    conversation: &ConversationId,
    message: &MessageId,
    emoji: &str,
    after: Option<&Cursor>,
    limit: u32,
) -> RuleResult<QueryResult> {
    let Some((seq, mut found)) = find(read, context, conversation, message, emoji, after, limit)? else {
        return Ok(QueryResult::default());
    };
    let more = found.len() > limit as usize;
    found.truncate(limit as usize);
    let mut bodies = Bodies::new(read, context)?;
    for reaction in &found {
        bodies.user(&reaction.user)?;
    }
    let value = listing(found, more)?;
    Ok(QueryResult { seq: Some(seq), ..bodies.answer(Some(value))? })
}

/// Those who gave it first, as a plain list.
pub(super) fn first(
    read: &dyn Read,
    context: &Context<'_>,
    conversation: &ConversationId,
    message: &MessageId,
    emoji: &str,
) -> RuleResult<QueryResult> {
    let limit = REACTIONS.initial;
    let Some((_, mut found)) = find(read, context, conversation, message, emoji, None, limit)? else {
        return Ok(QueryResult::default());
    };
    found.truncate(limit as usize);
    let mut bodies = Bodies::new(read, context)?;
    for reaction in &found {
        bodies.user(&reaction.user)?;
    }
    let value = json(&found)?;
    bodies.answer(Some(value))
}

/// One more than was asked for, where there is, and the number of the conversation's last event.
fn find(
    read: &dyn Read,
    context: &Context<'_>,
    conversation: &ConversationId,
    message: &MessageId,
    emoji: &str,
    after: Option<&Cursor>,
    limit: u32,
) -> RuleResult<Option<(u64, Vec<Reaction>)>> {
    let app = &context.app.id;
    let emoji = &emoji::normalize(emoji).map_err(|error| error.of_field("emoji"))?;
    if !may_see(read, context, conversation)? || read.message(app, conversation, message)?.is_none() {
        return Ok(None);
    }
    let seq = read.stream_seq(app, conversation)?;
    let limit = limit.saturating_add(1);
    Ok(Some((seq, read.reactions(app, conversation, message, emoji, after, limit)?)))
}
