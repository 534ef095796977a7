//! The emoji of reactions: a Unicode emoji, or a custom emoji by its name between colons.
//!
//! The table of Unicode emoji comes from the crate `emojis`, which follows Unicode's releases.

use causerie_protocol::ErrorBody;
use causerie_protocol::limits::EMOJI_CHARS;

/// The longest custom emoji, its two colons included, in characters.
pub const CUSTOM_EMOJI_CHARS: usize = EMOJI_CHARS;

/// Returns the fully qualified form of a Unicode emoji, under which its reactions are counted. A custom emoji
/// is returned unchanged.
///
/// ```
/// use causerie_markup::emoji;
///
/// // A heart without its variation selector counts as the same emoji as one with it.
/// assert_eq!(emoji::normalize("❤").as_deref(), Ok("❤\u{fe0f}"));
/// assert_eq!(emoji::normalize(":party-parrot:").as_deref(), Ok(":party-parrot:"));
/// assert_eq!(emoji::normalize("heart").unwrap_err().field.as_deref(), Some("emoji"));
/// ```
///
/// # Errors
/// `invalid_argument` with the field `emoji`.
pub fn normalize(emoji: &str) -> Result<String, ErrorBody> {
    if let Some(found) = emojis::get(emoji) {
        return Ok(found.as_str().to_owned());
    }
    if !emoji.starts_with(':') {
        return Err(ErrorBody::invalid(
            "emoji",
            "must be one Unicode emoji, or a custom emoji such as \":name:\"",
        ));
    }
    let chars = emoji.chars().count();
    if chars > CUSTOM_EMOJI_CHARS {
        let problem =
            format!("a custom emoji must have at most {CUSTOM_EMOJI_CHARS} characters (got {chars})");
        return Err(ErrorBody::invalid("emoji", &problem));
    }
    if !is_custom(emoji) {
        let problem = "a custom emoji must be a name between two colons, without spaces, such as \":name:\"";
        return Err(ErrorBody::invalid("emoji", problem));
    }
    Ok(emoji.to_owned())
}

/// Whether a text is a custom emoji: a name between colons.
pub(crate) fn is_custom(emoji: &str) -> bool {
    let name = emoji.strip_prefix(':').and_then(|rest| rest.strip_suffix(':'));
    name.is_some_and(|name| {
        !name.is_empty()
            && !name.contains(|c: char| c == ':' || c.is_whitespace() || c.is_control())
            && emoji.chars().count() <= CUSTOM_EMOJI_CHARS
    })
}
