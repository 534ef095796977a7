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

/// Whether there is a character and it is a letter or a digit.
pub(crate) fn is_word_char(c: Option<char>) -> bool {
    c.is_some_and(char::is_alphanumeric)
}

/// Appends a node; a string is appended to the string before it, if there is one.
pub(crate) fn push_node(nodes: &mut Vec<TextNode>, node: TextNode) {
    match (nodes.last_mut(), node) {
        (Some(TextNode::Plain(last)), TextNode::Plain(text)) => last.push_str(&text),
        (_, node) => nodes.push(node),
    }
}
