//! The realtime endpoint: the ordered pipeline of one client's requests, and the two transports that feed it.

pub(crate) mod http_fallback;
pub(crate) mod pipeline;
pub(crate) mod websocket;
