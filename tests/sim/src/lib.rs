//! The client's engine and the server's real rules and store, in one process and under virtual time, joined by a
//! network that delays, cuts and swallows. What goes over it is the text of the wire, written and read by the
//! protocol's own code.
//!
//! The flow: [`world`] holds the clock and the queue of what is to happen, and lets it happen in order; [`link`]
//! decides by a seeded chance what the network does to each text; [`door`] stands for the server's doors in front
//! of the real service; [`client`] is an engine with a program that makes requests; [`history`] says afterwards
//! whether everything that was promised was kept. [`live`] does the same with subscriptions and the whole server. A failure prints its seed, and the same seed fails again.
#![cfg(test)]

mod chance;
mod client;
mod door;
mod history;
mod link;
mod live;
mod tests;
mod world;
