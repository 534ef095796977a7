//! A connection's place in the fan-out: what it follows, and the mailbox where it hears of it. It is given back when
//! dropped.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use std::task::Waker;

use causerie_protocol::ids::{ConversationId, UserId};

use super::Hub;
use super::mailbox::{Mail, Mailbox};
use super::registry::{AppRegistry, ConnId, Kind};

/// See the module.
pub(crate) struct Follower {
    hub: Hub,
    app: Arc<str>,
    user: UserId,
    id: ConnId,
    mailbox: Arc<Mailbox>,
    /// How often each thing is followed: two subscriptions may want the same.
    held: HashMap<(Kind, Box<str>), u32>,
    follows: bool,
}

impl Follower {
    /// A connection of this user, with a mailbox of so many bytes.
    pub(crate) fn new(hub: &Hub, app: &Arc<str>, user: &UserId, bytes: usize) -> Follower {
        let shared = hub.shared();
        let (id, mailbox) = (shared.next_connection(), Arc::new(Mailbox::new(bytes)));
        shared.registry().entry(Arc::clone(app)).or_default().enter(id, Arc::clone(&mailbox));
        Follower {
            hub: hub.clone(),
            app: Arc::clone(app),
            user: user.clone(),
            id,
            mailbox,
            held: HashMap::new(),
            follows: false,
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

    /// Takes what came; what comes afterwards wakes.
    pub(crate) fn mail(&self, waker: &Waker) -> Mail {
        self.mailbox.take(waker)
    }

    /// Says whether this connection has subscriptions, which is what makes its user be online.
    pub(crate) fn follows(&mut self, follows: bool) {
        if std::mem::replace(&mut self.follows, follows) == follows {
            return;
        }
        let (shared, key) = (self.hub.shared(), (Arc::clone(&self.app), self.user.clone()));
        if !follows {
            shared.presence().follows_no_more(&key, shared.now());
            // It sets a time.
            shared.wake.notify_one();
        } else if shared.presence().follows(&key, shared.now()) {
            shared.tell_online(&self.app, &self.user);
        }
    }

    pub(crate) fn follow_conversation(&mut self, id: &ConversationId) {
        self.follow(Kind::Conversation, id.as_str());
    }

    pub(crate) fn unfollow_conversation(&mut self, id: &ConversationId) {
        self.unfollow(Kind::Conversation, id.as_str());
    }

    pub(crate) fn follow_list(&mut self) {
        let name = self.user.as_str().to_owned();
        self.follow(Kind::List, &name);
    }

    pub(crate) fn unfollow_list(&mut self) {
        let name = self.user.as_str().to_owned();
        self.unfollow(Kind::List, &name);
    }

    pub(crate) fn follow_online(&mut self, user: &UserId) {
        self.follow(Kind::Online, user.as_str());
    }

    pub(crate) fn unfollow_online(&mut self, user: &UserId) {
        self.unfollow(Kind::Online, user.as_str());
    }

    pub(crate) fn follow_typing(&mut self, id: &ConversationId) {
        self.follow(Kind::Typing, id.as_str());
    }

    pub(crate) fn unfollow_typing(&mut self, id: &ConversationId) {
        self.unfollow(Kind::Typing, id.as_str());
    }

    /// How often users have changed so far: to be asked before users are read.
    pub(crate) fn users_version(&self) -> u64 {
        self.with(|registry| registry.users_version()).unwrap_or_default()
    }

    /// Users that are about to be sent as they were read after `version` was asked for. From now on the mailbox hears of
    /// their changes. Says whether none of them changed in between; otherwise they are to be read again.
    pub(crate) fn watch<'a>(&self, users: impl Iterator<Item = &'a UserId>, version: u64) -> bool {
        self.with(|registry| registry.watch(self.id, users, version)).unwrap_or(true)
    }

    fn follow(&mut self, kind: Kind, name: &str) {
        let count = self.held.entry((kind, name.into())).or_default();
        *count += 1;
        if *count == 1 {
            self.with(|registry| registry.follow(kind, name, self.id));
        }
    }

    fn unfollow(&mut self, kind: Kind, name: &str) {
        let key = (kind, name.into());
        let Some(count) = self.held.get_mut(&key) else { return };
        *count -= 1;
        if *count == 0 {
            self.held.remove(&key);
            self.with(|registry| registry.unfollow(kind, name, self.id));
        }
    }

    fn with<T>(&self, act: impl FnOnce(&mut AppRegistry) -> T) -> Option<T> {
        self.hub.shared().registry().get_mut(&self.app).map(act)
    }
}

impl Drop for Follower {
    fn drop(&mut self) {
        self.follows(false);
        let held = std::mem::take(&mut self.held);
        let mut registry = self.hub.shared().registry();
        let Some(of) = registry.get_mut(&self.app) else { return };
        for (kind, name) in held.into_keys() {
            of.unfollow(kind, &name, self.id);
        }
        of.leave(self.id);
        if of.is_empty() {
            registry.remove(&self.app);
        }
    }
}

impl fmt::Debug for Follower {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Follower").field("id", &self.id).finish_non_exhaustive()
    }
}
