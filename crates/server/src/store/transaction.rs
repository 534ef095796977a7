//! The operations of a transaction.

use std::ops::ControlFlow;

use causerie_protocol::entities::Reaction;
use causerie_protocol::ids::{ConversationId, MessageId, UserId};
use causerie_protocol::params::Custom;
use causerie_protocol::topic::Cursor;

use super::deliveries::{ReadDeliveries, WriteDeliveries};
use super::error::StoreResult;
use super::files::{ReadFiles, WriteFiles};
use super::records::{
    Appended, ConversationRecord, DeltaRecord, MessageEdit, MessageRecord, NextMessage, OrderBy, OutcomeKey,
    OutcomeRecord, ParticipantRecord, PrivateRecord, UserRecord, ViewRecord,
};
use crate::events::AppEvent;
use crate::words::Query;

/// The most participants for which [`Write::append_message`] moves `read_until` back.
pub const READERS_AT_TIME: u32 = 8;
/// The most messages in a [`Read::delta`]. A position with more changes after it is unknown, so no position
/// needs a tombstone that has more newer ones than this.
pub const MAX_DELTA: u32 = 1_000;
/// The number of outcomes of a user that are stored for sure; some hundred more can be. The oldest go first.
pub const OUTCOMES_PER_USER: u32 = 10_000;

/// A transaction that reads: all its results come from one state of the data.
pub trait Read: ReadDeliveries + ReadFiles {
    /// Returns the public data of a user.
    ///
    /// # Errors
    /// As all methods of this trait: [`StoreError`](super::StoreError) if the database fails.
    fn user(&self, app: &str, user: &UserId) -> StoreResult<Option<UserRecord>>;

    /// Returns at most `limit` ids of users: those after `after`, in the order of their code points.
    ///
    /// # Errors
    /// See [`Read::user`].
    fn users(&self, app: &str, after: &str, limit: u32) -> StoreResult<Vec<UserId>>;

    /// Visits all conversations of an app after the cursor `after`, ordered by the time of `order`, then by
    /// id; the greatest first, or the least first if `ascending`. Each is read when it is visited, until
    /// `visit` breaks.
    ///
    /// # Errors
    /// See [`Read::user`].
    fn conversations(
        &self,
        app: &str,
        order: OrderBy,
        ascending: bool,
        after: Option<&Cursor>,
        visit: &mut dyn FnMut(ConversationId, ConversationRecord) -> ControlFlow<()>,
    ) -> StoreResult<()>;

    /// Returns the data of a user that only backends may see; an empty record if none was set.
    ///
    /// # Errors
    /// See [`Read::user`].
    fn user_private(&self, app: &str, user: &UserId) -> StoreResult<PrivateRecord>;

    /// Returns a conversation.
    ///
    /// # Errors
    /// See [`Read::user`].
    fn conversation(
        &self,
        app: &str,
        conversation: &ConversationId,
    ) -> StoreResult<Option<ConversationRecord>>;

    /// Returns a conversation as one of its participants sees it; `None` if the viewer is not a participant.
    ///
    /// # Errors
    /// See [`Read::user`].
    fn view(
        &self,
        app: &str,
        conversation: &ConversationId,
        viewer: &UserId,
    ) -> StoreResult<Option<ViewRecord>>;

    /// Visits the views of all conversations in which a user participates, after the cursor `after`. They are
    /// ordered by [`ViewRecord::activity`], newest first, then by id, greatest first. Each view is read when
    /// it is visited, until `visit` breaks, so the cost of a page depends on its length only, not on the
    /// number of conversations.
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

    /// Returns all participants of a conversation, ordered by id.
    ///
    /// # Errors
    /// See [`Read::user`].
    fn participants(
        &self,
        app: &str,
        conversation: &ConversationId,
    ) -> StoreResult<Vec<(UserId, ParticipantRecord)>>;

    /// Returns at most `limit` participants after the cursor `after`, ordered by the time at which they
    /// joined, newest first, then by id, greatest first.
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

    /// Returns one participant.
    ///
    /// # Errors
    /// See [`Read::user`].
    fn participant(
        &self,
        app: &str,
        conversation: &ConversationId,
        user: &UserId,
    ) -> StoreResult<Option<ParticipantRecord>>;

    /// Returns the place of the next message if it is sent at the time `now`; `None` if there is no such
    /// conversation. Its time is `now`, but not before the time of the newest message (the creation if there
    /// is none) or `read_until` of a participant. It can be equal to them. If more than [`READERS_AT_TIME`]
    /// participants have read up to that time, it is one millisecond later.
    ///
    /// # Errors
    /// See [`Read::user`].
    fn next_message(
        &self,
        app: &str,
        conversation: &ConversationId,
        now: i64,
    ) -> StoreResult<Option<NextMessage>>;

