//! `cargo xtask demo`: builds everything and serves the demo.
//!
//! Tools → tarball → the demo app, built from that tarball like the app of a user → the server in the
//! foreground, which serves the API and the app. The server prints its address and the demo app's id and
//! secret; then a code sample and a `curl` command are printed. Ctrl-C or SIGTERM is forwarded once, and the
//! command waits for the server to end.

use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Child, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};

use crate::server::{self, Build, DEMO_APP, DEMO_SECRET};
use crate::{npm, pack, paths};

/// The server has printed all about its start if it prints nothing for this time.
const STARTUP_PAUSE: Duration = Duration::from_millis(300);

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The port on 127.0.0.1
    #[arg(long, default_value_t = 8787)]
    port: u16,
    /// The folder of the database
    #[arg(long, default_value = "./data")]
    data: PathBuf,
}

/// Runs the command.
pub(crate) fn run(args: &Args) -> Result<()> {
    println!("Building the demo (the first time takes some minutes)");
    let www = build_www()?;
    let binary = server::build(server::SERVER, Build::Release)?;
    println!();
    let mut command = server::command(&binary, args.port, &data_folder(args)?, Some(&www));
    #[cfg(unix)]
    {
        // In a process group of its own the server does not get the terminal's Ctrl-C, but only our signal,
        // once.
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
    }
    let mut child = command.stdout(Stdio::piped()).spawn().context("cannot start the server")?;
    forward_signals(&child)?;
    forward_output(&mut child);
    let status = child.wait().context("cannot wait for the server")?;
    if !status.success() {
        bail!("the server ended with {status}; its output is above");
    }
    Ok(())
}

/// Builds the demo app with Vite from the packed tarball. Returns the folder of its files.
pub(crate) fn build_www() -> Result<PathBuf> {
    let packed = pack::tarball()?;
    npm::install_tarball("www", &packed.path)?;
    npm::script("www", "build")?.quiet("the demo app, by Vite")?;
    let dist = paths::from_root("www/dist");
    if !dist.join("index.html").is_file() {
        bail!("Vite succeeded but did not write www/dist/index.html");
    }
    Ok(dist)
}

/// Resolves `--data` from the current folder, which may not be the workspace's root.
fn data_folder(args: &Args) -> Result<PathBuf> {
    let current = std::env::current_dir().context("cannot determine the current folder")?;
    Ok(current.join(&args.data))
}

/// Prints the output of the server, and [`invitation`] once the server listens and pauses.
fn forward_output(child: &mut Child) {
    let (sender, lines) = mpsc::channel();
    let out = child.stdout.take();
    std::thread::spawn(move || {
        for line in out.into_iter().flat_map(|out| BufReader::new(out).lines()).map_while(Result::ok) {
            if sender.send(line).is_err() {
                return;
            }
        }
    });
    let mut origin = None;
    loop {
        // Before the address is known, only the next line or the end of the server matters.
        let timeout = if origin.is_some() { STARTUP_PAUSE } else { Duration::MAX };
        match lines.recv_timeout(timeout) {
            Ok(line) => {
                println!("{line}");
                origin = origin.or_else(|| server::address_in(&line));
            }
            Err(RecvTimeoutError::Timeout) => {
                if let Some(origin) = &origin {
                    println!("{}", invitation(origin));
                }
                break;
            }
            Err(RecvTimeoutError::Disconnected) => return,
        }
    }
    for line in lines {
        println!("{line}");
    }
}

/// The code to try next.
fn invitation(origin: &str) -> String {
    format!(
        r#"
  In a page or a bundler (npm install target/npm/causerie-*.tgz):

    import {{ getTalkSession }} from "causerie";
    const session = getTalkSession({{ appId: "{DEMO_APP}", userId: "alice", host: "{origin}" }});
    console.log(await session.user("alice").get());

  From a backend:

    curl -X PUT {origin}/v1/{DEMO_APP}/users/alice -H "Authorization: Bearer {DEMO_SECRET}" -H "Content-Type: application/json" -d '{{"name":"Alice"}}'

  Ctrl-C stops the server.
"#
    )
}

#[cfg(unix)]
fn forward_signals(child: &Child) -> Result<()> {
    use signal_hook::consts::{SIGINT, SIGTERM};
    let id = child.id();
    let mut signals =
        signal_hook::iterator::Signals::new([SIGINT, SIGTERM]).context("cannot catch signals")?;
    std::thread::spawn(move || {
        for _ in signals.forever() {
            // The shell's builtin: a minimal machine has no program `kill`.
            let sent = std::process::Command::new("sh").args(["-c", &format!("kill -TERM {id}")]).status();
            if !sent.is_ok_and(|status| status.success()) {
                return;
            }
        }
    });
    Ok(())
}

#[cfg(not(unix))]
fn forward_signals(_child: &Child) -> Result<()> {
    // Elsewhere the console sends Ctrl-C to both processes.
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::invitation;

    #[test]
    fn invitation_contains_the_address_of_the_server() {
        let text = invitation("http://127.0.0.1:9001");
        assert!(text.contains("host: \"http://127.0.0.1:9001\""));
        assert!(text.contains("curl -X PUT http://127.0.0.1:9001/v1/demo/users/alice"));
    }
}
