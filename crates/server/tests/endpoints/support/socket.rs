//! A WebSocket client that keeps every text it receives.

use std::net::SocketAddr;
use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use hyper::header::{HeaderName, HeaderValue};
use serde_json::{Value, json};
use tokio::net::{TcpSocket, TcpStream};
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{WebSocketStream, client_async};

use super::within;

/// A message from the server.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Received {
    Frame(Value),
    Ping,
    /// The close code and the reason. 1006 if there was no close frame, as in browsers.
    Closed(u16, String),
}

pub(crate) struct Client {
    pub(crate) socket: WebSocketStream<TcpStream>,
    /// Every text in order of arrival.
    pub(crate) texts: Vec<String>,
    /// The subprotocol that the server confirmed.
    pub(crate) protocol: Option<String>,
    next_id: u32,
}

impl Client {
    /// Opens a connection to an app like the SDK.
    pub(crate) async fn open(address: SocketAddr, app: &str) -> Client {
        Self::with(address, app, &[("sec-websocket-protocol", "causerie.v1")]).await
    }

    /// Opens a connection from an address of this machine, if the server accepts it.
    pub(crate) async fn open_from(from: &str, address: SocketAddr, app: &str) -> Option<Client> {
        let stream = connect_from(from, address).await?;
        let url = format!("ws://{address}/v1/{app}/realtime");
        let mut request = url.into_client_request().unwrap();
        request.headers_mut().insert("sec-websocket-protocol", HeaderValue::from_static("causerie.v1"));
        let opening = client_async(request, stream);
        let (socket, _) = tokio::time::timeout(Duration::from_secs(5), opening).await.ok()?.ok()?;
        Some(Client { socket, texts: Vec::new(), protocol: None, next_id: 0 })
    }

    /// Opens a connection with these headers.
    pub(crate) async fn with(address: SocketAddr, app: &str, headers: &[(&'static str, &str)]) -> Client {
        let stream = TcpStream::connect(address).await.unwrap();
        let url = format!("ws://{address}/v1/{app}/realtime");
        let mut request = url.into_client_request().unwrap();
        for &(name, value) in headers {
            request
                .headers_mut()
                .insert(HeaderName::from_static(name), HeaderValue::from_str(value).unwrap());
        }
        let (socket, response) = within(5, client_async(request, stream)).await.unwrap();
        let protocol = response.headers().get("sec-websocket-protocol");
        let protocol = protocol.map(|value| value.to_str().unwrap().to_owned());
        Client { socket, texts: Vec::new(), protocol, next_id: 0 }
    }

    /// Opens a connection and sends `hello`, which must be welcomed.
    pub(crate) async fn welcomed(address: SocketAddr, app: &str, user: &str, token: Option<&str>) -> Client {
        let mut client = Self::open(address, app).await;
        client.send(hello(user, token)).await;
        let welcome = client.frame().await;
        assert_eq!(welcome["t"], "welcome", "{welcome}");
        client
    }

    pub(crate) async fn send(&mut self, frame: Value) {
        self.send_text(&frame.to_string()).await;
    }

    pub(crate) async fn send_text(&mut self, text: &str) {
        self.socket.send(Message::text(text)).await.unwrap();
    }

    /// Returns the next message.
    pub(crate) async fn receive(&mut self) -> Received {
        loop {
            return match within(60, self.socket.next()).await {
                Some(Ok(Message::Text(text))) => {
                    self.texts.push(text.to_string());
                    Received::Frame(serde_json::from_str(&text).unwrap())
                }
                Some(Ok(Message::Ping(_))) => Received::Ping,
                Some(Ok(Message::Close(Some(close)))) => {
                    Received::Closed(close.code.into(), close.reason.to_string())
                }
                Some(Ok(Message::Close(None))) => Received::Closed(1005, String::new()),
                Some(Ok(_)) => continue,
                None | Some(Err(Error::Protocol(_) | Error::Io(_))) => Received::Closed(1006, String::new()),
                Some(Err(error)) => panic!("{error}"),
            };
        }
    }

    /// Returns the next message, which must be a frame.
    pub(crate) async fn frame(&mut self) -> Value {
        match self.receive().await {
            Received::Frame(frame) => frame,
            other => panic!("expected a frame, got {other:?}"),
        }
    }

    /// Reads until the connection is closed. Returns the error of the last `error` frame, if any, and the
    /// close code.
    pub(crate) async fn closed(&mut self) -> (Option<Value>, u16) {
        let mut error = None;
        loop {
            match self.receive().await {
                Received::Frame(frame) if frame["t"] == "error" => error = Some(frame["error"].clone()),
                Received::Frame(_) | Received::Ping => {}
                Received::Closed(code, _) => return (error, code),
            }
        }
    }

    /// Sends a request and returns its id.
    pub(crate) async fn send_request(&mut self, op: &str, params: Value) -> u32 {
        self.next_id += 1;
        let id = self.next_id;
        self.send(json!({ "t": "request", "id": id, "op": op, "params": params })).await;
        id
    }

    /// Sends a request and returns its result.
    pub(crate) async fn request(&mut self, op: &str, params: Value) -> Value {
        let id = self.send_request(op, params).await;
        let frame = self.frame().await;
        assert_eq!(frame["t"], "result", "{frame}");
        assert_eq!(frame["id"], id, "{frame}");
        frame
    }
}

/// Opens a TCP connection from an address of this machine.
pub(crate) async fn connect_from(from: &str, server: SocketAddr) -> Option<TcpStream> {
    let socket = TcpSocket::new_v4().ok()?;
    socket.bind(SocketAddr::new(from.parse().ok()?, 0)).ok()?;
    socket.connect(server).await.ok()
}

/// A `hello` of this user, with a client id made from the user's id.
pub(crate) fn hello(user: &str, token: Option<&str>) -> Value {
    let mut frame =
        json!({ "t": "hello", "user": user, "client": format!("client-of-{user}"), "sdk": "tests/1" });
    if let Some(token) = token {
        frame["token"] = json!(token);
    }
    frame
}
