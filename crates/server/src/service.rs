//! The service: takes a request of a client or a command of a backend, and returns a future of the result.
//!
//! A write is enqueued by the call itself, before anything is awaited, so writes are executed in the order of
//! the calls; its future is ready when the changes are durable. A read is executed when its future is first
//! polled, and sees every write whose future was ready by then.
//!
//! The service also owns the fan-out, to which the store's writer passes the events of the rules.

mod files;
mod notifications;
mod presences;
mod request;
#[cfg(test)]
mod tests;
mod translations;

use std::future::Future;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock, Weak};
use std::time::Duration;

use causerie_protocol::Op;
use causerie_protocol::error::{ErrorBody, ErrorCode};
use causerie_protocol::frames::{Outcome, Request};
use causerie_protocol::ids::{ClientId, ConversationId, RequestId, UserId};
use serde_json::value::{RawValue, to_raw_value};
use tokio::task::spawn_blocking;
use tokio::time::{Instant, timeout};
use tokio_util::sync::CancellationToken;

use crate::apps::{App, Apps};
use crate::clock::Clock;
use crate::events::EventSink;
use crate::fanout::{Hub, MemberSource, ReadingMembers};
use crate::files::Files;
use crate::revocations::{REVOCATIONS, Revocations};
use crate::rules::{
    Caller, EncodedOutcome, PreparedOp, RandomBits, ReadRules, RestCommand, RuleError, RuleResult, SCAN_ROWS,
    WriteRules, read_command, read_op, write_command, write_op,
};
use crate::store::sqlite::{SqliteStore, Threads};
use crate::store::{OpenError, Requester, Size, Store, StoreError};
use crate::translation::Translators;
use crate::webhooks::{self, WakingSink};
use notifications::Notifier;
use request::{ErrorContext, FailureLog, RequestContext, system_random};

/// How long the result of a check is used.
const READY_FOR: Duration = Duration::from_secs(1);
/// The longest time that the database may take to execute a read and a write if it is ready.
const READY_WITHIN: Duration = Duration::from_secs(2);

/// How many rows a read of a filtered list examines in simulations, whose lists are short.
const SIMULATED_SCAN_ROWS: u32 = 3;

/// The server without its transports. Clones share the store and the fan-out.
#[derive(Clone)]
pub struct Service {
    inner: Arc<Inner>,
}

struct Inner {
    store: SqliteStore,
    apps: Arc<Apps>,
    clock: Arc<dyn Clock>,
    hub: Hub,
    random: RandomBits,
    revocations: Revocations,
    scan_rows: u32,
    failures: Arc<FailureLog>,
    translators: Translators,
    /// The storage of files; empty if files are not stored.
    files: Arc<OnceLock<Files>>,
    /// The last check of [`Service::ready`], and its time.
    last_check: tokio::sync::Mutex<Option<(Instant, Result<(), NotReady>)>>,
    /// Ends the senders of webhooks.
    stop_webhooks: CancellationToken,
}

impl Inner {
    fn new(
        store: SqliteStore,
        apps: Arc<Apps>,
        clock: Arc<dyn Clock>,
        hub: Hub,
        random: RandomBits,
    ) -> Inner {
        let (failures, last_check) = (Arc::default(), tokio::sync::Mutex::default());
        let revocations = Revocations::default();
        let translators = Translators::new(&apps);
        Inner {
            store,
            apps,
            clock,
            hub,
            random,
            scan_rows: SCAN_ROWS,
            revocations,
            failures,
            translators,
            files: Arc::default(),
            last_check,
            stop_webhooks: CancellationToken::new(),
        }
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.stop_webhooks.cancel();
        self.hub.close();
    }
}

impl MemberSource for Inner {
    fn members<'a>(&'a self, app: &'a str, conversation: &'a ConversationId) -> ReadingMembers<'a> {
        let (app, conversation) = (app.to_owned(), conversation.clone());
        let found = self.store.read(Size::Point, move |read| read.participants(&app, &conversation));
        Box::pin(async move {
            let participants: Vec<_> = found.await?;
            Ok(participants.into_iter().map(|(user, _)| user).collect())
        })
    }
}

