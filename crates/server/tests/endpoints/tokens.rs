//! Tokens on a live connection: renewed without a gap, and over when they are over.

use causerie_server::auth::TokenType;
use serde_json::json;

use crate::support::socket::{Client, Heard, hello};
use crate::support::{NEW_SECRET, OLD_SECRET, TestServer, signed, token};

/// A token that says it is over in this many milliseconds. It is honoured 5 s longer.
fn ends_in(millis: i64) -> String {
    signed("shop", NEW_SECRET, TokenType::User, Some("ada"), millis)
}

#[tokio::test]
async fn the_welcome_tells_how_long_the_token_has() {
    let server = TestServer::start().await;
    let mut client = Client::open(server.address, "shop").await;
    client.send(hello("ada", Some(&ends_in(60_000)))).await;
    let welcome = client.frame().await;
    assert_eq!(welcome["protocol"], 1);
    assert_eq!(welcome["pingInterval"], 25_000);
    let left = welcome["tokenExpiresIn"].as_u64().unwrap();
    assert!((55_000..=60_000).contains(&left), "{welcome}");
    let mut open = Client::open(server.address, "demo").await;
    open.send(hello("ada", Some("ignored where the app asks for none"))).await;
    assert!(open.frame().await.get("tokenExpiresIn").is_none());
}

#[tokio::test]
async fn both_live_secrets_sign() {
    let server = TestServer::start().await;
    let old = signed("shop", OLD_SECRET, TokenType::User, Some("ada"), 60_000);
    Client::welcomed(server.address, "shop", "ada", Some(&old)).await;
}

#[tokio::test]
async fn a_connection_ends_with_its_token_after_what_was_asked_is_answered() {
    let server = TestServer::start().await;
    // Over by its own word for 4 s, and honoured for one more.
    let mut client = Client::welcomed(server.address, "shop", "ada", Some(&ends_in(-4_000))).await;
    assert!(client.request("user.get", json!({ "user": "ada" })).await.get("error").is_none());
    let began = std::time::Instant::now();
    let (error, code) = client.end().await;
    assert_eq!((error.unwrap()["code"].as_str(), code), (Some("token_expired"), 4201));
    assert!(began.elapsed().as_millis() < 2_500, "{:?}", began.elapsed());
}

#[tokio::test]
async fn a_new_token_keeps_the_connection_and_its_requests() {
    let server = TestServer::start().await;
    let mut client = Client::welcomed(server.address, "shop", "ada", Some(&ends_in(-4_000))).await;
    client.send(json!({ "t": "auth", "token": token("ada") })).await;
    let renewed = client.frame().await;
    assert_eq!(renewed["t"], "authenticated");
    assert!(renewed["tokenExpiresIn"].as_u64().unwrap() > 3_500_000, "{renewed}");
    tokio::time::sleep(std::time::Duration::from_millis(1_500)).await;
    let outcome = client.request("user.get", json!({ "user": "ada" })).await;
    assert!(outcome.get("error").is_none(), "the old token's end was the connection's: {outcome}");
}

#[tokio::test]
async fn a_bad_new_token_ends_the_connection() {
    let server = TestServer::start().await;
    let of_eve = token("eve");
    let over = ends_in(-60_000);
    for (bad, code) in [("junk", 4200), (of_eve.as_str(), 4200), (over.as_str(), 4201)] {
        let mut client = Client::welcomed(server.address, "shop", "ada", Some(&token("ada"))).await;
        client.send(json!({ "t": "auth", "token": bad })).await;
        assert_eq!(client.end().await.1, code, "{bad}");
    }
}

#[tokio::test]
async fn no_token_and_no_secret_comes_back_in_any_answer() {
    let server = TestServer::start().await;
    let good = token("ada");
    let mut client = Client::open(server.address, "shop").await;
    client.send(hello("ada", Some(&good))).await;
    client.frame().await;
    client.send(json!({ "t": "auth", "token": "a-canary.in-a.token" })).await;
    while !matches!(client.hear().await, Heard::Closed(..)) {}
    for text in &client.raw {
        assert!(!text.contains(&good) && !text.contains("canary"), "{text}");
    }
}
