//! The hub: the fan-out of one server process, with the presence and the typing of its users.

use std::collections::{BTreeSet, HashMap};
use std::fmt;
use std::sync::{Arc, Weak};

use causerie_protocol::ids::{ConversationId, UserId};

use super::dispatch::Dispatcher;
use super::members::MemberSource;
use super::shared::Shared;
use super::typing::{NotifyKind, Typers};
use crate::clock::Clock;
use crate::events::{AppEvent, EventSink};

/// The fan-out of one server process. Clones share its state.
#[derive(Clone)]
pub struct Hub {
    shared: Arc<Shared>,
}

impl EventSink for Hub {
    fn publish(&self, events: Vec<AppEvent>) {
        if !events.is_empty() {
            self.shared.enqueue(events);
        }
    }
}

impl Hub {
    /// Creates a hub without followers. It delivers nothing until it is started.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>) -> Hub {
        Hub { shared: Arc::new(Shared::new(clock)) }
    }

    /// Starts the dispatcher. It runs until [`Hub::close`].
    pub(crate) fn start(&self, members: Weak<dyn MemberSource>) {
        tokio::spawn(Dispatcher::new(Arc::clone(&self.shared), members).run());
    }

    /// Ends the dispatcher after the events in the queue.
    pub(crate) fn close(&self) {
        self.shared.close();
    }

    /// Records that a user made a request, which makes the user online for some seconds.
    pub(crate) fn record_activity(&self, app: &Arc<str>, user: &UserId) {
        let key = (Arc::clone(app), user.clone());
        let (came_online, next) = {
            let mut presence = self.shared.presence();
            (presence.record_activity(&key, self.shared.now()), presence.next_expiry())
        };
        self.shared.wake_before(next);
        if came_online {
            self.shared.notify_online(app, user);
        }
    }

    /// Records that a user has an open connection, until the guard is dropped.
    pub(crate) fn connect(&self, app: &Arc<str>, user: &UserId) -> PresenceGuard {
        let key = (Arc::clone(app), user.clone());
        self.shared.presence().connect(&key);
        PresenceGuard { hub: self.clone(), key }
    }

    /// Records that a user is typing.
    pub(crate) fn record_typing(&self, app: &Arc<str>, conversation: &ConversationId, user: &UserId) {
        let key = (Arc::clone(app), conversation.clone());
        let (notify, next) = {
            let mut typing = self.shared.typing();
            (typing.record(&key, user, self.shared.now()), typing.next_expiry())
        };
        self.shared.wake_before(next);
        if notify != NotifyKind::None {
            self.shared.notify_typing(app, conversation, notify == NotifyKind::Renewed);
        }
    }

    /// Returns the typing users, without the viewer.
    pub(crate) fn typers(&self, app: &Arc<str>, conversation: &ConversationId, viewer: &UserId) -> Typers {
        self.shared.typing().visible_to(&(Arc::clone(app), conversation.clone()), viewer)
    }

    /// Returns whether a user is online.
    pub(crate) fn is_online(&self, app: &Arc<str>, user: &UserId) -> bool {
        self.shared.presence().is_online(&(Arc::clone(app), user.clone()), self.shared.now())
    }

    /// Returns all users of an app who are online.
    pub(crate) fn online_users(&self, app: &str) -> BTreeSet<UserId> {
        self.shared.presence().online_users(app, self.shared.now())
    }

    /// Returns the users of an app who are typing, each with a conversation in which they are.
    pub(crate) fn typing_users(&self, app: &str) -> HashMap<UserId, ConversationId> {
        self.shared.typing().users(app)
    }

    pub(super) fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }
}

impl fmt::Debug for Hub {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hub").finish_non_exhaustive()
    }
}

/// An open connection of a user.
pub(crate) struct PresenceGuard {
    hub: Hub,
    key: (Arc<str>, UserId),
}

