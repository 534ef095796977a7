//! The engine's view of an operation. The rest of an operation passes through unread.

use causerie_protocol::{ErrorBody, Op, Topic};

/// An operation that can be requested: the protocol's own [`Op`], or a driver's cheaper representation of it.
///
/// The browser binding uses a name and a JavaScript object, so that the code that serializes an `Op` is not
/// part of the WebAssembly module.
pub trait Operation: Clone {
    /// A topic to subscribe to, in the same representation.
    type Topic: Clone;

    /// Returns whether the operation changes anything, and so needs an idempotency key.
    fn writes(&self) -> bool;

    /// Checks the values of the parameters before anything is sent.
    ///
    /// # Errors
    /// Returns an error that names the first invalid field.
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
