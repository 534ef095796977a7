//! The messages of a conversation, as they are sent, edited, reacted to and deleted.

use serde_json::{Value, json};

use super::{Follower, body, ids, rest, server};

fn messages() -> Value {
    json!({ "kind": "messages", "id": "talk" })
}

#[tokio::test]
async fn a_window_comes_newest_first_with_all_that_it_refers_to() {
    let server = server().await;
    let (mut ada, mut bob) = (Follower::new(&server, "ada").await, Follower::new(&server, "bob").await);
    let mut sent = Vec::new();
    for index in 0..35 {
        sent.push(ada.say("talk", &format!("message {index}")).await);
    }
    let reply = json!({ "text": "indeed", "referencedMessage": sent[0] });
    sent.push(
        bob.ok("message.send", json!({ "conversation": "talk", "data": reply }))
            .await
            .as_str()
            .unwrap()
            .to_owned(),
    );
    let (_, reset) = bob.follow(messages()).await;
    let newest: Vec<_> = sent.iter().rev().take(30).cloned().collect();
    assert_eq!(reset["value"], json!({ "items": newest, "more": true }));
    assert_eq!(ids(&reset, "users"), ["ada", "bob"], "each once");
    assert_eq!(ids(&reset, "messages").len(), 31, "the one that was answered comes along: {reset}");
    assert_eq!(body(&reset, "messages", &sent[35])["referencedMessage"], json!(sent[0]));
    assert_eq!(body(&reset, "messages", &sent[0])["plaintext"], "message 0");
    let last = body(&reset, "messages", newest.last().unwrap());
    let after = json!({ "at": last["createdAt"], "id": last["id"] });
    let more = bob.outcome("more", json!({ "topic": messages(), "after": after, "limit": 4 })).await;
    let rest: Vec<_> = sent.iter().rev().skip(30).take(4).cloned().collect();
    assert_eq!(more["value"], json!({ "items": rest, "more": true }));
    assert_eq!(ids(&more, "messages").len(), 4);
}

#[tokio::test]
async fn every_change_comes_once_and_in_order_and_the_numbers_have_no_gap() {
    let server = server().await;
    let (mut ada, mut bob) = (Follower::new(&server, "ada").await, Follower::new(&server, "bob").await);
    let (id, reset) = bob.follow(messages()).await;
    assert_eq!(reset["value"], json!({ "items": [], "more": false }));
    let mut seq = reset["seq"].as_u64().unwrap();
    let mut check = |frame: &Value, changes: Value| {
        assert_eq!((frame["t"].as_str(), frame["id"].as_u64()), (Some("events"), Some(id.into())), "{frame}");
        assert_eq!(frame["since"], seq, "{frame}");
        assert!(frame["seq"].as_u64().unwrap() > seq, "{frame}");
        seq = frame["seq"].as_u64().unwrap();
        assert_eq!(frame["changes"], changes, "{frame}");
    };
    let first = ada.say("talk", "*Hello*").await;
    let frame = bob.next().await;
    check(&frame, json!([{ "put": first }]));
    let hello = body(&frame, "messages", &first);
    assert_eq!((hello["sender"].as_str(), hello["plaintext"].as_str()), (Some("ada"), Some("Hello")));
    assert_eq!(hello["content"][0]["children"][0]["type"], "bold");
    assert_eq!(ids(&frame, "users"), ["ada"]);

    let edit = json!({ "conversation": "talk", "message": first, "data": { "text": "Hello!" } });
    ada.ok("message.edit", edit).await;
    let frame = bob.next().await;
    check(&frame, json!([{ "put": first }]));
    assert_eq!(body(&frame, "messages", &first)["plaintext"], "Hello!");
    assert!(body(&frame, "messages", &first)["editedAt"].is_i64());

    // What the list does not show moves the number on, and is told with the next that it does show.
    ada.ok("conversation.markAsUnread", json!({ "conversation": "talk" })).await;
    let reply = json!({ "conversation": "talk", "data": { "text": "Hi", "referencedMessage": first } });
    let second = ada.ok("message.send", reply).await;
    let frame = bob.next().await;
    check(&frame, json!([{ "put": second }]));
    assert_eq!(ids(&frame, "messages").len(), 2, "with what it answers");

    ada.ok("message.delete", json!({ "conversation": "talk", "message": first })).await;
    check(&bob.next().await, json!([{ "drop": first }]));
    bob.unfollow(id).await;
    bob.ok("user.get", json!({ "user": "ada" })).await;
    ada.say("talk", "Still there?").await;
    bob.silence().await;
}

