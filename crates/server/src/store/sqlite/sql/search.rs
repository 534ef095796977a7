//! The statements on the index of the words in messages.

statements! {
    CONVERSATION_KEY = "SELECT key FROM conversations WHERE app = ?1 AND id = ?2";

    /// The key of the newest message before a place in the list.
    MESSAGE_KEY_BEFORE =
        "SELECT key FROM messages WHERE conversation = ?1 AND (created_at, id) < (+?2, +?3) \
         ORDER BY created_at DESC, id DESC LIMIT 1";

    /// The messages of a conversation that the index proposes. Keys are in the order of the list. If the key
    /// in the index is that of a deleted message, another conversation may have a message with this key.
    MATCHING_MESSAGES = concat!(
        "SELECT ", message_columns!(), " FROM message_words w CROSS JOIN messages m ON m.key = w.rowid \
         WHERE w.message_words MATCH ?2 AND w.rowid <= ?3 AND m.conversation = ?1 ORDER BY w.rowid DESC"
    );

    PUT_SEARCH_CHANGE = "INSERT INTO search_changes VALUES (?1) ON CONFLICT (message) DO NOTHING";

    SEARCH_CHANGES = "SELECT message FROM search_changes WHERE message > 0 ORDER BY message";

    DELETE_SEARCH_CHANGE = "DELETE FROM search_changes WHERE message = ?1";

    INDEXED_MESSAGE = "SELECT key, conversation, text, content FROM messages WHERE key = ?1";

    MESSAGES_AFTER_KEY =
        "SELECT key, conversation, text, content FROM messages WHERE key > +?1 ORDER BY key";

    GREATEST_MESSAGE_KEY = "SELECT max(key) FROM messages";

    INDEX_MESSAGE = "INSERT OR REPLACE INTO message_words (rowid, words) VALUES (?1, ?2)";

    UNINDEX_MESSAGE = "DELETE FROM message_words WHERE rowid = ?1";

    /// The key of the last message that was indexed.
    INDEX_POSITION = "SELECT value FROM meta WHERE name = 'indexed'";

    PUT_INDEX_POSITION = "INSERT INTO meta VALUES ('indexed', ?1) \
                          ON CONFLICT (name) DO UPDATE SET value = excluded.value";
}
