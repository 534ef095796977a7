//! The rules: which calls a caller may make, and how an op or a REST call changes the stored data.
//!
//! A rule gets a [`ReadRules`] or [`WriteRules`], which is a transaction of the store together with the call,
//! and the parameters. It knows no SQL and no sockets, and it is synchronous: it does everything in one
//! transaction, and if it fails, nothing is stored. Time and randomness are passed in. Whether values are
//! within the limits of the protocol is checked before the transaction (`check` of ops and commands); a rule
//! checks what depends on the stored data.
//!
//! Every event of a conversation gets the next number of the conversation's stream in the same transaction,
//! and is published once, with this number.
//!
//! ```text
//!   ops, rest                                  execute an op or a command by its rule
//!   users, conversations, participants,        the rules that write
//!   messages, imports, reactions, read_markers, apps
//!   files                                      uploads, and the files of messages
//!   webhooks                                   the events that the rules that write store for webhooks
//!   topics, backend                            the rules that read: for clients, for backends
//!   command, content, idempotency, payload     shared by several rules
//!   context, entities, message_ids, patches
//!   error, refusal, json                       results and errors
//! ```
//! A layer uses only itself and the layers beneath it, and no modules use each other in a circle.

mod apps;
mod backend;
pub mod command;
mod content;
mod context;
mod conversations;
mod entities;
mod error;
pub(crate) mod files;
mod idempotency;
mod imports;
mod json;
mod message_ids;
mod messages;
mod ops;
mod participants;
mod patches;
mod payload;
mod reactions;
mod read_markers;
mod refusal;
mod rest;
#[cfg(test)]
mod tests;
pub(crate) mod topics;
mod users;
mod webhooks;

pub use command::RestCommand;
pub use context::{Caller, Context, RandomBits, ReadRules, SCAN_ROWS, WriteRules};
pub use error::{RuleError, RuleResult};
pub use json::{EncodedOutcome, Json};
pub use ops::{PreparedOp, read_op, write_op};
pub use refusal::Refusal;
pub use rest::{read_command, write_command};
pub(crate) use webhooks::notify_due;
