//! The roles of an app's users, and what clients of each may do.
//!
//! A user has the role that its data names, or the app's default role. Backends are not bound by roles.

use std::collections::BTreeMap;

use serde::Deserialize;

/// The messages to which an action of a user applies. System messages belong to backends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MessageScope {
    /// No messages.
    None,
    /// The user's own messages.
    Own,
    /// The messages of all users, in the conversations that the user takes part in.
    Any,
}

/// What clients of a user with a role may do, and what others see of them. A key that is missing has its
/// default.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RoleSettings {
    /// The messages that the user may edit. To edit one, the user needs the access `ReadWrite`.
    pub edit_messages: MessageScope,
    /// The messages that the user may delete.
    pub delete_messages: MessageScope,
    /// Whether the user's messages may contain links, mail addresses and phone numbers.
    pub links: bool,
    /// Whether the user may add reactions.
    pub reactions: bool,
    /// Whether other users see that the user is typing.
    pub show_typing: bool,
    /// Whether users see that the user is online.
    pub show_online: bool,
    /// The largest file that the user may upload, in bytes, if that is less than the limit of the server. 0
    /// for none.
    pub upload_bytes: Option<u64>,
    /// The content types that the user may upload, such as `application/pdf` or `image/*`; all if there is no
    /// list.
    pub upload_types: Option<Vec<String>>,
}

impl Default for RoleSettings {
    fn default() -> Self {
        RoleSettings {
            edit_messages: MessageScope::Own,
            delete_messages: MessageScope::Own,
            links: true,
            reactions: true,
            show_typing: true,
            show_online: true,
            upload_bytes: None,
            upload_types: None,
        }
    }
}

impl RoleSettings {
    /// Whether the user may upload files of a content type, which is in lower case and without parameters.
    #[must_use]
    pub fn may_upload(&self, content_type: &str) -> bool {
        let matches = |pattern: &String| match pattern.strip_suffix('*') {
            Some(start) => content_type.starts_with(start),
            None => pattern == content_type,
        };
        self.upload_types.as_ref().is_none_or(|types| types.iter().any(matches))
    }
}

/// The settings of an app's roles, by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Roles {
    settings: BTreeMap<String, RoleSettings>,
    /// The settings of a role that has none.
    fallback: RoleSettings,
}

impl Roles {
    /// Collects the settings of roles. A role without settings has those of the default role, or the default
    /// settings if that has none either.
    #[must_use]
    pub fn new(settings: BTreeMap<String, RoleSettings>, default_role: &str) -> Self {
        let fallback = settings.get(default_role).cloned().unwrap_or_default();
        Roles { settings, fallback }
    }

    /// Returns the settings of a role.
    #[must_use]
    pub fn settings(&self, role: &str) -> &RoleSettings {
        self.settings.get(role).unwrap_or(&self.fallback)
    }

    /// Whether no role has settings.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.settings.is_empty()
    }

    /// Whether all users may be seen online.
    pub(crate) fn show_all_online(&self) -> bool {
        self.fallback.show_online && self.settings.values().all(|settings| settings.show_online)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_without_settings_has_those_of_the_default_role() {
        let guest = RoleSettings { links: false, ..RoleSettings::default() };
        let settings = BTreeMap::from([("guest".to_owned(), guest.clone())]);
        let roles = Roles::new(settings.clone(), "guest");
        assert_eq!(roles.settings("guest"), &guest);
        assert_eq!(roles.settings("unknown"), &guest);
        let roles = Roles::new(settings, "default");
        assert_eq!(roles.settings("guest"), &guest);
        assert_eq!(roles.settings("unknown"), &RoleSettings::default());
        assert_eq!(Roles::default().settings("any"), &RoleSettings::default());
    }
}
