//! `cargo xtask demo`: from a checkout to a page you can use.
//!
//! Set-up → tarball → the demo app built from that tarball, as a user's would be → the server, in the
//! foreground, serving both. The server prints its address and the demo app's id and secret itself; three lines
//! to paste and one to run follow. Ctrl-C (or SIGTERM) is passed on once, and the server's end is waited for.

use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Child, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};

use crate::server::{self, Build, DEMO_APP, DEMO_SECRET};
use crate::{npm, pack, paths};

/// So long the server says nothing more about its start.
const STARTUP_PAUSE: Duration = Duration::from_millis(300);

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The port on 127.0.0.1
    #[arg(long, default_value_t = 8787)]
    port: u16,
    /// Where the database is kept
    #[arg(long, default_value = "./data")]
    data: PathBuf,
}

/// The command.
pub(crate) fn run(args: &Args) -> Result<()> {
    println!("Building the demo (the first time takes some minutes)");
    let www = build_www()?;
    let binary = server::build(server::SERVER, Build::Release)?;
    println!();
    let mut command = server::command(&binary, args.port, &data_folder(args)?, Some(&www));
    #[cfg(unix)]
    {
        // A group of its own: the terminal's Ctrl-C reaches us, and the server hears of it from us, once.
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
    }
    let mut child = command.stdout(Stdio::piped()).spawn().context("cannot start the server")?;
    pass_signals_on(&child)?;
    relay(&mut child);
    let status = child.wait().context("cannot wait for the server")?;
    if !status.success() {
        bail!("the server ended with {status}; what it said is above");
    }
    Ok(())
}

/// The demo app, built with Vite from the packed tarball.
pub(crate) fn build_www() -> Result<PathBuf> {
    let packed = pack::tarball()?;
    npm::install_tarball("www", &packed.path)?;
    npm::script("www", "build")?.quiet("the demo app, by Vite")?;
    let dist = paths::from_root("www/dist");
    if !dist.join("index.html").is_file() {
        bail!("www/dist/index.html was not built");
    }
    Ok(dist)
}

/// `--data` is meant from where the person stands, not from the workspace's root.
fn data_folder(args: &Args) -> Result<PathBuf> {
    let here = std::env::current_dir().context("cannot tell the current folder")?;
    Ok(here.join(&args.data))
}

/// Prints what the server prints, and, once it listens and has said its say, what to try.
fn relay(child: &mut Child) {
    let (tell, told) = mpsc::channel();
    let out = child.stdout.take();
    std::thread::spawn(move || {
        for line in out.into_iter().flat_map(|out| BufReader::new(out).lines()).map_while(Result::ok) {
            if tell.send(line).is_err() {
                return;
            }
        }
    });
    let mut origin = None;
    loop {
        // Until the invitation is printed a pause of the server is what is waited for; then only its end.
        let patience = if origin.is_some() { STARTUP_PAUSE } else { Duration::MAX };
        match told.recv_timeout(patience) {
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
    for line in told {
        println!("{line}");
    }
}

fn invitation(origin: &str) -> String {
    format!(
        r#"
  In a page or a bundler (npm install target/npm/causerie-*.tgz):

    import {{ getTalkSession }} from "causerie";
    const session = getTalkSession({{ appId: "{DEMO_APP}", userId: "alice", host: "{origin}" }});
    console.log(await session.user("alice").get());

  From a backend:

    curl -X PUT {origin}/v1/{DEMO_APP}/users/alice -H "Authorization: Bearer {DEMO_SECRET}" -H "Content-Type: application/json" -d '{{"name":"Alice"}}'

  Ctrl-C ends it.
"#
    )
}

#[cfg(unix)]
fn pass_signals_on(child: &Child) -> Result<()> {
    use signal_hook::consts::{SIGINT, SIGTERM};
    let id = child.id();
    let mut signals =
        signal_hook::iterator::Signals::new([SIGINT, SIGTERM]).context("cannot catch signals")?;
    std::thread::spawn(move || {
        for _ in signals.forever() {
            // The shell's own `kill`: a minimal machine has no program of that name.
            let asked = std::process::Command::new("sh").args(["-c", &format!("kill -TERM {id}")]).status();
            if !asked.is_ok_and(|status| status.success()) {
                return;
            }
        }
    });
    Ok(())
}

#[cfg(not(unix))]
fn pass_signals_on(_child: &Child) -> Result<()> {
    // Elsewhere the console itself tells both of us.
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::invitation;

    #[test]
    fn the_lines_to_try_name_the_address_that_was_printed() {
        let text = invitation("http://127.0.0.1:9001");
        assert!(text.contains("host: \"http://127.0.0.1:9001\""));
        assert!(text.contains("curl -X PUT http://127.0.0.1:9001/v1/demo/users/alice"));
    }
}
