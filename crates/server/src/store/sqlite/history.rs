//! The history file, `<database>.history`: the epoch of the database and the number of its last commit.
//!
//! Every commit that changes something also counts itself in the table `meta`. The history file repeats the
//! count outside the database, so that a database that was replaced by an older one, or whose write-ahead log
//! lost commits, is recognised at the next start: it is behind its history file, and gets a new epoch.
//! Clients then get everything again instead of merging two histories.
//!
//! The file is written after a commit and before the results of its jobs are delivered, so that no
//! acknowledged commit is missing from it while the machine runs, and so that it is never ahead of the
//! database. It is synced at most once a second, after the results were delivered: a commit needs no second
//! sync, and only the loss of power and the restoration of a backup of the last second, both without a start
//! of the server in between, remain unnoticed.

use std::cell::Cell;
use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rusqlite::{Connection, OptionalExtension as _};

use super::sql;
use crate::store::StoreResult;

/// The least time between two syncs of the file.
const SYNC_INTERVAL: Duration = Duration::from_secs(1);
/// The first line of the file.
const HEADER: &str = "causerie history 1";
/// The number of digits of the commit: those of the greatest 64-bit number.
const DIGITS: usize = 20;
/// More bytes than a file has.
const MAX_BYTES: u64 = 4_096;

/// Returns the path of the history file of a database.
pub(super) fn path(database: &Path) -> PathBuf {
    beside(database, ".history")
}

/// Returns the path of a file beside a database.
pub(super) fn beside(database: &Path, suffix: &str) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// The content of a history file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Recorded {
    /// There is no file.
    Missing,
    /// The file is not one of this program, or is incomplete.
    Unreadable,
    /// The database had this epoch and at least this many commits.
    At { epoch: String, commits: u64 },
}

/// Reads a history file.
pub(super) fn read(path: &Path) -> io::Result<Recorded> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Recorded::Missing),
        Err(error) => return Err(error),
    };
    let mut text = Vec::new();
    file.take(MAX_BYTES).read_to_end(&mut text)?;
    let parsed = String::from_utf8(text).ok().and_then(|text| {
        let (header, rest) = text.split_once('\n')?;
        let (epoch, commits) = rest.split_once('\n')?;
        let commits = commits.strip_suffix('\n')?.parse().ok()?;
        (header == HEADER).then(|| Recorded::At { epoch: epoch.to_owned(), commits })
    });
    Ok(parsed.unwrap_or(Recorded::Unreadable))
}

/// Returns why a database with this epoch and this number of commits must begin a new epoch; `None` if it
/// continues its history. `commits` is `None` in a database that was last used by a version without history
/// files.
pub(super) fn break_in(recorded: &Recorded, epoch: &str, commits: Option<u64>) -> Option<String> {
    match recorded {
        Recorded::Missing if commits.is_none() => None,
        Recorded::Missing => Some("its .history file is missing".to_owned()),
        Recorded::Unreadable => Some("its .history file cannot be read".to_owned()),
        Recorded::At { epoch: other, .. } if other != epoch => {
            Some("its .history file is of another database".to_owned())
        }
        Recorded::At { commits: expected, .. } => {
            let lost = expected.checked_sub(commits.unwrap_or_default()).filter(|lost| *lost > 0)?;
            Some(format!(
                "it lacks the last {lost} commits: it was replaced by an older copy, or its -wal file was \
                 damaged or removed"
            ))
        }
    }
}

/// Returns the number of commits that the database itself has counted.
pub(super) fn counted(connection: &Connection) -> rusqlite::Result<Option<u64>> {
    let value: Option<String> = connection
        .query_row("SELECT value FROM meta WHERE name = 'commits'", [], |row| row.get(0))
        .optional()?;
    Ok(value.and_then(|value| value.parse().ok()))
}

/// The open history file of a database. The writer's thread uses it.
pub(super) struct History {
    file: File,
    /// Where the digits of the commit begin.
    offset: u64,
    /// The number of the last commit.
    commits: Cell<u64>,
    synced: Cell<Instant>,
    /// Whether the file was written since it was synced.
    dirty: Cell<bool>,
    /// Whether the last write of the file failed.
    failing: Cell<bool>,
}

