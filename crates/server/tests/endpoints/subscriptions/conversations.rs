//! The topics `conversations` and `conversation`.

use serde_json::{Value, json};

use super::{Subscriber, body, ids, rest, server};

fn list() -> Value {
    json!({ "kind": "conversations" })
}

#[tokio::test]
async fn the_list_is_ordered_by_activity_and_loads_more_behind_its_window() {
    let server = server().await;
    let mut ada = Subscriber::new(&server, "ada").await;
    let mut names = vec!["talk".to_owned()];
    for index in 0..24 {
        let name = format!("c{index:02}");
        let path = format!("/conversations/{name}");
        rest(&server, "PUT", &path, json!({ "participants": ["ada", "bob"] })).await;
        let posted = json!([{ "type": "UserMessage", "sender": "bob", "text": format!("in {name}") }]);
        rest(&server, "POST", &format!("{path}/messages"), posted).await;
        names.push(name);
    }
    let (_, reset) = ada.subscribe(list()).await;
    names.reverse();
    assert_eq!(reset["value"]["items"], json!(names[..20]));
    assert_eq!(reset["value"]["more"], true);
    assert_eq!((ids(&reset, "conversations").len(), ids(&reset, "messages").len()), (20, 20));
    assert_eq!(ids(&reset, "users"), ["bob"]);
    let first = body(&reset, "conversations", "c23");
    let last = first["lastMessage"].as_str().unwrap();
    assert_eq!(body(&reset, "messages", last)["plaintext"], "in c23");
    assert_eq!((first["unreadMessageCount"].as_i64(), first["isUnread"].as_bool()), (Some(1), Some(true)));
    let last_loaded = body(&reset, "conversations", &names[19]);
    let after = json!({ "at": last_loaded["lastMessageAt"], "id": names[19] });
    let more = ada.outcome("more", json!({ "topic": list(), "after": after, "limit": 30 })).await;
    assert_eq!(more["value"], json!({ "items": names[20..], "more": false }));
    // Entries that were loaded later are kept up to date too, and dropped when the user leaves.
    ada.ok("participant.delete", json!({ "conversation": "talk", "user": "ada" })).await;
    assert_eq!(ada.next().await["changes"], json!([{ "drop": "talk" }]));
}

/// A change, a page that has it, and the change back, all before the list is read again.
#[tokio::test]
async fn a_view_that_changes_and_changes_back_around_a_page_leaves_no_stale_view() {
    let server = server().await;
    let mut ada = Subscriber::new(&server, "ada").await;
    let (_, reset) = ada.subscribe(list()).await;
    assert_eq!(reset["value"]["items"], json!(["talk"]));
    let subject = |subject: &str| json!({ "subject": subject });
    for round in 0..5 {
        let kept = format!("kept {round}");
        rest(&server, "PUT", "/conversations/talk", subject(&kept)).await;
        assert_eq!(body(&ada.next().await, "conversations", "talk")["subject"], kept);
        // The next read of the list follows 50 ms later.
        rest(&server, "PUT", "/conversations/talk", subject("for a moment")).await;
        let after = json!({ "at": 4_000_000_000_000_i64, "id": "x" });
        let page = ada.outcome("more", json!({ "topic": list(), "after": after, "limit": 5 })).await;
        let mut shown = body(&page, "conversations", "talk")["subject"].clone();
        rest(&server, "PUT", "/conversations/talk", subject(&kept)).await;
        while shown != kept.as_str() {
            shown = body(&ada.next().await, "conversations", "talk")["subject"].clone();
        }
        // The frames of this round are over.
        tokio::time::sleep(std::time::Duration::from_millis(120)).await;
        ada.skip_buffered().await;
    }
}

