//! The queue of the writer, in which requesters take turns.
//!
//! The next item is the oldest one of the requester whose turn it is, so that a requester with thousands of
//! items delays those of another one by one item at a time. The items of one requester keep their order.
//!
//! One requester cannot fill the queue: it may have [`REQUESTER_ITEMS`] in it, and a part of the queue is
//! only for requesters that have few.

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
}

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
        drop(state);
        self.queue.pushed.notify_one();
        Ok(())
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

    /// Waits for the next item.
    pub(super) fn recv_timeout(&self, timeout: Duration) -> Result<T, RecvTimeoutError> {
        let state = self.queue.state();
        let is_empty =
            |state: &mut State<T>| state.order.is_empty() && state.last.is_empty() && !state.disconnected;
        let waited = self.queue.pushed.wait_timeout_while(state, timeout, is_empty);
        let (mut state, _) = waited.unwrap_or_else(PoisonError::into_inner);
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
