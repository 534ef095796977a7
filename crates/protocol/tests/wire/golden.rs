//! The golden files pin the wire format: each case is decoded and encoded again, and must be equal. A frame,
//! an op, a topic or a code without a golden case fails here, and so does a golden file that no test reads.

use std::collections::BTreeSet;

use causerie_protocol::entities::{Conversation, Message, Online, Participant, Reaction, Typing, User};
use causerie_protocol::http::{Batch, BatchResults, Failure};
use causerie_protocol::{ClientFrame, CloseCode, ErrorCode, Op, Recovery, ServerFrame, Topic, decode};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::support::{Cases, golden, goldens};

/// Makes a list of an enum's variants by name, with a match that does not compile if a variant is missing.
macro_rules! kinds {
    ($name:ident, $list:ident, $type:ty, { $( $pattern:pat => $kind:literal, )* }) => {
        const $list: &[&str] = &[$($kind),*];
        fn $name(frame: &$type) -> &'static str {
            match frame { $( $pattern => $kind, )* }
        }
    };
}

kinds!(client_kind, CLIENT_KINDS, ClientFrame, {
    ClientFrame::Hello(_) => "hello",
    ClientFrame::Request(_) => "request",
    ClientFrame::Auth { .. } => "auth",
    ClientFrame::Subscribe { .. } => "subscribe",
    ClientFrame::Unsubscribe { .. } => "unsubscribe",
    ClientFrame::Ping => "ping",
});

kinds!(server_kind, SERVER_KINDS, ServerFrame<Value>, {
    ServerFrame::Welcome(_) => "welcome",
    ServerFrame::Authenticated { .. } => "authenticated",
    ServerFrame::Result(_) => "result",
    ServerFrame::Reset { .. } => "reset",
    ServerFrame::Events { .. } => "events",
    ServerFrame::Update { .. } => "update",
    ServerFrame::Ended { .. } => "ended",
    ServerFrame::Error { .. } => "error",
    ServerFrame::Ping => "ping",
    ServerFrame::Pong => "pong",
});

fn to_json(value: &impl Serialize) -> Value {
    serde_json::to_value(value).unwrap()
}

#[test]
fn decoding_and_encoding_a_client_frame_gives_the_golden_json() {
    for kind in CLIENT_KINDS {
        for (case, json) in golden(&format!("client.{kind}")) {
            let frame = decode::client_frame(&json.to_string())
                .unwrap_or_else(|error| panic!("client.{kind}, {case}: {error:?}"));
            assert_eq!(client_kind(&frame), *kind, "{case}");
            assert_eq!(to_json(&frame), json, "client.{kind}, {case}");
        }
    }
}

#[test]
fn decoding_and_encoding_a_server_frame_gives_the_golden_json() {
    for kind in SERVER_KINDS {
        for (case, json) in golden(&format!("server.{kind}")) {
            let frame = decode::server_frame::<Value>(&json.to_string())
                .unwrap_or_else(|error| panic!("server.{kind}, {case}: {error:?}"))
                .unwrap_or_else(|| panic!("server.{kind}, {case}: has an unknown type"));
            assert_eq!(server_kind(&frame), *kind, "{case}");
            assert_eq!(to_json(&frame), json, "server.{kind}, {case}");
        }
    }
    assert_eq!(decode::SERVER_FRAMES, SERVER_KINDS, "the frames that decode::server_frame decodes");
}

#[test]
fn every_op_has_a_golden_request_that_passes_its_check() {
    let mut found = BTreeSet::new();
    for (case, json) in golden("client.request") {
        let Ok(ClientFrame::Request(request)) = decode::client_frame(&json.to_string()) else {
            panic!("{case} is not a request")
        };
        assert_eq!(request.op.check(), Ok(()), "{case}");
        assert_eq!(request.key.is_some(), request.op.writes(), "{case}: a write has a key, a read has none");
        found.insert(request.op.name().as_str());
    }
    assert_eq!(found, Op::NAMES.iter().copied().collect());
}

#[test]
fn every_topic_has_a_golden_subscription() {
    let mut found = BTreeSet::new();
    for (case, json) in golden("client.subscribe") {
        let Ok(ClientFrame::Subscribe(subscribe)) = decode::client_frame(&json.to_string()) else {
            panic!("{case} is not a subscription")
        };
        found.insert(subscribe.topic.kind());
    }
    assert_eq!(found, Topic::KINDS.iter().copied().collect());
}

#[test]
fn every_op_has_a_golden_result() {
    let results = golden("server.result");
    for op in Op::NAMES {
        assert!(results.contains_key(*op), "server.result.json lacks a result of {op}");
    }
}

