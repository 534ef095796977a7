//! Static files: their security policy, their compression, and that nothing outside their folder is served.

use crate::support::http::call;
use crate::support::{TestServer, config};

async fn server_with_files() -> (tempfile::TempDir, TestServer) {
    let outside = tempfile::tempdir().unwrap();
    let folder = outside.path().join("www");
    std::fs::create_dir_all(folder.join("assets")).unwrap();
    std::fs::write(folder.join("index.html"), format!("<!doctype html>{}", "<p>Hello</p>".repeat(200)))
        .unwrap();
    std::fs::write(folder.join("assets/app-1a2b3c.js"), "export {};\n".repeat(200)).unwrap();
    std::fs::write(outside.path().join("secret.txt"), "not for you").unwrap();
    let mut config = config();
    config.www = Some(folder);
    (outside, TestServer::with(config).await)
}

#[tokio::test]
async fn files_have_a_policy_that_allows_wasm_and_nothing_weaker() {
    let (_folder, server) = server_with_files().await;
    let page = call(server.address, "GET", "/", &[], "").await;
    assert_eq!(page.status, 200);
    assert!(page.header("content-type").unwrap().starts_with("text/html"));
    let policy = page.header("content-security-policy").unwrap();
    assert!(policy.contains("script-src 'self' 'wasm-unsafe-eval';"), "{policy}");
    assert!(!policy.contains("unsafe-inline") && !policy.contains("'unsafe-eval'"), "{policy}");
    assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"), "{policy}");
    assert_eq!(page.header("x-content-type-options"), Some("nosniff"));
    assert_eq!(page.header("cache-control"), Some("no-cache"));
    let script = call(server.address, "GET", "/assets/app-1a2b3c.js", &[], "").await;
    assert!(script.header("content-type").unwrap().contains("javascript"));
    assert_eq!(script.header("cache-control"), Some("public, max-age=31536000, immutable"));
}

#[tokio::test]
async fn files_are_compressed_if_the_browser_accepts_it_and_the_api_is_not() {
    let (_folder, server) = server_with_files().await;
    let plain = call(server.address, "GET", "/", &[], "").await;
    for encoding in ["br", "gzip"] {
        let packed = call(server.address, "GET", "/", &[("accept-encoding", encoding)], "").await;
        assert_eq!(packed.header("content-encoding"), Some(encoding));
        assert!(packed.body.len() * 4 < plain.body.len(), "{encoding}: {} bytes", packed.body.len());
    }
    let api = call(server.address, "GET", "/health", &[("accept-encoding", "br, gzip")], "").await;
    assert_eq!(api.header("content-encoding"), None);
}

#[tokio::test]
async fn files_outside_the_folder_are_not_served() {
    let (_folder, server) = server_with_files().await;
    for path in [
        "/../secret.txt",
        "/%2e%2e/secret.txt",
        "/assets/../../secret.txt",
        "/..%2fsecret.txt",
        "/nothing.js",
    ] {
        let response = call(server.address, "GET", path, &[], "").await;
        assert!(!response.text().contains("not for you"), "{path}");
        assert_ne!(response.status, 200, "{path}");
    }
}

#[tokio::test]
async fn a_page_of_the_server_itself_may_use_an_app_without_an_origin_entry() {
    use crate::support::socket::{Client, hello};
    let (_folder, server) = server_with_files().await;
    let own = format!("http://{}", server.address);
    for (app, origin, welcome) in [("lan", own.as_str(), true), ("lan", "http://other.example.com", false)] {
        let headers = [("sec-websocket-protocol", "causerie.v1"), ("origin", origin)];
        let mut client = Client::with(server.address, app, &headers).await;
        client.send(hello("ada", None)).await;
        assert_eq!(client.frame().await["t"] == "welcome", welcome, "{origin}");
    }
}
