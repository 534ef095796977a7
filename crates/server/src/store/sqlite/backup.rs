//! Backups: copies of a database that begin a new epoch when they are used.
//!
//! A copy has neither an epoch nor a count of commits. A server that opens it begins a new epoch, so that
//! clients get everything again instead of merging what they saw after the backup with what is written after
//! the restoration.

use std::path::Path;

use rusqlite::{Connection, OpenFlags};

use super::history::{beside, sync_folder};
use super::open::{lock, open_error, open_private};
use super::schema::{APPLICATION_ID, MIGRATIONS};
use crate::store::OpenError;

/// Copies a database to a new file, also while a server uses it. The copy is complete and durable when this
/// returns, and has one state of the data.
///
/// # Errors
/// Returns an [`OpenError`] if there is no such database, if the target exists, or if copying fails.
pub fn backup(database: &Path, target: &Path) -> Result<(), OpenError> {
    if target.exists() {
        return Err(OpenError::TargetExists { path: target.to_owned() });
    }
    copy(database, target)
}

/// Replaces a database by a copy of a backup. The database must not be in use.
///
/// # Errors
/// Returns an [`OpenError`] if the database is in use, if the backup cannot be read, or if copying fails.
pub fn restore(database: &Path, source: &Path) -> Result<(), OpenError> {
    let _lock = lock(database)?;
    let new = beside(database, ".restoring");
    copy(source, &new)?;
    let failed = |error: std::io::Error| OpenError::failed(database, error);
    // The log goes first: SQLite would apply it to the restored database.
    for suffix in ["-wal", "-shm"] {
        remove_if_exists(&beside(database, suffix)).map_err(failed)?;
    }
    std::fs::rename(&new, database).map_err(failed)?;
    sync_folder(database).map_err(failed)
}

/// Copies a database without its epoch. The target appears when it is complete.
fn copy(source: &Path, target: &Path) -> Result<(), OpenError> {
    let failed = |error: rusqlite::Error| open_error(source, error);
    let target_failed = |error: std::io::Error| OpenError::failed(target, error);
    // Without this flag SQLite creates a database that does not exist.
    let from = Connection::open_with_flags(source, OpenFlags::SQLITE_OPEN_READ_WRITE).map_err(failed)?;
    check(&from, source)?;
    let part = beside(target, ".part");
    remove_if_exists(&part).map_err(target_failed)?;
    // The copy contains e-mail addresses and phone numbers.
    let file = open_private(&part).map_err(target_failed)?;
    from.execute("VACUUM INTO ?1", [part.to_string_lossy()]).map_err(failed)?;
    let to = Connection::open(&part).map_err(failed)?;
    to.execute("DELETE FROM meta WHERE name IN ('epoch', 'commits')", []).map_err(failed)?;
    to.close().map_err(|(_, error)| failed(error))?;
    file.sync_all().map_err(target_failed)?;
    std::fs::rename(&part, target).map_err(target_failed)?;
    sync_folder(target).map_err(target_failed)
}

/// Checks that a file is a database of this program, of a version that this program knows.
fn check(connection: &Connection, path: &Path) -> Result<(), OpenError> {
    let number = |name: &str| {
        let value = connection.query_row(&format!("PRAGMA {name}"), [], |row| row.get::<_, i64>(0));
        value.map_err(|error| open_error(path, error))
    };
    if number("application_id")? != i64::from(APPLICATION_ID) {
        return Err(OpenError::OtherProgram { path: path.to_owned() });
    }
    let version = usize::try_from(number("user_version")?).unwrap_or(usize::MAX);
    let supported = MIGRATIONS.len();
    if version > supported {
        return Err(OpenError::NewerVersion { path: path.to_owned(), version, supported });
    }
    Ok(())
}

fn remove_if_exists(path: &Path) -> std::io::Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
