//! The rules: who may do what, and what it does.
//!
//! A rule takes a [`Context`], a command and a transaction of the store, and returns a result. It knows no SQL and no
//! sockets, and it is synchronous: what it does, it does inside one transaction, and if it refuses, nothing of it
//! stays. Time and chance come in with the context. That values are within the protocol's limits was checked before
//! the transaction (`check` of ops and commands); what can be known only with the stored data in hand is checked here.
//!
//! Every change advances its streams in the same transaction: a user's when its public data changes, a conversation's
//! with everything that happens in it, a user's conversation list when a conversation joins or leaves it or the user's
//! own settings in one change. And every event of a conversation is told once, with its number, to those who follow.

mod backend;
pub mod command;
mod content;
mod conversations;
mod idempotency;
mod messages;
mod pages;
mod participants;
mod payload;
mod reactions;
mod read_markers;
#[cfg(test)]
mod tests;
pub(crate) mod topics;
mod users;

use causerie_markup::Sender;
use causerie_protocol::error::{ErrorBody, ErrorCode};
use causerie_protocol::frames::Entities;
use causerie_protocol::ids::{ClientId, ConversationId, IdempotencyKey, RequestId, UserId};
use causerie_protocol::ops::Op;
use causerie_protocol::params::{Custom, CustomPatch, EditMessage, SendMessage};
use causerie_protocol::patch::Patch;
use causerie_protocol::{Outcome, limits};
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};

pub use command::RestCommand;

use crate::apps::App;
use crate::store::records::OutcomeKey;
use crate::store::{Read, StoreError, Write};

/// Who is asking.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Caller {
    /// A client of this user, by then authenticated as far as the app asks for it.
    User(UserId),
    /// The app's backend, which holds its secret and may do everything within the app.
    Backend,
}

/// What a rule knows beside its command.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// The app in which it happens.
    pub app: &'a App,
    /// Who is asking.
    pub caller: &'a Caller,
    /// Unix milliseconds.
    pub now: i64,
    /// Chance, fresh at every call.
    pub random: fn() -> Result<u128, StoreError>,
}

/// Why a rule did not do it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RuleError {
    /// The caller is told.
    Refused(ErrorBody),
    /// The store failed; the operator is told, and the caller that it was the server.
    Store(StoreError),
}

impl From<StoreError> for RuleError {
    fn from(error: StoreError) -> Self {
        RuleError::Store(error)
    }
}

impl From<ErrorBody> for RuleError {
    fn from(error: ErrorBody) -> Self {
        RuleError::Refused(error)
    }
}

/// What a rule returns.
pub type RuleResult<T> = Result<T, RuleError>;

/// A JSON text, ready to be put in an answer.
pub type Json = Box<RawValue>;

/// The outcome of a client's op that reads.
///
/// # Errors
/// [`RuleError`]. Reading refuses little: what is not there, and what is not the caller's, is no value.
pub fn read_op(read: &dyn Read, context: &Context<'_>, id: RequestId, op: &Op) -> RuleResult<Outcome<Json>> {
    match topics::execute_read(read, context, op)? {
        Some(answer) => Ok(Outcome::ok(id, answer.value, answer.entities)),
        None => Err(server_error("an op that writes was given to a reading transaction")),
    }
}

/// An op that writes, with all that can be found out about it without the stored data: whoever asks does that, so that
/// the one who writes for all has less to do.
#[derive(Debug)]
pub struct Prepared {
    op: Op,
    /// Tells the request from others, where it has a key.
    hash: Option<[u8; 32]>,
    /// What a message is to say. A refusal is kept for its turn: who may not speak at all is told that instead.
    content: RuleResult<Option<content::Content>>,
}

impl Prepared {
    /// Prepares an op. Its values were checked by then.
    ///
    /// # Errors
    /// [`RuleError::Store`], where it cannot be written as JSON.
    pub fn new(op: Op, key: Option<&IdempotencyKey>) -> RuleResult<Prepared> {
        let hash = key.map(|_| idempotency::hash(&op)).transpose()?;
        let content = match &op {
            Op::MessageSend { data: SendMessage { text, content, .. }, .. }
            | Op::MessageEdit { data: EditMessage { text, content, .. }, .. } => {
                content::given(text.as_deref(), content.as_deref(), Sender::User)
            }
            _ => Ok(None),
        };
        Ok(Prepared { op, hash, content })
    }
}

