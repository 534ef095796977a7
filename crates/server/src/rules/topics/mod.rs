//! What is followed: for each topic the whole answer, what comes behind a place in a list, and the bodies, as the viewer
//! sees them. The ops that read answer with the same.
//!
//! Everything here is read in one transaction, and says with which users' bodies it goes out, so that whoever sends it
//! can see to it that their changes are sent too.

mod bodies;
mod conversations;
mod messages;
mod participants;
mod reactions;

use causerie_protocol::entities;
use causerie_protocol::error::{ErrorBody, ErrorCode};
use causerie_protocol::frames::Entities;
use causerie_protocol::ids::{ConversationId, UserId};
use causerie_protocol::ops::Op;
use causerie_protocol::topic::{Cursor, Topic};
use serde::Serialize;

use super::{Context, Json, RuleError, RuleResult, json, server_error, users};
use crate::fanout::Typers;
use crate::store::Read;

use bodies::Bodies;
pub(crate) use conversations::{ConversationView, conversation_view};
pub(crate) use messages::{message_delta, viewer_reactions};
pub(crate) use participants::participant_changes;

/// After how many bytes of bodies a list is cut, whatever was asked for, so that no frame becomes too large. There is
/// more of it then, and it says so.
const LIST_BYTES: usize = 1 << 20;

/// What there is of a topic, or behind a place in it.
#[derive(Debug)]
pub(crate) struct QueryResult {
    /// The number of the conversation's last event, where the topic is of a conversation and the viewer may see it.
    pub(crate) seq: Option<u64>,
    /// What it is; none where there is nothing, or nothing for the viewer.
    pub(crate) value: Option<Json>,
    /// The bodies.
    pub(crate) entities: Entities<Json>,
    /// Whose bodies are among them.
    pub(crate) users: Vec<UserId>,
    /// The conversations of a list, each with its mark.
    pub(crate) views: Vec<(ConversationId, u64)>,
    /// Tells this answer from another of the same single thing.
    pub(crate) fingerprint: u64,
}

impl Default for QueryResult {
    /// Nothing.
    fn default() -> Self {
        QueryResult {
            seq: None,
            value: None,
            entities: Entities::none(),
            users: Vec::new(),
            views: Vec::new(),
            fingerprint: 0,
        }
    }
}

/// All of a topic, or the first `limit` entries of a list. Who is online and who is typing only the fan-out knows; they
/// are [`online`] and [`typing`].
///
/// # Errors
/// [`RuleError`], as all here.
pub(crate) fn read(
    read: &dyn Read,
    context: &Context<'_>,
    topic: &Topic,
    limit: u32,
) -> RuleResult<QueryResult> {
    match topic {
        Topic::User { id } => user(read, context, id),
        Topic::Conversation { id } => conversations::open(read, context, id),
        Topic::Conversations { filter } => conversations::list(read, context, filter.as_ref(), None, limit),
        Topic::Messages { id } => messages::list(read, context, id, None, limit),
        Topic::Participants { id } => participants::list(read, context, id, None, limit),
        Topic::Participant { id, user } => participants::one(read, context, id, user),
        Topic::Reactions { id, message, emoji } => {
            reactions::list(read, context, id, message, emoji, None, limit)
        }
        Topic::Online { .. } | Topic::Typing { .. } => {
            Err(server_error("what only the fan-out knows was asked of the store"))
        }
    }
}

/// What comes in a list behind a place in it.
pub(crate) fn read_more(
    read: &dyn Read,
    context: &Context<'_>,
    topic: &Topic,
    after: &Cursor,
    limit: u32,
) -> RuleResult<QueryResult> {
    let after = Some(after);
    match topic {
        Topic::Conversations { filter } => conversations::list(read, context, filter.as_ref(), after, limit),
        Topic::Messages { id } => messages::list(read, context, id, after, limit),
        Topic::Participants { id } => participants::list(read, context, id, after, limit),
        Topic::Reactions { id, message, emoji } => {
            reactions::list(read, context, id, message, emoji, after, limit)
        }
        Topic::User { .. }
        | Topic::Online { .. }
        | Topic::Conversation { .. }
        | Topic::Participant { .. }
        | Topic::Typing { .. } => {
            Err(ErrorBody::invalid("topic", "is no list, so there is no more of it").into())
        }
    }
}

