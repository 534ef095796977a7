//! What a backend does and reads through the REST API beyond single conversations and users.

use causerie_protocol::error::ErrorCode;
use causerie_protocol::ids::MessageId;
use serde_json::{Value, json};

use super::{START, World, body, conversation, invalid, refusal, user};
use crate::rules::RestCommand;
use crate::rules::command::{ConversationsPage, Page};

fn ids(list: &Value) -> Vec<&str> {
    list["data"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap()).collect()
}

fn page(limit: Option<u32>, after: Option<&str>) -> Page {
    Page { limit, starting_after: after.map(str::to_owned) }
}

fn id(message: &str) -> MessageId {
    MessageId::new(message).unwrap()
}

#[tokio::test]
async fn users_are_put_all_or_none() {
    let world = World::new().await;
    let put = async |users: Value| {
        let users = body(&users)?;
        world.rest(RestCommand::UsersPut { users }).await
    };
    let both = json!({ "ada": { "name": "Ada", "email": "ada@example.com" }, "bob": { "name": "Bob" } });
    assert_eq!(put(both).await.unwrap(), json!({}));
    assert_eq!(world.backend_user("ada").await.unwrap()["email"], json!(["ada@example.com"]));
    let half = json!({ "ada": { "name": "Countess" }, "new": { "locale": "nl" } });
    assert_eq!(refusal(put(half).await), (ErrorCode::NameRequired, "new.name".to_owned()));
    assert_eq!(world.user("ada").await["name"], json!("Ada"), "nothing of it stays");
    let wrong = json!({ "ada": { "name": "A" }, "bob": { "photoUrl": "nowhere" } });
    assert_eq!(refusal(put(wrong).await), invalid("bob.photoUrl"));
    assert_eq!(refusal(put(json!({})).await), invalid(""));
    let many: serde_json::Map<_, _> =
        (0..101).map(|index| (format!("u{index}"), json!({ "name": "U" }))).collect();
    assert_eq!(refusal(put(many.clone().into()).await), invalid(""));
    let hundred: serde_json::Map<_, _> = many.into_iter().take(100).collect();
    put(hundred.into()).await.unwrap();
}

#[tokio::test]
async fn users_and_conversations_are_listed_by_their_ids() {
    let world = World::furnished().await;
    world.put_user("cat", json!({ "name": "Cat", "phone": "112" })).await.unwrap();
    world.put_conversation("d", json!({ "subject": "D" })).await.unwrap();
    let users = async |limit, after| world.rest(RestCommand::UsersGet { page: page(limit, after) }).await;
    let all = users(None, None).await.unwrap();
    assert_eq!(ids(&all), ["ada", "bob", "cat"]);
    assert_eq!(all["data"][2], world.backend_user("cat").await.unwrap());
    assert_eq!(ids(&users(Some(2), None).await.unwrap()), ["ada", "bob"]);
    assert_eq!(ids(&users(Some(2), Some("bob")).await.unwrap()), ["cat"]);
    assert_eq!(refusal(users(Some(0), None).await), invalid("limit"));
    assert_eq!(refusal(users(Some(101), None).await), invalid("limit"));
    let conversations =
        async |limit, after| world.rest(RestCommand::ConversationsGet { page: page(limit, after) }).await;
    let all = conversations(None, None).await.unwrap();
    assert_eq!(ids(&all), ["c", "d"]);
    assert_eq!(all["data"][1], world.backend_conversation("d").await.unwrap());
    assert_eq!(ids(&conversations(Some(1), Some("c")).await.unwrap()), ["d"]);
    assert_eq!(refusal(conversations(Some(0), None).await), invalid("limit"));
}

#[tokio::test]
async fn the_conversations_of_a_user_are_listed_by_what_happened_last() {
    let world = World::furnished().await;
    for (index, place) in ["d", "e", "f"].iter().enumerate() {
        world.clock.set(START + 1_000 * (index as i64 + 1));
        world.put_conversation(place, json!({ "participants": ["ada"] })).await.unwrap();
    }
    world.put_conversation("others", json!({ "participants": ["bob"] })).await.unwrap();
    world.clock.set(START + 10_000);
    world.say("c", "bob", "one").await;
    world.clock.set(START + 20_000);
    world.say("d", "ada", "two").await;
    let list = async |page: ConversationsPage| {
        world.rest(RestCommand::UserConversationsGet { user: user("ada"), page }).await
    };
    let all = list(ConversationsPage::default()).await.unwrap();
    assert_eq!(ids(&all), ["d", "c", "f", "e"]);
    let first = &all["data"][1];
    assert_eq!((&first["unreadMessageCount"], &first["isUnread"]), (&json!(1), &json!(true)));
    assert_eq!(first["lastMessage"]["text"], json!("one"));
    assert_eq!(first["participants"].as_object().unwrap().len(), 2);
    let some =
        ConversationsPage { limit: Some(2), starting_after: Some("c".to_owned()), ..Default::default() };
    assert_eq!(ids(&list(some).await.unwrap()), ["f", "e"]);
    let some = ConversationsPage { limit: Some(1), ..Default::default() };
    assert_eq!(ids(&list(some).await.unwrap()), ["d"]);
    let some = ConversationsPage { unreads_only: true, ..Default::default() };
    assert_eq!(ids(&list(some).await.unwrap()), ["c"]);
    let some = ConversationsPage { last_message_after: Some(START + 10_000), ..Default::default() };
    assert_eq!(ids(&list(some).await.unwrap()), ["d"]);
    let some = ConversationsPage { last_message_before: Some(START + 20_000), ..Default::default() };
    assert_eq!(ids(&list(some).await.unwrap()), ["c"]);
    for (page, field) in [
        (ConversationsPage { limit: Some(101), ..Default::default() }, "limit"),
        (
            ConversationsPage { starting_after: Some("others".to_owned()), ..Default::default() },
            "startingAfter",
        ),
        (ConversationsPage { starting_after: Some(String::new()), ..Default::default() }, "startingAfter"),
    ] {
        assert_eq!(refusal(list(page).await), invalid(field));
    }
    let nobody =
        RestCommand::UserConversationsGet { user: user("nobody"), page: ConversationsPage::default() };
    assert_eq!(refusal(world.rest(nobody).await).0, ErrorCode::NotFound);
}

