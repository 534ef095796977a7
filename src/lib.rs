//! Causerie for browsers: the thin layer between JavaScript and the engine of `causerie-client`.
//!
//! The flow: [`session`] reads the options and returns [`refs`]; a method of a ref reads its parameters
//! (`interop`), passes an operation to the engine, and returns a promise; the `driver` executes the engine's
//! outputs over a `transport`; the result becomes a frozen snapshot (`snapshots`), with which the promise
//! resolves. The API is documented in `types`, in TypeScript.
//!
//! No logic is here that could be in the engine, where it is tested natively.

mod driver;
mod interop;
mod live;
pub mod refs;
pub mod session;
mod snapshots;
mod transport;
#[allow(dead_code, reason = "the macro hides from the lint that its constants are used")]
mod types;

#[cfg(feature = "bench")]
pub mod bench;

/// The allocator of the module, which runs on one thread.
#[cfg(all(target_family = "wasm", not(target_feature = "atomics")))]
#[global_allocator]
static ALLOCATOR: talc::wasm::WasmDynamicTalc = talc::wasm::new_wasm_dynamic_allocator();

pub use refs::{ConversationRef, MessageRef, ParticipantRef, ReactionsRef, UserRef};
pub use session::{TalkSession, get_talk_session};
