//! The topics `messages` and `reactions`.

use serde_json::{Value, json};

use super::{Subscriber, body, ids, rest, server};

fn messages() -> Value {
    json!({ "kind": "messages", "id": "talk" })
}

#[tokio::test]
async fn a_window_has_the_newest_messages_first_with_every_body_they_refer_to() {
    let server = server().await;
    let (mut ada, mut bob) = (Subscriber::new(&server, "ada").await, Subscriber::new(&server, "bob").await);
    let mut sent = Vec::new();
    for index in 0..35 {
        sent.push(ada.send_message("talk", &format!("message {index}")).await);
    }
    let reply = json!({ "text": "indeed", "referencedMessage": sent[0] });
    sent.push(
        bob.ok("message.send", json!({ "conversation": "talk", "data": reply }))
            .await
            .as_str()
            .unwrap()
            .to_owned(),
    );
    let (_, reset) = bob.subscribe(messages()).await;
    let newest: Vec<_> = sent.iter().rev().take(30).cloned().collect();
    assert_eq!(reset["value"], json!({ "items": newest, "more": true }));
    assert_eq!(ids(&reset, "users"), ["ada", "bob"], "each once");
    assert_eq!(ids(&reset, "messages").len(), 31, "the one that was completed comes along: {reset}");
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
async fn each_change_is_sent_once_in_order_and_without_a_gap() {
    let server = server().await;
    let (mut ada, mut bob) = (Subscriber::new(&server, "ada").await, Subscriber::new(&server, "bob").await);
    let (id, reset) = bob.subscribe(messages()).await;
    assert_eq!(reset["value"], json!({ "items": [], "more": false }));
    let mut seq = reset["seq"].as_u64().unwrap();
    let mut check = |frame: &Value, changes: Value| {
        assert_eq!((frame["t"].as_str(), frame["id"].as_u64()), (Some("events"), Some(id.into())), "{frame}");
        assert_eq!(frame["since"], seq, "{frame}");
        assert!(frame["seq"].as_u64().unwrap() > seq, "{frame}");
        seq = frame["seq"].as_u64().unwrap();
        assert_eq!(frame["changes"], changes, "{frame}");
    };
    let first = ada.send_message("talk", "*Hello*").await;
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

    // A change that the list does not contain advances the sequence number, which the next frame covers.
    ada.ok("conversation.markAsUnread", json!({ "conversation": "talk" })).await;
    let reply = json!({ "conversation": "talk", "data": { "text": "Hi", "referencedMessage": first } });
    let second = ada.ok("message.send", reply).await;
    let frame = bob.next().await;
    check(&frame, json!([{ "put": second }]));
    assert_eq!(ids(&frame, "messages").len(), 2, "with the message that it references");

    ada.ok("message.delete", json!({ "conversation": "talk", "message": first })).await;
    check(&bob.next().await, json!([{ "drop": first }]));
    bob.unsubscribe(id).await;
    bob.ok("user.get", json!({ "user": "ada" })).await;
    ada.send_message("talk", "Still there?").await;
    bob.expect_nothing().await;
}

#[tokio::test]
async fn reactions_have_the_count_of_all_users_and_the_state_of_the_viewer() {
    let server = server().await;
    let (mut ada, mut bob) = (Subscriber::new(&server, "ada").await, Subscriber::new(&server, "bob").await);
    let message = ada.send_message("talk", "Hello").await;
    ada.subscribe(messages()).await;
    let (_, reset) = bob.subscribe(messages()).await;
    assert!(body(&reset, "messages", &message).get("reactions").is_none());
    let react = json!({ "conversation": "talk", "message": message, "emoji": "👍" });
    let reactions = |frame: &Value| body(frame, "messages", &message)["reactions"].clone();
    bob.ok("reaction.add", react.clone()).await;
    let for_ada = ada.next().await;
    assert_eq!(for_ada["changes"], json!([{ "put": message }]));
    assert_eq!(reactions(&for_ada), json!([{ "emoji": "👍", "count": 1, "currentUserReacted": false }]));
    let for_bob = bob.next().await;
    assert_eq!(reactions(&for_bob), json!([{ "emoji": "👍", "count": 1, "currentUserReacted": true }]));
    bob.ok("reaction.add", react.clone()).await;
    ada.ok("reaction.add", react.clone()).await;
    let both = json!([{ "emoji": "👍", "count": 2, "currentUserReacted": true }]);
    assert_eq!((reactions(&ada.next().await), reactions(&bob.next().await)), (both.clone(), both));
    // A reply includes the referenced message, with the viewer's own reactions.
    let reply = json!({ "conversation": "talk", "data": { "text": "Thanks", "referencedMessage": message } });
    ada.ok("message.send", reply).await;
    // Received before the removal: a connection reads its viewer's own reactions when it sends the batch.
    let first = bob.next().await;
    bob.ok("reaction.remove", react.clone()).await;
    let second = bob.next().await;
    assert_eq!(
        reactions(&first),
        json!([{ "emoji": "👍", "count": 2, "currentUserReacted": true }]),
        "{first}"
    );
    assert_eq!(reactions(&second), json!([{ "emoji": "👍", "count": 1, "currentUserReacted": false }]));
}

#[tokio::test]
async fn the_users_who_gave_an_emoji_are_kept_up_to_date() {
    let server = server().await;
    let (mut ada, mut bob) = (Subscriber::new(&server, "ada").await, Subscriber::new(&server, "bob").await);
    let message = ada.send_message("talk", "Hello").await;
    // The short form and the full form are the same emoji.
    let topic = json!({ "kind": "reactions", "id": "talk", "message": message, "emoji": "❤" });
    let (id, reset) = ada.subscribe(topic.clone()).await;
    assert_eq!(reset["value"], json!({ "items": [], "more": false }));
    assert!(reset.get("seq").is_none());
    let reaction = json!({ "conversation": "talk", "message": message, "emoji": "❤️" });
    bob.ok("reaction.add", reaction.clone()).await;
    let put = ada.next().await;
    assert_eq!((put["t"].as_str(), put["id"].as_u64()), (Some("events"), Some(id.into())), "{put}");
    assert_eq!(put["changes"][0]["put"]["user"], "bob");
    assert!(put["changes"][0]["put"]["createdAt"].is_i64());
    assert_eq!(ids(&put, "users"), ["bob"]);
    bob.ok("reaction.add", json!({ "conversation": "talk", "message": message, "emoji": "👍" })).await;
    bob.ok("reaction.remove", reaction).await;
    assert_eq!(ada.next().await["changes"], json!([{ "drop": "bob" }]), "the other emoji causes no frame");
    ada.ok("message.delete", json!({ "conversation": "talk", "message": message })).await;
    let gone = ada.next().await;
    assert_eq!(gone, json!({ "t": "reset", "id": id }), "the message is deleted");
    let nowhere = json!({ "kind": "reactions", "id": "talk", "message": "none", "emoji": "👍" });
    let (id, reset) = ada.subscribe(nowhere).await;
    assert_eq!(reset, json!({ "t": "reset", "id": id }));
}

#[tokio::test]
async fn messages_of_one_rest_call_are_sent_in_one_frame() {
    let server = server().await;
    let mut bob = Subscriber::new(&server, "bob").await;
    bob.subscribe(messages()).await;
    let message = |text: &str| json!({ "type": "UserMessage", "sender": "ada", "text": text });
    let system = json!({ "type": "SystemMessage", "text": "Ada wrote twice" });
    rest(&server, "POST", "/conversations/talk/messages", json!([message("one"), message("two"), system]))
        .await;
    let frame = bob.next().await;
    assert_eq!(frame["changes"].as_array().unwrap().len(), 3, "{frame}");
    assert_eq!(ids(&frame, "users"), ["ada"], "each body once");
    let kinds: Vec<_> =
        frame["entities"]["messages"].as_array().unwrap().iter().map(|m| m["type"].clone()).collect();
    assert_eq!(kinds.iter().filter(|kind| **kind == "SystemMessage").count(), 1);
    bob.expect_nothing().await;
}

#[tokio::test]
async fn a_change_is_sent_after_its_commit() {
    let server = server().await;
    let (mut ada, mut bob) = (Subscriber::new(&server, "ada").await, Subscriber::new(&server, "bob").await);
    bob.subscribe(messages()).await;
    for index in 0..50 {
        let data = json!({ "conversation": "talk", "data": { "text": format!("{index}") } });
        ada.next_id += 1;
        ada.client
            .send(json!({ "t": "request", "id": ada.next_id, "op": "message.send", "params": data }))
            .await;
        // A client that receives the change can read the message.
        let frame = bob.next().await;
        let message = frame["changes"][0]["put"].clone();
        let found = bob.ok("message.get", json!({ "conversation": "talk", "message": message })).await;
        assert_eq!(found, message);
    }
}
