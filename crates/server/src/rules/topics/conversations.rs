//! Conversations as a participant sees them, each with its last message.

use std::ops::ControlFlow;

use causerie_protocol::filter::{Candidate, ConversationFilter};
use causerie_protocol::ids::ConversationId;
use causerie_protocol::topic::Cursor;

use super::bodies::Bodies;
use super::lists::collect_entries;
use super::query_result::QueryResult;
use crate::rules::context::ReadRules;
use crate::rules::entities::conversation_entity;
use crate::rules::error::RuleResult;
use crate::rules::json::to_json;
use crate::store::records::{MessageRecord, ViewRecord};

/// Returns one conversation, or no value if the viewer is not a participant of it.
pub(super) fn one(rules: ReadRules<'_>, id: &ConversationId) -> RuleResult<QueryResult> {
    Ok(conversation_view(rules, id)?.map(|view| view.result).unwrap_or_default())
}

/// A conversation, to be compared with the last result that was sent to the viewer.
pub(crate) struct ConversationView {
    /// The conversation as it is sent.
    pub(crate) result: QueryResult,
    record: ViewRecord,
    has_messages: bool,
}

impl ConversationView {
    /// Whether the conversation is in the list with this filter.
    pub(crate) fn matches(&self, filter: Option<&ConversationFilter>) -> bool {
        filter.is_none_or(|filter| filter.matches(&facts(&self.record, self.has_messages)))
    }
}

/// Returns one conversation with the facts that decide in which lists it is, or `None` if the viewer is not a
/// participant of it.
pub(crate) fn conversation_view(
    rules: ReadRules<'_>,
    id: &ConversationId,
) -> RuleResult<Option<ConversationView>> {
    let Some(record) = rules.store.view(rules.app_id(), id, rules.user()?)? else {
        return Ok(None);
    };
    let mut bodies = Bodies::new(rules)?;
    let last = last_message(rules, id)?;
    let has_messages = last.is_some();
    add_conversation(&mut bodies, record.clone(), last)?;
    Ok(Some(ConversationView { result: bodies.into_result(Some(to_json(id)?)), record, has_messages }))
}

/// Returns the viewer's conversations that match a filter, from the start of the list or after a cursor. If
/// `limit` of them are not found among as many as one read may examine, the result is a part of a page, which
/// can be empty, with the cursor from which the next page starts.
pub(super) fn list(
    rules: ReadRules<'_>,
    filter: Option<&ConversationFilter>,
    after: Option<&Cursor>,
    limit: u32,
) -> RuleResult<QueryResult> {
    let mut found = Vec::new();
    let mut examined: u32 = 0;
    let mut next = None;
    rules.store.views(rules.app_id(), rules.user()?, after, &mut |record| {
        let has_messages = record.conversation.last_message_at.is_some();
        examined += 1;
        if filter.is_some() && examined >= rules.context.scan_rows {
            next = Some(Cursor { at: record.activity(), id: record.id.as_str().to_owned() });
        }
        if filter.is_none_or(|filter| filter.matches(&facts(&record, has_messages))) {
            found.push(record);
        }
        // One more than the limit shows that there are more entries.
        let is_done = found.len() > limit as usize || next.is_some();
        if is_done { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    })?;
    let mut bodies = Bodies::new(rules)?;
    let mut views = Vec::with_capacity(found.len());
    let mut listing = collect_entries(&mut bodies, found, limit, |bodies, record| {
        let id = record.id.clone();
        let last = last_message(rules, &id)?;
        // The fingerprint must be the one that `conversation_view` computes for this conversation.
        let mut alone = Bodies::new(rules)?;
        add_conversation(&mut alone, record.clone(), last.clone())?;
        views.push((id.clone(), alone.into_result(Some(to_json(&id)?)).fingerprint));
        add_conversation(bodies, record, last)?;
        Ok(id)
    })?;
    if !listing.more && next.is_some() {
        listing.more = true;
        listing.next = next;
    }
    let value = to_json(&listing)?;
    Ok(QueryResult { views, ..bodies.into_result(Some(value)) })
}

pub(super) fn add_conversation(
    bodies: &mut Bodies<'_>,
    record: ViewRecord,
    last: Option<MessageRecord>,
) -> RuleResult<()> {
    let id = record.id.clone();
    let last_message = last.as_ref().map(|message| message.id.clone());
    bodies.add_conversation(&conversation_entity(record, last_message))?;
    last.map_or(Ok(()), |last| bodies.add_message(&id, last))
}

pub(super) fn last_message(rules: ReadRules<'_>, id: &ConversationId) -> RuleResult<Option<MessageRecord>> {
    Ok(rules.store.messages(rules.app_id(), id, None, 1)?.pop())
}

pub(super) fn facts(record: &ViewRecord, has_messages: bool) -> Candidate<'_> {
    Candidate {
        access: record.participant.access,
        custom: &record.conversation.custom,
        is_unread: record.is_unread(),
        subject: record.conversation.subject.as_deref(),
        last_activity_at: record.activity(),
        created_at: record.conversation.created_at,
        joined_at: record.participant.joined_at,
        has_messages,
    }
}
