//! Static files, such as the demo: compressed, and under a policy that lets a page load resources of this
//! server only.

use std::path::Path;

use axum::Router;
use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue, header};
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use tower_http::compression::CompressionLayer;
use tower_http::services::ServeDir;

/// `'wasm-unsafe-eval'` lets a page compile WebAssembly and nothing else. Images may come from anywhere,
/// because users' `photoUrl`s do, and so may videos and sounds, because files can have another address.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; \
    style-src 'self'; img-src 'self' https: http: data:; media-src 'self' https: http:; \
    font-src 'self'; connect-src 'self'; manifest-src 'self'; \
    base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// Serves the files of a folder.
pub(crate) fn service(folder: &Path) -> Router {
    Router::new()
        .fallback_service(ServeDir::new(folder))
        .layer(CompressionLayer::new())
        .layer(from_fn(add_headers))
}

async fn add_headers(request: Request, next: Next) -> Response {
    // Bundlers put a digest of the content into the names of the files in `assets`.
    let is_immutable = request.uri().path().starts_with("/assets/");
    let mut response = next.run(request).await;
    let cache = if is_immutable && response.status().is_success() {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(CONTENT_SECURITY_POLICY));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(
        HeaderName::from_static("cross-origin-opener-policy"),
        HeaderValue::from_static("same-origin"),
    );
    response
}
