//! The outcomes of writes, and how outcomes and tombstones that nobody can need are deleted beside the writes
//! that add new ones.

use rusqlite::Row;
use rusqlite::types::{ToSql, ToSqlOutput, ValueRef};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::transaction::Transaction;
use super::{sql, stored_ids};
use crate::store::records::{OutcomeKey, OutcomeRecord};
use crate::store::{MAX_DELTA, OUTCOMES_PER_USER, StoreResult};

/// The longest idempotency key that is stored as it is, in bytes. The SDK counts its keys.
const SHORT_KEY: usize = 16;

/// Returns whether the write of the row with this number also looks for rows to delete. One in 256 does, in
/// any arithmetic sequence of numbers, so that the rows of each user are looked at.
pub(super) const fn is_cleanup_due(number: i64) -> bool {
    // The golden ratio: its multiples are spread evenly over 64 bits.
    number.cast_unsigned().wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 56 == 0
}

/// Returns the first 16 bytes of the hash of texts. None of them contains a zero byte, which separates them.
fn digest(parts: &[&str]) -> [u8; 16] {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part.as_bytes());
        hash.update([0]);
    }
    hash.finalize().first_chunk().copied().unwrap_or_default()
}

/// Returns a hash of texts as a number.
fn number(parts: &[&str]) -> i64 {
    digest(parts).first_chunk().copied().map_or(0, i64::from_le_bytes)
}

/// An idempotency key as it is stored: at most [`SHORT_KEY`] bytes long.
enum Name<'a> {
    Text(&'a str),
    Hash([u8; 16]),
    /// That of a message that was deleted, whose key is a part of the hash in the column of the client.
    Deleted,
}

impl ToSql for Name<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        match self {
            Name::Text(text) => text.to_sql(),
            Name::Hash(hash) => Ok(ToSqlOutput::from(hash.as_slice())),
            Name::Deleted => Ok(ToSqlOutput::from(0)),
        }
    }
}

/// The columns by which an outcome is found. A user can choose only its own clients and keys, and whoever
/// finds two of these with one hash confuses only its own writes.
fn columns<'a>(key: &OutcomeKey<'a>) -> (i64, i64, Name<'a>) {
    let name = if key.key.len() <= SHORT_KEY { Name::Text(key.key) } else { Name::Hash(digest(&[key.key])) };
    (user(key.app, key.caller), number(&[key.scope]), name)
}

/// Returns the column of the app and the caller.
fn user(app: &str, caller: &str) -> i64 {
    number(&[app, caller])
}

/// Returns the column by which the outcome of sending a message is found, among the messages of one sender.
pub(super) fn once(key: &OutcomeKey<'_>) -> i64 {
    number(&[key.scope, key.key])
}

/// Reads the hash of a request: a number in the row of a message. Older versions stored more bytes of it.
fn request_hash(row: &Row<'_>, column: usize) -> rusqlite::Result<[u8; 8]> {
    Ok(match row.get_ref(column)? {
        ValueRef::Integer(number) => number.to_le_bytes(),
        other => other.as_blob()?.first_chunk().copied().unwrap_or_default(),
    })
}

/// Reads an outcome. That of sending a message is its id, as JSON.
fn outcome(row: &Row<'_>) -> rusqlite::Result<OutcomeRecord> {
    let result = match row.get_ref(0)? {
        ValueRef::Integer(_) => Value::from(stored_ids::read(row, [1, 3, 2, 4])?.as_str()).to_string(),
        _ => row.get(1)?,
    };
    Ok(OutcomeRecord { request_hash: request_hash(row, 0)?, result, created_at: row.get(2)? })
}

