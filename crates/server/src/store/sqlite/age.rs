//! The time with which outcomes are dated and pruned.
//!
//! It advances only while the database is open, at the pace of the steady time, and continues after a restart
//! where it was. If the wall clock is set a month ahead, the outcomes are therefore still those of the last
//! day; if the server was stopped for long, they are stored for longer than a day.

use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension as _};

use super::sql;
use crate::clock::Clock;
use crate::store::StoreResult;

/// The time of a database. Clones show the same time.
#[derive(Clone)]
pub(super) struct Age {
    clock: Arc<dyn Clock>,
    /// The difference to the steady time.
    offset: i64,
}

impl Age {
    /// Continues the time of a database. One that has none begins at the wall clock, because its outcomes
    /// were dated with it.
    pub(super) fn continued(connection: &Connection, clock: Arc<dyn Clock>) -> rusqlite::Result<Age> {
        let stored: Option<String> = connection
            .query_row("SELECT value FROM meta WHERE name = 'time'", [], |row| row.get(0))
            .optional()?;
        let time = stored.and_then(|time| time.parse().ok()).unwrap_or_else(|| clock.now_ms());
        Ok(Age { offset: time - clock.steady_ms(), clock })
    }

    /// Returns the time, in milliseconds.
    pub(super) fn now(&self) -> i64 {
        self.clock.steady_ms().saturating_add(self.offset)
    }

    /// Stores the time, from which it continues after a restart.
    pub(super) fn store(&self, connection: &Connection) -> StoreResult<()> {
        connection.prepare_cached(sql::PUT_TIME)?.execute([self.now().to_string()])?;
        Ok(())
    }
}
