//! What a message says: blocks checked on their way in, or parsed from a text, and the plain text that they come to.

use causerie_markup::{Sender, check_content, parse, plaintext};
use causerie_protocol::content::ContentBlock;
use causerie_protocol::error::ErrorBody;
use causerie_protocol::limits;

use super::{RuleResult, json};

/// What a message says, both ways.
#[derive(Debug)]
pub(super) struct Content {
    /// The JSON array of its blocks.
    pub(super) blocks: String,
    /// Its text without formatting.
    pub(super) plaintext: String,
}

/// What is said by a text or by content, whichever is given, by a user or a backend; `None` where neither is.
pub(super) fn given(
    text: Option<&str>,
    content: Option<&[ContentBlock]>,
    by: Sender,
) -> RuleResult<Option<Content>> {
    check(text, content, by)?;
    let parsed;
    let blocks = match (text, content) {
        (Some(text), _) => {
            parsed = parse(text, by);
            parsed.as_slice()
        }
        (None, Some(content)) => content,
        (None, None) => return Ok(None),
    };
    Ok(Some(Content { plaintext: plaintext(blocks), blocks: String::from(Box::<str>::from(json(&blocks)?)) }))
}

/// Checks a text or content, whichever is given.
///
/// # Errors
/// `invalid_argument` with the path of what is wrong.
pub(super) fn check(
    text: Option<&str>,
    content: Option<&[ContentBlock]>,
    by: Sender,
) -> Result<(), ErrorBody> {
    match (text, content) {
        (Some(_), Some(_)) => {
            Err(ErrorBody::invalid("content", "must not be given beside text: give one of them"))
        }
        (Some(text), None) => limits::check_text("text", text, limits::TEXT_CHARS),
        (None, Some(content)) => check_content(content, by),
        (None, None) => Ok(()),
    }
}
