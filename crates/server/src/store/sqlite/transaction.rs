//! The two transaction traits over a connection that is inside a transaction already.

use causerie_protocol::ids::{ConversationId, UserId};
use causerie_protocol::topic::Topic;
use rusqlite::{CachedStatement, Connection, OptionalExtension, Params, Row, params};

use super::{rows, sql};
use crate::store::records::{
    ConversationRecord, MessageRecord, OutcomeKey, OutcomeRecord, ParticipantRecord, PrivateRecord,
    ReadBounds, UserRecord, ViewRecord,
};
use crate::store::{Read, StoreError, StoreResult, Write};

/// A transaction, from its begin to its end. Which of the two traits its holder sees decides what it may do.
pub(super) struct Transaction<'a>(pub(super) &'a Connection);

impl Transaction<'_> {
    fn statement(&self, sql: &str) -> StoreResult<CachedStatement<'_>> {
        Ok(self.0.prepare_cached(sql)?)
    }

    /// The one row there may be.
    fn one<T, P: Params>(
        &self,
        sql: &str,
        params: P,
        read: impl FnOnce(&Row<'_>) -> rusqlite::Result<T>,
    ) -> StoreResult<Option<T>> {
        Ok(self.statement(sql)?.query_row(params, read).optional()?)
    }

    /// The first rows, in a list. SQLite finds each when it is asked for, so those that are not taken cost nothing.
    fn first<T, P: Params>(
        &self,
        limit: usize,
        sql: &str,
        params: P,
        read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> StoreResult<Vec<T>> {
        let mut statement = self.statement(sql)?;
        let list = statement.query_map(params, read)?.take(limit).collect::<Result<_, _>>()?;
        Ok(list)
    }

    /// Changes rows; says how many.
    fn change<P: Params>(&self, sql: &str, params: P) -> StoreResult<usize> {
        Ok(self.statement(sql)?.execute(params)?)
    }

    /// Changes one row, which must be there; `what` says whose absence it is otherwise.
    fn change_one<P: Params>(&self, sql: &str, params: P, what: &str) -> StoreResult<()> {
        match self.change(sql, params)? {
            1 => Ok(()),
            count => Err(StoreError::Failed(format!("{what}: {count} rows changed instead of one"))),
        }
    }
}

impl Read for Transaction<'_> {
    fn user(&self, app: &str, user: &UserId) -> StoreResult<Option<UserRecord>> {
        self.one(sql::USER, (app, user.as_str()), rows::user)
    }

    fn user_private(&self, app: &str, user: &UserId) -> StoreResult<PrivateRecord> {
        let record = self.one(sql::USER_PRIVATE, (app, user.as_str()), rows::user_private)?;
        Ok(record.unwrap_or_default())
    }

    fn conversation(
        &self,
        app: &str,
        conversation: &ConversationId,
    ) -> StoreResult<Option<ConversationRecord>> {
        self.one(sql::CONVERSATION, (app, conversation.as_str()), rows::conversation)
    }

    fn view(
        &self,
        app: &str,
        conversation: &ConversationId,
        viewer: &UserId,
    ) -> StoreResult<Option<ViewRecord>> {
        let seen = self.one(sql::SEEN, (app, conversation.as_str()), |row| {
            let everyone: Option<i64> = row.get(rows::CONVERSATION_COLUMNS)?;
            let key: i64 = row.get(rows::CONVERSATION_COLUMNS + 1)?;
            Ok((rows::conversation(row)?, everyone, key))
        })?;
        let Some((conversation, Some(everyone_read_until), key)) = seen else {
            return Ok(None);
        };
        let part = self.one(sql::PART, (app, key, viewer.as_str()), |row| rows::participant(row, 0))?;
        Ok(part.map(|participant| ViewRecord { conversation, participant, everyone_read_until }))
    }

    fn participants(
        &self,
        app: &str,
        conversation: &ConversationId,
    ) -> StoreResult<Vec<(UserId, ParticipantRecord)>> {
        let mut list =
            self.first(usize::MAX, sql::PARTICIPANTS, (app, conversation.as_str()), rows::named_participant)?;
        list.sort_by(|(one, _), (other, _)| one.cmp(other));
        Ok(list)
    }

    fn participant(
        &self,
        app: &str,
        conversation: &ConversationId,
        user: &UserId,
    ) -> StoreResult<Option<ParticipantRecord>> {
        self.one(sql::PARTICIPANT, (app, conversation.as_str(), user.as_str()), |row| {
            rows::participant(row, 0)
        })
    }

    fn read_bounds(&self, app: &str, conversation: &ConversationId) -> StoreResult<Option<ReadBounds>> {
        let bounds = self.one(sql::READ_BOUNDS, (app, conversation.as_str()), |row| {
            Ok((row.get::<_, Option<i64>>(0)?, row.get::<_, Option<i64>>(1)?))
        })?;
        Ok(match bounds {
            Some((Some(least), Some(greatest))) => Some(ReadBounds { least, greatest }),
            _ => None,
        })
    }

    fn message(
        &self,
        app: &str,
        conversation: &ConversationId,
        id: &str,
    ) -> StoreResult<Option<MessageRecord>> {
        self.one(sql::MESSAGE, (app, conversation.as_str(), id), rows::message)
    }

    fn messages(
        &self,
        app: &str,
        conversation: &ConversationId,
        before: Option<i64>,
        limit: u32,
    ) -> StoreResult<Vec<MessageRecord>> {
        let before = before.unwrap_or(i64::MAX);
        self.first(limit as usize, sql::MESSAGES, (app, conversation.as_str(), before), rows::message)
    }

    fn outcome(&self, key: &OutcomeKey<'_>) -> StoreResult<Option<OutcomeRecord>> {
        self.one(sql::OUTCOME, (key.app, key.caller, key.scope, key.key), |row| {
            Ok(OutcomeRecord { request_hash: row.get(0)?, answer: row.get(1)?, created_at: row.get(2)? })
        })
    }

    fn topic_seq(&self, app: &str, topic: &Topic) -> StoreResult<u64> {
        let (kind, id) = rows::topic_key(topic);
        let seq: Option<i64> = self.one(sql::TOPIC, (app, kind, id), |row| row.get(0))?;
        Ok(seq.unwrap_or_default().unsigned_abs())
    }
}

