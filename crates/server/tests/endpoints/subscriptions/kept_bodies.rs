//! Clients that keep bodies (`keepsBodies` in `hello`) are not sent a body again that they have.

use std::collections::VecDeque;
use std::time::Duration;

use serde_json::{Value, json};

use super::{Subscriber, body, create_talk, ids, rest, server};
use crate::support::{TestServer, within};

const ENTITIES: [&str; 3] = ["users", "conversations", "messages"];

/// A connection of a client that keeps the last bodies.
async fn keeper(server: &TestServer, user: &str, bodies: u64) -> Subscriber {
    let client = format!("keeper-of-{user}");
    Subscriber::with_hello(server, user, &client, json!({ "keepsBodies": bodies })).await
}

fn topic(kind: &str) -> Value {
    json!({ "kind": kind, "id": "talk" })
}

/// Subscribes to the three topics that show a message in "talk".
async fn subscribe_to_all(subscriber: &mut Subscriber) {
    for topic in [topic("messages"), json!({ "kind": "conversations" }), topic("conversation")] {
        subscriber.subscribe(topic).await;
    }
}

/// Returns the next frames of the three topics, with the bodies that they have: kind and id, sorted.
async fn bodies_of_three_frames(subscriber: &mut Subscriber) -> Vec<String> {
    let mut found = Vec::new();
    for _ in 0..3 {
        let frame = subscriber.next().await;
        for kind in ENTITIES {
            found.extend(ids(&frame, kind).into_iter().map(|id| format!("{kind} {id}")));
        }
    }
    found.sort();
    found
}

async fn rename(server: &TestServer, user: &str, name: &str) {
    rest(server, "PUT", &format!("/users/{user}"), json!({ "name": name })).await;
}

#[tokio::test]
async fn new_message_of_three_topics_sends_each_body_once() {
    let server = server().await;
    let mut bob = Subscriber::new(&server, "bob").await;
    let mut plain = Subscriber::named(&server, "ada", "plain").await;
    let mut ada = keeper(&server, "ada", 128).await;
    bob.send_message("talk", "first").await;
    subscribe_to_all(&mut ada).await;
    subscribe_to_all(&mut plain).await;
    let id = bob.send_message("talk", "second").await;
    let message = format!("messages {id}");
    // The sender was sent with the first message.
    let expected = ["conversations talk".to_owned(), message.clone()];
    assert_eq!(bodies_of_three_frames(&mut ada).await, expected);
    let all = ["conversations talk", "conversations talk", &message, &message, &message]
        .into_iter()
        .chain(["users bob"; 3]);
    assert_eq!(bodies_of_three_frames(&mut plain).await, all.collect::<Vec<_>>(), "without `keepsBodies`");
    ada.expect_nothing().await;
    plain.expect_nothing().await;
}

#[tokio::test]
async fn changed_body_is_sent_again_and_only_once() {
    let server = server().await;
    let mut bob = Subscriber::new(&server, "bob").await;
    let mut ada = keeper(&server, "ada", 128).await;
    let (_, reset) = ada.subscribe(topic("messages")).await;
    assert_eq!(ids(&reset, "users"), [] as [&str; 0]);
    let first = bob.send_message("talk", "first").await;
    let before = ada.next().await;
    rename(&server, "bob", "Robert").await;
    let update = ada.next().await;
    assert_eq!(body(&update, "users", "bob")["name"], "Robert");
    assert_ne!(body(&update, "users", "bob")["rev"], body(&before, "users", "bob")["rev"]);
    bob.send_message("talk", "second").await;
    assert_eq!(ids(&ada.next().await, "users"), [] as [&str; 0]);
    let edit = json!({ "conversation": "talk", "message": first, "data": { "text": "edited" } });
    bob.ok("message.edit", edit).await;
    let edited = ada.next().await;
    assert_eq!(body(&edited, "messages", &first)["plaintext"], "edited");
    // A body that is as it was before the last transmission is not the one that the client has.
    rename(&server, "bob", "bob").await;
    let update = ada.next().await;
    assert_eq!(body(&update, "users", "bob")["rev"], body(&before, "users", "bob")["rev"]);
}

#[tokio::test]
async fn update_without_a_body_to_send_is_not_sent() {
    let server = server().await;
    let mut ada = keeper(&server, "ada", 128).await;
    ada.subscribe(json!({ "kind": "user", "id": "bob" })).await;
    rest(&server, "PUT", "/users/bob", json!({ "name": "bob", "email": ["bob@example.com"] })).await;
    ada.expect_nothing().await;
    rename(&server, "bob", "Robert").await;
    assert_eq!(body(&ada.next().await, "users", "bob")["name"], "Robert");
}

#[tokio::test]
async fn body_is_sent_again_after_as_many_others_as_the_client_keeps() {
    let server = server().await;
    let mut bob = Subscriber::new(&server, "bob").await;
    let mut ada = keeper(&server, "ada", 4).await;
    ada.subscribe(topic("messages")).await;
    let mut with_sender = Vec::new();
    for index in 0..8 {
        bob.send_message("talk", &format!("message {index}")).await;
        with_sender.push(ids(&ada.next().await, "users").len());
    }
    // Of four kept bodies, one must be free for the message of the frame itself.
    assert_eq!(with_sender, [1, 0, 0, 1, 0, 0, 1, 0]);
}

