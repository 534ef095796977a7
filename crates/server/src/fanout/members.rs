//! Who takes part in which conversation, as far as it was needed of late: whose lists a change may concern. What is known
//! is kept true by the changes themselves; what is not is read from the store.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use causerie_protocol::ids::ConversationId;

/// How many memberships are remembered, about: some 100 bytes each.
const MOST: usize = 100_000;

/// A conversation of an app.
pub(super) type Key = (Arc<str>, ConversationId);

/// See the module. What was not asked for since the newer half filled up is forgotten.
#[derive(Debug, Default)]
pub(super) struct Members {
    newer: HashMap<Key, Arc<HashSet<Box<str>>>>,
    older: HashMap<Key, Arc<HashSet<Box<str>>>>,
    /// How many memberships are in the newer half.
    weight: usize,
}

impl Members {
    /// The participants, where they are known.
    pub(super) fn get(&mut self, key: &Key) -> Option<&mut Arc<HashSet<Box<str>>>> {
        if let Some(found) = self.older.remove(key) {
            self.put(key.clone(), found);
        }
        self.newer.get_mut(key)
    }

    /// What was read.
    pub(super) fn put(&mut self, key: Key, members: Arc<HashSet<Box<str>>>) {
        let weight = members.len() + 1;
        if self.weight + weight > MOST / 2 {
            self.older = std::mem::take(&mut self.newer);
            self.weight = 0;
        }
        self.weight += weight;
        self.newer.insert(key, members);
    }

    /// The conversation is gone.
    pub(super) fn forget(&mut self, key: &Key) -> Option<Arc<HashSet<Box<str>>>> {
        // Its weight stays until the halves change: that they change a little earlier harms nobody.
        self.newer.remove(key).or_else(|| self.older.remove(key))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(index: usize) -> Key {
        (Arc::from("app"), ConversationId::new(format!("c{index}")).unwrap())
    }

    fn members(count: usize) -> Arc<HashSet<Box<str>>> {
        Arc::new((0..count).map(|index| format!("u{index}").into()).collect())
    }

    #[test]
    fn what_is_asked_for_stays_and_what_is_not_is_forgotten_in_time() {
        let mut cache = Members::default();
        for index in 0..10 * MOST / 100 {
            cache.put(key(index), members(99));
            assert!(cache.get(&key(0)).is_some(), "asked for all the time");
        }
        assert!(cache.get(&key(1)).is_none());
        let kept: usize = cache.newer.values().chain(cache.older.values()).map(|set| set.len() + 1).sum();
        assert!(kept <= MOST, "{kept}");
    }
}
