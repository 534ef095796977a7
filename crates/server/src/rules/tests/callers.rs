//! Who may do what: one table of operations and callers. It is a match over all operations, so that one without a row
//! does not compile.

use causerie_protocol::Op;
use causerie_protocol::error::ErrorCode;
use serde_json::{Value, json};

use super::fixture::{RulesFixture, op};
use super::{app, user};
use crate::apps::App;
use crate::auth;
use crate::rules::{Caller, RestCommand};

/// Everybody who might try.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Who {
    /// Shows nothing, where the app asks for a token.
    Nobody,
    /// A user of another app, by the same id as the author.
    OtherApp,
    /// A user with nothing to do with the conversation.
    Stranger,
    /// A user who was a participant and is no more.
    Former,
    /// A participant who may only read.
    Reader,
    /// A participant who may write.
    Participant,
    /// The participant whose message it is about.
    Author,
    /// The app's backend, which has the REST API for all this.
    Backend,
}

const ALL: [Who; 8] = [
    Who::Nobody,
    Who::OtherApp,
    Who::Stranger,
    Who::Former,
    Who::Reader,
    Who::Participant,
    Who::Author,
    Who::Backend,
];

/// What becomes of an attempt.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Fate {
    /// Done; and nothing is there to be given back.
    Done,
    /// Done, with a value.
    Value,
    /// Not done, and why.
    Refused(ErrorCode),
}

use Fate::{Done, Refused, Value as Given};

const FORBIDDEN: Fate = Refused(ErrorCode::Forbidden);
const NOT_FOUND: Fate = Refused(ErrorCode::NotFound);
const NOT_AUTHENTICATED: Fate = Refused(ErrorCode::NotAuthenticated);

/// One row: what becomes of it by a user of another app, a stranger, a former participant, a reader, a participant,
/// the author, and the backend. Nobody is let in without a token, whatever the op.
#[rustfmt::skip]
fn row(op: &Op) -> [Fate; 7] {
    match op {
        //                                     other app  stranger   former     reader     participant author   backend
        // Every user may read any, of the same app.
        Op::UserGet { .. } =>                   [Done,      Given,     Given,     Given,     Given,     Given,     FORBIDDEN],
        // With authentication, one's own user alone.
        Op::UserSet { .. } =>                   [FORBIDDEN, FORBIDDEN, FORBIDDEN, FORBIDDEN, FORBIDDEN, Done,      Done],
        // There is one already, which is a success for everybody; in the other app there is none.
        Op::UserCreateIfNotExists { .. } =>     [FORBIDDEN, Done,      Done,      Done,      Done,      Done,      Done],
        Op::ConversationGet { .. } =>           [Done,      Done,      Done,      Given,     Given,     Given,     FORBIDDEN],
        // Whoever sets a conversation becomes a participant; in the other app it is another conversation.
        Op::ConversationSet { .. } =>           [Done,      Done,      Done,      Done,      Done,      Done,      FORBIDDEN],
        Op::ConversationCreateIfNotExists { .. } =>
                                                [Done,      Done,      Done,      Done,      Done,      Done,      FORBIDDEN],
        Op::ConversationMarkAsRead { .. } =>    [NOT_FOUND, NOT_FOUND, NOT_FOUND, Done,      Done,      Done,      FORBIDDEN],
        Op::ConversationMarkAsUnread { .. } =>  [NOT_FOUND, NOT_FOUND, NOT_FOUND, Done,      Done,      Done,      FORBIDDEN],
        Op::ConversationMarkAsTyping { .. } =>  [NOT_FOUND, NOT_FOUND, NOT_FOUND, FORBIDDEN, Done,      Done,      FORBIDDEN],
        // Somebody else's part.
        Op::ParticipantGet { .. } =>            [NOT_FOUND, NOT_FOUND, NOT_FOUND, Given,     Given,     Given,     FORBIDDEN],
        Op::ParticipantSet { .. } =>            [NOT_FOUND, NOT_FOUND, NOT_FOUND, Done,      Done,      Done,      FORBIDDEN],
        Op::ParticipantEdit { .. } =>           [NOT_FOUND, NOT_FOUND, NOT_FOUND, Done,      Done,      Done,      FORBIDDEN],
        Op::ParticipantCreateIfNotExists { .. } =>
                                                [NOT_FOUND, NOT_FOUND, NOT_FOUND, Done,      Done,      Done,      FORBIDDEN],
        Op::ParticipantDelete { .. } =>         [NOT_FOUND, NOT_FOUND, NOT_FOUND, Done,      Done,      Done,      FORBIDDEN],
        Op::MessageGet { .. } =>                [Done,      Done,      Done,      Given,     Given,     Given,     FORBIDDEN],
        Op::MessageSend { .. } =>               [NOT_FOUND, NOT_FOUND, NOT_FOUND, FORBIDDEN, Given,     Given,     FORBIDDEN],
        Op::MessageEdit { .. } =>               [NOT_FOUND, NOT_FOUND, NOT_FOUND, FORBIDDEN, FORBIDDEN, Done,      FORBIDDEN],
        Op::MessageDelete { .. } =>             [NOT_FOUND, NOT_FOUND, NOT_FOUND, FORBIDDEN, FORBIDDEN, Done,      FORBIDDEN],
        Op::ReactionAdd { .. } =>               [NOT_FOUND, NOT_FOUND, NOT_FOUND, FORBIDDEN, Done,      Done,      FORBIDDEN],
        Op::ReactionRemove { .. } =>            [NOT_FOUND, NOT_FOUND, NOT_FOUND, FORBIDDEN, Done,      Done,      FORBIDDEN],
        Op::ReactionList { .. } =>              [Done,      Done,      Done,      Given,     Given,     Given,     FORBIDDEN],
        Op::More { .. } =>                      [Done,      Done,      Done,      Given,     Given,     Given,     FORBIDDEN],
    }
}

