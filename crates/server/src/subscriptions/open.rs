//! Starts, resumes and ends subscriptions, and loads more of their lists.

use std::collections::HashMap;
use std::sync::Arc;

use causerie_markup::emoji;
use causerie_protocol::frames::{Outcome, Request, Subscribe};
use causerie_protocol::ids::{ConversationId, RequestId};
use causerie_protocol::limits::{FILTERS_BYTES, SUBSCRIPTIONS};
use causerie_protocol::ops::Op;
use causerie_protocol::topic::{Position, Topic};
use causerie_protocol::{ErrorBody, ErrorCode};

use super::set::{SubscriptionSet, split_changes};
use super::subscription::{Sent, Subscription};
use crate::encoding::BodyFrame;
use crate::fanout::Hint;
use crate::rules::EncodedOutcome;
use crate::rules::topics::{self, QueryResult};
use crate::store::Size;

/// A fingerprint that no view has: the client has another view than the one that was sent.
const NO_FINGERPRINT: u64 = 0;

impl SubscriptionSet {
    pub(super) async fn subscribe(&mut self, subscribe: Subscribe) {
        let Subscribe { id, topic, window, from } = subscribe;
        // A subscription replaces an earlier one of the same id.
        self.unsubscribe(id);
        let topic = match topic.check(window).and_then(|()| normalize(topic)) {
            Ok(topic) => topic,
            Err(error) => return self.send_ended(id, error),
        };
        if self.subscriptions.len() >= SUBSCRIPTIONS {
            let text = format!(
                "subscriptions: must be at most {SUBSCRIPTIONS} on one connection; unsubscribe from one"
            );
            return self.send_ended(id, ErrorBody::new(ErrorCode::RateLimited, text));
        }
        let topic = match self.share_topic(topic) {
            Ok(topic) => topic,
            Err(error) => return self.send_ended(id, error),
        };
        let limit = window.map(|window| window.limit).or(topic.page_sizes().map(|sizes| sizes.initial));
        self.follow(&topic);
        let limit = limit.unwrap_or(1);
        self.subscriptions.push(Subscription { id, topic, limit, sent: Sent::Nothing });
        self.follower.set_subscribed(true);
        match from {
            Some(from) if self.resume(id, &from).await => {}
            _ => self.open(id, true).await,
        }
    }

    pub(super) fn unsubscribe(&mut self, id: RequestId) {
        let Some(index) = self.subscriptions.iter().position(|subscription| subscription.id == id) else {
            return;
        };
        let subscription = self.subscriptions.swap_remove(index);
        self.unfollow(&subscription.topic);
        if self.subscriptions.is_empty() {
            self.follower.set_subscribed(false);
        }
    }

    /// Returns the topic of an equal subscription, or the topic itself. Fails if its filter is too large
    /// beside those of the other subscriptions.
    fn share_topic(&self, topic: Topic) -> Result<Arc<Topic>, ErrorBody> {
        let topics = || self.subscriptions.iter().map(|subscription| &subscription.topic);
        if let Some(equal) = topics().find(|other| ***other == topic) {
            return Ok(Arc::clone(equal));
        }
        let bytes = filter_bytes(&topic);
        let mut seen: Vec<*const Topic> = Vec::new();
        let mut sum = bytes;
        for other in topics().filter(|_| bytes > 0) {
            if !seen.contains(&Arc::as_ptr(other)) {
                seen.push(Arc::as_ptr(other));
                sum += filter_bytes(other);
            }
        }
        if sum > FILTERS_BYTES {
            let text = format!(
                "filter: all filters of one connection must have at most {FILTERS_BYTES} bytes (got {sum}); \
                 unsubscribe from another list"
            );
            return Err(ErrorBody::new(ErrorCode::RateLimited, text));
        }
        Ok(Arc::new(topic))
    }

    /// Registers with the fan-out for the events and hints of a topic.
    fn follow(&mut self, topic: &Topic) {
        let follower = &mut self.follower;
        match topic {
            // A user that does not exist has no body to read, but may be created later.
            Topic::User { id } => follower.follow_user(id),
            Topic::Online { id } => {
                follower.follow_user(id);
                follower.follow_online(id);
            }
            Topic::Conversations { .. } => follower.follow_list(),
            Topic::Typing { id } => {
                follower.follow_typing(id);
                follower.follow_conversation(id);
            }
            Topic::Conversation { id }
            | Topic::Messages { id }
            | Topic::Participants { id }
            | Topic::Participant { id, .. }
            | Topic::Reactions { id, .. } => follower.follow_conversation(id),
        }
    }

