//! What waits for one connection. Bounded in bytes: one that is not emptied in time is lost as a whole, never in part.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::Waker;

use causerie_protocol::ids::{ConversationId, UserId};
use futures_util::task::AtomicWaker;

use super::batch::{Batch, Update};

/// Something that goes to the client in its order.
#[derive(Clone, Debug)]
pub(crate) enum Item {
    /// Something happened in a conversation that is followed.
    Batch(Arc<Batch>),
    /// A user's body changed that the client was sent.
    Update(Arc<Update>),
}

/// Something that the connection is to look at, the sooner the better, but once only.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Hint {
    /// The viewer's conversation: it may be another one than before, or none of theirs any more.
    View(ConversationId),
    /// Who is typing.
    Typing {
        /// Where.
        id: ConversationId,
        /// Whether somebody said so again, so that it is worth saying even where it is the same.
        again: bool,
    },
    /// Whether somebody is online.
    Online(UserId),
}

/// What was in a mailbox.
#[derive(Debug, Default)]
pub(crate) struct Mail {
    /// In order.
    pub(crate) items: Vec<Item>,
    /// In no order.
    pub(crate) hints: HashSet<Hint>,
    /// There was more than there was room for: the client has to start anew from where it was.
    pub(crate) lost: bool,
}

/// See the module.
#[derive(Debug)]
pub(crate) struct Mailbox {
    mail: Mutex<(Mail, usize)>,
    waker: AtomicWaker,
    most: usize,
}

/// What an item or a hint takes beside what is shared.
const PIECE_BYTES: usize = 64;

impl Mailbox {
    pub(super) fn new(most: usize) -> Mailbox {
        Mailbox { mail: Mutex::default(), waker: AtomicWaker::new(), most }
    }

    /// Puts something in. Says whether the mailbox was empty before, so that its owner is to be woken.
    pub(super) fn put(&self, item: Item) -> bool {
        let bytes = PIECE_BYTES
            + match &item {
                Item::Batch(batch) => batch.weight(),
                Item::Update(_) => 512,
            };
        self.change(bytes, |mail| mail.items.push(item))
    }

    /// The same with a hint.
    pub(super) fn hint(&self, hint: Hint) -> bool {
        let waits = self.mail.lock().unwrap_or_else(PoisonError::into_inner).0.hints.contains(&hint);
        !waits
            && self.change(4 * PIECE_BYTES, |mail| {
                mail.hints.insert(hint);
            })
    }

    /// Says that something was lost for good.
    pub(super) fn lose(&self) {
        self.change(self.most + 1, |_| {});
        self.wake();
    }

    fn change(&self, bytes: usize, change: impl FnOnce(&mut Mail)) -> bool {
        let mut guard = self.mail.lock().unwrap_or_else(PoisonError::into_inner);
        let (mail, used) = &mut *guard;
        if mail.lost {
            return false;
        }
        let was_empty = *used == 0;
        *used += bytes;
        if *used > self.most {
            *mail = Mail { lost: true, ..Mail::default() };
            return true;
        }
        change(mail);
        was_empty
    }

    /// Wakes the owner.
    pub(super) fn wake(&self) {
        self.waker.wake();
    }

    /// Takes everything out; what comes afterwards wakes.
    pub(super) fn take(&self, waker: &Waker) -> Mail {
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

    fn hint(name: &str) -> Hint {
        Hint::Online(UserId::new(name).unwrap())
    }

    #[test]
    fn the_owner_is_woken_once_for_all_that_waits_and_again_after_it_was_taken() {
        let mailbox = Mailbox::new(10_000);
        assert!(mailbox.hint(hint("ada")));
        assert!(!mailbox.hint(hint("bob")));
        assert!(!mailbox.hint(hint("ada")), "what waits already does not wait twice");
        assert_eq!(mailbox.take(Waker::noop()).hints.len(), 2);
        assert!(mailbox.take(Waker::noop()).hints.is_empty());
        assert!(mailbox.hint(hint("ada")));
    }

    #[test]
    fn a_mailbox_that_nobody_empties_is_lost_and_keeps_nothing() {
        let mailbox = Mailbox::new(1_000);
        for index in 0..100 {
            mailbox.hint(hint(&format!("user-{index}")));
        }
        let mail = mailbox.take(Waker::noop());
        assert!(mail.lost);
        assert!(mail.hints.is_empty() && mail.items.is_empty(), "never in part");
    }
}
