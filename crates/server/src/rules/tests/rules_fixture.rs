//! The rules over a store alone, with all published events recorded. Every op goes in as the JSON of the
//! wire, from any caller.

use std::sync::{Arc, Mutex};

use causerie_protocol::Op;
use causerie_protocol::decode;
use causerie_protocol::error::{ErrorBody, ErrorCode};
use causerie_protocol::frames::{ClientFrame, Outcome};
use causerie_protocol::ids::{ClientId, IdempotencyKey};
use serde_json::{Value, json};

use super::{START, conversation, user};
use crate::apps::App;
use crate::clock::{Clock, SettableClock};
use crate::events::{AppEvent, AppEventKind, Event, EventSink};
use crate::file_links::{FileLinks, FilePolicy};
use crate::rules::{
    Caller, Context, PreparedOp, ReadRules, RestCommand, RuleError, SCAN_ROWS, WriteRules, read_op,
    write_command, write_op,
};
use crate::store::sqlite::{SqliteStore, Threads};
use crate::store::{Read, Size, Store, StoreResult};

/// The events that were published.
#[derive(Default)]
pub(super) struct Published(Mutex<Vec<AppEvent>>);

impl EventSink for Published {
    fn publish(&self, events: Vec<AppEvent>) {
        self.0.lock().unwrap().extend(events);
    }
}

/// A store, an app and a clock.
pub(super) struct RulesFixture {
    pub(super) store: SqliteStore,
    pub(super) app: Arc<App>,
    pub(super) clock: Arc<SettableClock>,
    published: Arc<Published>,
    /// How files are stored.
    pub(super) files: Option<Arc<FilePolicy>>,
}

/// Decodes the op with this name.
pub(super) fn op(name: &str, params: Value) -> Op {
    let frame = json!({ "t": "request", "id": 7, "op": name, "params": params });
    match decode::client_frame(&frame.to_string()) {
        Ok(ClientFrame::Request(request)) => request.op,
        other => panic!("{name}: {other:?}"),
    }
}

/// A policy that allows small files.
fn files() -> FilePolicy {
    FilePolicy {
        links: FileLinks::new("secret", "https://chat.example.com", 1_000).unwrap(),
        max_bytes: 1_000,
        unused_files: 2,
        unused_bytes: 1_500,
    }
}

impl RulesFixture {
    pub(super) fn new(app: App) -> RulesFixture {
        let clock = Arc::new(SettableClock::at(START));
        let published = Arc::new(Published::default());
        let store = SqliteStore::in_memory(clock.clone(), published.clone(), Threads::Own).unwrap();
        RulesFixture { store, app: Arc::new(app), clock, published, files: Some(Arc::new(files())) }
    }

    /// The same store for another app, or for the same app with other settings.
    pub(super) fn with(&self, change: impl FnOnce(&mut App)) -> RulesFixture {
        let mut app = App::clone(&self.app);
        change(&mut app);
        let (store, published) = (self.store.clone(), Arc::clone(&self.published));
        RulesFixture {
            store,
            app: Arc::new(app),
            clock: Arc::clone(&self.clock),
            published,
            files: self.files.clone(),
        }
    }

