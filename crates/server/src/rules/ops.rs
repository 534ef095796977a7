//! Executes the ops of clients. [`execute`] has the one list of rules by op.

use causerie_markup::Sender;
use causerie_protocol::Outcome;
use causerie_protocol::error::ErrorBody;
use causerie_protocol::frames::Entities;
use causerie_protocol::ids::{ClientId, IdempotencyKey, RequestId};
use causerie_protocol::ops::Op;
use causerie_protocol::params::{EditMessage, SendMessage};
use serde_json::value::RawValue;

use super::content::{self, Content};
use super::context::{Caller, ReadRules, Transaction, WriteRules};
use super::error::{RuleError, RuleResult};
use super::idempotency::{self, Once, execute_once};
use super::json::{EncodedOutcome, Json, to_json};
use super::topics::{self, QueryResult};
use super::{conversations, files, messages, participants, reactions, read_markers, users};
use crate::encoding::Body;
use crate::store::records::OutcomeKey;

/// Executes an op that reads.
///
/// # Errors
/// [`RuleError`]. Few reads are refused: the value of something that does not exist, or that the caller may
/// not see, is `None`.
pub fn read_op(rules: ReadRules<'_>, id: RequestId, op: Op) -> RuleResult<EncodedOutcome> {
    let OpResult { value, entities } = execute(Transaction::Read(rules), op, Ok(None), None)?;
    Ok(Outcome::ok(id, value, entities))
}

/// An op that writes, with everything that can be computed without the stored data. The caller computes it
/// before the op is enqueued, so that the one thread that writes has less work.
#[derive(Debug)]
pub struct PreparedOp {
    op: Op,
    /// The hash of the request, if it has an idempotency key.
    hash: Option<[u8; 8]>,
    /// The content of the message to send or edit. If it is refused, the access of the caller is still
    /// checked first.
    content: RuleResult<Option<Content>>,
}

impl PreparedOp {
    /// Prepares an op whose values are checked.
    ///
    /// # Errors
    /// [`RuleError::Json`] if the op cannot be serialised.
    pub fn new(op: Op, key: Option<&IdempotencyKey>) -> RuleResult<PreparedOp> {
        let hash = key.map(|_| idempotency::hash(&op)).transpose()?;
        let content = match &op {
            Op::MessageSend { data: SendMessage { text, content, .. }, .. }
            | Op::MessageEdit { data: EditMessage { text, content, .. }, .. } => {
                content::from_params(text.as_deref(), content.as_deref(), Sender::User)
            }
            _ => Ok(None),
        };
        Ok(PreparedOp { op, hash, content })
    }
}

/// Executes an op that writes. With an idempotency key it is executed once, however often it is requested.
///
/// With a key, a refusal is returned as an outcome, to be committed under the key. A client that reconnects
/// sends all its unanswered writes again; one that was refused must not be executed then, after the writes
/// that followed it. A message whose content is refused is an error instead, so that nothing is stored: its
/// repetition is refused too, whatever the data are then.
///
/// # Errors
/// [`RuleError`].
pub fn write_op(
    rules: &mut WriteRules<'_>,
    client: &ClientId,
    id: RequestId,
    key: Option<&IdempotencyKey>,
    prepared: PreparedOp,
) -> RuleResult<EncodedOutcome> {
    let PreparedOp { op, hash, content } = prepared;
    let (Some(key), Some(hash)) = (key, hash) else {
        let OpResult { value, entities } = execute(Transaction::Write(rules), op, content, None)?;
        return Ok(Outcome::ok(id, value, entities));
    };
    let caller = match rules.context.caller {
        Caller::User(user) => user.as_str(),
        Caller::Backend => "",
    };
    let key = OutcomeKey { app: rules.app_id(), caller, scope: client.as_str(), key: key.as_str() };
    let can_be_executed = content.is_ok();
    let stored = execute_once(rules, &key, hash, |rules, once| {
        match execute(Transaction::Write(rules), op, content, Some(once)) {
            Ok(result) => Ok(result.value.map_or_else(String::new, |value| value.get().to_owned())),
            // A refused op has written nothing: every rule checks before it writes.
            Err(RuleError::Refused(refusal)) if can_be_executed => {
                Ok(to_json(&ErrorBody::from(refusal))?.get().to_owned())
            }
            Err(error) => Err(error),
        }
    })?;
    outcome_from_stored(id, stored)
}

/// Returns the outcome that is stored as a text: an empty one if there is no value; the JSON of an error,
/// which is an object; or the JSON of a value, which is an id and so a string.
fn outcome_from_stored(id: RequestId, stored: String) -> RuleResult<EncodedOutcome> {
    if stored.is_empty() {
        Ok(Outcome::ok(id, None, Entities::none()))
    } else if stored.starts_with('{') {
        Ok(Outcome::failed(id, serde_json::from_str(&stored)?))
    } else {
        Ok(Outcome::ok(id, Some(RawValue::from_string(stored)?), Entities::none()))
    }
}

