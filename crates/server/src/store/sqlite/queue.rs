//! The queue of the writer, in which requesters take turns.
//!
//! The next item is the oldest one of the requester whose turn it is, so that a requester with thousands of
//! items delays those of another one by one item at a time. The items of one requester keep their order.
//!
//! One requester cannot fill the queue: it may have [`REQUESTER_ITEMS`] in it, and a part of the queue is
//! only for requesters that have few.
//!
//! A sender can leave an item to itself: if the receiver waits, it is not woken until the sender claims the
//! item again, and it is either the only one, and the sender handles it, or the receiver gets all of them.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{RecvTimeoutError, TryRecvError};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::store::{Requester, StoreError, StoreResult};

/// The most items that may wait.
pub(super) const ITEMS: usize = 8_192;
/// The most items of one requester that may wait.
pub(super) const REQUESTER_ITEMS: usize = 2_048;
/// The number of items from which on only requesters with fewer than [`FEW_ITEMS`] may add one.
pub(super) const SHARED_ITEMS: usize = ITEMS / 4 * 3;
/// See [`SHARED_ITEMS`].
pub(super) const FEW_ITEMS: usize = 16;

struct Queue<T> {
    state: Mutex<State<T>>,
    pushed: Condvar,
}

struct State<T> {
    items: HashMap<Requester, VecDeque<T>>,
    /// The requesters that have items, in the order of their turns.
    order: VecDeque<Requester>,
    /// The items after all others.
    last: VecDeque<T>,
    /// Whether no items are accepted any more.
    closed: bool,
    /// Whether the sender or the receiver is gone.
    disconnected: bool,
    /// Whether the receiver waits for an item.
    waiting: bool,
    /// Whether a sender handles an item.
    claimed: bool,
    /// Whether the receiver has to return although there is no item.
    poked: bool,
}

/// An item that a sender took back.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Claimed<T>(pub(super) T);

/// The end at which items are added.
pub(super) struct Sender<T> {
    queue: Arc<Queue<T>>,
    waiting: Arc<AtomicUsize>,
}

/// The end at which items are taken out.
pub(super) struct Receiver<T> {
    queue: Arc<Queue<T>>,
}

/// Creates a queue. Its sender counts each item in `waiting`; the receiver's owner subtracts those that it
/// has handled.
pub(super) fn fair_queue<T>(waiting: Arc<AtomicUsize>) -> (Sender<T>, Receiver<T>) {
    let state = State {
        items: HashMap::new(),
        order: VecDeque::new(),
        last: VecDeque::new(),
        closed: false,
        disconnected: false,
        waiting: false,
        claimed: false,
        poked: false,
    };
    let queue = Arc::new(Queue { state: Mutex::new(state), pushed: Condvar::new() });
    (Sender { queue: Arc::clone(&queue), waiting }, Receiver { queue })
}

