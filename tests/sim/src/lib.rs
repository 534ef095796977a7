//! Simulations of the client's engine against the server's real rules and store, in one process and under
//! virtual time, over a network that delays, disconnects and loses texts. The texts are those of the wire,
//! written and read by the protocol's own code.
//!
//! The flow: [`simulation`] holds the clock and a queue of events, and processes them in order. It sends
//! texts between the [`endpoints`], and [`network`] decides with a seeded [`rng`] which fault each text
//! meets. [`requests`] simulates programs that make requests, with the service called directly.
//! [`subscriptions`] simulates programs with subscriptions, with the whole server behind its sockets. Both
//! check afterwards that every guarantee held. A failed run prints its seed, and the same seed reproduces it.
#![cfg(test)]

mod endpoints;
mod network;
mod requests;
mod rng;
mod simulation;
mod subscriptions;

/// Returns the number in an environment variable.
pub(crate) fn number_from_env(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}
