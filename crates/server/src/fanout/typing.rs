//! The typing users. Typing lasts ten seconds of steady time. It ends earlier if the user
//! sends a message, leaves the conversation or closes their last connection. Nothing of it is stored.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::sync::Arc;

use causerie_protocol::entities;
use causerie_protocol::ids::{ConversationId, UserId};
use causerie_protocol::limits::{TYPING_MS, TYPING_USERS};

/// The id of an app, and the id of a conversation in it.
pub(super) type TypingKey = (Arc<str>, ConversationId);

/// The least interval at which followers are notified that typing continues, in milliseconds. Clients drop a
/// typing user after a longer time than typing lasts.
const RENEW_INTERVAL_MS: i64 = 3_000;

/// The typing users, as another user sees them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Typers {
    /// At most [`TYPING_USERS`] users, in the order in which they began.
    Few(Vec<UserId>),
    /// More users than are listed.
    Many,
}

impl From<Typers> for entities::Typing {
    fn from(typers: Typers) -> Self {
        match typers {
            Typers::Few(users) => entities::Typing::Few { users },
            Typers::Many => entities::Typing::Many { many: true },
        }
    }
}

/// A user who is typing.
#[derive(Debug)]
struct Typer {
    user: UserId,
    ends_at: i64,
    /// Distinguishes this start from an earlier one of the same user.
    start: u64,
}

#[derive(Debug, Default)]
struct ConversationTypers {
    /// In the order in which they began.
    typers: Vec<Typer>,
    notified_at: i64,
}

/// The notification that followers get.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NotifyKind {
    /// Nothing changed, so no notification is sent.
    None,
    /// The set of typing users changed.
    Changed,
    /// A user continues to type.
    Renewed,
}

#[derive(Debug, Default)]
pub(super) struct Typing {
    conversations: HashMap<TypingKey, ConversationTypers>,
    /// The times at which typing may end: one entry for each start.
    expiries: BinaryHeap<Reverse<(i64, TypingKey, u64)>>,
    /// The number of starts so far.
    starts: u64,
}

impl Typing {
    /// Returns the typing users, without the viewer.
    pub(super) fn visible_to(&self, key: &TypingKey, viewer: &UserId) -> Typers {
        let typers = self
            .conversations
            .get(key)
            .map(|conversation| conversation.typers.as_slice())
            .unwrap_or_default();
        let others = typers.iter().map(|typer| &typer.user).filter(|user| *user != viewer);
        if others.clone().count() > TYPING_USERS {
            Typers::Many
        } else {
            Typers::Few(others.cloned().collect())
        }
    }

    /// Records that a user is typing.
    pub(super) fn record(&mut self, key: &TypingKey, user: &UserId, now: i64) -> NotifyKind {
        let ends_at = now.saturating_add(i64::from(TYPING_MS));
        let conversation = self.conversations.entry(key.clone()).or_default();
        if let Some(typer) = conversation.typers.iter_mut().find(|typer| typer.user == *user) {
            typer.ends_at = ends_at;
            if now < conversation.notified_at.saturating_add(RENEW_INTERVAL_MS) {
                return NotifyKind::None;
            }
            conversation.notified_at = now;
            return NotifyKind::Renewed;
        }
        self.starts += 1;
        conversation.typers.push(Typer { user: user.clone(), ends_at, start: self.starts });
        conversation.notified_at = now;
        self.expiries.push(Reverse((ends_at, key.clone(), self.starts)));
        NotifyKind::Changed
    }

    /// Ends the typing of a user. Returns whether the user was typing.
    pub(super) fn stop(&mut self, key: &TypingKey, user: &UserId) -> bool {
        let Some(conversation) = self.conversations.get_mut(key) else { return false };
        let before = conversation.typers.len();
        conversation.typers.retain(|typer| typer.user != *user);
        let stopped = conversation.typers.len() < before;
        if conversation.typers.is_empty() {
            self.conversations.remove(key);
        }
        stopped
    }

    /// Removes a deleted conversation.
    pub(super) fn remove_conversation(&mut self, key: &TypingKey) {
        self.conversations.remove(key);
    }

    /// Ends the typing of a user in all conversations. Returns those in which the user was typing.
    pub(super) fn stop_everywhere(&mut self, app: &str, user: &UserId) -> Vec<TypingKey> {
        let is_typing =
            |conversation: &ConversationTypers| conversation.typers.iter().any(|typer| typer.user == *user);
        let keys: Vec<TypingKey> = (self.conversations.iter())
            .filter(|((conversation_app, _), typers)| **conversation_app == *app && is_typing(typers))
            .map(|(key, _)| key.clone())
            .collect();
        for key in &keys {
            self.stop(key, user);
        }
        keys
    }

