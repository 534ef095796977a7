//! The list of a user's conversations, in the order of their activity.
//!
//! A message changes the place of its conversation in the lists of all participants. A small conversation has
//! its activity in the row of each participant, with an index, so that the list is read in its order. A
//! larger one has it in its own row only, so that a message to 10,000 participants costs as much as one to
//! ten. The activities of a user's large conversations are compared when the list is read: the first
//! [`SHARED`] of them are sorted and merged with the small ones.

use std::cmp::Ordering;
use std::collections::VecDeque;
use std::ops::ControlFlow;

use causerie_protocol::ids::UserId;
use causerie_protocol::topic::Cursor;

use super::transaction::{Transaction, upper_bound};
use super::{rows, sql};
use crate::store::StoreResult;
use crate::store::records::ViewRecord;

/// How many of a user's large conversations are held at a time: the limit in `sql::SHARED_ACTIVITIES`.
pub(super) const SHARED: usize = 1_000;

/// A large conversation, and its place in the list.
struct Shared {
    activity: i64,
    id: String,
    key: i64,
}

/// Visits the views after the cursor `after` until `visit` breaks. Each is read when it is visited.
pub(super) fn visit(
    transaction: &Transaction<'_>,
    app: &str,
    viewer: &UserId,
    after: Option<&Cursor>,
    visit: &mut dyn FnMut(ViewRecord) -> ControlFlow<()>,
) -> StoreResult<()> {
    let (at, id) = upper_bound(after);
    let mut statement = transaction.statement(sql::VIEWS)?;
    let mut copied = statement.query((app, viewer.as_str(), at, id))?;
    let mut next_copied: Option<ViewRecord> = None;
    let mut is_end = false;
    let mut shared = shared(transaction, app, viewer, (at, id))?;
    let mut is_last = shared.len() < SHARED;
    loop {
        if next_copied.is_none() && !is_end {
            next_copied = copied.next()?.map(rows::view).transpose()?;
            is_end = next_copied.is_none();
        }
        let order = match (&next_copied, shared.front()) {
            (None, None) => return Ok(()),
            (Some(_), None) => Ordering::Greater,
            (None, Some(_)) => Ordering::Less,
            (Some(view), Some(shared)) => {
                (view.activity(), view.id.as_str()).cmp(&(shared.activity, shared.id.as_str()))
            }
        };
        let view = if order.is_gt() {
            next_copied.take()
        } else if let Some(found) = shared.pop_front() {
            if shared.is_empty() && !is_last {
                shared = self::shared(transaction, app, viewer, (found.activity, &found.id))?;
                is_last = shared.len() < SHARED;
            }
            transaction.one(sql::VIEW_BY_KEY, (app, viewer.as_str(), found.key), rows::view)?
        } else {
            None
        };
        if view.is_some_and(|view| visit(view).is_break()) {
            return Ok(());
        }
    }
}

/// Returns the first of the large conversations of a user after a place in the list.
fn shared(
    transaction: &Transaction<'_>,
    app: &str,
    viewer: &UserId,
    (at, id): (i64, &str),
) -> StoreResult<VecDeque<Shared>> {
    let params = (app, viewer.as_str(), at, id);
    let read = transaction.first(SHARED, sql::SHARED_ACTIVITIES, params, |row| {
        Ok(Shared { activity: row.get(0)?, id: row.get(1)?, key: row.get(2)? })
    })?;
    Ok(read.into())
}
