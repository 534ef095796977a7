//! The settings of an app in the file and the environment, and the app that they make.

use std::collections::{BTreeMap, BTreeSet};

use causerie_protocol::validation;
use serde::Deserialize;

use super::error::ConfigError;
use super::services::{TranslatorEntry, WebhookEntry};
use crate::apps::roles::{RoleSettings, Roles};
use crate::apps::{App, Origins, Webhook};

/// The id of the built-in app.
pub const DEMO_APP: &str = "demo";
/// The secret of the built-in app. Everybody knows it, so the app is served on loopback only.
pub const DEMO_SECRET: &str = "demo-secret";

/// The minimum length of a secret: 128 bits in hexadecimal.
const MIN_SECRET_CHARS: usize = 32;
/// The maximum number of webhooks of an app.
const MAX_WEBHOOKS: usize = 10;
/// The maximum length of an app's id.
const MAX_ID_CHARS: usize = 64;
/// The maximum number of roles of an app.
const MAX_ROLES: usize = 100;

/// The built-in app, which has no authentication and lets clients change everything.
#[must_use]
pub fn demo_app(loopback_only: bool) -> App {
    App {
        id: DEMO_APP.to_owned(),
        secrets: vec![DEMO_SECRET.to_owned()],
        authentication: false,
        user_sync: true,
        conversation_sync: true,
        default_locale: "en".to_owned(),
        default_role: "default".to_owned(),
        roles: Roles::default(),
        origins: Origins { exact: Default::default(), loopback: true },
        loopback_only,
        webhooks: Vec::new(),
        translator: None,
    }
}

/// The settings of one app. Every key except the id is optional.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AppEntry {
    pub(super) id: String,
    pub(super) secrets: Option<Vec<String>>,
    pub(super) authentication: Option<bool>,
    pub(super) user_sync: Option<bool>,
    pub(super) conversation_sync: Option<bool>,
    pub(super) default_locale: Option<String>,
    pub(super) default_role: Option<String>,
    pub(super) roles: Option<BTreeMap<String, RoleSettings>>,
    pub(super) origins: Option<Vec<String>>,
    pub(super) loopback_origins: Option<bool>,
    pub(super) loopback_only: Option<bool>,
    pub(super) webhooks: Option<Vec<WebhookEntry>>,
    pub(super) translator: Option<TranslatorEntry>,
}

impl AppEntry {
    /// This entry with every setting replaced that `over` has.
    pub(super) fn overlaid(self, over: AppEntry) -> AppEntry {
        AppEntry {
            id: over.id,
            secrets: over.secrets.or(self.secrets),
            authentication: over.authentication.or(self.authentication),
            user_sync: over.user_sync.or(self.user_sync),
            conversation_sync: over.conversation_sync.or(self.conversation_sync),
            default_locale: over.default_locale.or(self.default_locale),
            default_role: over.default_role.or(self.default_role),
            roles: over.roles.or(self.roles),
            origins: over.origins.or(self.origins),
            loopback_origins: over.loopback_origins.or(self.loopback_origins),
            loopback_only: over.loopback_only.or(self.loopback_only),
            webhooks: over.webhooks.or(self.webhooks),
            translator: over.translator.or(self.translator),
        }
    }

