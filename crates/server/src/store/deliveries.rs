//! The operations on webhook deliveries and notifications. The store keeps them in order; the senders decide
//! when to send.
//!
//! A lane of a webhook is what must arrive in order: the events of one conversation or of one user. Only the
//! first delivery of a lane is due at some time; the others follow when it is settled.

use causerie_protocol::ids::{ConversationId, UserId};

use super::error::StoreResult;
use super::records::{DeliveryRecord, NewDelivery};

/// The operations that read deliveries.
pub trait ReadDeliveries {
    /// Returns at most `limit` deliveries of a webhook that are the first of their lane, in the order of the
    /// times at which they are due.
    ///
    /// # Errors
    /// [`StoreError`](super::StoreError) if the database fails.
    fn next_deliveries(&self, app: &str, url: &str, limit: u32) -> StoreResult<Vec<DeliveryRecord>>;

    /// Returns at most `limit` notifications of an app that are due, the conversation and the participant of
    /// each, in the order of their times.
    ///
    /// # Errors
    /// See [`ReadDeliveries::next_deliveries`].
    fn due_notifications(
        &self,
        app: &str,
        now: i64,
        limit: u32,
    ) -> StoreResult<Vec<(ConversationId, UserId)>>;

    /// Returns how many deliveries of a webhook wait, and the bytes of their bodies.
    ///
    /// # Errors
    /// See [`ReadDeliveries::next_deliveries`].
    fn count_deliveries(&self, app: &str, url: &str) -> StoreResult<(u64, u64)>;

    /// Returns at most `limit` deliveries of an app after the key `after`, either those that failed or those
    /// that wait, in the order in which they were stored.
    ///
    /// # Errors
    /// See [`ReadDeliveries::next_deliveries`].
    fn deliveries(&self, app: &str, failed: bool, after: i64, limit: u32)
    -> StoreResult<Vec<DeliveryRecord>>;
}

/// The operations that write deliveries.
pub trait WriteDeliveries {
    /// Stores that a participant is to be notified at `due`. An earlier notification of the same conversation
    /// that is not due yet remains.
    ///
    /// # Errors
    /// See [`ReadDeliveries::next_deliveries`].
    fn put_notification(
        &mut self,
        app: &str,
        conversation: &ConversationId,
        user: &UserId,
        due: i64,
    ) -> StoreResult<()>;

    /// Deletes a notification.
    ///
    /// # Errors
    /// See [`ReadDeliveries::next_deliveries`].
    fn delete_notification(
        &mut self,
        app: &str,
        conversation: &ConversationId,
        user: &UserId,
    ) -> StoreResult<()>;

    /// Stores a delivery at the end of its lane.
    ///
    /// # Errors
    /// See [`ReadDeliveries::next_deliveries`].
    fn put_delivery(&mut self, delivery: &NewDelivery<'_>) -> StoreResult<()>;

    /// Deletes a delivery that was accepted; the next of its lane is due now.
    ///
    /// # Errors
    /// See [`ReadDeliveries::next_deliveries`].
    fn settle_delivery(&mut self, key: i64, now: i64) -> StoreResult<()>;

    /// Counts a failed attempt; the delivery is due again at `due`.
    ///
    /// # Errors
    /// See [`ReadDeliveries::next_deliveries`].
    fn retry_delivery(&mut self, key: i64, due: i64, error: &str) -> StoreResult<()>;

    /// Gives a delivery up; the next of its lane is due now.
    ///
    /// # Errors
    /// See [`ReadDeliveries::next_deliveries`].
    fn fail_delivery(&mut self, key: i64, error: &str, now: i64) -> StoreResult<()>;

    /// Makes failed deliveries of an app wait again: the one with this id, or all. Returns how many.
    ///
    /// # Errors
    /// See [`ReadDeliveries::next_deliveries`].
    fn replay_deliveries(&mut self, app: &str, id: Option<&str>, now: i64) -> StoreResult<usize>;

    /// Deletes at most `limit` failed deliveries that were stored before a time. Returns how many.
    ///
    /// # Errors
    /// See [`ReadDeliveries::next_deliveries`].
    fn prune_deliveries(&mut self, before: i64, limit: u32) -> StoreResult<usize>;
}
