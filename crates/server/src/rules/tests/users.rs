//! Users: how each field is kept, reset and replaced, who may write, and which fields clients receive.

use causerie_protocol::error::ErrorCode;
use serde_json::{Value, json};

use super::{START, ServiceFixture, invalid, refusal};

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

/// Returns a user's JSON with one field replaced.
fn with_field(mut user: Value, field: &str, value: Value) -> Value {
    user[field] = value;
    user
}

#[tokio::test]
async fn a_missing_user_has_no_value_and_no_error() {
    let fixture = ServiceFixture::new().await;
    assert_eq!(fixture.user("nobody").await, Value::Null);
}

#[tokio::test]
async fn a_client_receives_public_fields_and_a_backend_also_private_ones() {
    let fixture = ServiceFixture::new().await;
    fixture.set("ada", "ada", full()).await.unwrap();
    assert_eq!(fixture.user("ada").await, full_as_a_client_sees_it());
    let mut expected = full_as_a_client_sees_it();
    expected["email"] = json!(["ada@example.com"]);
    expected["phone"] = json!(["+31 20 123 4567"]);
    expected["pushTokens"] = json!({ "fcm:one": true, "apns:two": true });
    expected["createdAt"] = json!(START);
    expected["availabilityText"] = json!(null);
    assert_eq!(fixture.backend_user("ada").await.unwrap(), expected);
}

#[tokio::test]
async fn fields_that_were_never_set_have_defaults() {
    let fixture = ServiceFixture::new().await;
    fixture.create("ada", "ada", json!({ "name": "Ada" })).await.unwrap();
    let expected = json!({
        "id": "ada", "name": "Ada", "custom": {}, "locale": "en-US", "photoUrl": null, "role": "default",
        "welcomeMessage": null,
    });
    assert_eq!(fixture.user("ada").await, expected);
    // The default is that of the app when the user is read, not when it was created.
    let later = fixture.with(|app| app.default_locale = "fr".to_owned());
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
        let fixture = ServiceFixture::new().await;
        fixture.set("ada", "ada", full()).await.unwrap();
        let before = fixture.backend_user("ada").await.unwrap();
        fixture.set("ada", "ada", json!({})).await.unwrap();
        assert_eq!(fixture.backend_user("ada").await.unwrap(), before, "absent keeps {field}");
        fixture.set("ada", "ada", json!({ field: given })).await.unwrap();
        assert_eq!(
            fixture.backend_user("ada").await.unwrap(),
            with_field(before.clone(), field, after),
            "a value sets {field}"
        );
        fixture.set("ada", "ada", json!({ field: null })).await.unwrap();
        assert_eq!(
            fixture.backend_user("ada").await.unwrap(),
            with_field(before, field, reset),
            "null resets {field}"
        );
    }
}

#[tokio::test]
async fn custom_and_push_tokens_are_patched_key_by_key() {
    let fixture = ServiceFixture::new().await;
    fixture.set("ada", "ada", full()).await.unwrap();
    let patch = json!({
        "custom": { "a": null, "c": "3", "absent": null },
        "pushTokens": { "fcm:one": null, "fcm:new": true, "apns:absent": null },
    });
    fixture.set("ada", "ada", patch).await.unwrap();
    let user = fixture.backend_user("ada").await.unwrap();
    assert_eq!(user["custom"], json!({ "b": "2", "c": "3" }));
    assert_eq!(user["pushTokens"], json!({ "apns:two": true, "fcm:new": true }));
}

#[tokio::test]
async fn a_name_is_required_only_to_create_and_cannot_be_null() {
    let fixture = ServiceFixture::new().await;
    let (code, field) = refusal(fixture.set("ada", "ada", json!({ "locale": "nl" })).await);
    assert_eq!((code, field.as_str()), (ErrorCode::NameRequired, "name"));
    let (code, _) = refusal(fixture.create("ada", "ada", json!({ "locale": "nl" })).await);
    assert_eq!(code, ErrorCode::NameRequired);
    assert_eq!(fixture.user("ada").await, Value::Null, "nothing of a refused set is stored");
    fixture.set("ada", "ada", json!({ "name": "Ada" })).await.unwrap();
    fixture.set("ada", "ada", json!({ "locale": "nl" })).await.unwrap();
    assert_eq!(refusal(fixture.set("ada", "ada", json!({ "name": null })).await), invalid("name"));
    assert_eq!(fixture.user("ada").await["name"], json!("Ada"));
}

#[tokio::test]
async fn creating_an_existing_user_succeeds_and_changes_nothing() {
    let fixture = ServiceFixture::new().await;
    fixture.create("ada", "ada", full()).await.unwrap();
    let before = fixture.backend_user("ada").await.unwrap();
    fixture.clock.advance(1_000);
    fixture.create("bob", "ada", json!({ "name": "Not Ada", "custom": { "x": "y" } })).await.unwrap();
    assert_eq!(fixture.backend_user("ada").await.unwrap(), before);
    fixture.set("ada", "ada", json!({ "name": "Countess" })).await.unwrap();
    assert_eq!(
        fixture.backend_user("ada").await.unwrap()["createdAt"],
        json!(START),
        "set keeps the creation time"
    );
}

