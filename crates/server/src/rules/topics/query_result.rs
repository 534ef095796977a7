//! The result of a query.

use causerie_protocol::frames::Entities;
use causerie_protocol::ids::{ConversationId, UserId};

use crate::encoding::{Body, BodyKey};
use crate::rules::json::Json;

/// The result of a query: of a topic, of the next entries of a list, or of an op that reads.
#[derive(Debug)]
pub(crate) struct QueryResult {
    /// The number of the last event of the conversation's stream, if the topic is in a conversation that the
    /// viewer participates in.
    pub(crate) seq: Option<u64>,
    /// The value; `None` if there is nothing, or nothing that the viewer may see.
    pub(crate) value: Option<Json>,
    /// The bodies that the value refers to.
    pub(crate) entities: Entities<Body>,
    /// The messages that the value, a list of changes, removes.
    pub(crate) dropped: Vec<BodyKey>,
    /// The users whose bodies are among `entities`.
    pub(crate) users: Vec<UserId>,
    /// For a list of conversations: each conversation with the fingerprint of its own result.
    pub(crate) views: Vec<(ConversationId, u64)>,
    /// A hash of the value and of all bodies but those of users, whose changes are sent separately. Two
    /// results of one query with the same fingerprint need not both be sent.
    pub(crate) fingerprint: u64,
}

impl Default for QueryResult {
    /// The result without a value.
    fn default() -> Self {
        QueryResult {
            seq: None,
            value: None,
            entities: Entities::none(),
            dropped: Vec::new(),
            users: Vec::new(),
            views: Vec::new(),
            fingerprint: 0,
        }
    }
}
