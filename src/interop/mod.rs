//! Values that cross between JavaScript and Rust: promises, errors, callbacks, parameters, operations and
//! fields.
//!
//! Modules elsewhere that import functions of a `.js` file (`driver`, `snapshots`, `transport`) declare them
//! beside it.

pub(crate) mod callback;
pub(crate) mod error;
pub(crate) mod fields;
pub(crate) mod interned;
pub(crate) mod operation;
pub(crate) mod params;
pub(crate) mod waiting;
