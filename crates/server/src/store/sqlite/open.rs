//! Opens a database: locks the file, checks that it belongs to this program and has a known version, and
//! migrates its schema.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, OpenFlags, OptionalExtension as _};

use super::history::{self, History, Recorded, beside};
use super::schema::{APPLICATION_ID, MIGRATIONS};
use crate::store::OpenError;

/// How long a connection waits for the lock of another one. A server has only one writer, so the wait is
/// short.
pub(super) const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// How many prepared statements a connection caches: enough for all of them.
const CACHED_STATEMENTS: usize = 64;
/// The path of a database in memory, in errors.
pub(super) const MEMORY: &str = ":memory:";

/// The connections of one database.
pub(super) struct Opened {
    pub(super) writer: Connection,
    pub(super) readers: Vec<Connection>,
    pub(super) lock: Option<Lock>,
    pub(super) epoch: String,
    pub(super) history: Option<History>,
}

/// The lock that keeps a second server from the same database. The operating system releases it when the
/// process ends.
pub(super) struct Lock {
    _lock_file: File,
    /// The database itself, because a lock file can be deleted. It must be closed after all connections:
    /// closing a file releases SQLite's own locks on it.
    _database: Option<File>,
}

/// Opens a file, or creates it.
pub(super) fn file(path: &Path, readers: usize) -> Result<Opened, OpenError> {
    if path.is_dir() {
        return Err(OpenError::IsFolder { path: path.to_owned() });
    }
    let lock_file = lock_file(path)?;
    refuse_log_without_database(path)?;
    // SQLite gives its other files the permissions of this one. They contain e-mail addresses and phone
    // numbers.
    let database = open_private(path).map_err(|error| OpenError::failed(path, error))?;
    let lock = Lock { _lock_file: lock_file, _database: lock_database(path, database)? };
    let failed = |error: rusqlite::Error| open_error(path, error);
    let mut writer = Connection::open(path).map_err(failed)?;
    let mode: String = configure(&writer)
        .and_then(|()| writer.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0)))
        .map_err(failed)?;
    if mode != "wal" {
        return Err(OpenError::NoSharedMemory { path: path.to_owned() });
    }
    migrate(&mut writer, path)?;
    let (epoch, history) = continue_history(&mut writer, path)?;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let readers = (0..readers)
        .map(|_| {
            let reader = Connection::open_with_flags(path, flags)?;
            configure(&reader)?;
            reader.pragma_update(None, "query_only", true)?;
            Ok(reader)
        })
        .collect::<Result<_, _>>()
        .map_err(failed)?;
    Ok(Opened { writer, readers, lock: Some(lock), epoch, history: Some(history) })
}

/// Creates a database in memory, with one connection for everything.
pub(super) fn memory() -> Result<Opened, OpenError> {
    let path = Path::new(MEMORY);
    let failed = |error: rusqlite::Error| open_error(path, error);
    let mut writer = Connection::open_in_memory().map_err(failed)?;
    configure(&writer).map_err(failed)?;
    migrate(&mut writer, path)?;
    let epoch = match epoch(&writer).map_err(failed)? {
        Some(epoch) => epoch,
        None => begin_epoch(&mut writer).map_err(failed)?,
    };
    Ok(Opened { writer, readers: Vec::new(), lock: None, epoch, history: None })
}

/// Takes the lock of a database for a command that replaces it.
pub(super) fn lock(path: &Path) -> Result<Lock, OpenError> {
    let lock_file = lock_file(path)?;
    let database = match OpenOptions::new().read(true).open(path) {
        Ok(database) => lock_database(path, database)?,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
        Err(error) => return Err(OpenError::failed(path, error)),
    };
    Ok(Lock { _lock_file: lock_file, _database: database })
}

/// Takes the lock of the lock file.
fn lock_file(path: &Path) -> Result<File, OpenError> {
    let name = beside(path, ".lock");
    let file = open_private(&name).map_err(|source| OpenError::LockFile { path: path.to_owned(), source })?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(OpenError::InUse { path: path.to_owned() }),
        Err(TryLockError::Error(source)) => Err(OpenError::Lock { path: name, source }),
    }
}

/// Locks the database itself. SQLite's own locks are of another kind and do not conflict with this one.
#[cfg(unix)]
fn lock_database(path: &Path, database: File) -> Result<Option<File>, OpenError> {
    match database.try_lock() {
        Ok(()) => Ok(Some(database)),
        Err(TryLockError::WouldBlock) => Err(OpenError::InUse { path: path.to_owned() }),
        Err(TryLockError::Error(source)) => Err(OpenError::Lock { path: path.to_owned(), source }),
    }
}

/// Locks nothing: this system does not delete a lock file that is open, and a lock on the database would keep
/// SQLite out.
#[cfg(not(unix))]
fn lock_database(_path: &Path, _database: File) -> Result<Option<File>, OpenError> {
    Ok(None)
}

