//! Snapshots: from bodies, as parsed by the JS engine, to frozen objects of exported classes.
//!
//! All of it is JavaScript, because nothing of a snapshot lives in wasm memory: own, enumerable, frozen properties, so
//! that spread, `JSON.stringify`, `structuredClone` and devtools just work. `snapshots.js` has the classes, `bodies.js`
//! joins bodies into snapshots whose unchanged parts stay the same objects, and `answers.js` does so for one answer of a
//! `get()`. (Subscriptions do so in `live/`.) The whole answer crosses the boundary in one call, however many bodies it
//! has: a call for each body was measured to take four times as long.
//!
//! Beside each call lies the TypeScript of what it gives.

mod conversation;
mod message;
mod participant;
mod reactions;
mod user;

pub use conversation::conversation;
pub use message::message;
pub use participant::participant;
pub use reactions::reactions;
pub use user::user;
#[cfg(feature = "bench")]
pub(crate) use user::users;
