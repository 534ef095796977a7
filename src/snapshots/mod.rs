//! Snapshots: from an answer, as parsed by the JS engine, to a frozen object of an exported class.
//!
//! The classes are JavaScript (`snapshots.js`), because nothing of a snapshot lives in wasm memory: own, enumerable,
//! frozen properties, so that spread, `JSON.stringify`, `structuredClone` and devtools just work. The whole answer
//! crosses the boundary in one call, however many bodies it has: a call for each body was measured to take four times
//! as long.

mod conversation;
mod user;

pub use conversation::conversation;
pub use user::user;
#[cfg(feature = "bench")]
pub(crate) use user::users;
