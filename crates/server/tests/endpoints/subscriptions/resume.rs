//! Resuming after a lost connection, and the limits of subscriptions.

use causerie_server::config::Rate;
use serde_json::{Value, json};

use super::{Subscriber, body, create_talk, ids, server};
use crate::support::{TestServer, config};

fn messages() -> Value {
    json!({ "kind": "messages", "id": "talk" })
}

#[tokio::test]
async fn a_resumed_subscription_receives_only_the_missed_changes() {
    let server = server().await;
    let mut ada = Subscriber::new(&server, "ada").await;
    let mut bob = Subscriber::new(&server, "bob").await;
    let epoch = bob.epoch();
    let (first, second) = (ada.send_message("talk", "one").await, ada.send_message("talk", "two").await);
    let (_, reset) = bob.subscribe(messages()).await;
    let seq = reset["seq"].as_u64().unwrap();
    bob.close().await;

    let mut bob = Subscriber::new(&server, "bob").await;
    let from = json!({ "from": { "epoch": epoch, "seq": seq } });
    let id = bob.send_subscribe(messages(), from.clone()).await;
    let mut delta = bob.next().await;
    assert_eq!(delta["entities"].take(), json!({ "users": [reset["entities"]["users"][0]] }));
    let expected =
        json!({ "t": "events", "id": id, "since": seq, "seq": seq, "changes": [], "entities": null });
    assert_eq!(delta, expected, "no change was missed");
    bob.close().await;

    let third = ada.send_message("talk", "three").await;
    let edit = json!({ "conversation": "talk", "message": first, "data": { "text": "One" } });
    ada.ok("message.edit", edit).await;
    ada.ok("message.delete", json!({ "conversation": "talk", "message": second })).await;
    ada.ok("conversation.markAsUnread", json!({ "conversation": "talk" })).await;
    let mut bob = Subscriber::new(&server, "bob").await;
    let id = bob.send_subscribe(messages(), from.clone()).await;
    let delta = bob.next().await;
    assert_eq!((delta["t"].as_str(), delta["id"].as_u64()), (Some("events"), Some(id.into())), "{delta}");
    assert_eq!(delta["since"], seq);
    assert_eq!(delta["changes"], json!([{ "put": first }, { "put": third }, { "drop": second }]));
    assert_eq!(body(&delta, "messages", &first)["plaintext"], "One");
    assert_eq!(ids(&delta, "users"), ["ada"]);
    // The next change follows without a gap.
    let fourth = ada.send_message("talk", "four").await;
    let next = bob.next().await;
    assert_eq!(
        (next["since"].clone(), next["changes"].clone()),
        (delta["seq"].clone(), json!([{ "put": fourth }]))
    );
    bob.close().await;

    for index in 0..201 {
        ada.send_message("talk", &format!("{index}")).await;
    }
    let mut bob = Subscriber::new(&server, "bob").await;
    bob.send_subscribe(messages(), from).await;
    let reset = bob.next().await;
    assert_eq!(reset["t"], "reset", "too many changes were missed for a delta");
    assert_eq!(reset["value"]["items"].as_array().unwrap().len(), 30);
}

#[tokio::test]
async fn a_resumed_subscription_receives_the_changed_bodies_of_senders() {
    let server = server().await;
    let mut ada = Subscriber::new(&server, "ada").await;
    let mut bob = Subscriber::new(&server, "bob").await;
    let epoch = bob.epoch();
    ada.send_message("talk", "one").await;
    let (_, reset) = bob.subscribe(messages()).await;
    bob.close().await;

    ada.ok("user.set", json!({ "user": "ada", "data": { "name": "Ada Lovelace" } })).await;
    let mut bob = Subscriber::new(&server, "bob").await;
    bob.send_subscribe(messages(), json!({ "from": { "epoch": epoch, "seq": reset["seq"] } })).await;
    let delta = bob.next().await;
    assert_eq!((delta["t"].as_str(), &delta["changes"]), (Some("events"), &json!([])), "{delta}");
    assert_eq!(body(&delta, "users", "ada")["name"], "Ada Lovelace");
    // Later changes of the body are sent too.
    ada.ok("user.set", json!({ "user": "ada", "data": { "name": "Ada" } })).await;
    let update = bob.next().await;
    assert_eq!(update["t"], "update", "{update}");
    assert_eq!(body(&update, "users", "ada")["name"], "Ada");
}

