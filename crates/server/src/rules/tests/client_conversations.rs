//! Conversations and participants as clients create and change them, with and without conversation sync.

use causerie_protocol::error::ErrorCode;
use serde_json::{Value, json};

use super::rules_fixture::{RulesFixture, name_and_subject};
use super::{START, app, conversation, user};
use crate::store::Read;
use crate::store::records::ParticipantRecord;

async fn participant(fixture: &RulesFixture, user_id: &str) -> Option<ParticipantRecord> {
    let user_id = user(user_id);
    fixture.read(move |read: &dyn Read| read.participant("app", &conversation("c"), &user_id)).await
}

/// Returns access and notify of a participant as JSON, or null.
async fn settings(fixture: &RulesFixture, user_id: &str) -> Value {
    match participant(fixture, user_id).await {
        Some(record) => json!([record.access, record.notify]),
        None => Value::Null,
    }
}

/// Returns the names and subjects of the events since the last call.
fn event_names(fixture: &RulesFixture) -> Vec<(&'static str, String)> {
    fixture.events().iter().map(|(_, _, event)| name_and_subject(event)).collect()
}

fn with_user(user: &str) -> Value {
    json!({ "conversation": "c", "user": user })
}

fn set(user: &str, data: Value) -> Value {
    json!({ "conversation": "c", "user": user, "data": data })
}

fn set_conversation(data: Value) -> Value {
    json!({ "conversation": "c", "data": data })
}

async fn fixture() -> RulesFixture {
    let fixture = RulesFixture::new(app());
    fixture.create_users(&["ada", "bob", "cat", "dan"]).await;
    fixture.published();
    fixture
}

#[tokio::test]
async fn setting_a_conversation_creates_it_and_makes_the_caller_a_participant() {
    let fixture = fixture().await;
    let data =
        json!({ "subject": "Order", "custom": { "a": "1" }, "access": "Read", "notify": "MentionsOnly" });
    fixture.ok("ada", "conversation.set", set_conversation(data)).await;
    assert_eq!(settings(&fixture, "ada").await, json!(["Read", "MentionsOnly"]));
    assert_eq!(event_names(&fixture), [("SettingsChanged", String::new()), ("Joined", "ada".to_owned())]);
    // Another user's set adds that user, and patches the conversation.
    fixture.ok("bob", "conversation.set", set_conversation(json!({ "custom": { "b": "2" } }))).await;
    assert_eq!(settings(&fixture, "bob").await, json!(["ReadWrite", true]));
    assert_eq!(event_names(&fixture), [("SettingsChanged", String::new()), ("Joined", "bob".to_owned())]);
    let record = fixture.read(|read| read.conversation("app", &conversation("c"))).await.unwrap();
    assert_eq!(record.subject.as_deref(), Some("Order"));
    assert_eq!(record.custom, [("a".to_owned(), "1".to_owned()), ("b".to_owned(), "2".to_owned())].into());
    // An absent field is kept, and null resets it.
    fixture.ok("ada", "conversation.set", set_conversation(json!({ "access": null }))).await;
    assert_eq!(settings(&fixture, "ada").await, json!(["ReadWrite", "MentionsOnly"]));
    fixture.ok("ada", "conversation.set", set_conversation(json!({ "notify": null, "subject": null }))).await;
    assert_eq!(settings(&fixture, "ada").await, json!(["ReadWrite", true]));
    assert_eq!(
        fixture.read(|read| read.conversation("app", &conversation("c"))).await.unwrap().subject,
        None
    );
    event_names(&fixture);
    // A set that changes nothing publishes no event.
    fixture
        .ok("ada", "conversation.set", set_conversation(json!({ "subject": null, "custom": { "a": "1" } })))
        .await;
    assert_eq!(event_names(&fixture), []);
}

#[tokio::test]
async fn creating_an_existing_conversation_only_adds_the_caller() {
    let fixture = fixture().await;
    let data = json!({ "subject": "First", "notify": false });
    fixture.ok("ada", "conversation.createIfNotExists", set_conversation(data)).await;
    assert_eq!(settings(&fixture, "ada").await, json!(["ReadWrite", false]));
    event_names(&fixture);
    let data = json!({ "subject": "Second", "access": "Read" });
    fixture.ok("bob", "conversation.createIfNotExists", set_conversation(data.clone())).await;
    assert_eq!(settings(&fixture, "bob").await, json!(["Read", true]));
    assert_eq!(event_names(&fixture), [("Joined", "bob".to_owned())]);
    fixture.ok("ada", "conversation.createIfNotExists", set_conversation(data)).await;
    fixture.ok("ada", "conversation.createIfNotExists", json!({ "conversation": "c" })).await;
    assert_eq!(
        settings(&fixture, "ada").await,
        json!(["ReadWrite", false]),
        "a participant keeps its settings"
    );
    assert_eq!(event_names(&fixture), []);
    let record = fixture.read(|read| read.conversation("app", &conversation("c"))).await.unwrap();
    assert_eq!(record.subject.as_deref(), Some("First"));
}

