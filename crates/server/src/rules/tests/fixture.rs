//! The rules over a store alone, with whoever follows written down: every op as it stands on the wire, by any caller.

use std::sync::{Arc, Mutex};

use causerie_protocol::Op;
use causerie_protocol::decode;
use causerie_protocol::error::{ErrorBody, ErrorCode};
use causerie_protocol::frames::{ClientFrame, Outcome};
use causerie_protocol::ids::{ClientId, ConversationId, IdempotencyKey};
use serde_json::{Value, json};

use super::{START, conversation, user};
use crate::apps::App;
use crate::clock::{Clock, SettableClock};
use crate::events::{AppEvent, AppEventKind, Event};
use crate::fanout::Fanout;
use crate::rules::{
    Caller, Context, Prepared, RestCommand, RuleError, may_type, read_op, write_command, write_op,
};
use crate::store::sqlite::SqliteStore;
use crate::store::{Read, Size, Store, StoreError, StoreResult};

/// What was told to those who follow.
#[derive(Default)]
pub(super) struct Published(Mutex<Vec<AppEvent>>);

impl Fanout for Published {
    fn publish(&self, changes: Vec<AppEvent>) {
        self.0.lock().unwrap().extend(changes);
    }
}

/// A store, an app, and the time.
pub(super) struct RulesFixture {
    pub(super) store: SqliteStore,
    pub(super) app: Arc<App>,
    pub(super) clock: Arc<SettableClock>,
    published: Arc<Published>,
}

/// Reads the op of that name.
pub(super) fn op(name: &str, params: Value) -> Op {
    let frame = json!({ "t": "request", "id": 7, "op": name, "params": params });
    match decode::client_frame(&frame.to_string()) {
        Ok(ClientFrame::Request(request)) => request.op,
        other => panic!("{name}: {other:?}"),
    }
}

impl RulesFixture {
    pub(super) fn new(app: App) -> RulesFixture {
        let clock = Arc::new(SettableClock::at(START));
        let published = Arc::new(Published::default());
        let store = SqliteStore::in_memory(clock.clone(), published.clone()).unwrap();
        RulesFixture { store, app: Arc::new(app), clock, published }
    }

    /// The same store, seen by another app, or with another setting.
    pub(super) fn with(&self, change: impl FnOnce(&mut App)) -> RulesFixture {
        let mut app = App::clone(&self.app);
        change(&mut app);
        let (store, published) = (self.store.clone(), Arc::clone(&self.published));
        RulesFixture { store, app: Arc::new(app), clock: Arc::clone(&self.clock), published }
    }

