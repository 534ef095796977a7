//! Bodies and snapshots as the store uses them: JavaScript values in the browser, `serde_json` values
//! natively.

/// The text fields of bodies that the store reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextField {
    /// The id of an entity.
    Id,
    /// The conversation of a message.
    Conversation,
    /// The sender of a message.
    Sender,
    /// The message that a message references.
    ReferencedMessage,
    /// The newest message of a conversation.
    LastMessage,
    /// The user of a participant, a reaction or an online status.
    User,
    /// The id of an entry that a change removes.
    Drop,
}

/// The times of bodies that the store reads, in Unix milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimeField {
    /// The time of creation.
    CreatedAt,
    /// The time at which a participant joined.
    JoinedAt,
    /// The time of a conversation's newest message.
    LastMessageAt,
}

/// The lists in values that the store reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListField {
    /// The entries of a list.
    Items,
    /// The users who are typing.
    Users,
}

/// The flags in values that the store reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FlagField {
    /// Whether a list has entries after the last one.
    More,
    /// Whether too many users are typing to list them.
    Many,
}

/// The parts of which a snapshot is made: a body, and the snapshots of the entities that it names.
#[derive(Debug)]
pub enum Parts<'a, B: Body> {
    /// A user, who has no parts.
    User(&'a B),
    /// A conversation, with its newest message.
    Conversation(&'a B, Option<&'a B::Snapshot>),
    /// A message, with its sender and the message that it references.
    Message(&'a B, Option<&'a B::Snapshot>, Option<&'a B::Snapshot>),
    /// A message that another one references, with its sender.
    ReferencedMessage(&'a B, Option<&'a B::Snapshot>),
    /// A participant, with the user.
    Participant(&'a B, Option<&'a B::Snapshot>),
    /// A user's online status, with the user.
    Online(&'a B, Option<&'a B::Snapshot>),
    /// A reaction, with the user.
    Reaction(&'a B, Option<&'a B::Snapshot>),
    /// The users who are typing, or `None` if there are too many to list.
    Typing(Option<Vec<B::Snapshot>>),
}

/// A JSON value of the server: the body of an entity, or the value or an entry of a topic.
///
/// A field that is absent, null or of another type is read as `None`, `false` or an empty list.
pub trait Body: Clone {
    /// A snapshot, or a list of snapshots. A clone is the same object.
    type Snapshot: Clone;

    /// Returns the text if the value itself is one, as an id is.
    fn as_text(&self) -> Option<String>;
    /// Returns a text field.
    fn text(&self, field: TextField) -> Option<String>;
    /// Returns a time.
    fn time(&self, field: TimeField) -> Option<i64>;
    /// Returns a list.
    fn list(&self, field: ListField) -> Option<Vec<Self>>;
    /// Returns a flag.
    fn flag(&self, field: FlagField) -> bool;
    /// Returns the entry that a change inserts, moves or replaces.
    fn put(&self) -> Option<Self>;
    /// Returns the value of a topic of typing users without any.
    fn nobody_types() -> Self;

    /// Returns the body to store for a new body. Returns `None` if the new body equals the stored one, apart
    /// from its revision; else each part that equals the old one's is replaced by that one, so that unchanged
    /// parts of snapshots stay the same objects.
    fn merge(old: Option<&Self>, new: Self) -> Option<Self>;
    /// Returns a new snapshot.
    fn snapshot(parts: Parts<'_, Self>) -> Self::Snapshot;
    /// Returns a list of snapshots: a copy of `old`, or of an empty list, in which `added` replaces the
    /// `removed` entries from the index `start` on.
    fn splice(
        old: Option<&Self::Snapshot>,
        start: usize,
        removed: usize,
        added: Vec<Self::Snapshot>,
    ) -> Self::Snapshot;
}
