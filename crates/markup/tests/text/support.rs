//! Helpers that parse a text and return the result in a form that is easy to compare.

use causerie_markup::{Sender, check_content, parse, plaintext};
use causerie_protocol::content::{ContentBlock, TextNode};
use serde_json::Value;

/// Parses a text into nodes. Also checks that the nodes may be sent and that they survive JSON.
pub(crate) fn nodes(text: &str, sender: Sender) -> Vec<TextNode> {
    let blocks = parse(text, sender);
    let json = serde_json::to_string(&blocks).unwrap();
    let read: Vec<ContentBlock> =
        serde_json::from_str(&json).unwrap_or_else(|error| panic!("{json}: {error}"));
    assert_eq!(read, blocks, "{json}");
    if !text.trim().is_empty() {
        check_content(&blocks, sender).unwrap_or_else(|error| panic!("{text:?} becomes {json}, but {error}"));
    }
    match <[ContentBlock; 1]>::try_from(blocks) {
        Ok([ContentBlock::Text { children }]) => children,
        other => panic!("{text:?}: {other:?}"),
    }
}

/// Returns the nodes of a user's text as JSON.
pub(crate) fn user(text: &str) -> Value {
    serde_json::to_value(nodes(text, Sender::User)).unwrap()
}

/// Returns the nodes of a backend's text as JSON.
pub(crate) fn backend(text: &str) -> Value {
    serde_json::to_value(nodes(text, Sender::Backend)).unwrap()
}

/// Returns the plain text of nodes.
pub(crate) fn plain(children: Vec<TextNode>) -> String {
    plaintext(&[ContentBlock::Text { children }])
}

/// Returns the text and the URL of each automatic link in a user's text.
pub(crate) fn auto_links(text: &str) -> Vec<(String, String)> {
    fn walk(nodes: &[TextNode], found: &mut Vec<(String, String)>) {
        for node in nodes {
            if let TextNode::AutoLink { url, text } = node {
                found.push((text.clone(), url.clone()));
            }
            walk(node.children().unwrap_or_default(), found);
        }
    }
    let mut found = Vec::new();
    walk(&nodes(text, Sender::User), &mut found);
    found
}
