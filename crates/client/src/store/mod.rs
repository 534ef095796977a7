//! The store: the bodies that the server sent, the lists and windows of the subscriptions, and the handles
//! that show them.
//!
//! The flow: a frame's bodies are stored, and the subscriptions that they can affect are marked. At the end
//! of the turn, [`Store::flush`] brings the marked subscriptions up to date: each handle whose snapshot is a
//! different one gets it, and then the callbacks are due. Requests (pages, windows) and events of handles are
//! queued as [`StoreOutput`]s.
//!
//! All handles of one topic share one subscription to the server. A list is loaded from its start down to its
//! lower bound; each handle shows it down to a lower bound of its own.
//!
//! The store knows neither connections nor time: it is passed the frames of subscriptions in their order, and
//! the time at which typing expires.

mod bodies;
mod body;
mod handle;
#[cfg(feature = "json")]
mod json;
mod key;
mod list;
mod pages;
mod refresh;
mod resolve;
mod result;
mod show;
mod subscription;

use causerie_protocol::limits;
use causerie_protocol::{Entities, ErrorBody, RequestId, ServerFrame, TopicKind};

use crate::queue::Queue;
use crate::{Millis, earliest, errors};
use bodies::Bodies;
use body::Ids;
pub use body::{Body, FlagField, Kind, ListField, View};
use handle::Handle;
pub use handle::{HandleEvent, HandleId};
#[cfg(feature = "json")]
pub use json::JsonSnapshot;
use key::hash;
use list::{Bound, List, Order};
pub use pages::invalid_count;
pub use result::{snapshot, snapshots};
pub use subscription::TopicScope;
use subscription::{Subscription, Value};

/// The time after which a user whose typing is not confirmed has stopped: 10 s, and 3 s for delays.
const TYPING_TIMEOUT: Millis = limits::TYPING_MS as Millis + 3_000;

/// A request of the store, or an event of a handle.
#[derive(Clone, Debug, PartialEq)]
pub enum StoreOutput<S> {
    /// Pass this event to the handle.
    Handle(HandleId, HandleEvent<S>),
    /// Request a page of a subscription's list, and report it with [`Store::page`] or [`Store::page_failed`].
    LoadPage {
        /// The id of the subscription.
        subscription: RequestId,
        /// The number of the page, to report it with.
        page: u32,
        /// The time and the id of the last entry that is loaded.
        after: (i64, String),
        /// The number of entries to request.
        limit: u32,
    },
    /// Request this number of entries if the list must be sent whole again.
    SetWindow(RequestId, u32),
    /// End a subscription, which has no handle any more.
    Unsubscribe(RequestId),
}

/// The subscriptions of a session with their bodies and handles.
pub struct Store<B: Body> {
    bodies: Bodies<B>,
    subscriptions: Vec<Subscription>,
    handles: Vec<Handle<B::Snapshot>>,
    last_handle: HandleId,
    last_page: u32,
    /// The time at which typing expires first.
    deadline: Option<Millis>,
    outputs: Queue<StoreOutput<B::Snapshot>>,
}

impl<B: Body> Default for Store<B> {
    fn default() -> Self {
        Self::new()
    }
}

impl<B: Body> Store<B> {
    /// Returns a store without subscriptions.
    #[must_use]
    pub fn new() -> Self {
        Store {
            bodies: Bodies::new(),
            subscriptions: Vec::new(),
            handles: Vec::new(),
            last_handle: 0,
            last_page: 0,
            deadline: None,
            outputs: Queue::new(),
        }
    }

    /// Returns the next output.
    pub fn poll(&mut self) -> Option<StoreOutput<B::Snapshot>> {
        self.outputs.pop_front()
    }

    /// Returns whether [`Store::flush`] has something to do at the end of the turn.
    #[must_use]
    pub fn needs_flush(&self) -> bool {
        self.subscriptions.iter().any(|subscription| subscription.is_changed)
    }

    /// Returns the number of bodies that are stored. It stays below twice the number in use or kept (see
    /// [`causerie_protocol::limits::KEPT_BODIES`]), and 256 more. While a page is loading, those of the
    /// frames since its request are in use, at most 1,000 frames.
    #[must_use]
    pub const fn body_count(&self) -> usize {
        self.bodies.len()
    }

