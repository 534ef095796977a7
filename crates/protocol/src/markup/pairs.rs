//! Marks that find their partner, and the nodes that come of them.

use super::add;
use super::tokens::{Kind, Token};
use crate::content::TextNode;

/// What a token turned out to be.
#[derive(Clone, Copy, PartialEq)]
enum Role {
    Itself,
    Opens,
    Closes,
}

/// The nodes of a line.
pub(super) fn nodes(tokens: Vec<Token<'_>>) -> Vec<TextNode> {
    let roles = matched(&tokens);
    // What is open, outermost first, each with the nodes that came before it.
    let mut outer: Vec<(Kind, Vec<TextNode>)> = Vec::new();
    let mut nodes = Vec::new();
    for (token, role) in tokens.into_iter().zip(roles) {
        match (token, role) {
            (Token::Mark(mark), Role::Opens) => outer.push((mark.kind, std::mem::take(&mut nodes))),
            (Token::Mark(_), Role::Closes) => {
                // Pairs do not cross, so what closes is what was opened last.
                if let Some((kind, before)) = outer.pop() {
                    let children = std::mem::replace(&mut nodes, before);
                    nodes.push(kind.node(children));
                }
            }
            (Token::Mark(mark), Role::Itself) => add(&mut nodes, TextNode::from(mark.text)),
            (Token::Text(text), _) => add(&mut nodes, TextNode::from(text)),
            (Token::Node(node), _) => nodes.push(node),
        }
    }
    nodes
}

/// Which marks open and which close. Of each kind one may be open at a time, the latest; closing it gives up what was
/// opened within and not closed.
fn matched(tokens: &[Token<'_>]) -> Vec<Role> {
    let mut roles = vec![Role::Itself; tokens.len()];
    let mut open: Vec<(Kind, usize)> = Vec::with_capacity(3);
    for (at, token) in tokens.iter().enumerate() {
        match token {
            Token::Mark(mark) => {
                let within = open.iter().position(|(kind, _)| *kind == mark.kind);
                if let Some(place) = within.filter(|_| mark.closes)
                    && let Some((_, opened)) = open.get(place).copied()
                {
                    open.truncate(place);
                    for (index, role) in [(opened, Role::Opens), (at, Role::Closes)] {
                        if let Some(slot) = roles.get_mut(index) {
                            *slot = role;
                        }
                    }
                } else if mark.opens {
                    open.retain(|(kind, _)| *kind != mark.kind);
                    open.push((mark.kind, at));
                }
            }
            // Only code may hold newlines: no mark reaches over one.
            Token::Node(TextNode::CodeSpan { text }) if text.contains('\n') => open.clear(),
            Token::Node(_) | Token::Text(_) => {}
        }
    }
    roles
}
