//! Messages as a backend sends and lists them.

use causerie_protocol::error::ErrorCode;
use serde_json::{Value, json};

use super::{START, World, invalid, refusal};

#[tokio::test]
async fn a_message_reads_as_it_was_sent() {
    let world = World::furnished().await;
    world.clock.advance(5);
    let first = world.say("c", "ada", "Hello *there*").await;
    let post = json!([
        {
            "type": "UserMessage", "sender": "bob", "custom": { "k": "v" }, "referencedMessageId": first,
            "content": [{ "type": "text", "children": ["See ", { "type": "bold", "children": ["this"] }] }],
        },
        { "type": "SystemMessage", "text": "Bob is typing" },
    ]);
    let sent = world.post("c", post).await.unwrap();
    let list = world.messages("c", None, None).await.unwrap();
    let expected = json!([
        {
            "id": sent[1]["id"], "conversationId": "c", "type": "SystemMessage", "senderId": null,
            "text": "Bob is typing", "content": [{ "type": "text", "children": ["Bob is typing"] }], "custom": {},
            "createdAt": START + 7, "editedAt": null, "referencedMessageId": null, "origin": "rest",
            "reactions": [],
        },
        {
            "id": sent[0]["id"], "conversationId": "c", "type": "UserMessage", "senderId": "bob",
            "text": "See this",
            "content": [{ "type": "text", "children": ["See ", { "type": "bold", "children": ["this"] }] }],
            "custom": { "k": "v" },
            "createdAt": START + 6, "editedAt": null, "referencedMessageId": first, "origin": "rest",
            "reactions": [],
        },
        {
            "id": first, "conversationId": "c", "type": "UserMessage", "senderId": "ada", "text": "Hello there",
            "content": [{ "type": "text", "children": ["Hello ", { "type": "bold", "children": ["there"] }] }],
            "custom": {},
            "createdAt": START + 5, "editedAt": null, "referencedMessageId": null, "origin": "rest",
            "reactions": [],
        },
    ]);
    assert_eq!(list, expected);
}

