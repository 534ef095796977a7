//! The transports, and the environment that they depend on. Only `websocket` and `http` name gloo-net; only
//! `clock` uses timers and the page's events.

pub(crate) mod clock;
pub(crate) mod http;
pub(crate) mod upload;
pub(crate) mod websocket;
