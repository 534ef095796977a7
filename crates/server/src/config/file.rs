//! The configuration file, `causerie.toml`.

use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::apps::AppEntry;
use super::error::ConfigError;
use super::{FilesConfig, Limits, LogFormat, Preset, Rate};

/// The content of the file. An unknown key is an error, so that a misspelt key is not ignored.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FileConfig {
    pub(super) listen: Option<SocketAddr>,
    pub(super) data: Option<PathBuf>,
    pub(super) www: Option<PathBuf>,
    #[serde(default)]
    pub(super) hosts: Vec<String>,
    pub(super) demo: Option<bool>,
    pub(super) log: Option<LogFormat>,
    #[serde(default)]
    pub(super) trusted_proxies: Vec<Network>,
    #[serde(default)]
    pub(super) limits: LimitsEntry,
    #[serde(default)]
    pub(super) files: FilesConfig,
    #[serde(default)]
    pub(super) apps: Vec<AppEntry>,
}

/// The limits in the file. A key that is missing has the value of the preset.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LimitsEntry {
    preset: Option<Preset>,
    connection: Option<Rate>,
    user: Option<Rate>,
    address: Option<Rate>,
    rest: Option<Rate>,
    connections_per_user: Option<u32>,
    connections_per_address: Option<u32>,
    connections: Option<u32>,
    pending_per_connection: Option<u32>,
    queue_bytes: Option<usize>,
    shutdown_ms: Option<u64>,
}

impl LimitsEntry {
    /// Returns the limits. `preset` overrides the one in the file.
    pub(super) fn into_limits(self, preset: Option<Preset>) -> Limits {
        let base = Limits::of(preset.or(self.preset).unwrap_or_default());
        Limits {
            connection: self.connection.unwrap_or(base.connection),
            user: self.user.unwrap_or(base.user),
            address: self.address.unwrap_or(base.address),
            rest: self.rest.unwrap_or(base.rest),
            connections_per_user: self.connections_per_user.unwrap_or(base.connections_per_user),
            connections_per_address: self.connections_per_address.unwrap_or(base.connections_per_address),
            connections: self.connections.unwrap_or(base.connections),
            pending_per_connection: self.pending_per_connection.unwrap_or(base.pending_per_connection),
            queue_bytes: self.queue_bytes.unwrap_or(base.queue_bytes),
            shutdown_ms: self.shutdown_ms.unwrap_or(base.shutdown_ms),
        }
    }
}

impl FileConfig {
    pub(super) fn read(path: &Path) -> Result<FileConfig, ConfigError> {
        let file = || path.to_owned();
        let text =
            std::fs::read_to_string(path).map_err(|source| ConfigError::ReadFile { file: file(), source })?;
        Self::parse(&text).map_err(|(problem, source)| ConfigError::ParseFile {
            file: file(),
            problem,
            source: Box::new(source),
        })
    }

    /// Fails with one line that names the key, the problem and the line number, and with the parser's error.
    fn parse(text: &str) -> Result<FileConfig, (String, toml::de::Error)> {
        let deserializer =
            toml::Deserializer::parse(text).map_err(|error| (one_line(text, &error), error))?;
        serde_path_to_error::deserialize(deserializer).map_err(|error| {
            let key = error.path().to_string();
            let problem = one_line(text, error.inner());
            let problem = if key == "." { problem } else { format!("{key}: {problem}") };
            (problem, error.into_inner())
        })
    }
}

/// The error in one line, with the line number. The error's own text shows the line of the file with a marker
/// under it.
fn one_line(text: &str, error: &toml::de::Error) -> String {
    let message = error.message().replace('\n', ", ");
    match error.span().and_then(|span| text.get(..span.start)) {
        Some(before) => format!("{message} (line {})", before.matches('\n').count() + 1),
        None => message,
    }
}

/// A range of addresses such as `10.0.0.0/8`, or one address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Network {
    address: IpAddr,
    bits: u32,
}

impl Network {
    /// Whether the network contains an address. An IPv4 address inside IPv6 counts as IPv4.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.address, address.to_canonical()) {
            (IpAddr::V4(network), IpAddr::V4(address)) => {
                let mask = u32::MAX.checked_shl(32 - self.bits).unwrap_or(0);
                u32::from(network) & mask == u32::from(address) & mask
            }
            (IpAddr::V6(network), IpAddr::V6(address)) => {
                let mask = u128::MAX.checked_shl(128 - self.bits).unwrap_or(0);
                u128::from(network) & mask == u128::from(address) & mask
            }
            _ => false,
        }
    }
}

