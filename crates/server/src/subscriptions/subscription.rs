//! One subscription, and the state that its client has been sent, as far as it is needed to find what is new.

use std::collections::HashMap;
use std::sync::Arc;

use causerie_protocol::ids::{ConversationId, RequestId};
use causerie_protocol::topic::Topic;

#[derive(Debug)]
pub(super) struct Subscription {
    pub(super) id: RequestId,
    /// The topic, which equal subscriptions share.
    pub(super) topic: Arc<Topic>,
    /// How many entries a reset contains.
    pub(super) limit: u32,
    pub(super) sent: Sent,
}

/// The state that the client has been sent.
#[derive(Debug)]
pub(super) enum Sent {
    /// The topic has no value for this viewer.
    Nothing,
    /// A single value with this fingerprint.
    Single(u64),
    /// A list that belongs to a conversation.
    List {
        /// The number of the last event that was applied to the list.
        applied: u64,
        /// The number of the last event that the client knows. It is smaller if the last events did not
        /// change the list, because these are not sent.
        sent: u64,
    },
    /// These conversations, with the fingerprints of their views.
    Conversations(HashMap<ConversationId, u64>),
}

impl Sent {
    /// Returns the state of a list that was sent as it was after the event of this number.
    pub(super) const fn list(seq: u64) -> Sent {
        Sent::List { applied: seq, sent: seq }
    }
}

impl Subscription {
    /// Returns the conversation to which the topic belongs.
    pub(super) fn conversation(&self) -> Option<&ConversationId> {
        match &*self.topic {
            Topic::Conversation { id }
            | Topic::Messages { id }
            | Topic::Participants { id }
            | Topic::Participant { id, .. }
            | Topic::Typing { id }
            | Topic::Reactions { id, .. } => Some(id),
            Topic::User { .. } | Topic::Online { .. } | Topic::Conversations { .. } => None,
        }
    }

    /// Returns whether a single value was sent.
    pub(super) const fn has_value(&self) -> bool {
        matches!(self.sent, Sent::Single(_))
    }

    /// Returns the number of the last event that was applied to a list; `None` if there is no list.
    pub(super) const fn applied_seq(&self) -> Option<u64> {
        match self.sent {
            Sent::List { applied, .. } => Some(applied),
            _ => None,
        }
    }
}
