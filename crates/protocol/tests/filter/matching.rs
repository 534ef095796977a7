//! The conversations that a filter matches: by example, and against a model that reads the JSON of a filter
//! as `docs/protocol.md` describes it, without the types of the crate.

use causerie_protocol::entities::Access;
use causerie_protocol::filter::{Candidate, ConversationFilter};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

/// Returns the data of a conversation and its viewer, by the names of the conditions.
fn candidate(changes: &Value) -> Map<String, Value> {
    let mut candidate = json!({
        "access": "ReadWrite", "custom": { "color": "red" }, "isUnread": false, "subject": "tea", "lastActivityAt": 30,
        "createdAt": 10, "joinedAt": 20, "hasMessages": true,
    });
    for (name, value) in changes.as_object().unwrap() {
        candidate[name] = value.clone();
    }
    candidate.as_object().unwrap().clone()
}

fn matches(filter: &Value, candidate: &Map<String, Value>) -> bool {
    let filter: ConversationFilter = serde_json::from_value(filter.clone()).unwrap();
    filter.check().unwrap();
    let custom = serde_json::from_value(candidate["custom"].clone()).unwrap();
    filter.matches(&Candidate {
        access: if candidate["access"] == "Read" { Access::Read } else { Access::ReadWrite },
        custom: &custom,
        is_unread: candidate["isUnread"].as_bool().unwrap(),
        subject: candidate["subject"].as_str(),
        last_activity_at: candidate["lastActivityAt"].as_i64().unwrap(),
        created_at: candidate["createdAt"].as_i64().unwrap(),
        joined_at: candidate["joinedAt"].as_i64().unwrap(),
        has_messages: candidate["hasMessages"].as_bool().unwrap(),
    })
}

#[track_caller]
fn assert_matches(filter: &Value, changes: &Value) {
    assert!(matches(filter, &candidate(changes)), "{filter} must match {changes}");
}

#[track_caller]
fn assert_no_match(filter: &Value, changes: &Value) {
    assert!(!matches(filter, &candidate(changes)), "{filter} must not match {changes}");
}

#[test]
fn an_empty_filter_matches_everything_and_an_empty_any_nothing() {
    assert_matches(&json!({}), &json!({}));
    assert_matches(&json!({ "custom": {} }), &json!({}));
    assert_matches(&json!(["any", [{}]]), &json!({}));
    assert_no_match(&json!(["any", []]), &json!({}));
    assert_no_match(&json!({ "subject": ["oneOf", []] }), &json!({}));
    assert_matches(&json!({ "subject": ["!oneOf", []] }), &json!({}));
}

#[test]
fn no_subject_equals_null_and_nothing_else() {
    let none = json!({ "subject": null });
    assert_matches(&json!({ "subject": ["==", null] }), &none);
    assert_no_match(&json!({ "subject": ["==", null] }), &json!({}));
    assert_no_match(&json!({ "subject": ["==", ""] }), &none);
    assert_no_match(&json!({ "subject": ["==", "null"] }), &none);
    assert_no_match(&json!({ "subject": ["!=", null] }), &none);
    assert_matches(&json!({ "subject": ["!=", null] }), &json!({}));
    assert_matches(&json!({ "subject": ["!=", "tea"] }), &none);
    assert_matches(&json!({ "subject": ["oneOf", ["a", null]] }), &none);
    assert_no_match(&json!({ "subject": ["!oneOf", ["a", null]] }), &none);
}

#[test]
fn negated_operators_match_a_missing_custom_key() {
    let lacks = json!({ "custom": {} });
    assert_matches(&json!({ "custom": { "color": ["!=", "red"] } }), &lacks);
    assert_matches(&json!({ "custom": { "color": ["!oneOf", ["red"]] } }), &lacks);
    assert_no_match(&json!({ "custom": { "color": ["==", "red"] } }), &lacks);
    assert_no_match(&json!({ "custom": { "color": ["oneOf", ["red", ""]] } }), &lacks);
    assert_no_match(&json!({ "custom": { "color": "exists" } }), &lacks);
    assert_matches(&json!({ "custom": { "color": "!exists" } }), &lacks);
    assert_matches(&json!({ "custom": { "color": "exists" } }), &json!({ "custom": { "color": "" } }));
}

#[test]
fn between_includes_low_and_excludes_high() {
    for (at, expected) in [(9, false), (10, true), (19, true), (20, false)] {
        let at = json!({ "createdAt": at });
        let (filter, opposite) =
            (json!({ "createdAt": ["between", [10, 20]] }), json!({ "createdAt": ["!between", [10, 20]] }));
        assert_eq!(matches(&filter, &candidate(&at)), expected, "{at}");
        assert_eq!(matches(&opposite, &candidate(&at)), !expected, "{at}");
    }
    assert_no_match(&json!({ "createdAt": ["between", [10, 10]] }), &json!({ "createdAt": 10 }));
}

#[test]
fn each_time_condition_tests_its_own_field() {
    for (field, other) in
        [("lastActivityAt", "createdAt"), ("createdAt", "joinedAt"), ("joinedAt", "lastActivityAt")]
    {
        assert_matches(&json!({ field: [">=", 100] }), &json!({ field: 100, other: 1 }));
        assert_no_match(&json!({ field: [">", 100] }), &json!({ field: 100, other: 101 }));
        assert_matches(&json!({ field: ["<=", 100] }), &json!({ field: 100, other: 101 }));
        assert_no_match(&json!({ field: ["<", 100] }), &json!({ field: 100, other: 1 }));
    }
}

fn string() -> BoxedStrategy<Value> {
    prop::sample::select(vec![json!("red"), json!("tea"), json!(""), json!("Read"), json!("exists")]).boxed()
}

