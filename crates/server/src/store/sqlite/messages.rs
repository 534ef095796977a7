//! Finding and appending the rows of messages.

use causerie_protocol::ids::{ConversationId, MessageId};
use rusqlite::params;

use super::error::SqliteError;
use super::transaction::Transaction;
use super::{rows, sql, stored_ids};
use crate::store::StoreResult;
use crate::store::records::{Appended, MessageRecord, ReactionCount};

/// How many participants a conversation may have so that their rows contain its activity. That of a larger
/// one is in its own row only, so that a message does not change a row of each participant: then every list
/// has to compare the conversation with others, but most conversations are small. See `views`.
pub(super) const COPIED_ACTIVITY: u32 = 4;

/// The stored state of a message that is about to be changed.
pub(super) struct StoredMessage {
    pub(super) key: i64,
    pub(super) seq: i64,
    pub(super) created_at: i64,
    pub(super) reactions: Vec<ReactionCount>,
}

impl Transaction<'_> {
    /// Finds a message that is about to be changed.
    pub(super) fn find_message(
        &self,
        app: &str,
        conversation: &ConversationId,
        id: &MessageId,
    ) -> StoreResult<Option<StoredMessage>> {
        let [stored, short] = stored_ids::candidates(id);
        let params = (app, conversation.as_str(), stored, short);
        let found = self.first(usize::MAX, sql::MESSAGE_KEY, params, |row| {
            let message = StoredMessage {
                key: row.get(0)?,
                seq: row.get(1)?,
                created_at: row.get(2)?,
                reactions: rows::reaction_counts(row, 3)?,
            };
            Ok((stored_ids::read(row, [4, 5, 2, 1])?, message))
        })?;
        Ok(found.into_iter().find(|(found, _)| found == id).map(|(_, message)| message))
    }

    /// Appends a message. `once` are the columns of its outcome.
    pub(super) fn insert_message(
        &self,
        app: &str,
        conversation: &ConversationId,
        message: &MessageRecord,
        once: Option<(i64, i64)>,
    ) -> StoreResult<Appended> {
        let sender = match &message.sender {
            None => None,
            Some(sender) => Some(self.user_key(app, sender)?),
        };
        let next = (app, conversation.as_str(), message.created_at);
        let (key, seq, event, participants): (i64, i64, i64, u32) = self
            .one(sql::NEXT_MESSAGE_SEQ, next, |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))?
            .ok_or_else(|| SqliteError::MissingRow("the conversation of a message"))?;
        let custom = rows::to_json(&message.custom)?;
        let (id, random) = stored_ids::columns(&message.id, message.created_at, seq);
        let params = params![
            key,
            seq,
            id,
            sender,
            message.text,
            rows::to_content(&message.text, &message.content),
            custom,
            message.created_at,
            message.edited_at,
            message.referenced.as_ref().map(MessageId::as_str),
            rows::origin_code(message.origin),
            event,
            once.map(|(once, _)| once),
            once.map(|(_, request)| request),
            random
        ];
        self.change_one(sql::INSERT_MESSAGE, params, "the message")?;
        self.change(sql::UNREAD_AT, (key, message.created_at, sender))?;
        if participants <= COPIED_ACTIVITY {
            self.change(sql::RAISE_ACTIVITY, (key, message.created_at, sender))?;
        }
        if let Some(sender) = sender {
            self.change(sql::MARK_READ_BY_SENDER, (key, sender, message.created_at, seq))?;
        }
        Ok(Appended { seq, event_seq: event.unsigned_abs() })
    }
}