/// The outcome of a client's op that writes; under an idempotency key it is carried out once only, however often it
/// comes.
///
/// A refusal under a key is an outcome like any other: it is returned as a value, to be committed with the key. A
/// client that lost its answers sends all its unanswered writes again, and what was refused at its own place must not
/// be carried out behind those that came after it.
///
/// # Errors
/// [`RuleError`].
pub fn write_op(
    write: &mut dyn Write,
    context: &Context<'_>,
    client: &ClientId,
    id: RequestId,
    key: Option<&IdempotencyKey>,
    prepared: Prepared,
) -> RuleResult<Outcome<Json>> {
    let Prepared { op, hash, content } = prepared;
    let (Some(key), Some(hash)) = (key, hash) else {
        return act(write, context, op, content).map(|value| Outcome::ok(id, value, Entities::none()));
    };
    let caller = match context.caller {
        Caller::User(user) => user.as_str(),
        Caller::Backend => "",
    };
    let key = OutcomeKey { app: &context.app.id, caller, scope: client.as_str(), key: key.as_str() };
    let answer = idempotency::execute_once(write, &key, hash, context.now, |write| {
        match act(write, context, op, content) {
            Ok(value) => Ok(value.map_or_else(String::new, |value| value.get().to_owned())),
            // An op that is refused has written nothing: it judges first and writes then.
            Err(RuleError::Refused(error)) => Ok(json(&error)?.get().to_owned()),
            Err(fault) => Err(fault),
        }
    })?;
    // What is kept is nothing, a value (an id, and so a string), or an error (an object).
    let unread = |error: serde_json::Error| server_error(&error.to_string());
    if answer.is_empty() {
        Ok(Outcome::ok(id, None, Entities::none()))
    } else if answer.starts_with('{') {
        Ok(Outcome::failed(id, serde_json::from_str(&answer).map_err(unread)?))
    } else {
        Ok(Outcome::ok(id, Some(RawValue::from_string(answer).map_err(unread)?), Entities::none()))
    }
}

/// Does what an op asks; its value, where it has one.
fn act(
    write: &mut dyn Write,
    context: &Context<'_>,
    op: Op,
    content: RuleResult<Option<content::Content>>,
) -> RuleResult<Option<Json>> {
    match op {
        Op::UserSet { user, data } => users::set(write, context, &user, data)?,
        Op::UserCreateIfNotExists { user, data } => users::create_if_not_exists(write, context, &user, data)?,
        Op::ConversationSet { conversation, data } => {
            conversations::set(write, context, &conversation, data)?;
        }
        Op::ConversationCreateIfNotExists { conversation, data } => {
            conversations::create_if_not_exists(write, context, &conversation, data)?;
        }
        Op::ConversationMarkAsRead { conversation } => read_markers::as_read(write, context, &conversation)?,
        Op::ConversationMarkAsUnread { conversation } => {
            read_markers::as_unread(write, context, &conversation)?
        }
        Op::ParticipantSet { conversation, user, data } => {
            participants::set(write, context, &conversation, &user, &data)?;
        }
        Op::ParticipantEdit { conversation, user, data } => {
            participants::edit(write, context, &conversation, &user, &data)?;
        }
        Op::ParticipantCreateIfNotExists { conversation, user, data } => {
            participants::create_if_not_exists(write, context, &conversation, &user, data)?;
        }
        Op::ParticipantDelete { conversation, user } => {
            participants::remove(write, context, &conversation, &user)?;
        }
        Op::MessageSend { conversation, data } => {
            return json(&messages::send(write, context, &conversation, data, content)?).map(Some);
        }
        Op::MessageEdit { conversation, message, data } => {
            messages::edit(write, context, &conversation, &message, data, content)?;
        }
        Op::MessageDelete { conversation, message } => {
            messages::delete(write, context, &conversation, &message)?;
        }
        Op::ReactionAdd { conversation, message, emoji } => {
            reactions::add(write, context, &conversation, &message, &emoji)?;
        }
        Op::ReactionRemove { conversation, message, emoji } => {
            reactions::remove(write, context, &conversation, &message, &emoji)?;
        }
        Op::UserGet { .. }
        | Op::ConversationGet { .. }
        | Op::ConversationMarkAsTyping { .. }
        | Op::ParticipantGet { .. }
        | Op::MessageGet { .. }
        | Op::ReactionList { .. }
        | Op::More { .. } => {
            return Err(server_error("an op that reads was given to a writing transaction"));
        }
    }
    Ok(None)
}

/// Whether the caller may be shown to others as typing in this conversation: whoever may send there.
///
/// # Errors
/// `not_found` for who does not take part, and `forbidden` for who may only read.
pub fn may_type(read: &dyn Read, context: &Context<'_>, conversation: &ConversationId) -> RuleResult<()> {
    participants::writer(read, context, conversation, "type in it").map(|_| ())
}