    /// Checks the settings and makes the app. Errors name `origin` as the source of the settings.
    pub(super) fn build(self, origin: &str) -> Result<App, ConfigError> {
        let app = self.id.clone();
        let invalid = |key: &'static str, expected: &str| {
            let (origin, expected) = (origin.to_owned(), expected.to_owned());
            Err(ConfigError::App { origin, app: app.clone(), key, expected })
        };
        let is_valid_id = !self.id.is_empty()
            && self.id.len() <= MAX_ID_CHARS
            && self.id.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b));
        if !is_valid_id {
            return invalid("id", "must be 1 to 64 letters, digits, - or _");
        }
        let secrets = self.secrets.unwrap_or_default();
        if secrets.is_empty() || secrets.len() > 2 {
            return invalid(
                "secrets",
                "must be a list of one secret, or of two while one replaces the other",
            );
        }
        if secrets.iter().any(|secret| secret.chars().count() < MIN_SECRET_CHARS) {
            return invalid(
                "secrets",
                "each must have 32 characters or more; make one with `openssl rand -hex 32`",
            );
        }
        let default_locale = self.default_locale.unwrap_or_else(|| "en".to_owned());
        if validation::check_locale("", &default_locale).is_err() {
            return invalid("default_locale", "must be a BCP 47 language tag such as \"en\" or \"pt-BR\"");
        }
        let default_role = self.default_role.unwrap_or_else(|| "default".to_owned());
        if validation::check_role("", &default_role).is_err() {
            return invalid("default_role", "must be the name of a role, 1 to 128 characters");
        }
        let roles = self.roles.unwrap_or_default();
        if roles.len() > MAX_ROLES {
            return invalid("roles", &format!("must have at most {MAX_ROLES} roles (got {})", roles.len()));
        }
        if let Some(role) = roles.keys().find(|role| validation::check_role("", role).is_err()) {
            let expected = format!("{role:?} must be the name of a role, 1 to 128 characters");
            return invalid("roles", &expected);
        }
        let exact = self.origins.unwrap_or_default();
        if let Some(origin) = exact.iter().find(|origin| !is_origin(origin)) {
            return invalid(
                "origins",
                &format!(
                    "\"{origin}\" is not an origin as browsers write it, such as \
                     \"https://chat.example.com\" (no path, no slash at the end, lower case)"
                ),
            );
        }
        let webhooks = self.webhooks.unwrap_or_default();
        if webhooks.len() > MAX_WEBHOOKS {
            return invalid("webhooks", &format!("must be at most {MAX_WEBHOOKS}"));
        }
        let webhooks: Vec<Webhook> = match webhooks.into_iter().map(WebhookEntry::build).collect() {
            Ok(webhooks) => webhooks,
            Err(problem) => return invalid("webhooks", &problem),
        };
        let urls: BTreeSet<&str> = webhooks.iter().map(|webhook| webhook.url.as_str()).collect();
        if urls.len() < webhooks.len() {
            return invalid("webhooks", "two of them have the same URL");
        }
        let translator = match self.translator.map(TranslatorEntry::build).transpose() {
            Ok(translator) => translator,
            Err(problem) => return invalid("translator", &problem),
        };
        let authentication = self.authentication.unwrap_or(true);
        // An app without authentication is served to the network only if the settings ask for it.
        let loopback_only = self.loopback_only.unwrap_or(!authentication);
        Ok(App {
            origins: Origins {
                exact: exact.into_iter().collect(),
                loopback: self.loopback_origins.unwrap_or(loopback_only),
            },
            id: self.id,
            secrets,
            authentication,
            // With authentication, the backend decides, unless the settings leave it to the clients.
            user_sync: self.user_sync.unwrap_or(!authentication),
            conversation_sync: self.conversation_sync.unwrap_or(!authentication),
            default_locale,
            roles: Roles::new(roles, &default_role),
            default_role,
            loopback_only,
            webhooks,
            translator,
        })
    }
}

