//! What the connection looks at because somebody said that it may have changed: sent only where it did.

use std::collections::HashSet;

use causerie_protocol::ErrorBody;
use causerie_protocol::frames::Entities;
use causerie_protocol::ids::{ConversationId, RequestId, UserId};
use causerie_protocol::topic::{Change, Topic};
use serde_json::value::{RawValue, to_raw_value};
use tokio::time::Instant;

use super::state::Sent;
use super::{Frame, SubscriptionSet, VIEWS_EVERY, is_view};
use crate::fanout::{Hint, Typers};
use crate::rules::topics::{self, ConversationView, QueryResult};
use crate::store::Size;

/// How many views are read in one transaction.
const VIEWS_AT_ONCE: usize = 32;

impl SubscriptionSet {
    /// Looks at whatever is due.
    pub(super) async fn look(&mut self) {
        let now = Instant::now();
        let (views, others): (HashSet<_>, HashSet<_>) =
            std::mem::take(&mut self.hints).into_iter().partition(is_view);
        for hint in others {
            match hint {
                Hint::Online(user) => self.look_online(&user).await,
                Hint::Typing { id, again } => self.look_typing(&id, again).await,
                Hint::View(_) => {}
            }
        }
        if self.views_from.is_some_and(|from| now < from) {
            self.hints.extend(views);
        } else if !views.is_empty() {
            let ids: Vec<_> = (views.into_iter())
                .filter_map(|hint| match hint {
                    Hint::View(id) => Some(id),
                    _ => None,
                })
                .collect();
            for ids in ids.chunks(VIEWS_AT_ONCE) {
                self.look_views(ids.to_vec()).await;
            }
            self.views_from = Some(Instant::now() + VIEWS_EVERY);
        }
    }

    async fn look_views(&mut self, ids: Vec<ConversationId>) {
        let wanted = |sub: &super::Sub| match &sub.topic {
            Topic::Conversations { .. } => true,
            Topic::Conversation { id } => ids.contains(id),
            _ => false,
        };
        let concerned: Vec<RequestId> =
            self.subs.iter().filter(|sub| wanted(sub)).map(|sub| sub.id).collect();
        if concerned.is_empty() {
            return;
        }
        let version = self.follower.users_version();
        let asked = ids.clone();
        let (app, user) = (&self.app, self.follower.user());
        let read = self.service.read(app, user, Size::Point, "views", move |read, context| {
            asked.iter().map(|id| topics::conversation_view(read, context, id)).collect()
        });
        let views: Vec<Option<ConversationView>> = match read.await {
            Ok(views) => views,
            Err(error) => return concerned.into_iter().for_each(|id| self.end(id, error.clone())),
        };
        let users = views.iter().flatten().flat_map(|view| view.result.users.iter());
        if !self.follower.watch(users, version) {
            // Somebody among them changed just now: looked at again, they are as they are.
            self.hints.extend(ids.iter().cloned().map(Hint::View));
        }
        for (id, view) in ids.iter().zip(&views) {
            for &sub in &concerned {
                self.look_view(sub, id, view.as_ref());
            }
        }
    }

    /// Sends what a view changes for one subscription.
    fn look_view(&mut self, sub_id: RequestId, id: &ConversationId, view: Option<&ConversationView>) {
        let Some(sub) = self.sub(sub_id) else { return };
        match &sub.topic {
            Topic::Conversation { id: own } if own == id => {
                let answer = view.map(|view| copy(&view.result)).unwrap_or_default();
                self.opened(sub_id, answer, false);
            }
            Topic::Conversations { filter } => {
                let view = view.filter(|view| view.matches(filter.as_ref()));
                let Sent::Conversations(sent) = &mut sub.sent else { return };
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
                self.send(&Frame::Events { id: sub_id, since: None, seq: None, changes, entities });
            }
            _ => {}
        }
    }

    async fn look_online(&mut self, user: &UserId) {
        let answer = self.ask_online(user).await;
        let of = |topic: &Topic| matches!(topic, Topic::Online { id } if id == user);
        self.looked(of, &answer, false);
    }

    async fn look_typing(&mut self, conversation: &ConversationId, again: bool) {
        let answer = self.ask_typing(conversation).await;
        // Somebody is, or there would be nothing to say again.
        let nobody = "{\"users\":[]}";
        let somebody = answer
            .as_ref()
            .is_ok_and(|answer| answer.value.as_ref().is_some_and(|value| value.get() != nobody));
        let of = |topic: &Topic| matches!(topic, Topic::Typing { id } if id == conversation);
        self.looked(of, &answer, again && somebody);
    }

    fn looked(&mut self, of: impl Fn(&Topic) -> bool, answer: &Result<QueryResult, ErrorBody>, news: bool) {
        let ids: Vec<RequestId> = self.subs.iter().filter(|sub| of(&sub.topic)).map(|sub| sub.id).collect();
        for id in ids {
            match answer {
                Ok(answer) => self.opened(id, copy(answer), news),
                Err(error) => self.end(id, error.clone()),
            }
        }
    }

    pub(super) async fn ask_online(&self, user: &UserId) -> Result<QueryResult, ErrorBody> {
        let hub = self.follower.hub().clone();
        let (app, user) = (self.follower.app().clone(), user.clone());
        self.read(Size::Point, "online", move |read, context| {
            topics::online(read, context, &user, hub.is_online(&app, &user))
        })
        .await
    }

    pub(super) async fn ask_typing(&self, conversation: &ConversationId) -> Result<QueryResult, ErrorBody> {
        let typers: Typers =
            self.follower.hub().typers(self.follower.app(), conversation, self.follower.user());
        let conversation = conversation.clone();
        self.read(Size::Point, "typing", move |read, context| {
            topics::typing(read, context, &conversation, typers.clone())
        })
        .await
    }
}

/// An answer for one more subscription.
fn copy(answer: &QueryResult) -> QueryResult {
    QueryResult {
        seq: answer.seq,
        value: answer.value.clone(),
        entities: answer.entities.clone(),
        users: Vec::new(),
        views: answer.views.clone(),
        fingerprint: answer.fingerprint,
    }
}