/// Answers a call of the REST API that reads.
///
/// # Errors
/// [`RuleError`].
pub fn read_command(read: &dyn Read, context: &Context<'_>, command: &RestCommand) -> RuleResult<Json> {
    match command {
        RestCommand::UserGet { user } => json(&users::get_for_backend(read, context, user)?),
        RestCommand::UsersGet { page } => json(&backend::users(read, context, page)?),
        RestCommand::UserConversationsGet { user, page } => {
            json(&backend::conversations_of(read, context, user, page)?)
        }
        RestCommand::ConversationGet { conversation } => {
            json(&backend::conversation(read, context, conversation)?)
        }
        RestCommand::ConversationsGet { page } => json(&backend::conversations(read, context, page)?),
        RestCommand::MessagesGet { conversation, page } => {
            json(&backend::messages(read, context, conversation, page)?)
        }
        RestCommand::MessageGet { conversation, message } => {
            json(&backend::message(read, context, conversation, message)?)
        }
        _ => Err(server_error("a command that writes was given to a reading transaction")),
    }
}

/// Carries out a call of the REST API that writes.
///
/// # Errors
/// [`RuleError`].
pub fn write_command(write: &mut dyn Write, context: &Context<'_>, command: RestCommand) -> RuleResult<Json> {
    match command {
        RestCommand::UserPut { user, data } => users::set(write, context, &user, data)?,
        RestCommand::UsersPut { users } => users::set_all(write, context, users)?,
        RestCommand::ConversationPut { conversation, data } => {
            conversations::put(write, context, &conversation, data)?;
        }
        RestCommand::ConversationDelete { conversation } => {
            conversations::delete(write, context, &conversation)?;
        }
        RestCommand::ParticipantPut { conversation, user, data } => {
            participants::overwrite(write, context, &conversation, &user, &data)?;
        }
        RestCommand::ParticipantPatch { conversation, user, data } => {
            participants::amend(write, context, &conversation, &user, &data)?;
        }
        RestCommand::ParticipantDelete { conversation, user } => {
            participants::delete(write, context, &conversation, &user)?;
        }
        RestCommand::MessagesPost { conversation, messages } => {
            return json(&messages::post(write, context, &conversation, messages)?);
        }
        RestCommand::MessagePut { conversation, message, data } => {
            messages::amend(write, context, &conversation, &message, data)?;
        }
        RestCommand::MessageDelete { conversation, message } => {
            messages::remove(write, context, &conversation, &message)?;
        }
        RestCommand::ReactionPut { conversation, message, emoji, user } => {
            reactions::put(write, context, &conversation, &message, &emoji, &user)?;
        }
        RestCommand::ReactionDelete { conversation, message, emoji, user } => {
            reactions::delete(write, context, &conversation, &message, &emoji, &user)?;
        }
        RestCommand::UserGet { .. }
        | RestCommand::UsersGet { .. }
        | RestCommand::PresencesPost { .. }
        | RestCommand::UserConversationsGet { .. }
        | RestCommand::ConversationGet { .. }
        | RestCommand::ConversationsGet { .. }
        | RestCommand::MessageGet { .. }
        | RestCommand::MessagesGet { .. } => {
            return read_command(write, context, &command);
        }
    }
    json(&serde_json::Map::new())
}

/// A value as JSON text.
fn json<T: Serialize>(value: &T) -> RuleResult<Json> {
    to_raw_value(value).map_err(|error| server_error(&error.to_string()))
}

/// What cannot happen short of a mistake in this program; told to the operator.
fn server_error(text: &str) -> RuleError {
    RuleError::Store(StoreError::failed(text))
}

fn not_found(what: &str, id: &str) -> RuleError {
    RuleError::Refused(ErrorBody::new(ErrorCode::NotFound, format!("there is no {what} with the id {id:?}")))
}

fn forbidden(text: &str) -> RuleError {
    RuleError::Refused(ErrorBody::new(ErrorCode::Forbidden, text))
}

/// Custom data after a patch, within the limits as a whole.
fn patched_custom(patch: Patch<CustomPatch>, current: &Custom) -> RuleResult<Custom> {
    let patch = match patch {
        Patch::Keep => return Ok(current.clone()),
        Patch::Clear => return Ok(Custom::new()),
        Patch::Set(patch) => patch,
    };
    let mut custom = current.clone();
    for (key, value) in patch {
        match value {
            Some(value) => custom.insert(key, value),
            None => custom.remove(&key),
        };
    }
    limits::check_custom("custom", custom.iter().map(|(key, value)| (key.as_str(), Some(value.as_str()))))?;
    Ok(custom)
}
