//! What a line is made of: text, what stands for itself (code, addresses, emoji), and marks.

use std::iter::Peekable;
use std::ops::Range;
use std::vec::IntoIter;

use super::code::FENCE;
use super::find::{self, Found};
use super::{Line, after, before, cut, of_word, phone};
use crate::content::{Sender, TextNode};

/// A part of a line.
pub(super) enum Token<'t> {
    Text(&'t str),
    /// What stands for itself.
    Node(TextNode),
    Mark(Mark<'t>),
}

/// A character that may format what follows or what precedes.
pub(super) struct Mark<'t> {
    pub(super) kind: Kind,
    pub(super) text: &'t str,
    pub(super) opens: bool,
    pub(super) closes: bool,
}

/// What a mark makes of what stands between two of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Bold,
    Italic,
    Strikethrough,
}

impl Kind {
    pub(super) fn of(c: char) -> Option<Kind> {
        match c {
            '*' => Some(Kind::Bold),
            '_' => Some(Kind::Italic),
            '~' => Some(Kind::Strikethrough),
            _ => None,
        }
    }

    pub(super) fn node(self, children: Vec<TextNode>) -> TextNode {
        match self {
            Kind::Bold => TextNode::Bold { children },
            Kind::Italic => TextNode::Italic { children },
            Kind::Strikethrough => TextNode::Strikethrough { children },
        }
    }
}

/// The mark at a place, if it can open or close.
pub(super) fn mark<'t>(text: &'t str, at: usize, c: char) -> Option<Mark<'t>> {
    let kind = Kind::of(c)?;
    let end = at + c.len_utf8();
    let (previous, next) = (before(text, at), after(text, end));
    if previous == Some(c) || next == Some(c) || previous == Some('\\') {
        return None;
    }
    let opens = !of_word(previous) && next.is_some_and(|c| !c.is_whitespace());
    let closes = !of_word(next) && previous.is_some_and(|c| !c.is_whitespace());
    (opens || closes).then(|| Mark { kind, text: cut(text, &(at..end)), opens, closes })
}

/// The parts of a line, in order.
pub(super) fn of_line<'t>(text: &'t str, line: &Line, by: Sender) -> Vec<Token<'t>> {
    let mut reader = Reader { text, by, tokens: Vec::new(), plain: line.range.start, emoji: None };
    let mut links = find::links(text, line).into_iter().peekable();
    let mut at = line.range.start;
    for code in &line.code {
        reader.read(at..code.start, &mut links);
        let inner = code.start + FENCE.len()..code.end - FENCE.len();
        reader.node(code.clone(), TextNode::CodeSpan { text: cut(text, &inner).to_owned() });
        at = code.end;
    }
    reader.read(at..line.range.end, &mut links);
    reader.text_until(line.range.end);
    reader.tokens
}

struct Reader<'t> {
    text: &'t str,
    by: Sender,
    tokens: Vec<Token<'t>>,
    /// From here on the text is not in the tokens yet.
    plain: usize,
    /// Where the emoji just read ends.
    emoji: Option<usize>,
}

impl Reader<'_> {
    /// Reads a part of the line without code. `links` are those of the line from here on.
    fn read(&mut self, part: Range<usize>, links: &mut Peekable<IntoIter<Found>>) {
        let mut at = part.start;
        // Digits before this place are part of what is no phone number.
        let mut dialled = part.start;
        while at < part.end {
            // Those within what was read otherwise are passed over.
            while links.next_if(|link| link.range.start < at).is_some() {}
            if let Some(link) = links.next_if(|link| link.range.start == at && link.range.end <= part.end) {
                at = link.range.end;
                self.node(link.range, link.node);
                continue;
            }
            let Some(c) = after(self.text, at) else { return };
            let next = at + c.len_utf8();
            let found = match c {
                '<' => find::chosen_link(self.text, at..part.end),
                ':' => find::custom_emoji(self.text, at..part.end, self.emoji == Some(at)),
                '+' | '(' | '0'..='9' if at >= dialled => {
                    let free = links.peek().map_or(part.end, |link| link.range.start.min(part.end));
                    let (found, end) = phone::find(self.text, at..free);
                    dialled = end;
                    found
                }
                _ => None,
            };
            at = match found {
                // A link of one's own choice is for backends: in a user's text it stays what was typed.
                Some(Found { range, node: TextNode::Link { .. } }) if self.by == Sender::User => range.end,
                Some(found) => {
                    let end = found.range.end;
                    if matches!(found.node, TextNode::CustomEmoji { .. }) {
                        self.emoji = Some(end);
                    }
                    self.node(found.range, found.node);
                    end
                }
                None => {
                    if let Some(mark) = mark(self.text, at, c) {
                        self.text_until(at);
                        self.tokens.push(Token::Mark(mark));
                        self.plain = next;
                    }
                    next
                }
            };
        }
    }

    fn text_until(&mut self, at: usize) {
        if self.plain < at {
            self.tokens.push(Token::Text(cut(self.text, &(self.plain..at))));
        }
        self.plain = at;
    }

    fn node(&mut self, range: Range<usize>, node: TextNode) {
        self.text_until(range.start);
        self.tokens.push(Token::Node(node));
        self.plain = range.end;
    }
}
