//! `POST /batch`.

use serde_json::{Value, json};

use crate::support::{DEMO_SECRET, TestServer};

#[tokio::test]
async fn each_call_of_a_batch_has_its_number_and_status() {
    let server = TestServer::start().await;
    server.create_talk("demo", DEMO_SECRET).await;
    let backend = server.backend("demo", DEMO_SECRET);
    let batch = json!([
        [1, "PUT", "/users/new%20user", { "name": "New" }, { "api_version": "2021-02-09" }],
        [2, "GET", "/users/new%20user"],
        [3, "GET", "/users/ada/conversations", { "limit": "1", "unreadsOnly": "false" }],
        [4, "POST", "/conversations/talk/messages", [{ "type": "SystemMessage", "text": "Hello" }]],
        [5, "GET", "/no/such/call"],
        [6, "GET", "/users/nobody"],
        [7, "GET", "/users?limit=0"],
        [8, "PATCH", "/conversations/talk/participants/ada", null],
        [9, "GET", "/conversations", { "filter": { "subject": ["==", null] }, "limit": 1 }],
        ["ten", "POST", "/batch", [[1, "GET", "/users/ada"]]],
    ]);
    let outcomes = backend.ok("POST", "/batch", Some(batch)).await;
    let statuses: Vec<(Value, u64)> = (outcomes.as_array().unwrap().iter())
        .map(|outcome| (outcome[0].clone(), outcome[1].as_u64().unwrap()))
        .collect();
    let expected = [200, 200, 200, 200, 404, 404, 400, 200, 200, 400];
    for (index, status) in expected.into_iter().enumerate() {
        let number = if index == 9 { json!("ten") } else { json!(index + 1) };
        assert_eq!(statuses[index], (number, status), "{}", outcomes[index]);
    }
    assert_eq!(outcomes[1][2]["name"], "New", "the calls are executed in their order");
    assert_eq!(outcomes[2][2]["data"][0]["id"], "talk");
    assert!(outcomes[3][2][0]["id"].is_string());
    assert_eq!(outcomes[6][2]["error"]["field"], "limit");
}

#[tokio::test]
async fn a_malformed_batch_executes_nothing() {
    let server = TestServer::start().await;
    let backend = server.backend("demo", DEMO_SECRET);
    let put = json!([1, "PUT", "/users/ada", { "name": "Ada" }]);
    for batch in [
        json!([]),
        json!({}),
        json!(vec![put.clone(); 11]),
        json!([put, [2, "GET"]]),
        json!([put, { "method": "GET" }]),
        json!([put, [null, "GET", "/users"]]),
        json!([put, [2, "GET", "/users", {}, "2021", 5]]),
        json!([put, [2, 5, "/users"]]),
    ] {
        let refused = backend.call("POST", "/batch", Some(batch.clone())).await;
        assert_eq!(refused.status, 400, "{batch}: {}", refused.text());
    }
    assert_eq!(backend.call("GET", "/users/ada", None).await.status, 404);
}

#[tokio::test]
async fn each_call_of_a_batch_counts_against_the_rate() {
    let mut config = crate::support::config();
    config.limits.rest = causerie_server::config::Rate { per_second: 1, burst: 3 };
    let server = TestServer::with(config).await;
    let backend = server.backend("demo", DEMO_SECRET);
    let batch = json!([[1, "GET", "/users"], [2, "GET", "/users"], [3, "GET", "/users"]]);
    let outcomes = backend.ok("POST", "/batch", Some(batch)).await;
    let statuses: Vec<u64> =
        outcomes.as_array().unwrap().iter().map(|outcome| outcome[1].as_u64().unwrap()).collect();
    assert_eq!(statuses, [200, 200, 429]);
}
