//! Who is online: whoever follows something, and for some seconds whoever asked for something or just stopped following.
//! The seconds are also the grace in which a page that is loaded anew comes back without anybody having seen it go.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::sync::Arc;

use causerie_protocol::ids::UserId;
use causerie_protocol::limits::ONLINE_MS;

/// A user of an app.
pub(super) type Key = (Arc<str>, UserId);

/// Somebody of whom there is something to know.
#[derive(Debug, Default)]
struct Somebody {
    /// Connections that are open.
    connections: u32,
    /// Connections that follow something.
    following: u32,
    /// When there was a sign of life other than these.
    seen_at: Option<i64>,
    /// Whether a time is set at which it is looked whether the user is still online.
    armed: bool,
}

impl Somebody {
    fn online_until(&self) -> Option<i64> {
        self.seen_at.map(|at| at.saturating_add(i64::from(ONLINE_MS)))
    }

    fn is_online(&self, now: i64) -> bool {
        self.following > 0 || self.online_until().is_some_and(|until| now < until)
    }
}

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Presence {
    users: HashMap<Key, Somebody>,
    times: BinaryHeap<Reverse<(i64, Key)>>,
}

impl Presence {
    pub(super) fn is_online(&self, key: &Key, now: i64) -> bool {
        self.users.get(key).is_some_and(|somebody| somebody.is_online(now))
    }

    /// A connection of the user was opened.
    pub(super) fn connected(&mut self, key: &Key) {
        self.users.entry(key.clone()).or_default().connections += 1;
    }

    /// A connection of the user was closed; says whether it was the last.
    pub(super) fn disconnected(&mut self, key: &Key) -> bool {
        let Some(somebody) = self.users.get_mut(key) else { return true };
        somebody.connections = somebody.connections.saturating_sub(1);
        let last = somebody.connections == 0;
        if last && somebody.seen_at.is_none() && somebody.following == 0 {
            self.users.remove(key);
        }
        last
    }

    /// The user asked for something. Says whether that brought the user online.
    pub(super) fn seen(&mut self, key: &Key, now: i64) -> bool {
        let somebody = self.users.entry(key.clone()).or_default();
        let was = somebody.is_online(now);
        somebody.seen_at = Some(now);
        if !somebody.armed && somebody.following == 0 {
            somebody.armed = true;
            self.times.push(Reverse((now.saturating_add(i64::from(ONLINE_MS)), key.clone())));
        }
        !was
    }

    /// A connection of the user began to follow something. Says whether that brought the user online.
    pub(super) fn follows(&mut self, key: &Key, now: i64) -> bool {
        let somebody = self.users.entry(key.clone()).or_default();
        let was = somebody.is_online(now);
        somebody.following += 1;
        !was
    }

    /// It follows nothing any more. The user stays online for the grace.
    pub(super) fn follows_no_more(&mut self, key: &Key, now: i64) {
        if let Some(somebody) = self.users.get_mut(key) {
            somebody.following = somebody.following.saturating_sub(1);
            self.seen(key, now);
        }
    }

    /// When it is to be looked again, at the earliest.
    pub(super) fn next_time(&self) -> Option<i64> {
        self.times.peek().map(|Reverse((at, _))| *at)
    }

    /// Who went offline by now.
    pub(super) fn expire(&mut self, now: i64) -> Vec<Key> {
        let mut gone = Vec::new();
        while let Some(Reverse((at, _))) = self.times.peek()
            && *at <= now
        {
            let Some(Reverse((_, key))) = self.times.pop() else { break };
            let Some(somebody) = self.users.get_mut(&key) else { continue };
            somebody.armed = false;
            if somebody.following > 0 {
                continue;
            }
            match somebody.online_until() {
                Some(until) if now < until => {
                    somebody.armed = true;
                    self.times.push(Reverse((until, key)));
                }
                _ => {
                    somebody.seen_at = None;
                    if somebody.connections == 0 {
                        self.users.remove(&key);
                    }
                    gone.push(key);
                }
            }
        }
        gone
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ada() -> Key {
        (Arc::from("app"), UserId::new("ada").unwrap())
    }

    #[test]
    fn a_request_brings_online_for_five_seconds_and_each_further_one_for_five_more() {
        let mut presence = Presence::default();
        assert!(presence.seen(&ada(), 0));
        assert!(!presence.seen(&ada(), 3_000), "is online already");
        assert_eq!(presence.expire(5_000), [], "the second counts");
        assert!(presence.is_online(&ada(), 7_999));
        assert_eq!(presence.next_time(), Some(8_000));
        assert_eq!(presence.expire(8_000), [ada()]);
        assert!(!presence.is_online(&ada(), 8_000));
        assert!(presence.users.is_empty() && presence.times.is_empty(), "nothing is kept");
    }

    #[test]
    fn whoever_follows_is_online_and_a_short_absence_is_not_seen() {
        let mut presence = Presence::default();
        presence.connected(&ada());
        assert!(!presence.is_online(&ada(), 0), "a connection alone is not enough");
        assert!(presence.follows(&ada(), 0));
        assert!(presence.is_online(&ada(), 1_000_000));
        presence.follows_no_more(&ada(), 1_000_000);
        assert!(presence.disconnected(&ada()));
        assert!(presence.is_online(&ada(), 1_004_999));
        presence.connected(&ada());
        assert!(!presence.follows(&ada(), 1_004_000), "never was away");
        assert_eq!(presence.expire(2_000_000), []);
        presence.follows_no_more(&ada(), 2_000_000);
        assert!(presence.disconnected(&ada()));
        assert_eq!(presence.expire(2_004_999), []);
        assert_eq!(presence.expire(2_005_000), [ada()]);
        assert!(presence.users.is_empty() && presence.times.is_empty(), "nothing is kept");
    }

    #[test]
    fn two_connections_are_counted() {
        let mut presence = Presence::default();
        for _ in 0..2 {
            presence.connected(&ada());
            presence.follows(&ada(), 0);
        }
        presence.follows_no_more(&ada(), 10);
        assert!(!presence.disconnected(&ada()), "not the last");
        assert!(presence.is_online(&ada(), 1_000_000));
        assert_eq!(presence.expire(1_000_000), []);
    }
}
