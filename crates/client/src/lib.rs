//! The Causerie client as a state machine without I/O ("sans-I/O").
//!
//! The flow: a driver (the browser binding, a native program, or a test) creates an [`Engine`], makes
//! requests and subscriptions ([`Engine::request`], [`Engine::subscribe`]), and reports events such as
//! received frames ([`Engine::handle_input`]), always with the current time. After each call it executes the
//! engine's outputs until there are none ([`Engine::poll`]): open a socket, send a frame, settle a request,
//! deliver a frame to a subscription. It then sets a timer for [`Engine::deadline`] and reports
//! [`Input::Tick`] when it fires.
//!
//! A [`Client`] is an engine with the [`store`] of its subscriptions: lists, windows, and the snapshots that
//! the handles of subscriptions show. It is driven in the same way.
//!
//! The engine has no clock, no randomness, no I/O and no JavaScript of its own, so the whole client runs
//! natively under virtual time.
//!
//! The bodies of entities have a type `B` that the engine carries without reading: `JsValue` in the browser,
//! `serde_json::Value` natively.
//!
//! # Example
//!
//! A request opens a socket. It is sent right after `hello`, and the server's result settles it.
//!
//! ```
//! use causerie_client::{Config, Engine, Input, Output, Transport};
//! use causerie_protocol::{ClientId, Entities, Op, Outcome, ServerFrame, UserId};
//! use serde_json::{Value, json};
//!
//! let ada = UserId::new("ada")?;
//! let mut engine: Engine<Value> = Engine::new(Config {
//!     user: ada.clone(),
//!     client: ClientId::new("7f3a0c9be15d4c2a8e6610f2b4d79a35")?,
//!     sdk: "example/1.0",
//!     transport: Transport::Auto,
//!     token: None,
//!     token_source: false,
//!     seed: 1,
//! });
//! let id = engine.request(0, Op::UserGet { user: ada })?;
//!
//! let Some(Output::Open(conn)) = engine.poll() else { panic!() };
//! engine.handle_input(20, Input::Opened(conn));
//! assert!(matches!(engine.poll(), Some(Output::Hello(..))));
//! let Some(Output::Request(_, request)) = engine.poll() else { panic!() };
//! assert_eq!(request.id, id);
//!
//! let outcome = Outcome::ok(id, Some(json!("ada")), Entities::none());
//! engine.handle_input(40, Input::Frame(conn, ServerFrame::Result(outcome.clone())));
//! assert_eq!(engine.poll(), Some(Output::Settle(outcome)));
//! assert_eq!(engine.poll(), None);
//! # Ok::<(), causerie_protocol::ErrorBody>(())
//! ```
//!
//! `examples/native-client` in the repository drives an engine over a real WebSocket.

mod backoff;
mod client;
mod config;
mod connection;
mod engine;
mod errors;
mod ids;
mod io;
mod operation;
mod pending_requests;
mod queue;
#[cfg(feature = "json")]
pub mod snapshots;
pub mod store;
mod subscriptions;
mod token;

pub use client::{Client, ClientOutput};
pub use config::{Config, Transport};
pub use engine::Engine;
pub use io::{ConnectionId, HttpFailure, Input, Output};
pub use operation::Operation;

/// Milliseconds on a monotonic clock. Its origin does not matter, because only differences are used.
pub type Millis = u64;

/// Returns the earlier one of two times that may be absent.
fn earliest(one: Option<Millis>, other: Option<Millis>) -> Option<Millis> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        _ => one.or(other),
    }
}