    /// Returns one message.
    ///
    /// # Errors
    /// See [`Read::user`].
    fn message(
        &self,
        app: &str,
        conversation: &ConversationId,
        id: &MessageId,
    ) -> StoreResult<Option<MessageRecord>>;

    /// Returns whether a message with this id and sequence number was deleted from a conversation.
    ///
    /// # Errors
    /// See [`Read::user`].
    fn is_tombstone(
        &self,
        app: &str,
        conversation: &ConversationId,
        seq: i64,
        id: &MessageId,
    ) -> StoreResult<bool>;

    /// Returns at most `limit` messages after the cursor `after` (the newest ones if there is no cursor),
    /// ordered by the time at which they were sent, newest first, then by id, greatest first.
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

    /// Visits the messages of a conversation that may match a query, in the order of [`Read::messages`],
    /// after the cursor `after`, until `visit` breaks. They are all messages of text that match, except that
    /// those that were sent or edited within about the last second may be missing; and others may be among
    /// them, so the caller compares each.
    ///
    /// # Errors
    /// See [`Read::user`].
    fn matching_messages(
        &self,
        app: &str,
        conversation: &ConversationId,
        query: &Query,
        after: Option<&Cursor>,
        visit: &mut dyn FnMut(MessageRecord) -> ControlFlow<()>,
    ) -> StoreResult<()>;

    /// Returns the messages that changed since the event `since` of the conversation's stream. Returns `None`
    /// if these are more than `limit` (at most [`MAX_DELTA`]), or if they are unknown: `since` is from before
    /// the conversation was created or after its last event.
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

    /// Returns at most `limit` of the reactions to a message with this emoji after the cursor `after`, oldest
    /// first. No two of them have the same time.
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

    /// Returns the emoji of all reactions of one user to a message, in the order of their code points.
    ///
    /// # Errors
    /// See [`Read::user`].
    fn reactions_of_user(
        &self,
        app: &str,
        conversation: &ConversationId,
        message: &MessageId,
        user: &UserId,
    ) -> StoreResult<Vec<String>>;

    /// Returns the outcome of an earlier write with this idempotency key.
    ///
    /// # Errors
    /// See [`Read::user`].
    fn outcome(&self, key: &OutcomeKey<'_>) -> StoreResult<Option<OutcomeRecord>>;

    /// Returns the revocations of all apps: the app, the user, and the time before which a token must not
    /// have been issued.
    ///
    /// # Errors
    /// See [`Read::user`].
    fn revocations(&self) -> StoreResult<Vec<(String, UserId, i64)>>;

    /// Returns the custom data of an app.
    ///
    /// # Errors
    /// See [`Read::user`].
    fn app_custom(&self, app: &str) -> StoreResult<Custom>;

    /// Returns the number of the last event in a conversation's stream; 0 before the first. The stream
    /// survives the deletion of the conversation.
    ///
    /// # Errors
    /// See [`Read::user`].
    fn stream_seq(&self, app: &str, conversation: &ConversationId) -> StoreResult<u64>;
}

/// A transaction that writes. It takes effect completely or not at all.
pub trait Write: Read + WriteDeliveries + WriteFiles {
    /// Creates a user, or replaces its public data except `created_at`.
    ///
    /// # Errors
    /// As all methods of this trait: [`StoreError`](super::StoreError) if the database fails or rejects the
    /// change.
    fn put_user(&mut self, app: &str, user: &UserId, record: &UserRecord) -> StoreResult<()>;

    /// Replaces the private data of a user, who must exist.
    ///
    /// # Errors
    /// See [`Write::put_user`].
    fn put_user_private(&mut self, app: &str, user: &UserId, record: &PrivateRecord) -> StoreResult<()>;

    /// Creates a conversation, or replaces its settings. The fields that depend on its messages (`last_seq`,
    /// `last_message_at`) and `created_at` are not replaced.
    ///
    /// # Errors
    /// See [`Write::put_user`].
    fn put_conversation(
        &mut self,
        app: &str,
        conversation: &ConversationId,
        record: &ConversationRecord,
    ) -> StoreResult<()>;

    /// Adds a participant, or replaces its record. The conversation and the user must exist.
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

    /// Removes a participant. Returns whether there was one.
    ///
    /// # Errors
    /// See [`Write::put_user`].
    fn delete_participant(
        &mut self,
        app: &str,
        conversation: &ConversationId,
        user: &UserId,
    ) -> StoreResult<bool>;

