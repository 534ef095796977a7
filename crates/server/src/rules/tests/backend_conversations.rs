//! Conversations and participants as a backend changes them and as their participants see them.

use causerie_protocol::error::ErrorCode;
use causerie_protocol::limits::MAX_PARTICIPANTS;
use serde_json::{Value, json};

use super::{START, ServiceFixture, invalid, refusal};

#[tokio::test]
async fn a_participant_receives_all_properties_of_a_conversation() {
    let fixture = ServiceFixture::with_conversation().await;
    let expected = json!({
        "id": "c", "subject": null, "photoUrl": null, "welcomeMessages": [], "custom": {},
        "createdAt": START, "joinedAt": START, "lastMessage": null, "lastMessageAt": START,
        "unreadMessageCount": 0, "readUntil": START, "everyoneReadUntil": START, "isUnread": false,
        "access": "ReadWrite", "notify": true,
    });
    assert_eq!(fixture.conversation_for("ada", "c").await, expected);
}

#[tokio::test]
async fn a_hidden_conversation_looks_like_a_missing_one() {
    let fixture = ServiceFixture::with_conversation().await;
    let params = |id: &str| json!({ "conversation": id });
    let hidden = fixture.request("carol", "client", None, "conversation.get", params("c")).await;
    let missing = fixture.request("carol", "client", None, "conversation.get", params("missing")).await;
    assert_eq!(hidden, json!({ "id": 7 }));
    assert_eq!(hidden, missing);
}

#[tokio::test]
async fn every_property_of_a_conversation_follows_its_source() {
    let fixture = ServiceFixture::with_conversation().await;
    let mut seen = fixture.conversation_for("ada", "c").await;
    let mut changed = std::collections::BTreeSet::new();
    let mut step = async |fixture: &ServiceFixture| {
        let next = fixture.conversation_for("ada", "c").await;
        for (field, value) in next.as_object().unwrap() {
            if seen[field] != *value {
                changed.insert(field.clone());
            }
        }
        seen = next;
    };
    fixture.clock.advance(1_000);
    let data = json!({
        "subject": "Order", "photoUrl": "https://example.com/c.png", "welcomeMessages": ["Hello"],
        "custom": { "k": "v" },
    });
    fixture.put_conversation("c", data).await.unwrap();
    step(&fixture).await;
    fixture.put_participant("c", "ada", json!({ "access": "Read", "notify": "MentionsOnly" })).await.unwrap();
    step(&fixture).await;
    fixture.send("c", "bob", "one").await;
    step(&fixture).await;
    fixture.send("c", "ada", "two").await;
    step(&fixture).await;
    fixture.delete_participant("c", "ada").await.unwrap();
    fixture.clock.advance(1_000);
    fixture.put_participant("c", "ada", json!({})).await.unwrap();
    step(&fixture).await;
    let constant = ["createdAt", "id"];
    let all: Vec<_> =
        seen.as_object().unwrap().keys().filter(|key| !constant.contains(&key.as_str())).collect();
    assert_eq!(changed.iter().collect::<Vec<_>>(), all);
    fixture.clock.set(START + 9_999);
    fixture.put_conversation("d", json!({ "participants": ["ada"] })).await.unwrap();
    let other = fixture.conversation_for("ada", "d").await;
    assert_eq!((&other["id"], &other["createdAt"]), (&json!("d"), &json!(START + 9_999)));
}

#[tokio::test]
async fn put_keeps_absent_fields_and_null_resets_them() {
    let fixture = ServiceFixture::with_conversation().await;
    let full = json!({
        "subject": "S", "photoUrl": "https://example.com/c.png", "welcomeMessages": ["a", "b"],
        "custom": { "x": "1", "y": "2" },
    });
    fixture.put_conversation("c", full.clone()).await.unwrap();
    fixture.put_conversation("c", json!({})).await.unwrap();
    let seen = fixture.conversation_for("ada", "c").await;
    for field in ["subject", "photoUrl", "welcomeMessages", "custom"] {
        assert_eq!(seen[field], full[field], "{field}");
    }
    fixture.put_conversation("c", json!({ "custom": { "x": null, "z": "3" } })).await.unwrap();
    assert_eq!(fixture.conversation_for("ada", "c").await["custom"], json!({ "y": "2", "z": "3" }));
    let nulls = json!({ "subject": null, "photoUrl": null, "welcomeMessages": null, "custom": null });
    fixture.put_conversation("c", nulls).await.unwrap();
    let seen = fixture.conversation_for("ada", "c").await;
    assert_eq!(
        [&seen["subject"], &seen["photoUrl"], &seen["welcomeMessages"], &seen["custom"]],
        [&Value::Null, &Value::Null, &json!([]), &json!({})]
    );
}

#[tokio::test]
async fn put_adds_participants_and_keeps_existing_ones_unchanged() {
    let fixture = ServiceFixture::with_conversation().await;
    fixture.put_user("carol", json!({ "name": "Carol" })).await.unwrap();
    fixture.put_participant("c", "ada", json!({ "access": "Read", "notify": false })).await.unwrap();
    fixture.clock.advance(500);
    fixture.put_conversation("c", json!({ "participants": ["ada", "carol", "carol"] })).await.unwrap();
    let seen = fixture.backend_conversation("c").await.unwrap();
    let expected = json!({
        "ada": { "access": "Read", "notify": false, "isUnread": false },
        "bob": { "access": "ReadWrite", "notify": true, "isUnread": false },
        "carol": { "access": "ReadWrite", "notify": true, "isUnread": false },
    });
    assert_eq!(seen["participants"], expected);
    assert_eq!(fixture.conversation_for("ada", "c").await["joinedAt"], json!(START));
    assert_eq!(fixture.conversation_for("carol", "c").await["joinedAt"], json!(START + 500));
}

