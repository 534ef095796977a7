//! Going on after a cut, and what a client may not have too much of.

use causerie_server::config::Rate;
use serde_json::{Value, json};

use super::{Follower, body, furnish, ids, server};
use crate::support::{TestServer, config};

fn messages() -> Value {
    json!({ "kind": "messages", "id": "talk" })
}

#[tokio::test]
async fn who_comes_back_is_told_what_was_missed_and_no_more() {
    let server = server().await;
    let mut ada = Follower::new(&server, "ada").await;
    let mut bob = Follower::new(&server, "bob").await;
    let epoch = bob.epoch();
    let (first, second) = (ada.say("talk", "one").await, ada.say("talk", "two").await);
    let (_, reset) = bob.follow(messages()).await;
    let seq = reset["seq"].as_u64().unwrap();
    bob.close().await;

    let mut bob = Follower::new(&server, "bob").await;
    let from = json!({ "from": { "epoch": epoch, "seq": seq } });
    let id = bob.ask(messages(), from.clone()).await;
    let mut nothing = bob.next().await;
    assert_eq!(nothing["entities"].take(), json!({ "users": [reset["entities"]["users"][0]] }));
    let expected =
        json!({ "t": "events", "id": id, "since": seq, "seq": seq, "changes": [], "entities": null });
    assert_eq!(nothing, expected, "nothing was missed");
    bob.close().await;

    let third = ada.say("talk", "three").await;
    let edit = json!({ "conversation": "talk", "message": first, "data": { "text": "One" } });
    ada.ok("message.edit", edit).await;
    ada.ok("message.delete", json!({ "conversation": "talk", "message": second })).await;
    ada.ok("conversation.markAsUnread", json!({ "conversation": "talk" })).await;
    let mut bob = Follower::new(&server, "bob").await;
    let id = bob.ask(messages(), from.clone()).await;
    let delta = bob.next().await;
    assert_eq!((delta["t"].as_str(), delta["id"].as_u64()), (Some("events"), Some(id.into())), "{delta}");
    assert_eq!(delta["since"], seq);
    assert_eq!(delta["changes"], json!([{ "put": first }, { "put": third }, { "drop": second }]));
    assert_eq!(body(&delta, "messages", &first)["plaintext"], "One");
    assert_eq!(ids(&delta, "users"), ["ada"]);
    // And from there it goes on without a gap.
    let fourth = ada.say("talk", "four").await;
    let next = bob.next().await;
    assert_eq!(
        (next["since"].clone(), next["changes"].clone()),
        (delta["seq"].clone(), json!([{ "put": fourth }]))
    );
    bob.close().await;

    for index in 0..201 {
        ada.say("talk", &format!("{index}")).await;
    }
    let mut bob = Follower::new(&server, "bob").await;
    bob.ask(messages(), from).await;
    let reset = bob.next().await;
    assert_eq!(reset["t"], "reset", "too much was missed to be told one by one");
    assert_eq!(reset["value"]["items"].as_array().unwrap().len(), 30);
}

#[tokio::test]
async fn who_comes_back_hears_what_became_of_those_whose_messages_it_holds() {
    let server = server().await;
    let mut ada = Follower::new(&server, "ada").await;
    let mut bob = Follower::new(&server, "bob").await;
    let epoch = bob.epoch();
    ada.say("talk", "one").await;
    let (_, reset) = bob.follow(messages()).await;
    bob.close().await;

    ada.ok("user.set", json!({ "user": "ada", "data": { "name": "Ada Lovelace" } })).await;
    let mut bob = Follower::new(&server, "bob").await;
    bob.ask(messages(), json!({ "from": { "epoch": epoch, "seq": reset["seq"] } })).await;
    let came = bob.next().await;
    assert_eq!((came["t"].as_str(), &came["changes"]), (Some("events"), &json!([])), "{came}");
    assert_eq!(body(&came, "users", "ada")["name"], "Ada Lovelace");
    // And not only once.
    ada.ok("user.set", json!({ "user": "ada", "data": { "name": "Ada" } })).await;
    let update = bob.next().await;
    assert_eq!(update["t"], "update", "{update}");
    assert_eq!(body(&update, "users", "ada")["name"], "Ada");
}

