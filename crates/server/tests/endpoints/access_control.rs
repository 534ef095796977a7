//! Access control: one table of ops, topics and routes by callers, checked over every transport. An op, a
//! topic or a route without a row fails the test, so that none can be added without deciding which callers
//! may use it.

mod rows;

use std::net::SocketAddr;

use causerie_protocol::Op;
use causerie_protocol::topic::Topic;
use causerie_server::ROUTES;
use causerie_server::auth::TokenType;
use serde_json::{Value, json};

use rows::{backend_row, client_row, topic_row};

use crate::support::http::{Backend, HttpResponse, call};
use crate::support::socket::{Client, hello};
use crate::support::{BANK_SECRET, NEW_SECRET, OLD_SECRET, TestServer, signed};

/// The kinds of callers, by their credentials. All of them call the app "shop".
#[derive(Clone, Copy, Debug, PartialEq)]
enum Caller {
    /// A caller without credentials.
    Nobody,
    /// A user with an expired token.
    Expired,
    /// A user with a valid token of another app.
    OtherApp,
    /// A user with a token that is signed with the secret of another app.
    WrongSignature,
    /// A user with an unsigned token (`alg: none`).
    Unsigned,
    /// A user who is not a participant of the conversation.
    Stranger,
    /// A user who was a participant and was removed.
    Former,
    /// A participant who may only read.
    Reader,
    /// A participant who may write.
    Participant,
    /// A backend with an app token.
    AppToken,
    /// A backend with an expired app token.
    ExpiredAppToken,
    /// The backend of another app, with its own secret.
    OtherSecret,
    /// A backend with the newer secret.
    AppSecret,
    /// A backend with the older secret.
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
    /// The id that the caller sends.
    fn user(self) -> &'static str {
        match self {
            Caller::Stranger => "eve",
            Caller::Former => "cat",
            Caller::Reader => "bob",
            _ => "ada",
        }
    }

    /// The token or secret that the caller sends.
    fn credentials(self) -> Option<String> {
        let user =
            |app, secret, millis| Some(signed(app, secret, TokenType::User, Some(self.user()), millis));
        match self {
            Caller::Nobody => None,
            Caller::Expired => user("shop", NEW_SECRET, -60_000),
            Caller::OtherApp => user("bank", BANK_SECRET, 60_000),
            Caller::WrongSignature => user("shop", BANK_SECRET, 60_000),
            Caller::Unsigned => {
                // The header is {"alg":"none"}; the claims are those of a valid token.
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

/// The outcome of an attempt.
#[derive(Clone, Debug, PartialEq)]
enum Outcome {
    /// Success, with a value or without.
    Done(bool),
    /// An error with this code.
    Refused(String),
}

fn refused(code: &str) -> Outcome {
    Outcome::Refused(code.to_owned())
}

/// Restores the conversation, and replaces `$message` in the row by the id of a new message.
async fn restore(server: &TestServer, row: &Value) -> Value {
    let backend = server.backend("shop", NEW_SECRET);
    let participants = "/conversations/talk/participants";
    for (user, data) in [("ada", json!({})), ("bob", json!({ "access": "Read" })), ("dan", json!({}))] {
        backend.ok("PUT", &format!("{participants}/{user}"), Some(data)).await;
    }
    for user in ["cat", "eve"] {
        backend.ok("DELETE", &format!("{participants}/{user}"), None).await;
    }
    let posted = json!([{ "type": "UserMessage", "sender": "ada", "text": "Hello" }]);
    let sent = backend.ok("POST", "/conversations/talk/messages", Some(posted)).await;
    let row = row.to_string().replace("$message", sent[0]["id"].as_str().unwrap());
    serde_json::from_str(&row).unwrap()
}

/// The error of a caller who is not authenticated, or `None` if the caller is.
fn authentication_error(caller: Caller, transport: &str) -> Option<Outcome> {
    match caller {
        Caller::Expired if transport != "rest" => Some(refused("token_expired")),
        Caller::ExpiredAppToken if transport == "rest" => Some(refused("token_expired")),
        _ => {
            let is_authenticated = if transport == "rest" { caller.is_backend() } else { caller.is_user() };
            (!is_authenticated).then(|| refused("not_authenticated"))
        }
    }
}

async fn server() -> TestServer {
    let server = TestServer::start().await;
    server.create_talk("shop", NEW_SECRET).await;
    for user in ["cat", "dan"] {
        server.put_user("shop", NEW_SECRET, user, json!({ "name": user })).await;
    }
    let backend = server.backend("shop", NEW_SECRET);
    backend.ok("PUT", "/conversations/talk/participants/cat", Some(json!({}))).await;
    backend.ok("DELETE", "/conversations/talk/participants/cat", None).await;
    server
}

fn read_outcome(outcome: &Value) -> Outcome {
    match outcome["error"]["code"].as_str() {
        Some(code) => refused(code),
        None => Outcome::Done(!outcome["value"].is_null()),
    }
}

#[tokio::test]
async fn each_op_over_a_websocket_has_the_outcome_in_the_table() {
    let server = server().await;
    for op in Op::NAMES {
        let (params, row) = client_row(op);
        for caller in CALLERS {
            let params = restore(&server, &params).await;
            let mut client = Client::open(server.address, "shop").await;
            client.send(hello(caller.user(), caller.credentials().as_deref())).await;
            let got = match client.frame().await {
                welcome if welcome["t"] == "welcome" => {
                    read_outcome(&client.request(op, params.clone()).await)
                }
                error => read_outcome(&error),
            };
            assert_eq!(
                got,
                authentication_error(caller, "ws").unwrap_or_else(|| row(caller)),
                "{op} by {caller:?}"
            );
        }
    }
}

#[tokio::test]
async fn each_topic_has_the_outcome_in_the_table() {
    let server = server().await;
    for kind in Topic::KINDS {
        let (topic, row) = topic_row(kind);
        for caller in CALLERS {
            let topic = restore(&server, &topic).await;
            let mut client = Client::open(server.address, "shop").await;
            client.send(hello(caller.user(), caller.credentials().as_deref())).await;
            let first = client.frame().await;
            if let Some(error) = authentication_error(caller, "ws") {
                assert_eq!(read_outcome(&first), error, "{kind} by {caller:?}");
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
async fn each_op_over_the_http_fallback_has_the_outcome_in_the_table() {
    let server = server().await;
    for op in Op::NAMES {
        let (params, row) = client_row(op);
        for caller in CALLERS {
            let params = restore(&server, &params).await;
            let batch = json!({
                "v": 1, "user": caller.user(), "client": "c",
                "requests": [{ "id": 1, "op": op, "params": params }],
            });
            let credentials = caller.credentials().map(|token| format!("Bearer {token}"));
            let headers: Vec<_> =
                credentials.iter().map(|bearer| ("authorization", bearer.as_str())).collect();
            let response =
                call(server.address, "POST", "/v1/shop/realtime", &headers, batch.to_string()).await;
            let got = if response.status == 200 {
                read_outcome(&response.json()["results"][0])
            } else {
                read_outcome(&response.json())
            };
            assert_eq!(
                got,
                authentication_error(caller, "http").unwrap_or_else(|| row(caller)),
                "{op} by {caller:?}"
            );
        }
    }
}

#[tokio::test]
async fn each_route_of_the_rest_api_has_the_outcome_in_the_table() {
    let server = server().await;
    for route in ROUTES {
        let method = route.method.name();
        let body = backend_row(method, route.path);
        for caller in CALLERS {
            // Restores everything that the previous caller deleted.
            let backend = server.backend("shop", NEW_SECRET);
            backend.ok("PUT", "/conversations/talk", Some(json!({ "participants": ["ada"] }))).await;
            let posted = json!([{ "type": "UserMessage", "sender": "ada", "text": "Hello" }]);
            let sent = backend.ok("POST", "/conversations/talk/messages", Some(posted)).await;
            let path = route
                .path
                .replace("/v1/{app}", "")
                .replace("{user}", "ada")
                .replace("{conversation}", "talk")
                .replace("{message}", sent[0]["id"].as_str().unwrap())
                .replace("{emoji}", "%F0%9F%91%8D");
            let mut body = (!body.is_null()).then(|| body.clone());
            if let Some(body) = &mut body
                && body[0]["timestamp"] == "$now"
            {
                body[0]["timestamp"] = json!(crate::support::now());
            }
            let response = match caller.credentials() {
                bearer if path == "/files" => post_file(server.address, bearer).await,
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
            let got = if response.status == 200 { Outcome::Done(true) } else { refused(&response.code()) };
            let expected = authentication_error(caller, "rest").unwrap_or(Outcome::Done(true));
            assert_eq!(got, expected, "{method} {} by {caller:?}: {}", route.path, response.text());
        }
    }
}

#[tokio::test]
async fn a_refused_write_changes_nothing() {
    let server = server().await;
    let backend = server.backend("shop", NEW_SECRET);
    let before = backend.ok("GET", "/users/ada", None).await;
    for caller in CALLERS.into_iter().filter(|caller| caller.is_user() && *caller != Caller::Participant) {
        let mut client =
            Client::welcomed(server.address, "shop", caller.user(), caller.credentials().as_deref()).await;
        let data = json!({ "user": "ada", "data": { "name": "Defaced", "email": "eve@example.com" } });
        assert_eq!(client.request("user.set", data).await["error"]["code"], "forbidden");
    }
    for caller in CALLERS.into_iter().filter(|caller| !caller.is_backend()) {
        let Some(bearer) = caller.credentials() else { continue };
        let backend = Backend { address: server.address, app: "shop".to_owned(), bearer };
        assert_eq!(backend.call("PUT", "/users/ada", Some(json!({ "name": "Defaced" }))).await.status, 401);
    }
    assert_eq!(backend.ok("GET", "/users/ada", None).await, before);
}

#[tokio::test]
async fn apps_cannot_read_data_of_other_apps() {
    let server = server().await;
    server.put_user("bank", BANK_SECRET, "ada", json!({ "name": "Ada of the bank" })).await;
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

/// Uploads a file as a backend of "shop".
async fn post_file(address: SocketAddr, bearer: Option<String>) -> HttpResponse {
    let form = "--x\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\nhi\r\n--x--\r\n";
    let bearer = bearer.map(|bearer| format!("Bearer {bearer}"));
    let mut headers = vec![("content-type", "multipart/form-data; boundary=x")];
    headers.extend(bearer.as_deref().map(|bearer| ("authorization", bearer)));
    call(address, "POST", "/v1/shop/files", &headers, form).await
}
