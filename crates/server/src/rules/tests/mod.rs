//! The rules as their callers meet them: requests go in as the JSON of the wire, over a store in memory and a clock
//! that the test sets.

mod backend;
mod callers;
mod conversations;
mod fixture;
mod idempotency;
mod messages;
mod streams;
mod syncing;
mod talking;
mod unread;
mod users;

use std::sync::Arc;

use causerie_protocol::decode;
use causerie_protocol::error::{ErrorBody, ErrorCode};
use causerie_protocol::frames::ClientFrame;
use causerie_protocol::ids::{ClientId, ConversationId, UserId};
use causerie_protocol::params::SetUser;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::RestCommand;
use super::command::Page;
use crate::apps::{App, Apps, Origins};
use crate::clock::SettableClock;
use crate::service::Service;

/// When every test starts.
const START: i64 = 1_767_225_600_000;

fn user(id: &str) -> UserId {
    UserId::new(id).unwrap()
}

fn conversation(id: &str) -> ConversationId {
    ConversationId::new(id).unwrap()
}

fn body<T: DeserializeOwned>(value: &Value) -> Result<T, ErrorBody> {
    decode::typed(&value.to_string())
}

/// An app with everything on but authentication.
fn app() -> App {
    App {
        id: "app".to_owned(),
        secrets: vec!["secret".to_owned()],
        authentication: false,
        user_sync: true,
        conversation_sync: true,
        default_locale: "en-US".to_owned(),
        default_role: "default".to_owned(),
        origins: Origins::default(),
        loopback_only: true,
    }
}

/// A server without doors, one app on it, and the time.
struct World {
    service: Service,
    app: Arc<App>,
    clock: Arc<SettableClock>,
}

impl World {
    async fn new() -> World {
        World::of(app()).await
    }

    async fn of(app: App) -> World {
        let apps = Arc::new(Apps::new([app]).unwrap());
        let clock = Arc::new(SettableClock::at(START));
        let service = Service::open_in_memory(Arc::clone(&apps), clock.clone()).await.unwrap();
        World { service, app: Arc::clone(apps.get("app").unwrap()), clock }
    }

    /// The same server, seen with another setting of the app.
    fn with(&self, change: impl FnOnce(&mut App)) -> World {
        let mut app = App::clone(&self.app);
        change(&mut app);
        World { service: self.service.clone(), app: Arc::new(app), clock: Arc::clone(&self.clock) }
    }

    /// A request as it stands on the wire; the result as it stands there.
    async fn ask(&self, caller: &str, client: &str, key: Option<&str>, op: &str, params: Value) -> Value {
        let mut frame = json!({ "t": "request", "id": 7, "op": op, "params": params });
        if let Some(key) = key {
            frame["key"] = json!(key);
        }
        let request = match decode::client_frame(&frame.to_string()) {
            Ok(ClientFrame::Request(request)) => request,
            Err(decode::DecodeError::BadRequest { error, .. }) => return json!({ "error": error }),
            other => panic!("{other:?}"),
        };
        let client = ClientId::new(client).unwrap();
        let outcome = self.service.client(&self.app, &user(caller), &client, request).await;
        assert_eq!(outcome.id, 7);
        serde_json::to_value(outcome).unwrap()
    }

    async fn set(&self, caller: &str, target: &str, data: Value) -> Result<(), ErrorBody> {
        written(&self.ask(caller, "client", None, "user.set", json!({ "user": target, "data": data })).await)
    }

    async fn create(&self, caller: &str, target: &str, data: Value) -> Result<(), ErrorBody> {
        let params = json!({ "user": target, "data": data });
        written(&self.ask(caller, "client", None, "user.createIfNotExists", params).await)
    }

    /// The user's body as a client receives it; null for none.
    async fn user(&self, id: &str) -> Value {
        let result = self.ask("reader", "client", None, "user.get", json!({ "user": id })).await;
        assert_eq!(result["error"], Value::Null);
        if result["value"].is_string() {
            assert_eq!(result["value"], json!(id));
        }
        result["entities"]["users"][0].clone()
    }

