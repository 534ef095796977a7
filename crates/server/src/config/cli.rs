//! The command line, and how it, the environment and the file become one configuration.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use clap::Parser;

use super::apps::AppEntry;
use super::file::FileConfig;
use super::{Config, ConfigError, DEFAULT_PORT, DEMO_APP, Data, LogFormat, demo_app};
use crate::apps::{App, Apps};

/// The Causerie server: the realtime endpoint, its HTTP twin and the REST API over an embedded database.
#[derive(Debug, Default, Parser)]
#[command(name = "causerie-server", version, about)]
pub struct Cli {
    /// The configuration file. By default `causerie.toml` in the working folder, where there is one.
    #[arg(long, value_name = "FILE", env = "CAUSERIE_CONFIG")]
    pub config: Option<PathBuf>,

    /// Where to listen [default: 127.0.0.1:8787]
    #[arg(long, value_name = "ADDRESS:PORT", env = "CAUSERIE_LISTEN")]
    pub listen: Option<SocketAddr>,

    /// The port alone; 0 takes a free one.
    #[arg(long, value_name = "PORT", env = "CAUSERIE_PORT")]
    pub port: Option<u16>,

    /// The folder for the database, made where it is missing [default: ./data]
    #[arg(long, value_name = "DIR", env = "CAUSERIE_DATA")]
    pub data: Option<PathBuf>,

    /// A folder of static files to serve at `/`.
    #[arg(long, value_name = "DIR", env = "CAUSERIE_WWW")]
    pub www: Option<PathBuf>,

    /// Adds the built-in app "demo" (secret "demo-secret", no authentication), for this machine only.
    #[arg(long, env = "CAUSERIE_DEMO", value_parser = clap::builder::FalseyValueParser::new())]
    pub demo: bool,

    /// Serves the demo app to the network as well: everybody who can reach the port can read and change it all.
    #[arg(long, env = "CAUSERIE_DEMO_ON_NETWORK", value_parser = clap::builder::FalseyValueParser::new())]
    pub demo_on_network: bool,

    /// How the logs are written [default: text]
    #[arg(long, value_enum, env = "CAUSERIE_LOG")]
    pub log: Option<LogFormat>,
}

impl Cli {
    /// Everything together. `environment` looks a variable up.
    ///
    /// # Errors
    /// One line that names the place, the key and what was expected.
    pub fn into_config(self, environment: impl Fn(&str) -> Option<String>) -> Result<Config, ConfigError> {
        let (file, place) = self.file()?;
        let mut listen = self
            .listen
            .or(file.listen)
            .unwrap_or(SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), DEFAULT_PORT));
        if let Some(port) = self.port {
            listen.set_port(port);
        }
        let demo = self.demo || self.demo_on_network || file.demo.unwrap_or(false);
        if demo && !self.demo_on_network && !listen.ip().is_loopback() {
            return Err(ConfigError(format!(
                "listen: {listen} is not a loopback address, and the demo app lets everybody do everything; \
                 leave --demo out, listen on 127.0.0.1, or say --demo-on-network if you mean it"
            )));
        }
        let www = self.www.or(file.www);
        if let Some(folder) = &www
            && !folder.is_dir()
        {
            return Err(ConfigError(format!("www: {} is not a folder", folder.display())));
        }
        let mut apps = built(file.apps, &place, app_in(&environment)?)?;
        if demo {
            if apps.iter().any(|app| app.id == DEMO_APP) {
                return Err(ConfigError(format!(
                    "{place}: app \"demo\": id: is taken by the built-in app; leave --demo out, or rename it"
                )));
            }
            apps.push(demo_app(!self.demo_on_network));
        }
        if apps.is_empty() {
            return Err(ConfigError(
                "there is no app to serve: add one under [[apps]] in causerie.toml, or start with --demo"
                    .to_owned(),
            ));
        }
        let apps = Apps::new(apps)
            .map_err(|id| ConfigError(format!("{place}: app \"{id}\": id: is used by two apps")))?;
        Ok(Config {
            listen,
            data: Data::Folder(self.data.or(file.data).unwrap_or_else(|| PathBuf::from("data"))),
            www,
            apps,
            demo,
            trusted_proxies: file.trusted_proxies,
            limits: file.limits,
            log: self.log.or(file.log).unwrap_or_default(),
        })
    }

    /// The file that is named, or the usual one where it exists, and its name for errors.
    fn file(&self) -> Result<(FileConfig, String), ConfigError> {
        let usual = PathBuf::from("causerie.toml");
        let path = match &self.config {
            Some(path) => path,
            None if usual.is_file() => &usual,
            None => return Ok((FileConfig::default(), "environment".to_owned())),
        };
        Ok((FileConfig::read(path)?, path.display().to_string()))
    }
}

