//! What users of each role may do, and what others see of them. The users' roles are named after them: "ada"
//! has the role "ada", whose settings each test chooses; "bob" has a role without settings.

use std::collections::BTreeMap;

use causerie_server::apps::Apps;
use causerie_server::apps::roles::{MessageScope, RoleSettings, Roles};
use causerie_server::config::demo_app;
use serde_json::{Value, json};

use super::{Subscriber, create_talk, rest};
use crate::support::{TestServer, config};

/// Starts a server whose role "ada" has these settings, and returns clients of ada and bob.
async fn start(settings: RoleSettings) -> (TestServer, Subscriber, Subscriber) {
    let mut demo = demo_app(true);
    demo.roles = Roles::new(BTreeMap::from([("ada".to_owned(), settings)]), &demo.default_role);
    let server =
        TestServer::with(causerie_server::Config { apps: Apps::new([demo]).unwrap(), ..config() }).await;
    create_talk(&server).await;
    for user in ["ada", "bob"] {
        rest(&server, "PUT", &format!("/users/{user}"), json!({ "role": user })).await;
    }
    let (ada, bob) = (Subscriber::new(&server, "ada").await, Subscriber::new(&server, "bob").await);
    (server, ada, bob)
}

fn settings() -> RoleSettings {
    RoleSettings::default()
}

async fn edit(user: &mut Subscriber, message: &str, text: &str) -> Value {
    let edit = json!({ "conversation": "talk", "message": message, "data": { "text": text } });
    user.outcome("message.edit", edit).await
}

async fn delete(user: &mut Subscriber, message: &str) -> Value {
    user.outcome("message.delete", json!({ "conversation": "talk", "message": message })).await
}

async fn react(user: &mut Subscriber, op: &str, message: &str) -> Value {
    user.outcome(op, json!({ "conversation": "talk", "message": message, "emoji": "👍" })).await
}

async fn send(user: &mut Subscriber, data: Value) -> Value {
    user.outcome("message.send", json!({ "conversation": "talk", "data": data })).await
}

fn assert_done(outcome: &Value) {
    assert!(outcome.get("error").is_none(), "{outcome}");
}

/// Asserts that a request was refused with a message that has this part.
fn assert_forbidden(outcome: &Value, part: &str) {
    assert_eq!(outcome["error"]["code"], "forbidden", "{outcome}");
    assert!(outcome["error"]["message"].as_str().unwrap().contains(part), "{outcome}");
}

#[tokio::test]
async fn users_edit_and_delete_their_own_messages_by_default() {
    let (server, mut ada, mut bob) = start(settings()).await;
    for (own, other) in [(&mut ada, &mut bob)] {
        let message = own.send_message("talk", "Hello").await;
        assert_forbidden(&edit(other, &message, "Changed").await, "only the sender");
        assert_forbidden(&delete(other, &message).await, "only the sender");
        assert_done(&edit(own, &message, "Changed").await);
        assert_done(&delete(own, &message).await);
    }
    // A role without settings has the default ones.
    let message = bob.send_message("talk", "Hello").await;
    assert_forbidden(&edit(&mut ada, &message, "Changed").await, "only the sender");
    assert_done(&edit(&mut bob, &message, "Changed https://example.com").await);
    assert_done(&react(&mut bob, "reaction.add", &message).await);
    assert_done(&delete(&mut bob, &message).await);
    drop(server);
}

#[tokio::test]
async fn a_role_may_edit_the_messages_of_all_users_but_no_system_messages() {
    let (server, mut ada, mut bob) =
        start(RoleSettings { edit_messages: MessageScope::Any, ..settings() }).await;
    let message = bob.send_message("talk", "Hello").await;
    assert_done(&edit(&mut ada, &message, "Moderated").await);
    let stored = rest(&server, "GET", &format!("/conversations/talk/messages/{message}"), Value::Null).await;
    assert_eq!((stored["text"].as_str(), stored["senderId"].as_str()), (Some("Moderated"), Some("bob")));
    assert_forbidden(&delete(&mut ada, &message).await, "only the sender");
    let system = json!([{ "type": "SystemMessage", "text": "Joined" }]);
    let system = rest(&server, "POST", "/conversations/talk/messages", system).await;
    assert_forbidden(&edit(&mut ada, system[0]["id"].as_str().unwrap(), "Left").await, "only the sender");
    // Without the access to write, no role edits.
    rest(&server, "PATCH", "/conversations/talk/participants/ada", json!({ "access": "Read" })).await;
    assert_forbidden(&edit(&mut ada, &message, "Again").await, "\"Read\"");
    // In a conversation of others, there is nothing to edit.
    rest(&server, "DELETE", "/conversations/talk/participants/ada", Value::Null).await;
    assert_eq!(edit(&mut ada, &message, "Again").await["error"]["code"], "not_found");
}

#[tokio::test]
async fn a_role_may_delete_the_messages_of_all_users() {
    let (_server, mut ada, mut bob) =
        start(RoleSettings { delete_messages: MessageScope::Any, ..settings() }).await;
    let message = bob.send_message("talk", "Hello").await;
    assert_forbidden(&edit(&mut ada, &message, "Moderated").await, "only the sender");
    assert_done(&delete(&mut ada, &message).await);
    assert_eq!(edit(&mut bob, &message, "Again").await["error"]["code"], "not_found");
}

