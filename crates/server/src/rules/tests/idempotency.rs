//! Idempotency keys: a write that is repeated under its key is executed once.

use causerie_protocol::error::ErrorCode;
use serde_json::{Value, json};

use super::{START, ServiceFixture, body, conversation, write_result};
use crate::rules::RestCommand;

async fn set(fixture: &ServiceFixture, client: &str, key: &str, name: &str) -> Value {
    let params = json!({ "user": "ada", "data": { "name": name } });
    fixture.request("ada", client, Some(key), "user.set", params).await
}

#[tokio::test]
async fn a_write_repeated_under_its_key_is_executed_once() {
    let fixture = ServiceFixture::new().await;
    write_result(&set(&fixture, "client", "1", "First").await).unwrap();
    write_result(&set(&fixture, "client", "2", "Second").await).unwrap();
    write_result(&set(&fixture, "client", "1", "First").await).unwrap();
    assert_eq!(
        fixture.user("ada").await["name"],
        json!("Second"),
        "the repeated first write was not executed again"
    );
}

#[tokio::test]
async fn another_write_under_a_used_key_is_refused() {
    let fixture = ServiceFixture::new().await;
    write_result(&set(&fixture, "client", "1", "First").await).unwrap();
    let error = write_result(&set(&fixture, "client", "1", "Other").await).unwrap_err();
    assert_eq!(error.code, ErrorCode::KeyReused);
    assert_eq!(fixture.user("ada").await["name"], json!("First"));
    let params = json!({ "user": "ada", "data": { "name": "First" } });
    let result = fixture.request("ada", "client", Some("1"), "user.createIfNotExists", params).await;
    assert_eq!(
        write_result(&result).unwrap_err().code,
        ErrorCode::KeyReused,
        "another op is another request"
    );
}

#[tokio::test]
async fn keys_of_different_clients_and_users_are_independent() {
    let fixture = ServiceFixture::new().await;
    write_result(&set(&fixture, "one", "1", "First").await).unwrap();
    write_result(&set(&fixture, "two", "1", "Second").await).unwrap();
    assert_eq!(fixture.user("ada").await["name"], json!("Second"));
    let params = json!({ "user": "ada", "data": { "name": "Bob's" } });
    write_result(&fixture.request("bob", "one", Some("1"), "user.set", params).await).unwrap();
    assert_eq!(fixture.user("ada").await["name"], json!("Bob's"));
}

#[tokio::test]
async fn a_refusal_is_stored_under_its_key() {
    let fixture = ServiceFixture::new().await;
    let request = |key: &'static str| {
        let fixture = &fixture;
        async move {
            let params = json!({ "user": "ada", "data": { "locale": "nl" } });
            write_result(&fixture.request("ada", "client", Some(key), "user.set", params).await)
        }
    };
    assert_eq!(request("1").await.unwrap_err().code, ErrorCode::NameRequired);
    fixture.put_user("ada", json!({ "name": "Ada", "locale": "fr" })).await.unwrap();
    let again = request("1").await.unwrap_err();
    assert_eq!(
        (again.code, again.field.as_deref()),
        (ErrorCode::NameRequired, Some("name")),
        "the stored refusal is returned"
    );
    assert_eq!(
        fixture.user("ada").await["locale"],
        json!("fr"),
        "the repeated write is not executed after later ones"
    );
    request("2").await.unwrap();
    assert_eq!(fixture.user("ada").await["locale"], json!("nl"), "a new key is executed");
}

#[tokio::test]
async fn outcomes_are_kept_for_a_day() {
    let fixture = ServiceFixture::new().await;
    write_result(&set(&fixture, "client", "1", "First").await).unwrap();
    fixture.clock.set(START + 23 * 3_600_000);
    write_result(&set(&fixture, "client", "2", "Second").await).unwrap();
    write_result(&set(&fixture, "client", "1", "First").await).unwrap();
    assert_eq!(fixture.user("ada").await["name"], json!("Second"));
}

#[tokio::test]
async fn a_hundred_concurrent_retries_execute_one_write() {
    let fixture = ServiceFixture::with_conversation().await;
    let message = json!([{ "type": "UserMessage", "sender": "ada", "text": "hi", "idempotencyKey": "k" }]);
    let post =
        || RestCommand::MessagesPost { conversation: conversation("c"), messages: body(&message).unwrap() };
    // All are enqueued before the first is awaited.
    let calls: Vec<_> = (0..100).map(|_| fixture.service.execute_command(&fixture.app, post())).collect();
    let mut ids = Vec::new();
    for call in calls {
        ids.push(call.await.unwrap().get().to_owned());
    }
    ids.dedup();
    assert_eq!(ids.len(), 1, "all return the id of the one message");
    assert_eq!(fixture.messages("c", None, None).await.unwrap().as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn content_that_is_always_refused_stores_nothing_and_is_refused_again() {
    let fixture = ServiceFixture::with_conversation().await;
    let send = |data: Value| {
        let fixture = &fixture;
        async move {
            let params = json!({ "conversation": "c", "data": data });
            fixture.request("ada", "client", Some("1"), "message.send", params).await
        }
    };
    let bad = || json!({ "content": [{ "type": "location", "latitude": 91, "longitude": 0 }] });
    for _ in 0..2 {
        assert_eq!(send(bad()).await["error"]["field"], json!("content[0].latitude"));
    }
    // The refused write has left nothing behind, not even its key.
    assert!(send(json!({ "text": "hello" })).await["value"].is_string());
    assert_eq!(send(bad()).await["error"]["code"], json!("key_reused"));
}

#[tokio::test]
async fn a_long_refusal_is_stored_as_its_code() {
    let fixture = ServiceFixture::new().await;
    let id = "c".repeat(255);
    let params = || json!({ "conversation": id, "data": { "text": "hi" } });
    let request = || fixture.request("ada", "client", Some("1"), "message.send", params());
    let first = write_result(&request().await).unwrap_err();
    assert!(first.message.contains(&id), "the caller gets the whole reason: {}", first.message);
    let again = write_result(&request().await).unwrap_err();
    assert_eq!(again.code, first.code);
    assert_eq!(again.message, "the write was refused when it was first executed");
}

#[tokio::test]
async fn sending_again_under_a_key_returns_the_message_also_after_it_was_deleted() {
    let fixture = ServiceFixture::with_conversation().await;
    let send = async |client: &str, text: &str| {
        let params = json!({ "conversation": "c", "data": { "text": text } });
        fixture.request("ada", client, Some("1"), "message.send", params).await
    };
    let count = async || fixture.messages("c", None, None).await.unwrap().as_array().unwrap().len();
    let id = send("client", "hi").await["value"].as_str().unwrap().to_owned();
    assert_eq!(send("client", "hi").await["value"], json!(id));
    assert_eq!(send("client", "other").await["error"]["code"], json!("key_reused"));
    let error = write_result(&set(&fixture, "client", "1", "Ada").await).unwrap_err();
    assert_eq!(error.code, ErrorCode::KeyReused, "another op is another request");
    let other = send("client2", "hi").await["value"].as_str().unwrap().to_owned();
    assert_ne!(other, id, "the key of another client");
    assert_eq!(count().await, 2);
    let params = json!({ "conversation": "c", "message": id });
    write_result(&fixture.request("ada", "client", Some("2"), "message.delete", params).await).unwrap();
    assert_eq!(send("client", "hi").await["value"], json!(id), "it is not sent again");
    assert_eq!(send("client", "other").await["error"]["code"], json!("key_reused"));
    assert_eq!(count().await, 1);
}