    /// Deletes a conversation with its participants and messages. Returns the number of this event in its
    /// stream; `None` if there is no such conversation.
    ///
    /// # Errors
    /// See [`Write::put_user`].
    fn delete_conversation(&mut self, app: &str, conversation: &ConversationId) -> StoreResult<Option<u64>>;

    /// Appends a message to a conversation with the next sequence number, without gaps. The store assigns
    /// `seq` and `reactions` and ignores those of the record. The conversation and the sender must exist. If
    /// the sender is a participant, the conversation becomes read up to this message. If another participant
    /// has read up to exactly the time of the message, its `read_until` moves back by one millisecond, so
    /// that a message up to `read_until` is always a read one.
    ///
    /// # Errors
    /// See [`Write::put_user`].
    fn append_message(
        &mut self,
        app: &str,
        conversation: &ConversationId,
        message: &MessageRecord,
    ) -> StoreResult<Appended>;

    /// Appends a message like [`Write::append_message`], and stores its id as the outcome of the write under
    /// an idempotency key, whose caller is the sender. The outcome is stored for as long as the message; if
    /// that is deleted, then for as long as one of [`Write::put_outcome`].
    ///
    /// # Errors
    /// See [`Write::put_user`]; also if there is an outcome under this key.
    fn send_message(
        &mut self,
        conversation: &ConversationId,
        message: &MessageRecord,
        key: &OutcomeKey<'_>,
        request_hash: [u8; 8],
    ) -> StoreResult<Appended>;

    /// Changes the content of a message. Returns the number of this event in the conversation's stream, or
    /// `None` if there is no such message.
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

    /// Deletes a message with its reactions. If it was the newest, the one before it becomes the newest; and
    /// it no longer counts as unread. Also deletes tombstones of the conversation that no position of a
    /// client and no participant's number of unread messages can need. Returns the same as
    /// [`Write::edit_message`].
    ///
    /// # Errors
    /// See [`Write::put_user`].
    fn delete_message(
        &mut self,
        app: &str,
        conversation: &ConversationId,
        id: &MessageId,
    ) -> StoreResult<Option<u64>>;

    /// Adds a reaction to a message. No two reactions with one emoji have the same time: if the given time is
    /// not after that of the last one, the reaction gets the time one millisecond after it. Returns the
    /// number of this event in the conversation's stream and the time; `None` if the user has this reaction
    /// already. The message and the user must exist.
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

    /// Removes a reaction from a message. Returns the number of this event in the conversation's stream and
    /// the time at which the reaction was added; `None` if there is no such reaction.
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

    /// Stores the outcome of a write under its idempotency key. From time to time this deletes outcomes of
    /// the same user, so that about [`OUTCOMES_PER_USER`] remain. Those of a backend, whose caller is the
    /// empty text, have no such bound.
    ///
    /// # Errors
    /// See [`Write::put_user`].
    fn put_outcome(&mut self, key: &OutcomeKey<'_>, record: &OutcomeRecord) -> StoreResult<()>;

    /// Deletes at most `limit` outcomes, the oldest ones, that were stored before the time `before`. Returns
    /// how many.
    ///
    /// # Errors
    /// See [`Write::put_user`].
    fn prune_outcomes(&mut self, before: i64, limit: u32) -> StoreResult<usize>;

    /// Revokes the tokens of a user, who need not exist, that were issued before a time. An earlier
    /// revocation with a later time remains.
    ///
    /// # Errors
    /// See [`Write::put_user`].
    fn put_revocation(&mut self, app: &str, user: &UserId, before: i64) -> StoreResult<()>;

    /// Replaces the custom data of an app.
    ///
    /// # Errors
    /// See [`Write::put_user`].
    fn put_app_custom(&mut self, app: &str, custom: &Custom) -> StoreResult<()>;

    /// Changes something that has no effect, so that the commit does all that a commit does.
    ///
    /// # Errors
    /// See [`Write::put_user`].
    fn check(&mut self) -> StoreResult<()>;

    /// Appends an event to a conversation's stream and returns its number. Numbers start at 1 and have no
    /// gaps.
    ///
    /// # Errors
    /// See [`Write::put_user`]; also if the conversation does not exist.
    fn advance_stream(&mut self, app: &str, conversation: &ConversationId) -> StoreResult<u64>;

    /// Publishes an event to the followers once the transaction is durable: after the commit, in the order of
    /// the commits, and before the write's own result is delivered. Events of a write that fails are dropped.
    fn publish(&mut self, event: AppEvent);
}
