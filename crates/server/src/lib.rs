//! The server.

pub mod apps;
pub mod clock;
pub mod rules;
pub mod service;
pub mod store;
