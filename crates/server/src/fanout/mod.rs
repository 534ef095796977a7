//! From a change that is durable to those who follow it.
//!
//! ```text
//!   the store's writer ── publish ──▶ queue ──▶ the dispatcher ──▶ mailboxes ──▶ the connections' own tasks
//!                                               (batches, members)  (bounded)     (see `subscriptions`)
//! ```
//! The dispatcher is one task, so that everybody hears of changes in the order of the commits. It puts what happened in
//! a conversation into one [`Batch`], which all its followers share, and which is written as JSON once. What differs by
//! viewer (a conversation's view, who is typing) goes out as a hint, and the connection reads it.
//!
//! Whoever follows registers first and reads then, so nothing falls between; what was dispatched meanwhile is told apart
//! by the numbers that events have, and for users by [`Follower::watch`]. Nothing here grows without bound: a mailbox
//! that nobody empties is marked as lost, its connection is closed, and the client goes on from where it was.
//!
//! [`Fanout`] is what the store knows of this. Another transport (between several servers) stands behind the same trait.

mod batch;
mod dispatch;
mod follower;
mod hub;
mod mailbox;
mod members;
mod presence;
mod registry;
mod typing;

use crate::events::AppEvent;
pub(crate) use batch::{Batch, Update, tail};
pub(crate) use follower::Follower;
pub use hub::Hub;
pub(crate) use hub::{Attendance, MembersOf};
pub(crate) use mailbox::{Hint, Item};
pub(crate) use typing::Typers;

/// Tells whoever follows of what has changed.
pub trait Fanout: Send + Sync + 'static {
    /// Tells of changes, in their order. Called by the store's writer, after the commit; so it must be quick, and
    /// wait for nobody.
    fn publish(&self, changes: Vec<AppEvent>);
}

/// Nobody follows.
impl Fanout for () {
    fn publish(&self, _changes: Vec<AppEvent>) {}
}
