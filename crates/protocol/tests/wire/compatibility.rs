//! Compatibility of old and new versions: unknown parts are ignored, or rejected without affecting others.

use causerie_protocol::decode::{self, DecodeError};
use causerie_protocol::{ClientFrame, CloseCode, ErrorBody, ErrorCode, Outcome, Recovery, ServerFrame};
use serde_json::{Value, json};

use crate::support::goldens;

/// Adds an unknown field to each object of the value that has a fixed set of fields.
fn with_unknown_fields(mut value: Value, is_map: bool) -> Value {
    match &mut value {
        Value::Object(fields) => {
            for (name, field) in fields.iter_mut() {
                // An unknown condition cannot be ignored: the filter would match too much.
                if matches!(name.as_str(), "filter" | "filters") {
                    continue;
                }
                // The keys of these maps are data of the caller.
                let is_map = matches!(name.as_str(), "custom" | "pushTokens");
                *field = with_unknown_fields(field.take(), is_map);
            }
            if !is_map {
                fields.insert("news".into(), json!({ "deep": [[[1.5e300, null]]] }));
            }
        }
        Value::Array(entries) => {
            entries.iter_mut().for_each(|entry| *entry = with_unknown_fields(entry.take(), false))
        }
        _ => {}
    }
    value
}

#[test]
fn unknown_fields_of_a_client_frame_are_ignored() {
    for (name, cases) in goldens().into_iter().filter(|(name, _)| name.starts_with("client.")) {
        for (case, json) in cases {
            let plain = decode::client_frame(&json.to_string());
            let extended = with_unknown_fields(json, false);
            assert_eq!(decode::client_frame(&extended.to_string()), plain, "{name}, {case}");
            assert!(plain.is_ok());
        }
    }
}

#[test]
fn unknown_fields_of_a_batch_are_ignored() {
    for (case, json) in goldens().remove("http.batch").unwrap() {
        let plain = decode::batch(&json.to_string());
        assert_eq!(decode::batch(&with_unknown_fields(json, false).to_string()), plain, "{case}");
        assert!(plain.is_ok());
    }
}

#[test]
fn unknown_fields_of_a_server_frame_are_ignored_outside_bodies() {
    for (name, cases) in goldens().into_iter().filter(|(name, _)| name.starts_with("server.")) {
        for (case, mut json) in cases {
            let plain = decode::server_frame::<Value>(&json.to_string()).unwrap();
            for path in ["", "/entities", "/error", "/position"] {
                if let Some(Value::Object(fields)) = json.pointer_mut(path) {
                    fields.insert("news".into(), json!(["of a newer server"]));
                }
            }
            assert_eq!(decode::server_frame::<Value>(&json.to_string()).unwrap(), plain, "{name}, {case}");
            assert!(plain.is_some());
        }
    }
}

