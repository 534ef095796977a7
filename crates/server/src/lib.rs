//! The Causerie server.
//!
//! The flow: a connection comes in at a door (the WebSocket, its HTTP twin or the REST API; `ws/` and `http/`), which
//! finds the app, checks address, origin and token ([`auth`]), counts against the limits and reads the request. What is
//! behind the doors is one [`service::Service`]: it takes a caller and a command, runs the rules ([`rules`]) in a transaction of the
//! store ([`store`]), and gives back the answer once it is durable.
//!
//! The doors know no rules, the rules know no SQL and no sockets.

mod admission;
mod api;
pub mod apps;
pub mod auth;
pub mod clock;
pub mod config;
pub mod events;
pub mod fanout;
mod listener;
pub mod logs;
mod rate_limits;
mod realtime;
mod response;
mod router;
pub mod rules;
pub mod server;
pub mod service;
mod session_generations;
mod state;
pub mod store;
mod subscriptions;

pub use api::rest::ROUTES;
pub use config::Config;
pub use server::{Server, ServerError, run};
