//! Messages as clients send, edit and delete them, and reactions as they add and remove them.

use causerie_protocol::error::ErrorCode;
use causerie_protocol::ids::MessageId;
use serde_json::{Value, json};

use super::rules_fixture::{RulesFixture, name_and_subject};
use super::{START, app, conversation, invalid, user};
use crate::events::Event;
use crate::rules::{Caller, RestCommand};
use crate::store::records::MessageRecord;

async fn fixture() -> RulesFixture {
    let fixture = RulesFixture::new(app());
    fixture.create_users(&["ada", "bob", "cat"]).await;
    fixture.ok("ada", "conversation.set", json!({ "conversation": "c", "data": {} })).await;
    for user in ["bob", "cat"] {
        fixture.ok("ada", "participant.set", json!({ "conversation": "c", "user": user, "data": {} })).await;
    }
    fixture.published();
    fixture
}

async fn message(fixture: &RulesFixture, id: &str) -> Option<MessageRecord> {
    let id = MessageId::new(id).unwrap();
    fixture.read(move |read| read.message("app", &conversation("c"), &id)).await
}

fn send_params(data: Value) -> Value {
    json!({ "conversation": "c", "data": data })
}

fn edit_params(id: &str, data: Value) -> Value {
    json!({ "conversation": "c", "message": id, "data": data })
}

fn reaction_params(id: &str, emoji: &str) -> Value {
    json!({ "conversation": "c", "message": id, "emoji": emoji })
}

#[tokio::test]
async fn a_message_is_sent_as_text_with_markup_or_as_content() {
    let fixture = fixture().await;
    let data = json!({ "text": "Hello *there* https://example.com", "custom": { "k": "v" } });
    let id = fixture.ok("ada", "message.send", send_params(data)).await;
    let sent = message(&fixture, id.as_str().unwrap()).await.unwrap();
    assert_eq!(sent.text, "Hello there https://example.com");
    let content: Value = serde_json::from_str(&sent.content).unwrap();
    let expected = json!([{ "type": "text", "children": [
        "Hello ", { "type": "bold", "children": ["there"] }, " ",
        { "type": "autoLink", "url": "https://example.com", "text": "https://example.com" },
    ] }]);
    assert_eq!(content, expected);
    assert_eq!((sent.sender, sent.created_at), (Some(user("ada")), START));
    assert_eq!(serde_json::to_value(sent.origin).unwrap(), json!("web"));
    assert_eq!(sent.custom, [("k".to_owned(), "v".to_owned())].into());
    let block = json!({ "type": "location", "latitude": 52.5, "longitude": -1 });
    let id = fixture.ok("ada", "message.send", send_params(json!({ "content": [block] }))).await;
    let sent = message(&fixture, id.as_str().unwrap()).await.unwrap();
    assert_eq!(sent.text, "52.5, -1");
    assert_eq!(serde_json::from_str::<Value>(&sent.content).unwrap(), json!([block]));
}

#[tokio::test]
async fn invalid_content_is_refused_with_its_path() {
    let fixture = fixture().await;
    let text = |node: Value| json!({ "content": [{ "type": "text", "children": [node] }] });
    for (data, field) in [
        (json!({ "text": " " }), "text"),
        (json!({ "text": "x".repeat(10_001) }), "text"),
        (json!({ "text": "x", "content": [] }), "content"),
        (json!({}), "text"),
        (json!({ "content": [] }), "content"),
        (text(json!("")), "content"),
        (
            text(json!({ "type": "link", "url": "https://a.test", "children": ["x"] })),
            "content[0].children[0]",
        ),
        (
            text(json!({ "type": "autoLink", "url": "https://evil.test", "text": "https://bank.test" })),
            "content[0].children[0].url",
        ),
        (
            json!({ "content": [{ "type": "location", "latitude": 91, "longitude": 0 }] }),
            "content[0].latitude",
        ),
        (json!({ "text": "x", "custom": { "": "v" } }), "custom."),
        (json!({ "text": "x", "referencedMessage": "none" }), "referencedMessage"),
    ] {
        assert_eq!(
            fixture.refused("ada", "message.send", send_params(data.clone())).await,
            invalid(field),
            "{data}"
        );
    }
    assert!(fixture.published().is_empty());
    assert_eq!(fixture.last_event("c").await, 4);
}

