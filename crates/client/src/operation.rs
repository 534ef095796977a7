//! The engine's view of an operation. The rest of an operation passes through unread.

use causerie_protocol::topic::Cursor;
use causerie_protocol::{ErrorBody, Op, Topic};

use crate::store::TopicScope;

/// An operation that can be requested: the protocol's own [`Op`], or a driver's cheaper representation of it.
///
/// The browser binding uses a name and a JavaScript object, so that the code that serializes an `Op` is not
/// part of the WebAssembly module.
pub trait Operation: Clone {
    /// A topic to subscribe to, in the same representation.
    type Topic: Clone;

    /// Returns whether the operation changes anything, and so needs an idempotency key.
    fn writes(&self) -> bool;

    /// Checks the values of the parameters before anything is sent.
    ///
    /// # Errors
    /// Returns an error that names the first invalid field.
    fn check(&self) -> Result<(), ErrorBody>;

    /// Returns the operation that reads this many entries of a list after the entry of this time and id.
    fn more(topic: &Self::Topic, after: (i64, String), limit: u32) -> Self;

    /// Returns what the store needs to know of a topic.
    fn scope(topic: &Self::Topic) -> TopicScope;
}

impl Operation for Op {
    type Topic = Topic;

    fn writes(&self) -> bool {
        Op::writes(self)
    }

    fn check(&self) -> Result<(), ErrorBody> {
        Op::check(self)
    }

    fn more(topic: &Topic, (at, id): (i64, String), limit: u32) -> Self {
        Op::More { topic: topic.clone(), after: Cursor { at, id }, limit }
    }

    fn scope(topic: &Topic) -> TopicScope {
        let id = match topic {
            Topic::User { id } | Topic::Online { id } => id.as_str(),
            Topic::Conversations { .. } => "",
            Topic::Conversation { id }
            | Topic::Messages { id }
            | Topic::Participants { id }
            | Topic::Participant { id, .. }
            | Topic::Typing { id }
            | Topic::Reactions { id, .. } => id.as_str(),
        };
        TopicScope { kind: topic.topic_kind(), id: id.to_owned(), key: format!("{topic:?}") }
    }
}
