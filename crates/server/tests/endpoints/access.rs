//! Who may do what: one table of operations and callers, run over every transport. An operation or a route that is not
//! in the table fails the test, so that none can be added without saying who may use it.

mod rows;

use causerie_protocol::Op;
use causerie_protocol::topic::Topic;
use causerie_server::ROUTES;
use causerie_server::auth::TokenType;
use serde_json::{Value, json};

use rows::{backend_row, client_row, topic_row};

use crate::support::http::{Backend, call};
use crate::support::socket::{Client, hello};
use crate::support::{BANK_SECRET, NEW_SECRET, OLD_SECRET, TestServer, signed};

/// Everybody who might try, each with what they show. All of them call the app "shop".
#[derive(Clone, Copy, Debug, PartialEq)]
enum Caller {
    /// Shows nothing.
    Nobody,
    /// A user's token whose time is over.
    Expired,
    /// A good token of a user of another app.
    OtherApp,
    /// A token of this app that was signed with another secret.
    WrongSignature,
    /// A token that is not signed at all (`alg: none`).
    Unsigned,
    /// A user with nothing to do with the conversation.
    Stranger,
    /// A user who was a participant and is no more.
    Former,
    /// A participant who may only read.
    Reader,
    /// A participant who may write.
    Participant,
    /// A backend with an app token.
    AppToken,
    /// A backend with an app token whose time is over.
    ExpiredAppToken,
    /// The backend of another app, with its own secret.
    OtherSecret,
    /// A backend with the secret.
    AppSecret,
    /// A backend with the other live secret.
    OldSecret,
}

const CALLERS: [Caller; 14] = [
    Caller::Nobody,
    Caller::Expired,
    Caller::OtherApp,
    Caller::WrongSignature,
    Caller::Unsigned,
    Caller::Stranger,
    Caller::Former,
    Caller::Reader,
    Caller::Participant,
    Caller::AppToken,
    Caller::ExpiredAppToken,
    Caller::OtherSecret,
    Caller::AppSecret,
    Caller::OldSecret,
];

impl Caller {
    /// The user whom the caller says to be.
    fn user(self) -> &'static str {
        match self {
            Caller::Stranger => "eve",
            Caller::Former => "cat",
            Caller::Reader => "bob",
            _ => "ada",
        }
    }

    /// What the caller shows.
    fn shows(self) -> Option<String> {
        let user =
            |app, secret, millis| Some(signed(app, secret, TokenType::User, Some(self.user()), millis));
        match self {
            Caller::Nobody => None,
            Caller::Expired => user("shop", NEW_SECRET, -60_000),
            Caller::OtherApp => user("bank", BANK_SECRET, 60_000),
            Caller::WrongSignature => user("shop", BANK_SECRET, 60_000),
            Caller::Unsigned => {
                // The header is {"alg":"none"}; the claims are those of a good token.
                let good = signed("shop", NEW_SECRET, TokenType::User, Some("ada"), 60_000);
                Some(format!("eyJhbGciOiJub25lIn0.{}.", good.split('.').nth(1).unwrap()))
            }
            Caller::Stranger | Caller::Former | Caller::Reader | Caller::Participant => {
                user("shop", NEW_SECRET, 60_000)
            }
            Caller::AppToken => Some(signed("shop", NEW_SECRET, TokenType::App, None, 60_000)),
            Caller::ExpiredAppToken => Some(signed("shop", NEW_SECRET, TokenType::App, None, -60_000)),
            Caller::OtherSecret => Some(BANK_SECRET.to_owned()),
            Caller::AppSecret => Some(NEW_SECRET.to_owned()),
            Caller::OldSecret => Some(OLD_SECRET.to_owned()),
        }
    }

    const fn is_user(self) -> bool {
        matches!(self, Caller::Stranger | Caller::Former | Caller::Reader | Caller::Participant)
    }

    const fn is_backend(self) -> bool {
        matches!(self, Caller::AppToken | Caller::AppSecret | Caller::OldSecret)
    }
}

/// What becomes of an attempt.
#[derive(Clone, Debug, PartialEq)]
enum Fate {
    /// Done, with a value where there is one to have.
    Done(bool),
    /// Not done, with this error.
    Refused(String),
}

