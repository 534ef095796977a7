//! Who is typing and who is online, on the server's clock.

use std::sync::Arc;

use causerie_server::clock::SettableClock;
use serde_json::{Value, json};

use super::{Follower, body, furnish, ids, rest, server};
use crate::support::{TestServer, config, now};

fn typing() -> Value {
    json!({ "kind": "typing", "id": "talk" })
}

fn talk() -> Value {
    json!({ "conversation": "talk" })
}

/// A server whose clock stands still.
async fn timed() -> (TestServer, Arc<SettableClock>) {
    let clock = Arc::new(SettableClock::at(now()));
    let server = TestServer::at(config(), clock.clone()).await;
    furnish(&server).await;
    (server, clock)
}

#[tokio::test]
async fn typing_is_told_to_others_for_ten_seconds() {
    let (server, clock) = timed().await;
    let (mut ada, mut bob) = (Follower::new(&server, "ada").await, Follower::new(&server, "bob").await);
    let (id, reset) = ada.follow(typing()).await;
    assert_eq!(reset, json!({ "t": "reset", "id": id, "value": { "users": [] } }));
    bob.follow(typing()).await;
    bob.ok("conversation.markAsTyping", talk()).await;
    let began = ada.next().await;
    assert_eq!((began["t"].as_str(), &began["value"]), (Some("reset"), &json!({ "users": ["bob"] })));
    assert_eq!(body(&began, "users", "bob")["name"], "bob");
    clock.advance(2_000);
    bob.ok("conversation.markAsTyping", talk()).await;
    ada.silence().await;
    clock.advance(2_000);
    bob.ok("conversation.markAsTyping", talk()).await;
    assert_eq!(ada.next().await["value"], json!({ "users": ["bob"] }), "told again, now and then");
    clock.advance(9_999);
    ada.silence().await;
    clock.advance(1);
    assert_eq!(ada.next().await["value"], json!({ "users": [] }));
    // The typer was never told of their own typing.
    bob.silence().await;
}

#[tokio::test]
async fn typing_ends_with_a_message_with_leaving_and_with_the_last_connection() {
    let (server, _clock) = timed().await;
    let (mut ada, mut bob) = (Follower::new(&server, "ada").await, Follower::new(&server, "bob").await);
    ada.follow(typing()).await;
    let (somebody, nobody) = (json!({ "users": ["bob"] }), json!({ "users": [] }));
    bob.ok("conversation.markAsTyping", talk()).await;
    assert_eq!(ada.next().await["value"], somebody);
    let said = json!([{ "type": "UserMessage", "sender": "bob", "text": "from anywhere" }]);
    rest(&server, "POST", "/conversations/talk/messages", said).await;
    assert_eq!(ada.next().await["value"], nobody);

    bob.ok("conversation.markAsTyping", talk()).await;
    assert_eq!(ada.next().await["value"], somebody);
    let second = Follower::named(&server, "bob", "second device").await;
    bob.close().await;
    ada.silence().await;
    second.close().await;
    assert_eq!(ada.next().await["value"], nobody);

    let mut bob = Follower::new(&server, "bob").await;
    bob.ok("conversation.markAsTyping", talk()).await;
    assert_eq!(ada.next().await["value"], somebody);
    bob.ok("participant.delete", json!({ "conversation": "talk", "user": "bob" })).await;
    assert_eq!(ada.next().await["value"], nobody);
}

#[tokio::test]
async fn more_than_five_who_type_are_many_and_the_sixth_changes_nothing_more() {
    let server = server().await;
    let mut ada = Follower::new(&server, "ada").await;
    let mut typers = Vec::new();
    for index in 0..8 {
        let user = format!("t{index}");
        rest(&server, "PUT", &format!("/users/{user}"), json!({ "name": user })).await;
        rest(&server, "PUT", &format!("/conversations/talk/participants/{user}"), json!({})).await;
        typers.push(Follower::new(&server, &user).await);
    }
    ada.follow(typing()).await;
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
            _ => ada.silence().await,
        }
    }
}