#[test]
fn decoding_and_encoding_http_bodies_gives_the_golden_json() {
    for (case, json) in golden("http.batch") {
        let read = decode::batch(&json.to_string()).unwrap_or_else(|error| panic!("{case}: {error:?}"));
        let requests = read.requests.into_iter().collect::<Result<_, _>>().unwrap();
        let generation = read.generation;
        let batch = Batch { v: 1, user: read.user, client: read.client, generation, requests };
        assert_eq!(to_json(&batch), json, "{case}");
    }
    round_trips::<BatchResults<Value>>("http.results");
    round_trips::<Failure>("http.failure");
}

#[test]
fn decoding_and_encoding_entities_gives_the_golden_json() {
    round_trips::<User>("entity.user");
    round_trips::<Conversation>("entity.conversation");
    round_trips::<Message>("entity.message");
    round_trips::<Participant>("entity.participant");
    round_trips::<Reaction>("entity.reaction");
    round_trips::<Online>("entity.online");
    round_trips::<Typing>("entity.typing");
}

#[test]
fn entities_in_golden_frames_have_all_their_fields() {
    for (name, cases) in goldens().into_iter().filter(|(name, _)| name.starts_with("server.")) {
        for (case, json) in cases {
            for user in json["entities"]["users"].as_array().into_iter().flatten() {
                let read: User = decode::typed(&user.to_string()).unwrap();
                assert_eq!(to_json(&read), without_revision(user), "{name}, {case}");
            }
            for conversation in json["entities"]["conversations"].as_array().into_iter().flatten() {
                let read: Conversation = decode::typed(&conversation.to_string()).unwrap();
                assert_eq!(to_json(&read), without_revision(conversation), "{name}, {case}");
            }
            for message in json["entities"]["messages"].as_array().into_iter().flatten() {
                let read: Message = decode::typed(&message.to_string()).unwrap();
                assert_eq!(to_json(&read), without_revision(message), "{name}, {case}");
            }
        }
    }
}

/// Removes the revision of a body in a frame, which every such body must have.
fn without_revision(body: &Value) -> Value {
    let mut body = body.clone();
    let rev = body.as_object_mut().unwrap().remove("rev");
    assert!(rev.as_ref().and_then(Value::as_u64).is_some_and(|rev| rev < 1 << 53), "{rev:?} of {body}");
    body
}

fn round_trips<T: DeserializeOwned + Serialize>(name: &str) {
    for (case, json) in golden(name) {
        let value: T =
            decode::typed(&json.to_string()).unwrap_or_else(|error| panic!("{name}, {case}: {error:?}"));
        assert_eq!(to_json(&value), json, "{name}, {case}");
    }
}

#[test]
fn error_codes_equal_the_golden_file() {
    let actual: Cases = ErrorCode::ALL
        .iter()
        .map(|code| {
            (code.name().to_owned(), json!({ "retryable": code.retryable(), "http": code.http_status() }))
        })
        .collect();
    assert_eq!(actual, golden("codes.error"));
    for code in ErrorCode::ALL {
        let wire = serde_json::to_string(code).unwrap();
        assert_eq!(wire, format!("\"{}\"", code.name()));
        assert_eq!(serde_json::from_str::<ErrorCode>(&wire).unwrap(), *code);
        assert!(code.meaning().ends_with(|end: char| end.is_alphanumeric() || end == '.'), "{code:?}");
    }
}

#[test]
fn close_codes_equal_the_golden_file() {
    let recovery = |code: &CloseCode| match Recovery::of(code.number()) {
        Recovery::Retry => "retry",
        Recovery::RetryLater => "retryLater",
        Recovery::Reauthenticate => "reauthenticate",
        Recovery::Never => "never",
    };
    let actual: Cases = CloseCode::ALL
        .iter()
        .map(|code| {
            let row = json!({
                "name": format!("{code:?}"), "error": code.error_code().name(), "recovery": recovery(code),
            });
            (code.number().to_string(), row)
        })
        .collect();
    assert_eq!(actual, golden("codes.close"));
}

#[test]
fn every_golden_file_is_read_by_a_test() {
    let mut expected: BTreeSet<String> =
        ["codes.error", "codes.close", "http.batch", "http.results", "http.failure"]
            .map(str::to_owned)
            .into_iter()
            .collect();
    let entities = ["user", "conversation", "message", "participant", "reaction", "online", "typing"];
    expected.extend(entities.map(|entity| format!("entity.{entity}")));
    expected.extend(CLIENT_KINDS.iter().map(|kind| format!("client.{kind}")));
    expected.extend(SERVER_KINDS.iter().map(|kind| format!("server.{kind}")));
    let actual = goldens();
    assert_eq!(actual.keys().cloned().collect::<BTreeSet<_>>(), expected);
    for (name, cases) in actual {
        assert!(!cases.is_empty(), "{name}.json has no case");
    }
}
