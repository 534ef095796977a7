//! The tables, as the list of steps that make them. A database file knows by its `user_version` how many steps it has
//! seen; a newer server takes the rest, in one transaction each, and an older one refuses the file.

/// Says whose file it is: the letters "Caus" (`application_id`).
pub(super) const APPLICATION_ID: i32 = 0x4361_7573;

/// The steps, oldest first. A step that was released is never edited; what is to be different is a further step.
pub(super) const MIGRATIONS: &[&str] = &[FIRST];

/// Users and conversations have number keys of their own, so that participants and messages refer to them in a few
/// bytes; the outside knows them by (app, id).
const FIRST: &str = "
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

-- A table of its own, so that no query that answers a client can name one of these columns by mistake.
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

-- The least and the greatest of it are asked for with every conversation; from here they are one step each.
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

-- What writes came to, for those who ask again. Pruned from the lowest key, which is the oldest.
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

-- How many events each topic has had.
CREATE TABLE topics (
    app  TEXT NOT NULL,
    kind INTEGER NOT NULL CHECK (kind IN (0, 1, 2)),
    id   TEXT NOT NULL,
    seq  INTEGER NOT NULL,
    PRIMARY KEY (app, kind, id)
) STRICT, WITHOUT ROWID;
";
