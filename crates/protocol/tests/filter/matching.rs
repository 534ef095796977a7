//! Which conversations a filter wants: by example, and against a model that reads the JSON of the document's
//! filters and knows nothing of our types.

use causerie_protocol::entities::Access;
use causerie_protocol::filter::{Candidate, ConversationFilter};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

/// What is known of a conversation and its viewer, by the filters' names.
fn facts(changes: &Value) -> Map<String, Value> {
    let mut facts = json!({
        "access": "ReadWrite", "custom": { "color": "red" }, "isUnread": false, "subject": "tea", "lastActivityAt": 30,
        "createdAt": 10, "joinedAt": 20, "hasMessages": true,
    });
    for (name, value) in changes.as_object().unwrap() {
        facts[name] = value.clone();
    }
    facts.as_object().unwrap().clone()
}

fn matches(filter: &Value, facts: &Map<String, Value>) -> bool {
    let filter: ConversationFilter = serde_json::from_value(filter.clone()).unwrap();
    filter.check().unwrap();
    let custom = serde_json::from_value(facts["custom"].clone()).unwrap();
    filter.matches(&Candidate {
        access: if facts["access"] == "Read" { Access::Read } else { Access::ReadWrite },
        custom: &custom,
        is_unread: facts["isUnread"].as_bool().unwrap(),
        subject: facts["subject"].as_str(),
        last_activity_at: facts["lastActivityAt"].as_i64().unwrap(),
        created_at: facts["createdAt"].as_i64().unwrap(),
        joined_at: facts["joinedAt"].as_i64().unwrap(),
        has_messages: facts["hasMessages"].as_bool().unwrap(),
    })
}

#[track_caller]
fn wanted(filter: &Value, changes: &Value) {
    assert!(matches(filter, &facts(changes)), "{filter} does not want {changes}");
}

#[track_caller]
fn unwanted(filter: &Value, changes: &Value) {
    assert!(!matches(filter, &facts(changes)), "{filter} wants {changes}");
}

#[test]
fn an_empty_filter_wants_everything_and_an_empty_any_nothing() {
    wanted(&json!({}), &json!({}));
    wanted(&json!({ "custom": {} }), &json!({}));
    wanted(&json!(["any", [{}]]), &json!({}));
    unwanted(&json!(["any", []]), &json!({}));
    unwanted(&json!({ "subject": ["oneOf", []] }), &json!({}));
    wanted(&json!({ "subject": ["!oneOf", []] }), &json!({}));
}

#[test]
fn no_subject_equals_null_and_nothing_else() {
    let none = json!({ "subject": null });
    wanted(&json!({ "subject": ["==", null] }), &none);
    unwanted(&json!({ "subject": ["==", null] }), &json!({}));
    unwanted(&json!({ "subject": ["==", ""] }), &none);
    unwanted(&json!({ "subject": ["==", "null"] }), &none);
    unwanted(&json!({ "subject": ["!=", null] }), &none);
    wanted(&json!({ "subject": ["!=", null] }), &json!({}));
    wanted(&json!({ "subject": ["!=", "tea"] }), &none);
    wanted(&json!({ "subject": ["oneOf", ["a", null]] }), &none);
    unwanted(&json!({ "subject": ["!oneOf", ["a", null]] }), &none);
}

#[test]
fn what_lacks_a_custom_key_is_not_what_was_negated() {
    let lacks = json!({ "custom": {} });
    wanted(&json!({ "custom": { "color": ["!=", "red"] } }), &lacks);
    wanted(&json!({ "custom": { "color": ["!oneOf", ["red"]] } }), &lacks);
    unwanted(&json!({ "custom": { "color": ["==", "red"] } }), &lacks);
    unwanted(&json!({ "custom": { "color": ["oneOf", ["red", ""]] } }), &lacks);
    unwanted(&json!({ "custom": { "color": "exists" } }), &lacks);
    wanted(&json!({ "custom": { "color": "!exists" } }), &lacks);
    wanted(&json!({ "custom": { "color": "exists" } }), &json!({ "custom": { "color": "" } }));
}

