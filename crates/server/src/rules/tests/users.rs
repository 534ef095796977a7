//! Users: what each word for "nothing" does to each field, who may write, and what never leaves for a client.

use causerie_protocol::error::ErrorCode;
use serde_json::{Value, json};

use super::{START, World, invalid, refusal};

fn full() -> Value {
    json!({
        "name": "Ada",
        "custom": { "a": "1", "b": "2" },
        "email": ["ada@example.com"],
        "phone": "+31 20 123 4567",
        "locale": "nl",
        "photoUrl": "https://example.com/ada.png",
        "role": "admin",
        "welcomeMessage": "Hi",
        "pushTokens": { "fcm:one": true, "apns:two": true },
    })
}

fn full_as_a_client_sees_it() -> Value {
    json!({
        "id": "ada",
        "name": "Ada",
        "custom": { "a": "1", "b": "2" },
        "locale": "nl",
        "photoUrl": "https://example.com/ada.png",
        "role": "admin",
        "welcomeMessage": "Hi",
    })
}

/// The user as a backend sees it, as JSON with the field replaced.
fn changed(mut user: Value, field: &str, value: Value) -> Value {
    user[field] = value;
    user
}

#[tokio::test]
async fn a_user_who_does_not_exist_is_no_value_and_no_error() {
    let world = World::new().await;
    assert_eq!(world.user("nobody").await, Value::Null);
}

#[tokio::test]
async fn a_client_is_given_the_public_fields_and_a_backend_the_private_ones_too() {
    let world = World::new().await;
    world.set("ada", "ada", full()).await.unwrap();
    assert_eq!(world.user("ada").await, full_as_a_client_sees_it());
    let mut expected = full_as_a_client_sees_it();
    expected["email"] = json!(["ada@example.com"]);
    expected["phone"] = json!(["+31 20 123 4567"]);
    expected["pushTokens"] = json!({ "fcm:one": true, "apns:two": true });
    expected["createdAt"] = json!(START);
    assert_eq!(world.backend_user("ada").await.unwrap(), expected);
}

#[tokio::test]
async fn what_was_never_set_reads_as_its_default() {
    let world = World::new().await;
    world.create("ada", "ada", json!({ "name": "Ada" })).await.unwrap();
    let expected = json!({
        "id": "ada", "name": "Ada", "custom": {}, "locale": "en-US", "photoUrl": null, "role": "default",
        "welcomeMessage": null,
    });
    assert_eq!(world.user("ada").await, expected);
    // The default is the app's at the time of reading, not at that of creating.
    let later = world.with(|app| app.default_locale = "fr".to_owned());
    assert_eq!(later.user("ada").await["locale"], json!("fr"));
}

#[tokio::test]
async fn an_absent_field_is_kept_a_null_resets_it_and_a_value_replaces_it() {
    let cases = [
        ("custom", json!({}), json!({ "a": "9" }), json!({ "a": "9", "b": "2" })),
        ("email", json!([]), json!("new@example.com"), json!(["new@example.com"])),
        ("phone", json!([]), json!(["112", "911"]), json!(["112", "911"])),
        ("locale", json!("en-US"), json!("pt-BR"), json!("pt-BR")),
        ("photoUrl", Value::Null, json!("https://example.com/2.png"), json!("https://example.com/2.png")),
        ("role", json!("default"), json!("guest"), json!("guest")),
        ("welcomeMessage", Value::Null, json!("Hello"), json!("Hello")),
        (
            "pushTokens",
            json!({}),
            json!({ "fcm:3": true }),
            json!({ "fcm:one": true, "apns:two": true, "fcm:3": true }),
        ),
    ];
    for (field, reset, given, after) in cases {
        let world = World::new().await;
        world.set("ada", "ada", full()).await.unwrap();
        let before = world.backend_user("ada").await.unwrap();
        world.set("ada", "ada", json!({})).await.unwrap();
        assert_eq!(world.backend_user("ada").await.unwrap(), before, "absent keeps {field}");
        world.set("ada", "ada", json!({ field: given })).await.unwrap();
        assert_eq!(
            world.backend_user("ada").await.unwrap(),
            changed(before.clone(), field, after),
            "a value sets {field}"
        );
        world.set("ada", "ada", json!({ field: null })).await.unwrap();
        assert_eq!(
            world.backend_user("ada").await.unwrap(),
            changed(before, field, reset),
            "null resets {field}"
        );
    }
}