    /// Returns the users of an app who are typing, each with a conversation in which they are.
    pub(super) fn users(&self, app: &str) -> HashMap<UserId, ConversationId> {
        let of_app = self.conversations.iter().filter(|((of_app, _), _)| **of_app == *app);
        of_app
            .flat_map(|((_, conversation), typers)| {
                typers.typers.iter().map(|typer| (typer.user.clone(), conversation.clone()))
            })
            .collect()
    }

    /// Returns the earliest time at which a user's typing may end.
    pub(super) fn next_expiry(&self) -> Option<i64> {
        self.expiries.peek().map(|Reverse((at, ..))| *at)
    }

    /// Ends the typing that has expired by now. Returns the conversations in which it did.
    pub(super) fn expire(&mut self, now: i64) -> Vec<TypingKey> {
        let mut changed = Vec::new();
        while let Some(Reverse((at, ..))) = self.expiries.peek()
            && *at <= now
        {
            let Some(Reverse((_, key, start))) = self.expiries.pop() else { break };
            let Some(conversation) = self.conversations.get_mut(&key) else { continue };
            // Typing that ended earlier is not in the list any more.
            let Some(index) = conversation.typers.iter().position(|typer| typer.start == start) else {
                continue;
            };
            match conversation.typers.get(index).map(|typer| typer.ends_at) {
                Some(ends_at) if ends_at > now => self.expiries.push(Reverse((ends_at, key, start))),
                _ => {
                    conversation.typers.remove(index);
                    if conversation.typers.is_empty() {
                        self.conversations.remove(&key);
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

    fn talk() -> TypingKey {
        (Arc::from("app"), ConversationId::new("talk").unwrap())
    }

    fn user(id: &str) -> UserId {
        UserId::new(id).unwrap()
    }

    fn few(ids: &[&str]) -> Typers {
        Typers::Few(ids.iter().map(|id| user(id)).collect())
    }

    #[test]
    fn typing_lasts_ten_seconds_from_its_last_renewal_and_keeps_the_order_of_starts() {
        let mut typing = Typing::default();
        assert_eq!(typing.record(&talk(), &user("ada"), 0), NotifyKind::Changed);
        assert_eq!(typing.record(&talk(), &user("bob"), 1_000), NotifyKind::Changed);
        assert_eq!(
            typing.record(&talk(), &user("ada"), 2_000),
            NotifyKind::None,
            "one second after the last"
        );
        assert_eq!(typing.record(&talk(), &user("ada"), 4_000), NotifyKind::Renewed);
        assert_eq!(typing.visible_to(&talk(), &user("eve")), few(&["ada", "bob"]));
        assert_eq!(typing.visible_to(&talk(), &user("ada")), few(&["bob"]));
        assert_eq!(typing.expire(10_999), []);
        assert_eq!(typing.expire(11_000), [talk()]);
        assert_eq!(typing.visible_to(&talk(), &user("eve")), few(&["ada"]));
        assert_eq!(typing.expire(13_999), []);
        assert_eq!(typing.expire(14_000), [talk()]);
        assert!(typing.conversations.is_empty() && typing.expiries.is_empty(), "no state is left");
    }

    #[test]
    fn more_than_five_others_are_many_and_the_viewer_does_not_count() {
        let mut typing = Typing::default();
        for id in ["a", "b", "c", "d", "e", "f"] {
            typing.record(&talk(), &user(id), 0);
        }
        assert_eq!(typing.visible_to(&talk(), &user("eve")), Typers::Many);
        assert_eq!(typing.visible_to(&talk(), &user("c")), few(&["a", "b", "d", "e", "f"]));
    }

    #[test]
    fn typing_ends_with_a_message_with_the_last_connection_and_with_the_conversation() {
        let mut typing = Typing::default();
        typing.record(&talk(), &user("ada"), 0);
        assert!(typing.stop(&talk(), &user("ada")));
        assert!(!typing.stop(&talk(), &user("ada")));
        assert_eq!(typing.expire(20_000), [], "it ended before");
        typing.record(&talk(), &user("ada"), 20_000);
        assert_eq!(typing.stop_everywhere("other", &user("ada")), []);
        assert_eq!(typing.stop_everywhere("app", &user("ada")), [talk()]);
        typing.record(&talk(), &user("ada"), 20_000);
        typing.remove_conversation(&talk());
        assert_eq!(typing.visible_to(&talk(), &user("eve")), few(&[]));
    }
}