fn refused(code: &str) -> Fate {
    Fate::Refused(code.to_owned())
}

/// Puts everything where it was, and says with which message.
async fn restore(server: &TestServer, row: &Value) -> Value {
    let backend = server.backend("shop", NEW_SECRET);
    let participants = "/conversations/talk/participants";
    for (user, data) in [("ada", json!({})), ("bob", json!({ "access": "Read" })), ("dan", json!({}))] {
        backend.ok("PUT", &format!("{participants}/{user}"), Some(data)).await;
    }
    for user in ["cat", "eve"] {
        backend.ok("DELETE", &format!("{participants}/{user}"), None).await;
    }
    let said = json!([{ "type": "UserMessage", "sender": "ada", "text": "Hello" }]);
    let sent = backend.ok("POST", "/conversations/talk/messages", Some(said)).await;
    let row = row.to_string().replace("$message", sent[0]["id"].as_str().unwrap());
    serde_json::from_str(&row).unwrap()
}

/// What a caller gets who is not let in at all.
fn door(caller: Caller, transport: &str) -> Option<Fate> {
    match caller {
        Caller::Expired if transport != "rest" => Some(refused("token_expired")),
        Caller::ExpiredAppToken if transport == "rest" => Some(refused("token_expired")),
        _ => {
            let let_in = if transport == "rest" { caller.is_backend() } else { caller.is_user() };
            (!let_in).then(|| refused("not_authenticated"))
        }
    }
}

async fn server() -> TestServer {
    let server = TestServer::start().await;
    server.has_talk("shop", NEW_SECRET).await;
    for user in ["cat", "dan"] {
        server.has_user("shop", NEW_SECRET, user, json!({ "name": user })).await;
    }
    let backend = server.backend("shop", NEW_SECRET);
    backend.ok("PUT", "/conversations/talk/participants/cat", Some(json!({}))).await;
    backend.ok("DELETE", "/conversations/talk/participants/cat", None).await;
    server
}

fn fate(outcome: &Value) -> Fate {
    match outcome["error"]["code"].as_str() {
        Some(code) => refused(code),
        None => Fate::Done(!outcome["value"].is_null()),
    }
}

#[tokio::test]
async fn every_op_over_a_websocket() {
    let server = server().await;
    for op in Op::NAMES {
        let (params, row) = client_row(op);
        for caller in CALLERS {
            let params = restore(&server, &params).await;
            let mut client = Client::open(server.address, "shop").await;
            client.send(hello(caller.user(), caller.shows().as_deref())).await;
            let got = match client.frame().await {
                welcome if welcome["t"] == "welcome" => fate(&client.request(op, params.clone()).await),
                error => fate(&error),
            };
            assert_eq!(got, door(caller, "ws").unwrap_or_else(|| row(caller)), "{op} by {caller:?}");
        }
    }
}

#[tokio::test]
async fn every_topic() {
    let server = server().await;
    for kind in Topic::KINDS {
        let (topic, row) = topic_row(kind);
        for caller in CALLERS {
            let topic = restore(&server, &topic).await;
            let mut client = Client::open(server.address, "shop").await;
            client.send(hello(caller.user(), caller.shows().as_deref())).await;
            let first = client.frame().await;
            if let Some(fate_at_the_door) = door(caller, "ws") {
                assert_eq!(fate(&first), fate_at_the_door, "{kind} by {caller:?}");
                continue;
            }
            client.send(json!({ "t": "subscribe", "id": 1, "topic": topic })).await;
            let reset = client.frame().await;
            assert_eq!((reset["t"].as_str(), reset["id"].as_u64()), (Some("reset"), Some(1)), "{reset}");
            assert_eq!(!reset["value"].is_null(), row(caller), "{kind} by {caller:?}: {reset}");
            assert!(row(caller) || reset.get("entities").is_none(), "{kind} by {caller:?}: {reset}");
        }
    }
}

