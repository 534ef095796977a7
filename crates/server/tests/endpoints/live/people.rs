//! Users, wherever their bodies went.

use serde_json::json;

use super::{Follower, body, server};

#[tokio::test]
async fn a_user_is_nothing_then_there_and_then_changes() {
    let server = server().await;
    let (mut ada, mut bob) = (Follower::new(&server, "ada").await, Follower::new(&server, "bob").await);
    let (id, reset) = ada.follow(json!({ "kind": "user", "id": "dan" })).await;
    assert_eq!(reset, json!({ "t": "reset", "id": id }));
    bob.ok("user.createIfNotExists", json!({ "user": "dan", "data": { "name": "Dan" } })).await;
    let came = ada.next().await;
    assert_eq!((came["t"].as_str(), came["value"].as_str()), (Some("reset"), Some("dan")), "{came}");
    assert_eq!(body(&came, "users", "dan")["name"], "Dan");
    bob.ok("user.set", json!({ "user": "dan", "data": { "name": "Daniel" } })).await;
    let update = ada.next().await;
    assert_eq!(update["t"], "update");
    assert_eq!(body(&update, "users", "dan")["name"], "Daniel");
    bob.ok("user.set", json!({ "user": "dan", "data": { "name": "Daniel" } })).await;
    bob.ok("user.set", json!({ "user": "dan", "data": { "email": ["dan@example.com"] } })).await;
    ada.silence().await;
    ada.unfollow(id).await;
    ada.ok("user.get", json!({ "user": "dan" })).await;
    bob.ok("user.set", json!({ "user": "dan", "data": { "name": "D." } })).await;
    ada.silence().await;
}

#[tokio::test]
async fn whoever_was_sent_a_body_hears_of_its_changes_once_however_often_it_is_held() {
    let server = server().await;
    let (mut ada, mut bob) = (Follower::new(&server, "ada").await, Follower::new(&server, "bob").await);
    ada.follow(json!({ "kind": "conversations" })).await;
    ada.follow(json!({ "kind": "messages", "id": "talk" })).await;
    ada.follow(json!({ "kind": "participants", "id": "talk" })).await;
    // Cat's body comes with a change, after everything was read.
    ada.ok("participant.set", json!({ "conversation": "talk", "user": "cat", "data": {} })).await;
    let mut cat = Follower::new(&server, "cat").await;
    cat.say("talk", "Hello").await;
    let mut put = false;
    while !put {
        let frame = ada.next().await;
        put = frame["entities"]["messages"].is_array() && frame.get("since").is_some();
    }
    tokio::time::sleep(std::time::Duration::from_millis(150)).await;
    ada.ok("user.get", json!({ "user": "ada" })).await;
    ada.came.clear();
    cat.ok("user.set", json!({ "user": "cat", "data": { "name": "Catherine" } })).await;
    let update = ada.next().await;
    assert_eq!(update["t"], "update");
    assert_eq!(body(&update, "users", "cat")["name"], "Catherine");
    ada.silence().await;
    // Eve's body was never sent.
    bob.ok("user.set", json!({ "user": "eve", "data": { "name": "Evelyn" } })).await;
    ada.silence().await;
}

#[tokio::test]
async fn nobody_is_left_with_an_old_name_however_closely_it_changes() {
    let server = server().await;
    let mut bob = Follower::new(&server, "bob").await;
    bob.say("talk", "Hello").await;
    for round in 0..20 {
        let mut ada = Follower::named(&server, "ada", &format!("client {round}")).await;
        let name = format!("Bob {round}");
        // The two race: whichever comes first, the last that ada hears is the new name.
        ada.ask(json!({ "kind": "messages", "id": "talk" }), json!({})).await;
        bob.ok("user.set", json!({ "user": "bob", "data": { "name": name } })).await;
        let mut heard = String::new();
        while heard != name {
            let frame = ada.next().await;
            if frame["entities"]["users"].is_array() {
                heard = body(&frame, "users", "bob")["name"].as_str().unwrap().to_owned();
            }
        }
    }
}
