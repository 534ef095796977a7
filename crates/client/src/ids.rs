//! The ids of requests and subscriptions, which share one sequence.

use causerie_protocol::RequestId;

/// Generates ids that count up from 1.
#[derive(Debug)]
pub(crate) struct IdSequence(RequestId);

impl IdSequence {
    pub(crate) const fn new() -> Self {
        IdSequence(0)
    }

    pub(crate) fn next(&mut self) -> RequestId {
        self.0 = self.0.wrapping_add(1).max(1);
        self.0
    }
}
