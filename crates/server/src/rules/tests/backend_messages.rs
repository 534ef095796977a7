//! Messages as a backend sends and lists them.

use causerie_protocol::error::ErrorCode;
use serde_json::{Value, json};

use super::{START, ServiceFixture, invalid, refusal};

#[tokio::test]
async fn a_posted_message_is_listed_with_all_its_properties() {
    let fixture = ServiceFixture::with_conversation().await;
    fixture.clock.advance(5);
    let first = fixture.send("c", "ada", "Hello *there*").await;
    let post = json!([
        {
            "type": "UserMessage", "sender": "bob", "custom": { "k": "v" }, "referencedMessageId": first,
            "content": [{ "type": "text", "children": ["See ", { "type": "bold", "children": ["this"] }] }],
        },
        { "type": "SystemMessage", "text": "Bob is typing" },
    ]);
    let sent = fixture.post("c", post).await.unwrap();
    let list = fixture.messages("c", None, None).await.unwrap();
    let expected = json!([
        {
            "id": sent[1]["id"], "conversationId": "c", "type": "SystemMessage", "senderId": null,
            "text": "Bob is typing", "content": [{ "type": "text", "children": ["Bob is typing"] }],
            "custom": {},
            "createdAt": START + 5, "editedAt": null, "referencedMessageId": null, "origin": "rest",
            "reactions": [], "readBy": [], "location": null, "attachment": null,
        },
        {
            "id": sent[0]["id"], "conversationId": "c", "type": "UserMessage", "senderId": "bob",
            "text": "See this",
            "content": [{ "type": "text", "children": ["See ", { "type": "bold", "children": ["this"] }] }],
            "custom": { "k": "v" },
            "createdAt": START + 5, "editedAt": null, "referencedMessageId": first, "origin": "rest",
            "reactions": [], "readBy": [], "location": null, "attachment": null,
        },
        {
            "id": first, "conversationId": "c", "type": "UserMessage", "senderId": "ada",
            "text": "Hello there", "content": [{
                "type": "text", "children": ["Hello ", { "type": "bold", "children": ["there"] }],
            }],
            "custom": {},
            "createdAt": START + 5, "editedAt": null, "referencedMessageId": null, "origin": "rest",
            "reactions": [], "readBy": ["bob"], "location": null, "attachment": null,
        },
    ]);
    assert_eq!(list, expected);
}

