//! Importing a history, marking messages as read, the settings of an app, and access "None".

use serde_json::{Value, json};

use crate::support::http::Backend;
use crate::support::socket::Client;
use crate::support::{DEMO_SECRET, TestServer};

async fn unread(backend: &Backend, user: &str) -> i64 {
    let list = backend.ok("GET", &format!("/users/{user}/conversations"), None).await;
    list["data"][0]["unreadMessageCount"].as_i64().unwrap()
}

async fn server() -> (TestServer, Backend) {
    let server = TestServer::start().await;
    server.create_talk("demo", DEMO_SECRET).await;
    let backend = server.backend("demo", DEMO_SECRET);
    (server, backend)
}

#[tokio::test]
async fn an_imported_history_has_its_times_and_readers() {
    let (server, backend) = server().await;
    backend.ok("PUT", "/conversations/talk", Some(json!({ "participants": ["eve"] }))).await;
    let message = |sender: &str, at: i64, readers: &[&str]| json!({ "type": "UserMessage", "sender": sender, "text": format!("at *{at}*"), "timestamp": at, "readBy": readers });
    let history = json!([
        message("ada", 1_000, &["bob", "eve"]),
        message("bob", 2_000, &["ada"]),
        message("ada", 2_000, &["bob"]),
    ]);
    let path = "/import/conversations/talk/messages";
    let sent = backend.ok("POST", path, Some(history)).await;
    let list = backend.ok("GET", "/conversations/talk/messages", None).await;
    let seen: Vec<(Value, i64, Value)> = (list["data"].as_array().unwrap().iter())
        .map(|one| (one["id"].clone(), one["createdAt"].as_i64().unwrap(), one["readBy"].clone()))
        .collect();
    let id = |index: usize| sent[index]["id"].clone();
    assert_eq!(
        seen,
        [
            (id(2), 2_000, json!(["bob"])),
            (id(1), 2_000, json!(["ada"])),
            (id(0), 1_000, json!(["bob", "eve"])),
        ]
    );
    assert_eq!((&list["data"][0]["text"], &list["data"][0]["origin"]), (&json!("at 2000"), &json!("import")));
    assert_eq!(
        (unread(&backend, "ada").await, unread(&backend, "bob").await, unread(&backend, "eve").await),
        (0, 0, 2)
    );
    let mut eve = Client::welcomed(server.address, "demo", "eve", None).await;
    let seen = eve.request("conversation.get", json!({ "conversation": "talk" })).await;
    let talk = &seen["entities"]["conversations"][0];
    assert_eq!((&talk["lastMessageAt"], &talk["readUntil"]), (&json!(2_000), &json!(1_999)), "{talk}");
    eve.request("conversation.markAsRead", json!({ "conversation": "talk" })).await;
    assert_eq!(unread(&backend, "eve").await, 0);
    // New messages follow as usual.
    backend
        .ok("POST", "/conversations/talk/messages", Some(json!([{ "type": "SystemMessage", "text": "Now" }])))
        .await;
    assert_eq!((unread(&backend, "ada").await, unread(&backend, "eve").await), (1, 1));
    let late = backend.call("POST", path, Some(json!([message("ada", 3_000, &[])]))).await;
    assert_eq!((late.status.as_u16(), late.json()["error"]["field"].clone()), (400, json!("[0].timestamp")));
}

#[tokio::test]
async fn one_bad_message_imports_nothing() {
    let (_server, backend) = server().await;
    let good =
        json!({ "type": "UserMessage", "sender": "ada", "text": "Hi", "timestamp": 1_000, "readBy": [] });
    let with = |field: &str, value: Value| {
        let mut message = good.clone();
        message[field] = value;
        message
    };
    for (bad, field) in [
        (with("sender", json!("nobody")), "[1].sender"),
        (with("readBy", json!(["nobody"])), "[1].readBy"),
        (with("timestamp", json!(4_000_000_000_000_i64)), "[1].timestamp"),
        (with("timestamp", json!(500)), "[1].timestamp"),
        (with("timestamp", json!(-5)), "[1].timestamp"),
        (with("timestamp", json!("today")), "[1].timestamp"),
        (with("type", json!("SystemMessage")), "[1].type"),
        (with("text", json!("")), "[1].text"),
        (with("attachmentToken", json!("x")), "[1].attachmentToken"),
    ] {
        let path = "/import/conversations/talk/messages";
        let refused = backend.call("POST", path, Some(json!([good, bad]))).await;
        assert_eq!(refused.status, 400, "{field}: {}", refused.text());
        assert_eq!(refused.json()["error"]["field"], field, "{}", refused.text());
    }
    let list = backend.ok("GET", "/conversations/talk/messages", None).await;
    assert_eq!(list, json!({ "data": [] }));
    let many = vec![good; 11];
    assert_eq!(
        backend.call("POST", "/import/conversations/talk/messages", Some(json!(many))).await.status,
        400
    );
}