#[tokio::test]
async fn a_reply_references_a_message_of_its_conversation_and_is_published_with_it() {
    let fixture = fixture().await;
    let first = fixture.send("bob", "c", "Question").await;
    fixture.ok("ada", "conversation.set", json!({ "conversation": "d", "data": {} })).await;
    let in_other_conversation = fixture.send("ada", "d", "other").await;
    fixture.published();
    let refused = fixture.refused(
        "ada",
        "message.send",
        send_params(json!({ "text": "x", "referencedMessage": in_other_conversation })),
    );
    assert_eq!(refused.await, invalid("referencedMessage"));
    let post = serde_json::from_value(json!([{ "type": "SystemMessage", "text": "Bob joined" }])).unwrap();
    let posted = fixture
        .execute_command(RestCommand::MessagesPost { conversation: conversation("c"), messages: post })
        .await
        .unwrap();
    let refused = fixture.refused(
        "ada",
        "message.send",
        send_params(json!({ "text": "x", "referencedMessage": posted[0]["id"] })),
    );
    assert_eq!(refused.await, invalid("referencedMessage"));
    fixture.published();
    fixture
        .ok("ada", "message.send", send_params(json!({ "text": "Answer", "referencedMessage": first })))
        .await;
    let events = fixture.events();
    let [(_, _, Event::Sent(payload))] = events.as_slice() else { panic!("{events:?}") };
    assert_eq!(payload.message.referenced_message.as_ref().map(MessageId::as_str), Some(first.as_str()));
    assert_eq!(payload.referenced.as_ref().unwrap().plaintext, "Question");
    let users: Vec<_> = payload.users.iter().map(|user| user.id.as_str()).collect();
    assert_eq!(users, ["ada", "bob"], "both senders, each once");
}

#[tokio::test]
async fn an_edit_changes_the_given_parts_and_the_edit_time() {
    let fixture = fixture().await;
    let data = json!({ "text": "one", "custom": { "a": "1", "b": "2" } });
    let id = fixture.ok("ada", "message.send", send_params(data)).await;
    let id = id.as_str().unwrap();
    let before = message(&fixture, id).await.unwrap();
    assert_eq!(before.edited_at, None);
    fixture.clock.advance(500);
    fixture.published();
    fixture.ok("ada", "message.edit", edit_params(id, json!({ "text": "*two*" }))).await;
    let edited = message(&fixture, id).await.unwrap();
    assert_eq!((edited.text.as_str(), edited.edited_at), ("two", Some(START + 500)));
    assert_eq!(
        (&edited.custom, edited.created_at, edited.seq),
        (&before.custom, before.created_at, before.seq)
    );
    fixture.clock.advance(500);
    fixture.ok("ada", "message.edit", edit_params(id, json!({ "custom": { "a": null, "c": "3" } }))).await;
    let edited = message(&fixture, id).await.unwrap();
    assert_eq!((edited.text.as_str(), edited.edited_at), ("two", Some(START + 1_000)));
    assert_eq!(edited.custom, [("b".to_owned(), "2".to_owned()), ("c".to_owned(), "3".to_owned())].into());
    fixture.ok("ada", "message.edit", edit_params(id, json!({ "custom": null }))).await;
    assert!(message(&fixture, id).await.unwrap().custom.is_empty());
    let location = json!([{ "type": "location", "latitude": 1, "longitude": 2 }]);
    fixture.ok("ada", "message.edit", edit_params(id, json!({ "content": location }))).await;
    assert_eq!(message(&fixture, id).await.unwrap().text, "1, 2");
    let names: Vec<_> = fixture.events().iter().map(|(_, _, event)| name_and_subject(event).0).collect();
    assert_eq!(names, ["Edited"; 4]);
    fixture.ok("ada", "message.edit", edit_params(id, json!({}))).await;
    assert!(fixture.published().is_empty(), "an edit of nothing publishes no event");
    for (data, field) in [
        (json!({ "text": "" }), "text"),
        (json!({ "text": "x", "content": location }), "content"),
        (
            json!({ "content": [{ "type": "location", "latitude": 1, "longitude": 200 }] }),
            "content[0].longitude",
        ),
        (json!({ "custom": { "a": 1 } }), "custom.a"),
    ] {
        let frame =
            json!({ "t": "request", "id": 1, "op": "message.edit", "params": edit_params(id, data.clone()) });
        let refused = match causerie_protocol::decode::client_frame(&frame.to_string()) {
            Err(causerie_protocol::decode::DecodeError::BadRequest { error, .. }) => {
                (error.code, error.field.unwrap_or_default())
            }
            _ => fixture.refused("ada", "message.edit", edit_params(id, data.clone())).await,
        };
        assert_eq!(refused, invalid(field), "{data}");
    }
    let missing =
        fixture.refused("ada", "message.edit", edit_params("msg_none", json!({ "text": "x" }))).await;
    assert_eq!(missing.0, ErrorCode::NotFound);
}

