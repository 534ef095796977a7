//! The participants of a conversation, those who joined last first.

use causerie_protocol::entities::Participant;
use causerie_protocol::ids::{ConversationId, UserId};
use causerie_protocol::topic::{Change, Cursor};

use super::bodies::Bodies;
use super::lists::read_list;
use super::query_result::QueryResult;
use crate::rules::context::ReadRules;
use crate::rules::entities::participant_entity;
use crate::rules::error::RuleResult;
use crate::rules::json::to_json;

/// Returns participants, from the newest or after a cursor.
pub(super) fn list(
    rules: ReadRules<'_>,
    conversation: &ConversationId,
    after: Option<&Cursor>,
    limit: u32,
) -> RuleResult<QueryResult> {
    let load =
        |limit| Ok(Some(rules.store.newest_participants(rules.app_id(), conversation, after, limit)?));
    read_list(rules, conversation, limit, load, |bodies, (user, record)| {
        bodies.add_user(&user)?;
        Ok(participant_entity(user, &record))
    })
}

/// Returns one participant, or no value if the user or the viewer is not a participant.
pub(super) fn one(
    rules: ReadRules<'_>,
    conversation: &ConversationId,
    user: &UserId,
) -> RuleResult<QueryResult> {
    if !rules.is_participant(conversation)? {
        return Ok(QueryResult::default());
    }
    let Some(record) = rules.store.participant(rules.app_id(), conversation, user)? else {
        return Ok(QueryResult::default());
    };
    let mut bodies = Bodies::new(rules)?;
    bodies.add_user(user)?;
    let value = to_json(&participant_entity(user.clone(), &record))?;
    Ok(bodies.into_result(Some(value)))
}

/// Returns the current state of some users in a conversation, as changes of its list of participants.
pub(crate) fn participant_changes(
    rules: ReadRules<'_>,
    conversation: &ConversationId,
    users: Vec<UserId>,
) -> RuleResult<QueryResult> {
    let mut bodies = Bodies::new(rules)?;
    let mut changes: Vec<Change<Participant>> = Vec::with_capacity(users.len());
    for user in users {
        changes.push(match rules.store.participant(rules.app_id(), conversation, &user)? {
            Some(record) => {
                bodies.add_user(&user)?;
                Change::Put(participant_entity(user, &record))
            }
            None => Change::Drop(user.into()),
        });
    }
    let value = to_json(&changes)?;
    Ok(bodies.into_result(Some(value)))
}
