//! From what somebody typed to nodes: `*bold*`, `_italic_`, `~strike~`, code between three backticks, bullets,
//! addresses that become links, `:custom-emoji:`, and the links of a backend's choice.
//!
//! The flow: code is found first, because nothing in it means anything else and it alone may hold newlines. The rest
//! is taken line by line: a line is a bullet or not; in it, `tokens` finds what stands for itself (addresses, emoji)
//! and the marks, and `pairs` matches the marks and builds the nodes.
//!
//! A mark counts at a word's boundary: it opens before a character that is no space and after one that is no letter
//! or digit, and closes the other way round. Two of the same mark side by side are none (`**`, `__init__`), nor is one
//! behind a backslash (`¯\_(ツ)_/¯`); a mark that finds no partner on its line stays a character. The same kind does
//! not nest in itself, so depth is bounded.
//!
//! Nothing is lost: the plain text of what comes out is the text that went in, without the marks that counted. A
//! bullet's marks are its sign (which becomes `- `) and the newline that ends its line.
//!
//! The time is linear in the length, whatever is typed.

mod code;
mod find;
mod pairs;
mod phone;
mod tokens;
mod web;

use std::ops::Range;

use crate::content::{ContentBlock, Sender, TextNode};

/// What a text says, as one text block.
#[must_use]
pub fn parse(text: &str, by: Sender) -> Vec<ContentBlock> {
    let mut children = Vec::new();
    // The points of the list that the lines before were of.
    let mut points = Vec::new();
    for line in lines(text) {
        let said = cut(text, &line.range);
        if let Some(point) = said.strip_prefix(['-', '*', '+']).and_then(|rest| rest.strip_prefix(' ')) {
            let from = line.range.end - point.len();
            let children = nodes(text, &Line { range: from..line.range.end, ..line }, by);
            points.push(TextNode::BulletPoint { children });
            continue;
        }
        end_list(&mut children, &mut points);
        for node in nodes(text, &line, by) {
            add(&mut children, node);
        }
        if line.ended {
            add(&mut children, TextNode::from("\n"));
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

fn nodes(text: &str, line: &Line, by: Sender) -> Vec<TextNode> {
    pairs::nodes(tokens::of_line(text, line, by))
}

/// Adds a node, a string to the string before it.
fn add(nodes: &mut Vec<TextNode>, node: TextNode) {
    match (nodes.last_mut(), node) {
        (Some(TextNode::Plain(before)), TextNode::Plain(text)) => before.push_str(&text),
        (_, node) => nodes.push(node),
    }
}

/// A line, or several that code holds together.
struct Line {
    /// Where it stands in the text, without the newline that ends it.
    range: Range<usize>,
    /// The code in it, backticks included.
    code: Vec<Range<usize>>,
    /// Whether a newline ends it, rather than the text's end.
    ended: bool,
}

fn lines(text: &str) -> Vec<Line> {
    let mut code = code::find(text).into_iter().peekable();
    let mut lines = Vec::new();
    let (mut start, mut within) = (0, Vec::new());
    for (at, _) in text.match_indices('\n') {
        while let Some(span) = code.next_if(|span| span.end <= at) {
            within.push(span);
        }
        if code.peek().is_none_or(|span| at < span.start) {
            lines.push(Line { range: start..at, code: std::mem::take(&mut within), ended: true });
            start = at + 1;
        }
    }
    within.extend(code);
    if start < text.len() {
        lines.push(Line { range: start..text.len(), code: within, ended: false });
    }
    lines
}

/// A part of the text. Ranges here come from where characters begin; were one wrong, it would be an empty part.
fn cut<'t>(text: &'t str, range: &Range<usize>) -> &'t str {
    text.get(range.clone()).unwrap_or_default()
}

/// The character before a place in the text.
fn before(text: &str, at: usize) -> Option<char> {
    text.get(..at).and_then(|text| text.chars().next_back())
}

/// The character at a place in the text.
fn after(text: &str, at: usize) -> Option<char> {
    text.get(at..).and_then(|text| text.chars().next())
}

/// Whether a character is of a word.
fn of_word(c: Option<char>) -> bool {
    c.is_some_and(char::is_alphanumeric)
}
