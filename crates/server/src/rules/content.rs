//! The content of a message: blocks that are checked, or parsed from a text, and their plain text.

use causerie_markup::{Sender, check_content, parse, plaintext};
use causerie_protocol::content::{ContentBlock, TextNode};
use causerie_protocol::error::ErrorBody;
use causerie_protocol::{limits, validation};

use super::error::RuleResult;
use super::json::to_json;
use super::refusal::Refusal;

/// The content of a message in the two forms in which it is stored.
#[derive(Debug)]
pub(super) struct Content {
    /// The JSON array of the content blocks.
    pub(super) blocks: String,
    /// The text without formatting.
    pub(super) plaintext: String,
    /// Whether a link, mail address or phone number is in it.
    pub(super) has_links: bool,
}

/// Returns the content that a text or content blocks stand for; `None` if neither is given. Checks both.
pub(super) fn from_params(
    text: Option<&str>,
    content: Option<&[ContentBlock]>,
    sender: Sender,
) -> RuleResult<Option<Content>> {
    check(text, content, sender)?;
    let parsed;
    let blocks = match (text, content) {
        (Some(text), _) => {
            parsed = parse(text, sender);
            parsed.as_slice()
        }
        (None, Some(content)) => content,
        (None, None) => return Ok(None),
    };
    Ok(Some(Content {
        has_links: has_links(blocks),
        plaintext: plaintext(blocks),
        blocks: String::from(Box::<str>::from(to_json(blocks)?)),
    }))
}

/// Whether a link is in the blocks.
fn has_links(blocks: &[ContentBlock]) -> bool {
    fn is_link(node: &TextNode) -> bool {
        matches!(node, TextNode::AutoLink { .. } | TextNode::Link { .. })
            || node.children().is_some_and(|children| children.iter().any(is_link))
    }
    blocks.iter().any(|block| match block {
        ContentBlock::Text { children } => children.iter().any(is_link),
        _ => false,
    })
}

/// Checks a text or content blocks, of which only one may be given.
///
/// # Errors
/// `invalid_argument` with the path of the field.
pub(super) fn check(
    text: Option<&str>,
    content: Option<&[ContentBlock]>,
    sender: Sender,
) -> Result<(), ErrorBody> {
    match (text, content) {
        (Some(_), Some(_)) => Err(Refusal::TextAndContent.into()),
        (Some(text), None) => validation::check_text("text", text, limits::TEXT_CHARS),
        (None, Some(content)) => check_content(content, sender),
        (None, None) => Ok(()),
    }
}
