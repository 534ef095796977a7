//! The tests of the wire format. They are one program, because linking is most of their cost.
#![cfg(test)]

mod docs;
mod generated;
mod golden;
mod limits;
mod live_limits;
mod reading;
mod round_trip;
mod support;
mod tolerance;
mod typescript;
