//! The two sets of frames, one for each direction. A frame is one JSON object in one text message; `t` names its
//! type. Both sides ignore fields they do not know. A client ignores frames of a type it does not know; a server
//! answers them with an `error` frame of code `unsupported` and goes on.

use serde::{Deserialize, Serialize};

use crate::error::ErrorBody;
use crate::ids::{ClientId, IdempotencyKey, RequestId, UserId};
use crate::ops::Op;
use crate::topic::{Position, Topic, Window};

/// What a client sends.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "t", rename_all = "camelCase")]
pub enum ClientFrame {
    /// Always the first frame: who is there.
    Hello(Hello),
    /// Asks for something.
    Request(Request),
    /// Replaces the token on the live connection.
    Auth {
        /// The new token, of the same user.
        token: String,
    },
    /// Follows a topic.
    Subscribe(Subscribe),
    /// Stops following a topic.
    Unsubscribe {
        /// Which subscription.
        id: RequestId,
    },
    /// Asks for a sign of life; answered by `pong`.
    Ping,
}

/// The first frame of a connection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hello {
    /// Who is calling.
    pub user: UserId,
    /// The client's own id, the same for all its connections.
    pub client: ClientId,
    /// The proof, where the app asks for one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
    /// The SDK and its version, for the server's logs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sdk: Option<String>,
}

/// One request.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Request<O = Op> {
    /// The number that the result will carry.
    pub id: RequestId,
    /// The idempotency key; on writes only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<IdempotencyKey>,
    /// What to do.
    #[serde(flatten)]
    pub op: O,
}

/// The start of a subscription, or its going on after a connection was lost.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Subscribe<T = Topic> {
    /// Names the subscription within the client; numbered together with requests.
    pub id: RequestId,
    /// What to follow.
    pub topic: T,
    /// How much of it, where it is a list; its initial size if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub window: Option<Window>,
    /// How far it was followed before the connection was lost.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<Position>,
}

/// What a server sends, over bodies of type `B` that the protocol does not look into.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "t", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum ServerFrame<B> {
    /// The answer to `hello`: requests are answered from here on.
    Welcome(Welcome),
    /// The token was accepted.
    Authenticated {
        /// Milliseconds until it expires.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        token_expires_in: Option<u64>,
    },
    /// The answer to a request.
    Result(Outcome<B>),
    /// A subscription starts, or starts anew: this is all of it, or its whole window.
    Reset {
        /// Which subscription.
        id: RequestId,
        /// How far this is, where what happens is numbered.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        seq: Option<u64>,
        /// What it is, or what the window holds: ids into the entities. Absent where there is nothing, or nothing
        /// for the caller to see.
        #[serde(default = "none", skip_serializing_if = "Option::is_none")]
        value: Option<B>,
        /// The bodies.
        #[serde(default = "Entities::none", skip_serializing_if = "Entities::is_empty")]
        entities: Entities<B>,
    },
    /// What changed in a list.
    Events {
        /// Which subscription.
        id: RequestId,
        /// From where: the number that the client must have. Where numbers are.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        since: Option<u64>,
        /// How far this is.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        seq: Option<u64>,
        /// What happened to which entry, in order (see [`crate::topic::Change`]).
        changes: Vec<B>,
        /// The bodies.
        #[serde(default = "Entities::none", skip_serializing_if = "Entities::is_empty")]
        entities: Entities<B>,
    },
    /// Bodies that changed, whichever subscription holds them.
    Update {
        /// The bodies.
        entities: Entities<B>,
    },
    /// A subscription is over, by the server.
    Ended {
        /// Which subscription.
        id: RequestId,
        /// Why.
        error: ErrorBody,
    },
    /// Something concerns the connection; a close may follow.
    Error {
        /// What.
        error: ErrorBody,
    },
    /// The server lives. Wants no answer.
    Ping,
    /// The answer to a `ping`.
    Pong,
}

/// The answer to `hello`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Welcome {
    /// The protocol's version.
    pub protocol: u32,
    /// The epoch of all positions.
    pub epoch: String,
    /// The server's clock, Unix milliseconds.
    pub time: i64,
    /// How often the server pings, in milliseconds.
    pub ping_interval: u32,
    /// Milliseconds until the token expires; absent where the app asks for none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token_expires_in: Option<u64>,
}

/// The answer to one request: a value with the bodies it refers to, or an error.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Outcome<B> {
    /// Which request.
    pub id: RequestId,
    /// What was asked for: ids into the entities. Absent (or null, which is the same) where nothing was found,
    /// and for ops that only change something.
    #[serde(default = "none", skip_serializing_if = "Option::is_none")]
    pub value: Option<B>,
    /// The bodies, each once however often it is referred to.
    #[serde(default = "Entities::none", skip_serializing_if = "Entities::is_empty")]
    pub entities: Entities<B>,
    /// Why it failed. With it there is no value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<ErrorBody>,
}

/// Bodies by kind.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entities<B> {
    /// Users; each body has its `id`.
    #[serde(default = "Vec::new", skip_serializing_if = "Vec::is_empty")]
    pub users: Vec<B>,
    /// Conversations, as the caller sees them.
    #[serde(default = "Vec::new", skip_serializing_if = "Vec::is_empty")]
    pub conversations: Vec<B>,
    /// Messages, as the caller sees them.
    #[serde(default = "Vec::new", skip_serializing_if = "Vec::is_empty")]
    pub messages: Vec<B>,
}

const fn none<B>() -> Option<B> {
    None
}

impl<B> Entities<B> {
    /// No bodies.
    #[must_use]
    pub const fn none() -> Self {
        Entities { users: Vec::new(), conversations: Vec::new(), messages: Vec::new() }
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.users.is_empty() && self.conversations.is_empty() && self.messages.is_empty()
    }
}

impl<B> Outcome<B> {
    /// A success.
    #[must_use]
    pub const fn ok(id: RequestId, value: Option<B>, entities: Entities<B>) -> Self {
        Outcome { id, value, entities, error: None }
    }

    /// A failure.
    #[must_use]
    pub const fn failed(id: RequestId, error: ErrorBody) -> Self {
        Outcome { id, value: None, entities: Entities::none(), error: Some(error) }
    }
}
