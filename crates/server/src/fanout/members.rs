//! The members of recently active conversations, which determine the lists that an event may affect. Events
//! keep the cached sets up to date; unknown ones are read from the store.

use std::collections::{HashMap, HashSet};
use std::pin::Pin;
use std::sync::Arc;

use causerie_protocol::ids::{ConversationId, UserId};

use crate::store::StoreResult;

/// How many memberships are cached: about 100 bytes each.
const CAPACITY: usize = 100_000;

/// The id of an app, and the id of a conversation in it.
pub(super) type MemberKey = (Arc<str>, ConversationId);

/// The ids of a conversation's members.
pub(super) type Members = Arc<HashSet<Box<str>>>;

/// A read of the members of a conversation.
pub(crate) type ReadingMembers<'a> = Pin<Box<dyn Future<Output = StoreResult<Vec<UserId>>> + Send + 'a>>;

/// Reads the members of conversations. The service implements it; the fan-out holds it weakly, as it may
/// outlive the service.
pub(crate) trait MemberSource: Send + Sync + 'static {
    /// Returns the participants of a conversation; none if it does not exist.
    ///
    /// # Errors
    /// Returns [`StoreError`](crate::store::StoreError) if they could not be read.
    fn members<'a>(&'a self, app: &'a str, conversation: &'a ConversationId) -> ReadingMembers<'a>;
}

/// A cache in two generations. If the newer one is full, it replaces the older one, and all entries of that
/// one that were not used since are evicted.
#[derive(Debug, Default)]
pub(super) struct MemberCache {
    newer: HashMap<MemberKey, Members>,
    older: HashMap<MemberKey, Members>,
    /// How many memberships are in the newer generation.
    count: usize,
}

impl MemberCache {
    /// Returns the members of a conversation, if they are cached.
    pub(super) fn get(&mut self, key: &MemberKey) -> Option<&mut Members> {
        if let Some(found) = self.older.remove(key) {
            self.insert(key.clone(), found);
        }
        self.newer.get_mut(key)
    }

    /// Caches the members of a conversation.
    pub(super) fn insert(&mut self, key: MemberKey, members: Members) {
        let count = members.len() + 1;
        if self.count + count > CAPACITY / 2 {
            self.older = std::mem::take(&mut self.newer);
            self.count = 0;
        }
        self.count += count;
        self.newer.insert(key, members);
    }

    /// Removes the members of a deleted conversation.
    pub(super) fn remove(&mut self, key: &MemberKey) -> Option<Members> {
        // They stay in the count until the next generation, which therefore starts a little earlier than
        // necessary.
        self.newer.remove(key).or_else(|| self.older.remove(key))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(index: usize) -> MemberKey {
        (Arc::from("app"), ConversationId::new(format!("c{index}")).unwrap())
    }

    fn members(count: usize) -> Members {
        Arc::new((0..count).map(|index| format!("u{index}").into()).collect())
    }

    #[test]
    fn used_entries_stay_and_unused_ones_are_evicted() {
        let mut cache = MemberCache::default();
        for index in 0..10 * CAPACITY / 100 {
            cache.insert(key(index), members(99));
            assert!(cache.get(&key(0)).is_some(), "it is used all the time");
        }
        assert!(cache.get(&key(1)).is_none());
        let count: usize = cache.newer.values().chain(cache.older.values()).map(|set| set.len() + 1).sum();
        assert!(count <= CAPACITY, "{count}");
    }
}
