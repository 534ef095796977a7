//! Revocations: the tokens of a user that were issued before a time are refused, and the connections that
//! were opened with them are closed.
//!
//! The store keeps the revocations. This registry has them in memory, because every token is checked against
//! them, and the connections of the users who have tokens.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::task::Context;

use causerie_protocol::UserId;
use futures_util::task::AtomicWaker;

/// The most users of all apps with a revocation: about 100 bytes each.
pub(crate) const REVOCATIONS: usize = 100_000;

/// The id of an app, and the id of a user in it.
type UserKey = Arc<(String, UserId)>;

/// The registry of a server.
#[derive(Default)]
pub(crate) struct Revocations {
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    /// For each user, the time before which a token must not have been issued, in Unix milliseconds.
    before: HashMap<UserKey, i64>,
    connections: HashMap<UserKey, Vec<Weak<Connection>>>,
}

/// A connection that was opened with a token.
struct Connection {
    issued_at: AtomicI64,
    revoked: AtomicBool,
    waker: AtomicWaker,
}

/// The registration of a connection, until it is dropped.
pub(crate) struct Revocable {
    key: UserKey,
    connection: Arc<Connection>,
    state: Arc<Mutex<State>>,
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Revocations {
    /// Returns whether another user can be added.
    pub(crate) fn has_room_for(&self, key: &UserKey) -> bool {
        let state = lock(&self.state);
        state.before.len() < REVOCATIONS || state.before.contains_key(key)
    }

    /// Refuses the tokens of a user that were issued before a time, from now on.
    pub(crate) fn add(&self, key: UserKey, before: i64) {
        let mut state = lock(&self.state);
        let known = state.before.entry(key).or_insert(before);
        *known = before.max(*known);
    }

    /// Closes the connections that a user opened with tokens that were issued before a time.
    pub(crate) fn close(&self, key: &UserKey, before: i64) {
        let connections = lock(&self.state).connections.get(key).cloned().unwrap_or_default();
        for connection in connections.iter().filter_map(Weak::upgrade) {
            if connection.issued_at.load(Ordering::Acquire) < before {
                connection.revoked.store(true, Ordering::Release);
                connection.waker.wake();
            }
        }
    }

    /// Returns whether a token that was issued at this time is revoked. One without a time is, if any of the
    /// user's tokens are.
    pub(crate) fn is_revoked(&self, key: &UserKey, issued_at: Option<i64>) -> bool {
        let state = lock(&self.state);
        state.before.get(key).is_some_and(|before| issued_at.is_none_or(|issued_at| issued_at < *before))
    }

    /// Registers a connection. The caller checks the token afterwards, so that no revocation is missed.
    pub(crate) fn register(&self, key: &UserKey, issued_at: Option<i64>) -> Revocable {
        let connection = Arc::new(Connection {
            issued_at: AtomicI64::new(issued_at.unwrap_or(i64::MIN)),
            revoked: AtomicBool::new(false),
            waker: AtomicWaker::new(),
        });
        let mut state = lock(&self.state);
        state.connections.entry(Arc::clone(key)).or_default().push(Arc::downgrade(&connection));
        drop(state);
        Revocable { key: Arc::clone(key), connection, state: Arc::clone(&self.state) }
    }
}

impl Revocable {
    /// Returns whether the connection must be closed, and wakes the task when it must.
    pub(crate) fn poll_revoked(&self, cx: &Context<'_>) -> bool {
        self.connection.waker.register(cx.waker());
        self.connection.revoked.load(Ordering::Acquire)
    }

    /// Records that the connection has another token.
    pub(crate) fn renew(&self, issued_at: Option<i64>) {
        self.connection.issued_at.store(issued_at.unwrap_or(i64::MIN), Ordering::Release);
    }
}

impl Drop for Revocable {
    fn drop(&mut self) {
        let mut state = lock(&self.state);
        let Some(connections) = state.connections.get_mut(&self.key) else { return };
        connections.retain(|other| !std::ptr::eq(other.as_ptr(), Arc::as_ptr(&self.connection)));
        if connections.is_empty() {
            state.connections.remove(&self.key);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::task::Waker;

    use super::*;

    fn ada() -> UserKey {
        Arc::new(("app".to_owned(), UserId::new("ada").unwrap()))
    }

    #[test]
    fn tokens_and_connections_from_before_the_revocation_end_and_later_ones_do_not() {
        let revocations = Revocations::default();
        assert!(!revocations.is_revoked(&ada(), None));
        let [old, undated, new] =
            [Some(999), None, Some(1_000)].map(|issued_at| revocations.register(&ada(), issued_at));
        revocations.add(ada(), 1_000);
        revocations.add(ada(), 500);
        assert!(revocations.is_revoked(&ada(), None), "its time is unknown");
        assert!(revocations.is_revoked(&ada(), Some(999)));
        assert!(!revocations.is_revoked(&ada(), Some(1_000)));
        revocations.close(&ada(), 1_000);
        let cx = Context::from_waker(Waker::noop());
        assert_eq!([&old, &undated, &new].map(|guard| guard.poll_revoked(&cx)), [true, true, false]);
        drop((old, undated, new));
        assert!(lock(&revocations.state).connections.is_empty(), "no state is left");
    }
}
