//! The statements on webhook deliveries and notifications.

statements! {
    NEXT_DELIVERIES =
        "SELECT key, url, kind, id, body, since, attempts, due, error \
         FROM deliveries INDEXED BY deliveries_due \
         WHERE app = ?1 AND url = ?2 AND due IS NOT NULL ORDER BY due, key";

    /// All of them: at the start, and when there is nothing else to do.
    COUNT_DELIVERIES = "SELECT count(*), coalesce(sum(octet_length(body)), 0) \
                        FROM deliveries INDEXED BY deliveries_lane \
                        WHERE app = ?1 AND url = ?2 AND failed = 0";

    DELIVERIES = "SELECT key, url, kind, id, body, since, attempts, due, error \
                  FROM deliveries INDEXED BY deliveries_listed \
                  WHERE app = ?1 AND failed = ?2 AND key > +?3 ORDER BY key";

    PUT_DELIVERY =
        "INSERT INTO deliveries (app, url, lane, kind, id, body, since, due) \
         SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, CASE WHEN EXISTS \
         (SELECT 1 FROM deliveries INDEXED BY deliveries_lane \
         WHERE app = ?1 AND url = ?2 AND lane = ?3 AND failed = 0) THEN NULL ELSE ?7 END";

    SETTLE_DELIVERY = "DELETE FROM deliveries WHERE key = ?1 RETURNING app, url, lane";

    RETRY_DELIVERY =
        "UPDATE deliveries SET attempts = attempts + 1, due = ?2, error = ?3 WHERE key = ?1 AND failed = 0";

    FAIL_DELIVERY =
        "UPDATE deliveries SET attempts = attempts + 1, due = NULL, failed = 1, error = ?2 WHERE key = ?1 \
         RETURNING app, url, lane";

    /// Changes nothing if the first of the lane is due already.
    ADVANCE_LANE =
        "UPDATE deliveries SET due = ?4 WHERE due IS NULL AND key = \
         (SELECT key FROM deliveries INDEXED BY deliveries_lane \
         WHERE app = ?1 AND url = ?2 AND lane = ?3 AND failed = 0 ORDER BY key LIMIT 1)";

    REPLAY_DELIVERIES =
        "UPDATE deliveries INDEXED BY deliveries_listed SET failed = 0, attempts = 0, since = ?2 \
         WHERE app = ?1 AND failed = 1 RETURNING app, url, lane";

    REPLAY_DELIVERY =
        "UPDATE deliveries INDEXED BY deliveries_listed SET failed = 0, attempts = 0, since = ?3 \
         WHERE app = ?1 AND failed = 1 AND id = ?2 RETURNING app, url, lane";

    PRUNE_DELIVERIES =
        "DELETE FROM deliveries WHERE key IN (SELECT key FROM deliveries INDEXED BY deliveries_failed \
         WHERE failed = 1 AND since < +?1 ORDER BY since LIMIT ?2)";

    PUT_NOTIFICATION = "INSERT INTO notifications (app, conversation, user, due) VALUES (?1, ?2, ?3, ?4) \
                        ON CONFLICT (app, conversation, user) DO NOTHING";

    DUE_NOTIFICATIONS = "SELECT conversation, user FROM notifications INDEXED BY notifications_due \
                         WHERE app = ?1 AND due <= +?2 ORDER BY due";

    DELETE_NOTIFICATION = "DELETE FROM notifications WHERE app = ?1 AND conversation = ?2 AND user = ?3";
}
