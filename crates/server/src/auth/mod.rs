//! Authentication: tokens of users, and secrets and tokens of backends.
//!
//! A token or a secret arrives in the first frame or in the `Authorization` header, never in a URL. It is
//! verified here against one app and one time. The result is a [`Grant`] with an expiry, or an [`AuthError`].
//! The signature is checked first, so that an error reveals nothing about claims that nobody has signed. No
//! error and no log line contains the token.

mod backend;
mod error;
mod hs256;
mod token;

pub use backend::authorize_backend;
pub(crate) use backend::bearer_token;
pub use error::AuthError;
pub use token::{Grant, LEEWAY_MS, TokenType, issue, user_grant};
