//! Rows to records and back: the only place that knows how a field is written in a column.

use causerie_protocol::entities::{Access, Notify, Origin, Reaction};
use causerie_protocol::ids::{ConversationId, MessageId, UserId};
use rusqlite::Row;
use rusqlite::types::{FromSqlError, Type, ValueRef};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::store::records::{
    ConversationRecord, MessageRecord, ParticipantRecord, PrivateRecord, ReactionCount, UserRecord,
    ViewRecord,
};
use crate::store::{StoreError, StoreResult};

/// A column that holds JSON.
fn json<T: DeserializeOwned>(row: &Row<'_>, column: usize) -> rusqlite::Result<T> {
    let text = row.get_ref(column)?.as_str()?;
    serde_json::from_str(text)
        .map_err(|error| rusqlite::Error::FromSqlConversionFailure(column, Type::Text, Box::new(error)))
}

/// What goes into a column that holds JSON.
pub(super) fn to_json<T: Serialize>(value: &T) -> StoreResult<String> {
    serde_json::to_string(value).map_err(StoreError::failed)
}

/// A column that holds a number standing for something.
fn code<T>(row: &Row<'_>, column: usize, meaning: impl Fn(i64) -> Option<T>) -> rusqlite::Result<T> {
    let number = row.get(column)?;
    meaning(number).ok_or_else(|| {
        let error = Box::new(FromSqlError::OutOfRange(number));
        rusqlite::Error::FromSqlConversionFailure(column, Type::Integer, error)
    })
}

/// A column that holds an id. What stands in the database was checked on its way in.
pub(super) fn user_id(column: usize, id: String) -> rusqlite::Result<UserId> {
    UserId::try_from(id).map_err(|problem| malformed(column, problem))
}

fn malformed(column: usize, problem: String) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(column, Type::Text, problem.into())
}

pub(super) fn user(row: &Row<'_>) -> rusqlite::Result<UserRecord> {
    Ok(UserRecord {
        name: row.get(0)?,
        custom: json(row, 1)?,
        locale: row.get(2)?,
        photo_url: row.get(3)?,
        role: row.get(4)?,
        welcome_message: row.get(5)?,
        created_at: row.get(6)?,
    })
}

pub(super) fn user_private(row: &Row<'_>) -> rusqlite::Result<PrivateRecord> {
    Ok(PrivateRecord { emails: json(row, 0)?, phones: json(row, 1)?, push_tokens: json(row, 2)? })
}

/// How many columns a conversation has.
pub(super) const CONVERSATION_COLUMNS: usize = 7;
/// How many columns a participant has.
pub(super) const PARTICIPANT_COLUMNS: usize = 6;

pub(super) fn conversation(row: &Row<'_>) -> rusqlite::Result<ConversationRecord> {
    Ok(ConversationRecord {
        subject: row.get(0)?,
        photo_url: row.get(1)?,
        welcome_messages: json(row, 2)?,
        custom: json(row, 3)?,
        created_at: row.get(4)?,
        last_seq: row.get(5)?,
        last_message_at: row.get(6)?,
    })
}

/// A participant whose columns start at `first`.
pub(super) fn participant(row: &Row<'_>, first: usize) -> rusqlite::Result<ParticipantRecord> {
    Ok(ParticipantRecord {
        access: code(row, first, |number| match number {
            0 => Some(Access::Read),
            1 => Some(Access::ReadWrite),
            _ => None,
        })?,
        notify: code(row, first + 1, |number| match number {
            0 => Some(Notify::Never),
            1 => Some(Notify::Always),
            2 => Some(Notify::MentionsOnly),
            _ => None,
        })?,
        joined_at: row.get(first + 2)?,
        read_until: row.get(first + 3)?,
        read_seq: row.get(first + 4)?,
        marked_unread: row.get(first + 5)?,
    })
}

/// A participant with its user's id behind it.
pub(super) fn named_participant(row: &Row<'_>) -> rusqlite::Result<(UserId, ParticipantRecord)> {
    Ok((user_id(PARTICIPANT_COLUMNS, row.get(PARTICIPANT_COLUMNS)?)?, participant(row, 0)?))
}

