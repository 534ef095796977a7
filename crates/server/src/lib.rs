//! The Causerie server.
//!
//! The flow: a connection comes in at a door (the WebSocket, its HTTP twin or the REST API; `ws/` and `http/`), which
//! finds the app, checks address, origin and token ([`auth`]), counts against the limits and reads the request. What is
//! behind the doors is one [`service::Service`]: it takes a caller and a command, runs the rules ([`rules`]) in a transaction of the
//! store ([`store`]), and gives back the answer once it is durable.
//!
//! The doors know no rules, the rules know no SQL and no sockets.

pub mod apps;
pub mod auth;
pub mod clock;
pub mod config;
pub mod events;
pub mod fanout;
mod http;
mod latest;
mod limits;
pub mod logs;
mod pipeline;
pub mod rules;
pub mod server;
pub mod service;
pub mod store;
mod subscriptions;
mod ws;

pub use config::Config;
pub use http::rest::ROUTES;
pub use server::{Server, ServerError, run};
