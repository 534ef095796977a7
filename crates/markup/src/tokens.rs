//! Splits a line into tokens: text, nodes (code, links, emoji) and marks.

use std::iter::Peekable;
use std::ops::Range;
use std::vec::IntoIter;

use causerie_protocol::content::TextNode;

use crate::code::FENCE;
use crate::found::Found;
use crate::marks::{Mark, mark_at};
use crate::sender::Sender;
use crate::text::{Line, char_at, slice};
use crate::{inline, labelled, phone};

/// A part of a line.
pub(crate) enum Token<'t> {
    Text(&'t str),
    /// A node that needs no pairing.
    Node(TextNode),
    Mark(Mark<'t>),
}

/// Splits a line into its tokens, in order.
pub(crate) fn tokenize_line<'t>(text: &'t str, line: &Line, sender: Sender) -> Vec<Token<'t>> {
    let mut tokenizer =
        Tokenizer { text, sender, tokens: Vec::new(), pending_from: line.range.start, emoji_end: None };
    let mut links = inline::find_links(text, line).into_iter().peekable();
    let mut at = line.range.start;
    for code in &line.code {
        tokenizer.tokenize(at..code.start, &mut links);
        let inner = code.start + FENCE.len()..code.end - FENCE.len();
        tokenizer.push_node(code.clone(), TextNode::CodeSpan { text: slice(text, &inner).to_owned() });
        at = code.end;
    }
    tokenizer.tokenize(at..line.range.end, &mut links);
    tokenizer.flush_text(line.range.end);
    tokenizer.tokens
}

struct Tokenizer<'t> {
    text: &'t str,
    sender: Sender,
    tokens: Vec<Token<'t>>,
    /// The start of the text that is not in the tokens yet.
    pending_from: usize,
    /// The end of the last custom emoji.
    emoji_end: Option<usize>,
}

impl Tokenizer<'_> {
    /// Tokenizes a part of the line without code. `links` are the line's remaining links.
    fn tokenize(&mut self, part: Range<usize>, links: &mut Peekable<IntoIter<Found>>) {
        let mut at = part.start;
        // Digits before this position were searched for a phone number already.
        let mut digits_searched_to = part.start;
        while at < part.end {
            // Links inside a token that was read as something else are skipped.
            while links.next_if(|link| link.range.start < at).is_some() {}
            if let Some(link) = links.next_if(|link| link.range.start == at && link.range.end <= part.end) {
                at = link.range.end;
                self.push_node(link.range, link.node);
                continue;
            }
            let Some(c) = char_at(self.text, at) else { return };
            let next = at + c.len_utf8();
            let found = match c {
                '<' => labelled::labelled_node(self.text, at..part.end),
                ':' => inline::custom_emoji(self.text, at..part.end, self.emoji_end == Some(at)),
                '+' | '(' | '0'..='9' if at >= digits_searched_to => {
                    let limit = links.peek().map_or(part.end, |link| link.range.start.min(part.end));
                    let (found, end) = phone::find_number(self.text, at..limit);
                    digits_searched_to = end;
                    found
                }
                _ => None,
            };
            at = match found {
                // Labelled links and actions are for backends: in a user's text they stay text.
                Some(found) if c == '<' && self.sender == Sender::User => found.range.end,
                Some(found) => {
                    let end = found.range.end;
                    if matches!(found.node, TextNode::CustomEmoji { .. }) {
                        self.emoji_end = Some(end);
                    }
                    self.push_node(found.range, found.node);
                    end
                }
                None => {
                    if let Some(mark) = mark_at(self.text, at, c) {
                        self.flush_text(at);
                        self.tokens.push(Token::Mark(mark));
                        self.pending_from = next;
                    }
                    next
                }
            };
        }
    }

    fn flush_text(&mut self, end: usize) {
        if self.pending_from < end {
            self.tokens.push(Token::Text(slice(self.text, &(self.pending_from..end))));
        }
        self.pending_from = end;
    }

    fn push_node(&mut self, range: Range<usize>, node: TextNode) {
        self.flush_text(range.start);
        self.tokens.push(Token::Node(node));
        self.pending_from = range.end;
    }
}
