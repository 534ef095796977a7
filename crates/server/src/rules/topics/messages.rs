//! The messages of a conversation, newest first.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use causerie_protocol::ids::{ConversationId, MessageId};
use causerie_protocol::topic::{Change, Cursor};
use serde_json::value::RawValue;

use super::bodies::Bodies;
use super::lists::read_list;
use super::query_result::QueryResult;
use crate::encoding::BodyKey;
use crate::rules::context::ReadRules;
use crate::rules::error::RuleResult;
use crate::rules::json::{Json, to_json};

/// The largest number of messages in a delta; if more have changed, the window is sent as a reset.
const DELTA_MESSAGES: u32 = 200;

/// Returns messages, from the newest or after a cursor.
pub(super) fn list(
    rules: ReadRules<'_>,
    conversation: &ConversationId,
    after: Option<&Cursor>,
    limit: u32,
) -> RuleResult<QueryResult> {
    let load = |limit| Ok(Some(rules.store.messages(rules.app_id(), conversation, after, limit)?));
    read_list(rules, conversation, limit, load, |bodies, record| {
        let id = record.id.clone();
        bodies.add_message(conversation, record)?;
        Ok(id)
    })
}

/// Returns one message, or no value if it does not exist or the viewer is not a participant.
pub(super) fn one(
    rules: ReadRules<'_>,
    conversation: &ConversationId,
    id: &MessageId,
) -> RuleResult<QueryResult> {
    if !rules.is_participant(conversation)? {
        return Ok(QueryResult::default());
    }
    let Some(record) = rules.store.message(rules.app_id(), conversation, id)? else {
        return Ok(QueryResult::default());
    };
    let mut bodies = Bodies::new(rules)?;
    bodies.add_message(conversation, record)?;
    Ok(bodies.into_result(Some(to_json(id)?)))
}

/// Returns the content of a message, or `None` if it does not exist or the viewer is not a participant.
pub(super) fn content(
    rules: ReadRules<'_>,
    conversation: &ConversationId,
    id: &MessageId,
) -> RuleResult<Option<Json>> {
    if !rules.is_participant(conversation)? {
        return Ok(None);
    }
    let record = rules.store.message(rules.app_id(), conversation, id)?;
    Ok(record.map(|record| RawValue::from_string(record.content)).transpose()?)
}

/// Returns the changes since a number of the conversation's stream as the value. Returns `None` if the viewer
/// is not a participant, if too much has changed, or if the number is not one of this conversation's history.
///
/// A client that resumes a window of `held` messages has the bodies of their senders, but received no changes
/// of these users while it was away. So the result includes their current bodies; from then on their changes
/// are sent.
pub(crate) fn message_delta(
    rules: ReadRules<'_>,
    conversation: &ConversationId,
    since: u64,
    held: Option<u32>,
) -> RuleResult<Option<QueryResult>> {
    let app = rules.app_id();
    if !rules.is_participant(conversation)? {
        return Ok(None);
    }
    let seq = rules.store.stream_seq(app, conversation)?;
    let Some(mut delta) = rules.store.delta(app, conversation, since, DELTA_MESSAGES)? else {
        return Ok(None);
    };
    delta.put.sort_by(|one, other| (one.created_at, &one.id).cmp(&(other.created_at, &other.id)));
    let mut bodies = Bodies::new(rules)?;
    let mut changes: Vec<Change<MessageId>> = Vec::with_capacity(delta.put.len() + delta.dropped.len());
    for record in delta.put {
        if bodies.is_full() {
            return Ok(None);
        }
        changes.push(Change::Put(record.id.clone()));
        bodies.add_message(conversation, record)?;
    }
    if let Some(held) = held {
        // The held messages are older than the new ones.
        let new = u32::try_from(changes.len()).unwrap_or(DELTA_MESSAGES);
        for record in rules.store.messages(app, conversation, None, held.saturating_add(new))? {
            if bodies.is_full() {
                return Ok(None);
            }
            bodies.add_senders(conversation, &record)?;
        }
    }
    let dropped = delta.dropped.iter().map(|id| BodyKey::of_message(conversation, id)).collect();
    changes.extend(delta.dropped.into_iter().map(|id| Change::Drop(id.into())));
    let value = to_json(&changes)?;
    Ok(Some(QueryResult { seq: Some(seq), dropped, ..bodies.into_result(Some(value)) }))
}

/// Returns the emoji that the viewer gave to each of these messages.
pub(crate) fn viewer_reactions(
    rules: ReadRules<'_>,
    conversation: &ConversationId,
    messages: Vec<MessageId>,
) -> RuleResult<HashMap<MessageId, Vec<String>>> {
    let viewer = rules.user()?;
    let mut reactions = HashMap::new();
    for id in messages {
        if let Entry::Vacant(entry) = reactions.entry(id) {
            let emoji = rules.store.reactions_of_user(rules.app_id(), conversation, entry.key(), viewer)?;
            entry.insert(emoji);
        }
    }
    Ok(reactions)
}
