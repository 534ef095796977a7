//! The registry of followers: which connections follow which topics, and which users' bodies they were sent.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;

use causerie_protocol::ids::UserId;

use super::mailbox::Mailbox;

/// Identifies a connection in this process.
pub(super) type ConnectionId = u64;

/// How many changes of users are remembered, for connections that read a user just before it changed.
const RECENT_CHANGES: usize = 1_024;

/// The number of users whose bodies a connection is sent before it has to connect again and resume, so that
/// the registry forgets those that it does not show any more: about 5 MB.
const WATCHED_USERS: usize = 20_000;

/// The followers of one kind, by the id that they follow.
pub(super) type Followers = HashMap<Arc<str>, HashMap<ConnectionId, Arc<Mailbox>>>;

/// The kinds of things that a connection follows by id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum FollowKind {
    /// The events of a conversation.
    Conversation,
    /// The list of a user's conversations.
    List,
    /// The presence of a user.
    Online,
    /// The typing users of a conversation.
    Typing,
    /// The data of a user.
    User,
}

const FOLLOW_KINDS: usize = 5;

/// The followers in one app.
#[derive(Debug, Default)]
pub(super) struct AppRegistry {
    followers: [Followers; FOLLOW_KINDS],
    /// The connections that were sent a user's body, by the user's id.
    watchers: HashMap<Arc<str>, HashSet<ConnectionId>>,
    connections: HashMap<ConnectionId, Connection>,
    /// How often users changed so far.
    users_version: u64,
    /// The last changes of users, with the version that each made.
    recent_changes: VecDeque<(u64, UserId)>,
}

#[derive(Debug)]
struct Connection {
    mailbox: Arc<Mailbox>,
    /// The users whose bodies the connection was sent.
    watched: Vec<Arc<str>>,
}

impl AppRegistry {
    pub(super) fn add_connection(&mut self, id: ConnectionId, mailbox: Arc<Mailbox>) {
        self.connections.insert(id, Connection { mailbox, watched: Vec::new() });
    }

    /// Removes a connection, which must not follow anything any more.
    pub(super) fn remove_connection(&mut self, id: ConnectionId) {
        let Some(connection) = self.connections.remove(&id) else { return };
        for user in connection.watched {
            if let Some(watchers) = self.watchers.get_mut(&user) {
                watchers.remove(&id);
                if watchers.is_empty() {
                    self.watchers.remove(&user);
                }
            }
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.connections.is_empty()
    }

    pub(super) fn mailboxes(&self) -> impl Iterator<Item = &Arc<Mailbox>> {
        self.connections.values().map(|connection| &connection.mailbox)
    }

    fn kind_mut(&mut self, kind: FollowKind) -> Option<&mut Followers> {
        self.followers.get_mut(kind as usize)
    }

    pub(super) fn follow(&mut self, kind: FollowKind, followed: &str, id: ConnectionId) {
        let Some(mailbox) = self.connections.get(&id).map(|connection| Arc::clone(&connection.mailbox))
        else {
            return;
        };
        let Some(all) = self.kind_mut(kind) else { return };
        match all.get_mut(followed) {
            Some(followers) => followers.insert(id, mailbox),
            None => all.entry(Arc::from(followed)).or_default().insert(id, mailbox),
        };
    }

    pub(super) fn unfollow(&mut self, kind: FollowKind, followed: &str, id: ConnectionId) {
        let Some(all) = self.kind_mut(kind) else { return };
        if let Some(followers) = all.get_mut(followed) {
            followers.remove(&id);
            if followers.is_empty() {
                all.remove(followed);
            }
        }
    }

    /// Returns the mailboxes of the connections that follow an id.
    pub(super) fn followers(&self, kind: FollowKind, followed: &str) -> impl Iterator<Item = &Arc<Mailbox>> {
        let followers = self.followers.get(kind as usize).and_then(|all| all.get(followed));
        followers.into_iter().flat_map(HashMap::values)
    }

    /// Returns all followers of a kind, by the id that they follow.
    pub(super) fn all_followers(&self, kind: FollowKind) -> Option<&Followers> {
        self.followers.get(kind as usize)
    }

    /// Returns how often users have changed so far.
    pub(super) const fn users_version(&self) -> u64 {
        self.users_version
    }

    /// Registers that a connection is about to send the bodies of these users, which it read at this version.
    /// Returns whether the bodies are still the newest; otherwise the connection has to read them again.
    pub(super) fn watch<'a>(
        &mut self,
        id: ConnectionId,
        users: impl Iterator<Item = &'a UserId>,
        version: u64,
    ) -> bool {
        let changed: HashSet<&UserId> =
            self.recent_changes.iter().filter(|(at, _)| *at > version).map(|(_, user)| user).collect();
        // If some changes since then are no longer remembered, any of the users may have changed.
        let forgotten = self.users_version > version
            && self.recent_changes.front().is_none_or(|(at, _)| *at > version + 1);
        let mut current = !forgotten;
        let Some(connection) = self.connections.get_mut(&id) else { return true };
        for user in users {
            current &= !changed.contains(user);
            watch(&mut self.watchers, connection, id, user);
        }
        current
    }

