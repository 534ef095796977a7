//! Where the data is kept.
//!
//! The rules are given a transaction: a [`Read`], or a [`Write`], which reads too. They are synchronous, speak in
//! [`records`], and every call names its app, so that no app ever sees another's data. A [`Store`] runs closures on
//! such transactions: reads at once, writes one after the other in the order in which they were handed in. A write's
//! result is given out only when it is durable.
//!
//! [`sqlite`] is the store that is built in. Whatever else comes beside it runs the same suite, `conformance`.

#[cfg(test)]
mod conformance;
pub mod records;
pub mod sqlite;

use std::fmt;
use std::future::Future;
use std::ops::ControlFlow;

use causerie_protocol::entities::Reaction;
use causerie_protocol::ids::{ConversationId, MessageId, UserId};
use causerie_protocol::topic::Cursor;

pub use records::Stream;
use records::{
    Appended, ConversationRecord, DeltaRecord, MessageEdit, MessageRecord, OutcomeKey, OutcomeRecord,
    ParticipantRecord, PrivateRecord, UserRecord, ViewRecord,
};

use crate::events::AppEvent;

/// What reading and writing return.
pub type StoreResult<T> = Result<T, StoreError>;

/// A transaction that reads: everything it is asked is answered from one state of the data.
pub trait Read {
    /// A user's public data.
    ///
    /// # Errors
    /// Like all of this trait: [`StoreError`], when the database fails.
    fn user(&self, app: &str, user: &UserId) -> StoreResult<Option<UserRecord>>;

    /// At most `limit` of the ids of all users, by their code points; those behind `after`.
    ///
    /// # Errors
    /// See [`Read::user`].
    fn users(&self, app: &str, after: &str, limit: u32) -> StoreResult<Vec<UserId>>;

    /// At most `limit` of the ids of all conversations, by their code points; those behind `after`.
    ///
    /// # Errors
    /// See [`Read::user`].
    fn conversations(&self, app: &str, after: &str, limit: u32) -> StoreResult<Vec<ConversationId>>;

    /// What of a user is for backends only; empty where nothing was set.
    ///
    /// # Errors
    /// See [`Read::user`].
    fn user_private(&self, app: &str, user: &UserId) -> StoreResult<PrivateRecord>;

    /// A conversation.
    ///
    /// # Errors
    /// See [`Read::user`].
    fn conversation(
        &self,
        app: &str,
        conversation: &ConversationId,
    ) -> StoreResult<Option<ConversationRecord>>;

    /// A conversation as one of its participants sees it.
    ///
    /// # Errors
    /// See [`Read::user`].
    fn view(
        &self,
        app: &str,
        conversation: &ConversationId,
        viewer: &UserId,
    ) -> StoreResult<Option<ViewRecord>>;

    /// The conversations that a user takes part in, by [`ViewRecord::activity`], newest first, and by id, greatest
    /// first, where that is the same; those behind `after`. They are found one after the other, until `visit` has
    /// enough, so that a page costs what it holds, however many there are.
    ///
    /// # Errors
    /// See [`Read::user`].
    fn views(
        &self,
        app: &str,
        viewer: &UserId,
        after: Option<&Cursor>,
        visit: &mut dyn FnMut(ViewRecord) -> ControlFlow<()>,
    ) -> StoreResult<()>;

    /// Who takes part, by id.
    ///
    /// # Errors
    /// See [`Read::user`].
    fn participants(
        &self,
        app: &str,
        conversation: &ConversationId,
    ) -> StoreResult<Vec<(UserId, ParticipantRecord)>>;

    /// At most `limit` of those who take part, behind `after`: who joined last before the others, and by id, greatest
    /// first, where that was at once.
    ///
    /// # Errors
    /// See [`Read::user`].
    fn newest_participants(
        &self,
        app: &str,
        conversation: &ConversationId,
        after: Option<&Cursor>,
        limit: u32,
    ) -> StoreResult<Vec<(UserId, ParticipantRecord)>>;

    /// One participant.
    ///
    /// # Errors
    /// See [`Read::user`].
    fn participant(
        &self,
        app: &str,
        conversation: &ConversationId,
        user: &UserId,
    ) -> StoreResult<Option<ParticipantRecord>>;

    /// The latest of all times of a conversation: of its newest message (or else its making), and of what anybody has
    /// read up to.
    ///
    /// # Errors
    /// See [`Read::user`].
    fn latest(&self, app: &str, conversation: &ConversationId) -> StoreResult<Option<i64>>;

