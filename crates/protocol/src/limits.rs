//! Every bound on what a client or a backend may send, chosen once. The SDK checks them before it sends, the server
//! checks them again, and `docs/limits.md` is written from [`TABLE`].
//!
//! Lengths in "characters" are Unicode code points; lengths in "bytes" are of the UTF-8 text.

use std::collections::BTreeMap;

use crate::error::ErrorBody;
use crate::{content, filter};

/// The longest id, in bytes.
pub const ID_BYTES: usize = 255;
/// The longest user name, in characters.
pub const NAME_CHARS: usize = 256;
/// The longest conversation subject, in characters.
pub const SUBJECT_CHARS: usize = 512;
/// The longest welcome message, in characters.
pub const WELCOME_CHARS: usize = 4_096;
/// The most welcome messages a conversation has.
pub const WELCOME_MESSAGES: usize = 10;
/// The longest photo URL, in bytes.
pub const URL_BYTES: usize = 4_096;
/// The longest role name, in characters.
pub const ROLE_CHARS: usize = 128;
/// The longest locale, in bytes.
pub const LOCALE_BYTES: usize = 64;
/// The most keys in custom data.
pub const CUSTOM_KEYS: usize = 64;
/// The longest key of custom data, in characters.
pub const CUSTOM_KEY_CHARS: usize = 128;
/// All keys and values of one `custom` together, in bytes.
pub const CUSTOM_BYTES: usize = 16_384;
/// The most e-mail addresses, and the most phone numbers, of a user.
pub const CONTACTS: usize = 20;
/// The longest e-mail address, in bytes.
pub const EMAIL_BYTES: usize = 254;
/// The longest part of an e-mail address before its `@`, in bytes.
pub const EMAIL_LOCAL_BYTES: usize = 64;
/// The longest phone number, in characters.
pub const PHONE_CHARS: usize = 32;
/// The fewest digits of a phone number.
pub const PHONE_DIGITS: usize = 3;
/// The most push tokens named in one call, and the most a user has.
pub const PUSH_TOKENS: usize = 50;
/// The longest push token with its provider, in bytes.
pub const PUSH_TOKEN_BYTES: usize = 1_024;
/// The longest text of a message, in characters.
pub const TEXT_CHARS: usize = 10_000;
/// The largest frame, and the largest body of the HTTP twin and of REST, in bytes.
pub const FRAME_BYTES: usize = 65_536;
/// The most requests in one POST of the HTTP twin.
pub const BATCH_REQUESTS: usize = 100;
/// The most requests a client holds unanswered; one more is rejected.
pub const PENDING_REQUESTS: usize = 1_000;
/// The longest token, in bytes.
pub const TOKEN_BYTES: usize = 8_192;
/// The longest name a client gives to its SDK in `hello`, in characters.
pub const SDK_CHARS: usize = 128;
/// How long a client waits for an answer before it gives a request up, in milliseconds.
pub const REQUEST_TIMEOUT_MS: u32 = 30_000;
/// How long a connection may stay open without `hello`, in milliseconds.
pub const HELLO_TIMEOUT_MS: u32 = 10_000;
/// How often the server pings, in milliseconds.
pub const PING_INTERVAL_MS: u32 = 25_000;
/// After how long without a frame a client gives its connection up, in milliseconds.
pub const SILENCE_MS: u32 = 35_000;

/// The most subscriptions of one client.
pub const SUBSCRIPTIONS: usize = 500;
/// The longest emoji of a reaction, in characters, the colons of a custom one included.
pub const EMOJI_CHARS: usize = 50;
/// The most different emoji on one message.
pub const MESSAGE_REACTIONS: usize = 50;
/// How long one `markAsTyping` lasts, in milliseconds.
pub const TYPING_MS: u32 = 10_000;
/// The most users who are told apart while they type.
pub const TYPING_USERS: usize = 5;
/// How long a user counts as online after the last request, in milliseconds.
pub const ONLINE_MS: u32 = 5_000;
/// The window of a subscription, in entries: the least and the most.
pub const WINDOW: (u32, u32) = (1, 1_000);

/// How much of a list is loaded at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sizes {
    /// What a subscription starts with.
    pub initial: u32,
    /// What `loadMore()` loads.
    pub more: u32,
    /// The most that it may be asked for.
    pub most: u32,
}

/// Of the list of conversations.
pub const CONVERSATIONS: Sizes = Sizes { initial: 20, more: 20, most: 30 };
/// Of the messages of a conversation.
pub const MESSAGES: Sizes = Sizes { initial: 30, more: 30, most: 100 };
/// Of the participants of a conversation.
pub const PARTICIPANTS: Sizes = Sizes { initial: 10, more: 10, most: 50 };
/// Of the reactions with one emoji.
pub const REACTIONS: Sizes = Sizes { initial: 10, more: 30, most: 100 };

