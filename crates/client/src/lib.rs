//! The client's engine: everything a Causerie client decides, and nothing it does.
//!
//! The flow: a driver (the browser binding, or a test) makes an [`Engine`], asks it things
//! ([`Engine::request`], [`Engine::subscribe`]), and tells it what happened ([`Input`]) and when. After each call it takes what the
//! engine wants done ([`Engine::poll`]: sockets to open, frames to send, requests to settle, what came for
//! subscriptions to pass on) and the time at which to call again ([`Engine::deadline`]). The engine has no clock, no chance, no I/O and no JavaScript
//! of its own, so the whole client runs natively under virtual time.
//!
//! Bodies of entities are of a type `B` that the engine carries but never looks into: `JsValue` in the
//! browser, `serde_json::Value` in native tests.

mod auth;
mod backoff;
mod config;
mod engine;
mod io;
mod ledger;
mod operation;
mod subscriptions;
mod texts;

pub use config::{Config, Transport};
pub use engine::Engine;
pub use io::{Conn, HttpFailure, Input, Output};
pub use operation::Operation;

/// Milliseconds on a clock that never goes back. Only differences mean anything.
pub type Millis = u64;
