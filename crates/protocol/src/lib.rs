//! What is said on the wire between a Causerie client and a Causerie server.
//!
//! The flow: a client opens a WebSocket with the subprotocol [`version::SUBPROTOCOL`], says [`ClientFrame::Hello`], and
//! is answered by [`ServerFrame::Welcome`]. From then on it sends [`Request`]s, each naming an [`Op`], and
//! receives a [`ServerFrame::Result`] for every one, in order. The HTTP twin ([`http`]) carries the same
//! requests and results in one POST.
//!
//! Both sides share the rules of form: ids are newtypes that cannot hold a malformed id ([`ids`]), every input
//! has a bound ([`limits`]), and there is one list of error codes ([`error`]) and one of close codes ([`close`]).
//! `docs/protocol.md` is the same in prose; the golden files in `tests/golden/` pin every frame.

pub mod close;
pub mod content;
#[cfg(feature = "decode")]
pub mod decode;
pub mod entities;
pub mod error;
pub mod filter;
pub mod frames;
pub mod http;
pub mod ids;
pub mod limits;
pub mod ops;
pub mod params;
pub mod patch;
pub mod topic;
pub mod version;
mod words;

pub use close::{CloseCode, Recovery};
pub use error::{ErrorBody, ErrorCode};
pub use frames::{ClientFrame, Entities, Outcome, Request, ServerFrame};
pub use ids::{ClientId, ConversationId, IdempotencyKey, MessageId, RequestId, UserId};
pub use ops::Op;
pub use params::{
    CreateConversation, CreateParticipant, CreateUser, EditMessage, SendMessage, SetConversation,
    SetParticipant, SetUser,
};
pub use patch::Patch;
pub use topic::Topic;
