//! The ids of messages, as the table stores them.
//!
//! An id that the server makes consists of the time of the message, its sequence number and random bits. The
//! row and its indexes have the first two anyway, so that the column of the id only repeats the number, in a
//! few bytes, and another column has the random bits. An id of another form is stored as it is.

use std::borrow::Cow;

use causerie_protocol::ids::MessageId;
use rusqlite::Row;
use rusqlite::types::Type;

/// The number of hexadecimal digits of the random bits.
const RANDOM_DIGITS: usize = 11;

/// The parts of an id that the server made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Parts {
    at: i64,
    seq: i64,
    random: i64,
}

impl Parts {
    /// Returns the parts of an id, or `None` if it has another form.
    fn of(id: &str) -> Option<Parts> {
        let digits = |digits: Option<&str>| i64::from_str_radix(digits?, 16).ok();
        let (rest, from) = (id.strip_prefix("msg_")?, 12 + 1 + 8);
        let parts = Parts {
            at: digits(rest.get(..12))?,
            seq: digits(rest.get(13..from))?,
            random: digits(rest.get(from..from + RANDOM_DIGITS))?,
        };
        (parts.id() == id).then_some(parts)
    }

    fn id(self) -> String {
        let Parts { at, seq, random } = self;
        format!("msg_{at:012x}g{seq:08x}{random:0RANDOM_DIGITS$x}")
    }
}

/// Returns a sequence number as a text with the same order. It is after all ids that are stored as they are,
/// which begin with `msg_`: those of older versions.
fn ordered(seq: i64) -> String {
    let digits = format!("{seq:x}");
    let length = u8::try_from(digits.len()).unwrap_or(u8::MAX);
    format!("{}{digits}", char::from(b'm'.saturating_add(length)))
}

/// Returns the columns of a new message: the id, and the random bits if the column of the id does not have
/// them.
pub(super) fn columns(id: &MessageId, created_at: i64, seq: i64) -> (Cow<'_, str>, Option<i64>) {
    match Parts::of(id.as_str()) {
        Some(parts) if parts.at == created_at && parts.seq == seq => {
            (ordered(seq).into(), Some(parts.random))
        }
        _ => (id.as_str().into(), None),
    }
}

/// Returns the texts that the column of an id can have.
pub(super) fn candidates(id: &MessageId) -> [Cow<'_, str>; 2] {
    let short = Parts::of(id.as_str()).map_or(Cow::Borrowed(id.as_str()), |parts| ordered(parts.seq).into());
    [id.as_str().into(), short]
}

/// Returns the place of a cursor among the stored ids of messages of the same time. Those from the cursor on
/// can be before it, if an older version stored them.
pub(super) fn bound(at: i64, id: &str) -> Cow<'_, str> {
    match Parts::of(id) {
        Some(parts) if parts.at == at => ordered(parts.seq).into(),
        _ => id.into(),
    }
}

/// Reads an id from the columns of the id, of the random bits, of the time and of the sequence number.
pub(super) fn read(row: &Row<'_>, [id, random, at, seq]: [usize; 4]) -> rusqlite::Result<MessageId> {
    let text = match row.get(random)? {
        None => row.get(id)?,
        Some(random) => Parts { at: row.get(at)?, seq: row.get(seq)?, random }.id(),
    };
    message_id(id, text)
}

/// Checks an id that was read from a column. It is malformed only if the database was changed by another
/// program.
pub(super) fn message_id(column: usize, id: String) -> rusqlite::Result<MessageId> {
    MessageId::try_from(id).map_err(|problem| malformed(column, problem))
}

pub(super) fn malformed(column: usize, problem: String) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(column, Type::Text, problem.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_as_texts_have_the_order_of_the_numbers_and_follow_whole_ids() {
        let numbers = [0, 1, 9, 10, 15, 16, 17, 255, 256, 4_095, 4_096, 1 << 31, (1 << 32) - 1];
        let texts: Vec<_> = numbers.into_iter().map(ordered).collect();
        assert!(texts.is_sorted_by(|one, other| one < other), "{texts:?}");
        assert!(texts.iter().all(|text| text.as_str() > "msg_ffffffffffff" && text.len() <= 9));
    }

    #[test]
    fn only_ids_of_the_exact_form_are_stored_in_parts() {
        let id = "msg_0000000000ffg0000001200000000abc";
        let parts = Parts { at: 255, seq: 18, random: 0xabc };
        assert_eq!(Parts::of(id), Some(parts));
        assert_eq!(parts.id(), id);
        for other in [
            "",
            "msg_",
            "msg_0000000000FFg0000001200000000abc",
            "msg_0000000000ff00000001200000000abc",
            "msg_0000000000ffg0000001200000000ab",
            "msg_0000000000ffg0000001200000000abcd",
            "msg_0000000000ffg000000120000000+abc",
            "msg_0000000000ffg000000120000000éab",
        ] {
            assert_eq!(Parts::of(other), None, "{other}");
        }
        let stored = |at, seq| columns(&MessageId::new(id).unwrap(), at, seq).1;
        assert_eq!([stored(255, 18), stored(254, 18), stored(255, 17)], [Some(0xabc), None, None]);
    }
}
