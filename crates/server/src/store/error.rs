//! The errors of stores.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// An error of any type, as a source.
type BoxError = Box<dyn Error + Send + Sync>;

/// The result of reading or writing.
pub type StoreResult<T> = Result<T, StoreError>;

/// The reason why a store could not execute a job. Clones share the source, because a commit that fails fails
/// every job of its group.
#[derive(Clone, Debug, thiserror::Error)]
pub enum StoreError {
    /// The queue of pending writes is full.
    #[error("the writer's queue is full")]
    Busy,
    /// The store is closed or being closed.
    #[error("the store is closed")]
    Closed,
    /// The database failed. The text is for the operator's log, not for callers.
    #[error(transparent)]
    Failed(Arc<dyn Error + Send + Sync>),
}

impl StoreError {
    /// Returns a [`StoreError::Failed`] with this source.
    pub fn failed(source: impl Into<BoxError>) -> Self {
        StoreError::Failed(Arc::from(source.into()))
    }
}

/// Two failures are equal if their texts are.
impl PartialEq for StoreError {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (StoreError::Busy, StoreError::Busy) | (StoreError::Closed, StoreError::Closed) => true,
            (StoreError::Failed(one), StoreError::Failed(other)) => one.to_string() == other.to_string(),
            _ => false,
        }
    }
}

impl Eq for StoreError {}

/// The reason why a database could not be opened. The text is one line, which names the file, the problem
/// and, if there is one, a remedy.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The path is that of a folder.
    #[error("the database {path} is a folder; name a file in it")]
    IsFolder {
        /// The path of the database.
        path: PathBuf,
    },
    /// The file beside the database that serves as its lock could not be opened.
    #[error(
        "the database {path} cannot be opened: {source}; does its folder exist, and may this user write to \
         it?"
    )]
    LockFile {
        /// The path of the database.
        path: PathBuf,
        /// The error of the operating system.
        source: std::io::Error,
    },
    /// The operating system could not lock the lock file.
    #[error("the database {path} cannot be locked: {source}")]
    Lock {
        /// The path of the lock file.
        path: PathBuf,
        /// The error of the operating system.
        source: std::io::Error,
    },
    /// Another server has locked the database.
    #[error(
        "the database {path} is in use by another causerie-server; stop that one, or give this one a file \
         of its own"
    )]
    InUse {
        /// The path of the database.
        path: PathBuf,
    },
    /// The file system cannot share memory between processes.
    #[error("the database {path} is on a file system without shared memory, which SQLite's WAL needs")]
    NoSharedMemory {
        /// The path of the database.
        path: PathBuf,
    },
    /// The file is a database that another program created.
    #[error("the database {path} is the database of another program; name another file")]
    OtherProgram {
        /// The path of the database.
        path: PathBuf,
    },
    /// The schema of the database is newer than this server.
    #[error(
        "the database {path} was made by a newer causerie-server (its tables are of version {version}, this \
         one knows up to {supported}); run that version or a later one, or name another file"
    )]
    NewerVersion {
        /// The path of the database.
        path: PathBuf,
        /// The version of the database's schema.
        version: usize,
        /// The latest version that this server supports.
        supported: usize,
    },
    /// The file is not a database.
    #[error("the database {path} is not a SQLite database; name another file, or move this one away")]
    NotADatabase {
        /// The path of the database.
        path: PathBuf,
        /// The error of the database engine.
        source: BoxError,
    },
    /// The file is corrupt.
    #[error("the database {path} is damaged ({source}); restore it from a backup")]
    Damaged {
        /// The path of the database.
        path: PathBuf,
        /// The error of the database engine.
        source: BoxError,
    },
    /// Another program has locked the file.
    #[error("the database {path} is locked by another program; end that one first")]
    Locked {
        /// The path of the database.
        path: PathBuf,
        /// The error of the database engine.
        source: BoxError,
    },
    /// The file is read-only for this process.
    #[error("the database {path} cannot be written; give this user the right to, or name another file")]
    ReadOnly {
        /// The path of the database.
        path: PathBuf,
        /// The error of the database engine.
        source: BoxError,
    },
    /// The target of a backup exists already.
    #[error("the backup {path} exists already; name a new file")]
    TargetExists {
        /// The path of the target.
        path: PathBuf,
    },
    /// There is a write-ahead log, but the database that it belongs to is missing or empty.
    #[error(
        "the database {path} is missing, but its -wal file is not; put the database back, restore a backup \
         with `causerie-server restore`, or move the -wal file away to begin with an empty database"
    )]
    LogWithoutDatabase {
        /// The path of the database.
        path: PathBuf,
    },
    /// The history file beside the database cannot be read or written.
    #[error("the history file {path} cannot be used: {source}")]
    History {
        /// The path of the history file.
        path: PathBuf,
        /// The error of the operating system.
        source: std::io::Error,
    },
    /// The writer's thread could not be started.
    #[error("the writer of the database {path} could not be started: {source}")]
    Writer {
        /// The path of the database.
        path: PathBuf,
        /// The error of the operating system.
        source: std::io::Error,
    },
    /// Opening failed for another reason.
    #[error("the database {path} cannot be opened: {source}")]
    Failed {
        /// The path of the database.
        path: PathBuf,
        /// The error of the operating system, the runtime or the database engine.
        source: BoxError,
    },
}

impl OpenError {
    /// Returns an [`OpenError::Failed`] for this path and source.
    pub fn failed(path: &Path, source: impl Into<BoxError>) -> Self {
        OpenError::Failed { path: path.to_owned(), source: source.into() }
    }
}
