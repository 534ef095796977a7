//! Conversations and participants: every property of a snapshot changes when what it tells of does.

use causerie_protocol::error::ErrorCode;
use serde_json::{Value, json};

use super::{START, World, invalid, refusal};

#[tokio::test]
async fn a_participant_sees_the_whole_conversation() {
    let world = World::furnished().await;
    let expected = json!({
        "id": "c", "subject": null, "photoUrl": null, "welcomeMessages": [], "custom": {},
        "createdAt": START, "joinedAt": START, "lastMessage": null, "lastMessageAt": START,
        "unreadMessageCount": 0, "readUntil": START, "everyoneReadUntil": START, "isUnread": false, "access": "ReadWrite", "notify": true,
    });
    assert_eq!(world.seen_by("ada", "c").await, expected);
}

#[tokio::test]
async fn who_is_no_participant_sees_the_same_as_where_there_is_none() {
    let world = World::furnished().await;
    let params = |id: &str| json!({ "conversation": id });
    let hidden = world.ask("carol", "client", None, "conversation.get", params("c")).await;
    let missing = world.ask("carol", "client", None, "conversation.get", params("nowhere")).await;
    assert_eq!(hidden, json!({ "id": 7 }));
    assert_eq!(hidden, missing);
}

#[tokio::test]
async fn every_property_of_a_snapshot_changes() {
    let world = World::furnished().await;
    let mut seen = world.seen_by("ada", "c").await;
    let mut changed = std::collections::BTreeSet::new();
    let mut step = async |world: &World| {
        let next = world.seen_by("ada", "c").await;
        for (field, value) in next.as_object().unwrap() {
            if seen[field] != *value {
                changed.insert(field.clone());
            }
        }
        seen = next;
    };
    world.clock.advance(1_000);
    let put = json!({
        "subject": "Order", "photoUrl": "https://example.com/c.png", "welcomeMessages": ["Hello"], "custom": { "k": "v" },
    });
    world.put_conversation("c", put).await.unwrap();
    step(&world).await;
    world.put_participant("c", "ada", json!({ "access": "Read", "notify": "MentionsOnly" })).await.unwrap();
    step(&world).await;
    world.say("c", "bob", "one").await;
    step(&world).await;
    world.say("c", "ada", "two").await;
    step(&world).await;
    world.delete_participant("c", "ada").await.unwrap();
    world.clock.advance(1_000);
    world.put_participant("c", "ada", json!({})).await.unwrap();
    step(&world).await;
    let constant = ["createdAt", "id"];
    let all: Vec<_> =
        seen.as_object().unwrap().keys().filter(|key| !constant.contains(&key.as_str())).collect();
    assert_eq!(changed.iter().collect::<Vec<_>>(), all);
    world.clock.set(START + 9_999);
    world.put_conversation("d", json!({ "participants": ["ada"] })).await.unwrap();
    let other = world.seen_by("ada", "d").await;
    assert_eq!((&other["id"], &other["createdAt"]), (&json!("d"), &json!(START + 9_999)));
}

#[tokio::test]
async fn put_merges_and_null_resets() {
    let world = World::furnished().await;
    let full = json!({
        "subject": "S", "photoUrl": "https://example.com/c.png", "welcomeMessages": ["a", "b"],
        "custom": { "x": "1", "y": "2" },
    });
    world.put_conversation("c", full.clone()).await.unwrap();
    world.put_conversation("c", json!({})).await.unwrap();
    let seen = world.seen_by("ada", "c").await;
    for field in ["subject", "photoUrl", "welcomeMessages", "custom"] {
        assert_eq!(seen[field], full[field], "{field}");
    }
    world.put_conversation("c", json!({ "custom": { "x": null, "z": "3" } })).await.unwrap();
    assert_eq!(world.seen_by("ada", "c").await["custom"], json!({ "y": "2", "z": "3" }));
    let nulls = json!({ "subject": null, "photoUrl": null, "welcomeMessages": null, "custom": null });
    world.put_conversation("c", nulls).await.unwrap();
    let seen = world.seen_by("ada", "c").await;
    assert_eq!(
        [&seen["subject"], &seen["photoUrl"], &seen["welcomeMessages"], &seen["custom"]],
        [&Value::Null, &Value::Null, &json!([]), &json!({})]
    );
}

