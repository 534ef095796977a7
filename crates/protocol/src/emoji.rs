//! What may be given as a reaction: one emoji of Unicode's table, or a custom one by its name between colons.
//!
//! The table is that of the crate `emojis`, which follows Unicode's releases. It lives on the server, not in every
//! visitor's download.

use crate::error::ErrorBody;
use crate::limits;

/// The longest name of a custom emoji, its two colons included, in characters.
pub const CUSTOM_EMOJI_CHARS: usize = limits::EMOJI_CHARS;

/// The emoji in its one fully-qualified form, under which all reactions with it are counted; a custom emoji as it is.
///
/// # Errors
/// `invalid_argument` with the field `emoji`.
pub fn reaction(emoji: &str) -> Result<String, ErrorBody> {
    if let Some(found) = emojis::get(emoji) {
        return Ok(found.as_str().to_owned());
    }
    if !emoji.starts_with(':') {
        return Err(ErrorBody::invalid(
            "emoji",
            "must be one Unicode emoji, or a custom one such as \":name:\"",
        ));
    }
    if emoji.chars().count() > CUSTOM_EMOJI_CHARS {
        let problem =
            ["a custom emoji has at most ", &CUSTOM_EMOJI_CHARS.to_string(), " characters"].concat();
        return Err(ErrorBody::invalid("emoji", &problem));
    }
    if !is_custom(emoji) {
        let problem = "a custom emoji is a name between two colons, without spaces, such as \":name:\"";
        return Err(ErrorBody::invalid("emoji", problem));
    }
    Ok(emoji.to_owned())
}

/// Whether this is a custom emoji: a name between colons.
pub(crate) fn is_custom(emoji: &str) -> bool {
    let name = emoji.strip_prefix(':').and_then(|rest| rest.strip_suffix(':'));
    name.is_some_and(|name| {
        !name.is_empty()
            && !name.contains(|c: char| c == ':' || c.is_whitespace() || c.is_control())
            && emoji.chars().count() <= CUSTOM_EMOJI_CHARS
    })
}
