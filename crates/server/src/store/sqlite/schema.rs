//! The schema, as a list of migrations. The `user_version` of a database file is the number of migrations
//! that were applied. A newer server applies the others, in one transaction each; an older server refuses the
//! file.

/// The `application_id` of a database of this program: the letters "Caus".
pub(super) const APPLICATION_ID: i32 = 0x4361_7573;

/// The migrations, oldest first. The statements of a released migration must not change; a change is a new
/// migration.
pub(super) const MIGRATIONS: &[&str] = &[
    INITIAL,
    STREAMS,
    REVOCATIONS,
    CONVERSATION_LISTS,
    SHARED_ACTIVITY,
    DELIVERIES,
    NOTIFICATIONS,
    SHORT_OUTCOMES,
    SENT_OUTCOMES,
    SEARCH,
    FILES,
];

/// Users and conversations have numeric keys, so that participants and messages refer to them in a few bytes.
/// Callers refer to them by app and id.
const INITIAL: &str = "
CREATE TABLE meta (
    name  TEXT PRIMARY KEY NOT NULL,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE users (
    key             INTEGER PRIMARY KEY,
    app             TEXT NOT NULL,
    id              TEXT NOT NULL,
    name            TEXT NOT NULL,
    custom          TEXT NOT NULL,  -- JSON object of strings
    locale          TEXT,           -- null: the app's default, whatever it is when it is asked for
    photo_url       TEXT,
    role            TEXT,           -- null: the app's default
    welcome_message TEXT,
    created_at      INTEGER NOT NULL,
    UNIQUE (app, id)
) STRICT;

-- This is a separate table so that no query for a client can select one of these columns by mistake.
CREATE TABLE user_private (
    user        INTEGER PRIMARY KEY REFERENCES users (key) ON DELETE CASCADE,
    emails      TEXT NOT NULL,      -- JSON arrays of strings
    phones      TEXT NOT NULL,
    push_tokens TEXT NOT NULL
) STRICT;

CREATE TABLE conversations (
    key              INTEGER PRIMARY KEY,
    app              TEXT NOT NULL,
    id               TEXT NOT NULL,
    subject          TEXT,
    photo_url        TEXT,
    welcome_messages TEXT NOT NULL, -- JSON array of strings
    custom           TEXT NOT NULL,
    created_at       INTEGER NOT NULL,
    last_seq         INTEGER NOT NULL DEFAULT 0,
    last_message_at  INTEGER,
    UNIQUE (app, id)
) STRICT;

CREATE TABLE participants (
    conversation  INTEGER NOT NULL REFERENCES conversations (key) ON DELETE CASCADE,
    user          INTEGER NOT NULL REFERENCES users (key) ON DELETE CASCADE,
    access        INTEGER NOT NULL CHECK (access IN (0, 1)),
    notify        INTEGER NOT NULL CHECK (notify IN (0, 1, 2)),
    joined_at     INTEGER NOT NULL,
    read_until    INTEGER NOT NULL,
    read_seq      INTEGER NOT NULL,
    marked_unread INTEGER NOT NULL CHECK (marked_unread IN (0, 1)),
    PRIMARY KEY (conversation, user)
) STRICT, WITHOUT ROWID;

-- Finds the minimum and the maximum, which every view of a conversation needs, in one step each.
CREATE INDEX participants_read ON participants (conversation, read_until);
CREATE INDEX participants_user ON participants (user);

CREATE TABLE messages (
    key          INTEGER PRIMARY KEY,
    conversation INTEGER NOT NULL REFERENCES conversations (key) ON DELETE CASCADE,
    seq          INTEGER NOT NULL,
    id           TEXT NOT NULL,
    sender       INTEGER REFERENCES users (key),
    text         TEXT NOT NULL,
    content      TEXT NOT NULL,     -- JSON array of blocks
    custom       TEXT NOT NULL,
    created_at   INTEGER NOT NULL,
    edited_at    INTEGER,
    referenced   TEXT,
    origin       INTEGER NOT NULL CHECK (origin IN (0, 1)),
    UNIQUE (conversation, seq),
    UNIQUE (conversation, id)
) STRICT;

-- The outcomes of writes, for requests that are sent again. The lowest keys are the oldest; they are pruned
-- first.
CREATE TABLE outcomes (
    key             INTEGER PRIMARY KEY,
    app             TEXT NOT NULL,
    caller          TEXT NOT NULL,
    scope           TEXT NOT NULL,
    idempotency_key TEXT NOT NULL,
    request_hash    BLOB NOT NULL,
    answer          TEXT NOT NULL,
    created_at      INTEGER NOT NULL,
    UNIQUE (app, caller, scope, idempotency_key)
) STRICT;

-- The number of the last event of each topic.
CREATE TABLE topics (
    app  TEXT NOT NULL,
    kind INTEGER NOT NULL CHECK (kind IN (0, 1, 2)),
    id   TEXT NOT NULL,
    seq  INTEGER NOT NULL,
    PRIMARY KEY (app, kind, id)
) STRICT, WITHOUT ROWID;
";

/// Adds the data for subscriptions: numbered events, tombstones, reactions, and the order of lists.
///
/// The number of a conversation's last event is in its own row, which every message changes anyway. `topics`
/// holds it for conversations that were deleted (kind 1); its rows of the kinds 0 and 2 come from older
/// versions and are not used. The table of messages is created again without the index on `seq`, which no
/// query needs any more, because each index makes a message more expensive.
const STREAMS: &str = "
ALTER TABLE conversations ADD COLUMN events INTEGER NOT NULL DEFAULT 0;
-- The number of the last event before the conversation was created. Its tables do not contain earlier events.
ALTER TABLE conversations ADD COLUMN first_event INTEGER NOT NULL DEFAULT 0;
UPDATE conversations SET events = coalesce(
    (SELECT t.seq FROM topics t
        WHERE t.app = conversations.app AND t.kind = 1 AND t.id = conversations.id), 0);
UPDATE conversations SET first_event = events;
DELETE FROM topics WHERE kind = 1;

-- The time of the newest message or of joining, whichever is later: the order of a user's conversations.
ALTER TABLE participants ADD COLUMN activity INTEGER NOT NULL DEFAULT 0;
UPDATE participants SET activity = max(joined_at, coalesce(
    (SELECT c.last_message_at FROM conversations c WHERE c.key = participants.conversation), joined_at));
DROP INDEX participants_user;
CREATE INDEX participants_activity ON participants (user, activity);
CREATE INDEX participants_joined ON participants (conversation, joined_at);

CREATE TABLE messages_2 (
    key          INTEGER PRIMARY KEY,
    conversation INTEGER NOT NULL REFERENCES conversations (key) ON DELETE CASCADE,
    seq          INTEGER NOT NULL,
    id           TEXT NOT NULL,
    sender       INTEGER REFERENCES users (key),
    text         TEXT NOT NULL,
    content      TEXT NOT NULL,     -- JSON array of blocks
    custom       TEXT NOT NULL,
    created_at   INTEGER NOT NULL,
    edited_at    INTEGER,
    referenced   TEXT,
    origin       INTEGER NOT NULL CHECK (origin IN (0, 1, 2, 3)),
    born         INTEGER NOT NULL,  -- the conversation's event when it was sent
    changed      INTEGER,           -- that of the last edit or reaction; null before the first
    reactions    TEXT,              -- JSON array of [emoji, count]; null for none
    UNIQUE (conversation, id)
) STRICT;
INSERT INTO messages_2
    SELECT key, conversation, seq, id, sender, text, content, custom, created_at, edited_at, referenced,
    origin, 0, NULL, NULL FROM messages ORDER BY key;
DROP TABLE messages;
ALTER TABLE messages_2 RENAME TO messages;
CREATE INDEX messages_time ON messages (conversation, created_at, id);
CREATE INDEX messages_changed ON messages (conversation, changed) WHERE changed IS NOT NULL;

-- The remains of deleted messages, for clients that resume and for the number of unread messages.
CREATE TABLE tombstones (
    conversation INTEGER NOT NULL REFERENCES conversations (key) ON DELETE CASCADE,
    seq          INTEGER NOT NULL,
    changed      INTEGER NOT NULL,  -- the conversation's event when it was deleted
    id           TEXT NOT NULL,
    PRIMARY KEY (conversation, seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX tombstones_changed ON tombstones (conversation, changed);

CREATE TABLE reactions (
    message    INTEGER NOT NULL REFERENCES messages (key) ON DELETE CASCADE,
    user       INTEGER NOT NULL REFERENCES users (key) ON DELETE CASCADE,
    emoji      TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (message, user, emoji)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX reactions_order ON reactions (message, emoji, created_at);
";

/// Adds the revocations of tokens.
const REVOCATIONS: &str = "
CREATE TABLE revocations (
    app    TEXT NOT NULL,
    user   TEXT NOT NULL,           -- an id, because the user need not exist
    before INTEGER NOT NULL,        -- tokens that were issued before this time are refused
    PRIMARY KEY (app, user)
) STRICT, WITHOUT ROWID;
";

/// Adds the orders in which a backend lists all conversations of an app.
const CONVERSATION_LISTS: &str = "
CREATE INDEX conversations_activity ON conversations (app, coalesce(last_message_at, created_at), id);
CREATE INDEX conversations_created ON conversations (app, created_at, id);
";

/// Counts participants, and keeps the activity of a conversation with more than four in its own row only, so
/// that a message does not change a row of each of them. Their `activity` is -1, see `views`.
const SHARED_ACTIVITY: &str = "
ALTER TABLE conversations ADD COLUMN participants INTEGER NOT NULL DEFAULT 0;
UPDATE conversations SET participants =
    (SELECT count(*) FROM participants p WHERE p.conversation = conversations.key);
UPDATE participants SET activity = -1 WHERE conversation IN
    (SELECT c.key FROM conversations c WHERE c.participants > 4);
";

/// Adds the deliveries of webhooks.
const DELIVERIES: &str = "
CREATE TABLE deliveries (
    key      INTEGER PRIMARY KEY,
    app      TEXT NOT NULL,
    url      TEXT NOT NULL,
    lane     TEXT NOT NULL,         -- what must arrive in order: a conversation or a user
    kind     TEXT NOT NULL,
    id       TEXT NOT NULL,         -- the id of the event, the same for every webhook
    body     TEXT NOT NULL,
    since    INTEGER NOT NULL,      -- when it was stored, or replayed
    attempts INTEGER NOT NULL DEFAULT 0,
    due      INTEGER,               -- null if an earlier one of the lane comes first, or if it failed
    failed   INTEGER NOT NULL DEFAULT 0 CHECK (failed IN (0, 1)),
    error    TEXT                   -- of the last attempt
) STRICT;
CREATE INDEX deliveries_lane ON deliveries (app, url, lane, key) WHERE failed = 0;
CREATE INDEX deliveries_due ON deliveries (app, url, due, key) WHERE due IS NOT NULL;
CREATE INDEX deliveries_listed ON deliveries (app, failed, key);
CREATE INDEX deliveries_failed ON deliveries (since) WHERE failed = 1;
";

/// Adds the notifications that are due if a participant does not read.
const NOTIFICATIONS: &str = "
CREATE TABLE notifications (
    app          TEXT NOT NULL,
    conversation TEXT NOT NULL,
    user         TEXT NOT NULL,
    due          INTEGER NOT NULL,
    PRIMARY KEY (app, conversation, user)
) STRICT, WITHOUT ROWID;
CREATE INDEX notifications_due ON notifications (app, due);
";

/// Stores the outcomes of writes in rows of about half the size, whatever the length of ids and keys. The
/// rows of the old table stay until they are pruned. From this version on, the content of a message is empty
/// if it says no more than its text.
const SHORT_OUTCOMES: &str = "
CREATE TABLE write_outcomes (
    key          INTEGER PRIMARY KEY,
    user         INTEGER NOT NULL,  -- a hash of the app and the caller
    client       INTEGER NOT NULL,  -- a hash of the scope
    name         ANY NOT NULL,      -- the idempotency key; a hash of it (a blob) if it is long
    request_hash BLOB NOT NULL,
    answer       TEXT NOT NULL,
    created_at   INTEGER NOT NULL,
    UNIQUE (user, client, name)
) STRICT;
";

/// Stores the outcome of sending a message in the row of the message: its id is the result. A message that is
/// deleted leaves a row in `write_outcomes`, with `once` as the client and the number 0 as the name. The ids
/// of new messages are stored in fewer bytes, see `stored_ids`.
const SENT_OUTCOMES: &str = "
ALTER TABLE messages ADD COLUMN once INTEGER;    -- a hash of the client and the idempotency key; null without
ALTER TABLE messages ADD COLUMN request INTEGER; -- the hash of the request
ALTER TABLE messages ADD COLUMN random INTEGER;  -- the random bits of the id; null if `id` is the whole id
CREATE UNIQUE INDEX messages_once ON messages (sender, once) WHERE once IS NOT NULL;
";

/// Adds the index of the words in messages; see `search`. The position of the index is in `meta`.
const SEARCH: &str = "
CREATE VIRTUAL TABLE message_words USING fts5(
    words, content = '', contentless_delete = 1, detail = none, tokenize = 'ascii'
);

-- The keys of messages that were changed or deleted since they were indexed.
CREATE TABLE search_changes (
    message INTEGER PRIMARY KEY
) STRICT;
";

/// Adds the files that are uploaded, and the messages that have them.
const FILES: &str = "
INSERT INTO meta VALUES ('file_secret', lower(hex(randomblob(32))));

CREATE TABLE files (
    key          INTEGER PRIMARY KEY,
    app          TEXT NOT NULL,
    id           TEXT NOT NULL,
    uploader     TEXT NOT NULL,     -- the id of a user; empty for a backend
    state        INTEGER NOT NULL CHECK (state IN (0, 1, 2)), -- expected, stored, being deleted
    kind         INTEGER CHECK (kind IN (0, 1, 2, 3)),        -- null: generic
    name         TEXT NOT NULL,
    content_type TEXT NOT NULL,
    size         INTEGER NOT NULL,
    width        INTEGER,
    height       INTEGER,
    duration     REAL,
    created_at   INTEGER NOT NULL,
    unused_since INTEGER,           -- null while a message has it
    UNIQUE (app, id)
) STRICT;
CREATE INDEX files_unused ON files (state, unused_since) WHERE unused_since IS NOT NULL;
CREATE INDEX files_uploader ON files (app, uploader) WHERE unused_since IS NOT NULL AND state < 2;

CREATE TABLE message_files (
    message INTEGER PRIMARY KEY REFERENCES messages (key) ON DELETE CASCADE,
    file    INTEGER NOT NULL REFERENCES files (key)
) STRICT;
CREATE INDEX message_files_file ON message_files (file);

CREATE TRIGGER message_files_inserted AFTER INSERT ON message_files BEGIN
    UPDATE files SET unused_since = NULL WHERE key = NEW.file;
END;
-- The time 0: a file whose last message was deleted is deleted in the next round.
CREATE TRIGGER message_files_deleted AFTER DELETE ON message_files
    WHEN NOT EXISTS (SELECT 1 FROM message_files WHERE file = OLD.file) BEGIN
    UPDATE files SET unused_since = 0 WHERE key = OLD.file;
END;
";
