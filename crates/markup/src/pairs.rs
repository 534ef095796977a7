//! Pairs opening and closing marks, and builds the nodes of a line.

use causerie_protocol::content::TextNode;

use crate::marks::MarkKind;
use crate::text::{is_word_char, push_node};
use crate::tokens::Token;

/// The role of a token once the marks are paired.
#[derive(Clone, Copy, PartialEq)]
enum Role {
    Literal,
    Opens,
    Closes,
}

/// Builds the nodes of a line from its tokens.
pub(crate) fn build_nodes(tokens: Vec<Token<'_>>) -> Vec<TextNode> {
    let roles = pair_marks(&tokens);
    // The open marks, outermost first, each with the nodes before it.
    let mut outer: Vec<(MarkKind, Vec<TextNode>)> = Vec::new();
    let mut nodes = Vec::new();
    for (token, role) in tokens.into_iter().zip(roles) {
        match (token, role) {
            (Token::Mark(mark), Role::Opens) => outer.push((mark.kind, std::mem::take(&mut nodes))),
            (Token::Mark(_), Role::Closes) => {
                // Pairs do not cross, so a closing mark belongs to the mark that was opened last.
                if let Some((kind, before)) = outer.pop() {
                    let children = std::mem::replace(&mut nodes, before);
                    nodes.push(kind.into_node(children));
                }
            }
            (Token::Mark(mark), Role::Literal) => push_node(&mut nodes, TextNode::from(mark.text)),
            (Token::Text(text), _) => push_node(&mut nodes, TextNode::from(text)),
            (Token::Node(node), _) => nodes.push(node),
        }
    }
    nodes
}

/// Decides which marks open and which close. At most one mark of each kind is open at a time, the latest.
/// Closing it makes the marks that were opened after it and not closed literal. A mark does not close one
/// with nothing but punctuation in between.
fn pair_marks(tokens: &[Token<'_>]) -> Vec<Role> {
    let mut roles = vec![Role::Literal; tokens.len()];
    // The kind and the position of each open mark, and how many tokens with content preceded it.
    let mut open: Vec<(MarkKind, usize, usize)> = Vec::with_capacity(3);
    let mut with_content = 0;
    for (at, token) in tokens.iter().enumerate() {
        match token {
            Token::Mark(mark) => {
                let partner =
                    open.iter().position(|(kind, _, before)| *kind == mark.kind && *before < with_content);
                if let Some(index) = partner.filter(|_| mark.closes)
                    && let Some((_, opened_at, _)) = open.get(index).copied()
                {
                    open.truncate(index);
                    for (index, role) in [(opened_at, Role::Opens), (at, Role::Closes)] {
                        if let Some(slot) = roles.get_mut(index) {
                            *slot = role;
                        }
                    }
                } else if mark.opens {
                    open.retain(|(kind, _, _)| *kind != mark.kind);
                    open.push((mark.kind, at, with_content));
                }
            }
            // Only code may hold newlines; formatting does not span one.
            Token::Node(TextNode::CodeSpan { text }) if text.contains('\n') => open.clear(),
            Token::Node(_) => with_content += 1,
            Token::Text(text) => with_content += usize::from(text.contains(|c| is_word_char(Some(c)))),
        }
    }
    roles
}