/// The result of an op.
struct OpResult {
    value: Option<Json>,
    entities: Entities<Body>,
}

impl From<()> for OpResult {
    fn from((): ()) -> Self {
        OpResult { value: None, entities: Entities::none() }
    }
}

impl From<QueryResult> for OpResult {
    fn from(result: QueryResult) -> Self {
        OpResult { value: result.value, entities: result.entities }
    }
}

/// Executes any op. `content` is that of a [`PreparedOp`], and `once` the key of the write if it has one.
fn execute(
    mut transaction: Transaction<'_, '_>,
    op: Op,
    content: RuleResult<Option<Content>>,
    once: Option<&Once<'_>>,
) -> RuleResult<OpResult> {
    let tx = &mut transaction;
    Ok(match op {
        Op::UserGet { user } => topics::get_user(tx.read(), &user)?.into(),
        Op::UserSet { user, data } => users::set(tx.write()?, &user, data)?.into(),
        Op::UserCreateIfNotExists { user, data } => {
            users::create_if_not_exists(tx.write()?, &user, data)?.into()
        }

        Op::ConversationGet { conversation } => topics::get_conversation(tx.read(), &conversation)?.into(),
        Op::ConversationSet { conversation, data } => {
            conversations::set(tx.write()?, &conversation, data)?.into()
        }
        Op::ConversationCreateIfNotExists { conversation, data } => {
            conversations::create_if_not_exists(tx.write()?, &conversation, data)?.into()
        }
        Op::ConversationMarkAsRead { conversation } => {
            read_markers::mark_as_read(tx.write()?, &conversation)?.into()
        }
        Op::ConversationMarkAsUnread { conversation } => {
            read_markers::mark_as_unread(tx.write()?, &conversation)?.into()
        }
        // The service passes it on to the fan-out.
        Op::ConversationMarkAsTyping { conversation } => {
            tx.read().require_write_access(&conversation, "type in it")?.into()
        }

        Op::ParticipantGet { conversation, user } => {
            topics::get_participant(tx.read(), &conversation, &user)?.into()
        }
        Op::ParticipantSet { conversation, user, data } => {
            participants::set(tx.write()?, &conversation, &user, &data)?.into()
        }
        Op::ParticipantEdit { conversation, user, data } => {
            participants::edit(tx.write()?, &conversation, &user, &data)?.into()
        }
        Op::ParticipantCreateIfNotExists { conversation, user, data } => {
            participants::create_if_not_exists(tx.write()?, &conversation, &user, data)?.into()
        }
        Op::ParticipantDelete { conversation, user } => {
            participants::delete(tx.write()?, &conversation, &user)?.into()
        }

        Op::MessageGet { conversation, message } => {
            topics::get_message(tx.read(), &conversation, &message)?.into()
        }
        Op::MessageSend { conversation, data } => {
            let id = messages::send(tx.write()?, &conversation, data, content, once)?;
            OpResult { value: Some(to_json(&id)?), entities: Entities::none() }
        }
        Op::MessageEdit { conversation, message, data } => {
            messages::edit(tx.write()?, &conversation, &message, data, content)?.into()
        }
        Op::MessageDelete { conversation, message } => {
            messages::delete(tx.write()?, &conversation, &message)?.into()
        }

        // The service translates the value.
        Op::MessageTranslate { conversation, message, .. } => OpResult {
            value: topics::message_content(tx.read(), &conversation, &message)?,
            entities: Entities::none(),
        },

        Op::ReactionAdd { conversation, message, emoji } => {
            reactions::add(tx.write()?, &conversation, &message, &emoji)?.into()
        }
        Op::ReactionRemove { conversation, message, emoji } => {
            reactions::remove(tx.write()?, &conversation, &message, &emoji)?.into()
        }
        Op::ReactionList { conversation, message, emoji } => {
            topics::list_reactions(tx.read(), &conversation, &message, &emoji)?.into()
        }

        Op::SearchMessages { data } => topics::search_messages(tx.read(), &data)?.into(),
        Op::SearchConversations { data } => topics::search_conversations(tx.read(), &data)?.into(),
        Op::FileCreate { data } => {
            let token = files::create(tx.write()?, data)?;
            OpResult { value: Some(to_json(&token)?), entities: Entities::none() }
        }

        Op::More { topic, after, limit } => topics::read_more(tx.read(), &topic, &after, limit)?.into(),
    })
}
