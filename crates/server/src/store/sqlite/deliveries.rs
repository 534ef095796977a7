//! Webhook deliveries and notifications.

use causerie_protocol::ids::{ConversationId, UserId};
use rusqlite::{Row, params};

use super::transaction::Transaction;
use super::{rows, sql};
use crate::store::records::{DeliveryRecord, NewDelivery};
use crate::store::{ReadDeliveries, StoreResult, WriteDeliveries};

fn delivery(row: &Row<'_>) -> rusqlite::Result<DeliveryRecord> {
    Ok(DeliveryRecord {
        key: row.get(0)?,
        url: row.get(1)?,
        kind: row.get(2)?,
        id: row.get(3)?,
        body: row.get(4)?,
        since: row.get(5)?,
        attempts: row.get(6)?,
        due: row.get(7)?,
        error: row.get(8)?,
    })
}

impl Transaction<'_> {
    /// Makes the first waiting delivery of a lane due, unless it is already.
    fn advance_lane(&self, (app, url, lane): &(String, String, String), now: i64) -> StoreResult<()> {
        self.change(sql::ADVANCE_LANE, (app, url, lane, now)).map(drop)
    }
}

impl ReadDeliveries for Transaction<'_> {
    fn next_deliveries(&self, app: &str, url: &str, limit: u32) -> StoreResult<Vec<DeliveryRecord>> {
        self.first(limit as usize, sql::NEXT_DELIVERIES, (app, url), delivery)
    }

    fn due_notifications(
        &self,
        app: &str,
        now: i64,
        limit: u32,
    ) -> StoreResult<Vec<(ConversationId, UserId)>> {
        self.first(limit as usize, sql::DUE_NOTIFICATIONS, (app, now), |row| {
            Ok((rows::conversation_id(0, row.get(0)?)?, rows::user_id(1, row.get(1)?)?))
        })
    }

    fn count_deliveries(&self, app: &str, url: &str) -> StoreResult<(u64, u64)> {
        let counted: Option<(i64, i64)> =
            self.one(sql::COUNT_DELIVERIES, (app, url), |row| Ok((row.get(0)?, row.get(1)?)))?;
        let (count, bytes) = counted.unwrap_or_default();
        Ok((count.unsigned_abs(), bytes.unsigned_abs()))
    }

    fn deliveries(
        &self,
        app: &str,
        failed: bool,
        after: i64,
        limit: u32,
    ) -> StoreResult<Vec<DeliveryRecord>> {
        self.first(limit as usize, sql::DELIVERIES, (app, failed, after), delivery)
    }
}

impl WriteDeliveries for Transaction<'_> {
    fn put_notification(
        &mut self,
        app: &str,
        conversation: &ConversationId,
        user: &UserId,
        due: i64,
    ) -> StoreResult<()> {
        self.change(sql::PUT_NOTIFICATION, (app, conversation.as_str(), user.as_str(), due)).map(drop)
    }

    fn delete_notification(
        &mut self,
        app: &str,
        conversation: &ConversationId,
        user: &UserId,
    ) -> StoreResult<()> {
        self.change(sql::DELETE_NOTIFICATION, (app, conversation.as_str(), user.as_str())).map(drop)
    }

    fn put_delivery(&mut self, new: &NewDelivery<'_>) -> StoreResult<()> {
        let params = params![new.app, new.url, new.lane, new.kind, new.id, new.body, new.now];
        self.change_one(sql::PUT_DELIVERY, params, "the delivery")
    }

    fn settle_delivery(&mut self, key: i64, now: i64) -> StoreResult<()> {
        let settled = self.one(sql::SETTLE_DELIVERY, (key,), lane)?;
        settled.map_or(Ok(()), |lane| self.advance_lane(&lane, now))
    }

    fn retry_delivery(&mut self, key: i64, due: i64, error: &str) -> StoreResult<()> {
        self.change(sql::RETRY_DELIVERY, (key, due, error)).map(drop)
    }

    fn fail_delivery(&mut self, key: i64, error: &str, now: i64) -> StoreResult<()> {
        let failed = self.one(sql::FAIL_DELIVERY, (key, error), lane)?;
        failed.map_or(Ok(()), |lane| self.advance_lane(&lane, now))
    }

    fn replay_deliveries(&mut self, app: &str, id: Option<&str>, now: i64) -> StoreResult<usize> {
        let lanes = match id {
            Some(id) => self.first(usize::MAX, sql::REPLAY_DELIVERY, (app, id, now), lane)?,
            None => self.first(usize::MAX, sql::REPLAY_DELIVERIES, (app, now), lane)?,
        };
        for lane in &lanes {
            self.advance_lane(lane, now)?;
        }
        Ok(lanes.len())
    }

    fn prune_deliveries(&mut self, before: i64, limit: u32) -> StoreResult<usize> {
        self.change(sql::PRUNE_DELIVERIES, (before, limit))
    }
}

fn lane(row: &Row<'_>) -> rusqlite::Result<(String, String, String)> {
    Ok((row.get(0)?, row.get(1)?, row.get(2)?))
}
