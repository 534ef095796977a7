//! From a change that is durable to those who follow it.

mod change;

pub use change::{Change, Event, Said, What};

/// Tells whoever follows of what has changed.
pub trait Fanout: Send + Sync + 'static {
    /// Tells of changes, in their order. Called by the store's writer, after the commit; so it must be quick, and
    /// wait for nobody.
    fn publish(&self, changes: Vec<Change>);
}

/// Nobody follows.
impl Fanout for () {
    fn publish(&self, _changes: Vec<Change>) {}
}
