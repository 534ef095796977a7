//! Subscriptions end to end: engines with stores of their own, the whole server behind its sockets, and the
//! network between them.
//!
//! [`server`] passes texts to the server one at a time and, with an [`observer`], reads the state of every
//! conversation after each, which is the [`ground_truth`]. [`client`] is an engine with a driver's [`store`]
//! and a program that performs [`actions`].
//! [`checks`] compares each list, at every frame delivered for it, with the ground truth at its position, and
//! at the end with the state that a new client loads. [`bugs`] modifies frames, to test the checks.
//!
//! The seed decides the order of events, except for the time at which the server's own pushes are collected.
//! Those come from its tasks and threads, and may be a step late, as over any network.

mod actions;
mod bugs;
mod checks;
mod client;
mod ground_truth;
mod observer;
mod server;
mod store;
mod tests;
