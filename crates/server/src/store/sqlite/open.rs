//! From a path to connections: lock the file, look whether it is ours and of an age we understand, bring its tables up
//! to date. Every refusal is one line for the operator: which file, what about it, what to do.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::schema::{APPLICATION_ID, MIGRATIONS};
use crate::store::OpenError;

/// How long a connection waits for another's lock. Within one server there is one writer and nobody waits for long.
const BUSY: Duration = Duration::from_secs(5);
/// How many prepared statements a connection keeps: all of them.
const STATEMENTS: usize = 64;

/// The connections of one database.
pub(super) struct Opened {
    pub(super) writer: Connection,
    pub(super) readers: Vec<Connection>,
    pub(super) lock: Option<File>,
    pub(super) epoch: String,
}

/// Opens a file, or makes it.
pub(super) fn file(path: &Path, readers: usize) -> Result<Opened, OpenError> {
    if path.is_dir() {
        return Err(refusal(path, "is a folder; name a file in it"));
    }
    let lock = lock(path)?;
    // SQLite gives its other files the rights of this one. Addresses and telephone numbers are in it.
    open_own(path).map_err(|error| refusal(path, &format!("cannot be opened: {error}")))?;
    let told = |error: rusqlite::Error| explain(path, &error);
    let mut writer = Connection::open(path).map_err(told)?;
    let mode: String = prepare(&writer)
        .and_then(|()| writer.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0)))
        .map_err(told)?;
    if mode != "wal" {
        return Err(refusal(path, "is on a file system without shared memory, which SQLite's WAL needs"));
    }
    migrate(&mut writer, path)?;
    let epoch = epoch(&writer).map_err(told)?;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let readers = (0..readers)
        .map(|_| {
            let reader = Connection::open_with_flags(path, flags)?;
            prepare(&reader)?;
            reader.pragma_update(None, "query_only", true)?;
            Ok(reader)
        })
        .collect::<Result<_, _>>()
        .map_err(told)?;
    Ok(Opened { writer, readers, lock: Some(lock), epoch })
}

/// A database in memory: one connection for everything.
pub(super) fn memory() -> Result<Opened, OpenError> {
    let path = Path::new(":memory:");
    let told = |error: rusqlite::Error| explain(path, &error);
    let mut writer = Connection::open_in_memory().map_err(told)?;
    prepare(&writer).map_err(told)?;
    migrate(&mut writer, path)?;
    let epoch = epoch(&writer).map_err(told)?;
    Ok(Opened { writer, readers: Vec::new(), lock: None, epoch })
}

/// Takes the lock that keeps a second server from the same file. It goes with the process, however that ends.
fn lock(path: &Path) -> Result<File, OpenError> {
    let mut name = path.as_os_str().to_owned();
    name.push(".lock");
    let name = PathBuf::from(name);
    let file = open_own(&name).map_err(|error| {
        let problem =
            format!("cannot be opened: {error}; does its folder exist, and may this user write to it?");
        refusal(path, &problem)
    })?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(refusal(
            path,
            "is in use by another causerie-server; stop that one, or give this one a file of its own",
        )),
        Err(TryLockError::Error(error)) => Err(refusal(&name, &format!("cannot be locked: {error}"))),
    }
}

/// Opens a file for writing; where there is none, makes one that its owner alone may read.
fn open_own(path: &Path) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// What every connection is set to. FULL is what "acknowledged means durable" rests on.
fn prepare(connection: &Connection) -> rusqlite::Result<()> {
    connection.busy_timeout(BUSY)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    connection.execute_batch(
        "PRAGMA synchronous = FULL; PRAGMA fullfsync = ON; PRAGMA foreign_keys = ON; \
         PRAGMA trusted_schema = OFF; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -16000; \
         PRAGMA journal_size_limit = 67108864",
    )
}

/// Brings the tables up to date, each step in a transaction with the count of steps.
fn migrate(connection: &mut Connection, path: &Path) -> Result<(), OpenError> {
    let told = |error: rusqlite::Error| explain(path, &error);
    let number =
        |connection: &Connection, sql: &str| connection.query_row(sql, [], |row| row.get::<_, i64>(0));
    let done = number(connection, "PRAGMA user_version").map_err(told)?;
    let owner = number(connection, "PRAGMA application_id").map_err(told)?;
    let tables = number(connection, "SELECT count(*) FROM sqlite_schema").map_err(told)?;
    if owner != i64::from(APPLICATION_ID) && (tables > 0 || done != 0) {
        return Err(refusal(path, "is the database of another program; name another file"));
    }
    let done = usize::try_from(done).unwrap_or(usize::MAX);
    if done > MIGRATIONS.len() {
        let problem = format!(
            "was made by a newer causerie-server (its tables are of version {done}, this one knows up to {}); \
             run that version or a later one, or name another file",
            MIGRATIONS.len()
        );
        return Err(refusal(path, &problem));
    }
    for (index, step) in MIGRATIONS.iter().enumerate().skip(done) {
        let transaction = connection.transaction().map_err(told)?;
        transaction.execute_batch(step).map_err(told)?;
        transaction.pragma_update(None, "application_id", APPLICATION_ID).map_err(told)?;
        transaction
            .pragma_update(None, "user_version", i64::try_from(index + 1).unwrap_or(i64::MAX))
            .map_err(told)?;
        transaction
            .execute("INSERT OR IGNORE INTO meta VALUES ('epoch', lower(hex(randomblob(16))))", [])
            .map_err(told)?;
        transaction.commit().map_err(told)?;
    }
    Ok(())
}

fn epoch(connection: &Connection) -> rusqlite::Result<String> {
    connection.query_row("SELECT value FROM meta WHERE name = 'epoch'", [], |row| row.get(0))
}

fn refusal(path: &Path, problem: &str) -> OpenError {
    OpenError(format!("the database {} {problem}", path.display()))
}

fn explain(path: &Path, error: &rusqlite::Error) -> OpenError {
    let problem = match error.sqlite_error_code() {
        Some(ErrorCode::NotADatabase) => {
            "is not a SQLite database; name another file, or move this one away".to_owned()
        }
        Some(ErrorCode::DatabaseCorrupt) => format!("is damaged ({error}); restore it from a backup"),
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            "is locked by another program; end that one first".to_owned()
        }
        Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => {
            "cannot be written; give this user the right to, or name another file".to_owned()
        }
        _ => format!("cannot be opened: {error}"),
    };
    refusal(path, &problem)
}
