//! Users, and the volatile state that only the fan-out knows: who is online and who is typing.

use causerie_protocol::entities::{Online, Typing};
use causerie_protocol::ids::{ConversationId, UserId};

use super::bodies::Bodies;
use super::query_result::QueryResult;
use crate::rules::context::ReadRules;
use crate::rules::error::RuleResult;
use crate::rules::json::to_json;

/// Returns a user, or no value if there is no such user.
pub(super) fn one(rules: ReadRules<'_>, id: &UserId) -> RuleResult<QueryResult> {
    let mut bodies = Bodies::new(rules)?;
    let exists = bodies.add_user(id)?;
    let value = exists.then(|| to_json(id)).transpose()?;
    Ok(bodies.into_result(value))
}

/// Returns the bodies of some users, without a value.
pub(crate) fn user_bodies(rules: ReadRules<'_>, users: &[UserId]) -> RuleResult<QueryResult> {
    let mut bodies = Bodies::new(rules)?;
    for user in users {
        bodies.add_user(user)?;
    }
    Ok(bodies.into_result(None))
}

/// Returns whether a user is online, as the fan-out knows it, unless the user's role hides that; no value if
/// there is no such user.
pub(crate) fn online(rules: ReadRules<'_>, id: &UserId, is_connected: bool) -> RuleResult<QueryResult> {
    let mut bodies = Bodies::new(rules)?;
    let exists = bodies.add_user(id)?;
    let app = rules.context.app;
    let is_connected = is_connected
        && (app.roles.show_all_online()
            || rules.public_user(id)?.is_some_and(|user| app.roles.settings(&user.role).show_online));
    let value = exists.then(|| to_json(&Online { user: id.clone(), is_connected })).transpose()?;
    Ok(bodies.into_result(value))
}

/// Returns the users who are typing, as the fan-out knows them; no value if the viewer is not a participant.
pub(crate) fn typing(
    rules: ReadRules<'_>,
    conversation: &ConversationId,
    typing: Typing,
) -> RuleResult<QueryResult> {
    if !rules.is_participant(conversation)? {
        return Ok(QueryResult::default());
    }
    let mut bodies = Bodies::new(rules)?;
    if let Typing::Few { users } = &typing {
        for user in users {
            bodies.add_user(user)?;
        }
    }
    let value = to_json(&typing)?;
    Ok(bodies.into_result(Some(value)))
}
