//! The markup parser: `*bold*`, `_italic_`, `~strike~`, code between three backticks, bullets, addresses that
//! become links, `:custom-emoji:`, and a backend's `<url|label>` links and actions.
//!
//! The stages: `code` finds the code spans first, because nothing inside them is parsed and only they may
//! hold newlines. The rest is parsed line by line. A line is a bullet or not; in it, `tokens` finds links,
//! emoji and marks, and `pairs` pairs the marks and builds the nodes.
//!
//! A mark counts at a word boundary: it opens before a character that is not a space and after one that is
//! not a letter or digit, and closes the other way round. A `*` also counts beside a letter of a script
//! without spaces between words. `marks` lists the exceptions that keep faces such as `^_^` whole. Marks with
//! no letter, digit or node between them do not count, and a mark without a partner on its line stays a
//! character. A kind does not nest in itself, so the depth is bounded.
//!
//! Nothing is lost: the plain text of the result is the input without the marks that counted. A bullet's
//! marks are its sign (which becomes `- `) and the newline (or `\r\n`) that ends its line.
//!
//! The time is linear in the length of the text, for any text.

use causerie_protocol::content::{ContentBlock, TextNode};

use crate::sender::Sender;
use crate::text::{Line, push_node, slice};
use crate::{code, pairs, tokens};

/// Parses a text with markup into content: always one text block.
///
/// ```
/// use causerie_markup::{Sender, parse};
/// use causerie_protocol::content::{ContentBlock, TextNode};
///
/// let blocks = parse("Hi *Bob*", Sender::User);
/// let bold = TextNode::Bold { children: vec![TextNode::from("Bob")] };
/// assert_eq!(blocks, [ContentBlock::Text { children: vec![TextNode::from("Hi "), bold] }]);
/// ```
#[must_use]
pub fn parse(text: &str, sender: Sender) -> Vec<ContentBlock> {
    let mut children = Vec::new();
    // The points of the list that the preceding lines form.
    let mut points = Vec::new();
    for line in lines(text) {
        let line_text = slice(text, &line.range);
        if let Some(point) = line_text.strip_prefix(['-', '*', '+']).and_then(|rest| rest.strip_prefix(' ')) {
            let from = line.range.end - point.len();
            let end =
                if line.has_newline && point.ends_with('\r') { line.range.end - 1 } else { line.range.end };
            let children = line_nodes(text, &Line { range: from..end, ..line }, sender);
            points.push(TextNode::BulletPoint { children });
            continue;
        }
        end_list(&mut children, &mut points);
        for node in line_nodes(text, &line, sender) {
            push_node(&mut children, node);
        }
        if line.has_newline {
            push_node(&mut children, TextNode::from("\n"));
        }
    }
    end_list(&mut children, &mut points);
    vec![ContentBlock::Text { children }]
}

fn end_list(children: &mut Vec<TextNode>, points: &mut Vec<TextNode>) {
    if !points.is_empty() {
        children.push(TextNode::BulletList { children: std::mem::take(points) });
    }
}

fn line_nodes(text: &str, line: &Line, sender: Sender) -> Vec<TextNode> {
    pairs::build_nodes(tokens::tokenize_line(text, line, sender))
}

/// Splits a text at the newlines that are not in code.
fn lines(text: &str) -> Vec<Line> {
    let mut code = code::find_spans(text).into_iter().peekable();
    let mut lines = Vec::new();
    let (mut start, mut in_line) = (0, Vec::new());
    for (at, _) in text.match_indices('\n') {
        while let Some(span) = code.next_if(|span| span.end <= at) {
            in_line.push(span);
        }
        if code.peek().is_none_or(|span| at < span.start) {
            lines.push(Line { range: start..at, code: std::mem::take(&mut in_line), has_newline: true });
            start = at + 1;
        }
    }
    in_line.extend(code);
    if start < text.len() {
        lines.push(Line { range: start..text.len(), code: in_line, has_newline: false });
    }
    lines
}
