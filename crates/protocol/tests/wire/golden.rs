//! The golden files pin the wire: each is read, written again, and must come out equal. A frame, an operation or a
//! code without a golden file fails here, and so does a golden file that no test reads.

use std::collections::BTreeSet;

use causerie_protocol::entities::{Conversation, Message, Online, Participant, Reaction, Typing, User};
use causerie_protocol::http::{Answers, Batch, Failure};
use causerie_protocol::{ClientFrame, CloseCode, ErrorCode, Op, Recovery, ServerFrame, Topic, decode};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::support::{golden, goldens};

/// Names the variants of an enum: the match does not compile while one is missing, and the list goes with it.
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

kinds!(op_kind, OP_KINDS, Op, {
    Op::UserGet { .. } => "user.get",
    Op::UserSet { .. } => "user.set",
    Op::UserCreateIfNotExists { .. } => "user.createIfNotExists",
    Op::ConversationGet { .. } => "conversation.get",
    Op::ConversationSet { .. } => "conversation.set",
    Op::ConversationCreateIfNotExists { .. } => "conversation.createIfNotExists",
    Op::ConversationMarkAsRead { .. } => "conversation.markAsRead",
    Op::ConversationMarkAsUnread { .. } => "conversation.markAsUnread",
    Op::ConversationMarkAsTyping { .. } => "conversation.markAsTyping",
    Op::ParticipantGet { .. } => "participant.get",
    Op::ParticipantSet { .. } => "participant.set",
    Op::ParticipantEdit { .. } => "participant.edit",
    Op::ParticipantCreateIfNotExists { .. } => "participant.createIfNotExists",
    Op::ParticipantDelete { .. } => "participant.delete",
    Op::MessageGet { .. } => "message.get",
    Op::MessageSend { .. } => "message.send",
    Op::MessageEdit { .. } => "message.edit",
    Op::MessageDelete { .. } => "message.delete",
    Op::ReactionAdd { .. } => "reaction.add",
    Op::ReactionRemove { .. } => "reaction.remove",
    Op::ReactionList { .. } => "reaction.list",
    Op::More { .. } => "more",
});

kinds!(topic_kind, TOPIC_KINDS, Topic, {
    Topic::User { .. } => "user",
    Topic::Online { .. } => "online",
    Topic::Conversation { .. } => "conversation",
    Topic::Conversations { .. } => "conversations",
    Topic::Messages { .. } => "messages",
    Topic::Participants { .. } => "participants",
    Topic::Participant { .. } => "participant",
    Topic::Typing { .. } => "typing",
    Topic::Reactions { .. } => "reactions",
});

fn written(value: &impl Serialize) -> Value {
    serde_json::to_value(value).unwrap()
}

#[test]
fn every_client_frame_is_read_and_written_alike() {
    for kind in CLIENT_KINDS {
        for (case, json) in golden(&format!("client.{kind}")) {
            let frame = decode::client_frame(&json.to_string())
                .unwrap_or_else(|error| panic!("client.{kind}, {case}: {error:?}"));
            assert_eq!(client_kind(&frame), *kind, "{case}");
            assert_eq!(written(&frame), json, "client.{kind}, {case}");
        }
    }
}

#[test]
fn every_server_frame_is_read_and_written_alike() {
    for kind in SERVER_KINDS {
        for (case, json) in golden(&format!("server.{kind}")) {
            let frame = decode::server_frame::<Value>(&json.to_string())
                .unwrap_or_else(|error| panic!("server.{kind}, {case}: {error:?}"))
                .unwrap_or_else(|| panic!("server.{kind}, {case}: is not known"));
            assert_eq!(server_kind(&frame), *kind, "{case}");
            assert_eq!(written(&frame), json, "server.{kind}, {case}");
        }
    }
    assert_eq!(decode::SERVER_FRAMES, SERVER_KINDS, "what decode::server_frame lets through");
}

#[test]
fn every_operation_stands_in_a_golden_request_with_good_values() {
    let mut met = BTreeSet::new();
    for (case, json) in golden("client.request") {
        let Ok(ClientFrame::Request(request)) = decode::client_frame(&json.to_string()) else {
            panic!("{case} is no request")
        };
        assert_eq!(request.op.check(), Ok(()), "{case}");
        assert_eq!(request.op.name(), op_kind(&request.op));
        assert_eq!(request.key.is_some(), request.op.writes(), "{case}: a write has a key, a read has none");
        met.insert(request.op.name());
    }
    assert_eq!(met, OP_KINDS.iter().copied().collect());
    assert_eq!(Op::NAMES, OP_KINDS);
}