#[tokio::test]
async fn a_refused_put_stores_nothing() {
    let fixture = ServiceFixture::with_conversation().await;
    let data = json!({ "subject": "S", "participants": ["ada", "nobody"] });
    assert_eq!(refusal(fixture.put_conversation("new", data).await), invalid("participants[1]"));
    assert_eq!(refusal(fixture.backend_conversation("new").await).0, ErrorCode::NotFound);
    for (data, field) in [
        (json!({ "subject": " " }), "subject"),
        (json!({ "subject": "x".repeat(513) }), "subject"),
        (json!({ "photoUrl": "x".repeat(4_097) }), "photoUrl"),
        (json!({ "welcomeMessages": ["a", " "] }), "welcomeMessages[1]"),
        (json!({ "welcomeMessages": "a" }), "welcomeMessages"),
        (json!({ "custom": { "a": 1 } }), "custom.a"),
        (json!({ "participants": ["ada", ""] }), "participants[1]"),
    ] {
        assert_eq!(refusal(fixture.put_conversation("c", data.clone()).await), invalid(field), "{data}");
    }
}

#[tokio::test]
async fn participant_put_resets_absent_settings_and_patch_keeps_them() {
    let fixture = ServiceFixture::with_conversation().await;
    let settings_of_ada =
        async || fixture.backend_conversation("c").await.unwrap()["participants"]["ada"].clone();
    fixture.put_participant("c", "ada", json!({ "access": "Read", "notify": "MentionsOnly" })).await.unwrap();
    fixture.patch_participant("c", "ada", json!({ "notify": false })).await.unwrap();
    assert_eq!(settings_of_ada().await, json!({ "access": "Read", "notify": false, "isUnread": false }));
    fixture.patch_participant("c", "ada", json!({ "notify": null })).await.unwrap();
    assert_eq!(settings_of_ada().await, json!({ "access": "Read", "notify": true, "isUnread": false }));
    fixture.put_participant("c", "ada", json!({ "notify": "MentionsOnly" })).await.unwrap();
    assert_eq!(
        settings_of_ada().await,
        json!({ "access": "ReadWrite", "notify": "MentionsOnly", "isUnread": false })
    );
    assert_eq!(refusal(fixture.put_participant("c", "ada", json!({ "access": "Write" })).await).1, "access");
    assert_eq!(
        refusal(fixture.patch_participant("c", "ada", json!({ "notify": "Never" })).await).1,
        "notify"
    );
}

#[tokio::test]
async fn a_participant_requires_an_existing_user_and_conversation() {
    let fixture = ServiceFixture::with_conversation().await;
    assert_eq!(refusal(fixture.put_participant("c", "nobody", json!({})).await).0, ErrorCode::NotFound);
    assert_eq!(refusal(fixture.put_participant("missing", "ada", json!({})).await).0, ErrorCode::NotFound);
    assert_eq!(refusal(fixture.patch_participant("c", "nobody", json!({})).await).0, ErrorCode::NotFound);
    assert_eq!(refusal(fixture.delete_participant("missing", "ada").await).0, ErrorCode::NotFound);
    assert_eq!(refusal(fixture.backend_conversation("missing").await).0, ErrorCode::NotFound);
}

#[tokio::test]
async fn a_removed_participant_loses_the_conversation_and_removing_twice_succeeds() {
    let fixture = ServiceFixture::with_conversation().await;
    assert_eq!(fixture.delete_participant("c", "ada").await.unwrap(), json!({}));
    assert_eq!(fixture.delete_participant("c", "ada").await.unwrap(), json!({}));
    assert_eq!(fixture.conversation_for("ada", "c").await, Value::Null);
    assert_ne!(fixture.conversation_for("bob", "c").await, Value::Null);
}

#[tokio::test]
async fn a_backend_sees_the_last_message() {
    let fixture = ServiceFixture::with_conversation().await;
    assert_eq!(fixture.backend_conversation("c").await.unwrap()["lastMessage"], Value::Null);
    fixture.send("c", "ada", "one").await;
    let id = fixture.send("c", "bob", "two").await;
    let last = fixture.backend_conversation("c").await.unwrap()["lastMessage"].clone();
    assert_eq!((&last["id"], &last["text"], &last["senderId"]), (&json!(id), &json!("two"), &json!("bob")));
}

#[tokio::test]
async fn a_conversation_has_at_most_ten_thousand_participants() {
    let fixture = ServiceFixture::with_conversation().await;
    for index in 2..MAX_PARTICIPANTS {
        let id = format!("u{index}");
        fixture.put_user(&id, json!({ "name": "U" })).await.unwrap();
        fixture.put_participant("c", &id, json!({})).await.unwrap();
    }
    fixture.put_user("carol", json!({ "name": "Carol" })).await.unwrap();
    let error = fixture.put_participant("c", "carol", json!({})).await.unwrap_err();
    assert_eq!(error.code, ErrorCode::Forbidden);
    assert!(error.message.contains("10000 participants, the maximum"), "{error:?}");
    fixture.put_participant("c", "ada", json!({ "access": "Read" })).await.unwrap();
    let all =
        fixture.put_conversation("c", json!({ "subject": "S", "participants": ["ada", "carol"] })).await;
    assert_eq!(refusal(all).0, ErrorCode::Forbidden);
    assert_eq!(
        fixture.backend_conversation("c").await.unwrap()["subject"],
        json!(null),
        "nothing is half-done"
    );
    fixture.delete_participant("c", "u2").await.unwrap();
    fixture.put_participant("c", "carol", json!({})).await.unwrap();
}
