//! What a client sends: one message at a time, as far as there is room for what it asks, and within its rate.

use std::pin::Pin;
use std::task::{Context, Poll};

use causerie_protocol::decode::{self, DecodeError};
use causerie_protocol::frames::Subscribe;
use causerie_protocol::limits::FRAME_BYTES;
use causerie_protocol::{ClientFrame, CloseCode, ErrorBody, ErrorCode, Outcome, Request};
use futures_util::Stream as _;
use tokio::time::Instant;
use tokio_tungstenite::tungstenite::Message;

use super::timers::PING_INTERVAL;
use super::{Connection, Frame};
use crate::realtime::pipeline::Answer;
use crate::realtime::websocket::close::CloseReason;
use crate::realtime::websocket::session::Session;
use crate::response::too_large;
use crate::subscriptions::Command;

/// How many requests in a row are refused for their rate before the connection is closed.
const REFUSALS: u32 = 1_000;
/// How much of the client's name for itself goes into the logs.
const SDK_CHARS: usize = 64;

impl Connection {
    /// Reads one message where there is one and room for what it asks.
    pub(super) fn listen(&mut self, cx: &mut Context<'_>) -> Result<bool, CloseReason> {
        let most = self.state.config.limits.pending_per_connection as usize;
        let full = self.session.as_ref().is_some_and(|session| session.pipeline.len() >= most)
            || self.live.pending_commands() >= most;
        if full || self.finishing.is_some() {
            return Ok(false);
        }
        match Pin::new(&mut self.socket).poll_next(cx) {
            Poll::Pending => Ok(false),
            Poll::Ready(None) => Err(CloseReason::Gone),
            Poll::Ready(Some(Err(error))) => Err(CloseReason::of(&error)),
            Poll::Ready(Some(Ok(message))) => {
                self.last_heard = Instant::now();
                self.message(message)?;
                Ok(true)
            }
        }
    }

    fn message(&mut self, message: Message) -> Result<(), CloseReason> {
        if self.session.as_ref().is_some_and(Session::is_superseded) {
            return Err(CloseReason::Gone);
        }
        let text = match message {
            Message::Text(text) => text,
            // The library answers it; the answer waits in its buffer.
            Message::Ping(_) => {
                self.flushed = false;
                return self.state.rate_limits.frame(&self.meter).or_else(|error| self.refuse(error));
            }
            Message::Pong(_) | Message::Close(_) | Message::Frame(_) => {
                self.flushed = false;
                return Ok(());
            }
            Message::Binary(_) => {
                return Err(invalid("frames are JSON in text messages, and this one is binary"));
            }
        };
        if text.len() > FRAME_BYTES {
            return Err(CloseReason::Close(CloseCode::TooLarge, too_large()));
        }
        let frame = decode::client_frame(&text);
        match (&self.session, frame) {
            (_, Err(DecodeError::NotAFrame(error))) => {
                Err(CloseReason::Close(CloseCode::InvalidFrame, error))
            }
            (None, Ok(ClientFrame::Hello(hello))) => {
                let sdk: String = hello.sdk.iter().flat_map(|sdk| sdk.chars()).take(SDK_CHARS).collect();
                let (session, welcome) = Session::begin(&self.state, &self.admission.app, hello)?;
                let user = session.user().as_str();
                tracing::debug!(app = %self.admission.app.id, user, sdk, "welcomed");
                self.session = Some(session);
                self.next_ping = Instant::now() + PING_INTERVAL;
                self.token_changed();
                self.send(&Frame::Welcome(welcome))
            }
            (None, _) => Err(hello_expected("the first frame must be a `hello`")),
            (Some(_), Ok(ClientFrame::Hello(_))) => {
                Err(hello_expected("there was a `hello` already on this connection"))
            }
            (Some(_), frame) => match self.state.rate_limits.frame(&self.meter) {
                Ok(()) => self.frame(frame),
                Err(error) => self.over_rate(frame, error),
            },
        }
    }

