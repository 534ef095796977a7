//! Which caller may execute which op, in one table. The table is a match over all ops, so that an op without
//! a row does not compile.

use causerie_protocol::Op;
use causerie_protocol::error::ErrorCode;
use serde_json::{Value, json};

use super::rules_fixture::{RulesFixture, op};
use super::{app, user};
use crate::apps::App;
use crate::auth;
use crate::rules::{Caller, RestCommand};

/// The kinds of callers, by their relation to the conversation and the message of an op.
#[derive(Clone, Copy, Debug, PartialEq)]
enum CallerKind {
    /// A client without a token, of an app that requires one.
    Unauthenticated,
    /// A user of another app.
    OtherApp,
    /// A user who never was a participant of the conversation.
    Stranger,
    /// A user who is no longer a participant.
    Former,
    /// A participant with the access `Read`.
    Reader,
    /// A participant with the access `ReadWrite`.
    Participant,
    /// The participant who sent the message.
    Author,
    /// The app's backend, which has to use the REST API for most of the ops.
    Backend,
}

const ALL: [CallerKind; 8] = [
    CallerKind::Unauthenticated,
    CallerKind::OtherApp,
    CallerKind::Stranger,
    CallerKind::Former,
    CallerKind::Reader,
    CallerKind::Participant,
    CallerKind::Author,
    CallerKind::Backend,
];

/// The response to an op.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Response {
    /// The op succeeded without a value.
    Done,
    /// The op succeeded with a value.
    Returned,
    /// The op was refused with this code.
    Refused(ErrorCode),
}

use Response::{Done, Refused, Returned};

const VALUE: Response = Returned;
/// The caller may not do this.
const DENIED: Response = Refused(ErrorCode::Forbidden);
/// The conversation does not exist, or the caller is not a participant of it.
const HIDDEN: Response = Refused(ErrorCode::NotFound);
const NOT_AUTHENTICATED: Response = Refused(ErrorCode::NotAuthenticated);

/// The expected responses to an op from each kind of caller but `Unauthenticated`, whose requests are all
/// refused.
#[rustfmt::skip]
fn expected_responses(op: &Op) -> [Response; 7] {
    match op {
        // The columns: another app, stranger, former, reader, participant, author, backend.
        // Every user may read all users of the same app.
        Op::UserGet { .. } =>                   [Done,   VALUE,  VALUE,  VALUE,  VALUE,  VALUE,  DENIED],
        // With authentication, a client may set only its own user.
        Op::UserSet { .. } =>                   [DENIED, DENIED, DENIED, DENIED, DENIED, Done,   Done],
        // The user exists, so it succeeds for every caller; in the other app, it does not exist.
        Op::UserCreateIfNotExists { .. } =>     [DENIED, Done,   Done,   Done,   Done,   Done,   Done],
        Op::ConversationGet { .. } =>           [Done,   Done,   Done,   VALUE,  VALUE,  VALUE,  DENIED],
        // The caller becomes a participant; in the other app, this is another conversation.
        Op::ConversationSet { .. } =>           [Done,   Done,   Done,   Done,   Done,   Done,   DENIED],
        Op::ConversationCreateIfNotExists { .. } =>
                                                [Done,   Done,   Done,   Done,   Done,   Done,   DENIED],
        Op::ConversationMarkAsRead { .. } =>    [HIDDEN, HIDDEN, HIDDEN, Done,   Done,   Done,   DENIED],
        Op::ConversationMarkAsUnread { .. } =>  [HIDDEN, HIDDEN, HIDDEN, Done,   Done,   Done,   DENIED],
        Op::ConversationMarkAsTyping { .. } =>  [HIDDEN, HIDDEN, HIDDEN, DENIED, Done,   Done,   DENIED],
        // The participant is another user than the caller.
        Op::ParticipantGet { .. } =>            [HIDDEN, HIDDEN, HIDDEN, VALUE,  VALUE,  VALUE,  DENIED],
        Op::ParticipantSet { .. } =>            [HIDDEN, HIDDEN, HIDDEN, Done,   Done,   Done,   DENIED],
        Op::ParticipantEdit { .. } =>           [HIDDEN, HIDDEN, HIDDEN, Done,   Done,   Done,   DENIED],
        Op::ParticipantCreateIfNotExists { .. } =>
                                                [HIDDEN, HIDDEN, HIDDEN, Done,   Done,   Done,   DENIED],
        Op::ParticipantDelete { .. } =>         [HIDDEN, HIDDEN, HIDDEN, Done,   Done,   Done,   DENIED],
        Op::MessageGet { .. } =>                [Done,   Done,   Done,   VALUE,  VALUE,  VALUE,  DENIED],
        Op::MessageSend { .. } =>               [HIDDEN, HIDDEN, HIDDEN, DENIED, VALUE,  VALUE,  DENIED],
        Op::MessageEdit { .. } =>               [HIDDEN, HIDDEN, HIDDEN, DENIED, DENIED, Done,   DENIED],
        Op::MessageDelete { .. } =>             [HIDDEN, HIDDEN, HIDDEN, DENIED, DENIED, Done,   DENIED],
        Op::MessageTranslate { .. } =>          [Done,   Done,   Done,   VALUE,  VALUE,  VALUE,  DENIED],
        Op::ReactionAdd { .. } =>               [HIDDEN, HIDDEN, HIDDEN, DENIED, Done,   Done,   DENIED],
        Op::ReactionRemove { .. } =>            [HIDDEN, HIDDEN, HIDDEN, DENIED, Done,   Done,   DENIED],
        Op::ReactionList { .. } =>              [Done,   Done,   Done,   VALUE,  VALUE,  VALUE,  DENIED],
        // Everybody may search, and finds nothing of others.
        Op::SearchMessages { .. } | Op::SearchConversations { .. } =>
                                                [VALUE,  VALUE,  VALUE,  VALUE,  VALUE,  VALUE,  DENIED],
        // Every user may upload; in the other app, this is another file.
        Op::FileCreate { .. } =>                [VALUE,  VALUE,  VALUE,  VALUE,  VALUE,  VALUE,  VALUE],
        Op::More { .. } =>                      [Done,   Done,   Done,   VALUE,  VALUE,  VALUE,  DENIED],
    }
}

