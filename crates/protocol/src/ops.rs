//! What a client can ask for. An op has a name on the wire and parameters; a new op does not change the protocol's
//! version, because a server answers one it does not know with `unsupported`.

use serde::{Deserialize, Serialize};

use crate::error::ErrorBody;
use crate::ids::{ConversationId, UserId};
use crate::params::{CreateUser, SetUser};

/// A request's operation with its parameters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "op", content = "params")]
pub enum Op {
    /// Reads a user. The value is the user's id, with the user among the entities; no value where there is none.
    #[serde(rename = "user.get")]
    UserGet {
        /// Whom to read.
        user: UserId,
    },
    /// Sets properties of a user, who is created where there was none.
    #[serde(rename = "user.set")]
    UserSet {
        /// Whom to set.
        user: UserId,
        /// What to set.
        data: SetUser,
    },
    /// Creates a user, or does nothing where there is one.
    #[serde(rename = "user.createIfNotExists")]
    UserCreateIfNotExists {
        /// Whom to create.
        user: UserId,
        /// What with.
        data: CreateUser,
    },
    /// Reads a conversation as the caller sees it. The value is its id, with the conversation among the
    /// entities; no value where the caller is no participant.
    #[serde(rename = "conversation.get")]
    ConversationGet {
        /// What to read.
        conversation: ConversationId,
    },
}

impl Op {
    /// The names of all ops.
    pub const NAMES: &'static [&'static str] =
        &["user.get", "user.set", "user.createIfNotExists", "conversation.get"];

    /// The op's name on the wire.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Op::UserGet { .. } => "user.get",
            Op::UserSet { .. } => "user.set",
            Op::UserCreateIfNotExists { .. } => "user.createIfNotExists",
            Op::ConversationGet { .. } => "conversation.get",
        }
    }

    /// Whether the op changes anything, and so wants an idempotency key.
    #[must_use]
    pub const fn writes(&self) -> bool {
        match self {
            Op::UserGet { .. } | Op::ConversationGet { .. } => false,
            Op::UserSet { .. } | Op::UserCreateIfNotExists { .. } => true,
        }
    }

    /// Checks the values of the parameters.
    ///
    /// # Errors
    /// `invalid_argument` or `name_required`, with the field's name.
    pub fn check(&self) -> Result<(), ErrorBody> {
        match self {
            Op::UserGet { .. } | Op::ConversationGet { .. } => Ok(()),
            Op::UserSet { data, .. } => data.check(),
            Op::UserCreateIfNotExists { data, .. } => data.check(),
        }
    }
}
