//! The entries of lists, in the form that all lists share.

use causerie_protocol::ids::ConversationId;
use causerie_protocol::topic::Listing;
use serde::Serialize;

use super::bodies::Bodies;
use super::query_result::QueryResult;
use crate::rules::context::ReadRules;
use crate::rules::error::RuleResult;
use crate::rules::json::to_json;

/// Returns the entries of a list in a conversation, or no value if the viewer is not a participant of it.
///
/// `load` returns at most as many records as it is given, or `None` if the list does not exist. `add` adds
/// the bodies of one record, and returns the entry.
pub(super) fn read_list<R, T: Serialize>(
    rules: ReadRules<'_>,
    conversation: &ConversationId,
    limit: u32,
    load: impl FnOnce(u32) -> RuleResult<Option<Vec<R>>>,
    add: impl FnMut(&mut Bodies<'_>, R) -> RuleResult<T>,
) -> RuleResult<QueryResult> {
    if !rules.is_participant(conversation)? {
        return Ok(QueryResult::default());
    }
    let Some(records) = load(limit.saturating_add(1))? else {
        return Ok(QueryResult::default());
    };
    let seq = rules.store.stream_seq(rules.app_id(), conversation)?;
    let mut bodies = Bodies::new(rules)?;
    let listing = collect_entries(&mut bodies, records, limit, add)?;
    let value = to_json(&listing)?;
    Ok(QueryResult { seq: Some(seq), ..bodies.into_result(Some(value)) })
}

/// Adds records to the bodies of a result until there are `limit` entries or too many bytes. There are more
/// entries if a record is left.
pub(super) fn collect_entries<R, T>(
    bodies: &mut Bodies<'_>,
    records: Vec<R>,
    limit: u32,
    mut add: impl FnMut(&mut Bodies<'_>, R) -> RuleResult<T>,
) -> RuleResult<Listing<T>> {
    let mut items = Vec::with_capacity(records.len());
    for record in records {
        if items.len() >= limit as usize || bodies.is_full() {
            return Ok(Listing { items, more: true, next: None });
        }
        items.push(add(bodies, record)?);
    }
    Ok(Listing { items, more: false, next: None })
}
