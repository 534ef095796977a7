//! The statements on files.

statements! {
    FILE = "SELECT id, uploader, state, kind, name, content_type, size, width, height, duration, created_at \
            FROM files WHERE app = ?1 AND id = ?2 AND state < 2";

    /// At most as many files as an uploader may have.
    UNUSED_FILES = "SELECT count(*), coalesce(sum(size), 0) FROM files INDEXED BY files_uploader \
                    WHERE app = ?1 AND uploader = ?2 AND unused_since IS NOT NULL AND state < 2";

    FILE_SECRET = "SELECT value FROM meta WHERE name = 'file_secret'";

    PUT_FILE =
        "INSERT INTO files (app, id, uploader, state, kind, name, content_type, size, width, height, \
         duration, created_at, unused_since) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?12)";

    COMPLETE_FILE = "UPDATE files SET state = 1, content_type = ?3, size = ?4, width = ?5, height = ?6 \
                     WHERE app = ?1 AND id = ?2 AND state = 0";

    DETACH_FILE = "DELETE FROM message_files WHERE message = ?1";

    ATTACH_FILE = "INSERT INTO message_files (message, file) \
                   SELECT ?1, key FROM files WHERE app = ?2 AND id = ?3 AND state = 1";

    ABANDON_FILE = "UPDATE files SET state = 2 WHERE app = ?1 AND id = ?2 AND state = 0";

    PRUNE_STORED_FILES =
        "UPDATE files SET state = 2 WHERE key IN (SELECT key FROM files INDEXED BY files_unused \
         WHERE state = 1 AND unused_since IS NOT NULL AND unused_since < +?1 LIMIT ?2)";

    PRUNE_EXPECTED_FILES =
        "UPDATE files SET state = 2 WHERE key IN (SELECT key FROM files INDEXED BY files_unused \
         WHERE state = 0 AND unused_since IS NOT NULL AND unused_since < +?1 LIMIT ?2)";

    MARKED_FILES = "SELECT app, id FROM files INDEXED BY files_unused \
                    WHERE state = 2 AND unused_since IS NOT NULL ORDER BY unused_since";

    FORGET_FILE = "DELETE FROM files WHERE app = ?1 AND id = ?2 AND state = 2";
}
