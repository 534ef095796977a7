//! The declared types of snapshots: the data that the store shows has exactly their fields, and so have the
//! JavaScript classes and the typings of the SDK.

#![cfg(test)]

mod golden;
mod javascript;
mod names;
mod typings;
