//! The server over real sockets, and the tests of the process with the real binary.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "the helpers of tests may panic like the tests themselves"
)]

mod access_control;
mod admission;
mod attacks;
mod backpressure;
mod closing;
mod docs;
mod fairness;
mod fallback;
mod files;
mod files_s3;
mod frames;
mod history;
mod logs;
mod memory;
mod operations;
mod privacy;
mod process;
mod rates;
mod rest;
mod rest_batch;
mod rest_forms;
mod rest_imports;
mod rest_lists;
mod static_files;
mod subscriptions;
mod support;
mod tokens;
mod translations;
mod webhooks;
