//! The client's sources with the bugs of `bugs.rs`, each of which [`planted::select`] switches on. The build
//! script makes them.
#![allow(
    missing_docs,
    unused,
    clippy::all,
    reason = "these are the client's sources, in which bugs are planted"
)]

include!(concat!(env!("OUT_DIR"), "/client/lib.rs"));

/// The bug that is switched on.
pub mod planted {
    use std::cell::Cell;

    thread_local! {
        static SELECTED: Cell<&'static str> = const { Cell::new("") };
    }

    /// Switches a bug on, and all others off, on this thread.
    pub fn select(bug: &'static str) {
        SELECTED.set(bug);
    }

    pub(crate) fn is_on(bug: &str) -> bool {
        SELECTED.get() == bug
    }
}
