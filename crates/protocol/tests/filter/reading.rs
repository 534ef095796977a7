//! Deserialization of filters: every documented form is accepted, and an error names the path of anything
//! else. No field is ignored, because a misread filter would select the wrong conversations.

use causerie_protocol::decode::{self, DecodeError};
use causerie_protocol::filter::{ConversationFilter, NumberFilter, SimpleConversationFilter, StringFilter};
use causerie_protocol::limits::{FILTER_ANY, FILTER_CUSTOM_KEYS, FILTER_VALUES};
use causerie_protocol::{ClientFrame, ErrorBody, Topic};
use serde_json::{Value, json};

/// Decodes and checks a filter as the server does: as part of a `subscribe`.
fn read(filter: &Value) -> Result<ConversationFilter, ErrorBody> {
    let frame = json!({ "t": "subscribe", "id": 8, "topic": { "kind": "conversations", "filter": filter } });
    match decode::client_frame(&frame.to_string()) {
        Ok(ClientFrame::Subscribe(subscribe)) => {
            subscribe.topic.check(None)?;
            match subscribe.topic {
                Topic::Conversations { filter: Some(filter) } => Ok(filter),
                other => panic!("{other:?}"),
            }
        }
        Err(DecodeError::BadSubscription { id: 8, error }) => Err(error),
        other => panic!("{other:?}"),
    }
}

#[test]
fn decoding_and_encoding_every_documented_filter_gives_the_same_json() {
    for filter in [
        json!({}),
        json!({ "access": ["==", "Read"] }),
        json!({ "access": ["oneOf", ["Read", "ReadWrite"]] }),
        json!({ "custom": { "a": "exists", "b": "!exists", "c": ["==", "d"], "e": ["!oneOf", ["f"]] } }),
        json!({ "custom": {} }),
        json!({ "isUnread": true, "hasMessages": false }),
        json!({ "subject": ["==", null] }),
        json!({ "subject": ["!=", "a"] }),
        json!({ "subject": ["oneOf", ["a", null]] }),
        json!({ "subject": ["!oneOf", []] }),
        json!({ "lastActivityAt": [">", 1_700_000_000_000_i64], "createdAt": ["<=", 0.5], "joinedAt": ["<", -1] }),
        json!({ "createdAt": ["between", [1, 2]], "joinedAt": ["!between", [1, 1]], "lastActivityAt": [">=", 0] }),
        json!(["any", []]),
        json!(["any", [{}, { "isUnread": true }, { "custom": { "a": "exists" } }]]),
    ] {
        let read = read(&filter).unwrap_or_else(|error| panic!("{filter}: {error}"));
        assert_eq!(serde_json::to_value(&read).unwrap(), filter);
    }
}