impl Drop for PresenceGuard {
    fn drop(&mut self) {
        let shared = &self.hub.shared;
        if !shared.presence().disconnect(&self.key) {
            return;
        }
        let (app, user) = &self.key;
        let stopped = shared.typing().stop_everywhere(app, user);
        for (_, conversation) in stopped {
            shared.notify_typing(app, &conversation, false);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};
    use std::task::Waker;

    use causerie_protocol::entities::User;

    use super::*;
    use crate::clock::SettableClock;
    use crate::events::{AppEventKind, Event};
    use crate::fanout::shared::{Drained, QUEUE_EVENTS};
    use crate::fanout::{Follower, Hint, ReadingMembers};
    use crate::store::StoreError;

    struct NoMembers;

    impl MemberSource for NoMembers {
        fn members<'a>(&'a self, _app: &'a str, _conversation: &'a ConversationId) -> ReadingMembers<'a> {
            Box::pin(async { Ok(Vec::new()) })
        }
    }

    /// A source whose first read fails, and whose later ones return bob.
    #[derive(Default)]
    struct FailsOnce {
        reads: AtomicU32,
    }

    impl MemberSource for FailsOnce {
        fn members<'a>(&'a self, _app: &'a str, _conversation: &'a ConversationId) -> ReadingMembers<'a> {
            let first = self.reads.fetch_add(1, Ordering::Relaxed) == 0;
            Box::pin(async move {
                if first { Err(StoreError::failed("disk I/O error")) } else { Ok(vec![bob()]) }
            })
        }
    }

    fn bob() -> UserId {
        UserId::new("bob").unwrap()
    }

    #[tokio::test]
    async fn a_failed_read_of_members_is_not_cached_and_silences_no_list() {
        let app: Arc<str> = Arc::from("app");
        let hub = Hub::new(Arc::new(SettableClock::at(0)));
        let mut follower = Follower::new(&hub, &app, &bob(), 10_000);
        follower.follow_list();
        let source = Arc::new(FailsOnce::default());
        let dynamic: Arc<dyn MemberSource> = Arc::clone(&source) as Arc<dyn MemberSource>;
        hub.start(Arc::downgrade(&dynamic));
        let talk = ConversationId::new("talk").unwrap();
        for seq in 1..=3 {
            let kind = AppEventKind::Conversation { id: talk.clone(), seq, event: Event::SettingsChanged };
            hub.publish(vec![AppEvent { app: Arc::clone(&app), kind }]);
            let mut turns = 0;
            while !follower.drain(Waker::noop()).hints.contains(&Hint::View(talk.clone())) {
                turns += 1;
                assert!(turns < 1_000, "bob's list learned nothing of event {seq}");
                tokio::task::yield_now().await;
            }
        }
        assert_eq!(source.reads.load(Ordering::Relaxed), 2, "the members that were read are cached");
    }

    fn user_event(app: &Arc<str>) -> AppEvent {
        let user = User {
            id: UserId::new("ada").unwrap(),
            name: "Ada".to_owned(),
            custom: Default::default(),
            locale: "en".to_owned(),
            photo_url: None,
            role: "default".to_owned(),
            welcome_message: None,
        };
        AppEvent { app: Arc::clone(app), kind: AppEventKind::User(user) }
    }

    #[tokio::test]
    async fn queue_overflow_drops_all_events_and_overflows_every_mailbox() {
        let app: Arc<str> = Arc::from("app");
        let hub = Hub::new(Arc::new(SettableClock::at(0)));
        let follower = Follower::new(&hub, &app, &UserId::new("bob").unwrap(), 1_000);
        for _ in 0..=QUEUE_EVENTS / 1_000 {
            hub.publish(vec![user_event(&app); 1_000]);
        }
        let source: Arc<dyn MemberSource> = Arc::new(NoMembers);
        hub.start(Arc::downgrade(&source));
        while !follower.drain(Waker::noop()).overflowed {
            tokio::task::yield_now().await;
        }
        hub.close();
        assert!(matches!(hub.shared.drain(), Drained::Closed), "the queue is empty");
    }

    #[tokio::test]
    async fn queued_events_are_delivered_before_the_dispatcher_ends() {
        let app: Arc<str> = Arc::from("app");
        let hub = Hub::new(Arc::new(SettableClock::at(0)));
        let follower = Follower::new(&hub, &app, &UserId::new("bob").unwrap(), 10_000);
        follower.watch([&UserId::new("ada").unwrap()].into_iter(), 0);
        hub.publish(vec![user_event(&app)]);
        hub.close();
        let source: Arc<dyn MemberSource> = Arc::new(NoMembers);
        hub.start(Arc::downgrade(&source));
        let items = loop {
            let mail = follower.drain(Waker::noop());
            if !mail.items.is_empty() {
                break mail.items;
            }
            tokio::task::yield_now().await;
        };
        assert_eq!(items.len(), 1);
    }
}
