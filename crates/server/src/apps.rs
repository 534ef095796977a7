//! The apps this server serves. Read once at start from the configuration; every connection and every request belongs
//! to one of them, and no query of the store goes without an app's id.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

/// One app and its settings.
#[derive(Clone)]
pub struct App {
    /// The app's id, as it stands in addresses and as `iss` in tokens.
    pub id: String,
    /// The secrets that sign tokens and open the REST API: one, or two while one replaces the other.
    pub secrets: Vec<String>,
    /// Whether clients must prove who they are with a token.
    pub authentication: bool,
    /// Whether clients may create and change users.
    pub user_sync: bool,
    /// Whether clients may create and change conversations.
    pub conversation_sync: bool,
    /// The locale of a user for whom none was set.
    pub default_locale: String,
    /// The role of a user for whom none was set.
    pub default_role: String,
    /// The pages that may use the app from a browser.
    pub origins: Origins,
    /// Whether the app is served to this machine only.
    pub loopback_only: bool,
}

impl std::fmt::Debug for App {
    /// Leaves the secrets out, so that no log ever has them.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("App")
            .field("id", &self.id)
            .field("authentication", &self.authentication)
            .field("user_sync", &self.user_sync)
            .field("conversation_sync", &self.conversation_sync)
            .field("default_locale", &self.default_locale)
            .field("default_role", &self.default_role)
            .field("origins", &self.origins)
            .field("loopback_only", &self.loopback_only)
            .finish_non_exhaustive()
    }
}

/// The origins that a browser may call from. A request without an `Origin` header is no browser's, and is not
/// judged by this list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origins {
    /// Origins as browsers write them (`https://chat.example.com`), compared exactly.
    pub exact: BTreeSet<String>,
    /// Whether `localhost`, `127.0.0.1` and `[::1]` may call, by `http:` or `https:`, at any port.
    pub loopback: bool,
}

impl Origins {
    /// Whether a page of this origin may call.
    #[must_use]
    pub fn allows(&self, origin: &str) -> bool {
        self.exact.contains(origin) || (self.loopback && is_loopback(origin))
    }
}

/// Whether an origin is of this machine: a loopback name or address, with or without a port, and nothing after it.
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

/// All apps, by id.
#[derive(Clone, Debug, Default)]
pub struct Apps {
    by_id: HashMap<String, Arc<App>>,
}

impl Apps {
    /// Takes the apps.
    ///
    /// # Errors
    /// The id that two of them share.
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

    /// The app of that id.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&Arc<App>> {
        self.by_id.get(id)
    }

    /// Every app, in no order.
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
    fn an_origin_is_compared_exactly() {
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
    fn loopback_origins_go_at_any_port_and_look_alikes_do_not() {
        for own in ["http://localhost", "http://localhost:5173", "http://127.0.0.1:80", "https://[::1]:1"] {
            assert!(origins().allows(own), "{own}");
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
