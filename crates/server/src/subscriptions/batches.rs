//! Applies batches of events and changes of users to the subscriptions that they affect.

use std::collections::HashMap;
use std::sync::Arc;

use causerie_protocol::entities::Reaction;
use causerie_protocol::frames::Entities;
use causerie_protocol::ids::{MessageId, RequestId, UserId};
use causerie_protocol::topic::{Change, Topic};
use serde_json::value::to_raw_value;

use super::effect::{Effect, changes_visibility, effect};
use super::set::{SubscriptionSet, split_changes};
use super::subscription::Sent;
use crate::encoding::{Body, BodyFrame};
use crate::events::Event;
use crate::fanout::{Batch, Hint, UserUpdate, changes_messages, frame_end};
use crate::rules::topics;
use crate::store::Size;

/// The most users whose bodies are sent with changes of participants or reactions. With more, the window of
/// the list is sent again, which ends before it is too large.
const CHANGED_USERS: usize = 8;

impl SubscriptionSet {
    /// Applies a change of a user.
    pub(super) fn apply_user(&mut self, update: &Arc<UserUpdate>) {
        let user = &update.user.id;
        let mut created: Vec<RequestId> = Vec::new();
        for subscription in &mut self.subscriptions {
            match &*subscription.topic {
                Topic::User { id } if id == user && !subscription.has_value() => {
                    created.push(subscription.id);
                }
                // The role, which decides whether users see the user online, may be another one.
                Topic::Online { id }
                    if id == user && (!subscription.has_value() || !self.app.roles.is_empty()) =>
                {
                    self.hints.insert(Hint::Online(user.clone()));
                }
                _ => {}
            }
        }
        if created.is_empty() {
            return self.send(BodyFrame::Update(Arc::clone(update.end())));
        }
        // The user was created just now, so the client has no body to update.
        for id in created {
            let users: Vec<Body> = Body::of_user(&update.user).into_iter().collect();
            let value = to_raw_value(user).ok();
            if let Some(subscription) = self.subscription_mut(id) {
                subscription.sent = Sent::Single(0);
            }
            let entities = Entities { users, ..Entities::none() };
            self.send(BodyFrame::reset(id, None, value.as_deref(), entities));
        }
    }

    /// Sends a batch if no subscription needs a read for it. Returns whether it was sent.
    pub(super) fn apply_shared(&mut self, batch: &Arc<Batch>) -> bool {
        let viewer = self.follower.user();
        let effects: Vec<Effect> =
            self.subscriptions.iter().map(|subscription| effect(subscription, batch, viewer)).collect();
        if effects.iter().any(|effect| matches!(effect, Effect::Read | Effect::Reset)) {
            return false;
        }
        let affected: Vec<RequestId> = (self.subscriptions.iter().zip(effects))
            .filter(|(_, effect)| *effect == Effect::Share)
            .map(|(subscription, _)| subscription.id)
            .collect();
        affected.into_iter().for_each(|id| self.share(id, batch));
        true
    }

    /// Applies a batch to one subscription, and reads the store if necessary.
    pub(super) async fn apply_batch(&mut self, id: RequestId, batch: &Arc<Batch>) {
        let viewer = self.follower.user().clone();
        let Some(subscription) = self.subscription_mut(id) else { return };
        match effect(subscription, batch, &viewer) {
            Effect::None => {}
            Effect::Share => self.share(id, batch),
            Effect::Reset => self.open(id, false).await,
            Effect::Read => match subscription.topic.as_ref().clone() {
                Topic::Messages { .. } => self.apply_to_messages(id, batch).await,
                Topic::Participants { .. } => self.apply_to_participants(id, batch).await,
                Topic::Reactions { message, emoji, .. } => {
                    self.apply_to_reactions(id, batch, &message, &emoji).await;
                }
                _ => self.open(id, false).await,
            },
        }
    }

    /// Adds hints for subscriptions to the view and to the typing users of the batch's conversation, as if
    /// the fan-out had sent them.
    pub(super) fn add_hints(&mut self, batch: &Batch) {
        let viewer = self.follower.user();
        let visibility_changed = changes_visibility(batch, viewer);
        for subscription in &self.subscriptions {
            match &*subscription.topic {
                Topic::Conversation { id } if *id == batch.id => {
                    self.hints.insert(Hint::View(id.clone()));
                }
                Topic::Typing { id } if *id == batch.id && visibility_changed => {
                    self.hints.insert(Hint::Typing { id: id.clone(), renewed: false });
                }
                _ => {}
            }
        }
    }

    /// Sends the encoding of a batch that all followers share.
    fn share(&mut self, id: RequestId, batch: &Arc<Batch>) {
        let changes_messages = batch.changes_messages();
        let Some(since) = self.advance(id, batch.last(), changes_messages) else { return };
        if changes_messages {
            self.send(BodyFrame::shared_events(id, since, batch.last(), Arc::clone(batch.end())));
        }
    }

