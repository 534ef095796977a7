//! The command line, and how it is merged with the environment and the file.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use clap::{Parser, Subcommand};

use super::apps::AppEntry;
use super::error::ConfigError;
use super::file::FileConfig;
use super::services::{TranslatorEntry, WebhookEntry};
use super::{Config, DEFAULT_PORT, DEMO_APP, Data, LogFormat, Preset, database_in, demo_app};
use crate::apps::{App, Apps};

/// The Causerie server: the realtime endpoint and the REST API, with an embedded database.
#[derive(Debug, Default, Parser)]
#[command(name = "causerie-server", version, about)]
pub struct Cli {
    /// The configuration file. By default `causerie.toml` in the working folder, if it exists.
    #[arg(long, value_name = "FILE", env = "CAUSERIE_CONFIG", global = true)]
    pub config: Option<PathBuf>,

    /// The address to listen on [default: 127.0.0.1:8787]
    #[arg(long, value_name = "ADDRESS:PORT", env = "CAUSERIE_LISTEN")]
    pub listen: Option<SocketAddr>,

    /// The port of the address; 0 takes a free port.
    #[arg(long, value_name = "PORT", env = "CAUSERIE_PORT")]
    pub port: Option<u16>,

    /// The folder of the database, created if it does not exist [default: ./data]
    #[arg(long, value_name = "DIR", env = "CAUSERIE_DATA", global = true)]
    pub data: Option<PathBuf>,

    /// A folder of static files to serve at `/`.
    #[arg(long, value_name = "DIR", env = "CAUSERIE_WWW")]
    pub www: Option<PathBuf>,

    /// A name under which the pages of --www and the demo app may be called, beside addresses and loopback
    /// names. May be given several times.
    #[arg(long, value_name = "NAME", env = "CAUSERIE_HOSTS", value_delimiter = ',')]
    pub host: Vec<String>,

    /// Serves the built-in app "demo" (secret "demo-secret", no authentication) to this machine only.
    #[arg(long, env = "CAUSERIE_DEMO", value_parser = clap::builder::FalseyValueParser::new())]
    pub demo: bool,

    /// Serves the demo app to the network too: everybody with access to the port can read and change all of
    /// its data.
    #[arg(long, env = "CAUSERIE_DEMO_ON_NETWORK", value_parser = clap::builder::FalseyValueParser::new())]
    pub demo_on_network: bool,

    /// The preset of the limits: for pages that anybody may open, or for trusted clients [default: public]
    #[arg(long, value_enum, env = "CAUSERIE_LIMITS")]
    pub limits: Option<Preset>,

    /// The format of the logs [default: text]
    #[arg(long, value_enum, env = "CAUSERIE_LOG")]
    pub log: Option<LogFormat>,

    /// A task to do instead of serving.
    #[command(subcommand)]
    pub task: Option<Task>,
}

/// A task that the program does instead of serving.
#[derive(Clone, Debug, PartialEq, Eq, Subcommand)]
pub enum Task {
    /// Copies the database to a new file. The server may run meanwhile.
    Backup {
        /// The file to create.
        #[arg(long, value_name = "FILE")]
        to: PathBuf,
    },
    /// Replaces the database by a backup. The server must be stopped.
    Restore {
        /// The backup.
        #[arg(long, value_name = "FILE")]
        from: PathBuf,
    },
    /// Revokes the tokens of a user, and closes the connections that have one. Asks the running server, with
    /// the address and the app's secret of the configuration.
    Revoke {
        /// The app.
        #[arg(long, value_name = "ID")]
        app: String,
        /// The user.
        #[arg(long, value_name = "ID")]
        user: String,
        /// Only tokens that were issued before this time, in Unix milliseconds [default: all until now].
        #[arg(long, value_name = "TIME")]
        before: Option<i64>,
    },
    /// Lists the webhook events of an app that wait or failed, or sends failed ones again. Asks the running
    /// server, as `revoke` does.
    Webhooks {
        /// What to do.
        #[command(subcommand)]
        task: WebhookTask,
    },
}

/// A task about webhook events.
#[derive(Clone, Debug, PartialEq, Eq, Subcommand)]
pub enum WebhookTask {
    /// Prints the events, one a line as JSON, the oldest first.
    List {
        /// The app.
        #[arg(long, value_name = "ID")]
        app: String,
        /// Prints the events that failed, instead of those that wait.
        #[arg(long)]
        failed: bool,
    },
    /// Makes failed events wait again.
    Replay {
        /// The app.
        #[arg(long, value_name = "ID")]
        app: String,
        /// The id of the event [default: all events that failed].
        #[arg(long, value_name = "ID")]
        id: Option<String>,
    },
}

impl Cli {
    /// Returns the path of the database, for tasks that need no other setting.
    ///
    /// # Errors
    /// [`ConfigError`] if the configuration file cannot be read or is wrong.
    pub fn database(&self) -> Result<PathBuf, ConfigError> {
        let (file, _) = self.file()?;
        Ok(database_in(&self.data.clone().or(file.data).unwrap_or_else(default_folder)))
    }

