//! The fan-out of one server process: what is followed, who is there, and the queue between the writer and the
//! dispatcher.

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use causerie_protocol::ids::{ConversationId, UserId};
use tokio::sync::Notify;

use super::Fanout;
use super::dispatch::Dispatcher;
use super::mailbox::Hint;
use super::presence::Presence;
use super::registry::{AppRegistry, ConnId, Kind};
use super::typing::{Tell, Typers, Typing};
use crate::clock::Clock;
use crate::events::AppEvent;

/// How many changes may wait for the dispatcher. It is quicker than the disk, so they do only when it is kept from
/// working; and then everybody starts anew from where they were.
const QUEUE_CHANGES: usize = 100_000;

/// Reads who takes part in a conversation. Behind the service, which may be gone by then.
pub(crate) trait MembersOf: Send + Sync + 'static {
    /// The participants; none where the conversation is not there, or could not be read.
    fn members<'a>(
        &'a self,
        app: &'a str,
        conversation: &'a ConversationId,
    ) -> Pin<Box<dyn Future<Output = Vec<UserId>> + Send + 'a>>;
}

/// See the module. Clones share it.
#[derive(Clone)]
pub struct Hub {
    shared: Arc<Shared>,
}

pub(super) struct Shared {
    queue: Mutex<Queue>,
    /// There is something in the queue, an earlier time, or an end.
    pub(super) wake: Notify,
    registry: Mutex<HashMap<Arc<str>, AppRegistry>>,
    presence: Mutex<Presence>,
    typing: Mutex<Typing>,
    pub(super) clock: Arc<dyn Clock>,
    /// The time that the dispatcher waits for.
    pub(super) armed: AtomicI64,
    connections: AtomicU64,
}

#[derive(Default)]
struct Queue {
    changes: VecDeque<Vec<AppEvent>>,
    count: usize,
    lost: bool,
    closed: bool,
}

/// What the dispatcher finds in the queue.
pub(super) enum Taken {
    /// The changes of some commits, in order.
    Changes(VecDeque<Vec<AppEvent>>),
    /// There were too many.
    Lost,
    /// There will be no more.
    Closed,
}

impl Fanout for Hub {
    fn publish(&self, changes: Vec<AppEvent>) {
        if changes.is_empty() {
            return;
        }
        let mut queue = self.shared.queue.lock().unwrap_or_else(PoisonError::into_inner);
        queue.count += changes.len();
        if queue.count > QUEUE_CHANGES {
            queue.lost = true;
            queue.changes.clear();
        } else {
            queue.changes.push_back(changes);
        }
        drop(queue);
        self.shared.wake.notify_one();
    }
}

