//! The effect of a batch on a subscription.

use causerie_protocol::ids::UserId;
use causerie_protocol::topic::Topic;

use super::subscription::Subscription;
use crate::events::Event;
use crate::fanout::Batch;

/// The effect of a batch on a subscription.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Effect {
    /// The subscription is not affected.
    None,
    /// The encoding that all followers share is sent.
    Share,
    /// Something has to be read: the viewer's own reactions, or data that the batch does not contain.
    Read,
    /// The whole value is sent again, because the viewer joined or left, or the subject of the topic appeared
    /// or was deleted.
    Reset,
}

/// Returns whether a batch changes which data the viewer may see.
pub(super) fn changes_visibility(batch: &Batch, viewer: &UserId) -> bool {
    batch.events.iter().any(|(_, event)| event_changes_visibility(event, viewer))
}

fn event_changes_visibility(event: &Event, viewer: &UserId) -> bool {
    match event {
        Event::Joined(user) | Event::Left(user) => user == viewer,
        Event::ConversationDeleted => true,
        _ => false,
    }
}

/// Returns the effect of a batch on a subscription.
pub(super) fn effect(subscription: &Subscription, batch: &Batch, viewer: &UserId) -> Effect {
    if subscription.conversation().is_none_or(|id| *id != batch.id) {
        return Effect::None;
    }
    let list_seq = subscription.applied_seq();
    // Events up to this number were in the list when it was read.
    let since = list_seq.unwrap_or_default();
    let mut new = batch.events.iter().filter(|(seq, _)| *seq > since).map(|(_, event)| event);
    match &*subscription.topic {
        Topic::Messages { .. } | Topic::Participants { .. } | Topic::Reactions { .. }
            if new.clone().any(|event| event_changes_visibility(event, viewer)) =>
        {
            Effect::Reset
        }
        Topic::Messages { .. } if list_seq.is_none() || batch.last() <= since => Effect::None,
        Topic::Messages { .. } if batch.first() != since + 1 || batch.has_reactions() => Effect::Read,
        Topic::Messages { .. } => Effect::Share,
        Topic::Participants { .. } => {
            let changes_participants =
                |event| matches!(event, &Event::Joined(_) | &Event::Left(_) | &Event::ParticipantChanged(_));
            if list_seq.is_some() && new.any(changes_participants) { Effect::Read } else { Effect::None }
        }
        Topic::Participant { user, .. } => {
            let changes_participant = |event: &Event| match event {
                Event::Joined(member) | Event::Left(member) => member == user || member == viewer,
                Event::ParticipantChanged(member) => member == user,
                Event::ConversationDeleted => true,
                _ => false,
            };
            if new.any(changes_participant) { Effect::Reset } else { Effect::None }
        }
        Topic::Reactions { message, emoji, .. } => {
            let exists = list_seq.is_some();
            let mut effect = Effect::None;
            for event in new {
                match event {
                    Event::Sent(payload) if !exists && payload.message.id == *message => {
                        return Effect::Reset;
                    }
                    Event::Deleted { id, .. } if exists && id == message => return Effect::Reset,
                    Event::Reacted { payload, emoji: reacted, .. }
                        if exists && payload.message.id == *message && reacted == emoji =>
                    {
                        effect = Effect::Read;
                    }
                    _ => {}
                }
            }
            effect
        }
        Topic::User { .. }
        | Topic::Online { .. }
        | Topic::Conversation { .. }
        | Topic::Conversations { .. }
        | Topic::Typing { .. } => Effect::None,
    }
}
