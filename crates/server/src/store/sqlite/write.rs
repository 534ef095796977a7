//! The operations of a transaction that write.

use causerie_protocol::entities::Reaction;
use causerie_protocol::ids::{ConversationId, MessageId, UserId};
use causerie_protocol::params::Custom;
use rusqlite::params;

use super::error::SqliteError;
use super::messages::{COPIED_ACTIVITY, StoredMessage};
use super::outcomes::is_cleanup_due;
use super::transaction::Transaction;
use super::{outcomes, rows, sql};
use crate::events::AppEvent;
use crate::store::records::{
    Appended, ConversationRecord, MessageEdit, MessageRecord, OutcomeKey, OutcomeRecord, ParticipantRecord,
    PrivateRecord, ReactionCount, UserRecord,
};
use crate::store::{StoreResult, Write};

/// A conversation whose participants were counted.
struct Counted {
    key: i64,
    participants: u32,
    last_message_at: Option<i64>,
}

impl Transaction<'_> {
    /// Deletes a part of the messages of deleted conversations. Returns whether there was anything to delete.
    pub(super) fn sweep(&self) -> StoreResult<bool> {
        let Some(key) = self.one(sql::DETACHED_CONVERSATION, (), |row| row.get::<_, i64>(0))? else {
            return Ok(false);
        };
        let messages: Vec<i64> = self.first(usize::MAX, sql::SWEPT_MESSAGES, (key,), |row| row.get(0))?;
        for message in &messages {
            self.keep_outcome(*message)?;
            self.change_one(sql::DELETE_MESSAGE, (*message,), "the message")?;
        }
        self.unindex(&messages)?;
        if messages.is_empty() {
            self.change_one(sql::DELETE_CONVERSATION, (key,), "the conversation")?;
        }
        Ok(true)
    }

    pub(super) fn user_key(&self, app: &str, user: &UserId) -> StoreResult<i64> {
        let key = self.one(sql::USER_KEY, (app, user.as_str()), |row| row.get(0))?;
        key.ok_or_else(|| SqliteError::MissingRow("the user of a message or reaction").into())
    }

    /// Counts participants who join (1) or leave (-1).
    fn count_participants(
        &self,
        app: &str,
        conversation: &ConversationId,
        change: i64,
    ) -> StoreResult<Counted> {
        let params = (app, conversation.as_str(), change);
        let counted = self.one(sql::COUNT_PARTICIPANTS, params, |row| {
            Ok(Counted { key: row.get(0)?, participants: row.get(1)?, last_message_at: row.get(2)? })
        })?;
        counted.ok_or_else(|| SqliteError::MissingRow("the conversation of a participant").into())
    }

    /// Appends an event to a conversation's stream. Returns the conversation's key and the number of the
    /// event; `None` if there is no such conversation.
    fn try_append_event(&self, app: &str, conversation: &ConversationId) -> StoreResult<Option<(i64, i64)>> {
        let params = (app, conversation.as_str());
        self.one(sql::ADVANCE_STREAM, params, |row| Ok((row.get(0)?, row.get(1)?)))
    }

    /// Does the same for a conversation that must exist.
    fn append_event(&self, app: &str, conversation: &ConversationId) -> StoreResult<(i64, i64)> {
        self.try_append_event(app, conversation)?
            .ok_or_else(|| SqliteError::MissingRow("the conversation of an event").into())
    }

    /// Stores the reaction counts of a message in its row, so that reading a page of messages needs no
    /// counting.
    fn put_reaction_counts(
        &self,
        app: &str,
        conversation: &ConversationId,
        message: &StoredMessage,
    ) -> StoreResult<u64> {
        let (_, event) = self.append_event(app, conversation)?;
        let counts = rows::to_reaction_counts(&message.reactions)?;
        self.change_one(sql::PUT_REACTION_COUNTS, (message.key, counts, event), "the message of a reaction")?;
        Ok(event.unsigned_abs())
    }
}

