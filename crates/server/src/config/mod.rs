//! The configuration: defaults, overridden by the file, by the environment, and by the command line, in this
//! order.
//!
//! A wrong setting is a [`ConfigError`] in one line, and the server does not start.

mod apps;
pub mod cli;
mod error;
mod file;
mod files;
mod services;

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

pub use apps::{DEMO_APP, DEMO_SECRET, demo_app};
pub use error::ConfigError;
pub use file::Network;
pub use files::{FilesConfig, S3Config};

use crate::apps::Apps;

/// The port if the configuration names none.
pub const DEFAULT_PORT: u16 = 8787;

/// The settings of a server.
#[derive(Clone, Debug)]
pub struct Config {
    /// The address to listen on. Port 0 takes a free port.
    pub listen: SocketAddr,
    /// The location of the database.
    pub data: Data,
    /// A folder of static files to serve beside the API, such as the demo.
    pub www: Option<PathBuf>,
    /// The names under which pages of `www` and the demo app may be called, beside addresses and loopback
    /// names.
    pub hosts: Vec<String>,
    /// The apps to serve, including the demo app.
    pub apps: Apps,
    /// Whether the built-in demo app is served.
    pub demo: bool,
    /// The proxies whose `X-Forwarded-For` header is trusted.
    pub trusted_proxies: Vec<Network>,
    /// The rates and sizes that one caller may use.
    pub limits: Limits,
    /// The storage of files.
    pub files: FilesConfig,
    /// The format of the logs.
    pub log: LogFormat,
}

impl Default for Config {
    /// The demo app with a database in memory, on a free loopback port. For tests.
    fn default() -> Self {
        Config {
            listen: SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0),
            data: Data::Memory,
            www: None,
            hosts: Vec::new(),
            apps: Apps::new([demo_app(true)]).unwrap_or_default(),
            demo: true,
            trusted_proxies: Vec::new(),
            limits: Limits::default(),
            files: FilesConfig::default(),
            log: LogFormat::Text,
        }
    }
}

/// Returns the path of the database in its folder.
#[must_use]
pub fn database_in(folder: &Path) -> PathBuf {
    folder.join("causerie.db")
}

/// The location of the database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Data {
    /// The file `causerie.db` in this folder, which is created if it does not exist.
    Folder(PathBuf),
    /// In memory; the data is lost when the server stops. For tests.
    Memory,
}

/// The format of the logs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// One JSON object per line, for log collectors.
    Json,
    /// Text for people, with colours on a terminal.
    #[default]
    Text,
}

/// A rate with bursts. A rate of 0 is no limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rate {
    /// The average number per second.
    pub per_second: u32,
    /// The largest number at once.
    pub burst: u32,
}

/// The rates and sizes that one caller may use. A request of a user costs 1 unit, a page of a list 4, and a
/// write 10 and one more for each 256 bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The rate of the frames of one connection.
    pub connection: Rate,
    /// The rate of the units of one user, over all connections.
    pub user: Rate,
    /// The rate of the units, HTTP calls and new connections of one address, or of one /64 network with IPv6.
    pub address: Rate,
    /// The rate of the REST calls of one app.
    pub rest: Rate,
    /// The number of connections of one user at a time.
    pub connections_per_user: u32,
    /// The number of connections of one address at a time.
    pub connections_per_address: u32,
    /// The number of all connections at a time. More wait in the system's queue.
    pub connections: u32,
    /// The number of pending requests of one connection. While there are as many, nothing more is read.
    pub pending_per_connection: u32,
    /// The number of bytes that may wait to be sent on one connection. Answers wait until half of it is free.
    /// If the live data of others exceeds it, the client reads too slowly and its connection is closed.
    pub queue_bytes: usize,
    /// How long a stop may take, in milliseconds. After it, open connections are cut.
    pub shutdown_ms: u64,
}

/// A set of limits for a kind of callers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Preset {
    /// For pages that anybody may open: a user sends 10 messages per second, or 200 at once.
    #[default]
    Public,
    /// For trusted clients, tests and measurements, which send as fast as they can.
    Internal,
}

impl Default for Limits {
    fn default() -> Self {
        Limits::of(Preset::default())
    }
}

impl Limits {
    /// Returns the limits of a preset.
    #[must_use]
    pub const fn of(preset: Preset) -> Self {
        let public = Limits {
            connection: Rate { per_second: 100, burst: 2_000 },
            user: Rate { per_second: 100, burst: 2_000 },
            address: Rate { per_second: 2_000, burst: 40_000 },
            rest: Rate { per_second: 1_000, burst: 10_000 },
            connections_per_user: 100,
            connections_per_address: 2_000,
            connections: 15_000,
            pending_per_connection: 128,
            queue_bytes: 1 << 20,
            shutdown_ms: 10_000,
        };
        match preset {
            Preset::Public => public,
            Preset::Internal => Limits {
                connection: Rate { per_second: 10_000, burst: 100_000 },
                user: Rate { per_second: 100_000, burst: 1_000_000 },
                address: Rate { per_second: 200_000, burst: 2_000_000 },
                ..public
            },
        }
    }
}
