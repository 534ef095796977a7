//! What happened in a conversation, told to each subscription that it concerns.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::Arc;

use causerie_protocol::entities::Reaction;
use causerie_protocol::frames::Entities;
use causerie_protocol::ids::{ConversationId, MessageId, RequestId, UserId};
use causerie_protocol::topic::{Change, Topic};
use serde_json::value::{RawValue, to_raw_value};

use super::state::{Sent, Sub};
use super::{Frame, SubscriptionSet, changes};
use crate::events::Event;
use crate::fanout::{Batch, Hint, Update, tail};
use crate::rules::topics;
use crate::store::Size;

/// What a batch asks of a subscription.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reach {
    /// Nothing.
    Nothing,
    /// To pass on what all see alike.
    Share,
    /// To read something: one's own reactions, or what the batch only mentions.
    Read,
    /// To start anew: the viewer came or went, or the thing itself did.
    Anew,
}

impl SubscriptionSet {
    /// A user's body changed.
    pub(super) fn updated(&mut self, update: &Arc<Update>) {
        let user = &update.user.id;
        let mut came: Vec<RequestId> = Vec::new();
        for sub in &mut self.subs {
            match &sub.topic {
                Topic::User { id } if id == user && sub.mark().is_none() => came.push(sub.id),
                Topic::Online { id } if id == user && sub.mark().is_none() => {
                    self.hints.insert(Hint::Online(user.clone()));
                }
                _ => {}
            }
        }
        if came.is_empty() {
            return self.send_text(update.frame().to_string());
        }
        // Nobody holds a body of whom there was none.
        for id in came {
            let bodies: Vec<Box<RawValue>> = to_raw_value(&update.user).into_iter().collect();
            let value = to_raw_value(user).ok();
            if let Some(sub) = self.sub(id) {
                sub.sent = Sent::Single(0);
            }
            let entities = Entities { users: bodies, ..Entities::none() };
            self.send(&Frame::Reset { id, seq: None, value, entities });
        }
    }

    /// Passes a batch on where nothing has to be read for it; says whether that was so.
    pub(super) fn batch_now(&mut self, batch: &Arc<Batch>) -> bool {
        let viewer = self.follower.user();
        let reaches: Vec<Reach> = self.subs.iter().map(|sub| reach(sub, batch, viewer)).collect();
        if reaches.iter().any(|reach| matches!(reach, Reach::Read | Reach::Anew)) {
            return false;
        }
        let shared: Vec<RequestId> = (self.subs.iter().zip(reaches))
            .filter(|(_, reach)| *reach == Reach::Share)
            .map(|(sub, _)| sub.id)
            .collect();
        shared.into_iter().for_each(|id| self.share(id, batch));
        true
    }

    /// Does with a batch what it asks for.
    pub(super) async fn batch(&mut self, batch: &Arc<Batch>) {
        let viewer = self.follower.user().clone();
        let ids: Vec<RequestId> = self.subs.iter().map(|sub| sub.id).collect();
        for id in ids {
            let Some(sub) = self.subs.iter().find(|sub| sub.id == id) else { continue };
            match reach(sub, batch, &viewer) {
                Reach::Nothing => {}
                Reach::Share => self.share(id, batch),
                Reach::Anew => self.open(id, false).await,
                Reach::Read => match sub.topic.clone() {
                    Topic::Messages { .. } => self.messages(id, batch).await,
                    Topic::Participants { .. } => self.participants(id, batch).await,
                    Topic::Reactions { message, emoji, .. } => {
                        self.reactions(id, batch, &message, &emoji).await;
                    }
                    _ => self.open(id, false).await,
                },
            }
        }
    }

    /// What a batch says of views and of who is typing is looked at like what others say of it.
    pub(super) fn hint_from(&mut self, batch: &Batch) {
        let viewer = self.follower.user();
        let moved = concerns_all(batch, viewer);
        for sub in &self.subs {
            match &sub.topic {
                Topic::Conversation { id } if *id == batch.id => {
                    self.hints.insert(Hint::View(id.clone()));
                }
                Topic::Typing { id } if *id == batch.id && moved => {
                    self.hints.insert(Hint::Typing { id: id.clone(), again: false });
                }
                _ => {}
            }
        }
    }