/// Whether a browser could send this in an `Origin` header: scheme, host and an optional port, in lower case.
fn is_origin(text: &str) -> bool {
    let Some((scheme, host)) = text.split_once("://") else {
        return false;
    };
    let is_scheme = !scheme.is_empty()
        && scheme.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"+-.".contains(&b));
    let is_host = !host.is_empty()
        && host.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-._:[]".contains(&b));
    is_scheme && is_host
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "0123456789abcdef0123456789abcdef";

    fn entry() -> AppEntry {
        AppEntry { id: "shop".to_owned(), secrets: Some(vec![SECRET.to_owned()]), ..AppEntry::default() }
    }

    #[test]
    fn an_app_with_defaults_needs_tokens_and_allows_no_origin() {
        let app = entry().build("test").unwrap();
        assert!(app.authentication);
        assert!(!app.loopback_only);
        assert_eq!(app.origins, Origins::default());
    }

    #[test]
    fn clients_of_an_app_with_authentication_sync_nothing_by_default() {
        let app = entry().build("test").unwrap();
        assert!(!app.user_sync && !app.conversation_sync);
        let open = AppEntry { authentication: Some(false), ..entry() }.build("test").unwrap();
        assert!(open.user_sync && open.conversation_sync);
        let asked = AppEntry { user_sync: Some(true), conversation_sync: Some(true), ..entry() };
        let asked = asked.build("test").unwrap();
        assert!(asked.user_sync && asked.conversation_sync);
    }

    #[test]
    fn each_unsafe_setting_of_an_app_has_a_warning_with_its_name() {
        let warnings = |entry: AppEntry| entry.build("test").unwrap().unsafe_settings();
        assert_eq!(warnings(entry()), [] as [&str; 0]);
        let names =
            |entry| warnings(entry).iter().map(|text| text.split(':').next().unwrap()).collect::<Vec<_>>();
        let sync = AppEntry { user_sync: Some(true), conversation_sync: Some(true), ..entry() };
        assert_eq!(names(sync), ["user_sync = true", "conversation_sync = true"]);
        let open = AppEntry { authentication: Some(false), loopback_only: Some(false), ..entry() };
        assert_eq!(names(open), ["authentication = false, loopback_only = false"]);
        let local = AppEntry { authentication: Some(false), ..entry() };
        assert_eq!(names(local), [] as [&str; 0], "it is served to this machine only");
        let roles = AppEntry {
            user_sync: Some(true),
            roles: Some([("guest".to_owned(), RoleSettings::default())].into()),
            ..entry()
        };
        assert_eq!(names(roles), ["user_sync = true", "user_sync = true, roles"]);
        let pages = AppEntry { loopback_origins: Some(true), ..entry() };
        assert_eq!(names(pages), ["loopback_origins = true"]);
    }

    #[test]
    fn an_app_without_authentication_is_loopback_only_by_default() {
        let open = AppEntry { authentication: Some(false), ..entry() };
        assert!(open.clone().build("test").unwrap().loopback_only);
        let on_network = AppEntry { loopback_only: Some(false), ..open };
        assert!(!on_network.build("test").unwrap().loopback_only);
    }

    #[test]
    fn each_invalid_setting_has_an_error_with_its_key_and_rule() {
        let cases = [
            (AppEntry { id: "a b".to_owned(), ..entry() }, "id: must be"),
            (AppEntry { secrets: None, ..entry() }, "secrets: must be a list"),
            (AppEntry { secrets: Some(vec![]), ..entry() }, "secrets: must be a list"),
            (AppEntry { secrets: Some(vec!["short".to_owned()]), ..entry() }, "secrets: each must have"),
            (AppEntry { secrets: Some(vec![SECRET.to_owned(); 3]), ..entry() }, "secrets: must be a list"),
            (AppEntry { default_locale: Some("e".to_owned()), ..entry() }, "default_locale: must be"),
            (AppEntry { default_role: Some(" ".to_owned()), ..entry() }, "default_role: must be"),
            (
                AppEntry { origins: Some(vec!["https://a.test/".to_owned()]), ..entry() },
                "origins: \"https://a.test/\"",
            ),
            (AppEntry { origins: Some(vec!["*".to_owned()]), ..entry() }, "origins: \"*\""),
            (
                AppEntry { roles: Some([(String::new(), RoleSettings::default())].into()), ..entry() },
                "roles: \"\" must be the name of a role",
            ),
            (
                AppEntry {
                    roles: Some((0..101).map(|n| (format!("r{n}"), RoleSettings::default())).collect()),
                    ..entry()
                },
                "roles: must have at most 100 roles (got 101)",
            ),
        ];
        for (entry, expected) in cases {
            let error = entry.build("causerie.toml").unwrap_err().to_string();
            assert!(error.starts_with("causerie.toml: app \"") && error.contains(expected), "{error}");
            assert!(!error.contains("short\""), "a secret is in the error: {error}");
        }
    }

    #[test]
    fn the_environment_overrides_single_settings_of_the_file() {
        let file = AppEntry { user_sync: Some(false), default_role: Some("guest".to_owned()), ..entry() };
        let over = AppEntry { id: "shop".to_owned(), user_sync: Some(true), ..AppEntry::default() };
        let app = file.overlaid(over).build("test").unwrap();
        assert!(app.user_sync);
        assert_eq!(app.default_role, "guest");
        assert_eq!(app.secrets, [SECRET]);
    }
}
