//! Checks of values against the bounds in [`limits`](crate::limits) and against the documented forms.
//!
//! Every function takes the name of the field, which may be a path such as `email[1]`, and returns an error
//! `invalid_argument` that names the field, the rule, and the count that broke it.

use crate::text::{concat, decimal};
use std::collections::BTreeMap;

use crate::error::ErrorBody;
use crate::limits::{
    CONTACTS, CUSTOM_BYTES, CUSTOM_KEY_CHARS, CUSTOM_KEYS, EMAIL_BYTES, EMAIL_LOCAL_BYTES, EMOJI_CHARS,
    ID_BYTES, LOCALE_BYTES, NAME_CHARS, PHONE_CHARS, PHONE_DIGITS, PUSH_TOKEN_BYTES, PUSH_TOKENS, ROLE_CHARS,
    SDK_CHARS, SUBJECT_CHARS, TOKEN_BYTES, URL_BYTES, WELCOME_CHARS, WELCOME_MESSAGES, id_bytes,
};

/// Returns the rule that an id breaks, if any: it has 1 to [`ID_BYTES`] bytes and no control characters, and
/// is neither `.` nor `..`, which a URL cannot carry as a path segment.
///
/// The rule is a constant without the length of the id: formatting would add 180 bytes (brotli) to the
/// browser's download, because the SDK checks ids too.
#[must_use]
pub(crate) fn id_problem(id: &str) -> Option<&'static str> {
    let problem = if id.is_empty() {
        "must not be empty"
    } else if id.len() > ID_BYTES {
        concat!("must have at most ", id_bytes!(), " bytes")
    } else if has_control_characters(id) {
        "must not contain control characters"
    } else if id == "." || id == ".." {
        "must not be \".\" or \"..\""
    } else {
        return None;
    };
    Some(problem)
}

/// Returns whether a text has a control character, as [`char::is_control`] does for each. In UTF-8 those
/// above U+007F are U+0080 to U+009F, which begin with the byte C2. To look at bytes instead of characters
/// takes less code in the client's WebAssembly module.
fn has_control_characters(text: &str) -> bool {
    let mut last = 0;
    for byte in text.as_bytes() {
        if *byte < 0x20 || *byte == 0x7f || (last == 0xc2 && *byte < 0xa0) {
            return true;
        }
        last = *byte;
    }
    false
}

/// Checks the form of an id: 1 to [`ID_BYTES`] bytes, no control characters, neither `.` nor `..`.
///
/// # Errors
/// `invalid_argument` with the field's name.
pub fn check_id(field: &str, id: &str) -> Result<(), ErrorBody> {
    id_problem(id).map_or(Ok(()), |problem| Err(ErrorBody::invalid(field, problem)))
}

pub(crate) fn at_most(field: &str, count: usize, limit: usize, unit: &str) -> Result<(), ErrorBody> {
    if count <= limit { Ok(()) } else { Err(ErrorBody::invalid(field, &too_many(count, limit, unit))) }
}

fn too_many(count: usize, limit: usize, unit: &str) -> String {
    concat(&["must have at most ", &limit.to_string(), " ", unit, " (got ", &count.to_string(), ")"])
}

/// Checks a text: not blank, at most `limit` characters.
///
/// # Errors
/// `invalid_argument` with the field's name.
pub fn check_text(field: &str, text: &str, limit: usize) -> Result<(), ErrorBody> {
    if text.trim().is_empty() {
        return Err(ErrorBody::invalid(field, "must not be empty"));
    }
    at_most(field, text.chars().count(), limit, "characters")
}

/// Checks the URL of a photo: any text of at most [`URL_BYTES`]. Programs store relative URLs and names of
/// files too, so whoever loads the photo decides which URLs to load.
///
/// # Errors
/// `invalid_argument` with the field's name.
pub fn check_photo_url(field: &str, url: &str) -> Result<(), ErrorBody> {
    at_most(field, url.len(), URL_BYTES, "bytes")
}

/// Checks the form of a locale: a BCP 47 language tag such as `en`, `pt-BR` or `zh-Hant-TW`.
///
/// # Errors
/// `invalid_argument` with the field's name.
pub fn check_locale(field: &str, locale: &str) -> Result<(), ErrorBody> {
    at_most(field, locale.len(), LOCALE_BYTES, "bytes")?;
    let mut subtags = locale.split('-');
    let language = subtags.next().unwrap_or_default();
    let language_ok = (2..=8).contains(&language.len())
        || language.eq_ignore_ascii_case("x")
        || language.eq_ignore_ascii_case("i");
    let is_bare_prefix = language.len() == 1 && !locale.contains('-');
    let well_formed = language_ok
        && !is_bare_prefix
        && language.bytes().all(|b| b.is_ascii_alphabetic())
        && subtags.all(|tag| (1..=8).contains(&tag.len()) && tag.bytes().all(|b| b.is_ascii_alphanumeric()));
    if well_formed {
        return Ok(());
    }
    Err(ErrorBody::invalid(field, "must be a BCP 47 language tag such as \"en\" or \"pt-BR\""))
}