    pub(super) async fn read<T: Send + 'static>(
        &self,
        job: impl FnOnce(&dyn Read) -> StoreResult<T> + Send + 'static,
    ) -> T {
        self.store.read(Size::Point, job).await.unwrap()
    }

    /// Carries out an op, or the refusal to.
    pub(super) async fn act(&self, caller: &Caller, op: Op, key: Option<&str>) -> Outcome<Value> {
        let (app, caller, now) = (Arc::clone(&self.app), caller.clone(), self.clock.now_ms());
        let checked = op.check();
        let key = key.map(|key| IdempotencyKey::new(key).unwrap());
        let ruling = match checked {
            Err(error) => Err(RuleError::Refused(error)),
            Ok(()) if op.writes() => {
                let client = ClientId::new("client").unwrap();
                let job = move |write: &mut dyn crate::store::Write| {
                    let context = Context { app: &app, caller: &caller, now, random };
                    write_op(write, &context, &client, 7, key.as_ref(), Prepared::new(op, key.as_ref())?)
                };
                self.store.write(job).await
            }
            Ok(()) => {
                let job = move |read: &dyn Read| {
                    let context = Context { app: &app, caller: &caller, now, random };
                    match &op {
                        // What of it is no reading is not the rules'.
                        Op::ConversationMarkAsTyping { conversation } => {
                            may_type(read, &context, conversation)
                                .map(|()| Outcome::ok(7, None, causerie_protocol::Entities::none()))
                        }
                        op => read_op(read, &context, 7, op),
                    }
                };
                self.store.read(Size::Point, job).await
            }
        };
        let outcome = match ruling {
            Ok(outcome) => outcome,
            Err(RuleError::Refused(error)) => Outcome::failed(7, error),
            Err(RuleError::Store(error)) => panic!("{error}"),
        };
        serde_json::from_value(serde_json::to_value(outcome).unwrap()).unwrap()
    }

    /// A user's op; its value, or null.
    pub(super) async fn ask(&self, who: &str, name: &str, params: Value) -> Result<Value, ErrorBody> {
        let outcome = self.act(&Caller::User(user(who)), op(name, params), None).await;
        match outcome.error {
            Some(error) => Err(error),
            None => Ok(outcome.value.unwrap_or_default()),
        }
    }

    /// A user's op that must go well.
    pub(super) async fn ok(&self, who: &str, name: &str, params: Value) -> Value {
        self.ask(who, name, params.clone()).await.unwrap_or_else(|error| panic!("{name} {params}: {error:?}"))
    }

    /// The code with which a user's op is refused.
    pub(super) async fn refused(&self, who: &str, name: &str, params: Value) -> (ErrorCode, String) {
        super::refusal(self.ask(who, name, params).await)
    }

    /// A backend's call.
    pub(super) async fn rest(&self, command: RestCommand) -> Result<Value, ErrorBody> {
        command.check()?;
        let (app, now) = (Arc::clone(&self.app), self.clock.now_ms());
        let ruling = self.store.write(move |write| {
            let context = Context { app: &app, caller: &Caller::Backend, now, random };
            write_command(write, &context, command)
        });
        match ruling.await {
            Ok(json) => Ok(serde_json::from_str(json.get()).unwrap()),
            Err(RuleError::Refused(error)) => Err(error),
            Err(RuleError::Store(error)) => panic!("{error}"),
        }
    }

    /// Creates users, whatever the app's settings.
    pub(super) async fn users(&self, ids: &[&str]) {
        for id in ids {
            let data = causerie_protocol::SetUser {
                name: causerie_protocol::Patch::Set((*id).to_owned()),
                ..Default::default()
            };
            self.rest(RestCommand::UserPut { user: user(id), data }).await.unwrap();
        }
    }

    /// Sends a message; its id.
    pub(super) async fn say(&self, who: &str, place: &str, text: &str) -> String {
        let params = json!({ "conversation": place, "data": { "text": text } });
        self.ok(who, "message.send", params).await.as_str().unwrap().to_owned()
    }

    /// What was told since this was asked last.
    pub(super) fn published(&self) -> Vec<AppEvent> {
        std::mem::take(&mut self.published.0.lock().unwrap())
    }

    /// The events of conversations that were told since this was asked last.
    pub(super) fn events(&self) -> Vec<(String, u64, Event)> {
        let events = self.published().into_iter().filter_map(|change| match change.kind {
            AppEventKind::Conversation { id, seq, event } => Some((id.to_string(), seq, event)),
            AppEventKind::User(_) => None,
        });
        events.collect()
    }

    /// The number of the last event in a conversation.
    pub(super) async fn last_event(&self, place: &str) -> u64 {
        let (app, place) = (self.app.id.clone(), conversation(place));
        self.read(move |read| read.stream_seq(&app, &place)).await
    }
}

/// Ids that are new, in no order.
fn random() -> Result<u128, StoreError> {
    use std::sync::atomic::{AtomicU64, Ordering};
    static COUNT: AtomicU64 = AtomicU64::new(1);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    Ok(u128::from(count).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835))
}

/// An event's name and whom or what it is about.
pub(super) fn named(event: &Event) -> (&'static str, String) {
    match event {
        Event::Sent(said) => ("Sent", said.message.plaintext.clone()),
        Event::Edited(said) => ("Changed", said.message.plaintext.clone()),
        Event::Reacted { emoji, added, .. } => (if *added { "Reacted" } else { "Unreacted" }, emoji.clone()),
        Event::Deleted { id, .. } => ("Deleted", id.to_string()),
        Event::Joined(user) => ("Joined", user.to_string()),
        Event::Left(user) => ("Left", user.to_string()),
        Event::ParticipantChanged(user) => ("Participant", user.to_string()),
        Event::Read(user) => ("Read", user.to_string()),
        Event::SettingsChanged => ("Settings", String::new()),
        Event::ConversationDeleted => ("Gone", String::new()),
    }
}

/// A conversation's id.
pub(super) fn place(id: &str) -> ConversationId {
    conversation(id)
}