#[tokio::test]
async fn a_list_is_paged_newest_first() {
    let world = World::furnished().await;
    let mut ids = Vec::new();
    for index in 0..35 {
        ids.insert(0, world.say("c", "ada", &index.to_string()).await);
    }
    let page = async |limit, after: Option<&str>| {
        let page = world.messages("c", limit, after).await.unwrap();
        page.as_array().unwrap().iter().map(|m| m["id"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(page(None, None).await, ids[..30]);
    assert_eq!(page(None, Some(&ids[29])).await, ids[30..]);
    assert_eq!(page(Some(2), Some(&ids[0])).await, ids[1..3]);
    assert_eq!(page(Some(100), None).await, ids);
    assert_eq!(page(None, Some(&ids[34])).await, Vec::<String>::new());
    assert_eq!(refusal(world.messages("c", Some(0), None).await), invalid("limit"));
    assert_eq!(refusal(world.messages("c", Some(101), None).await), invalid("limit"));
    assert_eq!(refusal(world.messages("c", None, Some("msg_none")).await), invalid("startingAfter"));
    assert_eq!(refusal(world.messages("nowhere", None, None).await).0, ErrorCode::NotFound);
}

#[tokio::test]
async fn a_message_of_another_conversation_is_no_place_to_start_or_to_refer_to() {
    let world = World::furnished().await;
    world.put_conversation("d", json!({})).await.unwrap();
    let elsewhere = world.say("d", "ada", "over here").await;
    assert_eq!(refusal(world.messages("c", None, Some(&elsewhere)).await), invalid("startingAfter"));
    let post =
        json!([{ "type": "UserMessage", "sender": "ada", "text": "x", "referencedMessageId": elsewhere }]);
    assert_eq!(refusal(world.post("c", post).await), invalid("[0].referencedMessageId"));
}

#[tokio::test]
async fn all_messages_of_a_post_are_sent_or_none() {
    let world = World::furnished().await;
    let post = json!([
        { "type": "UserMessage", "sender": "ada", "text": "one", "idempotencyKey": "k" },
        { "type": "UserMessage", "sender": "nobody", "text": "two" },
    ]);
    assert_eq!(refusal(world.post("c", post).await), invalid("[1].sender"));
    assert_eq!(world.messages("c", None, None).await.unwrap(), json!([]));
    assert_eq!(world.seen_by("bob", "c").await["unreadMessageCount"], json!(0));
    // The key of what was not sent is free.
    let post = json!([{ "type": "UserMessage", "sender": "bob", "text": "another", "idempotencyKey": "k" }]);
    world.post("c", post).await.unwrap();
}

#[tokio::test]
async fn a_bad_message_is_refused_by_its_place_and_field() {
    let world = World::furnished().await;
    let text = |nodes: Value| json!([{ "type": "UserMessage", "sender": "ada", "content": [{ "type": "text", "children": nodes }] }]);
    let block = |block: Value| json!([{ "type": "UserMessage", "sender": "ada", "content": block }]);
    let mut deep = json!("deep");
    for _ in 0..40 {
        deep = json!({ "type": "bold", "children": [deep] });
    }
    for (messages, field) in [
        (json!([]), ""),
        (json!(vec![json!({ "type": "SystemMessage", "text": "x" }); 11]), ""),
        (json!([{ "type": "UserMessage", "text": "x" }]), "[0].sender"),
        (json!([{ "type": "SystemMessage", "text": "x", "sender": "ada" }]), "[0].sender"),
        (json!([{ "type": "SystemMessage" }]), "[0].text"),
        (
            json!([{ "type": "SystemMessage", "text": "x" }, { "type": "SystemMessage", "text": " " }]),
            "[1].text",
        ),
        (json!([{ "type": "SystemMessage", "text": "x".repeat(10_001) }]), "[0].text"),
        (json!([{ "type": "SystemMessage", "text": "x", "content": [] }]), "[0].content"),
        (json!([{ "type": "SystemMessage", "text": "x", "custom": { "": "v" } }]), "[0].custom."),
        (json!([{ "type": "SystemMessage", "text": "x", "idempotencyKey": "" }]), "[0].idempotencyKey"),
        (
            json!([{ "type": "SystemMessage", "text": "x", "referencedMessageId": "none" }]),
            "[0].referencedMessageId",
        ),
        (block(json!([])), "[0].content"),
        (block(json!({ "type": "text" })), "[0].content"),
        (
            block(json!([{ "type": "text", "children": ["a"] }, { "type": "text", "children": ["b"] }])),
            "[0].content",
        ),
        (block(json!([{ "type": "video" }])), "[0].content[0].type"),
        (block(json!([{ "type": "location", "latitude": 91, "longitude": 0 }])), "[0].content[0].latitude"),
        (block(json!([{ "type": "location", "latitude": 9, "longitude": "0" }])), "[0].content[0].longitude"),
        (text(json!("x")), "[0].content[0].children"),
        (text(json!([])), "[0].content"),
        (text(json!(["a", 5])), "[0].content[0].children[1]"),
        (text(json!([{ "type": "blink", "children": [] }])), "[0].content[0].children[0].type"),
        (text(json!([{ "type": "bold" }])), "[0].content[0].children[0].children"),
        (text(json!([{ "type": "codeSpan" }])), "[0].content[0].children[0].text"),
        (text(json!([{ "type": "mention", "text": "@a", "id": "" }])), "[0].content[0].children[0].id"),
        (
            text(json!([{ "type": "link", "url": "javascript:alert(1)", "children": ["x"] }])),
            "[0].content[0].children[0].url",
        ),
        (
            text(json!([{ "type": "actionButton", "action": "a", "params": { "p": 1 }, "children": ["x"] }])),
            "[0].content[0].children[0].params.p",
        ),
    ] {
        assert_eq!(refusal(world.post("c", messages.clone()).await), invalid(field), "{messages}");
    }
    let (code, field) = refusal(world.post("c", text(json!([deep]))).await);
    assert_eq!(code, ErrorCode::InvalidArgument);
    assert!(field.ends_with(".children"), "{field}");
    let file = block(json!([{ "type": "file", "fileToken": "t" }]));
    assert_eq!(refusal(world.post("c", file).await).0, ErrorCode::Unsupported);
    assert_eq!(
        refusal(world.post("nowhere", json!([{ "type": "SystemMessage", "text": "x" }])).await).0,
        ErrorCode::NotFound
    );
    assert_eq!(world.messages("c", None, None).await.unwrap(), json!([]));
}

#[tokio::test]
async fn the_key_of_another_message_is_refused() {
    let world = World::furnished().await;
    let post =
        |text: &str| json!([{ "type": "UserMessage", "sender": "ada", "text": text, "idempotencyKey": "k" }]);
    let first = world.post("c", post("one")).await.unwrap();
    assert_eq!(world.post("c", post("one")).await.unwrap(), first);
    assert_eq!(
        refusal(world.post("c", post("two")).await),
        (ErrorCode::KeyReused, "[0].idempotencyKey".to_owned())
    );
    world.put_conversation("d", json!({})).await.unwrap();
    let elsewhere = world.post("d", post("two")).await.unwrap();
    assert_ne!(elsewhere, first, "another conversation has keys of its own");
}

#[tokio::test]
async fn a_backend_may_speak_for_somebody_who_is_no_participant() {
    let world = World::furnished().await;
    world.put_user("carol", json!({ "name": "Carol" })).await.unwrap();
    world.say("c", "carol", "from outside").await;
    assert_eq!(world.seen_by("ada", "c").await["unreadMessageCount"], json!(1));
    assert_eq!(world.seen_by("carol", "c").await, Value::Null, "sending makes nobody a participant");
}

#[tokio::test]
async fn message_ids_are_all_different_and_lie_in_the_order_of_their_times() {
    let world = World::furnished().await;
    let mut ids = Vec::new();
    for _ in 0..50 {
        ids.push(world.say("c", "ada", "x").await);
        world.clock.advance(1);
    }
    let mut sorted = ids.clone();
    sorted.sort();
    sorted.dedup();
    assert_eq!(ids, sorted);
}
