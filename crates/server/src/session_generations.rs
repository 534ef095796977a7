//! Session generations: of the connections of one client, only the newest counts.
//!
//! A socket may stall for a minute and then deliver the frames that were sent on it. By then its client has
//! connected again, sent its pending requests again under the same idempotency keys, and perhaps written
//! something newer. Frames that still arrive on the older connection are therefore not executed.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use causerie_protocol::{ClientId, UserId};

/// App, user and client.
type Key = (String, UserId, ClientId);

/// For each client with a connection, the number of its newest generation.
type NewestByClient = Arc<Mutex<HashMap<Key, Weak<AtomicU64>>>>;

/// The registry of the clients that have connections.
#[derive(Debug, Default)]
pub(crate) struct SessionGenerations {
    newest_by_client: NewestByClient,
}

/// The generation of one connection. The registry forgets a client when the last of its generations is
/// dropped.
#[derive(Debug)]
pub(crate) struct SessionGeneration {
    key: Key,
    newest: Arc<AtomicU64>,
    number: u64,
    newest_by_client: NewestByClient,
}

impl SessionGenerations {
    /// Begins a new generation for a client, which supersedes all earlier ones.
    pub(crate) fn begin(&self, key: Key) -> SessionGeneration {
        let mut clients = self.newest_by_client.lock().unwrap_or_else(PoisonError::into_inner);
        let known = clients.get(&key).and_then(Weak::upgrade);
        let newest = known.unwrap_or_else(|| {
            let first = Arc::<AtomicU64>::default();
            clients.insert(key.clone(), Arc::downgrade(&first));
            first
        });
        let number = newest.fetch_add(1, Ordering::Relaxed) + 1;
        SessionGeneration { key, newest, number, newest_by_client: Arc::clone(&self.newest_by_client) }
    }
}

impl SessionGeneration {
    /// Whether no newer connection of the same client has begun.
    pub(crate) fn is_current(&self) -> bool {
        self.newest.load(Ordering::Relaxed) == self.number
    }
}

impl Drop for SessionGeneration {
    fn drop(&mut self) {
        let mut clients = self.newest_by_client.lock().unwrap_or_else(PoisonError::into_inner);
        if Arc::strong_count(&self.newest) == 1 {
            clients.remove(&self.key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(client: &str) -> Key {
        ("demo".to_owned(), UserId::new("ada").unwrap(), ClientId::new(client).unwrap())
    }

    #[test]
    fn a_new_connection_supersedes_older_ones_of_the_same_client_only() {
        let generations = SessionGenerations::default();
        let first = generations.begin(key("a"));
        let other = generations.begin(key("b"));
        assert!(first.is_current() && other.is_current());
        let second = generations.begin(key("a"));
        assert!(!first.is_current() && second.is_current() && other.is_current());
        drop(second);
        assert!(!first.is_current(), "closing the newest connection does not make an older one current");
    }

    #[test]
    fn the_registry_forgets_clients_without_connections() {
        let generations = SessionGenerations::default();
        let (first, second) = (generations.begin(key("a")), generations.begin(key("a")));
        drop(first);
        assert_eq!(generations.newest_by_client.lock().unwrap().len(), 1);
        drop(second);
        assert!(generations.newest_by_client.lock().unwrap().is_empty());
    }
}
