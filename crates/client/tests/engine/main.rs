//! Tests of the engine alone, natively and under virtual time: every transition of the connection's states,
//! and every guarantee about requests and subscriptions.
#![cfg(test)]

mod connecting;
mod disconnects;
mod http_fallback;
mod no_websocket;
mod random_actions;
mod reconnecting;
mod resuming;
mod session_end;
mod subscribing;
mod subscription_disconnects;
mod support;
mod timeouts;
mod tokens;