/// Refuses a write-ahead log that has no database. SQLite would delete it, with all commits that are only in
/// it.
fn refuse_log_without_database(path: &Path) -> Result<(), OpenError> {
    let is_empty = |path: &Path| std::fs::metadata(path).map_or(true, |file| file.len() == 0);
    if is_empty(path) && !is_empty(&beside(path, "-wal")) {
        return Err(OpenError::LogWithoutDatabase { path: path.to_owned() });
    }
    Ok(())
}

/// Compares the database with its history file, and begins a new epoch if it does not continue that history.
/// Returns the epoch and the file.
fn continue_history(connection: &mut Connection, database: &Path) -> Result<(String, History), OpenError> {
    let failed = |error: rusqlite::Error| open_error(database, error);
    let path = history::path(database);
    let unusable = |source| OpenError::History { path: path.clone(), source };
    let recorded = history::read(&path).map_err(unusable)?;
    let commits = history::counted(connection).map_err(failed)?;
    let epoch = match epoch(connection).map_err(failed)? {
        None => {
            if recorded != Recorded::Missing {
                tracing::warn!(
                    path = %database.display(),
                    "the database is new or restored from a backup, and begins a new epoch: clients get \
                     everything again"
                );
            }
            begin_epoch(connection).map_err(failed)?
        }
        Some(epoch) => match history::break_in(&recorded, &epoch, commits) {
            None => epoch,
            Some(reason) => {
                tracing::error!(
                    path = %database.display(), reason,
                    "the database does not continue its history, and begins a new epoch: clients get \
                     everything again"
                );
                begin_epoch(connection).map_err(failed)?
            }
        },
    };
    let history = History::create(&path, &epoch, commits.unwrap_or_default()).map_err(unusable)?;
    Ok((epoch, history))
}

/// Opens a file for writing, or creates one that only its owner may read.
pub(super) fn open_private(path: &Path) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Applies the settings that every connection has. `synchronous = FULL` makes an acknowledged write durable.
fn configure(connection: &Connection) -> rusqlite::Result<()> {
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.set_prepared_statement_cache_capacity(CACHED_STATEMENTS);
    connection.execute_batch(
        "PRAGMA synchronous = FULL; PRAGMA fullfsync = ON; PRAGMA foreign_keys = ON; \
         PRAGMA trusted_schema = OFF; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -16000; \
         PRAGMA journal_size_limit = 67108864",
    )
}

/// Migrates the schema. Each migration runs in a transaction, which also updates the schema's version.
fn migrate(connection: &mut Connection, path: &Path) -> Result<(), OpenError> {
    let failed = |error: rusqlite::Error| open_error(path, error);
    let number =
        |connection: &Connection, sql: &str| connection.query_row(sql, [], |row| row.get::<_, i64>(0));
    let version = number(connection, "PRAGMA user_version").map_err(failed)?;
    let owner = number(connection, "PRAGMA application_id").map_err(failed)?;
    let tables = number(connection, "SELECT count(*) FROM sqlite_schema").map_err(failed)?;
    if owner != i64::from(APPLICATION_ID) && (tables > 0 || version != 0) {
        return Err(OpenError::OtherProgram { path: path.to_owned() });
    }
    let version = usize::try_from(version).unwrap_or(usize::MAX);
    let supported = MIGRATIONS.len();
    if version > supported {
        return Err(OpenError::NewerVersion { path: path.to_owned(), version, supported });
    }
    for (index, migration) in MIGRATIONS.iter().enumerate().skip(version) {
        let transaction = connection.transaction().map_err(failed)?;
        transaction.execute_batch(migration).map_err(failed)?;
        transaction.pragma_update(None, "application_id", APPLICATION_ID).map_err(failed)?;
        transaction
            .pragma_update(None, "user_version", i64::try_from(index + 1).unwrap_or(i64::MAX))
            .map_err(failed)?;
        transaction.commit().map_err(failed)?;
    }
    Ok(())
}

/// Returns the epoch; `None` if the database is new or a backup.
fn epoch(connection: &Connection) -> rusqlite::Result<Option<String>> {
    connection.query_row("SELECT value FROM meta WHERE name = 'epoch'", [], |row| row.get(0)).optional()
}

/// Begins a new epoch: 128 random bits.
fn begin_epoch(connection: &mut Connection) -> rusqlite::Result<String> {
    connection.query_row(
        "INSERT OR REPLACE INTO meta VALUES ('epoch', lower(hex(randomblob(16)))) RETURNING value",
        [],
        |row| row.get(0),
    )
}

/// Finds the [`OpenError`] that describes an error of SQLite.
pub(super) fn open_error(path: &Path, error: rusqlite::Error) -> OpenError {
    let code = error.sqlite_error_code();
    let (path, source) = (path.to_owned(), Box::new(error));
    match code {
        Some(ErrorCode::NotADatabase) => OpenError::NotADatabase { path, source },
        Some(ErrorCode::DatabaseCorrupt) => OpenError::Damaged { path, source },
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => OpenError::Locked { path, source },
        Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => OpenError::ReadOnly { path, source },
        _ => OpenError::Failed { path, source },
    }
}
