//! The server from outside: real sockets, real requests, and where the process itself matters, the real binary.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "the helpers of these tests fail like the tests themselves"
)]

mod access;
mod admission;
mod closing;
mod docs;
mod frames;
mod live;
mod operations;
mod privacy;
mod process;
mod rest;
mod support;
mod tokens;
mod www;
