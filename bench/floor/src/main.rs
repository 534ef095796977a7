//! The floor of the round-trip bench: a raw WebSocket echo, and a server of the bench pages.
//!
//! A bench page opens two WebSockets: one to a real `causerie-server`, and one to `/echo` of this program,
//! which stores nothing, parses nothing and returns every message. The echo measures the machine, the browser
//! and the WebSocket; a figure is the ratio of the two.
//!
//! The pages are served here, and not by the server under test, because they need two headers
//! (`Cross-Origin-Opener-Policy`, `Cross-Origin-Embedder-Policy`): with both, a page is cross-origin isolated
//! and `performance.now()` is precise to 5 µs instead of 100 µs.
//!
//! Use: `causerie-floor [folder of pages]`. It listens on a free loopback port and prints its address.
#![allow(clippy::print_stdout, reason = "the address is printed for the bench runner to read")]

use anyhow::Context as _;
use axum::Router;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::http::{HeaderName, HeaderValue};
use axum::response::Response;
use axum::routing::get;
use tower_http::services::ServeDir;
use tower_http::set_header::SetResponseHeaderLayer;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let pages = std::env::args_os().nth(1).unwrap_or_else(|| "bench/dist".into());
    let listener =
        tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.context("no free port on 127.0.0.1")?;
    println!("http://{}", listener.local_addr()?);
    axum::serve(listener, routes(&pages))
        .with_graceful_shutdown(async {
            // If signals cannot be handled, the process ends without a graceful shutdown.
            let _ = tokio::signal::ctrl_c().await;
        })
        .await
        .context("the floor's listener failed")
}

/// The echo, and the pages with the headers that make their clock precise.
fn routes(pages: &std::ffi::OsStr) -> Router {
    Router::new()
        .route("/echo", get(upgrade))
        .fallback_service(ServeDir::new(pages))
        .layer(header("cross-origin-opener-policy", "same-origin"))
        .layer(header("cross-origin-embedder-policy", "require-corp"))
        .layer(header("cache-control", "no-store"))
}

fn header(name: &'static str, value: &'static str) -> SetResponseHeaderLayer<HeaderValue> {
    SetResponseHeaderLayer::overriding(HeaderName::from_static(name), HeaderValue::from_static(value))
}

async fn upgrade(socket: WebSocketUpgrade) -> Response {
    socket.on_upgrade(echo)
}

async fn echo(mut socket: WebSocket) {
    while let Some(Ok(message)) = socket.recv().await {
        // axum answers pings; after a close `recv` returns `None`.
        if matches!(message, Message::Text(_) | Message::Binary(_)) && socket.send(message).await.is_err() {
            return;
        }
    }
}
