//! The steps of `cargo xtask test`, in the order they run: the quick and telling first, the slow last.
//!
//! Everything is built once. Native steps share one debug build; the tarball is packed once and used by every
//! step after it; the browser tests of both browsers share one wasm build, which is why their server is always on
//! the same port: its address is compiled into the tests.

use std::net::TcpListener;
use std::path::PathBuf;

use anyhow::{Result, anyhow, bail};

use crate::server::{self, Build, DEMO_APP, DEMO_SECRET, SERVER, ServerOptions, ServerProcess};
use crate::sh::{Progress, Run};
use crate::{bench, browsers, demo, fuzz, npm, pack, paths, proxy, size, tools};

/// One step.
pub(crate) struct Step {
    pub(crate) name: &'static str,
    pub(crate) about: &'static str,
    pub(crate) run: fn() -> Result<()>,
}

/// All of them.
pub(crate) const STEPS: [Step; 15] = [
    Step {
        name: "setup",
        about: "tools, browsers and npm packages at their pinned versions",
        run: tools::install_all,
    },
    Step { name: "fmt", about: "rustfmt finds nothing to change", run: fmt },
    Step { name: "clippy", about: "no lint in what runs natively", run: clippy },
    Step { name: "clippy-wasm", about: "no lint in what runs in the browser", run: clippy_wasm },
    Step { name: "deny", about: "licences, bans and sources of the dependencies", run: deny },
    Step { name: "native", about: "tests of the protocol, the engine, the server and xtask", run: native },
    Step { name: "live", about: "the lists and snapshots of live data, in Node, beside a model", run: live },
    Step {
        name: "browser",
        about: "the SDK's tests in Chromium and Firefox, against a real server",
        run: browser,
    },
    Step { name: "pack", about: "the npm tarball, checked by publint and attw", run: packing },
    Step { name: "size", about: "what a visitor downloads is within the budget", run: size::run },
    Step { name: "types", about: "the package's typings, by tsc", run: types },
    Step { name: "e2e", about: "the demo in Chromium, against a real server", run: e2e },
    Step { name: "packaging", about: "the tarball in a plain Vite app and in Node", run: packaging },
    Step { name: "fuzz", about: "some seconds of fuzzing the decoder and the parser of texts", run: fuzzing },
    Step { name: "bench", about: "the benches run and give figures (none is judged here)", run: benches },
];

/// The browser tests' server listens here, or on the first after it that is free: see the module's words.
const BROWSER_TEST_PORT: u16 = 18787;
/// So many are tried.
const BROWSER_TEST_PORTS: u16 = 20;

fn fmt() -> Result<()> {
    Run::cargo().args(["fmt", "--all", "--check"]).quiet("cargo fmt")?;
    // The fuzz targets are a workspace of their own.
    Run::cargo()
        .args(["fmt", "--check", "--manifest-path", "fuzz/Cargo.toml"])
        .quiet("cargo fmt, fuzz targets")
}

fn clippy() -> Result<()> {
    Run::cargo()
        .args(["clippy", "--workspace", "--exclude", "causerie", "--all-targets"])
        .args(["--", "-D", "warnings"])
        .quiet("cargo clippy, native")
}

fn clippy_wasm() -> Result<()> {
    let clippy = || Run::cargo().arg("clippy").args(["--target", "wasm32-unknown-unknown"]);
    // The crates below the binding are tested natively; their tests' dependencies do not build for the browser.
    clippy()
        .args(["-p", "causerie-client", "-p", "causerie-protocol", "--lib", "--", "-D", "warnings"])
        .quiet("cargo clippy, wasm, engine and protocol")?;
    clippy()
        .args(["-p", "causerie", "--all-targets", "--features", "bench"])
        .env("CAUSERIE_TEST_HOST", browser_test_host(BROWSER_TEST_PORT))
        .args(["--", "-D", "warnings"])
        .quiet("cargo clippy, wasm, binding")
}

