//! Windows, counts, filters and what is said in conversations, at the edges of what may be asked: inside they
//! pass, outside they are refused with the code and the field's name.

use causerie_protocol::decode::{self, DecodeError};
use causerie_protocol::limits::*;
use causerie_protocol::{ClientFrame, ErrorBody, ErrorCode};
use serde_json::{Value, json};

/// Reads a subscription; what is wrong with it.
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

/// Reads a request and checks its values; what is wrong with it.
fn ask(op: &str, params: &Value) -> Result<(), ErrorBody> {
    let frame = json!({ "t": "request", "id": 7, "op": op, "params": params });
    match decode::client_frame(&frame.to_string()) {
        Ok(ClientFrame::Request(request)) => request.op.check(),
        Err(DecodeError::BadRequest { id: 7, error }) => Err(error),
        other => panic!("{frame}: {other:?}"),
    }
}

fn refused(result: Result<(), ErrorBody>, field: &str) {
    let error = result.expect_err(field);
    assert_eq!((error.code, error.field.as_deref()), (ErrorCode::InvalidArgument, Some(field)));
    assert!(error.message.starts_with(&format!("{field}: ")), "{}", error.message);
}

/// Every list with how much of it may be asked for.
fn lists() -> Vec<(Value, PageSizes)> {
    vec![
        (json!({ "kind": "conversations" }), CONVERSATIONS),
        (json!({ "kind": "messages", "id": "c" }), MESSAGES),
        (json!({ "kind": "participants", "id": "c" }), PARTICIPANTS),
        (json!({ "kind": "reactions", "id": "c", "message": "m", "emoji": "👍" }), REACTIONS),
    ]
}

fn single_things() -> Vec<Value> {
    vec![
        json!({ "kind": "user", "id": "a" }),
        json!({ "kind": "online", "id": "a" }),
        json!({ "kind": "conversation", "id": "c" }),
        json!({ "kind": "participant", "id": "c", "user": "a" }),
        json!({ "kind": "typing", "id": "c" }),
    ]
}

#[test]
fn a_window_is_of_1_to_1000_entries() {
    for (list, _) in lists() {
        for limit in [None, Some(1), Some(1_000)] {
            assert_eq!(subscribe(&list, limit), Ok(()), "{list}, {limit:?}");
        }
        for limit in [0, 1_001, 4_294_967_296, -1] {
            refused(subscribe(&list, Some(limit)), "window.limit");
        }
    }
}

#[test]
fn only_lists_have_windows_and_more() {
    for topic in single_things() {
        assert_eq!(subscribe(&topic, None), Ok(()), "{topic}");
        refused(subscribe(&topic, Some(10)), "window");
        refused(
            ask("more", &json!({ "topic": topic, "after": { "at": 1, "id": "x" }, "limit": 10 })),
            "topic",
        );
    }
}

#[test]
fn more_of_a_list_is_asked_for_within_the_lists_own_range() {
    for (list, sizes) in lists() {
        let more = |limit: i64| {
            ask("more", &json!({ "topic": list, "after": { "at": 1, "id": "x" }, "limit": limit }))
        };
        assert_eq!((more(1), more(i64::from(sizes.max))), (Ok(()), Ok(())), "{list}");
        for limit in [0, i64::from(sizes.max) + 1, -1] {
            refused(more(limit), "limit");
        }
    }
}

#[test]
fn a_place_in_a_list_has_a_time_and_an_id() {
    let more = |after: &Value| {
        ask("more", &json!({ "topic": { "kind": "messages", "id": "c" }, "after": after, "limit": 1 }))
    };
    assert_eq!(more(&json!({ "at": -5, "id": "" })), Ok(()));
    refused(more(&json!({ "at": 1.5, "id": "x" })), "after.at");
    refused(more(&json!({ "at": 1 })), "after.id");
    refused(more(&Value::Null), "after");
}

#[test]
fn a_wrong_filter_is_refused_where_it_is_wrong() {
    let filter = |filter: Value| subscribe(&json!({ "kind": "conversations", "filter": filter }), None);
    assert_eq!(filter(json!({ "isUnread": true, "createdAt": ["between", [1, 2]] })), Ok(()));
    refused(filter(json!({ "isUnread": "yes" })), "filter.isUnread");
    refused(filter(json!({ "colour": ["==", "red"] })), "filter.colour");
    refused(filter(json!({ "createdAt": ["between", [2, 1]] })), "filter.createdAt[1]");
}

#[test]
fn an_emoji_is_of_at_most_50_characters() {
    let add =
        |emoji: &str| ask("reaction.add", &json!({ "conversation": "c", "message": "m", "emoji": emoji }));
    let named = |chars: usize| format!(":{}:", "x".repeat(chars - 2));
    assert_eq!(add(&named(EMOJI_CHARS)), Ok(()));
    refused(add(&named(EMOJI_CHARS + 1)), "emoji");
    refused(add(""), "emoji");
    refused(add(" "), "emoji");
}

#[test]
fn a_conversations_data_is_judged_alike_when_it_is_created_and_set() {
    let cases = [
        ("subject", json!("x".repeat(SUBJECT_CHARS)), json!("x".repeat(SUBJECT_CHARS + 1))),
        ("photoUrl", json!("https://example.com/a.png"), json!("a.png")),
        ("welcomeMessages", json!(vec!["x"; WELCOME_MESSAGES]), json!(vec!["x"; WELCOME_MESSAGES + 1])),
        ("custom", json!({ "a": "b" }), json!({ "a": "x".repeat(CUSTOM_BYTES) })),
        ("access", json!("Read"), json!("Write")),
        ("notify", json!("MentionsOnly"), json!("Sometimes")),
    ];
    for (field, good, bad) in cases {
        for op in ["conversation.set", "conversation.createIfNotExists"] {
            let with = |value: &Value| ask(op, &json!({ "conversation": "c", "data": { field: value } }));
            assert_eq!(with(&good), Ok(()), "{op}, {field}");
            refused(with(&bad), field);
        }
        let null = |op: &str| ask(op, &json!({ "conversation": "c", "data": { field: null } }));
        assert_eq!(null("conversation.set"), Ok(()), "{field}: null resets");
    }
}

#[test]
fn a_message_says_something_in_one_way() {
    let send = |data: Value| ask("message.send", &json!({ "conversation": "c", "data": data }));
    let edit =
        |data: Value| ask("message.edit", &json!({ "conversation": "c", "message": "m", "data": data }));
    let block = json!({ "type": "text", "children": ["Hello"] });
    assert_eq!(send(json!({ "text": "x".repeat(TEXT_CHARS) })), Ok(()));
    assert_eq!(send(json!({ "content": [block] })), Ok(()));
    assert_eq!(edit(json!({})), Ok(()), "an edit may leave the text alone");
    refused(send(json!({})), "text");
    for say in [&send as &dyn Fn(Value) -> Result<(), ErrorBody>, &edit] {
        refused(say(json!({ "text": "" })), "text");
        refused(say(json!({ "text": "x".repeat(TEXT_CHARS + 1) })), "text");
        refused(say(json!({ "text": "Hello", "content": [block] })), "content");
        refused(say(json!({ "content": [] })), "content");
        refused(say(json!({ "content": [block, block] })), "content");
        refused(say(json!({ "text": "Hello", "custom": { "": "x" } })), "custom.");
    }
    refused(send(json!({ "text": "Hello", "referencedMessage": "" })), "referencedMessage");
}
