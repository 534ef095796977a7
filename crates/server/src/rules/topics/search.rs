//! Searches in the viewer's own conversations.
//!
//! Conversations are examined in the order of the viewer's list, the latest activity first, and at most
//! [`Context::scan_rows`](crate::rules::Context) of them for one page. The messages of each come from the
//! store's index, newest first. No message is newer than the activity of its conversation, so the search of
//! messages ends with the first conversation that cannot have a newer one than the last of a full page.
//!
//! If there are more conversations, their results follow in later pages: the cursor then begins with the
//! conversation that was examined last. So the results are newest first within each group of conversations.

use std::ops::ControlFlow;

use causerie_protocol::ids::ConversationId;
use causerie_protocol::search::{Found, Search, SearchCursor, SearchPage};
use causerie_protocol::topic::Cursor;

use super::bodies::Bodies;
use super::conversations::{add_conversation, facts, last_message};
use super::query_result::QueryResult;
use crate::rules::context::ReadRules;
use crate::rules::error::RuleResult;
use crate::rules::json::to_json;
use crate::store::StoreResult;
use crate::store::records::{MessageRecord, ViewRecord};
use crate::words::Query;

/// The key of custom data that a search for conversations compares besides the subject.
const SEARCH_KEY: &str = "search";
/// How many messages that the index proposes and that do not match are read for one page. Beyond that, the
/// search of a conversation ends with the first of them.
const MISMATCHES: u32 = 1_000;

/// Returns a page of the viewer's conversations that match a search.
pub(in crate::rules) fn search_conversations(
    rules: ReadRules<'_>,
    search: &Search,
) -> RuleResult<QueryResult> {
    let query = Query::new(&search.query)?;
    let mut found: Vec<ViewRecord> = Vec::new();
    let end = visit_views(rules, search, &mut |view| {
        let record = &view.conversation;
        let search_words = record.custom.get(SEARCH_KEY).map_or("", String::as_str);
        if query.matches(&[record.subject.as_deref().unwrap_or_default(), search_words]) {
            found.push(view);
        }
        // One more than the limit shows that there are more.
        Ok(if found.len() > search.limit as usize {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        })
    })?;
    let mut page = Page::new(rules)?;
    let mut items: Vec<Found> = Vec::new();
    let mut last: Option<Cursor> = None;
    let mut is_cut = false;
    for view in found {
        if items.len() >= search.limit as usize || page.bodies.is_full() {
            is_cut = true;
            break;
        }
        last = Some(cursor(&view));
        items.push(Found { conversation: view.id.clone(), message: None });
        page.add_conversation(view)?;
    }
    let conversation = if is_cut { last } else { end };
    let next = conversation.map(|cursor| SearchCursor { message: None, conversation: Some(cursor) });
    page.into_result(SearchPage { items, next })
}

