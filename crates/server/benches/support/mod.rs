//! The parts that the benches over real sockets share: server processes, and a client that is the same for
//! the server and for the floor.
#![allow(dead_code, reason = "no bench uses all of it")]

pub(crate) mod floors;

use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};

use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::json;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::{WebSocketStream, client_async};

pub(crate) type Socket = WebSocketStream<TcpStream>;

/// A process that is killed when the bench ends.
pub(crate) struct Process {
    child: Child,
    pub(crate) address: SocketAddr,
}

impl Process {
    /// Starts the real server on a folder, with its built-in demo app.
    pub(crate) fn server(data: &std::path::Path) -> Process {
        let server = env!("CARGO_BIN_EXE_causerie-server");
        Self::start(
            Command::new(server).args(["--demo", "--limits", "internal", "--port", "0", "--data"]).arg(data),
        )
    }

    /// Starts the same server without rate limits, which a bench would exceed.
    pub(crate) fn unlimited(data: &std::path::Path) -> Process {
        let unlimited = "{ per_second = 0, burst = 0 }";
        let limits: String =
            ["connection", "user", "address", "rest"].map(|name| format!("{name} = {unlimited}\n")).concat();
        let config = data.join("causerie.toml");
        std::fs::write(&config, format!("[limits]\nconnections_per_address = 10000\n{limits}")).unwrap();
        let server = env!("CARGO_BIN_EXE_causerie-server");
        Self::start(
            Command::new(server)
                .args(["--demo", "--port", "0", "--config"])
                .arg(&config)
                .arg("--data")
                .arg(data),
        )
    }

    /// Starts this program again as a floor, which the environment variable selects.
    pub(crate) fn floor(variable: &str) -> Process {
        Self::start(Command::new(std::env::current_exe().unwrap()).env(variable, "1"))
    }

    fn start(command: &mut Command) -> Process {
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let address = lines.next().unwrap().unwrap().rsplit('/').next().unwrap().parse().unwrap();
        Process { child, address }
    }

    /// Returns the resident memory in bytes; 0 if the system has no `/proc`.
    pub(crate) fn memory(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or_default();
        line.split_whitespace().next().and_then(|kib| kib.parse::<u64>().ok()).unwrap_or(0) * 1024
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Connects a client to the server, and sends `hello`. With the argument `--keeps-bodies=N`, the client keeps
/// N bodies.
pub(crate) async fn connect(address: SocketAddr, user: &str) -> Socket {
    let mut socket = open(address, "/v1/demo/realtime", Some("causerie.v1")).await;
    let mut hello = json!({ "t": "hello", "user": user, "client": format!("bench-{user}") });
    let keeps = std::env::args().find_map(|argument| argument.strip_prefix("--keeps-bodies=")?.parse().ok());
    if let Some(keeps) = keeps {
        hello["keepsBodies"] = serde_json::Value::Number(keeps);
    }
    round_trip(&mut socket, &hello.to_string()).await;
    socket
}

pub(crate) async fn open(address: SocketAddr, path: &str, protocol: Option<&str>) -> Socket {
    let stream = TcpStream::connect(address).await.unwrap();
    stream.set_nodelay(true).unwrap();
    let mut request = format!("ws://{address}{path}").into_client_request().unwrap();
    if let Some(protocol) = protocol {
        request.headers_mut().insert("sec-websocket-protocol", protocol.parse().unwrap());
    }
    client_async(request, stream).await.unwrap().0
}

/// Sends a text and returns the next one that arrives.
pub(crate) async fn round_trip(socket: &mut Socket, text: &str) -> String {
    socket.send(Message::text(text)).await.unwrap();
    next_text(socket).await
}

/// Returns the next text that is not a ping.
pub(crate) async fn next_text(socket: &mut Socket) -> String {
    loop {
        if let Message::Text(text) = socket.next().await.unwrap().unwrap()
            && text != "{\"t\":\"ping\"}"
        {
            return text.to_string();
        }
    }
}
