//! An app as it is written in the file or the environment, and what becomes of it.

use causerie_protocol::limits;
use serde::Deserialize;

use super::ConfigError;
use crate::apps::{App, Origins};

/// The id of the built-in app.
pub const DEMO_APP: &str = "demo";
/// Its secret. It is no secret at all, which is why the app is served on loopback only.
pub const DEMO_SECRET: &str = "demo-secret";

/// The fewest characters of a secret: 128 bits in hexadecimal.
const SECRET_CHARS: usize = 32;
/// The most characters of an app's id.
const ID_CHARS: usize = 64;

/// The built-in app: no authentication, everything allowed.
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
        origins: Origins { exact: Default::default(), loopback: true },
        loopback_only,
    }
}

/// An app as it is written, every key but the id optional.
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
    pub(super) origins: Option<Vec<String>>,
    pub(super) loopback_origins: Option<bool>,
    pub(super) loopback_only: Option<bool>,
}

impl AppEntry {
    /// This entry with what `over` says in its place.
    pub(super) fn overlaid(self, over: AppEntry) -> AppEntry {
        AppEntry {
            id: over.id,
            secrets: over.secrets.or(self.secrets),
            authentication: over.authentication.or(self.authentication),
            user_sync: over.user_sync.or(self.user_sync),
            conversation_sync: over.conversation_sync.or(self.conversation_sync),
            default_locale: over.default_locale.or(self.default_locale),
            default_role: over.default_role.or(self.default_role),
            origins: over.origins.or(self.origins),
            loopback_origins: over.loopback_origins.or(self.loopback_origins),
            loopback_only: over.loopback_only.or(self.loopback_only),
        }
    }

    /// The app, checked. `place` says where it was written, for the error.
    pub(super) fn build(self, place: &str) -> Result<App, ConfigError> {
        let wrong = |key: &str, expected: &str| {
            Err(ConfigError(format!("{place}: app \"{}\": {key}: {expected}", self.id)))
        };
        let id_ok = !self.id.is_empty()
            && self.id.len() <= ID_CHARS
            && self.id.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b));
        if !id_ok {
            return wrong("id", "must be 1 to 64 letters, digits, - or _");
        }
        let secrets = self.secrets.unwrap_or_default();
        if secrets.is_empty() || secrets.len() > 2 {
            return wrong("secrets", "must be a list of one secret, or of two while one replaces the other");
        }
        if secrets.iter().any(|secret| secret.chars().count() < SECRET_CHARS) {
            return wrong(
                "secrets",
                "each must have 32 characters or more; make one with `openssl rand -hex 32`",
            );
        }
        let default_locale = self.default_locale.unwrap_or_else(|| "en".to_owned());
        if limits::check_locale("", &default_locale).is_err() {
            return wrong("default_locale", "must be a BCP 47 language tag such as \"en\" or \"pt-BR\"");
        }
        let default_role = self.default_role.unwrap_or_else(|| "default".to_owned());
        if limits::check_role("", &default_role).is_err() {
            return wrong("default_role", "must be the name of a role, 1 to 128 characters");
        }
        let exact = self.origins.unwrap_or_default();
        if let Some(origin) = exact.iter().find(|origin| !is_origin(origin)) {
            return wrong(
                "origins",
                &format!(
                    "\"{origin}\" is not an origin as browsers write it, such as \"https://chat.example.com\" (no path, no slash at the end, lower case)"
                ),
            );
        }
        let authentication = self.authentication.unwrap_or(true);
        // An app that believes everybody is not for the network, unless somebody says so.
        let loopback_only = self.loopback_only.unwrap_or(!authentication);
        Ok(App {
            origins: Origins {
                exact: exact.into_iter().collect(),
                loopback: self.loopback_origins.unwrap_or(loopback_only),
            },
            id: self.id,
            secrets,
            authentication,
            user_sync: self.user_sync.unwrap_or(true),
            conversation_sync: self.conversation_sync.unwrap_or(true),
            default_locale,
            default_role,
            loopback_only,
        })
    }
}

/// Whether a browser could write this in an `Origin` header: scheme, host and perhaps a port, in lower case.
fn is_origin(text: &str) -> bool {
    let Some((scheme, host)) = text.split_once("://") else {
        return false;
    };
    let scheme_ok = !scheme.is_empty()
        && scheme.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"+-.".contains(&b));
    let host_ok = !host.is_empty()
        && host.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-._:[]".contains(&b));
    scheme_ok && host_ok
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "0123456789abcdef0123456789abcdef";

    fn entry() -> AppEntry {
        AppEntry { id: "shop".to_owned(), secrets: Some(vec![SECRET.to_owned()]), ..AppEntry::default() }
    }

    #[test]
    fn an_app_is_safe_where_nothing_is_said() {
        let app = entry().build("here").unwrap();
        assert!(app.authentication);
        assert!(!app.loopback_only);
        assert_eq!(app.origins, Origins::default());
    }

    #[test]
    fn an_app_without_authentication_stays_on_loopback_unless_told() {
        let open = AppEntry { authentication: Some(false), ..entry() };
        assert!(open.clone().build("here").unwrap().loopback_only);
        let told = AppEntry { loopback_only: Some(false), ..open };
        assert!(!told.build("here").unwrap().loopback_only);
    }

    #[test]
    fn each_wrong_key_is_named_with_what_is_expected() {
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
        ];
        for (entry, says) in cases {
            let error = entry.build("causerie.toml").unwrap_err().to_string();
            assert!(error.starts_with("causerie.toml: app \"") && error.contains(says), "{error}");
            assert!(!error.contains("short\""), "a secret is in the error: {error}");
        }
    }

    #[test]
    fn the_environment_is_laid_over_the_file_key_by_key() {
        let file = AppEntry { user_sync: Some(false), default_role: Some("guest".to_owned()), ..entry() };
        let over = AppEntry { id: "shop".to_owned(), user_sync: Some(true), ..AppEntry::default() };
        let app = file.overlaid(over).build("here").unwrap();
        assert!(app.user_sync);
        assert_eq!(app.default_role, "guest");
        assert_eq!(app.secrets, [SECRET]);
    }
}
