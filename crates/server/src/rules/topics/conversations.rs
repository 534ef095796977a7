//! Conversations as a participant sees them: each with its last message.

use std::ops::ControlFlow;

use causerie_protocol::filter::{ConversationFilter, Facts};
use causerie_protocol::ids::ConversationId;
use causerie_protocol::topic::Cursor;

use super::super::conversations::seen;
use super::{Bodies, Context, QueryResult, RuleResult, json, listing, viewer};
use crate::store::Read;
use crate::store::records::{MessageRecord, ViewRecord};

/// One conversation, or nothing where the viewer is no participant.
pub(super) fn open(read: &dyn Read, context: &Context<'_>, id: &ConversationId) -> RuleResult<QueryResult> {
    let Some(record) = read.view(&context.app.id, id, viewer(context)?)? else {
        return Ok(QueryResult::default());
    };
    let mut bodies = Bodies::new(read, context)?;
    let last = last_message(read, context, id)?;
    add(&mut bodies, record, last)?;
    bodies.answer(Some(json(id)?))
}

/// A conversation to be compared with what was sent of it.
pub(crate) struct ConversationView {
    /// As it is to be sent.
    pub(crate) result: QueryResult,
    record: ViewRecord,
    has_messages: bool,
}

impl ConversationView {
    /// Whether it is in the list with this filter.
    pub(crate) fn matches(&self, filter: Option<&ConversationFilter>) -> bool {
        filter.is_none_or(|filter| filter.matches(&facts(&self.record, self.has_messages)))
    }
}

/// A conversation with what is needed to know in which lists it is; none where the viewer is no participant.
pub(crate) fn conversation_view(
    read: &dyn Read,
    context: &Context<'_>,
    id: &ConversationId,
) -> RuleResult<Option<ConversationView>> {
    let Some(record) = read.view(&context.app.id, id, viewer(context)?)? else {
        return Ok(None);
    };
    let mut bodies = Bodies::new(read, context)?;
    let last = last_message(read, context, id)?;
    let has_messages = last.is_some();
    add(&mut bodies, record.clone(), last)?;
    Ok(Some(ConversationView { result: bodies.answer(Some(json(id)?))?, record, has_messages }))
}

/// The viewer's conversations that match, from the first or from behind a place.
pub(super) fn list(
    read: &dyn Read,
    context: &Context<'_>,
    filter: Option<&ConversationFilter>,
    after: Option<&Cursor>,
    limit: u32,
) -> RuleResult<QueryResult> {
    let mut found = Vec::new();
    let mut more = false;
    read.views(&context.app.id, viewer(context)?, after, &mut |record| {
        let has_messages = record.conversation.last_message_at.is_some();
        if filter.is_some_and(|filter| !filter.matches(&facts(&record, has_messages))) {
            return ControlFlow::Continue(());
        }
        if found.len() >= limit as usize {
            more = true;
            return ControlFlow::Break(());
        }
        found.push(record);
        ControlFlow::Continue(())
    })?;
    let mut whole = Bodies::new(read, context)?;
    let mut views = Vec::with_capacity(found.len());
    for record in found {
        if whole.is_full() {
            more = true;
            break;
        }
        let id = record.id.clone();
        let last = last_message(read, context, &id)?;
        // By itself, for its mark, which must be the same as that of the conversation alone.
        let mut alone = Bodies::new(read, context)?;
        add(&mut alone, record.clone(), last.clone())?;
        views.push((id.clone(), alone.answer(Some(json(&id)?))?.fingerprint));
        add(&mut whole, record, last)?;
    }
    let ids: Vec<_> = views.iter().map(|(id, _)| id).collect();
    let value = listing(ids, more)?;
    Ok(QueryResult { views, ..whole.answer(Some(value))? })
}

fn add(bodies: &mut Bodies<'_>, record: ViewRecord, last: Option<MessageRecord>) -> RuleResult<()> {
    let id = record.id.clone();
    bodies.conversation(json(&seen(record, last.as_ref().map(|message| message.id.clone())))?);
    last.map_or(Ok(()), |last| bodies.message(&id, last))
}

fn last_message(
    read: &dyn Read,
    context: &Context<'_>,
    id: &ConversationId,
) -> RuleResult<Option<MessageRecord>> {
    Ok(read.messages(&context.app.id, id, None, 1)?.pop())
}

fn facts(record: &ViewRecord, has_messages: bool) -> Facts<'_> {
    Facts {
        access: record.participant.access,
        custom: &record.conversation.custom,
        is_unread: record.unread > 0 || record.participant.marked_unread,
        subject: record.conversation.subject.as_deref(),
        last_activity_at: record.activity(),
        created_at: record.conversation.created_at,
        joined_at: record.participant.joined_at,
        has_messages,
    }
}
