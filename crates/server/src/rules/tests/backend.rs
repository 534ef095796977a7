//! The other calls of the REST API: lists, messages, reactions, and deleting conversations.

use causerie_protocol::error::ErrorCode;
use causerie_protocol::ids::MessageId;
use serde_json::{Value, json};

use super::{START, ServiceFixture, body, conversation, invalid, refusal, user};
use crate::rules::RestCommand;
use crate::rules::command::{ConversationsPage, Page, UsersPage};

fn ids(list: &Value) -> Vec<&str> {
    list["data"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap()).collect()
}

fn page(limit: Option<u32>, after: Option<&str>) -> Page {
    Page { limit, starting_after: after.map(str::to_owned) }
}

fn conversations_page(limit: Option<u32>, after: Option<&str>) -> ConversationsPage {
    ConversationsPage { page: page(limit, after), ..ConversationsPage::default() }
}

fn message_id(id: &str) -> MessageId {
    MessageId::new(id).unwrap()
}

#[tokio::test]
async fn all_users_of_a_put_are_stored_or_none() {
    let fixture = ServiceFixture::new().await;
    let put = async |users: Value| {
        let users = body(&users)?;
        fixture.execute_command(RestCommand::UsersPut { users }).await
    };
    let both = json!({ "ada": { "name": "Ada", "email": "ada@example.com" }, "bob": { "name": "Bob" } });
    assert_eq!(put(both).await.unwrap(), json!({}));
    assert_eq!(fixture.backend_user("ada").await.unwrap()["email"], json!(["ada@example.com"]));
    let half = json!({ "ada": { "name": "Countess" }, "new": { "locale": "nl" } });
    assert_eq!(refusal(put(half).await), (ErrorCode::NameRequired, "new.name".to_owned()));
    assert_eq!(fixture.user("ada").await["name"], json!("Ada"), "nothing of a refused put is stored");
    let wrong = json!({ "ada": { "name": "A" }, "bob": { "photoUrl": "x".repeat(4_097) } });
    assert_eq!(refusal(put(wrong).await), invalid("bob.photoUrl"));
    assert_eq!(refusal(put(json!({})).await), invalid(""));
    let many: serde_json::Map<_, _> =
        (0..101).map(|index| (format!("u{index}"), json!({ "name": "U" }))).collect();
    assert_eq!(refusal(put(many.clone().into()).await), invalid(""));
    let hundred: serde_json::Map<_, _> = many.into_iter().take(100).collect();
    put(hundred.into()).await.unwrap();
}

#[tokio::test]
async fn users_are_listed_by_id_and_conversations_by_last_activity() {
    let fixture = ServiceFixture::with_conversation().await;
    fixture.put_user("cat", json!({ "name": "Cat", "phone": "112" })).await.unwrap();
    fixture.put_conversation("d", json!({ "subject": "D" })).await.unwrap();
    let users = async |limit, after| {
        fixture
            .execute_command(RestCommand::UsersGet {
                page: UsersPage { page: page(limit, after), ..UsersPage::default() },
            })
            .await
    };
    let all = users(None, None).await.unwrap();
    assert_eq!(ids(&all), ["ada", "bob", "cat"]);
    assert_eq!(all["data"][2], fixture.backend_user("cat").await.unwrap());
    assert_eq!(ids(&users(Some(2), None).await.unwrap()), ["ada", "bob"]);
    assert_eq!(ids(&users(Some(2), Some("bob")).await.unwrap()), ["cat"]);
    assert_eq!(refusal(users(Some(0), None).await), invalid("limit"));
    assert_eq!(refusal(users(Some(101), None).await), invalid("limit"));
    let conversations = async |limit, after| {
        fixture
            .execute_command(RestCommand::ConversationsGet { page: conversations_page(limit, after) })
            .await
    };
    let all = conversations(None, None).await.unwrap();
    assert_eq!(ids(&all), ["d", "c"], "both were created in one millisecond");
    assert_eq!(all["data"][0], fixture.backend_conversation("d").await.unwrap());
    assert_eq!(ids(&conversations(Some(1), Some("d")).await.unwrap()), ["c"]);
    assert_eq!(refusal(conversations(Some(0), None).await), invalid("limit"));
}

