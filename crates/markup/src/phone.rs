//! Finds phone numbers with a cautious rule: a missed number is better than a year, a date or an amount that
//! dials.
//!
//! A phone number is international (`+31 20 123 4567`), or starts with the 0 of a national number and is too
//! long for a date (`020 123 4567`), or has North American groups (`(555) 123-4567`). Other numbers
//! (`2010-2018`) are plain text.

use std::ops::Range;

use causerie_protocol::limits::PHONE_CHARS;

use crate::found::{Found, auto_link};
use crate::link_target;
use crate::text::{char_at, char_before, is_word_char, slice};

/// Searches for a phone number at a `+`, a `(` or a digit. Also returns the end of the run of digits and
/// separators, which needs no further search.
pub(crate) fn find_number(text: &str, part: Range<usize>) -> (Option<Found>, usize) {
    let run = part.start..part.start + run_length(slice(text, &part));
    (number_in_run(text, &run), run.end)
}

fn number_in_run(text: &str, run: &Range<usize>) -> Option<Found> {
    let inner = trim_brackets(slice(text, run))?;
    let range = run.start + inner.start..run.start + inner.end;
    let number = slice(text, &range);
    if number.len() > PHONE_CHARS || !is_delimited(text, &range) || !has_phone_grouping(number) {
        return None;
    }
    let url = ["tel:", &link_target::phone_digits(number)?].concat();
    auto_link(range, number, url)
}

/// Returns the length of the run of digits, single separators between them, and brackets at the start of the
/// text.
fn run_length(text: &str) -> usize {
    let mut end = 0;
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let next = chars.peek().map(|(_, c)| *c);
        let continues = next.is_some_and(|c| c.is_ascii_digit() || c == '(');
        let in_run = match c {
            '0'..='9' | ')' => true,
            '+' => at == 0,
            '(' => next.is_some_and(|c| c.is_ascii_digit() || c == '+'),
            '-' | '.' | '/' | ' ' | '\u{a0}' => continues,
            _ => false,
        };
        if !in_run {
            break;
        }
        end = at + c.len_utf8();
    }
    end
}

/// Returns the part of a run inside the brackets that enclose it, or the run if the brackets belong to the
/// number.
fn trim_brackets(run: &str) -> Option<Range<usize>> {
    let count = |bracket: char| run.matches(bracket).count();
    match (count('('), count(')')) {
        (1, 1) if run.starts_with('(') && run.ends_with(')') => Some(1..run.len() - 1),
        (0, 0) | (1, 1) => Some(0..run.len()),
        (1, 0) if run.starts_with('(') => Some(1..run.len()),
        (0, 1) | (1, 2) if run.ends_with(')') => Some(0..run.len() - 1),
        _ => None,
    }
}

/// Whether the number is not part of something longer, such as an amount, a time or an identifier.
fn is_delimited(text: &str, range: &Range<usize>) -> bool {
    let previous = char_before(text, range.start);
    let second_previous = previous.and_then(|c| char_before(text, range.start - c.len_utf8()));
    let starts = match previous {
        None => true,
        Some(':' | ',') => !second_previous.is_some_and(|c| c.is_ascii_digit()),
        Some('_') => !is_word_char(second_previous),
        Some(c) => !c.is_alphanumeric() && !"+-./#$€£=@&%\\".contains(c),
    };
    let next = char_at(text, range.end);
    let second_next = next.and_then(|c| char_at(text, range.end + c.len_utf8()));
    let ends = match next {
        None => true,
        Some('-' | '.' | '/' | ':' | ',' | '@' | '_' | '+' | '=') => !is_word_char(second_next),
        Some(c) => !c.is_alphanumeric() && !"%$€£".contains(c),
    };
    starts && ends
}

/// Whether the digits are grouped like those of a phone number.
fn has_phone_grouping(number: &str) -> bool {
    let groups: Vec<&str> =
        number.split(|c: char| !c.is_ascii_digit()).filter(|group| !group.is_empty()).collect();
    let lengths: Vec<usize> = groups.iter().map(|group| group.len()).collect();
    let digits: usize = lengths.iter().sum();
    if let Some(international) = number.strip_prefix('+') {
        return international.starts_with(|c: char| c.is_ascii_digit() && c != '0')
            && (8..=15).contains(&digits);
    }
    match (groups.as_slice(), lengths.as_slice()) {
        (["1", area, _, _], [1, 3, 3, 4]) | ([area, _, _], [3, 3, 4]) if !area.starts_with('0') => {
            !area.starts_with('1')
        }
        ([group], _) => group.starts_with('0') && !group.starts_with("00") && (10..=11).contains(&digits),
        ([first, ..], _) => {
            first.starts_with('0')
                && (9..=14).contains(&digits)
                && groups.len() <= 6
                && lengths.iter().all(|length| *length >= 2)
        }
        ([], _) => false,
    }
}