impl Transaction<'_> {
    pub(super) fn find_outcome(&self, key: &OutcomeKey<'_>) -> StoreResult<Option<OutcomeRecord>> {
        let (user, client, name) = columns(key);
        let params = (key.app, key.caller, once(key), user, client, name, key.scope, key.key);
        self.one(sql::OUTCOME, params, outcome)
    }

    pub(super) fn insert_outcome(&self, key: &OutcomeKey<'_>, record: &OutcomeRecord) -> StoreResult<()> {
        self.put_outcome_row(columns(key), !key.caller.is_empty(), record)
    }

    /// Keeps the outcome of sending a message that is about to be deleted. It is stored for as long as that
    /// of a write of now.
    pub(super) fn keep_outcome(&self, message: i64) -> StoreResult<()> {
        let kept = self.one(sql::SENT_OUTCOME, (message,), |row| {
            let (once, app, sender): (i64, String, String) = (row.get(5)?, row.get(6)?, row.get(7)?);
            let record = OutcomeRecord { created_at: self.now, ..outcome(row)? };
            Ok(((user(&app, &sender), once, Name::Deleted), record))
        })?;
        match kept {
            Some((columns, record)) => self.put_outcome_row(columns, true, &record),
            None => Ok(()),
        }
    }

    fn put_outcome_row(
        &self,
        (user, client, name): (i64, i64, Name<'_>),
        is_bounded: bool,
        record: &OutcomeRecord,
    ) -> StoreResult<()> {
        let params = (user, client, name, record.request_hash, &record.result, record.created_at);
        let row = self.insert(sql::PUT_OUTCOME, params)?;
        if is_bounded
            && is_cleanup_due(row)
            && let Some(excess) =
                self.one(sql::EXCESS_OUTCOME, (user, OUTCOMES_PER_USER), |row| row.get::<_, i64>(0))?
        {
            self.change(sql::DELETE_EXCESS_OUTCOMES, (user, excess))?;
        }
        Ok(())
    }

    pub(super) fn delete_outcomes(&self, before: i64, limit: u32) -> StoreResult<usize> {
        let old = self.change(sql::PRUNE_OLD_OUTCOMES, (before, limit))?;
        let left = limit.saturating_sub(u32::try_from(old).unwrap_or(limit));
        Ok(old + self.change(sql::PRUNE_OUTCOMES, (before, left))?)
    }

    /// Deletes tombstones of a conversation that no delta can contain, because more than [`MAX_DELTA`] newer
    /// ones remain, and whose messages all participants would have read.
    pub(super) fn prune_tombstones(&self, conversation: i64) -> StoreResult<()> {
        // One more than the maximum remains, so that an excess is still noticed.
        let excess: Option<i64> =
            self.one(sql::EXCESS_TOMBSTONE, (conversation, MAX_DELTA + 1), |row| row.get(0))?;
        if let Some(excess) = excess {
            self.change(sql::PRUNE_TOMBSTONES, (conversation, excess))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use causerie_protocol::{ConversationId, MessageId};

    use super::*;
    use crate::store::conformance::{participant, user, user_record};
    use crate::store::records::ConversationRecord;
    use crate::store::sqlite::open;
    use crate::store::{Read as _, Write as _};

    #[test]
    fn cleanups_are_due_about_once_in_256_rows_for_any_stride() {
        for stride in [1, 2, 3, 50, 64, 255, 256, 1_000, 4_096] {
            let due = (1..=100_000).filter(|row| is_cleanup_due(row * stride)).count();
            assert!((300..=500).contains(&due), "{due} with the stride {stride}");
        }
    }

    fn key<'a>(caller: &'a str, name: &'a str) -> OutcomeKey<'a> {
        OutcomeKey { app: "app", caller, scope: "client", key: name }
    }

    fn outcome(created_at: i64) -> OutcomeRecord {
        OutcomeRecord { request_hash: [0; 8], result: String::new(), created_at }
    }

    #[test]
    fn outcomes_of_one_user_are_bounded_and_the_oldest_go_first() {
        let connection = open::memory().unwrap().writer;
        let mut transaction = Transaction::on(&connection);
        let total = i64::from(OUTCOMES_PER_USER) + 5_000;
        for index in 0..total {
            let name = index.to_string();
            transaction.put_outcome(&key("ada", &name), &outcome(index)).unwrap();
            if index < 3_000 {
                transaction.put_outcome(&key("bob", &name), &outcome(index)).unwrap();
                transaction.put_outcome(&key("", &name), &outcome(index)).unwrap();
            }
        }
        let is_stored = |caller: &str, index: i64| {
            let name = index.to_string();
            Transaction::on(&connection).outcome(&key(caller, &name)).unwrap().is_some()
        };
        let first = (0..total).find(|index| is_stored("ada", *index)).unwrap();
        let stored = total - first;
        assert!((first..total).all(|index| is_stored("ada", index)), "the newest have no gap");
        assert!((0..1_024).contains(&(stored - i64::from(OUTCOMES_PER_USER))), "{stored} are stored");
        assert!(
            (0..3_000).all(|index| is_stored("bob", index) && is_stored("", index)),
            "others keep theirs"
        );
    }

    #[test]
    fn outcome_of_the_longest_ids_takes_less_than_200_bytes() {
        let connection = open::memory().unwrap().writer;
        let [caller, scope] = ["u", "c"].map(|text| text.repeat(255));
        for index in 0..4_000 {
            let name = format!("{index:0>255}");
            let key = OutcomeKey { app: "app", caller: &caller, scope: &scope, key: &name };
            Transaction::on(&connection).put_outcome(&key, &outcome(1_700_000_000_000)).unwrap();
            assert!(Transaction::on(&connection).outcome(&key).unwrap().is_some());
        }
        let sizes = "SELECT sum(pgsize) / 4000 FROM dbstat WHERE name LIKE '%write_outcomes%'";
        let bytes: Result<i64, _> = connection.query_row(sizes, [], |row| row.get(0));
        let pages = "SELECT page_count * page_size / 4000 FROM pragma_page_count, pragma_page_size";
        // Without the statistics, all other tables count too.
        let bytes = bytes.unwrap_or_else(|_| connection.query_row(pages, [], |row| row.get(0)).unwrap());
        assert!((60..200).contains(&bytes), "{bytes} bytes");
    }

    #[test]
    fn tombstones_are_pruned_once_no_position_and_no_reader_needs_them() {
        let connection = open::memory().unwrap().writer;
        let mut transaction = Transaction::on(&connection);
        let c = ConversationId::new("c").unwrap();
        transaction.put_conversation("app", &c, &ConversationRecord::default()).unwrap();
        let total = i64::from(MAX_DELTA) + 3_000;
        let read_by_all = 1_500;
        for (id, read_seq) in [("ada", total), ("bob", read_by_all)] {
            transaction.put_user("app", &user(id), &user_record(id)).unwrap();
            transaction.put_participant("app", &c, &user(id), &participant(0, read_seq)).unwrap();
        }
        let fill = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1) \
                    INSERT INTO messages \
                    (conversation, seq, id, text, content, custom, created_at, origin, born) \
                    SELECT k.key, i, 'm' || i, 't', '[]', '{}', i, 0, i FROM n, conversations k";
        connection.execute(fill, [total]).unwrap();
        connection.execute("UPDATE conversations SET last_seq = ?1, events = ?1", [total]).unwrap();
        let deltas = |since| {
            let read = Transaction::on(&connection);
            [200, MAX_DELTA]
                .map(|limit| read.delta("app", &c, since, limit).unwrap().map(|d| d.dropped.len()))
        };
        for seq in 1..=total {
            let id = MessageId::new(format!("m{seq}")).unwrap();
            transaction.delete_message("app", &c, &id).unwrap().unwrap();
        }
        let count = |range: &str| -> i64 {
            let sql = format!("SELECT count(*) FROM tombstones WHERE seq {range}");
            connection.query_row(&sql, [], |row| row.get(0)).unwrap()
        };
        assert_eq!(count("<= 1500"), 0, "all participants have read these");
        assert_eq!(count("> 1500"), total - read_by_all, "these count as unread for bob");
        let last = u64::try_from(2 * total).unwrap();
        let max = u64::from(MAX_DELTA);
        assert_eq!(deltas(last - 200), [Some(200), Some(200)]);
        assert_eq!(deltas(last - max), [None, Some(1_000)]);
        assert_eq!(deltas(last - max - 1), [None, None]);
        assert_eq!(deltas(u64::try_from(total).unwrap()), [None, None], "a reset, never a hole");
        // Once bob has read all of them, they are deleted in steps.
        connection.execute("UPDATE participants SET read_seq = ?1", [total]).unwrap();
        let conversation =
            connection.query_row("SELECT key FROM conversations", [], |row| row.get(0)).unwrap();
        let mut left = vec![count("> 0")];
        loop {
            Transaction::on(&connection).prune_tombstones(conversation).unwrap();
            let now = count("> 0");
            assert!(left.last().unwrap() - now <= 1_024);
            if left.last() == Some(&now) {
                break;
            }
            left.push(now);
        }
        assert_eq!(left.last(), Some(&(i64::from(MAX_DELTA) + 1)));
        assert_eq!(deltas(last - max), [None, Some(1_000)]);
        assert_eq!(deltas(last - max - 1), [None, None]);
    }
}