impl Hub {
    /// A hub that nobody follows yet, and that tells nobody anything until it is started.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>) -> Hub {
        let shared = Shared {
            queue: Mutex::default(),
            wake: Notify::new(),
            registry: Mutex::default(),
            presence: Mutex::default(),
            typing: Mutex::default(),
            clock,
            armed: AtomicI64::new(i64::MAX),
            connections: AtomicU64::new(0),
        };
        Hub { shared: Arc::new(shared) }
    }

    /// Starts the dispatcher. It ends with [`Hub::close`], or when whom it asks for members is gone.
    pub(crate) fn start(&self, members: Weak<dyn MembersOf>) {
        tokio::spawn(Dispatcher::new(Arc::clone(&self.shared), members).run());
    }

    /// Ends the dispatcher, after what is in the queue.
    pub(crate) fn close(&self) {
        self.shared.queue.lock().unwrap_or_else(PoisonError::into_inner).closed = true;
        self.shared.wake.notify_one();
    }

    /// A user asked for something.
    pub(crate) fn seen(&self, app: &Arc<str>, user: &UserId) {
        let key = (Arc::clone(app), user.clone());
        let (came, next) = {
            let mut presence = self.shared.presence();
            (presence.seen(&key, self.shared.now()), presence.next_time())
        };
        self.shared.arm(next);
        if came {
            self.shared.tell_online(app, user);
        }
    }

    /// A connection of a user is open, for as long as what is returned lives.
    pub(crate) fn attend(&self, app: &Arc<str>, user: &UserId) -> Attendance {
        let key = (Arc::clone(app), user.clone());
        self.shared.presence().connected(&key);
        Attendance { hub: self.clone(), key }
    }

    /// A user is typing.
    pub(crate) fn typed(&self, app: &Arc<str>, conversation: &ConversationId, user: &UserId) {
        let key = (Arc::clone(app), conversation.clone());
        let (tell, next) = {
            let mut typing = self.shared.typing();
            (typing.typed(&key, user, self.shared.now()), typing.next_time())
        };
        self.shared.arm(next);
        if tell != Tell::Nothing {
            self.shared.tell_typing(app, conversation, tell == Tell::Again);
        }
    }

    /// Who is typing, but for the viewer.
    pub(crate) fn typers(&self, app: &Arc<str>, conversation: &ConversationId, viewer: &UserId) -> Typers {
        self.shared.typing().seen_by(&(Arc::clone(app), conversation.clone()), viewer)
    }

    /// Whether a user is online.
    pub(crate) fn is_online(&self, app: &Arc<str>, user: &UserId) -> bool {
        self.shared.presence().is_online(&(Arc::clone(app), user.clone()), self.shared.now())
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

impl Shared {
    pub(super) fn now(&self) -> i64 {
        self.clock.now_ms()
    }

    pub(super) fn take(&self) -> Taken {
        let mut queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        queue.count = 0;
        if std::mem::take(&mut queue.lost) {
            return Taken::Lost;
        }
        if queue.changes.is_empty() && queue.closed {
            return Taken::Closed;
        }
        Taken::Changes(std::mem::take(&mut queue.changes))
    }

    /// Sees to it that the dispatcher looks at this time.
    fn arm(&self, next: Option<i64>) {
        if next.is_some_and(|next| next < self.armed.load(Ordering::Acquire)) {
            self.wake.notify_one();
        }
    }

    pub(super) fn presence(&self) -> MutexGuard<'_, Presence> {
        self.presence.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn typing(&self) -> MutexGuard<'_, Typing> {
        self.typing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn registry(&self) -> MutexGuard<'_, HashMap<Arc<str>, AppRegistry>> {
        self.registry.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn next_connection(&self) -> ConnId {
        self.connections.fetch_add(1, Ordering::Relaxed)
    }

    pub(super) fn tell_online(&self, app: &Arc<str>, user: &UserId) {
        self.hint(app, Kind::Online, user.as_str(), &Hint::Online(user.clone()));
    }

    pub(super) fn tell_typing(&self, app: &Arc<str>, id: &ConversationId, again: bool) {
        self.hint(app, Kind::Typing, id.as_str(), &Hint::Typing { id: id.clone(), again });
    }

    fn hint(&self, app: &Arc<str>, kind: Kind, name: &str, hint: &Hint) {
        let registry = self.registry();
        let Some(of) = registry.get(app) else { return };
        for mailbox in of.followers(kind, name) {
            if mailbox.hint(hint.clone()) {
                mailbox.wake();
            }
        }
    }
}

/// An open connection of a user.
pub(crate) struct Attendance {
    hub: Hub,
    key: (Arc<str>, UserId),
}

impl Drop for Attendance {
    fn drop(&mut self) {
        let shared = &self.hub.shared;
        if !shared.presence().disconnected(&self.key) {
            return;
        }
        let (app, user) = &self.key;
        let stopped = shared.typing().gone(app, user);
        for (_, conversation) in stopped {
            shared.tell_typing(app, &conversation, false);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::task::Waker;

    use causerie_protocol::entities::User;

    use super::super::Follower;
    use super::*;
    use crate::clock::SettableClock;
    use crate::events::AppEventKind;

    struct Nobody;

    impl MembersOf for Nobody {
        fn members<'a>(
            &'a self,
            _app: &'a str,
            _conversation: &'a ConversationId,
        ) -> Pin<Box<dyn Future<Output = Vec<UserId>> + Send + 'a>> {
            Box::pin(async { Vec::new() })
        }
    }

    fn change(app: &Arc<str>) -> AppEvent {
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
    async fn changes_that_pile_up_are_lost_as_a_whole_and_everybody_is_told_to_start_anew() {
        let app: Arc<str> = Arc::from("app");
        let hub = Hub::new(Arc::new(SettableClock::at(0)));
        let follower = Follower::new(&hub, &app, &UserId::new("bob").unwrap(), 1_000);
        for _ in 0..=QUEUE_CHANGES / 1_000 {
            hub.publish(vec![change(&app); 1_000]);
        }
        let source: Arc<dyn MembersOf> = Arc::new(Nobody);
        hub.start(Arc::downgrade(&source));
        while !follower.mail(Waker::noop()).lost {
            tokio::task::yield_now().await;
        }
        assert_eq!(hub.shared.queue.lock().unwrap().changes.len(), 0, "nothing is kept");
    }

    #[tokio::test]
    async fn what_is_in_the_queue_is_told_before_the_end() {
        let app: Arc<str> = Arc::from("app");
        let hub = Hub::new(Arc::new(SettableClock::at(0)));
        let follower = Follower::new(&hub, &app, &UserId::new("bob").unwrap(), 10_000);
        follower.watch([&UserId::new("ada").unwrap()].into_iter(), 0);
        hub.publish(vec![change(&app)]);
        hub.close();
        let source: Arc<dyn MembersOf> = Arc::new(Nobody);
        hub.start(Arc::downgrade(&source));
        let items = loop {
            let mail = follower.mail(Waker::noop());
            if !mail.items.is_empty() {
                break mail.items;
            }
            tokio::task::yield_now().await;
        };
        assert_eq!(items.len(), 1);
    }
}