#[tokio::test]
async fn reactions_are_counted_for_all_and_told_apart_for_each() {
    let server = server().await;
    let (mut ada, mut bob) = (Follower::new(&server, "ada").await, Follower::new(&server, "bob").await);
    let message = ada.say("talk", "Hello").await;
    ada.follow(messages()).await;
    let (_, reset) = bob.follow(messages()).await;
    assert!(body(&reset, "messages", &message).get("reactions").is_none());
    let react = json!({ "conversation": "talk", "message": message, "emoji": "👍" });
    let seen = |frame: &Value| body(frame, "messages", &message)["reactions"].clone();
    bob.ok("reaction.add", react.clone()).await;
    let theirs = ada.next().await;
    assert_eq!(theirs["changes"], json!([{ "put": message }]));
    assert_eq!(seen(&theirs), json!([{ "emoji": "👍", "count": 1, "currentUserReacted": false }]));
    let own = bob.next().await;
    assert_eq!(seen(&own), json!([{ "emoji": "👍", "count": 1, "currentUserReacted": true }]));
    bob.ok("reaction.add", react.clone()).await;
    ada.ok("reaction.add", react.clone()).await;
    let both = json!([{ "emoji": "👍", "count": 2, "currentUserReacted": true }]);
    assert_eq!((seen(&ada.next().await), seen(&bob.next().await)), (both.clone(), both));
    // A reply brings the message along, with the viewer's own reactions there too.
    let reply = json!({ "conversation": "talk", "data": { "text": "Thanks", "referencedMessage": message } });
    ada.ok("message.send", reply).await;
    bob.ok("reaction.remove", react.clone()).await;
    let (first, second) = (bob.next().await, bob.next().await);
    assert_eq!(seen(&first), json!([{ "emoji": "👍", "count": 2, "currentUserReacted": true }]), "{first}");
    assert_eq!(seen(&second), json!([{ "emoji": "👍", "count": 1, "currentUserReacted": false }]));
}

#[tokio::test]
async fn who_gave_an_emoji_is_followed_from_the_first_to_the_last() {
    let server = server().await;
    let (mut ada, mut bob) = (Follower::new(&server, "ada").await, Follower::new(&server, "bob").await);
    let message = ada.say("talk", "Hello").await;
    // The short form and the full form are the same emoji.
    let topic = json!({ "kind": "reactions", "id": "talk", "message": message, "emoji": "❤" });
    let (id, reset) = ada.follow(topic.clone()).await;
    assert_eq!(reset["value"], json!({ "items": [], "more": false }));
    assert!(reset.get("seq").is_none());
    let heart = json!({ "conversation": "talk", "message": message, "emoji": "❤️" });
    bob.ok("reaction.add", heart.clone()).await;
    let put = ada.next().await;
    assert_eq!((put["t"].as_str(), put["id"].as_u64()), (Some("events"), Some(id.into())), "{put}");
    assert_eq!(put["changes"][0]["put"]["user"], "bob");
    assert!(put["changes"][0]["put"]["createdAt"].is_i64());
    assert_eq!(ids(&put, "users"), ["bob"]);
    bob.ok("reaction.add", json!({ "conversation": "talk", "message": message, "emoji": "👍" })).await;
    bob.ok("reaction.remove", heart).await;
    assert_eq!(ada.next().await["changes"], json!([{ "drop": "bob" }]), "and nothing of the other emoji");
    ada.ok("message.delete", json!({ "conversation": "talk", "message": message })).await;
    let gone = ada.next().await;
    assert_eq!(gone, json!({ "t": "reset", "id": id }), "there is nothing left to react to");
    let nowhere = json!({ "kind": "reactions", "id": "talk", "message": "none", "emoji": "👍" });
    let (id, reset) = ada.follow(nowhere).await;
    assert_eq!(reset, json!({ "t": "reset", "id": id }));
}

#[tokio::test]
async fn what_a_backend_sends_in_one_call_comes_in_one_frame() {
    let server = server().await;
    let mut bob = Follower::new(&server, "bob").await;
    bob.follow(messages()).await;
    let said = |text: &str| json!({ "type": "UserMessage", "sender": "ada", "text": text });
    let system = json!({ "type": "SystemMessage", "text": "Ada wrote twice" });
    rest(&server, "POST", "/conversations/talk/messages", json!([said("one"), said("two"), system])).await;
    let frame = bob.next().await;
    assert_eq!(frame["changes"].as_array().unwrap().len(), 3, "{frame}");
    assert_eq!(ids(&frame, "users"), ["ada"], "each body once");
    let kinds: Vec<_> =
        frame["entities"]["messages"].as_array().unwrap().iter().map(|m| m["type"].clone()).collect();
    assert_eq!(kinds.iter().filter(|kind| **kind == "SystemMessage").count(), 1);
    bob.silence().await;
}

#[tokio::test]
async fn an_event_never_comes_before_its_commit() {
    let server = server().await;
    let (mut ada, mut bob) = (Follower::new(&server, "ada").await, Follower::new(&server, "bob").await);
    bob.follow(messages()).await;
    for index in 0..50 {
        let data = json!({ "conversation": "talk", "data": { "text": format!("{index}") } });
        ada.next_id += 1;
        ada.client
            .send(json!({ "t": "request", "id": ada.next_id, "op": "message.send", "params": data }))
            .await;
        // Whoever hears of it finds it.
        let frame = bob.next().await;
        let message = frame["changes"][0]["put"].clone();
        let found = bob.ok("message.get", json!({ "conversation": "talk", "message": message })).await;
        assert_eq!(found, message);
    }
}
