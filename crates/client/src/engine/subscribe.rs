//! Subscriptions: adds and removes them, requests them on every connection, and delivers their frames in
//! order and without gaps until either side ends them.

use causerie_protocol::limits::SUBSCRIPTIONS;
use causerie_protocol::{ErrorBody, RequestId, ServerFrame};

use super::Engine;
use crate::config::Transport;
use crate::connection::Connection;
use crate::io::Output;
use crate::operation::Operation;
use crate::subscriptions::SeqCheck;
use crate::{Millis, errors};

impl<B, O: Operation> Engine<B, O> {
    /// Subscribes to a topic. If the topic is a list, `limit` is the number of entries to load at first.
    ///
    /// Frames for the subscription follow as [`Output::Deliver`] with the id returned, beginning with a
    /// reset. Requests and subscriptions share one sequence of ids. The engine stays connected, or keeps
    /// trying to connect, while there is a subscription.
    ///
    /// # Errors
    /// Returns an error at once if the session is over, uses HTTP only, or has too many subscriptions.
    ///
    /// # Example
    ///
    /// ```
    /// # use causerie_client::{Config, Engine, Input, Output, Transport};
    /// # use causerie_protocol::{ClientId, ConversationId, Entities, ServerFrame, Topic, UserId};
    /// # use serde_json::{Value, json};
    /// # let config = Config {
    /// #     user: UserId::new("ada")?,
    /// #     client: ClientId::new("7f3a0c9be15d4c2a8e6610f2b4d79a35")?,
    /// #     sdk: "example/1.0",
    /// #     transport: Transport::Auto,
    /// #     token: None,
    /// #     token_source: false,
    /// #     seed: 1,
    /// # };
    /// # let mut engine: Engine<Value> = Engine::new(config);
    /// let topic = Topic::Messages { id: ConversationId::new("order-391")? };
    /// let id = engine.subscribe(0, topic, Some(30))?;
    ///
    /// let Some(Output::Open(conn)) = engine.poll() else { panic!() };
    /// engine.handle_input(20, Input::Opened(conn));
    /// assert!(matches!(engine.poll(), Some(Output::Hello(..))));
    /// assert!(matches!(engine.poll(), Some(Output::Subscribe(..))));
    ///
    /// let value = Some(json!({ "items": ["msg_1"], "more": false }));
    /// let reset = ServerFrame::Reset { id, seq: Some(7), value, entities: Entities::none() };
    /// engine.handle_input(40, Input::Frame(conn, reset.clone()));
    /// assert_eq!(engine.poll(), Some(Output::Deliver(reset)));
    ///
    /// // A gap: event 8 is missing. Nothing is delivered, and the subscription is requested again.
    /// let (since, seq, changes) = (Some(8), Some(9), vec![json!({ "put": "msg_3" })]);
    /// let events = ServerFrame::Events { id, since, seq, changes, entities: Entities::none() };
    /// engine.handle_input(60, Input::Frame(conn, events));
    /// assert_eq!(engine.poll(), Some(Output::Unsubscribe(conn, id)));
    /// assert!(matches!(engine.poll(), Some(Output::Subscribe(..))));
    /// # Ok::<(), causerie_protocol::ErrorBody>(())
    /// ```
    pub fn subscribe(
        &mut self,
        now: Millis,
        topic: O::Topic,
        limit: Option<u32>,
    ) -> Result<RequestId, ErrorBody> {
        if matches!(self.connection, Connection::Ended) {
            return Err(errors::session_ended());
        }
        if self.config.transport == Transport::Http {
            return Err(errors::http_only());
        }
        if self.subscriptions.len() >= SUBSCRIPTIONS {
            return Err(errors::too_many_subscriptions());
        }
        let id = self.ids.next();
        self.subscriptions.insert(id, topic, limit);
        self.advance(now);
        Ok(id)
    }

    /// Ends a subscription. Nothing more is delivered under its id, even if frames for it still arrive.
    pub fn unsubscribe(&mut self, now: Millis, id: RequestId) {
        if let Some(wire_id) = self.subscriptions.remove(id) {
            self.outputs.push_back(Output::Unsubscribe(self.connection_id, wire_id));
        }
        self.mark_used(now);
        self.advance(now);
    }

    /// Sets the number of entries that the driver has loaded of a list. That many are requested if the
    /// subscription has to be requested again.
    pub fn set_window(&mut self, id: RequestId, limit: u32) {
        self.subscriptions.set_limit(id, limit);
    }

    /// Returns the topic of a subscription.
    pub(crate) fn topic(&self, id: RequestId) -> Option<&O::Topic> {
        self.subscriptions.topic(id)
    }

    /// Asks the server not to send bodies again that the driver has. From here on the driver keeps this many
    /// of those that arrive in [`Output::Deliver`].
    pub(crate) fn keep_bodies(&mut self, count: usize) {
        self.keeps_bodies = u32::try_from(count).ok();
    }

    /// Requests the subscriptions with ids below `end` that the current connection does not have yet.
    pub(super) fn send_subscriptions(&mut self, now: Millis, end: RequestId) {
        while let Some(subscribe) = self.subscriptions.take_unsent(now, end, &mut self.ids) {
            self.outputs.push_back(Output::Subscribe(self.connection_id, subscribe));
            self.mark_sent(now);
        }
    }

    /// Delivers a reset, events or an update, if it comes next. Requests a subscription again after a gap.
    ///
    /// The bodies of a frame that is not delivered are delivered as an update, if the driver keeps bodies:
    /// the server does not send them again.
    pub(super) fn on_subscription_frame(&mut self, now: Millis, mut frame: ServerFrame<B>) {
        let deliver = match &mut frame {
            ServerFrame::Reset { id, seq, .. } => self.subscriptions.apply_reset(id, *seq),
            ServerFrame::Events { id, since, seq, .. } => {
                let check = self.subscriptions.apply_events(id, *since, *seq);
                if matches!(check, SeqCheck::Gap) {
                    self.outputs.push_back(Output::Unsubscribe(self.connection_id, *id));
                    self.subscriptions.schedule_retry(now, *id, None, &mut self.backoff);
                }
                matches!(check, SeqCheck::Next)
            }
            // Without subscriptions the driver has no bodies to update, unless it keeps some.
            _ => self.keeps_bodies.is_some() || !self.subscriptions.is_empty(),
        };
        match frame {
            frame if deliver => self.outputs.push_back(Output::Deliver(frame)),
            ServerFrame::Reset { entities, .. } | ServerFrame::Events { entities, .. }
                if self.keeps_bodies.is_some() && !entities.is_empty() =>
            {
                self.outputs.push_back(Output::Deliver(ServerFrame::Update { entities }));
            }
            _ => {}
        }
    }

    /// Handles the end of a subscription by the server, or by a driver that cannot send it.
    pub(super) fn on_subscription_ended(&mut self, now: Millis, id: RequestId, error: ErrorBody) {
        if error.code.retryable() {
            self.subscriptions.schedule_retry(now, id, Some(&error), &mut self.backoff);
        } else if let Some(id) = self.subscriptions.remove_by_wire_id(id) {
            self.outputs.push_back(Output::Deliver(ServerFrame::Ended { id, error }));
        }
    }
}
