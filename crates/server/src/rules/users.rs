//! Users. Anybody in the app may read the public data of every user. A client may write as far as the app lets
//! clients sync users, and where the app authenticates its clients, only the user that the token names.

use std::collections::{BTreeMap, BTreeSet};

use causerie_protocol::entities;
use causerie_protocol::error::{ErrorBody, ErrorCode};
use causerie_protocol::ids::UserId;
use causerie_protocol::limits;
use causerie_protocol::params::{CreateUser, SetUser, Strings, name_required};
use causerie_protocol::patch::Patch;
use serde::Serialize;

use super::{Caller, Context, RuleError, RuleResult, not_found, patched_custom, payload};
use crate::apps::App;
use crate::events::AppEventKind;
use crate::store::records::{PrivateRecord, UserRecord};
use crate::store::{Read, Write};

/// A user as a backend sees it: with what is private.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct BackendUser {
    #[serde(flatten)]
    public: entities::User,
    email: Vec<String>,
    phone: Vec<String>,
    push_tokens: BTreeMap<String, bool>,
    created_at: i64,
}

/// A user's public data, if there is such a user.
pub(super) fn get(
    read: &dyn Read,
    context: &Context<'_>,
    user: &UserId,
) -> RuleResult<Option<entities::User>> {
    Ok(read.user(&context.app.id, user)?.map(|record| public(context.app, user, record)))
}

/// A user with what is private.
pub(super) fn get_for_backend(
    read: &dyn Read,
    context: &Context<'_>,
    user: &UserId,
) -> RuleResult<BackendUser> {
    let app = context.app;
    let record = read.user(&app.id, user)?.ok_or_else(|| not_found("user", user.as_str()))?;
    let private = read.user_private(&app.id, user)?;
    Ok(BackendUser {
        created_at: record.created_at,
        public: public(app, user, record),
        email: private.emails,
        phone: private.phones,
        push_tokens: private.push_tokens.into_iter().map(|token| (token, true)).collect(),
    })
}

/// Sets what is given of a user, who is created where there was none.
pub(super) fn set(
    write: &mut dyn Write,
    context: &Context<'_>,
    user: &UserId,
    data: SetUser,
) -> RuleResult<()> {
    may_write(context, user)?;
    let current = write.user(&context.app.id, user)?;
    put(write, context, user, current, data)
}

/// Sets what is given of several users: all of them, or none. For backends.
pub(super) fn set_all(
    write: &mut dyn Write,
    context: &Context<'_>,
    users: BTreeMap<UserId, SetUser>,
) -> RuleResult<()> {
    for (user, data) in users {
        set(write, context, &user, data).map_err(|fault| match fault {
            RuleError::Refused(error) => RuleError::Refused(error.within(user.as_str())),
            fault @ RuleError::Store(_) => fault,
        })?;
    }
    Ok(())
}

/// Creates a user; where there is one already, does nothing, and that is a success for everybody.
pub(super) fn create_if_not_exists(
    write: &mut dyn Write,
    context: &Context<'_>,
    user: &UserId,
    data: CreateUser,
) -> RuleResult<()> {
    if write.user(&context.app.id, user)?.is_some() {
        return Ok(());
    }
    may_write(context, user)?;
    put(write, context, user, None, data.into())
}

fn may_write(context: &Context<'_>, user: &UserId) -> RuleResult<()> {
    let Caller::User(caller) = context.caller else {
        return Ok(());
    };
    if !context.app.user_sync {
        let text = "this app does not let browsers create or change users: do it from your backend, with the REST API";
        return Err(ErrorBody::new(ErrorCode::UserSyncDisabled, text).into());
    }
    if context.app.authentication && caller != user {
        let text = "a client of this app may create and change only its own user, the one its token names: \
                    do it from your backend, with the REST API";
        return Err(ErrorBody::new(ErrorCode::Forbidden, text).into());
    }
    Ok(())
}

/// Writes what a user is after `data`, as far as it differs from what there is.
fn put(
    write: &mut dyn Write,
    context: &Context<'_>,
    user: &UserId,
    current: Option<UserRecord>,
    data: SetUser,
) -> RuleResult<()> {
    let app = &context.app.id;
    let current_private = match &current {
        Some(_) => write.user_private(app, user)?,
        None => PrivateRecord::default(),
    };
    let private = PrivateRecord {
        emails: listed(data.email, &current_private.emails),
        phones: listed(data.phone, &current_private.phones),
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
            created_at: context.now,
        },
    };
    let record = UserRecord {
        name: data.name.apply(None).unwrap_or(base.name),
        custom: patched_custom(data.custom, &base.custom)?,
        locale: data.locale.apply(base.locale),
        photo_url: data.photo_url.apply(base.photo_url),
        role: data.role.apply(base.role),
        welcome_message: data.welcome_message.apply(base.welcome_message),
        created_at: base.created_at,
    };
    if current.as_ref() != Some(&record) {
        write.put_user(app, user, &record)?;
        payload::publish(write, context, AppEventKind::User(public(context.app, user, record)));
    }
    if current_private != private {
        write.put_user_private(app, user, &private)?;
    }
    Ok(())
}

/// A list after a patch that replaces it as a whole.
fn listed(patch: Patch<Strings>, current: &[String]) -> Vec<String> {
    match patch {
        Patch::Keep => current.to_vec(),
        Patch::Clear => Vec::new(),
        Patch::Set(list) => list.0,
    }
}

/// Push tokens after a patch, within the limits as a whole.
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
    limits::check_push_tokens("pushTokens", &all)?;
    Ok(tokens)
}

/// What everybody may know: the defaults stand where nothing was set.
fn public(app: &App, user: &UserId, record: UserRecord) -> entities::User {
    entities::User {
        id: user.clone(),
        name: record.name,
        custom: record.custom,
        locale: record.locale.unwrap_or_else(|| app.default_locale.clone()),
        photo_url: record.photo_url,
        role: record.role.unwrap_or_else(|| app.default_role.clone()),
        welcome_message: record.welcome_message,
    }
}
