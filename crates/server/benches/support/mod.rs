//! What the benches over real sockets share: processes of their own, and clients that are the same for us and
//! for the floor. Not every bench uses all of it.
#![allow(dead_code, reason = "each bench takes what it needs")]

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

/// A process that is killed with the bench.
pub(crate) struct Process {
    child: Child,
    pub(crate) address: SocketAddr,
}

impl Process {
    /// The real server over a folder, with its built-in demo app.
    pub(crate) fn server(data: &std::path::Path) -> Process {
        let server = env!("CARGO_BIN_EXE_causerie-server");
        Self::start(Command::new(server).args(["--demo", "--port", "0", "--data"]).arg(data))
    }

    /// The same without limits to its rates: what a bench does in a second, no caller would.
    pub(crate) fn unlimited(data: &std::path::Path) -> Process {
        let free = "{ per_second = 0, burst = 0 }";
        let limits: String =
            ["connection", "user", "address", "rest"].map(|of| format!("{of} = {free}\n")).concat();
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

    /// This program once more, as something else: what, says the variable.
    pub(crate) fn floor(variable: &str) -> Process {
        Self::start(Command::new(std::env::current_exe().unwrap()).env(variable, "1"))
    }

    fn start(command: &mut Command) -> Process {
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let address = lines.next().unwrap().unwrap().rsplit('/').next().unwrap().parse().unwrap();
        Process { child, address }
    }

    /// Resident memory, in bytes; 0 where the system does not tell it as Linux does.
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

/// A client of ours, welcomed.
pub(crate) async fn welcomed(address: SocketAddr, user: &str) -> Socket {
    let mut socket = open(address, "/v1/demo/realtime", Some("causerie.v1")).await;
    let hello = json!({ "t": "hello", "user": user, "client": format!("bench-{user}") });
    trip(&mut socket, &hello.to_string()).await;
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

/// Sends a text, and waits for the next.
pub(crate) async fn trip(socket: &mut Socket, text: &str) -> String {
    socket.send(Message::text(text)).await.unwrap();
    heard(socket).await
}

/// The next text that is no ping.
pub(crate) async fn heard(socket: &mut Socket) -> String {
    loop {
        if let Message::Text(text) = socket.next().await.unwrap().unwrap()
            && text != "{\"t\":\"ping\"}"
        {
            return text.to_string();
        }
    }
}
