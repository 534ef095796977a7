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
mod list;
mod pages;
mod refresh;
mod show;
mod subscription;

use std::collections::VecDeque;

use causerie_protocol::limits;
use causerie_protocol::{Entities, ErrorBody, RequestId, ServerFrame, TopicKind};

use crate::{Millis, errors};
use bodies::{Bodies, Kind, Slot};
pub use body::{Body, FlagField, ListField, Parts, TextField, TimeField};
use handle::Handle;
pub use handle::{HandleEvent, HandleId};
#[cfg(feature = "json")]
pub use json::JsonSnapshot;
use list::{Bound, Item, List, Order};
pub use subscription::TopicScope;
use subscription::{Subscription, Value};

/// The time after which a user whose typing is not confirmed has stopped: 10 s, and 3 s for delays.
const TYPING_TIMEOUT: Millis = limits::TYPING_MS as Millis + 3_000;

/// The maximum number of handles. Those of one topic share a subscription, whose number has a limit of its
/// own.
const MAX_HANDLES: usize = 10_000;

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
    outputs: VecDeque<StoreOutput<B::Snapshot>>,
}

impl<B: Body> Default for Store<B> {
    fn default() -> Self {
        Self::new()
    }
}

impl<B: Body> Store<B> {
    /// Returns a store without subscriptions.
    #[must_use]
    pub const fn new() -> Self {
        Store {
            bodies: Bodies::new(),
            subscriptions: Vec::new(),
            handles: Vec::new(),
            last_handle: 0,
            last_page: 0,
            outputs: VecDeque::new(),
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

    /// Returns the number of bodies that are stored. It stays below twice the number in use, and 256 more.
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
        scope: &TopicScope,
        subscribe: impl FnOnce() -> Result<RequestId, ErrorBody>,
    ) -> Result<HandleId, ErrorBody> {
        if self.handles.len() >= MAX_HANDLES {
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
                scope: scope.clone(),
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

    fn subscription(&mut self, id: RequestId) -> Option<&mut Subscription> {
        self.subscriptions.iter_mut().find(|subscription| subscription.id == id)
    }

    fn mark(&mut self, id: RequestId) {
        if let Some(subscription) = self.subscription(id) {
            subscription.is_changed = true;
        }
    }

    fn remove(&mut self, id: RequestId) {
        self.subscriptions.retain(|subscription| subscription.id != id);
        if self.subscriptions.is_empty() {
            self.bodies = Bodies::new();
        }
    }

    /// Handles a frame of subscriptions. Its id is that of the subscription, as `subscribe` returned it.
    pub fn handle_frame(&mut self, now: Millis, frame: ServerFrame<B>) {
        match frame {
            ServerFrame::Reset { id, value, entities, .. } => self.reset(now, id, value, entities),
            ServerFrame::Events { id, changes, entities, .. } => self.events(id, changes, entities),
            ServerFrame::Update { entities } => {
                self.bodies.begin_frame();
                self.ingest(entities, None);
            }
            ServerFrame::Ended { id, error } => self.ended(id, &error),
            _ => {}
        }
    }

    fn ended(&mut self, id: RequestId, error: &ErrorBody) {
        self.remove(id);
        let (ended, left) =
            std::mem::take(&mut self.handles).into_iter().partition(|it| it.subscription == id);
        self.handles = left;
        let ended: Vec<Handle<B::Snapshot>> = ended;
        for handle in ended {
            self.outputs.push_back(StoreOutput::Handle(handle.id, HandleEvent::Ended(error.clone())));
            if handle.loading {
                self.outputs.push_back(StoreOutput::Handle(handle.id, HandleEvent::Loaded(Ok(()))));
            }
        }
    }

    /// Stores the bodies of a frame, and marks the subscriptions that they can affect: one in the same
    /// conversation, the lists of conversations, and all if a user changed.
    fn ingest(&mut self, entities: Entities<B>, since: Option<u32>) {
        let Store { bodies, subscriptions, .. } = self;
        bodies.ingest(entities, since, |kind, conversation| {
            for subscription in subscriptions.iter_mut() {
                let scope = &subscription.scope;
                subscription.is_changed |= kind == Kind::User || scope.contains(conversation);
            }
        });
    }

    /// Returns the slot of an entry or a value: an entity that it names, or the body that it is itself.
    fn resolve(&mut self, scope: &TopicScope, value: B) -> Option<(String, Slot)> {
        let kind = Kind::of(scope.kind);
        if let Some(id) = value.as_text() {
            let slot = self.bodies.find(&bodies::entity_key(kind, &id, &scope.id))?;
            return Some((id, slot));
        }
        let id = value.text(TextField::User).unwrap_or_default();
        let key = ["v", &scope.key, "\n", &id].concat();
        Some((id, self.bodies.put_value(kind, key, value)))
    }

    fn item(&mut self, scope: &TopicScope, value: B) -> Option<Item> {
        let (id, slot) = self.resolve(scope, value)?;
        Some(Item { at: self.bodies.time(slot), id, slot })
    }

    fn reset(&mut self, now: Millis, id: RequestId, value: Option<B>, entities: Entities<B>) {
        let frame = self.bodies.begin_frame();
        self.ingest(entities, None);
        let Some(scope) = self.subscription(id).map(|subscription| subscription.scope.clone()) else {
            return;
        };
        let is_list = scope.kind.page_sizes().is_some();
        let mut expires_at = None;
        let value = match value {
            None => Value::Absent,
            Some(value) if is_list => {
                let more = value.flag(FlagField::More);
                let entries = value.list(ListField::Items).unwrap_or_default();
                let items: Vec<Item> =
                    entries.into_iter().filter_map(|entry| self.item(&scope, entry)).collect();
                for item in &items {
                    self.bodies.forget_deleted_reference(item.slot, frame);
                }
                let order = match scope.kind {
                    TopicKind::Reactions => Order::OldestFirst,
                    _ => Order::NewestFirst,
                };
                Value::List(List::new(order, items, more))
            }
            Some(value) => {
                let typing = value.flag(FlagField::Many)
                    || value.list(ListField::Users).is_some_and(|users| !users.is_empty());
                if scope.kind == TopicKind::Typing && typing {
                    expires_at = Some(now + TYPING_TIMEOUT);
                }
                match self.resolve(&scope, value) {
                    None => Value::Absent,
                    Some((_, slot)) => {
                        self.bodies.forget_deleted_reference(slot, frame);
                        Value::Single(slot)
                    }
                }
            }
        };
        self.keep_ranges(id, &value);
        let Some(subscription) = self.subscription(id) else { return };
        subscription.value = value;
        subscription.page = None;
        subscription.expires_at = expires_at;
        subscription.is_changed = true;
    }

    /// Fits the ranges of the handles to a new list. A handle that showed more than the list has shows it
    /// down to its end, and waits for as many entries as it showed before.
    fn keep_ranges(&mut self, id: RequestId, value: &Value) {
        let end = Bound::End;
        for handle in self.handles.iter_mut().filter(|handle| handle.subscription == id) {
            let Value::List(list) = value else {
                handle.lower_bound = end.clone();
                continue;
            };
            let is_cut = list.lower(&list.lower_bound, &handle.lower_bound) != &list.lower_bound;
            if is_cut {
                handle.lower_bound = list.lower_bound.clone();
                if let handle::Shown::Versions(shown) = &handle.shown {
                    let missing = shown.len().saturating_sub(list.items.len());
                    handle.requested = handle.requested.max(u32::try_from(missing).unwrap_or(u32::MAX));
                }
            }
        }
    }

    fn events(&mut self, id: RequestId, changes: Vec<B>, entities: Entities<B>) {
        let frame = self.bodies.begin_frame();
        self.ingest(entities, None);
        let Some(scope) = self.subscription(id).map(|subscription| subscription.scope.clone()) else {
            return;
        };
        for change in changes {
            if let Some(put) = change.put() {
                let Some(item) = self.item(&scope, put) else { continue };
                self.bodies.forget_deleted_reference(item.slot, frame);
                let Some(subscription) = self.subscription(id) else { return };
                subscription.record(&item.id, Some(&item));
                if let Value::List(list) = &mut subscription.value {
                    list.put(item);
                }
            } else if let Some(dropped) = change.text(TextField::Drop) {
                if scope.kind == TopicKind::Messages {
                    self.bodies.forget(&dropped, &scope.id);
                    self.mark_conversation(&scope.id);
                }
                let Some(subscription) = self.subscription(id) else { return };
                if let Value::List(list) = &mut subscription.value {
                    list.remove(&dropped);
                }
                subscription.record(&dropped, None);
            }
        }
        self.mark(id);
    }

    fn mark_conversation(&mut self, conversation: &str) {
        for subscription in &mut self.subscriptions {
            subscription.is_changed |= subscription.scope.contains(conversation);
        }
    }

    /// Returns the time at which [`Store::expire_typing`] has something to do.
    #[must_use]
    pub fn deadline(&self) -> Option<Millis> {
        self.subscriptions.iter().filter_map(|subscription| subscription.expires_at).min()
    }

    /// Empties the lists of typing users that no frame has confirmed in time.
    pub fn expire_typing(&mut self, now: Millis) {
        let is_due = |subscription: &&Subscription| {
            subscription.expires_at.is_some_and(|expires_at| expires_at <= now)
        };
        let due: Vec<RequestId> =
            self.subscriptions.iter().filter(is_due).map(|subscription| subscription.id).collect();
        for id in due {
            self.reset(now, id, Some(B::nobody_types()), Entities::none());
        }
    }
}
