//! A WebSocket client that keeps every text it was sent.

use std::net::SocketAddr;

use futures_util::{SinkExt as _, StreamExt as _};
use hyper::header::{HeaderName, HeaderValue};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{WebSocketStream, client_async};

use super::within;

/// What comes from the server.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Heard {
    Frame(Value),
    Ping,
    /// Closed with this code and reason; with 1006 where there was no close frame, as browsers say it.
    Closed(u16, String),
}

pub(crate) struct Client {
    pub(crate) socket: WebSocketStream<TcpStream>,
    /// Every text as it came.
    pub(crate) raw: Vec<String>,
    /// The subprotocol that the server confirmed.
    pub(crate) protocol: Option<String>,
    next_id: u32,
}

impl Client {
    /// Opens a connection to an app, as our SDK does.
    pub(crate) async fn open(address: SocketAddr, app: &str) -> Client {
        Self::with(address, app, &[("sec-websocket-protocol", "causerie.v1")]).await
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
        let (socket, answer) = within(5, client_async(request, stream)).await.unwrap();
        let protocol = answer.headers().get("sec-websocket-protocol");
        let protocol = protocol.map(|value| value.to_str().unwrap().to_owned());
        Client { socket, raw: Vec::new(), protocol, next_id: 0 }
    }

    /// Opens a connection and says `hello`, which must be welcomed.
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

    /// What comes next.
    pub(crate) async fn hear(&mut self) -> Heard {
        loop {
            return match within(60, self.socket.next()).await {
                Some(Ok(Message::Text(text))) => {
                    self.raw.push(text.to_string());
                    Heard::Frame(serde_json::from_str(&text).unwrap())
                }
                Some(Ok(Message::Ping(_))) => Heard::Ping,
                Some(Ok(Message::Close(Some(close)))) => {
                    Heard::Closed(close.code.into(), close.reason.to_string())
                }
                Some(Ok(Message::Close(None))) => Heard::Closed(1005, String::new()),
                Some(Ok(_)) => continue,
                None | Some(Err(Error::Protocol(_) | Error::Io(_))) => Heard::Closed(1006, String::new()),
                Some(Err(error)) => panic!("{error}"),
            };
        }
    }

    /// The next frame.
    pub(crate) async fn frame(&mut self) -> Value {
        match self.hear().await {
            Heard::Frame(frame) => frame,
            other => panic!("a frame was expected, and came {other:?}"),
        }
    }

    /// The last words: the error of the last `error` frame, if any, and the close code.
    pub(crate) async fn end(&mut self) -> (Option<Value>, u16) {
        let mut error = None;
        loop {
            match self.hear().await {
                Heard::Frame(frame) if frame["t"] == "error" => error = Some(frame["error"].clone()),
                Heard::Frame(_) | Heard::Ping => {}
                Heard::Closed(code, _) => return (error, code),
            }
        }
    }

    /// Sends a request and returns its number.
    pub(crate) async fn ask(&mut self, op: &str, params: Value) -> u32 {
        self.next_id += 1;
        let id = self.next_id;
        self.send(json!({ "t": "request", "id": id, "op": op, "params": params })).await;
        id
    }

    /// Sends a request and waits for its outcome.
    pub(crate) async fn request(&mut self, op: &str, params: Value) -> Value {
        let id = self.ask(op, params).await;
        let frame = self.frame().await;
        assert_eq!(frame["t"], "result", "{frame}");
        assert_eq!(frame["id"], id, "{frame}");
        frame
    }
}

/// A `hello` of this user, with a client id of the user's own.
pub(crate) fn hello(user: &str, token: Option<&str>) -> Value {
    let mut frame =
        json!({ "t": "hello", "user": user, "client": format!("client-of-{user}"), "sdk": "tests/1" });
    if let Some(token) = token {
        frame["token"] = json!(token);
    }
    frame
}