fn string_filter(value: BoxedStrategy<Value>) -> impl Strategy<Value = Value> {
    prop_oneof![
        (prop::sample::select(vec!["==", "!="]), value.clone())
            .prop_map(|(operator, value)| json!([operator, value])),
        (prop::sample::select(vec!["oneOf", "!oneOf"]), prop::collection::vec(value, 0..3))
            .prop_map(|(operator, values)| json!([operator, values])),
    ]
}

fn number_filter() -> impl Strategy<Value = Value> {
    prop_oneof![
        (prop::sample::select(vec![">", "<", ">=", "<="]), 0..4)
            .prop_map(|(operator, number)| json!([operator, number])),
        (prop::sample::select(vec!["between", "!between"]), 0..4, 0..3)
            .prop_map(|(operator, low, width)| json!([operator, [low, low + width]])),
    ]
}

fn object(fields: Vec<(&'static str, Option<Value>)>) -> Value {
    Value::Object(fields.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect())
}

fn simple() -> impl Strategy<Value = Value> {
    let maybe = prop::option::weighted::<BoxedStrategy<Value>>;
    let access = string_filter(prop::sample::select(vec![json!("Read"), json!("ReadWrite")]).boxed()).boxed();
    let key = || prop_oneof![Just(json!("exists")), Just(json!("!exists")), string_filter(string())].boxed();
    let custom = (maybe(0.5, key()), maybe(0.5, key()))
        .prop_map(|(a, b)| object(vec![("color", a), ("size", b)]))
        .boxed();
    let subject = string_filter(prop_oneof![string(), Just(Value::Null)].boxed()).boxed();
    let flag = || any::<bool>().prop_map(Value::Bool).boxed();
    let times = (
        maybe(0.2, number_filter().boxed()),
        maybe(0.2, number_filter().boxed()),
        maybe(0.2, number_filter().boxed()),
    );
    (
        maybe(0.2, access),
        maybe(0.3, custom),
        maybe(0.2, flag()),
        maybe(0.3, subject),
        times,
        maybe(0.2, flag()),
    )
        .prop_map(|(access, custom, unread, subject, (active, created, joined), messages)| {
            object(vec![
                ("access", access),
                ("custom", custom),
                ("isUnread", unread),
                ("subject", subject),
                ("lastActivityAt", active),
                ("createdAt", created),
                ("joinedAt", joined),
                ("hasMessages", messages),
            ])
        })
}

fn filter() -> impl Strategy<Value = Value> {
    prop_oneof![
        3 => simple(),
        1 => prop::collection::vec(simple(), 0..4).prop_map(|filters| json!(["any", filters])),
    ]
}

fn conversation() -> impl Strategy<Value = Map<String, Value>> {
    let custom = (prop::option::of(string()), prop::option::of(string()))
        .prop_map(|(a, b)| object(vec![("color", a), ("size", b)]));
    let subject = prop_oneof![string(), Just(Value::Null)];
    (any::<bool>(), custom, any::<bool>(), subject, (0..4, 0..4, 0..4), any::<bool>()).prop_map(
        |(read, custom, unread, subject, (active, created, joined), messages)| {
            candidate(&json!({
                "access": if read { "Read" } else { "ReadWrite" }, "custom": custom, "isUnread": unread, "subject": subject,
                "lastActivityAt": active, "createdAt": created, "joinedAt": joined, "hasMessages": messages,
            }))
        },
    )
}

/// Evaluates a filter by a literal reading of the documentation.
fn model(filter: &Value, candidate: &Map<String, Value>) -> bool {
    if let Some(any) = filter.as_array() {
        return any[1].as_array().unwrap().iter().any(|filter| model(filter, candidate));
    }
    filter.as_object().unwrap().iter().all(|(field, filter)| match field.as_str() {
        "custom" => {
            let custom = &candidate["custom"];
            filter.as_object().unwrap().iter().all(|(key, filter)| holds(filter, custom.get(key)))
        }
        field => holds(filter, candidate.get(field)),
    })
}

fn holds(filter: &Value, actual: Option<&Value>) -> bool {
    match filter {
        Value::Bool(_) => actual == Some(filter),
        Value::String(word) if word == "exists" => actual.is_some(),
        Value::String(_) => actual.is_none(),
        _ => {
            let (operator, operand) = (filter[0].as_str().unwrap(), &filter[1]);
            if let Some(plain) = operator.strip_prefix('!') {
                let plain = if plain == "=" { "==" } else { plain };
                return !holds(&json!([plain, operand]), actual);
            }
            let number = |value: &Value| value.as_f64().unwrap();
            match operator {
                "==" => actual == Some(operand),
                "oneOf" => actual.is_some_and(|actual| operand.as_array().unwrap().contains(actual)),
                ">" => number(actual.unwrap()) > number(operand),
                "<" => number(actual.unwrap()) < number(operand),
                ">=" => number(actual.unwrap()) >= number(operand),
                "<=" => number(actual.unwrap()) <= number(operand),
                "between" => (number(&operand[0])..number(&operand[1])).contains(&number(actual.unwrap())),
                other => panic!("{other}"),
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn filters_match_like_the_model(filter in filter(), candidate in conversation()) {
        prop_assert_eq!(matches(&filter, &candidate), model(&filter, &candidate), "{} {:?}", filter, candidate);
    }

    #[test]
    fn decoding_and_encoding_a_filter_gives_the_same_json(filter in filter()) {
        let read: ConversationFilter = serde_json::from_value(filter.clone()).unwrap();
        prop_assert_eq!(serde_json::to_value(&read).unwrap(), filter);
        let again: ConversationFilter = serde_json::from_str(&serde_json::to_string(&read).unwrap()).unwrap();
        prop_assert_eq!(again, read);
    }
}
