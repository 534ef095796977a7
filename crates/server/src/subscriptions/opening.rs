//! How subscriptions begin and end, and how there comes to be more of them.

use std::collections::HashMap;

use causerie_markup::emoji;
use causerie_protocol::frames::{Outcome, Request, Subscribe};
use causerie_protocol::ids::RequestId;
use causerie_protocol::limits::SUBSCRIPTIONS;
use causerie_protocol::ops::Op;
use causerie_protocol::topic::{Position, Topic};
use causerie_protocol::{ErrorBody, ErrorCode};
use serde_json::value::RawValue;

use super::state::{Sent, Sub};
use super::{Frame, SubscriptionSet, changes};
use crate::rules::topics::{self, QueryResult};
use crate::store::Size;

impl SubscriptionSet {
    pub(super) async fn subscribe(&mut self, subscribe: Subscribe) {
        let Subscribe { id, topic, window, from } = subscribe;
        // The same number again takes the place of the first.
        self.unsubscribe(id);
        let topic = match topic.check(window).and_then(|()| normal(topic)) {
            Ok(topic) => topic,
            Err(error) => return self.send(&Frame::Ended { id, error }),
        };
        if self.subs.len() >= SUBSCRIPTIONS {
            let text = format!(
                "this client has {SUBSCRIPTIONS} subscriptions and may have no more: unsubscribe from some"
            );
            return self.send(&Frame::Ended { id, error: ErrorBody::new(ErrorCode::RateLimited, text) });
        }
        let limit = window.map(|window| window.limit).or(topic.sizes().map(|sizes| sizes.initial));
        self.register(&topic, true);
        let sub = Sub { id, topic, limit: limit.unwrap_or(1), sent: Sent::Nothing };
        self.subs.push(sub);
        self.follower.follows(true);
        match from {
            Some(from) if self.resume(id, &from).await => {}
            _ => self.open(id, true).await,
        }
    }

    pub(super) fn unsubscribe(&mut self, id: RequestId) {
        let Some(index) = self.subs.iter().position(|sub| sub.id == id) else { return };
        let sub = self.subs.swap_remove(index);
        self.register(&sub.topic, false);
        if self.subs.is_empty() {
            self.follower.follows(false);
        }
    }

    /// Begins or ceases to hear of what concerns a topic.
    fn register(&mut self, topic: &Topic, begins: bool) {
        let follower = &mut self.follower;
        match (topic, begins) {
            // Whoever is not there cannot be sent yet, but can come to be.
            (Topic::User { id }, true) => {
                follower.watch([id].into_iter(), u64::MAX);
            }
            (Topic::User { .. }, false) => {}
            (Topic::Online { id }, true) => {
                follower.watch([id].into_iter(), u64::MAX);
                follower.follow_online(id);
            }
            (Topic::Online { id }, false) => follower.unfollow_online(id),
            (Topic::Conversations { .. }, true) => follower.follow_list(),
            (Topic::Conversations { .. }, false) => follower.unfollow_list(),
            (Topic::Typing { id }, true) => {
                follower.follow_typing(id);
                follower.follow_conversation(id);
            }
            (Topic::Typing { id }, false) => {
                follower.unfollow_typing(id);
                follower.unfollow_conversation(id);
            }
            (
                Topic::Conversation { id }
                | Topic::Messages { id }
                | Topic::Participants { id }
                | Topic::Participant { id, .. }
                | Topic::Reactions { id, .. },
                true,
            ) => follower.follow_conversation(id),
            (
                Topic::Conversation { id }
                | Topic::Messages { id }
                | Topic::Participants { id }
                | Topic::Participant { id, .. }
                | Topic::Reactions { id, .. },
                false,
            ) => follower.unfollow_conversation(id),
        }
    }

    pub(super) fn sub(&mut self, id: RequestId) -> Option<&mut Sub> {
        self.subs.iter_mut().find(|sub| sub.id == id)
    }

    /// Goes on from where the client was, if it can.
    async fn resume(&mut self, id: RequestId, from: &Position) -> bool {
        if from.epoch != self.service.epoch() {
            return false;
        }
        match self.sub(id).map(|sub| sub.topic.clone()) {
            Some(Topic::Messages { .. }) => self.catch_up(id, from.seq, true).await,
            // Of all others there is nothing to go on from.
            _ => false,
        }
    }

