//! The forms in which clients of the original send their calls, and the fields that they read.

use serde_json::{Value, json};

use crate::support::http::{HttpResponse, call};
use crate::support::{DEMO_SECRET, TestServer};

async fn send(server: &TestServer, method: &str, path: &str, body: &str) -> HttpResponse {
    let bearer = format!("Bearer {DEMO_SECRET}");
    let path = format!("/v1/demo{path}");
    call(server.address, method, &path, &[("authorization", bearer.as_str())], body.to_owned()).await
}

async fn ok(server: &TestServer, method: &str, path: &str, body: &str) -> Value {
    let response = send(server, method, path, body).await;
    assert_eq!(response.status, 200, "{method} {path} {body}: {}", response.text());
    response.json()
}

#[tokio::test]
async fn put_and_patch_without_a_body_mean_defaults() {
    let server = TestServer::start().await;
    server.create_talk("demo", DEMO_SECRET).await;
    ok(&server, "PUT", "/conversations/empty", "").await;
    for method in ["PATCH", "PUT"] {
        ok(&server, method, "/conversations/talk/participants/bob", "").await;
        let talk = ok(&server, "GET", "/conversations/talk", "").await;
        let access = if method == "PATCH" { "Read" } else { "ReadWrite" };
        assert_eq!(talk["participants"]["bob"]["access"], access, "{method}");
    }
    let refused = send(&server, "POST", "/conversations/talk/messages", "").await;
    assert_eq!((refused.status.as_u16(), refused.code().as_str()), (400, "invalid_argument"));
}

#[tokio::test]
async fn a_slash_at_the_end_names_the_same_resource() {
    let server = TestServer::start().await;
    server.create_talk("demo", DEMO_SECRET).await;
    for path in
        ["/users/ada", "/users", "/conversations/talk", "/conversations", "/conversations/talk/messages"]
    {
        let with_slash = ok(&server, "GET", &format!("{path}/"), "").await;
        assert_eq!(with_slash, ok(&server, "GET", path, "").await, "{path}");
    }
    ok(&server, "PUT", "/users/slash/", r#"{"name":"Slash"}"#).await;
    assert_eq!(ok(&server, "GET", "/users/slash", "").await["name"], "Slash");
}

#[tokio::test]
async fn empty_texts_and_empty_arrays_mean_not_set() {
    let server = TestServer::start().await;
    let full = r#"{"name":"Ada","photoUrl":"/ada.png","role":"admin","welcomeMessage":"Hi","locale":"nl",
        "email":["a@example.com"],"phone":"112","custom":{"a":"1"}}"#;
    ok(&server, "PUT", "/users/ada", full).await;
    let ada = ok(&server, "GET", "/users/ada", "").await;
    assert_eq!(ada["photoUrl"], json!("/ada.png"));
    assert!(ada["availabilityText"].is_null() && ada.get("availabilityText").is_some());
    let empty = r#"{"photoUrl":"","role":"","welcomeMessage":"","locale":"","email":"","phone":[""],"custom":[],
        "pushTokens":[]}"#;
    ok(&server, "PUT", "/users/ada", empty).await;
    let ada = ok(&server, "GET", "/users/ada", "").await;
    assert_eq!(ada["custom"], json!({ "a": "1" }), "an empty patch changes nothing");
    for (field, value) in [
        ("photoUrl", Value::Null),
        ("welcomeMessage", Value::Null),
        ("role", json!("default")),
        ("locale", json!("en")),
        ("email", json!([])),
        ("phone", json!([])),
    ] {
        assert_eq!(ada[field], value, "{field}");
    }
    let empty = r#"{"subject":"","photoUrl":"","welcomeMessages":null,"custom":[]}"#;
    ok(&server, "PUT", "/conversations/c", empty).await;
    let talk = ok(&server, "GET", "/conversations/c", "").await;
    for field in ["subject", "photoUrl", "topicId"] {
        assert_eq!(talk.get(field), Some(&Value::Null), "{field}");
    }
    assert_eq!((&talk["welcomeMessages"], &talk["custom"]), (&json!([]), &json!({})));
    let message = r#"[{"type":"UserMessage","sender":"ada","text":"Hi","custom":[]}]"#;
    ok(&server, "POST", "/conversations/c/messages", message).await;
}

