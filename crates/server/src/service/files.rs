//! Files: the steps of an upload, and the deletion of those that nobody uses.

use std::sync::Arc;
use std::time::Duration;

use causerie_protocol::ErrorBody;
use causerie_protocol::params::CreateFile;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use super::Service;
use crate::apps::App;
use crate::clock::Clock;
use crate::config::{Data, FilesConfig};
use crate::file_links::FileLinks;
use crate::files::{Files, FilesError};
use crate::rules::{Caller, RuleError, WriteRules, files};
use crate::store::records::FileRecord;
use crate::store::sqlite::SqliteStore;
use crate::store::{Requester, Size, Store, StoreError};

/// How often unused files are looked for.
const INTERVAL: Duration = Duration::from_secs(60);
/// The most files that one round deletes.
const ROUND: u32 = 100;
/// How long an upload may take, from asking for it to its last byte, in milliseconds.
const UPLOAD_MS: i64 = 60 * 60 * 1_000;

impl Service {
    /// Opens the storage of files, and starts to delete unused ones. `origin` is where browsers reach the
    /// server.
    ///
    /// # Errors
    /// [`FilesError`]; the service works on without files.
    pub async fn store_files(
        &self,
        config: &FilesConfig,
        data: &Data,
        origin: &str,
    ) -> Result<(), FilesError> {
        let secret = self.inner.store.read(Size::Point, |read| read.file_secret()).await;
        let secret: String = secret.map_err(|_: StoreError| FilesError::Secret)?;
        let files = Files::open(config, data, &secret, origin).await?;
        if self.inner.files.set(files.clone()).is_ok() {
            let collector =
                Collector { files, store: self.inner.store.clone(), clock: Arc::clone(&self.inner.clock) };
            collector.start(&self.inner.stop_webhooks);
        }
        Ok(())
    }

    /// The storage of files.
    ///
    /// # Errors
    /// `uploads_disabled` if files are not stored.
    pub fn files(&self) -> Result<&Files, ErrorBody> {
        self.inner.files.get().ok_or_else(|| crate::rules::Refusal::UploadsDisabled.into())
    }

    /// Returns the file that a token stands for.
    ///
    /// # Errors
    /// The refusal of a token that is not valid in this app.
    pub async fn file_of_token(&self, app: &Arc<App>, token: String) -> Result<FileRecord, ErrorBody> {
        let context = self.request_context(app, Caller::Backend);
        let error_context = self.error_context(app, "file.token", None, false);
        let read = self.inner.store.read_for(Requester::new(&app.id, None), Size::Point, move |read| {
            let context = context.at_now();
            files::of_token(crate::rules::ReadRules::new(read, &context), "fileToken", &token)
        });
        error_context.finish(read.await)
    }

    /// Allows an upload of a backend. Returns the token of the file.
    ///
    /// # Errors
    /// The refusal.
    pub async fn create_file(&self, app: &Arc<App>, data: CreateFile) -> Result<String, ErrorBody> {
        data.check()?;
        let context = self.request_context(app, Caller::Backend);
        let error_context = self.error_context(app, "file.create", None, true);
        let write = self.inner.store.write_for(Requester::new(&app.id, None), move |write| {
            let context = context.at_now();
            files::create(&mut WriteRules::new(write, &context), data)
        });
        error_context.finish(write.await)
    }

    /// Stores that the bytes of a file have arrived.
    ///
    /// # Errors
    /// `timed_out` if the file is not expected any more.
    pub async fn complete_file(&self, app: &Arc<App>, file: FileRecord) -> Result<(), ErrorBody> {
        let context = self.request_context(app, Caller::Backend);
        let error_context = self.error_context(app, "file.complete", None, true);
        let uploader = Some(file.uploader.clone()).filter(|uploader| !uploader.is_empty());
        let requester = Requester::new(&app.id, uploader.as_deref());
        let write = self.inner.store.write_for(requester, move |write| {
            let context = context.at_now();
            files::complete(&mut WriteRules::new(write, &context), &file)
        });
        error_context.finish(write.await)
    }

    /// Gives up a file whose upload failed, so that it no longer counts.
    pub async fn abandon_file(&self, app: &Arc<App>, id: String) {
        let app = app.id.clone();
        let abandoned = self.inner.store.write(move |write| write.abandon_file(&app, &id)).await;
        if let Err(error) = abandoned.map_err(|error: StoreError| error) {
            tracing::warn!(%error, "a broken upload was not given up; it is deleted later");
        }
    }

    /// Returns a stored file, if a URL of it is valid.
    ///
    /// # Errors
    /// `not_found` if there is no such file; the refusal of a URL that is forged or expired.
    pub async fn file_of_url(
        &self,
        app: &Arc<App>,
        id: String,
        expires: &str,
        signature: &str,
    ) -> Result<FileRecord, ErrorBody> {
        let links: &FileLinks = &self.files()?.policy().links.clone();
        files::check_url(links, &app.id, &id, expires, signature, self.inner.clock.now_ms())?;
        let error_context = self.error_context(app, "file.get", None, false);
        let app = app.id.clone();
        let read =
            self.inner.store.read(Size::Point, move |read| read.file(&app, &id).map_err(RuleError::from));
        let found: Option<FileRecord> = error_context.finish(read.await)?;
        found.filter(|file| file.is_stored).ok_or_else(files::gone)
    }
}

