//! Who is typing where. It lasts ten seconds on the server's clock, and ends earlier with a message, with leaving, and with
//! the last connection. Nothing of it is stored.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::sync::Arc;

use causerie_protocol::ids::{ConversationId, UserId};
use causerie_protocol::limits::{TYPING_MS, TYPING_USERS};

/// A conversation of an app.
pub(super) type Key = (Arc<str>, ConversationId);

/// How often at most others are told that it goes on, in milliseconds. Clients forget whoever they have not heard of for
/// longer than typing lasts.
const TELL_AGAIN_MS: i64 = 3_000;

/// Who is typing, as one of the others sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Typers {
    /// These; who began first is first.
    Few(Vec<UserId>),
    /// More than are told apart.
    Many,
}

/// Somebody who is typing.
#[derive(Debug)]
struct Typer {
    user: UserId,
    ends: i64,
    /// Tells this beginning from an earlier one of the same user.
    stamp: u64,
}

#[derive(Debug, Default)]
struct Place {
    /// In the order in which they began.
    typers: Vec<Typer>,
    told_at: i64,
}

/// What others are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tell {
    /// Nothing.
    Nothing,
    /// That it changed.
    Changed,
    /// That it goes on.
    Again,
}

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Typing {
    places: HashMap<Key, Place>,
    /// When it is to be looked whose time is over: once for each beginning.
    times: BinaryHeap<Reverse<(i64, Key, u64)>>,
    stamps: u64,
}

impl Typing {
    /// Who is typing, but for the viewer.
    pub(super) fn seen_by(&self, key: &Key, viewer: &UserId) -> Typers {
        let typers = self.places.get(key).map(|place| place.typers.as_slice()).unwrap_or_default();
        let others = typers.iter().map(|typer| &typer.user).filter(|user| *user != viewer);
        if others.clone().count() > TYPING_USERS {
            Typers::Many
        } else {
            Typers::Few(others.cloned().collect())
        }
    }

    /// A user says to be typing.
    pub(super) fn typed(&mut self, key: &Key, user: &UserId, now: i64) -> Tell {
        let until = now.saturating_add(i64::from(TYPING_MS));
        let place = self.places.entry(key.clone()).or_default();
        if let Some(typer) = place.typers.iter_mut().find(|typer| typer.user == *user) {
            typer.ends = until;
            if now < place.told_at.saturating_add(TELL_AGAIN_MS) {
                return Tell::Nothing;
            }
            place.told_at = now;
            return Tell::Again;
        }
        self.stamps += 1;
        place.typers.push(Typer { user: user.clone(), ends: until, stamp: self.stamps });
        place.told_at = now;
        self.times.push(Reverse((until, key.clone(), self.stamps)));
        Tell::Changed
    }

    /// A user stopped; says whether the user was typing.
    pub(super) fn ended(&mut self, key: &Key, user: &UserId) -> bool {
        let Some(place) = self.places.get_mut(key) else { return false };
        let before = place.typers.len();
        place.typers.retain(|typer| typer.user != *user);
        let ended = place.typers.len() < before;
        if place.typers.is_empty() {
            self.places.remove(key);
        }
        ended
    }

    /// The conversation is gone.
    pub(super) fn forget(&mut self, key: &Key) {
        self.places.remove(key);
    }

    /// A user is gone; says where the user was typing.
    pub(super) fn gone(&mut self, app: &str, user: &UserId) -> Vec<Key> {
        let typing = |place: &Place| place.typers.iter().any(|typer| typer.user == *user);
        let keys: Vec<Key> = (self.places.iter())
            .filter(|((of, _), place)| **of == *app && typing(place))
            .map(|(key, _)| key.clone())
            .collect();
        for key in &keys {
            self.ended(key, user);
        }
        keys
    }

    /// When somebody's time may be over, at the earliest.
    pub(super) fn next_time(&self) -> Option<i64> {
        self.times.peek().map(|Reverse((at, ..))| *at)
    }

    /// Where somebody's time is over by now.
    pub(super) fn expire(&mut self, now: i64) -> Vec<Key> {
        let mut changed = Vec::new();
        while let Some(Reverse((at, ..))) = self.times.peek()
            && *at <= now
        {
            let Some(Reverse((_, key, stamp))) = self.times.pop() else { break };
            let Some(place) = self.places.get_mut(&key) else { continue };
            // Who ended before the time is not found any more.
            let Some(index) = place.typers.iter().position(|typer| typer.stamp == stamp) else { continue };
            match place.typers.get(index).map(|typer| typer.ends) {
                Some(ends) if ends > now => self.times.push(Reverse((ends, key, stamp))),
                _ => {
                    place.typers.remove(index);
                    if place.typers.is_empty() {
                        self.places.remove(&key);
                    }
                    if !changed.contains(&key) {
                        changed.push(key);
                    }
                }
            }
        }
        changed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn talk() -> Key {
        (Arc::from("app"), ConversationId::new("talk").unwrap())
    }

    fn user(name: &str) -> UserId {
        UserId::new(name).unwrap()
    }

    fn few(names: &[&str]) -> Typers {
        Typers::Few(names.iter().map(|name| user(name)).collect())
    }

    #[test]
    fn it_lasts_ten_seconds_from_the_last_word_and_the_first_typer_stays_first() {
        let mut typing = Typing::default();
        assert_eq!(typing.typed(&talk(), &user("ada"), 0), Tell::Changed);
        assert_eq!(typing.typed(&talk(), &user("bob"), 1_000), Tell::Changed);
        assert_eq!(typing.typed(&talk(), &user("ada"), 2_000), Tell::Nothing, "said a second ago");
        assert_eq!(typing.typed(&talk(), &user("ada"), 4_000), Tell::Again);
        assert_eq!(typing.seen_by(&talk(), &user("eve")), few(&["ada", "bob"]));
        assert_eq!(typing.seen_by(&talk(), &user("ada")), few(&["bob"]));
        assert_eq!(typing.expire(10_999), []);
        assert_eq!(typing.expire(11_000), [talk()]);
        assert_eq!(typing.seen_by(&talk(), &user("eve")), few(&["ada"]));
        assert_eq!(typing.expire(13_999), []);
        assert_eq!(typing.expire(14_000), [talk()]);
        assert!(typing.places.is_empty() && typing.times.is_empty(), "nothing is kept");
    }

    #[test]
    fn more_than_five_others_are_many_and_oneself_never_counts() {
        let mut typing = Typing::default();
        for name in ["a", "b", "c", "d", "e", "f"] {
            typing.typed(&talk(), &user(name), 0);
        }
        assert_eq!(typing.seen_by(&talk(), &user("eve")), Typers::Many);
        assert_eq!(typing.seen_by(&talk(), &user("c")), few(&["a", "b", "d", "e", "f"]));
    }

    #[test]
    fn it_ends_with_a_message_with_the_conversation_and_with_the_typer() {
        let mut typing = Typing::default();
        typing.typed(&talk(), &user("ada"), 0);
        assert!(typing.ended(&talk(), &user("ada")));
        assert!(!typing.ended(&talk(), &user("ada")));
        assert_eq!(typing.expire(20_000), [], "what ended before is nothing new");
        typing.typed(&talk(), &user("ada"), 20_000);
        assert_eq!(typing.gone("other", &user("ada")), []);
        assert_eq!(typing.gone("app", &user("ada")), [talk()]);
        typing.typed(&talk(), &user("ada"), 20_000);
        typing.forget(&talk());
        assert_eq!(typing.seen_by(&talk(), &user("eve")), few(&[]));
    }
}
