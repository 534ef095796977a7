//! How frames travel. `websocket` and `http` are the only files that name gloo-net; `clock` is the only one that
//! knows timers and the page's own events.

pub(crate) mod clock;
pub(crate) mod http;
pub(crate) mod websocket;
