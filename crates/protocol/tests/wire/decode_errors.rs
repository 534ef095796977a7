//! Errors of the decoder name the field and the expected form in readable words, and never repeat the sent
//! value.

use causerie_protocol::decode::{self, DecodeError};
use causerie_protocol::params::Strings;
use causerie_protocol::{ClientFrame, ErrorBody, ErrorCode, Op};
use serde_json::{Value, json};

fn request(op: &str, params: &Value) -> Result<Op, ErrorBody> {
    let frame = json!({ "t": "request", "id": 7, "op": op, "params": params });
    match decode::client_frame(&frame.to_string()) {
        Ok(ClientFrame::Request(request)) => Ok(request.op),
        Err(DecodeError::BadRequest { id: 7, error }) => Err(error),
        other => panic!("{other:?}"),
    }
}

fn set(data: &Value) -> ErrorBody {
    request("user.set", &json!({ "user": "ada", "data": data })).unwrap_err()
}

fn decode_error(text: &str) -> ErrorBody {
    match decode::client_frame(text) {
        Err(DecodeError::NotAFrame(error)) => error,
        other => panic!("{text}: {other:?}"),
    }
}

#[test]
fn an_error_for_a_wrong_type_names_the_field_the_expected_and_the_actual_type() {
    let cases = [
        (json!({ "name": 5 }), "name", "must be a string, not a number"),
        (json!({ "name": ["Ada"] }), "name", "must be a string, not an array"),
        (json!({ "photoUrl": { "href": "x" } }), "photoUrl", "must be a string, not an object"),
        (json!({ "locale": 1.5 }), "locale", "must be a string, not a number"),
        (json!({ "role": true }), "role", "must be a string, not a boolean"),
        (json!({ "custom": { "color": 5 } }), "custom.color", "must be a string, not a number"),
        (json!({ "custom": "green" }), "custom", "must be an object, not a string"),
        (json!({ "custom": ["green"] }), "custom", "must be an object, not an array"),
        (json!({ "email": ["a@example.com", 5] }), "email[1]", "must be a string, not a number"),
        (json!({ "email": ["a@example.com", null] }), "email[1]", "must be a string, not null"),
        (json!({ "phone": [["1"]] }), "phone[0]", "must be a string, not an array"),
        (json!({ "email": 5 }), "email", "must be a string or an array of strings, not a number"),
        (json!({ "email": {} }), "email", "must be a string or an array of strings, not an object"),
        (json!({ "pushTokens": { "fcm:1": "yes" } }), "pushTokens.fcm:1", "must be a boolean, not a string"),
    ];
    for (data, field, problem) in cases {
        let error = set(&data);
        assert_eq!(error, ErrorBody::invalid(field, problem), "{data}");
    }
}

#[test]
fn creating_and_setting_give_the_same_errors() {
    let create =
        |data: Value| request("user.createIfNotExists", &json!({ "user": "ada", "data": data })).unwrap_err();
    assert_eq!(create(json!({ "name": 5 })), ErrorBody::invalid("name", "must be a string, not a number"));
    let null = create(json!({ "name": "Ada", "custom": { "color": null } }));
    assert_eq!(null, ErrorBody::invalid("custom.color", "must be a string, not null"));
    let null = create(json!({ "name": "Ada", "pushTokens": { "fcm:1": null } }));
    assert_eq!(null, ErrorBody::invalid("pushTokens.fcm:1", "must be a boolean, not null"));
}

#[test]
fn an_invalid_request_fails_under_its_id_with_the_field() {
    let cases = [
        (json!({}), "op", "op: is missing"),
        (json!({ "op": 5 }), "op", "op: must be a string, not a number"),
        (json!({ "op": "user.get" }), "user", "user: is missing"),
        (json!({ "op": "user.get", "params": null }), "user", "user: is missing"),
        (json!({ "op": "user.get", "params": 5 }), "params", "params: must be a JSON object"),
        (json!({ "op": "user.get", "params": ["ada"] }), "params", "params: must be a JSON object"),
        (
            json!({ "op": "user.get", "params": { "user": 5 } }),
            "user",
            "user: must be a string, not a number",
        ),
        (json!({ "op": "user.get", "params": { "user": "" } }), "user", "user: must not be empty"),
        (
            json!({ "op": "user.get", "params": { "user": ".." } }),
            "user",
            "user: must not be \".\" or \"..\"",
        ),
        (json!({ "op": "conversation.get", "params": {} }), "conversation", "conversation: is missing"),
        (json!({ "op": "user.set", "params": { "user": "ada" } }), "data", "data: is missing"),
        (
            json!({ "op": "user.set", "params": { "user": "ada", "data": ["Ada"] } }),
            "data",
            "data: must be a JSON object",
        ),
        (json!({ "op": "user.get", "key": "", "params": { "user": "a" } }), "key", "key: must not be empty"),
        (json!({ "op": "user.get", "key": 5 }), "key", "key: must be a string, not a number"),
    ];
    for (mut frame, field, message) in cases {
        frame["t"] = json!("request");
        frame["id"] = json!(7);
        let Err(DecodeError::BadRequest { id: 7, error }) = decode::client_frame(&frame.to_string()) else {
            panic!("{frame}")
        };
        assert_eq!((error.field.as_deref(), error.message.as_str()), (Some(field), message), "{frame}");
        assert_eq!(error.code, ErrorCode::InvalidArgument, "{frame}");
    }
}

