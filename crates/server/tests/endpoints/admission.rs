//! Who may come in: CORS, addresses, proxies, and addresses that lead nowhere.

use serde_json::json;

use crate::support::http::{Answer, call};
use crate::support::{DEMO_SECRET, SHOP_ORIGIN, TestServer, config, token};

async fn preflight(server: &TestServer, path: &str, origin: &str) -> Answer {
    let headers = [
        ("origin", origin),
        ("access-control-request-method", "PUT"),
        ("access-control-request-headers", "authorization,content-type"),
    ];
    call(server.address, "OPTIONS", path, &headers, "").await
}

#[tokio::test]
async fn a_page_of_an_allowed_origin_is_told_so_exactly_and_no_other_is() {
    let server = TestServer::start().await;
    for path in ["/v1/shop/realtime", "/v1/shop/users/ada"] {
        let allowed = preflight(&server, path, SHOP_ORIGIN).await;
        assert_eq!(allowed.status, 204, "{path}");
        assert_eq!(allowed.header("access-control-allow-origin"), Some(SHOP_ORIGIN));
        assert!(allowed.header("access-control-allow-headers").unwrap().contains("authorization"));
        assert!(allowed.header("access-control-allow-methods").unwrap().contains("PUT"));
        assert_eq!(allowed.header("access-control-allow-credentials"), None);
        assert_eq!(allowed.header("vary"), Some("origin"));
        for origin in
            ["https://evil.example.com", "http://shop.example.com", "https://shop.example.com:444", "null"]
        {
            let refused = preflight(&server, path, origin).await;
            assert_eq!(
                (refused.status.as_u16(), refused.code().as_str()),
                (403, "forbidden"),
                "{path} {origin}"
            );
            assert_eq!(refused.header("access-control-allow-origin"), None);
            assert_eq!(refused.header("vary"), Some("origin"));
        }
    }
}

#[tokio::test]
async fn the_twin_checks_the_origin_of_the_call_itself_too() {
    let server = TestServer::start().await;
    let body = json!({ "v": 1, "user": "ada", "client": "c", "requests": [] }).to_string();
    let bearer = format!("Bearer {}", token("ada"));
    let with = async |origin: &str| {
        let headers = [("origin", origin), ("authorization", &bearer)];
        call(server.address, "POST", "/v1/shop/realtime", &headers, body.clone()).await
    };
    let allowed = with(SHOP_ORIGIN).await;
    assert_eq!(
        (allowed.status.as_u16(), allowed.header("access-control-allow-origin")),
        (200, Some(SHOP_ORIGIN))
    );
    let refused = with("https://evil.example.com").await;
    assert_eq!((refused.status.as_u16(), refused.header("access-control-allow-origin")), (403, None));
    // A page may read why it was refused, where it may read anything.
    let unauthorised =
        call(server.address, "POST", "/v1/shop/realtime", &[("origin", SHOP_ORIGIN)], body.clone()).await;
    assert_eq!(
        (unauthorised.status.as_u16(), unauthorised.header("access-control-allow-origin")),
        (401, Some(SHOP_ORIGIN))
    );
}

#[tokio::test]
async fn the_demo_app_is_for_this_machine_only() {
    let server = TestServer::start().await;
    let bearer = format!("Bearer {DEMO_SECRET}");
    let own = [("authorization", bearer.as_str())];
    assert_eq!(call(server.address, "GET", "/v1/demo/users/ada", &own, "").await.status, 404);
    // A proxy on this machine passes on what comes from elsewhere; a name elsewhere was made to lead here.
    for (name, value) in [
        ("x-forwarded-for", "203.0.113.7"),
        ("forwarded", "for=203.0.113.7"),
        ("x-forwarded-host", "chat.example.com"),
        ("host", "evil.example.com"),
        ("host", "localhost.evil.example.com:8787"),
    ] {
        let headers = [("authorization", bearer.as_str()), (name, value)];
        let refused = call(server.address, "GET", "/v1/demo/users/ada", &headers, "").await;
        assert_eq!((refused.status.as_u16(), refused.code().as_str()), (403, "forbidden"), "{name}: {value}");
        let elsewhere = call(server.address, "POST", "/v1/lan/realtime", &[(name, value)], "").await;
        assert_eq!(elsewhere.status, 400, "another app may be called through a proxy: {}", elsewhere.text());
    }
}

#[tokio::test]
async fn an_address_is_taken_from_a_trusted_proxy_and_from_nobody_else() {
    use causerie_server::config::Rate;
    let body = json!({ "v": 1, "user": "ada", "client": "c", "requests": [] }).to_string();
    for (trusted, expected) in [(true, [200, 200, 429, 200]), (false, [200, 429, 429, 429])] {
        let mut config = config();
        config.limits.address = Rate { per_second: 1, burst: 1 };
        if trusted {
            config.trusted_proxies =
                vec!["127.0.0.1".to_owned().try_into().unwrap(), "10.0.0.0/8".to_owned().try_into().unwrap()];
        }
        let server = TestServer::with(config).await;
        let mut statuses = Vec::new();
        // The third is the first again behind one more proxy, with an address of the caller's own invention in front.
        for forwarded in ["203.0.113.7", "203.0.113.8", "198.51.100.1, 203.0.113.7, 10.1.2.3", "203.0.113.9"]
        {
            let headers = [("x-forwarded-for", forwarded)];
            statuses.push(
                call(server.address, "POST", "/v1/lan/realtime", &headers, body.clone())
                    .await
                    .status
                    .as_u16(),
            );
        }
        assert_eq!(statuses, expected, "trusted: {trusted}");
    }
}

#[tokio::test]
async fn addresses_that_lead_nowhere_say_so_in_json() {
    let server = TestServer::start().await;
    for (method, path, status, code) in [
        ("GET", "/", 404, "not_found"),
        ("GET", "/v2/demo/realtime", 404, "not_found"),
        ("GET", "/v1/demo/nothing", 404, "not_found"),
        ("GET", "/v1/nowhere/realtime", 404, "not_found"),
        ("GET", "/v1/demo/realtime", 426, "unsupported"),
        ("DELETE", "/v1/demo/realtime", 405, "unsupported"),
        ("DELETE", "/v1/demo/users/ada", 405, "unsupported"),
        ("POST", "/health", 405, "unsupported"),
    ] {
        let answer = call(server.address, method, path, &[], "").await;
        assert_eq!((answer.status.as_u16(), answer.code().as_str()), (status, code), "{method} {path}");
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
    }
}

#[tokio::test]
async fn health_and_readiness_are_told_to_anybody() {
    let server = TestServer::start().await;
    for (path, status) in [("/health", "alive"), ("/ready", "ready")] {
        let answer = call(server.address, "GET", path, &[], "").await;
        assert_eq!((answer.status.as_u16(), answer.json()["status"].as_str()), (200, Some(status)));
        assert_eq!(answer.header("cache-control"), Some("no-store"));
    }
}
