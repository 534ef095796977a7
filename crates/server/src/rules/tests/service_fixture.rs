//! The rules behind a service, for tests that need no published events.

use std::sync::Arc;

use causerie_protocol::decode;
use causerie_protocol::error::ErrorBody;
use causerie_protocol::frames::ClientFrame;
use causerie_protocol::ids::ClientId;
use causerie_protocol::params::SetUser;
use serde_json::{Value, json};

use super::{START, app, body, conversation, user, write_result};
use crate::apps::{App, Apps};
use crate::clock::SettableClock;
use crate::rules::RestCommand;
use crate::rules::command::Page;
use crate::service::Service;

/// A service with one app, and its clock.
pub(super) struct ServiceFixture {
    pub(super) service: Service,
    pub(super) app: Arc<App>,
    pub(super) clock: Arc<SettableClock>,
}

impl ServiceFixture {
    pub(super) async fn new() -> ServiceFixture {
        ServiceFixture::with_app(app()).await
    }

    pub(super) async fn with_app(app: App) -> ServiceFixture {
        let apps = Arc::new(Apps::new([app]).unwrap());
        let clock = Arc::new(SettableClock::at(START));
        let service = Service::open_in_memory(Arc::clone(&apps), clock.clone()).await.unwrap();
        ServiceFixture { service, app: Arc::clone(apps.get("app").unwrap()), clock }
    }

    /// The same service for the app with other settings.
    pub(super) fn with(&self, change: impl FnOnce(&mut App)) -> ServiceFixture {
        let mut app = App::clone(&self.app);
        change(&mut app);
        ServiceFixture { service: self.service.clone(), app: Arc::new(app), clock: Arc::clone(&self.clock) }
    }

    /// Sends a request as the JSON of the wire. Returns the result as JSON.
    pub(super) async fn request(
        &self,
        caller: &str,
        client: &str,
        key: Option<&str>,
        op: &str,
        params: Value,
    ) -> Value {
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
        let outcome = self.service.execute_request(&self.app, &user(caller), &client, request).await;
        assert_eq!(outcome.id, 7);
        serde_json::to_value(outcome).unwrap()
    }

    pub(super) async fn set(&self, caller: &str, target: &str, data: Value) -> Result<(), ErrorBody> {
        write_result(
            &self.request(caller, "client", None, "user.set", json!({ "user": target, "data": data })).await,
        )
    }

    pub(super) async fn create(&self, caller: &str, target: &str, data: Value) -> Result<(), ErrorBody> {
        let params = json!({ "user": target, "data": data });
        write_result(&self.request(caller, "client", None, "user.createIfNotExists", params).await)
    }

    /// Returns a user's body as a client receives it, or null.
    pub(super) async fn user(&self, id: &str) -> Value {
        let result = self.request("reader", "client", None, "user.get", json!({ "user": id })).await;
        assert_eq!(result["error"], Value::Null);
        if result["value"].is_string() {
            assert_eq!(result["value"], json!(id));
        }
        without_revision(&result["entities"]["users"][0])
    }

    /// Returns a conversation's body as a client of the viewer receives it, or null.
    pub(super) async fn conversation_for(&self, viewer: &str, id: &str) -> Value {
        let result =
            self.request(viewer, "client", None, "conversation.get", json!({ "conversation": id })).await;
        assert_eq!(result["error"], Value::Null);
        without_revision(&result["entities"]["conversations"][0])
    }

    pub(super) async fn execute_command(&self, command: RestCommand) -> Result<Value, ErrorBody> {
        let response = self.service.execute_command(&self.app, command).await?;
        Ok(serde_json::from_str(response.get()).unwrap())
    }

    pub(super) async fn put_user(&self, id: &str, data: Value) -> Result<Value, ErrorBody> {
        let data: SetUser = body(&data)?;
        self.execute_command(RestCommand::UserPut { user: user(id), data }).await
    }

    pub(super) async fn backend_user(&self, id: &str) -> Result<Value, ErrorBody> {
        self.execute_command(RestCommand::UserGet { user: user(id) }).await
    }

    pub(super) async fn put_conversation(&self, id: &str, data: Value) -> Result<Value, ErrorBody> {
        self.execute_command(RestCommand::ConversationPut {
            conversation: conversation(id),
            data: body(&data)?,
        })
        .await
    }

    pub(super) async fn backend_conversation(&self, id: &str) -> Result<Value, ErrorBody> {
        self.execute_command(RestCommand::ConversationGet { conversation: conversation(id) }).await
    }

    pub(super) async fn put_participant(
        &self,
        id: &str,
        user_id: &str,
        data: Value,
    ) -> Result<Value, ErrorBody> {
        let data = body(&data)?;
        self.execute_command(RestCommand::ParticipantPut {
            conversation: conversation(id),
            user: user(user_id),
            data,
        })
        .await
    }

    pub(super) async fn patch_participant(
        &self,
        id: &str,
        user_id: &str,
        data: Value,
    ) -> Result<Value, ErrorBody> {
        let data = body(&data)?;
        self.execute_command(RestCommand::ParticipantPatch {
            conversation: conversation(id),
            user: user(user_id),
            data,
        })
        .await
    }

    pub(super) async fn delete_participant(&self, id: &str, user_id: &str) -> Result<Value, ErrorBody> {
        self.execute_command(RestCommand::ParticipantDelete {
            conversation: conversation(id),
            user: user(user_id),
        })
        .await
    }

    pub(super) async fn post(&self, id: &str, messages: Value) -> Result<Value, ErrorBody> {
        let messages = body(&messages)?;
        self.execute_command(RestCommand::MessagesPost { conversation: conversation(id), messages }).await
    }

    pub(super) async fn send(&self, id: &str, sender: &str, text: &str) -> String {
        let message = json!([{ "type": "UserMessage", "sender": sender, "text": text }]);
        let sent = self.post(id, message).await.unwrap();
        sent[0]["id"].as_str().unwrap().to_owned()
    }

    pub(super) async fn messages(
        &self,
        id: &str,
        limit: Option<u32>,
        after: Option<&str>,
    ) -> Result<Value, ErrorBody> {
        let page = Page { limit, starting_after: after.map(str::to_owned) };
        let page =
            self.execute_command(RestCommand::MessagesGet { conversation: conversation(id), page }).await?;
        Ok(page["data"].clone())
    }

    /// Ada and Bob in the conversation "c".
    pub(super) async fn with_conversation() -> ServiceFixture {
        let fixture = ServiceFixture::new().await;
        fixture.put_user("ada", json!({ "name": "Ada" })).await.unwrap();
        fixture.put_user("bob", json!({ "name": "Bob" })).await.unwrap();
        fixture.put_conversation("c", json!({ "participants": ["ada", "bob"] })).await.unwrap();
        fixture
    }
}

/// Returns a body, or null, without its revision, which every body must have.
fn without_revision(body: &Value) -> Value {
    let mut body = body.clone();
    if let Some(fields) = body.as_object_mut() {
        assert!(fields.remove("rev").is_some_and(|rev| rev.is_u64()), "no revision: {fields:?}");
    }
    body
}
