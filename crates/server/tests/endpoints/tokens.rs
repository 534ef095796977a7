//! Tokens on an open connection: renewal and expiry.

use causerie_server::auth::TokenType;
use serde_json::json;

use crate::support::http::call;
use crate::support::process::{ServerProcess, command};
use crate::support::socket::{Client, Received, hello};
use crate::support::{NEW_SECRET, OLD_SECRET, TestServer, signed, token, within};

/// A token that expires in this many milliseconds. It is accepted 5 s longer.
fn expires_in(millis: i64) -> String {
    signed("shop", NEW_SECRET, TokenType::User, Some("ada"), millis)
}

#[tokio::test]
async fn the_welcome_contains_the_time_until_the_token_expires() {
    let server = TestServer::start().await;
    let mut client = Client::open(server.address, "shop").await;
    client.send(hello("ada", Some(&expires_in(60_000)))).await;
    let welcome = client.frame().await;
    assert_eq!(welcome["protocol"], 1);
    assert_eq!(welcome["pingInterval"], 25_000);
    let left = welcome["tokenExpiresIn"].as_u64().unwrap();
    assert!((55_000..=60_000).contains(&left), "{welcome}");
    let mut demo = Client::open(server.address, "demo").await;
    demo.send(hello("ada", Some("ignored by an app without authentication"))).await;
    assert!(demo.frame().await.get("tokenExpiresIn").is_none());
}

#[tokio::test]
async fn tokens_signed_with_the_older_secret_are_accepted() {
    let server = TestServer::start().await;
    let old = signed("shop", OLD_SECRET, TokenType::User, Some("ada"), 60_000);
    Client::welcomed(server.address, "shop", "ada", Some(&old)).await;
}

#[tokio::test]
async fn a_connection_ends_when_its_token_expires_after_pending_requests_have_results() {
    let server = TestServer::start().await;
    // Expired 4 s ago, and accepted for 1 s more.
    let mut client = Client::welcomed(server.address, "shop", "ada", Some(&expires_in(-4_000))).await;
    assert!(client.request("user.get", json!({ "user": "ada" })).await.get("error").is_none());
    let began = std::time::Instant::now();
    let (error, code) = client.closed().await;
    assert_eq!((error.unwrap()["code"].as_str(), code), (Some("token_expired"), 4201));
    assert!(began.elapsed().as_millis() < 2_500, "{:?}", began.elapsed());
}

#[tokio::test]
async fn a_renewed_token_extends_the_connection() {
    let server = TestServer::start().await;
    let mut client = Client::welcomed(server.address, "shop", "ada", Some(&expires_in(-4_000))).await;
    client.send(json!({ "t": "auth", "token": token("ada") })).await;
    let renewed = client.frame().await;
    assert_eq!(renewed["t"], "authenticated");
    assert!(renewed["tokenExpiresIn"].as_u64().unwrap() > 3_500_000, "{renewed}");
    tokio::time::sleep(std::time::Duration::from_millis(1_500)).await;
    let outcome = client.request("user.get", json!({ "user": "ada" })).await;
    assert!(outcome.get("error").is_none(), "the connection ended with the old token: {outcome}");
}

#[tokio::test]
async fn an_invalid_new_token_ends_the_connection() {
    let server = TestServer::start().await;
    let other_user = token("eve");
    let expired = expires_in(-60_000);
    for (bad, code) in [("junk", 4200), (other_user.as_str(), 4200), (expired.as_str(), 4201)] {
        let mut client = Client::welcomed(server.address, "shop", "ada", Some(&token("ada"))).await;
        client.send(json!({ "t": "auth", "token": bad })).await;
        assert_eq!(client.closed().await.1, code, "{bad}");
    }
}

#[tokio::test]
async fn no_frame_contains_a_token() {
    let server = TestServer::start().await;
    let good = token("ada");
    let mut client = Client::open(server.address, "shop").await;
    client.send(hello("ada", Some(&good))).await;
    client.frame().await;
    client.send(json!({ "t": "auth", "token": "a-canary.in-a.token" })).await;
    while !matches!(client.receive().await, Received::Closed(..)) {}
    for text in &client.texts {
        assert!(!text.contains(&good) && !text.contains("canary"), "{text}");
    }
}

/// Revoking takes until the end of the second, after which new tokens are accepted.
#[tokio::test]
async fn revoking_closes_the_connections_of_the_user_and_refuses_older_tokens() {
    let server = TestServer::start().await;
    for user in ["ada", "bob"] {
        server.put_user("shop", NEW_SECRET, user, json!({ "name": user })).await;
    }
    let (old, other) = (token("ada"), token("bob"));
    let mut ada = Client::welcomed(server.address, "shop", "ada", Some(&old)).await;
    let mut bob = Client::welcomed(server.address, "shop", "bob", Some(&other)).await;
    let backend = server.backend("shop", NEW_SECRET);
    backend.ok("POST", "/users/ada/revocations", Some(json!({}))).await;
    let (error, code) = ada.closed().await;
    assert_eq!((error.unwrap()["code"].as_str(), code), (Some("not_authenticated"), 4200));
    bob.request("user.get", json!({ "user": "bob" })).await;

    let mut again = Client::open(server.address, "shop").await;
    again.send(hello("ada", Some(&old))).await;
    let (error, code) = again.closed().await;
    assert!(error.unwrap()["message"].as_str().unwrap().contains("revoked") && code == 4200);
    let batch = json!({ "v": 1, "user": "ada", "client": "c", "requests": [] }).to_string();
    let post = async |token: &str| {
        let headers =
            [("authorization", format!("Bearer {token}")), ("content-type", "application/json".to_owned())];
        let headers: Vec<_> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        call(server.address, "POST", "/v1/shop/realtime", &headers, batch.clone()).await.status
    };
    assert_eq!(post(&old).await, 401);
    let new = token("ada");
    assert_eq!(post(&new).await, 200, "a token from after the revocation is accepted at once");
    Client::welcomed(server.address, "shop", "ada", Some(&new)).await;
    Client::welcomed(server.address, "shop", "bob", Some(&other)).await;
}

#[tokio::test]
async fn a_revocation_by_the_command_survives_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("causerie.toml");
    let path = file.to_str().unwrap();
    let text = format!("[[apps]]\nid = \"shop\"\nsecrets = [\"{NEW_SECRET}\"]\n");
    std::fs::write(&file, text).unwrap();
    let old = token("ada");
    let server = ServerProcess::start(folder.path(), &["--config", path]).await;
    let address = server.address.port().to_string();
    let task = ["revoke", "--config", path, "--app", "shop", "--user", "ada"];
    let output = within(30, command(&task).env("CAUSERIE_PORT", &address).output()).await.unwrap();
    assert!(output.status.success(), "{output:?}");
    server.kill_quietly().await;
    let server = ServerProcess::start(folder.path(), &["--config", path]).await;
    let mut client = Client::open(server.address, "shop").await;
    client.send(hello("ada", Some(&old))).await;
    assert_eq!(client.closed().await.1, 4200);
    let unknown = ["revoke", "--config", path, "--app", "nowhere", "--user", "ada"];
    let output = within(30, command(&unknown).output()).await.unwrap();
    assert!(!output.status.success(), "{output:?}");
}
