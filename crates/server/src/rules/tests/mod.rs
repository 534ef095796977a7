//! Tests of the rules, with requests as the JSON of the wire, a store in memory and a clock that the test
//! sets.

mod access;
mod backend;
mod backend_conversations;
mod backend_messages;
mod client_conversations;
mod client_messages;
mod idempotency;
mod lists;
mod rules_fixture;
mod search;
mod service_fixture;
mod streams;
mod unread;
mod users;

use causerie_protocol::decode;
use causerie_protocol::error::{ErrorBody, ErrorCode};
use causerie_protocol::ids::{ConversationId, UserId};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::apps::{App, Origins};
use service_fixture::ServiceFixture;

/// The time at which every test starts, in milliseconds since 1970.
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

/// An app that lets clients sync users and conversations, without authentication.
fn app() -> App {
    App {
        id: "app".to_owned(),
        secrets: vec!["secret".to_owned()],
        authentication: false,
        user_sync: true,
        conversation_sync: true,
        default_locale: "en-US".to_owned(),
        default_role: "default".to_owned(),
        roles: Default::default(),
        origins: Origins::default(),
        loopback_only: true,
        webhooks: Vec::new(),
        translator: None,
    }
}

/// Returns the error of a write, whose result has no value.
fn write_result(result: &Value) -> Result<(), ErrorBody> {
    match &result["error"] {
        Value::Null => {
            assert_eq!(result, &json!({ "id": 7 }), "the result of a write is only its id");
            Ok(())
        }
        error => Err(serde_json::from_value(error.clone()).unwrap()),
    }
}

/// Returns the code and the field of a refusal.
fn refusal<T: std::fmt::Debug>(result: Result<T, ErrorBody>) -> (ErrorCode, String) {
    let error = result.unwrap_err();
    assert!(error.message.len() > 10, "the message is a sentence: {error:?}");
    (error.code, error.field.unwrap_or_default())
}

fn invalid(field: &str) -> (ErrorCode, String) {
    (ErrorCode::InvalidArgument, field.to_owned())
}
