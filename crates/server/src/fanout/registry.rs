//! Who follows what. A connection stands here with its mailbox, and what it follows leads to it.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;

use causerie_protocol::ids::UserId;

use super::mailbox::Mailbox;

/// Names a connection.
pub(super) type ConnId = u64;

/// How many changes of users are remembered, for those who register a little late.
const RECENT_USERS: usize = 1_024;

/// Those who follow something, by its name.
pub(super) type Followers = HashMap<Arc<str>, HashMap<ConnId, Arc<Mailbox>>>;

/// What can be followed by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Kind {
    /// What happens in a conversation.
    Conversation,
    /// All conversations of a user.
    List,
    /// Whether a user is online.
    Online,
    /// Who is typing in a conversation.
    Typing,
}

const KINDS: usize = 4;

/// The followers of one app.
#[derive(Debug, Default)]
pub(super) struct AppRegistry {
    kinds: [Followers; KINDS],
    /// Whose body which connections were sent.
    users: HashMap<Arc<str>, HashSet<ConnId>>,
    connections: HashMap<ConnId, Connection>,
    /// How often a user's body changed, and whose the last ones were.
    users_version: u64,
    recent_users: VecDeque<(u64, UserId)>,
}

#[derive(Debug)]
struct Connection {
    mailbox: Arc<Mailbox>,
    users: Vec<Arc<str>>,
}

impl AppRegistry {
    /// A connection comes.
    pub(super) fn enter(&mut self, id: ConnId, mailbox: Arc<Mailbox>) {
        self.connections.insert(id, Connection { mailbox, users: Vec::new() });
    }