impl Write for Transaction<'_> {
    fn put_revocation(&mut self, app: &str, user: &UserId, before: i64) -> StoreResult<()> {
        self.change(sql::PUT_REVOCATION, (app, user.as_str(), before)).map(drop)
    }

    fn put_app_custom(&mut self, app: &str, custom: &Custom) -> StoreResult<()> {
        self.change(sql::PUT_APP_CUSTOM, (app, rows::to_json(custom)?)).map(drop)
    }

    fn check(&mut self) -> StoreResult<()> {
        self.change(sql::PUT_CHECK, []).map(drop)
    }

    fn put_user(&mut self, app: &str, user: &UserId, record: &UserRecord) -> StoreResult<()> {
        let custom = rows::to_json(&record.custom)?;
        let params = params![
            app,
            user.as_str(),
            record.name,
            custom,
            record.locale,
            record.photo_url,
            record.role,
            record.welcome_message,
            record.created_at
        ];
        self.change_one(sql::PUT_USER, params, "the user")
    }

    fn put_user_private(&mut self, app: &str, user: &UserId, record: &PrivateRecord) -> StoreResult<()> {
        let emails = rows::to_json(&record.emails)?;
        let phones = rows::to_json(&record.phones)?;
        let push_tokens = rows::to_json(&record.push_tokens)?;
        let params = (app, user.as_str(), emails, phones, push_tokens);
        self.change_one(sql::PUT_USER_PRIVATE, params, "the user of private data")
    }

    fn put_conversation(
        &mut self,
        app: &str,
        conversation: &ConversationId,
        record: &ConversationRecord,
    ) -> StoreResult<()> {
        let welcome_messages = rows::to_json(&record.welcome_messages)?;
        let custom = rows::to_json(&record.custom)?;
        let params = params![
            app,
            conversation.as_str(),
            record.subject,
            record.photo_url,
            welcome_messages,
            custom,
            record.created_at
        ];
        self.change_one(sql::PUT_CONVERSATION, params, "the conversation")
    }

    fn put_participant(
        &mut self,
        app: &str,
        conversation: &ConversationId,
        user: &UserId,
        record: &ParticipantRecord,
    ) -> StoreResult<()> {
        let (access, notify) = (rows::access_code(record.access), rows::notify_code(record.notify));
        let params = params![
            app,
            conversation.as_str(),
            user.as_str(),
            access,
            notify,
            record.joined_at,
            record.read_until,
            record.read_seq,
            record.marked_unread
        ];
        if self.change(sql::UPDATE_PARTICIPANT, params)? > 0 {
            return Ok(());
        }
        let counted = self.count_participants(app, conversation, 1)?;
        let activity = if counted.participants > COPIED_ACTIVITY {
            -1
        } else {
            counted.last_message_at.map_or(record.joined_at, |at| at.max(record.joined_at))
        };
        let params = params![
            app,
            counted.key,
            user.as_str(),
            access,
            notify,
            record.joined_at,
            record.read_until,
            record.read_seq,
            record.marked_unread,
            activity
        ];
        self.change_one(sql::INSERT_PARTICIPANT, params, "the user of a participant")?;
        if counted.participants == COPIED_ACTIVITY + 1 {
            self.change(sql::SHARE_ACTIVITY, (counted.key,))?;
        }
        Ok(())
    }

    fn delete_participant(
        &mut self,
        app: &str,
        conversation: &ConversationId,
        user: &UserId,
    ) -> StoreResult<bool> {
        if self.change(sql::DELETE_PARTICIPANT, (app, conversation.as_str(), user.as_str()))? == 0 {
            return Ok(false);
        }
        let counted = self.count_participants(app, conversation, -1)?;
        if counted.participants == COPIED_ACTIVITY {
            self.change(sql::PUT_ACTIVITY, (counted.key, counted.last_message_at))?;
        }
        Ok(true)
    }

    fn delete_conversation(&mut self, app: &str, conversation: &ConversationId) -> StoreResult<Option<u64>> {
        let Some((key, event)) = self.try_append_event(app, conversation)? else {
            return Ok(None);
        };
        self.change_one(sql::END_STREAM, (app, conversation.as_str(), event), "the end of a stream")?;
        self.change(sql::DELETE_PARTICIPANTS, (key,))?;
        // Deleting a hundred thousand messages here would block all other writes for a second, so `sweep`
        // deletes them in steps.
        self.change_one(sql::DETACH_CONVERSATION, (key,), "the conversation")?;
        Ok(Some(event.unsigned_abs()))
    }

    fn append_message(
        &mut self,
        app: &str,
        conversation: &ConversationId,
        message: &MessageRecord,
    ) -> StoreResult<Appended> {
        self.insert_message(app, conversation, message, None)
    }

    fn send_message(
        &mut self,
        conversation: &ConversationId,
        message: &MessageRecord,
        key: &OutcomeKey<'_>,
        request_hash: [u8; 8],
    ) -> StoreResult<Appended> {
        let columns = (outcomes::once(key), i64::from_le_bytes(request_hash));
        self.insert_message(key.app, conversation, message, Some(columns))
    }

    fn edit_message(
        &mut self,
        app: &str,
        conversation: &ConversationId,
        id: &MessageId,
        edit: &MessageEdit,
    ) -> StoreResult<Option<u64>> {
        let Some(found) = self.find_message(app, conversation, id)? else {
            return Ok(None);
        };
        let (_, event) = self.append_event(app, conversation)?;
        let custom = rows::to_json(&edit.custom)?;
        let content = rows::to_content(&edit.text, &edit.content);
        let params = (found.key, &edit.text, content, custom, edit.edited_at, event);
        self.change_one(sql::EDIT_MESSAGE, params, "the message")?;
        self.reindex(found.key)?;
        Ok(Some(event.unsigned_abs()))
    }

    fn delete_message(
        &mut self,
        app: &str,
        conversation: &ConversationId,
        id: &MessageId,
    ) -> StoreResult<Option<u64>> {
        let Some(found) = self.find_message(app, conversation, id)? else {
            return Ok(None);
        };
        let (key, event) = self.append_event(app, conversation)?;
        self.change_one(sql::PUT_TOMBSTONE, (key, found.seq, event, id.as_str()), "the tombstone")?;
        self.keep_outcome(found.key)?;
        self.change_one(sql::DELETE_MESSAGE, (found.key,), "the message")?;
        self.reindex(found.key)?;
        if is_cleanup_due(event) {
            self.prune_tombstones(key)?;
        }
        let lowered: Option<(Option<i64>, u32)> =
            self.one(sql::LOWER_LAST_MESSAGE_AT, (key, found.created_at), |row| {
                Ok((row.get(0)?, row.get(1)?))
            })?;
        if let Some((newest, participants)) = lowered
            && participants <= COPIED_ACTIVITY
        {
            self.change(sql::PUT_ACTIVITY, (key, newest))?;
        }
        Ok(Some(event.unsigned_abs()))
    }

    fn add_reaction(
        &mut self,
        app: &str,
        conversation: &ConversationId,
        message: &MessageId,
        emoji: &str,
        reaction: &Reaction,
    ) -> StoreResult<Option<(u64, i64)>> {
        let mut found = self
            .find_message(app, conversation, message)?
            .ok_or_else(|| SqliteError::MissingRow("the message of a reaction"))?;
        let user = self.user_key(app, &reaction.user)?;
        let last: Option<i64> = self.one(sql::LAST_REACTION, (found.key, emoji), |row| row.get(0))?.flatten();
        let at = last.map_or(reaction.created_at, |last| reaction.created_at.max(last.saturating_add(1)));
        if self.change(sql::ADD_REACTION, (found.key, user, emoji, at))? == 0 {
            return Ok(None);
        }
        match found.reactions.iter_mut().find(|count| count.emoji == emoji) {
            Some(count) => count.count = count.count.saturating_add(1),
            None => found.reactions.push(ReactionCount { emoji: emoji.to_owned(), count: 1 }),
        }
        let event = self.put_reaction_counts(app, conversation, &found)?;
        Ok(Some((event, at)))
    }

    fn remove_reaction(
        &mut self,
        app: &str,
        conversation: &ConversationId,
        message: &MessageId,
        emoji: &str,
        user: &UserId,
    ) -> StoreResult<Option<(u64, i64)>> {
        let Some(mut found) = self.find_message(app, conversation, message)? else {
            return Ok(None);
        };
        let Some(user) = self.one(sql::USER_KEY, (app, user.as_str()), |row| row.get::<_, i64>(0))? else {
            return Ok(None);
        };
        let added_at = self.one(sql::REMOVE_REACTION, (found.key, user, emoji), |row| row.get(0))?;
        let Some(at) = added_at else {
            return Ok(None);
        };
        for count in &mut found.reactions {
            count.count = count.count.saturating_sub(u32::from(count.emoji == emoji));
        }
        found.reactions.retain(|count| count.count > 0);
        let event = self.put_reaction_counts(app, conversation, &found)?;
        Ok(Some((event, at)))
    }

    fn put_outcome(&mut self, key: &OutcomeKey<'_>, record: &OutcomeRecord) -> StoreResult<()> {
        self.insert_outcome(key, record)
    }

    fn prune_outcomes(&mut self, before: i64, limit: u32) -> StoreResult<usize> {
        self.delete_outcomes(before, limit)
    }

    fn advance_stream(&mut self, app: &str, conversation: &ConversationId) -> StoreResult<u64> {
        self.append_event(app, conversation).map(|(_, event)| event.unsigned_abs())
    }

    fn publish(&mut self, event: AppEvent) {
        self.events.push(event);
    }
}
