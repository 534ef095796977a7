//! The bounded queue of one connection. A mailbox that exceeds its capacity in bytes overflows: it loses
//! everything, never a part.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::Waker;

use causerie_protocol::ids::{ConversationId, UserId};
use futures_util::task::AtomicWaker;

use super::batch::{Batch, UserUpdate};

/// The approximate bytes of an item or a hint, without shared data.
const ENTRY_BYTES: usize = 64;

/// An item that the client is sent in order.
#[derive(Clone, Debug)]
pub(crate) enum Item {
    /// Events in a conversation that the connection follows.
    Batch(Arc<Batch>),
    /// A change of a user whose body the client was sent.
    User(Arc<UserUpdate>),
}

/// A notice that the connection has to read something again. Several equal hints count as one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Hint {
    /// The viewer's view of a conversation changed, or the viewer joined or left it.
    View(ConversationId),
    /// The set of typing users changed.
    Typing {
        /// The conversation in which they are typing.
        id: ConversationId,
        /// Whether a user renewed the typing, so that it is sent even if it is unchanged.
        renewed: bool,
    },
    /// A user went online or offline.
    Online(UserId),
}

/// The content of a mailbox.
#[derive(Debug, Default)]
pub(crate) struct Mail {
    /// The items, in their order.
    pub(crate) items: Vec<Item>,
    /// The hints.
    pub(crate) hints: BTreeSet<Hint>,
    /// Whether the mailbox overflowed, so that the client has to resume from its position.
    pub(crate) overflowed: bool,
}

#[derive(Debug)]
pub(crate) struct Mailbox {
    /// The content, and its size in bytes.
    mail: Mutex<(Mail, usize)>,
    waker: AtomicWaker,
    capacity: usize,
}

impl Mailbox {
    pub(super) fn new(capacity: usize) -> Mailbox {
        Mailbox { mail: Mutex::default(), waker: AtomicWaker::new(), capacity }
    }

    /// Adds an item. Returns whether the owner has to be woken, because the mailbox was empty or overflows.
    pub(super) fn push(&self, item: Item) -> bool {
        let bytes = ENTRY_BYTES
            + match &item {
                Item::Batch(batch) => batch.bytes(),
                Item::User(update) => update.bytes(),
            };
        self.change(bytes, |mail| mail.items.push(item))
    }

    /// Adds a hint. Returns whether the owner has to be woken.
    pub(super) fn hint(&self, hint: Hint) -> bool {
        let pending = self.mail.lock().unwrap_or_else(PoisonError::into_inner).0.hints.contains(&hint);
        !pending
            && self.change(4 * ENTRY_BYTES, |mail| {
                mail.hints.insert(hint);
            })
    }

    /// Makes the mailbox overflow, and wakes the owner.
    pub(super) fn overflow(&self) {
        self.change(self.capacity + 1, |_| {});
        self.wake();
    }

    fn change(&self, bytes: usize, change: impl FnOnce(&mut Mail)) -> bool {
        let mut guard = self.mail.lock().unwrap_or_else(PoisonError::into_inner);
        let (mail, used) = &mut *guard;
        if mail.overflowed {
            return false;
        }
        let was_empty = *used == 0;
        *used += bytes;
        if *used > self.capacity {
            *mail = Mail { overflowed: true, ..Mail::default() };
            return true;
        }
        change(mail);
        was_empty
    }

    /// Wakes the owner.
    pub(super) fn wake(&self) {
        self.waker.wake();
    }

    /// Takes everything out. What arrives later wakes `waker`.
    pub(super) fn drain(&self, waker: &Waker) -> Mail {
        self.waker.register(waker);
        let mut guard = self.mail.lock().unwrap_or_else(PoisonError::into_inner);
        if guard.1 == 0 {
            return Mail::default();
        }
        guard.1 = 0;
        std::mem::take(&mut guard.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hint(user: &str) -> Hint {
        Hint::Online(UserId::new(user).unwrap())
    }

    #[test]
    fn owner_is_woken_once_until_the_mailbox_is_drained() {
        let mailbox = Mailbox::new(10_000);
        assert!(mailbox.hint(hint("ada")));
        assert!(!mailbox.hint(hint("bob")));
        assert!(!mailbox.hint(hint("ada")), "equal hints count as one");
        assert_eq!(mailbox.drain(Waker::noop()).hints.len(), 2);
        assert!(mailbox.drain(Waker::noop()).hints.is_empty());
        assert!(mailbox.hint(hint("ada")));
    }

    #[test]
    fn updates_of_a_user_count_with_their_size() {
        let user = causerie_protocol::entities::User {
            id: UserId::new("ada").unwrap(),
            name: "Ada".to_owned(),
            custom: [("text".to_owned(), "x".repeat(16_000))].into_iter().collect(),
            locale: "en".to_owned(),
            photo_url: None,
            role: "default".to_owned(),
            welcome_message: None,
        };
        let update = Arc::new(UserUpdate::new(user));
        let mailbox = Mailbox::new(100_000);
        for _ in 0..6 {
            mailbox.push(Item::User(Arc::clone(&update)));
        }
        assert_eq!(mailbox.drain(Waker::noop()).items.len(), 6);
        for _ in 0..7 {
            mailbox.push(Item::User(Arc::clone(&update)));
        }
        assert!(mailbox.drain(Waker::noop()).overflowed);
    }

    #[test]
    fn overflowing_mailbox_loses_everything() {
        let mailbox = Mailbox::new(1_000);
        for index in 0..100 {
            mailbox.hint(hint(&format!("user-{index}")));
        }
        let mail = mailbox.drain(Waker::noop());
        assert!(mail.overflowed);
        assert!(mail.hints.is_empty() && mail.items.is_empty(), "no part is left");
    }
}
