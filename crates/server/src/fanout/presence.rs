//! The presence of users. A user is online while a connection of theirs has subscriptions, and for some
//! seconds after a request or after the last subscription ended. A page that reloads within these seconds
//! never appears offline.

use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap, HashMap};
use std::sync::Arc;

use causerie_protocol::ids::UserId;
use causerie_protocol::limits::ONLINE_MS;

/// The id of an app, and the id of a user in it.
pub(super) type UserKey = (Arc<str>, UserId);

/// The presence of one user.
#[derive(Debug, Default)]
struct UserPresence {
    /// The number of open connections.
    connections: u32,
    /// The number of connections that have subscriptions.
    subscribed: u32,
    /// The time of the last request, or of the end of the last subscription.
    active_at: Option<i64>,
    /// Whether `expiries` has an entry of this user.
    expires: bool,
}

impl UserPresence {
    fn online_until(&self) -> Option<i64> {
        self.active_at.map(|at| at.saturating_add(i64::from(ONLINE_MS)))
    }

    fn is_online(&self, now: i64) -> bool {
        self.subscribed > 0 || self.online_until().is_some_and(|until| now < until)
    }
}

/// The presence of all users that are online or have a connection.
#[derive(Debug, Default)]
pub(super) struct Presence {
    users: HashMap<UserKey, UserPresence>,
    /// The times at which users may go offline.
    expiries: BinaryHeap<Reverse<(i64, UserKey)>>,
}

impl Presence {
    pub(super) fn is_online(&self, key: &UserKey, now: i64) -> bool {
        self.users.get(key).is_some_and(|user| user.is_online(now))
    }

    /// Returns all users of an app who are online.
    pub(super) fn online_users(&self, app: &str, now: i64) -> BTreeSet<UserId> {
        let users = self.users.iter().filter(|((of_app, _), user)| **of_app == *app && user.is_online(now));
        users.map(|((_, user), _)| user.clone()).collect()
    }

    /// Records that a connection of the user was opened.
    pub(super) fn connect(&mut self, key: &UserKey) {
        self.users.entry(key.clone()).or_default().connections += 1;
    }

    /// Records that a connection of the user was closed. Returns whether it was the last.
    pub(super) fn disconnect(&mut self, key: &UserKey) -> bool {
        let Some(user) = self.users.get_mut(key) else { return true };
        user.connections = user.connections.saturating_sub(1);
        let last = user.connections == 0;
        if last && user.active_at.is_none() && user.subscribed == 0 {
            self.users.remove(key);
        }
        last
    }

    /// Records that the user made a request. Returns whether the user came online.
    pub(super) fn record_activity(&mut self, key: &UserKey, now: i64) -> bool {
        let user = self.users.entry(key.clone()).or_default();
        let was_online = user.is_online(now);
        user.active_at = Some(now);
        if !user.expires && user.subscribed == 0 {
            user.expires = true;
            self.expiries.push(Reverse((now.saturating_add(i64::from(ONLINE_MS)), key.clone())));
        }
        !was_online
    }

    /// Records that a connection of the user has subscriptions. Returns whether the user came online.
    pub(super) fn subscribe(&mut self, key: &UserKey, now: i64) -> bool {
        let user = self.users.entry(key.clone()).or_default();
        let was_online = user.is_online(now);
        user.subscribed += 1;
        !was_online
    }

    /// Records that a connection of the user has no more subscriptions. The user stays online for some
    /// seconds.
    pub(super) fn unsubscribe(&mut self, key: &UserKey, now: i64) {
        if let Some(user) = self.users.get_mut(key) {
            user.subscribed = user.subscribed.saturating_sub(1);
            self.record_activity(key, now);
        }
    }

    /// Returns the earliest time at which a user may go offline.
    pub(super) fn next_expiry(&self) -> Option<i64> {
        self.expiries.peek().map(|Reverse((at, _))| *at)
    }

    /// Returns the users who have gone offline by now.
    pub(super) fn expire(&mut self, now: i64) -> Vec<UserKey> {
        let mut offline = Vec::new();
        while let Some(Reverse((at, _))) = self.expiries.peek()
            && *at <= now
        {
            let Some(Reverse((_, key))) = self.expiries.pop() else { break };
            let Some(user) = self.users.get_mut(&key) else { continue };
            user.expires = false;
            if user.subscribed > 0 {
                continue;
            }
            match user.online_until() {
                Some(until) if now < until => {
                    user.expires = true;
                    self.expiries.push(Reverse((until, key)));
                }
                _ => {
                    user.active_at = None;
                    if user.connections == 0 {
                        self.users.remove(&key);
                    }
                    offline.push(key);
                }
            }
        }
        offline
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ada() -> UserKey {
        (Arc::from("app"), UserId::new("ada").unwrap())
    }

    #[test]
    fn each_request_makes_the_user_online_for_five_seconds() {
        let mut presence = Presence::default();
        assert!(presence.record_activity(&ada(), 0));
        assert!(!presence.record_activity(&ada(), 3_000), "the user is online already");
        assert_eq!(presence.expire(5_000), [], "the second request counts");
        assert!(presence.is_online(&ada(), 7_999));
        assert_eq!(presence.next_expiry(), Some(8_000));
        assert_eq!(presence.expire(8_000), [ada()]);
        assert!(!presence.is_online(&ada(), 8_000));
        assert!(presence.users.is_empty() && presence.expiries.is_empty(), "no state is left");
    }

    #[test]
    fn subscribed_user_is_online_and_a_short_absence_is_invisible() {
        let mut presence = Presence::default();
        presence.connect(&ada());
        assert!(!presence.is_online(&ada(), 0), "a connection alone is not enough");
        assert!(presence.subscribe(&ada(), 0));
        assert!(presence.is_online(&ada(), 1_000_000));
        presence.unsubscribe(&ada(), 1_000_000);
        assert!(presence.disconnect(&ada()));
        assert!(presence.is_online(&ada(), 1_004_999));
        presence.connect(&ada());
        assert!(!presence.subscribe(&ada(), 1_004_000), "the user was online all the time");
        assert_eq!(presence.expire(2_000_000), []);
        presence.unsubscribe(&ada(), 2_000_000);
        assert!(presence.disconnect(&ada()));
        assert_eq!(presence.expire(2_004_999), []);
        assert_eq!(presence.expire(2_005_000), [ada()]);
        assert!(presence.users.is_empty() && presence.expiries.is_empty(), "no state is left");
    }

    #[test]
    fn user_with_two_connections_stays_online_when_one_ends() {
        let mut presence = Presence::default();
        for _ in 0..2 {
            presence.connect(&ada());
            presence.subscribe(&ada(), 0);
        }
        presence.unsubscribe(&ada(), 10);
        assert!(!presence.disconnect(&ada()), "it was not the last");
        assert!(presence.is_online(&ada(), 1_000_000));
        assert_eq!(presence.expire(1_000_000), []);
    }
}