    /// Merges the command line with the environment and the file. `environment` returns the value of a
    /// variable.
    ///
    /// # Errors
    /// The first setting that is wrong, or the file if it cannot be read.
    pub fn into_config(self, environment: impl Fn(&str) -> Option<String>) -> Result<Config, ConfigError> {
        let (file, origin) = self.file()?;
        let mut listen = self
            .listen
            .or(file.listen)
            .unwrap_or(SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), DEFAULT_PORT));
        if let Some(port) = self.port {
            listen.set_port(port);
        }
        let demo = self.demo || self.demo_on_network || file.demo.unwrap_or(false);
        if demo && !self.demo_on_network && !listen.ip().is_loopback() {
            return Err(ConfigError::DemoOnNetwork(listen));
        }
        let www = self.www.or(file.www);
        if let Some(folder) = &www
            && !folder.is_dir()
        {
            return Err(ConfigError::StaticFolder(folder.clone()));
        }
        let hosts = if self.host.is_empty() { file.hosts } else { self.host };
        let is_name = |host: &String| {
            !host.is_empty() && host.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._".contains(&b))
        };
        if let Some(host) = hosts.iter().find(|host| !is_name(host)) {
            return Err(ConfigError::Host(host.clone()));
        }
        let mut apps = build_apps(file.apps, &origin, app_from_environment(&environment)?)?;
        if demo {
            if apps.iter().any(|app| app.id == DEMO_APP) {
                let expected = "is taken by the built-in app; leave --demo out, or rename it".to_owned();
                return Err(ConfigError::App { origin, app: DEMO_APP.to_owned(), key: "id", expected });
            }
            apps.push(demo_app(!self.demo_on_network));
        }
        if apps.is_empty() {
            return Err(ConfigError::NoApp);
        }
        let apps = Apps::new(apps).map_err(|app| {
            let expected = "is used by two apps".to_owned();
            ConfigError::App { origin: origin.clone(), app, key: "id", expected }
        })?;
        let files = file.files.complete(&environment).map_err(|(key, expected)| ConfigError::Files {
            origin,
            key,
            expected,
        })?;
        Ok(Config {
            files,
            listen,
            data: Data::Folder(self.data.or(file.data).unwrap_or_else(default_folder)),
            www,
            hosts,
            apps,
            demo,
            trusted_proxies: file.trusted_proxies,
            limits: file.limits.into_limits(self.limits),
            log: self.log.or(file.log).unwrap_or_default(),
        })
    }

    /// The configuration file that is named or that exists in the working folder, and its name for errors.
    fn file(&self) -> Result<(FileConfig, String), ConfigError> {
        let default = PathBuf::from("causerie.toml");
        let path = match &self.config {
            Some(path) => path,
            None if default.is_file() => &default,
            None => return Ok((FileConfig::default(), "environment".to_owned())),
        };
        Ok((FileConfig::read(path)?, path.display().to_string()))
    }
}

/// The folder of the database if none is named.
fn default_folder() -> PathBuf {
    PathBuf::from("data")
}

/// The apps of the file. The environment's app overrides the settings of the one with its id, or is added.
fn build_apps(
    mut entries: Vec<AppEntry>,
    origin: &str,
    over: Option<AppEntry>,
) -> Result<Vec<App>, ConfigError> {
    if let Some(over) = over {
        match entries.iter().position(|entry| entry.id == over.id) {
            Some(index) => {
                let entry = entries.swap_remove(index);
                entries.push(entry.overlaid(over));
            }
            None => entries.push(over),
        }
    }
    entries.into_iter().map(|entry| entry.build(origin)).collect()
}