#[tokio::test]
async fn conversations_of_a_user_are_listed_by_last_activity() {
    let fixture = ServiceFixture::with_conversation().await;
    for (index, id) in ["d", "e", "f"].iter().enumerate() {
        fixture.clock.set(START + 1_000 * (index as i64 + 1));
        fixture.put_conversation(id, json!({ "participants": ["ada"] })).await.unwrap();
    }
    fixture.put_conversation("others", json!({ "participants": ["bob"] })).await.unwrap();
    fixture.clock.set(START + 10_000);
    fixture.send("c", "bob", "one").await;
    fixture.clock.set(START + 20_000);
    fixture.send("d", "ada", "two").await;
    let list = async |page: ConversationsPage| {
        fixture.execute_command(RestCommand::UserConversationsGet { user: user("ada"), page }).await
    };
    let all = list(ConversationsPage::default()).await.unwrap();
    assert_eq!(ids(&all), ["d", "c", "f", "e"]);
    let first = &all["data"][1];
    assert_eq!((&first["unreadMessageCount"], &first["isUnread"]), (&json!(1), &json!(true)));
    assert_eq!(first["lastMessage"]["text"], json!("one"));
    assert_eq!(first["participants"].as_object().unwrap().len(), 2);
    let some = conversations_page(Some(2), Some("c"));
    assert_eq!(ids(&list(some).await.unwrap()), ["f", "e"]);
    let some = conversations_page(Some(1), None);
    assert_eq!(ids(&list(some).await.unwrap()), ["d"]);
    let some = ConversationsPage { unreads_only: true, ..Default::default() };
    assert_eq!(ids(&list(some).await.unwrap()), ["c"]);
    let some = ConversationsPage { last_message_after: Some(START + 10_000), ..Default::default() };
    assert_eq!(ids(&list(some).await.unwrap()), ["d"]);
    let some = ConversationsPage { last_message_before: Some(START + 20_000), ..Default::default() };
    assert_eq!(ids(&list(some).await.unwrap()), ["c"]);
    for (page, field) in [
        (conversations_page(Some(101), None), "limit"),
        (conversations_page(None, Some("others")), "startingAfter"),
        (conversations_page(None, Some("")), "startingAfter"),
    ] {
        assert_eq!(refusal(list(page).await), invalid(field));
    }
    let nobody =
        RestCommand::UserConversationsGet { user: user("nobody"), page: ConversationsPage::default() };
    assert_eq!(refusal(fixture.execute_command(nobody).await).0, ErrorCode::NotFound);
}

#[tokio::test]
async fn a_backend_reads_edits_and_deletes_any_message() {
    let fixture = ServiceFixture::with_conversation().await;
    let sent = fixture.post("c", json!([{ "type": "SystemMessage", "text": "Bob joined" }])).await.unwrap();
    let system = sent[0]["id"].as_str().unwrap().to_owned();
    let bobs = fixture.send("c", "bob", "one").await;
    let get = async |id: &str, message: &str| {
        fixture
            .execute_command(RestCommand::MessageGet {
                conversation: conversation(id),
                message: message_id(message),
            })
            .await
    };
    assert_eq!(get("c", &system).await.unwrap()["text"], json!("Bob joined"));
    let put = async |id: &str, message: &str, data: Value| {
        let data = body(&data)?;
        fixture
            .execute_command(RestCommand::MessagePut {
                conversation: conversation(id),
                message: message_id(message),
                data,
            })
            .await
    };
    fixture.clock.advance(500);
    put("c", &system, json!({ "text": "Bob *left*", "custom": { "k": "v" } })).await.unwrap();
    let edited = get("c", &system).await.unwrap();
    assert_eq!((&edited["text"], &edited["editedAt"]), (&json!("Bob left"), &json!(START + 500)));
    assert_eq!((&edited["custom"], &edited["type"]), (&json!({ "k": "v" }), &json!("SystemMessage")));
    // Only a backend may link a text to an address that the text does not show.
    put("c", &bobs, json!({ "text": "see <https://example.com|this>" })).await.unwrap();
    let edited = get("c", &bobs).await.unwrap();
    assert_eq!(edited["content"][0]["children"][1]["type"], json!("link"));
    assert_eq!(edited["senderId"], json!("bob"));
    assert_eq!(refusal(put("c", &bobs, json!({ "text": "" })).await), invalid("text"));
    let delete = async |id: &str, message: &str| {
        fixture
            .execute_command(RestCommand::MessageDelete {
                conversation: conversation(id),
                message: message_id(message),
            })
            .await
    };
    assert_eq!(delete("c", &bobs).await.unwrap(), json!({}));
    assert_eq!(delete("c", &bobs).await.unwrap(), json!({}), "deleting a missing message succeeds");
    assert_eq!(refusal(get("c", &bobs).await).0, ErrorCode::NotFound);
    assert_eq!(refusal(put("c", &bobs, json!({ "text": "x" })).await).0, ErrorCode::NotFound);
    fixture.put_conversation("d", json!({})).await.unwrap();
    assert_eq!(refusal(get("d", &system).await).0, ErrorCode::NotFound, "a message of another conversation");
    assert_eq!(refusal(get("missing", &system).await).0, ErrorCode::NotFound);
    assert_eq!(refusal(put("missing", &system, json!({ "text": "x" })).await).0, ErrorCode::NotFound);
    assert_eq!(refusal(delete("missing", &system).await).0, ErrorCode::NotFound);
}

