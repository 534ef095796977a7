//! The participants of a conversation, newest first.

use causerie_protocol::entities::Participant;
use causerie_protocol::ids::{ConversationId, UserId};
use causerie_protocol::topic::{Change, Cursor};

use super::{Bodies, Context, QueryResult, RuleResult, json, listing, may_see};
use crate::store::Read;
use crate::store::records::ParticipantRecord;

/// A page of participants, or nothing where the viewer is none.
pub(super) fn list(
    read: &dyn Read,
    context: &Context<'_>,
    conversation: &ConversationId,
    after: Option<&Cursor>,
    limit: u32,
) -> RuleResult<QueryResult> {
    let app = &context.app.id;
    if !may_see(read, context, conversation)? {
        return Ok(QueryResult::default());
    }
    let seq = read.stream_seq(app, conversation)?;
    let records = read.newest_participants(app, conversation, after, limit.saturating_add(1))?;
    let more = records.len() > limit as usize;
    let mut bodies = Bodies::new(read, context)?;
    let mut items = Vec::with_capacity(records.len());
    for (user, record) in records.into_iter().take(limit as usize) {
        bodies.user(&user)?;
        items.push(body(user, &record));
    }
    let value = listing(items, more)?;
    Ok(QueryResult { seq: Some(seq), ..bodies.answer(Some(value))? })
}

/// One participant; nothing where the user is none, or the viewer.
pub(super) fn one(
    read: &dyn Read,
    context: &Context<'_>,
    conversation: &ConversationId,
    user: &UserId,
) -> RuleResult<QueryResult> {
    let mut bodies = Bodies::new(read, context)?;
    if !may_see(read, context, conversation)? {
        return Ok(QueryResult::default());
    }
    let Some(record) = read.participant(&context.app.id, conversation, user)? else {
        return Ok(QueryResult::default());
    };
    bodies.user(user)?;
    let value = json(&body(user.clone(), &record))?;
    bodies.answer(Some(value))
}

/// What became of these users' part in a conversation, as the changes of its list.
pub(crate) fn participant_changes(
    read: &dyn Read,
    context: &Context<'_>,
    conversation: &ConversationId,
    users: Vec<UserId>,
) -> RuleResult<QueryResult> {
    let mut bodies = Bodies::new(read, context)?;
    let mut changes: Vec<Change<Participant>> = Vec::with_capacity(users.len());
    for user in users {
        changes.push(match read.participant(&context.app.id, conversation, &user)? {
            Some(record) => {
                bodies.user(&user)?;
                Change::Put(body(user, &record))
            }
            None => Change::Drop(user.into()),
        });
    }
    let value = json(&changes)?;
    bodies.answer(Some(value))
}

fn body(user: UserId, record: &ParticipantRecord) -> Participant {
    Participant { user, access: record.access, notify: record.notify, joined_at: record.joined_at }
}
