//! The limits of windows, page sizes, filters and messages: values inside pass, values outside are rejected
//! with the code and the field.

use causerie_protocol::decode::{self, DecodeError};
use causerie_protocol::limits::*;
use causerie_protocol::{ClientFrame, ErrorBody, ErrorCode};
use serde_json::{Value, json};

/// Decodes a `subscribe` and returns its error.
fn subscribe(topic: &Value, limit: Option<i64>) -> Result<(), ErrorBody> {
    let mut frame = json!({ "t": "subscribe", "id": 7, "topic": topic });
    if let Some(limit) = limit {
        frame["window"] = json!({ "limit": limit });
    }
    match decode::client_frame(&frame.to_string()) {
        Ok(ClientFrame::Subscribe(_)) => Ok(()),
        Err(DecodeError::BadSubscription { id: 7, error }) => Err(error),
        other => panic!("{frame}: {other:?}"),
    }
}

/// Decodes a request, checks its values and returns its error.
fn request(op: &str, params: &Value) -> Result<(), ErrorBody> {
    let frame = json!({ "t": "request", "id": 7, "op": op, "params": params });
    match decode::client_frame(&frame.to_string()) {
        Ok(ClientFrame::Request(request)) => request.op.check(),
        Err(DecodeError::BadRequest { id: 7, error }) => Err(error),
        other => panic!("{frame}: {other:?}"),
    }
}

fn assert_rejected(result: Result<(), ErrorBody>, field: &str) {
    let error = result.expect_err(field);
    assert_eq!((error.code, error.field.as_deref()), (ErrorCode::InvalidArgument, Some(field)));
    assert!(error.message.starts_with(&format!("{field}: ")), "{}", error.message);
}

/// Returns every list topic with its page sizes.
fn lists() -> Vec<(Value, PageSizes)> {
    vec![
        (json!({ "kind": "conversations" }), CONVERSATIONS),
        (json!({ "kind": "messages", "id": "c" }), MESSAGES),
        (json!({ "kind": "participants", "id": "c" }), PARTICIPANTS),
        (json!({ "kind": "reactions", "id": "c", "message": "m", "emoji": "👍" }), REACTIONS),
    ]
}

fn single_topics() -> Vec<Value> {
    vec![
        json!({ "kind": "user", "id": "a" }),
        json!({ "kind": "online", "id": "a" }),
        json!({ "kind": "conversation", "id": "c" }),
        json!({ "kind": "participant", "id": "c", "user": "a" }),
        json!({ "kind": "typing", "id": "c" }),
    ]
}

#[test]
fn a_window_has_1_to_1000_entries() {
    for (list, _) in lists() {
        for limit in [None, Some(1), Some(1_000)] {
            assert_eq!(subscribe(&list, limit), Ok(()), "{list}, {limit:?}");
        }
        for limit in [0, 1_001, 4_294_967_296, -1] {
            assert_rejected(subscribe(&list, Some(limit)), "window.limit");
        }
    }
}

#[test]
fn only_lists_have_windows_and_pages() {
    for topic in single_topics() {
        assert_eq!(subscribe(&topic, None), Ok(()), "{topic}");
        assert_rejected(subscribe(&topic, Some(10)), "window");
        assert_rejected(
            request("more", &json!({ "topic": topic, "after": { "at": 1, "id": "x" }, "limit": 10 })),
            "topic",
        );
    }
}

#[test]
fn page_sizes_are_limited_by_list() {
    for (list, sizes) in lists() {
        let more = |limit: i64| {
            request("more", &json!({ "topic": list, "after": { "at": 1, "id": "x" }, "limit": limit }))
        };
        assert_eq!((more(1), more(i64::from(sizes.max))), (Ok(()), Ok(())), "{list}");
        for limit in [0, i64::from(sizes.max) + 1, -1] {
            assert_rejected(more(limit), "limit");
        }
    }
}