/// A row of `docs/limits.md`: what it bounds, how much, in which unit.
pub const TABLE: &[(&str, usize, &str)] = &[
    ("Any id (user, conversation, message)", ID_BYTES, "bytes"),
    ("`name`", NAME_CHARS, "characters"),
    ("`subject`", SUBJECT_CHARS, "characters"),
    ("`welcomeMessage`, and each of `welcomeMessages`", WELCOME_CHARS, "characters"),
    ("`welcomeMessages`", WELCOME_MESSAGES, "entries"),
    ("`photoUrl`", URL_BYTES, "bytes"),
    ("`role`", ROLE_CHARS, "characters"),
    ("`locale`", LOCALE_BYTES, "bytes"),
    ("`custom`", CUSTOM_KEYS, "keys"),
    ("each key of `custom`", CUSTOM_KEY_CHARS, "characters"),
    ("`custom`, keys and values together", CUSTOM_BYTES, "bytes"),
    ("`email` and `phone`, each", CONTACTS, "entries"),
    ("each e-mail address", EMAIL_BYTES, "bytes"),
    ("the part of an e-mail address before the `@`", EMAIL_LOCAL_BYTES, "bytes"),
    ("each phone number", PHONE_CHARS, "characters"),
    ("`pushTokens`", PUSH_TOKENS, "keys"),
    ("each key of `pushTokens`", PUSH_TOKEN_BYTES, "bytes"),
    ("a message's text", TEXT_CHARS, "characters"),
    ("text nodes within one another", content::DEPTH, "nodes"),
    ("a frame, or a request body", FRAME_BYTES, "bytes"),
    ("requests in one POST of the HTTP twin", BATCH_REQUESTS, "requests"),
    ("unanswered requests of one client", PENDING_REQUESTS, "requests"),
    ("a token", TOKEN_BYTES, "bytes"),
    ("`sdk` in `hello`", SDK_CHARS, "characters"),
    ("waiting for an answer", REQUEST_TIMEOUT_MS as usize, "milliseconds"),
    ("waiting for `hello`", HELLO_TIMEOUT_MS as usize, "milliseconds"),
    ("between two pings of the server", PING_INTERVAL_MS as usize, "milliseconds"),
    ("silence before a client gives its connection up", SILENCE_MS as usize, "milliseconds"),
    ("subscriptions of one client", SUBSCRIPTIONS, "subscriptions"),
    ("a subscription's window, when it is asked for again", WINDOW.1 as usize, "entries"),
    ("filters in one `any`", filter::ANY_FILTERS, "filters"),
    ("values of one `oneOf` or `!oneOf` in a filter", filter::ONE_OF_VALUES, "values"),
    ("keys of a filter's `custom`", filter::CUSTOM_FILTERS, "keys"),
    ("conversations: at first, and `loadMore`", CONVERSATIONS.initial as usize, "entries"),
    ("conversations: `loadMore` at most", CONVERSATIONS.most as usize, "entries"),
    ("messages: at first, and `loadMore`", MESSAGES.initial as usize, "entries"),
    ("messages: `loadMore` at most", MESSAGES.most as usize, "entries"),
    ("participants: at first, and `loadMore`", PARTICIPANTS.initial as usize, "entries"),
    ("participants: `loadMore` at most", PARTICIPANTS.most as usize, "entries"),
    ("reactions of one emoji: at first", REACTIONS.initial as usize, "entries"),
    ("reactions of one emoji: `loadMore`", REACTIONS.more as usize, "entries"),
    ("reactions of one emoji: `loadMore` at most", REACTIONS.most as usize, "entries"),
    ("a custom emoji, its colons included", EMOJI_CHARS, "characters"),
    ("different emoji on one message", MESSAGE_REACTIONS, "emoji"),
    ("one `markAsTyping`", TYPING_MS as usize, "milliseconds"),
    ("users told apart while they type", TYPING_USERS, "users"),
    ("online after the last request", ONLINE_MS as usize, "milliseconds"),
];

/// What is wrong with an id, if anything: 1 to [`ID_BYTES`] bytes, no control characters, and neither `.` nor `..`,
/// which a URL cannot carry as a path segment.
#[must_use]
pub fn id_problem(id: &str) -> Option<&'static str> {
    if id.is_empty() {
        Some("must not be empty")
    } else if id.len() > ID_BYTES {
        Some("is longer than 255 bytes")
    } else if id.chars().any(char::is_control) {
        Some("must not have control characters")
    } else if id == "." || id == ".." {
        Some("must not be \".\" or \"..\"")
    } else {
        None
    }
}

