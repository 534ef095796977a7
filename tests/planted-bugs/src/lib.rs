//! The simulation of subscriptions with bugs in the client's store, each of which it must detect.
//!
//! `store` is a copy of the client's sources in which its build script plants the bugs of `bugs.rs`, by
//! replacing texts. So the client itself has no trace of them, neither in its sources nor in a build. The
//! modules here are those of `tests/sim`, with the copy instead of the client.
#![cfg(test)]
#![allow(dead_code, reason = "not everything in the simulation is used here")]

#[path = "../../sim/src/endpoints.rs"]
mod endpoints;
#[path = "../../sim/src/network.rs"]
mod network;
#[path = "../../sim/src/rng.rs"]
mod rng;
#[path = "../../sim/src/simulation.rs"]
mod simulation;
mod subscriptions;
mod tests;
