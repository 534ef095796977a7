//! The end of a turn: the snapshots of the subscriptions that changed, and the handles that show them.

use causerie_protocol::limits::WINDOW;

use super::bodies::NO_VERSION;
use super::body::Body;
use super::handle::{Handle, Shown};
use super::list::Bound;
use super::subscription::Value;
use super::{HandleEvent, HandleId, Store, StoreOutput};
use crate::queue::Queue;

/// The maximum number of frames that can overtake a page when unused bodies are removed.
const MAX_FRAMES: u32 = 1_000;

impl<B: Body> Store<B> {
    /// Brings the subscriptions that changed up to date, once at the end of a turn.
    pub fn flush(&mut self) {
        let mut updated = Vec::new();
        for index in 0..self.subscriptions.len() {
            let subscription = self.subscriptions.get_mut(index);
            if subscription.is_some_and(|subscription| std::mem::take(&mut subscription.is_changed)) {
                self.show(index, &mut updated);
            }
        }
        self.sweep();
        for id in updated {
            self.outputs.push_back(StoreOutput::Handle(id, HandleEvent::Notify));
        }
    }

    fn show(&mut self, index: usize, updated: &mut Vec<HandleId>) {
        let Store { subscriptions, bodies, handles, outputs, .. } = self;
        let Some(subscription) = subscriptions.get_mut(index) else { return };
        let id = subscription.id;
        let sizes = subscription.scope.kind.page_sizes();
        let handles = handles.iter_mut().filter(|handle| handle.subscription == id);
        let mut missing = 0;
        match &mut subscription.value {
            Value::Loading => {}
            Value::Absent => {
                let loaded_all = sizes.map(|_| true);
                for handle in handles {
                    // There is nothing to wait for; a list that follows is shown as far as it is sent.
                    handle.lower_bound = Bound::End;
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
                // A message that a frame of another subscription showed to be deleted. Its removal follows.
                while let Some(index) = list.items.iter().position(|item| !bodies.has_body(item.slot)) {
                    list.items.remove(index);
                }
                let mut versions = Vec::with_capacity(list.items.len());
                for item in &list.items {
                    versions.push(bodies.refresh(item.slot));
                }
                let mut longest = 0;
                let mut lowest = Bound::Start;
                for handle in handles {
                    let mut count = list.count_down_to(&handle.lower_bound);
                    let beyond = u32::try_from(list.items.len() - count).unwrap_or(u32::MAX);
                    // One more entry shows that there are more.
                    let needed = handle.requested.saturating_add(u32::from(list.is_end_unknown));
                    if beyond >= needed || list.is_complete() {
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
                        missing = missing.max(needed - beyond);
                    }
                    longest = longest.max(count);
                    list.lower(&mut lowest, &handle.lower_bound);
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
                        let (start, tail) = common_ends(before, after);
                        let mut added = Vec::new();
                        for item in list.items.get(start..count - tail).unwrap_or_default() {
                            if let Some(snapshot) = bodies.snapshot(item.slot) {
                                added.push(snapshot);
                            }
                        }
                        let removed = before.len() - start - tail;
                        Some(B::splice(handle.snapshot.as_ref(), start, removed, &added))
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
            self.request_page(index, missing);
        }
    }

    /// Removes the bodies that are no longer used. A page that is being loaded needs the bodies that are
    /// newer than it. If too many frames overtake it, it is given up, so that their number has a bound.
    fn sweep(&mut self) {
        if !self.bodies.needs_sweep() {
            return;
        }
        let mut roots = Vec::new();
        let mut since = self.bodies.frame();
        for subscription in &mut self.subscriptions {
            if let Some(page) = &subscription.page {
                if page.since + MAX_FRAMES < self.bodies.frame() {
                    subscription.page = None;
                    subscription.is_changed = true;
                } else {
                    since = since.min(page.since);
                }
            }
            match &subscription.value {
                Value::Single(slot) => roots.push(*slot),
                Value::List(list) => {
                    for item in &list.items {
                        roots.push(item.slot);
                    }
                }
                Value::Loading | Value::Absent => {}
            }
        }
        self.bodies.sweep(roots, since);
    }
}

/// Returns the number of equal entries at the start of both lists, and after those at their end.
fn common_ends(one: &[u32], other: &[u32]) -> (usize, usize) {
    let shorter = one.len().min(other.len());
    let mut start = 0;
    while start < shorter && one.get(start) == other.get(start) {
        start += 1;
    }
    let mut tail = 0;
    while start + tail < shorter && one.get(one.len() - tail - 1) == other.get(other.len() - tail - 1) {
        tail += 1;
    }
    (start, tail)
}

type Outputs<B> = Queue<StoreOutput<<B as Body>::Snapshot>>;

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
