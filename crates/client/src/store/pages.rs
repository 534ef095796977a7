//! Pages: `load_more`, and the entries that arrive for it.

use causerie_protocol::{Entities, ErrorBody, RequestId, TopicKind, validation};

use super::bodies::{Kind, latest_time};
use super::body::{Body, FlagField, ListField, TextField};
use super::list::{Bound, Item};
use super::subscription::{Page, Value};
use super::{HandleEvent, HandleId, Store, StoreOutput};

impl<B: Body> Store<B> {
    /// Loads more of a handle's list. The result follows as [`HandleEvent::Loaded`] if this returns `true`.
    /// It returns `false` if the handle has ended or shows no list.
    ///
    /// # Errors
    /// Returns `invalid_argument` for a count that is out of range.
    pub fn load_more(&mut self, handle: HandleId, count: Option<u32>) -> Result<bool, ErrorBody> {
        let Some(found) = self.handles.iter().position(|other| other.id == handle) else { return Ok(false) };
        let Some(id) = self.handles.get(found).map(|handle| handle.subscription) else { return Ok(false) };
        let Some(sizes) = self.subscription(id).and_then(|subscription| subscription.scope.kind.page_sizes())
        else {
            return Ok(false);
        };
        let count = count.unwrap_or(sizes.more);
        validation::check_count("count", count, (1, sizes.max))?;
        let Some(handle) = self.handles.get_mut(found) else { return Ok(false) };
        if handle.is_pending() {
            handle.requested_early = handle.requested_early.max(count);
        } else {
            handle.requested = handle.requested.max(count);
        }
        handle.loading = true;
        self.mark(id);
        Ok(true)
    }

    /// Requests a page of this many entries, if none is being loaded.
    pub(super) fn request_page(&mut self, id: RequestId, count: u32) {
        let number = self.last_page + 1;
        let since = self.bodies.frame();
        let Some(subscription) = self.subscription(id) else { return };
        let (None, Some(sizes), Value::List(list)) =
            (&subscription.page, subscription.scope.kind.page_sizes(), &subscription.value)
        else {
            return;
        };
        let Bound::At(at, last) = &list.lower_bound else { return };
        let (after, limit) = ((*at, last.clone()), count.min(sizes.max));
        subscription.page = Some(Page { number, since, changes: Vec::new() });
        self.last_page = number;
        self.outputs.push_back(StoreOutput::LoadPage { subscription: id, page: number, after, limit });
    }

    /// Handles a page that was requested with [`StoreOutput::LoadPage`].
    pub fn page(&mut self, id: RequestId, number: u32, value: Option<&B>, entities: Entities<B>) {
        let Some(subscription) = self.subscription(id) else { return };
        // A page that no longer joins the list's end is requested again if a handle still waits for it.
        let Some(page) = subscription.page.take_if(|page| page.number == number) else { return };
        let scope = subscription.scope.clone();
        let entries = value.and_then(|value| value.list(ListField::Items)).unwrap_or_default();
        let last = entries.last().filter(|_| value.is_some_and(|value| value.flag(FlagField::More)));
        let lower_bound = last.map_or(Bound::End, |last| cursor_in_page(scope.kind, last, &entities));
        self.bodies.begin_frame();
        let newer_frame = page.since + 1;
        self.ingest(entities, Some(page.since));
        for (id, change) in &page.changes {
            if change.is_none() && scope.kind == TopicKind::Messages {
                self.bodies.forget(id, &scope.id);
            }
        }
        let mut items = Vec::new();
        for entry in entries {
            let changed = entry.text(TextField::User).or_else(|| entry.as_text());
            let is_newer = |(id, _): &(String, Option<Item>)| Some(id) == changed.as_ref();
            // The changes since the request are applied below.
            if page.changes.iter().any(is_newer) {
                continue;
            }
            if let Some(item) = self.item(&scope, entry) {
                self.bodies.forget_deleted_reference(item.slot, newer_frame);
                items.push(item);
            }
        }
        let Some(subscription) = self.subscription(id) else { return };
        if let Value::List(list) = &mut subscription.value {
            list.append(items, lower_bound);
            for (id, change) in page.changes {
                match change {
                    Some(item) => list.put(item),
                    None => list.remove(&id),
                }
            }
        }
        subscription.is_changed = true;
    }

    /// Handles the failure of a page. The handles that wait for it show what is loaded.
    pub fn page_failed(&mut self, id: RequestId, number: u32, error: &ErrorBody) {
        let Some(subscription) = self.subscription(id) else { return };
        if subscription.page.take_if(|page| page.number == number).is_none() {
            return;
        }
        subscription.is_changed = true;
        let lower_bound = match &subscription.value {
            Value::List(list) => list.lower_bound.clone(),
            _ => Bound::End,
        };
        for handle in &mut self.handles {
            if handle.subscription != id || handle.requested == 0 {
                continue;
            }
            handle.requested = 0;
            if handle.is_pending() {
                handle.lower_bound = lower_bound.clone();
            }
            if std::mem::take(&mut handle.loading) {
                let failed = HandleEvent::Loaded(Err(error.clone()));
                self.outputs.push_back(StoreOutput::Handle(handle.id, failed));
            }
        }
    }
}

/// Returns the cursor of a page's last entry. The body in the page decides, not a newer one: the entry may
/// have moved since.
fn cursor_in_page<B: Body>(topic: TopicKind, entry: &B, entities: &Entities<B>) -> Bound {
    let kind = Kind::of(topic);
    let Some(id) = entry.as_text() else {
        return Bound::At(latest_time(kind, entry), entry.text(TextField::User).unwrap_or_default());
    };
    let bodies = if kind == Kind::Message { &entities.messages } else { &entities.conversations };
    let body = bodies.iter().find(|body| body.text(TextField::Id).as_ref() == Some(&id));
    Bound::At(body.map_or(0, |body| latest_time(kind, body)), id)
}