/// Returns an op with parameters that name the author, and the author's message in the conversation "c".
fn attempt(name: &str, message: &str) -> Op {
    let params = match name {
        "user.get" => json!({ "user": "author" }),
        "user.set" | "user.createIfNotExists" => json!({ "user": "author", "data": { "name": "A" } }),
        "conversation.get"
        | "conversation.createIfNotExists"
        | "conversation.markAsRead"
        | "conversation.markAsUnread"
        | "conversation.markAsTyping" => json!({ "conversation": "c" }),
        "conversation.set" => json!({ "conversation": "c", "data": { "subject": "New" } }),
        "participant.get" | "participant.delete" => json!({ "conversation": "c", "user": "target" }),
        "participant.set" | "participant.edit" => {
            json!({ "conversation": "c", "user": "target", "data": { "notify": false } })
        }
        "participant.createIfNotExists" => json!({ "conversation": "c", "user": "outsider" }),
        "message.get" | "message.delete" => json!({ "conversation": "c", "message": message }),
        "message.send" => json!({ "conversation": "c", "data": { "text": "Hello" } }),
        "message.edit" => json!({ "conversation": "c", "message": message, "data": { "text": "Bye" } }),
        "message.translate" => json!({ "conversation": "c", "message": message, "language": "de" }),
        "reaction.add" | "reaction.remove" | "reaction.list" => {
            json!({ "conversation": "c", "message": message, "emoji": "👍" })
        }
        "search.messages" | "search.conversations" => json!({ "data": { "query": "hello", "limit": 3 } }),
        "file.create" => json!({ "data": { "filename": "a.txt", "size": 5 } }),
        "more" => json!({
            "topic": { "kind": "messages", "id": "c" },
            "after": { "at": 9_999_999_999_999_i64, "id": "" },
            "limit": 5,
        }),
        other => panic!("the op {other} has no parameters here"),
    };
    op(name, params)
}

/// Returns a fixture with a conversation "c" of all kinds of callers, a fixture of another app, and the id of
/// a message that the author sent and reacted to.
async fn conversation_of_all_kinds() -> (RulesFixture, RulesFixture, String) {
    let fixture = RulesFixture::new(App { authentication: true, ..app() });
    fixture
        .create_users(&["author", "participant", "reader", "former", "stranger", "target", "outsider"])
        .await;
    let other = fixture.with(|app| app.id = "other".to_owned());
    other.create_users(&["mallory"]).await;
    fixture.ok("author", "conversation.createIfNotExists", json!({ "conversation": "c" })).await;
    for (who, data) in [
        ("participant", json!({})),
        ("reader", json!({ "access": "Read" })),
        ("former", json!({})),
        ("target", json!({})),
    ] {
        let params = json!({ "conversation": "c", "user": who, "data": data });
        fixture.ok("author", "participant.set", params).await;
    }
    fixture.ok("former", "participant.delete", json!({ "conversation": "c", "user": "former" })).await;
    let message = fixture.send("author", "c", "Hello").await;
    let thumb = json!({ "conversation": "c", "message": message, "emoji": "👍" });
    fixture.ok("author", "reaction.add", thumb).await;
    fixture.published();
    (fixture, other, message)
}

