//! The topics `typing` and `online`, on a clock that the tests set.

use std::sync::Arc;

use causerie_server::clock::SettableClock;
use serde_json::{Value, json};

use super::{Subscriber, body, create_talk, ids, rest, server};
use crate::support::{TestServer, config, now};

fn typing() -> Value {
    json!({ "kind": "typing", "id": "talk" })
}

fn talk() -> Value {
    json!({ "conversation": "talk" })
}

/// A server with a clock that the test sets.
async fn server_with_clock() -> (TestServer, Arc<SettableClock>) {
    let clock = Arc::new(SettableClock::at(now()));
    let server = TestServer::at(config(), clock.clone()).await;
    create_talk(&server).await;
    (server, clock)
}

#[tokio::test]
async fn typing_is_sent_to_other_participants_and_expires_after_ten_seconds() {
    let (server, clock) = server_with_clock().await;
    let (mut ada, mut bob) = (Subscriber::new(&server, "ada").await, Subscriber::new(&server, "bob").await);
    let (id, reset) = ada.subscribe(typing()).await;
    assert_eq!(reset, json!({ "t": "reset", "id": id, "value": { "users": [] } }));
    bob.subscribe(typing()).await;
    bob.ok("conversation.markAsTyping", talk()).await;
    let began = ada.next().await;
    assert_eq!((began["t"].as_str(), &began["value"]), (Some("reset"), &json!({ "users": ["bob"] })));
    assert_eq!(body(&began, "users", "bob")["name"], "bob");
    clock.advance(2_000);
    bob.ok("conversation.markAsTyping", talk()).await;
    ada.expect_nothing().await;
    clock.advance(2_000);
    bob.ok("conversation.markAsTyping", talk()).await;
    assert_eq!(
        ada.next().await["value"],
        json!({ "users": ["bob"] }),
        "typing is sent again from time to time"
    );
    clock.advance(9_999);
    ada.expect_nothing().await;
    clock.advance(1);
    assert_eq!(ada.next().await["value"], json!({ "users": [] }));
    // A user does not receive their own typing.
    bob.expect_nothing().await;
}

#[tokio::test]
async fn typing_and_online_end_in_time_if_the_wall_clock_is_set_back_by_an_hour() {
    let (server, clock) = server_with_clock().await;
    let (mut ada, mut bob) = (Subscriber::new(&server, "ada").await, Subscriber::new(&server, "bob").await);
    ada.subscribe(typing()).await;
    let (_, online) = ada.subscribe(json!({ "kind": "online", "id": "bob" })).await;
    assert_eq!(online["value"]["isConnected"], false, "{online}");
    bob.ok("conversation.markAsTyping", talk()).await;
    let mut values = vec![ada.next().await["value"].clone(), ada.next().await["value"].clone()];
    values.sort_by_key(|value| value["users"].is_array());
    assert_eq!(values, [json!({ "user": "bob", "isConnected": true }), json!({ "users": ["bob"] })]);
    clock.set(now() - 3_600_000);
    clock.advance(5_000);
    assert_eq!(ada.next().await["value"]["isConnected"], false);
    clock.advance(5_000);
    assert_eq!(ada.next().await["value"], json!({ "users": [] }));
}

#[tokio::test]
async fn typing_ends_with_a_message_on_leaving_and_with_the_last_connection() {
    let (server, _clock) = server_with_clock().await;
    let (mut ada, mut bob) = (Subscriber::new(&server, "ada").await, Subscriber::new(&server, "bob").await);
    ada.subscribe(typing()).await;
    let (typing_bob, no_one) = (json!({ "users": ["bob"] }), json!({ "users": [] }));
    bob.ok("conversation.markAsTyping", talk()).await;
    assert_eq!(ada.next().await["value"], typing_bob);
    let message = json!([{ "type": "UserMessage", "sender": "bob", "text": "from anywhere" }]);
    rest(&server, "POST", "/conversations/talk/messages", message).await;
    assert_eq!(ada.next().await["value"], no_one);

    bob.ok("conversation.markAsTyping", talk()).await;
    assert_eq!(ada.next().await["value"], typing_bob);
    let second = Subscriber::named(&server, "bob", "second device").await;
    bob.close().await;
    ada.expect_nothing().await;
    second.close().await;
    assert_eq!(ada.next().await["value"], no_one);

    let mut bob = Subscriber::new(&server, "bob").await;
    bob.ok("conversation.markAsTyping", talk()).await;
    assert_eq!(ada.next().await["value"], typing_bob);
    bob.ok("participant.delete", json!({ "conversation": "talk", "user": "bob" })).await;
    assert_eq!(ada.next().await["value"], no_one);
}

