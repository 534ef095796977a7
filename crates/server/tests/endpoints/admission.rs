//! Admission: CORS, addresses, proxies, and unknown paths.

use serde_json::json;

use crate::support::http::{HttpResponse, call};
use crate::support::{DEMO_SECRET, NEW_SECRET, SHOP_ORIGIN, TestServer, config, token};

async fn preflight(server: &TestServer, path: &str, origin: &str) -> HttpResponse {
    let headers = [
        ("origin", origin),
        ("access-control-request-method", "PUT"),
        ("access-control-request-headers", "authorization,content-type"),
    ];
    call(server.address, "OPTIONS", path, &headers, "").await
}

#[tokio::test]
async fn cors_headers_allow_exactly_the_origins_of_the_app() {
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
async fn the_http_fallback_checks_the_origin_without_a_preflight() {
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
    // A page of an allowed origin may read the error.
    let unauthorised =
        call(server.address, "POST", "/v1/shop/realtime", &[("origin", SHOP_ORIGIN)], body.clone()).await;
    assert_eq!(
        (unauthorised.status.as_u16(), unauthorised.header("access-control-allow-origin")),
        (401, Some(SHOP_ORIGIN))
    );
}

#[tokio::test]
async fn the_demo_app_is_served_to_this_machine_only() {
    let server = TestServer::start().await;
    let bearer = format!("Bearer {DEMO_SECRET}");
    let headers = [("authorization", bearer.as_str())];
    assert_eq!(call(server.address, "GET", "/v1/demo/users/ada", &headers, "").await.status, 404);
    // A proxy on this machine forwards calls of other machines, and the DNS name of another host may resolve
    // to this one.
    for (name, value) in [
        ("x-forwarded-for", "203.0.113.7"),
        ("forwarded", "for=203.0.113.7"),
        ("x-forwarded-host", "chat.example.com"),
        ("x-forwarded-proto", "https"),
        ("x-real-ip", "203.0.113.7"),
        ("via", "1.1 proxy"),
        ("host", "evil.example.com"),
        ("host", "localhost.evil.example.com:8787"),
    ] {
        let headers = [("authorization", bearer.as_str()), (name, value)];
        let refused = call(server.address, "GET", "/v1/demo/users/ada", &headers, "").await;
        assert_eq!((refused.status.as_u16(), refused.code().as_str()), (403, "forbidden"), "{name}: {value}");
        let other_app = call(server.address, "POST", "/v1/lan/realtime", &[(name, value)], "").await;
        assert_eq!(other_app.status, 400, "another app may be called through a proxy: {}", other_app.text());
    }
}

#[tokio::test]
async fn a_forwarded_address_is_trusted_only_from_a_trusted_proxy() {
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
        // The third is the first again behind one more proxy, with an address in front that the caller has
        // invented.
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
async fn unknown_paths_and_methods_have_json_errors() {
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
        let response = call(server.address, method, path, &[], "").await;
        assert_eq!((response.status.as_u16(), response.code().as_str()), (status, code), "{method} {path}");
        assert_eq!(response.header("x-content-type-options"), Some("nosniff"));
    }
}

#[tokio::test]
async fn the_error_for_an_unknown_app_shows_its_decoded_id() {
    let server = TestServer::start().await;
    for (path, shown) in [("my%20app", "\"my app\""), ("%C3%A9+", "\"é+\""), ("%ff%2", "\"\u{fffd}%2\"")] {
        let response = call(server.address, "GET", &format!("/v1/{path}/users/ada"), &[], "").await;
        let message = response.json()["error"]["message"].as_str().unwrap().to_owned();
        assert!(message.contains(&format!("no app {shown} on")), "{message}");
    }
}

#[tokio::test]
async fn health_and_readiness_need_no_credentials() {
    let server = TestServer::start().await;
    for (path, status) in [("/health", "alive"), ("/ready", "ready")] {
        let response = call(server.address, "GET", path, &[], "").await;
        assert_eq!((response.status.as_u16(), response.json()["status"].as_str()), (200, Some(status)));
        assert_eq!(response.header("cache-control"), Some("no-store"));
    }
}

/// A page of evil.example.com whose name was made to resolve to this server has the same origin as the
/// server.
#[tokio::test]
async fn a_page_under_an_unknown_name_is_not_the_servers_own_page() {
    let www = tempfile::tempdir().unwrap();
    let mut config = config();
    config.www = Some(www.path().to_owned());
    config.hosts = vec!["chat.example.com".to_owned()];
    let on_network = [causerie_server::config::demo_app(false), crate::support::app("shop", &[NEW_SECRET])];
    config.apps = causerie_server::apps::Apps::new(on_network).unwrap();
    let server = TestServer::with(config).await;
    let status = async |app: &str, host: &str, with_origin: bool| {
        let (origin, bearer) = (
            format!("http://{host}"),
            format!("Bearer {}", if app == "demo" { DEMO_SECRET } else { NEW_SECRET }),
        );
        let mut headers = vec![("host", host), ("authorization", bearer.as_str())];
        if with_origin {
            headers.push(("origin", origin.as_str()));
        }
        call(server.address, "GET", &format!("/v1/{app}/users/nobody"), &headers, "").await.status.as_u16()
    };
    for known in ["127.0.0.1:8787", "192.168.1.5:8787", "localhost:8787", "chat.example.com"] {
        for app in ["demo", "shop"] {
            assert_eq!(status(app, known, true).await, 404, "{app} {known}");
        }
    }
    for app in ["demo", "shop"] {
        assert_eq!(status(app, "evil.example.com:8787", true).await, 403, "{app}");
    }
    assert_eq!(status("demo", "evil.example.com:8787", false).await, 403, "the demo app's secret is known");
    assert_eq!(status("shop", "evil.example.com:8787", false).await, 404, "another secret is not");
}

/// By default, nginx calls the server with HTTP/1.0 and without any header that a proxy adds.
#[tokio::test]
async fn the_demo_app_is_not_served_through_a_proxy_that_adds_no_header() {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let server = TestServer::start().await;
    for (version, status) in [("1.1", "404"), ("1.0", "403")] {
        let mut stream = tokio::net::TcpStream::connect(server.address).await.unwrap();
        let request = format!(
            "GET /v1/demo/users/ada HTTP/{version}\r\nHost: {}\r\nAuthorization: Bearer {DEMO_SECRET}\r\n\
             Connection: close\r\n\r\n",
            server.address
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut response = String::new();
        stream.read_to_string(&mut response).await.unwrap();
        assert_eq!(response.split(' ').nth(1), Some(status), "HTTP/{version}: {response}");
    }
}