    /// One message.
    ///
    /// # Errors
    /// See [`Read::user`].
    fn message(
        &self,
        app: &str,
        conversation: &ConversationId,
        id: &MessageId,
    ) -> StoreResult<Option<MessageRecord>>;

    /// At most `limit` messages behind `after` (or the newest): newest first, and by id, greatest first, where they
    /// were sent at once.
    ///
    /// # Errors
    /// See [`Read::user`].
    fn messages(
        &self,
        app: &str,
        conversation: &ConversationId,
        after: Option<&Cursor>,
        limit: u32,
    ) -> StoreResult<Vec<MessageRecord>>;

    /// What happened to messages since the event `since` of the conversation's stream; `None` where that cannot be
    /// told in `limit` messages, or not at all: the number is of a time before this conversation was made, or after
    /// its last event.
    ///
    /// # Errors
    /// See [`Read::user`].
    fn delta(
        &self,
        app: &str,
        conversation: &ConversationId,
        since: u64,
        limit: u32,
    ) -> StoreResult<Option<DeltaRecord>>;

    /// At most `limit` of those who gave a message this emoji, behind `after`: who gave it first before the others.
    /// No two of them did at the same time.
    ///
    /// # Errors
    /// See [`Read::user`].
    fn reactions(
        &self,
        app: &str,
        conversation: &ConversationId,
        message: &MessageId,
        emoji: &str,
        after: Option<&Cursor>,
        limit: u32,
    ) -> StoreResult<Vec<Reaction>>;

    /// Which emoji a user gave a message, by their code points.
    ///
    /// # Errors
    /// See [`Read::user`].
    fn reacted(
        &self,
        app: &str,
        conversation: &ConversationId,
        message: &MessageId,
        user: &UserId,
    ) -> StoreResult<Vec<String>>;

    /// What an earlier write under this key came to.
    ///
    /// # Errors
    /// See [`Read::user`].
    fn outcome(&self, key: &OutcomeKey<'_>) -> StoreResult<Option<OutcomeRecord>>;

    /// The number of a topic's last event; 0 before the first.
    ///
    /// # Errors
    /// See [`Read::user`].
    fn stream_seq(&self, app: &str, stream: &Stream) -> StoreResult<u64>;
}

/// A transaction that writes: all of it happens, or none.
pub trait Write: Read {
    /// Creates a user, or replaces its public data. `created_at` is kept once it is there.
    ///
    /// # Errors
    /// Like all of this trait: [`StoreError`], when the database fails or refuses.
    fn put_user(&mut self, app: &str, user: &UserId, record: &UserRecord) -> StoreResult<()>;

    /// Replaces what is private of a user, who must exist.
    ///
    /// # Errors
    /// See [`Write::put_user`].
    fn put_user_private(&mut self, app: &str, user: &UserId, record: &PrivateRecord) -> StoreResult<()>;

    /// Creates a conversation, or replaces its settings. What messages bring forth (`last_seq`, `last_message_at`)
    /// and `created_at` are kept.
    ///
    /// # Errors
    /// See [`Write::put_user`].
    fn put_conversation(
        &mut self,
        app: &str,
        conversation: &ConversationId,
        record: &ConversationRecord,
    ) -> StoreResult<()>;

    /// Makes a user a participant, or replaces what a participant is. Both must exist.
    ///
    /// # Errors
    /// See [`Write::put_user`].
    fn put_participant(
        &mut self,
        app: &str,
        conversation: &ConversationId,
        user: &UserId,
        record: &ParticipantRecord,
    ) -> StoreResult<()>;

    /// Takes a participant out; says whether there was one.
    ///
    /// # Errors
    /// See [`Write::put_user`].
    fn delete_participant(
        &mut self,
        app: &str,
        conversation: &ConversationId,
        user: &UserId,
    ) -> StoreResult<bool>;

    /// Deletes a conversation with all that is in it; its stream counts this as an event, whose number is returned.
    /// `None` where there was none.
    ///
    /// # Errors
    /// See [`Write::put_user`].
    fn delete_conversation(&mut self, app: &str, conversation: &ConversationId) -> StoreResult<Option<u64>>;

    /// Adds a message to a conversation, under the next number: the numbers have no gaps. What the store gives
    /// (`seq`, `reactions`) is not looked at in the record. The conversation and the sender must exist. Where the
    /// sender takes part, the conversation is read up to this message.
    ///
    /// # Errors
    /// See [`Write::put_user`].
    fn append_message(
        &mut self,
        app: &str,
        conversation: &ConversationId,
        message: &MessageRecord,
    ) -> StoreResult<Appended>;