#[tokio::test]
async fn a_backend_adds_and_removes_reactions_of_users() {
    let fixture = ServiceFixture::with_conversation().await;
    fixture.put_user("cat", json!({ "name": "Cat" })).await.unwrap();
    let message = fixture.send("c", "ada", "one").await;
    let put = async |user_id: &str, message: &str, emoji: &str| {
        let (message, user, emoji) = (message_id(message), user(user_id), emoji.to_owned());
        fixture
            .execute_command(RestCommand::ReactionPut {
                conversation: conversation("c"),
                message,
                emoji,
                user,
            })
            .await
    };
    let delete = async |user_id: &str, message: &str, emoji: &str| {
        let (message, user, emoji) = (message_id(message), user(user_id), emoji.to_owned());
        fixture
            .execute_command(RestCommand::ReactionDelete {
                conversation: conversation("c"),
                message,
                emoji,
                user,
            })
            .await
    };
    for user in ["bob", "cat", "bob"] {
        assert_eq!(put(user, &message, "❤").await.unwrap(), json!({}));
    }
    let reactions = async || fixture.messages("c", None, None).await.unwrap()[0]["reactions"].clone();
    assert_eq!(reactions().await, json!([{ "emoji": "❤️", "count": 2 }]));
    delete("cat", &message, "❤️").await.unwrap();
    delete("cat", &message, "❤️").await.unwrap();
    assert_eq!(reactions().await, json!([{ "emoji": "❤️", "count": 1 }]));
    assert_eq!(refusal(put("ada", &message, "no").await), invalid("emoji"));
    assert_eq!(refusal(put("nobody", &message, "❤").await).0, ErrorCode::NotFound);
    assert_eq!(refusal(put("ada", "msg_none", "❤").await).0, ErrorCode::NotFound);
}

#[tokio::test]
async fn deleting_a_conversation_removes_it_for_all_participants() {
    let fixture = ServiceFixture::with_conversation().await;
    fixture.send("c", "ada", "one").await;
    let delete = async || {
        fixture.execute_command(RestCommand::ConversationDelete { conversation: conversation("c") }).await
    };
    assert_eq!(delete().await.unwrap(), json!({}));
    assert_eq!(fixture.conversation_for("ada", "c").await, Value::Null);
    assert_eq!(refusal(fixture.backend_conversation("c").await).0, ErrorCode::NotFound);
    assert_eq!(refusal(delete().await).0, ErrorCode::NotFound);
    fixture.put_conversation("c", json!({ "participants": ["ada"] })).await.unwrap();
    assert_eq!(
        fixture.messages("c", None, None).await.unwrap(),
        json!([]),
        "a new conversation with the same id has no messages"
    );
}