#[tokio::test]
async fn the_server_remembers_at_most_its_own_limit() {
    let server = server().await;
    let limit = causerie_protocol::limits::KEPT_BODIES;
    let mut bob = Subscriber::new(&server, "bob").await;
    let mut ada = keeper(&server, "ada", u32::MAX.into()).await;
    ada.subscribe(topic("messages")).await;
    for index in 0..=limit {
        bob.send_message("talk", "x").await;
        let users = ids(&ada.next().await, "users").len();
        assert_eq!(users == 1, index == 0 || index == limit - 1, "message {index}");
    }
}

#[tokio::test]
async fn new_connection_and_one_without_the_field_start_with_nothing() {
    let server = server().await;
    let mut bob = Subscriber::new(&server, "bob").await;
    bob.send_message("talk", "first").await;
    for hello in [json!({ "keepsBodies": 128 }), json!({ "keepsBodies": 0 }), json!({})] {
        for _ in 0..2 {
            let mut ada = Subscriber::with_hello(&server, "ada", "one-client", hello.clone()).await;
            let (_, reset) = ada.subscribe(topic("messages")).await;
            assert_eq!((ids(&reset, "users").len(), ids(&reset, "messages").len()), (1, 1), "{hello}");
            let (_, reset) = ada.subscribe(topic("messages")).await;
            let complete = hello["keepsBodies"] != 128;
            assert_eq!(ids(&reset, "messages").len(), usize::from(complete), "{hello}");
            assert_eq!(reset["value"]["items"].as_array().unwrap().len(), 1, "the value is complete");
            ada.close().await;
        }
    }
}

#[tokio::test]
async fn results_are_complete_and_do_not_count_as_kept() {
    let server = server().await;
    let mut bob = Subscriber::new(&server, "bob").await;
    let mut ada = keeper(&server, "ada", 128).await;
    ada.subscribe(topic("messages")).await;
    let id = bob.send_message("talk", "first").await;
    ada.next().await;
    let get = json!({ "conversation": "talk", "message": id });
    for _ in 0..2 {
        let result = ada.outcome("message.get", get.clone()).await;
        assert_eq!((ids(&result, "users").len(), ids(&result, "messages").len()), (1, 1));
    }
    bob.send_message("talk", "second").await;
    assert_eq!(ids(&ada.next().await, "users"), [] as [&str; 0], "the result had the same revision");
}

#[tokio::test]
async fn reply_comes_with_the_message_it_references_unless_both_are_kept() {
    let server = server().await;
    let mut bob = Subscriber::new(&server, "bob").await;
    let mut ada = keeper(&server, "ada", 128).await;
    let question = bob.send_message("talk", "question").await;
    let (messages, reset) = ada.subscribe(topic("messages")).await;
    assert_eq!(ids(&reset, "messages"), [question.as_str()]);
    let data = json!({ "text": "answer", "referencedMessage": question });
    let reply = bob.ok("message.send", json!({ "conversation": "talk", "data": data })).await;
    let reply = reply.as_str().unwrap().to_owned();
    let mut both = [question.clone(), reply.clone()];
    both.sort();
    assert_eq!(ids(&ada.next().await, "messages"), both, "the client has the question already");
    let (_, reset) = ada.subscribe(topic("conversation")).await;
    assert_eq!(ids(&reset, "messages"), [] as [&str; 0]);
    // After the deletion of the question, the reply is sent again, without it.
    ada.unsubscribe(messages).await;
    bob.ok("message.delete", json!({ "conversation": "talk", "message": question })).await;
    let reset = ada.next().await;
    assert_eq!(ids(&reset, "messages"), [reply]);
}

/// A client that keeps exactly the bodies that it must, and fails if it cannot resolve an id.
struct StrictKeeper {
    subscriber: Subscriber,
    limit: usize,
    /// The last bodies, oldest first: kind and body.
    kept: VecDeque<(&'static str, Value)>,
}

impl StrictKeeper {
    fn kept(&self, kind: &str, id: &str) -> Option<Value> {
        let found = self.kept.iter().rev().find(|(other, body)| *other == kind && body["id"] == id);
        found.map(|(_, body)| body.clone())
    }