    /// Sends what happened to messages since a number. Says whether that could be told. Where nothing did, that is worth
    /// a frame only at the beginning.
    pub(super) async fn catch_up(&mut self, id: RequestId, since: u64, say_nothing_new: bool) -> bool {
        let Some((conversation, limit)) =
            self.sub(id).and_then(|sub| Some((sub.conversation().cloned()?, sub.limit)))
        else {
            return true;
        };
        // On this connection nothing was heard yet of the users whose bodies the client has.
        let held = say_nothing_new.then_some(limit);
        let read = self
            .read(Size::List, "messages since", move |read, context| {
                Ok(topics::message_delta(read, context, &conversation, since, held)?.unwrap_or_default())
            })
            .await;
        let answer = match read {
            Ok(answer) => answer,
            Err(error) => {
                self.end(id, error);
                return true;
            }
        };
        let (Some(seq), Some(value)) = (answer.seq, answer.value) else { return false };
        match changes(Some(value)) {
            Err(error) => self.end(id, error),
            Ok(changes) => {
                let tell = say_nothing_new || !changes.is_empty();
                if let Some(sub) = self.sub(id) {
                    sub.sent = Sent::List { seen: seq, told: if tell { seq } else { since } };
                }
                if tell {
                    let since = Some(since);
                    self.send(&Frame::Events {
                        id,
                        since,
                        seq: Some(seq),
                        changes,
                        entities: answer.entities,
                    });
                }
            }
        }
        true
    }

    /// Sends all there is, or the whole window; where there was nothing and still is nothing, only if that is news.
    pub(super) async fn open(&mut self, id: RequestId, news: bool) {
        let Some((topic, limit)) = self.sub(id).map(|sub| (sub.topic.clone(), sub.limit)) else { return };
        match self.ask(&topic, limit).await {
            Ok(answer) => self.opened(id, answer, news),
            Err(error) => self.end(id, error),
        }
    }

    async fn ask(&self, topic: &Topic, limit: u32) -> Result<QueryResult, ErrorBody> {
        match topic {
            Topic::Online { id } => self.ask_online(id).await,
            Topic::Typing { id } => self.ask_typing(id).await,
            _ => {
                let size = if topic.sizes().is_some() { Size::List } else { Size::Point };
                let (what, topic) = (topic.kind(), topic.clone());
                self.read(size, what, move |read, context| topics::read(read, context, &topic, limit)).await
            }
        }
    }

    /// Sends an answer where it differs from what was sent, and keeps what is needed to know the next time.
    pub(super) fn opened(&mut self, id: RequestId, mut answer: QueryResult, news: bool) {
        let Some(sub) = self.sub(id) else { return };
        let sent = match (&answer.value, &sub.topic) {
            (None, _) => Sent::Nothing,
            (Some(_), Topic::Conversations { .. }) => {
                Sent::Conversations(HashMap::from_iter(std::mem::take(&mut answer.views)))
            }
            (Some(_), Topic::Messages { .. } | Topic::Participants { .. } | Topic::Reactions { .. }) => {
                Sent::list(answer.seq.unwrap_or_default())
            }
            (Some(_), _) => Sent::Single(answer.fingerprint),
        };
        let same = match (&sent, &sub.sent) {
            (Sent::Nothing, Sent::Nothing) => true,
            (Sent::Single(mark), Sent::Single(before)) => mark == before,
            _ => false,
        };
        let seq = answer.seq.filter(|_| matches!(sub.topic, Topic::Messages { .. }));
        sub.sent = sent;
        if news || !same {
            self.reset(id, seq, answer);
        }
    }

    /// More of a list. What of it may change is known from then on to have been sent.
    pub(super) async fn more(&mut self, request: Request) -> Outcome<Box<RawValue>> {
        let Request { id, op, .. } = request;
        if let Err(error) = op.check() {
            return Outcome::failed(id, error);
        }
        let Op::More { topic, after, limit } = op else {
            return Outcome::failed(id, ErrorBody::new(ErrorCode::Unsupported, "not an op for lists"));
        };
        let asked = topic.clone();
        let read = self
            .read(Size::List, "more", move |read, context| {
                topics::read_more(read, context, &asked, &after, limit)
            })
            .await;
        match read {
            Err(error) => Outcome::failed(id, error),
            Ok(answer) => {
                for sub in self.subs.iter_mut().filter(|sub| sub.topic == topic) {
                    if let Sent::Conversations(sent) = &mut sub.sent {
                        sent.extend(answer.views.iter().cloned());
                    }
                }
                Outcome::ok(id, answer.value, answer.entities)
            }
        }
    }
}

/// The topic with its emoji in the one form that is kept.
fn normal(topic: Topic) -> Result<Topic, ErrorBody> {
    Ok(match topic {
        Topic::Reactions { id, message, emoji } => {
            let emoji = emoji::normalize(&emoji).map_err(|error| error.of_field("emoji"))?;
            Topic::Reactions { id, message, emoji }
        }
        topic => topic,
    })
}
