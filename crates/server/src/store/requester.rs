//! The callers of a store, which take turns.

use std::hash::{DefaultHasher, Hash, Hasher as _};

/// Who requests a job. If jobs have to wait, those of different requesters are executed in turn.
///
/// It is a hash: two requesters that have the same one by chance share their turns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Requester(u64);

impl Requester {
    /// The server itself.
    pub const SERVER: Requester = Requester(0);

    /// Returns a user of an app, or the app's backend.
    #[must_use]
    pub fn new(app: &str, user: Option<&str>) -> Self {
        let mut hasher = DefaultHasher::new();
        (app, user).hash(&mut hasher);
        Requester(hasher.finish())
    }
}
