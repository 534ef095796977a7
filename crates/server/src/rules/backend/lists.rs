//! The lists of backends: users, and conversations with their filters and orders.

use std::ops::ControlFlow;

use causerie_protocol::entities::Access;
use causerie_protocol::error::ErrorBody;
use causerie_protocol::filter::{Candidate, ConversationFilter};
use causerie_protocol::ids::{ConversationId, UserId};
use causerie_protocol::topic::Cursor;
use causerie_protocol::validation::path_to;

use super::{BackendConversation, BackendUser, PageBody, UnreadState, backend_conversation, user};
use crate::rules::command::{ConversationsPage, OrderBy, PAGE_DEFAULT, UsersPage};
use crate::rules::context::ReadRules;
use crate::rules::error::RuleResult;
use crate::rules::refusal::Refusal;
use crate::store::records::{ConversationRecord, ViewRecord};

/// The most conversations that one read examines for a page with a filter.
const EXAMINED_CONVERSATIONS: usize = 100_000;

/// Returns a page of a user's conversations, those with the newest messages first.
pub(in crate::rules) fn user_conversations(
    rules: ReadRules<'_>,
    user: &UserId,
    page: &ConversationsPage,
) -> RuleResult<PageBody<BackendConversation>> {
    rules.require_user(user)?;
    let after = match &page.page.starting_after {
        None => None,
        Some(id) => {
            let unknown = || Refusal::UnknownPageStart { entry: "a conversation of this user" };
            let id = ConversationId::new(id).map_err(|_| unknown())?;
            let view = rules.store.view(rules.app_id(), &id, user)?.ok_or_else(unknown)?;
            Some(Cursor { at: view.activity(), id: id.into() })
        }
    };
    let limit = page.page.limit.unwrap_or(PAGE_DEFAULT) as usize;
    let mut found = Vec::new();
    let mut examined = 0;
    rules.store.views(rules.app_id(), user, after.as_ref(), &mut |view| {
        examined += 1;
        let last = view.conversation.last_message_at;
        if (!page.unreads_only || view.is_unread())
            && page.has_last_message(last)
            && page.filter.as_ref().is_none_or(|filter| filter.matches(&viewed(&view)))
        {
            found.push(view);
        }
        go_on(found.len() < limit && examined < EXAMINED_CONVERSATIONS)
    })?;
    refuse_too_many(examined, found.len() < limit)?;
    PageBody::collect(found.into_iter().map(|view| {
        let unread = UnreadState { unread_message_count: view.unread, is_unread: view.is_unread() };
        let ViewRecord { id, conversation, .. } = view;
        backend_conversation(rules, &id, conversation, Some(unread))
    }))
}

const fn go_on(is_needed: bool) -> ControlFlow<()> {
    if is_needed { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
}

/// Refuses a page that is not full although as many conversations were examined as one read may.
fn refuse_too_many(examined: usize, is_short: bool) -> RuleResult<()> {
    if examined >= EXAMINED_CONVERSATIONS && is_short {
        return Err(Refusal::TooManyExamined.into());
    }
    Ok(())
}

/// The data of a user's conversation that a filter may test.
fn viewed(view: &ViewRecord) -> Candidate<'_> {
    Candidate {
        access: view.participant.access,
        is_unread: view.is_unread(),
        joined_at: view.participant.joined_at,
        last_activity_at: view.activity(),
        ..seen(&view.conversation)
    }
}

/// The data of a conversation that a filter may test, without a viewer.
fn seen(conversation: &ConversationRecord) -> Candidate<'_> {
    Candidate {
        access: Access::ReadWrite,
        custom: &conversation.custom,
        is_unread: false,
        subject: conversation.subject.as_deref(),
        last_activity_at: conversation.time(OrderBy::LastActivity),
        created_at: conversation.created_at,
        joined_at: conversation.created_at,
        has_messages: conversation.last_message_at.is_some(),
    }
}

