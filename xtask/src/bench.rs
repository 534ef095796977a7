//! `cargo xtask bench`: the figures of bench/README.md, each with a floor that is measured in the same run.
//!
//! The tarball is packed, and the module is built once more with the cargo feature `bench`, which exports a
//! hook into the decoder → Vite builds the pages of `bench/` → a real server and the raw echo (`bench/floor`)
//! start → `bench/run.mjs` drives Chromium, prints a table and writes `target/bench.json`. Before that the
//! benches of the package in Node run (`bench/node/`), which write `target/bench-store.json` and
//! `target/bench-node.json`; and after it the server's bench of live data (`crates/server/benches/live.rs`),
//! which starts its own servers.

use anyhow::{Result, bail};

use crate::server::{self, Build, DEMO_APP, DEMO_SECRET, ServerOptions, ServerProcess};
use crate::sh::Run;
use crate::wasm::{self, Options};
use crate::{browsers, minify, npm, pack, paths};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Run a few rounds on debug builds, to see that the benches work; the figures mean nothing
    #[arg(long)]
    quick: bool,
    /// Run only this bench
    #[arg(long, value_parser = ["store", "node", "decode", "live", "roundtrip", "first-use", "server"])]
    only: Option<String>,
}

impl Args {
    /// The arguments with which `cargo xtask test` runs the benches.
    pub(crate) fn quick() -> Self {
        Self { quick: true, only: None }
    }
}

/// Runs the command.
pub(crate) fn run(args: &Args) -> Result<()> {
    let only = args.only.as_deref();
    if matches!(only, None | Some("store")) {
        bench_store(args)?;
    }
    if matches!(only, None | Some("node")) {
        bench_node(args)?;
    }
    if !matches!(only, Some("store" | "node" | "server")) {
        bench_browser(args)?;
    }
    if matches!(only, None | Some("server")) {
        bench_server(args)?;
    }
    Ok(())
}

/// A configuration of a server without rate limits, which a bench would exceed.
const UNLIMITED: &str = "\
[limits]
connections_per_address = 10000
connection = { per_second = 0, burst = 0 }
user = { per_second = 0, burst = 0 }
address = { per_second = 0, burst = 0 }
rest = { per_second = 0, burst = 0 }
";

/// Runs the bench of the client's store, in Node with a simulated server.
fn bench_store(args: &Args) -> Result<()> {
    npm::install_tarball("bench", &pack::tarball()?.path)?;
    node_program("store.mjs", "bench-store.json", args).interactive()
}

/// Runs the bench of the package in Node, against a real server.
fn bench_node(args: &Args) -> Result<()> {
    npm::install_tarball("bench", &pack::tarball()?.path)?;
    let config = paths::from_root("target/xtask/bench.toml");
    paths::write(&config, UNLIMITED)?;
    let options = ServerOptions { build: server_build(args), config: Some(&config), ..Default::default() };
    let server = ServerProcess::start("the benches in Node", options)?;
    node_program("deliveries.mjs", "bench-node.json", args)
        .env("BENCH_SERVER", &server.origin)
        .env("BENCH_APP_ID", DEMO_APP)
        .interactive()
}

/// Prepares a program of `bench/node/` that writes its figures into a file in `target/`.
fn node_program(name: &str, results: &str, args: &Args) -> Run {
    let program = paths::from_root("bench/node").join(name);
    let results = paths::from_root("target").join(results);
    let run = Run::new("node").arg(program).arg(format!("--out={}", results.display()));
    if args.quick { run.arg("--quick") } else { run }
}

const fn server_build(args: &Args) -> Build {
    if args.quick { Build::Debug } else { Build::Release }
}

/// Runs the server's bench of live data, which prints its tables.
fn bench_server(args: &Args) -> Result<()> {
    let bench = ["-p", "causerie-server", "--bench", "live"];
    if args.quick {
        // `cargo test` builds the bench as a debug build.
        Run::cargo().arg("test").args(bench).args(["--", "--quick"]).interactive()
    } else {
        Run::cargo().arg("bench").args(bench).interactive()
    }
}

fn bench_browser(args: &Args) -> Result<()> {
    let packed = pack::tarball()?;
    let build = server_build(args);
    let module = wasm::build(
        &paths::from_root("target/bench/bindgen"),
        Options { bench: true, ..Options::default() },
    )?;
    minify::minify_names(&module, &paths::from_root("target/bench/wasm"))?;
    npm::install_tarball("bench", &packed.path)?;
    npm::script("bench", "build")?.quiet("the bench pages, by Vite")?;

    let server = ServerProcess::start("the benches", ServerOptions { build, ..ServerOptions::default() })?;
    let floor = server::build("causerie-floor", build)?;
    let floor = Run::new(floor).arg(paths::from_root("bench/dist")).into_command();
    let floor = ServerProcess::spawn(floor, "raw echo")?;

    let results = paths::from_root("target/bench.json");
    // The file of an earlier run must not count as the result of this one.
    if results.exists() {
        std::fs::remove_file(&results)?;
    }
    let mut run = Run::new("node")
        .arg(paths::from_root("bench/run.mjs"))
        .env("BENCH_PAGES", &floor.origin)
        .env("BENCH_ECHO", format!("ws://{}/echo", floor.host()?))
        .env("BENCH_SERVER", &server.origin)
        .env("BENCH_APP_ID", DEMO_APP)
        .env("BENCH_SECRET", DEMO_SECRET)
        .env("BENCH_OUT", &results)
        .env("CHROMIUM", browsers::chromium()?);
    if args.quick {
        run = run.env("BENCH_QUICK", "1");
    }
    if let Some(only) = &args.only {
        run = run.env("BENCH_ONLY", only);
    }
    run.interactive()?;
    if !results.exists() {
        bail!("bench/run.mjs succeeded but did not write target/bench.json");
    }
    Ok(())
}
