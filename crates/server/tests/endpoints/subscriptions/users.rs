//! The topic `user`, and updates of the bodies of users.

use serde_json::json;

use super::{Subscriber, body, server};

#[tokio::test]
async fn a_user_is_reset_when_created_and_updated_when_changed() {
    let server = server().await;
    let (mut ada, mut bob) = (Subscriber::new(&server, "ada").await, Subscriber::new(&server, "bob").await);
    let (id, reset) = ada.subscribe(json!({ "kind": "user", "id": "dan" })).await;
    assert_eq!(reset, json!({ "t": "reset", "id": id }));
    bob.ok("user.createIfNotExists", json!({ "user": "dan", "data": { "name": "Dan" } })).await;
    let reset = ada.next().await;
    assert_eq!((reset["t"].as_str(), reset["value"].as_str()), (Some("reset"), Some("dan")), "{reset}");
    assert_eq!(body(&reset, "users", "dan")["name"], "Dan");
    bob.ok("user.set", json!({ "user": "dan", "data": { "name": "Daniel" } })).await;
    let update = ada.next().await;
    assert_eq!(update["t"], "update");
    assert_eq!(body(&update, "users", "dan")["name"], "Daniel");
    bob.ok("user.set", json!({ "user": "dan", "data": { "name": "Daniel" } })).await;
    bob.ok("user.set", json!({ "user": "dan", "data": { "email": ["dan@example.com"] } })).await;
    ada.expect_nothing().await;
    ada.unsubscribe(id).await;
    ada.ok("user.get", json!({ "user": "dan" })).await;
    bob.ok("user.set", json!({ "user": "dan", "data": { "name": "D." } })).await;
    ada.expect_nothing().await;
}

#[tokio::test]
async fn a_client_that_holds_a_body_several_times_receives_one_update() {
    let server = server().await;
    let (mut ada, mut bob) = (Subscriber::new(&server, "ada").await, Subscriber::new(&server, "bob").await);
    ada.subscribe(json!({ "kind": "conversations" })).await;
    ada.subscribe(json!({ "kind": "messages", "id": "talk" })).await;
    ada.subscribe(json!({ "kind": "participants", "id": "talk" })).await;
    // Cat's body is sent with a change, after all subscriptions were read.
    ada.ok("participant.set", json!({ "conversation": "talk", "user": "cat", "data": {} })).await;
    let mut cat = Subscriber::new(&server, "cat").await;
    cat.send_message("talk", "Hello").await;
    let mut put = false;
    while !put {
        let frame = ada.next().await;
        put = frame["entities"]["messages"].is_array() && frame.get("since").is_some();
    }
    tokio::time::sleep(std::time::Duration::from_millis(150)).await;
    ada.ok("user.get", json!({ "user": "ada" })).await;
    ada.buffered.clear();
    cat.ok("user.set", json!({ "user": "cat", "data": { "name": "Catherine" } })).await;
    let update = ada.next().await;
    assert_eq!(update["t"], "update");
    assert_eq!(body(&update, "users", "cat")["name"], "Catherine");
    ada.expect_nothing().await;
    // Eve's body was not sent to ada.
    bob.ok("user.set", json!({ "user": "eve", "data": { "name": "Evelyn" } })).await;
    ada.expect_nothing().await;
}

#[tokio::test]
async fn a_change_of_a_user_during_a_subscribe_is_not_lost() {
    let server = server().await;
    let mut bob = Subscriber::new(&server, "bob").await;
    bob.send_message("talk", "Hello").await;
    for round in 0..20 {
        let mut ada = Subscriber::named(&server, "ada", &format!("client {round}")).await;
        let name = format!("Bob {round}");
        // A race: in either order, the last body that ada receives has the new name.
        ada.send_subscribe(json!({ "kind": "messages", "id": "talk" }), json!({})).await;
        bob.ok("user.set", json!({ "user": "bob", "data": { "name": name } })).await;
        let mut received = String::new();
        while received != name {
            let frame = ada.next().await;
            if frame["entities"]["users"].is_array() {
                received = body(&frame, "users", "bob")["name"].as_str().unwrap().to_owned();
            }
        }
    }
}