/// Returns a page of all users, ordered by id.
pub(in crate::rules) fn users(rules: ReadRules<'_>, page: &UsersPage) -> RuleResult<PageBody<BackendUser>> {
    let limit = page.page.limit.unwrap_or(PAGE_DEFAULT);
    let mut after = page.page.starting_after.clone().unwrap_or_default();
    let mut ids: Vec<UserId> = Vec::new();
    match (page.is_online, &page.online) {
        (Some(true), Some(online)) => {
            for user in online.iter().filter(|user| user.as_str() > after.as_str()) {
                if ids.len() < limit as usize && rules.store.user(rules.app_id(), user)?.is_some() {
                    ids.push(user.clone());
                }
            }
        }
        (Some(false), Some(online)) => loop {
            // Not more than one read of this length is needed for each user who is online.
            let next = rules.store.users(rules.app_id(), &after, limit)?;
            let Some(last) = next.last() else { break };
            last.as_str().clone_into(&mut after);
            ids.extend(next.into_iter().filter(|user| !online.contains(user)));
            if ids.len() >= limit as usize {
                ids.truncate(limit as usize);
                break;
            }
        },
        _ => ids = rules.store.users(rules.app_id(), &after, limit)?,
    }
    PageBody::collect(ids.iter().map(|id| user(rules, id)))
}

/// Returns a page of all conversations.
pub(in crate::rules) fn conversations(
    rules: ReadRules<'_>,
    page: &ConversationsPage,
) -> RuleResult<PageBody<BackendConversation>> {
    if let Some(filter) = &page.filter {
        refuse_filters_of_viewers(filter)?;
    }
    let by_activity = page.order_by == OrderBy::LastActivity;
    let mut after = match &page.page.starting_after {
        None => None,
        Some(id) => {
            let unknown = || Refusal::UnknownPageStart { entry: "a conversation of this app" };
            let id = ConversationId::new(id).map_err(|_| unknown())?;
            let record = rules.store.conversation(rules.app_id(), &id)?.ok_or_else(unknown)?;
            Some(Cursor { at: record.time(page.order_by), id: id.into() })
        }
    };
    // The list begins where the range of times does, so that nothing before it is examined.
    let bound = match (by_activity, page.ascending) {
        (true, false) => page.last_message_before.map(|time| Cursor { at: time, id: String::new() }),
        (true, true) => page.last_message_after.map(|time| Cursor { at: time, id: String::new() }),
        _ => None,
    };
    if let Some(bound) = bound {
        let is_further = after.as_ref().is_none_or(|after| (after.at > bound.at) != page.ascending);
        after = if is_further { Some(bound) } else { after };
    }
    let limit = page.page.limit.unwrap_or(PAGE_DEFAULT) as usize;
    let mut found = Vec::new();
    let mut examined = 0;
    let (order, ascending) = (page.order_by, page.ascending);
    rules.store.conversations(rules.app_id(), order, ascending, after.as_ref(), &mut |id, record| {
        examined += 1;
        let time = record.time(order);
        let is_past = by_activity
            && if ascending {
                page.last_message_before.is_some_and(|before| time >= before)
            } else {
                page.last_message_after.is_some_and(|after| time <= after)
            };
        if is_past {
            return ControlFlow::Break(());
        }
        if page.has_last_message(record.last_message_at)
            && page.filter.as_ref().is_none_or(|filter| filter.matches(&seen(&record)))
        {
            found.push((id, record));
        }
        go_on(found.len() < limit && examined < EXAMINED_CONVERSATIONS)
    })?;
    refuse_too_many(examined, found.len() < limit)?;
    PageBody::collect(found.into_iter().map(|(id, record)| backend_conversation(rules, &id, record, None)))
}

/// Refuses a filter that tests what only a participant has.
fn refuse_filters_of_viewers(filter: &ConversationFilter) -> RuleResult<()> {
    let filters = match filter {
        ConversationFilter::Simple(filter) => std::slice::from_ref(filter),
        ConversationFilter::Any(filters) => filters.as_slice(),
    };
    for filter in filters {
        let field = if filter.access.is_some() {
            "access"
        } else if filter.is_unread.is_some() {
            "isUnread"
        } else if filter.joined_at.is_some() {
            "joinedAt"
        } else {
            continue;
        };
        let problem = "can be tested only in the list of a user's conversations";
        return Err(ErrorBody::invalid(path_to("filter", field), problem).into());
    }
    Ok(())
}
