//! The REST API as a backend uses it, and its effects on clients.

use serde_json::{Value, json};

use crate::support::socket::Client;
use crate::support::{DEMO_SECRET, TestServer, take_revision};

/// The body of the conversation "talk" for this user.
async fn conversation_of(server: &TestServer, user: &str) -> Value {
    let mut client = Client::welcomed(server.address, "demo", user, None).await;
    let outcome = client.request("conversation.get", json!({ "conversation": "talk" })).await;
    let mut body = outcome["entities"]["conversations"][0].clone();
    if !body.is_null() {
        take_revision(&mut body);
    }
    body
}

/// Asserts that exactly these properties differ from `before`, and returns the new body.
async fn changed(server: &TestServer, before: &Value, names: &[&str]) -> Value {
    let after = conversation_of(server, "ada").await;
    let differing: Vec<&str> = before
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .filter(|&name| before[name] != after[name])
        .collect();
    assert_eq!(differing, names, "\nbefore {before}\nafter  {after}");
    after
}

#[tokio::test]
async fn each_property_of_a_conversation_changes_only_with_its_cause() {
    let server = TestServer::start().await;
    let backend = server.backend("demo", DEMO_SECRET);
    for user in ["ada", "bob"] {
        server.put_user("demo", DEMO_SECRET, user, json!({ "name": user })).await;
    }
    backend.ok("PUT", "/conversations/talk", Some(json!({ "participants": ["ada", "bob"] }))).await;
    let new = conversation_of(&server, "ada").await;
    let created = new["createdAt"].as_i64().unwrap();
    assert_eq!(
        new,
        json!({
            "id": "talk", "subject": null, "photoUrl": null, "welcomeMessages": [], "custom": {},
            "createdAt": created, "joinedAt": created, "lastMessage": null, "lastMessageAt": created,
            "unreadMessageCount": 0,
            "readUntil": created, "everyoneReadUntil": created, "isUnread": false,
            "access": "ReadWrite", "notify": true,
        }),
    );
    let put = async |data: Value| backend.ok("PUT", "/conversations/talk", Some(data)).await;
    put(json!({ "subject": "Talk" })).await;
    let now = changed(&server, &new, &["subject"]).await;
    put(json!({ "photoUrl": "https://example.com/talk.png" })).await;
    let now = changed(&server, &now, &["photoUrl"]).await;
    put(json!({ "welcomeMessages": ["Welcome", "Be kind"] })).await;
    let now = changed(&server, &now, &["welcomeMessages"]).await;
    put(json!({ "custom": { "order": "391" } })).await;
    let now = changed(&server, &now, &["custom"]).await;
    let patch =
        async |data: Value| backend.ok("PATCH", "/conversations/talk/participants/ada", Some(data)).await;
    patch(json!({ "notify": "MentionsOnly" })).await;
    let now = changed(&server, &now, &["notify"]).await;
    assert_eq!(now["notify"], "MentionsOnly");
    patch(json!({ "access": "Read" })).await;
    let now = changed(&server, &now, &["access"]).await;
    let send = async |sender: &str, text: &str| {
        // Messages within one millisecond would have the same time.
        tokio::time::sleep(std::time::Duration::from_millis(3)).await;
        let posted = json!([{ "type": "UserMessage", "sender": sender, "text": text }]);
        backend.ok("POST", "/conversations/talk/messages", Some(posted)).await
    };
    send("bob", "Hello").await;
    let now =
        changed(&server, &now, &["isUnread", "lastMessage", "lastMessageAt", "unreadMessageCount"]).await;
    assert_eq!((now["unreadMessageCount"].as_i64(), now["isUnread"].as_bool()), (Some(1), Some(true)));
    send("bob", "Anybody?").await;
    let now = changed(&server, &now, &["lastMessage", "lastMessageAt", "unreadMessageCount"]).await;
    assert_eq!(now["unreadMessageCount"], 2);
    // Sending a message marks the older ones as read.
    patch(json!({ "access": "ReadWrite" })).await;
    let now = changed(&server, &now, &["access"]).await;
    send("ada", "Here").await;
    let expected =
        ["everyoneReadUntil", "isUnread", "lastMessage", "lastMessageAt", "readUntil", "unreadMessageCount"];
    let now = changed(&server, &now, &expected).await;
    assert_eq!((now["unreadMessageCount"].as_i64(), now["isUnread"].as_bool()), (Some(0), Some(false)));
    assert_eq!(now["readUntil"], now["lastMessageAt"]);
    assert!(now["everyoneReadUntil"].as_i64() < now["readUntil"].as_i64(), "bob has not read it: {now}");
    // A participant who leaves and comes back has a new `joinedAt`.
    backend.ok("DELETE", "/conversations/talk/participants/ada", None).await;
    assert!(conversation_of(&server, "ada").await.is_null());
    tokio::time::sleep(std::time::Duration::from_millis(3)).await;
    backend.ok("PUT", "/conversations/talk/participants/ada", Some(json!({ "notify": false }))).await;
    let back = conversation_of(&server, "ada").await;
    assert!(back["joinedAt"].as_i64() > now["joinedAt"].as_i64(), "{back}");
    assert_eq!((back["notify"].as_bool(), back["unreadMessageCount"].as_i64()), (Some(false), Some(0)));
    assert_eq!(back["createdAt"], created);
}

