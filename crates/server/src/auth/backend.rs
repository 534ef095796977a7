//! Backends: the secret itself as the Bearer token, or a token of tokenType "app".

use causerie_protocol::{ErrorBody, ErrorCode};
use sha2::{Digest, Sha256};
use subtle::{Choice, ConstantTimeEq};

use super::token::app_grant;
use crate::apps::App;

/// The token in an `Authorization` header's value.
#[must_use]
pub fn bearer(header: &str) -> Option<&str> {
    let (scheme, token) = header.trim().split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// Judges what a backend shows.
///
/// # Errors
/// `not_authenticated` or `token_expired`, with what is wrong.
pub fn authorize_backend(app: &App, shown: Option<&str>, now_ms: i64) -> Result<(), ErrorBody> {
    let Some(shown) = shown.filter(|shown| !shown.is_empty()) else {
        return Err(ErrorBody::new(
            ErrorCode::NotAuthenticated,
            "the REST API needs the header `Authorization: Bearer <the app's secret, or an app token>`",
        ));
    };
    if is_secret(app, shown) {
        return Ok(());
    }
    // A JSON Web Token has two dots; anything else was meant to be the secret.
    if shown.matches('.').count() == 2 {
        return app_grant(app, shown, now_ms).map(|_| ());
    }
    Err(ErrorBody::new(ErrorCode::NotAuthenticated, "the Bearer token is not a secret of this app"))
}

/// Whether it is one of the app's secrets. Digests of one length are compared, and all of them always, so that the
/// time taken tells neither how long a secret is nor how much of it was right, nor which of the two it was.
fn is_secret(app: &App, shown: &str) -> bool {
    let shown = Sha256::digest(shown.as_bytes());
    let mut found = Choice::from(0);
    for secret in &app.secrets {
        found |= Sha256::digest(secret.as_bytes()).as_slice().ct_eq(shown.as_slice());
    }
    found.into()
}

#[cfg(test)]
mod tests {
    use super::bearer;

    #[test]
    fn the_scheme_is_bearer_in_any_case_and_no_other() {
        assert_eq!(bearer("Bearer abc"), Some("abc"));
        assert_eq!(bearer("bearer  abc "), Some("abc"));
        assert_eq!(bearer("Basic abc"), None);
        assert_eq!(bearer("abc"), None);
        assert_eq!(bearer("Bearer"), None);
    }
}