#[test]
fn a_client_ignores_an_unknown_frame() {
    let frame = decode::server_frame::<Value>(r#"{"t":"confetti","id":"not a number","entities":7}"#);
    assert_eq!(frame, Ok(None));
}

#[test]
fn a_client_reads_an_unknown_error_code_as_server_error_with_its_message() {
    let frame =
        r#"{"t":"result","id":3,"error":{"code":"payment_required","message":"the plan is used up"}}"#;
    let error = ErrorBody::new(ErrorCode::ServerError, "the plan is used up");
    let frame = decode::server_frame::<Value>(frame);
    assert_eq!(frame, Ok(Some(ServerFrame::Result(Outcome::failed(3, error)))));
}

#[test]
fn a_null_value_is_the_same_as_none() {
    let frame = decode::server_frame::<Value>(r#"{"t":"result","id":3,"value":null}"#);
    let Ok(Some(ServerFrame::Result(outcome))) = frame else { panic!("{frame:?}") };
    assert_eq!(outcome.value, None);
}

#[test]
fn a_client_handles_an_unknown_close_code_by_its_hundreds_digit() {
    let cases = [
        (1006, Recovery::Retry),
        (1012, Recovery::Retry),
        (4077, Recovery::Retry),
        (4177, Recovery::RetryLater),
        (4277, Recovery::Reauthenticate),
        (4377, Recovery::Retry),
        (4477, Recovery::Never),
        (4500, Recovery::Retry),
        (4999, Recovery::Retry),
    ];
    for (number, recovery) in cases {
        assert_eq!(Recovery::of(number), recovery, "{number}");
        assert!(CloseCode::ALL.iter().all(|code| code.number() != number || number < 4000));
    }
}

#[test]
fn a_server_rejects_an_unknown_frame_without_closing() {
    let Err(DecodeError::UnknownFrame(error)) = decode::client_frame(r#"{"t":"shout","id":"x"}"#) else {
        panic!("decoded")
    };
    assert_eq!(error.code, ErrorCode::Unsupported);
    assert_eq!(error.message, "this server does not support frames of type \"shout\"");
}

#[test]
fn a_server_rejects_an_unknown_op_under_its_id() {
    let result =
        decode::client_frame(r#"{"t":"request","id":5,"op":"user.dance","params":{"to":["music"]}}"#);
    let Err(DecodeError::BadRequest { id: 5, error }) = result else { panic!("{result:?}") };
    assert_eq!(error.code, ErrorCode::Unsupported);
    assert_eq!(error.message, "this server does not support the operation \"user.dance\"");
}

#[test]
fn a_server_rejects_an_unknown_topic_under_its_id() {
    let result =
        decode::client_frame(r#"{"t":"subscribe","id":6,"topic":{"kind":"weather","id":["anything"]}}"#);
    let Err(DecodeError::BadSubscription { id: 6, error }) = result else { panic!("{result:?}") };
    assert_eq!(error.code, ErrorCode::Unsupported);
    assert_eq!(error.message, "this server does not support topics of kind \"weather\"");
}

#[test]
fn an_unknown_name_is_truncated_and_escaped_in_the_error() {
    let name = "\n\u{1b}[31m".to_owned() + &"x".repeat(10_000);
    let frame = json!({ "t": name }).to_string();
    let Err(DecodeError::UnknownFrame(error)) = decode::client_frame(&frame) else { panic!("decoded") };
    assert!(error.message.len() < 150, "{}", error.message);
    assert!(!error.message.contains(char::is_control));
}

#[test]
fn an_invalid_request_does_not_fail_its_batch() {
    let batch = json!({
        "v": 1, "user": "ada", "client": "c1", "requests": [
            { "id": 1, "op": "user.get", "params": { "user": "" } },
            { "id": 2, "op": "user.fly" },
            { "id": 3, "op": "user.get", "params": { "user": "bob" }, "t": "request" },
        ],
    });
    let read = decode::batch(&batch.to_string()).unwrap();
    let codes: Vec<_> =
        read.requests.iter().map(|one| one.as_ref().err().map(|(id, e)| (*id, e.code))).collect();
    assert_eq!(codes, [Some((1, ErrorCode::InvalidArgument)), Some((2, ErrorCode::Unsupported)), None]);
}

#[test]
fn a_batch_of_another_version_is_rejected_before_its_other_fields_are_read() {
    let error = decode::batch(r#"{"v":2,"requests":"of a form to come"}"#).unwrap_err();
    assert_eq!(error.code, ErrorCode::ProtocolMismatch);
    assert_eq!(error.message, "this server supports version 1 of the protocol (got 2)");
}

#[test]
fn reads_with_keys_and_writes_without_keys_are_decoded() {
    let read = r#"{"t":"request","id":1,"key":"k","op":"user.get","params":{"user":"bob"}}"#;
    let write = r#"{"t":"request","id":1,"key":null,"op":"user.set","params":{"user":"bob","data":{}}}"#;
    for (text, keyed) in [(read, true), (write, false)] {
        let Ok(ClientFrame::Request(request)) = decode::client_frame(text) else { panic!("{text}") };
        assert_eq!(request.key.is_some(), keyed);
    }
}

#[test]
fn null_is_the_same_as_absence_outside_of_patches() {
    let pairs = [
        (json!({ "t": "hello", "user": "a", "client": "c" }), &["token", "sdk"][..]),
        (json!({ "t": "subscribe", "id": 1, "topic": { "kind": "user", "id": "a" } }), &["window", "from"]),
        (json!({ "t": "request", "id": 1, "op": "user.get", "params": { "user": "a" } }), &["key"]),
    ];
    for (absent, fields) in pairs {
        let mut null = absent.clone();
        for field in fields {
            null[field] = Value::Null;
        }
        let plain = decode::client_frame(&absent.to_string());
        assert!(plain.is_ok(), "{plain:?}");
        assert_eq!(decode::client_frame(&null.to_string()), plain);
    }
}