    /// A connection goes. What it follows by name it has left already.
    pub(super) fn leave(&mut self, id: ConnId) {
        let Some(connection) = self.connections.remove(&id) else { return };
        for user in connection.users {
            if let Some(watching) = self.users.get_mut(&user) {
                watching.remove(&id);
                if watching.is_empty() {
                    self.users.remove(&user);
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

    fn kind(&mut self, kind: Kind) -> Option<&mut Followers> {
        self.kinds.get_mut(kind as usize)
    }

    /// A connection follows something.
    pub(super) fn follow(&mut self, kind: Kind, name: &str, id: ConnId) {
        let Some(mailbox) = self.connections.get(&id).map(|connection| Arc::clone(&connection.mailbox))
        else {
            return;
        };
        let Some(names) = self.kind(kind) else { return };
        match names.get_mut(name) {
            Some(followers) => followers.insert(id, mailbox),
            None => names.entry(Arc::from(name)).or_default().insert(id, mailbox),
        };
    }

    /// A connection follows it no longer.
    pub(super) fn unfollow(&mut self, kind: Kind, name: &str, id: ConnId) {
        let Some(names) = self.kind(kind) else { return };
        if let Some(followers) = names.get_mut(name) {
            followers.remove(&id);
            if followers.is_empty() {
                names.remove(name);
            }
        }
    }

    /// Who follows something.
    pub(super) fn followers(&self, kind: Kind, name: &str) -> impl Iterator<Item = &Arc<Mailbox>> {
        self.kinds.get(kind as usize).and_then(|names| names.get(name)).into_iter().flat_map(HashMap::values)
    }

    /// All that is followed of a kind, by name.
    pub(super) fn names(&self, kind: Kind) -> Option<&Followers> {
        self.kinds.get(kind as usize)
    }

    /// How often users have changed so far.
    pub(super) const fn users_version(&self) -> u64 {
        self.users_version
    }

    /// A connection is about to send these users' bodies, which it read when users had changed so often. Says whether
    /// they still are the newest; where not, it has to read them again.
    pub(super) fn watch<'a>(
        &mut self,
        id: ConnId,
        users: impl Iterator<Item = &'a UserId>,
        version: u64,
    ) -> bool {
        let since: HashSet<&UserId> =
            self.recent_users.iter().filter(|(at, _)| *at > version).map(|(_, user)| user).collect();
        // More changed than is remembered: any of them may have.
        let forgotten =
            self.users_version > version && self.recent_users.front().is_none_or(|(at, _)| *at > version + 1);
        let mut current = !forgotten;
        let Some(connection) = self.connections.get_mut(&id) else { return true };
        for user in users {
            current &= !since.contains(user);
            watch(&mut self.users, connection, id, user);
        }
        current
    }

    /// The followers of a conversation are about to be sent these users' bodies.
    pub(super) fn watch_all<'a>(&mut self, conversation: &str, users: impl Iterator<Item = &'a UserId>) {
        let Some(followers) =
            self.kinds.get(Kind::Conversation as usize).and_then(|names| names.get(conversation))
        else {
            return;
        };
        let mut last: Option<&UserId> = None;
        for user in users {
            if last.replace(user) == Some(user) {
                continue;
            }
            for id in followers.keys() {
                if let Some(connection) = self.connections.get_mut(id) {
                    watch(&mut self.users, connection, *id, user);
                }
            }
        }
    }

    /// A user's body changed: who was sent it before.
    pub(super) fn user_changed(&mut self, user: &UserId) -> impl Iterator<Item = &Arc<Mailbox>> {
        self.users_version += 1;
        if self.recent_users.len() >= RECENT_USERS {
            self.recent_users.pop_front();
        }
        self.recent_users.push_back((self.users_version, user.clone()));
        let watching = self.users.get(user.as_str()).into_iter().flatten();
        watching.filter_map(|id| self.connections.get(id).map(|connection| &connection.mailbox))
    }
}

fn watch(
    users: &mut HashMap<Arc<str>, HashSet<ConnId>>,
    connection: &mut Connection,
    id: ConnId,
    user: &UserId,
) {
    if let Some((name, watching)) = users.get_key_value(user.as_str()) {
        if watching.contains(&id) {
            return;
        }
        connection.users.push(Arc::clone(name));
    } else {
        let name: Arc<str> = Arc::from(user.as_str());
        connection.users.push(Arc::clone(&name));
        users.insert(name, HashSet::new());
    }
    if let Some(watching) = users.get_mut(user.as_str()) {
        watching.insert(id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user(name: &str) -> UserId {
        UserId::new(name).unwrap()
    }

    fn registry() -> AppRegistry {
        let mut registry = AppRegistry::default();
        registry.enter(1, Arc::new(Mailbox::new(1_000)));
        registry
    }

    #[test]
    fn who_changed_between_the_reading_and_the_watching_is_to_be_read_again() {
        let mut registry = registry();
        let version = registry.users_version();
        assert_eq!(registry.user_changed(&user("ada")).count(), 0, "nobody was sent her yet");
        assert!(registry.watch(1, [&user("bob")].into_iter(), version));
        assert!(!registry.watch(1, [&user("ada")].into_iter(), version), "she changed since");
        let version = registry.users_version();
        assert!(registry.watch(1, [&user("ada")].into_iter(), version));
        assert_eq!(registry.user_changed(&user("ada")).count(), 1, "from now on it is told");
    }

    #[test]
    fn where_more_changed_than_is_remembered_everybody_may_have() {
        let mut registry = registry();
        let version = registry.users_version();
        for index in 0..=RECENT_USERS {
            registry.user_changed(&user(&format!("u{index}"))).count();
        }
        assert!(!registry.watch(1, [&user("ada")].into_iter(), version));
        assert!(registry.watch(1, [&user("ada")].into_iter(), registry.users_version()));
    }

    #[test]
    fn nothing_is_kept_of_a_connection_that_is_gone() {
        let mut registry = registry();
        registry.follow(Kind::Conversation, "talk", 1);
        registry.watch(1, [&user("ada")].into_iter(), 0);
        registry.watch_all("talk", [&user("bob")].into_iter());
        registry.unfollow(Kind::Conversation, "talk", 1);
        registry.leave(1);
        assert!(registry.is_empty() && registry.users.is_empty());
        assert!(registry.kinds.iter().all(HashMap::is_empty));
    }
}
