//! JSON Web Tokens: signed with HS256, with the claims `tokenType` ("user" or "app"), `iss` (the app), `sub`
//! (the user) and `exp`.

use causerie_protocol::UserId;
use causerie_protocol::limits::TOKEN_BYTES;
use jsonwebtoken::errors::{Error, ErrorKind};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};

use super::error::AuthError;
use super::hs256;
use crate::apps::App;
use crate::clock::{Clock as _, SystemClock};

/// How far the clocks of a backend and of this server may differ, in milliseconds. A token is accepted this
/// much after its `exp`, and this much before its `nbf`.
pub const LEEWAY_MS: i64 = 5_000;

/// The caller that a token stands for, as its claim `tokenType` names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TokenType {
    /// One user, in a client.
    User,
    /// The app's backend.
    App,
}

/// The result of verifying a token: how long it is valid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// The token's `exp`, in Unix milliseconds, without the leeway.
    pub expires_at: i64,
    /// The token's `iat`, in Unix milliseconds.
    pub issued_at: Option<i64>,
}

impl Grant {
    /// Milliseconds until the token's `exp`, or 0 if it has passed.
    #[must_use]
    pub fn expires_in(&self, now_ms: i64) -> u64 {
        u64::try_from(self.expires_at.saturating_sub(now_ms)).unwrap_or(0)
    }

    /// Milliseconds until the server no longer accepts the token: [`Grant::expires_in`] and the leeway.
    #[must_use]
    pub fn accepted_for(&self, now_ms: i64) -> u64 {
        u64::try_from(self.expires_at.saturating_add(LEEWAY_MS).saturating_sub(now_ms)).unwrap_or(0)
    }
}

/// The claims that this server reads. `exp` and `nbf` may have fractions.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Claims {
    token_type: TokenType,
    iss: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sub: Option<String>,
    exp: f64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    nbf: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    iat: Option<f64>,
}

/// Signs a token like a backend. Tests and tools use it; the server itself signs none.
///
/// # Errors
/// The signature library's error if the secret cannot be used as a key.
pub fn issue(
    app: &str,
    secret: &str,
    token_type: TokenType,
    user: Option<&UserId>,
    expires_at: i64,
) -> Result<String, Error> {
    hs256::install();
    let claims = Claims {
        token_type,
        iss: app.to_owned(),
        sub: user.map(|user| user.as_str().to_owned()),
        exp: seconds(expires_at),
        nbf: None,
        iat: Some(seconds(SystemClock.now_ms()).floor()),
    };
    let key = EncodingKey::from_secret(secret.as_bytes());
    jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &key)
}

/// Verifies a token of a user.
///
/// # Errors
/// The first check that fails: signature, app, type, user, time.
pub fn user_grant(app: &App, user: &UserId, token: &str, now_ms: i64) -> Result<Grant, AuthError> {
    let claims = verified_claims(app, token)?;
    if claims.token_type != TokenType::User {
        return Err(AuthError::AppTokenFromClient);
    }
    match &claims.sub {
        Some(sub) if sub == user.as_str() => {}
        Some(_) => return Err(AuthError::TokenOfOtherUser),
        None => return Err(AuthError::TokenWithoutUser),
    }
    check_time(&claims, now_ms)
}

/// Verifies a token of a backend.
///
/// # Errors
/// The first check that fails: signature, app, type, time.
pub(super) fn app_grant(app: &App, token: &str, now_ms: i64) -> Result<Grant, AuthError> {
    let claims = verified_claims(app, token)?;
    if claims.token_type != TokenType::App {
        return Err(AuthError::UserTokenFromBackend);
    }
    check_time(&claims, now_ms)
}

/// The claims of a token that is signed with one of the app's secrets, for this app.
fn verified_claims(app: &App, token: &str) -> Result<Claims, AuthError> {
    if token.len() > TOKEN_BYTES {
        return Err(AuthError::TokenTooLong(token.len()));
    }
    hs256::install();
    let mut validation = Validation::new(Algorithm::HS256);
    validation.set_required_spec_claims(&["exp", "iss"]);
    // `check_time` compares times with this server's clock.
    validation.validate_exp = false;
    let mut invalid = Error::from(ErrorKind::InvalidSignature);
    for secret in &app.secrets {
        let key = DecodingKey::from_secret(secret.as_bytes());
        match jsonwebtoken::decode::<Claims>(token, &key, &validation) {
            Ok(data) if data.header.crit.is_some() => return Err(AuthError::CriticalHeader),
            Ok(data) if data.claims.iss == app.id => return Ok(data.claims),
            Ok(_) => return Err(AuthError::TokenOfOtherApp),
            Err(error) => {
                // With two secrets, any other problem is more helpful than the wrong signature of the other
                // secret.
                if !matches!(error.kind(), ErrorKind::InvalidSignature) {
                    invalid = error;
                }
            }
        }
    }
    Err(AuthError::InvalidToken(invalid))
}

