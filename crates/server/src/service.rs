//! What the doors call: a request or a REST command goes in, a future of its answer comes out.
//!
//! A write is put in the writer's queue at the call itself, before anything is awaited, so calls made in order are
//! carried out in order; its future is ready once the change is durable. A read is carried out when its future is
//! first polled, and sees every write whose future was ready by then.
//!
//! What changes goes from the store's writer to the fan-out, which is the service's too.

use std::collections::BTreeMap;
use std::future::Future;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::{Arc, Weak};
use std::time::Duration;

use causerie_protocol::Op;
use causerie_protocol::error::{ErrorBody, ErrorCode};
use causerie_protocol::frames::{Outcome, Request};
use causerie_protocol::ids::{ClientId, ConversationId, RequestId, UserId};
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};
use tokio::task::spawn_blocking;
use tokio::time::timeout;

use crate::apps::{App, Apps};
use crate::clock::Clock;
use crate::fanout::{Hub, MemberSource};
use crate::rules::command::PostPresences;
use crate::rules::{self, Caller, Context, RestCommand, RuleError, RuleResult};
use crate::store::sqlite::SqliteStore;
use crate::store::{OpenError, Read, Size, Store, StoreError};

/// How long the database may take to show that it lives.
const READY_WITHIN: Duration = Duration::from_secs(2);
/// How long a caller waits who found the writer's queue full, in milliseconds.
const BUSY_RETRY_MS: u32 = 1_000;

/// The server without its doors. Clones share it.
#[derive(Clone)]
pub struct Service {
    inner: Arc<Inner>,
}

struct Inner {
    store: SqliteStore,
    apps: Arc<Apps>,
    clock: Arc<dyn Clock>,
    hub: Hub,
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.hub.close();
    }
}

impl MemberSource for Inner {
    fn members<'a>(
        &'a self,
        app: &'a str,
        conversation: &'a ConversationId,
    ) -> Pin<Box<dyn Future<Output = Vec<UserId>> + Send + 'a>> {
        let (app, conversation) = (app.to_owned(), conversation.clone());
        let found = self.store.read(Size::Point, move |read| read.participants(&app, &conversation));
        Box::pin(async move {
            match found.await {
                Ok(participants) => participants.into_iter().map(|(user, _)| user).collect(),
                Err(StoreError::Closed) => Vec::new(),
                Err(error) => {
                    tracing::error!(%error, "the participants of a conversation could not be read for the fan-out");
                    Vec::new()
                }
            }
        })
    }
}

impl Service {
    /// Opens (or makes) the database file and starts its writer. The file's folder must exist.
    ///
    /// # Errors
    /// [`OpenError`]: one line that says what is wrong with which file.
    pub async fn open(path: &Path, apps: Arc<Apps>, clock: Arc<dyn Clock>) -> Result<Service, OpenError> {
        let (path, database): (PathBuf, PathBuf) = (path.to_owned(), path.to_owned());
        let hub = Hub::new(Arc::clone(&clock));
        let (for_store, fanout) = (Arc::clone(&clock), Arc::new(hub.clone()));
        let opened = spawn_blocking(move || SqliteStore::open(&path, for_store, fanout)).await;
        let store = opened.map_err(|error| OpenError::failed(&database, error))??;
        Ok(Self::start(Inner { store, apps, clock, hub }))
    }

    /// The same over a database in memory, which is gone with the service. For tests.
    ///
    /// # Errors
    /// [`OpenError`].
    pub async fn open_in_memory(apps: Arc<Apps>, clock: Arc<dyn Clock>) -> Result<Service, OpenError> {
        let hub = Hub::new(Arc::clone(&clock));
        let store = SqliteStore::in_memory(Arc::clone(&clock), Arc::new(hub.clone()))?;
        Ok(Self::start(Inner { store, apps, clock, hub }))
    }

    fn start(inner: Inner) -> Service {
        let inner = Arc::new(inner);
        let source: Weak<dyn MemberSource> = Arc::<Inner>::downgrade(&inner);
        inner.hub.start(source);
        Service { inner }
    }

