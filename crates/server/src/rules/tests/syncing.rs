//! Conversations and participants as clients make and change them, and what is left where an app does not let them.

use causerie_protocol::error::ErrorCode;
use serde_json::{Value, json};

use super::fixture::{RulesFixture, named};
use super::{START, app, conversation, user};
use crate::store::Read;
use crate::store::records::ParticipantRecord;

async fn part(fixture: &RulesFixture, who: &str) -> Option<ParticipantRecord> {
    let who = user(who);
    fixture.read(move |read: &dyn Read| read.participant("app", &conversation("c"), &who)).await
}

/// The access and notify of a participant, as JSON; null for none.
async fn settings(fixture: &RulesFixture, who: &str) -> Value {
    match part(fixture, who).await {
        Some(part) => json!([part.access, part.notify]),
        None => Value::Null,
    }
}

/// What was told, by names.
fn told(fixture: &RulesFixture) -> Vec<(&'static str, String)> {
    fixture.events().iter().map(|(_, _, event)| named(event)).collect()
}

fn about(user: &str) -> Value {
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
    assert_eq!(told(&fixture), [("Settings", String::new()), ("Joined", "ada".to_owned())]);
    // Somebody else's set joins, and patches.
    fixture.ok("bob", "conversation.set", set_conversation(json!({ "custom": { "b": "2" } }))).await;
    assert_eq!(settings(&fixture, "bob").await, json!(["ReadWrite", true]));
    assert_eq!(told(&fixture), [("Settings", String::new()), ("Joined", "bob".to_owned())]);
    let record = fixture.read(|read| read.conversation("app", &conversation("c"))).await.unwrap();
    assert_eq!(record.subject.as_deref(), Some("Order"));
    assert_eq!(record.custom, [("a".to_owned(), "1".to_owned()), ("b".to_owned(), "2".to_owned())].into());
    // Absent keeps, null resets.
    fixture.ok("ada", "conversation.set", set_conversation(json!({ "access": null }))).await;
    assert_eq!(settings(&fixture, "ada").await, json!(["ReadWrite", "MentionsOnly"]));
    fixture.ok("ada", "conversation.set", set_conversation(json!({ "notify": null, "subject": null }))).await;
    assert_eq!(settings(&fixture, "ada").await, json!(["ReadWrite", true]));
    assert_eq!(
        fixture.read(|read| read.conversation("app", &conversation("c"))).await.unwrap().subject,
        None
    );
    told(&fixture);
    // What changes nothing is told nobody.
    fixture
        .ok("ada", "conversation.set", set_conversation(json!({ "subject": null, "custom": { "a": "1" } })))
        .await;
    assert_eq!(told(&fixture), []);
}

#[tokio::test]
async fn creating_a_conversation_that_is_there_changes_nothing_of_it_but_joins() {
    let fixture = fixture().await;
    let data = json!({ "subject": "First", "notify": false });
    fixture.ok("ada", "conversation.createIfNotExists", set_conversation(data)).await;
    assert_eq!(settings(&fixture, "ada").await, json!(["ReadWrite", false]));
    told(&fixture);
    let data = json!({ "subject": "Second", "access": "Read" });
    fixture.ok("bob", "conversation.createIfNotExists", set_conversation(data.clone())).await;
    assert_eq!(settings(&fixture, "bob").await, json!(["Read", true]));
    assert_eq!(told(&fixture), [("Joined", "bob".to_owned())]);
    fixture.ok("ada", "conversation.createIfNotExists", set_conversation(data)).await;
    fixture.ok("ada", "conversation.createIfNotExists", json!({ "conversation": "c" })).await;
    assert_eq!(
        settings(&fixture, "ada").await,
        json!(["ReadWrite", false]),
        "who takes part stays as they are"
    );
    assert_eq!(told(&fixture), []);
    let record = fixture.read(|read| read.conversation("app", &conversation("c"))).await.unwrap();
    assert_eq!(record.subject.as_deref(), Some("First"));
}

#[tokio::test]
async fn who_is_no_user_becomes_no_participant() {
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
        "nothing of it stays"
    );
    fixture.ok("ada", "conversation.set", json!({ "conversation": "c", "data": {} })).await;
    assert_eq!(fixture.refused("ada", "participant.set", set("nobody", json!({}))).await, nobody);
    assert_eq!(fixture.refused("ada", "participant.createIfNotExists", about("nobody")).await, nobody);
}

#[tokio::test]
async fn limits_hold_for_the_whole_that_patches_of_a_conversation_add_up_to() {
    let fixture = fixture().await;
    let keys = |range: std::ops::Range<u32>| -> Value {
        range.map(|i| (format!("k{i:03}"), json!("v"))).collect::<serde_json::Map<_, _>>().into()
    };
    fixture.ok("ada", "conversation.set", set_conversation(json!({ "custom": keys(0..40) }))).await;
    told(&fixture);
    let more = set_conversation(json!({ "custom": keys(40..80), "access": "Read", "subject": "S" }));
    assert_eq!(fixture.refused("ada", "conversation.set", more.clone()).await, super::invalid("custom"));
    assert_eq!(fixture.refused("bob", "conversation.set", more).await, super::invalid("custom"));
    assert_eq!(settings(&fixture, "ada").await, json!(["ReadWrite", true]));
    assert_eq!(settings(&fixture, "bob").await, Value::Null, "what is refused has done nothing");
    assert_eq!(told(&fixture), []);
}