fn check_time(claims: &Claims, now_ms: i64) -> Result<Grant, AuthError> {
    let grant = Grant { expires_at: milliseconds(claims.exp), issued_at: claims.iat.map(milliseconds) };
    if grant.accepted_for(now_ms) == 0 {
        return Err(AuthError::TokenExpired);
    }
    match claims.nbf {
        Some(nbf) if milliseconds(nbf) > now_ms.saturating_add(LEEWAY_MS) => Err(AuthError::TokenNotYetValid),
        _ => Ok(grant),
    }
}

/// Converts the seconds of a NumericDate to milliseconds. Times outside the range are cut to its ends.
#[expect(clippy::cast_possible_truncation, reason = "`as` saturates, which is right for times out of range")]
fn milliseconds(seconds: f64) -> i64 {
    (seconds * 1000.0) as i64
}

#[expect(
    clippy::cast_precision_loss,
    reason = "milliseconds since 1970 fit a double for the next 280,000 years"
)]
fn seconds(milliseconds: i64) -> f64 {
    milliseconds as f64 / 1000.0
}

#[cfg(test)]
mod tests {
    use causerie_protocol::{ErrorBody, ErrorCode};
    use serde_json::{Value, json};

    use super::*;
    use crate::apps::Origins;

    const NOW: i64 = 1_800_000_000_000;

    fn app() -> App {
        App {
            id: "shop".to_owned(),
            secrets: vec!["the-newer-secret".to_owned(), "the-older-secret".to_owned()],
            authentication: true,
            user_sync: true,
            conversation_sync: true,
            default_locale: "en".to_owned(),
            default_role: "default".to_owned(),
            roles: Default::default(),
            origins: Origins::default(),
            loopback_only: false,
            webhooks: Vec::new(),
            translator: None,
        }
    }

    fn ada() -> UserId {
        UserId::new("ada").unwrap()
    }

    fn signed(secret: &str, claims: &Value) -> String {
        hs256::install();
        let header = Header::new(Algorithm::HS256);
        jsonwebtoken::encode(&header, claims, &EncodingKey::from_secret(secret.as_bytes())).unwrap()
    }

    fn valid_claims() -> Value {
        json!({ "tokenType": "user", "iss": "shop", "sub": "ada", "exp": NOW / 1000 + 60 })
    }

    fn verify(claims: &Value) -> Result<Grant, ErrorBody> {
        verify_token(&signed("the-newer-secret", claims), NOW)
    }

    fn verify_token(token: &str, now_ms: i64) -> Result<Grant, ErrorBody> {
        user_grant(&app(), &ada(), token, now_ms).map_err(ErrorBody::from)
    }

    #[test]
    fn a_token_signed_with_either_secret_of_the_app_is_accepted() {
        for secret in ["the-newer-secret", "the-older-secret"] {
            let token = issue("shop", secret, TokenType::User, Some(&ada()), NOW + 60_000).unwrap();
            let grant = verify_token(&token, NOW).unwrap();
            assert_eq!(grant.expires_in(NOW), 60_000);
        }
    }

    /// The example token of RFC 7515, appendix A.1, shows that this HS256 is compatible with other
    /// implementations.
    #[test]
    fn the_signature_of_the_example_in_rfc_7515_is_verified() {
        hs256::install();
        let message = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.\
                       eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFt\
                       cGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
        let secret = "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow";
        let key = DecodingKey::from_base64_secret(&standard_base64(secret)).unwrap();
        let signature = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
        assert!(jsonwebtoken::crypto::verify(signature, message.as_bytes(), &key, Algorithm::HS256).unwrap());
        let other = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXg";
        assert!(!jsonwebtoken::crypto::verify(other, message.as_bytes(), &key, Algorithm::HS256).unwrap());
    }

    fn standard_base64(url_safe: &str) -> String {
        let mut text = url_safe.replace('-', "+").replace('_', "/");
        while !text.len().is_multiple_of(4) {
            text.push('=');
        }
        text
    }

