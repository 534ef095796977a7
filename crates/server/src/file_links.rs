//! The tokens and the URLs of files, which the server signs.
//!
//! A token stands for a file in one app: `{id}.{signature}`. The signature covers the app, the id and the
//! uploader, so a token cannot be made up, guessed, or used in another app.
//!
//! A URL carries the time until which it can be used, and a signature over the app, the id and this time.
//! Time is divided into periods, and a URL lasts until the end of the period after the one in which it is
//! made. So a file has the same URL for a whole period, and a snapshot's URL can be used for at least one
//! period.

use std::fmt;

use hmac::{Hmac, KeyInit as _, Mac as _};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use sha2::Sha256;

/// The characters of a file's name that need no encoding in a URL.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');
/// The bytes of a signature that are used.
const SIGNATURE_BYTES: usize = 16;
/// The number of characters of an id.
const ID_CHARS: usize = 32;

/// Signs and checks tokens and URLs.
#[derive(Clone)]
pub struct FileLinks {
    key: Hmac<Sha256>,
    /// The origin of the URLs, such as `https://chat.example.com`.
    origin: String,
    period_ms: i64,
}

impl fmt::Debug for FileLinks {
    /// Omits the key.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FileLinks").field("origin", &self.origin).finish_non_exhaustive()
    }
}

/// What rules need to know about the storage of files.
#[derive(Clone, Debug)]
pub struct FilePolicy {
    /// The tokens and the URLs.
    pub links: FileLinks,
    /// The largest file, in bytes.
    pub max_bytes: u64,
    /// The most unused files of a user.
    pub unused_files: u64,
    /// The most bytes of the unused files of a user.
    pub unused_bytes: u64,
}

/// Why a URL does not open a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkProblem {
    /// It was not made by this server for this file.
    Forged,
    /// Its time has passed.
    Expired,
}

impl FileLinks {
    /// Makes links with a secret, to an origin. Returns `None` if the secret cannot be a key.
    #[must_use]
    pub fn new(secret: &str, origin: &str, period_ms: i64) -> Option<Self> {
        let key = Hmac::new_from_slice(secret.as_bytes()).ok()?;
        Some(FileLinks { key, origin: origin.trim_end_matches('/').to_owned(), period_ms: period_ms.max(1) })
    }

    /// Returns the token of a file.
    #[must_use]
    pub fn token(&self, app: &str, id: &str, uploader: &str) -> String {
        let signature = self.sign(&["token", app, id, uploader]).finalize().into_bytes();
        format!("{id}.{}", hex(signature.iter().take(SIGNATURE_BYTES)))
    }

    /// Returns the id of the file that a token claims to stand for. [`FileLinks::is_token`] checks the claim.
    #[must_use]
    pub fn id_in(token: &str) -> Option<&str> {
        let (id, _) = token.split_once('.')?;
        (id.len() == ID_CHARS && id.bytes().all(|b| b.is_ascii_hexdigit())).then_some(id)
    }

    /// Whether a token is that of a file in an app. Takes the same time for every signature.
    #[must_use]
    pub fn is_token(&self, token: &str, app: &str, id: &str, uploader: &str) -> bool {
        let signature = token.strip_prefix(id).and_then(|rest| rest.strip_prefix('.'));
        signature.is_some_and(|signature| self.is_signed(&["token", app, id, uploader], signature))
    }

    /// Returns the URL of a file.
    #[must_use]
    pub fn url(&self, app: &str, id: &str, name: &str, now: i64) -> String {
        let expires = now.div_euclid(self.period_ms).saturating_add(2).saturating_mul(self.period_ms);
        let signature = self.sign(&["url", app, id, &expires.to_string()]).finalize().into_bytes();
        let signature = hex(signature.iter().take(SIGNATURE_BYTES));
        let name = utf8_percent_encode(name, PLAIN);
        format!("{}/v1/{app}/files/{id}/{name}?expires={expires}&signature={signature}", self.origin)
    }

