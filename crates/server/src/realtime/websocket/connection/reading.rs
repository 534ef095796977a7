//! Reading: one message at a time, while the pipeline and the send queue have capacity for another request
//! and its answer, and within the client's rate.

use std::pin::Pin;
use std::task::{Context, Poll};

use causerie_protocol::decode::{self, DecodeError};
use causerie_protocol::frames::Subscribe;
use causerie_protocol::limits::FRAME_BYTES;
use causerie_protocol::{ClientFrame, CloseCode, ErrorBody, Outcome, Request};
use futures_util::Stream as _;
use tokio::time::Instant;
use tokio_tungstenite::tungstenite::Message;

use super::{Connection, Frame, PING_INTERVAL};
use crate::encoding::SentBodies;
use crate::rate_limits::Cost;
use crate::realtime::websocket::close::CloseReason;
use crate::realtime::websocket::session::Session;
use crate::realtime::websocket::socket::ByteStream;
use crate::response::too_large;
use crate::rules::EncodedOutcome;
use crate::subscriptions::Command;

/// The number of frames that may be refused because of a rate before the connection is closed. Each frame
/// that is accepted makes up for one.
const MAX_RATE_LIMITED_FRAMES: u32 = 1_000;
/// The number of bytes of requests without a result, and of commands that wait. While there are more, nothing
/// is read.
const PENDING_BYTES: usize = 4 * FRAME_BYTES;
/// The number of characters of the client's SDK name that are logged.
const SDK_NAME_CHARS: usize = 64;

impl<T: ByteStream> Connection<T> {
    /// Reads one message if there is one, and if there is capacity for another request and its answer.
    pub(super) fn poll_message(&mut self, cx: &mut Context<'_>) -> Result<bool, CloseReason> {
        let limit = self.state.config.limits.pending_per_connection as usize;
        let (len, bytes) = self.session.as_ref().map_or((0, 0), |session| session.pipeline.pending());
        let (commands, command_bytes) = self.subscriptions.pending_commands();
        let is_full = len >= limit || commands >= limit || bytes + command_bytes >= PENDING_BYTES;
        if is_full || self.closing.is_some() || !self.has_room() {
            return Ok(false);
        }
        match Pin::new(&mut self.socket).poll_next(cx) {
            Poll::Pending => Ok(false),
            Poll::Ready(None) => Err(CloseReason::Gone),
            Poll::Ready(Some(Err(error))) => Err(CloseReason::from_socket_error(&error)),
            Poll::Ready(Some(Ok(message))) => {
                self.last_received = Instant::now();
                self.on_message(message)?;
                Ok(true)
            }
        }
    }

    fn on_message(&mut self, message: Message) -> Result<(), CloseReason> {
        if self.session.as_ref().is_some_and(Session::is_superseded) {
            return Err(CloseReason::Gone);
        }
        let text = match message {
            Message::Text(text) => text,
            // The library queues the pong in its own buffer, which must be flushed.
            Message::Ping(_) => {
                self.flushed = false;
                let checked = self.state.rate_limits.check_frame(&self.rate);
                return checked.or_else(|error| self.count_rate_limited(error));
            }
            Message::Pong(_) | Message::Close(_) | Message::Frame(_) => {
                self.flushed = false;
                return Ok(());
            }
            Message::Binary(_) => {
                let message = "frames are JSON in text messages, and this message is binary";
                return Err(CloseReason::invalid_frame(message));
            }
        };
        if text.len() > FRAME_BYTES {
            return Err(CloseReason::Close(CloseCode::TooLarge, too_large()));
        }
        let (bytes, frame) = (text.len(), decode::client_frame(&text));
        match (&self.session, frame) {
            (_, Err(DecodeError::NotAFrame(error))) => {
                Err(CloseReason::Close(CloseCode::InvalidFrame, error))
            }
            (None, Ok(ClientFrame::Hello(hello))) => {
                let sdk: String = hello.sdk.iter().flat_map(|sdk| sdk.chars()).take(SDK_NAME_CHARS).collect();
                let sent_bodies = SentBodies::new(hello.keeps_bodies);
                let (session, welcome) = Session::begin(&self.state, &self.admission.app, hello)?;
                tracing::debug!(user = session.user().as_str(), sdk, "client welcomed");
                self.session = Some(session);
                self.sent_bodies = sent_bodies;
                self.next_ping = Instant::now() + PING_INTERVAL;
                self.update_token_deadline();
                self.send(&Frame::Welcome(welcome))
            }
            (None, _) => Err(CloseReason::hello_expected("the first frame must be a `hello`")),
            (Some(_), Ok(ClientFrame::Hello(_))) => Err(second_hello()),
            (Some(_), frame) => match self.state.rate_limits.check_frame(&self.rate) {
                Ok(()) => self.on_frame(frame, bytes),
                Err(error) => self.on_rate_limited(frame, bytes, error),
            },
        }
    }

