//! Leaving and joining: a user who leaves a conversation receives nothing more of it, and a user who joins
//! receives everything.

use serde_json::{Value, json};

use super::{Subscriber, body, ids, rest, server};
use crate::support::TestServer;

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

/// Receives one reset for each of these subscriptions, in any order. Returns them in the order of the ids.
async fn resets(subscriber: &mut Subscriber, subscriptions: &[u32]) -> Vec<Value> {
    let mut frames = Vec::new();
    for _ in subscriptions {
        let frame = subscriber.next().await;
        assert_eq!(frame["t"], "reset", "{frame}");
        frames.push(frame);
    }
    frames.sort_by_key(|frame| frame["id"].as_u64());
    let seen: Vec<_> = frames.iter().map(|frame| frame["id"].as_u64().unwrap() as u32).collect();
    assert_eq!(seen, subscriptions, "{frames:?}");
    frames
}

#[tokio::test]
async fn a_removed_participant_receives_nothing_until_added_again() {
    let server = server().await;
    let (mut ada, mut bob) = (Subscriber::new(&server, "ada").await, Subscriber::new(&server, "bob").await);
    let message = ada.send_message("talk", "Hello").await;
    let mut subscriptions = Vec::new();
    for topic in topics(&message) {
        let (id, reset) = bob.subscribe(topic).await;
        assert!(!reset["value"].is_null(), "{reset}");
        subscriptions.push(id);
    }
    ada.ok("participant.delete", json!({ "conversation": "talk", "user": "bob" })).await;
    for frame in resets(&mut bob, &subscriptions).await {
        assert_eq!(frame, json!({ "t": "reset", "id": frame["id"] }), "the reset has no value");
    }
    let secret = ada.send_message("talk", "Now that bob is gone").await;
    ada.ok("conversation.set", json!({ "conversation": "talk", "data": { "subject": "Without bob" } })).await;
    ada.ok("conversation.markAsTyping", json!({ "conversation": "talk" })).await;
    ada.ok("reaction.add", json!({ "conversation": "talk", "message": message, "emoji": "👍" })).await;
    bob.expect_nothing().await;
    ada.ok("participant.set", json!({ "conversation": "talk", "user": "bob", "data": {} })).await;
    let back = resets(&mut bob, &subscriptions).await;
    assert!(back.iter().all(|frame| !frame["value"].is_null()), "{back:?}");
    assert_eq!(body(&back[0], "conversations", "talk")["subject"], "Without bob");
    assert_eq!(back[1]["value"]["items"], json!([secret, message]));
    assert_eq!(ids(&back[2], "users"), ["ada", "bob"]);
}

