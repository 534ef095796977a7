//! The ops, with each case over both transports: the HTTP fallback returns the same outcomes as a WebSocket.

use serde_json::{Value, json};

use crate::support::socket::Client;
use crate::support::{DEMO_SECRET, TestServer, http, take_revision};

/// The transport of requests.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Transport {
    WebSocket,
    Http,
}

const TRANSPORTS: [Transport; 2] = [Transport::WebSocket, Transport::Http];

/// A request: an op, its params, and an idempotency key or none.
type Operation = (&'static str, Value, Option<&'static str>);

/// Sends all requests at once and returns their outcomes, without the field `t` that only the WebSocket has.
async fn outcomes(
    server: &TestServer,
    transport: Transport,
    app: &str,
    user: &str,
    operations: &[Operation],
) -> Vec<Value> {
    let requests = operations.iter().enumerate().map(|(index, (op, params, key))| {
        let mut request = json!({ "id": index + 1, "op": op, "params": params });
        if let Some(key) = key {
            request["key"] = json!(key);
        }
        request
    });
    match transport {
        Transport::Http => {
            let body = json!({
                "v": 1,
                "user": user,
                "client": format!("client-of-{user}"),
                "requests": requests.collect::<Vec<_>>(),
            });
            let path = format!("/v1/{app}/realtime");
            let response = http::call(server.address, "POST", &path, &[], body.to_string()).await;
            assert_eq!(response.status, 200, "{}", response.text());
            response.json()["results"].as_array().unwrap().clone()
        }
        Transport::WebSocket => {
            let mut client = Client::welcomed(server.address, app, user, None).await;
            for mut request in requests {
                request["t"] = json!("request");
                client.send(request).await;
            }
            let mut outcomes = Vec::new();
            for _ in operations {
                let mut frame = client.frame().await;
                assert_eq!(frame.as_object_mut().unwrap().remove("t"), Some(json!("result")));
                outcomes.push(frame);
            }
            outcomes
        }
    }
}

fn get(user: &str) -> Operation {
    ("user.get", json!({ "user": user }), None)
}

fn set(user: &str, data: Value) -> Operation {
    ("user.set", json!({ "user": user, "data": data }), None)
}

fn create(user: &str, data: Value) -> Operation {
    ("user.createIfNotExists", json!({ "user": user, "data": data }), None)
}

#[tokio::test]
async fn users_are_created_set_and_read_over_both_transports() {
    let ada = json!({
        "id": "ada", "name": "Ada", "custom": { "color": "red", "size": "8" }, "locale": "fr",
        "photoUrl": null, "role": "default", "welcomeMessage": "Hello",
    });
    let operations = [
        get("ada"),
        set("ada", json!({ "locale": "fr" })),
        create(
            "ada",
            json!({
                "name": "Ada", "custom": { "color": "blue", "shape": "round" },
                "photoUrl": "https://a.test/p",
            }),
        ),
        create("ada", json!({ "name": "Somebody else" })),
        set(
            "ada",
            json!({
                "custom": { "color": "red", "shape": null, "size": "8" }, "locale": "fr", "photoUrl": null,
                "welcomeMessage": "Hello",
            }),
        ),
        get("ada"),
        set("ada", json!({ "name": null })),
        set("ada", json!({ "custom": null, "locale": null, "welcomeMessage": null })),
        get("ada"),
    ];
    for transport in TRANSPORTS {
        let server = TestServer::start().await;
        let mut results = outcomes(&server, transport, "demo", "ada", &operations).await;
        let revisions = [5, 8].map(|index| take_revision(&mut results[index]["entities"]["users"][0]));
        assert_ne!(revisions[0], revisions[1], "{transport:?}: the user was changed");
        let plain = json!({
            "id": "ada", "name": "Ada", "custom": {}, "locale": "en", "photoUrl": null, "role": "default",
            "welcomeMessage": null,
        });
        let field = |index: usize| {
            (results[index]["error"]["code"].clone(), results[index]["error"]["field"].clone())
        };
        assert_eq!(results[0], json!({ "id": 1 }), "{transport:?}: the user does not exist");
        assert_eq!(field(1), (json!("name_required"), json!("name")), "{transport:?}");
        assert_eq!(results[2], json!({ "id": 3 }), "{transport:?}");
        assert_eq!(results[3], json!({ "id": 4 }), "{transport:?}");
        assert_eq!(results[4], json!({ "id": 5 }), "{transport:?}");
        assert_eq!(
            results[5],
            json!({ "id": 6, "value": "ada", "entities": { "users": [ada] } }),
            "{transport:?}"
        );
        assert_eq!(field(6), (json!("invalid_argument"), json!("name")), "{transport:?}");
        assert_eq!(results[7], json!({ "id": 8 }), "{transport:?}");
        assert_eq!(
            results[8],
            json!({ "id": 9, "value": "ada", "entities": { "users": [plain] } }),
            "{transport:?}"
        );
    }
}

