//! Drives the sans-I/O engine over a tokio WebSocket.
//!
//! The flow of [`Driver::next_event`]: execute all outputs of the engine, wait for a message of the socket or
//! for the engine's deadline, report it as an input, and start over. An output for the program ends the call.

use std::time::Duration;

use anyhow::{Context as _, Result, anyhow};
use causerie_client::{Config, ConnectionId, Engine, HttpFailure, Input, Millis, Output, Transport};
use causerie_protocol::version::SUBPROTOCOL;
use causerie_protocol::{
    ClientFrame, ClientId, ErrorBody, Op, Outcome, RequestId, ServerFrame, Topic, UserId,
};
use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::Value;
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep_until, timeout_at};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

/// The close code of a connection that was lost without a close frame.
const ABNORMAL_CLOSURE: u16 = 1006;

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// An output of the engine for the program.
pub(crate) enum Event {
    Settled(Outcome<Value>),
    Delivered(ServerFrame<Value>),
}

/// An engine with a socket and a clock.
pub(crate) struct Driver {
    engine: Engine<Value>,
    url: String,
    start: Instant,
    socket: Option<(ConnectionId, Socket)>,
}

impl Driver {
    /// Creates a driver for an app on a server, such as `ws://127.0.0.1:8787`. The connection opens with the
    /// first request or subscription.
    pub(crate) fn new(server: &str, app: &str, user: UserId) -> Result<Self> {
        // The client id must be hard to guess, because the server stores the outcomes of writes under it.
        let mut random = [0; 24];
        getrandom::fill(&mut random).context("no random numbers")?;
        let (id, seed) = random.split_at(16);
        let id: String = id.iter().map(|byte| format!("{byte:02x}")).collect();
        let engine = Engine::new(Config {
            user,
            client: ClientId::new(id).map_err(to_anyhow)?,
            sdk: concat!("causerie-native-client/", env!("CARGO_PKG_VERSION")),
            transport: Transport::Auto,
            token: None,
            token_source: false,
            seed: seed.iter().fold(0, |seed, byte| seed << 8 | u64::from(*byte)),
        });
        let url = format!("{server}/v1/{app}/realtime");
        Ok(Driver { engine, url, start: Instant::now(), socket: None })
    }

    /// Makes a request. Its outcome follows as [`Event::Settled`] with the id returned.
    pub(crate) fn request(&mut self, op: Op) -> Result<RequestId> {
        self.engine.request(self.now(), op).map_err(to_anyhow)
    }

    /// Subscribes to a topic. Its frames follow as [`Event::Delivered`] with the id returned.
    pub(crate) fn subscribe(&mut self, topic: Topic) -> Result<RequestId> {
        self.engine.subscribe(self.now(), topic, None).map_err(to_anyhow)
    }

    /// Runs the engine until it has an event for the program.
    ///
    /// # Errors
    /// Returns the error that ended the session.
    pub(crate) async fn next_event(&mut self) -> Result<Event> {
        loop {
            while let Some(output) = self.engine.poll() {
                if let Some(event) = self.execute(output).await? {
                    return Ok(event);
                }
            }
            let input = self.next_input().await;
            self.engine.handle_input(self.now(), input);
        }
    }

    /// Closes the connection, so that the server need not wait for its timeout.
    pub(crate) async fn close(mut self) -> Result<()> {
        self.engine.handle_input(self.now(), Input::Suspend);
        while let Some(output) = self.engine.poll() {
            self.execute(output).await?;
        }
        Ok(())
    }