#[tokio::test]
async fn a_backend_marks_messages_as_read_up_to_one() {
    let (_server, backend) = server().await;
    let mut ids = Vec::new();
    for text in ["1", "2", "3"] {
        // Messages within one millisecond are read together.
        tokio::time::sleep(std::time::Duration::from_millis(3)).await;
        let message = json!([{ "type": "UserMessage", "sender": "ada", "text": text }]);
        let sent = backend.ok("POST", "/conversations/talk/messages", Some(message)).await;
        ids.push(sent[0]["id"].as_str().unwrap().to_owned());
    }
    assert_eq!(unread(&backend, "bob").await, 3);
    let read = async |id: &str, body: Value| {
        backend.call("POST", &format!("/conversations/talk/messages/{id}/readBy"), Some(body)).await
    };
    assert_eq!(read(&ids[1], json!({ "userIds": ["bob"] })).await.status, 200);
    assert_eq!(unread(&backend, "bob").await, 1);
    assert_eq!(read(&ids[0], json!(["bob"])).await.status, 200);
    assert_eq!(unread(&backend, "bob").await, 1, "a reading is never taken back");
    let message = backend.ok("GET", &format!("/conversations/talk/messages/{}", ids[1]), None).await;
    assert_eq!(message["readBy"], json!(["bob"]));
    assert_eq!(read(&ids[2], json!(["bob", "ada"])).await.status, 200);
    assert_eq!(unread(&backend, "bob").await, 0);
    let stranger = read(&ids[2], json!(["eve"])).await;
    assert_eq!(
        (stranger.status.as_u16(), stranger.json()["error"]["field"].clone()),
        (400, json!("userIds[0]"))
    );
    assert_eq!(read(&ids[2], json!([])).await.status, 400);
    assert_eq!(read("msg_unknown", json!(["bob"])).await.status, 404);
}

#[tokio::test]
async fn the_custom_data_of_an_app_is_read_and_changed() {
    let (_server, backend) = server().await;
    assert_eq!(
        backend.ok("GET", "", None).await,
        json!({ "id": "demo", "custom": {}, "defaultLocale": "en" })
    );
    backend
        .ok(
            "PUT",
            "/",
            Some(json!({ "id": "demo", "custom": { "a": "1", "b": "2" }, "defaultLocale": "en" })),
        )
        .await;
    backend.ok("PUT", "", Some(json!({ "custom": { "a": null } }))).await;
    assert_eq!(backend.ok("GET", "/", None).await["custom"], json!({ "b": "2" }));
    for (body, field) in [
        (json!({ "id": "shop" }), "id"),
        (json!({ "defaultLocale": "nl" }), "defaultLocale"),
        (json!({ "custom": { "a": 5 } }), "custom.a"),
        (json!({ "name": "x" }), "name"),
    ] {
        let refused = backend.call("PUT", "", Some(body.clone())).await;
        assert_eq!(
            (refused.status.as_u16(), refused.json()["error"]["field"].clone()),
            (400, json!(field)),
            "{body}"
        );
    }
    let shop = _server.backend("shop", crate::support::NEW_SECRET);
    assert_eq!(shop.ok("GET", "", None).await["custom"], json!({}), "apps do not share it");
}

#[tokio::test]
async fn access_none_takes_the_conversation_from_a_participant_and_access_gives_it_back() {
    let (server, backend) = server().await;
    for method in ["PATCH", "PUT"] {
        backend.ok(method, "/conversations/talk/participants/bob", Some(json!({ "access": "None" }))).await;
        let talk = backend.ok("GET", "/conversations/talk", None).await;
        assert!(talk["participants"]["bob"].is_null(), "{method}: {talk}");
        let mut bob = Client::welcomed(server.address, "demo", "bob", None).await;
        let seen = bob.request("conversation.get", json!({ "conversation": "talk" })).await;
        assert!(seen["value"].is_null(), "{method}: {seen}");
        backend.ok("PATCH", "/conversations/talk/participants/bob", Some(json!({ "access": "Read" }))).await;
        let talk = backend.ok("GET", "/conversations/talk", None).await;
        assert_eq!(talk["participants"]["bob"]["access"], "Read", "{method}");
    }
    let path = "/conversations/talk/participants/eve";
    assert_eq!(backend.call("PATCH", path, Some(json!({ "notify": false }))).await.status, 404);
    backend.ok("PATCH", path, Some(json!({ "access": "None" }))).await;
    let refused = backend.call("PUT", path, Some(json!({ "access": "All" }))).await;
    assert_eq!((refused.status.as_u16(), refused.json()["error"]["field"].clone()), (400, json!("access")));
}
