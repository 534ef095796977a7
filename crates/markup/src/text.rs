//! Helpers for positions in a text, and the lines of a text. Positions are byte offsets.

use std::ops::Range;

use causerie_protocol::content::TextNode;

/// One line, or several lines that a code span joins.
pub(crate) struct Line {
    /// The line's range in the text, without the newline that ends it.
    pub(crate) range: Range<usize>,
    /// The ranges of the code spans in the line, backticks included.
    pub(crate) code: Vec<Range<usize>>,
    /// Whether the line ends with a newline (rather than with the text).
    pub(crate) has_newline: bool,
}

/// Returns a part of the text, or an empty string if the range does not lie on character boundaries.
pub(crate) fn slice<'t>(text: &'t str, range: &Range<usize>) -> &'t str {
    text.get(range.clone()).unwrap_or_default()
}

/// Returns the character that ends at a position.
pub(crate) fn char_before(text: &str, at: usize) -> Option<char> {
    text.get(..at).and_then(|text| text.chars().next_back())
}

/// Returns the character that starts at a position.
pub(crate) fn char_at(text: &str, at: usize) -> Option<char> {
    text.get(at..).and_then(|text| text.chars().next())
}

/// Whether there is a character and it is a letter or a digit. The voiced marks of half-width kana, which
/// Unicode counts as letters, are not.
pub(crate) fn is_word_char(c: Option<char>) -> bool {
    c.is_some_and(|c| c.is_alphanumeric() && !matches!(c, '\u{ff9e}' | '\u{ff9f}'))
}

/// Whether the character belongs to a script that does not separate words by spaces, or that joins endings
/// to words without one: those of South-East Asia, and Chinese, Japanese and Korean.
pub(crate) fn is_unspaced_script(c: char) -> bool {
    matches!(c, '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1100}'..='\u{11ff}' | '\u{1780}'..='\u{17ff}')
        || matches!(c, '\u{2e80}'..='\u{9fff}' | '\u{a960}'..='\u{a97f}' | '\u{ac00}'..='\u{d7ff}')
        || matches!(c, '\u{f900}'..='\u{faff}' | '\u{ff66}'..='\u{ffdc}' | '\u{20000}'..='\u{3ffff}')
}

/// Appends a node; a string is appended to the string before it, if there is one.
pub(crate) fn push_node(nodes: &mut Vec<TextNode>, node: TextNode) {
    match (nodes.last_mut(), node) {
        (Some(TextNode::Plain(last)), TextNode::Plain(text)) => last.push_str(&text),
        (_, node) => nodes.push(node),
    }
}