#[tokio::test]
async fn deleting_the_newest_message_makes_the_previous_one_the_last() {
    let fixture = fixture().await;
    let (first, second) = (fixture.send("ada", "c", "one").await, fixture.send("ada", "c", "two").await);
    let view =
        async || fixture.read(|read| read.view("app", &conversation("c"), &user("bob"))).await.unwrap();
    assert_eq!(view().await.unread, 2);
    fixture.published();
    fixture.ok("ada", "message.delete", json!({ "conversation": "c", "message": second })).await;
    let (seen, last) = (view().await, message(&fixture, &first).await.unwrap());
    assert_eq!(seen.conversation.last_message_at, Some(last.created_at));
    assert_eq!((seen.unread, seen.activity()), (1, last.created_at));
    let events = fixture.events();
    assert_eq!(name_and_subject(&events[0].2), ("Deleted", second.clone()));
    fixture.ok("ada", "message.delete", json!({ "conversation": "c", "message": second })).await;
    assert!(fixture.published().is_empty(), "deleting a missing message publishes no event");
    fixture.ok("ada", "message.delete", json!({ "conversation": "c", "message": first })).await;
    let seen = view().await;
    assert_eq!((seen.conversation.last_message_at, seen.unread), (None, 0));
    assert_eq!(seen.activity(), seen.participant.joined_at);
    assert!(!seen.is_unread());
}

#[tokio::test]
async fn a_message_repeated_under_its_key_is_sent_once_and_returns_the_same_id() {
    let fixture = fixture().await;
    let ada = Caller::User(user("ada"));
    let send = |text: &str| super::rules_fixture::op("message.send", send_params(json!({ "text": text })));
    let first = fixture.execute(&ada, send("one"), Some("k")).await;
    let again = fixture.execute(&ada, send("one"), Some("k")).await;
    assert_eq!(first, again);
    assert!(first.value.as_ref().is_some_and(Value::is_string));
    assert_eq!(fixture.events().len(), 1, "it is published once");
    let other = fixture.execute(&ada, send("two"), Some("k")).await;
    assert_eq!(other.error.unwrap().code, ErrorCode::KeyReused);
    // A stored refusal is returned as well.
    let refused = fixture.execute(&Caller::User(user("stranger")), send("x"), Some("r")).await;
    fixture.create_users(&["stranger"]).await;
    fixture.ok("stranger", "conversation.set", json!({ "conversation": "c", "data": {} })).await;
    let again = fixture.execute(&Caller::User(user("stranger")), send("x"), Some("r")).await;
    assert_eq!(refused, again);
    assert_eq!(again.error.unwrap().code, ErrorCode::NotFound);
}

#[tokio::test]
async fn reactions_are_counted_by_canonical_emoji_and_once_per_user() {
    let fixture = fixture().await;
    let id = fixture.send("ada", "c", "one").await;
    let counts = async || {
        let reactions = message(&fixture, &id).await.unwrap().reactions;
        reactions.into_iter().map(|one| (one.emoji, one.count)).collect::<Vec<_>>()
    };
    fixture.published();
    fixture.ok("bob", "reaction.add", reaction_params(&id, "❤")).await;
    fixture.ok("cat", "reaction.add", reaction_params(&id, "👍")).await;
    fixture.ok("ada", "reaction.add", reaction_params(&id, "❤️")).await;
    fixture.ok("ada", "reaction.add", reaction_params(&id, "❤")).await;
    fixture.ok("ada", "reaction.add", reaction_params(&id, ":party:")).await;
    let all = [("❤️".to_owned(), 2), ("👍".to_owned(), 1), (":party:".to_owned(), 1)];
    assert_eq!(counts().await, all, "in the order of the first reaction with each emoji");
    let events = fixture.events();
    assert_eq!(events.len(), 4, "a reaction that exists publishes no event");
    let Event::Reacted { payload, emoji: reacted, user: by, added, .. } = &events[2].2 else { panic!() };
    assert_eq!((reacted.as_str(), by.as_str(), *added), ("❤️", "ada", true));
    assert_eq!(payload.message.reactions[0].count, 2);
    fixture.ok("bob", "reaction.remove", reaction_params(&id, "❤️")).await;
    fixture.ok("bob", "reaction.remove", reaction_params(&id, "❤")).await;
    fixture.ok("cat", "reaction.remove", reaction_params(&id, "👍")).await;
    assert_eq!(counts().await, [("❤️".to_owned(), 1), (":party:".to_owned(), 1)]);
    let names: Vec<_> = fixture.events().iter().map(|(_, _, event)| name_and_subject(event)).collect();
    assert_eq!(names, [("Unreacted", "❤️".to_owned()), ("Unreacted", "👍".to_owned())]);
    for (given, wrong) in [("no emoji", "emoji"), ("👍👍", "emoji"), (":two words:", "emoji")] {
        assert_eq!(
            fixture.refused("ada", "reaction.add", reaction_params(&id, given)).await,
            invalid(wrong),
            "{given}"
        );
    }
    assert_eq!(
        fixture.refused("ada", "reaction.add", reaction_params("msg_none", "👍")).await.0,
        ErrorCode::NotFound
    );
    fixture.ok("ada", "reaction.remove", reaction_params("msg_none", "👍")).await;
}

