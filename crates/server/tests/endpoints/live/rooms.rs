//! Coming and going: whoever leaves is shown nothing from there on, whoever joins is shown all.

use serde_json::{Value, json};

use super::{Follower, body, ids, rest, server};

/// Every topic of a conversation.
fn topics(message: &str) -> [Value; 6] {
    [
        json!({ "kind": "conversation", "id": "talk" }),
        json!({ "kind": "messages", "id": "talk" }),
        json!({ "kind": "participants", "id": "talk" }),
        json!({ "kind": "participant", "id": "talk", "user": "ada" }),
        json!({ "kind": "typing", "id": "talk" }),
        json!({ "kind": "reactions", "id": "talk", "message": message, "emoji": "👍" }),
    ]
}

/// The resets of all these, in whichever order.
async fn resets(follower: &mut Follower, subscriptions: &[u32]) -> Vec<Value> {
    let mut frames = Vec::new();
    for _ in subscriptions {
        let frame = follower.next().await;
        assert_eq!(frame["t"], "reset", "{frame}");
        frames.push(frame);
    }
    frames.sort_by_key(|frame| frame["id"].as_u64());
    let seen: Vec<_> = frames.iter().map(|frame| frame["id"].as_u64().unwrap() as u32).collect();
    assert_eq!(seen, subscriptions, "{frames:?}");
    frames
}

#[tokio::test]
async fn who_is_taken_out_loses_everything_and_who_comes_back_is_given_it() {
    let server = server().await;
    let (mut ada, mut bob) = (Follower::new(&server, "ada").await, Follower::new(&server, "bob").await);
    let message = ada.say("talk", "Hello").await;
    let mut subscriptions = Vec::new();
    for topic in topics(&message) {
        let (id, reset) = bob.follow(topic).await;
        assert!(!reset["value"].is_null(), "{reset}");
        subscriptions.push(id);
    }
    ada.ok("participant.delete", json!({ "conversation": "talk", "user": "bob" })).await;
    for frame in resets(&mut bob, &subscriptions).await {
        assert_eq!(frame, json!({ "t": "reset", "id": frame["id"] }), "nothing of it is shown");
    }
    let secret = ada.say("talk", "Now that bob is gone").await;
    ada.ok("conversation.set", json!({ "conversation": "talk", "data": { "subject": "Without bob" } })).await;
    ada.ok("conversation.markAsTyping", json!({ "conversation": "talk" })).await;
    ada.ok("reaction.add", json!({ "conversation": "talk", "message": message, "emoji": "👍" })).await;
    bob.silence().await;
    ada.ok("participant.set", json!({ "conversation": "talk", "user": "bob", "data": {} })).await;
    let back = resets(&mut bob, &subscriptions).await;
    assert!(back.iter().all(|frame| !frame["value"].is_null()), "{back:?}");
    assert_eq!(body(&back[0], "conversations", "talk")["subject"], "Without bob");
    assert_eq!(back[1]["value"]["items"], json!([secret, message]));
    assert_eq!(ids(&back[2], "users"), ["ada", "bob"]);
}

#[tokio::test]
async fn a_conversation_that_is_deleted_is_gone_for_everybody() {
    let server = server().await;
    let mut ada = Follower::new(&server, "ada").await;
    let message = ada.say("talk", "Hello").await;
    let (list, reset) = ada.follow(json!({ "kind": "conversations" })).await;
    assert_eq!(reset["value"]["items"], json!(["talk"]));
    let mut subscriptions = Vec::new();
    for topic in topics(&message) {
        subscriptions.push(ada.follow(topic).await.0);
    }
    rest(&server, "DELETE", "/conversations/talk", Value::Null).await;
    let mut frames = Vec::new();
    for _ in 0..=subscriptions.len() {
        frames.push(ada.next().await);
    }
    let (events, resets): (Vec<_>, Vec<_>) = frames.iter().partition(|frame| frame["t"] == "events");
    assert_eq!(events, [&json!({ "t": "events", "id": list, "changes": [{ "drop": "talk" }] })]);
    assert!(resets.iter().all(|frame| **frame == json!({ "t": "reset", "id": frame["id"] })), "{resets:?}");
    assert_eq!(resets.len(), subscriptions.len());
    ada.silence().await;
    // Made anew, it is another one: what was followed is there again, without what was in the first.
    ada.ok("conversation.set", json!({ "conversation": "talk", "data": { "subject": "Again" } })).await;
    let mut values = std::collections::BTreeMap::new();
    while values.len() < subscriptions.len() {
        let frame = ada.next().await;
        values.insert(frame["id"].as_u64().unwrap(), frame);
    }
    assert_eq!(values[&u64::from(subscriptions[1])]["value"]["items"], json!([]), "{values:?}");
}

