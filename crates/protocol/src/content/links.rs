//! Addresses: where a link may lead, and whether an automatic link says where it leads.
//!
//! A link of somebody's own choice of words can be made to say one address and lead to another. So a user's links are
//! automatic ones, and those are held to their words: a mail address to the same mailbox, a phone number to the same
//! number, a web address to the same host or a subdomain of it, with whatever else the words name just so.

use url::{Host, Url};

use crate::limits::{PHONE_DIGITS, URL_BYTES};

/// Reads an address that a link may lead to: `http:`, `https:`, `mailto:` or `tel:`, once it is parsed as a browser
/// would.
///
/// # Errors
/// What is wrong with it.
pub(crate) fn parse(url: &str) -> Result<Url, &'static str> {
    if url.len() > URL_BYTES {
        return Err("is longer than a URL may be");
    }
    // A browser would take these out, or take a backslash for a slash: the address would not be what is read.
    if url.chars().any(|c| c.is_control() || c.is_whitespace() || c == '\\') {
        return Err("must not have spaces, control characters or backslashes");
    }
    let parsed = Url::parse(url)
        .ok()
        .filter(|parsed| matches!(parsed.scheme(), "http" | "https" | "mailto" | "tel"))
        .ok_or("must be an absolute URL that starts with https:, http:, mailto: or tel:")?;
    let complete = match parsed.scheme() {
        // What a browser would mend without a word ("https:example.com") must not be left to it.
        "http" | "https" => after_scheme(url).is_some(),
        "mailto" => parsed.path().contains('@'),
        // Behind a semicolon are parameters, such as an extension.
        _ => parsed.path().split(';').next().and_then(number).is_some(),
    };
    if complete { Ok(parsed) } else { Err("is not a complete address") }
}

/// Whether the words of an automatic link say where it leads.
pub(crate) fn agrees(text: &str, url: &Url) -> bool {
    if text.chars().any(|c| c.is_control() || c == '\\') {
        return false;
    }
    let bare = url.query().is_none() && url.fragment().is_none();
    match url.scheme() {
        "mailto" => {
            bare && mailbox(text).is_some_and(|mailbox| mailbox.path().eq_ignore_ascii_case(url.path()))
        }
        "tel" => {
            bare && number(text).is_some_and(|said| number(url.path()).is_some_and(|meant| meant == said))
        }
        _ => web_agrees(text, url),
    }
}

/// The `mailto:` address of a mail address.
fn mailbox(text: &str) -> Option<Url> {
    let one = text.matches('@').count() == 1 && !text.contains([',', ';', '?', '#', '%', ' ', ':']);
    if one { Url::parse(&["mailto:", text].concat()).ok() } else { None }
}

/// The digits of a phone number, with the `+` before them, without what people put between. (An area code's `(0)`
/// behind a country's code is not dialled.)
pub(crate) fn number(text: &str) -> Option<String> {
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

/// What follows `http://` or `https://`, in whatever case.
fn after_scheme(text: &str) -> Option<&str> {
    let (scheme, rest) = text.split_once("://")?;
    let known = scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https");
    known.then_some(rest)
}

fn web_agrees(text: &str, url: &Url) -> bool {
    if text.chars().any(char::is_whitespace) {
        return false;
    }
    // Without a scheme the words mean the one that the address has.
    let (rest, said) = match after_scheme(text) {
        Some(rest) => (rest, Url::parse(text)),
        None => (text, Url::parse(&[url.scheme(), "://", text].concat())),
    };
    let Ok(said) = said else { return false };
    // What the words do not name may be anything; what they do name must be so.
    let path =
        rest.find(['/', '?', '#']).is_some_and(|at| rest.get(at..).is_some_and(|rest| rest.starts_with('/')));
    said.scheme() == url.scheme()
        && host_agrees(said.host(), url.host())
        && (said.port().is_none() || said.port() == url.port())
        && said.username() == url.username()
        && said.password() == url.password()
        && (!path || said.path() == url.path())
        && (said.query().is_none() || said.query() == url.query())
        && (said.fragment().is_none() || said.fragment() == url.fragment())
}

/// Whether the host meant is the one said, or a subdomain of it.
fn host_agrees(said: Option<Host<&str>>, meant: Option<Host<&str>>) -> bool {
    match (said, meant) {
        (Some(Host::Domain(said)), Some(Host::Domain(meant))) => {
            said == meant
                // Everything is a subdomain of "com".
                || (said.contains('.')
                    && meant.strip_suffix(said).is_some_and(|subdomain| subdomain.ends_with('.')))
        }
        (said, meant) => said.is_some() && said == meant,
    }
}
