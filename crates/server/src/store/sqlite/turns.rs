//! Permits that requesters get in turn.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;

use crate::store::{Requester, StoreError, StoreResult};

/// A number of permits. If none is free, each requester that waits gets one in its turn, so that one that
/// asks for many makes another one wait for at most one of them. The order of one requester's calls is kept.
pub(super) struct Turns {
    state: Mutex<State>,
}

struct State {
    free: usize,
    closed: bool,
    waiting: HashMap<Requester, VecDeque<oneshot::Sender<Permit>>>,
    /// The requesters that wait, in the order of their turns.
    order: VecDeque<Requester>,
}

impl Turns {
    pub(super) fn new(permits: usize) -> Arc<Self> {
        let (waiting, order) = (HashMap::new(), VecDeque::new());
        Arc::new(Turns { state: Mutex::new(State { free: permits, closed: false, waiting, order }) })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for a permit.
    ///
    /// # Errors
    /// [`StoreError::Closed`].
    pub(super) async fn acquire(self: &Arc<Self>, requester: Requester) -> StoreResult<Permit> {
        let permit = {
            let mut state = self.state();
            if state.closed {
                return Err(StoreError::Closed);
            }
            // If a permit is free, nobody waits.
            if state.free > 0 {
                state.free -= 1;
                return Ok(Permit { turns: Some(Arc::clone(self)) });
            }
            state.enqueue(requester)
        };
        permit.await.map_err(|_| StoreError::Closed)
    }

    /// Lets no further requester get a permit.
    pub(super) fn close(&self) {
        let mut state = self.state();
        state.closed = true;
        state.waiting.clear();
        state.order.clear();
    }

    /// Passes a permit on to the next requester that still waits.
    fn release(self: Arc<Self>) {
        let mut turns = self;
        loop {
            let next = {
                let mut state = turns.state();
                let next = state.next();
                if next.is_none() {
                    state.free += 1;
                }
                next
            };
            let Some(waiting) = next else { return };
            let permit = Permit { turns: Some(turns) };
            match waiting.send(permit) {
                Ok(()) => return,
                // It gave up meanwhile.
                Err(mut permit) => match permit.turns.take() {
                    Some(returned) => turns = returned,
                    None => return,
                },
            }
        }
    }
}

impl State {
    fn enqueue(&mut self, requester: Requester) -> oneshot::Receiver<Permit> {
        let (sender, permit) = oneshot::channel();
        match self.waiting.entry(requester) {
            Entry::Occupied(mut own) => own.get_mut().push_back(sender),
            Entry::Vacant(vacant) => {
                vacant.insert(VecDeque::from([sender]));
                self.order.push_back(requester);
            }
        }
        permit
    }

    /// Takes out whoever is next, and moves its requester to the end.
    fn next(&mut self) -> Option<oneshot::Sender<Permit>> {
        while let Some(requester) = self.order.pop_front() {
            let Entry::Occupied(mut own) = self.waiting.entry(requester) else { continue };
            let next = own.get_mut().pop_front();
            if own.get().is_empty() {
                own.remove();
            } else {
                self.order.push_back(requester);
            }
            if let Some(next) = next
                && !next.is_closed()
            {
                return Some(next);
            }
        }
        None
    }
}

/// A permit, until it is dropped.
pub(super) struct Permit {
    turns: Option<Arc<Turns>>,
}

impl Drop for Permit {
    fn drop(&mut self) {
        if let Some(turns) = self.turns.take() {
            turns.release();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::task::{Context, Poll, Waker};

    use futures_util::FutureExt as _;

    use super::*;

    const MANY: Requester = Requester::SERVER;

    fn requester(user: &str) -> Requester {
        Requester::new("app", Some(user))
    }

    #[test]
    fn a_requester_with_many_calls_makes_another_one_wait_for_one_of_them() {
        let turns = Turns::new(1);
        let mut held = turns.acquire(MANY).now_or_never().unwrap().ok();
        let mut cx = Context::from_waker(Waker::noop());
        let mut waiting: Vec<_> = (0..1_000).map(|_| Box::pin(turns.acquire(MANY))).collect();
        assert!(waiting.iter_mut().all(|call| call.as_mut().poll(&mut cx).is_pending()));
        let mut others = ["ada", "bob"].map(|user| Box::pin(turns.acquire(requester(user))));
        assert!(others.iter_mut().all(|call| call.as_mut().poll(&mut cx).is_pending()));
        let mut order = Vec::new();
        for _ in 0..6 {
            drop(held.take());
            for (name, other) in ["ada", "bob"].into_iter().zip(&mut others) {
                if !order.contains(&name)
                    && let Poll::Ready(permit) = other.as_mut().poll(&mut cx)
                {
                    held = permit.ok();
                    order.push(name);
                }
            }
            if held.is_none()
                && let Poll::Ready(permit) = waiting[0].as_mut().poll(&mut cx)
            {
                held = permit.ok();
                order.push("many");
                drop(waiting.remove(0));
            }
        }
        assert_eq!(order, ["many", "ada", "bob", "many", "many", "many"]);
    }

    #[test]
    fn a_permit_is_never_lost_if_calls_give_up() {
        let turns = Turns::new(2);
        let mut cx = Context::from_waker(Waker::noop());
        let held: Vec<_> = (0..2).map(|_| turns.acquire(MANY).now_or_never().unwrap()).collect();
        let mut waiting: Vec<_> = (0..10_000).map(|_| Box::pin(turns.acquire(MANY))).collect();
        assert!(waiting.iter_mut().all(|call| call.as_mut().poll(&mut cx).is_pending()));
        // Some give up before their turn, the others when they have the permit but have not seen it.
        waiting.truncate(5);
        drop(held);
        drop(waiting);
        let held: Vec<_> = (0..2).map(|_| turns.acquire(MANY).now_or_never()).collect();
        assert!(held.iter().all(Option::is_some), "both are free again");
        assert!(turns.acquire(MANY).now_or_never().is_none());
        let state = turns.state();
        assert!(state.waiting.len() <= 1 && state.order.len() <= 1, "nothing of the others is left");
    }

    #[test]
    fn calls_that_wait_fail_when_the_turns_end() {
        let turns = Turns::new(1);
        let held = turns.acquire(MANY).now_or_never().unwrap();
        let mut waiting = Box::pin(turns.acquire(MANY));
        let mut cx = Context::from_waker(Waker::noop());
        assert!(waiting.as_mut().poll(&mut cx).is_pending());
        turns.close();
        assert!(matches!(waiting.as_mut().poll(&mut cx), Poll::Ready(Err(StoreError::Closed))));
        drop(held);
        assert!(matches!(turns.acquire(MANY).now_or_never(), Some(Err(StoreError::Closed))));
    }
}
