//! A transaction: its connection, and the events to publish after its commit. Its operations are in `read`
//! and `write`.

use causerie_protocol::topic::Cursor;
use rusqlite::{CachedStatement, Connection, OptionalExtension, Params, Row};

use super::error::SqliteError;
use crate::events::AppEvent;
use crate::store::StoreResult;

/// A transaction on a connection that is inside one already. The trait through which its holder sees it,
/// `Read` or `Write`, decides which operations the holder may use.
pub(super) struct Transaction<'a> {
    connection: &'a Connection,
    /// The events to publish after the commit.
    pub(super) events: Vec<AppEvent>,
    /// The time with which outcomes are dated; 0 in a transaction that only reads.
    pub(super) now: i64,
}

impl<'a> Transaction<'a> {
    pub(super) const fn on(connection: &'a Connection) -> Self {
        Transaction::at(connection, 0)
    }

    /// A transaction that writes, at this time of the database.
    pub(super) const fn at(connection: &'a Connection, now: i64) -> Self {
        Transaction { connection, events: Vec::new(), now }
    }

    pub(super) fn statement(&self, sql: &str) -> StoreResult<CachedStatement<'_>> {
        Ok(self.connection.prepare_cached(sql)?)
    }

    /// Reads the only row of a query, if there is one.
    pub(super) fn one<T, P: Params>(
        &self,
        sql: &str,
        params: P,
        read: impl FnOnce(&Row<'_>) -> rusqlite::Result<T>,
    ) -> StoreResult<Option<T>> {
        Ok(self.statement(sql)?.query_row(params, read).optional()?)
    }

    /// Reads the first `limit` rows of a query. SQLite finds each row when it is asked for it, so the rows
    /// after them cost nothing.
    pub(super) fn first<T, P: Params>(
        &self,
        limit: usize,
        sql: &str,
        params: P,
        read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> StoreResult<Vec<T>> {
        let mut statement = self.statement(sql)?;
        let list = statement.query_map(params, read)?.take(limit).collect::<Result<_, _>>()?;
        Ok(list)
    }

    /// Changes rows. Returns how many.
    pub(super) fn change<P: Params>(&self, sql: &str, params: P) -> StoreResult<usize> {
        Ok(self.statement(sql)?.execute(params)?)
    }

    /// Inserts a row. Returns its numeric key.
    pub(super) fn insert<P: Params>(&self, sql: &str, params: P) -> StoreResult<i64> {
        Ok(self.statement(sql)?.insert(params)?)
    }

    /// Changes one row, which must exist. `subject` names the row in the error.
    pub(super) fn change_one<P: Params>(
        &self,
        sql: &str,
        params: P,
        subject: &'static str,
    ) -> StoreResult<()> {
        match self.change(sql, params)? {
            1 => Ok(()),
            count => Err(SqliteError::RowCount { subject, count }.into()),
        }
    }
}

/// Returns the upper bound of a list in descending order: the cursor, or a bound above all entries.
pub(super) fn upper_bound(after: Option<&Cursor>) -> (i64, &str) {
    after.map_or((i64::MAX, ""), |cursor| (cursor.at, cursor.id.as_str()))
}
