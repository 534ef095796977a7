//! Session generations: of the connections of one client, only the newest counts.
//!
//! A socket may stall for a minute and then deliver the frames that were sent on it. By then its client has
//! connected again, sent its pending requests again under the same idempotency keys, given some of them up,
//! and perhaps written something newer. Frames that still arrive on the older connection are therefore not
//! executed. That the `hello` of the older connection itself arrives late is known by the number that the
//! client gives its connections; so the number is remembered for some time after the last one has ended.

use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use causerie_protocol::{ClientId, UserId};
use tokio::time::Instant;

/// App, user and client.
type Key = (String, UserId, ClientId);

/// How long the newest number of a client without connections is remembered: longer than systems try to
/// deliver what was sent on a connection.
const REMEMBERED: Duration = Duration::from_secs(15 * 60);
/// The number of clients without connections that are remembered. The one that left first is forgotten first.
const MAX_REMEMBERED: usize = 20_000;

/// The registry of the clients that have connections, or had some a short time ago.
#[derive(Debug, Default)]
pub(crate) struct SessionGenerations {
    clients: Arc<Mutex<Clients>>,
}

#[derive(Debug, Default)]
struct Clients {
    by_key: HashMap<Arc<Key>, Client>,
    /// The clients without connections, in the order in which they left. One that has come back is in the
    /// queue until its time is over, and may be there again.
    left: VecDeque<(Instant, Arc<Key>)>,
}

#[derive(Debug)]
struct Client {
    newest: Arc<AtomicU64>,
    /// The number of its connections and calls that have not ended.
    connections: usize,
    /// Whether the client numbers its connections.
    numbered: bool,
    /// When the last connection ended, if there is none now.
    left_at: Option<Instant>,
}

/// The generation of one connection, or of one call of the HTTP fallback.
#[derive(Debug)]
pub(crate) struct SessionGeneration {
    key: Arc<Key>,
    newest: Arc<AtomicU64>,
    number: u64,
    clients: Arc<Mutex<Clients>>,
}

/// A later connection of the client has begun already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Superseded {
    /// The number of that connection.
    pub(crate) by: u64,
}

impl SessionGenerations {
    /// Begins a new generation of a client, which supersedes all earlier ones. `number` is the number that
    /// the client gave the connection; without it, the generation follows all that have begun.
    ///
    /// # Errors
    /// A later generation has begun already.
    pub(crate) fn begin(&self, key: Key, number: Option<u32>) -> Result<SessionGeneration, Superseded> {
        let mut clients = lock(&self.clients);
        clients.forget(Instant::now());
        let key =
            clients.by_key.get_key_value(&key).map_or_else(|| Arc::new(key), |(key, _)| Arc::clone(key));
        let client = clients.by_key.entry(Arc::clone(&key)).or_insert_with(|| Client {
            newest: Arc::default(),
            connections: 0,
            numbered: false,
            left_at: None,
        });
        let newest = client.newest.load(Ordering::Relaxed);
        let number = number.map_or(newest + 1, |number| {
            client.numbered = true;
            u64::from(number)
        });
        if number < newest {
            return Err(Superseded { by: newest });
        }
        client.connections += 1;
        client.left_at = None;
        client.newest.store(number, Ordering::Relaxed);
        let newest = Arc::clone(&client.newest);
        Ok(SessionGeneration { key, newest, number, clients: Arc::clone(&self.clients) })
    }
}

impl Clients {
    /// Forgets the clients that left long ago, and the first of those that are too many.
    fn forget(&mut self, now: Instant) {
        while let Some((at, key)) = self.left.front() {
            if now < *at + REMEMBERED && self.left.len() <= MAX_REMEMBERED {
                return;
            }
            if self.by_key.get(key).is_some_and(|client| client.left_at == Some(*at)) {
                self.by_key.remove(key);
            }
            self.left.pop_front();
        }
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
        let mut clients = lock(&self.clients);
        let Some(client) = clients.by_key.get_mut(&self.key) else { return };
        client.connections -= 1;
        if client.connections > 0 {
            return;
        }
        if !client.numbered {
            clients.by_key.remove(&self.key);
            return;
        }
        let now = Instant::now();
        client.left_at = Some(now);
        clients.left.push_back((now, Arc::clone(&self.key)));
        clients.forget(now);
    }
}

fn lock(clients: &Mutex<Clients>) -> MutexGuard<'_, Clients> {
    clients.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(client: &str) -> Key {
        ("demo".to_owned(), UserId::new("ada").unwrap(), ClientId::new(client).unwrap())
    }

    fn known(generations: &SessionGenerations) -> usize {
        lock(&generations.clients).by_key.len()
    }

    #[test]
    fn a_new_connection_supersedes_older_ones_of_the_same_client_only() {
        let generations = SessionGenerations::default();
        let first = generations.begin(key("a"), None).unwrap();
        let other = generations.begin(key("b"), None).unwrap();
        assert!(first.is_current() && other.is_current());
        let second = generations.begin(key("a"), None).unwrap();
        assert!(!first.is_current() && second.is_current() && other.is_current());
        drop(second);
        assert!(!first.is_current(), "closing the newest connection does not make an older one current");
    }

    #[test]
    fn the_registry_forgets_clients_without_connections() {
        let generations = SessionGenerations::default();
        let (first, second) =
            (generations.begin(key("a"), None).unwrap(), generations.begin(key("a"), None).unwrap());
        drop(first);
        assert_eq!(known(&generations), 1);
        drop(second);
        assert_eq!(known(&generations), 0);
    }

    #[test]
    fn an_older_connection_that_arrives_after_a_newer_one_is_refused() {
        let generations = SessionGenerations::default();
        let newer = generations.begin(key("a"), Some(7)).unwrap();
        assert_eq!(generations.begin(key("a"), Some(6)).unwrap_err(), Superseded { by: 7 });
        assert!(newer.is_current(), "the refused connection changes nothing");
        drop(newer);
        assert_eq!(
            generations.begin(key("a"), Some(6)).unwrap_err(),
            Superseded { by: 7 },
            "also after the newer one has ended"
        );
        assert!(generations.begin(key("b"), Some(6)).is_ok(), "other clients have their own numbers");
        assert!(generations.begin(key("a"), Some(8)).is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn numbers_are_remembered_for_fifteen_minutes() {
        let generations = SessionGenerations::default();
        drop(generations.begin(key("a"), Some(7)).unwrap());
        tokio::time::advance(REMEMBERED - Duration::from_secs(1)).await;
        drop(generations.begin(key("b"), Some(1)).unwrap());
        assert!(generations.begin(key("a"), Some(6)).is_err());
        tokio::time::advance(Duration::from_secs(1)).await;
        drop(generations.begin(key("b"), Some(2)).unwrap());
        assert_eq!(known(&generations), 1, "only the client that was here a moment ago");
        assert!(lock(&generations.clients).left.len() <= 2);
    }

    #[test]
    fn the_number_of_remembered_clients_is_bounded() {
        let generations = SessionGenerations::default();
        let connected = generations.begin(key("connected"), Some(9)).unwrap();
        for number in 0..MAX_REMEMBERED + 10 {
            drop(generations.begin(key(&format!("client-{number}")), Some(1)).unwrap());
        }
        assert_eq!(known(&generations), MAX_REMEMBERED + 1);
        assert_eq!(lock(&generations.clients).left.len(), MAX_REMEMBERED);
        assert!(generations.begin(key("connected"), Some(8)).is_err(), "connected clients stay");
        drop(connected);
    }
}
