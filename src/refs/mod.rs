//! Refs: an id and a shared handle, no data and no logic.

mod conversation;
mod interned;
mod user;

pub use conversation::ConversationRef;
pub(crate) use interned::Interned;
pub use user::UserRef;