#[tokio::test]
async fn messages_are_paged_newest_first() {
    let fixture = ServiceFixture::with_conversation().await;
    let mut ids = Vec::new();
    for index in 0..35 {
        ids.insert(0, fixture.send("c", "ada", &index.to_string()).await);
    }
    let page = async |limit, after: Option<&str>| {
        let page = fixture.messages("c", limit, after).await.unwrap();
        page.as_array().unwrap().iter().map(|m| m["id"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(page(None, None).await, ids[..30]);
    assert_eq!(page(None, Some(&ids[29])).await, ids[30..]);
    assert_eq!(page(Some(2), Some(&ids[0])).await, ids[1..3]);
    assert_eq!(page(Some(100), None).await, ids);
    assert_eq!(page(None, Some(&ids[34])).await, Vec::<String>::new());
    assert_eq!(refusal(fixture.messages("c", Some(0), None).await), invalid("limit"));
    assert_eq!(refusal(fixture.messages("c", Some(101), None).await), invalid("limit"));
    assert_eq!(refusal(fixture.messages("c", None, Some("msg_none")).await), invalid("startingAfter"));
    assert_eq!(refusal(fixture.messages("missing", None, None).await).0, ErrorCode::NotFound);
}

#[tokio::test]
async fn a_message_of_another_conversation_is_refused_as_page_start_and_as_reference() {
    let fixture = ServiceFixture::with_conversation().await;
    fixture.put_conversation("d", json!({})).await.unwrap();
    let in_other_conversation = fixture.send("d", "ada", "other").await;
    assert_eq!(
        refusal(fixture.messages("c", None, Some(&in_other_conversation)).await),
        invalid("startingAfter")
    );
    let post = json!([{ "type": "UserMessage", "sender": "ada", "text": "x", "referencedMessageId": in_other_conversation }]);
    assert_eq!(refusal(fixture.post("c", post).await), invalid("[0].referencedMessageId"));
}

#[tokio::test]
async fn all_messages_of_a_post_are_sent_or_none() {
    let fixture = ServiceFixture::with_conversation().await;
    let post = json!([
        { "type": "UserMessage", "sender": "ada", "text": "one", "idempotencyKey": "k" },
        { "type": "UserMessage", "sender": "nobody", "text": "two" },
    ]);
    assert_eq!(refusal(fixture.post("c", post).await), invalid("[1].sender"));
    assert_eq!(fixture.messages("c", None, None).await.unwrap(), json!([]));
    assert_eq!(fixture.conversation_for("bob", "c").await["unreadMessageCount"], json!(0));
    // No outcome was stored under the key of the message that was not sent.
    let post = json!([{ "type": "UserMessage", "sender": "bob", "text": "another", "idempotencyKey": "k" }]);
    fixture.post("c", post).await.unwrap();
}

#[tokio::test]
async fn an_invalid_message_is_refused_with_its_index_and_field() {
    let fixture = ServiceFixture::with_conversation().await;
    let block = |block: Value| json!([{ "type": "UserMessage", "sender": "ada", "content": block }]);
    let text = |nodes: Value| block(json!([{ "type": "text", "children": nodes }]));
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
        assert_eq!(refusal(fixture.post("c", messages.clone()).await), invalid(field), "{messages}");
    }
    let (code, field) = refusal(fixture.post("c", text(json!([deep]))).await);
    assert_eq!(code, ErrorCode::InvalidArgument);
    assert!(field.ends_with(".children"), "{field}");
    let file = block(json!([{ "type": "file", "fileToken": "t" }]));
    assert_eq!(refusal(fixture.post("c", file).await).0, ErrorCode::UploadsDisabled);
    assert_eq!(
        refusal(fixture.post("missing", json!([{ "type": "SystemMessage", "text": "x" }])).await).0,
        ErrorCode::NotFound
    );
    assert_eq!(fixture.messages("c", None, None).await.unwrap(), json!([]));
}

#[tokio::test]
async fn a_used_idempotency_key_is_refused_for_another_message() {
    let fixture = ServiceFixture::with_conversation().await;
    let post =
        |text: &str| json!([{ "type": "UserMessage", "sender": "ada", "text": text, "idempotencyKey": "k" }]);
    let first = fixture.post("c", post("one")).await.unwrap();
    assert_eq!(fixture.post("c", post("one")).await.unwrap(), first);
    assert_eq!(
        refusal(fixture.post("c", post("two")).await),
        (ErrorCode::KeyReused, "[0].idempotencyKey".to_owned())
    );
    fixture.put_conversation("d", json!({})).await.unwrap();
    let in_other_conversation = fixture.post("d", post("two")).await.unwrap();
    assert_ne!(in_other_conversation, first, "keys of different conversations are independent");
}

#[tokio::test]
async fn a_backend_may_send_for_a_user_who_is_not_a_participant() {
    let fixture = ServiceFixture::with_conversation().await;
    fixture.put_user("carol", json!({ "name": "Carol" })).await.unwrap();
    fixture.send("c", "carol", "from outside").await;
    assert_eq!(fixture.conversation_for("ada", "c").await["unreadMessageCount"], json!(1));
    assert_eq!(fixture.conversation_for("carol", "c").await, Value::Null, "sending does not add the sender");
}

#[tokio::test]
async fn message_ids_are_unique_and_sorted_by_time() {
    let fixture = ServiceFixture::with_conversation().await;
    let mut ids = Vec::new();
    for _ in 0..50 {
        ids.push(fixture.send("c", "ada", "x").await);
        fixture.clock.advance(1);
    }
    let mut sorted = ids.clone();
    sorted.sort();
    sorted.dedup();
    assert_eq!(ids, sorted);
}
