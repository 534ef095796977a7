//! The only place that knows how JavaScript and Rust meet: promises, errors, callbacks, parameters, frames.

pub(crate) mod callback;
pub(crate) mod error;
pub(crate) mod frames;
pub(crate) mod operation;
pub(crate) mod params;
pub(crate) mod promise;
