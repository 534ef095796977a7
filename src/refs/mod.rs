//! Refs: the names of a thing and a shared handle, no data and no logic.

mod conversation;
mod interned;
mod message;
mod participant;
mod reactions;
mod resource;
mod user;

pub use conversation::ConversationRef;
pub(crate) use interned::Interned;
pub use message::MessageRef;
pub use participant::ParticipantRef;
pub use reactions::ReactionsRef;
pub(crate) use resource::Resource;
pub use user::UserRef;