impl<T> Queue<T> {
    fn state(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> State<T> {
    fn is_empty(&self) -> bool {
        self.order.is_empty() && self.last.is_empty()
    }

    /// Takes out the next item, and moves its requester to the end.
    fn next(&mut self) -> Option<T> {
        while let Some(requester) = self.order.pop_front() {
            let Entry::Occupied(mut own) = self.items.entry(requester) else { continue };
            let next = own.get_mut().pop_front();
            if own.get().is_empty() {
                own.remove();
            } else {
                self.order.push_back(requester);
            }
            if next.is_some() {
                return next;
            }
        }
        self.last.pop_front()
    }
}

impl<T> Sender<T> {
    /// Adds an item behind those of the same requester.
    ///
    /// # Errors
    /// [`StoreError::Busy`] if the requester has too many items, or all have; [`StoreError::Closed`].
    pub(super) fn send(&self, requester: Requester, item: T) -> StoreResult<()> {
        self.push(requester, item)?;
        self.queue.pushed.notify_one();
        Ok(())
    }

    /// Adds an item like [`Sender::send`]. Returns whether the receiver waits and was not woken, so that the
    /// caller must claim the item or wake the receiver.
    ///
    /// # Errors
    /// Those of [`Sender::send`].
    pub(super) fn send_claimable(&self, requester: Requester, item: T) -> StoreResult<bool> {
        let is_claimable = self.push(requester, item)?;
        if !is_claimable {
            self.queue.pushed.notify_one();
        }
        Ok(is_claimable)
    }

    /// Takes the only item out, if the receiver still waits for it and no other sender handles one.
    /// [`Sender::release`] must follow. Otherwise wakes the receiver.
    pub(super) fn claim(&self) -> Option<Claimed<T>> {
        let mut state = self.queue.state();
        let is_free = state.waiting && !state.claimed && !state.closed;
        if is_free && state.order.len() == 1 && state.items.values().next().is_some_and(|own| own.len() == 1)
        {
            let item = state.next();
            state.claimed = item.is_some();
            return item.map(Claimed);
        }
        drop(state);
        self.wake();
        None
    }

    /// Ends the handling of a claimed item. `poke` makes the receiver return without an item.
    pub(super) fn release(&self, poke: bool) {
        let mut state = self.queue.state();
        state.claimed = false;
        state.poked |= poke;
        let wakes = poke || !state.is_empty();
        drop(state);
        if wakes {
            self.wake();
        }
    }

    /// Wakes the receiver, if there is something for it.
    pub(super) fn wake(&self) {
        self.queue.pushed.notify_one();
    }

    /// Adds an item. Returns whether the receiver waits, and no sender handles an item.
    fn push(&self, requester: Requester, item: T) -> StoreResult<bool> {
        let mut state = self.queue.state();
        if state.closed || state.disconnected {
            return Err(StoreError::Closed);
        }
        let waiting = self.waiting.load(Ordering::Relaxed);
        match state.items.entry(requester) {
            Entry::Occupied(mut own) => {
                let len = own.get().len();
                let limit = if len < FEW_ITEMS { ITEMS } else { SHARED_ITEMS };
                if len >= REQUESTER_ITEMS || waiting >= limit {
                    return Err(StoreError::Busy);
                }
                own.get_mut().push_back(item);
            }
            Entry::Vacant(_) if waiting >= ITEMS => return Err(StoreError::Busy),
            Entry::Vacant(vacant) => {
                vacant.insert(VecDeque::from([item]));
                state.order.push_back(requester);
            }
        }
        self.waiting.fetch_add(1, Ordering::Relaxed);
        Ok(state.waiting && !state.claimed)
    }

    /// Adds an item behind all others, after which no more are accepted.
    ///
    /// # Errors
    /// [`StoreError::Closed`] if the receiver is gone.
    pub(super) fn close(&self, item: T) -> StoreResult<()> {
        let mut state = self.queue.state();
        state.closed = true;
        if state.disconnected {
            return Err(StoreError::Closed);
        }
        state.last.push_back(item);
        drop(state);
        self.queue.pushed.notify_one();
        Ok(())
    }
}

impl<T> Receiver<T> {
    /// Takes out the next item.
    pub(super) fn try_recv(&self) -> Result<T, TryRecvError> {
        let mut state = self.queue.state();
        let disconnected = state.disconnected;
        state.next().ok_or(if disconnected { TryRecvError::Disconnected } else { TryRecvError::Empty })
    }

    /// Waits for the next item, while other items are expected.
    pub(super) fn recv_timeout(&self, timeout: Duration) -> Result<T, RecvTimeoutError> {
        self.receive(timeout, false)
    }

    /// Waits for the next item. Meanwhile, senders can claim theirs. A receiver that is poked returns as if
    /// the time had passed.
    pub(super) fn recv_or_claim(&self, timeout: Duration) -> Result<T, RecvTimeoutError> {
        self.receive(timeout, true)
    }

    fn receive(&self, timeout: Duration, can_be_claimed: bool) -> Result<T, RecvTimeoutError> {
        let mut state = self.queue.state();
        state.waiting = can_be_claimed;
        // While a sender handles an item, the next ones wait for it.
        let waits =
            |state: &mut State<T>| (state.claimed || state.is_empty()) && !state.disconnected && !state.poked;
        let waited = self.queue.pushed.wait_timeout_while(state, timeout, waits);
        let (mut state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        (state.waiting, state.poked) = (false, false);
        if state.claimed {
            return Err(RecvTimeoutError::Timeout);
        }
        let disconnected = state.disconnected;
        let empty = if disconnected { RecvTimeoutError::Disconnected } else { RecvTimeoutError::Timeout };
        state.next().ok_or(empty)
    }
}

impl<T> Drop for Sender<T> {
    fn drop(&mut self) {
        self.queue.state().disconnected = true;
        self.queue.pushed.notify_one();
    }
}

impl<T> Drop for Receiver<T> {
    /// Drops the items, so that nobody waits for them.
    fn drop(&mut self) {
        let mut state = self.queue.state();
        state.disconnected = true;
        state.order.clear();
        let items = (std::mem::take(&mut state.items), std::mem::take(&mut state.last));
        drop(state);
        drop(items);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn queue() -> (Sender<u32>, Receiver<u32>, Arc<AtomicUsize>) {
        let waiting = Arc::default();
        let (sender, receiver) = fair_queue(Arc::clone(&waiting));
        (sender, receiver, waiting)
    }

    fn requester(index: usize) -> Requester {
        Requester::new("app", Some(&format!("u{index}")))
    }

    #[test]
    fn requesters_take_turns_and_keep_the_order_of_their_own_items() {
        let (sender, receiver, _) = queue();
        for item in 0..1_000 {
            sender.send(requester(0), item).unwrap();
        }
        assert_eq!(receiver.try_recv(), Ok(0));
        for (index, first) in [(1, 10_000), (2, 20_000)] {
            sender.send(requester(index), first).unwrap();
            sender.send(requester(index), first + 1).unwrap();
        }
        let order: Vec<_> = (0..7).map(|_| receiver.try_recv().unwrap()).collect();
        assert_eq!(order, [1, 10_000, 20_000, 2, 10_001, 20_001, 3]);
        let rest: Vec<_> = std::iter::from_fn(|| receiver.try_recv().ok()).collect();
        assert_eq!(rest, (4..1_000).collect::<Vec<_>>());
        assert_eq!(receiver.try_recv(), Err(TryRecvError::Empty));
    }

    #[test]
    fn one_requester_cannot_fill_the_queue() {
        let (sender, receiver, waiting) = queue();
        let fill = |index| (0..).take_while(|item| sender.send(requester(index), *item).is_ok()).count();
        assert_eq!(fill(0), REQUESTER_ITEMS);
        assert_eq!(sender.send(requester(0), 0), Err(StoreError::Busy));
        assert_eq!((fill(1), fill(2)), (REQUESTER_ITEMS, REQUESTER_ITEMS));
        assert_eq!(waiting.load(Ordering::Relaxed), SHARED_ITEMS);
        let few: usize = (3..).map(fill).take_while(|count| *count > 0).sum();
        assert_eq!(few, ITEMS - SHARED_ITEMS, "the rest is for requesters with few items");
        assert_eq!(fill(3), 0);
        waiting.fetch_sub(1, Ordering::Relaxed);
        receiver.try_recv().unwrap();
        assert_eq!(sender.send(requester(100_000), 0), Ok(()), "there is room again");
    }

    #[test]
    fn no_requester_is_kept_after_its_items() {
        let (sender, receiver, _) = queue();
        for index in 0..1_000 {
            sender.send(requester(index), 0).unwrap();
            receiver.try_recv().unwrap();
        }
        let state = sender.queue.state();
        assert!(state.items.is_empty() && state.order.is_empty());
    }

    /// Starts a receiver that waits, and returns what it receives.
    fn waiting_receiver(
        sender: &Sender<u32>,
        receiver: Receiver<u32>,
    ) -> std::thread::JoinHandle<(Result<u32, RecvTimeoutError>, Receiver<u32>)> {
        let thread = std::thread::spawn(move || (receiver.recv_or_claim(Duration::from_secs(60)), receiver));
        while !sender.queue.state().waiting {
            std::thread::yield_now();
        }
        thread
    }

    #[test]
    fn a_sender_claims_the_only_item_of_a_waiting_receiver_and_the_next_ones_wait_for_it() {
        let (sender, receiver, _) = queue();
        assert_eq!(sender.send_claimable(requester(0), 0), Ok(false), "the receiver does not wait");
        assert_eq!(sender.claim(), None);
        assert_eq!(receiver.recv_or_claim(Duration::ZERO), Ok(0));
        let thread = waiting_receiver(&sender, receiver);
        assert_eq!(sender.send_claimable(requester(0), 1), Ok(true));
        assert_eq!(sender.claim(), Some(Claimed(1)));
        assert_eq!(sender.send_claimable(requester(0), 2), Ok(false), "item 1 is being handled");
        assert_eq!(sender.claim(), None);
        std::thread::sleep(Duration::from_millis(20));
        assert!(!thread.is_finished(), "items of one requester keep their order");
        sender.release(false);
        assert_eq!(thread.join().unwrap().0, Ok(2));
    }

    #[test]
    fn a_receiver_gets_all_of_several_items_that_were_not_claimed() {
        let (sender, receiver, _) = queue();
        let thread = waiting_receiver(&sender, receiver);
        assert_eq!(sender.send_claimable(requester(0), 1), Ok(true));
        assert_eq!(sender.send_claimable(requester(1), 2), Ok(true));
        assert_eq!(sender.claim(), None, "two share a commit");
        let (first, receiver) = thread.join().unwrap();
        assert_eq!([first.unwrap(), receiver.try_recv().unwrap()], [1, 2]);
    }

    #[test]
    fn a_poked_receiver_returns_without_an_item() {
        let (sender, receiver, _) = queue();
        let thread = waiting_receiver(&sender, receiver);
        sender.send_claimable(requester(0), 1).unwrap();
        assert_eq!(sender.claim(), Some(Claimed(1)));
        sender.release(true);
        assert_eq!(thread.join().unwrap().0, Err(RecvTimeoutError::Timeout));
    }

    #[test]
    fn the_closing_item_comes_after_all_others() {
        let (sender, receiver, _) = queue();
        sender.send(requester(0), 1).unwrap();
        sender.send(requester(0), 2).unwrap();
        sender.close(100).unwrap();
        assert_eq!(sender.send(requester(1), 3), Err(StoreError::Closed));
        let all: Vec<_> = std::iter::from_fn(|| receiver.try_recv().ok()).collect();
        assert_eq!(all, [1, 2, 100]);
        drop(receiver);
        assert_eq!(sender.close(101), Err(StoreError::Closed));
    }

    #[test]
    fn a_receiver_waits_for_an_item_and_ends_with_its_sender() {
        let (sender, receiver, _) = queue();
        assert_eq!(receiver.recv_timeout(Duration::from_millis(1)), Err(RecvTimeoutError::Timeout));
        let thread = std::thread::spawn(move || {
            let minute = Duration::from_secs(60);
            (receiver.recv_timeout(minute), receiver.recv_timeout(minute))
        });
        sender.send(requester(0), 1).unwrap();
        drop(sender);
        assert_eq!(thread.join().unwrap(), (Ok(1), Err(RecvTimeoutError::Disconnected)));
    }
}
