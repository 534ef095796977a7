//! The list of all statements that run while the server serves requests. A test asks SQLite for the plan of
//! each of them: none may scan a table.

/// Defines a constant for each statement, and a list of all of them.
macro_rules! statements {
    ($( $(#[$doc:meta])* $name:ident = $sql:expr; )*) => {
        $( $(#[$doc])* pub(in crate::store::sqlite) const $name: &str = $sql; )*

        /// These statements with their names.
        #[cfg(test)]
        pub(super) const ALL: &[(&str, &str)] = &[ $( (stringify!($name), $name), )* ];
    };
}

/// The key of the user with the id `?n` in the app `?1`.
macro_rules! user {
    ($n:literal) => {
        concat!("(SELECT key FROM users WHERE app = ?1 AND id = ?", $n, ")")
    };
}

/// The key of the conversation with the id `?2` in the app `?1`.
macro_rules! conversation {
    () => {
        "(SELECT key FROM conversations WHERE app = ?1 AND id = ?2)"
    };
}

/// The columns of a participant, in the order in which `rows::participant` reads them.
macro_rules! participant_columns {
    () => {
        "p.access, p.notify, p.joined_at, p.read_until, p.read_seq, p.marked_unread"
    };
}

/// The columns of a conversation, in the order in which `rows::conversation` reads them.
macro_rules! conversation_columns {
    () => {
        "c.subject, c.photo_url, c.welcome_messages, c.custom, c.created_at, c.last_seq, c.last_message_at, \
         c.participants"
    };
}

/// The time of the last message, or of the creation, of the conversation `c`: the expression in the index.
macro_rules! conversation_activity {
    () => {
        "coalesce(c.last_message_at, c.created_at)"
    };
}

/// The minimum of `read_until` over the participants of the conversation `c`. It is one step in its index,
/// for any number of participants.
macro_rules! everyone_read_until {
    () => {
        "(SELECT min(o.read_until) FROM participants o WHERE o.conversation = c.key)"
    };
}

/// The number of deleted messages among those that the participant `p` has not read.
macro_rules! deleted_unread {
    () => {
        "(SELECT count(*) FROM tombstones t WHERE t.conversation = p.conversation AND t.seq > p.read_seq)"
    };
}

/// The columns of a message, in the order in which `rows::message` reads them.
macro_rules! message_columns {
    () => {
        "m.seq, m.id, (SELECT u.id FROM users u WHERE u.key = m.sender), m.text, m.content, m.custom, \
         m.created_at, m.edited_at, m.referenced, m.origin, m.reactions, m.random"
    };
}

mod deliveries;
mod files;
mod outcomes;
mod search;

pub(super) use deliveries::*;
pub(super) use files::*;
pub(super) use outcomes::*;
pub(super) use search::*;

/// All statements with their names.
#[cfg(test)]
pub(super) fn all() -> impl Iterator<Item = &'static (&'static str, &'static str)> {
    [ALL, deliveries::ALL, files::ALL, outcomes::ALL, search::ALL].into_iter().flatten()
}

statements! {
    USER = "SELECT name, custom, locale, photo_url, role, welcome_message, created_at \
            FROM users WHERE app = ?1 AND id = ?2";

    /// Ids in the order of the index. The reader stops when it has enough.
    USERS = "SELECT id FROM users WHERE app = ?1 AND id > +?2 ORDER BY id";

    /// Ordered as `VIEWS`. The reader stops when it has enough.
    CONVERSATIONS_LATEST_ACTIVITY = concat!(
        "SELECT ", conversation_columns!(), ", c.id FROM conversations c INDEXED BY conversations_activity \
         WHERE c.app = ?1 AND ", conversation_activity!(), " <= +?2 AND (", conversation_activity!(),
        " < ?2 OR c.id < ?3) ORDER BY ", conversation_activity!(), " DESC, c.id DESC"
    );

    CONVERSATIONS_EARLIEST_ACTIVITY = concat!(
        "SELECT ", conversation_columns!(), ", c.id FROM conversations c INDEXED BY conversations_activity \
         WHERE c.app = ?1 AND ", conversation_activity!(), " >= +?2 AND (", conversation_activity!(),
        " > ?2 OR c.id > ?3) ORDER BY ", conversation_activity!(), ", c.id"
    );

    CONVERSATIONS_NEWEST = concat!(
        "SELECT ", conversation_columns!(), ", c.id FROM conversations c INDEXED BY conversations_created \
         WHERE c.app = ?1 AND c.created_at <= +?2 AND (c.created_at < ?2 OR c.id < ?3) \
         ORDER BY c.created_at DESC, c.id DESC"
    );

    CONVERSATIONS_OLDEST = concat!(
        "SELECT ", conversation_columns!(), ", c.id FROM conversations c INDEXED BY conversations_created \
         WHERE c.app = ?1 AND c.created_at >= +?2 AND (c.created_at > ?2 OR c.id > ?3) \
         ORDER BY c.created_at, c.id"
    );

    /// The number of the last commit, which the history file repeats.
    PUT_COMMITS = "INSERT INTO meta VALUES ('commits', ?1) \
                   ON CONFLICT (name) DO UPDATE SET value = excluded.value";

    /// The time with which outcomes are dated.
    PUT_TIME = "INSERT INTO meta VALUES ('time', ?1) \
                ON CONFLICT (name) DO UPDATE SET value = excluded.value";

    /// Changes a page without an effect.
    PUT_CHECK = "INSERT INTO meta VALUES ('check', '') \
                 ON CONFLICT (name) DO UPDATE SET value = excluded.value";

    APP_CUSTOM = "SELECT value FROM meta WHERE name = 'app:' || ?1";

    PUT_APP_CUSTOM = "INSERT INTO meta VALUES ('app:' || ?1, ?2) \
                      ON CONFLICT (name) DO UPDATE SET value = excluded.value";

    /// All of them, at the start.
    REVOCATIONS = "SELECT app, user, before FROM revocations WHERE app > '' ORDER BY app, user";

    PUT_REVOCATION = "INSERT INTO revocations VALUES (?1, ?2, ?3) \
                      ON CONFLICT (app, user) DO UPDATE SET before = max(before, excluded.before)";

    PUT_USER =
        "INSERT INTO users (app, id, name, custom, locale, photo_url, role, welcome_message, created_at) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) \
         ON CONFLICT (app, id) DO UPDATE SET name = excluded.name, custom = excluded.custom, \
         locale = excluded.locale, photo_url = excluded.photo_url, role = excluded.role, \
         welcome_message = excluded.welcome_message";

    USER_PRIVATE = concat!("SELECT emails, phones, push_tokens FROM user_private WHERE user = ", user!(2));

    PUT_USER_PRIVATE = "INSERT INTO user_private (user, emails, phones, push_tokens) \
                        SELECT key, ?3, ?4, ?5 FROM users WHERE app = ?1 AND id = ?2 \
                        ON CONFLICT (user) DO UPDATE SET emails = excluded.emails, phones = excluded.phones, \
                        push_tokens = excluded.push_tokens";

    CONVERSATION = concat!(
        "SELECT ", conversation_columns!(), " FROM conversations c WHERE app = ?1 AND id = ?2"
    );

    /// If a conversation of this id was deleted before, the new one continues the numbers of its stream.
    PUT_CONVERSATION =
        "INSERT INTO conversations (app, id, subject, photo_url, welcome_messages, custom, created_at, \
         events, first_event) \
         SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, seq, seq FROM (SELECT coalesce( \
         (SELECT seq FROM topics WHERE app = ?1 AND kind = 1 AND id = ?2), 0) AS seq) WHERE true \
         ON CONFLICT (app, id) DO UPDATE SET subject = excluded.subject, \
         photo_url = excluded.photo_url, welcome_messages = excluded.welcome_messages, \
         custom = excluded.custom";

    VIEWED_CONVERSATION = concat!(
        "SELECT ", conversation_columns!(), ", ", everyone_read_until!(), ", c.key \
         FROM conversations c WHERE c.app = ?1 AND c.id = ?2"
    );

    /// One participant of the conversation with the key `?2`.
    VIEWER_PARTICIPANT = concat!(
        "SELECT ", participant_columns!(), ", ", deleted_unread!(),
        " FROM participants p WHERE p.conversation = ?2 AND p.user = ", user!(3)
    );

    /// The conversations that keep their activity in `participants`. Rows come in the order of the index;
    /// those with equal times are sorted by id. The reader stops when it has enough. The `+` hides the
    /// parameter from the planner; otherwise some values would make SQLite prepare the statement again.
    VIEWS = concat!(
        "SELECT ", conversation_columns!(), ", ", everyone_read_until!(), ", c.id, ",
        participant_columns!(), ", ", deleted_unread!(),
        " FROM participants p INDEXED BY participants_activity \
         CROSS JOIN conversations c ON c.key = p.conversation \
         WHERE p.user = ", user!(2), " AND p.activity <= +?3 AND p.activity >= 0 AND (p.activity < ?3 OR c.id < ?4) \
         ORDER BY p.activity DESC, c.id DESC"
    );

    /// The keys of the first `views::SHARED` of those that keep it in their own row. They are sorted here.
    SHARED_ACTIVITIES = concat!(
        "SELECT max(p.joined_at, coalesce(c.last_message_at, p.joined_at)) AS activity, c.id, c.key \
         FROM participants p INDEXED BY participants_activity \
         CROSS JOIN conversations c ON c.key = p.conversation \
         WHERE p.user = ", user!(2), " AND p.activity = -1 \
         AND (max(p.joined_at, coalesce(c.last_message_at, p.joined_at)), c.id) < (+?3, +?4) \
         ORDER BY activity DESC, c.id DESC LIMIT 1000"
    );

    /// The view of a conversation by its key.
    VIEW_BY_KEY = concat!(
        "SELECT ", conversation_columns!(), ", ", everyone_read_until!(), ", c.id, ",
        participant_columns!(), ", ", deleted_unread!(),
        " FROM participants p CROSS JOIN conversations c ON c.key = p.conversation \
         WHERE p.conversation = ?3 AND p.user = ", user!(2)
    );

    PARTICIPANT = concat!(
        "SELECT ", participant_columns!(), " FROM participants p WHERE p.conversation = ", conversation!(),
        " AND p.user = ", user!(3)
    );

    PARTICIPANTS = concat!(
        "SELECT ", participant_columns!(), ", (SELECT u.id FROM users u WHERE u.key = p.user) \
         FROM participants p WHERE p.conversation = ", conversation!()
    );

    /// Ordered as `VIEWS`.
    NEWEST_PARTICIPANTS = concat!(
        "SELECT ", participant_columns!(), ", u.id FROM participants p INDEXED BY participants_joined \
         CROSS JOIN users u ON u.key = p.user WHERE p.conversation = ", conversation!(),
        " AND p.joined_at <= +?3 AND (p.joined_at < ?3 OR u.id < ?4) ORDER BY p.joined_at DESC, u.id DESC"
    );

    UPDATE_PARTICIPANT = concat!(
        "UPDATE participants SET access = ?4, notify = ?5, joined_at = ?6, read_until = ?7, read_seq = ?8, \
         marked_unread = ?9, activity = CASE WHEN activity < 0 THEN activity ELSE max(?6, coalesce(\
         (SELECT c.last_message_at FROM conversations c WHERE c.key = conversation), ?6)) END \
         WHERE conversation = ", conversation!(), " AND user = ", user!(3)
    );

    /// Counts participants who join (1) or leave (-1).
    COUNT_PARTICIPANTS =
        "UPDATE conversations SET participants = participants + ?3 WHERE app = ?1 AND id = ?2 \
         RETURNING key, participants, last_message_at";

    /// If the user does not exist, its key is null, which the table rejects.
    INSERT_PARTICIPANT = concat!(
        "INSERT INTO participants (conversation, user, access, notify, joined_at, read_until, read_seq, \
         marked_unread, activity) VALUES (?2, ", user!(3), ", ?4, ?5, ?6, ?7, ?8, ?9, ?10)"
    );

    /// From now on, the activity is in the row of the conversation.
    SHARE_ACTIVITY = "UPDATE participants SET activity = -1 WHERE conversation = ?1";

    DELETE_PARTICIPANT = concat!(
        "DELETE FROM participants WHERE conversation = ", conversation!(), " AND user = ", user!(3)
    );

    /// The maximum of `read_until` is one step in its index, like the minimum.
    LATEST_TIME =
        "SELECT max(coalesce(k.last_message_at, k.created_at), coalesce( \
         (SELECT max(read_until) FROM participants WHERE conversation = k.key), k.created_at)), \
         k.last_seq, k.key FROM conversations k WHERE k.app = ?1 AND k.id = ?2";

    /// The reader stops when it has enough.
    READERS_AT = "SELECT 1 FROM participants INDEXED BY participants_read \
                  WHERE conversation = ?1 AND read_until = ?2";

    /// The participants other than the sender who have read up to the time of a new message have not read it.
    UNREAD_AT = "UPDATE participants INDEXED BY participants_read SET read_until = ?2 - 1 \
                 WHERE conversation = ?1 AND read_until = ?2 AND user IS NOT ?3";

    /// The messages whose column of the id has one of two texts: at most one of them has the id.
    MESSAGE = concat!(
        "SELECT ", message_columns!(), " FROM messages m WHERE m.conversation = ", conversation!(),
        " AND m.id IN (?3, ?4)"
    );

    /// Ordered as `VIEWS`.
    MESSAGES = concat!(
        "SELECT ", message_columns!(), " FROM messages m WHERE m.conversation = ", conversation!(),
        " AND (m.created_at, m.id) < (+?3, +?4) ORDER BY m.created_at DESC, m.id DESC"
    );

    NEXT_MESSAGE_SEQ =
        "UPDATE conversations SET last_seq = last_seq + 1, last_message_at = ?3, events = events + 1 \
         WHERE app = ?1 AND id = ?2 RETURNING key, last_seq, events, participants";

    USER_KEY = "SELECT key FROM users WHERE app = ?1 AND id = ?2";

    INSERT_MESSAGE =
        "INSERT INTO messages (conversation, seq, id, sender, text, content, custom, created_at, \
         edited_at, referenced, origin, born, once, request, random) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)";

    /// A new message moves the conversation to the front of all participants' lists, if their rows have the
    /// activity.
    RAISE_ACTIVITY = "UPDATE participants SET activity = ?2 WHERE conversation = ?1 AND user IS NOT ?3";

    /// The sender of a message has read the conversation up to it.
    MARK_READ_BY_SENDER =
        "UPDATE participants SET read_until = ?3, read_seq = ?4, marked_unread = 0, \
         activity = CASE WHEN activity < 0 THEN activity ELSE ?3 END WHERE conversation = ?1 AND user = ?2";

    /// See `MESSAGE`.
    MESSAGE_KEY = concat!(
        "SELECT key, seq, created_at, reactions, id, random FROM messages WHERE conversation = ",
        conversation!(), " AND id IN (?3, ?4)"
    );

    EDIT_MESSAGE =
        "UPDATE messages SET text = ?2, content = ?3, custom = ?4, edited_at = ?5, changed = ?6 \
         WHERE key = ?1";

    DELETE_MESSAGE = "DELETE FROM messages WHERE key = ?1";

    TOMBSTONE = concat!(
        "SELECT 1 FROM tombstones WHERE conversation = ", conversation!(), " AND seq = ?3 AND id = ?4"
    );

    PUT_TOMBSTONE = "INSERT INTO tombstones (conversation, seq, changed, id) VALUES (?1, ?2, ?3, ?4)";

    /// The event of the newest tombstone that no position needs, if there are more than `?2`.
    EXCESS_TOMBSTONE =
        "SELECT changed FROM tombstones INDEXED BY tombstones_changed WHERE conversation = ?1 \
         ORDER BY changed DESC LIMIT 1 OFFSET ?2";

    /// A message counts as unread for those who have not read up to it, so its tombstone does too.
    PRUNE_TOMBSTONES =
        "DELETE FROM tombstones WHERE (conversation, seq) IN (SELECT conversation, seq \
         FROM tombstones INDEXED BY tombstones_changed WHERE conversation = ?1 AND changed <= +?2 \
         AND seq <= (SELECT coalesce(min(p.read_seq), 0x7fffffffffffffff) FROM participants p \
         WHERE p.conversation = ?1) ORDER BY changed LIMIT 1024)";

    /// Sets the time of the newest message that is left. Nothing changes if the deleted message was not the
    /// newest.
    LOWER_LAST_MESSAGE_AT =
        "UPDATE conversations SET last_message_at = \
         (SELECT max(created_at) FROM messages WHERE conversation = ?1) \
         WHERE key = ?1 AND last_message_at = ?2 RETURNING last_message_at, participants";

    /// From now on, or again, the activity is in the rows of the participants.
    PUT_ACTIVITY =
        "UPDATE participants SET activity = max(joined_at, coalesce(?2, joined_at)) \
         WHERE conversation = ?1";

    STREAM = "SELECT key, events, first_event FROM conversations WHERE app = ?1 AND id = ?2";

    /// Newest first; the reader stops at the first message that is not new.
    DELTA_NEW = concat!(
        "SELECT ", message_columns!(), ", m.born FROM messages m WHERE m.conversation = ?1 \
         ORDER BY m.created_at DESC, m.id DESC"
    );

    DELTA_CHANGED = concat!(
        "SELECT ", message_columns!(), " FROM messages m INDEXED BY messages_changed \
         WHERE m.conversation = ?1 AND m.changed > +?2 AND m.born <= ?2"
    );

    DELTA_DELETED =
        "SELECT id FROM tombstones INDEXED BY tombstones_changed WHERE conversation = ?1 AND changed > +?2";

    REACTIONS =
        "SELECT (SELECT u.id FROM users u WHERE u.key = r.user), r.created_at \
         FROM reactions r INDEXED BY reactions_order \
         WHERE r.message = ?1 AND r.emoji = ?2 AND r.created_at > +?3 ORDER BY r.created_at";

    REACTIONS_OF_USER = concat!(
        "SELECT emoji FROM reactions WHERE message = ?3 AND user = ", user!(2), " ORDER BY emoji"
    );

    LAST_REACTION = "SELECT max(created_at) FROM reactions WHERE message = ?1 AND emoji = ?2";

    ADD_REACTION = "INSERT INTO reactions (message, user, emoji, created_at) VALUES (?1, ?2, ?3, ?4) \
                    ON CONFLICT (message, user, emoji) DO NOTHING";

    REMOVE_REACTION =
        "DELETE FROM reactions WHERE message = ?1 AND user = ?2 AND emoji = ?3 RETURNING created_at";

    PUT_REACTION_COUNTS = "UPDATE messages SET reactions = ?2, changed = ?3 WHERE key = ?1";

    DELETE_PARTICIPANTS = "DELETE FROM participants WHERE conversation = ?1";

    /// Removes a conversation from its app, and everything but its messages, of which there may be many. The
    /// id of an app is never empty.
    DETACH_CONVERSATION =
        "UPDATE conversations SET app = '', id = key, subject = NULL, photo_url = NULL, \
         welcome_messages = '[]', custom = '{}', participants = 0 WHERE key = ?1";

    /// A conversation that was detached.
    DETACHED_CONVERSATION = "SELECT key FROM conversations WHERE app = '' LIMIT 1";

    /// Some messages of a deleted conversation.
    SWEPT_MESSAGES = "SELECT key FROM messages WHERE conversation = ?1 LIMIT 500";

    DELETE_CONVERSATION = "DELETE FROM conversations WHERE key = ?1";

    END_STREAM = "INSERT INTO topics (app, kind, id, seq) VALUES (?1, 1, ?2, ?3) \
                  ON CONFLICT (app, kind, id) DO UPDATE SET seq = excluded.seq";

    /// The number of the last event of a deleted conversation.
    ENDED_STREAM = "SELECT seq FROM topics WHERE app = ?1 AND kind = 1 AND id = ?2";

    ADVANCE_STREAM =
        "UPDATE conversations SET events = events + 1 WHERE app = ?1 AND id = ?2 \
         RETURNING key, events";

    BEGIN_READ = "BEGIN";
    BEGIN_WRITE = "BEGIN IMMEDIATE";
    COMMIT = "COMMIT";
    ROLLBACK = "ROLLBACK";
    SAVEPOINT = "SAVEPOINT job";
    RELEASE = "RELEASE job";
    ROLLBACK_TO = "ROLLBACK TO job";
}