    /// Handles a frame of this size after `hello`.
    fn on_frame(&mut self, frame: Result<ClientFrame, DecodeError>, bytes: usize) -> Result<(), CloseReason> {
        match frame {
            Ok(ClientFrame::Request(request)) => self.on_request(request, bytes),
            Ok(ClientFrame::Ping) => self.send(&Frame::Pong),
            Ok(ClientFrame::Auth { token }) => {
                let Some(session) = &mut self.session else { return Ok(()) };
                let token_expires_in = session.renew(&self.state, &self.admission.app, &token)?;
                self.update_token_deadline();
                self.send(&Frame::Authenticated { token_expires_in })
            }
            Ok(ClientFrame::Subscribe(subscribe)) => self.on_subscribe(subscribe, bytes),
            Ok(ClientFrame::Unsubscribe { id }) => {
                self.push_command(Command::Unsubscribe(id));
                Ok(())
            }
            Err(DecodeError::BadRequest { id, error }) => {
                self.log_invalid_frame(&error);
                self.push_outcome(Outcome::failed(id, error));
                Ok(())
            }
            Err(DecodeError::BadSubscription { id, error }) => {
                self.log_invalid_frame(&error);
                self.send(&Frame::Ended { id, error })
            }
            Err(DecodeError::UnknownFrame(error)) => {
                self.log_invalid_frame(&error);
                self.send(&Frame::Error { error })
            }
            // `on_message` handles these two before; both end the connection.
            Ok(ClientFrame::Hello(_)) => Err(second_hello()),
            Err(DecodeError::NotAFrame(error)) => Err(CloseReason::Close(CloseCode::InvalidFrame, error)),
        }
    }

    fn on_request(&mut self, request: Request, bytes: usize) -> Result<(), CloseReason> {
        let checked = self.check_request_rates(Cost::of(&request.op, bytes));
        let Some(session) = &mut self.session else { return Ok(()) };
        match checked {
            Ok(()) => {
                self.state.service.hub().record_activity(&session.app_id, &session.user_key.1);
                session.pipeline.push(request, bytes);
            }
            Err(error) => {
                self.count_rate_limited(error.clone())?;
                self.push_outcome(Outcome::failed(request.id, error));
            }
        }
        Ok(())
    }

    /// Handles a subscription, which counts against the rates like a request.
    fn on_subscribe(&mut self, subscribe: Subscribe, bytes: usize) -> Result<(), CloseReason> {
        match self.check_request_rates(Cost::of_topic(&subscribe.topic)) {
            Ok(()) => {
                self.push_command(Command::Subscribe { subscribe: Box::new(subscribe), bytes });
                Ok(())
            }
            Err(error) => {
                self.count_rate_limited(error.clone())?;
                self.send(&Frame::Ended { id: subscribe.id, error })
            }
        }
    }

    /// Counts a request against the rates of the user and of the address.
    fn check_request_rates(&mut self, cost: Cost) -> Result<(), ErrorBody> {
        let Some(session) = &self.session else { return Ok(()) };
        let rate_limits = &self.state.rate_limits;
        rate_limits.check_user(&session.user_key, cost)?;
        rate_limits.check_address(self.admission.address, cost)?;
        self.rate_limited_frames = self.rate_limited_frames.saturating_sub(1);
        Ok(())
    }

    /// Adds a command to the pipeline, in its order among the requests.
    fn push_command(&mut self, command: Command) {
        if let Some(session) = &mut self.session {
            session.pipeline.push_command(command);
        }
    }

    /// Adds a known outcome to the pipeline, in its order among the others.
    fn push_outcome(&mut self, outcome: EncodedOutcome) {
        if let Some(session) = &mut self.session {
            session.pipeline.push_outcome(outcome);
        }
    }

    /// Handles a frame that exceeds the connection's rate: it gets an error, and too many in a row close the
    /// connection.
    fn on_rate_limited(
        &mut self,
        frame: Result<ClientFrame, DecodeError>,
        bytes: usize,
        error: ErrorBody,
    ) -> Result<(), CloseReason> {
        self.count_rate_limited(error.clone())?;
        match frame {
            Ok(ClientFrame::Request(Request { id, .. })) | Err(DecodeError::BadRequest { id, .. }) => {
                self.push_outcome(Outcome::failed(id, error));
                Ok(())
            }
            Ok(ClientFrame::Subscribe(Subscribe { id, .. }))
            | Err(DecodeError::BadSubscription { id, .. }) => self.send(&Frame::Ended { id, error }),
            // None of these may be lost, and none costs the store anything. The client does not repeat an
            // `unsubscribe`: without it, the subscription would last as long as the connection.
            frame @ Ok(ClientFrame::Auth { .. } | ClientFrame::Ping | ClientFrame::Unsubscribe { .. }) => {
                self.on_frame(frame, bytes)
            }
            _ => self.send(&Frame::Error { error }),
        }
    }

    fn count_rate_limited(&mut self, error: ErrorBody) -> Result<(), CloseReason> {
        self.rate_limited_frames += 1;
        if self.rate_limited_frames > MAX_RATE_LIMITED_FRAMES {
            return Err(CloseReason::Close(CloseCode::RateLimited, error));
        }
        Ok(())
    }

    /// Logs that a frame is invalid: the first one of a connection as info, all others as debug.
    fn log_invalid_frame(&mut self, error: &ErrorBody) {
        let (user, code) = (self.user(), error.code.name());
        if self.logged_invalid_frame {
            tracing::debug!(user, code, "invalid frame");
        } else {
            tracing::info!(user, code, "invalid frame; further ones are logged as debug");
        }
        self.logged_invalid_frame = true;
    }
}

fn second_hello() -> CloseReason {
    CloseReason::hello_expected("there was a `hello` already on this connection")
}
