//! What the engine asks of an operation. Everything else of it only passes through.

use causerie_protocol::{ErrorBody, Op, Topic};

/// An operation that can be requested: the protocol's own [`Op`], or a driver's cheaper form of it (the browser's
/// is a name and a JavaScript object, which spares every visitor the code that would print an `Op`).
pub trait Operation: Clone {
    /// What can be subscribed to, in the same form.
    type Topic: Clone;

    /// Whether it changes anything, and so wants an idempotency key.
    fn writes(&self) -> bool;

    /// Checks the values of its parameters, before anything is sent.
    ///
    /// # Errors
    /// What is wrong, with the field's name.
    fn check(&self) -> Result<(), ErrorBody>;
}

impl Operation for Op {
    type Topic = Topic;

    fn writes(&self) -> bool {
        Op::writes(self)
    }

    fn check(&self) -> Result<(), ErrorBody> {
        Op::check(self)
    }
}