    /// A frame of a client that has been welcomed.
    fn frame(&mut self, frame: Result<ClientFrame, DecodeError>) -> Result<(), CloseReason> {
        self.refused = 0;
        match frame {
            Ok(ClientFrame::Request(request)) => self.request(request),
            Ok(ClientFrame::Ping) => self.send(&Frame::Pong),
            Ok(ClientFrame::Auth { token }) => {
                let Some(session) = &mut self.session else { return Ok(()) };
                let token_expires_in = session.renew(&self.state, &self.admission.app, &token)?;
                self.token_changed();
                self.send(&Frame::Authenticated { token_expires_in })
            }
            Ok(ClientFrame::Subscribe(subscribe)) => self.subscribe(subscribe),
            Ok(ClientFrame::Unsubscribe { id }) => {
                self.command(Command::Unsubscribe(id));
                Ok(())
            }
            Err(DecodeError::BadRequest { id, error }) => {
                self.note(&error);
                self.answer(Outcome::failed(id, error));
                Ok(())
            }
            Err(DecodeError::BadSubscription { id, error }) => {
                self.note(&error);
                self.send(&Frame::Ended { id, error })
            }
            Err(DecodeError::UnknownFrame(error)) => {
                self.note(&error);
                self.send(&Frame::Error { error })
            }
            // Taken care of before; both end the connection.
            Ok(ClientFrame::Hello(_)) => {
                Err(hello_expected("there was a `hello` already on this connection"))
            }
            Err(DecodeError::NotAFrame(error)) => Err(CloseReason::Close(CloseCode::InvalidFrame, error)),
        }
    }

    fn request(&mut self, request: Request) -> Result<(), CloseReason> {
        let Some(session) = &mut self.session else { return Ok(()) };
        let gate = &self.state.rate_limits;
        match gate.user(&session.key).and_then(|()| gate.address(self.admission.address)) {
            Ok(()) => {
                self.state.service.hub().seen(&session.app, &session.key.1);
                session.pipeline.push(request);
            }
            Err(error) => self.answer(Outcome::failed(request.id, error)),
        }
        Ok(())
    }

    /// A subscription counts like a request.
    fn subscribe(&mut self, subscribe: Subscribe) -> Result<(), CloseReason> {
        let Some(session) = &mut self.session else { return Ok(()) };
        let gate = &self.state.rate_limits;
        match gate.user(&session.key).and_then(|()| gate.address(self.admission.address)) {
            Ok(()) => {
                session.pipeline.push_command(Command::Subscribe(Box::new(subscribe)));
                Ok(())
            }
            Err(error) => self.send(&Frame::Ended { id: subscribe.id, error }),
        }
    }

    /// Puts what concerns subscriptions in its place among the requests.
    fn command(&mut self, command: Command) {
        if let Some(session) = &mut self.session {
            session.pipeline.push_command(command);
        }
    }

    /// A frame over the connection's rate: a request is refused in words, and whoever goes on all the same is closed.
    fn over_rate(
        &mut self,
        frame: Result<ClientFrame, DecodeError>,
        error: ErrorBody,
    ) -> Result<(), CloseReason> {
        self.refuse(error.clone())?;
        match frame {
            Ok(ClientFrame::Request(Request { id, .. })) | Err(DecodeError::BadRequest { id, .. }) => {
                self.answer(Outcome::failed(id, error));
                Ok(())
            }
            Ok(ClientFrame::Subscribe(Subscribe { id, .. }))
            | Err(DecodeError::BadSubscription { id, .. }) => self.send(&Frame::Ended { id, error }),
            // A token must not be lost, nor a sign of life; neither asks the store for anything.
            other @ Ok(ClientFrame::Auth { .. } | ClientFrame::Ping) => {
                let refused = self.refused;
                let done = self.frame(other);
                self.refused = refused;
                done
            }
            _ => self.send(&Frame::Error { error }),
        }
    }

    /// Counts a frame that was not let through.
    fn refuse(&mut self, error: ErrorBody) -> Result<(), CloseReason> {
        self.refused += 1;
        if self.refused > REFUSALS { Err(CloseReason::Close(CloseCode::RateLimited, error)) } else { Ok(()) }
    }

    /// Puts an answer made here in its place among the others.
    fn answer(&mut self, answer: Answer) {
        if let Some(session) = &mut self.session {
            session.pipeline.push_answer(answer);
        }
    }

    /// Notes that a frame could not be read: the first of a connection for everybody, the others for who looks closely.
    fn note(&mut self, error: &ErrorBody) {
        let (app, user) = self.names();
        let code = error.code.name();
        if self.noted {
            tracing::debug!(app, user, code, "a frame could not be carried out");
        } else {
            tracing::info!(
                app,
                user,
                code,
                "a frame could not be carried out; further ones are logged as debug"
            );
        }
        self.noted = true;
    }
}

fn invalid(message: &str) -> CloseReason {
    CloseReason::Close(CloseCode::InvalidFrame, ErrorBody::new(ErrorCode::InvalidFrame, message))
}

fn hello_expected(message: &str) -> CloseReason {
    CloseReason::Close(CloseCode::HelloExpected, ErrorBody::new(ErrorCode::InvalidFrame, message))
}
