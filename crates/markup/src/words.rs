//! Splits a line into the words that are searched for addresses, and prepares them for the link finder.

use std::borrow::Cow;
use std::ops::Range;

use crate::text::slice;

/// The link finder scans from each of these characters to the end of the word.
pub(crate) const TRIGGERS: [char; 3] = [':', '@', '.'];

/// The longest text of an IPv6 address, in bytes.
const IPV6_BYTES: usize = 45;

/// Punctuation of several scripts that ends a sentence, not an address. The link finder takes it for letters.
const FINAL_PUNCTUATION: [char; 9] = ['’', '–', '·', '•', '،', '؛', '؟', '।', '՞'];

/// Returns the range of an address without the punctuation that follows it.
pub(crate) fn trim_end(text: &str, range: Range<usize>) -> Range<usize> {
    range.start..range.start + slice(text, &range).trim_end_matches(FINAL_PUNCTUATION).len()
}

/// Returns the words of a part of a line that may hold an address.
pub(crate) fn words(text: &str, part: Range<usize>) -> impl Iterator<Item = Range<usize>> {
    let start = part.start;
    let part_text = slice(text, &part);
    part_text.split(is_separator).filter(|word| word.contains(TRIGGERS)).flat_map(move |word| {
        // The word is a slice of `part_text`, so the difference of the addresses is its offset.
        let offset = start + (word.as_ptr().addr() - part_text.as_ptr().addr());
        split_list(word).map(move |range| offset + range.start..offset + range.end)
    })
}

/// Whether no address contains the character: spaces, characters that enclose an address in prose, and the
/// punctuation of scripts without spaces between words.
fn is_separator(c: char) -> bool {
    c.is_whitespace()
        || matches!(c, '<' | '>' | '"' | '`' | '|' | '«' | '»' | '“' | '”' | '„' | '‘' | '…' | '—')
        || matches!(c, '\u{3001}'..='\u{3003}' | '\u{3008}'..='\u{301f}')
        || matches!(c, '\u{ff01}'..='\u{ff0d}' | '\u{ff0f}' | '\u{ff1a}'..='\u{ff20}')
}

/// Splits a word at the commas and semicolons that separate addresses: those after a host without a path, and
/// those before `http://`, `https://` or `www.`.
fn split_list(word: &str) -> impl Iterator<Item = Range<usize>> {
    let (mut start, mut in_path, mut done) = (0, false, false);
    let mut chars = word.char_indices();
    std::iter::from_fn(move || {
        for (at, c) in chars.by_ref() {
            let before = word.get(start..at).unwrap_or_default();
            match c {
                '/' => in_path |= !(before.ends_with(':') || before.ends_with(":/")),
                '?' | '#' => in_path = true,
                ',' | ';' if !in_path || starts_address(word.get(at + 1..).unwrap_or_default()) => {
                    in_path = false;
                    let part = start..at;
                    start = at + 1;
                    return Some(part);
                }
                _ => {}
            }
        }
        (!std::mem::replace(&mut done, true)).then_some(start..word.len())
    })
}

fn starts_address(text: &str) -> bool {
    ["http://", "https://", "www."]
        .iter()
        .any(|start| text.get(..start.len()).is_some_and(|text| text.eq_ignore_ascii_case(start)))
}

/// Returns a word in which the link finder sees hosts that it does not know: ASCII letters stand for the
/// letters of other scripts and for an IPv6 address in brackets. Positions do not change. `from` is the
/// position after which hosts of other scripts are looked for.
pub(crate) fn with_plain_hosts(word: &str, from: usize) -> Cow<'_, str> {
    let ipv6 = ipv6_host(word).unwrap_or(word.len()..word.len());
    if word.is_ascii() && ipv6.is_empty() {
        return Cow::Borrowed(word);
    }
    let mut plain = String::with_capacity(word.len());
    for (at, c) in word.char_indices() {
        if ipv6.contains(&at) || (at >= from && !c.is_ascii() && !c.is_control()) {
            plain.extend(std::iter::repeat_n('a', c.len_utf8()));
        } else {
            plain.push(c);
        }
    }
    Cow::Owned(plain)
}

/// Returns the position after the `://` or `@` that precedes the host of an address.
pub(crate) fn host_start(word: &str) -> usize {
    let ends = [word.find("://").map(|at| at + 3), word.find('@').map(|at| at + 1)];
    ends.into_iter().flatten().min().unwrap_or(word.len())
}

/// Returns the range of an IPv6 address after `://`, its brackets included.
fn ipv6_host(word: &str) -> Option<Range<usize>> {
    let start = word.find("://[")? + 3;
    let inner = word.get(start + 1..)?;
    let length = inner.find(']').filter(|length| *length <= IPV6_BYTES)?;
    let is_address = inner.get(..length)?.parse::<std::net::Ipv6Addr>().is_ok();
    is_address.then_some(start..start + length + 2)
}