pub(super) const fn access_code(access: Access) -> i64 {
    match access {
        Access::Read => 0,
        Access::ReadWrite => 1,
    }
}

pub(super) const fn notify_code(notify: Notify) -> i64 {
    match notify {
        Notify::Never => 0,
        Notify::Always => 1,
        Notify::MentionsOnly => 2,
    }
}

pub(super) const fn origin_code(origin: Origin) -> i64 {
    match origin {
        Origin::Web => 0,
        Origin::Rest => 1,
        Origin::Import => 2,
        Origin::Email => 3,
    }
}

/// A conversation, the least that was read of it, its id, and the viewer's part with how many unread ones are gone.
pub(super) fn view(row: &Row<'_>) -> rusqlite::Result<ViewRecord> {
    let id = conversation_id(CONVERSATION_COLUMNS + 1, row.get(CONVERSATION_COLUMNS + 1)?)?;
    let part = CONVERSATION_COLUMNS + 2;
    let deleted = row.get(part + PARTICIPANT_COLUMNS)?;
    Ok(viewed(id, conversation(row)?, participant(row, part)?, row.get(CONVERSATION_COLUMNS)?, deleted))
}

/// Nothing is counted here: what is unread is what was sent since, less what of it was deleted.
pub(super) fn viewed(
    id: ConversationId,
    conversation: ConversationRecord,
    participant: ParticipantRecord,
    everyone_read_until: i64,
    deleted: i64,
) -> ViewRecord {
    let unread = conversation.last_seq.saturating_sub(participant.read_seq).saturating_sub(deleted).max(0);
    let unread = u32::try_from(unread).unwrap_or(u32::MAX);
    ViewRecord { id, conversation, participant, everyone_read_until, unread }
}

/// How many columns a message has.
pub(super) const MESSAGE_COLUMNS: usize = 11;

pub(super) fn message(row: &Row<'_>) -> rusqlite::Result<MessageRecord> {
    Ok(MessageRecord {
        seq: row.get(0)?,
        id: message_id(1, row.get(1)?)?,
        sender: row.get::<_, Option<String>>(2)?.map(|id| user_id(2, id)).transpose()?,
        text: row.get(3)?,
        content: row.get(4)?,
        custom: json(row, 5)?,
        created_at: row.get(6)?,
        edited_at: row.get(7)?,
        referenced: row.get::<_, Option<String>>(8)?.map(|id| message_id(8, id)).transpose()?,
        origin: code(row, 9, |number| match number {
            0 => Some(Origin::Web),
            1 => Some(Origin::Rest),
            2 => Some(Origin::Import),
            3 => Some(Origin::Email),
            _ => None,
        })?,
        reactions: reaction_counts(row, 10)?,
    })
}

pub(super) fn conversation_id(column: usize, id: String) -> rusqlite::Result<ConversationId> {
    ConversationId::try_from(id).map_err(|problem| malformed(column, problem))
}

pub(super) fn message_id(column: usize, id: String) -> rusqlite::Result<MessageId> {
    MessageId::try_from(id).map_err(|problem| malformed(column, problem))
}

/// The counts on a message: pairs, as they are kept.
pub(super) fn reaction_counts(row: &Row<'_>, column: usize) -> rusqlite::Result<Vec<ReactionCount>> {
    if row.get_ref(column)? == ValueRef::Null {
        return Ok(Vec::new());
    }
    let pairs: Vec<(String, u32)> = json(row, column)?;
    Ok(pairs.into_iter().map(|(emoji, count)| ReactionCount { emoji, count }).collect())
}

/// What goes into the column of the counts.
pub(super) fn to_reaction_counts(counts: &[ReactionCount]) -> StoreResult<Option<String>> {
    if counts.is_empty() {
        return Ok(None);
    }
    let pairs: Vec<_> = counts.iter().map(|count| (&count.emoji, count.count)).collect();
    to_json(&pairs).map(Some)
}

pub(super) fn reaction(row: &Row<'_>) -> rusqlite::Result<Reaction> {
    Ok(Reaction { user: user_id(0, row.get(0)?)?, created_at: row.get(1)? })
}