#[tokio::test]
async fn a_backend_reads_back_its_writes() {
    let server = TestServer::start().await;
    server.create_talk("demo", DEMO_SECRET).await;
    let backend = server.backend("demo", DEMO_SECRET);
    backend
        .ok(
            "PUT",
            "/users/ada",
            Some(json!({ "email": "ada@example.com", "custom": { "a": "1", "b": "2" } })),
        )
        .await;
    backend.ok("PUT", "/users/ada", Some(json!({ "custom": { "a": null } }))).await;
    let ada = backend.ok("GET", "/users/ada", None).await;
    assert_eq!(ada["email"], json!(["ada@example.com"]));
    assert_eq!(ada["custom"], json!({ "b": "2" }), "PUT merges");
    assert!(ada["createdAt"].as_i64().unwrap() > 0);
    let posted = json!([
        { "type": "UserMessage", "sender": "ada", "text": "One" },
        { "type": "SystemMessage", "text": "Two" },
    ]);
    let ids = backend.ok("POST", "/conversations/talk/messages", Some(posted)).await;
    let (one, two) = (ids[0]["id"].as_str().unwrap(), ids[1]["id"].as_str().unwrap());
    let talk = backend.ok("GET", "/conversations/talk", None).await;
    assert_eq!(talk["participants"]["bob"], json!({ "access": "Read", "notify": true, "isUnread": true }));
    assert_eq!(talk["lastMessage"]["id"], two);
    let listed = async |query: &str| {
        let page = backend.ok("GET", &format!("/conversations/talk/messages{query}"), None).await;
        let messages = page["data"].as_array().unwrap().iter();
        messages.map(|message| message["id"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(listed("").await, [two, one], "newest first");
    assert_eq!(listed("?limit=1").await, [two]);
    assert_eq!(listed(&format!("?limit=1&startingAfter={two}")).await, [one]);
}

#[tokio::test]
async fn ids_in_paths_are_percent_decoded() {
    let server = TestServer::start().await;
    let backend = server.backend("demo", DEMO_SECRET);
    backend.ok("PUT", "/users/a%2Fb%20%C3%A9%3F", Some(json!({ "name": "Odd" }))).await;
    assert_eq!(backend.ok("GET", "/users/a%2Fb%20%C3%A9%3F", None).await["id"], "a/b é?");
    let mut client = Client::welcomed(server.address, "demo", "a/b é?", None).await;
    let outcome = client.request("user.get", json!({ "user": "a/b é?" })).await;
    assert_eq!(outcome["value"], "a/b é?");
}

#[tokio::test]
async fn errors_of_rest_calls_name_the_field() {
    let server = TestServer::start().await;
    server.create_talk("demo", DEMO_SECRET).await;
    let backend = server.backend("demo", DEMO_SECRET);
    let hello = json!({ "type": "SystemMessage", "text": "Hello" });
    let cases = [
        ("PUT", "/users/new", json!({}), 400, "name_required", Some("name")),
        ("PUT", "/users/ada", json!({ "name": 5 }), 400, "invalid_argument", Some("name")),
        ("PUT", "/users/%FF", json!({ "name": "Ada" }), 400, "invalid_argument", None),
        ("PUT", "/users/%00", json!({ "name": "Ada" }), 400, "invalid_argument", Some("user id")),
        ("PUT", "/conversations/talk", json!({ "subject": " " }), 400, "invalid_argument", Some("subject")),
        (
            "PUT",
            "/conversations/talk/participants/ada",
            json!({ "access": "Write" }),
            400,
            "invalid_argument",
            Some("access"),
        ),
        ("PATCH", "/conversations/nowhere/participants/ada", json!({}), 404, "not_found", None),
        ("PATCH", "/conversations/talk/participants/eve", json!({}), 404, "not_found", None),
        ("POST", "/conversations/nowhere/messages", json!([hello]), 404, "not_found", None),
        (
            "POST",
            "/conversations/talk/messages",
            json!([{ "type": "UserMessage", "text": "Hi" }]),
            400,
            "invalid_argument",
            Some("[0].sender"),
        ),
        ("POST", "/conversations/talk/messages", json!({}), 400, "invalid_argument", None),
    ];
    for (method, path, body, status, code, field) in cases {
        let response = backend.call(method, path, Some(body.clone())).await;
        assert_eq!(
            (response.status.as_u16(), response.code().as_str()),
            (status, code),
            "{method} {path} {body}: {}",
            response.text()
        );
        assert_eq!(
            response.json()["error"]["field"].as_str(),
            field,
            "{method} {path} {body}: {}",
            response.text()
        );
    }
    for (path, status) in [
        ("/users/nobody", 404),
        ("/conversations/nowhere", 404),
        ("/conversations/talk/messages?limit=0", 400),
        ("/conversations/talk/messages?limit=x", 400),
    ] {
        assert_eq!(backend.call("GET", path, None).await.status.as_u16(), status, "{path}");
    }
    let bearer = format!("Bearer {DEMO_SECRET}");
    let headers = [("authorization", bearer.as_str())];
    for (body, status, code) in [("{", 400, "invalid_frame"), (&"x".repeat(70_000), 413, "too_large")] {
        let response = crate::support::http::call(
            server.address,
            "PUT",
            "/v1/demo/users/ada",
            &headers,
            body.to_owned(),
        )
        .await;
        assert_eq!((response.status.as_u16(), response.code().as_str()), (status, code), "{:.20}", body);
    }
}

#[tokio::test]
async fn rest_calls_are_limited_by_app() {
    let mut config = crate::support::config();
    config.limits.rest = causerie_server::config::Rate { per_second: 1, burst: 1 };
    let server = TestServer::with(config).await;
    let backend = server.backend("demo", DEMO_SECRET);
    assert_eq!(backend.call("GET", "/users/ada", None).await.status, 404);
    let over = backend.call("GET", "/users/ada", None).await;
    assert_eq!((over.status.as_u16(), over.header("retry-after")), (429, Some("1")));
    // Calls without the secret do not count against the app's rate.
    let unauthorized = server.backend("lan", "nothing");
    for _ in 0..3 {
        assert_eq!(unauthorized.call("GET", "/users/ada", None).await.status, 401);
    }
    assert_eq!(
        server.backend("lan", crate::support::NEW_SECRET).call("GET", "/users/ada", None).await.status,
        404
    );
}