#[test]
fn between_has_its_low_end_and_not_its_high_one() {
    for (at, within) in [(9, false), (10, true), (19, true), (20, false)] {
        let at = json!({ "createdAt": at });
        let (filter, opposite) =
            (json!({ "createdAt": ["between", [10, 20]] }), json!({ "createdAt": ["!between", [10, 20]] }));
        assert_eq!(matches(&filter, &facts(&at)), within, "{at}");
        assert_eq!(matches(&opposite, &facts(&at)), !within, "{at}");
    }
    unwanted(&json!({ "createdAt": ["between", [10, 10]] }), &json!({ "createdAt": 10 }));
}

#[test]
fn each_time_is_its_own() {
    for (field, other) in
        [("lastActivityAt", "createdAt"), ("createdAt", "joinedAt"), ("joinedAt", "lastActivityAt")]
    {
        wanted(&json!({ field: [">=", 100] }), &json!({ field: 100, other: 1 }));
        unwanted(&json!({ field: [">", 100] }), &json!({ field: 100, other: 101 }));
        wanted(&json!({ field: ["<=", 100] }), &json!({ field: 100, other: 101 }));
        unwanted(&json!({ field: ["<", 100] }), &json!({ field: 100, other: 1 }));
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
            facts(&json!({
                "access": if read { "Read" } else { "ReadWrite" }, "custom": custom, "isUnread": unread, "subject": subject,
                "lastActivityAt": active, "createdAt": created, "joinedAt": joined, "hasMessages": messages,
            }))
        },
    )
}

/// The document, read literally: what there is, against what a filter says of it.
fn model(filter: &Value, facts: &Map<String, Value>) -> bool {
    if let Some(any) = filter.as_array() {
        return any[1].as_array().unwrap().iter().any(|filter| model(filter, facts));
    }
    filter.as_object().unwrap().iter().all(|(field, filter)| match field.as_str() {
        "custom" => {
            let there = &facts["custom"];
            filter.as_object().unwrap().iter().all(|(key, filter)| holds(filter, there.get(key)))
        }
        field => holds(filter, facts.get(field)),
    })
}

fn holds(filter: &Value, there: Option<&Value>) -> bool {
    match filter {
        Value::Bool(_) => there == Some(filter),
        Value::String(word) if word == "exists" => there.is_some(),
        Value::String(_) => there.is_none(),
        _ => {
            let (operator, value) = (filter[0].as_str().unwrap(), &filter[1]);
            if let Some(plain) = operator.strip_prefix('!') {
                let plain = if plain == "=" { "==" } else { plain };
                return !holds(&json!([plain, value]), there);
            }
            let number = |value: &Value| value.as_f64().unwrap();
            match operator {
                "==" => there == Some(value),
                "oneOf" => there.is_some_and(|there| value.as_array().unwrap().contains(there)),
                ">" => number(there.unwrap()) > number(value),
                "<" => number(there.unwrap()) < number(value),
                ">=" => number(there.unwrap()) >= number(value),
                "<=" => number(there.unwrap()) <= number(value),
                "between" => (number(&value[0])..number(&value[1])).contains(&number(there.unwrap())),
                other => panic!("{other}"),
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn a_filter_wants_what_the_document_says(filter in filter(), facts in conversation()) {
        prop_assert_eq!(matches(&filter, &facts), model(&filter, &facts), "{} {:?}", filter, facts);
    }

    #[test]
    fn a_filter_is_written_as_it_was_read(filter in filter()) {
        let read: ConversationFilter = serde_json::from_value(filter.clone()).unwrap();
        prop_assert_eq!(serde_json::to_value(&read).unwrap(), filter);
        let again: ConversationFilter = serde_json::from_str(&serde_json::to_string(&read).unwrap()).unwrap();
        prop_assert_eq!(again, read);
    }
}
