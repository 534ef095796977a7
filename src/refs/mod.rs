//! Refs: objects that reference a resource by its IDs, with a shared handle of the session. They hold no data
//! and no logic.
//!
//! Methods that take an ID or a callback throw a `TypeError` if it is invalid. All other errors reject the
//! promise.

mod conversation;
mod message;
mod participant;
mod reactions;
mod resource;
mod user;

pub use conversation::ConversationRef;
pub use message::MessageRef;
pub use participant::ParticipantRef;
pub use reactions::ReactionsRef;
pub(crate) use resource::Resource;
pub use user::UserRef;