#[test]
fn an_invalid_subscription_fails_under_its_id_with_the_field() {
    let cases = [
        (json!({}), "topic", "topic: is missing"),
        (json!({ "topic": ["user", "ada"] }), "topic", "topic: must be a JSON object"),
        (json!({ "topic": { "id": "ada" } }), "topic.kind", "topic.kind: is missing"),
        (json!({ "topic": { "kind": "user" } }), "topic.id", "topic.id: is missing"),
        (json!({ "topic": { "kind": "user", "id": "" } }), "topic.id", "topic.id: must not be empty"),
        (
            json!({ "topic": { "kind": "messages", "id": "ada" }, "window": { "limit": -1 } }),
            "window.limit",
            "window.limit: must be a whole number from 0 to 4294967295",
        ),
        (
            json!({ "topic": { "kind": "user", "id": "ada" }, "from": { "epoch": "e" } }),
            "from.seq",
            "from.seq: is missing",
        ),
        (
            json!({ "topic": { "kind": "user", "id": "ada" }, "from": ["e", 3] }),
            "from",
            "from: must be a JSON object",
        ),
    ];
    for (mut frame, field, message) in cases {
        frame["t"] = json!("subscribe");
        frame["id"] = json!(7);
        let Err(DecodeError::BadSubscription { id: 7, error }) = decode::client_frame(&frame.to_string())
        else {
            panic!("{frame}")
        };
        assert_eq!((error.field.as_deref(), error.message.as_str()), (Some(field), message), "{frame}");
    }
}

#[test]
fn a_text_that_is_not_a_frame_is_rejected_as_invalid_frame() {
    let cases = [
        ("", None, "not valid JSON: "),
        ("hello", None, "not valid JSON: "),
        ("{\"t\":\"ping\"", None, "not valid JSON: "),
        ("{\"t\":\"ping\"} {}", None, "not valid JSON: "),
        ("null", None, "must be a JSON object"),
        ("[\"ping\",null,null,null,null,null,null,null,null]", None, "must be a JSON object"),
        ("{}", Some("t"), "t: is missing"),
        ("{\"t\":5}", Some("t"), "t: must be a string, not a number"),
        ("{\"t\":\"ping\",\"t\":\"hello\"}", Some("t"), "t: must not be given twice"),
        ("{\"t\":\"request\",\"op\":\"user.get\"}", Some("id"), "id: is missing"),
        (
            "{\"t\":\"request\",\"id\":\"1\"}",
            Some("id"),
            "id: must be a whole number from 0 to 4294967295, not a string",
        ),
        ("{\"t\":\"request\",\"id\":-1}", Some("id"), "id: must be a whole number from 0 to 4294967295"),
        (
            "{\"t\":\"request\",\"id\":4294967296}",
            Some("id"),
            "id: must be a whole number from 0 to 4294967295",
        ),
        ("{\"t\":\"unsubscribe\"}", Some("id"), "id: is missing"),
        ("{\"t\":\"auth\"}", Some("token"), "token: is missing"),
        ("{\"t\":\"hello\",\"client\":\"c\"}", Some("user"), "user: is missing"),
        ("{\"t\":\"hello\",\"user\":\"ada\"}", Some("client"), "client: is missing"),
        ("{\"t\":\"hello\",\"user\":\"\",\"client\":\"c\"}", Some("user"), "user: must not be empty"),
        (
            "{\"t\":\"hello\",\"user\":\"ada\",\"client\":\"c\",\"token\":7}",
            Some("token"),
            "token: must be a string, not a number",
        ),
        (
            "{\"t\":\"hello\",\"user\":\"ada\",\"client\":\"c\",\"sdk\":\"a\\nb\"}",
            Some("sdk"),
            "sdk: must not contain control characters",
        ),
    ];
    for (text, field, message) in cases {
        let error = decode_error(text);
        assert_eq!(error.code, ErrorCode::InvalidFrame, "{text}");
        assert_eq!(error.field.as_deref(), field, "{text}");
        assert!(error.message.starts_with(message), "{text}: {}", error.message);
    }
}