impl Write for Transaction<'_> {
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
        let params = params![
            app,
            conversation.as_str(),
            user.as_str(),
            rows::access_code(record.access),
            rows::notify_code(record.notify),
            record.joined_at,
            record.read_until,
            record.read_seq,
            record.marked_unread
        ];
        self.change_one(sql::PUT_PARTICIPANT, params, "the conversation or the user of a participant")
    }

    fn delete_participant(
        &mut self,
        app: &str,
        conversation: &ConversationId,
        user: &UserId,
    ) -> StoreResult<bool> {
        Ok(self.change(sql::DELETE_PARTICIPANT, (app, conversation.as_str(), user.as_str()))? > 0)
    }

    fn append_message(
        &mut self,
        app: &str,
        conversation: &ConversationId,
        message: &MessageRecord,
    ) -> StoreResult<i64> {
        let sender: Option<i64> = match &message.sender {
            None => None,
            Some(sender) => Some(
                self.one(sql::USER_KEY, (app, sender.as_str()), |row| row.get(0))?
                    .ok_or_else(|| StoreError::Failed("the sender of a message does not exist".to_owned()))?,
            ),
        };
        let next = (app, conversation.as_str(), message.created_at);
        let (key, seq): (i64, i64) = self
            .one(sql::NEXT_SEQ, next, |row| Ok((row.get(0)?, row.get(1)?)))?
            .ok_or_else(|| StoreError::Failed("the conversation of a message does not exist".to_owned()))?;
        let custom = rows::to_json(&message.custom)?;
        let params = params![
            key,
            seq,
            message.id,
            sender,
            message.text,
            message.content,
            custom,
            message.created_at,
            message.edited_at,
            message.referenced,
            rows::origin_code(message.origin)
        ];
        self.change_one(sql::INSERT_MESSAGE, params, "the message")?;
        Ok(seq)
    }

    fn put_outcome(&mut self, key: &OutcomeKey<'_>, record: &OutcomeRecord) -> StoreResult<()> {
        let params =
            (key.app, key.caller, key.scope, key.key, record.request_hash, &record.answer, record.created_at);
        self.change_one(sql::PUT_OUTCOME, params, "the outcome")
    }

    fn prune_outcomes(&mut self, before: i64, limit: u32) -> StoreResult<usize> {
        self.change(sql::PRUNE_OUTCOMES, (before, limit))
    }

    fn advance(&mut self, app: &str, topic: &Topic) -> StoreResult<u64> {
        let (kind, id) = rows::topic_key(topic);
        let seq: Option<i64> = self.one(sql::ADVANCE, (app, kind, id), |row| row.get(0))?;
        Ok(seq.unwrap_or_default().unsigned_abs())
    }
}
