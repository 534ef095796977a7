//! The handles of subscriptions, each with its snapshot and the entries that it waits for.

use causerie_protocol::{ErrorBody, RequestId};

use super::list::Bound;

/// The number of a handle. Numbers count up from 1 and are not used again.
pub type HandleId = u32;

/// An event of a handle.
#[derive(Clone, Debug, PartialEq)]
pub enum HandleEvent<S> {
    /// The handle has another snapshot, or another `loaded_all`. The first one makes it active.
    Active {
        /// The snapshot, or the list of snapshots. `None` if there is nothing, or nothing that the caller may
        /// see.
        snapshot: Option<S>,
        /// Of a list: whether the snapshot reaches its end.
        loaded_all: Option<bool>,
    },
    /// The callback of the handle is due. It follows `Active`, after all handles that change in the turn have
    /// their snapshots.
    Notify,
    /// The pending `load_more` is done, or failed.
    Loaded(Result<(), ErrorBody>),
    /// The subscription ended with an error.
    Ended(ErrorBody),
}

/// The versions of the snapshots that a handle shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Shown {
    /// No snapshot arrived yet.
    Pending,
    /// The absence of a value.
    Absent,
    /// The snapshots of these versions. A single value has one.
    Versions(Vec<u32>),
}

pub(super) struct Handle<S> {
    pub(super) id: HandleId,
    pub(super) subscription: RequestId,
    pub(super) shown: Shown,
    pub(super) snapshot: Option<S>,
    pub(super) loaded_all: Option<bool>,
    /// The cursor down to which the handle shows its list.
    pub(super) lower_bound: Bound,
    /// The number of entries beyond the lower bound that the handle waits for.
    pub(super) requested: u32,
    /// The number of entries to request after the first snapshot, if `load_more` was called before it.
    pub(super) requested_early: u32,
    /// Whether a `load_more` is pending.
    pub(super) loading: bool,
}

impl<S> Handle<S> {
    pub(super) const fn new(id: HandleId, subscription: RequestId, requested: u32) -> Self {
        Handle {
            id,
            subscription,
            shown: Shown::Pending,
            snapshot: None,
            loaded_all: None,
            lower_bound: Bound::Start,
            requested,
            requested_early: 0,
            loading: false,
        }
    }

    pub(super) fn is_pending(&self) -> bool {
        self.shown == Shown::Pending
    }
}