    /// Sends a batch as all see it.
    fn share(&mut self, id: RequestId, batch: &Arc<Batch>) {
        let seen = batch.is_seen();
        let Some(since) = self.advance(id, batch.last(), seen) else { return };
        if seen {
            let end: &str = batch.tail();
            self.send_events(id, since, batch.last(), end);
        }
    }

    /// Moves a list on to a number, of which the client is told or not; says which number the client has.
    fn advance(&mut self, id: RequestId, to: u64, tell: bool) -> Option<u64> {
        let Sent::List { seen, told } = &mut self.sub(id)?.sent else { return None };
        let since = *told;
        *seen = to;
        if tell {
            *told = to;
        }
        Some(since)
    }

    fn send_events(&mut self, id: RequestId, since: u64, seq: u64, end: &str) {
        let mut text = String::with_capacity(64 + end.len());
        // Writing into a string does not fail.
        let _ = write!(text, "{{\"t\":\"events\",\"id\":{id},\"since\":{since},\"seq\":{seq},");
        text.push_str(end);
        self.send_text(text);
    }

    /// Messages that differ by viewer, or of which some were sent already, or not all came.
    async fn messages(&mut self, id: RequestId, batch: &Arc<Batch>) {
        let Some(Sent::List { seen, told }) = self.sub(id).map(|sub| &sub.sent) else { return };
        let (seen, told) = (*seen, *told);
        if batch.first() > seen + 1 {
            if !self.catch_up(id, told, false).await {
                self.open(id, true).await;
            }
            return;
        }
        let new: Vec<(u64, Event)> = batch.events.iter().filter(|(seq, _)| *seq > seen).cloned().collect();
        let reacted: Vec<MessageId> = (batch.said())
            .flat_map(|said| [Some(&said.message), said.referenced.as_ref()])
            .flatten()
            .filter(|message| !message.reactions.is_empty())
            .map(|message| message.id.clone())
            .collect();
        let given = if reacted.is_empty() {
            HashMap::new()
        } else {
            let (app, user, place) = (&self.app, self.follower.user(), batch.id.clone());
            let read = self.service.read(app, user, Size::Point, "own reactions", move |read, context| {
                topics::viewer_reactions(read, context, &place, reacted)
            });
            match read.await {
                Ok(given) => given,
                Err(error) => return self.end(id, error),
            }
        };
        let tell = new.iter().any(|(_, event)| is_seen(event));
        self.advance(id, batch.last(), tell);
        if tell {
            self.send_events(id, told, batch.last(), &tail(&new, &given));
        }
    }

    async fn participants(&mut self, id: RequestId, batch: &Arc<Batch>) {
        let Some(since) = self.sub(id).and_then(|sub| sub.seen()) else { return };
        let mut users: Vec<UserId> = Vec::new();
        for (seq, event) in &batch.events {
            if let Event::Joined(user) | Event::Left(user) | Event::ParticipantChanged(user) = event
                && *seq > since
                && !users.contains(user)
            {
                users.push(user.clone());
            }
        }
        let place = batch.id.clone();
        let read = self
            .read(Size::Point, "participants", move |read, context| {
                topics::participant_changes(read, context, &place, users.clone())
            })
            .await;
        let answer = match read {
            Ok(answer) => answer,
            Err(error) => return self.end(id, error),
        };
        match changes(answer.value) {
            Ok(changes) => {
                self.advance(id, batch.last(), true);
                self.send(&Frame::Events { id, since: None, seq: None, changes, entities: answer.entities });
            }
            Err(error) => self.end(id, error),
        }
    }

