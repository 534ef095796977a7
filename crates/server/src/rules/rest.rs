//! Executes the calls of the REST API. [`execute`] has the one list of rules by command.

use serde_json::Map;

use super::command::RestCommand;
use super::context::{ReadRules, Transaction, WriteRules};
use super::error::{RuleError, RuleResult};
use super::json::{Json, to_json};
use super::{
    apps, backend, conversations, imports, messages, participants, reactions, read_markers, users, webhooks,
};

/// Executes a command that reads. Returns the body of the response.
///
/// # Errors
/// [`RuleError`].
pub fn read_command(rules: ReadRules<'_>, command: RestCommand) -> RuleResult<Json> {
    execute(Transaction::Read(rules), command)
}

/// Executes a command that writes. Returns the body of the response.
///
/// # Errors
/// [`RuleError`].
pub fn write_command(rules: &mut WriteRules<'_>, command: RestCommand) -> RuleResult<Json> {
    execute(Transaction::Write(rules), command)
}

fn execute(mut transaction: Transaction<'_, '_>, command: RestCommand) -> RuleResult<Json> {
    let tx = &mut transaction;
    match command {
        RestCommand::UserPut { user, data } => empty(users::set(tx.write()?, &user, data)),
        RestCommand::UserGet { user } => to_json(&backend::user(tx.read(), &user)?),
        RestCommand::UsersPut { users } => empty(users::backend_put_all(tx.write()?, users)),
        RestCommand::UsersGet { page } => to_json(&backend::users(tx.read(), &page)?),
        RestCommand::PresencesPost { .. } | RestCommand::UserSessionsGet { .. } => {
            Err(RuleError::Internal("the store was asked for presences, which only the fan-out knows"))
        }
        RestCommand::UserRevoke { user, data } => {
            users::revoke(tx.write()?, &user, &data)?;
            to_json(&data)
        }
        RestCommand::UserConversationsGet { user, page } => {
            to_json(&backend::user_conversations(tx.read(), &user, &page)?)
        }

        RestCommand::ConversationPut { conversation, data } => {
            empty(conversations::backend_put(tx.write()?, &conversation, data))
        }
        RestCommand::ConversationGet { conversation } => {
            to_json(&backend::conversation(tx.read(), &conversation)?)
        }
        RestCommand::ConversationDelete { conversation } => {
            empty(conversations::backend_delete(tx.write()?, &conversation))
        }
        RestCommand::ConversationsGet { page } => to_json(&backend::conversations(tx.read(), &page)?),

        RestCommand::ParticipantPut { conversation, user, data } => {
            empty(participants::backend_put(tx.write()?, &conversation, &user, &data))
        }
        RestCommand::ParticipantPatch { conversation, user, data } => {
            empty(participants::backend_patch(tx.write()?, &conversation, &user, &data))
        }
        RestCommand::ParticipantDelete { conversation, user } => {
            empty(participants::backend_delete(tx.write()?, &conversation, &user))
        }

        RestCommand::MessagesPost { conversation, messages } => {
            to_json(&messages::backend_post(tx.write()?, &conversation, messages)?)
        }
        RestCommand::MessagesGet { conversation, page } => {
            to_json(&backend::messages(tx.read(), &conversation, &page)?)
        }
        RestCommand::MessageGet { conversation, message } => {
            to_json(&backend::message(tx.read(), &conversation, &message)?)
        }
        RestCommand::MessagePut { conversation, message, data } => {
            empty(messages::backend_put(tx.write()?, &conversation, &message, data))
        }
        RestCommand::MessageDelete { conversation, message } => {
            empty(messages::backend_delete(tx.write()?, &conversation, &message))
        }

        RestCommand::ReactionPut { conversation, message, emoji, user } => {
            empty(reactions::backend_put(tx.write()?, &conversation, &message, &emoji, &user))
        }
        RestCommand::ReactionDelete { conversation, message, emoji, user } => {
            empty(reactions::backend_delete(tx.write()?, &conversation, &message, &emoji, &user))
        }

        RestCommand::AppGet => to_json(&apps::backend_get(tx.read())?),
        RestCommand::AppPut { data } => empty(apps::backend_put(tx.write()?, data)),
        RestCommand::ImportPost { conversation, messages } => {
            to_json(&imports::backend_import(tx.write()?, &conversation, messages)?)
        }
        RestCommand::ReadersPost { conversation, message, data } => {
            empty(read_markers::backend_mark_as_read(tx.write()?, &conversation, &message, data.users()))
        }
        RestCommand::NotificationsPost { conversation, data } => {
            empty(webhooks::backend_notify(tx.write()?, &conversation, &data))
        }
        RestCommand::WebhookEventsGet { page } => to_json(&webhooks::events(tx.read(), &page)?),
        RestCommand::WebhookEventsReplay { data } => to_json(&webhooks::replay(tx.write()?, &data)?),
    }
}

/// The response to a command without a result: `{}`.
fn empty(result: RuleResult<()>) -> RuleResult<Json> {
    result.and_then(|()| to_json(&Map::new()))
}
