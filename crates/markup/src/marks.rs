//! The characters that format the text between two of them: `*`, `_` and `~`.

use causerie_protocol::content::TextNode;

use crate::text::{char_at, char_before, is_word_char, slice};

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
    let opens = !is_word_char(previous) && next.is_some_and(|c| !c.is_whitespace());
    let closes = !is_word_char(next) && previous.is_some_and(|c| !c.is_whitespace());
    (opens || closes).then(|| Mark { kind, text: slice(text, &(at..end)), opens, closes })
}