    pub(super) async fn read<T: Send + 'static>(
        &self,
        job: impl FnOnce(&dyn Read) -> StoreResult<T> + Send + 'static,
    ) -> T {
        self.store.read(Size::Point, job).await.unwrap()
    }

    /// Executes an op, and returns its result or refusal as an outcome.
    pub(super) async fn execute(&self, caller: &Caller, op: Op, key: Option<&str>) -> Outcome<Value> {
        let (app, caller, now) = (Arc::clone(&self.app), caller.clone(), self.clock.now_ms());
        let key = key.map(|key| IdempotencyKey::new(key).unwrap());
        let files = self.files.clone();
        let result = match op.check() {
            Err(error) => Err(RuleError::from(error)),
            Ok(()) if op.writes() => {
                let client = ClientId::new("client").unwrap();
                let prepared = PreparedOp::new(op, key.as_ref());
                let write = self.store.write(move |write| {
                    let context = Context {
                        app: &app,
                        caller: &caller,
                        now,
                        stored_at: now,
                        random,
                        scan_rows: SCAN_ROWS,
                        files: files.as_deref(),
                    };
                    write_op(&mut WriteRules::new(write, &context), &client, 7, key.as_ref(), prepared?)
                });
                write.await
            }
            Ok(()) => {
                let read = self.store.read(Size::Point, move |read| {
                    let context = Context {
                        app: &app,
                        caller: &caller,
                        now,
                        stored_at: now,
                        random,
                        scan_rows: SCAN_ROWS,
                        files: files.as_deref(),
                    };
                    read_op(ReadRules::new(read, &context), 7, op)
                });
                read.await
            }
        };
        let outcome = match result {
            Ok(outcome) => outcome,
            Err(RuleError::Refused(refusal)) => Outcome::failed(7, refusal.into()),
            Err(error) => panic!("{error}"),
        };
        serde_json::from_value(serde_json::to_value(outcome).unwrap()).unwrap()
    }

    /// Executes an op of a user. Returns its value, or null.
    pub(super) async fn request(&self, caller: &str, name: &str, params: Value) -> Result<Value, ErrorBody> {
        let outcome = self.execute(&Caller::User(user(caller)), op(name, params), None).await;
        match outcome.error {
            Some(error) => Err(error),
            None => Ok(outcome.value.unwrap_or_default()),
        }
    }

    /// Executes an op of a user that must succeed.
    pub(super) async fn ok(&self, caller: &str, name: &str, params: Value) -> Value {
        let result = self.request(caller, name, params.clone()).await;
        result.unwrap_or_else(|error| panic!("{name} {params}: {error:?}"))
    }

    /// Executes an op of a user that must be refused. Returns the code and the field.
    pub(super) async fn refused(&self, caller: &str, name: &str, params: Value) -> (ErrorCode, String) {
        super::refusal(self.request(caller, name, params).await)
    }

    /// Executes a command of a backend.
    pub(super) async fn execute_command(&self, command: RestCommand) -> Result<Value, ErrorBody> {
        command.check()?;
        let (app, now) = (Arc::clone(&self.app), self.clock.now_ms());
        let files = self.files.clone();
        let result = self.store.write(move |write| {
            let context = Context {
                app: &app,
                caller: &Caller::Backend,
                now,
                stored_at: now,
                random,
                scan_rows: SCAN_ROWS,
                files: files.as_deref(),
            };
            write_command(&mut WriteRules::new(write, &context), command)
        });
        match result.await {
            Ok(json) => Ok(serde_json::from_str(json.get()).unwrap()),
            Err(RuleError::Refused(refusal)) => Err(refusal.into()),
            Err(error) => panic!("{error}"),
        }
    }

    /// Creates users, whatever the app's settings are.
    pub(super) async fn create_users(&self, ids: &[&str]) {
        for id in ids {
            let data = causerie_protocol::SetUser {
                name: causerie_protocol::Patch::Set((*id).to_owned()),
                ..Default::default()
            };
            self.execute_command(RestCommand::UserPut { user: user(id), data }).await.unwrap();
        }
    }

    /// Sends a message, and returns its id.
    pub(super) async fn send(&self, sender: &str, conversation: &str, text: &str) -> String {
        let params = json!({ "conversation": conversation, "data": { "text": text } });
        self.ok(sender, "message.send", params).await.as_str().unwrap().to_owned()
    }

    /// Returns the events that were published since the last call.
    pub(super) fn published(&self) -> Vec<AppEvent> {
        std::mem::take(&mut self.published.0.lock().unwrap())
    }

    /// Returns the events of conversations that were published since the last call, each with its number.
    pub(super) fn events(&self) -> Vec<(String, u64, Event)> {
        let events = self.published().into_iter().filter_map(|event| match event.kind {
            AppEventKind::Conversation { id, seq, event } => Some((id.to_string(), seq, event)),
            AppEventKind::User(_) => None,
        });
        events.collect()
    }

    /// Returns the number of the last event of a conversation.
    pub(super) async fn last_event(&self, id: &str) -> u64 {
        let (app, id) = (self.app.id.clone(), conversation(id));
        self.read(move |read| read.stream_seq(&app, &id)).await
    }
}

/// Returns numbers that differ from call to call, in no order.
fn random() -> Result<u128, getrandom::Error> {
    use std::sync::atomic::{AtomicU64, Ordering};
    static COUNT: AtomicU64 = AtomicU64::new(1);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    Ok(u128::from(count).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835))
}

/// The name of an event and its subject: a text, an emoji or an id.
pub(super) fn name_and_subject(event: &Event) -> (&'static str, String) {
    match event {
        Event::Sent(payload) => ("Sent", payload.message.plaintext.clone()),
        Event::Edited(payload) => ("Edited", payload.message.plaintext.clone()),
        Event::Reacted { emoji, added, .. } => (if *added { "Reacted" } else { "Unreacted" }, emoji.clone()),
        Event::Deleted { id, .. } => ("Deleted", id.to_string()),
        Event::Joined(user) => ("Joined", user.to_string()),
        Event::Left(user) => ("Left", user.to_string()),
        Event::ParticipantChanged(user) => ("ParticipantChanged", user.to_string()),
        Event::Read(user) => ("Read", user.to_string()),
        Event::SettingsChanged => ("SettingsChanged", String::new()),
        Event::ConversationDeleted => ("ConversationDeleted", String::new()),
    }
}