#[tokio::test]
async fn each_wrong_request_has_an_error_with_its_field_and_others_succeed() {
    let cases: [(Operation, &str, Option<&str>); 12] = [
        (("no.such.op", json!({}), None), "unsupported", None),
        (("user.get", json!({}), None), "invalid_argument", Some("user")),
        (("user.get", json!({ "user": 5 }), None), "invalid_argument", Some("user")),
        (("user.get", json!({ "user": "" }), None), "invalid_argument", Some("user")),
        (("user.get", json!({ "user": "x".repeat(256) }), None), "invalid_argument", Some("user")),
        (
            ("conversation.get", json!({ "conversation": "\u{7}" }), None),
            "invalid_argument",
            Some("conversation"),
        ),
        (create("new", json!({})), "name_required", Some("name")),
        (set("ada", json!({ "custom": { "color": 5 } })), "invalid_argument", Some("custom.color")),
        (set("ada", json!({ "email": ["ada@example.com", "ada"] })), "invalid_argument", Some("email[1]")),
        (
            set("ada", json!({ "pushTokens": { "web:1": true } })),
            "invalid_argument",
            Some("pushTokens.web:1"),
        ),
        (set("ada", json!({ "locale": "english please" })), "invalid_argument", Some("locale")),
        (set("ada", json!({ "photoUrl": 5 })), "invalid_argument", Some("photoUrl")),
    ];
    for transport in TRANSPORTS {
        let server = TestServer::start().await;
        let mut operations = vec![create("ada", json!({ "name": "Ada" }))];
        operations.extend(cases.iter().map(|(operation, ..)| operation.clone()));
        operations.push(get("ada"));
        let results = outcomes(&server, transport, "demo", "ada", &operations).await;
        for ((operation, code, field), outcome) in cases.iter().zip(results.iter().skip(1)) {
            let error = &outcome["error"];
            assert_eq!(error["code"], *code, "{transport:?} {operation:?}: {outcome}");
            assert_eq!(error["field"].as_str(), *field, "{transport:?} {operation:?}: {outcome}");
        }
        assert_eq!(results.last().unwrap()["value"], "ada", "{transport:?}: the other requests succeed");
    }
}

#[tokio::test]
async fn a_repeated_write_is_executed_once_over_both_transports() {
    let named = |name: &str| -> Operation {
        ("user.set", json!({ "user": "ada", "data": { "name": name } }), Some("key-1"))
    };
    for (first, second) in [
        (Transport::WebSocket, Transport::Http),
        (Transport::Http, Transport::WebSocket),
        (Transport::WebSocket, Transport::WebSocket),
        (Transport::Http, Transport::Http),
    ] {
        let server = TestServer::start().await;
        let first_outcomes = outcomes(
            &server,
            first,
            "demo",
            "ada",
            &[named("Ada"), set("ada", json!({ "name": "Augusta" }))],
        )
        .await;
        assert!(first_outcomes.iter().all(|outcome| outcome.get("error").is_none()), "{first_outcomes:?}");
        let repeated =
            outcomes(&server, second, "demo", "ada", &[named("Ada"), get("ada"), named("Eve")]).await;
        assert!(repeated[0].get("error").is_none(), "{repeated:?}");
        assert_eq!(
            repeated[1]["entities"]["users"][0]["name"], "Augusta",
            "the repeated write was not executed"
        );
        assert_eq!(repeated[2]["error"]["code"], "key_reused", "{repeated:?}");
    }
}

#[tokio::test]
async fn without_user_sync_clients_read_users_and_cannot_write_them() {
    for transport in TRANSPORTS {
        let server = TestServer::start().await;
        server.put_user("fixed", crate::support::NEW_SECRET, "ada", json!({ "name": "Ada" })).await;
        let operations = [
            set("ada", json!({ "name": "Eve" })),
            create("ada", json!({ "name": "Eve" })),
            create("new", json!({ "name": "New" })),
            get("ada"),
            get("new"),
        ];
        let results = outcomes(&server, transport, "fixed", "ada", &operations).await;
        let codes: Vec<_> = results.iter().map(|response| response["error"]["code"].as_str()).collect();
        let off = Some("user_sync_disabled");
        assert_eq!(codes, [off, None, off, None, None], "{transport:?}: {results:?}");
        assert_eq!(results[3]["entities"]["users"][0]["name"], "Ada", "{transport:?}");
        assert_eq!(results[3]["entities"]["users"][0]["locale"], "nl-NL", "the app's default");
        assert_eq!(results[3]["entities"]["users"][0]["role"], "guest", "the app's default");
        assert!(results[4].get("value").is_none(), "{transport:?}");
    }
}