#[tokio::test]
async fn more_than_five_typing_users_are_sent_as_many() {
    let server = server().await;
    let mut ada = Subscriber::new(&server, "ada").await;
    let mut typers = Vec::new();
    for index in 0..8 {
        let user = format!("t{index}");
        rest(&server, "PUT", &format!("/users/{user}"), json!({ "name": user })).await;
        rest(&server, "PUT", &format!("/conversations/talk/participants/{user}"), json!({})).await;
        typers.push(Subscriber::new(&server, &user).await);
    }
    ada.subscribe(typing()).await;
    for (index, typer) in typers.iter_mut().enumerate() {
        typer.ok("conversation.markAsTyping", talk()).await;
        let expected: Vec<_> = (0..=index).map(|index| format!("t{index}")).collect();
        match index {
            0..5 => {
                let frame = ada.next().await;
                assert_eq!(frame["value"], json!({ "users": expected }));
                assert_eq!(ids(&frame, "users"), expected);
            }
            5 => assert_eq!(ada.next().await["value"], json!({ "many": true })),
            _ => ada.expect_nothing().await,
        }
    }
}

#[tokio::test]
async fn only_participants_who_may_write_can_type_over_the_http_fallback() {
    let server = server().await;
    let mut ada = Subscriber::new(&server, "ada").await;
    ada.subscribe(typing()).await;
    let mark_as_typing = async |user: &str| {
        let body = json!({ "v": 1, "user": user, "client": "c",
            "requests": [{ "id": 1, "op": "conversation.markAsTyping", "params": talk() }] });
        let address = server.address;
        crate::support::http::call(address, "POST", "/v1/demo/realtime", &[], body.to_string()).await.json()
    };
    assert_eq!(mark_as_typing("bob").await["results"], json!([{ "id": 1 }]));
    assert_eq!(ada.next().await["value"], json!({ "users": ["bob"] }));
    assert_eq!(mark_as_typing("eve").await["results"][0]["error"]["code"], "not_found");
    rest(&server, "PUT", "/conversations/talk/participants/cat", json!({ "access": "Read" })).await;
    assert_eq!(mark_as_typing("cat").await["results"][0]["error"]["code"], "forbidden");
    ada.expect_nothing().await;
}

#[tokio::test]
async fn a_user_is_online_while_subscribed_and_for_five_seconds_after_a_request() {
    let (server, clock) = server_with_clock().await;
    let mut ada = Subscriber::new(&server, "ada").await;
    let (id, reset) = ada.subscribe(json!({ "kind": "online", "id": "bob" })).await;
    let state = |is: bool| json!({ "user": "bob", "isConnected": is });
    assert_eq!(reset["value"], state(false));
    assert_eq!(ids(&reset, "users"), ["bob"]);
    let mut bob = Subscriber::new(&server, "bob").await;
    ada.expect_nothing().await;
    bob.ok("user.get", json!({ "user": "bob" })).await;
    let reset = ada.next().await;
    assert_eq!(
        (reset["t"].as_str(), reset["id"].as_u64(), &reset["value"]),
        (Some("reset"), Some(id.into()), &state(true))
    );
    clock.advance(4_999);
    bob.ok("user.get", json!({ "user": "bob" })).await;
    clock.advance(4_999);
    ada.expect_nothing().await;
    clock.advance(1);
    assert_eq!(ada.next().await["value"], state(false));

    let (one, _) = bob.subscribe(json!({ "kind": "conversations" })).await;
    assert_eq!(ada.next().await["value"], state(true));
    clock.advance(1_000_000);
    ada.expect_nothing().await;
    // A page that reloads is not seen as offline.
    bob.close().await;
    clock.advance(3_000);
    let mut bob = Subscriber::named(&server, "bob", "the reloaded page").await;
    let (two, _) = bob.subscribe(json!({ "kind": "conversations" })).await;
    assert_ne!(one, 0);
    clock.advance(100_000);
    ada.expect_nothing().await;
    bob.unsubscribe(two).await;
    bob.ok("user.get", json!({ "user": "ada" })).await;
    clock.advance(4_999);
    ada.expect_nothing().await;
    clock.advance(1);
    assert_eq!(ada.next().await["value"], state(false));
}