#[test]
fn an_error_names_the_path_of_the_invalid_value() {
    let fields = "must be one of the fields access, custom, isUnread, subject, lastActivityAt, createdAt, joinedAt \
                  and hasMessages";
    let strings = "must be one of \"==\", \"!=\", \"oneOf\", \"!oneOf\"";
    let numbers = "must be one of \">\", \"<\", \">=\", \"<=\", \"between\", \"!between\"";
    let pair = "must be [operator, value], such as [\"==\", \"…\"]";
    let number = "must be [operator, number], such as [\">\", 0]";
    let any = "must be an object, or [\"any\", [filter, …]]";
    let cases = [
        (json!("unread"), "filter", "must be an object, or [\"any\", [filter, …]], not a string"),
        (json!(5), "filter", "must be an object, or [\"any\", [filter, …]], not a number"),
        (json!([]), "filter", any),
        (json!(["any"]), "filter", any),
        (json!(["any", [], []]), "filter", any),
        (json!(["all", []]), "filter[0]", "must be \"any\""),
        (json!([5, []]), "filter[0]", "must be a string, not a number"),
        (json!(["any", {}]), "filter[1]", "must be an array, not an object"),
        (json!(["any", [["any", []]]]), "filter[1][0]", "must be an object, not an array"),
        (
            json!(["any", [{}, { "subject": 5 }]]),
            "filter[1][1].subject",
            "must be [operator, value], such as [\"==\", \"…\"], not a number",
        ),
        (json!({ "unread": true }), "filter.unread", fields),
        (json!({ "isunread": true }), "filter.isunread", fields),
        (json!({ "isUnread": "yes" }), "filter.isUnread", "must be a boolean, not a string"),
        (json!({ "isUnread": null }), "filter.isUnread", "must be a boolean, not null"),
        (json!({ "hasMessages": 1 }), "filter.hasMessages", "must be a boolean, not a number"),
        (
            json!({ "subject": "a" }),
            "filter.subject",
            "must be [operator, value], such as [\"==\", \"…\"], not a string",
        ),
        (
            json!({ "subject": null }),
            "filter.subject",
            "must be [operator, value], such as [\"==\", \"…\"], not null",
        ),
        (json!({ "subject": [] }), "filter.subject", pair),
        (json!({ "subject": ["=="] }), "filter.subject", pair),
        (json!({ "subject": ["==", "a", "b"] }), "filter.subject", pair),
        (json!({ "subject": ["=", "a"] }), "filter.subject[0]", strings),
        (json!({ "subject": [">", 1] }), "filter.subject[0]", strings),
        (json!({ "subject": [5, "a"] }), "filter.subject[0]", "must be a string, not a number"),
        (json!({ "subject": [{ "==": null }, "a"] }), "filter.subject[0]", "must be a string, not an object"),
        (json!({ "subject": ["==", 5] }), "filter.subject[1]", "must be a string, not a number"),
        (json!({ "subject": ["==", ["a"]] }), "filter.subject[1]", "must be a string, not an array"),
        (json!({ "subject": ["oneOf", "a"] }), "filter.subject[1]", "must be an array, not a string"),
        (json!({ "subject": ["oneOf", ["a", 5]] }), "filter.subject[1][1]", "must be a string, not a number"),
        (json!({ "access": ["==", "Write"] }), "filter.access[1]", "must be \"Read\" or \"ReadWrite\""),
        (json!({ "access": ["==", 5] }), "filter.access[1]", "must be a string, not a number"),
        (
            json!({ "access": ["==", { "Read": null }] }),
            "filter.access[1]",
            "must be a string, not an object",
        ),
        (json!({ "custom": "a" }), "filter.custom", "must be an object, not a string"),
        (
            json!({ "custom": { "color": "red" } }),
            "filter.custom.color",
            "must be \"exists\", \"!exists\" or [operator, value]",
        ),
        (
            json!({ "custom": { "color": null } }),
            "filter.custom.color",
            "must be \"exists\", \"!exists\" or [operator, value], not null",
        ),
        (
            json!({ "custom": { "color": ["==", null] } }),
            "filter.custom.color[1]",
            "must be a string, not null",
        ),
        (
            json!({ "custom": { "color": ["oneOf", [null]] } }),
            "filter.custom.color[1][0]",
            "must be a string, not null",
        ),
        (
            json!({ "createdAt": 5 }),
            "filter.createdAt",
            "must be [operator, number], such as [\">\", 0], not a number",
        ),
        (json!({ "createdAt": [] }), "filter.createdAt", number),
        (json!({ "createdAt": [">"] }), "filter.createdAt", number),
        (json!({ "createdAt": [">", 1, 2] }), "filter.createdAt", number),
        (json!({ "createdAt": ["==", 1] }), "filter.createdAt[0]", numbers),
        (json!({ "createdAt": [">", "1"] }), "filter.createdAt[1]", "must be a number, not a string"),
        (json!({ "joinedAt": [">", null] }), "filter.joinedAt[1]", "must be a number, not null"),
        (json!({ "joinedAt": ["between", 5] }), "filter.joinedAt[1]", "must be [low, high], not a number"),
        (json!({ "joinedAt": ["between", [5]] }), "filter.joinedAt[1]", "must be [low, high], two numbers"),
        (
            json!({ "joinedAt": ["between", [5, 6, 7]] }),
            "filter.joinedAt[1]",
            "must be [low, high], two numbers",
        ),
        (
            json!({ "joinedAt": ["between", [5, "6"]] }),
            "filter.joinedAt[1][1]",
            "must be a number, not a string",
        ),
        (
            json!({ "lastActivityAt": ["!between", [6, 5]] }),
            "filter.lastActivityAt[1]",
            "must be [low, high] with low at most high",
        ),
    ];
    for (filter, field, problem) in cases {
        assert_eq!(read(&filter).unwrap_err(), ErrorBody::invalid(field, problem), "{filter}");
    }
}

