//! Pages: `load_more`, and the entries that arrive for it.

use causerie_protocol::text::{concat, decimal};
use causerie_protocol::{Entities, ErrorBody, RequestId, TopicKind};

use super::body::{Body, FlagField, Ids, Kind, ListField};
use super::list::Bound;
use super::subscription::{Page, Subscription, Value};
use super::{HandleEvent, HandleId, Store, StoreOutput};

impl<B: Body> Store<B> {
    /// Loads more of a handle's list. The result follows as [`HandleEvent::Loaded`] if this returns `true`.
    /// It returns `false` if the handle has ended or shows no list.
    ///
    /// # Errors
    /// Returns `invalid_argument` for a count that is out of range.
    pub fn load_more(&mut self, handle: HandleId, count: Option<u32>) -> Result<bool, ErrorBody> {
        let Store { subscriptions, handles, .. } = self;
        let Some(handle) = handles.iter_mut().find(|other| other.id == handle) else { return Ok(false) };
        let Some(subscription) = subscriptions.iter_mut().find(|other| other.id == handle.subscription)
        else {
            return Ok(false);
        };
        let Some(sizes) = subscription.scope.kind.page_sizes() else { return Ok(false) };
        let count = count.unwrap_or(sizes.more);
        if count == 0 || count > sizes.max {
            return Err(invalid_count(sizes.max, &decimal(count)));
        }
        if handle.is_pending() {
            handle.requested_early = handle.requested_early.max(count);
        } else {
            handle.requested = handle.requested.max(count);
        }
        handle.loading = true;
        subscription.is_changed = true;
        Ok(true)
    }

    /// Requests a page of this many entries, if none is being loaded.
    pub(super) fn request_page(&mut self, index: usize, count: u32) {
        let number = self.last_page + 1;
        let since = self.bodies.frame();
        let Some(subscription) = self.subscriptions.get_mut(index) else { return };
        let (None, Some(sizes), Value::List(list)) =
            (&subscription.page, subscription.scope.kind.page_sizes(), &subscription.value)
        else {
            return;
        };
        let Bound::At(at, last) = &list.lower_bound else { return };
        let (after, limit) = ((*at, last.clone()), count.min(sizes.max));
        let id = subscription.id;
        subscription.page = Some(Page { number, since, changes: Vec::new() });
        self.last_page = number;
        self.outputs.push_back(StoreOutput::LoadPage { subscription: id, page: number, after, limit });
    }

    /// Returns the page with this number, if it still joins the list's end. One that does not is requested
    /// again if a handle still waits for it.
    fn take_page(&mut self, index: usize, number: u32) -> Option<Page> {
        self.subscriptions.get_mut(index)?.page.take_if(|page| page.number == number)
    }

    /// Handles a page that was requested with [`StoreOutput::LoadPage`].
    pub fn page(&mut self, id: RequestId, number: u32, value: Option<&B>, entities: Entities<B>) {
        // The list no longer exists, or the caller may not see it any more. The subscription is sent that
        // too.
        let Some(value) = value else { return self.end_page(id, number, &Ok(())) };
        let Some(index) = self.index_of(id) else { return };
        let Some(page) = self.take_page(index, number) else { return };
        let Some(kind) = self.subscriptions.get(index).map(|it| it.scope.kind) else { return };
        let entries = value.list(ListField::Items).unwrap_or_default();
        let mut lower_bound = Bound::End;
        let mut is_end_unknown = false;
        if value.flag(FlagField::More) {
            if let Some((at, id)) = value.next() {
                lower_bound = Bound::At(at, id);
                is_end_unknown = true;
            } else if let Some(last) = entries.last() {
                lower_bound = cursor_in_page(kind, last, &entities);
            }
        }
        self.bodies.begin_frame();
        self.ingest(entities, Some(page.since));
        let Store { bodies, subscriptions, .. } = self;
        let Some(subscription) = subscriptions.get_mut(index) else { return };
        subscription.is_changed = true;
        let Subscription { scope, value: Value::List(list), .. } = subscription else { return };
        for (id, change) in &page.changes {
            if change.is_none() && kind == TopicKind::Messages {
                bodies.forget(id, &scope.id);
            }
        }
        for item in &list.items {
            bodies.mark(item.slot, true);
        }
        let ids = B::ids(Kind::Entry, &entries);
        let mut ids = Ids::lines(&ids);
        for entry in entries {
            let id = ids.take_next();
            if !page.changes.is_empty() {
                let value_id = B::ids(Kind::of(kind), std::slice::from_ref(&entry));
                let changed = if id.is_empty() { &value_id } else { id };
                // The changes since the request are applied below.
                if page.changes.iter().any(|(other, _)| other == changed) {
                    continue;
                }
            }
            if let Some(item) = bodies.resolve(scope, id, entry) {
                bodies.forget_deleted_reference(item.slot, page.since + 1);
                // An entry that moved in the meantime can be in the list already.
                if !bodies.mark(item.slot, true) {
                    list.items.push(item);
                }
            }
        }
        for item in &list.items {
            bodies.mark(item.slot, false);
        }
        list.lower_bound = lower_bound;
        list.is_end_unknown = is_end_unknown;
        for (id, change) in page.changes {
            match change {
                Some(item) => list.put(item),
                None => list.remove(&id),
            }
        }
    }

    /// Handles the failure of a page. The handles that wait for it show what is loaded.
    pub fn page_failed(&mut self, id: RequestId, number: u32, error: &ErrorBody) {
        self.end_page(id, number, &Err(error.clone()));
    }

    /// Ends a page that adds nothing, and the `load_more` of the handles that wait for it.
    fn end_page(&mut self, id: RequestId, number: u32, result: &Result<(), ErrorBody>) {
        let Some(index) = self.index_of(id) else { return };
        if self.take_page(index, number).is_none() {
            return;
        }
        let Store { subscriptions, handles, outputs, .. } = self;
        let Some(subscription) = subscriptions.get_mut(index) else { return };
        subscription.is_changed = true;
        for handle in handles {
            if handle.subscription != id || handle.requested == 0 {
                continue;
            }
            handle.requested = 0;
            if handle.is_pending()
                && let Value::List(list) = &subscription.value
            {
                handle.lower_bound = list.lower_bound.clone();
            }
            if std::mem::take(&mut handle.loading) {
                let loaded = HandleEvent::Loaded(result.clone());
                outputs.push_back(StoreOutput::Handle(handle.id, loaded));
            }
        }
    }
}

/// Returns the error of a `load_more` whose count is not an integer from 1 to `max`.
#[must_use]
pub fn invalid_count(max: u32, got: &str) -> ErrorBody {
    let problem = concat(&["must be an integer from 1 to ", &decimal(max), " (got ", got, ")"]);
    ErrorBody::invalid("count", &problem)
}

/// Returns the cursor of a page's last entry. The body in the page decides, not a newer one: the entry may
/// have moved since.
fn cursor_in_page<B: Body>(topic: TopicKind, entry: &B, entities: &Entities<B>) -> Bound {
    let kind = Kind::of(topic);
    let Some(id) = entry.as_text() else {
        return Bound::At(entry.time(kind), B::ids(kind, std::slice::from_ref(entry)));
    };
    let bodies = if kind == Kind::Message { &entities.messages } else { &entities.conversations };
    // The bodies are usually in the order of the entries.
    for body in bodies.iter().rev() {
        if Ids::of(&B::ids(kind, std::slice::from_ref(body))).take_next() == id {
            return Bound::At(body.time(kind), id);
        }
    }
    Bound::At(0, id)
}
