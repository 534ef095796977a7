//! The URLs that a link may lead to, and whether the text of an automatic link states its URL.
//!
//! A link with free text can state one address and lead to another. A user may therefore send automatic links
//! only, and their text must match the URL: a mail address the same mailbox, a phone number the same digits,
//! a web address the same host or a parent domain of it. Any other part that the text names must be equal to
//! that of the URL.

use causerie_protocol::limits::{PHONE_DIGITS, URL_BYTES};
use url::{Host, Url};

/// Parses the URL of a link as a browser would. The scheme must be `http:`, `https:`, `mailto:` or `tel:`.
///
/// # Errors
/// The rule that the URL breaks, as text that follows the field's name.
pub(crate) fn parse(url: &str) -> Result<Url, String> {
    if url.len() > URL_BYTES {
        return Err(format!("must have at most {URL_BYTES} bytes (got {})", url.len()));
    }
    // A browser would drop these characters, or read a backslash as a slash: the URL would differ from the
    // one shown.
    if url.chars().any(|c| c.is_control() || c.is_whitespace() || c == '\\') {
        return Err("must not contain spaces, control characters or backslashes".to_owned());
    }
    let parsed = Url::parse(url)
        .ok()
        .filter(|parsed| matches!(parsed.scheme(), "http" | "https" | "mailto" | "tel"))
        .ok_or("must be an absolute URL that starts with https:, http:, mailto: or tel:")?;
    let complete = match parsed.scheme() {
        // A browser silently repairs "https:example.com"; such a URL is rejected instead.
        "http" | "https" => after_scheme(url).is_some(),
        "mailto" => parsed.path().contains('@'),
        // A semicolon starts parameters, such as an extension.
        _ => parsed.path().split(';').next().and_then(phone_digits).is_some(),
    };
    if complete { Ok(parsed) } else { Err("must be a complete address".to_owned()) }
}

/// Whether the text of an automatic link states its URL.
pub(crate) fn matches_text(url: &Url, text: &str) -> bool {
    if text.chars().any(|c| c.is_control() || c == '\\') {
        return false;
    }
    let bare = url.query().is_none() && url.fragment().is_none();
    match url.scheme() {
        "mailto" => {
            bare && mailbox(text).is_some_and(|mailbox| mailbox.path().eq_ignore_ascii_case(url.path()))
        }
        "tel" => {
            bare && phone_digits(text)
                .is_some_and(|stated| phone_digits(url.path()).is_some_and(|actual| actual == stated))
        }
        _ => web_matches(url, text),
    }
}

/// Returns the `mailto:` URL of a mail address.
fn mailbox(text: &str) -> Option<Url> {
    let is_single = text.matches('@').count() == 1 && !text.contains([',', ';', '?', '#', '%', ' ', ':']);
    if is_single { Url::parse(&["mailto:", text].concat()).ok() } else { None }
}

/// Returns the digits of a phone number, with its leading `+`, without separators. (The `(0)` of an area code
/// after a country code is not dialled.)
pub(crate) fn phone_digits(text: &str) -> Option<String> {
    let text = text.trim();
    let (plus, rest) = match text.strip_prefix('+') {
        Some(rest) => ("+", rest.replacen("(0)", "", 1)),
        None => ("", text.to_owned()),
    };
    if !rest.chars().all(|c| c.is_ascii_digit() || matches!(c, ' ' | '\u{a0}' | '-' | '.' | '(' | ')' | '/'))
    {
        return None;
    }
    let digits: String = rest.chars().filter(char::is_ascii_digit).collect();
    (digits.len() >= PHONE_DIGITS).then(|| [plus, &digits].concat())
}

/// Returns the part after `http://` or `https://`, in upper or lower case.
fn after_scheme(text: &str) -> Option<&str> {
    let (scheme, rest) = text.split_once("://")?;
    let is_web = scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https");
    is_web.then_some(rest)
}

fn web_matches(url: &Url, text: &str) -> bool {
    if text.chars().any(char::is_whitespace) {
        return false;
    }
    // A text without a scheme has the scheme of the URL.
    let (rest, stated) = match after_scheme(text) {
        Some(rest) => (rest, Url::parse(text)),
        None => (text, Url::parse(&[url.scheme(), "://", text].concat())),
    };
    let Ok(stated) = stated else { return false };
    // Parts that the text does not name may have any value.
    let has_path =
        rest.find(['/', '?', '#']).is_some_and(|at| rest.get(at..).is_some_and(|rest| rest.starts_with('/')));
    stated.scheme() == url.scheme()
        && host_matches(stated.host(), url.host())
        && (stated.port().is_none() || stated.port() == url.port())
        && stated.username() == url.username()
        && stated.password() == url.password()
        && (!has_path || stated.path() == url.path())
        && (stated.query().is_none() || stated.query() == url.query())
        && (stated.fragment().is_none() || stated.fragment() == url.fragment())
}

/// Whether the actual host is the stated one or a subdomain of it.
fn host_matches(stated: Option<Host<&str>>, actual: Option<Host<&str>>) -> bool {
    match (stated, actual) {
        (Some(Host::Domain(stated)), Some(Host::Domain(actual))) => {
            stated == actual
                // A single label such as "com" would match too many hosts.
                || (stated.contains('.')
                    && actual.strip_suffix(stated).is_some_and(|subdomain| subdomain.ends_with('.')))
        }
        (stated, actual) => stated.is_some() && stated == actual,
    }
}