#[tokio::test]
async fn only_who_may_send_may_type_over_either_transport() {
    let server = server().await;
    let mut ada = Follower::new(&server, "ada").await;
    ada.follow(typing()).await;
    let twin = async |user: &str| {
        let body = json!({ "v": 1, "user": user, "client": "c",
            "requests": [{ "id": 1, "op": "conversation.markAsTyping", "params": talk() }] });
        let address = server.address;
        crate::support::http::call(address, "POST", "/v1/demo/realtime", &[], body.to_string()).await.json()
    };
    assert_eq!(twin("bob").await["results"], json!([{ "id": 1 }]));
    assert_eq!(ada.next().await["value"], json!({ "users": ["bob"] }));
    assert_eq!(twin("eve").await["results"][0]["error"]["code"], "not_found");
    rest(&server, "PUT", "/conversations/talk/participants/cat", json!({ "access": "Read" })).await;
    assert_eq!(twin("cat").await["results"][0]["error"]["code"], "forbidden");
    ada.silence().await;
}

#[tokio::test]
async fn a_user_is_online_while_following_and_for_five_seconds_after_a_request() {
    let (server, clock) = timed().await;
    let mut ada = Follower::new(&server, "ada").await;
    let (id, reset) = ada.follow(json!({ "kind": "online", "id": "bob" })).await;
    let state = |is: bool| json!({ "user": "bob", "isConnected": is });
    assert_eq!(reset["value"], state(false));
    assert_eq!(ids(&reset, "users"), ["bob"]);
    let mut bob = Follower::new(&server, "bob").await;
    ada.silence().await;
    bob.ok("user.get", json!({ "user": "bob" })).await;
    let came = ada.next().await;
    assert_eq!(
        (came["t"].as_str(), came["id"].as_u64(), &came["value"]),
        (Some("reset"), Some(id.into()), &state(true))
    );
    clock.advance(4_999);
    bob.ok("user.get", json!({ "user": "bob" })).await;
    clock.advance(4_999);
    ada.silence().await;
    clock.advance(1);
    assert_eq!(ada.next().await["value"], state(false));

    let (one, _) = bob.follow(json!({ "kind": "conversations" })).await;
    assert_eq!(ada.next().await["value"], state(true));
    clock.advance(1_000_000);
    ada.silence().await;
    // A page that is loaded anew is back before anybody saw it go.
    bob.close().await;
    clock.advance(3_000);
    let mut bob = Follower::named(&server, "bob", "the page, loaded anew").await;
    let (two, _) = bob.follow(json!({ "kind": "conversations" })).await;
    assert_ne!(one, 0);
    clock.advance(100_000);
    ada.silence().await;
    bob.unfollow(two).await;
    bob.ok("user.get", json!({ "user": "ada" })).await;
    clock.advance(4_999);
    ada.silence().await;
    clock.advance(1);
    assert_eq!(ada.next().await["value"], state(false));
}

#[tokio::test]
async fn whether_somebody_is_online_who_is_not_there_is_nothing_until_there_is_somebody() {
    let server = server().await;
    let mut ada = Follower::new(&server, "ada").await;
    let (id, reset) = ada.follow(json!({ "kind": "online", "id": "dan" })).await;
    assert_eq!(reset, json!({ "t": "reset", "id": id }));
    rest(&server, "PUT", "/users/dan", json!({ "name": "Dan" })).await;
    let mut frame = ada.next().await;
    if frame["t"] == "update" {
        frame = ada.next().await;
    }
    assert_eq!(frame["value"], json!({ "user": "dan", "isConnected": false }));
}

#[tokio::test]
async fn a_backend_asks_who_is_online() {
    let server = server().await;
    let mut ada = Follower::new(&server, "ada").await;
    let ask = json!({ "userIds": ["ada", "bob", "nobody"] });
    let answer = async |ask: &Value| rest(&server, "POST", "/presences", ask.clone()).await;
    let online = |is: bool| json!({ "online": is });
    let none = json!({ "ada": online(false), "bob": online(false), "nobody": online(false) });
    assert_eq!(answer(&ask).await, none);
    ada.follow(json!({ "kind": "conversations" })).await;
    assert_eq!(answer(&ask).await["ada"], online(true));
    let backend = server.backend("demo", crate::support::DEMO_SECRET);
    for wrong in [json!({ "userIds": [] }), json!({ "userIds": vec!["a"; 101] })] {
        let refused = backend.call("POST", "/presences", Some(wrong)).await;
        assert_eq!(
            (refused.status.as_u16(), refused.json()["error"]["field"].as_str()),
            (400, Some("userIds"))
        );
    }
}