#[tokio::test]
async fn the_list_is_kept_up_to_date_with_everything_in_its_snapshots() {
    let server = server().await;
    let (mut ada, mut bob) = (Subscriber::new(&server, "ada").await, Subscriber::new(&server, "bob").await);
    let (id, _) = ada.subscribe(list()).await;
    let put = |frame: &Value| {
        assert_eq!((frame["t"].as_str(), frame["id"].as_u64()), (Some("events"), Some(id.into())), "{frame}");
        assert_eq!(frame["changes"], json!([{ "put": "talk" }]), "{frame}");
        body(frame, "conversations", "talk").clone()
    };
    let message = bob.send_message("talk", "Hello").await;
    let frame = ada.next().await;
    let view = put(&frame);
    assert_eq!(
        (view["lastMessage"].as_str(), view["unreadMessageCount"].as_i64()),
        (Some(&*message), Some(1))
    );
    assert_eq!(ids(&frame, "messages").concat(), message);
    assert_eq!(ids(&frame, "users"), ["bob"]);

    let edit = json!({ "conversation": "talk", "message": message, "data": { "text": "Hello!" } });
    bob.ok("message.edit", edit).await;
    let frame = ada.next().await;
    put(&frame);
    assert_eq!(body(&frame, "messages", &message)["plaintext"], "Hello!", "the edited last message");

    ada.ok("conversation.markAsRead", json!({ "conversation": "talk" })).await;
    let view = put(&ada.next().await);
    assert_eq!((view["unreadMessageCount"].as_i64(), view["isUnread"].as_bool()), (Some(0), Some(false)));
    assert_eq!(view["everyoneReadUntil"], view["readUntil"]);
    ada.ok("conversation.markAsRead", json!({ "conversation": "talk" })).await;
    ada.expect_nothing().await;

    ada.ok("conversation.markAsUnread", json!({ "conversation": "talk" })).await;
    let view = put(&ada.next().await);
    assert_eq!((view["unreadMessageCount"].as_i64(), view["isUnread"].as_bool()), (Some(0), Some(true)));

    bob.ok("user.set", json!({ "user": "bob", "data": { "name": "Robert" } })).await;
    let update = ada.next().await;
    assert_eq!(update["t"], "update", "the sender of the last message has a new name: {update}");
    assert_eq!(body(&update, "users", "bob")["name"], "Robert");

    bob.ok("message.delete", json!({ "conversation": "talk", "message": message })).await;
    let view = put(&ada.next().await);
    assert_eq!(view["lastMessage"], Value::Null);

    rest(&server, "PUT", "/conversations/new", json!({ "participants": ["ada"], "subject": "New" })).await;
    let frame = ada.next().await;
    assert_eq!(frame["changes"], json!([{ "put": "new" }]));
    rest(&server, "DELETE", "/conversations/new/participants/ada", Value::Null).await;
    assert_eq!(ada.next().await["changes"], json!([{ "drop": "new" }]));
    ada.expect_nothing().await;
}

#[tokio::test]
async fn a_conversation_is_put_or_dropped_when_it_begins_or_ceases_to_match_the_filter() {
    let server = server().await;
    let (mut ada, mut bob) = (Subscriber::new(&server, "ada").await, Subscriber::new(&server, "bob").await);
    rest(&server, "PUT", "/conversations/other", json!({ "participants": ["ada"] })).await;
    let unread = json!({ "kind": "conversations", "filter": { "isUnread": true } });
    let (unread, reset) = ada.subscribe(unread).await;
    assert_eq!(reset["value"], json!({ "items": [], "more": false }));
    let red = json!({ "kind": "conversations", "filter": { "custom": { "color": ["==", "red"] } } });
    let (red, reset) = ada.subscribe(red).await;
    assert_eq!(reset["value"], json!({ "items": [], "more": false }));
    let mut expect = async |id: u32, changes: Value| {
        let frame = ada.next().await;
        assert_eq!((frame["t"].as_str(), frame["id"].as_u64()), (Some("events"), Some(id.into())), "{frame}");
        assert_eq!(frame["changes"], changes, "{frame}");
    };
    bob.send_message("talk", "Hello").await;
    expect(unread, json!([{ "put": "talk" }])).await;
    let color = |color: Value| json!({ "conversation": "talk", "data": { "custom": { "color": color } } });
    bob.ok("conversation.set", color(json!("red"))).await;
    // The list that contains it shows the change, and the other list now contains it.
    expect(unread, json!([{ "put": "talk" }])).await;
    expect(red, json!([{ "put": "talk" }])).await;
    bob.ok("conversation.set", color(json!("blue"))).await;
    expect(unread, json!([{ "put": "talk" }])).await;
    expect(red, json!([{ "drop": "talk" }])).await;
    bob.ok("conversation.set", color(json!("green"))).await;
    expect(unread, json!([{ "put": "talk" }])).await;
    rest(
        &server,
        "POST",
        "/conversations/talk/messages",
        json!([
            { "type": "UserMessage", "sender": "ada", "text": "I have read it" },
        ]),
    )
    .await;
    expect(unread, json!([{ "drop": "talk" }])).await;
    // A conversation in neither list causes no frame.
    rest(&server, "PUT", "/conversations/other", json!({ "subject": "Other" })).await;
    bob.ok("conversation.set", color(Value::Null)).await;
    ada.expect_nothing().await;
}