#[tokio::test]
async fn every_op_over_http() {
    let server = server().await;
    for op in Op::NAMES {
        let (params, row) = client_row(op);
        for caller in CALLERS {
            let params = restore(&server, &params).await;
            let batch = json!({
                "v": 1, "user": caller.user(), "client": "c",
                "requests": [{ "id": 1, "op": op, "params": params }],
            });
            let shows = caller.shows().map(|token| format!("Bearer {token}"));
            let headers: Vec<_> = shows.iter().map(|bearer| ("authorization", bearer.as_str())).collect();
            let answer = call(server.address, "POST", "/v1/shop/realtime", &headers, batch.to_string()).await;
            let got =
                if answer.status == 200 { fate(&answer.json()["results"][0]) } else { fate(&answer.json()) };
            assert_eq!(got, door(caller, "http").unwrap_or_else(|| row(caller)), "{op} by {caller:?}");
        }
    }
}

#[tokio::test]
async fn every_route_of_the_rest_api() {
    let server = server().await;
    for route in ROUTES {
        let method = route.method.name();
        let body = backend_row(method, route.path);
        for caller in CALLERS {
            // What one caller takes away is there again for the next.
            let backend = server.backend("shop", NEW_SECRET);
            backend.ok("PUT", "/conversations/talk", Some(json!({ "participants": ["ada"] }))).await;
            let said = json!([{ "type": "UserMessage", "sender": "ada", "text": "Hello" }]);
            let said = backend.ok("POST", "/conversations/talk/messages", Some(said)).await;
            let path = route
                .path
                .replace("/v1/{app}", "")
                .replace("{user}", "ada")
                .replace("{conversation}", "talk")
                .replace("{message}", said[0]["id"].as_str().unwrap())
                .replace("{emoji}", "%F0%9F%91%8D");
            let body = (!body.is_null()).then(|| body.clone());
            let answer = match caller.shows() {
                Some(bearer) => {
                    let backend = Backend { address: server.address, app: "shop".to_owned(), bearer };
                    backend.call(method, &path, body).await
                }
                None => {
                    let path = format!("/v1/shop{path}");
                    let body = body.map(|body| body.to_string()).unwrap_or_default();
                    call(server.address, method, &path, &[], body).await
                }
            };
            let got = if answer.status == 200 { Fate::Done(true) } else { refused(&answer.code()) };
            let expected = door(caller, "rest").unwrap_or(Fate::Done(true));
            assert_eq!(got, expected, "{method} {} by {caller:?}: {}", route.path, answer.text());
        }
    }
}

#[tokio::test]
async fn a_refused_write_has_changed_nothing() {
    let server = server().await;
    let backend = server.backend("shop", NEW_SECRET);
    let before = backend.ok("GET", "/users/ada", None).await;
    for caller in CALLERS.into_iter().filter(|caller| caller.is_user() && *caller != Caller::Participant) {
        let mut client =
            Client::welcomed(server.address, "shop", caller.user(), caller.shows().as_deref()).await;
        let data = json!({ "user": "ada", "data": { "name": "Defaced", "email": "eve@example.com" } });
        assert_eq!(client.request("user.set", data).await["error"]["code"], "forbidden");
    }
    for caller in CALLERS.into_iter().filter(|caller| !caller.is_backend()) {
        let Some(bearer) = caller.shows() else { continue };
        let backend = Backend { address: server.address, app: "shop".to_owned(), bearer };
        assert_eq!(backend.call("PUT", "/users/ada", Some(json!({ "name": "Defaced" }))).await.status, 401);
    }
    assert_eq!(backend.ok("GET", "/users/ada", None).await, before);
}

#[tokio::test]
async fn an_app_sees_nothing_of_another() {
    let server = server().await;
    server.has_user("bank", BANK_SECRET, "ada", json!({ "name": "Ada of the bank" })).await;
    let token = signed("bank", BANK_SECRET, TokenType::User, Some("ada"), 60_000);
    let mut client = Client::welcomed(server.address, "bank", "ada", Some(&token)).await;
    let ada = client.request("user.get", json!({ "user": "ada" })).await;
    assert_eq!(ada["entities"]["users"][0]["name"], "Ada of the bank");
    assert!(client.request("user.get", json!({ "user": "bob" })).await.get("value").is_none());
    assert!(
        client.request("conversation.get", json!({ "conversation": "talk" })).await.get("value").is_none()
    );
    let bank = server.backend("bank", BANK_SECRET);
    assert_eq!(bank.call("GET", "/conversations/talk", None).await.status, 404);
}
