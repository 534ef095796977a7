//! Lists with filters that match few entries.

use serde_json::{Value, json};

use super::app;
use super::rules_fixture::RulesFixture;
use crate::rules::SCAN_ROWS;

#[tokio::test]
async fn a_filter_that_matches_nothing_examines_a_bounded_number_of_conversations_at_a_time() {
    let fixture = RulesFixture::new(app());
    fixture.create_users(&["ada"]).await;
    let count = SCAN_ROWS * 2 + SCAN_ROWS / 2;
    for number in 0..count {
        fixture.clock.advance(1);
        let params = json!({ "conversation": format!("c{number}"), "data": {} });
        fixture.ok("ada", "conversation.createIfNotExists", params).await;
    }
    // The third oldest one matches.
    fixture.ok("ada", "conversation.set", json!({ "conversation": "c2", "data": { "subject": "x" } })).await;
    let page = async |after: Value| {
        let topic = json!({ "kind": "conversations", "filter": { "subject": ["==", "x"] } });
        fixture.ok("ada", "more", json!({ "topic": topic, "after": after, "limit": 20 })).await
    };
    let first = page(json!({ "at": 9_000_000_000_000_000_i64, "id": "" })).await;
    assert_eq!((&first["items"], &first["more"]), (&json!([]), &json!(true)));
    assert_eq!(first["next"]["id"], json!(format!("c{}", count - SCAN_ROWS)));
    let second = page(first["next"].clone()).await;
    assert_eq!((&second["items"], &second["more"]), (&json!([]), &json!(true)));
    let third = page(second["next"].clone()).await;
    assert_eq!(third, json!({ "items": ["c2"], "more": false }));
}
