//! The content of a message: blocks that are checked, or parsed from a text, and their plain text.

use causerie_markup::{Sender, check_content, check_file_token, parse, plaintext};
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
    /// The file that it is. The rules replace the content by what the server knows about the file.
    pub(super) file: Option<FileReference>,
}

/// The token of a file, and the field that has it.
#[derive(Debug)]
pub(super) struct FileReference {
    pub(super) token: String,
    pub(super) field: &'static str,
}

/// Returns the content of a message that has a file in its field `attachmentToken`.
pub(super) fn of_attachment(token: &str) -> Content {
    let file = FileReference { token: token.to_owned(), field: "attachmentToken" };
    Content { blocks: String::new(), plaintext: String::new(), has_links: false, file: Some(file) }
}

/// Checks a text, content blocks and the token of a file, of which a backend gives exactly one.
///
/// # Errors
/// `invalid_argument` with the path of the field.
pub(super) fn check_one(
    text: Option<&str>,
    content: Option<&[ContentBlock]>,
    attachment: Option<&str>,
) -> Result<(), ErrorBody> {
    match attachment {
        Some(_) if text.is_some() || content.is_some() => Err(ErrorBody::invalid(
            "attachmentToken",
            "must not be given together with text or content: send the text as another message",
        )),
        Some(token) => check_file_token("attachmentToken", token),
        None if text.is_none() && content.is_none() => Err(Refusal::NoContent.into()),
        None => check(text, content, Sender::Backend),
    }
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
        file: match blocks {
            [ContentBlock::File(file)] => {
                Some(FileReference { token: file.file_token.clone(), field: "content[0].fileToken" })
            }
            _ => None,
        },
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