/// The answer to an op that reads; none where the op is none of those.
pub(super) fn execute_read(
    read: &dyn Read,
    context: &Context<'_>,
    op: &Op,
) -> RuleResult<Option<QueryResult>> {
    Ok(Some(match op {
        Op::UserGet { user: id } => user(read, context, id)?,
        Op::ConversationGet { conversation } => conversations::open(read, context, conversation)?,
        Op::MessageGet { conversation, message } => messages::one(read, context, conversation, message)?,
        Op::ParticipantGet { conversation, user } => {
            // Who is no participant may ask for themselves, which is how one finds out.
            if viewer(context)? != user && !may_see(read, context, conversation)? {
                return Err(no_conversation(conversation));
            }
            participants::one(read, context, conversation, user)?
        }
        Op::ReactionList { conversation, message, emoji } => {
            reactions::first(read, context, conversation, message, emoji)?
        }
        Op::More { topic, after, limit } => read_more(read, context, topic, after, *limit)?,
        Op::ConversationMarkAsTyping { conversation } => {
            super::may_type(read, context, conversation)?;
            QueryResult::default()
        }
        _ => return Ok(None),
    }))
}

/// A user.
fn user(read: &dyn Read, context: &Context<'_>, id: &UserId) -> RuleResult<QueryResult> {
    let mut bodies = Bodies::new(read, context)?;
    let there = bodies.user(id)?;
    bodies.answer(there.then(|| json(id)).transpose()?)
}

/// The bodies of some users, without a value.
pub(crate) fn users(read: &dyn Read, context: &Context<'_>, users: &[UserId]) -> RuleResult<QueryResult> {
    let mut bodies = Bodies::new(read, context)?;
    for user in users {
        bodies.user(user)?;
    }
    bodies.answer(None)
}

/// Whether a user is online, as the fan-out says.
pub(crate) fn online(
    read: &dyn Read,
    context: &Context<'_>,
    id: &UserId,
    is_connected: bool,
) -> RuleResult<QueryResult> {
    let mut bodies = Bodies::new(read, context)?;
    let value = bodies.user(id)?.then(|| json(&entities::Online { user: id.clone(), is_connected }));
    bodies.answer(value.transpose()?)
}

/// Who is typing, as the fan-out says, where the viewer may know.
pub(crate) fn typing(
    read: &dyn Read,
    context: &Context<'_>,
    conversation: &ConversationId,
    typers: Typers,
) -> RuleResult<QueryResult> {
    if !may_see(read, context, conversation)? {
        return Ok(QueryResult::default());
    }
    let mut bodies = Bodies::new(read, context)?;
    let value = match typers {
        Typers::Many => entities::Typing::Many { many: true },
        Typers::Few(users) => {
            for user in &users {
                bodies.user(user)?;
            }
            entities::Typing::Few { users }
        }
    };
    bodies.answer(Some(json(&value)?))
}

/// The user who is looking.
fn viewer<'a>(context: &Context<'a>) -> RuleResult<&'a UserId> {
    super::participants::caller(context)
}

/// Whether the viewer takes part in a conversation.
fn may_see(read: &dyn Read, context: &Context<'_>, conversation: &ConversationId) -> RuleResult<bool> {
    Ok(read.participant(&context.app.id, conversation, viewer(context)?)?.is_some())
}

fn no_conversation(conversation: &ConversationId) -> RuleError {
    let text = format!(
        "there is no conversation with the id {:?}, or you are no participant of it",
        conversation.as_str()
    );
    RuleError::Refused(ErrorBody::new(ErrorCode::NotFound, text))
}

/// A list as it is sent.
fn listing<T: Serialize>(items: Vec<T>, more: bool) -> RuleResult<Json> {
    json(&causerie_protocol::topic::Listing { items, more })
}