#[tokio::test]
async fn any_message_is_read_edited_and_deleted() {
    let world = World::furnished().await;
    let sent = world.post("c", json!([{ "type": "SystemMessage", "text": "Bob joined" }])).await.unwrap();
    let system = sent[0]["id"].as_str().unwrap().to_owned();
    let bobs = world.say("c", "bob", "one").await;
    let get = async |place: &str, message: &str| {
        world.rest(RestCommand::MessageGet { conversation: conversation(place), message: id(message) }).await
    };
    assert_eq!(get("c", &system).await.unwrap()["text"], json!("Bob joined"));
    let put = async |place: &str, message: &str, data: Value| {
        let data = body(&data)?;
        world
            .rest(RestCommand::MessagePut { conversation: conversation(place), message: id(message), data })
            .await
    };
    world.clock.advance(500);
    put("c", &system, json!({ "text": "Bob *left*", "custom": { "k": "v" } })).await.unwrap();
    let edited = get("c", &system).await.unwrap();
    assert_eq!((&edited["text"], &edited["editedAt"]), (&json!("Bob left"), &json!(START + 500)));
    assert_eq!((&edited["custom"], &edited["type"]), (&json!({ "k": "v" }), &json!("SystemMessage")));
    // Only a backend may link words of its choice.
    put("c", &bobs, json!({ "text": "see <https://example.com|this>" })).await.unwrap();
    let edited = get("c", &bobs).await.unwrap();
    assert_eq!(edited["content"][0]["children"][1]["type"], json!("link"));
    assert_eq!(edited["senderId"], json!("bob"));
    assert_eq!(refusal(put("c", &bobs, json!({ "text": "" })).await), invalid("text"));
    let delete = async |place: &str, message: &str| {
        world
            .rest(RestCommand::MessageDelete { conversation: conversation(place), message: id(message) })
            .await
    };
    assert_eq!(delete("c", &bobs).await.unwrap(), json!({}));
    assert_eq!(delete("c", &bobs).await.unwrap(), json!({}), "what is gone is no error");
    assert_eq!(refusal(get("c", &bobs).await).0, ErrorCode::NotFound);
    assert_eq!(refusal(put("c", &bobs, json!({ "text": "x" })).await).0, ErrorCode::NotFound);
    world.put_conversation("d", json!({})).await.unwrap();
    assert_eq!(refusal(get("d", &system).await).0, ErrorCode::NotFound, "a message of another conversation");
    for place in ["nowhere"] {
        assert_eq!(refusal(get(place, &system).await).0, ErrorCode::NotFound);
        assert_eq!(refusal(put(place, &system, json!({ "text": "x" })).await).0, ErrorCode::NotFound);
        assert_eq!(refusal(delete(place, &system).await).0, ErrorCode::NotFound);
    }
}

#[tokio::test]
async fn a_backend_reacts_for_its_users() {
    let world = World::furnished().await;
    world.put_user("cat", json!({ "name": "Cat" })).await.unwrap();
    let message = world.say("c", "ada", "one").await;
    let put = async |who: &str, message: &str, emoji: &str| {
        let (message, user, emoji) = (id(message), user(who), emoji.to_owned());
        world.rest(RestCommand::ReactionPut { conversation: conversation("c"), message, emoji, user }).await
    };
    let delete = async |who: &str, message: &str, emoji: &str| {
        let (message, user, emoji) = (id(message), user(who), emoji.to_owned());
        world
            .rest(RestCommand::ReactionDelete { conversation: conversation("c"), message, emoji, user })
            .await
    };
    for who in ["bob", "cat", "bob"] {
        assert_eq!(put(who, &message, "❤").await.unwrap(), json!({}));
    }
    let reactions = async || world.messages("c", None, None).await.unwrap()[0]["reactions"].clone();
    assert_eq!(reactions().await, json!([{ "emoji": "❤️", "count": 2 }]));
    delete("cat", &message, "❤️").await.unwrap();
    delete("cat", &message, "❤️").await.unwrap();
    assert_eq!(reactions().await, json!([{ "emoji": "❤️", "count": 1 }]));
    assert_eq!(refusal(put("ada", &message, "no").await), invalid("emoji"));
    assert_eq!(refusal(put("nobody", &message, "❤").await).0, ErrorCode::NotFound);
    assert_eq!(refusal(put("ada", "msg_none", "❤").await).0, ErrorCode::NotFound);
}

#[tokio::test]
async fn a_deleted_conversation_is_gone_for_everybody() {
    let world = World::furnished().await;
    world.say("c", "ada", "one").await;
    let delete =
        async || world.rest(RestCommand::ConversationDelete { conversation: conversation("c") }).await;
    assert_eq!(delete().await.unwrap(), json!({}));
    assert_eq!(world.seen_by("ada", "c").await, Value::Null);
    assert_eq!(refusal(world.backend_conversation("c").await).0, ErrorCode::NotFound);
    assert_eq!(refusal(delete().await).0, ErrorCode::NotFound);
    world.put_conversation("c", json!({ "participants": ["ada"] })).await.unwrap();
    assert_eq!(
        world.messages("c", None, None).await.unwrap(),
        json!([]),
        "another of the same id is another"
    );
}
