//! Idempotency keys: however often a write comes, it has the effect of one.

use causerie_protocol::error::ErrorCode;
use serde_json::{Value, json};

use super::{RestCommand, START, World, body, conversation, written};

async fn set(world: &World, client: &str, key: &str, name: &str) -> Value {
    let params = json!({ "user": "ada", "data": { "name": name } });
    world.ask("ada", client, Some(key), "user.set", params).await
}

#[tokio::test]
async fn the_same_write_under_the_same_key_happens_once() {
    let world = World::new().await;
    written(&set(&world, "client", "1", "First").await).unwrap();
    written(&set(&world, "client", "2", "Second").await).unwrap();
    written(&set(&world, "client", "1", "First").await).unwrap();
    assert_eq!(world.user("ada").await["name"], json!("Second"), "the retry of the first undid nothing");
}

#[tokio::test]
async fn another_write_under_the_same_key_is_refused_and_does_nothing() {
    let world = World::new().await;
    written(&set(&world, "client", "1", "First").await).unwrap();
    let error = written(&set(&world, "client", "1", "Other").await).unwrap_err();
    assert_eq!(error.code, ErrorCode::KeyReused);
    assert_eq!(world.user("ada").await["name"], json!("First"));
    let params = json!({ "user": "ada", "data": { "name": "First" } });
    let result = world.ask("ada", "client", Some("1"), "user.createIfNotExists", params).await;
    assert_eq!(written(&result).unwrap_err().code, ErrorCode::KeyReused, "another op is another request");
}

#[tokio::test]
async fn keys_are_the_clients_own() {
    let world = World::new().await;
    written(&set(&world, "one", "1", "First").await).unwrap();
    written(&set(&world, "two", "1", "Second").await).unwrap();
    assert_eq!(world.user("ada").await["name"], json!("Second"));
    let params = json!({ "user": "ada", "data": { "name": "Bob's" } });
    written(&world.ask("bob", "one", Some("1"), "user.set", params).await).unwrap();
    assert_eq!(world.user("ada").await["name"], json!("Bob's"));
}

#[tokio::test]
async fn a_refusal_is_an_outcome_like_any_other() {
    let world = World::new().await;
    let ask = |key: &'static str| {
        let world = &world;
        async move {
            let params = json!({ "user": "ada", "data": { "locale": "nl" } });
            written(&world.ask("ada", "client", Some(key), "user.set", params).await)
        }
    };
    assert_eq!(ask("1").await.unwrap_err().code, ErrorCode::NameRequired);
    world.put_user("ada", json!({ "name": "Ada", "locale": "fr" })).await.unwrap();
    let again = ask("1").await.unwrap_err();
    assert_eq!(
        (again.code, again.field.as_deref()),
        (ErrorCode::NameRequired, Some("name")),
        "told the same"
    );
    assert_eq!(world.user("ada").await["locale"], json!("fr"), "it does not come behind what came after it");
    ask("2").await.unwrap();
    assert_eq!(world.user("ada").await["locale"], json!("nl"), "a new request is judged anew");
}

#[tokio::test]
async fn keys_are_kept_for_a_day() {
    let world = World::new().await;
    written(&set(&world, "client", "1", "First").await).unwrap();
    world.clock.set(START + 23 * 3_600_000);
    written(&set(&world, "client", "2", "Second").await).unwrap();
    written(&set(&world, "client", "1", "First").await).unwrap();
    assert_eq!(world.user("ada").await["name"], json!("Second"));
}

#[tokio::test]
async fn a_hundred_retries_at_once_are_one_write() {
    let world = World::furnished().await;
    let message = json!([{ "type": "UserMessage", "sender": "ada", "text": "hi", "idempotencyKey": "k" }]);
    let post =
        || RestCommand::MessagesPost { conversation: conversation("c"), messages: body(&message).unwrap() };
    // All are in the writer's queue before the first is waited for.
    let calls: Vec<_> = (0..100).map(|_| world.service.rest(&world.app, post())).collect();
    let mut ids = Vec::new();
    for call in calls {
        ids.push(call.await.unwrap().get().to_owned());
    }
    ids.dedup();
    assert_eq!(ids.len(), 1, "all are given the id of the one message");
    assert_eq!(world.messages("c", None, None).await.unwrap().as_array().unwrap().len(), 1);
}