fn deny() -> Result<()> {
    // cargo-deny reads the manifests of every dependency, also of those for other systems.
    Run::cargo().args(["fetch", "--locked"]).quiet("cargo fetch")?;
    Run::cargo()
        .args(["deny", "--offline", "--workspace", "check", "bans", "licenses", "sources"])
        .quiet("cargo deny: bans, licences, sources")?;
    advisories()
}

/// Known vulnerabilities need a database from the network; without it the step says so and goes on.
fn advisories() -> Result<()> {
    let fetched = Run::cargo().args(["deny", "fetch", "db"]).succeeds("the advisory database")?;
    if !fetched {
        println!("  · advisories were NOT checked: the database could not be fetched");
        return Ok(());
    }
    Run::cargo()
        .args(["deny", "--offline", "--workspace", "check", "advisories"])
        .quiet("cargo deny: advisories")
}

fn native() -> Result<()> {
    let output =
        Run::cargo().args(["test", "--workspace", "--exclude", "causerie"]).captured("cargo test, native")?;
    println!("    {} tests", tests_run(&output));
    Ok(())
}

fn live() -> Result<()> {
    node_tests(&npm::script("tests/live", "test")?.captured("node --test, tests/live")?)
}

fn browser_test_host(port: u16) -> String {
    format!("http://127.0.0.1:{port}")
}

/// A port that nobody listens on at this moment; another checkout may be running the same tests.
fn browser_test_port() -> Result<u16> {
    (BROWSER_TEST_PORT..BROWSER_TEST_PORT + BROWSER_TEST_PORTS)
        .find(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok())
        .ok_or_else(|| {
            anyhow!("no port is free from {BROWSER_TEST_PORT} on: stop a server that is left over")
        })
}

/// The drivers' settings, with the browser's way to the runner's pages through our [`proxy`].
fn webdriver_settings(server_port: u16) -> Result<PathBuf> {
    let mut settings = paths::read_json(&paths::from_root("xtask/webdriver.json"))?;
    let proxy = proxy::start()?;
    let args = settings
        .pointer_mut("/goog:chromeOptions/args")
        .and_then(serde_json::Value::as_array_mut)
        .ok_or_else(|| anyhow!("xtask/webdriver.json has no list goog:chromeOptions.args"))?;
    args.push(format!("--proxy-server=http://{proxy}").into());
    // Chromium never asks a proxy for loopback addresses, unless told so first.
    args.push(format!("--proxy-bypass-list=<-loopback>;127.0.0.1:{server_port}").into());
    let path = paths::from_root("target/xtask/webdriver.json");
    paths::write(&path, settings.to_string())?;
    Ok(path)
}

fn browser() -> Result<()> {
    let browsers = [
        ("chrome", "--chromedriver", browsers::chromedriver()?),
        ("firefox", "--geckodriver", browsers::geckodriver()?),
    ];
    let port = browser_test_port()?;
    let webdriver = webdriver_settings(port)?;
    for (name, driver_option, driver) in browsers {
        let apps = paths::from_root("tests/browser/causerie.toml");
        let setting = ServerOptions { port, config: Some(&apps), ..ServerOptions::default() };
        let _server = ServerProcess::start(&format!("browser tests in {name}"), setting)?;
        let output = Run::new("wasm-pack")
            .args(["test", "--headless", "--mode", "no-install"])
            .arg(format!("--{name}"))
            .arg(driver_option)
            .arg(driver)
            // The root has default members, so Cargo must be told that its own package is meant.
            .args([".", "-p", "causerie"])
            .env("CAUSERIE_TEST_HOST", browser_test_host(port))
            .env("WASM_BINDGEN_TEST_WEBDRIVER_JSON", &webdriver)
            .env("WASM_BINDGEN_TEST_TIMEOUT", "400")
            .captured(&format!("wasm-pack test in {name}"))?;
        // wasm-pack is content with finding no tests at all; we are not.
        let ran = tests_run(&output);
        if ran == 0 {
            bail!("wasm-pack succeeded in {name} without running a single test");
        }
        println!("    {ran} tests in {name}");
    }
    Ok(())
}