    async fn reactions(&mut self, id: RequestId, batch: &Arc<Batch>, message: &MessageId, emoji: &str) {
        let Some(since) = self.sub(id).and_then(|sub| sub.seen()) else { return };
        let mut changes: Vec<Change<Reaction>> = Vec::new();
        let mut users: Vec<UserId> = Vec::new();
        for (seq, event) in &batch.events {
            if let Event::Reacted { payload: said, emoji: given, user, created_at, added } = event
                && *seq > since
                && said.message.id == *message
                && given == emoji
            {
                changes.push(if *added {
                    users.push(user.clone());
                    Change::Put(Reaction { user: user.clone(), created_at: *created_at })
                } else {
                    Change::Drop(user.as_str().to_owned())
                });
            }
        }
        let read =
            self.read(Size::Point, "who reacted", move |read, context| topics::users(read, context, &users));
        let answer = match read.await {
            Ok(answer) => answer,
            Err(error) => return self.end(id, error),
        };
        self.advance(id, batch.last(), true);
        let changes = changes.iter().filter_map(|change| to_raw_value(change).ok()).collect();
        self.send(&Frame::Events { id, since: None, seq: None, changes, entities: answer.entities });
    }
}

/// Whether a batch changes what the viewer may see at all.
fn concerns_all(batch: &Batch, viewer: &UserId) -> bool {
    batch.events.iter().any(|(_, event)| moves(event, viewer))
}

fn moves(event: &Event, viewer: &UserId) -> bool {
    match event {
        Event::Joined(user) | Event::Left(user) => user == viewer,
        Event::ConversationDeleted => true,
        _ => false,
    }
}

const fn is_seen(event: &Event) -> bool {
    matches!(event, Event::Sent(_) | Event::Edited(_) | Event::Reacted { .. } | Event::Deleted { .. })
}

/// What a batch asks of a subscription.
fn reach(sub: &Sub, batch: &Batch, viewer: &UserId) -> Reach {
    let of = |id: &ConversationId| *id == batch.id;
    if !sub.conversation().is_some_and(of) {
        return Reach::Nothing;
    }
    // What was there when the list was read is in it.
    let since = sub.seen().unwrap_or_default();
    let mut new = batch.events.iter().filter(|(seq, _)| *seq > since).map(|(_, event)| event);
    match &sub.topic {
        Topic::Messages { .. } | Topic::Participants { .. } | Topic::Reactions { .. }
            if new.clone().any(|event| moves(event, viewer)) =>
        {
            Reach::Anew
        }
        Topic::Messages { .. } if sub.seen().is_none() || batch.last() <= since => Reach::Nothing,
        Topic::Messages { .. } if batch.first() != since + 1 || batch.has_reactions() => Reach::Read,
        Topic::Messages { .. } => Reach::Share,
        Topic::Participants { .. } => {
            let concerns = |event: &Event| {
                matches!(event, Event::Joined(_) | Event::Left(_) | Event::ParticipantChanged(_))
            };
            if sub.seen().is_some() && new.any(concerns) { Reach::Read } else { Reach::Nothing }
        }
        Topic::Participant { user, .. } => {
            let concerns = |event: &Event| match event {
                Event::Joined(who) | Event::Left(who) => who == user || who == viewer,
                Event::ParticipantChanged(who) => who == user,
                Event::ConversationDeleted => true,
                _ => false,
            };
            if new.any(concerns) { Reach::Anew } else { Reach::Nothing }
        }
        Topic::Reactions { message, emoji, .. } => {
            let there = sub.seen().is_some();
            let mut reach = Reach::Nothing;
            for event in new {
                match event {
                    Event::Sent(said) if !there && said.message.id == *message => return Reach::Anew,
                    Event::Deleted { id, .. } if there && id == message => return Reach::Anew,
                    Event::Reacted { payload: said, emoji: given, .. }
                        if there && said.message.id == *message && given == emoji =>
                    {
                        reach = Reach::Read;
                    }
                    _ => {}
                }
            }
            reach
        }
        Topic::User { .. }
        | Topic::Online { .. }
        | Topic::Conversation { .. }
        | Topic::Conversations { .. }
        | Topic::Typing { .. } => Reach::Nothing,
    }
}
