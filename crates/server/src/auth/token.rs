//! JSON Web Tokens of this API family: HS256, `tokenType` "user" or "app", `iss` the app, `sub` the user, `exp` required.

use causerie_protocol::limits::TOKEN_BYTES;
use causerie_protocol::{ErrorBody, ErrorCode, UserId};
use jsonwebtoken::errors::{Error, ErrorKind};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};

use super::hs256;
use crate::apps::App;

/// How far the clocks of whoever signs tokens and of this server may differ, in milliseconds. A token is good
/// this much longer than it says, and this much earlier than its `nbf`.
pub const LEEWAY_MS: i64 = 5_000;

/// What a token is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Speaks for one user.
    User,
    /// Speaks for the app's backend.
    App,
}

/// What a good token gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// When it ends by its own word, Unix milliseconds. The leeway comes on top.
    pub expires_at: i64,
}

impl Grant {
    /// Milliseconds until the token says it expires.
    #[must_use]
    pub fn expires_in(&self, now_ms: i64) -> u64 {
        u64::try_from(self.expires_at.saturating_sub(now_ms)).unwrap_or(0)
    }

    /// Milliseconds until the server stops to honour it.
    #[must_use]
    pub fn honoured_for(&self, now_ms: i64) -> u64 {
        u64::try_from(self.expires_at.saturating_add(LEEWAY_MS).saturating_sub(now_ms)).unwrap_or(0)
    }
}

/// The claims this server reads. `exp` and `nbf` may have fractions.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Claims {
    token_type: Kind,
    iss: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sub: Option<String>,
    exp: f64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    nbf: Option<f64>,
}

/// Signs a token as a backend does. The server itself has no use for it; its tests and tools have.
///
/// # Errors
/// What the signing says, where the secret cannot be used.
pub fn issue(
    app: &str,
    secret: &str,
    kind: Kind,
    user: Option<&UserId>,
    expires_at: i64,
) -> Result<String, Error> {
    hs256::install();
    let claims = Claims {
        token_type: kind,
        iss: app.to_owned(),
        sub: user.map(|user| user.as_str().to_owned()),
        exp: seconds(expires_at),
        nbf: None,
    };
    jsonwebtoken::encode(
        &Header::new(Algorithm::HS256),
        &claims,
        &EncodingKey::from_secret(secret.as_bytes()),
    )
}

/// Judges a user's token.
///
/// # Errors
/// `not_authenticated` or `token_expired`, with what is wrong.
pub fn user_grant(app: &App, user: &UserId, token: &str, now_ms: i64) -> Result<Grant, ErrorBody> {
    let claims = verified(app, token)?;
    if claims.token_type != Kind::User {
        return Err(refused("has the tokenType \"app\", and a client needs one of tokenType \"user\""));
    }
    match claims.sub {
        Some(sub) if sub == user.as_str() => {}
        Some(_) => return Err(refused("is of another user: its `sub` must be the session's userId")),
        None => return Err(refused("names no user: it needs the claim `sub`, the session's userId")),
    }
    in_time(claims.exp, claims.nbf, now_ms)
}

/// Judges a backend's token.
///
/// # Errors
/// `not_authenticated` or `token_expired`, with what is wrong.
pub(super) fn app_grant(app: &App, token: &str, now_ms: i64) -> Result<Grant, ErrorBody> {
    let claims = verified(app, token)?;
    if claims.token_type != Kind::App {
        return Err(refused("has the tokenType \"user\", and the REST API needs one of tokenType \"app\""));
    }
    in_time(claims.exp, claims.nbf, now_ms)
}

/// The claims of a token that one of the app's live secrets has signed, for this app.
fn verified(app: &App, token: &str) -> Result<Claims, ErrorBody> {
    if token.len() > TOKEN_BYTES {
        return Err(refused("is longer than 8192 bytes"));
    }
    hs256::install();
    let mut validation = Validation::new(Algorithm::HS256);
    validation.set_required_spec_claims(&["exp", "iss"]);
    // Times are judged by this server's own clock, below.
    validation.validate_exp = false;
    let mut wrong = ErrorKind::InvalidSignature;
    for secret in &app.secrets {
        let key = DecodingKey::from_secret(secret.as_bytes());
        match jsonwebtoken::decode::<Claims>(token, &key, &validation) {
            Ok(data) if data.claims.iss == app.id => return Ok(data.claims),
            Ok(_) => return Err(refused("is of another app: its `iss` must be the appId")),
            Err(error) => {
                if !matches!(error.kind(), ErrorKind::InvalidSignature) {
                    wrong = error.into_kind();
                }
            }
        }
    }
    Err(refused(problem(&wrong)))
}

fn in_time(exp: f64, nbf: Option<f64>, now_ms: i64) -> Result<Grant, ErrorBody> {
    let grant = Grant { expires_at: milliseconds(exp) };
    if grant.honoured_for(now_ms) == 0 {
        return Err(ErrorBody::new(
            ErrorCode::TokenExpired,
            "token: its time is over (`exp`); get a new one from your backend and pass it to setToken",
        ));
    }
    match nbf {
        Some(nbf) if milliseconds(nbf) > now_ms.saturating_add(LEEWAY_MS) => {
            Err(refused("is not valid yet (`nbf`); are the clocks of backend and server apart?"))
        }
        _ => Ok(grant),
    }
}

/// The error for a client that has none.
#[must_use]
pub(crate) fn missing() -> ErrorBody {
    refused(
        "is missing: this app asks for one, signed by your backend (HS256, tokenType \"user\", iss, sub, exp)",
    )
}

fn refused(problem: &str) -> ErrorBody {
    ErrorBody::new(ErrorCode::NotAuthenticated, ["token: ", problem].concat())
}