#[tokio::test]
async fn custom_and_push_tokens_are_patched_key_by_key() {
    let world = World::new().await;
    world.set("ada", "ada", full()).await.unwrap();
    let patch = json!({
        "custom": { "a": null, "c": "3", "absent": null },
        "pushTokens": { "fcm:one": null, "fcm:new": true, "apns:absent": null },
    });
    world.set("ada", "ada", patch).await.unwrap();
    let user = world.backend_user("ada").await.unwrap();
    assert_eq!(user["custom"], json!({ "b": "2", "c": "3" }));
    assert_eq!(user["pushTokens"], json!({ "apns:two": true, "fcm:new": true }));
}

#[tokio::test]
async fn a_name_is_required_to_create_and_only_then_and_is_never_null() {
    let world = World::new().await;
    let (code, field) = refusal(world.set("ada", "ada", json!({ "locale": "nl" })).await);
    assert_eq!((code, field.as_str()), (ErrorCode::NameRequired, "name"));
    let (code, _) = refusal(world.create("ada", "ada", json!({ "locale": "nl" })).await);
    assert_eq!(code, ErrorCode::NameRequired);
    assert_eq!(world.user("ada").await, Value::Null, "nothing of a refused set stays");
    world.set("ada", "ada", json!({ "name": "Ada" })).await.unwrap();
    world.set("ada", "ada", json!({ "locale": "nl" })).await.unwrap();
    assert_eq!(refusal(world.set("ada", "ada", json!({ "name": null })).await), invalid("name"));
    assert_eq!(world.user("ada").await["name"], json!("Ada"));
}

#[tokio::test]
async fn creating_a_user_who_exists_succeeds_and_changes_nothing() {
    let world = World::new().await;
    world.create("ada", "ada", full()).await.unwrap();
    let before = world.backend_user("ada").await.unwrap();
    world.clock.advance(1_000);
    world.create("bob", "ada", json!({ "name": "Not Ada", "custom": { "x": "y" } })).await.unwrap();
    assert_eq!(world.backend_user("ada").await.unwrap(), before);
    world.set("ada", "ada", json!({ "name": "Countess" })).await.unwrap();
    assert_eq!(
        world.backend_user("ada").await.unwrap()["createdAt"],
        json!(START),
        "set keeps the creation time"
    );
}

#[tokio::test]
async fn without_user_sync_clients_read_and_backends_write() {
    let world = World::of(crate::apps::App { user_sync: false, ..super::app() }).await;
    assert_eq!(refusal(world.set("ada", "ada", json!({ "name": "A" })).await).0, ErrorCode::UserSyncDisabled);
    assert_eq!(
        refusal(world.create("ada", "ada", json!({ "name": "A" })).await).0,
        ErrorCode::UserSyncDisabled
    );
    assert_eq!(world.user("ada").await, Value::Null);
    world.put_user("ada", json!({ "name": "Ada" })).await.unwrap();
    world.create("ada", "ada", json!({ "name": "B" })).await.unwrap();
    assert_eq!(refusal(world.set("ada", "ada", json!({ "name": "B" })).await).0, ErrorCode::UserSyncDisabled);
    assert_eq!(world.user("ada").await["name"], json!("Ada"));
}

