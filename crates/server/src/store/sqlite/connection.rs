//! The connections to the database.

use std::sync::{Arc, Mutex};

use rusqlite::Connection;

use crate::store::StoreResult;

/// A connection that one thread at a time uses, until it is closed.
pub(super) type Slot = Arc<Mutex<Option<Connection>>>;

/// Executes a statement that has no parameters, such as COMMIT.
pub(super) fn execute(connection: &Connection, sql: &str) -> StoreResult<()> {
    connection.prepare_cached(sql)?.execute([])?;
    Ok(())
}

/// The threads on which a store executes its jobs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Threads {
    /// Writes on a thread of the store, and lists on those of the runtime for blocking work.
    Own,
    /// Everything on the thread of the caller, each write in a commit of its own. A program with one thread
    /// then always does the same, as simulations need it.
    Caller,
}