#[tokio::test]
async fn an_array_in_the_place_of_an_object_is_refused() {
    let server = TestServer::start().await;
    server.create_talk("demo", DEMO_SECRET).await;
    let by_position = r#"["Defaced",null,null,null,null,null,null,null,null]"#;
    for (method, path, body, field) in [
        ("PUT", "/users/ada", by_position.to_owned(), None),
        ("PUT", "/users", format!(r#"{{"ada":{by_position}}}"#), Some("ada")),
        ("PUT", "/conversations/talk", r#"["Defaced"]"#.to_owned(), None),
        ("PATCH", "/conversations/talk/participants/ada", r#"["Read"]"#.to_owned(), None),
        ("POST", "/conversations/talk/messages", r#"[["SystemMessage",null,"Hi"]]"#.to_owned(), Some("[0]")),
        ("POST", "/presences", r#"[["ada"]]"#.to_owned(), None),
        ("POST", "/conversations/talk/messages", "{}".to_owned(), None),
        ("PUT", "/users/ada", r#"{"custom":["a"]}"#.to_owned(), Some("custom")),
    ] {
        let refused = send(&server, method, path, &body).await;
        assert_eq!(refused.status, 400, "{method} {path} {body}: {}", refused.text());
        assert_eq!(refused.json()["error"]["field"].as_str(), field, "{body}: {}", refused.text());
    }
    assert_eq!(ok(&server, "GET", "/users/ada", "").await["name"], "ada");
}

#[tokio::test]
async fn a_message_names_its_readers_its_place_and_its_file() {
    let server = TestServer::start().await;
    server.create_talk("demo", DEMO_SECRET).await;
    ok(&server, "PUT", "/conversations/talk", r#"{"participants":["eve"]}"#).await;
    let place = r#"[{"type":"UserMessage","sender":"ada","text":"One"},{"type":"UserMessage","sender":"ada",
        "content":[{"type":"location","latitude":52.37,"longitude":4.89}]}]"#;
    ok(&server, "POST", "/conversations/talk/messages", place).await;
    let messages = ok(&server, "GET", "/conversations/talk/messages", "").await;
    let (place, text) = (&messages["data"][0], &messages["data"][1]);
    assert_eq!((&place["location"], place.get("attachment")), (&json!([52.37, 4.89]), Some(&Value::Null)));
    assert_eq!((text.get("location"), &text["readBy"]), (Some(&Value::Null), &json!([])));
    let talk = ok(&server, "GET", "/conversations/talk", "").await;
    assert_eq!(talk["participants"]["eve"]["isUnread"], true);
    assert_eq!(talk["participants"]["ada"]["isUnread"], false);
    let mut eve = crate::support::socket::Client::welcomed(server.address, "demo", "eve", None).await;
    eve.request("conversation.markAsRead", json!({ "conversation": "talk" })).await;
    let talk = ok(&server, "GET", "/conversations/talk", "").await;
    assert_eq!(talk["lastMessage"]["readBy"], json!(["eve"]), "the sender is not among the readers");
    assert_eq!(talk["participants"]["eve"]["isUnread"], false);
}

#[tokio::test]
async fn the_readers_of_a_large_conversation_are_not_listed() {
    let server = TestServer::start().await;
    let ids: Vec<String> = (0..301).map(|index| format!("u{index:03}")).collect();
    for some in ids.chunks(100) {
        let users: serde_json::Map<_, _> =
            some.iter().map(|id| (id.clone(), json!({ "name": id }))).collect();
        ok(&server, "PUT", "/users", &Value::from(users).to_string()).await;
    }
    let readers = async |count: usize| {
        let path = format!("/conversations/c{count}");
        let participants = json!({ "participants": &ids[..count] });
        ok(&server, "PUT", &path, &participants.to_string()).await;
        let hello = r#"[{"type":"SystemMessage","text":"Hello"}]"#;
        ok(&server, "POST", &format!("{path}/messages"), hello).await;
        let first = format!("{path}/participants/{}", ids[0]);
        // A user who joins has read the older messages.
        ok(&server, "DELETE", &first, "").await;
        ok(&server, "PUT", &first, "").await;
        ok(&server, "GET", &path, "").await["lastMessage"]["readBy"].clone()
    };
    assert_eq!(readers(300).await, json!([ids[0]]));
    assert_eq!(readers(301).await, json!([]));
}
