//! The errors of this store that do not come from SQLite itself.

use tokio::task::JoinError;

use crate::store::StoreError;

#[derive(Debug, thiserror::Error)]
pub(super) enum SqliteError {
    /// A row that a change refers to does not exist.
    #[error("{0} does not exist")]
    MissingRow(&'static str),
    /// A statement that has to change one row changed none or several.
    #[error("{subject}: {count} rows changed instead of one")]
    RowCount { subject: &'static str, count: usize },
    /// The job was dropped without a result.
    #[error("the write was not executed; the writer's log has the reason")]
    WriteDropped,
    /// SQLite rolled back the transaction by itself.
    #[error("SQLite rolled back the whole group of writes")]
    RolledBack,
    /// The thread that ran a read ended before its result was there.
    #[error("a read ended early: {0}")]
    ReadAborted(#[from] JoinError),
}

impl From<SqliteError> for StoreError {
    fn from(error: SqliteError) -> Self {
        StoreError::failed(error)
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        StoreError::failed(error)
    }
}
