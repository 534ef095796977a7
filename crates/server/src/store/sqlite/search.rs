//! The index of the words in messages.
//!
//! It is an FTS5 table without the texts. Each token begins with the key of the conversation, so that a
//! search reads the words of one conversation only, however many messages others have.
//!
//! A message is not indexed in the transaction that sends it, because that would make sending slower. The
//! maintenance indexes what follows a stored position, in the order of the keys, and what was changed since:
//! edits and deletions put the key of their message into `search_changes`. Position, changes and index are
//! updated in one transaction, so a crash loses nothing. The messages of a database from before the index are
//! indexed in the same way.
//!
//! SQLite reuses the greatest keys if their messages were deleted. So a key is looked up again after each
//! deletion, and the position never stays above the greatest key.

use std::ops::ControlFlow;

use causerie_protocol::ids::ConversationId;
use causerie_protocol::topic::Cursor;

use super::transaction::Transaction;
use super::{rows, sql, stored_ids};
use crate::store::StoreResult;
use crate::store::records::MessageRecord;
use crate::words::{self, Query};

/// The most messages that one step indexes.
const STEP_MESSAGES: usize = 200;
/// A step ends with the message whose text reaches this size in total.
const STEP_BYTES: usize = 50_000;
/// How the stored content of a message begins if it has text; an empty one is that of a plain text.
const TEXT_CONTENT: &str = r#"[{"type":"text""#;

/// What the index has of a message.
struct Indexed {
    key: i64,
    conversation: i64,
    text: String,
    is_text: bool,
}

/// Returns the start of all tokens of a conversation: the number of digits, as a letter, and the digits. No
/// such text is the start of another.
fn owner(conversation: i64) -> String {
    let digits = format!("{conversation:x}");
    let count = u8::try_from(digits.len()).unwrap_or_default();
    format!("{}{digits}", char::from(b'g'.saturating_add(count)))
}

/// Returns the FTS5 expression that finds the messages of a conversation with all words of a query. Tokens
/// contain no quotes.
fn expression(conversation: i64, query: &Query) -> String {
    let owner = owner(conversation);
    let terms = query.lookups().into_iter().map(|lookup| {
        let star = if lookup.is_prefix { "*" } else { "" };
        format!("\"{owner}{}\"{star}", lookup.token)
    });
    terms.collect::<Vec<_>>().join(" AND ")
}

impl Transaction<'_> {
    /// Visits the messages of a conversation that the index proposes for a query, newest first.
    pub(super) fn visit_matching(
        &self,
        app: &str,
        conversation: &ConversationId,
        query: &Query,
        after: Option<&Cursor>,
        visit: &mut dyn FnMut(MessageRecord) -> ControlFlow<()>,
    ) -> StoreResult<()> {
        let key =
            self.one(sql::CONVERSATION_KEY, (app, conversation.as_str()), |row| row.get::<_, i64>(0))?;
        let Some(key) = key else { return Ok(()) };
        let newest = match after {
            None => Some(i64::MAX),
            Some(cursor) => {
                let bound = stored_ids::bound(cursor.at, &cursor.id);
                self.one(sql::MESSAGE_KEY_BEFORE, (key, cursor.at, bound), |row| row.get(0))?
            }
        };
        let Some(newest) = newest else { return Ok(()) };
        let mut statement = self.statement(sql::MATCHING_MESSAGES)?;
        let mut found = statement.query((key, expression(key, query), newest))?;
        while let Some(row) = found.next()? {
            let message = rows::message(row)?;
            // Rows of older versions can be among the first, see `stored_ids::bound`.
            let is_after =
                |cursor: &Cursor| (message.created_at, message.id.as_str()) < (cursor.at, &cursor.id);
            if after.is_none_or(is_after) && visit(message).is_break() {
                break;
            }
        }
        Ok(())
    }

    /// Records that a message that is or was stored under this key has to be indexed again.
    pub(super) fn reindex(&self, key: i64) -> StoreResult<()> {
        self.change(sql::PUT_SEARCH_CHANGE, (key,)).map(drop)
    }

    /// Removes messages from the index.
    pub(super) fn unindex(&self, keys: &[i64]) -> StoreResult<()> {
        for key in keys {
            self.change(sql::UNINDEX_MESSAGE, (key,))?;
        }
        Ok(())
    }

    /// Indexes some of the messages that are not indexed yet, or were changed. Returns whether there can be
    /// more.
    pub(super) fn index_step(&self) -> StoreResult<bool> {
        let changed: Vec<i64> = self.first(STEP_MESSAGES, sql::SEARCH_CHANGES, (), |row| row.get(0))?;
        let (mut count, mut bytes) = (0, 0);
        let is_full = |count: usize, bytes: usize| count >= STEP_MESSAGES || bytes >= STEP_BYTES;
        for key in changed {
            if is_full(count, bytes) {
                return Ok(true);
            }
            let message = self.one(sql::INDEXED_MESSAGE, (key,), indexed)?;
            bytes += message.as_ref().map_or(0, |message| message.text.len());
            count += 1;
            match message {
                Some(message) => self.index(&message)?,
                None => self.unindex(&[key])?,
            }
            self.change(sql::DELETE_SEARCH_CHANGE, (key,))?;
        }
        let greatest: i64 = self.one(sql::GREATEST_MESSAGE_KEY, (), |row| row.get(0))?.flatten().unwrap_or(0);
        let stored = self.index_position()?;
        let mut position = stored.min(greatest);
        let mut statement = self.statement(sql::MESSAGES_AFTER_KEY)?;
        let mut new = statement.query((position,))?;
        while !is_full(count, bytes)
            && let Some(row) = new.next()?
        {
            let message = indexed(row)?;
            (position, bytes, count) = (message.key, bytes + message.text.len(), count + 1);
            self.index(&message)?;
        }
        if position != stored {
            self.change(sql::PUT_INDEX_POSITION, (position.to_string(),))?;
        }
        Ok(is_full(count, bytes))
    }

    /// Returns the key up to which messages were indexed.
    fn index_position(&self) -> StoreResult<i64> {
        let stored: Option<String> = self.one(sql::INDEX_POSITION, (), |row| row.get(0))?;
        Ok(stored.and_then(|text| text.parse().ok()).unwrap_or(0))
    }

    fn index(&self, message: &Indexed) -> StoreResult<()> {
        let tokens = if message.is_text { words::tokens(&message.text) } else { Default::default() };
        if tokens.is_empty() {
            return self.unindex(&[message.key]);
        }
        let owner = owner(message.conversation);
        let words: String = tokens.iter().flat_map(|token| [owner.as_str(), token.as_str(), " "]).collect();
        self.change(sql::INDEX_MESSAGE, (message.key, words)).map(drop)
    }
}

fn indexed(row: &rusqlite::Row<'_>) -> rusqlite::Result<Indexed> {
    let content = row.get_ref(3)?.as_str()?;
    let is_text = content.is_empty() || content.starts_with(TEXT_CONTENT);
    Ok(Indexed { key: row.get(0)?, conversation: row.get(1)?, text: row.get(2)?, is_text })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_of_a_conversation_never_begin_as_those_of_another() {
        let keys = [1, 2, 15, 16, 17, 255, 256, 0x1234_5678, i64::MAX];
        for one in keys {
            assert!(owner(one).chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit()));
            for other in keys {
                assert_eq!(owner(one).starts_with(&owner(other)), one == other);
            }
        }
    }
}
