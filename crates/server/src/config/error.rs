//! Why a configuration is refused.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

/// Why a configuration is refused. The message is one line that names the source of the setting, the key, and
/// the expected value; it never contains a secret.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// The configuration file cannot be read.
    #[error("{}: cannot be read: {source}", .file.display())]
    ReadFile {
        /// The configuration file.
        file: PathBuf,
        /// The error of the system.
        source: io::Error,
    },
    /// The configuration file is not TOML, has an unknown key, or a value of the wrong type.
    #[error("{}: {problem}", .file.display())]
    ParseFile {
        /// The configuration file.
        file: PathBuf,
        /// The key, the problem and the line, in one line.
        problem: String,
        /// The error of the TOML parser, whose message has several lines.
        source: Box<toml::de::Error>,
    },
    /// A setting of an app has a wrong value.
    #[error("{origin}: app \"{app}\": {key}: {expected}")]
    App {
        /// The configuration file, or "environment".
        origin: String,
        /// The app's id.
        app: String,
        /// The name of the setting.
        key: &'static str,
        /// The rule that the value breaks.
        expected: String,
    },
    /// A setting of the storage of files has a wrong value.
    #[error("{origin}: files.{key}: {expected}")]
    Files {
        /// The configuration file, or "environment".
        origin: String,
        /// The name of the setting.
        key: &'static str,
        /// The rule that the value breaks.
        expected: String,
    },
    /// There is no app to serve.
    #[error("there is no app to serve: add one under [[apps]] in causerie.toml, or start with --demo")]
    NoApp,
    /// The demo app would be served to the network without `--demo-on-network`.
    #[error(
        "listen: {0} is not a loopback address, and the demo app lets everybody do everything; \
         leave --demo out, listen on 127.0.0.1, or pass --demo-on-network if you mean it"
    )]
    DemoOnNetwork(SocketAddr),
    /// The folder of static files does not exist.
    #[error("www: {} is not a folder", .0.display())]
    StaticFolder(PathBuf),
    /// A name of `hosts` is not the name of a host.
    #[error("hosts: must be names such as \"chat.example.com\", without scheme and port (got {0:?})")]
    Host(String),
    /// An environment variable for a switch is neither true nor false. The field is the variable's name.
    #[error("{0}: must be true or false")]
    Flag(String),
}
