//! Refreshes the values about which there are hints, and sends those that changed.

use std::collections::BTreeSet;
use std::time::Duration;

use causerie_protocol::ErrorBody;
use causerie_protocol::entities::Typing;
use causerie_protocol::frames::Entities;
use causerie_protocol::ids::{ConversationId, RequestId, UserId};
use causerie_protocol::topic::{Change, Topic};
use serde_json::value::{RawValue, to_raw_value};
use tokio::time::Instant;

use super::set::{SubscriptionSet, is_view};
use super::subscription::{Sent, Subscription};
use crate::encoding::BodyFrame;
use crate::fanout::Hint;
use crate::rules::topics::{self, ConversationView, QueryResult};
use crate::store::Size;

/// The least time between two reads of views. It bounds the cost of a busy conversation for clients that only
/// have it in their lists; the first change after a pause is sent at once.
const VIEW_INTERVAL: Duration = Duration::from_millis(50);
/// How many views are read in one transaction.
const VIEWS_PER_READ: usize = 32;
/// How many frames the views of one transaction may make.
const FRAMES_PER_READ: usize = 512;
/// The value of the topic `typing` if there are no typing users.
const NO_TYPERS: &str = "{\"users\":[]}";

impl SubscriptionSet {
    /// Refreshes all values whose hints are due.
    pub(super) async fn refresh(&mut self) {
        let now = Instant::now();
        let (views, others): (BTreeSet<_>, BTreeSet<_>) =
            std::mem::take(&mut self.hints).into_iter().partition(is_view);
        for hint in others {
            match hint {
                Hint::Online(user) => self.refresh_online(&user).await,
                Hint::Typing { id, renewed } => self.refresh_typing(&id, renewed).await,
                Hint::View(_) => {}
            }
        }
        if self.views_not_before.is_some_and(|time| now < time) {
            self.hints.extend(views);
        } else if !views.is_empty() {
            let ids: Vec<_> = (views.into_iter())
                .filter_map(|hint| match hint {
                    Hint::View(id) => Some(id),
                    _ => None,
                })
                .collect();
            // Each view may be sent to each subscription.
            let per_read = (FRAMES_PER_READ / self.subscriptions.len().max(1)).clamp(1, VIEWS_PER_READ);
            let mut chunks = ids.chunks(per_read);
            for ids in &mut chunks {
                self.refresh_views(ids.to_vec()).await;
                if self.is_full() {
                    break;
                }
            }
            let rest: Vec<Hint> = chunks.flatten().cloned().map(Hint::View).collect();
            if !rest.is_empty() {
                // They are due when these frames have been sent.
                self.hints.extend(rest);
                return;
            }
            self.views_not_before = Some(Instant::now() + VIEW_INTERVAL);
        }
    }

    async fn refresh_views(&mut self, ids: Vec<ConversationId>) {
        let is_affected = |subscription: &Subscription| match &*subscription.topic {
            Topic::Conversations { .. } => true,
            Topic::Conversation { id } => ids.contains(id),
            _ => false,
        };
        let affected: Vec<RequestId> = (self.subscriptions.iter())
            .filter(|subscription| is_affected(subscription))
            .map(|subscription| subscription.id)
            .collect();
        if affected.is_empty() {
            return;
        }
        let version = self.follower.users_version();
        let requested = ids.clone();
        let (app, user) = (&self.app, self.follower.user());
        let read = self.service.read(app, user, Size::Point, "views", move |rules| {
            requested.iter().map(|id| topics::conversation_view(rules, id)).collect()
        });
        let views: Vec<Option<ConversationView>> = match read.await {
            Ok(views) => views,
            Err(error) => return affected.into_iter().for_each(|id| self.end(id, error.clone())),
        };
        let users = views.iter().flatten().flat_map(|view| view.result.users.iter());
        if !self.follower.watch(users, version) {
            // A user in the views changed during the read, so they have to be read again.
            self.hints.extend(ids.iter().cloned().map(Hint::View));
        }
        for (id, view) in ids.iter().zip(&views) {
            for &subscription in &affected {
                self.apply_view(subscription, id, view.as_ref());
            }
        }
    }

