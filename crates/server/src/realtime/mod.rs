//! The realtime endpoint: the ordered pipeline of a client's requests, and the transports that feed it.

pub(crate) mod http_fallback;
pub(crate) mod pipeline;
pub(crate) mod websocket;
