//! `causerie-server`: reads its configuration, listens, and serves until it is told to stop.

use std::io::Write as _;
use std::process::ExitCode;

use causerie_server::config::cli::Cli;
use causerie_server::config::{DEMO_APP, DEMO_SECRET};
use causerie_server::{Config, Server, logs};
use clap::Parser as _;
use tokio::net::TcpListener;

/// What the process says when its configuration is at fault, as shells and service managers expect it.
const BAD_USAGE: u8 = 2;

fn main() -> ExitCode {
    let config = match Cli::parse().into_config(|name| std::env::var(name).ok()) {
        Ok(config) => config,
        Err(error) => return failed(&error.to_string(), ExitCode::from(BAD_USAGE)),
    };
    logs::start(config.log);
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return failed(&format!("the runtime does not start: {error}"), ExitCode::FAILURE),
    };
    match runtime.block_on(serve(config)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(line) => failed(&line, ExitCode::FAILURE),
    }
}

async fn serve(config: Config) -> Result<(), String> {
    // The signals first: one that comes while the database opens must not be lost.
    let stop = stop_signal().map_err(|error| format!("signals cannot be caught: {error}"))?;
    let listener = TcpListener::bind(config.listen).await.map_err(|error| match error.kind() {
        std::io::ErrorKind::AddrInUse => {
            format!(
                "{}: the port is in use; stop what listens there, or choose another with --port",
                config.listen
            )
        }
        _ => format!("{}: cannot listen there: {error}", config.listen),
    })?;
    let demo = config.demo;
    let server = Server::start(listener, config).await.map_err(|error| error.to_string())?;
    let address = server.address().map_err(|error| error.to_string())?;
    greet(&address.to_string(), demo);
    server.run(stop).await;
    Ok(())
}

/// Tells where it listens. Tools read the first line.
fn greet(address: &str, demo: bool) {
    let mut out = std::io::stdout().lock();
    // Nobody may be reading any more, and that is no reason to stop.
    let _ = writeln!(out, "causerie-server listening on http://{address}");
    if demo {
        let _ = writeln!(out, "demo app: id \"{DEMO_APP}\", secret \"{DEMO_SECRET}\"");
    }
    let _ = out.flush();
}

/// Ready when the process is asked to stop.
#[cfg(unix)]
fn stop_signal() -> std::io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

/// Ready when the process is asked to stop.
#[cfg(not(unix))]
fn stop_signal() -> std::io::Result<impl Future<Output = ()>> {
    Ok(async {
        // Where Ctrl-C cannot be caught the process ends the hard way, as it always could.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    })
}

#[expect(clippy::print_stderr, reason = "the one line for whoever started the process, logs or no logs")]
fn failed(line: &str, code: ExitCode) -> ExitCode {
    eprintln!("causerie-server: {line}");
    code
}