#[tokio::test]
async fn one_conversation_is_reset_on_every_change() {
    let server = server().await;
    let (mut ada, mut bob) = (Subscriber::new(&server, "ada").await, Subscriber::new(&server, "bob").await);
    let (id, reset) = ada.subscribe(json!({ "kind": "conversation", "id": "talk" })).await;
    assert_eq!(reset["value"], "talk");
    assert_eq!(body(&reset, "conversations", "talk")["lastMessage"], Value::Null);
    let old = bob.send_message("talk", "Old").await;
    assert_eq!(body(&ada.next().await, "conversations", "talk")["lastMessage"], json!(old));
    let reply = json!({ "conversation": "talk", "data": { "text": "New", "referencedMessage": old } });
    let new = bob.ok("message.send", reply).await;
    let frame = ada.next().await;
    assert_eq!((frame["t"].as_str(), frame["id"].as_u64()), (Some("reset"), Some(id.into())));
    assert_eq!(body(&frame, "conversations", "talk")["lastMessage"], new);
    assert_eq!(ids(&frame, "messages").len(), 2, "with the message that the last one references");
    // The last message contains the message that it references.
    let edit = json!({ "conversation": "talk", "message": old, "data": { "text": "Older" } });
    bob.ok("message.edit", edit).await;
    assert_eq!(body(&ada.next().await, "messages", &old)["plaintext"], "Older");
    let settings = json!({ "conversation": "talk", "user": "ada", "data": { "notify": "MentionsOnly" } });
    ada.ok("participant.edit", settings).await;
    assert_eq!(body(&ada.next().await, "conversations", "talk")["notify"], "MentionsOnly");
    // The settings of other participants cause no frame.
    let settings = json!({ "conversation": "talk", "user": "bob", "data": { "notify": false } });
    bob.ok("participant.edit", settings).await;
    ada.expect_nothing().await;
}

#[tokio::test]
async fn a_busy_conversation_causes_few_frames_and_the_last_is_current() {
    let server = server().await;
    let (mut ada, mut bob) = (Subscriber::new(&server, "ada").await, Subscriber::new(&server, "bob").await);
    ada.subscribe(list()).await;
    let mut last = String::new();
    for index in 0..200 {
        last = bob.send_message("talk", &format!("{index}")).await;
    }
    let mut views = 0;
    loop {
        let frame = ada.next().await;
        views += 1;
        if body(&frame, "conversations", "talk")["lastMessage"] == last {
            assert_eq!(body(&frame, "conversations", "talk")["unreadMessageCount"], 200);
            break;
        }
    }
    assert!(views < 100, "{views} views of 200 messages");
    ada.expect_nothing().await;
}

#[tokio::test]
async fn the_list_of_a_user_who_does_not_exist_is_empty_until_the_first_conversation() {
    let server = server().await;
    let mut dan = Subscriber::new(&server, "dan").await;
    let (_, reset) = dan.subscribe(list()).await;
    assert_eq!(reset["value"], json!({ "items": [], "more": false }));
    dan.ok("user.createIfNotExists", json!({ "user": "dan", "data": { "name": "Dan" } })).await;
    dan.ok("conversation.createIfNotExists", json!({ "conversation": "dan's" })).await;
    assert_eq!(dan.next().await["changes"], json!([{ "put": "dan's" }]));
}