#[tokio::test]
async fn only_participants_can_read_a_conversation() {
    for transport in TRANSPORTS {
        let server = TestServer::start().await;
        server.create_talk("demo", DEMO_SECRET).await;
        let talk = ("conversation.get", json!({ "conversation": "talk" }), None);
        let nowhere = ("conversation.get", json!({ "conversation": "nowhere" }), None);
        for (user, access) in
            [("ada", Some("ReadWrite")), ("bob", Some("Read")), ("eve", None), ("stranger", None)]
        {
            let results = outcomes(&server, transport, "demo", user, &[talk.clone(), nowhere.clone()]).await;
            let seen = results[0]["entities"]["conversations"][0]["access"].as_str();
            assert_eq!(seen, access, "{transport:?} {user}: {results:?}");
            assert_eq!(results[0]["value"].as_str(), access.map(|_| "talk"), "{transport:?} {user}");
            if access.is_none() {
                let mut same = results[1].clone();
                same["id"] = json!(1);
                assert_eq!(results[0], same, "a conversation of others looks like one that does not exist");
            }
        }
    }
}

#[tokio::test]
async fn the_http_fallback_refuses_malformed_and_unauthenticated_calls() {
    let server = TestServer::start().await;
    let cases: [(&str, &str, Value, u16, &str); 8] = [
        ("nowhere", "", json!({ "v": 1, "user": "a", "client": "c", "requests": [] }), 404, "not_found"),
        ("shop", "", json!({ "v": 1, "user": "a", "client": "c", "requests": [] }), 401, "not_authenticated"),
        (
            "shop",
            "Bearer junk",
            json!({ "v": 1, "user": "a", "client": "c", "requests": [] }),
            401,
            "not_authenticated",
        ),
        ("demo", "", json!({ "v": 2, "user": "a", "client": "c", "requests": [] }), 400, "protocol_mismatch"),
        ("demo", "", json!({ "v": 1, "user": "", "client": "c", "requests": [] }), 400, "invalid_argument"),
        ("demo", "", json!([]), 400, "invalid_argument"),
        (
            "demo",
            "",
            json!({ "v": 1, "user": "a", "client": "c", "requests": vec![json!({}); 101] }),
            413,
            "too_large",
        ),
        (
            "demo",
            "",
            json!({ "v": 1, "user": "a", "client": "c", "pad": "x".repeat(70_000), "requests": [] }),
            413,
            "too_large",
        ),
    ];
    for (app, authorization, body, status, code) in cases {
        let path = format!("/v1/{app}/realtime");
        let headers = [("authorization", authorization)];
        let headers = if authorization.is_empty() { &headers[..0] } else { &headers[..] };
        let response = http::call(server.address, "POST", &path, headers, body.to_string()).await;
        let shown = body.to_string().chars().take(80).collect::<String>();
        assert_eq!((response.status.as_u16(), response.code().as_str()), (status, code), "{shown}");
        assert_eq!(response.header("cache-control"), Some("no-store"));
        if status == 401 {
            assert_eq!(response.header("www-authenticate"), Some("Bearer"));
        }
    }
    for malformed in [&b"{\"v\":"[..], &b"\xff\xfe"[..], &b""[..]] {
        let response = http::call(server.address, "POST", "/v1/demo/realtime", &[], malformed.to_vec()).await;
        assert_eq!(
            (response.status.as_u16(), response.code().as_str()),
            (400, "invalid_frame"),
            "{malformed:?}"
        );
    }
}

#[tokio::test]
async fn the_http_fallback_limits_requests_by_user_and_address() {
    use causerie_server::config::Rate;
    let mut config = crate::support::config();
    config.limits.user = Rate { per_second: 1, burst: 2 };
    // A POST counts as one, and so does each request that the user's rate allows.
    config.limits.address = Rate { per_second: 1, burst: 4 };
    let server = TestServer::with(config).await;
    let results =
        outcomes(&server, Transport::Http, "demo", "ada", &[get("ada"), get("ada"), get("ada")]).await;
    let codes: Vec<_> = results.iter().map(|response| response["error"]["code"].as_str()).collect();
    assert_eq!(codes, [None, None, Some("rate_limited")]);
    outcomes(&server, Transport::Http, "demo", "bob", &[]).await;
    let body = json!({ "v": 1, "user": "cat", "client": "c", "requests": [] }).to_string();
    let response = http::call(server.address, "POST", "/v1/demo/realtime", &[], body).await;
    assert_eq!((response.status.as_u16(), response.code().as_str()), (429, "rate_limited"));
    assert_eq!(response.header("retry-after"), Some("1"));
    assert!(response.json()["error"]["retryAfter"].as_u64().unwrap() > 0);
}