    #[test]
    fn a_token_is_accepted_until_five_seconds_after_it_expires() {
        let token = issue("shop", "the-newer-secret", TokenType::User, Some(&ada()), NOW).unwrap();
        assert!(verify_token(&token, NOW + LEEWAY_MS - 1).is_ok());
        let late = verify_token(&token, NOW + LEEWAY_MS).unwrap_err();
        assert_eq!(late.code, ErrorCode::TokenExpired);
    }

    #[test]
    fn each_wrong_claim_has_its_error() {
        type Change = fn(&mut Value);
        let cases: [(Change, ErrorCode, &str); 11] = [
            (|c| c["iss"] = json!("bank"), ErrorCode::NotAuthenticated, "another app"),
            (|c| c["iss"] = json!(["shop"]), ErrorCode::NotAuthenticated, "needs the claims"),
            (|c| c["sub"] = json!("eve"), ErrorCode::NotAuthenticated, "another user"),
            (
                |c| drop(c.as_object_mut().unwrap().remove("sub")),
                ErrorCode::NotAuthenticated,
                "names no user",
            ),
            (|c| drop(c.as_object_mut().unwrap().remove("exp")), ErrorCode::NotAuthenticated, "`exp`"),
            (|c| c["exp"] = json!("tomorrow"), ErrorCode::NotAuthenticated, "`exp`"),
            (|c| c["exp"] = json!(null), ErrorCode::NotAuthenticated, "`exp`"),
            (|c| c["exp"] = json!(1), ErrorCode::TokenExpired, "has expired"),
            (|c| c["tokenType"] = json!("app"), ErrorCode::NotAuthenticated, "tokenType"),
            (|c| c["aud"] = json!("others"), ErrorCode::NotAuthenticated, "audience"),
            (|c| c["nbf"] = json!(NOW / 1000 + 6), ErrorCode::NotAuthenticated, "not valid yet"),
        ];
        assert!(verify(&valid_claims()).is_ok());
        for (change, code, expected) in cases {
            let mut claims = valid_claims();
            change(&mut claims);
            let error = verify(&claims).expect_err(&format!("{claims}"));
            assert_eq!(error.code, code, "{claims}");
            assert!(error.message.contains(expected), "{claims}: {}", error.message);
        }
    }

    #[test]
    fn a_token_with_critical_header_parameters_is_refused() {
        hs256::install();
        let mut header = Header::new(Algorithm::HS256);
        header.crit = Some(vec!["exp".to_owned()]);
        let key = EncodingKey::from_secret(b"the-newer-secret");
        let token = jsonwebtoken::encode(&header, &valid_claims(), &key).unwrap();
        let error = verify_token(&token, NOW).unwrap_err();
        assert_eq!(error.code, ErrorCode::NotAuthenticated);
        assert!(error.message.contains("crit"), "{}", error.message);
    }

    #[test]
    fn exp_may_have_a_fraction_of_a_second() {
        let mut claims = valid_claims();
        claims["exp"] = json!(1_800_000_000.25);
        assert_eq!(verify(&claims).unwrap().expires_in(NOW), 250);
    }

    #[test]
    fn a_wrong_signature_is_reported_before_wrong_claims() {
        let token = signed("a-stranger's-secret", &json!({ "tokenType": "user", "iss": "bank", "exp": 1 }));
        let error = user_grant(&app(), &ada(), &token, NOW).unwrap_err();
        assert!(std::error::Error::source(&error).is_some(), "the error of the signature library");
        assert_eq!(error.to_string(), "token: is not signed with a secret of this app");
    }

    #[test]
    fn other_algorithms_and_malformed_tokens_are_refused() {
        // {"alg":"none"}, {"alg":"RS256"} and {"alg":"HS384"}, with claims that would be accepted.
        let claims = valid_claims().to_string();
        let valid = signed("the-newer-secret", &valid_claims());
        let payload = valid.split('.').nth(1).unwrap();
        for header in ["eyJhbGciOiJub25lIn0", "eyJhbGciOiJSUzI1NiJ9", "eyJhbGciOiJIUzM4NCJ9"] {
            for signature in ["", "AAAA"] {
                let token = format!("{header}.{payload}.{signature}");
                let error = verify_token(&token, NOW).unwrap_err();
                assert_eq!(error.code, ErrorCode::NotAuthenticated, "{token}");
            }
        }
        for malformed in ["", ".", "..", "a.b.c", &claims, "é.é.é", &"x".repeat(9_000)] {
            assert!(verify_token(malformed, NOW).is_err());
        }
    }
}
