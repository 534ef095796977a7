//! Opens connections, sends requests and subscriptions on them, and closes them.

use causerie_protocol::frames::Hello;
use causerie_protocol::{CloseCode, RequestId};

use super::Engine;
use crate::Millis;
use crate::config::{OPEN_TIMEOUT, POST_TIMEOUT, PROBE_AFTER, Transport};
use crate::connection::{Connection, Socket};
use crate::io::Output;
use crate::operation::Operation;

impl<B, O: Operation> Engine<B, O> {
    pub(super) fn connect(&mut self, now: Millis) {
        let http =
            self.config.transport == Transport::Http || self.http_until.is_some_and(|until| now < until);
        if http {
            if self.pending.is_empty() {
                return;
            }
            let requests = self.pending.take_batch();
            self.connection = Connection::Posting { until: now + POST_TIMEOUT, count: requests.len() };
            self.outputs.push_back(Output::Post(self.connection_id, self.token.take_for_sending(), requests));
        } else {
            self.http_until = None;
            self.connection = Connection::Opening { until: now + OPEN_TIMEOUT };
            self.outputs.push_back(Output::Open(self.connection_id));
        }
    }

    pub(super) fn on_opened(&mut self, now: Millis) {
        if !matches!(self.connection, Connection::Opening { .. }) {
            return;
        }
        if self.token.is_missing() {
            // A token source was added while the socket opened: connect again once there is a token.
            return self.close_socket(CloseCode::Normal);
        }
        self.close_reason = None;
        self.connection = Connection::Open(Socket::opened(now));
        let hello = Hello {
            user: self.config.user.clone(),
            client: self.config.client.clone(),
            token: self.token.take_for_sending(),
            sdk: Some(self.config.sdk.to_owned()),
            keeps_bodies: self.keeps_bodies,
            generation: Some(self.connection_id),
        };
        // The requests follow without waiting for `welcome`, which saves a round trip.
        self.outputs.push_back(Output::Hello(self.connection_id, hello));
    }

    pub(super) fn send_unsent(&mut self, now: Millis) {
        for request in self.pending.take_unsent() {
            self.send_subscriptions(now, request.id);
            self.outputs.push_back(Output::Request(self.connection_id, request));
            self.mark_sent(now);
        }
        self.send_subscriptions(now, RequestId::MAX);
    }

    /// Records that something was sent to which the server responds.
    pub(super) fn mark_sent(&mut self, now: Millis) {
        self.mark_used(now);
        if let Connection::Open(socket) = &mut self.connection {
            socket.probe_at = Some(socket.probe_at.unwrap_or(now + PROBE_AFTER));
        }
    }

    pub(super) fn mark_used(&mut self, now: Millis) {
        if let Connection::Open(socket) = &mut self.connection {
            socket.last_used_at = now;
        }
    }

    pub(super) fn close_socket(&mut self, code: CloseCode) {
        self.outputs.push_back(Output::Close(self.connection_id, code));
        self.discard_connection();
    }

    /// Forgets the current connection. Later inputs about it are ignored, because its number is no longer
    /// current.
    pub(super) fn discard_connection(&mut self) {
        self.pending.connection_lost();
        self.subscriptions.connection_lost();
        self.connection_id = self.connection_id.wrapping_add(1);
        self.connection = Connection::Idle;
    }
}