/// Checks an id; `field` names it in the error.
///
/// # Errors
/// `invalid_argument` with the field's name.
pub fn check_id(field: &str, id: &str) -> Result<(), ErrorBody> {
    id_problem(id).map_or(Ok(()), |problem| Err(ErrorBody::invalid(field, problem)))
}

pub(crate) fn at_most(field: &str, count: usize, limit: usize, unit: &str) -> Result<(), ErrorBody> {
    if count <= limit {
        return Ok(());
    }
    let text =
        ["has ", &count.to_string(), " ", unit, ", and may have ", &limit.to_string(), " at most"].concat();
    Err(ErrorBody::invalid(field, &text))
}

/// Checks a text that must say something: not blank, at most `limit` characters.
///
/// # Errors
/// `invalid_argument` with the field's name.
pub fn check_text(field: &str, text: &str, limit: usize) -> Result<(), ErrorBody> {
    if text.trim().is_empty() {
        return Err(ErrorBody::invalid(field, "must not be empty"));
    }
    at_most(field, text.chars().count(), limit, "characters")
}

/// Checks a photo's URL: absolute, `https:`, `http:` or a `data:image/…`.
///
/// # Errors
/// `invalid_argument` with the field's name.
pub fn check_photo_url(field: &str, url: &str) -> Result<(), ErrorBody> {
    at_most(field, url.len(), URL_BYTES, "bytes")?;
    let scheme_end = url.find(':').unwrap_or(0);
    let (scheme, rest) = url.split_at(scheme_end);
    let absolute = (scheme.eq_ignore_ascii_case("https") || scheme.eq_ignore_ascii_case("http"))
        && rest.starts_with("://")
        && rest.len() > 3;
    let image = scheme.eq_ignore_ascii_case("data") && rest.starts_with(":image/");
    if (absolute || image) && !url.chars().any(|c| c.is_control() || c.is_whitespace()) {
        return Ok(());
    }
    Err(ErrorBody::invalid(
        field,
        "must be an absolute URL that starts with https://, http:// or data:image/",
    ))
}

/// Checks a locale: the form of a BCP 47 language tag, such as `en`, `pt-BR` or `zh-Hant-TW`.
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
    let alone = language.len() == 1 && !locale.contains('-');
    let well_formed = language_ok
        && !alone
        && language.bytes().all(|b| b.is_ascii_alphabetic())
        && subtags.all(|tag| (1..=8).contains(&tag.len()) && tag.bytes().all(|b| b.is_ascii_alphanumeric()));
    if well_formed {
        return Ok(());
    }
    Err(ErrorBody::invalid(field, "must be a BCP 47 language tag such as \"en\" or \"pt-BR\""))
}

/// Checks the name of a role.
///
/// # Errors
/// `invalid_argument` with the field's name.
pub fn check_role(field: &str, role: &str) -> Result<(), ErrorBody> {
    check_text(field, role, ROLE_CHARS)
}

/// Checks e-mail addresses: `local@domain`, no spaces, of the common form rather than all that RFC 5321 allows.
///
/// # Errors
/// `invalid_argument` with the field and the place in the list.
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

/// Checks phone numbers: digits with an optional leading `+`, and spaces, dots, dashes and brackets between.
///
/// # Errors
/// `invalid_argument` with the field and the place in the list.
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
    values.iter().enumerate().try_for_each(|(index, value)| check(&nth(field, index), value))
}

fn must(holds: bool, field: &str, problem: &str) -> Result<(), ErrorBody> {
    if holds { Ok(()) } else { Err(ErrorBody::invalid(field, problem)) }
}

/// The path of an entry of a list: `email[1]`.
fn nth(field: &str, index: usize) -> String {
    [field, "[", &index.to_string(), "]"].concat()
}

/// The path of an entry of a map: `custom.color`, cut short where the key is very long.
#[must_use]
pub fn path_to(field: &str, key: &str) -> String {
    shortened(&[field, ".", key].concat())
}

/// A path fit for an error: keys are the caller's, and may be as long as a frame.
#[must_use]
pub(crate) fn shortened(path: &str) -> String {
    const CHARS: usize = 160;
    match path.char_indices().nth(CHARS) {
        Some((end, _)) => [path.get(..end).unwrap_or_default(), "…"].concat(),
        None => path.to_owned(),
    }
}

