//! Causerie for browsers: the thin layer between JavaScript and the engine of `causerie-client`.
//!
//! The flow: [`session`] reads the options and hands out [`refs`]; a method of a ref reads its parameters
//! (`interop`), asks the engine, and returns a promise; the `driver` does what the engine wants done over a
//! `transport`; an answer becomes a frozen snapshot ([`snapshots`]) and settles the promise.
//!
//! No logic lives here that could live in the engine, where it is tested natively.

mod driver;
mod interop;
mod live;
pub mod refs;
pub mod session;
pub mod snapshots;
mod transport;
#[allow(dead_code, reason = "the macro hides from the lint that its constants are used")]
mod types;

#[cfg(feature = "bench")]
pub mod bench;

pub use refs::{ConversationRef, MessageRef, ParticipantRef, ReactionsRef, UserRef};
pub use session::{TalkSession, get_talk_session};
