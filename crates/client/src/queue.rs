//! A first-in, first-out queue, which is emptied more often than it grows.

use std::vec::IntoIter;

/// A queue of two vectors: one is emptied while the other one is filled. In the WebAssembly module it takes
/// less code than a ring buffer.
#[derive(Debug)]
pub(crate) struct Queue<T> {
    first: IntoIter<T>,
    last: Vec<T>,
}

impl<T> Queue<T> {
    pub(crate) fn new() -> Self {
        Queue { first: Vec::new().into_iter(), last: Vec::new() }
    }

    pub(crate) fn push_back(&mut self, value: T) {
        self.last.push(value);
    }

    pub(crate) fn pop_front(&mut self) -> Option<T> {
        if self.first.as_slice().is_empty() {
            if self.last.is_empty() {
                return None;
            }
            self.first = std::mem::take(&mut self.last).into_iter();
        }
        self.first.next()
    }
}

#[cfg(test)]
mod tests {
    use super::Queue;

    #[test]
    fn values_leave_in_the_order_in_which_they_came() {
        let mut queue = Queue::new();
        assert_eq!(queue.pop_front(), None);
        queue.push_back(1);
        queue.push_back(2);
        assert_eq!(queue.pop_front(), Some(1));
        queue.push_back(3);
        assert_eq!([queue.pop_front(), queue.pop_front(), queue.pop_front()], [Some(2), Some(3), None]);
    }
}
