//! The operations on the records of files. The bytes are kept elsewhere.
//!
//! A file is *unused* while no message has it: before it is sent, and after its messages were deleted. Unused
//! files are deleted after a time, in two steps, because their bytes go in between: they are marked, so that
//! no message can get them any more, and then forgotten.

use causerie_protocol::ids::{ConversationId, MessageId};

use super::error::StoreResult;
use super::records::FileRecord;

/// The operations that read files.
pub trait ReadFiles {
    /// Returns a file; also one that is not stored yet, but none that is being deleted.
    ///
    /// # Errors
    /// [`StoreError`](super::StoreError) if the database fails.
    fn file(&self, app: &str, id: &str) -> StoreResult<Option<FileRecord>>;

    /// Returns the number of the unused files of an uploader, and their size together.
    ///
    /// # Errors
    /// See [`ReadFiles::file`].
    fn unused_files(&self, app: &str, uploader: &str) -> StoreResult<(u64, u64)>;

    /// Returns the secret of this database that signs the tokens and the URLs of files: 256 random bits in
    /// hexadecimal.
    ///
    /// # Errors
    /// See [`ReadFiles::file`].
    fn file_secret(&self) -> StoreResult<String>;
}

/// The operations that write files.
pub trait WriteFiles {
    /// Stores a new file, which is unused from its creation on.
    ///
    /// # Errors
    /// See [`ReadFiles::file`].
    fn put_file(&mut self, app: &str, file: &FileRecord) -> StoreResult<()>;

    /// Stores that the bytes of a file have arrived, with its size, content type, width and height. Returns
    /// whether the file was expected.
    ///
    /// # Errors
    /// See [`ReadFiles::file`].
    fn complete_file(&mut self, app: &str, file: &FileRecord) -> StoreResult<bool>;

    /// Gives a message a file, or none. Its former file becomes unused at the time `now` if no other message
    /// has it.
    ///
    /// # Errors
    /// See [`ReadFiles::file`]; also if there is no such message or file.
    fn attach_file(
        &mut self,
        app: &str,
        conversation: &ConversationId,
        message: &MessageId,
        file: Option<&str>,
    ) -> StoreResult<()>;

    /// Marks one file that is unused and not stored yet, so that it is deleted. Returns whether there was
    /// one.
    ///
    /// # Errors
    /// See [`ReadFiles::file`].
    fn abandon_file(&mut self, app: &str, id: &str) -> StoreResult<bool>;

    /// Marks the files that are unused since before `stored`, and those that were expected to arrive before
    /// `expected` and did not, at most `limit` of each. Returns the apps and the ids of at most `limit`
    /// marked files.
    ///
    /// # Errors
    /// See [`ReadFiles::file`].
    fn mark_unused_files(
        &mut self,
        stored: i64,
        expected: i64,
        limit: u32,
    ) -> StoreResult<Vec<(String, String)>>;

    /// Forgets a marked file, whose bytes are deleted.
    ///
    /// # Errors
    /// See [`ReadFiles::file`].
    fn forget_file(&mut self, app: &str, id: &str) -> StoreResult<()>;
}
