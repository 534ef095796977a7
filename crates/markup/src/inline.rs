//! Finds the automatic links and custom emoji of a line: web and mail addresses, `:name:`.

use std::ops::Range;

use causerie_protocol::content::TextNode;
use linkify::{LinkFinder, LinkKind};

use crate::emoji::{CUSTOM_EMOJI_CHARS, is_custom};
use crate::found::{Found, auto_link};
use crate::marks::{MarkKind, mark_at};
use crate::text::{Line, char_at, char_before, is_word_char, slice};
use crate::web;
use crate::words::{TRIGGERS, host_start, trim_end, with_plain_hosts, words};

/// A word with more triggers than this is not searched, which keeps the time linear. Addresses have fewer.
const MAX_TRIGGERS: usize = 128;

/// Returns the addresses in a line outside its code, in order. Each word is searched by itself, because no
/// address contains spaces and the finder must not scan beyond the word.
pub(crate) fn find_links(text: &str, line: &Line) -> Vec<Found> {
    // Addresses with a scheme or an @ are searched first: a search for bare domains at the same time would
    // take the first half of "ada.love+lace@example.com" for a domain.
    let with_scheme = LinkFinder::new();
    let mut bare = LinkFinder::new();
    bare.kinds(&[LinkKind::Url]).url_must_have_scheme(false);
    let mut found = Vec::new();
    let mut open_marks = OpenMarks { kinds: Vec::new(), scanned_to: line.range.start };
    let last_underscore = slice(text, &line.range).rfind('_').map(|at| line.range.start + at);
    let mut at = line.range.start;
    let ends = line.code.iter().map(|code| (code.start, code.end));
    for (end, next) in ends.chain([(line.range.end, line.range.end)]) {
        for word in words(text, at..end) {
            let candidate = open_marks.trim_closing(text, word);
            let candidate_text = slice(text, &candidate);
            if candidate_text.matches(TRIGGERS).take(MAX_TRIGGERS + 1).count() > MAX_TRIGGERS {
                continue;
            }
            let count_before = found.len();
            for (finder, from) in [(&with_scheme, host_start(candidate_text)), (&bare, 0)] {
                for link in finder.links(&with_plain_hosts(candidate_text, from)) {
                    let matched = candidate.start + link.start()..candidate.start + link.end();
                    let range = trim_end(text, matched);
                    found.extend(match link.kind() {
                        LinkKind::Email => mail_link(text, range, last_underscore),
                        _ => web::web_link(text, range, candidate.end),
                    });
                }
                if found.len() > count_before {
                    break;
                }
            }
        }
        at = next;
    }
    found
}

/// The kinds of mark that were opened in a line so far. An address may end with `_`, but not if that `_`
/// closes an open mark.
struct OpenMarks {
    kinds: Vec<MarkKind>,
    /// The position up to which the line was scanned for opening marks.
    scanned_to: usize,
}

impl OpenMarks {
    /// Returns the part of a word that may hold an address: the word without closing marks at its end.
    fn trim_closing(&mut self, text: &str, word: Range<usize>) -> Range<usize> {
        let word_text = slice(text, &word);
        let first_char = word_text.find(char::is_alphanumeric).map_or(word.end, |at| word.start + at);
        let from = self.scanned_to.min(first_char);
        for (at, c) in slice(text, &(from..first_char)).char_indices() {
            if let Some(kind) = mark_at(text, from + at, c).filter(|mark| mark.opens).map(|mark| mark.kind)
                && !self.kinds.contains(&kind)
            {
                self.kinds.push(kind);
            }
        }
        self.scanned_to = first_char;
        let mut end = word.end;
        for (at, c) in word_text.char_indices().rev() {
            match MarkKind::from_char(c) {
                Some(kind) if self.kinds.contains(&kind) => end = word.start + at,
                None if c.is_ascii_punctuation() => {}
                _ => break,
            }
        }
        word.start..end
    }
}

/// Makes a mail link of the part of a finder's match that consists of the characters common in mail
/// addresses.
fn mail_link(text: &str, matched: Range<usize>, last_underscore: Option<usize>) -> Option<Found> {
    let matched_text = slice(text, &matched);
    let (local, _) = matched_text.split_once('@')?;
    let is_common =
        |c: char| is_mail_letter(c) || c.is_ascii_digit() || matches!(c, '.' | '_' | '+' | '-' | '\'');
    let start =
        local.rfind(|c| !is_common(c)).map_or(0, |at| at + char_at(local, at).map_or(1, char::len_utf8));
    let local = local.get(start..)?;
    // An underscore may start an address, unless a later one makes it a mark.
    let underscore_is_mark = last_underscore.is_some_and(|last| last >= matched.end);
    let is_start = |c: char| is_mail_letter(c) || c.is_ascii_digit() || (c == '_' && !underscore_is_mark);
    let start = matched.start + start + local.find(is_start)?;
    // The finder accepts letters that this function does not. The rest of a word with such letters is not an
    // address of its own, unless the letters belong to a script without spaces between words.
    if char_before(text, start).is_some_and(|c| c.is_alphanumeric() && c < '\u{2e80}') {
        return None;
    }
    let address = slice(text, &(start..matched.end));
    auto_link(start..matched.end, address, ["mailto:", address].concat())
}

/// Whether mail addresses commonly contain the letter: the alphabets whose words are separated by spaces, so
/// that an address does not begin in the middle of a sentence.
fn is_mail_letter(c: char) -> bool {
    c.is_ascii_alphabetic()
        || matches!(c, '\u{300}'..='\u{36f}')
        || (matches!(c, '\u{c0}'..='\u{52f}' | '\u{1e00}'..='\u{1fff}') && c.is_alphabetic())
}

/// Finds `:name:` at a `:`. The name must consist of letters, digits, `-`, `_` and `+`, because colons have
/// many other uses. `follows_emoji` is true if another custom emoji ends at this position.
pub(crate) fn custom_emoji(text: &str, part: Range<usize>, follows_emoji: bool) -> Option<Found> {
    let previous = char_before(text, part.start);
    if is_word_char(previous) || (previous == Some(':') && !follows_emoji) {
        return None;
    }
    let part_text = slice(text, &part);
    let (end, _) = part_text
        .char_indices()
        .skip(1)
        .take(CUSTOM_EMOJI_CHARS)
        .find(|(_, c)| !(c.is_alphanumeric() || matches!(c, '-' | '_' | '+')))
        .filter(|(_, c)| *c == ':')?;
    let name =
        part_text.get(..=end).filter(|name| is_custom(name) && name.contains(char::is_alphanumeric))?;
    let range = part.start..part.start + name.len();
    let node = TextNode::CustomEmoji { text: name.to_owned() };
    (!is_word_char(char_at(text, range.end))).then_some(Found { range, node })
}