    /// Sends the change that a view makes for one subscription.
    fn apply_view(
        &mut self,
        subscription_id: RequestId,
        id: &ConversationId,
        view: Option<&ConversationView>,
    ) {
        let Some(subscription) = self.subscription_mut(subscription_id) else { return };
        match &*subscription.topic {
            Topic::Conversation { id: own } if own == id => {
                let result = view.map(|view| copy(&view.result)).unwrap_or_default();
                self.send_if_changed(subscription_id, result, false);
            }
            Topic::Conversations { filter } => {
                let view = view.filter(|view| view.matches(filter.as_ref()));
                let Sent::Conversations(sent) = &mut subscription.sent else { return };
                let (change, entities) = match view {
                    Some(view)
                        if sent.insert(id.clone(), view.result.fingerprint)
                            == Some(view.result.fingerprint) =>
                    {
                        return;
                    }
                    Some(view) => (Change::Put(id), view.result.entities.clone()),
                    None if sent.remove(id).is_none() => return,
                    None => (Change::Drop(id.as_str().to_owned()), Entities::none()),
                };
                let changes: Vec<Box<RawValue>> = to_raw_value(&change).into_iter().collect();
                let id = subscription_id;
                self.send(BodyFrame::events(id, None, &changes, entities, Vec::new()));
            }
            _ => {}
        }
    }

    async fn refresh_online(&mut self, user: &UserId) {
        let result = self.read_online(user).await;
        let matches = |topic: &Topic| matches!(topic, Topic::Online { id } if id == user);
        self.apply_result(matches, &result, false);
    }

    async fn refresh_typing(&mut self, conversation: &ConversationId, renewed: bool) {
        let result = self.read_typing(conversation).await;
        // If no other user is typing, the viewer's own typing was renewed, and there is nothing to repeat.
        let has_typers = (result.as_ref())
            .is_ok_and(|result| result.value.as_ref().is_some_and(|value| value.get() != NO_TYPERS));
        let matches = |topic: &Topic| matches!(topic, Topic::Typing { id } if id == conversation);
        self.apply_result(matches, &result, renewed && has_typers);
    }

    /// Sends a result to all subscriptions whose topic matches; an unchanged one only if `always`.
    fn apply_result(
        &mut self,
        matches: impl Fn(&Topic) -> bool,
        result: &Result<QueryResult, ErrorBody>,
        always: bool,
    ) {
        let ids: Vec<RequestId> = (self.subscriptions.iter())
            .filter(|subscription| matches(&subscription.topic))
            .map(|subscription| subscription.id)
            .collect();
        for id in ids {
            match result {
                Ok(result) => self.send_if_changed(id, copy(result), always),
                Err(error) => self.end(id, error.clone()),
            }
        }
    }

    pub(super) async fn read_online(&self, user: &UserId) -> Result<QueryResult, ErrorBody> {
        let hub = self.follower.hub().clone();
        let (app, user) = (self.follower.app().clone(), user.clone());
        self.read_followed("online", move |rules| topics::online(rules, &user, hub.is_online(&app, &user)))
            .await
    }

    pub(super) async fn read_typing(&self, conversation: &ConversationId) -> Result<QueryResult, ErrorBody> {
        let typers = self.follower.hub().typers(self.follower.app(), conversation, self.follower.user());
        let typing = Typing::from(typers);
        let conversation = conversation.clone();
        self.read(Size::Point, "typing", move |rules| topics::typing(rules, &conversation, typing.clone()))
            .await
    }
}

/// Copies a result for another subscription. The users are left out, as they are watched already.
fn copy(result: &QueryResult) -> QueryResult {
    QueryResult {
        seq: result.seq,
        value: result.value.clone(),
        entities: result.entities.clone(),
        dropped: Vec::new(),
        users: Vec::new(),
        views: result.views.clone(),
        fingerprint: result.fingerprint,
    }
}
