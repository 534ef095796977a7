//! Bodies and snapshots as the store uses them: JavaScript values in the browser, `serde_json` values
//! natively.

use causerie_protocol::TopicKind;

/// The kinds of bodies and values, by which their ids are read. The first three are entities.
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
    /// A change of a list.
    Change,
    /// An entry of a list: the id of an entity, a value, or a result of a search.
    Entry,
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

/// The ids in bodies, in the form of [`Body::ids`]: the lines, each of one body, or the ids in a line.
pub(super) struct Ids<'a> {
    rest: Option<&'a str>,
    separator: u8,
}

impl<'a> Ids<'a> {
    /// Returns the lines, each with the ids in one body.
    pub(super) const fn lines(ids: &'a str) -> Self {
        Ids { rest: Some(ids), separator: b'\n' }
    }

    /// Returns the ids in a line.
    pub(super) const fn of(line: &'a str) -> Self {
        Ids { rest: Some(line), separator: b'\t' }
    }

    /// Returns the next one, or an empty text if there is none.
    #[inline(never)]
    pub(super) fn take_next(&mut self) -> &'a str {
        self.next().unwrap_or_default()
    }
}

impl<'a> Iterator for Ids<'a> {
    type Item = &'a str;

    #[inline(never)]
    fn next(&mut self) -> Option<&'a str> {
        let rest = self.rest?;
        let end = rest.as_bytes().iter().position(|byte| *byte == self.separator);
        let (one, rest) = rest.split_at_checked(end.unwrap_or(rest.len()))?;
        // The separator is one byte.
        self.rest = rest.get(1..);
        Some(one)
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
    /// A message that a search found. Its parts are the conversation and the message.
    SearchMessage,
}

/// A JSON value of the server: the body of an entity, or the value or an entry of a topic.
///
/// A field that is absent, null or of another type is read as `None`, `false` or an empty list.
pub trait Body: Clone {
    /// A snapshot, or a list of snapshots. A clone is the same object.
    type Snapshot: Clone;

    /// Returns the text if the value itself is one, as an id is.
    fn as_text(&self) -> Option<String>;
    /// Returns the ids in bodies of a kind, in a line for each body, separated by tabs. An id is empty if it
    /// is absent:
    ///
    /// - of a user the user's;
    /// - of a conversation its own and the newest message's;
    /// - of a message its own, the conversation's, the sender's and the referenced message's;
    /// - of a participant, an online status or a reaction the user's;
    /// - of typing those of the users;
    /// - of a change those of the entry that it inserts and of the one that it removes;
    /// - of an entry its own; of a result of a search that of the message, and the conversation's.
    ///
    /// One call for all bodies of a frame was measured to take a fifth of the time of one for each, in the
    /// browser.
    fn ids(kind: Kind, bodies: &[Self]) -> String;
    /// Returns the latest time in a body, in Unix milliseconds, which decides its place in a list: of a
    /// message or a reaction `createdAt`, of a participant `joinedAt`, of a conversation the later one of
    /// `joinedAt` and `lastMessageAt`, of the others 0.
    fn time(&self, kind: Kind) -> i64;
    /// Returns a list.
    fn list(&self, field: ListField) -> Option<Vec<Self>>;
    /// Returns the cursor from which the next page of a list starts, if the list names one: a time and an id.
    fn next(&self) -> Option<(i64, String)>;
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
        added: &[&Self::Snapshot],
    ) -> Self::Snapshot;
}
