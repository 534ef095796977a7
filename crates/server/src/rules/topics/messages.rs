//! The messages of a conversation, newest first.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use causerie_protocol::ids::{ConversationId, MessageId, UserId};
use causerie_protocol::topic::{Change, Cursor};

use super::{Bodies, Context, QueryResult, RuleResult, json, listing, may_see, viewer};
use crate::store::Read;

/// How many messages may have changed for a delta; where more have, the window is sent anew.
const DELTA_MESSAGES: u32 = 200;

/// A page of messages, or nothing where the viewer is no participant.
pub(super) fn list(
    read: &dyn Read,
    context: &Context<'_>,
    conversation: &ConversationId,
    after: Option<&Cursor>,
    limit: u32,
) -> RuleResult<QueryResult> {
    let app = &context.app.id;
    if !may_see(read, context, conversation)? {
        return Ok(QueryResult::default());
    }
    let seq = read.stream_seq(app, conversation)?;
    let records = read.messages(app, conversation, after, limit.saturating_add(1))?;
    let mut more = false;
    let mut bodies = Bodies::new(read, context)?;
    let mut ids = Vec::with_capacity(records.len());
    for record in records {
        if ids.len() >= limit as usize || bodies.is_full() {
            more = true;
            break;
        }
        ids.push(record.id.clone());
        bodies.message(conversation, record)?;
    }
    let value = listing(ids, more)?;
    Ok(QueryResult { seq: Some(seq), ..bodies.answer(Some(value))? })
}

/// One message.
pub(super) fn one(
    read: &dyn Read,
    context: &Context<'_>,
    conversation: &ConversationId,
    id: &MessageId,
) -> RuleResult<QueryResult> {
    if !may_see(read, context, conversation)? {
        return Ok(QueryResult::default());
    }
    let Some(record) = read.message(&context.app.id, conversation, id)? else {
        return Ok(QueryResult::default());
    };
    let mut bodies = Bodies::new(read, context)?;
    bodies.message(conversation, record)?;
    bodies.answer(Some(json(id)?))
}

/// The changes since a number of the conversation's stream, as the value; none where the viewer is no participant, or
/// where too much happened, or where the number is none of this history's.
///
/// Whoever comes back with a window of `held` messages has the bodies of those who wrote them, and has not heard of what
/// became of these users meanwhile: so their bodies go along, and from then on their changes are heard of again.
pub(crate) fn message_delta(
    read: &dyn Read,
    context: &Context<'_>,
    conversation: &ConversationId,
    since: u64,
    held: Option<u32>,
) -> RuleResult<Option<QueryResult>> {
    let app = &context.app.id;
    if !may_see(read, context, conversation)? {
        return Ok(None);
    }
    let seq = read.stream_seq(app, conversation)?;
    let Some(mut delta) = read.delta(app, conversation, since, DELTA_MESSAGES)? else {
        return Ok(None);
    };
    delta.put.sort_by(|one, other| (one.created_at, &one.id).cmp(&(other.created_at, &other.id)));
    let mut bodies = Bodies::new(read, context)?;
    let mut changes: Vec<Change<MessageId>> = Vec::with_capacity(delta.put.len() + delta.dropped.len());
    for record in delta.put {
        if bodies.is_full() {
            return Ok(None);
        }
        changes.push(Change::Put(record.id.clone()));
        bodies.message(conversation, record)?;
    }
    if let Some(held) = held {
        // What it has lies behind what is new.
        let new = u32::try_from(changes.len()).unwrap_or(DELTA_MESSAGES);
        for record in read.messages(app, conversation, None, held.saturating_add(new))? {
            if bodies.is_full() {
                return Ok(None);
            }
            bodies.writers(conversation, &record)?;
        }
    }
    changes.extend(delta.dropped.into_iter().map(|id| Change::Drop(id.into())));
    let value = json(&changes)?;
    Ok(Some(QueryResult { seq: Some(seq), ..bodies.answer(Some(value))? }))
}

/// Which emoji a viewer gave to each of these messages.
pub(crate) fn viewer_reactions(
    read: &dyn Read,
    context: &Context<'_>,
    conversation: &ConversationId,
    messages: Vec<MessageId>,
) -> RuleResult<HashMap<MessageId, Vec<String>>> {
    let viewer: &UserId = viewer(context)?;
    let mut given = HashMap::new();
    for id in messages {
        if let Entry::Vacant(place) = given.entry(id) {
            let emoji = read.reactions_of_user(&context.app.id, conversation, place.key(), viewer)?;
            place.insert(emoji);
        }
    }
    Ok(given)
}