    async fn execute(&mut self, output: Output<Value>) -> Result<Option<Event>> {
        match output {
            Output::Open(conn) => self.open(conn).await?,
            Output::Hello(conn, hello) => self.send(conn, &ClientFrame::Hello(hello)).await?,
            Output::Request(conn, request) => self.send(conn, &ClientFrame::Request(request)).await?,
            Output::Subscribe(conn, subscribe) => self.send(conn, &ClientFrame::Subscribe(subscribe)).await?,
            Output::Unsubscribe(conn, id) => self.send(conn, &ClientFrame::Unsubscribe { id }).await?,
            Output::Auth(conn, token) => self.send(conn, &ClientFrame::Auth { token }).await?,
            Output::Ping(conn) => self.send(conn, &ClientFrame::Ping).await?,
            Output::Close(..) => {
                if let Some((_, mut socket)) = self.socket.take() {
                    // An error means that the connection is closed already.
                    let _ = socket.close(None).await;
                }
            }
            // Without an HTTP client the fallback always fails, and the engine tries the next WebSocket.
            Output::Post(conn, ..) => self.report(Input::PostFailed(conn, HttpFailure::Network)),
            Output::AbortPost(_) => {}
            Output::Settle(outcome) => return Ok(Some(Event::Settled(outcome))),
            Output::Deliver(frame) => return Ok(Some(Event::Delivered(frame))),
            Output::NeedToken => self.report(Input::TokenFailed("this client has no tokens".to_owned())),
            Output::Ended(error) => return Err(to_anyhow(error)),
        }
        Ok(None)
    }

    async fn open(&mut self, conn: ConnectionId) -> Result<()> {
        let mut request = self.url.as_str().into_client_request().context("the server's URL is invalid")?;
        request.headers_mut().insert("sec-websocket-protocol", HeaderValue::from_static(SUBPROTOCOL));
        match timeout_at(self.deadline(), connect_async(request)).await {
            Ok(Ok((socket, _))) => {
                self.socket = Some((conn, socket));
                self.report(Input::Opened(conn));
            }
            Ok(Err(_)) => self.report(Input::Closed(conn, ABNORMAL_CLOSURE)),
            Err(_) => self.report(Input::Tick), // the engine's deadline for opening is over
        }
        Ok(())
    }

    async fn send(&mut self, conn: ConnectionId, frame: &ClientFrame) -> Result<()> {
        let text = serde_json::to_string(frame)?;
        if let Some((current, socket)) = &mut self.socket
            && *current == conn
            && socket.send(Message::text(text)).await.is_err()
        {
            self.socket = None;
            self.report(Input::Closed(conn, ABNORMAL_CLOSURE));
        }
        Ok(())
    }

    /// Waits for a message of the socket, or for the engine's deadline.
    async fn next_input(&mut self) -> Input<Value> {
        let deadline = self.deadline();
        let Some((conn, socket)) = &mut self.socket else {
            sleep_until(deadline).await;
            return Input::Tick;
        };
        let conn = *conn;
        let message = tokio::select! {
            message = socket.next() => message,
            () = sleep_until(deadline) => return Input::Tick,
        };
        let code = match message {
            Some(Ok(Message::Text(text))) => {
                let frame = serde_json::from_str(&text);
                return frame.map_or(Input::UnknownFrame(conn), |frame| Input::Frame(conn, frame));
            }
            // The library answers WebSocket pings itself. They need not reach the engine.
            Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Binary(_) | Message::Frame(_))) => {
                return Input::Tick;
            }
            Some(Ok(Message::Close(Some(close)))) => close.code.into(),
            Some(Ok(Message::Close(None)) | Err(_)) | None => ABNORMAL_CLOSURE,
        };
        self.socket = None;
        Input::Closed(conn, code)
    }

    fn report(&mut self, input: Input<Value>) {
        self.engine.handle_input(self.now(), input);
    }

    fn now(&self) -> Millis {
        u64::try_from(self.start.elapsed().as_millis()).unwrap_or(Millis::MAX)
    }

    /// Returns the engine's deadline, or a time far in the future.
    fn deadline(&self) -> Instant {
        self.start + Duration::from_millis(self.engine.deadline().unwrap_or(86_400_000_000))
    }
}

/// Converts an error of the protocol, whose message is meant for people.
pub(crate) fn to_anyhow(error: ErrorBody) -> anyhow::Error {
    anyhow!("{error}")
}
