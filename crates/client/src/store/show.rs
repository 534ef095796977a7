//! The end of a turn: the snapshots of the subscriptions that changed, and the handles that show them.

use causerie_protocol::RequestId;
use causerie_protocol::limits::WINDOW;

use super::bodies::NO_VERSION;
use super::body::Body;
use super::handle::{Handle, Shown};
use super::list::Bound;
use super::subscription::Value;
use super::{HandleEvent, HandleId, Store, StoreOutput};

impl<B: Body> Store<B> {
    /// Brings the subscriptions that changed up to date, once at the end of a turn.
    pub fn flush(&mut self) {
        let changed: Vec<RequestId> = self
            .subscriptions
            .iter_mut()
            .filter_map(|subscription| {
                std::mem::take(&mut subscription.is_changed).then_some(subscription.id)
            })
            .collect();
        let mut updated = Vec::new();
        for id in changed {
            self.show(id, &mut updated);
        }
        self.sweep();
        self.outputs.extend(updated.into_iter().map(|id| StoreOutput::Handle(id, HandleEvent::Notify)));
    }

    fn show(&mut self, id: RequestId, updated: &mut Vec<HandleId>) {
        let Some(index) = self.subscriptions.iter().position(|subscription| subscription.id == id) else {
            return;
        };
        let Store { subscriptions, bodies, handles, outputs, .. } = self;
        let Some(subscription) = subscriptions.get_mut(index) else { return };
        let sizes = subscription.scope.kind.page_sizes();
        let handles = handles.iter_mut().filter(|handle| handle.subscription == id);
        let mut missing = 0;
        match &mut subscription.value {
            Value::Loading => {}
            Value::Absent => {
                let loaded_all = sizes.map(|_| true);
                for handle in handles {
                    // There is nothing to wait for; a list that follows is shown as far as it is sent.
                    handle.requested = 0;
                    handle.requested_early = 0;
                    finish_loading::<B>(handle, outputs);
                    if handle.shown != Shown::Absent || handle.loaded_all != loaded_all {
                        handle.shown = Shown::Absent;
                        activate::<B>(handle, None, loaded_all, outputs, updated);
                    }
                }
            }
            Value::Single(slot) => {
                let version = bodies.refresh(*slot);
                let shown =
                    if version == NO_VERSION { Shown::Absent } else { Shown::Versions(vec![version]) };
                for handle in handles {
                    if handle.shown != shown {
                        handle.shown = shown.clone();
                        activate::<B>(handle, bodies.snapshot(*slot).cloned(), None, outputs, updated);
                    }
                }
            }
            Value::List(list) => {
                let versions: Vec<u32> = list.items.iter().map(|item| bodies.refresh(item.slot)).collect();
                let mut longest = 0;
                let mut lowest = Bound::Start;
                for handle in handles {
                    let mut count = list.count_down_to(&handle.lower_bound);
                    let beyond = u32::try_from(list.items.len() - count).unwrap_or(u32::MAX);
                    if beyond >= handle.requested || list.is_complete() {
                        if handle.requested > 0 {
                            count = list.items.len().min(count + handle.requested as usize);
                            handle.lower_bound = match list.items.get(count.wrapping_sub(1)) {
                                Some(last) if beyond > handle.requested => last.bound(),
                                _ => list.lower_bound.clone(),
                            };
                        }
                        if handle.requested_early == 0 {
                            finish_loading::<B>(handle, outputs);
                        }
                        handle.requested = std::mem::take(&mut handle.requested_early);
                        subscription.is_changed |= handle.requested > 0;
                    } else {
                        missing = missing.max(handle.requested - beyond);
                    }
                    longest = longest.max(count);
                    lowest = list.lower(&lowest, &handle.lower_bound).clone();
                    if handle.is_pending() && handle.requested > 0 && !subscription.is_changed {
                        continue;
                    }
                    let loaded_all = Some(count == list.items.len() && list.is_complete());
                    let before: &[u32] = match &handle.shown {
                        Shown::Versions(before) => before,
                        _ => &[],
                    };
                    let after = versions.get(..count).unwrap_or_default();
                    let same = before == after && matches!(handle.shown, Shown::Versions(_));
                    if same && handle.loaded_all == loaded_all {
                        continue;
                    }
                    let snapshot = if same {
                        handle.snapshot.clone()
                    } else {
                        let start = before.iter().zip(after).take_while(|(one, other)| one == other).count();
                        let (old, new) = (before.get(start..), after.get(start..));
                        let (old, new) = (old.unwrap_or_default(), new.unwrap_or_default());
                        let tail =
                            old.iter().rev().zip(new.iter().rev()).take_while(|(one, other)| one == other);
                        let tail = tail.count();
                        let items = list.items.get(start..count - tail).unwrap_or_default();
                        let added =
                            items.iter().filter_map(|item| bodies.snapshot(item.slot).cloned()).collect();
                        let before = handle.snapshot.as_ref();
                        Some(B::splice(before, start, old.len() - tail, added))
                    };
                    handle.shown = Shown::Versions(after.to_vec());
                    activate::<B>(handle, snapshot, loaded_all, outputs, updated);
                }
                if missing == 0 && longest < list.items.len() && !subscription.is_changed {
                    // No handle shows these entries any more: the one that loaded them has ended.
                    list.truncate(longest, lowest);
                    subscription.page = None;
                }
                let loaded = u32::try_from(list.items.len()).unwrap_or(u32::MAX);
                let least = sizes.map_or(WINDOW.0, |sizes| sizes.initial);
                let window = loaded.max(least).min(WINDOW.1);
                if window != subscription.window {
                    subscription.window = window;
                    outputs.push_back(StoreOutput::SetWindow(id, window));
                }
            }
        }
        if missing > 0 {
            self.request_page(id, missing);
        }
    }

    /// Removes the bodies that are no longer used. A page that is being loaded needs the bodies that are
    /// newer than it, so nothing is removed while there is one.
    fn sweep(&mut self) {
        if !self.bodies.needs_sweep() || self.subscriptions.iter().any(|it| it.page.is_some()) {
            return;
        }
        let mut roots = Vec::new();
        for subscription in &self.subscriptions {
            match &subscription.value {
                Value::Single(slot) => roots.push(*slot),
                Value::List(list) => roots.extend(list.items.iter().map(|item| item.slot)),
                Value::Loading | Value::Absent => {}
            }
        }
        self.bodies.sweep(roots.into_iter());
    }
}

type Outputs<B> = std::collections::VecDeque<StoreOutput<<B as Body>::Snapshot>>;

fn finish_loading<B: Body>(handle: &mut Handle<B::Snapshot>, outputs: &mut Outputs<B>) {
    if std::mem::take(&mut handle.loading) {
        outputs.push_back(StoreOutput::Handle(handle.id, HandleEvent::Loaded(Ok(()))));
    }
}

fn activate<B: Body>(
    handle: &mut Handle<B::Snapshot>,
    snapshot: Option<B::Snapshot>,
    loaded_all: Option<bool>,
    outputs: &mut Outputs<B>,
    updated: &mut Vec<HandleId>,
) {
    handle.snapshot.clone_from(&snapshot);
    handle.loaded_all = loaded_all;
    outputs.push_back(StoreOutput::Handle(handle.id, HandleEvent::Active { snapshot, loaded_all }));
    updated.push(handle.id);
}