#[test]
fn half_a_surrogate_pair_is_an_invalid_value_not_an_invalid_frame() {
    let frame = r#"{"t":"request","id":7,"op":"user.set","params":{"user":"ada","data":{"name":"\ud83d"}}}"#;
    let Err(DecodeError::BadRequest { id: 7, error }) = decode::client_frame(frame) else {
        panic!("decoded")
    };
    assert_eq!(error, ErrorBody::invalid("name", "must be a valid string or number"));
}

#[test]
fn a_message_never_repeats_the_sent_value() {
    let secret = "very private, expected a number `x`".repeat(100);
    let cases = [
        json!({ "custom": secret }),
        json!({ "pushTokens": { "fcm:1": secret } }),
        json!({ "name": { secret.clone(): 1 } }),
        json!({ "email": [{ "to": secret }] }),
    ];
    for data in cases {
        let error = set(&data);
        assert!(!error.message.contains("private"), "{}", error.message);
        assert!(error.message.len() < 100, "{}", error.message);
    }
}

#[test]
fn a_very_long_key_is_truncated_in_the_error() {
    let error = set(&json!({ "custom": { "k".repeat(50_000): 5 } }));
    assert!(error.message.len() < 250, "{} bytes", error.message.len());
    let field = error.field.unwrap();
    assert!(field.starts_with("custom.kkk") && field.ends_with('…') && field.len() < 200, "{field}");
}

#[test]
fn deep_nesting_is_rejected_in_known_fields_and_ignored_in_unknown_ones() {
    let deep = "[".repeat(30_000) + &"]".repeat(30_000);
    let known = format!(
        r#"{{"t":"request","id":7,"op":"user.set","params":{{"user":"a","data":{{"name":{deep}}}}}}}"#
    );
    assert!(matches!(decode::client_frame(&known), Err(DecodeError::BadRequest { id: 7, .. })));
    let unknown = format!(r#"{{"t":"ping","news":{deep}}}"#);
    assert_eq!(decode::client_frame(&unknown), Ok(ClientFrame::Ping));
}

#[test]
fn one_address_may_be_given_without_a_list() {
    let data = json!({ "email": "ada@example.com", "phone": ["+31 20 123 4567"] });
    let op = request("user.set", &json!({ "user": "ada", "data": data })).unwrap();
    let Op::UserSet { data, .. } = &op else { panic!("{op:?}") };
    assert_eq!(data.email.value(), Some(&Strings(vec!["ada@example.com".into()])));
    let written = serde_json::to_value(&op).unwrap();
    assert_eq!(written["params"]["data"]["email"], json!(["ada@example.com"]), "always a list on the wire");
}

#[test]
fn an_error_in_the_envelope_of_a_batch_names_the_field() {
    let cases = [
        ("[]", None, "must be a JSON object"),
        ("{}", Some("v"), "v: is missing"),
        (r#"{"v":"1"}"#, Some("v"), "v: must be a whole number from 0 to 4294967295, not a string"),
        (r#"{"v":1}"#, Some("requests"), "requests: is missing"),
        (r#"{"v":1,"requests":{}}"#, Some("requests"), "requests: must be an array, not an object"),
        (r#"{"v":1,"requests":[],"user":""}"#, Some("user"), "user: must not be empty"),
        (r#"{"v":1,"requests":[],"user":"ada"}"#, Some("client"), "client: is missing"),
        (
            r#"{"v":1,"user":"ada","client":"c","requests":[{"id":1,"op":"user.get","params":{"user":"b"}},7]}"#,
            Some("requests[1]"),
            "requests[1]: must be a JSON object",
        ),
        (
            r#"{"v":1,"user":"ada","client":"c","requests":[{"op":"user.get"}]}"#,
            Some("requests[0].id"),
            "requests[0].id: is missing",
        ),
    ];
    for (text, field, message) in cases {
        let error = decode::batch(text).unwrap_err();
        assert_eq!(error.code, ErrorCode::InvalidArgument, "{text}");
        assert_eq!((error.field.as_deref(), error.message.as_str()), (field, message), "{text}");
    }
    assert_eq!(decode::batch("{\"v\":").unwrap_err().code, ErrorCode::InvalidFrame);
}