/// Returns a page of the messages that match a search.
pub(in crate::rules) fn search_messages(rules: ReadRules<'_>, search: &Search) -> RuleResult<QueryResult> {
    let query = Query::new(&search.query)?;
    let after = search.after.as_ref().and_then(|after| after.message.as_ref());
    // One more than the limit shows that there are more.
    let most = search.limit as usize + 1;
    let mut found: Vec<(ViewRecord, MessageRecord)> = Vec::new();
    let mut mismatches = 0;
    let end = visit_views(rules, search, &mut |view| {
        if is_worse(&found, most, view.activity()) {
            return Ok(ControlFlow::Break(()));
        }
        let (app, mut matching) = (rules.app_id(), Vec::new());
        rules.store.matching_messages(app, &view.id, &query, after, &mut |message| {
            if is_worse(&found, most, message.created_at) {
                return ControlFlow::Break(());
            }
            if query.matches(&[&message.text]) {
                matching.push((view.clone(), message));
                if matching.len() >= most { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            } else {
                mismatches += 1;
                if mismatches > MISMATCHES { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            }
        })?;
        found.append(&mut matching);
        found.sort_by(|(_, one), (_, other)| place(other).cmp(&place(one)));
        found.truncate(most);
        Ok(ControlFlow::Continue(()))
    })?;
    let mut page = Page::new(rules)?;
    let mut items: Vec<Found> = Vec::new();
    let mut last: Option<Cursor> = None;
    let mut is_cut = false;
    for (view, message) in found {
        if items.len() >= search.limit as usize || page.bodies.is_full() {
            is_cut = true;
            break;
        }
        last = Some(Cursor { at: message.created_at, id: message.id.as_str().to_owned() });
        items.push(Found { conversation: view.id.clone(), message: Some(message.id.clone()) });
        page.bodies.add_message(&view.id, message)?;
        page.add_conversation(view)?;
    }
    let next = if is_cut {
        // The same conversations again.
        let conversation = search.after.as_ref().and_then(|after| after.conversation.clone());
        Some(SearchCursor { message: last, conversation })
    } else {
        end.map(|cursor| SearchCursor { message: None, conversation: Some(cursor) })
    };
    page.into_result(SearchPage { items, next })
}

/// Visits the viewer's conversations that the filter of a search selects, until `visit` breaks. If there are
/// more than one page may examine, returns the last one that was examined.
fn visit_views(
    rules: ReadRules<'_>,
    search: &Search,
    visit: &mut dyn FnMut(ViewRecord) -> StoreResult<ControlFlow<()>>,
) -> RuleResult<Option<Cursor>> {
    let after = search.after.as_ref().and_then(|after| after.conversation.as_ref());
    let filter = search.filters.conversation.as_ref();
    let mut examined = 0;
    let mut last = None;
    let mut end = None;
    let mut result = Ok(());
    rules.store.views(rules.app_id(), rules.user()?, after, &mut |view| {
        if examined >= rules.context.scan_rows {
            end = last.take();
            return ControlFlow::Break(());
        }
        examined += 1;
        last = Some(cursor(&view));
        let has_messages = view.conversation.last_message_at.is_some();
        if filter.is_some_and(|filter| !filter.matches(&facts(&view, has_messages))) {
            return ControlFlow::Continue(());
        }
        visit(view).unwrap_or_else(|error| {
            result = Err(error);
            ControlFlow::Break(())
        })
    })?;
    result?;
    Ok(end)
}

fn cursor(view: &ViewRecord) -> Cursor {
    Cursor { at: view.activity(), id: view.id.as_str().to_owned() }
}

/// Whether there are enough results, and all are newer than this time.
fn is_worse(found: &[(ViewRecord, MessageRecord)], most: usize, at: i64) -> bool {
    found.len() >= most && found.last().is_some_and(|(_, last)| at < last.created_at)
}

/// The place of a message in the order of the results.
fn place(message: &MessageRecord) -> (i64, &str) {
    (message.created_at, message.id.as_str())
}

/// A page of results with the bodies of its conversations.
struct Page<'a> {
    rules: ReadRules<'a>,
    bodies: Bodies<'a>,
    added: Vec<ConversationId>,
}

impl<'a> Page<'a> {
    fn new(rules: ReadRules<'a>) -> RuleResult<Self> {
        Ok(Page { rules, bodies: Bodies::new(rules)?, added: Vec::new() })
    }

    /// Adds a conversation with its last message, unless the page has it.
    fn add_conversation(&mut self, view: ViewRecord) -> RuleResult<()> {
        if self.added.contains(&view.id) {
            return Ok(());
        }
        self.added.push(view.id.clone());
        let last = last_message(self.rules, &view.id)?;
        add_conversation(&mut self.bodies, view, last)
    }

    fn into_result(self, page: SearchPage) -> RuleResult<QueryResult> {
        let value = to_json(&page)?;
        Ok(self.bodies.into_result(Some(value)))
    }
}