#[tokio::test]
async fn a_role_may_be_kept_from_editing_and_deleting() {
    let (server, mut ada, _bob) = start(RoleSettings {
        edit_messages: MessageScope::None,
        delete_messages: MessageScope::None,
        ..settings()
    })
    .await;
    let message = ada.send_message("talk", "Hello").await;
    assert_forbidden(
        &edit(&mut ada, &message, "Changed").await,
        "your role \"ada\" does not let you edit messages",
    );
    assert_forbidden(&delete(&mut ada, &message).await, "your role \"ada\" does not let you delete messages");
    // Backends are not bound by roles.
    let path = format!("/conversations/talk/messages/{message}");
    rest(&server, "PUT", &path, json!({ "text": "Changed" })).await;
    rest(&server, "DELETE", &path, Value::Null).await;
}

#[tokio::test]
async fn a_role_may_be_kept_from_sending_links() {
    let (server, mut ada, mut bob) = start(RoleSettings { links: false, ..settings() }).await;
    let part = "does not let you send links, mail addresses and phone numbers";
    let link = json!({ "type": "autoLink", "url": "https://example.com", "text": "example.com" });
    let nested = json!({ "type": "bold", "children": ["see ", link] });
    for data in [
        json!({ "text": "see https://example.com" }),
        json!({ "text": "*ada@example.com*" }),
        json!({ "text": "call +31 20 123 4567" }),
        json!({ "content": [{ "type": "text", "children": [nested] }] }),
    ] {
        assert_forbidden(&send(&mut ada, data.clone()).await, part);
        assert_done(&send(&mut bob, data).await);
    }
    let message = ada.send_message("talk", "No *link*, and ```https://example.com``` in code").await;
    assert_forbidden(&edit(&mut ada, &message, "now www.example.com").await, part);
    assert_done(&edit(&mut ada, &message, "still none").await);
    let sent = json!([{ "type": "UserMessage", "sender": "ada", "text": "https://example.com" }]);
    rest(&server, "POST", "/conversations/talk/messages", sent).await;
}

#[tokio::test]
async fn a_role_may_be_kept_from_adding_reactions_but_may_remove_them() {
    let (server, mut ada, mut bob) = start(RoleSettings { reactions: false, ..settings() }).await;
    let message = bob.send_message("talk", "Hello").await;
    assert_forbidden(&react(&mut ada, "reaction.add", &message).await, "does not let you add reactions");
    assert_done(&react(&mut bob, "reaction.add", &message).await);
    let path =
        format!("/conversations/talk/messages/{message}/reactions/👍/ada").replace('👍', "%F0%9F%91%8D");
    rest(&server, "PUT", &path, Value::Null).await;
    assert_done(&react(&mut ada, "reaction.remove", &message).await);
    let list = json!({ "conversation": "talk", "message": message, "emoji": "👍" });
    let users = bob.ok("reaction.list", list).await;
    assert_eq!(users.as_array().map(Vec::len), Some(1), "{users}");
}

#[tokio::test]
async fn a_role_may_type_unseen() {
    let (_server, mut ada, mut bob) = start(RoleSettings { show_typing: false, ..settings() }).await;
    let typing = json!({ "kind": "typing", "id": "talk" });
    let (_, reset) = bob.subscribe(typing.clone()).await;
    assert_eq!(reset["value"], json!({ "users": [] }));
    ada.ok("conversation.markAsTyping", json!({ "conversation": "talk" })).await;
    bob.expect_nothing().await;
    let (id, _) = ada.subscribe(typing).await;
    bob.ok("conversation.markAsTyping", json!({ "conversation": "talk" })).await;
    let frame = ada.next().await;
    assert_eq!((frame["id"].as_u64(), &frame["value"]), (Some(id.into()), &json!({ "users": ["bob"] })));
}

#[tokio::test]
async fn a_role_may_be_online_unseen_until_the_role_changes() {
    let (server, mut ada, mut bob) = start(RoleSettings { show_online: false, ..settings() }).await;
    let online = |user: &str| json!({ "kind": "online", "id": user });
    // A subscription makes its user online.
    ada.subscribe(json!({ "kind": "messages", "id": "talk" })).await;
    let (id, reset) = bob.subscribe(online("ada")).await;
    assert_eq!(reset["value"]["isConnected"], false, "{reset}");
    let (_, reset) = ada.subscribe(online("bob")).await;
    assert_eq!(reset["value"]["isConnected"], true, "{reset}");
    rest(&server, "PUT", "/users/ada", json!({ "role": "default" })).await;
    let mut value = Value::Null;
    while value.is_null() {
        let frame = bob.next().await;
        if frame["id"] == id {
            value = frame["value"].clone();
        }
    }
    assert_eq!(value["isConnected"], true, "{value}");
    rest(&server, "PUT", "/users/ada", json!({ "role": "ada" })).await;
    let mut value = Value::Null;
    while value.is_null() {
        let frame = bob.next().await;
        if frame["id"] == id {
            value = frame["value"].clone();
        }
    }
    assert_eq!(value["isConnected"], false, "{value}");
}
