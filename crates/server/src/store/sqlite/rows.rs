//! Converts between rows and records. Only this module knows how a column encodes a field.

use causerie_protocol::entities::{Access, Notify, Origin, Reaction};
use causerie_protocol::ids::{ConversationId, UserId};
use causerie_protocol::params::Custom;
use rusqlite::Row;
use rusqlite::types::{FromSqlError, Type, ValueRef};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

pub(super) use super::stored_ids::message_id;
use super::stored_ids::{self, malformed};
use crate::store::records::{
    ConversationRecord, MessageRecord, ParticipantRecord, PrivateRecord, ReactionCount, UserRecord,
    ViewRecord,
};
use crate::store::{StoreError, StoreResult};

/// Reads a column that holds JSON.
fn json<T: DeserializeOwned>(row: &Row<'_>, column: usize) -> rusqlite::Result<T> {
    let text = row.get_ref(column)?.as_str()?;
    serde_json::from_str(text)
        .map_err(|error| rusqlite::Error::FromSqlConversionFailure(column, Type::Text, Box::new(error)))
}

/// Returns the text for a column that holds JSON.
pub(super) fn to_json<T: Serialize>(value: &T) -> StoreResult<String> {
    serde_json::to_string(value).map_err(StoreError::failed)
}

/// Reads a column that holds the number of an enum's variant.
fn variant<T>(row: &Row<'_>, column: usize, variant: impl Fn(i64) -> Option<T>) -> rusqlite::Result<T> {
    let number = row.get(column)?;
    variant(number).ok_or_else(|| {
        let error = Box::new(FromSqlError::OutOfRange(number));
        rusqlite::Error::FromSqlConversionFailure(column, Type::Integer, error)
    })
}

/// Checks an id that was read from a column. It is malformed only if the database was changed by another
/// program.
pub(super) fn user_id(column: usize, id: String) -> rusqlite::Result<UserId> {
    UserId::try_from(id).map_err(|problem| malformed(column, problem))
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

pub(super) fn custom(row: &Row<'_>) -> rusqlite::Result<Custom> {
    json(row, 0)
}

pub(super) fn user_private(row: &Row<'_>) -> rusqlite::Result<PrivateRecord> {
    Ok(PrivateRecord { emails: json(row, 0)?, phones: json(row, 1)?, push_tokens: json(row, 2)? })
}

/// The number of columns of a conversation.
pub(super) const CONVERSATION_COLUMNS: usize = 8;
/// The number of columns of a participant.
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
        participants: row.get(7)?,
    })
}

/// Reads a participant whose columns start at `first`.
pub(super) fn participant(row: &Row<'_>, first: usize) -> rusqlite::Result<ParticipantRecord> {
    Ok(ParticipantRecord {
        access: variant(row, first, |number| match number {
            0 => Some(Access::Read),
            1 => Some(Access::ReadWrite),
            _ => None,
        })?,
        notify: variant(row, first + 1, |number| match number {
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

/// Reads a participant, followed by the id of its user.
pub(super) fn participant_with_id(row: &Row<'_>) -> rusqlite::Result<(UserId, ParticipantRecord)> {
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

/// Reads a view: the columns of the conversation, the minimum of `read_until`, the id, the columns of the
/// viewer's participation, and the number of unread messages that were deleted.
pub(super) fn view(row: &Row<'_>) -> rusqlite::Result<ViewRecord> {
    let id = conversation_id(CONVERSATION_COLUMNS + 1, row.get(CONVERSATION_COLUMNS + 1)?)?;
    let first = CONVERSATION_COLUMNS + 2;
    let deleted = row.get(first + PARTICIPANT_COLUMNS)?;
    Ok(view_record(id, conversation(row)?, participant(row, first)?, row.get(CONVERSATION_COLUMNS)?, deleted))
}

/// Returns a view. The number of unread messages is computed, not counted: the messages that were sent since
/// the last one that was read, minus those of them that were deleted.
pub(super) fn view_record(
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

/// The number of columns of a message.
pub(super) const MESSAGE_COLUMNS: usize = 12;

pub(super) fn message(row: &Row<'_>) -> rusqlite::Result<MessageRecord> {
    let text: String = row.get(3)?;
    let stored: String = row.get(4)?;
    let content = if stored.is_empty() { plain_content(&text) } else { stored };
    Ok(MessageRecord {
        seq: row.get(0)?,
        id: stored_ids::read(row, [1, 11, 6, 0])?,
        sender: row.get::<_, Option<String>>(2)?.map(|id| user_id(2, id)).transpose()?,
        text,
        content,
        custom: json(row, 5)?,
        created_at: row.get(6)?,
        edited_at: row.get(7)?,
        referenced: row.get::<_, Option<String>>(8)?.map(|id| message_id(8, id)).transpose()?,
        origin: variant(row, 9, |number| match number {
            0 => Some(Origin::Web),
            1 => Some(Origin::Rest),
            2 => Some(Origin::Import),
            3 => Some(Origin::Email),
            _ => None,
        })?,
        reactions: reaction_counts(row, 10)?,
    })
}

/// Returns the content of a message whose text has no markup.
fn plain_content(text: &str) -> String {
    format!(r#"[{{"type":"text","children":[{}]}}]"#, Value::from(text))
}

/// Returns the text for the column of the content: an empty one if the content says no more than the text,
/// which is then not stored twice.
pub(super) fn to_content<'a>(text: &str, content: &'a str) -> &'a str {
    if plain_content(text) == content { "" } else { content }
}

pub(super) fn conversation_id(column: usize, id: String) -> rusqlite::Result<ConversationId> {
    ConversationId::try_from(id).map_err(|problem| malformed(column, problem))
}

/// Reads the reaction counts of a message, which are stored as pairs.
pub(super) fn reaction_counts(row: &Row<'_>, column: usize) -> rusqlite::Result<Vec<ReactionCount>> {
    if row.get_ref(column)? == ValueRef::Null {
        return Ok(Vec::new());
    }
    let pairs: Vec<(String, u32)> = json(row, column)?;
    Ok(pairs.into_iter().map(|(emoji, count)| ReactionCount { emoji, count }).collect())
}

/// Returns the text for the column of the reaction counts.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_is_stored_only_if_it_says_more_than_the_text() {
        for text in ["hi", "two\nlines \"quoted\" \\ \u{1} \u{7f} é 😀", ""] {
            let content = serde_json::json!([{ "type": "text", "children": [text] }]);
            // The protocol writes the type first.
            let content = format!(r#"[{{"type":"text","children":{}}}]"#, content[0]["children"]);
            assert_eq!(to_content(text, &content), "");
            assert_eq!(plain_content(text), content);
        }
        for other in [
            r#"[{"type":"text","children":["hi "]}]"#,
            r#"[{"type":"text","children":["h","i"]}]"#,
            r#"[{"type":"text","children":[{"type":"bold","children":["hi"]}]}]"#,
            r#"[{"type":"location","latitude":1,"longitude":2}]"#,
        ] {
            assert_eq!(to_content("hi", other), other);
        }
    }
}