/// Checks the name of a role: not blank, at most [`ROLE_CHARS`] characters.
///
/// # Errors
/// `invalid_argument` with the field's name.
pub fn check_role(field: &str, role: &str) -> Result<(), ErrorBody> {
    check_text(field, role, ROLE_CHARS)
}

/// Checks e-mail addresses: `local@domain` without spaces, the common form rather than all that RFC 5321
/// allows. Empty ones mean none.
///
/// # Errors
/// `invalid_argument` with the field and the index in the list.
pub fn check_emails(field: &str, emails: &[String]) -> Result<(), ErrorBody> {
    check_each(field, emails, |path, email| {
        at_most(path, email.len(), EMAIL_BYTES, "bytes")?;
        let (local, domain) = email.rsplit_once('@').unwrap_or(("", ""));
        at_most(path, local.len(), EMAIL_LOCAL_BYTES, "bytes before the @")?;
        let well_formed = !local.is_empty()
            && !local.contains('@')
            && domain.split('.').all(|label| !label.is_empty())
            && !email.chars().any(|c| c.is_whitespace() || c.is_control());
        must(well_formed, path, "must be an e-mail address such as \"ada@example.com\"")
    })
}

/// Checks phone numbers: digits with an optional leading `+`, separated by spaces, dots, dashes, slashes or
/// brackets. Empty ones mean none.
///
/// # Errors
/// `invalid_argument` with the field and the index in the list.
pub fn check_phones(field: &str, phones: &[String]) -> Result<(), ErrorBody> {
    check_each(field, phones, |path, phone| {
        at_most(path, phone.chars().count(), PHONE_CHARS, "characters")?;
        let digits = phone.bytes().filter(u8::is_ascii_digit).count();
        let rest = phone.strip_prefix('+').unwrap_or(phone);
        let well_formed = digits >= PHONE_DIGITS
            && rest.chars().all(|c| c.is_ascii_digit() || matches!(c, ' ' | '.' | '-' | '(' | ')' | '/'));
        must(well_formed, path, "must be a phone number such as \"+31 20 123 4567\"")
    })
}

fn check_each(
    field: &str,
    values: &[String],
    check: impl Fn(&str, &str) -> Result<(), ErrorBody>,
) -> Result<(), ErrorBody> {
    at_most(field, values.len(), CONTACTS, "entries")?;
    let given = values.iter().enumerate().filter(|(_, value)| !value.is_empty());
    given.into_iter().try_for_each(|(index, value)| check(&indexed(field, index), value))
}

fn must(condition: bool, field: &str, problem: &str) -> Result<(), ErrorBody> {
    if condition { Ok(()) } else { Err(ErrorBody::invalid(field, problem)) }
}

/// Returns the path of an entry of a list: `email[1]`.
fn indexed(field: &str, index: usize) -> String {
    concat(&[field, "[", &index.to_string(), "]"])
}

/// Returns the path of an entry of a map, such as `custom.color`. A very long path is truncated.
#[must_use]
pub fn path_to(field: &str, key: &str) -> String {
    truncated(&concat(&[field, ".", key]))
}

/// Truncates a path for an error message: keys come from the caller and may be as long as a frame.
#[must_use]
pub(crate) fn truncated(path: &str) -> String {
    const MAX_CHARS: usize = 160;
    match path.char_indices().nth(MAX_CHARS) {
        Some((end, _)) => concat(&[path.get(..end).unwrap_or_default(), "…"]),
        None => path.to_owned(),
    }
}

/// Checks the size of a token. (The server verifies its signature and claims elsewhere.)
///
/// # Errors
/// `invalid_argument` with the field's name.
pub fn check_token(field: &str, token: &str) -> Result<(), ErrorBody> {
    at_most(field, token.len(), TOKEN_BYTES, "bytes")
}

/// Checks the SDK name of a `hello` frame, which is written to logs.
///
/// # Errors
/// `invalid_argument` with the field's name.
pub fn check_sdk(field: &str, sdk: &str) -> Result<(), ErrorBody> {
    at_most(field, sdk.chars().count(), SDK_CHARS, "characters")?;
    must(!sdk.chars().any(char::is_control), field, "must not contain control characters")
}