    /// Registers that all followers of a conversation are about to be sent the bodies of these users.
    pub(super) fn watch_for_followers<'a>(
        &mut self,
        conversation: &str,
        users: impl Iterator<Item = &'a UserId>,
    ) {
        let all = self.followers.get(FollowKind::Conversation as usize);
        let Some(followers) = all.and_then(|all| all.get(conversation)) else { return };
        let mut last: Option<&UserId> = None;
        for user in users {
            if last.replace(user) == Some(user) {
                continue;
            }
            for id in followers.keys() {
                if let Some(connection) = self.connections.get_mut(id) {
                    watch(&mut self.watchers, connection, *id, user);
                }
            }
        }
    }

    /// Records that a user changed. Returns the mailboxes of the connections that follow the user, or were
    /// sent the user's body before.
    pub(super) fn record_user_change(&mut self, user: &UserId) -> impl Iterator<Item = &Arc<Mailbox>> {
        self.users_version += 1;
        if self.recent_changes.len() >= RECENT_CHANGES {
            self.recent_changes.pop_front();
        }
        self.recent_changes.push_back((self.users_version, user.clone()));
        let watchers = self.watchers.get(user.as_str());
        let followers = self.followers.get(FollowKind::User as usize).and_then(|all| all.get(user.as_str()));
        let only_followers = (followers.into_iter().flatten())
            .filter(move |(id, _)| !watchers.is_some_and(|watchers| watchers.contains(id)))
            .map(|(_, mailbox)| mailbox);
        let watchers = watchers.into_iter().flatten();
        let watchers =
            watchers.filter_map(|id| self.connections.get(id).map(|connection| &connection.mailbox));
        watchers.chain(only_followers)
    }
}

fn watch(
    watchers: &mut HashMap<Arc<str>, HashSet<ConnectionId>>,
    connection: &mut Connection,
    id: ConnectionId,
    user: &UserId,
) {
    let known = watchers.get_key_value(user.as_str());
    if known.is_some_and(|(_, of_user)| of_user.contains(&id)) {
        return;
    }
    if connection.watched.len() >= WATCHED_USERS {
        connection.mailbox.overflow();
        return;
    }
    if let Some((name, _)) = known {
        connection.watched.push(Arc::clone(name));
    } else {
        let name: Arc<str> = Arc::from(user.as_str());
        connection.watched.push(Arc::clone(&name));
        watchers.insert(name, HashSet::new());
    }
    if let Some(of_user) = watchers.get_mut(user.as_str()) {
        of_user.insert(id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user(id: &str) -> UserId {
        UserId::new(id).unwrap()
    }

    fn registry() -> AppRegistry {
        let mut registry = AppRegistry::default();
        registry.add_connection(1, Arc::new(Mailbox::new(1_000)));
        registry
    }

    #[test]
    fn user_that_changed_between_reading_and_watching_has_to_be_read_again() {
        let mut registry = registry();
        let version = registry.users_version();
        assert_eq!(registry.record_user_change(&user("ada")).count(), 0, "no connection was sent her body");
        assert!(registry.watch(1, [&user("bob")].into_iter(), version));
        assert!(!registry.watch(1, [&user("ada")].into_iter(), version), "she changed since");
        let version = registry.users_version();
        assert!(registry.watch(1, [&user("ada")].into_iter(), version));
        assert_eq!(registry.record_user_change(&user("ada")).count(), 1, "her changes are delivered now");
    }

    #[test]
    fn any_user_may_have_changed_if_more_changed_than_are_remembered() {
        let mut registry = registry();
        let version = registry.users_version();
        for index in 0..=RECENT_CHANGES {
            registry.record_user_change(&user(&format!("u{index}"))).count();
        }
        assert!(!registry.watch(1, [&user("ada")].into_iter(), version));
        assert!(registry.watch(1, [&user("ada")].into_iter(), registry.users_version()));
    }

    #[test]
    fn removed_connection_leaves_no_state() {
        let mut registry = registry();
        registry.follow(FollowKind::Conversation, "talk", 1);
        registry.watch(1, [&user("ada")].into_iter(), 0);
        registry.watch_for_followers("talk", [&user("bob")].into_iter());
        registry.unfollow(FollowKind::Conversation, "talk", 1);
        registry.remove_connection(1);
        assert!(registry.is_empty() && registry.watchers.is_empty());
        assert!(registry.followers.iter().all(HashMap::is_empty));
    }
}
