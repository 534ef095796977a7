//! A connection as the fan-out sees it: the topics that it follows, and its mailbox.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use std::task::Waker;

use causerie_protocol::ids::{ConversationId, UserId};

use super::hub::Hub;
use super::mailbox::{Mail, Mailbox};
use super::registry::{AppRegistry, ConnectionId, FollowKind};

/// The registration of a connection with the fan-out, until it is dropped.
pub(crate) struct Follower {
    hub: Hub,
    app: Arc<str>,
    user: UserId,
    id: ConnectionId,
    mailbox: Arc<Mailbox>,
    /// The number of subscriptions that need each registration.
    counts: HashMap<(FollowKind, Box<str>), u32>,
    subscribed: bool,
}

impl Follower {
    /// Registers a connection of this user. Its mailbox holds `capacity` bytes.
    pub(crate) fn new(hub: &Hub, app: &Arc<str>, user: &UserId, capacity: usize) -> Follower {
        let shared = hub.shared();
        let (id, mailbox) = (shared.next_connection_id(), Arc::new(Mailbox::new(capacity)));
        shared.registry().entry(Arc::clone(app)).or_default().add_connection(id, Arc::clone(&mailbox));
        Follower {
            hub: hub.clone(),
            app: Arc::clone(app),
            user: user.clone(),
            id,
            mailbox,
            counts: HashMap::new(),
            subscribed: false,
        }
    }

    pub(crate) const fn hub(&self) -> &Hub {
        &self.hub
    }

    pub(crate) const fn app(&self) -> &Arc<str> {
        &self.app
    }

    pub(crate) const fn user(&self) -> &UserId {
        &self.user
    }

    /// Empties the mailbox. What arrives later wakes `waker`.
    pub(crate) fn drain(&self, waker: &Waker) -> Mail {
        self.mailbox.drain(waker)
    }

    /// Records whether this connection has subscriptions, which makes its user online.
    pub(crate) fn set_subscribed(&mut self, subscribed: bool) {
        if std::mem::replace(&mut self.subscribed, subscribed) == subscribed {
            return;
        }
        let (shared, key) = (self.hub.shared(), (Arc::clone(&self.app), self.user.clone()));
        if !subscribed {
            shared.presence().unsubscribe(&key, shared.now());
            // The presence has an expiry now.
            shared.wake.notify_one();
        } else if shared.presence().subscribe(&key, shared.now()) {
            shared.notify_online(&self.app, &self.user);
        }
    }

    pub(crate) fn follow_conversation(&mut self, id: &ConversationId) {
        self.follow(FollowKind::Conversation, id.as_str());
    }

    pub(crate) fn unfollow_conversation(&mut self, id: &ConversationId) {
        self.unfollow(FollowKind::Conversation, id.as_str());
    }

    pub(crate) fn follow_list(&mut self) {
        let user = self.user.as_str().to_owned();
        self.follow(FollowKind::List, &user);
    }

    pub(crate) fn unfollow_list(&mut self) {
        let user = self.user.as_str().to_owned();
        self.unfollow(FollowKind::List, &user);
    }

    pub(crate) fn follow_online(&mut self, user: &UserId) {
        self.follow(FollowKind::Online, user.as_str());
    }

    pub(crate) fn unfollow_online(&mut self, user: &UserId) {
        self.unfollow(FollowKind::Online, user.as_str());
    }

    /// Subscribes the mailbox to changes of a user that may not exist yet.
    pub(crate) fn follow_user(&mut self, user: &UserId) {
        self.follow(FollowKind::User, user.as_str());
    }

    pub(crate) fn unfollow_user(&mut self, user: &UserId) {
        self.unfollow(FollowKind::User, user.as_str());
    }

    pub(crate) fn follow_typing(&mut self, id: &ConversationId) {
        self.follow(FollowKind::Typing, id.as_str());
    }

    pub(crate) fn unfollow_typing(&mut self, id: &ConversationId) {
        self.unfollow(FollowKind::Typing, id.as_str());
    }

    /// Returns how often users of this app have changed so far. A reader calls it before it reads users.
    pub(crate) fn users_version(&self) -> u64 {
        self.with(|registry| registry.users_version()).unwrap_or_default()
    }

    /// Subscribes the mailbox to changes of these users, whose bodies are about to be sent. They were read
    /// after [`Follower::users_version`] returned `version`. Returns whether none of them changed in between;
    /// otherwise they have to be read again.
    pub(crate) fn watch<'a>(&self, users: impl Iterator<Item = &'a UserId>, version: u64) -> bool {
        self.with(|registry| registry.watch(self.id, users, version)).unwrap_or(true)
    }

    fn follow(&mut self, kind: FollowKind, id: &str) {
        let count = self.counts.entry((kind, id.into())).or_default();
        *count += 1;
        if *count == 1 {
            self.with(|registry| registry.follow(kind, id, self.id));
        }
    }

    fn unfollow(&mut self, kind: FollowKind, id: &str) {
        let key = (kind, id.into());
        let Some(count) = self.counts.get_mut(&key) else { return };
        *count -= 1;
        if *count == 0 {
            self.counts.remove(&key);
            self.with(|registry| registry.unfollow(kind, id, self.id));
        }
    }

    fn with<T>(&self, act: impl FnOnce(&mut AppRegistry) -> T) -> Option<T> {
        self.hub.shared().registry().get_mut(&self.app).map(act)
    }
}

impl Drop for Follower {
    fn drop(&mut self) {
        self.set_subscribed(false);
        let counts = std::mem::take(&mut self.counts);
        let mut registries = self.hub.shared().registry();
        let Some(registry) = registries.get_mut(&self.app) else { return };
        for (kind, id) in counts.into_keys() {
            registry.unfollow(kind, &id, self.id);
        }
        registry.remove_connection(self.id);
        if registry.is_empty() {
            registries.remove(&self.app);
        }
    }
}

impl fmt::Debug for Follower {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Follower").field("id", &self.id).finish_non_exhaustive()
    }
}
