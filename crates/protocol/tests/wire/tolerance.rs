//! Old and new versions side by side: what either side does not know is ignored, or refused alone.

use causerie_protocol::decode::{self, DecodeError};
use causerie_protocol::{ClientFrame, CloseCode, ErrorBody, ErrorCode, Outcome, Recovery, ServerFrame};
use serde_json::{Value, json};

use crate::support::goldens;

/// The value with a field, unknown to this version, in each of its objects that has a fixed set of fields.
fn with_news(mut value: Value, inside_maps: bool) -> Value {
    match &mut value {
        Value::Object(fields) => {
            for (name, field) in fields.iter_mut() {
                // A condition that is not known cannot be left out: more would match than was asked for.
                if name == "filter" {
                    continue;
                }
                // These are maps whose keys are the caller's: a new key there would be data.
                let map = matches!(name.as_str(), "custom" | "pushTokens");
                *field = with_news(field.take(), map);
            }
            if !inside_maps {
                fields.insert("news".into(), json!({ "deep": [[[1.5e300, null]]] }));
            }
        }
        Value::Array(entries) => entries.iter_mut().for_each(|entry| *entry = with_news(entry.take(), false)),
        _ => {}
    }
    value
}

#[test]
fn unknown_fields_change_nothing_anywhere_in_a_client_frame() {
    for (name, cases) in goldens().into_iter().filter(|(name, _)| name.starts_with("client.")) {
        for (case, json) in cases {
            let plain = decode::client_frame(&json.to_string());
            let news = with_news(json, false);
            assert_eq!(decode::client_frame(&news.to_string()), plain, "{name}, {case}");
            assert!(plain.is_ok());
        }
    }
}

#[test]
fn unknown_fields_change_nothing_in_a_batch() {
    for (case, json) in goldens().remove("http.batch").unwrap() {
        let plain = decode::batch(&json.to_string());
        assert_eq!(decode::batch(&with_news(json, false).to_string()), plain, "{case}");
        assert!(plain.is_ok());
    }
}

#[test]
fn unknown_fields_of_a_server_frame_change_nothing_outside_bodies() {
    for (name, cases) in goldens().into_iter().filter(|(name, _)| name.starts_with("server.")) {
        for (case, mut json) in cases {
            let plain = decode::server_frame::<Value>(&json.to_string()).unwrap();
            for place in ["", "/entities", "/error", "/position"] {
                if let Some(Value::Object(fields)) = json.pointer_mut(place) {
                    fields.insert("news".into(), json!(["of a newer server"]));
                }
            }
            assert_eq!(decode::server_frame::<Value>(&json.to_string()).unwrap(), plain, "{name}, {case}");
            assert!(plain.is_some());
        }
    }
}

#[test]
fn a_client_ignores_a_frame_it_does_not_know() {
    let frame = decode::server_frame::<Value>(r#"{"t":"confetti","id":"not a number","entities":7}"#);
    assert_eq!(frame, Ok(None));
}

#[test]
fn a_client_takes_an_error_it_does_not_know_for_a_server_error_and_keeps_its_words() {
    let frame =
        r#"{"t":"result","id":3,"error":{"code":"payment_required","message":"the plan is used up"}}"#;
    let error = ErrorBody::new(ErrorCode::ServerError, "the plan is used up");
    let frame = decode::server_frame::<Value>(frame);
    assert_eq!(frame, Ok(Some(ServerFrame::Result(Outcome::failed(3, error)))));
}

#[test]
fn a_value_of_null_is_no_value() {
    let frame = decode::server_frame::<Value>(r#"{"t":"result","id":3,"value":null}"#);
    let Ok(Some(ServerFrame::Result(outcome))) = frame else { panic!("{frame:?}") };
    assert_eq!(outcome.value, None);
}

#[test]
fn a_client_treats_an_unknown_close_code_by_its_hundred() {
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
fn a_server_refuses_a_frame_it_does_not_know_and_goes_on() {
    let Err(DecodeError::UnknownFrame(error)) = decode::client_frame(r#"{"t":"shout","id":"x"}"#) else {
        panic!("taken for something")
    };
    assert_eq!(error.code, ErrorCode::Unsupported);
    assert_eq!(error.message, "this server does not support frames of type \"shout\"");
}

#[test]
fn a_server_refuses_an_operation_it_does_not_know_under_its_id() {
    let refused =
        decode::client_frame(r#"{"t":"request","id":5,"op":"user.dance","params":{"to":["music"]}}"#);
    let Err(DecodeError::BadRequest { id: 5, error }) = refused else { panic!("{refused:?}") };
    assert_eq!(error.code, ErrorCode::Unsupported);
    assert_eq!(error.message, "this server does not support the operation \"user.dance\"");
}

#[test]
fn a_server_refuses_a_topic_it_does_not_know_under_its_id() {
    let refused =
        decode::client_frame(r#"{"t":"subscribe","id":6,"topic":{"kind":"weather","id":["anything"]}}"#);
    let Err(DecodeError::BadSubscription { id: 6, error }) = refused else { panic!("{refused:?}") };
    assert_eq!(error.code, ErrorCode::Unsupported);
    assert_eq!(error.message, "this server does not support topics of kind \"weather\"");
}

#[test]
fn what_is_unknown_is_quoted_short_and_escaped() {
    let name = "\n\u{1b}[31m".to_owned() + &"x".repeat(10_000);
    let frame = json!({ "t": name }).to_string();
    let Err(DecodeError::UnknownFrame(error)) = decode::client_frame(&frame) else { panic!("known?") };
    assert!(error.message.len() < 150, "{}", error.message);
    assert!(!error.message.contains(char::is_control));
}

#[test]
fn one_bad_request_does_not_take_its_batch_with_it() {
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
fn a_batch_of_another_version_is_told_so_whatever_else_it_holds() {
    let error = decode::batch(r#"{"v":2,"requests":"of a form to come"}"#).unwrap_err();
    assert_eq!(error.code, ErrorCode::ProtocolMismatch);
    assert_eq!(error.message, "this server supports version 1 of the protocol (got 2)");
}

#[test]
fn keys_on_reads_and_writes_without_keys_are_read() {
    let read = r#"{"t":"request","id":1,"key":"k","op":"user.get","params":{"user":"bob"}}"#;
    let write = r#"{"t":"request","id":1,"key":null,"op":"user.set","params":{"user":"bob","data":{}}}"#;
    for (text, keyed) in [(read, true), (write, false)] {
        let Ok(ClientFrame::Request(request)) = decode::client_frame(text) else { panic!("{text}") };
        assert_eq!(request.key.is_some(), keyed);
    }
}

#[test]
fn null_says_the_same_as_absence_outside_of_a_patch() {
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