/// The parameters to try each op with: about the author and the author's message in the conversation "c".
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
        "reaction.add" | "reaction.remove" | "reaction.list" => {
            json!({ "conversation": "c", "message": message, "emoji": "👍" })
        }
        "more" => json!({
            "topic": { "kind": "messages", "id": "c" }, "after": { "at": 9_999_999_999_999_i64, "id": "" }, "limit": 5,
        }),
        other => panic!("the op {other} has no attempt"),
    };
    op(name, params)
}

/// A conversation "c" with all of them where they belong, and a message of the author's, who reacted to it.
async fn furnished() -> (RulesFixture, RulesFixture, String) {
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

/// The caller as the doors make sure of it; the refusal of whom they do not let in.
fn let_in(fixture: &RulesFixture, who: Who) -> Result<Caller, ErrorCode> {
    let id = match who {
        Who::Nobody => {
            let refused = auth::user_grant(&fixture.app, &user("author"), "", 0);
            return Err(refused.map(|_| ()).unwrap_err().code());
        }
        Who::Backend => return Ok(Caller::Backend),
        Who::OtherApp => "mallory",
        Who::Stranger => "stranger",
        Who::Former => "former",
        Who::Reader => "reader",
        Who::Participant => "participant",
        Who::Author => "author",
    };
    Ok(Caller::User(user(id)))
}

#[tokio::test]
async fn every_op_by_every_caller() {
    for name in Op::NAMES {
        for who in ALL {
            let (fixture, other, message) = furnished().await;
            let fixture = if who == Who::OtherApp { other } else { fixture };
            let attempt = attempt(name, &message);
            let expected = match ALL.iter().position(|one| *one == who) {
                Some(0) => NOT_AUTHENTICATED,
                Some(index) => row(&attempt)[index - 1],
                None => unreachable!(),
            };
            let before = fixture.last_event("c").await;
            let got = match let_in(&fixture, who) {
                Err(code) => Refused(code),
                Ok(caller) => {
                    let outcome = fixture.execute(&caller, attempt, None).await;
                    match (outcome.error, outcome.value) {
                        (Some(error), _) => Refused(error.code),
                        (None, Some(_)) => Given,
                        (None, None) => Done,
                    }
                }
            };
            assert_eq!(got, expected, "{name} by {who:?}");
            if let Refused(_) = got {
                assert!(
                    fixture.published().is_empty(),
                    "{name} by {who:?} was refused, and yet something is told"
                );
                assert_eq!(
                    fixture.last_event("c").await,
                    before,
                    "{name} by {who:?} was refused, and yet counted"
                );
            }
        }
    }
}

/// What is not there and what is not the caller's are told alike, so that nobody can feel for ids.
#[tokio::test]
async fn what_is_not_there_and_what_is_not_ones_own_look_the_same() {
    let (fixture, _, message) = furnished().await;
    let stranger = Caller::User(user("stranger"));
    for name in Op::NAMES {
        if name.starts_with("user.")
            || *name == "conversation.set"
            || *name == "conversation.createIfNotExists"
        {
            continue;
        }
        let hidden = fixture.execute(&stranger, attempt(name, &message), None).await;
        let elsewhere = serde_json::to_value(attempt(name, &message)).unwrap().to_string();
        let elsewhere = elsewhere.replace(r#""conversation":"c""#, r#""conversation":"nowhere""#);
        let elsewhere = elsewhere.replace(r#""id":"c""#, r#""id":"nowhere""#);
        let parsed: Value = serde_json::from_str(&elsewhere).unwrap();
        let missing = fixture.execute(&stranger, op(name, parsed["params"].clone()), None).await;
        let shown = |outcome: &causerie_protocol::Outcome<Value>| {
            serde_json::to_string(outcome).unwrap().replace("nowhere", "c")
        };
        assert_eq!(shown(&hidden), shown(&missing), "{name}");
    }
}

/// A backend is let into every conversation of its own app, and into none of another's.
#[tokio::test]
async fn a_backend_reaches_its_own_app_alone() {
    let (fixture, other, message) = furnished().await;
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
        assert_eq!(other.rest(command).await.unwrap_err().code, ErrorCode::NotFound, "{name}");
    }
    assert!(fixture.published().is_empty());
    for command in all() {
        let name = command.name();
        assert!(fixture.rest(command).await.is_ok(), "{name}");
    }
}