#[tokio::test]
async fn participants_are_set_edited_created_and_taken_out() {
    let fixture = fixture().await;
    fixture.ok("ada", "conversation.set", set_conversation(json!({}))).await;
    told(&fixture);
    fixture.ok("ada", "participant.set", set("bob", json!({ "access": "Read" }))).await;
    assert_eq!(settings(&fixture, "bob").await, json!(["Read", true]));
    assert_eq!(told(&fixture), [("Joined", "bob".to_owned())]);
    fixture.clock.advance(500);
    fixture.ok("ada", "participant.set", set("bob", json!({ "notify": "MentionsOnly" }))).await;
    assert_eq!(settings(&fixture, "bob").await, json!(["Read", "MentionsOnly"]), "set patches who is there");
    assert_eq!(part(&fixture, "bob").await.unwrap().joined_at, START);
    assert_eq!(told(&fixture), [("Participant", "bob".to_owned())]);
    fixture.ok("bob", "participant.edit", set("bob", json!({ "access": null, "notify": null }))).await;
    assert_eq!(settings(&fixture, "bob").await, json!(["ReadWrite", true]));
    let none = (ErrorCode::NotFound, String::new());
    assert_eq!(fixture.refused("ada", "participant.edit", set("cat", json!({}))).await, none);
    assert_eq!(fixture.refused("cat", "participant.edit", set("cat", json!({}))).await, none);
    fixture.ok("bob", "participant.createIfNotExists", set("cat", json!({ "notify": false }))).await;
    fixture.ok("bob", "participant.createIfNotExists", set("cat", json!({ "notify": true }))).await;
    assert_eq!(settings(&fixture, "cat").await, json!(["ReadWrite", false]));
    told(&fixture);
    fixture.ok("cat", "participant.delete", about("bob")).await;
    assert_eq!(told(&fixture), [("Left", "bob".to_owned())]);
    fixture.ok("cat", "participant.delete", about("bob")).await;
    fixture.ok("bob", "participant.delete", about("bob")).await;
    assert_eq!(told(&fixture), [], "who is out is not taken out again");
    assert_eq!(fixture.refused("bob", "participant.delete", about("cat")).await, none);
    // One may join what is there by oneself.
    fixture.ok("bob", "participant.set", set("bob", json!({ "access": "Read" }))).await;
    assert_eq!(settings(&fixture, "bob").await, json!(["Read", true]));
    fixture.ok("dan", "participant.createIfNotExists", about("dan")).await;
    let nowhere = json!({ "conversation": "nowhere", "user": "ada" });
    assert_eq!(fixture.refused("ada", "participant.createIfNotExists", nowhere.clone()).await, none);
    fixture.ok("ada", "participant.delete", nowhere).await;
}

#[tokio::test]
async fn without_conversation_sync_a_client_sets_what_its_own_user_is_notified_of() {
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
    for (who, name, params) in [
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
        ("cat", "participant.createIfNotExists", about("cat")),
        ("ada", "participant.createIfNotExists", about("cat")),
        ("cat", "participant.createIfNotExists", about("ada")),
        ("ada", "participant.delete", about("bob")),
        ("ada", "participant.delete", about("ada")),
        ("cat", "participant.delete", about("cat")),
    ] {
        assert_eq!(fixture.refused(who, name, params.clone()).await, off, "{who}: {name} {params}");
    }
    assert!(fixture.published().is_empty());
    fixture.ok("ada", "conversation.set", set_conversation(json!({ "notify": false }))).await;
    assert_eq!(settings(&fixture, "ada").await, json!(["ReadWrite", false]));
    fixture.ok("ada", "participant.set", set("ada", json!({ "notify": "MentionsOnly" }))).await;
    assert_eq!(settings(&fixture, "ada").await, json!(["ReadWrite", "MentionsOnly"]));
    fixture.ok("ada", "participant.edit", set("ada", json!({ "notify": null }))).await;
    assert_eq!(settings(&fixture, "ada").await, json!(["ReadWrite", true]));
    fixture.ok("ada", "conversation.createIfNotExists", json!({ "conversation": "c" })).await;
    fixture.ok("ada", "participant.createIfNotExists", about("bob")).await;
    fixture.ok("ada", "participant.createIfNotExists", about("ada")).await;
    // All else goes on.
    let id = fixture.send("ada", "c", "Hello").await;
    let message = json!({ "conversation": "c", "message": id, "data": { "text": "Hi" } });
    fixture.ok("ada", "message.edit", message).await;
    fixture.ok("bob", "conversation.markAsRead", json!({ "conversation": "c" })).await;
    fixture.ok("bob", "reaction.add", json!({ "conversation": "c", "message": id, "emoji": "👍" })).await;
}
