//! Which connection of a client counts: the newest. A socket may stall for a minute and then deliver what was sent on it;
//! by then its client has connected again, asked again under the same keys, and perhaps written something newer. What
//! still comes over the old socket is not carried out.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use causerie_protocol::{ClientId, UserId};

/// App, user and client.
type Key = (String, UserId, ClientId);

/// The clients that have connections.
#[derive(Debug, Default)]
pub(crate) struct Clients {
    newest: Arc<Mutex<HashMap<Key, Weak<AtomicU64>>>>,
}

/// A connection's claim to be its client's newest.
#[derive(Debug)]
pub(crate) struct Claim {
    key: Key,
    newest: Arc<AtomicU64>,
    mine: u64,
    clients: Arc<Mutex<HashMap<Key, Weak<AtomicU64>>>>,
}

impl Clients {
    /// A new connection of a client: from here on it is the one that counts.
    pub(crate) fn claim(&self, key: Key) -> Claim {
        let mut clients = self.newest.lock().unwrap_or_else(PoisonError::into_inner);
        let known = clients.get(&key).and_then(Weak::upgrade);
        let newest = known.unwrap_or_else(|| {
            let first = Arc::<AtomicU64>::default();
            clients.insert(key.clone(), Arc::downgrade(&first));
            first
        });
        let mine = newest.fetch_add(1, Ordering::Relaxed) + 1;
        Claim { key, newest, mine, clients: Arc::clone(&self.newest) }
    }
}

impl Claim {
    /// Whether this is still the client's newest connection.
    pub(crate) fn holds(&self) -> bool {
        self.newest.load(Ordering::Relaxed) == self.mine
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        let mut clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
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
    fn a_newer_connection_of_the_same_client_takes_the_claim_and_of_another_does_not() {
        let clients = Clients::default();
        let first = clients.claim(key("a"));
        let other = clients.claim(key("b"));
        assert!(first.holds() && other.holds());
        let second = clients.claim(key("a"));
        assert!(!first.holds() && second.holds() && other.holds());
        drop(second);
        assert!(!first.holds(), "the newest having gone does not make an old one the newest");
    }

    #[test]
    fn nothing_is_kept_of_clients_that_are_gone() {
        let clients = Clients::default();
        let (first, second) = (clients.claim(key("a")), clients.claim(key("a")));
        drop(first);
        assert_eq!(clients.newest.lock().unwrap().len(), 1);
        drop(second);
        assert!(clients.newest.lock().unwrap().is_empty());
    }
}