#[tokio::test]
async fn put_adds_participants_and_leaves_those_there_as_they_are() {
    let world = World::furnished().await;
    world.put_user("carol", json!({ "name": "Carol" })).await.unwrap();
    world.put_participant("c", "ada", json!({ "access": "Read", "notify": false })).await.unwrap();
    world.clock.advance(500);
    world.put_conversation("c", json!({ "participants": ["ada", "carol", "carol"] })).await.unwrap();
    let seen = world.backend_conversation("c").await.unwrap();
    let expected = json!({
        "ada": { "access": "Read", "notify": false },
        "bob": { "access": "ReadWrite", "notify": true },
        "carol": { "access": "ReadWrite", "notify": true },
    });
    assert_eq!(seen["participants"], expected);
    assert_eq!(world.seen_by("ada", "c").await["joinedAt"], json!(START));
    assert_eq!(world.seen_by("carol", "c").await["joinedAt"], json!(START + 500));
}

#[tokio::test]
async fn a_put_that_is_refused_leaves_nothing_behind() {
    let world = World::furnished().await;
    let put = json!({ "subject": "S", "participants": ["ada", "nobody"] });
    assert_eq!(refusal(world.put_conversation("new", put).await), invalid("participants[1]"));
    assert_eq!(refusal(world.backend_conversation("new").await).0, ErrorCode::NotFound);
    for (data, field) in [
        (json!({ "subject": "" }), "subject"),
        (json!({ "subject": "x".repeat(513) }), "subject"),
        (json!({ "photoUrl": "/c.png" }), "photoUrl"),
        (json!({ "welcomeMessages": ["a", ""] }), "welcomeMessages[1]"),
        (json!({ "welcomeMessages": "a" }), "welcomeMessages"),
        (json!({ "custom": { "a": 1 } }), "custom.a"),
        (json!({ "participants": ["ada", ""] }), "participants[1]"),
    ] {
        assert_eq!(refusal(world.put_conversation("c", data.clone()).await), invalid(field), "{data}");
    }
}

#[tokio::test]
async fn a_participant_put_gives_defaults_and_a_patch_keeps() {
    let world = World::furnished().await;
    let of_ada = async || world.backend_conversation("c").await.unwrap()["participants"]["ada"].clone();
    world.put_participant("c", "ada", json!({ "access": "Read", "notify": "MentionsOnly" })).await.unwrap();
    world.patch_participant("c", "ada", json!({ "notify": false })).await.unwrap();
    assert_eq!(of_ada().await, json!({ "access": "Read", "notify": false }));
    world.patch_participant("c", "ada", json!({ "notify": null })).await.unwrap();
    assert_eq!(of_ada().await, json!({ "access": "Read", "notify": true }));
    world.put_participant("c", "ada", json!({ "notify": "MentionsOnly" })).await.unwrap();
    assert_eq!(of_ada().await, json!({ "access": "ReadWrite", "notify": "MentionsOnly" }));
    assert_eq!(refusal(world.put_participant("c", "ada", json!({ "access": "Write" })).await).1, "access");
    assert_eq!(refusal(world.patch_participant("c", "ada", json!({ "notify": "Never" })).await).1, "notify");
}

#[tokio::test]
async fn participants_want_their_user_and_their_conversation() {
    let world = World::furnished().await;
    assert_eq!(refusal(world.put_participant("c", "nobody", json!({})).await).0, ErrorCode::NotFound);
    assert_eq!(refusal(world.put_participant("nowhere", "ada", json!({})).await).0, ErrorCode::NotFound);
    assert_eq!(refusal(world.patch_participant("c", "nobody", json!({})).await).0, ErrorCode::NotFound);
    assert_eq!(refusal(world.delete_participant("nowhere", "ada").await).0, ErrorCode::NotFound);
    assert_eq!(refusal(world.backend_conversation("nowhere").await).0, ErrorCode::NotFound);
}

#[tokio::test]
async fn who_is_taken_out_sees_nothing_any_more_and_doing_it_twice_is_no_error() {
    let world = World::furnished().await;
    assert_eq!(world.delete_participant("c", "ada").await.unwrap(), json!({}));
    assert_eq!(world.delete_participant("c", "ada").await.unwrap(), json!({}));
    assert_eq!(world.seen_by("ada", "c").await, Value::Null);
    assert_ne!(world.seen_by("bob", "c").await, Value::Null);
}

#[tokio::test]
async fn a_backend_sees_the_last_message() {
    let world = World::furnished().await;
    assert_eq!(world.backend_conversation("c").await.unwrap()["lastMessage"], Value::Null);
    world.say("c", "ada", "one").await;
    let id = world.say("c", "bob", "two").await;
    let last = world.backend_conversation("c").await.unwrap()["lastMessage"].clone();
    assert_eq!((&last["id"], &last["text"], &last["senderId"]), (&json!(id), &json!("two"), &json!("bob")));
}
