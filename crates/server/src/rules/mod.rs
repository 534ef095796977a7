//! The rules: who may do what, and what it does.
//!
//! A rule takes the caller, a command and a transaction of the store, and returns a result. It knows no SQL and no
//! sockets, and it is synchronous: what it does, it does inside one transaction.

pub mod command;

pub use command::RestCommand;

use causerie_protocol::ids::UserId;

/// Who is asking.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Caller {
    /// A client of this user, by then authenticated as far as the app asks for it.
    User(UserId),
    /// The app's backend, which holds its secret and may do everything within the app.
    Backend,
}