    /// Records that a list includes the events up to `seq`, and whether the client is notified. Returns the
    /// number that the client knew before.
    fn advance(&mut self, id: RequestId, seq: u64, notify: bool) -> Option<u64> {
        let Sent::List { applied, sent } = &mut self.subscription_mut(id)?.sent else { return None };
        let since = *sent;
        *applied = seq;
        if notify {
            *sent = seq;
        }
        Some(since)
    }

    /// Sends the messages of a batch that has reactions, that overlaps with events that were sent, or before
    /// which events are missing.
    async fn apply_to_messages(&mut self, id: RequestId, batch: &Arc<Batch>) {
        let sent = self.subscription_mut(id).map(|subscription| &subscription.sent);
        let Some(&Sent::List { applied, sent }) = sent else { return };
        if batch.first() > applied + 1 {
            if !self.catch_up(id, sent, false).await {
                self.open(id, true).await;
            }
            return;
        }
        let new: Vec<(u64, Event)> = batch.events.iter().filter(|(seq, _)| *seq > applied).cloned().collect();
        let with_reactions: Vec<MessageId> = (batch.payloads())
            .flat_map(|payload| [Some(&payload.message), payload.referenced.as_ref()])
            .flatten()
            .filter(|message| !message.reactions.is_empty())
            .map(|message| message.id.clone())
            .collect();
        let own_reactions = if with_reactions.is_empty() {
            HashMap::new()
        } else {
            let (app, user, conversation) = (&self.app, self.follower.user(), batch.id.clone());
            let read = self.service.read(app, user, Size::Point, "own reactions", move |rules| {
                topics::viewer_reactions(rules, &conversation, with_reactions)
            });
            match read.await {
                Ok(own_reactions) => own_reactions,
                Err(error) => return self.end(id, error),
            }
        };
        let notify = new.iter().any(|(_, event)| changes_messages(event));
        self.advance(id, batch.last(), notify);
        if notify {
            let end = frame_end(&batch.id, &new, &own_reactions);
            self.send(BodyFrame::numbered_events(id, sent, batch.last(), end));
        }
    }

    async fn apply_to_participants(&mut self, id: RequestId, batch: &Arc<Batch>) {
        let Some(since) = self.subscription_mut(id).and_then(|subscription| subscription.applied_seq())
        else {
            return;
        };
        let mut users: Vec<UserId> = Vec::new();
        for (seq, event) in &batch.events {
            if let Event::Joined(user) | Event::Left(user) | Event::ParticipantChanged(user) = event
                && *seq > since
                && !users.contains(user)
            {
                users.push(user.clone());
            }
        }
        if users.len() > CHANGED_USERS {
            return self.open(id, true).await;
        }
        let conversation = batch.id.clone();
        let read = self
            .read(Size::Point, "participants", move |rules| {
                topics::participant_changes(rules, &conversation, users.clone())
            })
            .await;
        let result = match read {
            Ok(result) => result,
            Err(error) => return self.end(id, error),
        };
        match split_changes(result.value) {
            Ok(changes) => {
                self.advance(id, batch.last(), true);
                self.send(BodyFrame::events(id, None, &changes, result.entities, Vec::new()));
            }
            Err(error) => self.end(id, error),
        }
    }

    async fn apply_to_reactions(
        &mut self,
        id: RequestId,
        batch: &Arc<Batch>,
        message: &MessageId,
        emoji: &str,
    ) {
        let Some(since) = self.subscription_mut(id).and_then(|subscription| subscription.applied_seq())
        else {
            return;
        };
        let mut changes: Vec<Change<Reaction>> = Vec::new();
        let mut users: Vec<UserId> = Vec::new();
        for (seq, event) in &batch.events {
            if let Event::Reacted { payload, emoji: reacted, user, created_at, added } = event
                && *seq > since
                && payload.message.id == *message
                && reacted == emoji
            {
                changes.push(if *added {
                    users.push(user.clone());
                    Change::Put(Reaction { user: user.clone(), created_at: *created_at })
                } else {
                    Change::Drop(user.as_str().to_owned())
                });
            }
        }
        if changes.len() > CHANGED_USERS {
            return self.open(id, true).await;
        }
        let read = self
            .read(Size::Point, "users of reactions", move |rules| topics::user_bodies(rules, &users))
            .await;
        let result = match read {
            Ok(result) => result,
            Err(error) => return self.end(id, error),
        };
        self.advance(id, batch.last(), true);
        let changes: Vec<_> = changes.iter().filter_map(|change| to_raw_value(change).ok()).collect();
        self.send(BodyFrame::events(id, None, &changes, result.entities, Vec::new()));
    }
}
