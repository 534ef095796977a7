//! The upload and the download of 100 MB, compared to a raw axum handler that writes a body to a file, or
//! reads one, and the memory that it takes.
//!
//! `cargo bench -p causerie-server --bench files`. Prints a table and has no threshold. The server and the
//! floor are processes of their own; the same client calls both in turn. The server syncs an upload to the
//! disk before it answers, so the floor does that too.
#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a program that prints figures"
)]

mod support;

use std::convert::Infallible;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::routing::put;
use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use http_body_util::{BodyExt as _, StreamBody};
use hyper::Request;
use hyper::body::Frame;
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use support::{Process, connect, round_trip};
use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::io::ReaderStream;

const BYTES: usize = 100_000_000;
const CHUNK: usize = 64 << 10;
const ROUNDS: usize = 5;
/// The environment variable that makes this program the floor.
const FLOOR: &str = "CAUSERIE_BENCH_FILES";

fn main() {
    if std::env::var_os(FLOOR).is_some() {
        tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap().block_on(floor());
        return;
    }
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(measure());
}

/// Writes bodies to a file, and sends the file.
async fn floor() {
    let folder = tempfile::tempdir().unwrap();
    let router = Router::new().route("/", put(write).get(read)).with_state(folder.path().join("file"));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    println!("http://{}", listener.local_addr().unwrap());
    // Served like the server's own connections: axum's `serve` is not among its features here.
    while let Ok((stream, _)) = listener.accept().await {
        let service = hyper_util::service::TowerToHyperService::new(router.clone());
        tokio::spawn(async move {
            let http = hyper::server::conn::http1::Builder::new();
            let _ = http.serve_connection(TokioIo::new(stream), service).await;
        });
    }
}

async fn write(State(path): State<PathBuf>, body: Body) {
    let mut file = tokio::fs::File::create(path).await.unwrap();
    let mut body = body.into_data_stream();
    while let Some(chunk) = body.next().await {
        file.write_all(&chunk.unwrap()).await.unwrap();
    }
    file.flush().await.unwrap();
    file.sync_all().await.unwrap();
}

async fn read(State(path): State<PathBuf>) -> Body {
    Body::from_stream(ReaderStream::new(tokio::fs::File::open(path).await.unwrap()))
}

async fn measure() {
    let folder = tempfile::tempdir().unwrap();
    let server = Process::server(folder.path());
    let floor = Process::floor(FLOOR);
    let mut client = connect(server.address, "ada").await;
    for (op, params) in [
        ("user.set", json!({ "user": "ada", "data": { "name": "Ada" } })),
        ("conversation.set", json!({ "conversation": "talk", "data": {} })),
    ] {
        request(&mut client, op, &params).await;
    }
    let (mut uploads, mut downloads, mut memory) = (Figures::default(), Figures::default(), 0);
    let before = server.memory();
    for round in 0..ROUNDS {
        let file = json!({ "filename": format!("{round}.bin"), "size": BYTES });
        let token = request(&mut client, "file.create", &json!({ "data": file })).await;
        let token = token["value"].as_str().unwrap_or_else(|| panic!("{token}")).to_owned();
        uploads.floor.push(upload(floor.address, "/", "").await);
        uploads.own.push(upload(server.address, "/v1/demo/files", &token).await);
        memory = memory.max(server.memory());
        let content = json!([{ "type": "file", "fileToken": token }]);
        let data = json!({ "conversation": "talk", "data": { "content": content } });
        let sent = request(&mut client, "message.send", &data).await;
        let get = json!({ "conversation": "talk", "message": sent["value"] });
        let read = request(&mut client, "message.get", &get).await;
        let url = read["entities"]["messages"][0]["content"][0]["url"].as_str().unwrap().to_owned();
        let path = url.split_once("/v1/").unwrap().1;
        downloads.floor.push(download(floor.address, "/").await);
        downloads.own.push(download(server.address, &format!("/v1/{path}")).await);
        memory = memory.max(server.memory());
    }
    println!("{:<12}{:>14}{:>14}{:>8}", "100 MB", "raw axum MB/s", "server MB/s", "ratio");
    uploads.print("upload");
    downloads.print("download");
    println!("memory of the server: {} MB before, {} MB at most", before >> 20, memory >> 20);
}

#[derive(Default)]
struct Figures {
    floor: Vec<Duration>,
    own: Vec<Duration>,
}

impl Figures {
    fn print(mut self, name: &str) {
        let speed = |times: &mut Vec<Duration>| {
            times.sort_unstable();
            BYTES as f64 / 1e6 / times[times.len() / 2].as_secs_f64()
        };
        let (floor, own) = (speed(&mut self.floor), speed(&mut self.own));
        println!("{name:<12}{floor:>14.0}{own:>14.0}{:>8.2}", own / floor);
    }
}

async fn request(client: &mut support::Socket, op: &str, params: &Value) -> Value {
    let key = format!("{:?}", Instant::now());
    let frame = json!({ "t": "request", "id": 1, "key": key, "op": op, "params": params });
    serde_json::from_str(&round_trip(client, &frame.to_string()).await).unwrap()
}

/// Sends a request on a new connection, and reads the response to its end.
async fn exchange(address: SocketAddr, request: Request<Body>) -> usize {
    let stream = TcpStream::connect(address).await.unwrap();
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake::<_, Body>(TokioIo::new(stream)).await.unwrap();
    let driving = tokio::spawn(connection);
    let response = sender.send_request(request).await.unwrap();
    assert!(response.status().is_success(), "{response:?}");
    let mut body = response.into_body();
    let mut bytes = 0;
    while let Some(frame) = body.frame().await {
        bytes += frame.unwrap().data_ref().map_or(0, Bytes::len);
    }
    driving.abort();
    bytes
}

async fn upload(address: SocketAddr, path: &str, token: &str) -> Duration {
    let chunk = Bytes::from(vec![7; CHUNK]);
    let sizes = (0..BYTES).step_by(CHUNK).map(|from| CHUNK.min(BYTES - from));
    let chunks: Vec<Result<Frame<Bytes>, Infallible>> =
        sizes.map(|size| Ok(Frame::data(chunk.slice(..size)))).collect();
    let request = Request::put(path)
        .header("host", address.to_string())
        .header("content-length", BYTES)
        .header("authorization", format!("Bearer {token}"))
        .body(Body::new(StreamBody::new(stream::iter(chunks))))
        .unwrap();
    let started = Instant::now();
    exchange(address, request).await;
    started.elapsed()
}

async fn download(address: SocketAddr, path: &str) -> Duration {
    let request = Request::get(path).header("host", address.to_string()).body(Body::empty()).unwrap();
    let started = Instant::now();
    assert_eq!(exchange(address, request).await, BYTES);
    started.elapsed()
}