#[tokio::test]
async fn an_unknown_position_is_answered_with_a_reset() {
    let server = server().await;
    let mut bob = Subscriber::new(&server, "bob").await;
    let epoch = bob.epoch();
    let window = json!({ "limit": 50 });
    for from in [json!({ "epoch": "another", "seq": 1 }), json!({ "epoch": epoch, "seq": 1_000_000 })] {
        bob.send_subscribe(messages(), json!({ "from": from, "window": window })).await;
        assert_eq!(bob.next().await["t"], "reset", "{from}");
    }
    // Other topics have no sequence numbers.
    bob.send_subscribe(json!({ "kind": "conversations" }), json!({ "from": { "epoch": epoch, "seq": 1 } }))
        .await;
    assert_eq!(bob.next().await["t"], "reset");
    let mut eve = Subscriber::new(&server, "eve").await;
    let id = eve.send_subscribe(messages(), json!({ "from": { "epoch": epoch, "seq": 1 } })).await;
    assert_eq!(
        eve.next().await,
        json!({ "t": "reset", "id": id }),
        "a user who is not a participant resumes nothing"
    );
}

#[tokio::test]
async fn a_window_has_the_requested_size_within_its_limits() {
    let server = server().await;
    let mut ada = Subscriber::new(&server, "ada").await;
    for index in 0..45 {
        ada.send_message("talk", &format!("{index}")).await;
    }
    ada.send_subscribe(messages(), json!({ "window": { "limit": 40 } })).await;
    let reset = ada.next().await;
    assert_eq!(reset["value"]["items"].as_array().unwrap().len(), 40);
    assert_eq!(reset["value"]["more"], true);
    for (topic, window, field) in [
        (messages(), json!({ "limit": 0 }), "window.limit"),
        (messages(), json!({ "limit": 1_001 }), "window.limit"),
        (json!({ "kind": "user", "id": "ada" }), json!({ "limit": 5 }), "window"),
    ] {
        let id = ada.send_subscribe(topic, json!({ "window": window })).await;
        let ended = ada.next().await;
        assert_eq!((ended["t"].as_str(), ended["id"].as_u64()), (Some("ended"), Some(id.into())), "{ended}");
        assert_eq!(ended["error"]["code"], "invalid_argument");
        assert_eq!(ended["error"]["field"], field, "{ended}");
    }
    let bad = json!({ "kind": "conversations", "filter": { "isUnread": "perhaps" } });
    ada.send_subscribe(bad, json!({})).await;
    let ended = ada.next().await;
    assert_eq!(
        (ended["t"].as_str(), ended["error"]["code"].as_str()),
        (Some("ended"), Some("invalid_argument"))
    );
    let bad = json!({ "kind": "reactions", "id": "talk", "message": "m", "emoji": "thumbs up" });
    ada.send_subscribe(bad, json!({})).await;
    assert_eq!(ada.next().await["error"]["field"], "emoji");
}

#[tokio::test]
async fn a_subscription_begins_after_earlier_requests_and_before_later_ones() {
    let server = server().await;
    let mut ada = Subscriber::new(&server, "ada").await;
    let frames = [
        json!({ "t": "request", "id": 1, "op": "conversation.createIfNotExists",
            "params": { "conversation": "new" } }),
        json!({ "t": "subscribe", "id": 2, "topic": { "kind": "messages", "id": "new" } }),
        json!({ "t": "request", "id": 3, "op": "message.send",
            "params": { "conversation": "new", "data": { "text": "Hello" } } }),
        json!({ "t": "unsubscribe", "id": 2 }),
        json!({ "t": "subscribe", "id": 4, "topic": { "kind": "messages", "id": "new" } }),
    ];
    for frame in frames {
        ada.client.send(frame).await;
    }
    let mut received = Vec::new();
    while received.iter().all(|frame: &Value| frame["id"] != 4) {
        received.push(ada.next().await);
    }
    let reset = received.iter().find(|frame| frame["t"] == "reset" && frame["id"] == 2).unwrap();
    assert!(!reset["value"].is_null(), "the conversation exists when the subscription begins: {received:?}");
    let last = received.last().unwrap();
    assert_eq!(
        last["value"]["items"].as_array().unwrap().len(),
        1,
        "the second subscription contains the message: {last}"
    );
}

