//! `causerie-server`: reads its configuration, listens, and serves until a signal stops it.

use std::error::Error;
use std::io::{Read as _, Write as _};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, TcpStream};
use std::process::ExitCode;
use std::time::Duration;

use causerie_server::config::cli::{Cli, Task, WebhookTask};
use causerie_server::config::{DEMO_APP, DEMO_SECRET};
use causerie_server::store::sqlite;
use causerie_server::{Config, Server, logs};
use clap::Parser as _;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

/// The allocator. That of glibc keeps the memory of a load for ever: 116 MiB instead of 14 after 8,000
/// connections.
#[cfg(target_os = "linux")]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

/// The settings of the allocator: a thread of its own gives memory back that was free for a second. Two
/// arenas hold less free memory than one for each thread.
#[cfg(target_os = "linux")]
#[unsafe(export_name = "_rjem_malloc_conf")]
static ALLOCATOR_SETTINGS: &[u8] = b"background_thread:true,dirty_decay_ms:1000,muzzy_decay_ms:0,narenas:2\0";

/// The exit code for a wrong configuration, by which shells and service managers recognise wrong usage.
const BAD_USAGE: u8 = 2;
/// How long the server may take to answer a task.
const RESPONSE_TIMEOUT: Duration = Duration::from_secs(10);
/// The most bytes of an answer.
const MAX_RESPONSE_BYTES: u64 = 64 << 10;

fn main() -> ExitCode {
    let cli = Cli::parse();
    if let Some(task) = cli.task.clone() {
        return match run_task(cli, task) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => fail(&error.to_string(), ExitCode::FAILURE),
        };
    }
    let config = match cli.into_config(|name| std::env::var(name).ok()) {
        Ok(config) => config,
        Err(error) => return fail(&error.to_string(), ExitCode::from(BAD_USAGE)),
    };
    logs::start(config.log);
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return fail(&format!("the runtime does not start: {error}"), ExitCode::FAILURE),
    };
    match runtime.block_on(serve(config)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&error.to_string(), ExitCode::FAILURE),
    }
}

/// Does a task, and prints what came of it.
fn run_task(cli: Cli, task: Task) -> Result<(), Box<dyn Error>> {
    let line = match task {
        Task::Backup { to } => {
            let database = cli.database()?;
            sqlite::backup(&database, &to)?;
            format!("{} was copied to {}", database.display(), to.display())
        }
        Task::Restore { from } => {
            let database = cli.database()?;
            sqlite::restore(&database, &from)?;
            format!("{} was restored from {}", database.display(), from.display())
        }
        Task::Revoke { app, user, before } => {
            let config = cli.into_config(|name| std::env::var(name).ok())?;
            let path = format!("/users/{}/revocations", utf8_percent_encode(&user, NON_ALPHANUMERIC));
            let body = before.map_or("{}".to_owned(), |before| format!("{{\"before\":{before}}}"));
            call(&config, &app, "POST", &path, &body)?;
            format!("the tokens of the user {user:?} of the app {app:?} were revoked")
        }
        Task::Webhooks { task: WebhookTask::List { app, failed } } => {
            let config = cli.into_config(|name| std::env::var(name).ok())?;
            list_events(&config, &app, failed)?
        }
        Task::Webhooks { task: WebhookTask::Replay { app, id } } => {
            let config = cli.into_config(|name| std::env::var(name).ok())?;
            let body = serde_json::json!({ "id": id }).to_string();
            call(&config, &app, "POST", "/webhooks/replay", &body)?
        }
    };
    // Standard output may be closed, which does not undo the task.
    let _ = writeln!(std::io::stdout(), "{line}");
    Ok(())
}

/// Prints the stored webhook events of an app, one a line as JSON.
fn list_events(config: &Config, app: &str, failed: bool) -> Result<String, Box<dyn Error>> {
    let mut lines = Vec::new();
    let mut after = "0".to_owned();
    loop {
        let path = format!("/webhooks?limit=20&failed={failed}&startingAfter={after}");
        let page: serde_json::Value = serde_json::from_str(&call(config, app, "GET", &path, "")?)?;
        let events = page.get("data").and_then(serde_json::Value::as_array);
        let events = events.ok_or("the server answered in another form")?;
        lines.extend(events.iter().map(ToString::to_string));
        match events.last().and_then(|event| event.get("key")?.as_str()) {
            Some(key) => key.clone_into(&mut after),
            None => return Ok(lines.join("\n")),
        }
    }
}

/// Makes a REST call to the running server, with the address and the app's secret of the settings. Returns
/// the body of the response.
fn call(config: &Config, app: &str, method: &str, path: &str, body: &str) -> Result<String, Box<dyn Error>> {
    let settings = config.apps.get(app).ok_or_else(|| format!("there is no app {app:?} in the settings"))?;
    let secret = settings.secrets.first().ok_or("the app has no secret")?;
    let mut address = config.listen;
    if address.ip().is_unspecified() {
        address.set_ip(match address.ip() {
            IpAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
            IpAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
        });
    }
    let request = format!(
        "{method} /v1/{app}{path} HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer \
         {secret}\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len(),
    );
    let failed = |error: std::io::Error| format!("the server at {address} does not answer: {error}");
    let mut stream = TcpStream::connect(address).map_err(failed)?;
    stream.set_read_timeout(Some(RESPONSE_TIMEOUT)).map_err(failed)?;
    stream.write_all(request.as_bytes()).map_err(failed)?;
    let mut response = String::new();
    stream.take(MAX_RESPONSE_BYTES).read_to_string(&mut response).map_err(failed)?;
    let (head, body) = response.split_once("\r\n\r\n").unwrap_or((&response, "no response"));
    if head.starts_with("HTTP/1.1 200 ") {
        return Ok(body.to_owned());
    }
    Err(format!("the server refused: {body}").into())
}

async fn serve(config: Config) -> Result<(), Box<dyn Error>> {
    // The signals come first: a signal that arrives while the database opens must not be lost.
    let stop = stop_signal().map_err(|error| format!("signals cannot be caught: {error}"))?;
    let listener = Server::bind(&config).await?;
    for app in config.apps.iter() {
        for setting in app.unsafe_settings() {
            tracing::warn!(app = app.id, setting, "unsafe setting");
        }
    }
    let demo = config.demo;
    let server = Server::start(listener, config).await?;
    print_address(&server.address()?.to_string(), demo);
    server.run(stop).await;
    Ok(())
}

/// Prints the address on standard output. Tools read the first line.
fn print_address(address: &str, demo: bool) {
    let mut out = std::io::stdout().lock();
    // Standard output may be closed, which is no reason to stop.
    let _ = writeln!(out, "causerie-server listening on http://{address}");
    if demo {
        let _ = writeln!(out, "demo app: id \"{DEMO_APP}\", secret \"{DEMO_SECRET}\"");
    }
    let _ = out.flush();
}

/// Catches the signals that ask the process to stop. The returned future is ready when one arrives.
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

/// Catches Ctrl-C. The returned future is ready when it is pressed.
#[cfg(not(unix))]
fn stop_signal() -> std::io::Result<impl Future<Output = ()>> {
    Ok(async {
        // If Ctrl-C cannot be caught, it ends the process at once.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    })
}

#[expect(clippy::print_stderr, reason = "one line for the operator, whether or not logs are written")]
fn fail(line: &str, code: ExitCode) -> ExitCode {
    eprintln!("causerie-server: {line}");
    code
}
