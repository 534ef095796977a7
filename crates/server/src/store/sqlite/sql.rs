//! Every statement that runs while the server serves, in one list, so that a test can ask SQLite how it would carry
//! out each of them: none may walk through a table.

/// Makes the constants and the list of them all.
macro_rules! statements {
    ($( $(#[$doc:meta])* $name:ident = $sql:expr; )*) => {
        $( $(#[$doc])* pub(super) const $name: &str = $sql; )*

        /// Every statement with its name.
        #[cfg(test)]
        pub(super) const ALL: &[(&str, &str)] = &[ $( (stringify!($name), $name), )* ];
    };
}

/// The key of the user of id `?n` in app `?1`.
macro_rules! user {
    ($n:literal) => {
        concat!("(SELECT key FROM users WHERE app = ?1 AND id = ?", $n, ")")
    };
}

/// The key of the conversation of id `?2` in app `?1`.
macro_rules! conversation {
    () => {
        "(SELECT key FROM conversations WHERE app = ?1 AND id = ?2)"
    };
}

/// The columns of a participant, in the order in which they are read.
macro_rules! participant {
    () => {
        "p.access, p.notify, p.joined_at, p.read_until, p.read_seq, p.marked_unread"
    };
}

/// The columns of a conversation, in the order in which they are read.
macro_rules! conversation_columns {
    () => {
        "c.subject, c.photo_url, c.welcome_messages, c.custom, c.created_at, c.last_seq, c.last_message_at"
    };
}

/// The columns of a message with its sender's id, in the order in which they are read.
macro_rules! message_columns {
    () => {
        "m.seq, m.id, (SELECT u.id FROM users u WHERE u.key = m.sender), m.text, m.content, m.custom, \
         m.created_at, m.edited_at, m.referenced, m.origin"
    };
}

statements! {
    USER = "SELECT name, custom, locale, photo_url, role, welcome_message, created_at \
            FROM users WHERE app = ?1 AND id = ?2";

    PUT_USER = "INSERT INTO users (app, id, name, custom, locale, photo_url, role, welcome_message, created_at) \
                VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) \
                ON CONFLICT (app, id) DO UPDATE SET name = excluded.name, custom = excluded.custom, \
                locale = excluded.locale, photo_url = excluded.photo_url, role = excluded.role, \
                welcome_message = excluded.welcome_message";

    USER_PRIVATE = concat!("SELECT emails, phones, push_tokens FROM user_private WHERE user = ", user!(2));

    PUT_USER_PRIVATE = "INSERT INTO user_private (user, emails, phones, push_tokens) \
                        SELECT key, ?3, ?4, ?5 FROM users WHERE app = ?1 AND id = ?2 \
                        ON CONFLICT (user) DO UPDATE SET emails = excluded.emails, phones = excluded.phones, \
                        push_tokens = excluded.push_tokens";

    CONVERSATION = concat!("SELECT ", conversation_columns!(), " FROM conversations c WHERE app = ?1 AND id = ?2");

    PUT_CONVERSATION = "INSERT INTO conversations (app, id, subject, photo_url, welcome_messages, custom, created_at) \
                        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) \
                        ON CONFLICT (app, id) DO UPDATE SET subject = excluded.subject, \
                        photo_url = excluded.photo_url, welcome_messages = excluded.welcome_messages, \
                        custom = excluded.custom";

    /// What everybody sees of a conversation, with its key. The least `read_until` is one step in its index, however
    /// many participants there are.
    SEEN = concat!(
        "SELECT ", conversation_columns!(),
        ", (SELECT min(o.read_until) FROM participants o WHERE o.conversation = c.key), c.key \
         FROM conversations c WHERE c.app = ?1 AND c.id = ?2"
    );

    /// One participant of the conversation of key `?2`.
    PART = concat!(
        "SELECT ", participant!(), " FROM participants p WHERE p.conversation = ?2 AND p.user = ", user!(3)
    );

    PARTICIPANT = concat!(
        "SELECT ", participant!(), " FROM participants p WHERE p.conversation = ", conversation!(),
        " AND p.user = ", user!(3)
    );

    PARTICIPANTS = concat!(
        "SELECT ", participant!(), ", (SELECT u.id FROM users u WHERE u.key = p.user) FROM participants p \
         WHERE p.conversation = ", conversation!()
    );

    /// Where the conversation or the user does not exist, its key is null, which the table refuses.
    PUT_PARTICIPANT = concat!(
        "INSERT INTO participants \
         (conversation, user, access, notify, joined_at, read_until, read_seq, marked_unread) VALUES (",
        conversation!(), ", ", user!(3), ", ?4, ?5, ?6, ?7, ?8, ?9) \
         ON CONFLICT (conversation, user) DO UPDATE SET access = excluded.access, \
         notify = excluded.notify, joined_at = excluded.joined_at, \
         read_until = excluded.read_until, read_seq = excluded.read_seq, \
         marked_unread = excluded.marked_unread"
    );

    DELETE_PARTICIPANT = concat!(
        "DELETE FROM participants WHERE conversation = ", conversation!(), " AND user = ", user!(3)
    );

    /// Two scalar queries, because SQLite takes the short way only for a `min` or `max` that stands alone.
    READ_BOUNDS = "SELECT (SELECT min(read_until) FROM participants WHERE conversation = k.key), \
                   (SELECT max(read_until) FROM participants WHERE conversation = k.key) \
                   FROM conversations k WHERE k.app = ?1 AND k.id = ?2";

    MESSAGE = concat!(
        "SELECT ", message_columns!(), " FROM messages m WHERE m.conversation = ", conversation!(),
        " AND m.id = ?3"
    );

    /// The reader stops when it has enough. The `+` keeps the parameter from the planner, see above.
    MESSAGES = concat!(
        "SELECT ", message_columns!(), " FROM messages m WHERE m.conversation = ", conversation!(),
        " AND m.seq < +?3 ORDER BY m.seq DESC"
    );

    NEXT_SEQ = "UPDATE conversations SET last_seq = last_seq + 1, last_message_at = ?3 \
                WHERE app = ?1 AND id = ?2 RETURNING key, last_seq";

    USER_KEY = "SELECT key FROM users WHERE app = ?1 AND id = ?2";

    INSERT_MESSAGE = "INSERT INTO messages (conversation, seq, id, sender, text, content, custom, created_at, \
                      edited_at, referenced, origin) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";

    OUTCOME = "SELECT request_hash, answer, created_at FROM outcomes \
               WHERE app = ?1 AND caller = ?2 AND scope = ?3 AND idempotency_key = ?4";

    PUT_OUTCOME = "INSERT INTO outcomes (app, caller, scope, idempotency_key, request_hash, answer, created_at) \
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";

    /// Looks at the `?2` oldest only.
    PRUNE_OUTCOMES = "DELETE FROM outcomes WHERE key IN (SELECT key FROM \
                      (SELECT key, created_at FROM outcomes WHERE key > 0 ORDER BY key LIMIT ?2) \
                      WHERE created_at < ?1)";

    TOPIC = "SELECT seq FROM topics WHERE app = ?1 AND kind = ?2 AND id = ?3";

    ADVANCE = "INSERT INTO topics (app, kind, id, seq) VALUES (?1, ?2, ?3, 1) \
               ON CONFLICT (app, kind, id) DO UPDATE SET seq = seq + 1 RETURNING seq";

    BEGIN_READ = "BEGIN";
    BEGIN_WRITE = "BEGIN IMMEDIATE";
    COMMIT = "COMMIT";
    ROLLBACK = "ROLLBACK";
    SAVEPOINT = "SAVEPOINT job";
    RELEASE = "RELEASE job";
    ROLLBACK_TO = "ROLLBACK TO job";
}