#[tokio::test]
async fn subscriptions_of_a_connection_are_limited() {
    let server = server().await;
    let mut ada = Subscriber::new(&server, "ada").await;
    for _ in 0..causerie_protocol::limits::SUBSCRIPTIONS {
        ada.subscribe(json!({ "kind": "user", "id": "bob" })).await;
    }
    let id = ada.send_subscribe(json!({ "kind": "user", "id": "bob" }), json!({})).await;
    let ended = ada.next().await;
    assert_eq!((ended["t"].as_str(), ended["id"].as_u64()), (Some("ended"), Some(id.into())));
    assert_eq!(ended["error"]["code"], "rate_limited");
    ada.unsubscribe(1).await;
    ada.subscribe(json!({ "kind": "user", "id": "bob" })).await;
}

#[tokio::test]
async fn subscribing_counts_against_the_rates_like_a_request() {
    let mut config = config();
    config.limits.user = Rate { per_second: 1, burst: 3 };
    let server = TestServer::with(config).await;
    let mut ada = Subscriber::new(&server, "ada").await;
    for _ in 0..3 {
        ada.subscribe(json!({ "kind": "user", "id": "bob" })).await;
    }
    ada.send_subscribe(json!({ "kind": "user", "id": "bob" }), json!({})).await;
    let ended = ada.next().await;
    assert_eq!((ended["t"].as_str(), ended["error"]["code"].as_str()), (Some("ended"), Some("rate_limited")));
    assert!(ended["error"]["retryAfter"].is_u64());
}

#[tokio::test]
async fn a_client_that_was_closed_as_too_slow_resumes_without_a_gap() {
    let mut config = config();
    config.limits.queue_bytes = 64 * 1_024;
    let server = TestServer::with(config).await;
    create_talk(&server).await;
    let (mut ada, mut bob) = (Subscriber::new(&server, "ada").await, Subscriber::new(&server, "bob").await);
    let epoch = bob.epoch();
    let (_, reset) = bob.subscribe(messages()).await;
    let text = "x".repeat(10_000);
    // More than the buffers of the sockets hold, while bob reads nothing.
    let mut last = String::new();
    for _ in 0..900 {
        last = ada.send_message("talk", &text).await;
    }
    let mut seq = reset["seq"].as_u64().unwrap();
    let mut closed = None;
    while closed.is_none() {
        match bob.client.receive().await {
            crate::support::socket::Received::Frame(frame) if frame["t"] == "events" => {
                assert_eq!(frame["since"], seq, "there is no gap");
                seq = frame["seq"].as_u64().unwrap();
            }
            crate::support::socket::Received::Frame(frame) if frame["t"] == "error" => {
                assert_eq!(frame["error"]["code"], "offline");
            }
            crate::support::socket::Received::Closed(code, _) => closed = Some(code),
            _ => {}
        }
    }
    // A client that reads nothing may not receive the close frame. Only the end of the connection counts.
    assert!(matches!(closed, Some(4_001 | 1_006)), "{closed:?}");
    let mut bob = Subscriber::new(&server, "bob").await;
    bob.send_subscribe(messages(), json!({ "from": { "epoch": epoch, "seq": seq } })).await;
    let resumed = bob.next().await;
    assert_eq!(ids(&resumed, "messages").iter().filter(|id| **id == last).count(), 1);
    ada.send_message("talk", "Back again?").await;
    assert_eq!(bob.next().await["since"], resumed["seq"]);
}

#[tokio::test]
async fn two_devices_of_one_user_both_receive_everything() {
    let server = server().await;
    let mut phone = Subscriber::named(&server, "ada", "phone").await;
    let mut desk = Subscriber::named(&server, "ada", "desk").await;
    for device in [&mut phone, &mut desk] {
        device.subscribe(messages()).await;
        device.subscribe(json!({ "kind": "conversations" })).await;
    }
    let sent = phone.send_message("talk", "From my phone").await;
    for device in [&mut phone, &mut desk] {
        let (one, other) = (device.next().await, device.next().await);
        assert!(
            [&one, &other].iter().any(|frame| frame["changes"] == json!([{ "put": sent }])),
            "{one} {other}"
        );
        assert!(
            [&one, &other].iter().any(|frame| frame["changes"] == json!([{ "put": "talk" }])),
            "{one} {other}"
        );
    }
}
