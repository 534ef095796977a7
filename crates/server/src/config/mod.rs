//! What the server is told at its start: built-in values, then the file, then the environment, then the command line,
//! each over the one before. Whatever is wrong is one line that names the place, the key and what was expected, and
//! nothing is started.

mod apps;
pub mod cli;
mod file;

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;

pub use apps::{DEMO_APP, DEMO_SECRET, demo_app};
pub use file::Network;

use crate::apps::Apps;

/// The port where none is said.
pub const DEFAULT_PORT: u16 = 8787;

/// Everything that can be set.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where to listen. Port 0 takes a free one.
    pub listen: SocketAddr,
    /// Where the database is kept.
    pub data: Data,
    /// A folder of static files to serve beside the API, such as the demo.
    pub www: Option<PathBuf>,
    /// The apps.
    pub apps: Apps,
    /// The built-in demo app is among them.
    pub demo: bool,
    /// Who may say on whose behalf a request comes (`X-Forwarded-For`).
    pub trusted_proxies: Vec<Network>,
    /// How much of everything.
    pub limits: Limits,
    /// How the logs are written.
    pub log: LogFormat,
}

impl Default for Config {
    /// The demo app over a database in memory, on a free loopback port: what a test wants.
    fn default() -> Self {
        Config {
            listen: SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0),
            data: Data::Memory,
            www: None,
            apps: Apps::new([demo_app(true)]).unwrap_or_default(),
            demo: true,
            trusted_proxies: Vec::new(),
            limits: Limits::default(),
            log: LogFormat::Text,
        }
    }
}

/// Where the database is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Data {
    /// In this folder, which is made where it is missing; the file in it is `causerie.db`.
    Folder(PathBuf),
    /// In memory, gone with the server. For tests.
    Memory,
}

/// How the logs are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// One JSON object a line.
    Json,
    /// For people.
    #[default]
    Text,
}

/// A rate with some slack: `per_second` on the average, and up to `burst` at once. A rate of 0 is no limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rate {
    /// How many a second, on the average.
    pub per_second: u32,
    /// How many at once.
    pub burst: u32,
}

/// How much of everything one caller may have. The defaults let a chat page do what it likes, and stop a loop gone wild.
#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Frames of one connection.
    pub connection: Rate,
    /// Requests of one user, over all connections.
    pub user: Rate,
    /// Requests and new connections of one address; of one /64 network with IPv6.
    pub address: Rate,
    /// REST calls of one app.
    pub rest: Rate,
    /// Connections of one user at a time.
    pub connections_per_user: u32,
    /// Connections of one address at a time.
    pub connections_per_address: u32,
    /// Connections in all.
    pub connections: u32,
    /// Requests of one connection that wait for their answer; while there are as many, no more is read.
    pub pending_per_connection: u32,
    /// Bytes that wait to be sent on one connection; with more, the client reads too slowly and is closed.
    pub queue_bytes: usize,
    /// How long a stop may take, in milliseconds, before what is still open is cut.
    pub shutdown_ms: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            connection: Rate { per_second: 1_000, burst: 10_000 },
            user: Rate { per_second: 2_000, burst: 20_000 },
            address: Rate { per_second: 5_000, burst: 50_000 },
            rest: Rate { per_second: 1_000, burst: 10_000 },
            connections_per_user: 100,
            connections_per_address: 2_000,
            connections: 15_000,
            pending_per_connection: 128,
            queue_bytes: 1 << 20,
            shutdown_ms: 10_000,
        }
    }
}

/// Why the server does not start: one line for whoever starts it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError(pub String);

impl std::fmt::Display for ConfigError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ConfigError {}
