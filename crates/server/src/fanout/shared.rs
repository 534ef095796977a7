//! The state that the hub, the dispatcher and the followers share.

use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use causerie_protocol::ids::{ConversationId, UserId};
use tokio::sync::Notify;

use super::mailbox::Hint;
use super::presence::Presence;
use super::registry::{AppRegistry, ConnectionId, FollowKind};
use super::typing::Typing;
use crate::clock::Clock;
use crate::events::AppEvent;

/// How many events may wait for the dispatcher. The dispatcher is faster than the disk, so the queue only
/// fills if it is blocked. If the queue overflows, all clients resume from their positions.
pub(super) const QUEUE_EVENTS: usize = 100_000;

pub(super) struct Shared {
    queue: Mutex<Queue>,
    /// Wakes the dispatcher: for new events, an earlier deadline or the end.
    pub(super) wake: Notify,
    registry: Mutex<HashMap<Arc<str>, AppRegistry>>,
    presence: Mutex<Presence>,
    typing: Mutex<Typing>,
    pub(super) clock: Arc<dyn Clock>,
    /// The time until which the dispatcher sleeps.
    deadline: AtomicI64,
    connections: AtomicU64,
}

#[derive(Default)]
struct Queue {
    commits: VecDeque<Vec<AppEvent>>,
    /// The number of events in `commits`.
    count: usize,
    overflowed: bool,
    closed: bool,
}

/// The content of the queue, as the dispatcher gets it.
pub(super) enum Drained {
    /// The events of some commits, in order.
    Commits(VecDeque<Vec<AppEvent>>),
    /// The queue overflowed, and its events are lost.
    Overflowed,
    /// The hub is closed and the queue is empty.
    Closed,
}

impl Shared {
    pub(super) fn new(clock: Arc<dyn Clock>) -> Shared {
        Shared {
            queue: Mutex::default(),
            wake: Notify::new(),
            registry: Mutex::default(),
            presence: Mutex::default(),
            typing: Mutex::default(),
            clock,
            deadline: AtomicI64::new(i64::MAX),
            connections: AtomicU64::new(0),
        }
    }

    /// Returns the steady time: presence and typing last as long as they should if the wall clock is set.
    pub(super) fn now(&self) -> i64 {
        self.clock.steady_ms()
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds the events of one commit to the queue.
    pub(super) fn enqueue(&self, events: Vec<AppEvent>) {
        let mut queue = self.queue();
        queue.count += events.len();
        if queue.count > QUEUE_EVENTS {
            queue.overflowed = true;
            queue.commits.clear();
        } else {
            queue.commits.push_back(events);
        }
        drop(queue);
        self.wake.notify_one();
    }

    /// Takes everything out of the queue.
    pub(super) fn drain(&self) -> Drained {
        let mut queue = self.queue();
        queue.count = 0;
        if std::mem::take(&mut queue.overflowed) {
            return Drained::Overflowed;
        }
        if queue.commits.is_empty() && queue.closed {
            return Drained::Closed;
        }
        Drained::Commits(std::mem::take(&mut queue.commits))
    }

    /// Ends the dispatcher once the queue is empty.
    pub(super) fn close(&self) {
        self.queue().closed = true;
        self.wake.notify_one();
    }

    /// Returns the next time at which the presence or the typing of a user may expire.
    pub(super) fn next_expiry(&self) -> Option<i64> {
        let presence = self.presence().next_expiry();
        let typing = self.typing().next_expiry();
        [presence, typing].into_iter().flatten().min()
    }

    /// Stores the time until which the dispatcher is about to sleep.
    pub(super) fn set_deadline(&self, deadline: Option<i64>) {
        self.deadline.store(deadline.unwrap_or(i64::MAX), Ordering::Release);
    }

    /// Wakes the dispatcher if it would sleep beyond this time.
    pub(super) fn wake_before(&self, time: Option<i64>) {
        if time.is_some_and(|time| time < self.deadline.load(Ordering::Acquire)) {
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

    pub(super) fn next_connection_id(&self) -> ConnectionId {
        self.connections.fetch_add(1, Ordering::Relaxed)
    }

    /// Sends a hint to the followers of a user's presence.
    pub(super) fn notify_online(&self, app: &Arc<str>, user: &UserId) {
        self.hint(app, FollowKind::Online, user.as_str(), &Hint::Online(user.clone()));
    }

    /// Sends a hint to the followers of a conversation's typing users.
    pub(super) fn notify_typing(&self, app: &Arc<str>, id: &ConversationId, renewed: bool) {
        self.hint(app, FollowKind::Typing, id.as_str(), &Hint::Typing { id: id.clone(), renewed });
    }

    fn hint(&self, app: &Arc<str>, kind: FollowKind, id: &str, hint: &Hint) {
        let registry = self.registry();
        let Some(app_registry) = registry.get(app) else { return };
        for mailbox in app_registry.followers(kind, id) {
            if mailbox.hint(hint.clone()) {
                mailbox.wake();
            }
        }
    }
}
