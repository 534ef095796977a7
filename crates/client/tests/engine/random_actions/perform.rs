//! Performs the actions of a random run.

use causerie_client::{ConnectionId, HttpFailure, Input, Millis, Transport};
use causerie_protocol::http::BatchResults;
use causerie_protocol::{ErrorBody, ErrorCode, ServerFrame};
use serde_json::Value;

use super::actions::Action;
use super::driver::{Connection, Driver};
use crate::support::{
    ended, error, error_frame, events, get_op, messages, ok, reset, set_op, update, welcome_to,
};

/// The id of a subscription that never existed.
const UNKNOWN: u32 = 77_777;

impl Driver {
    pub(super) fn perform(&mut self, action: Action) {
        match action {
            Action::Request { write } => {
                let op = if write { set_op("a") } else { get_op("ada") };
                match self.engine.request(self.now, op) {
                    Ok(id) => assert_eq!(self.pending.insert(id, self.now), None),
                    Err(error) => assert!(self.ended && error.code == ErrorCode::SessionEnded, "{error}"),
                }
                self.execute_outputs();
            }
            Action::OpenSocket => {
                if let Connection::Socket { conn, opened, .. } = &mut self.connection {
                    *opened = true;
                    let conn = *conn;
                    self.input(Input::Opened(conn));
                }
            }
            Action::Subscribe => {
                self.topics += 1;
                let topic = messages(&self.topics.to_string());
                match self.engine.subscribe(self.now, topic.clone(), None) {
                    Ok(id) => self.subscriptions.insert(id, topic),
                    Err(error) if self.transport == Transport::Http && !self.ended => {
                        assert_eq!(error.code, ErrorCode::Unsupported);
                    }
                    Err(error) => assert!(self.ended && error.code == ErrorCode::SessionEnded, "{error}"),
                }
                self.execute_outputs();
            }
            Action::Unsubscribe(index) => {
                let id = self.subscriptions.nth(index).unwrap_or(UNKNOWN);
                self.subscriptions.remove(id);
                self.engine.unsubscribe(self.now, id);
                self.execute_outputs();
            }
            Action::Welcome { expires_in, same_epoch } => {
                if let Connection::Socket { opened: true, welcomed, .. } = &mut self.connection {
                    *welcomed = true;
                    let epoch = if same_epoch { "e" } else { "f" };
                    self.subscriptions.set_epoch(epoch);
                    self.receive(welcome_to(epoch, expires_in.map(u64::from)));
                }
            }
            Action::Reset { index, seq } => match self.subscriptions.nth_sent(index) {
                Some((id, wire_id)) => {
                    self.subscriptions.before_reset(id, seq);
                    self.subscriptions.expected = vec![reset(id, seq)];
                    self.receive(reset(wire_id, seq));
                }
                None => self.receive(reset(UNKNOWN, seq)),
            },
            Action::Events { index, in_sequence } => match self.subscriptions.nth_sent(index) {
                Some((id, wire_id)) => {
                    let (since, next) = self.subscriptions.before_events(id, in_sequence);
                    let seq = since.map(|since| since + 2);
                    self.subscriptions.expected.extend(next.then(|| events(id, since, seq)));
                    self.receive(events(wire_id, since, seq));
                }
                None => self.receive(events(UNKNOWN, None, None)),
            },
            Action::Update => {
                let opened = matches!(self.connection, Connection::Socket { opened: true, .. });
                if opened && !self.subscriptions.is_empty() {
                    self.subscriptions.expected = vec![update()];
                }
                self.receive(update());
            }
            Action::EndSubscription { index, code, retry_after } => {
                let error = error_after(code, retry_after);
                match self.subscriptions.nth_sent(index) {
                    Some((id, wire_id)) => {
                        let permanently = !code.retryable();
                        self.subscriptions.before_ended(id, permanently);
                        self.subscriptions.expected.extend(permanently.then(|| ended(id, error.clone())));
                        self.receive(ended(wire_id, error));
                    }
                    None => self.receive(ended(UNKNOWN, error)),
                }
            }
            Action::OtherFrame(kind) => self.receive(match kind % 3 {
                0 => ServerFrame::Ping,
                1 => ServerFrame::Pong,
                _ => ServerFrame::Authenticated { token_expires_in: Some(u64::from(kind) * 500) },
            }),
            Action::Result(index) => {
                if let Connection::Socket { sent, .. } = &self.connection {
                    let id = sent.get(index.min(sent.len().saturating_sub(1))).copied();
                    self.receive(ServerFrame::Result(ok(id.unwrap_or(77))));
                }
            }
            Action::ErrorFrame { code, retry_after } => {
                self.receive(error_frame(error_after(code, retry_after)));
            }
            Action::CloseSocket(code) => {
                if let Connection::Socket { conn, .. } = self.connection {
                    self.disconnect();
                    self.input(Input::Closed(conn, code));
                }
            }
            Action::CompletePost { all } => {
                if let Connection::Post { conn, ids } = &self.connection {
                    let count = if all { ids.len() } else { ids.len() / 2 };
                    let results = ids.iter().take(count).map(|id| ok(*id)).collect();
                    let conn = *conn;
                    self.connection = Connection::None;
                    self.input(Input::PostCompleted(conn, BatchResults { results, token_expires_in: None }));
                }
            }
            Action::FailPost(code) => {
                if let Connection::Post { conn, .. } = self.connection {
                    self.connection = Connection::None;
                    let failure =
                        code.map_or(HttpFailure::Network, |code| HttpFailure::Rejected(error(code)));
                    self.input(Input::PostFailed(conn, failure));
                }
            }
            Action::Unsendable(index) => {
                let id = self.pending.keys().nth(index).copied().unwrap_or(77);
                self.input(Input::Unsendable(id, error(ErrorCode::TooLarge)));
            }
            Action::Token => {
                self.token_requested_at = None;
                self.input(Input::Token("t".to_owned()));
            }
            Action::TokenFailed => {
                self.token_requested_at = None;
                self.input(Input::TokenFailed("no token".to_owned()));
            }
            Action::TokenSource(has_source) => self.input(Input::TokenSource(has_source)),
            Action::Wake => {
                self.suspended = false;
                self.input(Input::Wake);
            }
            Action::Suspend => {
                self.suspended = true;
                self.input(Input::Suspend);
            }
            Action::Advance(time) => self.advance(Millis::from(time)),
            Action::AdvanceWithoutTicks(time) => {
                self.now += Millis::from(time);
                self.input(Input::Tick);
            }
            Action::Stale { kind, back } => self.send_stale_input(kind, self.last_conn.saturating_sub(back)),
        }
    }