#[tokio::test]
async fn without_user_sync_clients_read_and_backends_write() {
    let fixture = ServiceFixture::with_app(crate::apps::App { user_sync: false, ..super::app() }).await;
    assert_eq!(
        refusal(fixture.set("ada", "ada", json!({ "name": "A" })).await).0,
        ErrorCode::UserSyncDisabled
    );
    assert_eq!(
        refusal(fixture.create("ada", "ada", json!({ "name": "A" })).await).0,
        ErrorCode::UserSyncDisabled
    );
    assert_eq!(fixture.user("ada").await, Value::Null);
    fixture.put_user("ada", json!({ "name": "Ada" })).await.unwrap();
    fixture.create("ada", "ada", json!({ "name": "B" })).await.unwrap();
    assert_eq!(
        refusal(fixture.set("ada", "ada", json!({ "name": "B" })).await).0,
        ErrorCode::UserSyncDisabled
    );
    assert_eq!(fixture.user("ada").await["name"], json!("Ada"));
}

#[tokio::test]
async fn with_authentication_a_client_writes_its_own_user_only() {
    let fixture = ServiceFixture::with_app(crate::apps::App { authentication: true, ..super::app() }).await;
    fixture.put_user("bob", json!({ "name": "Bob" })).await.unwrap();
    fixture.set("ada", "ada", json!({ "name": "Ada" })).await.unwrap();
    assert_eq!(refusal(fixture.set("ada", "bob", json!({ "name": "Evil" })).await).0, ErrorCode::Forbidden);
    assert_eq!(refusal(fixture.set("ada", "carol", json!({ "name": "Evil" })).await).0, ErrorCode::Forbidden);
    assert_eq!(
        refusal(fixture.create("ada", "carol", json!({ "name": "Evil" })).await).0,
        ErrorCode::Forbidden
    );
    fixture.create("ada", "bob", json!({ "name": "Evil" })).await.unwrap();
    assert_eq!(fixture.user("bob").await["name"], json!("Bob"));
    assert_eq!(fixture.user("carol").await, Value::Null);
    // Without authentication, a client may set every user, as documented.
    let open = fixture.with(|app| app.authentication = false);
    open.set("ada", "bob", json!({ "name": "Robert" })).await.unwrap();
    assert_eq!(fixture.user("bob").await["name"], json!("Robert"));
}

#[tokio::test]
async fn custom_data_and_push_tokens_are_limited_after_all_patches() {
    let fixture = ServiceFixture::new().await;
    fixture.set("ada", "ada", json!({ "name": "Ada" })).await.unwrap();
    let keys = |range: std::ops::Range<u32>| -> Value {
        range.map(|i| (format!("k{i:03}"), json!("v"))).collect::<serde_json::Map<_, _>>().into()
    };
    fixture.set("ada", "ada", json!({ "custom": keys(0..40) })).await.unwrap();
    assert_eq!(
        refusal(fixture.set("ada", "ada", json!({ "custom": keys(40..80) })).await),
        invalid("custom")
    );
    fixture.set("ada", "ada", json!({ "custom": keys(20..60) })).await.unwrap();
    assert_eq!(fixture.user("ada").await["custom"].as_object().unwrap().len(), 60);
    let half = "x".repeat(9_000);
    fixture.set("ada", "ada", json!({ "custom": { "big1": half } })).await.unwrap();
    assert_eq!(
        refusal(fixture.set("ada", "ada", json!({ "custom": { "big2": half } })).await),
        invalid("custom")
    );
    let tokens = |range: std::ops::Range<u32>| -> Value {
        range.map(|i| (format!("fcm:{i}"), json!(true))).collect::<serde_json::Map<_, _>>().into()
    };
    fixture.set("ada", "ada", json!({ "pushTokens": tokens(0..30) })).await.unwrap();
    assert_eq!(
        refusal(fixture.set("ada", "ada", json!({ "pushTokens": tokens(30..60) })).await),
        invalid("pushTokens")
    );
    assert_eq!(fixture.backend_user("ada").await.unwrap()["pushTokens"].as_object().unwrap().len(), 30);
}

#[tokio::test]
async fn values_over_the_limits_are_refused_with_the_field() {
    let fixture = ServiceFixture::new().await;
    fixture.set("ada", "ada", full()).await.unwrap();
    let before = fixture.backend_user("ada").await.unwrap();
    for (data, field) in [
        (json!({ "name": "" }), "name"),
        (json!({ "name": 5 }), "name"),
        (json!({ "name": "x".repeat(257) }), "name"),
        (json!({ "custom": { "a": 5 } }), "custom.a"),
        (json!({ "custom": "no" }), "custom"),
        (json!({ "email": ["nobody"] }), "email[0]"),
        (json!({ "phone": ["1", "112"] }), "phone[0]"),
        (json!({ "locale": "no locale" }), "locale"),
        (json!({ "photoUrl": "x".repeat(4_097) }), "photoUrl"),
        (json!({ "role": " " }), "role"),
        (json!({ "welcomeMessage": " " }), "welcomeMessage"),
        (json!({ "pushTokens": { "gcm:1": true } }), "pushTokens.gcm:1"),
        (json!({ "pushTokens": { "fcm:1": false } }), "pushTokens.fcm:1"),
    ] {
        assert_eq!(refusal(fixture.set("ada", "ada", data.clone()).await), invalid(field), "{data}");
        assert_eq!(refusal(fixture.put_user("ada", data.clone()).await), invalid(field), "REST: {data}");
    }
    assert_eq!(fixture.backend_user("ada").await.unwrap(), before);
}

#[tokio::test]
async fn a_missing_user_is_not_found_for_a_backend() {
    let fixture = ServiceFixture::new().await;
    assert_eq!(refusal(fixture.backend_user("nobody").await).0, ErrorCode::NotFound);
    assert_eq!(refusal(fixture.put_user("nobody", json!({})).await).0, ErrorCode::NameRequired);
}