#[tokio::test]
async fn with_authentication_a_client_writes_its_own_user_only() {
    let world = World::of(crate::apps::App { authentication: true, ..super::app() }).await;
    world.put_user("bob", json!({ "name": "Bob" })).await.unwrap();
    world.set("ada", "ada", json!({ "name": "Ada" })).await.unwrap();
    assert_eq!(refusal(world.set("ada", "bob", json!({ "name": "Evil" })).await).0, ErrorCode::Forbidden);
    assert_eq!(refusal(world.set("ada", "carol", json!({ "name": "Evil" })).await).0, ErrorCode::Forbidden);
    assert_eq!(
        refusal(world.create("ada", "carol", json!({ "name": "Evil" })).await).0,
        ErrorCode::Forbidden
    );
    world.create("ada", "bob", json!({ "name": "Evil" })).await.unwrap();
    assert_eq!(world.user("bob").await["name"], json!("Bob"));
    assert_eq!(world.user("carol").await, Value::Null);
    // Without authentication a client may set any user, as documented.
    let open = world.with(|app| app.authentication = false);
    open.set("ada", "bob", json!({ "name": "Robert" })).await.unwrap();
    assert_eq!(world.user("bob").await["name"], json!("Robert"));
}

#[tokio::test]
async fn limits_hold_for_the_whole_that_patches_add_up_to() {
    let world = World::new().await;
    world.set("ada", "ada", json!({ "name": "Ada" })).await.unwrap();
    let keys = |range: std::ops::Range<u32>| -> Value {
        range.map(|i| (format!("k{i:03}"), json!("v"))).collect::<serde_json::Map<_, _>>().into()
    };
    world.set("ada", "ada", json!({ "custom": keys(0..40) })).await.unwrap();
    assert_eq!(refusal(world.set("ada", "ada", json!({ "custom": keys(40..80) })).await), invalid("custom"));
    world.set("ada", "ada", json!({ "custom": keys(20..60) })).await.unwrap();
    assert_eq!(world.user("ada").await["custom"].as_object().unwrap().len(), 60);
    let half = "x".repeat(9_000);
    world.set("ada", "ada", json!({ "custom": { "big1": half } })).await.unwrap();
    assert_eq!(
        refusal(world.set("ada", "ada", json!({ "custom": { "big2": half } })).await),
        invalid("custom")
    );
    let tokens = |range: std::ops::Range<u32>| -> Value {
        range.map(|i| (format!("fcm:{i}"), json!(true))).collect::<serde_json::Map<_, _>>().into()
    };
    world.set("ada", "ada", json!({ "pushTokens": tokens(0..30) })).await.unwrap();
    assert_eq!(
        refusal(world.set("ada", "ada", json!({ "pushTokens": tokens(30..60) })).await),
        invalid("pushTokens")
    );
    assert_eq!(world.backend_user("ada").await.unwrap()["pushTokens"].as_object().unwrap().len(), 30);
}

#[tokio::test]
async fn values_out_of_bounds_are_refused_on_the_server_too_with_the_field() {
    let world = World::new().await;
    world.set("ada", "ada", full()).await.unwrap();
    let before = world.backend_user("ada").await.unwrap();
    for (data, field) in [
        (json!({ "name": "" }), "name"),
        (json!({ "name": 5 }), "name"),
        (json!({ "name": "x".repeat(257) }), "name"),
        (json!({ "custom": { "a": 5 } }), "custom.a"),
        (json!({ "custom": "no" }), "custom"),
        (json!({ "email": ["nobody"] }), "email[0]"),
        (json!({ "phone": ["1", "112"] }), "phone[0]"),
        (json!({ "locale": "no locale" }), "locale"),
        (json!({ "photoUrl": "javascript:alert(1)" }), "photoUrl"),
        (json!({ "role": " " }), "role"),
        (json!({ "welcomeMessage": "" }), "welcomeMessage"),
        (json!({ "pushTokens": { "gcm:1": true } }), "pushTokens.gcm:1"),
        (json!({ "pushTokens": { "fcm:1": false } }), "pushTokens.fcm:1"),
    ] {
        assert_eq!(refusal(world.set("ada", "ada", data.clone()).await), invalid(field), "{data}");
        assert_eq!(refusal(world.put_user("ada", data.clone()).await), invalid(field), "REST: {data}");
    }
    assert_eq!(world.backend_user("ada").await.unwrap(), before);
}

#[tokio::test]
async fn a_backend_asking_for_nobody_is_told_so() {
    let world = World::new().await;
    assert_eq!(refusal(world.backend_user("nobody").await).0, ErrorCode::NotFound);
    assert_eq!(refusal(world.put_user("nobody", json!({})).await).0, ErrorCode::NameRequired);
}