    /// The conversation's body as this user's client receives it; null for none.
    async fn seen_by(&self, viewer: &str, id: &str) -> Value {
        let result =
            self.ask(viewer, "client", None, "conversation.get", json!({ "conversation": id })).await;
        assert_eq!(result["error"], Value::Null);
        result["entities"]["conversations"][0].clone()
    }

    async fn rest(&self, command: RestCommand) -> Result<Value, ErrorBody> {
        let answer = self.service.rest(&self.app, command).await?;
        Ok(serde_json::from_str(answer.get()).unwrap())
    }

    async fn put_user(&self, id: &str, data: Value) -> Result<Value, ErrorBody> {
        let data: SetUser = body(&data)?;
        self.rest(RestCommand::UserPut { user: user(id), data }).await
    }

    async fn backend_user(&self, id: &str) -> Result<Value, ErrorBody> {
        self.rest(RestCommand::UserGet { user: user(id) }).await
    }

    async fn put_conversation(&self, id: &str, data: Value) -> Result<Value, ErrorBody> {
        self.rest(RestCommand::ConversationPut { conversation: conversation(id), data: body(&data)? }).await
    }

    async fn backend_conversation(&self, id: &str) -> Result<Value, ErrorBody> {
        self.rest(RestCommand::ConversationGet { conversation: conversation(id) }).await
    }

    async fn put_participant(&self, place: &str, who: &str, data: Value) -> Result<Value, ErrorBody> {
        let data = body(&data)?;
        self.rest(RestCommand::ParticipantPut { conversation: conversation(place), user: user(who), data })
            .await
    }

    async fn patch_participant(&self, place: &str, who: &str, data: Value) -> Result<Value, ErrorBody> {
        let data = body(&data)?;
        self.rest(RestCommand::ParticipantPatch { conversation: conversation(place), user: user(who), data })
            .await
    }

    async fn delete_participant(&self, place: &str, who: &str) -> Result<Value, ErrorBody> {
        self.rest(RestCommand::ParticipantDelete { conversation: conversation(place), user: user(who) }).await
    }

    async fn post(&self, place: &str, messages: Value) -> Result<Value, ErrorBody> {
        let messages = body(&messages)?;
        self.rest(RestCommand::MessagesPost { conversation: conversation(place), messages }).await
    }

    async fn say(&self, place: &str, sender: &str, text: &str) -> String {
        let message = json!([{ "type": "UserMessage", "sender": sender, "text": text }]);
        let sent = self.post(place, message).await.unwrap();
        sent[0]["id"].as_str().unwrap().to_owned()
    }

    async fn messages(
        &self,
        place: &str,
        limit: Option<u32>,
        after: Option<&str>,
    ) -> Result<Value, ErrorBody> {
        let page = Page { limit, starting_after: after.map(str::to_owned) };
        let answer = self.rest(RestCommand::MessagesGet { conversation: conversation(place), page }).await?;
        Ok(answer["data"].clone())
    }

    /// Ada and Bob, in the conversation "c".
    async fn furnished() -> World {
        let world = World::new().await;
        world.put_user("ada", json!({ "name": "Ada" })).await.unwrap();
        world.put_user("bob", json!({ "name": "Bob" })).await.unwrap();
        world.put_conversation("c", json!({ "participants": ["ada", "bob"] })).await.unwrap();
        world
    }
}

fn written(result: &Value) -> Result<(), ErrorBody> {
    match &result["error"] {
        Value::Null => {
            assert_eq!(result, &json!({ "id": 7 }), "a write answers with nothing but its id");
            Ok(())
        }
        error => Err(serde_json::from_value(error.clone()).unwrap()),
    }
}

/// The code and the field of a refusal.
fn refusal<T: std::fmt::Debug>(result: Result<T, ErrorBody>) -> (ErrorCode, String) {
    let error = result.unwrap_err();
    assert!(error.message.len() > 10, "says something: {error:?}");
    (error.code, error.field.unwrap_or_default())
}

fn invalid(field: &str) -> (ErrorCode, String) {
    (ErrorCode::InvalidArgument, field.to_owned())
}