#[tokio::test]
async fn a_deleted_conversation_is_reset_in_every_subscription() {
    let server = server().await;
    let mut ada = Subscriber::new(&server, "ada").await;
    let message = ada.send_message("talk", "Hello").await;
    let (list, reset) = ada.subscribe(json!({ "kind": "conversations" })).await;
    assert_eq!(reset["value"]["items"], json!(["talk"]));
    let mut subscriptions = Vec::new();
    for topic in topics(&message) {
        subscriptions.push(ada.subscribe(topic).await.0);
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
    ada.expect_nothing().await;
    // A conversation that is created again under the same id is another one: the subscriptions have a value
    // again, without the messages of the first.
    ada.ok("conversation.set", json!({ "conversation": "talk", "data": { "subject": "Again" } })).await;
    let mut values = std::collections::BTreeMap::new();
    while values.len() < subscriptions.len() {
        let frame = ada.next().await;
        values.insert(frame["id"].as_u64().unwrap(), frame);
    }
    assert_eq!(values[&u64::from(subscriptions[1])]["value"]["items"], json!([]), "{values:?}");
}

/// The topics of a conversation whose lists are empty at first, and those of a message without reactions.
fn empty_lists(message: &str) -> [Value; 2] {
    [
        json!({ "kind": "messages", "id": "quiet" }),
        json!({ "kind": "reactions", "id": "talk", "message": message, "emoji": "👍" }),
    ]
}

/// Adds an empty conversation of ada and bob.
async fn create_quiet(server: &TestServer) {
    rest(
        server,
        "PUT",
        "/conversations/quiet",
        json!({ "participants": ["ada", "bob"], "subject": "Quiet" }),
    )
    .await;
}

#[tokio::test]
async fn an_empty_list_has_no_value_after_the_loss_of_access() {
    let server = server().await;
    create_quiet(&server).await;
    let (mut ada, mut bob) = (Subscriber::new(&server, "ada").await, Subscriber::new(&server, "bob").await);
    let message = ada.send_message("talk", "Hello").await;
    let mut subscriptions = Vec::new();
    for topic in empty_lists(&message) {
        let (id, reset) = bob.subscribe(topic).await;
        assert_eq!(reset["value"]["items"], json!([]), "{reset}");
        subscriptions.push(id);
    }
    for conversation in ["quiet", "talk"] {
        ada.ok("participant.delete", json!({ "conversation": conversation, "user": "bob" })).await;
    }
    for frame in resets(&mut bob, &subscriptions).await {
        assert_eq!(frame, json!({ "t": "reset", "id": frame["id"] }), "the reset has no value");
    }
    for conversation in ["quiet", "talk"] {
        ada.ok("participant.set", json!({ "conversation": conversation, "user": "bob", "data": {} })).await;
    }
    for frame in resets(&mut bob, &subscriptions).await {
        assert_eq!(frame["value"]["items"], json!([]), "{frame}");
    }
}

#[tokio::test]
async fn an_empty_list_has_no_value_after_its_conversation_or_message_is_deleted() {
    let server = server().await;
    create_quiet(&server).await;
    let mut ada = Subscriber::new(&server, "ada").await;
    let message = ada.send_message("talk", "Hello").await;
    let mut subscriptions = Vec::new();
    for topic in empty_lists(&message) {
        let (id, reset) = ada.subscribe(topic).await;
        assert_eq!(reset["value"]["items"], json!([]), "{reset}");
        subscriptions.push(id);
    }
    rest(&server, "DELETE", "/conversations/quiet", Value::Null).await;
    ada.ok("message.delete", json!({ "conversation": "talk", "message": message })).await;
    for frame in resets(&mut ada, &subscriptions).await {
        assert_eq!(frame, json!({ "t": "reset", "id": frame["id"] }), "the reset has no value");
    }
}

#[tokio::test]
async fn an_empty_list_that_is_gone_while_a_client_is_away_has_no_value_when_it_resumes() {
    let server = server().await;
    create_quiet(&server).await;
    let mut ada = Subscriber::new(&server, "ada").await;
    let message = ada.send_message("talk", "Hello").await;
    let mut bob = Subscriber::new(&server, "bob").await;
    let epoch = bob.epoch();
    let mut positions = Vec::new();
    for topic in empty_lists(&message) {
        let (_, reset) = bob.subscribe(topic.clone()).await;
        positions.push((topic, reset["seq"].clone()));
    }
    bob.close().await;
    for conversation in ["quiet", "talk"] {
        ada.ok("participant.delete", json!({ "conversation": conversation, "user": "bob" })).await;
    }
    let mut bob = Subscriber::new(&server, "bob").await;
    bob.epoch();
    for (topic, seq) in positions {
        let from = if seq.is_null() { json!({}) } else { json!({ "from": { "epoch": epoch, "seq": seq } }) };
        let id = bob.send_subscribe(topic, from).await;
        assert_eq!(bob.next().await, json!({ "t": "reset", "id": id }), "the reset has no value");
    }
}

#[tokio::test]
async fn users_who_are_not_participants_receive_nothing_of_a_conversation() {
    let server = server().await;
    let (mut ada, mut eve) = (Subscriber::new(&server, "ada").await, Subscriber::new(&server, "eve").await);
    let message = ada.send_message("talk", "Hello").await;
    for topic in topics(&message) {
        let (id, reset) = eve.subscribe(topic).await;
        assert_eq!(reset, json!({ "t": "reset", "id": id }));
    }
    let nowhere = json!({ "kind": "messages", "id": "nowhere" });
    let (id, reset) = eve.subscribe(nowhere).await;
    assert_eq!(
        reset,
        json!({ "t": "reset", "id": id }),
        "a conversation of others looks like one that does not exist"
    );
    ada.send_message("talk", "A secret").await;
    ada.ok("participant.set", json!({ "conversation": "talk", "user": "cat", "data": {} })).await;
    ada.ok("conversation.markAsTyping", json!({ "conversation": "talk" })).await;
    ada.ok("conversation.set", json!({ "conversation": "talk", "data": { "subject": "Secret" } })).await;
    eve.expect_nothing().await;
}

#[tokio::test]
async fn participants_are_put_and_dropped_as_they_change() {
    let server = server().await;
    let (mut ada, mut bob) = (Subscriber::new(&server, "ada").await, Subscriber::new(&server, "bob").await);
    let (id, reset) = ada.subscribe(json!({ "kind": "participants", "id": "talk" })).await;
    assert_eq!(ids(&reset, "users"), ["ada", "bob"]);
    assert_eq!(reset["value"]["items"][0]["access"], "ReadWrite");
    let (single, reset) = ada.subscribe(json!({ "kind": "participant", "id": "talk", "user": "cat" })).await;
    assert_eq!(reset, json!({ "t": "reset", "id": single }));
    let cat = |data: Value| json!({ "conversation": "talk", "user": "cat", "data": data });
    let mut expect = async |bob: &mut Subscriber, op: &str, data: Value, access: Option<&str>| {
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
    bob.send_message("talk", "Just us again").await;
    ada.expect_nothing().await;
}
