//! The emoji of reactions: a Unicode emoji, or a custom emoji by its name between colons.
//!
//! The table of Unicode emoji comes from the crate `emojis`, which follows Unicode's releases.

use std::collections::HashMap;
use std::sync::LazyLock;

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
    if let Some(found) = unicode_emoji(emoji) {
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

/// The longest Unicode emoji with a variation selector after each character, in bytes.
const UNICODE_EMOJI_BYTES: usize = 96;
/// Asks for the colourful form of the character before it.
const VARIATION_SELECTOR: char = '\u{fe0f}';

/// Finds a Unicode emoji with or without variation selectors, which keyboards place differently: after the
/// base, after its skin tone, or nowhere.
fn unicode_emoji(emoji: &str) -> Option<&'static emojis::Emoji> {
    if emoji.len() > UNICODE_EMOJI_BYTES
        || emoji.starts_with(VARIATION_SELECTOR)
        || emoji.contains("\u{fe0f}\u{fe0f}")
    {
        return None;
    }
    // The crate's own search without selectors confuses some skin tones.
    static BY_BARE: LazyLock<HashMap<String, &'static emojis::Emoji>> = LazyLock::new(|| {
        let toned = emojis::iter().flat_map(|emoji| emoji.skin_tones().into_iter().flatten());
        let all = emojis::iter().chain(toned);
        all.map(|emoji| (emoji.as_str().replace(VARIATION_SELECTOR, ""), emoji)).collect()
    });
    BY_BARE.get(&emoji.replace(VARIATION_SELECTOR, "")).copied()
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