    /// Changes what a message says; returns the number of this event in the conversation's stream, or `None` where
    /// there is no such message.
    ///
    /// # Errors
    /// See [`Write::put_user`].
    fn edit_message(
        &mut self,
        app: &str,
        conversation: &ConversationId,
        id: &MessageId,
        edit: &MessageEdit,
    ) -> StoreResult<Option<u64>>;

    /// Deletes a message with its reactions. What was newest falls back to the newest that is left, and nobody counts
    /// the message as unread any more. Returns as [`Write::edit_message`].
    ///
    /// # Errors
    /// See [`Write::put_user`].
    fn delete_message(
        &mut self,
        app: &str,
        conversation: &ConversationId,
        id: &MessageId,
    ) -> StoreResult<Option<u64>>;

    /// Gives a message an emoji from a user, at the reaction's time or, so that no two are at once, just after the
    /// last with this emoji. Returns the number of this event in the conversation's stream and the time; `None` where
    /// the user gave it before. The message and the user must exist.
    ///
    /// # Errors
    /// See [`Write::put_user`].
    fn add_reaction(
        &mut self,
        app: &str,
        conversation: &ConversationId,
        message: &MessageId,
        emoji: &str,
        reaction: &Reaction,
    ) -> StoreResult<Option<(u64, i64)>>;

    /// Takes a user's emoji from a message. Returns the number of this event in the conversation's stream and when
    /// the reaction was given; `None` where there is no such reaction.
    ///
    /// # Errors
    /// See [`Write::put_user`].
    fn remove_reaction(
        &mut self,
        app: &str,
        conversation: &ConversationId,
        message: &MessageId,
        emoji: &str,
        user: &UserId,
    ) -> StoreResult<Option<(u64, i64)>>;

    /// Keeps what a write came to, under its key.
    ///
    /// # Errors
    /// See [`Write::put_user`].
    fn put_outcome(&mut self, key: &OutcomeKey<'_>, record: &OutcomeRecord) -> StoreResult<()>;

    /// Forgets at most `limit` of the oldest outcomes, of those from before this time; says how many.
    ///
    /// # Errors
    /// See [`Write::put_user`].
    fn prune_outcomes(&mut self, before: i64, limit: u32) -> StoreResult<usize>;

    /// Counts one event of a stream, and returns its number.
    ///
    /// # Errors
    /// See [`Write::put_user`]; also where the conversation of the stream does not exist.
    fn advance(&mut self, app: &str, stream: &Stream) -> StoreResult<u64>;

    /// Tells those who follow of a change, once it is durable: after the commit, in the order of the commits, and
    /// before the write's own result is given out. What is refused after all is told nobody.
    fn publish(&mut self, change: AppEvent);
}

/// Runs closures on transactions. Clones share one database.
pub trait Store: Clone + Send + Sync + 'static {
    /// Reads. A short job runs where the future is polled, as a handover to a thread would cost more than the job.
    ///
    /// # Errors
    /// Those of the job, and [`StoreError`].
    fn read<T, E, F>(
        &self,
        size: Size,
        job: F,
    ) -> impl Future<Output = Result<T, E>> + Send + use<Self, T, E, F>
    where
        F: FnOnce(&dyn Read) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static;

    /// Writes. The job is put in the queue at the call itself; the future is ready when what it did is durable. A
    /// job that returns an error leaves nothing behind.
    ///
    /// # Errors
    /// Those of the job, and [`StoreError`].
    fn write<T, E, F>(&self, job: F) -> impl Future<Output = Result<T, E>> + Send + use<Self, T, E, F>
    where
        F: FnOnce(&mut dyn Write) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static;

    /// Names this database's history: 128 random bits, made with it.
    fn epoch(&self) -> &str;

    /// Carries out what is in the queue, then closes the database.
    fn close(&self) -> impl Future<Output = ()> + Send;
}

/// How much a job reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Size {
    /// A few rows found by their keys: some ten microseconds.
    Point,
    /// A list; kept away from the threads that serve the connections.
    List,
}

/// Why the store did not do what it was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StoreError {
    /// More writes are waiting than the queue holds.
    Busy,
    /// The store is closed, or is being closed.
    Closed,
    /// The database failed; the text is for the operator's log, not for callers.
    Failed(String),
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            StoreError::Busy => f.write_str("the writer's queue is full"),
            StoreError::Closed => f.write_str("the store is closed"),
            StoreError::Failed(text) => f.write_str(text),
        }
    }
}

impl std::error::Error for StoreError {}

/// Why a database could not be opened: one line, with the file and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenError(pub String);

impl fmt::Display for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for OpenError {}
