//! The apps of this server, read from the configuration at the start. Every connection and every request
//! belongs to one app, and every query of the store has an app's id.

pub mod roles;
mod translator;
mod webhooks;

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use roles::Roles;
pub use translator::TranslatorSettings;
pub use webhooks::{RetryPolicy, Webhook, WebhookKind};

/// An app and its settings.
#[derive(Clone)]
pub struct App {
    /// The app's id, as in URLs and in the claim `iss` of tokens.
    pub id: String,
    /// The secrets that sign tokens and authorize REST calls: one, or two while one replaces the other.
    pub secrets: Vec<String>,
    /// Whether clients need a token.
    pub authentication: bool,
    /// Whether clients may create and change users.
    pub user_sync: bool,
    /// Whether clients may create and change conversations.
    pub conversation_sync: bool,
    /// The locale of users without one.
    pub default_locale: String,
    /// The role of users without one.
    pub default_role: String,
    /// What users of each role may do.
    pub roles: Roles,
    /// The origins of the pages that may use the app.
    pub origins: Origins,
    /// Whether the app is served to this machine only.
    pub loopback_only: bool,
    /// Where its events are sent.
    pub webhooks: Vec<Webhook>,
    /// The service that translates its messages, if there is one.
    pub translator: Option<TranslatorSettings>,
}

impl App {
    /// How long a participant may leave a message unread before it is notified; `None` if no webhook receives
    /// notifications.
    #[must_use]
    pub fn notify_after(&self) -> Option<Duration> {
        let wants = |webhook: &&Webhook| webhook.kinds.contains(&WebhookKind::NotificationTriggered);
        self.webhooks.iter().filter(wants).map(|webhook| webhook.retry.notify_after).min()
    }

    /// Whether a webhook receives events of this kind.
    #[must_use]
    pub fn wants(&self, kind: WebhookKind) -> bool {
        self.webhooks.iter().any(|webhook| webhook.kinds.contains(&kind))
    }

    /// Returns the settings of this app that are safe in special cases only, each with its consequence.
    #[must_use]
    pub fn unsafe_settings(&self) -> Vec<&'static str> {
        let mut settings = Vec::new();
        if !self.authentication && !self.loopback_only {
            settings.push(
                "authentication = false, loopback_only = false: everybody who reaches the server can act as \
                 any user",
            );
        }
        if self.authentication && self.user_sync {
            settings.push("user_sync = true: clients can create their own user and change its data");
        }
        if self.authentication && self.conversation_sync {
            settings.push(
                "conversation_sync = true: a client that knows the id of a conversation can join it, read \
                 all of it, and change its participants and their access",
            );
        }
        if self.user_sync && !self.roles.is_empty() {
            settings.push("user_sync = true, roles: clients can give themselves any role");
        }
        if self.webhooks.iter().any(|webhook| webhook.allow_private) {
            settings.push("allow_private = true: a webhook may be sent to this machine and private networks");
        }
        if !self.loopback_only && self.origins.loopback {
            settings.push("loopback_origins = true: every page on a user's own machine may use the app");
        }
        settings
    }
}

impl std::fmt::Debug for App {
    /// Omits the secrets, so that no log contains them.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("App")
            .field("id", &self.id)
            .field("authentication", &self.authentication)
            .field("user_sync", &self.user_sync)
            .field("conversation_sync", &self.conversation_sync)
            .field("default_locale", &self.default_locale)
            .field("default_role", &self.default_role)
            .field("roles", &self.roles)
            .field("origins", &self.origins)
            .field("loopback_only", &self.loopback_only)
            .field("webhooks", &self.webhooks)
            .field("translator", &self.translator)
            .finish_non_exhaustive()
    }
}

/// The origins of the pages that may use an app. A request without an `Origin` header does not come from a
/// page and is not checked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origins {
    /// Origins as browsers send them, such as `https://chat.example.com`. They are compared exactly.
    pub exact: BTreeSet<String>,
    /// Whether pages of `localhost`, `127.0.0.1` and `[::1]` may use the app, with `http:` or `https:` and
    /// any port.
    pub loopback: bool,
}

impl Origins {
    /// Whether pages of this origin may use the app.
    #[must_use]
    pub fn allows(&self, origin: &str) -> bool {
        self.exact.contains(origin) || (self.loopback && is_loopback(origin))
    }
}

/// Whether an origin is a loopback name or address, with an optional port and nothing after it.
fn is_loopback(origin: &str) -> bool {
    let Some(host) = origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://")) else {
        return false;
    };
    ["localhost", "127.0.0.1", "[::1]"].iter().any(|name| match host.strip_prefix(name) {
        Some("") => true,
        Some(rest) => rest.strip_prefix(':').is_some_and(|port| port.parse::<u16>().is_ok()),
        None => false,
    })
}

/// The apps of a server, by id.
#[derive(Clone, Debug, Default)]
pub struct Apps {
    by_id: HashMap<String, Arc<App>>,
}

impl Apps {
    /// Collects the apps.
    ///
    /// # Errors
    /// The id that two of the apps share.
    pub fn new(apps: impl IntoIterator<Item = App>) -> Result<Self, String> {
        let mut by_id = HashMap::new();
        for app in apps {
            let id = app.id.clone();
            if by_id.insert(id.clone(), Arc::new(app)).is_some() {
                return Err(id);
            }
        }
        Ok(Apps { by_id })
    }

    /// Returns the app with this id.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&Arc<App>> {
        self.by_id.get(id)
    }

    /// Iterates over the apps, in no particular order.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<App>> {
        self.by_id.values()
    }
}

#[cfg(test)]
mod tests {
    use super::Origins;

    fn origins() -> Origins {
        Origins { exact: ["https://chat.example.com".to_owned()].into(), loopback: true }
    }

    #[test]
    fn origins_are_compared_exactly() {
        assert!(origins().allows("https://chat.example.com"));
        for other in [
            "http://chat.example.com",
            "https://chat.example.com:8443",
            "https://chat.example.com.evil.test",
            "https://evil.test/https://chat.example.com",
            "https://CHAT.example.com",
            "null",
            "",
        ] {
            assert!(!origins().allows(other), "{other}");
        }
    }

    #[test]
    fn loopback_origins_are_allowed_at_any_port_and_similar_names_are_not() {
        for loopback in
            ["http://localhost", "http://localhost:5173", "http://127.0.0.1:80", "https://[::1]:1"]
        {
            assert!(origins().allows(loopback), "{loopback}");
        }
        for other in [
            "http://localhost.evil.test",
            "http://localhost:evil",
            "http://localhost:1@evil.test",
            "http://127.0.0.10",
            "http://localhost:70000",
        ] {
            assert!(!origins().allows(other), "{other}");
        }
        assert!(!Origins::default().allows("http://localhost"));
    }
}