    /// Checks the query of a URL.
    ///
    /// # Errors
    /// [`LinkProblem`].
    pub fn check_url(
        &self,
        app: &str,
        id: &str,
        expires: &str,
        signature: &str,
        now: i64,
    ) -> Result<(), LinkProblem> {
        if !self.is_signed(&["url", app, id, expires], signature) {
            return Err(LinkProblem::Forged);
        }
        match expires.parse::<i64>() {
            Ok(expires) if now < expires => Ok(()),
            _ => Err(LinkProblem::Expired),
        }
    }

    /// The parts are separated by a byte that none of them contains.
    fn sign(&self, parts: &[&str]) -> Hmac<Sha256> {
        let mut mac = self.key.clone();
        for part in parts {
            mac.update(part.as_bytes());
            mac.update(&[0]);
        }
        mac
    }

    fn is_signed(&self, parts: &[&str], signature: &str) -> bool {
        match unhex(signature) {
            Some(bytes) if bytes.len() == SIGNATURE_BYTES => {
                self.sign(parts).verify_truncated_left(&bytes).is_ok()
            }
            _ => false,
        }
    }
}

/// Returns bytes in lower-case hexadecimal.
pub(crate) fn hex<'a>(bytes: impl Iterator<Item = &'a u8>) -> String {
    bytes.fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    if !text.len().is_multiple_of(2) || !text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')) {
        return None;
    }
    let pairs = (0..text.len()).step_by(2);
    pairs.map(|at| text.get(at..at + 2).and_then(|pair| u8::from_str_radix(pair, 16).ok())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "0123456789abcdef0123456789abcdef";
    const DAY: i64 = 86_400_000;

    fn links(secret: &str) -> FileLinks {
        FileLinks::new(secret, "https://chat.example.com/", 30 * DAY).unwrap()
    }

    #[test]
    fn a_token_stands_for_one_file_of_one_uploader_in_one_app() {
        let token = links("secret").token("shop", ID, "ada");
        assert_eq!(FileLinks::id_in(&token), Some(ID));
        assert!(links("secret").is_token(&token, "shop", ID, "ada"));
        let other_id = ID.replace('0', "1");
        for (secret, app, id, uploader) in [
            ("another", "shop", ID, "ada"),
            ("secret", "bank", ID, "ada"),
            ("secret", "shop", other_id.as_str(), "ada"),
            ("secret", "shop", ID, "bob"),
        ] {
            assert!(!links(secret).is_token(&token, app, id, uploader), "{secret} {app} {id} {uploader}");
        }
        for forged in [
            ID.to_owned(),
            format!("{ID}."),
            format!("{ID}.00"),
            token.to_uppercase(),
            format!("{token}00"),
            token[..token.len() - 2].to_owned(),
        ] {
            assert!(!links("secret").is_token(&forged, "shop", ID, "ada"), "{forged}");
        }
    }

    fn query(url: &str) -> (&str, &str) {
        let (_, query) = url.split_once("?expires=").unwrap();
        query.split_once("&signature=").unwrap()
    }

    #[test]
    fn a_url_is_the_same_for_a_period_and_lasts_for_one_more() {
        let links = links("secret");
        let start = 100 * 30 * DAY;
        let url = links.url("shop", ID, "A cat é.png", start);
        assert!(
            url.starts_with(&format!(
                "https://chat.example.com/v1/shop/files/{ID}/A%20cat%20%C3%A9.png?expires="
            )),
            "{url}"
        );
        assert_eq!(links.url("shop", ID, "A cat é.png", start + 30 * DAY - 1), url);
        assert_ne!(links.url("shop", ID, "A cat é.png", start + 30 * DAY), url);
        let (expires, signature) = query(&url);
        assert_eq!(links.check_url("shop", ID, expires, signature, start + 60 * DAY - 1), Ok(()));
        let late = links.check_url("shop", ID, expires, signature, start + 60 * DAY);
        assert_eq!(late, Err(LinkProblem::Expired));
        let longer = (start + 90 * DAY).to_string();
        for (app, id, expires) in [
            ("bank", ID, expires),
            ("shop", "ffffffffffffffffffffffffffffffff", expires),
            ("shop", ID, longer.as_str()),
        ] {
            assert_eq!(links.check_url(app, id, expires, signature, start), Err(LinkProblem::Forged));
        }
        assert_eq!(links.check_url("shop", ID, expires, "", start), Err(LinkProblem::Forged));
    }
}
