//! Parsing and saying what was expected, in few words.

use causerie_markup::{Sender, check_content, parse, plaintext};
use causerie_protocol::content::{ContentBlock, TextNode};
use serde_json::Value;

/// The nodes that a text comes to. (That it may be sent, and survives JSON, is checked by the way.)
pub(crate) fn nodes(text: &str, by: Sender) -> Vec<TextNode> {
    let blocks = parse(text, by);
    let json = serde_json::to_string(&blocks).unwrap();
    let read: Vec<ContentBlock> =
        serde_json::from_str(&json).unwrap_or_else(|error| panic!("{json}: {error}"));
    assert_eq!(read, blocks, "{json}");
    if !text.trim().is_empty() {
        check_content(&blocks, by).unwrap_or_else(|error| panic!("{text:?} becomes {json}, but {error}"));
    }
    match <[ContentBlock; 1]>::try_from(blocks) {
        Ok([ContentBlock::Text { children }]) => children,
        other => panic!("{text:?}: {other:?}"),
    }
}

/// What a user's text comes to, as JSON.
pub(crate) fn user(text: &str) -> Value {
    serde_json::to_value(nodes(text, Sender::User)).unwrap()
}

/// What a backend's text comes to, as JSON.
pub(crate) fn backend(text: &str) -> Value {
    serde_json::to_value(nodes(text, Sender::Backend)).unwrap()
}

/// The plain text of nodes.
pub(crate) fn plain(children: Vec<TextNode>) -> String {
    plaintext(&[ContentBlock::Text { children }])
}

/// The automatic links of a user's text: what each says, and where it leads.
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