#[test]
fn every_topic_stands_in_a_golden_subscription() {
    let mut met = BTreeSet::new();
    for (case, json) in golden("client.subscribe") {
        let Ok(ClientFrame::Subscribe(subscribe)) = decode::client_frame(&json.to_string()) else {
            panic!("{case} is no subscription")
        };
        assert_eq!(subscribe.topic.kind(), topic_kind(&subscribe.topic));
        met.insert(subscribe.topic.kind());
    }
    assert_eq!(met, TOPIC_KINDS.iter().copied().collect());
    assert_eq!(Topic::KINDS, TOPIC_KINDS);
}

#[test]
fn every_operation_has_a_golden_result() {
    let results = golden("server.result");
    for op in OP_KINDS {
        assert!(results.contains_key(*op), "server.result.json lacks a result of {op}");
    }
}

#[test]
fn bodies_of_the_http_twin_are_read_and_written_alike() {
    for (case, json) in golden("http.batch") {
        let read = decode::batch(&json.to_string()).unwrap_or_else(|error| panic!("{case}: {error:?}"));
        let requests = read.requests.into_iter().collect::<Result<_, _>>().unwrap();
        let batch = Batch { v: 1, user: read.user, client: read.client, requests };
        assert_eq!(written(&batch), json, "{case}");
    }
    alike::<Answers<Value>>("http.answers");
    alike::<Failure>("http.failure");
}

#[test]
fn bodies_of_entities_are_read_and_written_alike() {
    alike::<User>("entity.user");
    alike::<Conversation>("entity.conversation");
    alike::<Message>("entity.message");
    alike::<Participant>("entity.participant");
    alike::<Reaction>("entity.reaction");
    alike::<Online>("entity.online");
    alike::<Typing>("entity.typing");
}

#[test]
fn entities_within_frames_are_of_the_pinned_forms() {
    for (name, cases) in goldens().into_iter().filter(|(name, _)| name.starts_with("server.")) {
        for (case, json) in cases {
            for user in json["entities"]["users"].as_array().into_iter().flatten() {
                let read: User = decode::typed(&user.to_string()).unwrap();
                assert_eq!(&written(&read), user, "{name}, {case}");
            }
            for conversation in json["entities"]["conversations"].as_array().into_iter().flatten() {
                let read: Conversation = decode::typed(&conversation.to_string()).unwrap();
                assert_eq!(&written(&read), conversation, "{name}, {case}");
            }
            for message in json["entities"]["messages"].as_array().into_iter().flatten() {
                let read: Message = decode::typed(&message.to_string()).unwrap();
                assert_eq!(&written(&read), message, "{name}, {case}");
            }
        }
    }
}

fn alike<T: DeserializeOwned + Serialize>(name: &str) {
    for (case, json) in golden(name) {
        let value: T =
            decode::typed(&json.to_string()).unwrap_or_else(|error| panic!("{name}, {case}: {error:?}"));
        assert_eq!(written(&value), json, "{name}, {case}");
    }
}

#[test]
fn every_error_code_is_pinned_with_its_status() {
    let codes = golden("codes.error");
    let ours = ErrorCode::ALL
        .iter()
        .map(|code| {
            (code.name().to_owned(), json!({ "retryable": code.retryable(), "http": code.http_status() }))
        })
        .collect();
    assert_eq!(codes, ours);
    for code in ErrorCode::ALL {
        let wire = serde_json::to_string(code).unwrap();
        assert_eq!(wire, format!("\"{}\"", code.name()));
        assert_eq!(serde_json::from_str::<ErrorCode>(&wire).unwrap(), *code);
        assert!(code.meaning().ends_with(|end: char| end.is_alphanumeric() || end == '.'), "{code:?}");
    }
}

#[test]
fn every_close_code_is_pinned_with_its_error_and_recovery() {
    let recovery = |code: &CloseCode| match Recovery::of(code.number()) {
        Recovery::Retry => "retry",
        Recovery::RetryLater => "retryLater",
        Recovery::Reauthenticate => "reauthenticate",
        Recovery::Never => "never",
    };
    let ours = CloseCode::ALL
        .iter()
        .map(|code| {
            let row = json!({
                "name": format!("{code:?}"), "error": code.error_code().name(), "recovery": recovery(code),
            });
            (code.number().to_string(), row)
        })
        .collect();
    assert_eq!(golden("codes.close"), ours);
}

#[test]
fn no_golden_file_stands_unread() {
    let mut expected: BTreeSet<String> =
        ["codes.error", "codes.close", "http.batch", "http.answers", "http.failure"]
            .map(str::to_owned)
            .into_iter()
            .collect();
    let entities = ["user", "conversation", "message", "participant", "reaction", "online", "typing"];
    expected.extend(entities.map(|entity| format!("entity.{entity}")));
    expected.extend(CLIENT_KINDS.iter().map(|kind| format!("client.{kind}")));
    expected.extend(SERVER_KINDS.iter().map(|kind| format!("server.{kind}")));
    let there = goldens();
    assert_eq!(there.keys().cloned().collect::<BTreeSet<_>>(), expected);
    for (name, cases) in there {
        assert!(!cases.is_empty(), "{name}.json has no case");
    }
}