    /// Opens a handle on a topic. If no handle has the topic yet, `subscribe` subscribes to it.
    ///
    /// # Errors
    /// Returns the error of `subscribe`, or `rate_limited` if there are too many handles.
    pub fn open(
        &mut self,
        scope: TopicScope,
        subscribe: impl FnOnce() -> Result<RequestId, ErrorBody>,
    ) -> Result<HandleId, ErrorBody> {
        if self.handles.len() >= limits::HANDLES {
            return Err(errors::too_many_subscriptions());
        }
        let initial = scope.kind.page_sizes().map_or(0, |sizes| sizes.initial);
        let known = self.subscriptions.iter_mut().find(|other| other.scope.key == scope.key);
        let id = if let Some(known) = known {
            known.is_changed = true;
            known.id
        } else {
            let id = subscribe()?;
            self.subscriptions.push(Subscription {
                id,
                hash: hash(0, &scope.id),
                scope,
                window: initial,
                value: Value::Loading,
                page: None,
                expires_at: None,
                is_changed: false,
            });
            id
        };
        self.last_handle += 1;
        self.handles.push(Handle::new(self.last_handle, id, initial));
        Ok(self.last_handle)
    }

    /// Ends a handle. The subscription ends with its last handle.
    pub fn unsubscribe(&mut self, handle: HandleId) {
        let Some(index) = self.handles.iter().position(|other| other.id == handle) else { return };
        let handle = self.handles.remove(index);
        if handle.loading {
            self.outputs.push_back(StoreOutput::Handle(handle.id, HandleEvent::Loaded(Ok(()))));
        }
        let id = handle.subscription;
        if self.handles.iter().any(|other| other.subscription == id) {
            self.mark(id);
        } else {
            self.remove(id);
            self.outputs.push_back(StoreOutput::Unsubscribe(id));
        }
    }

    fn index_of(&self, id: RequestId) -> Option<usize> {
        self.subscriptions.iter().position(|subscription| subscription.id == id)
    }

    fn subscription(&mut self, id: RequestId) -> Option<&mut Subscription> {
        let index = self.index_of(id)?;
        self.subscriptions.get_mut(index)
    }

    fn mark(&mut self, id: RequestId) {
        if let Some(subscription) = self.subscription(id) {
            subscription.is_changed = true;
        }
    }

    fn remove(&mut self, id: RequestId) {
        if let Some(index) = self.index_of(id) {
            self.subscriptions.remove(index);
            self.update_deadline();
        }
        if self.subscriptions.is_empty() {
            self.bodies.sweep(Vec::new(), self.bodies.frame());
        }
    }

    /// Handles a frame of subscriptions. Its id is that of the subscription, as `subscribe` returned it.
    pub fn handle_frame(&mut self, now: Millis, frame: ServerFrame<B>) {
        match frame {
            ServerFrame::Reset { id, value, entities, .. } => self.reset(now, id, value, entities),
            ServerFrame::Events { id, changes, entities, .. } => self.events(id, changes, entities),
            ServerFrame::Update { entities } => {
                let frame = self.bodies.begin_frame();
                self.ingest(entities, None);
                self.bodies.forget_deleted_references(frame);
            }
            ServerFrame::Ended { id, error } => self.ended(id, &error),
            _ => {}
        }
    }

    fn ended(&mut self, id: RequestId, error: &ErrorBody) {
        self.remove(id);
        let mut left = Vec::new();
        for handle in std::mem::take(&mut self.handles) {
            if handle.subscription != id {
                left.push(handle);
                continue;
            }
            self.outputs.push_back(StoreOutput::Handle(handle.id, HandleEvent::Ended(error.clone())));
            if handle.loading {
                self.outputs.push_back(StoreOutput::Handle(handle.id, HandleEvent::Loaded(Ok(()))));
            }
        }
        self.handles = left;
    }

    /// Stores the bodies of a frame, and marks the subscriptions that they can affect: one in the same
    /// conversation, the lists of conversations, and all if a user changed.
    #[inline(never)]
    fn ingest(&mut self, entities: Entities<B>, since: Option<u32>) {
        let Store { bodies, subscriptions, .. } = self;
        bodies.ingest(entities, since, &mut |kind, conversation| {
            let hash = hash(0, conversation);
            for subscription in subscriptions.iter_mut() {
                subscription.is_changed |= kind == Kind::User || subscription.contains(hash);
            }
        });
    }