#[test]
fn a_cursor_has_a_time_and_an_id() {
    let more = |after: &Value| {
        request("more", &json!({ "topic": { "kind": "messages", "id": "c" }, "after": after, "limit": 1 }))
    };
    assert_eq!(more(&json!({ "at": -5, "id": "" })), Ok(()));
    assert_rejected(more(&json!({ "at": 1.5, "id": "x" })), "after.at");
    assert_rejected(more(&json!({ "at": 1 })), "after.id");
    assert_rejected(more(&Value::Null), "after");
}

#[test]
fn an_invalid_filter_is_rejected_with_its_path() {
    let filter = |filter: Value| subscribe(&json!({ "kind": "conversations", "filter": filter }), None);
    assert_eq!(filter(json!({ "isUnread": true, "createdAt": ["between", [1, 2]] })), Ok(()));
    assert_rejected(filter(json!({ "isUnread": "yes" })), "filter.isUnread");
    assert_rejected(filter(json!({ "colour": ["==", "red"] })), "filter.colour");
    assert_rejected(filter(json!({ "createdAt": ["between", [2, 1]] })), "filter.createdAt[1]");
}

#[test]
fn an_emoji_has_at_most_50_characters() {
    let add = |emoji: &str| {
        request("reaction.add", &json!({ "conversation": "c", "message": "m", "emoji": emoji }))
    };
    let named = |chars: usize| format!(":{}:", "x".repeat(chars - 2));
    assert_eq!(add(&named(EMOJI_CHARS)), Ok(()));
    assert_rejected(add(&named(EMOJI_CHARS + 1)), "emoji");
    assert_rejected(add(""), "emoji");
    assert_rejected(add(" "), "emoji");
}

#[test]
fn data_of_a_conversation_is_checked_equally_when_it_is_created_and_set() {
    let cases = [
        ("subject", json!("x".repeat(SUBJECT_CHARS)), json!("x".repeat(SUBJECT_CHARS + 1))),
        ("photoUrl", json!("a.png"), json!("x".repeat(URL_BYTES + 1))),
        ("welcomeMessages", json!(vec!["x"; WELCOME_MESSAGES]), json!(vec!["x"; WELCOME_MESSAGES + 1])),
        ("custom", json!({ "a": "b" }), json!({ "a": "x".repeat(CUSTOM_BYTES) })),
        ("access", json!("Read"), json!("Write")),
        ("notify", json!("MentionsOnly"), json!("Sometimes")),
    ];
    for (field, good, bad) in cases {
        for op in ["conversation.set", "conversation.createIfNotExists"] {
            let with = |value: &Value| request(op, &json!({ "conversation": "c", "data": { field: value } }));
            assert_eq!(with(&good), Ok(()), "{op}, {field}");
            assert_rejected(with(&bad), field);
        }
        let null = |op: &str| request(op, &json!({ "conversation": "c", "data": { field: null } }));
        assert_eq!(null("conversation.set"), Ok(()), "{field}: null resets");
    }
}

#[test]
fn a_message_has_either_text_or_content() {
    let send = |data: Value| request("message.send", &json!({ "conversation": "c", "data": data }));
    let edit =
        |data: Value| request("message.edit", &json!({ "conversation": "c", "message": "m", "data": data }));
    let block = json!({ "type": "text", "children": ["Hello"] });
    assert_eq!(send(json!({ "text": "x".repeat(TEXT_CHARS) })), Ok(()));
    assert_eq!(send(json!({ "content": [block] })), Ok(()));
    assert_eq!(edit(json!({})), Ok(()), "an edit may keep the text");
    assert_rejected(send(json!({})), "text");
    for check in [&send as &dyn Fn(Value) -> Result<(), ErrorBody>, &edit] {
        assert_rejected(check(json!({ "text": "" })), "text");
        assert_rejected(check(json!({ "text": "x".repeat(TEXT_CHARS + 1) })), "text");
        assert_rejected(check(json!({ "text": "Hello", "content": [block] })), "content");
        assert_rejected(check(json!({ "content": [] })), "content");
        assert_rejected(check(json!({ "content": [block, block] })), "content");
        assert_rejected(check(json!({ "text": "Hello", "custom": { "": "x" } })), "custom.");
    }
    assert_rejected(send(json!({ "text": "Hello", "referencedMessage": "" })), "referencedMessage");
}