/// Checks the size of a token. (Whether it is genuine is the server's to say.)
///
/// # Errors
/// `invalid_argument` with the field's name.
pub fn check_token(field: &str, token: &str) -> Result<(), ErrorBody> {
    at_most(field, token.len(), TOKEN_BYTES, "bytes")
}

/// Checks the name an SDK gives itself, which goes into logs.
///
/// # Errors
/// `invalid_argument` with the field's name.
pub fn check_sdk(field: &str, sdk: &str) -> Result<(), ErrorBody> {
    at_most(field, sdk.chars().count(), SDK_CHARS, "characters")?;
    must(!sdk.chars().any(char::is_control), field, "must not have control characters")
}

/// Checks the keys, the count and the whole size of custom data. In a patch, a value of `None` deletes its key.
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
            return Err(ErrorBody::invalid(path, "a key must not be empty"));
        }
        at_most(&path, key.chars().count(), CUSTOM_KEY_CHARS, "characters in its key")?;
        keys += 1;
        bytes += key.len() + value.map_or(0, str::len);
    }
    at_most(field, keys, CUSTOM_KEYS, "keys")?;
    at_most(field, bytes, CUSTOM_BYTES, "bytes")
}

/// Checks the keys of push tokens: `provider:token_id`, with the provider `fcm` or `apns`.
///
/// # Errors
/// `invalid_argument` with the field and the key.
pub fn check_push_tokens<T>(field: &str, tokens: &BTreeMap<String, T>) -> Result<(), ErrorBody> {
    check_push_token_count(field, tokens.len())?;
    tokens.keys().try_for_each(|key| check_push_token(field, key))
}

/// Checks how many push tokens there are.
///
/// # Errors
/// `invalid_argument` with the field's name.
pub fn check_push_token_count(field: &str, count: usize) -> Result<(), ErrorBody> {
    at_most(field, count, PUSH_TOKENS, "keys")
}

/// Checks one key of push tokens.
///
/// # Errors
/// `invalid_argument` with the field and the key.
pub fn check_push_token(field: &str, key: &str) -> Result<(), ErrorBody> {
    let path = path_to(field, key);
    let (provider, token) = key.split_once(':').unwrap_or((key, ""));
    let known = provider == "fcm" || provider == "apns";
    must(known, &path, "must be \"provider:token_id\" with the provider \"fcm\" or \"apns\"")?;
    must(!token.trim().is_empty(), &path, "has no token id after the provider")?;
    at_most(&path, key.len(), PUSH_TOKEN_BYTES, "bytes")
}

/// Checks a text of a user's profile by the name of its field: `name`, `locale`, `photoUrl`, `role`,
/// `welcomeMessage`.
///
/// # Errors
/// `invalid_argument` with the field's name.
pub fn check_profile_text(field: &str, text: &str) -> Result<(), ErrorBody> {
    match field {
        "locale" => check_locale(field, text),
        "photoUrl" => check_photo_url(field, text),
        "role" => check_role(field, text),
        "welcomeMessage" => check_text(field, text, WELCOME_CHARS),
        _ => check_text(field, text, NAME_CHARS),
    }
}

/// Checks the welcome messages of a conversation.
///
/// # Errors
/// `invalid_argument` with the field and the place in the list.
pub fn check_welcome_messages(field: &str, messages: &[String]) -> Result<(), ErrorBody> {
    at_most(field, messages.len(), WELCOME_MESSAGES, "entries")?;
    for (index, message) in messages.iter().enumerate() {
        check_text(&nth(field, index), message, WELCOME_CHARS)?;
    }
    Ok(())
}

/// Checks a count against its least and its most.
///
/// # Errors
/// `invalid_argument` with the field's name.
pub fn check_count(field: &str, count: u32, (least, most): (u32, u32)) -> Result<(), ErrorBody> {
    if (least..=most).contains(&count) {
        return Ok(());
    }
    let text = ["must be from ", &least.to_string(), " to ", &most.to_string()].concat();
    Err(ErrorBody::invalid(field, &text))
}

/// Checks the size of a reaction's emoji. (Whether it is one is the server's to say.)
///
/// # Errors
/// `invalid_argument` with the field's name.
pub fn check_emoji(field: &str, emoji: &str) -> Result<(), ErrorBody> {
    check_text(field, emoji, EMOJI_CHARS)
}

/// Checks a text of a conversation by the name of its field: `subject`, `photoUrl`.
///
/// # Errors
/// `invalid_argument` with the field's name.
pub fn check_conversation_text(field: &str, text: &str) -> Result<(), ErrorBody> {
    match field {
        "photoUrl" => check_photo_url(field, text),
        _ => check_text(field, text, SUBJECT_CHARS),
    }
}
