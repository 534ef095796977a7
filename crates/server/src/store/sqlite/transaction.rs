//! A transaction: the connection that it is on, and what is to be told of it after its commit. What it can do is in
//! `reading` and `writing`.

use rusqlite::{CachedStatement, Connection, OptionalExtension, Params, Row};

use crate::events::AppEvent;
use crate::store::{StoreError, StoreResult};

/// A transaction, from its begin to its end, over a connection that is inside one already. Which of the two traits its
/// holder sees decides what it may do.
pub(super) struct Transaction<'a> {
    connection: &'a Connection,
    /// What is to be published after the commit.
    pub(super) changes: Vec<AppEvent>,
}

impl<'a> Transaction<'a> {
    pub(super) const fn on(connection: &'a Connection) -> Self {
        Transaction { connection, changes: Vec::new() }
    }

    pub(super) fn statement(&self, sql: &str) -> StoreResult<CachedStatement<'_>> {
        Ok(self.connection.prepare_cached(sql)?)
    }

    /// The one row there may be.
    pub(super) fn one<T, P: Params>(
        &self,
        sql: &str,
        params: P,
        read: impl FnOnce(&Row<'_>) -> rusqlite::Result<T>,
    ) -> StoreResult<Option<T>> {
        Ok(self.statement(sql)?.query_row(params, read).optional()?)
    }

    /// The first rows, in a list. SQLite finds each when it is asked for, so those that are not taken cost nothing.
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

    /// Changes rows; says how many.
    pub(super) fn change<P: Params>(&self, sql: &str, params: P) -> StoreResult<usize> {
        Ok(self.statement(sql)?.execute(params)?)
    }

    /// Changes one row, which must be there; `what` says whose absence it is otherwise.
    pub(super) fn change_one<P: Params>(&self, sql: &str, params: P, what: &str) -> StoreResult<()> {
        match self.change(sql, params)? {
            1 => Ok(()),
            count => Err(StoreError::Failed(format!("{what}: {count} rows changed instead of one"))),
        }
    }
}