#[test]
fn a_duplicate_field_is_rejected() {
    for filter in [r#"{"isUnread":true,"isUnread":true}"#, r#"{"subject":["==","a"],"subject":["==","b"]}"#] {
        let error = serde_json::from_str::<ConversationFilter>(filter).unwrap_err();
        assert!(error.to_string().starts_with("duplicate field"), "{error}");
    }
}

#[test]
fn oversized_filters_are_rejected() {
    let values = |count: usize| json!(vec!["a"; count]);
    let custom = |count: usize| {
        let keys = (0..count).map(|key| (format!("k{key}"), json!("exists")));
        json!({ "custom": keys.collect::<serde_json::Map<_, _>>() })
    };
    let any = |count: usize| json!(["any", vec![json!({}); count]]);
    read(&json!({ "subject": ["oneOf", values(FILTER_VALUES)] })).unwrap();
    read(&custom(FILTER_CUSTOM_KEYS)).unwrap();
    read(&any(FILTER_ANY)).unwrap();
    for (filter, field, problem) in [
        (
            json!({ "subject": ["oneOf", values(101)] }),
            "filter.subject[1]",
            "must have at most 100 values (got 101)",
        ),
        (
            json!({ "subject": ["!oneOf", values(101)] }),
            "filter.subject[1]",
            "must have at most 100 values (got 101)",
        ),
        (
            json!({ "custom": { "color": ["oneOf", values(101)] } }),
            "filter.custom.color[1]",
            "must have at most 100 values (got 101)",
        ),
        (
            json!({ "access": ["oneOf", vec!["Read"; 101]] }),
            "filter.access[1]",
            "must have at most 100 values (got 101)",
        ),
        (custom(33), "filter.custom", "must have at most 32 keys (got 33)"),
        (any(11), "filter[1]", "must have at most 10 filters (got 11)"),
        (json!(["any", [{}, custom(33)]]), "filter[1][1].custom", "must have at most 32 keys (got 33)"),
    ] {
        assert_eq!(read(&filter).unwrap_err(), ErrorBody::invalid(field, problem));
    }
}

#[test]
fn numbers_must_be_finite() {
    for number in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        for filter in [
            NumberFilter::Above(number),
            NumberFilter::Between(0.0, number),
            NumberFilter::NotBetween(number, 0.0),
        ] {
            let filter =
                SimpleConversationFilter { created_at: Some(filter), ..SimpleConversationFilter::default() };
            let error = ConversationFilter::Simple(filter).check().unwrap_err();
            assert_eq!(error, ErrorBody::invalid("filter.createdAt[1]", "must be a finite number"));
        }
    }
    let huge =
        r#"{"t":"subscribe","id":8,"topic":{"kind":"conversations","filter":{"createdAt":[">",1e999]}}}"#;
    let Err(DecodeError::BadSubscription { error, .. }) = decode::client_frame(huge) else {
        panic!("{huge}")
    };
    assert_eq!(error.field.as_deref(), Some("filter.createdAt[1]"));
}

#[test]
fn a_filter_can_be_built_in_rust() {
    let filter = SimpleConversationFilter {
        subject: Some(StringFilter::Is(None)),
        created_at: Some(NumberFilter::AtLeast(1.5)),
        ..SimpleConversationFilter::default()
    };
    let json = serde_json::to_value(ConversationFilter::Any(vec![filter])).unwrap();
    assert_eq!(json, json!(["any", [{ "subject": ["==", null], "createdAt": [">=", 1.5] }]]));
}