impl History {
    /// Replaces the history file, and keeps it open.
    pub(super) fn create(path: &Path, epoch: &str, commits: u64) -> io::Result<History> {
        let new = beside(path, ".new");
        let mut options = OpenOptions::new();
        options.create(true).truncate(true).write(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&new)?;
        let prefix = format!("{HEADER}\n{epoch}\n");
        writeln!(file, "{prefix}{commits:0DIGITS$}")?;
        file.sync_all()?;
        std::fs::rename(&new, path)?;
        sync_folder(path)?;
        Ok(History {
            file,
            offset: prefix.len() as u64,
            commits: Cell::new(commits),
            synced: Cell::new(Instant::now()),
            dirty: Cell::new(false),
            failing: Cell::new(false),
        })
    }

    /// Counts a commit, in the transaction that is about to commit. Returns its number.
    pub(super) fn count(&self, connection: &Connection) -> StoreResult<u64> {
        let number = self.commits.get() + 1;
        connection.prepare_cached(sql::PUT_COMMITS)?.execute([number.to_string()])?;
        // If the commit fails, its number is not used again: the disk may have it nevertheless.
        self.commits.set(number);
        Ok(number)
    }

    /// Records that a commit succeeded. An error is logged once, until a later commit is recorded.
    pub(super) fn record(&self, number: u64) {
        let written = write_at(&self.file, format!("{number:0DIGITS$}").as_bytes(), self.offset);
        match &written {
            Ok(()) => self.dirty.set(true),
            Err(error) if !self.failing.get() => {
                tracing::error!(%error, "the history file could not be written: a restored backup may not be noticed");
            }
            Err(_) => {}
        }
        self.failing.set(written.is_err());
    }

    /// Syncs the file if it was written and the last sync was long enough ago.
    pub(super) fn sync_if_due(&self) {
        if self.is_sync_due() {
            self.sync();
        }
    }

    pub(super) fn is_sync_due(&self) -> bool {
        self.dirty.get() && self.synced.get().elapsed() >= SYNC_INTERVAL
    }

    /// Syncs the file if it was written.
    pub(super) fn sync(&self) {
        if self.dirty.replace(false)
            && let Err(error) = self.file.sync_data()
        {
            tracing::warn!(%error, "the history file could not be synced");
        }
        self.synced.set(Instant::now());
    }
}

#[cfg(unix)]
fn write_at(file: &File, bytes: &[u8], offset: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::write_all_at(file, bytes, offset)
}

#[cfg(not(unix))]
fn write_at(mut file: &File, bytes: &[u8], offset: u64) -> io::Result<()> {
    use std::io::Seek as _;
    file.seek(io::SeekFrom::Start(offset))?;
    file.write_all(bytes)
}

/// Makes the creation, the renaming or the removal of a file durable.
#[cfg(unix)]
pub(super) fn sync_folder(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}

/// Makes the creation, the renaming or the removal of a file durable. This system does so by itself.
#[cfg(not(unix))]
pub(super) fn sync_folder(_path: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(epoch: &str, commits: u64) -> Recorded {
        Recorded::At { epoch: epoch.to_owned(), commits }
    }

    #[test]
    fn history_file_holds_the_epoch_and_the_last_commit() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("causerie.db.history");
        assert_eq!(read(&path).unwrap(), Recorded::Missing);
        let history = History::create(&path, "e", 7).unwrap();
        assert_eq!(read(&path).unwrap(), at("e", 7));
        history.record(12_345);
        assert_eq!(read(&path).unwrap(), at("e", 12_345));
        for text in ["", "causerie history 1\ne\n", "causerie history 1\ne\n12", "other\ne\n12\n"] {
            std::fs::write(&path, text).unwrap();
            assert_eq!(read(&path).unwrap(), Recorded::Unreadable, "{text:?}");
        }
    }

    #[test]
    fn only_a_database_that_has_all_recorded_commits_continues_its_epoch() {
        let new_epoch = |recorded: Recorded, commits| break_in(&recorded, "e", commits);
        assert_eq!(new_epoch(Recorded::Missing, None), None, "an older version made it");
        assert!(new_epoch(Recorded::Missing, Some(3)).is_some());
        assert!(new_epoch(Recorded::Unreadable, Some(3)).is_some());
        assert!(new_epoch(at("other", 3), Some(3)).is_some());
        assert_eq!(new_epoch(at("e", 3), Some(3)), None);
        assert_eq!(new_epoch(at("e", 3), Some(5)), None, "the last commits were not recorded any more");
        assert!(new_epoch(at("e", 5), Some(3)).unwrap().contains("last 2 commits"));
        assert!(new_epoch(at("e", 5), None).unwrap().contains("last 5 commits"));
    }
}
