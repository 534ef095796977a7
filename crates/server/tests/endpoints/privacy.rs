//! Private data: backends can read e-mail addresses, phone numbers and push tokens. No byte that a client
//! receives contains them.

use serde_json::json;

use crate::support::socket::Client;
use crate::support::{DEMO_SECRET, TestServer, http};

/// Values that occur nowhere else. Each is set in a different way.
const EMAIL: &str = "canary-mail@private.example.com";
const PHONE: &str = "+31 20 555 0199";
const PUSH: &str = "fcm:canary-device-token";
const MORE_EMAIL: &str = "canary-other@private.example.com";
const MORE_PUSH: &str = "apns:canary-other-token";
const CANARIES: [&str; 7] = [EMAIL, "555 0199", PUSH, MORE_EMAIL, MORE_PUSH, "canary", "private.example.com"];

#[tokio::test]
async fn no_frame_to_a_client_contains_private_data() {
    let server = TestServer::start().await;
    let private = json!({ "name": "Ada", "email": [EMAIL], "phone": PHONE, "pushTokens": { PUSH: true } });
    server.put_user("demo", DEMO_SECRET, "ada", private).await;
    server.put_user("demo", DEMO_SECRET, "bob", json!({ "name": "Bob" })).await;
    let backend = server.backend("demo", DEMO_SECRET);
    backend.ok("PUT", "/conversations/talk", Some(json!({ "participants": ["ada", "bob"] }))).await;
    let message = json!([{ "type": "UserMessage", "sender": "ada", "text": "Hello" }]);
    backend.ok("POST", "/conversations/talk/messages", Some(message)).await;

    let changes = json!({ "email": MORE_EMAIL, "pushTokens": { MORE_PUSH: true } });
    let requests = [
        ("user.get", json!({ "user": "ada" })),
        ("user.set", json!({ "user": "ada", "data": changes })),
        ("user.createIfNotExists", json!({ "user": "ada", "data": { "name": "Ada", "email": EMAIL } })),
        ("user.get", json!({ "user": "ada" })),
        ("conversation.get", json!({ "conversation": "talk" })),
        // Errors may quote the wrong value, but not these.
        ("user.set", json!({ "user": "ada", "data": { "email": ["canary no mail"] } })),
        ("user.set", json!({ "user": "ada", "data": { "phone": ["canary"] } })),
    ];
    let mut texts = Vec::new();
    for user in ["ada", "bob"] {
        let mut client = Client::welcomed(server.address, "demo", user, None).await;
        for (op, params) in &requests {
            client.request(op, params.clone()).await;
        }
        texts.append(&mut client.texts);
        let batch: Vec<_> = requests
            .iter()
            .enumerate()
            .map(|(id, (op, params))| json!({ "id": id, "op": op, "params": params }))
            .collect();
        let body = json!({ "v": 1, "user": user, "client": "c", "requests": batch });
        let response = http::call(server.address, "POST", "/v1/demo/realtime", &[], body.to_string()).await;
        texts.push(response.text());
    }
    assert!(texts.iter().any(|text| text.contains("\"Ada\"")), "no client has read the user");
    for text in &texts {
        for canary in CANARIES {
            assert!(!text.contains(canary), "{canary} is in {text}");
        }
    }

    let body = backend.ok("GET", "/users/ada", None).await.to_string();
    for stored in [MORE_EMAIL, "555 0199", PUSH, MORE_PUSH] {
        assert!(body.contains(stored), "{stored} is not in {body}");
    }
}