#[tokio::test]
async fn a_position_of_another_history_is_answered_with_the_whole() {
    let server = server().await;
    let mut bob = Follower::new(&server, "bob").await;
    let epoch = bob.epoch();
    let window = json!({ "limit": 50 });
    for from in [json!({ "epoch": "another", "seq": 1 }), json!({ "epoch": epoch, "seq": 1_000_000 })] {
        bob.ask(messages(), json!({ "from": from, "window": window })).await;
        assert_eq!(bob.next().await["t"], "reset", "{from}");
    }
    // Other topics have no numbers to go on from.
    bob.ask(json!({ "kind": "conversations" }), json!({ "from": { "epoch": epoch, "seq": 1 } })).await;
    assert_eq!(bob.next().await["t"], "reset");
    let mut eve = Follower::new(&server, "eve").await;
    let id = eve.ask(messages(), json!({ "from": { "epoch": epoch, "seq": 1 } })).await;
    assert_eq!(eve.next().await, json!({ "t": "reset", "id": id }), "who is no participant resumes nothing");
}

#[tokio::test]
async fn a_window_is_as_large_as_it_was_and_within_its_bounds() {
    let server = server().await;
    let mut ada = Follower::new(&server, "ada").await;
    for index in 0..45 {
        ada.say("talk", &format!("{index}")).await;
    }
    ada.ask(messages(), json!({ "window": { "limit": 40 } })).await;
    let reset = ada.next().await;
    assert_eq!(reset["value"]["items"].as_array().unwrap().len(), 40);
    assert_eq!(reset["value"]["more"], true);
    for (topic, window, field) in [
        (messages(), json!({ "limit": 0 }), "window.limit"),
        (messages(), json!({ "limit": 1_001 }), "window.limit"),
        (json!({ "kind": "user", "id": "ada" }), json!({ "limit": 5 }), "window"),
    ] {
        let id = ada.ask(topic, json!({ "window": window })).await;
        let ended = ada.next().await;
        assert_eq!((ended["t"].as_str(), ended["id"].as_u64()), (Some("ended"), Some(id.into())), "{ended}");
        assert_eq!(ended["error"]["code"], "invalid_argument");
        assert_eq!(ended["error"]["field"], field, "{ended}");
    }
    let bad = json!({ "kind": "conversations", "filter": { "isUnread": "perhaps" } });
    ada.ask(bad, json!({})).await;
    let ended = ada.next().await;
    assert_eq!(
        (ended["t"].as_str(), ended["error"]["code"].as_str()),
        (Some("ended"), Some("invalid_argument"))
    );
    let bad = json!({ "kind": "reactions", "id": "talk", "message": "m", "emoji": "thumbs up" });
    ada.ask(bad, json!({})).await;
    assert_eq!(ada.next().await["error"]["field"], "emoji");
}

#[tokio::test]
async fn a_subscription_begins_after_what_was_asked_before_it_and_harms_nothing_behind_it() {
    let server = server().await;
    let mut ada = Follower::new(&server, "ada").await;
    let frames = [
        json!({ "t": "request", "id": 1, "op": "conversation.createIfNotExists", "params": { "conversation": "new" } }),
        json!({ "t": "subscribe", "id": 2, "topic": { "kind": "messages", "id": "new" } }),
        json!({ "t": "request", "id": 3, "op": "message.send",
            "params": { "conversation": "new", "data": { "text": "Hello" } } }),
        json!({ "t": "unsubscribe", "id": 2 }),
        json!({ "t": "subscribe", "id": 4, "topic": { "kind": "messages", "id": "new" } }),
    ];
    for frame in frames {
        ada.client.send(frame).await;
    }
    let mut heard = Vec::new();
    while heard.iter().all(|frame: &Value| frame["id"] != 4) {
        heard.push(ada.next().await);
    }
    let reset = heard.iter().find(|frame| frame["t"] == "reset" && frame["id"] == 2).unwrap();
    assert!(!reset["value"].is_null(), "the conversation was there when its turn came: {heard:?}");
    let last = heard.last().unwrap();
    assert_eq!(last["value"]["items"].as_array().unwrap().len(), 1, "and so was the message: {last}");
}

