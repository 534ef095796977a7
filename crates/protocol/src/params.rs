//! The `data` parameters of ops that create, set, send or edit something. Deserialization checks the types;
//! `check` checks the values. The server does both; the SDK sends `data` as it was passed.

mod conversation;
mod file;
mod message;
mod strings;
mod user;

pub use crate::custom::{Custom, CustomPatch, map_option, map_patch};
pub use conversation::{
    CreateConversation, CreateParticipant, PutConversation, SetConversation, SetParticipant,
};
pub use file::CreateFile;
pub use message::{EditMessage, SendMessage};
pub use strings::Strings;
pub use user::{CreateUser, SetUser, name_cleared, name_required};