fn problem(kind: &ErrorKind) -> &'static str {
    match kind {
        ErrorKind::InvalidSignature => "is not signed with a secret of this app",
        ErrorKind::InvalidAlgorithm | ErrorKind::InvalidAlgorithmName | ErrorKind::UnsupportedAlgorithm => {
            "must be signed with HS256"
        }
        ErrorKind::MissingRequiredClaim(_) | ErrorKind::InvalidClaimFormat(_) => {
            "needs the claims `iss` (a string) and `exp` (a number, seconds)"
        }
        ErrorKind::InvalidAudience => "names an audience (`aud`), and so is meant for another service",
        ErrorKind::Json(_) => {
            "needs the claims tokenType (\"user\" or \"app\"), `iss`, `sub` (strings) and `exp` (a number, seconds)"
        }
        _ => "is not a JSON Web Token",
    }
}

/// Seconds of a NumericDate to milliseconds; what no clock will ever show is cut to the ends of the scale.
#[expect(
    clippy::cast_possible_truncation,
    reason = "`as` saturates, which is what is wanted of a silly date"
)]
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
            origins: Origins::default(),
            loopback_only: false,
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

    fn good_claims() -> Value {
        json!({ "tokenType": "user", "iss": "shop", "sub": "ada", "exp": NOW / 1000 + 60 })
    }

    fn judged(claims: &Value) -> Result<Grant, ErrorBody> {
        user_grant(&app(), &ada(), &signed("the-newer-secret", claims), NOW)
    }

    #[test]
    fn a_token_signed_here_is_good_here_with_either_live_secret() {
        for secret in ["the-newer-secret", "the-older-secret"] {
            let token = issue("shop", secret, Kind::User, Some(&ada()), NOW + 60_000).unwrap();
            let grant = user_grant(&app(), &ada(), &token, NOW).unwrap();
            assert_eq!(grant.expires_in(NOW), 60_000);
        }
    }

    /// The example token of RFC 7515, appendix A.1: signed elsewhere, so it shows that this is the HS256 of others too.
    #[test]
    fn a_signature_made_elsewhere_is_understood() {
        hs256::install();
        let message = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.\
                       eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
        let secret = "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow";
        let key = DecodingKey::from_base64_secret(&standard_base64(secret)).unwrap();
        let good = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
        assert!(jsonwebtoken::crypto::verify(good, message.as_bytes(), &key, Algorithm::HS256).unwrap());
        let bad = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXg";
        assert!(!jsonwebtoken::crypto::verify(bad, message.as_bytes(), &key, Algorithm::HS256).unwrap());
    }

    fn standard_base64(url_safe: &str) -> String {
        let mut text = url_safe.replace('-', "+").replace('_', "/");
        while !text.len().is_multiple_of(4) {
            text.push('=');
        }
        text
    }

    #[test]
    fn a_token_is_honoured_until_five_seconds_after_its_end_and_no_longer() {
        let token = issue("shop", "the-newer-secret", Kind::User, Some(&ada()), NOW).unwrap();
        assert!(user_grant(&app(), &ada(), &token, NOW + LEEWAY_MS - 1).is_ok());
        let late = user_grant(&app(), &ada(), &token, NOW + LEEWAY_MS).unwrap_err();
        assert_eq!(late.code, ErrorCode::TokenExpired);
    }

    #[test]
    fn what_is_wrong_with_the_claims_is_said() {
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
            (|c| c["exp"] = json!(1), ErrorCode::TokenExpired, "its time is over"),
            (|c| c["tokenType"] = json!("app"), ErrorCode::NotAuthenticated, "tokenType"),
            (|c| c["aud"] = json!("others"), ErrorCode::NotAuthenticated, "audience"),
            (|c| c["nbf"] = json!(NOW / 1000 + 6), ErrorCode::NotAuthenticated, "not valid yet"),
        ];
        assert!(judged(&good_claims()).is_ok());
        for (change, code, says) in cases {
            let mut claims = good_claims();
            change(&mut claims);
            let error = judged(&claims).expect_err(&format!("{claims}"));
            assert_eq!(error.code, code, "{claims}");
            assert!(error.message.contains(says), "{claims}: {}", error.message);
        }
    }

    #[test]
    fn fractions_of_a_second_count() {
        let mut claims = good_claims();
        claims["exp"] = json!(1_800_000_000.25);
        assert_eq!(judged(&claims).unwrap().expires_in(NOW), 250);
    }

    #[test]
    fn a_wrong_signature_hides_what_the_claims_say() {
        let token = signed("a-stranger's-secret", &json!({ "tokenType": "user", "iss": "bank", "exp": 1 }));
        let error = user_grant(&app(), &ada(), &token, NOW).unwrap_err();
        assert_eq!(error.message, "token: is not signed with a secret of this app");
    }

    #[test]
    fn no_other_algorithm_is_accepted_and_nothing_panics() {
        // {"alg":"none"} and {"alg":"RS256"}, with a body that would be good.
        let body = good_claims().to_string();
        let good = signed("the-newer-secret", &good_claims());
        let payload = good.split('.').nth(1).unwrap();
        for header in ["eyJhbGciOiJub25lIn0", "eyJhbGciOiJSUzI1NiJ9", "eyJhbGciOiJIUzM4NCJ9"] {
            for signature in ["", "AAAA"] {
                let token = format!("{header}.{payload}.{signature}");
                let error = user_grant(&app(), &ada(), &token, NOW).unwrap_err();
                assert_eq!(error.code, ErrorCode::NotAuthenticated, "{token}");
            }
        }
        for junk in ["", ".", "..", "a.b.c", &body, "é.é.é", &"x".repeat(9_000)] {
            assert!(user_grant(&app(), &ada(), junk, NOW).is_err());
        }
    }
}