#[tokio::test]
async fn a_participant_must_be_an_existing_user() {
    let fixture = fixture().await;
    let nobody = (ErrorCode::NotFound, String::new());
    assert_eq!(
        fixture.refused("nobody", "conversation.set", set_conversation(json!({ "subject": "S" }))).await,
        nobody
    );
    let create = json!({ "conversation": "c" });
    assert_eq!(fixture.refused("nobody", "conversation.createIfNotExists", create).await, nobody);
    assert_eq!(
        fixture.read(|read| read.conversation("app", &conversation("c"))).await,
        None,
        "nothing of a refused op is stored"
    );
    fixture.ok("ada", "conversation.set", json!({ "conversation": "c", "data": {} })).await;
    assert_eq!(fixture.refused("ada", "participant.set", set("nobody", json!({}))).await, nobody);
    assert_eq!(fixture.refused("ada", "participant.createIfNotExists", with_user("nobody")).await, nobody);
}

#[tokio::test]
async fn custom_data_of_a_conversation_is_limited_after_all_patches() {
    let fixture = fixture().await;
    let keys = |range: std::ops::Range<u32>| -> Value {
        range.map(|i| (format!("k{i:03}"), json!("v"))).collect::<serde_json::Map<_, _>>().into()
    };
    fixture.ok("ada", "conversation.set", set_conversation(json!({ "custom": keys(0..40) }))).await;
    event_names(&fixture);
    let more = set_conversation(json!({ "custom": keys(40..80), "access": "Read", "subject": "S" }));
    assert_eq!(fixture.refused("ada", "conversation.set", more.clone()).await, super::invalid("custom"));
    assert_eq!(fixture.refused("bob", "conversation.set", more).await, super::invalid("custom"));
    assert_eq!(settings(&fixture, "ada").await, json!(["ReadWrite", true]));
    assert_eq!(settings(&fixture, "bob").await, Value::Null, "nothing of a refused op is stored");
    assert_eq!(event_names(&fixture), []);
}

#[tokio::test]
async fn participants_are_set_edited_created_and_removed() {
    let fixture = fixture().await;
    fixture.ok("ada", "conversation.set", set_conversation(json!({}))).await;
    event_names(&fixture);
    fixture.ok("ada", "participant.set", set("bob", json!({ "access": "Read" }))).await;
    assert_eq!(settings(&fixture, "bob").await, json!(["Read", true]));
    assert_eq!(event_names(&fixture), [("Joined", "bob".to_owned())]);
    fixture.clock.advance(500);
    fixture.ok("ada", "participant.set", set("bob", json!({ "notify": "MentionsOnly" }))).await;
    assert_eq!(
        settings(&fixture, "bob").await,
        json!(["Read", "MentionsOnly"]),
        "set patches an existing participant"
    );
    assert_eq!(participant(&fixture, "bob").await.unwrap().joined_at, START);
    assert_eq!(event_names(&fixture), [("ParticipantChanged", "bob".to_owned())]);
    fixture.ok("bob", "participant.edit", set("bob", json!({ "access": null, "notify": null }))).await;
    assert_eq!(settings(&fixture, "bob").await, json!(["ReadWrite", true]));
    let none = (ErrorCode::NotFound, String::new());
    assert_eq!(fixture.refused("ada", "participant.edit", set("cat", json!({}))).await, none);
    assert_eq!(fixture.refused("cat", "participant.edit", set("cat", json!({}))).await, none);
    fixture.ok("bob", "participant.createIfNotExists", set("cat", json!({ "notify": false }))).await;
    fixture.ok("bob", "participant.createIfNotExists", set("cat", json!({ "notify": true }))).await;
    assert_eq!(settings(&fixture, "cat").await, json!(["ReadWrite", false]));
    event_names(&fixture);
    fixture.ok("cat", "participant.delete", with_user("bob")).await;
    assert_eq!(event_names(&fixture), [("Left", "bob".to_owned())]);
    fixture.ok("cat", "participant.delete", with_user("bob")).await;
    fixture.ok("bob", "participant.delete", with_user("bob")).await;
    assert_eq!(event_names(&fixture), [], "removing a user user_id is not a participant publishes no event");
    assert_eq!(fixture.refused("bob", "participant.delete", with_user("cat")).await, none);
    // A user may add itself to an existing conversation.
    fixture.ok("bob", "participant.set", set("bob", json!({ "access": "Read" }))).await;
    assert_eq!(settings(&fixture, "bob").await, json!(["Read", true]));
    fixture.ok("dan", "participant.createIfNotExists", with_user("dan")).await;
    let missing = json!({ "conversation": "missing", "user": "ada" });
    assert_eq!(fixture.refused("ada", "participant.createIfNotExists", missing.clone()).await, none);
    fixture.ok("ada", "participant.delete", missing).await;
}