#[tokio::test]
async fn strangers_are_shown_nothing_of_a_conversation_whatever_happens_there() {
    let server = server().await;
    let (mut ada, mut eve) = (Follower::new(&server, "ada").await, Follower::new(&server, "eve").await);
    let message = ada.say("talk", "Hello").await;
    for topic in topics(&message) {
        let (id, reset) = eve.follow(topic).await;
        assert_eq!(reset, json!({ "t": "reset", "id": id }));
    }
    let nowhere = json!({ "kind": "messages", "id": "nowhere" });
    let (id, reset) = eve.follow(nowhere).await;
    assert_eq!(
        reset,
        json!({ "t": "reset", "id": id }),
        "what is not one's own looks like what is not there"
    );
    ada.say("talk", "A secret").await;
    ada.ok("participant.set", json!({ "conversation": "talk", "user": "cat", "data": {} })).await;
    ada.ok("conversation.markAsTyping", json!({ "conversation": "talk" })).await;
    ada.ok("conversation.set", json!({ "conversation": "talk", "data": { "subject": "Secret" } })).await;
    eve.silence().await;
}

#[tokio::test]
async fn participants_come_go_and_change() {
    let server = server().await;
    let (mut ada, mut bob) = (Follower::new(&server, "ada").await, Follower::new(&server, "bob").await);
    let (id, reset) = ada.follow(json!({ "kind": "participants", "id": "talk" })).await;
    assert_eq!(ids(&reset, "users"), ["ada", "bob"]);
    assert_eq!(reset["value"]["items"][0]["access"], "ReadWrite");
    let (single, reset) = ada.follow(json!({ "kind": "participant", "id": "talk", "user": "cat" })).await;
    assert_eq!(reset, json!({ "t": "reset", "id": single }));
    let cat = |data: Value| json!({ "conversation": "talk", "user": "cat", "data": data });
    let mut expect = async |bob: &mut Follower, op: &str, data: Value, access: Option<&str>| {
        bob.ok(op, cat(data)).await;
        let (mut list, mut one) = (ada.next().await, ada.next().await);
        if list["id"] == single {
            std::mem::swap(&mut list, &mut one);
        }
        assert_eq!((list["t"].as_str(), list["id"].as_u64()), (Some("events"), Some(id.into())), "{list}");
        match access {
            Some(access) => {
                assert_eq!(list["changes"][0]["put"]["user"], "cat", "{list}");
                assert_eq!(list["changes"][0]["put"]["access"], access);
                assert_eq!(ids(&list, "users"), ["cat"]);
                assert_eq!(one["value"], list["changes"][0]["put"]);
            }
            None => {
                assert_eq!(list["changes"], json!([{ "drop": "cat" }]));
                assert_eq!(one, json!({ "t": "reset", "id": single }));
            }
        }
    };
    expect(&mut bob, "participant.createIfNotExists", json!({ "access": "Read" }), Some("Read")).await;
    expect(&mut bob, "participant.edit", json!({ "access": "ReadWrite" }), Some("ReadWrite")).await;
    bob.ok("participant.delete", json!({ "conversation": "talk", "user": "cat" })).await;
    let (list, one) = (ada.next().await, ada.next().await);
    let (list, one) = if list["id"] == single { (one, list) } else { (list, one) };
    assert_eq!(list["changes"], json!([{ "drop": "cat" }]));
    assert_eq!(one, json!({ "t": "reset", "id": single }));
    bob.say("talk", "Just us again").await;
    ada.silence().await;
}
