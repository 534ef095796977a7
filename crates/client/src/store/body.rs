//! Bodies and snapshots as the store uses them: JavaScript values in the browser, `serde_json` values
//! natively.

use causerie_protocol::TopicKind;

/// The kinds of bodies and values. The first three are entities.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A user.
    User,
    /// A conversation.
    Conversation,
    /// A message.
    Message,
    /// A participant.
    Participant,
    /// A user's online status.
    Online,
    /// A reaction.
    Reaction,
    /// The users who are typing.
    Typing,
}

impl Kind {
    /// Returns the kind of a topic's value, or of the entries of its list.
    pub(super) const fn of(topic: TopicKind) -> Self {
        match topic {
            TopicKind::User => Kind::User,
            TopicKind::Online => Kind::Online,
            TopicKind::Conversation | TopicKind::Conversations => Kind::Conversation,
            TopicKind::Messages => Kind::Message,
            TopicKind::Participant | TopicKind::Participants => Kind::Participant,
            TopicKind::Typing => Kind::Typing,
            TopicKind::Reactions => Kind::Reaction,
        }
    }
}

/// The ids in a body, in the form of [`Body::ids`].
pub(super) struct Ids<'a>(Option<&'a str>);

impl<'a> Ids<'a> {
    pub(super) const fn of(ids: &'a str) -> Self {
        Ids(Some(ids))
    }
}

impl<'a> Iterator for Ids<'a> {
    type Item = &'a str;

    #[inline(never)]
    fn next(&mut self) -> Option<&'a str> {
        let ids = self.0?;
        let end = ids.as_bytes().iter().position(|byte| *byte == b'\n').unwrap_or(ids.len());
        let (id, rest) = ids.split_at_checked(end)?;
        self.0 = rest.strip_prefix("\n");
        Some(id)
    }
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

/// The kinds of snapshots.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum View {
    /// A user.
    User,
    /// A conversation. Its part is the newest message.
    Conversation,
    /// A message. Its parts are the sender and the message that it references.
    Message,
    /// A message that another one references. Its part is the sender.
    ReferencedMessage,
    /// A participant. Its part is the user.
    Participant,
    /// A user's online status. Its part is the user.
    Online,
    /// A reaction. Its part is the user.
    Reaction,
}

/// A JSON value of the server: the body of an entity, or the value or an entry of a topic.
///
/// A field that is absent, null or of another type is read as `None`, `false` or an empty list.
pub trait Body: Clone {
    /// A snapshot, or a list of snapshots. A clone is the same object.
    type Snapshot: Clone;

    /// Returns the text if the value itself is one, as an id is.
    fn as_text(&self) -> Option<String>;
    /// Returns the ids in a body, each but the last followed by a line feed, and empty if it is absent:
    ///
    /// - of a user the user's;
    /// - of a conversation its own and the newest message's;
    /// - of a message its own, the conversation's, the sender's and the referenced message's;
    /// - of a participant, an online status or a reaction the user's;
    /// - of typing those of the users.
    ///
    /// One call for all was measured to take half the time of one for each, in the browser.
    fn ids(&self, kind: Kind) -> String;
    /// Returns the latest time in a body, in Unix milliseconds, which decides its place in a list: of a
    /// message or a reaction `createdAt`, of a participant `joinedAt`, of a conversation the later one of
    /// `joinedAt` and `lastMessageAt`, of the others 0.
    fn time(&self, kind: Kind) -> i64;
    /// Returns the id of the entry that a change removes.
    fn dropped(&self) -> Option<String>;
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
    /// Returns a new snapshot of a body and its parts: the snapshots of the entities that the body names.
    fn snapshot(
        &self,
        view: View,
        part: Option<&Self::Snapshot>,
        second: Option<&Self::Snapshot>,
    ) -> Self::Snapshot;
    /// Returns a new snapshot of the users who are typing, or of too many to list.
    fn typing(users: Option<Vec<Self::Snapshot>>) -> Self::Snapshot;
    /// Returns a list of snapshots: a copy of `old`, or of an empty list, in which `added` replaces the
    /// `removed` entries from the index `start` on.
    fn splice(
        old: Option<&Self::Snapshot>,
        start: usize,
        removed: usize,
        added: Vec<Self::Snapshot>,
    ) -> Self::Snapshot;
}