/// Returns the caller as a transport authenticates it, or the code with which it refuses the connection.
fn authenticate(fixture: &RulesFixture, kind: CallerKind) -> Result<Caller, ErrorCode> {
    let id = match kind {
        CallerKind::Unauthenticated => {
            let refused = auth::user_grant(&fixture.app, &user("author"), "", 0);
            return Err(refused.map(|_| ()).unwrap_err().code());
        }
        CallerKind::Backend => return Ok(Caller::Backend),
        CallerKind::OtherApp => "mallory",
        CallerKind::Stranger => "stranger",
        CallerKind::Former => "former",
        CallerKind::Reader => "reader",
        CallerKind::Participant => "participant",
        CallerKind::Author => "author",
    };
    Ok(Caller::User(user(id)))
}

#[tokio::test]
async fn every_caller_gets_the_expected_response_to_every_op() {
    for name in Op::NAMES {
        for kind in ALL {
            let (fixture, other, message) = conversation_of_all_kinds().await;
            let fixture = if kind == CallerKind::OtherApp { other } else { fixture };
            let attempt = attempt(name, &message);
            let expected = match ALL.iter().position(|one| *one == kind) {
                Some(0) => NOT_AUTHENTICATED,
                Some(index) => expected_responses(&attempt)[index - 1],
                None => unreachable!(),
            };
            let before = fixture.last_event("c").await;
            let got = match authenticate(&fixture, kind) {
                Err(code) => Refused(code),
                Ok(caller) => {
                    let outcome = fixture.execute(&caller, attempt, None).await;
                    match (outcome.error, outcome.value) {
                        (Some(error), _) => Refused(error.code),
                        (None, Some(_)) => Returned,
                        (None, None) => Done,
                    }
                }
            };
            assert_eq!(got, expected, "{name} by {kind:?}");
            if let Refused(_) = got {
                assert!(
                    fixture.published().is_empty(),
                    "{name} by {kind:?} was refused but published an event"
                );
                assert_eq!(
                    fixture.last_event("c").await,
                    before,
                    "{name} by {kind:?} was refused but advanced the stream"
                );
            }
        }
    }
}

/// The responses do not differ, so that no caller can find out which ids exist.
#[tokio::test]
async fn hidden_and_missing_conversations_get_the_same_response() {
    let (fixture, _, message) = conversation_of_all_kinds().await;
    let stranger = Caller::User(user("stranger"));
    for name in Op::NAMES {
        if name.starts_with("user.")
            || *name == "conversation.set"
            || *name == "conversation.createIfNotExists"
            // It concerns no conversation.
            || *name == "file.create"
        {
            continue;
        }
        let hidden = fixture.execute(&stranger, attempt(name, &message), None).await;
        let missing_params = serde_json::to_value(attempt(name, &message)).unwrap().to_string();
        let missing_params = missing_params.replace(r#""conversation":"c""#, r#""conversation":"missing""#);
        let missing_params = missing_params.replace(r#""id":"c""#, r#""id":"missing""#);
        let parsed: Value = serde_json::from_str(&missing_params).unwrap();
        let missing = fixture.execute(&stranger, op(name, parsed["params"].clone()), None).await;
        let shown = |outcome: &causerie_protocol::Outcome<Value>| {
            serde_json::to_string(outcome).unwrap().replace("missing", "c")
        };
        assert_eq!(shown(&hidden), shown(&missing), "{name}");
    }
}

#[tokio::test]
async fn a_backend_has_access_to_its_own_app_only() {
    let (fixture, other, message) = conversation_of_all_kinds().await;
    let conversation = super::conversation("c");
    let message = causerie_protocol::MessageId::new(message).unwrap();
    let all = || {
        vec![
            RestCommand::UserGet { user: user("author") },
            RestCommand::UserConversationsGet { user: user("author"), page: Default::default() },
            RestCommand::ConversationGet { conversation: conversation.clone() },
            RestCommand::ParticipantPatch {
                conversation: conversation.clone(),
                user: user("author"),
                data: Default::default(),
            },
            RestCommand::MessagesGet { conversation: conversation.clone(), page: Default::default() },
            RestCommand::MessageGet { conversation: conversation.clone(), message: message.clone() },
            RestCommand::ReactionPut {
                conversation: conversation.clone(),
                message: message.clone(),
                emoji: "👍".to_owned(),
                user: user("author"),
            },
            RestCommand::ReactionDelete {
                conversation: conversation.clone(),
                message: message.clone(),
                emoji: "👍".to_owned(),
                user: user("author"),
            },
            RestCommand::MessageDelete { conversation: conversation.clone(), message: message.clone() },
            RestCommand::ConversationDelete { conversation: conversation.clone() },
        ]
    };
    for command in all() {
        let name = command.name();
        assert_eq!(other.execute_command(command).await.unwrap_err().code, ErrorCode::NotFound, "{name}");
    }
    assert!(fixture.published().is_empty());
    for command in all() {
        let name = command.name();
        assert!(fixture.execute_command(command).await.is_ok(), "{name}");
    }
}
