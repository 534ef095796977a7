//! Files and the messages that have them.

use causerie_protocol::content::FileKind;
use causerie_protocol::ids::{ConversationId, MessageId};
use rusqlite::{Row, params};

use super::error::SqliteError;
use super::sql;
use super::transaction::Transaction;
use crate::store::records::FileRecord;
use crate::store::{ReadFiles, StoreResult, WriteFiles};

/// The states of a file that is not being deleted.
const EXPECTED: i64 = 0;
const STORED: i64 = 1;

const KINDS: [FileKind; 4] = [FileKind::Image, FileKind::Video, FileKind::Audio, FileKind::Voice];

fn kind_code(kind: FileKind) -> i64 {
    match kind {
        FileKind::Image => 0,
        FileKind::Video => 1,
        FileKind::Audio => 2,
        FileKind::Voice => 3,
    }
}

/// SQLite has no unsigned numbers.
fn signed(size: u64) -> i64 {
    i64::try_from(size).unwrap_or(i64::MAX)
}

fn file(row: &Row<'_>) -> rusqlite::Result<FileRecord> {
    let kind: Option<i64> = row.get(3)?;
    Ok(FileRecord {
        id: row.get(0)?,
        uploader: row.get(1)?,
        is_stored: row.get::<_, i64>(2)? == STORED,
        kind: kind.and_then(|code| KINDS.into_iter().find(|kind| kind_code(*kind) == code)),
        name: row.get(4)?,
        content_type: row.get(5)?,
        size: row.get::<_, i64>(6)?.unsigned_abs(),
        width: row.get(7)?,
        height: row.get(8)?,
        duration: row.get(9)?,
        created_at: row.get(10)?,
    })
}

impl ReadFiles for Transaction<'_> {
    fn file(&self, app: &str, id: &str) -> StoreResult<Option<FileRecord>> {
        self.one(sql::FILE, (app, id), file)
    }

    fn unused_files(&self, app: &str, uploader: &str) -> StoreResult<(u64, u64)> {
        let found = self.one(sql::UNUSED_FILES, (app, uploader), |row| {
            Ok((row.get::<_, i64>(0)?.unsigned_abs(), row.get::<_, i64>(1)?.unsigned_abs()))
        })?;
        Ok(found.unwrap_or_default())
    }

    fn file_secret(&self) -> StoreResult<String> {
        let secret = self.one(sql::FILE_SECRET, (), |row| row.get(0))?;
        secret.ok_or_else(|| SqliteError::MissingRow("the secret of files").into())
    }
}

impl WriteFiles for Transaction<'_> {
    fn put_file(&mut self, app: &str, file: &FileRecord) -> StoreResult<()> {
        let params = params![
            app,
            file.id,
            file.uploader,
            if file.is_stored { STORED } else { EXPECTED },
            file.kind.map(kind_code),
            file.name,
            file.content_type,
            signed(file.size),
            file.width,
            file.height,
            file.duration,
            file.created_at
        ];
        self.change_one(sql::PUT_FILE, params, "the file")
    }

    fn complete_file(&mut self, app: &str, file: &FileRecord) -> StoreResult<bool> {
        let params = (app, &file.id, &file.content_type, signed(file.size), file.width, file.height);
        Ok(self.change(sql::COMPLETE_FILE, params)? > 0)
    }

    fn attach_file(
        &mut self,
        app: &str,
        conversation: &ConversationId,
        message: &MessageId,
        file: Option<&str>,
    ) -> StoreResult<()> {
        let found = self.find_message(app, conversation, message)?;
        let message = found.ok_or_else(|| SqliteError::MissingRow("the message of a file"))?.key;
        self.change(sql::DETACH_FILE, (message,))?;
        match file {
            Some(file) => self.change_one(sql::ATTACH_FILE, (message, app, file), "the file of a message"),
            None => Ok(()),
        }
    }

    fn abandon_file(&mut self, app: &str, id: &str) -> StoreResult<bool> {
        Ok(self.change(sql::ABANDON_FILE, (app, id))? > 0)
    }

    fn mark_unused_files(
        &mut self,
        stored: i64,
        expected: i64,
        limit: u32,
    ) -> StoreResult<Vec<(String, String)>> {
        self.change(sql::PRUNE_STORED_FILES, (stored, limit))?;
        self.change(sql::PRUNE_EXPECTED_FILES, (expected, limit))?;
        self.first(limit as usize, sql::MARKED_FILES, (), |row| Ok((row.get(0)?, row.get(1)?)))
    }

    fn forget_file(&mut self, app: &str, id: &str) -> StoreResult<()> {
        self.change(sql::FORGET_FILE, (app, id)).map(drop)
    }
}
