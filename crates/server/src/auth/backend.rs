//! The credentials of backends: a secret of the app, or a token with `tokenType` "app".

use axum::http::{HeaderMap, header};
use sha2::{Digest, Sha256};
use subtle::{Choice, ConstantTimeEq};

use super::error::AuthError;
use super::token::app_grant;
use crate::apps::App;

/// The token in the `Authorization` header, if the header's scheme is `Bearer`.
pub(crate) fn bearer_token(headers: &HeaderMap) -> Option<&str> {
    bearer(headers.get(header::AUTHORIZATION)?.to_str().ok()?)
}

fn bearer(value: &str) -> Option<&str> {
    let (scheme, token) = value.trim().split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// Checks the Bearer token of a call of the REST API.
///
/// # Errors
/// [`AuthError::CredentialsMissing`], [`AuthError::WrongSecret`], or the check of the token that fails.
pub fn authorize_backend(app: &App, bearer: Option<&str>, now_ms: i64) -> Result<(), AuthError> {
    let bearer = bearer.filter(|bearer| !bearer.is_empty()).ok_or(AuthError::CredentialsMissing)?;
    if is_secret(app, bearer) {
        return Ok(());
    }
    // A JSON Web Token has two dots. Everything else was meant to be the secret.
    if bearer.matches('.').count() == 2 {
        return app_grant(app, bearer, now_ms).map(|_| ());
    }
    Err(AuthError::WrongSecret)
}

/// Whether `bearer` is one of the app's secrets. It compares digests of equal length and always all of them,
/// so that the time reveals neither the length of a secret, nor how much of it was right, nor which of the
/// two it was.
fn is_secret(app: &App, bearer: &str) -> bool {
    let digest = Sha256::digest(bearer.as_bytes());
    let mut found = Choice::from(0);
    for secret in &app.secrets {
        found |= Sha256::digest(secret.as_bytes()).as_slice().ct_eq(digest.as_slice());
    }
    found.into()
}

#[cfg(test)]
mod tests {
    use super::bearer;

    #[test]
    fn only_the_scheme_bearer_is_read_in_any_case() {
        assert_eq!(bearer("Bearer abc"), Some("abc"));
        assert_eq!(bearer("bearer  abc "), Some("abc"));
        assert_eq!(bearer("Basic abc"), None);
        assert_eq!(bearer("abc"), None);
        assert_eq!(bearer("Bearer"), None);
    }
}
