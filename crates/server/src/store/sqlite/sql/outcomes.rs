//! The statements on outcomes of writes.

statements! {
    /// The outcome is that of a message, of another write, of a deleted message, or of a write of an older
    /// version.
    OUTCOME = concat!(
        "SELECT m.request, m.id, m.created_at, m.random, m.seq FROM messages m INDEXED BY messages_once \
         WHERE m.sender = ", user!(2), " AND m.once = ?3 \
         UNION ALL SELECT request_hash, answer, created_at, NULL, NULL FROM write_outcomes \
         WHERE user = ?4 AND client = ?5 AND name = ?6 \
         UNION ALL SELECT request_hash, answer, created_at, NULL, NULL FROM write_outcomes \
         WHERE user = ?4 AND client = ?3 AND name = 0 \
         UNION ALL SELECT request_hash, answer, created_at, NULL, NULL FROM outcomes \
         WHERE app = ?1 AND caller = ?2 AND scope = ?7 AND idempotency_key = ?8"
    );

    /// The outcome of sending a message.
    SENT_OUTCOME = "SELECT m.request, m.id, m.created_at, m.random, m.seq, m.once, u.app, u.id FROM messages m \
                    CROSS JOIN users u ON u.key = m.sender WHERE m.key = ?1 AND m.once IS NOT NULL";

    PUT_OUTCOME = "INSERT INTO write_outcomes (user, client, name, request_hash, answer, created_at) \
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6)";

    /// Examines only the `?2` oldest outcomes.
    PRUNE_OUTCOMES = "DELETE FROM write_outcomes WHERE key IN (SELECT key FROM \
                      (SELECT key, created_at FROM write_outcomes WHERE key > 0 ORDER BY key LIMIT ?2) \
                      WHERE created_at < ?1)";

    /// The newest outcome of a user that is too many.
    EXCESS_OUTCOME = "SELECT key FROM write_outcomes WHERE user = ?1 ORDER BY key DESC LIMIT 1 OFFSET ?2";

    DELETE_EXCESS_OUTCOMES = "DELETE FROM write_outcomes WHERE key IN \
                              (SELECT key FROM write_outcomes WHERE user = ?1 AND key <= +?2 LIMIT 1024)";

    PRUNE_OLD_OUTCOMES = "DELETE FROM outcomes WHERE key IN (SELECT key FROM \
                          (SELECT key, created_at FROM outcomes WHERE key > 0 ORDER BY key LIMIT ?2) \
                          WHERE created_at < ?1)";
}
