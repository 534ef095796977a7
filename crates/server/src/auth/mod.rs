//! Who is calling: tokens for users, secrets and tokens for backends.
//!
//! A token or a secret comes in the first frame or in the `Authorization` header, never in an address. It is judged
//! here against one app and one time, and what comes out is who may act, and until when. What is wrong with a token is
//! told to the caller (its signature first, so that nothing is said about claims nobody vouched for); the token itself
//! is in no answer and in no log.

mod backend;
mod hs256;
mod token;

pub use backend::{authorize_backend, bearer};
pub(crate) use token::missing;
pub use token::{Grant, Kind, LEEWAY_MS, issue, user_grant};