    fn receive(&mut self, frame: ServerFrame<Value>) {
        if let Connection::Socket { conn, opened: true, .. } = self.connection {
            self.input(Input::Frame(conn, frame));
        }
    }

    /// Reports an event of a replaced connection, and checks that it changes nothing.
    fn send_stale_input(&mut self, kind: u8, conn: ConnectionId) {
        let current = match self.connection {
            Connection::None => 0,
            Connection::Socket { conn, .. } | Connection::Post { conn, .. } => conn,
        };
        if conn == current {
            return;
        }
        let before = (self.engine.deadline(), self.pending.len());
        let first = self.pending.keys().next().copied().unwrap_or(1);
        let wire_id = self.subscriptions.nth_sent(0).map_or(1, |(_, wire_id)| wire_id);
        self.input(match kind % 9 {
            0 => Input::Opened(conn),
            1 => Input::Closed(conn, 4_404),
            2 => Input::Frame(conn, ServerFrame::Result(ok(first))),
            3 => Input::UnknownFrame(conn),
            4 => Input::Frame(conn, reset(wire_id, Some(1))),
            5 => Input::Frame(conn, events(wire_id, Some(888), Some(889))),
            6 => Input::Frame(conn, ended(wire_id, error(ErrorCode::InvalidArgument))),
            7 => Input::PostCompleted(
                conn,
                BatchResults { results: vec![ok(first)], token_expires_in: Some(1) },
            ),
            _ => Input::PostFailed(conn, HttpFailure::Rejected(error(ErrorCode::Forbidden))),
        });
        let after = (self.engine.deadline(), self.pending.len());
        assert_eq!(after, before, "an input about a replaced connection had an effect");
    }
}

fn error_after(code: ErrorCode, retry_after: Option<u32>) -> ErrorBody {
    retry_after.map_or(error(code), |after| error(code).after(after))
}
