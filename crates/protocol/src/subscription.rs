//! The parts of a subscription besides its topic: window, cursor, position, and the values and changes of
//! lists.

use serde::{Deserialize, Serialize};

/// The position of a subscription in the numbered history of a conversation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    /// Identifies one history. It changes only when a database is restored from a backup.
    pub epoch: String,
    /// The sequence number of the last event that was received.
    pub seq: u64,
}

/// The window of a subscription to a list: its first `limit` entries. A client asks for more than the initial
/// page size if it had loaded more before it lost its connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    /// The number of entries.
    pub limit: u32,
}

/// The order key of a list entry: its time, then its id. A page starts after the entry with a given cursor.
///
/// The order is total: ids of the same time compare by their UTF-8 bytes, which is the order of their Unicode
/// code points. (JavaScript's `<` compares UTF-16 code units and differs from it above U+FFFF.)
///
/// ```
/// use causerie_protocol::topic::Cursor;
///
/// let cursor = |at, id: &str| Cursor { at, id: id.to_owned() };
/// assert!(cursor(1, "b") < cursor(2, "a"));
/// assert!(cursor(1, "a\u{ff5e}") < cursor(1, "a\u{1f600}"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Cursor {
    /// The entry's time, in Unix milliseconds.
    pub at: i64,
    /// The entry's id.
    pub id: String,
}

/// The value of a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listing<T> {
    /// The entries, in the order of the list.
    pub items: Vec<T>,
    /// Whether the list can have entries after the last one.
    pub more: bool,
    /// The cursor from which the next page starts, if it is not that of the last entry: the server has read
    /// as much as it may for one page, and found fewer entries than were asked for, or none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<Cursor>,
}

/// The change of one entry of a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Change<T> {
    /// Inserts the entry at its position by the order of the list, or moves or replaces it.
    Put(T),
    /// Removes the entry with this id.
    Drop(String),
}
