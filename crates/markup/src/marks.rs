//! The characters that format the text between two of them: `*`, `_` and `~`.
//!
//! Many faces and symbols contain such a character. These do not count as marks:
//! - one after a backslash (`¯\_(ツ)_/¯`), and two of the same kind side by side (`**`, `__init__`);
//! - one between two equal symbols (`^_^`, `"*"`), and one in a word of marks only (`*_*`);
//! - one that would open before a closing bracket or close after an opening one (`(*)`, `m(_ _)m`);
//! - one inside a word between two symbols (`(^_-)`, `)_/`), unless the symbol on its inner side is one that
//!   texts often begin or end with, such as a quotation mark or an emoji.
//!
//! Other marks beside it are not symbols, so that `"*_a_*"` has both.

use causerie_protocol::content::TextNode;

use crate::text::{char_at, char_before, is_unspaced_script, is_word_char, slice};

/// A character that may start or end formatting.
pub(crate) struct Mark<'t> {
    pub(crate) kind: MarkKind,
    pub(crate) text: &'t str,
    pub(crate) opens: bool,
    pub(crate) closes: bool,
}

/// The formatting that a mark stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MarkKind {
    Bold,
    Italic,
    Strikethrough,
}

impl MarkKind {
    pub(crate) fn from_char(c: char) -> Option<MarkKind> {
        match c {
            '*' => Some(MarkKind::Bold),
            '_' => Some(MarkKind::Italic),
            '~' => Some(MarkKind::Strikethrough),
            _ => None,
        }
    }

    pub(crate) fn into_node(self, children: Vec<TextNode>) -> TextNode {
        match self {
            MarkKind::Bold => TextNode::Bold { children },
            MarkKind::Italic => TextNode::Italic { children },
            MarkKind::Strikethrough => TextNode::Strikethrough { children },
        }
    }
}

/// Returns the mark at a position, if the character there is one and can open or close.
pub(crate) fn mark_at<'t>(text: &'t str, at: usize, c: char) -> Option<Mark<'t>> {
    let kind = MarkKind::from_char(c)?;
    let end = at + c.len_utf8();
    let (previous, next) = (char_before(text, at), char_at(text, end));
    if previous == Some(c) || next == Some(c) || previous == Some('\\') {
        return None;
    }
    let (before, beyond_before) = skip_marks(text.get(..at)?.chars().rev());
    let (after, beyond_after) = skip_marks(text.get(end..)?.chars());
    if (is_space(before) && is_space(after)) || (before == after && !is_word_char(before)) {
        return None;
    }
    let blocks =
        |c: Option<char>| is_word_char(c) && !(kind == MarkKind::Bold && c.is_some_and(is_unspaced_script));
    let opens = !blocks(previous)
        && !is_space(next)
        && !after.is_some_and(|c| ")]}）」』】》〉".contains(c))
        && (is_space(before) || is_word_char(after) || after.is_some_and(|c| may_begin(c, beyond_after)));
    let closes = !blocks(next)
        && !is_space(previous)
        && !before.is_some_and(|c| "([{（「『【《〈".contains(c))
        && (is_space(after)
            || is_word_char(before)
            || (!matches!(after, Some('/' | '\\')) && before.is_some_and(|c| may_end(c, beyond_before))));
    (opens || closes).then(|| Mark { kind, text: slice(text, &(at..end)), opens, closes })
}

/// A text has at most this many other marks beside a mark, because a kind does not nest in itself.
const MAX_ADJACENT: usize = 2;

/// Returns the first character that is not a mark, and the one beyond it. In a longer row of marks, the first
/// is a mark.
fn skip_marks(mut chars: impl Iterator<Item = char>) -> (Option<char>, Option<char>) {
    let mut skipped = 0;
    let first = chars.find(|c| {
        skipped += usize::from(MarkKind::from_char(*c).is_some());
        MarkKind::from_char(*c).is_none() || skipped > MAX_ADJACENT
    });
    (first, chars.next())
}

/// Whether there is no character or it is a space.
fn is_space(c: Option<char>) -> bool {
    c.is_none_or(char::is_whitespace)
}

/// Whether formatted text may begin with the symbol directly after another symbol, as in `("*(a)*")`.
fn may_begin(c: char, beyond: Option<char>) -> bool {
    "([{\"'“‘„«‹¿¡#@$€£+（「『【《〈".contains(c)
        || (c == '`' && beyond == Some('`'))
        || (c == '<' && beyond.is_some_and(|c| c.is_ascii_alphabetic()))
        || is_emoji(c)
}

/// Whether formatted text may end with the symbol directly before another symbol, as in `*Stop!*,`.
fn may_end(c: char, beyond: Option<char>) -> bool {
    ".,!?…)]}\"'”’»›%°。，、！？）」』】》〉".contains(c)
        || (c == '`' && beyond == Some('`'))
        || (c == '>' && !is_space(beyond) && !beyond.is_some_and(|c| "([{".contains(c)))
        || is_emoji(c)
}

/// Whether the character is an emoji or completes one.
fn is_emoji(c: char) -> bool {
    matches!(c, '\u{fe0f}' | '\u{1f3fb}'..='\u{1f3ff}') || emojis::get(c.encode_utf8(&mut [0; 4])).is_some()
}
