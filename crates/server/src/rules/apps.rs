//! The settings of an app that a backend may read and change: its custom data.

use causerie_protocol::error::{ErrorBody, ErrorCode};
use causerie_protocol::params::Custom;
use serde::Serialize;

use super::command::PutApp;
use super::context::{ReadRules, WriteRules};
use super::error::RuleResult;
use super::patches::patched_custom;

/// An app in a response to a backend.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct BackendApp {
    id: String,
    custom: Custom,
    default_locale: String,
}

/// For backends: returns the app.
pub(super) fn backend_get(rules: ReadRules<'_>) -> RuleResult<BackendApp> {
    Ok(BackendApp {
        id: rules.app_id().to_owned(),
        custom: rules.store.app_custom(rules.app_id())?,
        default_locale: rules.context.app.default_locale.clone(),
    })
}

/// For backends: changes the app's custom data.
pub(super) fn backend_put(rules: &mut WriteRules<'_>, data: PutApp) -> RuleResult<()> {
    let app = rules.context.app;
    if data.id.is_some_and(|id| id != app.id) {
        return Err(ErrorBody::invalid("id", "must be the id in the path: an id cannot be changed").into());
    }
    if data.default_locale.is_some_and(|locale| locale != app.default_locale) {
        let text = "defaultLocale: is a setting of the server, `default_locale` of the app";
        let error = ErrorBody::new(ErrorCode::InvalidArgument, text);
        return Err(ErrorBody { field: Some("defaultLocale".to_owned()), ..error }.into());
    }
    let current = rules.store.app_custom(&app.id)?;
    let custom = patched_custom(data.custom, &current)?;
    if custom != current {
        rules.store.put_app_custom(&app.id, &custom)?;
    }
    Ok(())
}
