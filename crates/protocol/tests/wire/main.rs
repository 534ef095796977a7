//! The tests of the wire format. They are one program, because linking is most of their cost.
#![cfg(test)]

mod compatibility;
mod decode_errors;
mod docs;
mod generated;
mod golden;
mod limits;
mod round_trip;
mod support;
mod topic_limits;
mod typescript;
