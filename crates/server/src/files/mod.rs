//! The bytes of files: received, checked, stored and read, in a local folder or in a store that speaks S3.
//!
//! The records of files are in the database (`store`), and the rules decide who may upload what. Here bytes
//! are streamed: an upload or a download holds a few chunks in memory, whatever the size of the file.

mod image;
mod read;
mod receive;
mod s3;
mod slots;

use std::path::Path;
use std::sync::Arc;

use object_store::ObjectStore;
use object_store::local::LocalFileSystem;
use object_store::memory::InMemory;
use object_store::path::Path as Location;

use self::slots::Slots;
use crate::config::{Data, FilesConfig};
use crate::file_links::{FileLinks, FilePolicy};

pub use read::Reading;
pub use receive::Expected;
pub use slots::Slot;

/// Why files cannot be stored.
#[derive(Debug, thiserror::Error)]
pub enum FilesError {
    /// The folder cannot be created or used.
    #[error("files: the folder {folder} cannot be used: {source}")]
    Folder {
        /// The folder.
        folder: String,
        /// The error of the system.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The settings of the S3 store are wrong.
    #[error("files.s3: {0}")]
    S3(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The secret of the database cannot be read.
    #[error("files: the secret of the database cannot be used")]
    Secret,
}

/// The storage of the bytes of all files. Clones share it.
#[derive(Clone)]
pub struct Files {
    inner: Arc<Inner>,
}

struct Inner {
    store: Arc<dyn ObjectStore>,
    policy: Arc<FilePolicy>,
    slots: Slots,
    /// The bytes of one part of an upload.
    part_bytes: usize,
    config: FilesConfig,
}

/// The bytes of one part in a local folder.
const LOCAL_PART_BYTES: usize = 256 << 10;
/// The bytes of one part in an S3 store: the least that S3 accepts.
const S3_PART_BYTES: usize = 5 << 20;
/// The folder of the files beside the database.
const FOLDER: &str = "files";

impl Files {
    /// Opens the storage that the configuration names. `secret` signs tokens and URLs, which start with
    /// `origin`.
    ///
    /// # Errors
    /// [`FilesError`].
    pub async fn open(
        config: &FilesConfig,
        data: &Data,
        secret: &str,
        origin: &str,
    ) -> Result<Files, FilesError> {
        let mut part_bytes = LOCAL_PART_BYTES;
        let store: Arc<dyn ObjectStore> = match (&config.s3, data) {
            (Some(s3), _) => {
                part_bytes = S3_PART_BYTES;
                Arc::new(s3::open(s3).map_err(FilesError::S3)?)
            }
            (None, Data::Memory) => Arc::new(InMemory::new()),
            (None, Data::Folder(folder)) => {
                let folder = config.folder.clone().unwrap_or_else(|| folder.join(FOLDER));
                let opening = folder.clone();
                let opened = tokio::task::spawn_blocking(move || local(&opening)).await;
                let failed = |source| FilesError::Folder { folder: folder.display().to_string(), source };
                Arc::new(opened.map_err(|error| failed(error.into()))?.map_err(failed)?)
            }
        };
        let period_ms = i64::from(config.url_days) * 24 * 60 * 60 * 1_000;
        let links = FileLinks::new(secret, origin, period_ms).ok_or(FilesError::Secret)?;
        let policy = Arc::new(FilePolicy {
            links,
            max_bytes: config.max_bytes,
            unused_files: u64::from(config.unused_files),
            unused_bytes: config.unused_bytes,
        });
        let slots = Slots::new(config.uploads, config.uploads_per_user);
        Ok(Files { inner: Arc::new(Inner { store, policy, slots, part_bytes, config: config.clone() }) })
    }

    /// What rules need to know.
    #[must_use]
    pub fn policy(&self) -> Arc<FilePolicy> {
        Arc::clone(&self.inner.policy)
    }

    /// The settings.
    #[must_use]
    pub fn config(&self) -> &FilesConfig {
        &self.inner.config
    }

    /// Deletes the bytes of a file. Succeeds if there are none.
    ///
    /// # Errors
    /// The error of the storage.
    pub async fn delete(&self, app: &str, id: &str) -> object_store::Result<()> {
        use object_store::ObjectStoreExt as _;
        match self.inner.store.delete(&location(app, id)).await {
            Err(object_store::Error::NotFound { .. }) => Ok(()),
            result => result,
        }
    }
}

/// The location of the bytes of a file. Folders have names of two digits, so that none has too many files.
fn location(app: &str, id: &str) -> Location {
    Location::from_iter([app, id.get(..2).unwrap_or_default(), id])
}

/// Opens a local folder, and deletes what uploads left in it that a crash broke off: nothing is uploaded
/// while the server starts.
fn local(folder: &Path) -> Result<LocalFileSystem, Box<dyn std::error::Error + Send + Sync>> {
    std::fs::create_dir_all(folder)?;
    delete_broken_uploads(folder)?;
    Ok(LocalFileSystem::new_with_prefix(folder)?.with_fsync(true))
}

/// Deletes the files of uploads that are not complete: their names are an id, a `#` and a number.
fn delete_broken_uploads(folder: &Path) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            delete_broken_uploads(&entry.path())?;
        } else if is_broken_upload(&entry.file_name().to_string_lossy()) {
            std::fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

fn is_broken_upload(name: &str) -> bool {
    let is = |text: &str, allowed: fn(&u8) -> bool| !text.is_empty() && text.as_bytes().iter().all(allowed);
    name.split_once('#').is_some_and(|(id, number)| {
        id.len() == 32 && is(id, u8::is_ascii_hexdigit) && is(number, u8::is_ascii_digit)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn starting_deletes_broken_uploads_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let inner = folder.path().join("shop").join("01");
        std::fs::create_dir_all(&inner).unwrap();
        let id = "0123456789abcdef0123456789abcdef";
        let names = [id.to_owned(), format!("{id}#1"), "notes#1".to_owned(), format!("{id}#")];
        for name in &names {
            std::fs::write(inner.join(name), "x").unwrap();
        }
        local(folder.path()).unwrap();
        let left = names.map(|name| inner.join(name).exists());
        assert_eq!(left, [true, false, true, true]);
    }
}
