//! A subscription as the store keeps it: its topic, its value, and the page that is being loaded.

use causerie_protocol::{RequestId, TopicKind};

use super::bodies::Slot;
use super::list::{Item, List};
use crate::Millis;

/// The maximum number of changes that are recorded while a page is loading.
const MAX_CHANGES: usize = 1_000;

/// A topic, as the store needs it.
#[derive(Clone, Debug)]
pub struct TopicScope {
    /// The kind of the topic.
    pub kind: TopicKind,
    /// The conversation that the topic belongs to, or else the user; empty for the list of conversations.
    pub id: String,
    /// A text that identifies the topic among all others.
    pub key: String,
}

/// A subscription to the server, which all handles of its topic share.
pub(super) struct Subscription {
    pub(super) id: RequestId,
    pub(super) scope: TopicScope,
    /// The hash of the scope's id.
    pub(super) hash: u32,
    /// The number of entries that is requested after a reconnect.
    pub(super) window: u32,
    pub(super) value: Value,
    pub(super) page: Option<Page>,
    /// Of typing: the time at which its users have stopped.
    pub(super) expires_at: Option<Millis>,
    pub(super) is_changed: bool,
}

impl Subscription {
    /// Returns whether a change in the conversation whose id has this hash can affect the topic. For another
    /// conversation with the same hash, the topic is looked at in vain.
    pub(super) const fn contains(&self, hash: u32) -> bool {
        self.hash == hash || matches!(self.scope.kind, TopicKind::Conversations)
    }

    /// Records a change of the list for the page that is being loaded. A page that too many changes overtake
    /// is given up, and requested again if a handle still waits for it.
    pub(super) fn record(&mut self, id: &str, item: Option<&Item>) {
        let Some(page) = &mut self.page else { return };
        if page.changes.len() < MAX_CHANGES {
            page.changes.push((id.to_owned(), item.cloned()));
        } else {
            self.page = None;
            self.is_changed = true;
        }
    }
}

/// The value of a subscription.
pub(super) enum Value {
    /// No frame arrived yet.
    Loading,
    /// There is none, or none that the caller may see.
    Absent,
    Single(Slot),
    List(List),
}

/// A page that is being loaded. It can be older than frames that arrive in the meantime.
pub(super) struct Page {
    pub(super) number: u32,
    /// The number of the last frame before the request.
    pub(super) since: u32,
    /// The changes of the list since the request, by id; `None` for a removal.
    pub(super) changes: Vec<(String, Option<Item>)>,
}
