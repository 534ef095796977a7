//! What the engine does for subscriptions: taking them in, asking for them on every connection, and passing on what
//! comes for them, in order and without gaps, until either side ends them.

use causerie_protocol::limits::SUBSCRIPTIONS;
use causerie_protocol::{ErrorBody, RequestId, ServerFrame};

use super::{Engine, Link};
use crate::config::Transport;
use crate::io::Output;
use crate::operation::Operation;
use crate::subscriptions::Heard;
use crate::{Millis, texts};

impl<B, O: Operation> Engine<B, O> {
    /// Follows a topic, of which `limit` entries are wanted at first where it is a list. What comes for it comes as
    /// [`Output::Deliver`] under the id returned, which is of the same numbering as those of requests: first a reset.
    /// For as long as it lives the engine is connected, or tries to be.
    ///
    /// # Errors
    /// At once, when the session is over, goes by HTTP only, or has too many subscriptions.
    pub fn subscribe(
        &mut self,
        now: Millis,
        topic: O::Topic,
        limit: Option<u32>,
    ) -> Result<RequestId, ErrorBody> {
        if matches!(self.link, Link::Ended) {
            return Err(texts::session_ended());
        }
        if self.config.transport == Transport::Http {
            return Err(texts::http_only());
        }
        if self.subscriptions.len() >= SUBSCRIPTIONS {
            return Err(texts::too_many_subscriptions());
        }
        let id = self.numbers.next();
        self.subscriptions.add(id, topic, limit);
        self.advance(now);
        Ok(id)
    }

    /// Stops following. Nothing more is delivered under this id, whatever is still on its way.
    pub fn unsubscribe(&mut self, now: Millis, id: RequestId) {
        if let Some(wire) = self.subscriptions.remove(id) {
            self.out.push_back(Output::Unsubscribe(self.conn, wire));
        }
        self.used(now);
        self.advance(now);
    }

    /// Says how many entries of a list are loaded, which is how many are asked for when the subscription has to be
    /// made anew.
    pub fn window(&mut self, id: RequestId, limit: u32) {
        self.subscriptions.set_limit(id, limit);
    }

    /// Asks for the subscriptions that the present connection does not have and whose ids are below `end`.
    pub(super) fn send_subscriptions(&mut self, now: Millis, end: RequestId) {
        while let Some(subscribe) = self.subscriptions.take_unsent(now, end, &mut self.numbers) {
            self.out.push_back(Output::Subscribe(self.conn, subscribe));
            self.used(now);
        }
    }

    /// A frame that concerns subscriptions came: it is passed on if it is what comes next.
    pub(super) fn follow(&mut self, now: Millis, mut frame: ServerFrame<B>) {
        let next = match &mut frame {
            ServerFrame::Reset { id, seq, .. } => self.subscriptions.reset(id, *seq),
            ServerFrame::Events { id, since, seq, .. } => {
                let heard = self.subscriptions.events(id, *since, *seq);
                if matches!(heard, Heard::Gap) {
                    self.out.push_back(Output::Unsubscribe(self.conn, *id));
                    self.subscriptions.again(now, *id, None, &mut self.backoff);
                }
                matches!(heard, Heard::Next)
            }
            // Whoever has no subscription holds no bodies.
            _ => !self.subscriptions.is_empty(),
        };
        if next {
            self.out.push_back(Output::Deliver(frame));
        }
    }

    /// The server ended a subscription, or a driver could not ask for it.
    pub(super) fn subscription_ended(&mut self, now: Millis, id: RequestId, error: ErrorBody) {
        if error.code.retryable() {
            self.subscriptions.again(now, id, Some(&error), &mut self.backoff);
        } else if let Some(id) = self.subscriptions.ended(id) {
            self.out.push_back(Output::Deliver(ServerFrame::Ended { id, error }));
        }
    }
}
