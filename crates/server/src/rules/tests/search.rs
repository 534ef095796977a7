//! Searches: whose messages and conversations are found, in which order and pages.

use std::time::{Duration, Instant};

use causerie_protocol::error::ErrorCode;
use serde_json::{Value, json};

use super::rules_fixture::RulesFixture;
use super::{app, invalid};
use crate::rules::SCAN_ROWS;

impl RulesFixture {
    async fn search(&self, caller: &str, what: &str, data: Value) -> Value {
        self.ok(caller, &format!("search.{what}"), json!({ "data": data })).await
    }

    /// Waits until a search finds these messages: the index is updated within about a second.
    async fn await_found(&self, caller: &str, query: &str, expected: &[&str]) {
        let until = Instant::now() + Duration::from_secs(20);
        loop {
            let page = self.search(caller, "messages", json!({ "query": query, "limit": 50 })).await;
            let found = messages(&page);
            if found == expected {
                return;
            }
            assert!(Instant::now() < until, "{caller} finds {found:?} for {query:?}, not {expected:?}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    async fn create(&self, caller: &str, id: &str, data: Value) {
        self.clock.advance(10);
        self.ok(caller, "conversation.set", json!({ "conversation": id, "data": data })).await;
    }

    async fn say(&self, sender: &str, id: &str, text: &str) -> String {
        self.clock.advance(10);
        self.send(sender, id, text).await
    }
}

/// The ids of the conversations on a page.
fn found(page: &Value) -> Vec<&str> {
    page["items"].as_array().unwrap().iter().map(|item| item["conversation"].as_str().unwrap()).collect()
}

fn messages(page: &Value) -> Vec<&str> {
    page["items"].as_array().unwrap().iter().map(|item| item["message"].as_str().unwrap()).collect()
}

async fn fixture() -> RulesFixture {
    let fixture = RulesFixture::new(app());
    fixture.create_users(&["ada", "bob", "eve"]).await;
    fixture
}

#[tokio::test]
async fn messages_of_own_conversations_are_found_newest_first() {
    let fixture = fixture().await;
    fixture.create("ada", "c", json!({})).await;
    fixture.create("ada", "d", json!({})).await;
    fixture.create("eve", "other", json!({})).await;
    let one = fixture.say("ada", "c", "The *quick* brown fox").await;
    let two = fixture.say("ada", "d", "Quickly!").await;
    let secret = fixture.say("eve", "other", "quick secret").await;
    let three = fixture.say("ada", "c", "quick, again").await;
    fixture.await_found("ada", "QUI", &[&three, &two, &one]).await;
    fixture.await_found("ada", "quick fox", &[&one]).await;
    fixture.await_found("eve", "quick", &[&secret]).await;
    fixture.await_found("bob", "quick", &[]).await;
    // The bodies come with the results.
    let page = fixture.search("ada", "messages", json!({ "query": "again", "limit": 3 })).await;
    assert_eq!(page, json!({ "items": [{ "conversation": "c", "message": three }] }));
}

#[tokio::test]
async fn a_removed_participant_finds_nothing_and_a_new_one_finds_everything() {
    let fixture = fixture().await;
    fixture.create("ada", "c", json!({})).await;
    let one = fixture.say("ada", "c", "hello").await;
    fixture.await_found("ada", "hello", &[&one]).await;
    fixture.await_found("bob", "hello", &[]).await;
    let bob = json!({ "conversation": "c", "user": "bob" });
    fixture.ok("ada", "participant.createIfNotExists", bob.clone()).await;
    fixture.await_found("bob", "hello", &[&one]).await;
    fixture.ok("ada", "participant.delete", bob).await;
    let page = fixture.search("bob", "messages", json!({ "query": "hello", "limit": 3 })).await;
    assert_eq!(page, json!({ "items": [] }));
}

#[tokio::test]
async fn edited_and_deleted_messages_are_found_by_their_present_text() {
    let fixture = fixture().await;
    fixture.create("ada", "c", json!({})).await;
    let one = fixture.say("ada", "c", "first").await;
    let two = fixture.say("ada", "c", "second first").await;
    fixture.await_found("ada", "first", &[&two, &one]).await;
    let edit = json!({ "conversation": "c", "message": one, "data": { "text": "changed" } });
    fixture.ok("ada", "message.edit", edit).await;
    fixture.ok("ada", "message.delete", json!({ "conversation": "c", "message": two })).await;
    let page = fixture.search("ada", "messages", json!({ "query": "first", "limit": 3 })).await;
    assert_eq!(page, json!({ "items": [] }), "at once");
    fixture.await_found("ada", "change", &[&one]).await;
}

#[tokio::test]
async fn pages_continue_where_the_last_one_ended() {
    let fixture = fixture().await;
    for id in ["c", "d", "e"] {
        fixture.create("ada", id, json!({})).await;
    }
    let mut sent = Vec::new();
    for number in 0..20 {
        let id = ["c", "d", "e"][number % 3];
        sent.push(fixture.say("ada", id, &format!("word {number}")).await);
    }
    sent.reverse();
    fixture.await_found("ada", "word", &sent.iter().map(String::as_str).collect::<Vec<_>>()).await;
    let mut found = Vec::new();
    let mut after = Value::Null;
    let mut sizes = Vec::new();
    loop {
        let mut data = json!({ "query": "word", "limit": if found.is_empty() { 3 } else { 10 } });
        if !after.is_null() {
            data["after"] = after;
        }
        let page = fixture.search("ada", "messages", data).await;
        sizes.push(messages(&page).len());
        found.extend(messages(&page).into_iter().map(str::to_owned));
        after = page["next"].clone();
        if after.is_null() {
            break;
        }
    }
    assert_eq!((found, sizes), (sent, vec![3, 10, 7]));
}

#[tokio::test]
async fn filters_select_the_conversations_that_are_searched() {
    let fixture = fixture().await;
    fixture.create("ada", "red", json!({ "subject": "Red", "custom": { "color": "red" } })).await;
    fixture.create("ada", "blue", json!({ "subject": "Blue" })).await;
    let red = fixture.say("ada", "red", "hello").await;
    let blue = fixture.say("ada", "blue", "hello").await;
    fixture.await_found("ada", "hello", &[&blue, &red]).await;
    let filters = json!({ "conversation": { "custom": { "color": ["==", "red"] } } });
    let data = json!({ "query": "hello", "filters": filters, "limit": 3 });
    let page = fixture.search("ada", "messages", data).await;
    assert_eq!(messages(&page), [&red]);
    let filters = json!({ "conversation": ["any", [{ "subject": ["==", "Blue"] }]] });
    let page =
        fixture.search("ada", "conversations", json!({ "query": "b", "filters": filters, "limit": 3 }));
    assert_eq!(page.await, json!({ "items": [{ "conversation": "blue" }] }));
}

#[tokio::test]
async fn conversations_are_found_by_subject_and_search_text_latest_activity_first() {
    let fixture = fixture().await;
    fixture.create("ada", "a", json!({ "subject": "Order Süd" })).await;
    fixture.create("ada", "b", json!({ "custom": { "search": "order 391", "other": "fox" } })).await;
    fixture.create("ada", "c", json!({ "subject": "Something else" })).await;
    fixture.create("eve", "d", json!({ "subject": "Order of eve" })).await;
    let find = async |query: &str| {
        let page = fixture.search("ada", "conversations", json!({ "query": query, "limit": 3 })).await;
        found(&page).join(" ")
    };
    assert_eq!(find("ord").await, "b a");
    fixture.say("ada", "a", "hello").await;
    assert_eq!(find("ORDER").await, "a b");
    assert_eq!(find("sud order").await, "a");
    assert_eq!(find("391").await, "b");
    assert_eq!(find("fox").await + &find("der").await, "");
    fixture.create("ada", "a", json!({ "subject": "Renamed" })).await;
    assert_eq!([find("order").await, find("rename").await], ["b", "a"]);
    fixture.ok("ada", "participant.delete", json!({ "conversation": "b", "user": "ada" })).await;
    assert_eq!(find("order").await, "");
    fixture.create("ada", "e", json!({ "subject": "Something" })).await;
    let first = fixture.search("ada", "conversations", json!({ "query": "some", "limit": 1 })).await;
    let data = json!({ "query": "some", "limit": 1, "after": first["next"] });
    let second = fixture.search("ada", "conversations", data).await;
    assert_eq!((found(&first), found(&second)), (vec!["e"], vec!["c"]));
    assert_eq!(second["next"], Value::Null);
}

/// A page examines a bounded number of conversations. The others follow in later pages.
#[tokio::test]
async fn a_search_of_many_conversations_has_partial_pages() {
    let fixture = fixture().await;
    let count = SCAN_ROWS + 5;
    for number in 0..count {
        fixture.create("ada", &format!("c{number:04}"), json!({ "subject": format!("n{number}") })).await;
    }
    let data =
        json!({ "query": "n3", "filters": { "conversation": { "subject": ["==", "n3"] } }, "limit": 3 });
    let first = fixture.search("ada", "conversations", data.clone()).await;
    assert_eq!(first["items"], json!([]));
    let mut data = data;
    data["after"] = first["next"].clone();
    let second = fixture.search("ada", "conversations", data).await;
    assert_eq!(second, json!({ "items": [{ "conversation": "c0003" }] }));
    // The same for messages, of which each page has those of its conversations.
    let old = fixture.say("ada", "c0000", "hello").await;
    fixture.await_found("ada", "hello", &[&old]).await;
    for number in 1..=SCAN_ROWS {
        fixture.say("ada", &format!("c{number:04}"), "x").await;
    }
    let page = fixture.search("ada", "messages", json!({ "query": "hello", "limit": 3 })).await;
    assert_eq!(page["items"], json!([]));
    let next = page["next"].clone();
    assert!(next["conversation"]["id"].is_string() && next["message"].is_null(), "{next}");
    let page =
        fixture.search("ada", "messages", json!({ "query": "hello", "limit": 3, "after": next })).await;
    assert_eq!(page, json!({ "items": [{ "conversation": "c0000", "message": old }] }));
}

#[tokio::test]
async fn invalid_searches_are_refused() {
    let fixture = fixture().await;
    for (data, field) in [
        (json!({ "query": "", "limit": 3 }), "query"),
        (json!({ "query": " \n", "limit": 3 }), "query"),
        (json!({ "query": "?!", "limit": 3 }), "query"),
        (json!({ "query": "word ".repeat(10_000), "limit": 3 }), "query"),
        (json!({ "query": (0..17).map(|n| format!("w{n} ")).collect::<String>(), "limit": 3 }), "query"),
        (json!({ "query": "a", "limit": 0 }), "limit"),
        (json!({ "query": "a", "limit": 51 }), "limit"),
        (
            json!({ "query": "a", "limit": 3, "filters": { "conversation": { "createdAt": ["between", [2, 1]] } } }),
            "filters.conversation.createdAt[1]",
        ),
    ] {
        for op in ["search.messages", "search.conversations"] {
            assert_eq!(fixture.refused("ada", op, json!({ "data": data })).await, invalid(field), "{data}");
        }
    }
    let data = json!({ "query": "a", "limit": 3 });
    let outcome = fixture.execute(
        &crate::rules::Caller::Backend,
        super::rules_fixture::op("search.messages", json!({ "data": data })),
        None,
    );
    assert_eq!(outcome.await.error.unwrap().code, ErrorCode::Forbidden);
}