/// The app that `CAUSERIE_APP_ID` and the other `CAUSERIE_APP_…` variables describe, for containers without a
/// file.
fn app_from_environment(
    environment: &impl Fn(&str) -> Option<String>,
) -> Result<Option<AppEntry>, ConfigError> {
    let text = |name: &str| environment(name).filter(|value| !value.is_empty());
    let list = |name: &str| {
        text(name).map(|value| value.split(',').map(|item| item.trim().to_owned()).collect::<Vec<_>>())
    };
    let flag = |name: &str| match text(name).as_deref() {
        None => Ok(None),
        Some("true" | "1" | "on") => Ok(Some(true)),
        Some("false" | "0" | "off") => Ok(Some(false)),
        Some(_) => Err(ConfigError::Flag(name.to_owned())),
    };
    let Some(id) = text("CAUSERIE_APP_ID") else {
        return Ok(None);
    };
    Ok(Some(AppEntry {
        id,
        secrets: list("CAUSERIE_APP_SECRETS"),
        authentication: flag("CAUSERIE_APP_AUTHENTICATION")?,
        user_sync: flag("CAUSERIE_APP_USER_SYNC")?,
        conversation_sync: flag("CAUSERIE_APP_CONVERSATION_SYNC")?,
        default_locale: text("CAUSERIE_APP_DEFAULT_LOCALE"),
        default_role: text("CAUSERIE_APP_DEFAULT_ROLE"),
        // They are in the file only.
        roles: None,
        origins: list("CAUSERIE_APP_ORIGINS"),
        loopback_origins: flag("CAUSERIE_APP_LOOPBACK_ORIGINS")?,
        loopback_only: flag("CAUSERIE_APP_LOOPBACK_ONLY")?,
        webhooks: list("CAUSERIE_APP_WEBHOOKS")
            .map(|urls| urls.into_iter().map(WebhookEntry::of_all_events).collect()),
        translator: text("CAUSERIE_APP_TRANSLATOR")
            .map(|url| TranslatorEntry::new(url, text("CAUSERIE_APP_TRANSLATOR_KEY"))),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "0123456789abcdef0123456789abcdef";

    fn none(_: &str) -> Option<String> {
        None
    }

    fn file(text: &str) -> (tempfile::TempDir, Option<PathBuf>) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("causerie.toml");
        std::fs::write(&path, text).unwrap();
        (folder, Some(path))
    }

    #[test]
    fn the_command_line_overrides_the_file_which_overrides_the_defaults() {
        let (_folder, config) =
            file("listen = \"127.0.0.1:1000\"\ndata = \"from-file\"\ndemo = true\nlog = \"json\"");
        let merged = Cli { config: config.clone(), ..Cli::default() }.into_config(none).unwrap();
        assert_eq!(merged.listen.port(), 1000);
        assert_eq!(merged.data, Data::Folder("from-file".into()));
        assert_eq!(merged.log, LogFormat::Json);
        let cli = Cli { config, port: Some(2000), data: Some("from-cli".into()), ..Cli::default() };
        let merged = cli.into_config(none).unwrap();
        assert_eq!(merged.listen.to_string(), "127.0.0.1:2000");
        assert_eq!(merged.data, Data::Folder("from-cli".into()));
    }

    #[test]
    fn an_app_can_come_from_the_environment_alone() {
        let environment = |name: &str| match name {
            "CAUSERIE_APP_ID" => Some("shop".to_owned()),
            "CAUSERIE_APP_SECRETS" => Some(format!("{SECRET}, {SECRET}2")),
            "CAUSERIE_APP_USER_SYNC" => Some("false".to_owned()),
            "CAUSERIE_APP_ORIGINS" => Some("https://a.test,https://b.test".to_owned()),
            _ => None,
        };
        let config = Cli::default().into_config(environment).unwrap();
        let app = config.apps.get("shop").unwrap();
        assert_eq!(app.secrets.len(), 2);
        assert!(!app.user_sync && app.authentication);
        assert!(app.origins.allows("https://b.test"));
    }

    #[test]
    fn the_demo_app_is_served_to_the_network_only_if_asked_for() {
        let open = Some("0.0.0.0:8787".parse().unwrap());
        let error = Cli { demo: true, listen: open, ..Cli::default() }.into_config(none).unwrap_err();
        assert!(error.to_string().contains("--demo-on-network"), "{error}");
        let on_network = Cli { demo: true, demo_on_network: true, listen: open, ..Cli::default() };
        assert!(!on_network.into_config(none).unwrap().apps.get("demo").unwrap().loopback_only);
        let on_loopback = Cli { demo: true, ..Cli::default() }.into_config(none).unwrap();
        assert!(on_loopback.apps.get("demo").unwrap().loopback_only);
    }

    #[test]
    fn settings_that_cannot_be_served_are_refused() {
        let no_app = Cli::default().into_config(none).unwrap_err().to_string();
        assert!(no_app.contains("--demo"), "{no_app}");
        let www = Cli { demo: true, www: Some("no/such/folder".into()), ..Cli::default() };
        assert!(www.into_config(none).unwrap_err().to_string().starts_with("www: no/such/folder"));
        let missing = Cli { config: Some("no/such.toml".into()), ..Cli::default() };
        let missing = missing.into_config(none).unwrap_err();
        assert!(matches!(&missing, ConfigError::ReadFile { .. }), "{missing:?}");
        assert!(missing.to_string().starts_with("no/such.toml: cannot be read"), "{missing}");
        let (_folder, config) = file(&format!(
            "[[apps]]\nid = \"a\"\nsecrets = [\"{SECRET}\"]\n[[apps]]\nid = \"a\"\nsecrets = [\"{SECRET}\"]"
        ));
        let duplicate = Cli { config, ..Cli::default() }.into_config(none).unwrap_err().to_string();
        assert!(duplicate.contains("app \"a\": id: is used by two apps"), "{duplicate}");
        let flag = |name: &str| {
            (name == "CAUSERIE_APP_ID" || name == "CAUSERIE_APP_USER_SYNC").then(|| "x".to_owned())
        };
        let error = Cli::default().into_config(flag).unwrap_err().to_string();
        assert_eq!(error, "CAUSERIE_APP_USER_SYNC: must be true or false");
    }
}