#[tokio::test]
async fn a_message_has_at_most_fifty_different_emoji() {
    let fixture = fixture().await;
    let id = fixture.send("ada", "c", "one").await;
    for index in 0..50 {
        fixture.ok("ada", "reaction.add", reaction_params(&id, &format!(":e{index}:"))).await;
    }
    assert_eq!(fixture.refused("ada", "reaction.add", reaction_params(&id, "👍")).await, invalid("emoji"));
    fixture.ok("bob", "reaction.add", reaction_params(&id, ":e7:")).await;
    fixture.ok("ada", "reaction.remove", reaction_params(&id, ":e9:")).await;
    fixture.ok("ada", "reaction.add", reaction_params(&id, "👍")).await;
}

#[tokio::test]
async fn a_conversation_created_after_its_deletion_continues_the_numbers() {
    let fixture = fixture().await;
    fixture.send("ada", "c", "one").await;
    let before = fixture.last_event("c").await;
    fixture.published();
    fixture
        .execute_command(RestCommand::ConversationDelete { conversation: conversation("c") })
        .await
        .unwrap();
    let events = fixture.events();
    assert_eq!(
        (name_and_subject(&events[0].2).0, events[0].1, events.len()),
        ("ConversationDeleted", before + 1, 1)
    );
    assert_eq!(
        fixture.refused("ada", "message.send", send_params(json!({ "text": "x" }))).await.0,
        ErrorCode::NotFound
    );
    fixture.ok("ada", "conversation.set", json!({ "conversation": "c", "data": {} })).await;
    let numbers: Vec<_> = fixture.events().iter().map(|(_, seq, _)| *seq).collect();
    assert_eq!(numbers, [before + 2, before + 3]);
    assert!(fixture.read(|read| read.messages("app", &conversation("c"), None, 10)).await.is_empty());
}

#[tokio::test]
async fn a_list_with_large_bodies_ends_early_and_continues_after_its_cursor() {
    let fixture = fixture().await;
    let id = fixture.send("ada", "c", "one").await;
    let ids: Vec<String> = (0..100).map(|index| format!("user{index:02}")).collect();
    let custom = json!({ "a": "x".repeat(8_000), "b": "x".repeat(8_000) });
    for user in ids.iter().map(String::as_str) {
        fixture.create_users(&[user]).await;
        fixture.ok(user, "user.set", json!({ "user": user, "data": { "custom": custom } })).await;
        fixture.ok(user, "conversation.createIfNotExists", json!({ "conversation": "c" })).await;
        fixture.ok(user, "reaction.add", reaction_params(&id, "👍")).await;
    }
    let page = async |after: Value| {
        let topic = json!({ "kind": "reactions", "id": "c", "message": id, "emoji": "👍" });
        fixture.ok("ada", "more", json!({ "topic": topic, "after": after, "limit": 100 })).await
    };
    let (mut after, mut users) = (json!({ "at": 0, "id": "" }), Vec::new());
    loop {
        let page = page(after).await;
        let items = page["items"].as_array().unwrap();
        assert!((1..20).contains(&items.len()), "a page of {} users with 16 kB each", items.len());
        users.extend(items.iter().map(|item| item["user"].as_str().unwrap().to_owned()));
        if page["more"] == json!(false) {
            break;
        }
        let last = items.last().unwrap();
        after = json!({ "at": last["createdAt"], "id": last["user"] });
    }
    assert_eq!(users, ids);
}
