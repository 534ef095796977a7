//! A real `causerie-server` as a child process: built, started, found by the address that it prints, and
//! killed when the value is dropped.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use anyhow::{Context as _, Result, anyhow, bail};

use crate::paths;
use crate::sh::{self, Run};

/// The built-in app of `causerie-server --demo`.
pub(crate) const DEMO_APP: &str = "demo";
/// The secret of that app. It is public, because the app accepts connections from loopback only.
pub(crate) const DEMO_SECRET: &str = "demo-secret";

/// The name of the server's package and program.
pub(crate) const SERVER: &str = "causerie-server";

/// How long a program may take to print its address.
const START_TIMEOUT: Duration = Duration::from_secs(60);

/// How a program of the workspace is compiled.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Build {
    /// The profile of `cargo test`, for tests.
    #[default]
    Debug,
    /// For the demo and for benches.
    Release,
}

/// Builds a program of the workspace and returns its path.
pub(crate) fn build(program: &str, build: Build) -> Result<PathBuf> {
    let mut run = Run::cargo().args(["build", "-p", program, "--bin", program]);
    let folder = match build {
        Build::Debug => "debug",
        Build::Release => {
            run = run.arg("--release");
            "release"
        }
    };
    run.quiet(&format!("{program}, {folder} build"))?;
    let name = format!("{program}{}", std::env::consts::EXE_SUFFIX);
    Ok(paths::cargo_output().join(folder).join(name))
}

/// The command that starts the server in the workspace's root.
pub(crate) fn command(binary: &Path, port: u16, data: &Path, www: Option<&Path>) -> Command {
    let mut run = Run::new(binary)
        .args(["--demo", "--limits", "internal", "--listen"])
        .arg(format!("127.0.0.1:{port}"))
        .arg("--data")
        .arg(data);
    if let Some(www) = www {
        run = run.arg("--www").arg(www);
    }
    run.into_command()
}

/// The options of a server for tests; every field has a default.
#[derive(Default)]
pub(crate) struct ServerOptions<'a> {
    /// The port, or 0 for any free port.
    pub(crate) port: u16,
    /// A folder of static files to serve.
    pub(crate) www: Option<&'a Path>,
    /// A configuration file, with apps in addition to the demo app.
    pub(crate) config: Option<&'a Path>,
    /// The build of the server.
    pub(crate) build: Build,
}

/// A running program that has printed its address.
pub(crate) struct ServerProcess {
    child: Child,
    /// The address of the server, as in `http://127.0.0.1:8787`.
    pub(crate) origin: String,
}

impl ServerProcess {
    /// Starts a server with an empty database under `target/xtask/data/<name>`, without the `CAUSERIE_*`
    /// variables of this process.
    pub(crate) fn start(name: &str, setting: ServerOptions<'_>) -> Result<Self> {
        let binary = build(SERVER, setting.build)?;
        let data = paths::from_root("target/xtask/data").join(name);
        paths::empty_folder(&data)?;
        let mut command = command(&binary, setting.port, &data, setting.www);
        if let Some(config) = setting.config {
            command.arg("--config").arg(config);
        }
        for (variable, _) in std::env::vars_os() {
            if variable.to_string_lossy().starts_with("CAUSERIE_") {
                command.env_remove(variable);
            }
        }
        Self::spawn(command, &format!("server for {name}"))
    }

    /// Starts a program and waits for the first `http://` address in its output.
    pub(crate) fn spawn(mut command: Command, name: &str) -> Result<Self> {
        let log = sh::log_file(name)?;
        let mut out = File::create(&log).with_context(|| format!("cannot write {}", paths::display(&log)))?;
        let errors = out.try_clone().context("cannot share the log file")?;
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(errors)
            .spawn()
            .with_context(|| format!("cannot start the {name}"))?;
        let pipe = child.stdout.take();
        let (sender, address) = mpsc::channel();
        // Reads to the end, so that a full pipe never blocks the program.
        std::thread::spawn(move || {
            for line in pipe.into_iter().flat_map(|pipe| BufReader::new(pipe).lines()) {
                let Ok(line) = line else { return };
                let _ = writeln!(out, "{line}");
                if let Some(origin) = address_in(&line) {
                    // After the first address the receiver is gone.
                    let _ = sender.send(origin);
                }
            }
        });
        match address.recv_timeout(START_TIMEOUT) {
            Ok(origin) => Ok(Self { child, origin }),
            Err(_) => {
                let _ = child.kill();
                let status = child.wait().context("cannot wait for the child")?;
                let output = std::fs::read_to_string(&log).unwrap_or_default();
                bail!("the {name} printed no address ({status}); its output:\n{}", sh::tail(&output, 40))
            }
        }
    }

    /// The host and port of [`origin`](Self::origin), as in `127.0.0.1:8787`.
    pub(crate) fn host(&self) -> Result<&str> {
        self.origin
            .split_once("://")
            .map(|(_, host)| host)
            .ok_or_else(|| anyhow!("`{}` is not an origin", self.origin))
    }
}

impl Drop for ServerProcess {
    fn drop(&mut self) {
        // Fails if the process has already ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Finds the first `http://host:port` in a line.
pub(crate) fn address_in(line: &str) -> Option<String> {
    let start = line.find("http://")?;
    let address = line.get(start..)?.split_whitespace().next()?;
    let address = address.trim_end_matches(['/', '.', ',', ';', ')']);
    let port = address.rsplit(':').next()?;
    port.parse::<u16>().ok().map(|_| address.to_owned())
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::{ServerProcess, address_in};

    #[test]
    fn address_is_found_in_the_output_of_a_server() {
        let line = "causerie-server listening on http://127.0.0.1:40113";
        assert_eq!(address_in(line).as_deref(), Some("http://127.0.0.1:40113"));
        assert_eq!(address_in("see http://[::1]:80/.").as_deref(), Some("http://[::1]:80"));
        assert_eq!(address_in("docs at http://example.org"), None);
        assert_eq!(address_in("listening"), None);
    }

    #[test]
    fn program_that_ends_without_an_address_fails_with_its_output() {
        let mut command = Command::new("sh");
        command.args(["-c", "echo port in use >&2; exit 1"]);
        let error = ServerProcess::spawn(command, "test that fails").err().unwrap();
        assert!(error.to_string().contains("port in use"), "{error}");
    }

    #[test]
    fn program_is_killed_when_its_owner_is_dropped() {
        let mut command = Command::new("sh");
        command.args(["-c", "echo http://127.0.0.1:1; exec sleep 600"]);
        let served = ServerProcess::spawn(command, "test that sleeps").unwrap();
        assert_eq!(served.host().unwrap(), "127.0.0.1:1");
        let id = served.child.id();
        drop(served);
        assert!(!std::path::Path::new(&format!("/proc/{id}")).exists());
    }
}
