//! The signature of an event, by which a receiver recognises that it comes from this server.

use std::fmt::Write as _;

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

/// Returns the HMAC-SHA256 of the timestamp, a dot and the body, in upper-case hexadecimal digits.
pub(super) fn sign(secret: &str, timestamp: i64, body: &[u8]) -> Option<String> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).ok()?;
    mac.update(timestamp.to_string().as_bytes());
    mac.update(b".");
    mac.update(body);
    let digest = mac.finalize().into_bytes();
    let mut text = String::with_capacity(64);
    for byte in digest {
        write!(text, "{byte:02X}").ok()?;
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::sign;

    #[test]
    fn the_signature_is_the_one_that_openssl_computes() {
        // printf '1700000000000.{"a":1}' | openssl dgst -sha256 -hmac secret
        let expected = "4EF2732B0D632A6897AF3A6D02A6DE287F60D6C5F15DABDB0CEB045A34E3C5A7";
        assert_eq!(sign("secret", 1_700_000_000_000, br#"{"a":1}"#).unwrap(), expected);
    }
}