    /// A request of a client, over whichever transport. `user` is the one that the door has made sure of.
    pub fn client(
        &self,
        app: &Arc<App>,
        user: &UserId,
        client: &ClientId,
        request: Request,
    ) -> impl Future<Output = Outcome<Box<RawValue>>> + Send + use<> {
        let Request { id, key, op } = request;
        let request = self.request(app, Caller::User(user.clone()));
        let error_context = ErrorContext { app: Arc::clone(app), op: op.name(), request: Some(id) };
        let store = &self.inner.store;
        let typing = match &op {
            Op::ConversationMarkAsTyping { conversation } => Some(conversation.clone()),
            _ => None,
        };
        let pending = op.check().map_err(RuleError::Refused).map(|()| {
            if op.writes() {
                let client = client.clone();
                let prepared = rules::Prepared::new(op, key.as_ref());
                Pending::Write(store.write(move |write| {
                    rules::write_op(write, &request.context(), &client, id, key.as_ref(), prepared?)
                }))
            } else {
                let size = match &op {
                    Op::More { .. } => Size::List,
                    _ => Size::Point,
                };
                let read = store.read(size, move |read| rules::read_op(read, &request.context(), id, &op));
                Pending::Read(read)
            }
        });
        let (hub, app, user) = (self.inner.hub.clone(), Arc::clone(app), user.clone());
        async move {
            let result = Pending::finish(pending).await;
            if let (Ok(_), Some(conversation)) = (&result, typing) {
                hub.record_typing(&Arc::from(app.id.as_str()), &conversation, &user);
            }
            result.unwrap_or_else(|error| Outcome::failed(id, into_client_error(error, &error_context)))
        }
    }

    /// Reads for a user, in one transaction, what the fan-out or a subscription needs.
    pub(crate) fn read<T, F>(
        &self,
        app: &Arc<App>,
        user: &UserId,
        size: Size,
        what: &'static str,
        job: F,
    ) -> impl Future<Output = Result<T, ErrorBody>> + Send + use<T, F>
    where
        F: FnOnce(&dyn Read, &Context<'_>) -> RuleResult<T> + Send + 'static,
        T: Send + 'static,
    {
        let request = self.request(app, Caller::User(user.clone()));
        let error_context = ErrorContext { app: Arc::clone(app), op: what, request: None };
        let reading = self.inner.store.read(size, move |read| job(read, &request.context()));
        async move { reading.await.map_err(|error| into_client_error(error, &error_context)) }
    }

    /// Who follows what, who is online and who is typing.
    pub(crate) fn hub(&self) -> &Hub {
        &self.inner.hub
    }

    /// A call of the REST API, from a door that has made sure that the app's backend is calling. The answer is the
    /// JSON body of the response.
    pub fn rest(
        &self,
        app: &Arc<App>,
        command: RestCommand,
    ) -> impl Future<Output = Result<Box<RawValue>, ErrorBody>> + Send + use<> {
        let request = self.request(app, Caller::Backend);
        let error_context = ErrorContext { app: Arc::clone(app), op: command.name(), request: None };
        let store = &self.inner.store;
        let presences = match &command {
            RestCommand::PresencesPost { data } => Some(self.presences(app, data)),
            _ => None,
        };
        let pending = command.check().map_err(RuleError::Refused).map(|()| {
            if command.writes() {
                Pending::Write(
                    store.write(move |write| rules::write_command(write, &request.context(), command)),
                )
            } else {
                let size = match &command {
                    RestCommand::UserGet { .. } | RestCommand::PresencesPost { .. } => Size::Point,
                    _ => Size::List,
                };
                Pending::Read(store.read(size, move |read| match presences {
                    Some(presences) => Ok(to_raw_value(&presences).map_err(unwritten)?),
                    None => rules::read_command(read, &request.context(), &command),
                }))
            }
        });
        async move { Pending::finish(pending).await.map_err(|error| into_client_error(error, &error_context)) }
    }

    /// Who of these users is online.
    fn presences(&self, app: &App, data: &PostPresences) -> BTreeMap<UserId, Presence> {
        let name = Arc::from(app.id.as_str());
        let of = |user: &UserId| Presence { online: self.inner.hub.is_online(&name, user) };
        data.user_ids.iter().map(|user| (user.clone(), of(user))).collect()
    }

    /// The apps that are served.
    #[must_use]
    pub fn apps(&self) -> &Apps {
        &self.inner.apps
    }

    /// The epoch of all positions: names this database's history.
    #[must_use]
    pub fn epoch(&self) -> &str {
        self.inner.store.epoch()
    }

    /// Whether the database answers, reads and writes both, within two seconds.
    ///
    /// # Errors
    /// What does not, for the operator.
    pub async fn ready(&self) -> Result<(), String> {
        let store = &self.inner.store;
        let write = store.write(|_| Ok::<(), StoreError>(()));
        let read = store.read(Size::List, |_| Ok::<(), StoreError>(()));
        let both = async {
            write.await.map_err(|error| format!("the database takes no writes: {error}"))?;
            read.await.map_err(|error| format!("the database answers no reads: {error}"))
        };
        timeout(READY_WITHIN, both)
            .await
            .unwrap_or_else(|_| Err("the database did not answer within 2 s".to_owned()))
    }

    /// Carries out what is in the queue, checkpoints and closes the database. Later calls on clones fail with
    /// `offline`.
    pub async fn close(self) {
        self.inner.store.close().await;
    }

    fn request(&self, app: &Arc<App>, caller: Caller) -> RequestContext {
        RequestContext { app: Arc::clone(app), caller, clock: Arc::clone(&self.inner.clock) }
    }
}

/// Whether a user is online, as a backend sees it.
#[derive(Serialize)]
struct Presence {
    online: bool,
}

fn unwritten(error: serde_json::Error) -> StoreError {
    StoreError::failed(format!("an answer could not be written as JSON: {error}"))
}

/// What a job takes with it to where it runs.
struct RequestContext {
    app: Arc<App>,
    caller: Caller,
    clock: Arc<dyn Clock>,
}

impl RequestContext {
    /// The context at the moment when the job runs.
    fn context(&self) -> Context<'_> {
        Context { app: &self.app, caller: &self.caller, now: self.clock.now_ms(), random }
    }
}

