//! The fan-out: delivers durable events to the connections that follow them.
//!
//! ```text
//!   the store's writer ── publish ──▶ queue ──▶ dispatcher ──▶ mailboxes ──▶ the tasks of the connections
//!                                              (batches, members) (bounded)   (see `subscriptions`)
//! ```
//! The dispatcher is one task, so that all followers get events in the order of the commits. It waits for no
//! read: a hint to the lists of a conversation's members follows when these are known. It puts the
//! events of one conversation into one `Batch`, which all its followers share and which is encoded as JSON
//! once. Data that differs by viewer (the view of a conversation, the typing users) is announced by a
//! hint; each connection reads it.
//!
//! A follower registers first and reads afterwards, so that it misses nothing. Events that it gets twice
//! because they were dispatched in between are recognised by their sequence numbers, and changes of users by
//! `Follower::watch`. All memory is bounded: a mailbox that is not drained in time overflows, its
//! connection is closed, and the client resumes from its position.
//!
//! The store publishes to an [`EventSink`](crate::events::EventSink), which the [`Hub`] implements. A fan-out
//! between several servers would implement the same trait.

mod batch;
mod dispatch;
mod follower;
mod hub;
mod mailbox;
mod member_reads;
mod members;
mod presence;
mod registry;
mod shared;
#[cfg(test)]
mod tests;
mod typing;

pub(crate) use batch::{Batch, UserUpdate, changes_messages, frame_end};
pub(crate) use follower::Follower;
pub use hub::Hub;
pub(crate) use hub::PresenceGuard;
pub(crate) use mailbox::{Hint, Item};
pub(crate) use members::{MemberSource, ReadingMembers};
