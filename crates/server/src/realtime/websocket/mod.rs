//! The WebSocket transport.
//!
//! A valid handshake is always completed, because a page cannot read why a handshake failed. A client that is
//! not admitted gets an `error` frame and a close code instead ([`handshake`]). Each connection is one task
//! ([`connection`]) that reads frames, writes results, pings, and forwards the frames of its subscriptions.
//! When it ends, it sends the reason ([`close`]).

mod close;
mod connection;
mod handshake;
mod session;
mod socket;

pub(crate) use handshake::upgrade;