impl TryFrom<String> for Network {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let invalid = || format!("\"{text}\" is not an address or a network such as \"10.0.0.0/8\"");
        let (address, bits) = match text.split_once('/') {
            Some((address, bits)) => (address, Some(bits)),
            None => (text.as_str(), None),
        };
        let address: IpAddr = address.parse().map_err(|_| invalid())?;
        let width = if address.is_ipv4() { 32 } else { 128 };
        let bits = bits.map_or(Ok(width), |bits| bits.parse::<u32>().map_err(|_| invalid()))?;
        if bits > width {
            return Err(invalid());
        }
        Ok(Network { address, bits })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::apps::roles::{MessageScope, RoleSettings};

    #[test]
    fn limits_that_the_file_does_not_name_come_from_its_preset() {
        let text = "[limits]\npreset = \"internal\"\nconnections = 5";
        let limits = FileConfig::parse(text).unwrap().limits.into_limits(None);
        assert_eq!(limits, Limits { connections: 5, ..Limits::of(Preset::Internal) });
        let default = FileConfig::parse("").unwrap().limits.into_limits(None);
        assert_eq!(default, Limits::of(Preset::Public));
        let error = FileConfig::parse("[limits]\npreset = \"none\"").unwrap_err().0;
        assert!(error.contains("limits.preset") && error.contains("`public`"), "{error}");
    }

    #[test]
    fn a_setting_of_a_role_that_the_file_does_not_name_has_its_default() {
        let text = "[[apps]]\nid = \"a\"\n[apps.roles.guest]\nlinks = false\nedit_messages = \"none\"\n\
                    [apps.roles.\"site moderator\"]\ndelete_messages = \"any\"\n[[apps]]\nid = \"b\"";
        let apps = FileConfig::parse(text).unwrap().apps;
        let roles = apps[0].roles.clone().unwrap();
        let defaults = RoleSettings::default();
        let guest = RoleSettings { links: false, edit_messages: MessageScope::None, ..defaults.clone() };
        assert_eq!(roles["guest"], guest);
        assert_eq!(roles["site moderator"], RoleSettings { delete_messages: MessageScope::Any, ..defaults });
        assert_eq!(apps[1].roles, None);
    }

    fn network(text: &str) -> Result<Network, String> {
        Network::try_from(text.to_owned())
    }

    #[test]
    fn a_network_contains_only_its_addresses() {
        let ten = network("10.0.0.0/8").unwrap();
        assert!(ten.contains("10.255.0.1".parse().unwrap()));
        assert!(ten.contains("::ffff:10.1.2.3".parse().unwrap()), "IPv4 inside IPv6");
        assert!(!ten.contains("11.0.0.1".parse().unwrap()));
        assert!(!ten.contains("::1".parse().unwrap()));
        let one = network("::1").unwrap();
        assert!(one.contains("::1".parse().unwrap()));
        assert!(!one.contains("::2".parse().unwrap()));
        let all = network("0.0.0.0/0").unwrap();
        assert!(all.contains("203.0.113.7".parse().unwrap()));
        for invalid in ["", "ten", "10.0.0.0/33", "10.0.0.0/x", "::/129"] {
            assert!(network(invalid).is_err(), "{invalid}");
        }
    }

    #[test]
    fn an_error_is_one_line_with_the_key_and_the_line_number() {
        let cases = [
            ("listen = 8787", "listen: ", "(line 1)"),
            ("\nlisten = \"nowhere\"", "listen: ", "(line 2)"),
            ("prot = 1", "unknown field `prot`", "(line 1)"),
            ("[[apps]]\nid = \"a\"\nsecret = \"x\"", "apps[0]", "secret"),
            ("[[apps]]\nid = 5", "apps[0].id: ", "string"),
            ("[limits]\nuser = { per_second = -1, burst = 1 }", "limits.user.per_second", "(line 2)"),
            ("log = \"xml\"", "log: ", "`json` or `text`"),
            ("trusted_proxies = [\"ten\"]", "trusted_proxies[0]: ", "10.0.0.0/8"),
            ("[[apps]]\nid = \"a\"\n[apps.roles.b]\nlink = true", "apps[0].roles.b", "unknown field `link`"),
            (
                "[[apps]]\nid = \"a\"\n[apps.roles.b]\nedit_messages = \"all\"",
                "roles.b.edit_messages",
                "`any`",
            ),
            ("listen = ", "", "(line 1)"),
        ];
        for (text, key, expected) in cases {
            let error = FileConfig::parse(text).unwrap_err().0;
            assert!(
                error.contains(key) && error.contains(expected) && !error.contains('\n'),
                "{text:?}: {error}"
            );
        }
    }
}
