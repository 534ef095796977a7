//! One subscription, and as much of what its client was sent as is needed to know what is new.

use std::collections::HashMap;

use causerie_protocol::ids::{ConversationId, RequestId};
use causerie_protocol::topic::Topic;

/// A subscription.
#[derive(Debug)]
pub(super) struct Sub {
    pub(super) id: RequestId,
    pub(super) topic: Topic,
    /// How many entries are sent where it is sent anew.
    pub(super) limit: u32,
    pub(super) sent: Sent,
}

/// What the client was sent.
#[derive(Debug)]
pub(super) enum Sent {
    /// Nothing: there is nothing, or nothing for this viewer.
    Nothing,
    /// A single thing with this mark.
    Single(u64),
    /// A list of a conversation's.
    List {
        /// The number of the last event that was looked at.
        seen: u64,
        /// The number that the client has: that of the last event it was told of. What changes nothing in the list is
        /// not told by itself.
        told: u64,
    },
    /// These conversations, with their marks.
    Conversations(HashMap<ConversationId, u64>),
}

impl Sent {
    /// A list as it was after the event of this number, and the client knows.
    pub(super) const fn list(seq: u64) -> Sent {
        Sent::List { seen: seq, told: seq }
    }
}

impl Sub {
    /// The conversation that it is about.
    pub(super) const fn conversation(&self) -> Option<&ConversationId> {
        match &self.topic {
            Topic::Conversation { id }
            | Topic::Messages { id }
            | Topic::Participants { id }
            | Topic::Participant { id, .. }
            | Topic::Typing { id }
            | Topic::Reactions { id, .. } => Some(id),
            Topic::User { .. } | Topic::Online { .. } | Topic::Conversations { .. } => None,
        }
    }

    /// The mark of the single thing that was sent; none where there was nothing.
    pub(super) const fn mark(&self) -> Option<u64> {
        match self.sent {
            Sent::Single(mark) => Some(mark),
            _ => None,
        }
    }

    /// The number of the last event that was looked at for a list.
    pub(super) const fn seen(&self) -> Option<u64> {
        match self.sent {
            Sent::List { seen, .. } => Some(seen),
            _ => None,
        }
    }
}
