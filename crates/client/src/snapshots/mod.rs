//! The types of snapshots, each declared once: for native programs as a struct, for browsers as a class or a
//! plain object that is generated from the same declaration.
//!
//! A program that keeps its bodies as `serde_json` values reads the data of a
//! [`JsonSnapshot`](crate::store::JsonSnapshot) as one of these types:
//!
//! ```
//! use causerie_client::snapshots::UserOnlineSnapshot;
//! use causerie_client::store;
//! use causerie_protocol::{Entities, TopicKind};
//! use serde::Deserialize;
//! use serde_json::json;
//!
//! let ada = json!({ "id": "ada", "name": "Ada", "custom": {}, "locale": "en", "role": "default" });
//! let entities = Entities { users: vec![ada], ..Entities::none() };
//! let value = json!({ "user": "ada", "isConnected": true });
//! let snapshot = store::snapshot(TopicKind::Online, value, entities).unwrap();
//! let online = UserOnlineSnapshot::deserialize(snapshot.value())?;
//! assert!(online.is_connected);
//! assert_eq!(online.user.photo_url, None);
//! # Ok::<(), serde_json::Error>(())
//! ```
//!
//! `src/snapshots/snapshots.js` and `src/types/` have the same fields. A test compares them with the
//! declarations; `UPDATE_DOCS=1 cargo test -p causerie-client --test snapshots` writes them. The
//! documentation of the types and fields is that of the JavaScript ones, so it says `null` for `None`.

mod conversation;
mod definition;
mod message;
mod online;
mod participant;
mod reaction;
mod reactions_summary;
mod referenced_message;
mod search_message;
mod typing;
mod user;

pub use conversation::ConversationSnapshot;
pub use definition::{Definition, Field, Form, Snapshot};
pub use message::MessageSnapshot;
pub use online::UserOnlineSnapshot;
pub use participant::ParticipantSnapshot;
pub use reaction::SingleReactionSnapshot;
pub use reactions_summary::ReactionsSummarySnapshot;
pub use referenced_message::{ReferencedMessageKind, ReferencedMessageSnapshot};
pub use search_message::SearchMessageSnapshot;
pub use typing::{Always, FewTypingSnapshot, ManyTypingSnapshot, TypingSnapshot};
pub use user::UserSnapshot;

use crate::store::View;

/// The snapshots that are made of a body and the snapshots of its parts.
pub const VIEWS: [(View, Definition); 8] = [
    (View::User, UserSnapshot::DEFINITION),
    (View::Conversation, ConversationSnapshot::DEFINITION),
    (View::Message, MessageSnapshot::DEFINITION),
    (View::ReferencedMessage, ReferencedMessageSnapshot::DEFINITION),
    (View::Participant, ParticipantSnapshot::DEFINITION),
    (View::Online, UserOnlineSnapshot::DEFINITION),
    (View::Reaction, SingleReactionSnapshot::DEFINITION),
    (View::SearchMessage, SearchMessageSnapshot::DEFINITION),
];

/// The other snapshots: contained in a body, or made without one.
pub const OTHERS: [Definition; 3] =
    [ReactionsSummarySnapshot::DEFINITION, FewTypingSnapshot::DEFINITION, ManyTypingSnapshot::DEFINITION];