/// Deletes the files that nobody uses.
struct Collector {
    files: Files,
    store: SqliteStore,
    clock: Arc<dyn Clock>,
}

impl Collector {
    fn start(self, stop: &CancellationToken) {
        let stop = stop.clone();
        tokio::spawn(async move {
            stop.run_until_cancelled(self.run()).await;
        });
    }

    async fn run(&self) {
        loop {
            sleep(INTERVAL).await;
            loop {
                match self.round().await {
                    Ok(deleted) if deleted >= ROUND as usize => {}
                    Ok(_) => break,
                    Err(error) => {
                        tracing::warn!(%error, "unused files were not deleted; it is tried again in a minute");
                        break;
                    }
                }
            }
        }
    }

    /// Deletes some files. Returns how many.
    async fn round(&self) -> Result<usize, StoreError> {
        let now = self.clock.now_ms();
        let kept_for = i64::from(self.files.config().unused_hours) * 60 * 60 * 1_000;
        let marked: Vec<(String, String)> = self
            .store
            .write(move |write| write.mark_unused_files(now - kept_for, now - UPLOAD_MS, ROUND))
            .await?;
        let mut count = 0;
        for (app, id) in marked {
            if let Err(error) = self.files.delete(&app, &id).await {
                tracing::warn!(%error, "a file could not be deleted; it is tried again in a minute");
                continue;
            }
            let deleted: Result<(), StoreError> =
                self.store.write(move |write| write.forget_file(&app, &id)).await;
            deleted?;
            count += 1;
        }
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::path::Path;

    use bytes::Bytes;
    use causerie_protocol::{ConversationId, MessageId};
    use futures_util::stream;
    use serde_json::json;

    use super::*;
    use crate::apps::Apps;
    use crate::clock::SettableClock;
    use crate::config::demo_app;
    use crate::files::Expected;
    use crate::rules::RestCommand;

    const HOUR: i64 = 60 * 60 * 1_000;

    /// The token of a file of a backend.
    fn token_of(files: &Files, id: &str) -> String {
        files.policy().links.token("demo", id, "")
    }

    /// The number of files in a folder.
    fn count(folder: &Path) -> usize {
        let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        entries.map(|path| if path.is_dir() { count(&path) } else { 1 }).sum()
    }

    #[tokio::test]
    async fn unused_files_are_deleted_after_a_day_and_those_of_deleted_messages_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(SettableClock::at(1_000 * HOUR));
        let apps = Arc::new(Apps::new([demo_app(true)]).unwrap());
        let app = Arc::clone(apps.get("demo").unwrap());
        let service = Service::open_in_memory(apps, Arc::clone(&clock) as Arc<dyn Clock>).await.unwrap();
        let data = Data::Folder(folder.path().to_owned());
        service.store_files(&FilesConfig::default(), &data, "https://chat.example.com").await.unwrap();
        let files = service.files().unwrap().clone();
        let store = service.inner.store.clone();
        let collector = Collector { files: files.clone(), store, clock: Arc::clone(&clock) as _ };
        let announce = async || {
            let data = CreateFile { filename: "a.txt".to_owned(), size: 5, ..CreateFile::default() };
            let token = service.create_file(&app, data).await.unwrap();
            service.file_of_token(&app, token).await.unwrap()
        };
        let upload = async || {
            let body = stream::iter([Ok::<_, std::io::Error>(Bytes::from_static(b"hello"))]);
            let file = files.receive("demo", announce().await, Expected::Exactly, body).await.unwrap();
            service.complete_file(&app, file.clone()).await.unwrap();
            file.id
        };
        let (_unsent, sent, _late) = (upload().await, upload().await, announce().await);
        let (conversation, token) = (ConversationId::new("c").unwrap(), token_of(&files, &sent));
        let run = async |command| service.execute_command(&app, command).await.unwrap();
        let put = json!({ "type": "SystemMessage", "attachmentToken": token });
        run(RestCommand::ConversationPut { conversation: conversation.clone(), data: Default::default() })
            .await;
        let posted = run(RestCommand::MessagesPost {
            conversation: conversation.clone(),
            messages: vec![serde_json::from_value(put).unwrap()],
        });
        let posted: Vec<BTreeMap<String, String>> = serde_json::from_str(posted.await.get()).unwrap();
        let stored = folder.path().join("files");
        assert_eq!((collector.round().await.unwrap(), count(&stored)), (0, 2));
        clock.advance(2 * HOUR);
        assert_eq!((collector.round().await.unwrap(), count(&stored)), (1, 2), "one never came");
        clock.advance(23 * HOUR);
        assert_eq!((collector.round().await.unwrap(), count(&stored)), (1, 1), "one was not sent");
        let message = MessageId::new(posted[0]["id"].clone()).unwrap();
        run(RestCommand::MessageDelete { conversation, message }).await;
        assert_eq!((collector.round().await.unwrap(), count(&stored)), (1, 0));
        assert_eq!(collector.round().await.unwrap(), 0);
    }
}