#[tokio::test]
async fn the_online_state_of_a_user_who_does_not_exist_has_no_value_until_created() {
    let server = server().await;
    let mut ada = Subscriber::new(&server, "ada").await;
    let (id, reset) = ada.subscribe(json!({ "kind": "online", "id": "dan" })).await;
    assert_eq!(reset, json!({ "t": "reset", "id": id }));
    rest(&server, "PUT", "/users/dan", json!({ "name": "Dan" })).await;
    let mut frame = ada.next().await;
    if frame["t"] == "update" {
        frame = ada.next().await;
    }
    assert_eq!(frame["value"], json!({ "user": "dan", "isConnected": false }));
}

#[tokio::test]
async fn a_backend_reads_which_users_are_online() {
    let server = server().await;
    let mut ada = Subscriber::new(&server, "ada").await;
    let body = json!({ "userIds": ["ada", "bob", "nobody"] });
    let presences = async |body: &Value| rest(&server, "POST", "/presences", body.clone()).await;
    let backend = server.backend("demo", crate::support::DEMO_SECRET);
    assert_eq!(presences(&body).await, json!({ "data": {} }));
    let sessions = async |user: &str| backend.ok("GET", &format!("/users/{user}/sessions"), None).await;
    assert_eq!(sessions("ada").await, json!([]));
    ada.subscribe(json!({ "kind": "conversations" })).await;
    let widget = json!({ "selectedConversationId": null, "custom": {}, "isTyping": false });
    let online = json!({ "ada": { "status": "online", "backgroundSessions": [], "widgets": [widget] } });
    assert_eq!(presences(&body).await, json!({ "data": online }));
    assert_eq!(presences(&json!({})).await, json!({ "data": online }), "all who are online");
    assert_eq!(presences(&json!({ "startingAfter": "ada" })).await, json!({ "data": {} }));
    assert_eq!(presences(&json!({ "isTyping": true })).await, json!({ "data": {} }));
    let offline = presences(&json!({ "userIds": ["ada", "bob"], "connectionStatus": "offline" })).await;
    let away = json!({ "bob": { "status": "offline", "backgroundSessions": [], "widgets": [] } });
    assert_eq!(offline, json!({ "data": away }));
    assert_eq!(sessions("ada").await, json!([{ "currentConversationId": null, "isTyping": false }]));
    let users = backend.ok("GET", "/users?isOnline=true", None).await;
    assert_eq!(users["data"].as_array().unwrap().len(), 1);
    assert_eq!(users["data"][0]["id"], "ada");
    let users = backend.ok("GET", "/users?isOnline=false&limit=100", None).await;
    assert!(users["data"].as_array().unwrap().iter().all(|user| user["id"] != "ada"));
    let unknown = backend.call("POST", "/presences", Some(json!({ "hasFocus": true }))).await;
    assert_eq!(unknown.status, 400, "a filter that the server cannot apply is refused");
    for wrong in [json!({ "userIds": [] }), json!({ "userIds": vec!["a"; 101] })] {
        let refused = backend.call("POST", "/presences", Some(wrong)).await;
        assert_eq!(
            (refused.status.as_u16(), refused.json()["error"]["field"].as_str()),
            (400, Some("userIds"))
        );
    }
}
