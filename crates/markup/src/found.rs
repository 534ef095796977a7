//! Nodes that a search found in a text, such as links and custom emoji.

use std::ops::Range;

use causerie_protocol::content::TextNode;

use crate::link_target;

/// A node, and the range of the text that it replaces.
pub(crate) struct Found {
    pub(crate) range: Range<usize>,
    pub(crate) node: TextNode,
}

/// Makes an automatic link, if the URL is a valid link target and the text states it.
pub(crate) fn auto_link(range: Range<usize>, text: &str, url: String) -> Option<Found> {
    let parsed = link_target::parse(&url).ok()?;
    let node = TextNode::AutoLink { url, text: text.to_owned() };
    link_target::matches_text(&parsed, text).then_some(Found { range, node })
}
