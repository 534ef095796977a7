//! The tests of the wire, in one program because linking is most of their cost.
#![cfg(test)]

mod generated;
mod golden;
mod limits;
mod live_limits;
mod reading;
mod round_trip;
mod support;
mod tolerance;