/// How many tests passed, of all the binaries in a test run's output.
fn tests_run(output: &str) -> u32 {
    output
        .lines()
        .filter_map(|line| line.trim().strip_prefix("test result: ok. "))
        .filter_map(|rest| rest.split(' ').next()?.parse::<u32>().ok())
        .sum()
}

fn packing() -> Result<()> {
    pack::tarball().map(drop)
}

fn types() -> Result<()> {
    npm::install_tarball("tests/types", &pack::tarball()?.path)?;
    npm::script("tests/types", "test")?.quiet("type tests")
}

fn e2e() -> Result<()> {
    let www = demo::build_www()?;
    npm::install("tests/e2e")?;
    let server = ServerProcess::start(
        "the end-to-end test",
        ServerOptions { www: Some(&www), ..ServerOptions::default() },
    )?;
    let output = with_server(npm::script("tests/e2e", "test")?, &server)?
        // Some tests kill their server; they start one of their own.
        .env("CAUSERIE_SERVER_BIN", server::build(SERVER, Build::Debug)?)
        .captured("end to end, in Chromium")?;
    node_tests(&output)
}

/// Tells how many tests Node ran; none is a failure.
fn node_tests(output: &str) -> Result<()> {
    let ran = node_tests_passed(output);
    if ran == 0 {
        bail!("Node succeeded without running a single test");
    }
    println!("    {ran} tests");
    Ok(())
}

/// How many tests passed, in the summary of Node's test runner: `# pass 3` or `ℹ pass 3`.
fn node_tests_passed(output: &str) -> u32 {
    output
        .lines()
        .filter_map(|line| line.trim_start_matches(['#', 'ℹ', ' ']).strip_prefix("pass "))
        .filter_map(|count| count.trim().parse::<u32>().ok())
        .sum()
}

fn packaging() -> Result<()> {
    let packed = pack::tarball()?;
    npm::install("tests/packaging")?;
    let server = ServerProcess::start("the packaging tests", ServerOptions::default())?;
    let output = with_server(npm::script("tests/packaging", "test")?, &server)?
        .env("CAUSERIE_TARBALL", &packed.path)
        .captured("the tarball in bundlers, pages and Node")?;
    node_tests(&output)
}

/// What a test script in JavaScript is told about the world.
fn with_server(script: Run, server: &ServerProcess) -> Result<Run> {
    Ok(script
        .env("CAUSERIE_ORIGIN", &server.origin)
        .env("CAUSERIE_APP_ID", DEMO_APP)
        .env("CAUSERIE_SECRET", DEMO_SECRET)
        .env("CHROMIUM", browsers::chromium()?))
}

fn fuzzing() -> Result<()> {
    fuzz::run(&fuzz::Args { quick: true, ..fuzz::Args::default() })
}

fn benches() -> Result<()> {
    let progress = Progress::start("benches");
    println!();
    bench::run(&bench::Args::quick())?;
    progress.done();
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{node_tests_passed, tests_run};

    #[test]
    fn passed_tests_are_counted_over_all_binaries() {
        let output = "no tests to run!\ntest result: ok. 3 passed; 0 failed;\n  test result: ok. 39 passed; 0 failed;\n";
        assert_eq!(tests_run(output), 42);
        assert_eq!(tests_run("no tests to run!\n"), 0);
    }

    #[test]
    fn passed_tests_are_read_from_the_summary_of_nodes_runner() {
        assert_eq!(node_tests_passed("# tests 5\n# pass 4\n# fail 1\n"), 4);
        assert_eq!(node_tests_passed("ℹ tests 37\nℹ pass 37\nℹ fail 0\n"), 37);
        assert_eq!(node_tests_passed("✔ a pass 3 is not counted\n"), 0);
    }
}