#[tokio::test]
async fn without_conversation_sync_a_client_sets_only_its_own_notifications() {
    let open = fixture().await;
    open.ok("ada", "conversation.set", set_conversation(json!({ "subject": "S" }))).await;
    open.ok("ada", "participant.set", set("bob", json!({}))).await;
    open.published();
    let fixture = open.with(|app| app.conversation_sync = false);
    let off = (ErrorCode::ConversationSyncDisabled, String::new());
    for data in [
        json!({ "subject": "New" }),
        json!({ "subject": null }),
        json!({ "photoUrl": "https://example.com/c.png" }),
        json!({ "welcomeMessages": ["Hi"] }),
        json!({ "custom": { "a": "1" } }),
        json!({ "access": "Read" }),
        json!({ "notify": false, "access": "ReadWrite" }),
    ] {
        assert_eq!(
            fixture.refused("ada", "conversation.set", set_conversation(data.clone())).await,
            off,
            "{data}"
        );
    }
    for (user_id, name, params) in [
        ("cat", "conversation.set", set_conversation(json!({ "notify": false }))),
        ("cat", "conversation.set", json!({ "conversation": "new", "data": {} })),
        ("cat", "conversation.createIfNotExists", json!({ "conversation": "c" })),
        ("cat", "conversation.createIfNotExists", json!({ "conversation": "new" })),
        ("ada", "participant.set", set("ada", json!({ "access": "Read" }))),
        ("ada", "participant.edit", set("ada", json!({ "access": "Read", "notify": true }))),
        ("ada", "participant.set", set("bob", json!({ "notify": false }))),
        ("ada", "participant.edit", set("bob", json!({ "notify": false }))),
        ("cat", "participant.set", set("cat", json!({ "notify": false }))),
        ("cat", "participant.edit", set("cat", json!({ "notify": false }))),
        ("cat", "participant.createIfNotExists", with_user("cat")),
        ("ada", "participant.createIfNotExists", with_user("cat")),
        ("cat", "participant.createIfNotExists", with_user("ada")),
        ("ada", "participant.delete", with_user("bob")),
        ("ada", "participant.delete", with_user("ada")),
        ("cat", "participant.delete", with_user("cat")),
    ] {
        assert_eq!(fixture.refused(user_id, name, params.clone()).await, off, "{user_id}: {name} {params}");
    }
    assert!(fixture.published().is_empty());
    fixture.ok("ada", "conversation.set", set_conversation(json!({ "notify": false }))).await;
    assert_eq!(settings(&fixture, "ada").await, json!(["ReadWrite", false]));
    fixture.ok("ada", "participant.set", set("ada", json!({ "notify": "MentionsOnly" }))).await;
    assert_eq!(settings(&fixture, "ada").await, json!(["ReadWrite", "MentionsOnly"]));
    fixture.ok("ada", "participant.edit", set("ada", json!({ "notify": null }))).await;
    assert_eq!(settings(&fixture, "ada").await, json!(["ReadWrite", true]));
    fixture.ok("ada", "conversation.createIfNotExists", json!({ "conversation": "c" })).await;
    fixture.ok("ada", "participant.createIfNotExists", with_user("bob")).await;
    fixture.ok("ada", "participant.createIfNotExists", with_user("ada")).await;
    // All other ops are still allowed.
    let id = fixture.send("ada", "c", "Hello").await;
    let message = json!({ "conversation": "c", "message": id, "data": { "text": "Hi" } });
    fixture.ok("ada", "message.edit", message).await;
    fixture.ok("bob", "conversation.markAsRead", json!({ "conversation": "c" })).await;
    fixture.ok("bob", "reaction.add", json!({ "conversation": "c", "message": id, "emoji": "👍" })).await;
}