#[tokio::test]
async fn a_client_has_so_many_subscriptions_and_no_more() {
    let server = server().await;
    let mut ada = Follower::new(&server, "ada").await;
    for _ in 0..causerie_protocol::limits::SUBSCRIPTIONS {
        ada.follow(json!({ "kind": "user", "id": "bob" })).await;
    }
    let id = ada.ask(json!({ "kind": "user", "id": "bob" }), json!({})).await;
    let ended = ada.next().await;
    assert_eq!((ended["t"].as_str(), ended["id"].as_u64()), (Some("ended"), Some(id.into())));
    assert_eq!(ended["error"]["code"], "rate_limited");
    ada.unfollow(1).await;
    ada.follow(json!({ "kind": "user", "id": "bob" })).await;
}

#[tokio::test]
async fn subscribing_counts_against_the_rates_like_a_request() {
    let mut config = config();
    config.limits.user = Rate { per_second: 1, burst: 3 };
    let server = TestServer::with(config).await;
    let mut ada = Follower::new(&server, "ada").await;
    for _ in 0..3 {
        ada.follow(json!({ "kind": "user", "id": "bob" })).await;
    }
    ada.ask(json!({ "kind": "user", "id": "bob" }), json!({})).await;
    let ended = ada.next().await;
    assert_eq!((ended["t"].as_str(), ended["error"]["code"].as_str()), (Some("ended"), Some("rate_limited")));
    assert!(ended["error"]["retryAfter"].is_u64());
}

#[tokio::test]
async fn a_client_that_does_not_read_is_closed_and_goes_on_from_where_it_was() {
    let mut config = config();
    config.limits.queue_bytes = 64 * 1_024;
    let server = TestServer::with(config).await;
    furnish(&server).await;
    let (mut ada, mut bob) = (Follower::new(&server, "ada").await, Follower::new(&server, "bob").await);
    let epoch = bob.epoch();
    let (_, reset) = bob.follow(messages()).await;
    let text = "x".repeat(10_000);
    // More than the sockets' own buffers hold, while bob reads nothing.
    let mut last = String::new();
    for _ in 0..900 {
        last = ada.say("talk", &text).await;
    }
    let mut seq = reset["seq"].as_u64().unwrap();
    let mut closed = None;
    while closed.is_none() {
        match bob.client.hear().await {
            crate::support::socket::Heard::Frame(frame) if frame["t"] == "events" => {
                assert_eq!(frame["since"], seq, "what it got has no hole");
                seq = frame["seq"].as_u64().unwrap();
            }
            crate::support::socket::Heard::Frame(frame) if frame["t"] == "error" => {
                assert_eq!(frame["error"]["code"], "offline");
            }
            crate::support::socket::Heard::Closed(code, _) => closed = Some(code),
            _ => {}
        }
    }
    // The close may not get through to whoever reads nothing; that the connection ends is what counts.
    assert!(matches!(closed, Some(4_001 | 1_006)), "{closed:?}");
    let mut bob = Follower::new(&server, "bob").await;
    bob.ask(messages(), json!({ "from": { "epoch": epoch, "seq": seq } })).await;
    let back = bob.next().await;
    assert_eq!(ids(&back, "messages").iter().filter(|id| **id == last).count(), 1);
    ada.say("talk", "Back again?").await;
    assert_eq!(bob.next().await["since"], back["seq"]);
}

#[tokio::test]
async fn two_devices_of_one_user_both_hear_everything() {
    let server = server().await;
    let mut phone = Follower::named(&server, "ada", "phone").await;
    let mut desk = Follower::named(&server, "ada", "desk").await;
    for device in [&mut phone, &mut desk] {
        device.follow(messages()).await;
        device.follow(json!({ "kind": "conversations" })).await;
    }
    let sent = phone.say("talk", "From my phone").await;
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