    fn reset(&mut self, now: Millis, id: RequestId, value: Option<B>, entities: Entities<B>) {
        let frame = self.bodies.begin_frame();
        self.ingest(entities, None);
        let Some(index) = self.index_of(id) else { return };
        let Store { bodies, subscriptions, .. } = self;
        let Some(subscription) = subscriptions.get_mut(index) else { return };
        let scope = &subscription.scope;
        subscription.page = None;
        subscription.expires_at = None;
        subscription.is_changed = true;
        subscription.value = match value {
            None => Value::Absent,
            Some(value) if scope.kind.page_sizes().is_some() => {
                let mut items = Vec::new();
                let entries = value.list(ListField::Items).unwrap_or_default();
                let ids = B::ids(Kind::Entry, &entries);
                let mut ids = Ids::lines(&ids);
                for entry in entries {
                    if let Some(item) = bodies.resolve(scope, ids.take_next(), entry) {
                        bodies.forget_deleted_reference(item.slot, frame);
                        items.push(item);
                    }
                }
                let order = match scope.kind {
                    TopicKind::Reactions => Order::OldestFirst,
                    _ => Order::NewestFirst,
                };
                let next = value.next().map(|(at, id)| Bound::At(at, id));
                Value::List(List::new(order, items, value.flag(FlagField::More), next))
            }
            Some(value) => {
                let typing = value.flag(FlagField::Many)
                    || value.list(ListField::Users).is_some_and(|users| !users.is_empty());
                if scope.kind == TopicKind::Typing && typing {
                    subscription.expires_at = Some(now + TYPING_TIMEOUT);
                }
                match bodies.resolve(scope, &value.as_text().unwrap_or_default(), value) {
                    None => Value::Absent,
                    Some(item) => {
                        bodies.forget_deleted_reference(item.slot, frame);
                        Value::Single(item.slot)
                    }
                }
            }
        };
        let is_typing = scope.kind == TopicKind::Typing;
        self.keep_ranges(index);
        if is_typing {
            self.update_deadline();
        }
    }

    /// Fits the ranges of the handles to a new list. A handle that showed more than the list has shows it
    /// down to its end, and waits for as many entries as it showed before.
    fn keep_ranges(&mut self, index: usize) {
        let Store { subscriptions, handles, .. } = self;
        let Some(subscription) = subscriptions.get(index) else { return };
        for handle in handles {
            if handle.subscription != subscription.id {
                continue;
            }
            let Value::List(list) = &subscription.value else {
                handle.lower_bound = Bound::End;
                continue;
            };
            if list.is_below(&handle.lower_bound) {
                handle.lower_bound = list.lower_bound.clone();
                if let handle::Shown::Versions(shown) = &handle.shown {
                    let missing = shown.len().saturating_sub(list.items.len());
                    handle.requested = handle.requested.max(u32::try_from(missing).unwrap_or(u32::MAX));
                }
            }
            // A handle whose page failed may show nothing, although there is more: the server can send a page
            // without entries. A handle that was never shown has requested its entries already.
            let shows_none =
                handle.lower_bound != Bound::Start && list.count_down_to(&handle.lower_bound) == 0;
            if shows_none && handle.requested == 0 && !(list.items.is_empty() && list.is_complete()) {
                handle.requested = subscription.scope.kind.page_sizes().map_or(0, |sizes| sizes.initial);
            }
        }
    }

    fn events(&mut self, id: RequestId, changes: Vec<B>, entities: Entities<B>) {
        let frame = self.bodies.begin_frame();
        self.ingest(entities, None);
        let Some(index) = self.index_of(id) else { return };
        let ids = B::ids(Kind::Change, &changes);
        let mut ids = Ids::lines(&ids);
        for change in changes {
            let mut ids = Ids::of(ids.take_next());
            let (put, dropped) = (ids.take_next(), ids.take_next());
            let Store { bodies, subscriptions, .. } = self;
            let Some(subscription) = subscriptions.get_mut(index) else { return };
            subscription.is_changed = true;
            if dropped.is_empty() {
                let value = if put.is_empty() { change.put() } else { Some(change) };
                let Some(item) = value.and_then(|value| bodies.resolve(&subscription.scope, put, value))
                else {
                    continue;
                };
                bodies.forget_deleted_reference(item.slot, frame);
                subscription.record(&item.id, Some(&item));
                if let Value::List(list) = &mut subscription.value {
                    list.put(item);
                }
            } else {
                subscription.record(dropped, None);
                if let Value::List(list) = &mut subscription.value {
                    list.remove(dropped);
                }
                if subscription.scope.kind == TopicKind::Messages {
                    let conversation = subscription.scope.id.clone();
                    bodies.forget(dropped, &conversation);
                    let hash = hash(0, &conversation);
                    for subscription in subscriptions.iter_mut() {
                        subscription.is_changed |= subscription.contains(hash);
                    }
                }
            }
        }
    }

    /// Returns the time at which [`Store::expire_typing`] has something to do.
    #[must_use]
    pub const fn deadline(&self) -> Option<Millis> {
        self.deadline
    }

    fn update_deadline(&mut self) {
        self.deadline = None;
        for subscription in &self.subscriptions {
            self.deadline = earliest(self.deadline, subscription.expires_at);
        }
    }

    /// Empties the lists of typing users that no frame has confirmed in time.
    pub fn expire_typing(&mut self, now: Millis) {
        if self.deadline.is_none_or(|deadline| deadline > now) {
            return;
        }
        for index in 0..self.subscriptions.len() {
            let Some(subscription) = self.subscriptions.get(index) else { continue };
            let id = subscription.id;
            if subscription.expires_at.is_some_and(|expires_at| expires_at <= now) {
                self.reset(now, id, Some(B::nobody_types()), Entities::none());
            }
        }
    }
}
