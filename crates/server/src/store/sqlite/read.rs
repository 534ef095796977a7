//! The operations of a transaction that read.

use std::ops::ControlFlow;

use causerie_protocol::entities::Reaction;
use causerie_protocol::ids::{ConversationId, MessageId, UserId};
use causerie_protocol::params::Custom;
use causerie_protocol::topic::Cursor;

use super::transaction::{Transaction, upper_bound};
use super::{rows, sql, stored_ids, views};
use crate::store::records::{
    ConversationRecord, DeltaRecord, MessageRecord, NextMessage, OrderBy, OutcomeKey, OutcomeRecord,
    ParticipantRecord, PrivateRecord, UserRecord, ViewRecord,
};
use crate::store::{MAX_DELTA, READERS_AT_TIME, Read, StoreResult};
use crate::words::Query;

impl Read for Transaction<'_> {
    fn matching_messages(
        &self,
        app: &str,
        conversation: &ConversationId,
        query: &Query,
        after: Option<&Cursor>,
        visit: &mut dyn FnMut(MessageRecord) -> ControlFlow<()>,
    ) -> StoreResult<()> {
        self.visit_matching(app, conversation, query, after, visit)
    }

    fn user(&self, app: &str, user: &UserId) -> StoreResult<Option<UserRecord>> {
        self.one(sql::USER, (app, user.as_str()), rows::user)
    }

    fn users(&self, app: &str, after: &str, limit: u32) -> StoreResult<Vec<UserId>> {
        self.first(limit as usize, sql::USERS, (app, after), |row| rows::user_id(0, row.get(0)?))
    }

    fn conversations(
        &self,
        app: &str,
        order: OrderBy,
        ascending: bool,
        after: Option<&Cursor>,
        visit: &mut dyn FnMut(ConversationId, ConversationRecord) -> ControlFlow<()>,
    ) -> StoreResult<()> {
        let sql = match (order, ascending) {
            (OrderBy::LastActivity, false) => sql::CONVERSATIONS_LATEST_ACTIVITY,
            (OrderBy::LastActivity, true) => sql::CONVERSATIONS_EARLIEST_ACTIVITY,
            (OrderBy::CreatedAt, false) => sql::CONVERSATIONS_NEWEST,
            (OrderBy::CreatedAt, true) => sql::CONVERSATIONS_OLDEST,
        };
        let start = if ascending { i64::MIN } else { i64::MAX };
        let (at, id) = after.map_or((start, ""), |cursor| (cursor.at, cursor.id.as_str()));
        let mut statement = self.statement(sql)?;
        let mut rows = statement.query((app, at, id))?;
        while let Some(row) = rows.next()? {
            let id = rows::conversation_id(rows::CONVERSATION_COLUMNS, row.get(rows::CONVERSATION_COLUMNS)?)?;
            if visit(id, rows::conversation(row)?).is_break() {
                break;
            }
        }
        Ok(())
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
        let viewed = self.one(sql::VIEWED_CONVERSATION, (app, conversation.as_str()), |row| {
            let everyone: Option<i64> = row.get(rows::CONVERSATION_COLUMNS)?;
            let key: i64 = row.get(rows::CONVERSATION_COLUMNS + 1)?;
            Ok((rows::conversation(row)?, everyone, key))
        })?;
        let Some((record, Some(everyone), key)) = viewed else {
            return Ok(None);
        };
        let participant = self.one(sql::VIEWER_PARTICIPANT, (app, key, viewer.as_str()), |row| {
            Ok((rows::participant(row, 0)?, row.get(rows::PARTICIPANT_COLUMNS)?))
        })?;
        Ok(participant.map(|(participant, deleted)| {
            rows::view_record(conversation.clone(), record, participant, everyone, deleted)
        }))
    }

    fn views(
        &self,
        app: &str,
        viewer: &UserId,
        after: Option<&Cursor>,
        visit: &mut dyn FnMut(ViewRecord) -> ControlFlow<()>,
    ) -> StoreResult<()> {
        views::visit(self, app, viewer, after, visit)
    }

    fn participants(
        &self,
        app: &str,
        conversation: &ConversationId,
    ) -> StoreResult<Vec<(UserId, ParticipantRecord)>> {
        let mut list = self.first(
            usize::MAX,
            sql::PARTICIPANTS,
            (app, conversation.as_str()),
            rows::participant_with_id,
        )?;
        list.sort_by(|(one, _), (other, _)| one.cmp(other));
        Ok(list)
    }

    fn newest_participants(
        &self,
        app: &str,
        conversation: &ConversationId,
        after: Option<&Cursor>,
        limit: u32,
    ) -> StoreResult<Vec<(UserId, ParticipantRecord)>> {
        let (at, id) = upper_bound(after);
        let params = (app, conversation.as_str(), at, id);
        self.first(limit as usize, sql::NEWEST_PARTICIPANTS, params, rows::participant_with_id)
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

    fn next_message(
        &self,
        app: &str,
        conversation: &ConversationId,
        now: i64,
    ) -> StoreResult<Option<NextMessage>> {
        let latest = self.one(sql::LATEST_TIME, (app, conversation.as_str()), |row| {
            Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?, row.get::<_, i64>(2)?))
        })?;
        let Some((latest, last_seq, key)) = latest else {
            return Ok(None);
        };
        let mut at = latest.max(now);
        if now <= latest {
            let most = READERS_AT_TIME as usize;
            let readers = self.first(most + 1, sql::READERS_AT, (key, latest), |_| Ok(()))?;
            at = at.saturating_add(i64::from(readers.len() > most));
        }
        Ok(Some(NextMessage { at, seq: last_seq.saturating_add(1) }))
    }

    fn message(
        &self,
        app: &str,
        conversation: &ConversationId,
        id: &MessageId,
    ) -> StoreResult<Option<MessageRecord>> {
        let [stored, short] = stored_ids::candidates(id);
        let params = (app, conversation.as_str(), stored, short);
        let found = self.first(usize::MAX, sql::MESSAGE, params, rows::message)?;
        Ok(found.into_iter().find(|message| message.id == *id))
    }

    fn is_tombstone(
        &self,
        app: &str,
        conversation: &ConversationId,
        seq: i64,
        id: &MessageId,
    ) -> StoreResult<bool> {
        let params = (app, conversation.as_str(), seq, id.as_str());
        Ok(self.one(sql::TOMBSTONE, params, |_| Ok(()))?.is_some())
    }

    fn messages(
        &self,
        app: &str,
        conversation: &ConversationId,
        after: Option<&Cursor>,
        limit: u32,
    ) -> StoreResult<Vec<MessageRecord>> {
        let (at, id) = upper_bound(after);
        let mut statement = self.statement(sql::MESSAGES)?;
        let rows = statement
            .query_map((app, conversation.as_str(), at, stored_ids::bound(at, id)), rows::message)?;
        let is_before = |message: &MessageRecord| message.created_at < at || message.id.as_str() < id;
        let list = rows.filter(|message| message.as_ref().map_or(true, is_before)).take(limit as usize);
        Ok(list.collect::<Result<_, _>>()?)
    }

    fn delta(
        &self,
        app: &str,
        conversation: &ConversationId,
        since: u64,
        limit: u32,
    ) -> StoreResult<Option<DeltaRecord>> {
        let stream = self.one(sql::STREAM, (app, conversation.as_str()), |row| {
            Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?, row.get::<_, i64>(2)?))
        })?;
        let (Some((key, last, first)), Ok(since)) = (stream, i64::try_from(since)) else {
            return Ok(None);
        };
        if !(first..=last).contains(&since) {
            return Ok(None);
        }
        // One more than the limit, so that an excess is noticed.
        let max = limit.min(MAX_DELTA) as usize + 1;
        let mut put = Vec::new();
        let mut statement = self.statement(sql::DELTA_NEW)?;
        let mut rows = statement.query((key,))?;
        while put.len() < max
            && let Some(row) = rows.next()?
            && row.get::<_, i64>(rows::MESSAGE_COLUMNS)? > since
        {
            put.push(rows::message(row)?);
        }
        put.extend(self.first(max, sql::DELTA_CHANGED, (key, since), rows::message)?);
        let dropped =
            self.first(max, sql::DELTA_DELETED, (key, since), |row| rows::message_id(0, row.get(0)?))?;
        let is_complete = put.len() + dropped.len() < max;
        Ok(is_complete.then_some(DeltaRecord { put, dropped }))
    }

    fn reactions(
        &self,
        app: &str,
        conversation: &ConversationId,
        message: &MessageId,
        emoji: &str,
        after: Option<&Cursor>,
        limit: u32,
    ) -> StoreResult<Vec<Reaction>> {
        let after = after.map_or(i64::MIN, |cursor| cursor.at);
        let Some(message) = self.find_message(app, conversation, message)? else {
            return Ok(Vec::new());
        };
        self.first(limit as usize, sql::REACTIONS, (message.key, emoji, after), rows::reaction)
    }

    fn reactions_of_user(
        &self,
        app: &str,
        conversation: &ConversationId,
        message: &MessageId,
        user: &UserId,
    ) -> StoreResult<Vec<String>> {
        let Some(message) = self.find_message(app, conversation, message)? else {
            return Ok(Vec::new());
        };
        self.first(usize::MAX, sql::REACTIONS_OF_USER, (app, user.as_str(), message.key), |row| row.get(0))
    }

    fn outcome(&self, key: &OutcomeKey<'_>) -> StoreResult<Option<OutcomeRecord>> {
        self.find_outcome(key)
    }

    fn revocations(&self) -> StoreResult<Vec<(String, UserId, i64)>> {
        self.first(usize::MAX, sql::REVOCATIONS, [], |row| {
            Ok((row.get(0)?, rows::user_id(1, row.get(1)?)?, row.get(2)?))
        })
    }

    fn app_custom(&self, app: &str) -> StoreResult<Custom> {
        Ok(self.one(sql::APP_CUSTOM, (app,), rows::custom)?.unwrap_or_default())
    }

    fn stream_seq(&self, app: &str, conversation: &ConversationId) -> StoreResult<u64> {
        let id = conversation.as_str();
        let seq: Option<i64> = match self.one(sql::STREAM, (app, id), |row| row.get(1))? {
            Some(seq) => Some(seq),
            None => self.one(sql::ENDED_STREAM, (app, id), |row| row.get(0))?,
        };
        Ok(seq.unwrap_or_default().unsigned_abs())
    }
}