/// Why a service is not ready. The text is for the operator.
#[derive(Clone, Debug, thiserror::Error)]
pub enum NotReady {
    /// The database does not execute writes.
    #[error("the database does not execute writes: {0}")]
    Writes(#[source] StoreError),
    /// The database does not execute reads.
    #[error("the database does not execute reads: {0}")]
    Reads(#[source] StoreError),
    /// The database took too long.
    #[error("the database did not respond within {} s", READY_WITHIN.as_secs())]
    TimedOut,
}

impl Service {
    /// Opens or creates a database file, whose folder must exist, and starts its writer.
    ///
    /// # Errors
    /// [`OpenError`]: one line that names the file and the problem.
    pub async fn open(path: &Path, apps: Arc<Apps>, clock: Arc<dyn Clock>) -> Result<Service, OpenError> {
        let (path, database): (PathBuf, PathBuf) = (path.to_owned(), path.to_owned());
        let hub = Hub::new(Arc::clone(&clock));
        let (for_store, sink) = (Arc::clone(&clock), sink(&apps, &hub));
        let opened = spawn_blocking(move || SqliteStore::open(&path, for_store, sink)).await;
        let store = opened.map_err(|error| OpenError::failed(&database, error))??;
        let revoked = store.read(Size::List, |read| read.revocations()).await;
        let revoked = revoked.map_err(|error: StoreError| OpenError::failed(&database, error))?;
        let service = Self::start(Inner::new(store, apps, clock, hub, system_random));
        for (app, user, before) in revoked {
            service.inner.revocations.add(Arc::new((app, user)), before);
        }
        Ok(service)
    }

    /// Opens a service over a database in memory, which is dropped with the service. For tests.
    ///
    /// # Errors
    /// [`OpenError`].
    pub async fn open_in_memory(apps: Arc<Apps>, clock: Arc<dyn Clock>) -> Result<Service, OpenError> {
        Self::in_memory(apps, clock, Threads::Own, system_random, SCAN_ROWS)
    }

    /// Like [`Service::open_in_memory`], but executes everything on the calling thread and takes its random
    /// bits from `random`, so that it always does the same. A read of a filtered list examines few rows. For
    /// simulations.
    ///
    /// # Errors
    /// [`OpenError`].
    pub async fn open_deterministic(
        apps: Arc<Apps>,
        clock: Arc<dyn Clock>,
        random: RandomBits,
    ) -> Result<Service, OpenError> {
        Self::in_memory(apps, clock, Threads::Caller, random, SIMULATED_SCAN_ROWS)
    }

    fn in_memory(
        apps: Arc<Apps>,
        clock: Arc<dyn Clock>,
        threads: Threads,
        random: RandomBits,
        scan_rows: u32,
    ) -> Result<Service, OpenError> {
        let hub = Hub::new(Arc::clone(&clock));
        let store = SqliteStore::in_memory(Arc::clone(&clock), sink(&apps, &hub), threads)?;
        let mut inner = Inner::new(store, apps, clock, hub, random);
        inner.scan_rows = scan_rows;
        Ok(Self::start(inner))
    }

    fn start(inner: Inner) -> Service {
        let inner = Arc::new(inner);
        let source: Weak<dyn MemberSource> = Arc::<Inner>::downgrade(&inner);
        inner.hub.start(source);
        webhooks::start(&inner.store, &inner.apps, &inner.clock, &inner.stop_webhooks);
        let notifier = Notifier {
            store: inner.store.clone(),
            hub: inner.hub.clone(),
            apps: Arc::clone(&inner.apps),
            clock: Arc::clone(&inner.clock),
            random: inner.random,
            files: Arc::clone(&inner.files),
        };
        notifier.start(&inner.stop_webhooks);
        Service { inner }
    }

    /// Executes a request of a client, over any transport, which has authenticated `user`.
    pub fn execute_request(
        &self,
        app: &Arc<App>,
        user: &UserId,
        client: &ClientId,
        request: Request,
    ) -> impl Future<Output = EncodedOutcome> + Send + use<> {
        let Request { id, key, op } = request;
        let context = self.request_context(app, Caller::User(user.clone()));
        let error_context = self.error_context(app, op.name().as_str(), Some(id), op.writes());
        let store = &self.inner.store;
        let typing = match &op {
            Op::ConversationMarkAsTyping { conversation } => Some(conversation.clone()),
            _ => None,
        };
        let translation = self.prepare_translation(app, user, &op);
        let checked = op.check().and(translation);
        let translation = checked.as_ref().ok().cloned().flatten();
        let pending = checked.map_err(RuleError::from).map(|_| {
            if op.writes() {
                let client = client.clone();
                let prepared = PreparedOp::new(op, key.as_ref());
                let requester = Requester::new(&app.id, Some(user.as_str()));
                Pending::Write(store.write_point_for(requester, move |write| {
                    let context = context.at_now();
                    let rules = &mut WriteRules::new(write, &context);
                    Ok((write_op(rules, &client, id, key.as_ref(), prepared?)?, None))
                }))
            } else {
                let size = match &op {
                    Op::More { topic, limit, .. } => Size::of_topic(topic, *limit),
                    Op::SearchMessages { .. } | Op::SearchConversations { .. } => Size::List,
                    _ => Size::Point,
                };
                let requester = Requester::new(&app.id, Some(user.as_str()));
                Pending::Read(store.read_for(requester, size, move |read| {
                    let context = context.at_now();
                    let rules = ReadRules::new(read, &context);
                    let outcome = read_op(rules, id, op)?;
                    let shown = typing.is_some() && rules.shows_typing()?;
                    Ok((outcome, typing.filter(|_| shown)))
                }))
            }
        });
        let (hub, app, user) = (self.inner.hub.clone(), Arc::clone(app), user.clone());
        async move {
            let result = Pending::finish(pending).await.map(|(outcome, typing)| {
                if let Some(conversation) = typing {
                    hub.record_typing(&Arc::from(app.id.as_str()), &conversation, &user);
                }
                outcome
            });
            let outcome = error_context.finish(result).unwrap_or_else(|error| Outcome::failed(id, error));
            match translation {
                Some(translation) => translation.apply(outcome).await,
                None => outcome,
            }
        }
    }

    /// Starts the writes whose futures were not polled yet.
    pub(crate) fn start_writes(&self) {
        self.inner.store.start_writes();
    }

    /// Reads the data that the fan-out or a subscription needs, for one user and in one transaction.
    /// `purpose` is for the log.
    pub(crate) fn read<T, F>(
        &self,
        app: &Arc<App>,
        user: &UserId,
        size: Size,
        purpose: &'static str,
        job: F,
    ) -> impl Future<Output = Result<T, ErrorBody>> + Send + use<T, F>
    where
        F: FnOnce(ReadRules<'_>) -> RuleResult<T> + Send + 'static,
        T: Send + 'static,
    {
        let context = self.request_context(app, Caller::User(user.clone()));
        let error_context = self.error_context(app, purpose, None, false);
        let requester = Requester::new(&app.id, Some(user.as_str()));
        let store = &self.inner.store;
        let read = store.read_for(requester, size, move |read| job(ReadRules::new(read, &context.at_now())));
        async move { error_context.finish(read.await) }
    }

    /// The fan-out: which connection follows which topics, who is online and who is typing.
    pub(crate) fn hub(&self) -> &Hub {
        &self.inner.hub
    }

    /// Executes a call of the REST API, which has authenticated the app's backend. Returns the body of the
    /// response.
    pub fn execute_command(
        &self,
        app: &Arc<App>,
        mut command: RestCommand,
    ) -> impl Future<Output = Result<Box<RawValue>, ErrorBody>> + Send + use<> {
        let revocation = self.prepare_revocation(app, &mut command);
        let context = self.request_context(app, Caller::Backend);
        let error_context = self.error_context(app, command.name(), None, command.writes());
        let store = &self.inner.store;
        let known = self.known_to_the_fanout(app, &mut command);
        let writes = command.writes();
        let checked = command.check().and(match &revocation {
            Some((key, _)) if !self.inner.revocations.has_room_for(key) => Err(too_many_revocations()),
            _ => Ok(()),
        });
        let pending = checked.map_err(RuleError::from).map(|()| {
            if command.writes() {
                let requester = Requester::new(&app.id, None);
                Pending::Write(store.write_for(requester, move |write| {
                    write_command(&mut WriteRules::new(write, &context.at_now()), command)
                }))
            } else {
                let size = match &command {
                    _ if known.is_some() => Size::Point,
                    RestCommand::UserGet { .. } => Size::Point,
                    _ => Size::List,
                };
                let requester = Requester::new(&app.id, None);
                Pending::Read(store.read_for(requester, size, move |read| match known {
                    Some(response) => Ok(response?),
                    None => read_command(ReadRules::new(read, &context.at_now()), command),
                }))
            }
        });
        let (service, app, writes) = (self.clone(), app.id.clone(), writes);
        async move {
            let response = error_context.finish(Pending::finish(pending).await)?;
            if writes {
                // Not every event of a webhook is an event of the fan-out.
                webhooks::wake(&service.inner.apps, &app);
            }
            if let Some((key, before)) = revocation {
                service.revoke(key, before).await;
            }
            Ok(response)
        }
    }

    /// Completes a command that revokes tokens: by default, those that were issued until the end of this
    /// second, because `iat` is in seconds. Returns the user and the time.
    fn prepare_revocation(
        &self,
        app: &App,
        command: &mut RestCommand,
    ) -> Option<(Arc<(String, UserId)>, i64)> {
        let RestCommand::UserRevoke { user, data } = command else { return None };
        let now = self.inner.clock.now_ms();
        let before = *data.before.get_or_insert(now - now.rem_euclid(1_000) + 1_000);
        Some((Arc::new((app.id.clone(), user.clone())), before))
    }

    /// Refuses the revoked tokens, and closes the connections that have one. If the time is in this second,
    /// they are closed at its end: a token that a client gets before would be refused as well.
    async fn revoke(&self, key: Arc<(String, UserId)>, before: i64) {
        self.inner.revocations.add(Arc::clone(&key), before);
        let left = before.saturating_sub(self.inner.clock.now_ms());
        if let Ok(left @ 1..=1_000) = u64::try_from(left) {
            tokio::time::sleep(Duration::from_millis(left)).await;
        }
        self.inner.revocations.close(&key, before);
    }

    /// The revoked tokens.
    pub(crate) fn revocations(&self) -> &Revocations {
        &self.inner.revocations
    }

    /// Returns the response to a command that only the fan-out can answer, and completes one that needs to
    /// know who is online.
    fn known_to_the_fanout(
        &self,
        app: &App,
        command: &mut RestCommand,
    ) -> Option<serde_json::Result<Box<RawValue>>> {
        let hub = &self.inner.hub;
        match command {
            RestCommand::PresencesPost { data } => {
                Some(to_raw_value(&presences::presences(hub, &app.id, data)))
            }
            RestCommand::UserSessionsGet { user } => {
                Some(to_raw_value(&presences::sessions(hub, &app.id, user)))
            }
            RestCommand::UsersGet { page } if page.is_online.is_some() => {
                page.online = Some(hub.online_users(&app.id));
                None
            }
            _ => None,
        }
    }

    /// The apps that are served.
    #[must_use]
    pub fn apps(&self) -> &Apps {
        &self.inner.apps
    }

    /// The epoch of all positions, which identifies this database's history.
    #[must_use]
    pub fn epoch(&self) -> &str {
        self.inner.store.epoch()
    }

    /// Checks that the database executes reads and makes a write durable within two seconds. The result is
    /// used for a second, so that calls at a high rate cost nothing. A change of the result is logged.
    ///
    /// # Errors
    /// [`NotReady`].
    pub async fn ready(&self) -> Result<(), NotReady> {
        let mut last = self.inner.last_check.lock().await;
        if let Some((at, result)) = &*last
            && at.elapsed() < READY_FOR
        {
            return result.clone();
        }
        let result = self.check().await;
        let was_ready = last.as_ref().is_none_or(|(_, result)| result.is_ok());
        match &result {
            Err(problem) if was_ready => tracing::error!(%problem, "not ready"),
            Ok(()) if !was_ready => tracing::info!("ready again"),
            _ => {}
        }
        *last = Some((Instant::now(), result.clone()));
        result
    }

    async fn check(&self) -> Result<(), NotReady> {
        let store = &self.inner.store;
        let write = store.write(|write| write.check());
        let read = store.read(Size::List, |_| Ok::<(), StoreError>(()));
        let both = async {
            write.await.map_err(NotReady::Writes)?;
            read.await.map_err(NotReady::Reads)
        };
        timeout(READY_WITHIN, both).await.unwrap_or(Err(NotReady::TimedOut))
    }

    /// Executes all enqueued writes, then checkpoints and closes the database. Later calls on clones fail
    /// with `offline`.
    pub async fn close(self) {
        self.inner.stop_webhooks.cancel();
        self.inner.store.close().await;
        *self.inner.last_check.lock().await = None;
    }

    fn error_context(
        &self,
        app: &Arc<App>,
        op: &'static str,
        request: Option<RequestId>,
        writes: bool,
    ) -> ErrorContext {
        ErrorContext { app: Arc::clone(app), op, request, writes, log: Arc::clone(&self.inner.failures) }
    }

    fn request_context(&self, app: &Arc<App>, caller: Caller) -> RequestContext {
        RequestContext {
            app: Arc::clone(app),
            caller,
            clock: Arc::clone(&self.inner.clock),
            stored_at: self.inner.store.time(),
            random: self.inner.random,
            scan_rows: self.inner.scan_rows,
            files: self.inner.files.get().map(Files::policy),
        }
    }
}

fn too_many_revocations() -> ErrorBody {
    let text = format!(
        "revocations: must be of at most {REVOCATIONS} users; replace the app's secret to revoke all tokens"
    );
    ErrorBody::new(ErrorCode::TooLarge, text)
}

/// Returns the sink of the store's events: the hub, and if there are webhooks, their senders.
fn sink(apps: &Arc<Apps>, hub: &Hub) -> Arc<dyn EventSink> {
    if apps.iter().any(|app| !app.webhooks.is_empty()) {
        Arc::new(WakingSink::new(Arc::clone(apps), hub.clone()))
    } else {
        Arc::new(hub.clone())
    }
}

/// A read or a write that is not finished.
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
