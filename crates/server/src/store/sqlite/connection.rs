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
