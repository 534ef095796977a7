//! Users. Every client of an app may read the public data of all its users. A client may create and change
//! users only if the app lets clients sync users, and only its own user if the app authenticates its clients.

use std::collections::{BTreeMap, BTreeSet};

use causerie_protocol::error::{ErrorBody, ErrorCode};
use causerie_protocol::ids::UserId;
use causerie_protocol::params::{CreateUser, SetUser, Strings, name_required};
use causerie_protocol::patch::Patch;
use causerie_protocol::validation;

use super::command::RevokeTokens;
use super::context::{Caller, Context, WriteRules};
use super::entities::user_entity;
use super::error::{RuleError, RuleResult};
use super::patches::{patched_custom, set_text};
use super::refusal::Refusal;
use super::webhooks;
use crate::apps::WebhookKind;
use crate::events::AppEventKind;
use crate::store::records::{PrivateRecord, UserRecord};

/// Changes the given properties of a user, who is created if it does not exist.
pub(super) fn set(rules: &mut WriteRules<'_>, user: &UserId, data: SetUser) -> RuleResult<()> {
    check_may_write(rules.context, user)?;
    let current = rules.store.user(rules.app_id(), user)?;
    put(rules, user, current, data)
}

/// For backends: changes several users, all of them or none.
pub(super) fn backend_put_all(
    rules: &mut WriteRules<'_>,
    users: BTreeMap<UserId, SetUser>,
) -> RuleResult<()> {
    users
        .into_iter()
        .try_for_each(|(user, data)| set(rules, &user, data).map_err(|error| error.within(user.as_str())))
}

/// Creates a user. Does nothing if the user exists, also for a caller who may not change it.
pub(super) fn create_if_not_exists(
    rules: &mut WriteRules<'_>,
    user: &UserId,
    data: CreateUser,
) -> RuleResult<()> {
    if rules.store.user(rules.app_id(), user)?.is_some() {
        return Ok(());
    }
    check_may_write(rules.context, user)?;
    put(rules, user, None, data.into())
}

fn check_may_write(context: &Context<'_>, user: &UserId) -> RuleResult<()> {
    let Caller::User(caller) = context.caller else {
        return Ok(());
    };
    if !context.app.user_sync {
        return Err(Refusal::UserSyncDisabled.into());
    }
    if context.app.authentication && caller != user {
        return Err(Refusal::NotOwnUser.into());
    }
    Ok(())
}

/// Applies `data` to a user whose record is `current`. Writes and publishes only if something changed.
fn put(
    rules: &mut WriteRules<'_>,
    user: &UserId,
    current: Option<UserRecord>,
    data: SetUser,
) -> RuleResult<()> {
    let app = rules.app_id();
    let current_private = match &current {
        Some(_) => rules.store.user_private(app, user)?,
        None => PrivateRecord::default(),
    };
    let private = PrivateRecord {
        emails: patched_list(data.email, &current_private.emails),
        phones: patched_list(data.phone, &current_private.phones),
        push_tokens: patched_tokens(data.push_tokens, &current_private.push_tokens)?,
    };
    let base = match &current {
        Some(record) => record.clone(),
        None => UserRecord {
            name: data.name.value().cloned().ok_or_else(name_required)?,
            custom: BTreeMap::new(),
            locale: None,
            photo_url: None,
            role: None,
            welcome_message: None,
            created_at: rules.context.now,
        },
    };
    let record = UserRecord {
        name: data.name.apply(None).unwrap_or(base.name),
        custom: patched_custom(data.custom, &base.custom)?,
        locale: set_text(data.locale, base.locale),
        photo_url: set_text(data.photo_url, base.photo_url),
        role: set_text(data.role, base.role),
        welcome_message: set_text(data.welcome_message, base.welcome_message),
        created_at: base.created_at,
    };
    if current.as_ref() != Some(&record) {
        rules.store.put_user(app, user, &record)?;
        rules.publish(AppEventKind::User(user_entity(rules.context.app, user, record.clone())));
    }
    let is_changed = current.as_ref() != Some(&record) || current_private != private;
    if current_private != private {
        rules.store.put_user_private(app, user, &private)?;
    }
    match current {
        Some(_) if !is_changed => Ok(()),
        Some(_) => webhooks::user(rules, WebhookKind::UserUpdated, user),
        None => webhooks::user(rules, WebhookKind::UserCreated, user),
    }
}

/// Returns a list after a patch, which replaces it as a whole.
fn patched_list(patch: Patch<Strings>, current: &[String]) -> Vec<String> {
    match patch {
        Patch::Keep => current.to_vec(),
        Patch::Clear => Vec::new(),
        Patch::Set(list) => list.0.into_iter().filter(|entry| !entry.is_empty()).collect(),
    }
}

/// Returns push tokens after a patch. Refuses it if the result is over the limits, even if the patch is
/// within them.
fn patched_tokens(
    patch: Patch<BTreeMap<String, Option<bool>>>,
    current: &BTreeSet<String>,
) -> RuleResult<BTreeSet<String>> {
    let patch = match patch {
        Patch::Keep => return Ok(current.clone()),
        Patch::Clear => return Ok(BTreeSet::new()),
        Patch::Set(patch) => patch,
    };
    let mut tokens = current.clone();
    for (token, on) in patch {
        match on {
            Some(_) => tokens.insert(token),
            None => tokens.remove(&token),
        };
    }
    let all = tokens.iter().map(|token| (token.clone(), ())).collect();
    validation::check_push_tokens("pushTokens", &all)?;
    Ok(tokens)
}

/// Revokes the tokens of a user, who need not exist, that were issued before a time.
pub(super) fn revoke(rules: &mut WriteRules<'_>, user: &UserId, data: &RevokeTokens) -> RuleResult<()> {
    let app = rules.context.app;
    if !app.authentication {
        let text = "the app has no authentication, so there are no tokens to revoke";
        return Err(Refusal::Invalid(ErrorBody::new(ErrorCode::Unsupported, text)).into());
    }
    let before = data.before.ok_or(RuleError::Internal("a revocation has no time"))?;
    rules.store.put_revocation(&app.id, user, before)?;
    Ok(())
}
