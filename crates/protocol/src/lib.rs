//! The protocol between a Causerie client and a Causerie server.
//!
//! A client opens a WebSocket with the subprotocol [`version::SUBPROTOCOL`] and sends [`ClientFrame::Hello`];
//! the server answers with [`ServerFrame::Welcome`]. Then the client sends [`Request`]s, each with an [`Op`],
//! and receives a [`ServerFrame::Result`] for every one, in order. It subscribes to [`Topic`]s and receives
//! their values and changes. The HTTP fallback ([`http`]) carries the same requests and results in one POST.
//!
//! Both sides share the forms: ids are newtypes that cannot hold a malformed id ([`ids`]), every input has a
//! bound ([`limits`]), and there is one list each of ops ([`ops`]), topics ([`topic`]), error codes
//! ([`error`]) and close codes ([`close`]). `docs/protocol.md` describes the protocol in prose; the golden
//! files in `tests/golden/` pin every frame.
//!
//! The feature `decode` adds the decoder. The browser does without it: its JavaScript engine parses, and
//! serde_json would add about 14 KB to every download.

pub mod access;
pub mod close;
pub mod content;
pub mod custom;
#[cfg(feature = "decode")]
pub mod decode;
pub mod entities;
pub mod error;
pub mod filter;
pub mod frames;
pub mod http;
pub mod ids;
pub mod json;
pub mod limits;
pub mod notify;
pub mod ops;
pub mod params;
pub mod patch;
pub mod search;
mod string_enum;
pub mod subscription;
pub mod text;
pub mod topic;
pub mod validation;
pub mod version;

pub use close::{CloseCode, Recovery};
pub use error::{ErrorBody, ErrorCode};
pub use frames::{ClientFrame, Entities, Outcome, Request, ServerFrame};
pub use ids::{ClientId, ConversationId, IdempotencyKey, MessageId, RequestId, UserId};
pub use ops::{Op, OpName};
pub use params::{
    CreateConversation, CreateParticipant, CreateUser, EditMessage, SendMessage, SetConversation,
    SetParticipant, SetUser,
};
pub use patch::Patch;
pub use topic::{Topic, TopicKind};
