//! Queries: the value of each topic, the next entries of a list, and the bodies of both, as the viewer sees
//! them. The ops that read return the same results.
//!
//! A result is read in one transaction. It names the users whose bodies it contains, so that the connection
//! that sends it can send their changes as well.

mod bodies;
mod conversations;
mod lists;
mod messages;
mod participants;
mod query_result;
mod reactions;
mod search;
mod users;

use causerie_protocol::ids::{ConversationId, MessageId, UserId};
use causerie_protocol::topic::{Cursor, Topic};

use super::context::ReadRules;
use super::error::{RuleError, RuleResult};
use super::json::Json;
use super::refusal::Refusal;

pub(crate) use conversations::{ConversationView, conversation_view};
pub(crate) use messages::{message_delta, viewer_reactions};
pub(crate) use participants::participant_changes;
pub(crate) use query_result::QueryResult;
pub(super) use search::{search_conversations, search_messages};
pub(crate) use users::{online, typing, user_bodies};

/// Returns the whole value of a topic, or the first `limit` entries of a list. Only the fan-out knows who is
/// online and who is typing: for these topics, see [`online`] and [`typing`].
///
/// # Errors
/// As all functions here, [`RuleError`].
pub(crate) fn read(rules: ReadRules<'_>, topic: &Topic, limit: u32) -> RuleResult<QueryResult> {
    read_from(rules, topic, None, limit)
}

/// Returns at most `limit` entries of a list after a cursor. Refuses a topic that is not a list.
pub(crate) fn read_more(
    rules: ReadRules<'_>,
    topic: &Topic,
    after: &Cursor,
    limit: u32,
) -> RuleResult<QueryResult> {
    if topic.page_sizes().is_none() {
        return Err(Refusal::TopicIsNotAList.into());
    }
    read_from(rules, topic, Some(after), limit)
}

/// Reads a topic. `after` and `limit` are for lists only.
fn read_from(
    rules: ReadRules<'_>,
    topic: &Topic,
    after: Option<&Cursor>,
    limit: u32,
) -> RuleResult<QueryResult> {
    match topic {
        Topic::User { id } => users::one(rules, id),
        Topic::Conversation { id } => conversations::one(rules, id),
        Topic::Conversations { filter } => conversations::list(rules, filter.as_ref(), after, limit),
        Topic::Messages { id } => messages::list(rules, id, after, limit),
        Topic::Participants { id } => participants::list(rules, id, after, limit),
        Topic::Participant { id, user } => participants::one(rules, id, user),
        Topic::Reactions { id, message, emoji } => reactions::list(rules, id, message, emoji, after, limit),
        Topic::Online { .. } | Topic::Typing { .. } => {
            Err(RuleError::Internal("the store was asked for a topic that only the fan-out knows"))
        }
    }
}

/// Returns the result of `user.get`.
pub(super) fn get_user(rules: ReadRules<'_>, id: &UserId) -> RuleResult<QueryResult> {
    users::one(rules, id)
}

/// Returns the result of `conversation.get`.
pub(super) fn get_conversation(rules: ReadRules<'_>, id: &ConversationId) -> RuleResult<QueryResult> {
    conversations::one(rules, id)
}

/// Returns the result of `message.get`.
pub(super) fn get_message(
    rules: ReadRules<'_>,
    conversation: &ConversationId,
    id: &MessageId,
) -> RuleResult<QueryResult> {
    messages::one(rules, conversation, id)
}

/// Returns the content of a message, a JSON array of blocks; `None` if the viewer can see no such message.
pub(super) fn message_content(
    rules: ReadRules<'_>,
    conversation: &ConversationId,
    id: &MessageId,
) -> RuleResult<Option<Json>> {
    messages::content(rules, conversation, id)
}

/// Returns the result of `participant.get`. A user who is not a participant is refused, except for the
/// question whether it is one itself.
pub(super) fn get_participant(
    rules: ReadRules<'_>,
    conversation: &ConversationId,
    user: &UserId,
) -> RuleResult<QueryResult> {
    if rules.user()? != user {
        rules.require_participant(conversation)?;
    }
    participants::one(rules, conversation, user)
}

/// Returns the result of `reaction.list`.
pub(super) fn list_reactions(
    rules: ReadRules<'_>,
    conversation: &ConversationId,
    message: &MessageId,
    emoji: &str,
) -> RuleResult<QueryResult> {
    reactions::first(rules, conversation, message, emoji)
}