/// Checks the keys, their number and the total size of custom data. In a patch, the value `None` deletes its
/// key.
///
/// # Errors
/// `invalid_argument` with the field and the key.
pub fn check_custom<'a>(
    field: &str,
    entries: impl Iterator<Item = (&'a str, Option<&'a str>)>,
) -> Result<(), ErrorBody> {
    let (mut keys, mut bytes) = (0, 0);
    for (key, value) in entries {
        let path = path_to(field, key);
        if key.is_empty() {
            return Err(ErrorBody::invalid(path, "must not have an empty key"));
        }
        at_most(&path, key.chars().count(), CUSTOM_KEY_CHARS, "characters in the key")?;
        keys += 1;
        bytes += key.len() + value.map_or(0, str::len);
    }
    at_most(field, keys, CUSTOM_KEYS, "keys")?;
    at_most(field, bytes, CUSTOM_BYTES, "bytes")
}

/// Checks the number and the keys of push tokens: `provider:token_id` with the provider `fcm` or `apns`.
///
/// # Errors
/// `invalid_argument` with the field and the key.
pub fn check_push_tokens<T>(field: &str, tokens: &BTreeMap<String, T>) -> Result<(), ErrorBody> {
    at_most(field, tokens.len(), PUSH_TOKENS, "keys")?;
    tokens.keys().try_for_each(|key| check_push_token(field, key))
}

fn check_push_token(field: &str, key: &str) -> Result<(), ErrorBody> {
    let path = path_to(field, key);
    let (provider, token) = key.split_once(':').unwrap_or((key, ""));
    let known = provider == "fcm" || provider == "apns";
    must(known, &path, "must be \"provider:token_id\" with the provider \"fcm\" or \"apns\"")?;
    must(!token.trim().is_empty(), &path, "must have a token id after the provider")?;
    at_most(&path, key.len(), PUSH_TOKEN_BYTES, "bytes")
}

/// Checks a text field of a user by its name: `name`, `locale`, `photoUrl`, `role`,
/// `welcomeMessage`. An empty text means that the field is not set, except for the name.
///
/// # Errors
/// `invalid_argument` with the field's name.
pub(crate) fn check_user_text(field: &str, text: &str) -> Result<(), ErrorBody> {
    match field {
        "locale" | "photoUrl" | "role" | "welcomeMessage" if text.is_empty() => Ok(()),
        "locale" => check_locale(field, text),
        "photoUrl" => check_photo_url(field, text),
        "role" => check_role(field, text),
        "welcomeMessage" => check_text(field, text, WELCOME_CHARS),
        _ => check_text(field, text, NAME_CHARS),
    }
}

/// Checks the number and the texts of a conversation's welcome messages. Empty ones mean none.
///
/// # Errors
/// `invalid_argument` with the field and the index in the list.
pub fn check_welcome_messages(field: &str, messages: &[String]) -> Result<(), ErrorBody> {
    at_most(field, messages.len(), WELCOME_MESSAGES, "entries")?;
    for (index, message) in messages.iter().enumerate().filter(|(_, message)| !message.is_empty()) {
        check_text(&indexed(field, index), message, WELCOME_CHARS)?;
    }
    Ok(())
}

/// Checks a count against its minimum and maximum, both inclusive.
///
/// # Errors
/// `invalid_argument` with the field's name.
pub fn check_count(field: &str, count: u32, (min, max): (u32, u32)) -> Result<(), ErrorBody> {
    if (min..=max).contains(&count) {
        return Ok(());
    }
    let problem =
        concat(&["must be from ", &decimal(min), " to ", &decimal(max), " (got ", &count.to_string(), ")"]);
    Err(ErrorBody::invalid(field, &problem))
}

/// Checks the size of a reaction's emoji. (The server then checks that it is an emoji.)
///
/// # Errors
/// `invalid_argument` with the field's name.
pub fn check_emoji(field: &str, emoji: &str) -> Result<(), ErrorBody> {
    check_text(field, emoji, EMOJI_CHARS)
}

/// Checks a text field of a conversation by its name: `subject`, `photoUrl`. An empty text means that the
/// field is not set.
///
/// # Errors
/// `invalid_argument` with the field's name.
pub(crate) fn check_conversation_text(field: &str, text: &str) -> Result<(), ErrorBody> {
    match field {
        "photoUrl" => check_photo_url(field, text),
        _ if text.is_empty() => Ok(()),
        _ => check_text(field, text, SUBJECT_CHARS),
    }
}

#[cfg(test)]
mod tests {
    use super::has_control_characters;

    #[test]
    fn control_characters_are_those_of_the_standard_library() {
        for character in '\0'..=char::MAX {
            assert_eq!(
                has_control_characters(&format!("a{character}é")),
                character.is_control(),
                "{character:?}"
            );
        }
    }
}