/// The file's apps, with the environment's laid over the one of its id, or added.
fn built(mut entries: Vec<AppEntry>, place: &str, over: Option<AppEntry>) -> Result<Vec<App>, ConfigError> {
    if let Some(over) = over {
        match entries.iter().position(|entry| entry.id == over.id) {
            Some(index) => {
                let entry = entries.swap_remove(index);
                entries.push(entry.overlaid(over));
            }
            None => entries.push(over),
        }
    }
    entries.into_iter().map(|entry| entry.build(place)).collect()
}

/// The app that the environment describes by `CAUSERIE_APP_ID` and its sisters, for containers without a file.
fn app_in(environment: &impl Fn(&str) -> Option<String>) -> Result<Option<AppEntry>, ConfigError> {
    let text = |name: &str| environment(name).filter(|value| !value.is_empty());
    let list = |name: &str| {
        text(name).map(|value| value.split(',').map(|item| item.trim().to_owned()).collect::<Vec<_>>())
    };
    let flag = |name: &str| match text(name).as_deref() {
        None => Ok(None),
        Some("true" | "1" | "on") => Ok(Some(true)),
        Some("false" | "0" | "off") => Ok(Some(false)),
        Some(_) => Err(ConfigError(format!("{name}: must be true or false"))),
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
        origins: list("CAUSERIE_APP_ORIGINS"),
        loopback_origins: flag("CAUSERIE_APP_LOOPBACK_ORIGINS")?,
        loopback_only: flag("CAUSERIE_APP_LOOPBACK_ONLY")?,
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
    fn the_command_line_goes_over_the_file_which_goes_over_the_defaults() {
        let (_folder, config) =
            file("listen = \"127.0.0.1:1000\"\ndata = \"there\"\ndemo = true\nlog = \"json\"");
        let said = Cli { config: config.clone(), ..Cli::default() }.into_config(none).unwrap();
        assert_eq!(said.listen.port(), 1000);
        assert_eq!(said.data, Data::Folder("there".into()));
        assert_eq!(said.log, LogFormat::Json);
        let cli = Cli { config, port: Some(2000), data: Some("here".into()), ..Cli::default() };
        let said = cli.into_config(none).unwrap();
        assert_eq!(said.listen.to_string(), "127.0.0.1:2000");
        assert_eq!(said.data, Data::Folder("here".into()));
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
    fn the_demo_app_does_not_go_on_the_network_by_accident() {
        let open = Some("0.0.0.0:8787".parse().unwrap());
        let error = Cli { demo: true, listen: open, ..Cli::default() }.into_config(none).unwrap_err();
        assert!(error.to_string().contains("--demo-on-network"), "{error}");
        let meant = Cli { demo: true, demo_on_network: true, listen: open, ..Cli::default() };
        assert!(!meant.into_config(none).unwrap().apps.get("demo").unwrap().loopback_only);
        let home = Cli { demo: true, ..Cli::default() }.into_config(none).unwrap();
        assert!(home.apps.get("demo").unwrap().loopback_only);
    }

    #[test]
    fn what_cannot_be_served_is_said_in_one_line() {
        let no_app = Cli::default().into_config(none).unwrap_err().to_string();
        assert!(no_app.contains("--demo"), "{no_app}");
        let www = Cli { demo: true, www: Some("no/such/folder".into()), ..Cli::default() };
        assert!(www.into_config(none).unwrap_err().to_string().starts_with("www: no/such/folder"));
        let missing = Cli { config: Some("no/such.toml".into()), ..Cli::default() };
        assert!(
            missing.into_config(none).unwrap_err().to_string().starts_with("no/such.toml: cannot be read")
        );
        let (_folder, config) = file(&format!(
            "[[apps]]\nid = \"a\"\nsecrets = [\"{SECRET}\"]\n[[apps]]\nid = \"a\"\nsecrets = [\"{SECRET}\"]"
        ));
        let twice = Cli { config, ..Cli::default() }.into_config(none).unwrap_err().to_string();
        assert!(twice.contains("app \"a\": id: is used by two apps"), "{twice}");
        let flag = |name: &str| {
            (name == "CAUSERIE_APP_ID" || name == "CAUSERIE_APP_USER_SYNC").then(|| "x".to_owned())
        };
        let error = Cli::default().into_config(flag).unwrap_err().to_string();
        assert_eq!(error, "CAUSERIE_APP_USER_SYNC: must be true or false");
    }
}
