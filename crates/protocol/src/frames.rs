//! The frames of both directions. A frame is one JSON object in one text message; its field `t` names its
//! type. Both sides ignore fields that they do not know. A client ignores frames of an unknown type; a server
//! answers them with an `error` frame of code `unsupported`, and the connection stays open.

use serde::{Deserialize, Serialize};

use crate::error::ErrorBody;
use crate::ids::{ClientId, IdempotencyKey, RequestId, UserId};
use crate::ops::Op;
use crate::subscription::{Position, Window};
use crate::topic::Topic;

/// A frame from a client.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "t", rename_all = "camelCase")]
pub enum ClientFrame {
    /// The first frame of a connection, which identifies the user.
    Hello(Hello),
    /// A request, answered by `result`.
    Request(Request),
    /// Replaces the token of the connection; answered by `authenticated`.
    Auth {
        /// The new token, which must be of the same user.
        token: String,
    },
    /// Subscribes to a topic; answered by `reset`, `events` or `ended`.
    Subscribe(Subscribe),
    /// Ends a subscription; not answered.
    Unsubscribe {
        /// The id of the subscription.
        id: RequestId,
    },
    /// Checks whether the server is reachable; answered by `pong`.
    Ping,
}

/// The first frame of a connection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hello {
    /// The user of the connection.
    pub user: UserId,
    /// The id of the client, the same for all its connections.
    pub client: ClientId,
    /// The user's token, if the app requires one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
    /// The name and version of the SDK, for the server's logs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sdk: Option<String>,
    /// The number of bodies that the client keeps, so that the server does not send them again: at least as
    /// many of the bodies as it received last in `reset`, `events` and `update` on this connection. The
    /// server uses at most [`KEPT_BODIES`](crate::limits::KEPT_BODIES). If absent, every frame is complete.
    #[serde(default, rename = "keepsBodies", skip_serializing_if = "Option::is_none")]
    pub keeps_bodies: Option<u32>,
    /// The number of this connection among the connections and HTTP calls of the client, greater than that of
    /// every earlier one. A server refuses a connection that arrives after a later one. If absent, the order
    /// of arrival counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub generation: Option<u32>,
}

/// A request of a client.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Request<O = Op> {
    /// The id of the request, which its result repeats.
    pub id: RequestId,
    /// The idempotency key of a write; absent for a read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<IdempotencyKey>,
    /// The requested operation.
    #[serde(flatten)]
    pub op: O,
}

/// The start of a subscription, or its resumption after the connection was lost.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Subscribe<T = Topic> {
    /// The id of the subscription. Subscriptions and requests of a client share one sequence of ids.
    pub id: RequestId,
    /// The topic to subscribe to.
    pub topic: T,
    /// The window over a list; the initial page size if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub window: Option<Window>,
    /// The position to resume from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<Position>,
}

/// A frame from a server. The bodies have type `B`, so that a client can keep them in its own form.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "t", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum ServerFrame<B> {
    /// Accepts `hello`; requests are answered from here on.
    Welcome(Welcome),
    /// Accepts the token of `auth`.
    Authenticated {
        /// Milliseconds until the token expires.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        token_expires_in: Option<u64>,
    },
    /// The result of a request.
    Result(Outcome<B>),
    /// The complete value of a topic, or of the window over a list. It replaces what the client has.
    Reset {
        /// The id of the subscription.
        id: RequestId,
        /// The sequence number that the value corresponds to, if the topic is numbered.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        seq: Option<u64>,
        /// The value, with ids that refer to the entities. Absent if there is none or the caller may not see
        /// it.
        #[serde(default = "none", skip_serializing_if = "Option::is_none")]
        value: Option<B>,
        /// The bodies that the value refers to.
        #[serde(default = "Entities::none", skip_serializing_if = "Entities::is_empty")]
        entities: Entities<B>,
    },
    /// Changes of a list.
    Events {
        /// The id of the subscription.
        id: RequestId,
        /// The sequence number that the client must have, if the topic is numbered.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        since: Option<u64>,
        /// The sequence number after the changes, if the topic is numbered.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        seq: Option<u64>,
        /// The changes in order (see [`crate::topic::Change`]).
        changes: Vec<B>,
        /// The bodies that the changes refer to.
        #[serde(default = "Entities::none", skip_serializing_if = "Entities::is_empty")]
        entities: Entities<B>,
    },
    /// Bodies that changed, for all subscriptions of the connection.
    Update {
        /// The new bodies.
        entities: Entities<B>,
    },
    /// Ends a subscription.
    Ended {
        /// The id of the subscription.
        id: RequestId,
        /// The reason for the end.
        error: ErrorBody,
    },
    /// An error of the connection; a close may follow.
    Error {
        /// The error of the connection.
        error: ErrorBody,
    },
    /// Shows that the connection works; not answered.
    Ping,
    /// The answer to `ping`.
    Pong,
}

/// The answer to `hello`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Welcome {
    /// The version of the protocol.
    pub protocol: u32,
    /// The epoch of all positions.
    pub epoch: String,
    /// The server's clock, in Unix milliseconds.
    pub time: i64,
    /// The interval of the server's pings, in milliseconds.
    pub ping_interval: u32,
    /// Milliseconds until the token expires; absent if the app requires none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token_expires_in: Option<u64>,
}

/// The outcome of a request: a value with the bodies that it refers to, or an error. A server may have bodies
/// of another type `E` than other values.
///
/// ```
/// use causerie_protocol::{ErrorBody, Outcome, ServerFrame};
///
/// let outcome = Outcome::failed(7, ErrorBody::invalid("custom.color", "must be a string"));
/// let json = serde_json::to_value(ServerFrame::<serde_json::Value>::Result(outcome))?;
/// assert_eq!(json["t"], "result");
/// assert_eq!(json["error"]["message"], "custom.color: must be a string");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Outcome<B, E = B> {
    /// The id of the request.
    pub id: RequestId,
    /// The value, with ids that refer to the entities. Absent (or null, which is the same) if nothing was
    /// found, and for ops without a value.
    #[serde(default = "none", skip_serializing_if = "Option::is_none")]
    pub value: Option<B>,
    /// The bodies that the value refers to, each once.
    #[serde(default = "Entities::none", skip_serializing_if = "Entities::is_empty")]
    pub entities: Entities<E>,
    /// The error of a failed request, which has no value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<ErrorBody>,
}

/// Bodies of entities by kind. Beside the fields of the entity, each has its revision `rev`, a number below
/// 2⁵³: a body with the `rev` that the same entity had before on this connection is unchanged.
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
    /// Returns an empty set of bodies.
    #[must_use]
    pub const fn none() -> Self {
        Entities { users: Vec::new(), conversations: Vec::new(), messages: Vec::new() }
    }

    /// Whether there are no bodies.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.users.is_empty() && self.conversations.is_empty() && self.messages.is_empty()
    }
}

impl<B, E> Outcome<B, E> {
    /// Makes the outcome of a request that succeeded.
    #[must_use]
    pub const fn ok(id: RequestId, value: Option<B>, entities: Entities<E>) -> Self {
        Outcome { id, value, entities, error: None }
    }

    /// Makes the outcome of a request that failed.
    #[must_use]
    pub const fn failed(id: RequestId, error: ErrorBody) -> Self {
        Outcome { id, value: None, entities: Entities::none(), error: Some(error) }
    }
}
