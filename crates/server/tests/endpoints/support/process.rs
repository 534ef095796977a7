//! The server's binary in a process of its own.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Stdio;

use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader};
use tokio::process::{Child, Command};

use super::http::Backend;
use super::{DEMO_SECRET, within};

/// The server's binary with these arguments and an empty environment.
pub(crate) fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_causerie-server"));
    command.args(arguments).env_clear().stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.kill_on_drop(true);
    command
}

/// A server process that listens.
pub(crate) struct ServerProcess {
    pub(crate) child: Child,
    pub(crate) address: SocketAddr,
}

impl ServerProcess {
    /// Starts a server on a free port, and waits until it listens.
    pub(crate) async fn start(data: &Path, extra_arguments: &[&str]) -> ServerProcess {
        Self::spawn(command(&Self::arguments(data, extra_arguments))).await
    }

    /// Starts a server that trusts the certificates in a file, instead of those of the system.
    pub(crate) async fn start_trusting(
        data: &Path,
        certificates: &Path,
        extra_arguments: &[&str],
    ) -> ServerProcess {
        let mut command = command(&Self::arguments(data, extra_arguments));
        command.env("SSL_CERT_FILE", certificates);
        Self::spawn(command).await
    }

    /// Starts a server with the default limits: the build that `cargo xtask attack` passes, or that of the
    /// tests. Its log is dropped.
    pub(crate) async fn start_public(data: &Path) -> ServerProcess {
        let mut command = command(&["--port", "0", "--demo", "--data", data.to_str().unwrap()]);
        if let Some(binary) = std::env::var_os("CAUSERIE_SERVER_BIN") {
            let arguments: Vec<_> = command.as_std().get_args().map(ToOwned::to_owned).collect();
            command = Command::new(binary);
            command.args(arguments).env_clear().stdin(Stdio::null()).stdout(Stdio::piped());
            command.kill_on_drop(true);
        }
        command.stderr(Stdio::null());
        Self::spawn(command).await
    }

    /// Starts a server whose files cannot become larger than `kilobytes`.
    #[cfg(unix)]
    pub(crate) async fn start_limited(
        data: &Path,
        kilobytes: u32,
        extra_arguments: &[&str],
    ) -> ServerProcess {
        let script = format!("trap '' XFSZ; ulimit -f {kilobytes}; exec \"$0\" \"$@\"");
        let mut command = Command::new("bash");
        command.args(["-c", &script, env!("CARGO_BIN_EXE_causerie-server")]);
        command.args(Self::arguments(data, extra_arguments));
        command.env_clear().stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command.kill_on_drop(true);
        Self::spawn(command).await
    }

    fn arguments<'a>(data: &'a Path, extra_arguments: &[&'a str]) -> Vec<&'a str> {
        let mut arguments = vec!["--port", "0", "--limits", "internal", "--data", data.to_str().unwrap()];
        arguments.extend(extra_arguments);
        arguments
    }

    async fn spawn(mut command: Command) -> ServerProcess {
        let mut child = command.spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let line = within(20, lines.next_line()).await.unwrap();
        let Some(line) = line else {
            let mut stderr = String::new();
            child.stderr.take().unwrap().read_to_string(&mut stderr).await.unwrap();
            panic!("the server did not start: {stderr}");
        };
        let address = line.strip_prefix("causerie-server listening on http://").unwrap().parse().unwrap();
        // Closing the server's standard output must not stop it.
        drop(lines);
        ServerProcess { child, address }
    }

    /// A backend of the app "demo".
    pub(crate) fn backend(&self) -> Backend {
        Backend { address: self.address, app: "demo".to_owned(), bearer: DEMO_SECRET.to_owned() }
    }

    #[cfg(target_os = "linux")]
    /// Returns the resident memory in bytes.
    pub(crate) fn memory(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id().unwrap())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        line.split_whitespace().next().unwrap().parse::<u64>().unwrap() * 1_024
    }

    #[cfg(unix)]
    /// Sends a signal such as `-TERM`.
    pub(crate) async fn signal(&self, name: &str) {
        let pid = self.child.id().unwrap().to_string();
        assert!(Command::new("kill").args([name, &pid]).status().await.unwrap().success());
    }

    /// Kills the process.
    pub(crate) async fn kill_quietly(mut self) {
        self.child.start_kill().unwrap();
        self.child.wait().await.unwrap();
    }

    /// Kills the process and returns its log, which must be JSON.
    pub(crate) async fn kill(mut self) -> Vec<Value> {
        self.child.start_kill().unwrap();
        let mut log = String::new();
        within(5, self.child.stderr.take().unwrap().read_to_string(&mut log)).await.unwrap();
        log.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}