    /// Reverts [`Self::follow`]. Users whose bodies were in the values of lists remain watched until the
    /// connection ends, because other values may contain them.
    fn unfollow(&mut self, topic: &Topic) {
        let follower = &mut self.follower;
        match topic {
            Topic::User { id } => follower.unfollow_user(id),
            Topic::Online { id } => {
                follower.unfollow_user(id);
                follower.unfollow_online(id);
            }
            Topic::Conversations { .. } => follower.unfollow_list(),
            Topic::Typing { id } => {
                follower.unfollow_typing(id);
                follower.unfollow_conversation(id);
            }
            Topic::Conversation { id }
            | Topic::Messages { id }
            | Topic::Participants { id }
            | Topic::Participant { id, .. }
            | Topic::Reactions { id, .. } => follower.unfollow_conversation(id),
        }
    }

    /// Resumes from the client's position. Returns whether that was possible.
    async fn resume(&mut self, id: RequestId, from: &Position) -> bool {
        if from.epoch != self.service.epoch() {
            return false;
        }
        match self.subscription_mut(id).map(|subscription| Arc::clone(&subscription.topic)).as_deref() {
            Some(Topic::Messages { .. }) => self.catch_up(id, from.seq, true).await,
            // Other topics have no position.
            _ => false,
        }
    }

    /// Sends the messages that changed since the event `since`. Returns `false` if they are unknown or too
    /// many, so that a reset is necessary. `resuming` is set for the first frame of a subscription, which is
    /// sent even if it is empty.
    pub(super) async fn catch_up(&mut self, id: RequestId, since: u64, resuming: bool) -> bool {
        let Some((conversation, limit)) = self
            .subscription_mut(id)
            .and_then(|subscription| Some((subscription.conversation().cloned()?, subscription.limit)))
        else {
            return true;
        };
        // This connection has not watched the users whose bodies the client holds from an earlier one.
        let held = resuming.then_some(limit);
        let read = self
            .read(Size::List, "messages since", move |rules| {
                Ok(topics::message_delta(rules, &conversation, since, held)?.unwrap_or_default())
            })
            .await;
        let result = match read {
            Ok(result) => result,
            Err(error) => {
                self.end(id, error);
                return true;
            }
        };
        let (Some(seq), Some(value)) = (result.seq, result.value) else { return false };
        match split_changes(Some(value)) {
            Err(error) => self.end(id, error),
            Ok(changes) => {
                let notify = resuming || !changes.is_empty();
                if let Some(subscription) = self.subscription_mut(id) {
                    subscription.sent = Sent::List { applied: seq, sent: if notify { seq } else { since } };
                }
                if notify {
                    let numbers = Some((since, seq));
                    self.send(BodyFrame::events(id, numbers, &changes, result.entities, result.dropped));
                }
            }
        }
        true
    }

    /// Reads the whole value of a topic, or the window of a list, and sends it if it changed, or in any case
    /// if `always`.
    pub(super) async fn open(&mut self, id: RequestId, always: bool) {
        let Some((topic, limit)) = self
            .subscription_mut(id)
            .map(|subscription| (Arc::clone(&subscription.topic), subscription.limit))
        else {
            return;
        };
        match self.read_topic(&topic, limit).await {
            Ok(result) => {
                let views = match &*topic {
                    Topic::Conversations { .. } => result.views.clone(),
                    Topic::Conversation { id } if result.value.is_some() => {
                        vec![(id.clone(), result.fingerprint)]
                    }
                    _ => Vec::new(),
                };
                self.send_if_changed(id, result, always);
                views.iter().for_each(|(id, fingerprint)| self.record_view(id, *fingerprint));
            }
            Err(error) => self.end(id, error),
        }
    }

    async fn read_topic(&self, topic: &Topic, limit: u32) -> Result<QueryResult, ErrorBody> {
        match topic {
            Topic::Online { id } => self.read_online(id).await,
            Topic::Typing { id } => self.read_typing(id).await,
            // The user is followed as the subject of the topic.
            Topic::User { id } => {
                let id = id.clone();
                self.read_followed("user", move |rules| topics::read(rules, &Topic::User { id }, 1)).await
            }
            _ => {
                let size = Size::of_topic(topic, limit);
                let (name, topic) = (topic.kind(), topic.clone());
                self.read(size, name, move |rules| topics::read(rules, &topic, limit)).await
            }
        }
    }