    /// Returns the bodies that the values of a frame name.
    fn apply(&mut self, frame: &Value) -> Vec<Value> {
        let mut received: Vec<(&'static str, Value)> = Vec::new();
        for kind in ENTITIES {
            for body in frame["entities"][kind].as_array().into_iter().flatten() {
                received.push((kind, body.clone()));
                self.kept.push_back((kind, body.clone()));
                if self.kept.len() > self.limit {
                    self.kept.pop_front();
                }
            }
        }
        let resolve = |kind: &str, id: &str| {
            let found = received.iter().find(|(other, body)| *other == kind && body["id"] == id);
            let body = found.map(|(_, body)| body.clone()).or_else(|| self.kept(kind, id));
            body.unwrap_or_else(|| panic!("no body of {kind} {id} for {frame}"))
        };
        let mut named = Vec::new();
        let values = match frame["t"].as_str() {
            Some("reset") => frame["value"]["items"]
                .as_array()
                .cloned()
                .unwrap_or_else(|| frame.get("value").into_iter().cloned().collect()),
            _ => frame["changes"]
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(|change| change.get("put").cloned())
                .collect(),
        };
        for value in values {
            match value.as_str() {
                Some(id) if id.starts_with("msg") => named.push(resolve("messages", id)),
                Some(id) => {
                    let conversation = resolve("conversations", id);
                    if let Some(last) = conversation["lastMessage"].as_str() {
                        named.push(resolve("messages", last));
                    }
                    named.push(conversation);
                }
                None => named.push(resolve("users", value["user"].as_str().unwrap())),
            }
        }
        for message in named.clone() {
            if let Some(sender) = message["sender"].as_str() {
                named.push(resolve("users", sender));
            }
        }
        named
    }
}

#[tokio::test]
async fn client_that_keeps_only_its_last_bodies_resolves_every_id() {
    let server = TestServer::start().await;
    create_talk(&server).await;
    rest(&server, "PUT", "/conversations/other", json!({ "participants": ["ada", "bob", "cat"] })).await;
    let mut writers = [
        Subscriber::new(&server, "ada").await,
        Subscriber::new(&server, "bob").await,
        Subscriber::new(&server, "cat").await,
    ];
    rest(&server, "PUT", "/conversations/talk/participants/cat", json!({ "access": "ReadWrite" })).await;
    let mut keepers = Vec::new();
    for limit in [1, 2, 3, 5, 9, 17, 128] {
        let hello = json!({ "keepsBodies": limit });
        let mut subscriber = Subscriber::with_hello(&server, "ada", &format!("strict-{limit}"), hello).await;
        for topic in [
            topic("messages"),
            json!({ "kind": "conversations" }),
            topic("conversation"),
            topic("participants"),
            json!({ "kind": "messages", "id": "other" }),
        ] {
            subscriber.send_subscribe(topic, json!({})).await;
        }
        keepers.push(StrictKeeper { subscriber, limit, kept: VecDeque::new() });
    }
    // A fixed sequence of pseudo-random numbers.
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut random = |bound: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state % bound as u64).unwrap()
    };
    let mut sent: Vec<(usize, &str, String)> = Vec::new();
    for step in 0..300 {
        let index = random(3);
        let writer = &mut writers[index];
        let conversation = ["talk", "other"][random(2)];
        match random(10) {
            0..5 => {
                let mut data = json!({ "text": format!("message {step}") });
                let earlier: Vec<_> = sent.iter().filter(|(_, other, _)| *other == conversation).collect();
                if random(3) == 0 && !earlier.is_empty() {
                    data["referencedMessage"] = json!(earlier[random(earlier.len())].2);
                }
                let params = json!({ "conversation": conversation, "data": data });
                let id = writer.ok("message.send", params).await;
                sent.push((index, conversation, id.as_str().unwrap().to_owned()));
            }
            5 if !sent.is_empty() => {
                let (author, conversation, id) = sent.remove(random(sent.len()));
                let params = json!({ "conversation": conversation, "message": id });
                writers[author].ok("message.delete", params).await;
            }
            6 if !sent.is_empty() => {
                let (author, conversation, id) = sent[random(sent.len())].clone();
                let data = json!({ "text": format!("edited {step}") });
                let params = json!({ "conversation": conversation, "message": id, "data": data });
                writers[author].ok("message.edit", params).await;
            }
            7 if !sent.is_empty() => {
                let (_, conversation, id) = sent[random(sent.len())].clone();
                let params = json!({ "conversation": conversation, "message": id, "emoji": "👍" });
                writer.ok("reaction.add", params).await;
            }
            8 => {
                let user = ["ada", "bob", "cat"][index];
                rename(&server, user, &format!("{user} {step}")).await;
            }
            _ => {
                writer.ok("conversation.markAsRead", json!({ "conversation": conversation })).await;
            }
        }
    }
    // Every client ends with the same bodies as one that was sent everything.
    let mut complete = Subscriber::named(&server, "ada", "complete").await;
    let (_, reset) = complete.subscribe(topic("conversation")).await;
    let last = reset["entities"]["messages"][0].clone();
    for mut keeper in keepers {
        let mut named = Vec::new();
        let mut frames = 0;
        while let Ok(frame) = tokio::time::timeout(Duration::from_millis(400), keeper.subscriber.next()).await
        {
            frames += 1;
            named.extend(keeper.apply(&frame));
        }
        assert!(frames > 200, "{frames} frames");
        let found = named.iter().rev().find(|body| body["id"] == last["id"]).unwrap();
        assert_eq!(found, &last, "with {} kept bodies", keeper.limit);
    }
    within(5, complete.close()).await;
}
