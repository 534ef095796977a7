//! Why a caller is not authenticated.

use causerie_protocol::limits::TOKEN_BYTES;
use causerie_protocol::{ErrorBody, ErrorCode};
use jsonwebtoken::errors::{Error, ErrorKind};

/// Why the credentials of a client or of a backend are refused. The message is for the caller: it names the
/// check that failed and never contains the token.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AuthError {
    /// A client sent no token to an app with authentication.
    #[error(
        "token: is missing: this app asks for one, signed by your backend \
         (HS256, tokenType \"user\", iss, sub, exp)"
    )]
    TokenMissing,
    /// The token has more bytes than this server reads. The field is the token's length.
    #[error("token: must have at most {TOKEN_BYTES} bytes (got {0})")]
    TokenTooLong(usize),
    /// The token is malformed, has wrong claims, or is not signed with a secret of the app.
    #[error("token: {}", problem(.0.kind()))]
    InvalidToken(#[source] Error),
    /// The claim `iss` names another app.
    #[error("token: is of another app: its `iss` must be the appId")]
    TokenOfOtherApp,
    /// The claim `sub` names another user.
    #[error("token: is of another user: its `sub` must be the session's userId")]
    TokenOfOtherUser,
    /// The claim `sub` is missing.
    #[error("token: names no user: it needs the claim `sub`, the session's userId")]
    TokenWithoutUser,
    /// A client sent the token of a backend.
    #[error("token: has the tokenType \"app\", and a client needs one of tokenType \"user\"")]
    AppTokenFromClient,
    /// A call of the REST API has the token of a user.
    #[error("token: has the tokenType \"user\", and the REST API needs one of tokenType \"app\"")]
    UserTokenFromBackend,
    /// The header has the parameter `crit`: extensions that a server must support or refuse (RFC 7515,
    /// 4.1.11).
    #[error("token: has critical header parameters (`crit`), and this server supports none")]
    CriticalHeader,
    /// The backend has revoked the tokens of this user that are as old as this one.
    #[error(
        "token: was revoked; get a new one from your backend, with the claim `iat`, and pass it to setToken"
    )]
    TokenRevoked,
    /// The token's `nbf` is in the future.
    #[error("token: is not valid yet (`nbf`); are the clocks of backend and server apart?")]
    TokenNotYetValid,
    /// The token's `exp` has passed.
    #[error("token: has expired (`exp`); get a new one from your backend and pass it to setToken")]
    TokenExpired,
    /// A call of the REST API has no credentials.
    #[error("the REST API needs the header `Authorization: Bearer <the app's secret, or an app token>`")]
    CredentialsMissing,
    /// The credentials of a call of the REST API are neither a token nor a secret of the app.
    #[error("the Bearer token is not a secret of this app")]
    WrongSecret,
}

impl AuthError {
    /// The code of the error on the wire: `token_expired` or `not_authenticated`.
    #[must_use]
    pub const fn code(&self) -> ErrorCode {
        match self {
            AuthError::TokenExpired => ErrorCode::TokenExpired,
            _ => ErrorCode::NotAuthenticated,
        }
    }
}

impl From<AuthError> for ErrorBody {
    fn from(error: AuthError) -> ErrorBody {
        ErrorBody::new(error.code(), error.to_string())
    }
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
            "needs the claims tokenType (\"user\" or \"app\"), `iss`, `sub` (strings) and `exp` \
             (a number, seconds)"
        }
        _ => "is not a JSON Web Token",
    }
}
