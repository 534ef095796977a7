//! Subscriptions end to end: clients with the engine and the store that users run, the whole server behind
//! its WebSockets and HTTP fallback, and the network between them.
//!
//! [`connections`] is the server in this process, with the [`data`] that exists when a run begins. [`server`]
//! passes texts to it one at a time, and reads the messages of every conversation after each change, which is
//! the [`ground_truth`]. [`client`] is a client with [`handles`] and a program that performs [`actions`].
//! [`runs`] lets the programs act over a failing network, and everything come up to date again. Then
//! [`checks`] compares each handle with the [`oracle`], which computes its snapshot again from the server's
//! full answer. Snapshots in between are compared with each other (what did not change is the same object),
//! and lists of messages with the ground truth. [`bugs`] modifies frames, to test the checks.
//!
//! Everything runs on one thread, and the seed decides everything.

mod actions;
mod bugs;
mod checks;
mod client;
mod connections;
mod data;
mod ground_truth;
mod handles;
mod oracle;
mod pipe;
mod runs;
mod server;
mod tests;
