//! The Causerie client as a state machine without I/O ("sans-I/O").
//!
//! The flow: a driver (the browser binding, a native program, or a test) creates an [`Engine`], makes requests and
//! subscriptions ([`Engine::request`], [`Engine::subscribe`]), and reports events such as received frames
//! ([`Engine::handle_input`]), always with the current time. After each call it executes the engine's outputs until
//! there are none ([`Engine::poll`]): open a socket, send a frame, settle a request, deliver a frame to a subscription.
//! It then sets a timer for [`Engine::deadline`] and reports [`Input::Tick`] when it fires.
//!
//! The engine has no clock, no randomness, no I/O and no JavaScript of its own, so the whole client runs natively
//! under virtual time.
//!
//! The bodies of entities have a type `B` that the engine carries without reading: `JsValue` in the browser,
//! `serde_json::Value` natively.

mod backoff;
mod config;
mod connection;
mod engine;
mod errors;
mod ids;
mod io;
mod operation;
mod pending_requests;
mod subscriptions;
mod token;

pub use config::{Config, Transport};
pub use engine::Engine;
pub use io::{ConnectionId, HttpFailure, Input, Output};
pub use operation::Operation;

/// Milliseconds on a monotonic clock. Its origin does not matter, because only differences are used.
pub type Millis = u64;