/// 128 bits of chance from the operating system.
fn random() -> Result<u128, StoreError> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|error| StoreError::failed(format!("no random numbers: {error}")))?;
    Ok(u128::from_le_bytes(bytes))
}

/// Work that is under way, of either kind.
enum Pending<R, W> {
    Read(R),
    Write(W),
}

impl<R, W> Pending<R, W> {
    async fn finish<T>(pending: RuleResult<Self>) -> RuleResult<T>
    where
        R: Future<Output = RuleResult<T>>,
        W: Future<Output = RuleResult<T>>,
    {
        match pending? {
            Pending::Read(read) => read.await,
            Pending::Write(write) => write.await,
        }
    }
}

/// What failed, for the log.
struct ErrorContext {
    app: Arc<App>,
    op: &'static str,
    request: Option<RequestId>,
}

/// A fault as its caller is told of it. What the store says is for the log.
fn into_client_error(error: RuleError, context: &ErrorContext) -> ErrorBody {
    let error = match error {
        RuleError::Refused(error) => return error,
        RuleError::Store(error) => error,
    };
    match error {
        StoreError::Busy => ErrorBody::new(
            ErrorCode::RateLimited,
            "the server has too much to write: wait a second and try again",
        )
        .after(BUSY_RETRY_MS),
        StoreError::Closed => {
            ErrorBody::new(ErrorCode::Offline, "the server is going down: try again when it is back")
        }
        StoreError::Failed(error) => {
            tracing::error!(
                app = context.app.id,
                op = context.op,
                request = context.request,
                %error,
                "the store failed"
            );
            ErrorBody::new(
                ErrorCode::ServerError,
                "the server failed: the error is in its log; try again later",
            )
        }
    }
}

#[cfg(test)]
mod tests;
