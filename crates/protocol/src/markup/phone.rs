//! Phone numbers, by a careful rule: better one that is not found than a year, a date or an amount that is dialled.
//!
//! A number is international (`+31 20 123 4567`), or begins with the 0 of a national one and is long enough to be no
//! date (`020 123 4567`), or has the groups of North America (`(555) 123-4567`). All else (`2010-2018`) is a number like
//! any other.

use std::ops::Range;

use super::find::{Found, auto};
use super::{after, before, cut, of_word};
use crate::content::links;
use crate::limits::PHONE_CHARS;

/// Looks for a phone number at a `+`, a `(` or a digit. Says also up to where the text is one row of digits and what
/// stands between them, in which there is then nothing more to look for.
pub(super) fn find(text: &str, part: Range<usize>) -> (Option<Found>, usize) {
    let row = part.start..part.start + row(cut(text, &part));
    (number(text, &row), row.end)
}

fn number(text: &str, row: &Range<usize>) -> Option<Found> {
    let within = enclosed(cut(text, row))?;
    let range = row.start + within.start..row.start + within.end;
    let said = cut(text, &range);
    if said.len() > PHONE_CHARS || !stands_alone(text, &range) || !is_number(said) {
        return None;
    }
    let url = ["tel:", &links::number(said)?].concat();
    auto(range, said, url)
}

/// How far the text is digits with single signs between them, and brackets.
fn row(text: &str) -> usize {
    let mut end = 0;
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let next = chars.peek().map(|(_, c)| *c);
        let goes_on = next.is_some_and(|c| c.is_ascii_digit() || c == '(');
        let of_row = match c {
            '0'..='9' | ')' => true,
            '+' => at == 0,
            '(' => next.is_some_and(|c| c.is_ascii_digit() || c == '+'),
            '-' | '.' | '/' | ' ' | '\u{a0}' => goes_on,
            _ => false,
        };
        if !of_row {
            break;
        }
        end = at + c.len_utf8();
    }
    end
}

/// The part of a row within the brackets around it, if they are not the number's own.
fn enclosed(row: &str) -> Option<Range<usize>> {
    let count = |bracket: char| row.matches(bracket).count();
    let whole = 0..row.len();
    match (count('('), count(')')) {
        (1, 1) if row.starts_with('(') && row.ends_with(')') => Some(1..row.len() - 1),
        (0, 0) | (1, 1) => Some(whole),
        (1, 0) if row.starts_with('(') => Some(1..row.len()),
        (0, 1) | (1, 2) if row.ends_with(')') => Some(0..row.len() - 1),
        _ => None,
    }
}

/// Whether it is no part of something longer: an amount, a time, an identifier.
fn stands_alone(text: &str, range: &Range<usize>) -> bool {
    let previous = before(text, range.start);
    let earlier = previous.and_then(|c| before(text, range.start - c.len_utf8()));
    let begins = match previous {
        None => true,
        Some(':' | ',') => !earlier.is_some_and(|c| c.is_ascii_digit()),
        Some('_') => !of_word(earlier),
        Some(c) => !c.is_alphanumeric() && !"+-./#$€£=@&%\\".contains(c),
    };
    let next = after(text, range.end);
    let later = next.and_then(|c| after(text, range.end + c.len_utf8()));
    let ends = match next {
        None => true,
        Some('-' | '.' | '/' | ':' | ',' | '@' | '_' | '+' | '=') => !of_word(later),
        Some(c) => !c.is_alphanumeric() && !"%$€£".contains(c),
    };
    begins && ends
}

/// Whether the digits are grouped as those of a phone number are.
fn is_number(said: &str) -> bool {
    let groups: Vec<&str> =
        said.split(|c: char| !c.is_ascii_digit()).filter(|group| !group.is_empty()).collect();
    let lengths: Vec<usize> = groups.iter().map(|group| group.len()).collect();
    let digits: usize = lengths.iter().sum();
    if let Some(international) = said.strip_prefix('+') {
        return international.starts_with(|c: char| c.is_ascii_digit() && c != '0')
            && (8..=15).contains(&digits);
    }
    match (groups.as_slice(), lengths.as_slice()) {
        (["1", area, _, _], [1, 3, 3, 4]) | ([area, _, _], [3, 3, 4]) if !area.starts_with('0') => {
            !area.starts_with('1')
        }
        ([whole], _) => whole.starts_with('0') && !whole.starts_with("00") && (10..=11).contains(&digits),
        ([first, ..], _) => {
            first.starts_with('0')
                && (9..=14).contains(&digits)
                && groups.len() <= 6
                && lengths.iter().all(|length| *length >= 2)
        }
        ([], _) => false,
    }
}
