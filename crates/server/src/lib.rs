//! The Causerie server.
//!
//! The modules form layers. Each uses only the layers below it:
//!
//! - `in_process` is a server without a listener, for simulations.
//! - `server` opens the database, and starts and stops everything; `listener` accepts connections; `router`
//!   has every route.
//! - `api` has the REST API, health checks and static files. `realtime` has the ordered pipeline of one
//!   client's requests and its two transports: the WebSocket, and the HTTP fallback.
//! - `admission` decides whether a call may reach its endpoint, and `response` has the responses and errors
//!   of all endpoints. `state` is shared by all of them: the service, the configuration, rate and connection
//!   limits, and session generations. `tcp_stream` bounds the time of writes. [`auth`] verifies tokens and
//!   secrets.
//! - `subscriptions` keeps the subscriptions of one connection, and yields frames. It knows no socket.
//! - [`service`] takes an authenticated caller with a request or a command, runs the rules in a transaction
//!   of the store, and returns the result once it is durable.
//! - [`rules`] decides whether a caller may execute an op or a command, and executes it. It knows neither SQL
//!   nor sockets.
//! - [`fanout`] passes events to the connections that follow them. [`store`] keeps the data and publishes
//!   [`events`] after each commit. [`encoding`] makes texts of bodies and of the frames that have them.
//!   [`words`] divides texts into words for searches.
//!
//! The transports know the protocol's frames and limits, and the commands of the rules, but decide nothing
//! that the rules decide.

mod admission;
mod api;
pub mod apps;
pub mod auth;
pub mod clock;
pub mod config;
mod connection_limits;
pub mod encoding;
pub mod events;
pub mod fanout;
pub mod file_links;
pub mod file_types;
pub mod files;
mod http_client;
mod in_process;
mod listener;
pub mod logs;
mod rate_limits;
mod realtime;
mod response;
mod revocations;
mod router;
pub mod rules;
pub mod server;
pub mod service;
mod session_generations;
mod state;
pub mod store;
mod subscriptions;
mod tcp_stream;
mod translation;
mod webhooks;
pub mod words;

pub use api::rest::ROUTES;
pub use config::Config;
pub use in_process::InProcessServer;
pub use server::{Server, StartError, run};