    /// Sends a result if it differs from the one that was sent before, or in any case if `always`, and
    /// records it.
    pub(super) fn send_if_changed(&mut self, id: RequestId, mut result: QueryResult, always: bool) {
        let Some(subscription) = self.subscription_mut(id) else { return };
        let sent = match (&result.value, &*subscription.topic) {
            (None, _) => Sent::Nothing,
            (Some(_), Topic::Conversations { .. }) => {
                Sent::Conversations(HashMap::from_iter(std::mem::take(&mut result.views)))
            }
            (Some(_), Topic::Messages { .. } | Topic::Participants { .. } | Topic::Reactions { .. }) => {
                Sent::list(result.seq.unwrap_or_default())
            }
            (Some(_), _) => Sent::Single(result.fingerprint),
        };
        let unchanged = match (&sent, &subscription.sent) {
            (Sent::Nothing, Sent::Nothing) => true,
            (Sent::Single(new), Sent::Single(old)) => new == old,
            _ => false,
        };
        let seq = result.seq.filter(|_| matches!(*subscription.topic, Topic::Messages { .. }));
        subscription.sent = sent;
        if always || !unchanged {
            self.send_reset(id, seq, result);
        }
    }

    /// Records that the client is sent a view of a conversation, which replaces the view that it has from any
    /// of its subscriptions. A subscription that was sent another one is sent the current view again, even if
    /// that is the one that it was sent: the client has it no longer.
    fn record_view(&mut self, conversation: &ConversationId, fingerprint: u64) {
        let mut is_stale = false;
        for subscription in &mut self.subscriptions {
            let known = match (&*subscription.topic, &mut subscription.sent) {
                (Topic::Conversation { id }, Sent::Single(known)) if id == conversation => Some(known),
                (_, Sent::Conversations(sent)) => sent.get_mut(conversation),
                _ => None,
            };
            if let Some(known) = known
                && *known != fingerprint
            {
                *known = NO_FINGERPRINT;
                is_stale = true;
            }
        }
        if is_stale {
            self.hints.insert(Hint::View(conversation.clone()));
        }
    }

    /// Loads more of a list. The conversations among it are recorded as sent.
    pub(super) async fn more(&mut self, request: Request) -> EncodedOutcome {
        let Request { id, op, .. } = request;
        if let Err(error) = op.check() {
            return Outcome::failed(id, error);
        }
        let Op::More { topic, after, limit } = op else {
            return Outcome::failed(id, ErrorBody::new(ErrorCode::Unsupported, "not an op for lists"));
        };
        let requested = topic.clone();
        let read = self
            .read(Size::of_topic(&topic, limit), "more", move |rules| {
                topics::read_more(rules, &requested, &after, limit)
            })
            .await;
        match read {
            Err(error) => Outcome::failed(id, error),
            Ok(result) => {
                for subscription in &mut self.subscriptions {
                    if *subscription.topic == topic
                        && let Sent::Conversations(sent) = &mut subscription.sent
                    {
                        for (id, fingerprint) in &result.views {
                            sent.entry(id.clone()).or_insert(*fingerprint);
                        }
                    }
                }
                for (id, fingerprint) in &result.views {
                    self.record_view(id, *fingerprint);
                }
                Outcome::ok(id, result.value, result.entities)
            }
        }
    }
}

/// Returns the size of a topic's filter as JSON.
fn filter_bytes(topic: &Topic) -> usize {
    match topic {
        Topic::Conversations { filter: Some(filter) } => {
            serde_json::to_string(filter).map_or(FILTERS_BYTES, |text| text.len())
        }
        _ => 0,
    }
}

/// Returns the topic with its emoji in normalized form.
fn normalize(topic: Topic) -> Result<Topic, ErrorBody> {
    Ok(match topic {
        Topic::Reactions { id, message, emoji } => {
            let emoji = emoji::normalize(&emoji).map_err(|error| error.or_field("emoji"))?;
            Topic::Reactions { id, message, emoji }
        }
        topic => topic,
    })
}
